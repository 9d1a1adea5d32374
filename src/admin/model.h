/*
 * model - one model of the catalogue, or of the operator's own names, as the
 * callers' SDKs read it.
 */
#ifndef ADMIN_MODEL_H
#define ADMIN_MODEL_H

#include "admin/admin.h"
#include "json/write.h"

struct model_item {
	struct slice			 id, owner;
	/* NULL: a name of the operator's own */
	const struct catalog_model	*row;
};

/* Seconds since 1970; 0: unknown. */
uint64_t	model_released_s(const struct model_item *);
/* As Anthropic tells it: "active", "deprecated" or "retired". */
const char	*model_lifecycle(const struct model_item *);

/* In the shape that the caller expects, and what is known beside it. */
void		model_write(struct writer *, const struct page_request *,
		    const struct model_item *);

#endif
