#include "wire/framing.h"

#include "wire/url.h"

/* More could not be counted exactly by peers whose numbers are doubles. */
#define LENGTH_MAX	((uint64_t)1 << 53)

static bool
refuse(struct http_fault *fault, unsigned status, const char *why)
{
	*fault = (struct http_fault){ status, why };
	return false;
}

static bool
bad(struct http_fault *fault, const char *why)
{
	return refuse(fault, 400, why);
}

static const char *
note_host(struct framing *f, struct slice value)
{
	f->host = value;
	return f->hosts++ ? "more than one Host" : NULL;
}

static const char *
note_length(struct framing *f, struct slice value)
{
	f->length = value;
	return f->lengths++ ? "more than one Content-Length" : NULL;
}

static const char *
note_coding(struct framing *f, struct slice value)
{
	f->coding = value;
	return f->codings++ ? "more than one Transfer-Encoding" : NULL;
}

static const char *
note_connection(struct framing *f, struct slice value)
{
	f->close |= http1_has_token(value, SLICE("close"));
	f->keep_alive |= http1_has_token(value, SLICE("keep-alive"));
	return NULL;
}

static const char *
note_expect(struct framing *f, struct slice value)
{
	f->expect_continue |= slice_eq_ci(value, SLICE("100-continue"));
	return NULL;
}

static const struct {
	struct slice	  name;
	const char	*(*note)(struct framing *, struct slice value);
} notes[] = {
	{ SLICE_INIT("host"),              note_host },
	{ SLICE_INIT("content-length"),    note_length },
	{ SLICE_INIT("transfer-encoding"), note_coding },
	{ SLICE_INIT("connection"),        note_connection },
	{ SLICE_INIT("expect"),            note_expect },
};

bool
framing_note(struct framing *f, const struct http_header *field,
    struct http_fault *fault)
{
	const char *why;

	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
		/* The length first: most fields are none of these. */
		if (field->name.len != notes[i].name.len ||
		    !slice_eq_ci(field->name, notes[i].name))
			continue;
		why = notes[i].note(f, field->value);
		return !why || bad(fault, why);
	}
	return true;
}

/* What holds in both directions. */
static bool
decide(const struct framing *f, struct http_head *head,
    struct http_fault *fault)
{
	head->keep_alive = !f->close && (head->minor || f->keep_alive);
	if (f->codings && f->lengths)
		return bad(fault, "both Transfer-Encoding and Content-Length");
	if (f->codings && !head->minor)
		return bad(fault, "Transfer-Encoding in HTTP/1.0");
	if (f->codings && !f->coding.len)
		return bad(fault, "empty Transfer-Encoding");
	/*
	 * Chunked twice, or not last: where would the body end? RFC 9112 6.3
	 */
	if (f->coding.len > sizeof "chunked" - 1 &&
	    http1_has_token(f->coding, SLICE("chunked")))
		return bad(fault, "chunked is not the only transfer coding");
	if (f->codings && !slice_eq_ci(f->coding, SLICE("chunked")))
		return refuse(fault, 501, "a transfer coding other than "
		    "chunked");
	if (f->lengths && !slice_to_u64(f->length, LENGTH_MAX, &head->length))
		return bad(fault, "malformed Content-Length");
	if (f->codings)
		head->framing = HTTP_CHUNKED;
	else if (f->lengths)
		head->framing = HTTP_LENGTH;
	return true;
}

bool
framing_of_request(const struct framing *f, struct http_head *head,
    struct http_fault *fault)
{
	struct slice name, port;

	if (head->minor && !f->hosts)
		return bad(fault, "no Host");
	if (f->hosts && !url_split_host(f->host, &name, &port))
		return bad(fault, "malformed Host");
	if (head->host.ptr && !url_split_host(head->host, &name, &port))
		return bad(fault, "malformed host in the request target");
	if (!head->host.ptr)		/* the target wins: RFC 9112 3.2.2 */
		head->host = f->host;
	head->expect_continue = f->expect_continue && head->minor;
	return decide(f, head, fault);
}

static bool
has_no_body(unsigned status, bool to_head)
{
	return to_head || status < 200 || status == 204 || status == 304;
}

bool
framing_of_response(const struct framing *f, bool to_head,
    struct http_head *head, struct http_fault *fault)
{
	if (!decide(f, head, fault))
		return false;
	if (has_no_body(head->status, to_head)) {
		/* Whoever announces a body with a 204 might send it, too. */
		if (head->status == 204 &&
		    (head->framing == HTTP_CHUNKED || head->length))
			head->keep_alive = false;
		head->framing = HTTP_NO_BODY;
		head->length = 0;
	} else if (head->framing == HTTP_NO_BODY) {
		head->framing = HTTP_UNTIL_CLOSE;
		head->keep_alive = false;
	}
	return true;
}
