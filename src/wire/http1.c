/*
 * A head is read in two steps.  find_end() looks for the blank line, line by
 * line, and refuses a LF without its CR on the way; it is all that runs while
 * a head drips in.  Then one pass takes the lines apart.  It needs no test for
 * the end of its input, because the blank line stops every scan:
 *
 *	GET / HTTP/1.1 CR LF  Host: x CR LF  CR LF  (next head or body)
 *	^at                                         ^end
 */
#include "wire/http1.h"

#include <string.h>

#include "wire/bytes.h"
#include "wire/framing.h"

enum { BLANK_LINES_MAX = 4 };		/* before a request, RFC 9112 2.2 */

struct parser {
	const char	*at, *end;
	struct http_head *head;
	struct http_fault *fault;
	struct framing	 framing;
};

static bool
refuse(struct http_fault *fault, unsigned status, const char *why)
{
	*fault = (struct http_fault){ status, why };
	return false;
}

static bool
bad(struct parser *p, const char *why)
{
	return refuse(p->fault, 400, why);
}

/* How many bytes of empty lines stand before the request line. */
static size_t
blank_lines(struct slice in)
{
	size_t n = 0;

	while (n < 2 * BLANK_LINES_MAX && in.len - n >= 2 &&
	    in.ptr[n] == '\r' && in.ptr[n + 1] == '\n')
		n += 2;
	return n;
}

/*
 * Find the head that starts at `start`.  Returns 1 and its end in *end, 0 if
 * it is not there yet, -1 if there will never be one.
 */
static int
find_end(struct slice in, size_t start, size_t max, size_t *scanned,
    size_t *end, struct http_fault *fault)
{
	size_t len = in.len < max ? in.len : max;

	while (*scanned < len) {
		const char *lf = memchr(in.ptr + *scanned, '\n',
		    len - *scanned);
		size_t i = lf ? (size_t)(lf - in.ptr) : len;

		*scanned = i;
		if (!lf)
			break;
		*scanned = i + 1;
		if (i == 0 || in.ptr[i - 1] != '\r') {
			refuse(fault, 400, "line feed without carriage return");
			return -1;
		}
		if (i >= start + 2 && in.ptr[i - 2] == '\n') {
			*end = i + 1;
			return 1;
		}
	}
	if (in.len < max)
		return 0;
	refuse(fault, 431, "the head is too long");
	return -1;
}

/* A token and the `stop` behind it are taken; empty if they are not there. */
static struct slice
take_token(struct parser *p, char stop)
{
	const char *from = p->at;

	while (bytes_token[(unsigned char)*p->at])
		p->at++;
	if (*p->at != stop)
		return (struct slice){ 0 };
	return (struct slice){ from, (size_t)(p->at++ - from) };
}

static struct slice
take_target(struct parser *p)
{
	const char *from = p->at;

	while (*p->at > ' ' && *p->at < 0x7f && *p->at != '#')
		p->at++;	/* bytes from 0x80 on: < 0 or > 0x7f */
	if (*p->at != ' ')
		return (struct slice){ 0 };
	return (struct slice){ from, (size_t)(p->at++ - from) };
}

static bool
take_newline(struct parser *p)
{
	if (p->at[0] != '\r' || p->at[1] != '\n')
		return false;
	p->at += 2;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* HTTP/1.0 or HTTP/1.1; other versions are told from nonsense. */
static bool
take_version(struct parser *p)
{
	const char *v = p->at;

	if (p->end - v < 10 || memcmp(v, "HTTP/", 5) || !is_digit(v[5]) ||
	    v[6] != '.' || !is_digit(v[7]))
		return bad(p, "malformed HTTP version");
	if (v[5] != '1' || v[7] > '1')
		return refuse(p->fault, 505, "only HTTP/1.0 and HTTP/1.1 are "
		    "spoken here");
	p->head->minor = (unsigned)(v[7] - '0');
	p->at += 8;
	return true;
}

/* Split the target into path and query, and take its authority, if any. */
static bool
split_target(struct parser *p)
{
	struct http_head *head = p->head;
	struct slice rest = head->target;

	if (slice_eq(rest, SLICE("*"))) {
		head->path = rest;
		return slice_eq(head->method, SLICE("OPTIONS")) ||
		    bad(p, "the target * is for OPTIONS only");
	}
	if (rest.ptr[0] != '/') {	/* absolute-form, sent to proxies */
		size_t n = slice_starts_ci(rest, SLICE("http://")) ? 7 :
		    slice_starts_ci(rest, SLICE("https://")) ? 8 : 0;

		if (!n)
			return bad(p, "malformed request target");
		rest = slice_skip(rest, n);
		for (n = 0; n < rest.len && !strchr("/?", rest.ptr[n]); n++)
			;
		head->host = slice_sub(rest, 0, n);
		rest = slice_skip(rest, n);
	}
	head->path = slice_cut(&rest, '?');
	head->query = rest;
	if (!head->path.len)
		head->path = SLICE("/");
	return true;
}

static bool
take_request_line(struct parser *p)
{
	struct http_head *head = p->head;

	head->method = take_token(p, ' ');
	if (!head->method.len)
		return bad(p, "malformed method");
	head->target = take_target(p);
	if (!head->target.len)
		return bad(p, "malformed request target");
	if (!take_version(p))
		return false;
	if (!take_newline(p))
		return bad(p, "malformed request line");
	if (slice_eq(head->method, SLICE("CONNECT")))
		return refuse(p->fault, 501, "CONNECT is not served");
	return split_target(p);
}

/* The reason may be empty, and so may the blank before it: both are common. */
static bool
take_status_line(struct parser *p)
{
	struct http_head *head = p->head;
	const char *from;

	if (!take_version(p))
		return false;
	if (p->end - p->at < 6 || p->at[0] != ' ' || p->at[1] < '1' ||
	    p->at[1] > '5' || !is_digit(p->at[2]) || !is_digit(p->at[3]))
		return bad(p, "malformed status");
	head->status = (unsigned)(p->at[1] - '0') * 100 +
	    (unsigned)(p->at[2] - '0') * 10 + (unsigned)(p->at[3] - '0');
	p->at += 4;
	if (*p->at == ' ')
		p->at++;
	else if (*p->at != '\r')
		return bad(p, "malformed status");
	from = p->at;
	p->at = bytes_control(p->at, p->end);
	head->reason = (struct slice){ from, (size_t)(p->at - from) };
	return take_newline(p) || bad(p, "control byte in the reason phrase");
}

/* The value up to the line's end, without the blanks around it. */
static bool
take_value(struct parser *p, struct slice *value)
{
	const char *from, *to;

	while (*p->at == ' ' || *p->at == '\t')
		p->at++;
	from = p->at;
	to = p->at = bytes_control(p->at, p->end);
	while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	*value = (struct slice){ from, (size_t)(to - from) };
	return take_newline(p) || bad(p, "control byte in a header value");
}

/* All fields and the blank line. */
static bool
take_fields(struct parser *p)
{
	struct http_head *head = p->head;

	while (p->end - p->at > 2) {
		struct http_header *field = &head->headers[head->count];

		if (head->count == HTTP_HEADERS_MAX)
			return refuse(p->fault, 431, "too many headers");
		if (*p->at == ' ' || *p->at == '\t')
			return bad(p, "folded header line");
		field->name = take_token(p, ':');
		if (!field->name.len)
			return bad(p, "malformed header name");
		if (!take_value(p, &field->value) ||
		    !framing_note(&p->framing, field, p->fault))
			return false;
		head->count++;
	}
	return true;
}

static void
begin(struct parser *p, struct http_head *head)
{
	/* Headers beyond `count` are never read: 4 KB need no clearing. */
	memset(head, 0, offsetof(struct http_head, headers));
	p->head = head;
}

int
http1_parse_request(struct slice in, size_t max, size_t *scanned,
    struct http_head *head, size_t *used, struct http_fault *fault)
{
	size_t start = blank_lines(in), end = 0;
	struct parser p = { .fault = fault };
	int got;

	if (in.len > start && in.ptr[start] != '\r' &&
	    !bytes_token[(unsigned char)in.ptr[start]]) {
		refuse(fault, 400, "malformed method");
		return -1;
	}
	got = find_end(in, start, max, scanned, &end, fault);
	if (got != 1)
		return got;
	p.at = in.ptr + start;
	p.end = in.ptr + end;
	begin(&p, head);
	if (!take_request_line(&p) || !take_fields(&p) ||
	    !framing_of_request(&p.framing, head, fault))
		return -1;
	*used = end;
	return 1;
}

int
http1_parse_response(struct slice in, size_t max, size_t *scanned,
    bool to_head, struct http_head *head, size_t *used,
    struct http_fault *fault)
{
	size_t end = 0;
	struct parser p = { .fault = fault };
	int got;

	if (in.len && in.ptr[0] != 'H') {
		refuse(fault, 400, "malformed HTTP version");
		return -1;
	}
	got = find_end(in, 0, max, scanned, &end, fault);
	if (got != 1)
		return got;
	p.at = in.ptr;
	p.end = in.ptr + end;
	begin(&p, head);
	if (!take_status_line(&p) || !take_fields(&p) ||
	    !framing_of_response(&p.framing, to_head, head, fault))
		return -1;
	*used = end;
	return 1;
}

struct slice
http1_get(const struct http_head *head, struct slice name)
{
	for (size_t i = 0; i < head->count; i++)
		if (head->headers[i].name.len == name.len &&
		    slice_eq_ci(head->headers[i].name, name))
			return head->headers[i].value;
	return (struct slice){ 0 };
}

bool
http1_has_token(struct slice value, struct slice token)
{
	while (value.ptr)
		if (slice_eq_ci(slice_trim(slice_cut(&value, ',')), token))
			return true;
	return false;
}
