/*
 * url - addresses of providers and proxies: scheme://[user:password@]host[:port][/path]
 * (RFC 3986, http and https only).
 */
#ifndef WIRE_URL_H
#define WIRE_URL_H

#include "base/arena.h"
#include "base/slice.h"

struct url {
	bool		tls;
	struct slice	user, password;	/* percent-encoded; empty: none */
	struct slice	host;		/* without the brackets of an IPv6 address, without a trailing dot */
	bool		literal;	/* host is an IP address */
	uint16_t	port;
	struct slice	path;		/* from its '/' on, no trailing '/'; may be empty */
};

/* Parse; slices point into `text`.  Query and fragment are refused.
 * False: *why says what is wrong, in words for a configuration error. */
bool	url_parse(struct url *, struct slice text, const char **why) MUST_USE;

/* %XX decoded once, in the arena if there was any; false: a bad escape or %00. */
bool	url_decode(struct arena *, struct slice, struct slice *out) MUST_USE;

/* The value of `name` in a query string, still encoded; ptr NULL: not there. */
struct slice	url_query_get(struct slice query, struct slice name);

#endif
