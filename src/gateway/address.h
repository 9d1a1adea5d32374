/*
 * address - what a request line asks for.
 *
 * Clients put prefixes of their own before the addresses that they know, leave
 * out a version or write it twice; what counts is how a path ends.  Gemini's
 * paths name the model and the method (…/models/{model}:{method}).
 */
#ifndef GATEWAY_ADDRESS_H
#define GATEWAY_ADDRESS_H

#include "proto/proto.h"
#include "wire/http1.h"

/* What a request asks for. */
enum purpose {
	FOR_NOTHING,		/* no such address */
	FOR_ANSWER,		/* a model's answer, in `protocol` */
	FOR_COUNT,		/* how many tokens it would read */
	FOR_KEPT,		/* an answer that was given before */
	FOR_PASS,		/* what only goes by: embeddings, files, ... */
	FOR_PAGE,		/* answered by ourselves */
	FOR_UPGRADE,		/* WebSocket, which nobody speaks here */
};

struct address {
	enum purpose	 purpose;
	enum protocol_id protocol;	/* also whose shapes errors have */
	/* without prefixes and version, for pages and logs */
	struct slice	 path;
	/* Gemini: as in the path, still percent-encoded; else ptr NULL */
	struct slice	 model;
	struct slice	 method;	/* Gemini: behind the model's name */
	const char	*allow;		/* HTTP methods, by commas */
	bool		 stream;	/* Gemini: the method says so */
	bool		 as_array;	/* ... without alt=sse */
};

/* Never FOR_PAGE: whoever knows the pages looks for them by `path`. */
void	address_read(struct address *, const struct http_head *);

/* The sentence of a 404, in words of the protocol that the path hints at. */
const char	*address_unknown(const struct address *);

#endif
