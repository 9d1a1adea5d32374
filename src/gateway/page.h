/*
 * page - what the gateway answers by itself: an interface to the pages above
 * it.
 *
 * Pages see the configuration and never a socket.  The table is handed in
 * from above (admin/), so that the gateway need not know them.
 */
#ifndef GATEWAY_PAGE_H
#define GATEWAY_PAGE_H

#include "base/buf.h"
#include "gateway/route.h"

struct count;
struct store;
struct shared;

struct page_request {
	const struct config	*config;
	/* the caller's; NULL: none are configured */
	const struct access_key	*key;
	struct arena		*arena;
	/* as the table spells it, without /v1 */
	struct slice		 path;
	struct slice		 query;
	/* whose shapes the caller expects */
	enum protocol_id	 shape;
	bool			 draining;
	const struct count	*count;
	struct store		*cache;		/* NULL: there is none */
	struct shared		*shared;
};

struct page_answer {
	unsigned	 status;
	struct slice	 type;
	/* of a page for browsers: content-security-policy */
	struct slice	 policy;
	struct buf	 body;		/* the caller frees it */
	struct fail	 fail;		/* kind set: the answer is this error */
};

enum page_for {
	PAGE_CALLERS,			/* whoever may send requests */
	PAGE_ALL,			/* probes: no credential is needed */
	PAGE_OPERATORS,			/* from loopback, or the admin's key */
};

struct page {
	struct slice	 path;		/* empty: the end of the table */
	bool		 below;		/* paths below it are its own too:
					 * /models/x */
	enum page_for	 whom;
	void		(*make)(const struct page_request *,
	    struct page_answer *);
};

/* The page of the table at `path`, or NULL. */
const struct page	*page_find(const struct page *table, struct slice path);

#endif
