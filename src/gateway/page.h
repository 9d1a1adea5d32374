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

struct page_request {
	const struct config	*config;
	/* the caller's; NULL: none are configured */
	const struct access_key	*key;
	struct arena		*arena;
	/* as the table spells it, without /v1 */
	struct slice		 path;
	struct slice		 query;
	/* the caller expects Anthropic's shapes */
	bool			 anthropic;
	bool			 draining;
};

struct page_answer {
	unsigned	 status;
	struct slice	 type;
	struct buf	 body;		/* the caller frees it */
	struct fail	 fail;		/* kind set: the answer is this error */
};

struct page {
	struct slice	 path;		/* empty: the end of the table */
	bool		 below;		/* paths below it are its own too:
					 * /models/x */
	bool		 open_to_all;	/* needs no credential: probes */
	void		(*make)(const struct page_request *,
	    struct page_answer *);
};

/* The page of the table at `path`, or NULL. */
const struct page	*page_find(const struct page *table, struct slice path);

#endif
