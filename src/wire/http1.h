/*
 * http1 - heads of HTTP/1.1 requests and responses (RFC 9112, RFC 9110).
 *
 * Parses to slices into the caller's bytes and prints into a buf.  Knows
 * nothing of sockets, bodies (wire/body.h) or what the fields are for, except
 * those that decide the framing, where it is strict: whatever two readers
 * could understand in two ways is refused.
 */
#ifndef WIRE_HTTP1_H
#define WIRE_HTTP1_H

#include "base/buf.h"
#include "base/slice.h"

enum { HTTP_HEADERS_MAX = 128 };

enum http_framing {
	HTTP_NO_BODY, HTTP_LENGTH, HTTP_CHUNKED,
	HTTP_UNTIL_CLOSE,		/* responses only */
};

struct http_header {
	struct slice	name, value;	/* value without blanks around it */
};

struct http_head {
	/* request */
	struct slice	method, target;
	struct slice	path, query;	/* of target; query without its '?'; absolute-form: the part after the authority */
	struct slice	host;
	bool		expect_continue;
	/* response */
	unsigned	status;
	struct slice	reason;
	/* both */
	unsigned	minor;		/* HTTP/1.minor: 0 or 1 */
	bool		keep_alive;	/* as version and Connection say */
	enum http_framing framing;
	uint64_t	length;		/* HTTP_LENGTH */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t		count;
};

struct http_fault {
	unsigned	 status;	/* 400, 431, 501 or 505 */
	const char	*why;
};

/*
 * Parse one request head off the front of `in`.  Returns 1, fills *head and sets
 * *used to its length with the blank line; 0 if more bytes are needed; -1 with
 * *fault set.  *scanned starts at 0 for each new head and keeps a head that
 * drips in from being searched again.  Slices point into `in`.  A head longer
 * than `max` is 431.  Empty lines before the request line are skipped.
 */
int	http1_parse_request(struct slice in, size_t max, size_t *scanned,
	    struct http_head *head, size_t *used, struct http_fault *fault) MUST_USE;

/*
 * The same for a response to a request with method `method` ("HEAD" has no body).  Interim
 * 1xx responses are returned like any other: the caller skips them.
 */
int	http1_parse_response(struct slice in, size_t max, size_t *scanned,
	    bool to_head, struct http_head *head, size_t *used,
	    struct http_fault *fault) MUST_USE;

/* The value of the first header called `name` (ASCII case ignored); ptr NULL: none. */
struct slice	http1_get(const struct http_head *, struct slice name);
/* Is `token` in the comma-separated list `value`, ASCII case ignored? */
bool		http1_has_token(struct slice value, struct slice token);

/* Printing.  Values with CR, LF or NUL are left out whole: nothing is ever injected. */
void	http1_put_request(struct buf *, struct slice method, struct slice target);
void	http1_put_status(struct buf *, unsigned status);	/* with its reason phrase */
void	http1_put_header(struct buf *, struct slice name, struct slice value);
void	http1_put_number(struct buf *, struct slice name, uint64_t value);
void	http1_put_end(struct buf *);

#endif
