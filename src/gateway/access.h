/*
 * access - who may come in: the caller's credential and the key it stands for.
 */
#ifndef GATEWAY_ACCESS_H
#define GATEWAY_ACCESS_H

#include "gateway/config.h"
#include "wire/http1.h"

struct caller {
	/* NULL: no client keys are configured */
	const struct access_key	*key;
	bool			 sent;	/* some credential, good or not */
	/* as it came, for providers without a key; may be empty */
	struct slice		 credential;
};

/*
 * Find the credential in Authorization: Bearer, x-api-key, api-key,
 * x-goog-api-key or ?key=. Where client keys are configured, one of those
 * given must be known: false if none is.  Takes the same time whichever key
 * matches.  `arena` holds a decoded ?key=.
 */
bool	access_check(const struct config *, const struct http_head *,
	    struct arena *,
	    struct caller *) MUST_USE;

/* Does the request hold a key of the operator's? */
bool	access_is_admin(const struct config *, const struct http_head *,
	    struct arena *);

/*
 * May the key use `model`, named as the client spelled it or as
 * provider/model?
 */
bool	access_allows(const struct access_key *, struct slice model);

#endif
