/*
 * ratelimit - what a provider says of its limits, in the client's words.
 *
 * Both vocabularies name a limit, what remains of it and when it is full
 * again; one gives the moment, the other the time until then.
 */
#ifndef PROTO_RATELIMIT_H
#define PROTO_RATELIMIT_H

#include "base/arena.h"
#include "proto/proto.h"

enum ratelimit_kind {
	RATELIMIT_REQUESTS, RATELIMIT_TOKENS, RATELIMIT_INPUT_TOKENS,
	RATELIMIT_KINDS,
};

struct ratelimit {
	struct slice	 limit, remaining;	/* empty: not said */
	int64_t		 reset_ms;	/* since 1970; 0: not said */
};

struct ratelimits {		/* start from all zeros */
	struct ratelimit of[RATELIMIT_KINDS];
};

enum { RATELIMIT_HEADERS = 6 };

struct ratelimit_header {
	const char	*name;
	struct slice	 value;
};

/*
 * Take note of a header, in whichever vocabulary; false: it is none of them.
 * `value` is borrowed.
 */
bool	ratelimit_read(struct ratelimits *, struct slice name,
	    struct slice value, int64_t now_ms);

/* The headers that `client` understands, into `out`; returns how many. */
size_t	ratelimit_write(const struct ratelimits *, enum protocol_id client,
	    struct arena *, int64_t now_ms,
	    struct ratelimit_header out[RATELIMIT_HEADERS]);

/* Is nothing left of the tokens, or of the requests? */
bool	ratelimit_no_tokens(const struct ratelimits *);
bool	ratelimit_no_requests(const struct ratelimits *);

/*
 * Seconds (1 to 60) until the first of the exhausted limits is full again; 0:
 * none is, or nobody said when.
 */
unsigned	ratelimit_wait_s(const struct ratelimits *, int64_t now_ms);

/*
 * What `retry-after` says, seconds or a date (RFC 9110 10.2.3), or with `in_ms`
 * `retry-after-ms`: so many ms from now, at most INT32_MAX; -1: neither.
 */
int64_t		ratelimit_retry_ms(struct slice value, bool in_ms,
		    int64_t now_ms);

/* A date of HTTP, since 1970; 0: it is none. */
int64_t		ratelimit_date_ms(struct slice value);

#endif
