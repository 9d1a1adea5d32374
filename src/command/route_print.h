/*
 * route_print - a decision where a request goes, for people or as JSON.
 */
#ifndef COMMAND_ROUTE_PRINT_H
#define COMMAND_ROUTE_PRINT_H

#include "gateway/exchange.h"
#include "json/write.h"

struct route_print {		/* all zeros but `json` */
	bool		json;
	/* private */
	struct buf	out;
	struct writer	writer;
};

/* What was asked, of an exchange that was admitted or refused. */
void	route_print_request(struct route_print *, struct exchange *);
/* The target under the cursor; `fits`: upstream_prepare() made its request. */
void	route_print_target(struct route_print *, struct exchange *, bool fits);
/* What is not asked, and why it is refused if it is; prints all of it. */
void	route_print_end(struct route_print *, struct exchange *, bool routed);

#endif
