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
	struct slice	path, query;	/* of target, split at "?" */
	struct slice	host;		/* of target if that has one */
	bool		expect_continue;
	/* response */
	unsigned	status;
	struct slice	reason;
	/* both */
	unsigned	minor;		/* HTTP/1.minor: 0 or 1 */
	bool		keep_alive;	/* as version and Connection say */
	enum http_framing framing;
	uint64_t	length;		/* HTTP_LENGTH */
	size_t		count;
	struct http_header headers[HTTP_HEADERS_MAX];
};

struct http_fault {
	unsigned	 status;	/* 400, 431, 501 or 505 */
	const char	*why;
};

/*
 * Parse one request head off the front of `in`.  Returns 1, fills *head and
 * sets *used to its length with the blank line; 0 if more bytes are needed; -1
 * with *fault set.  *scanned starts at 0 for each new head and keeps a head
 * that drips in from being searched again.  Slices point into `in`, except for
 * the path "/" of a target that has none.  A head longer than `max` is 431.
 * A few empty lines before the request line are skipped.  Expectations other
 * than 100-continue are ignored.
 */
int	http1_parse_request(struct slice in, size_t max, size_t *scanned,
	    struct http_head *head, size_t *used,
	    struct http_fault *fault) MUST_USE;

/*
 * The same for a response; `to_head` says that it answers a HEAD request and
 * so has no body.  Interim 1xx responses are returned like any other: the
 * caller skips them.  No empty line may precede it.
 */
int	http1_parse_response(struct slice in, size_t max, size_t *scanned,
	    bool to_head, struct http_head *head, size_t *used,
	    struct http_fault *fault) MUST_USE;

/* The value of the first header `name`, ASCII case ignored; ptr NULL: none. */
struct slice	http1_get(const struct http_head *, struct slice name);
/* Is `token` in the comma-separated list `value`, ASCII case ignored? */
bool		http1_has_token(struct slice value, struct slice token);

/*
 * Printing.  Nothing is ever injected: a header whose name is no token, or
 * whose value has a control byte other than HT, is left out whole; a method or
 * target that cannot stand in a request line fails the buf.
 */
void	http1_put_request(struct buf *, struct slice method,
	    struct slice target);
/* The status line with its reason phrase; 100 <= status <= 599. */
void	http1_put_status(struct buf *, unsigned status);
void	http1_put_header(struct buf *, struct slice name, struct slice value);
void	http1_put_number(struct buf *, struct slice name, uint64_t value);
void	http1_put_end(struct buf *);

#endif
