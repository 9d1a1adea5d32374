/*
 * url - addresses of providers and proxies (RFC 3986):
 * scheme://[user:password@]host[:port][/path], http and https only.
 */
#ifndef WIRE_URL_H
#define WIRE_URL_H

#include "base/arena.h"
#include "base/slice.h"

struct url {
	bool		tls;
	struct slice	user, password;	/* percent-encoded; empty: none */
	struct slice	host;		/* no brackets, no trailing dot */
	bool		literal;	/* host is an IP address */
	uint16_t	port;
	struct slice	path;		/* from '/' on, no '/' at the end */
};

/*
 * Parse; slices point into `text`.  Query and fragment are refused.
 * False: *why says what is wrong, in words for a configuration error.
 */
bool	url_parse(struct url *, struct slice text, const char **why) MUST_USE;

/*
 * Split host[:port], as the Host field of HTTP has it too, and check the bytes
 * of both.  `host` keeps the brackets of an IPv6 address; port.ptr is NULL if
 * there is no colon.  False: not of this form, or the host is empty.
 */
bool	url_split_host(struct slice text, struct slice *host,
	    struct slice *port) MUST_USE;

/*
 * %XX decoded once, in the arena if there was any.  False: a bad escape, %00,
 * or no memory (the arena says).
 */
bool	url_decode(struct arena *, struct slice, struct slice *out) MUST_USE;

/*
 * Text as part of a path (RFC 3986 3.3), in the arena: what is not unreserved,
 * nor the one byte in `keep`, as %XX.  With steps such as "../" in it nothing
 * else is kept.
 */
struct slice	url_encode(struct arena *, struct slice, const char *keep);

/* The value of `name` in a query string, still encoded; ptr NULL: not there. */
struct slice	url_query_get(struct slice query, struct slice name);

#endif
