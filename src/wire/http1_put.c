/* The printing half of http1.h. */
#include "wire/bytes.h"
#include "wire/http1.h"

/* RFC 9110 15, and those of LLM providers that are not in it. */
static const struct {
	unsigned	 status;
	const char	*phrase;
} reasons[] = {
	{ 100, "Continue" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 424, "Failed Dependency" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 499, "Client Closed Request" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
	{ 529, "Overloaded" },
};

static bool
is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!bytes_token[(unsigned char)s.ptr[i]])
			return false;
	return s.len;
}

static bool
is_target(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f)
			return false;
	return s.len;
}

void
http1_put_request(struct buf *out, struct slice method, struct slice target)
{
	if (!is_token(method) || !is_target(target)) {
		out->failed = true;
		return;
	}
	buf_append(out, method);
	buf_byte(out, ' ');
	buf_append(out, target);
	buf_append(out, SLICE(" HTTP/1.1\r\n"));
}

void
http1_put_status(struct buf *out, unsigned status)
{
	const char *phrase = "";

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			phrase = reasons[i].phrase;
	CHECK(status >= 100 && status <= 599);
	buf_append(out, SLICE("HTTP/1.1 "));
	buf_u64(out, status);
	buf_byte(out, ' ');
	buf_text(out, phrase);
	buf_append(out, SLICE("\r\n"));
}

void
http1_put_header(struct buf *out, struct slice name, struct slice value)
{
	const char *end = value.len ? value.ptr + value.len : NULL;

	if (!is_token(name))
		return;
	if (end && bytes_control(value.ptr, end) != end)
		return;
	buf_append(out, name);
	buf_append(out, SLICE(": "));
	buf_append(out, value);
	buf_append(out, SLICE("\r\n"));
}

void
http1_put_number(struct buf *out, struct slice name, uint64_t value)
{
	if (!is_token(name))
		return;
	buf_append(out, name);
	buf_append(out, SLICE(": "));
	buf_u64(out, value);
	buf_append(out, SLICE("\r\n"));
}

void
http1_put_end(struct buf *out)
{
	buf_append(out, SLICE("\r\n"));
}
