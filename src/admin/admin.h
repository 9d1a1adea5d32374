/*
 * admin - the pages of the gateway itself: one table of paths.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "gateway/page.h"

extern const struct page admin_pages[];

/* models.c, pricing.c, health.c, metrics.c, usage.c */
void	admin_models(const struct page_request *, struct page_answer *);
void	admin_pricing(const struct page_request *, struct page_answer *);
void	admin_live(const struct page_request *, struct page_answer *);
void	admin_metrics(const struct page_request *, struct page_answer *);
void	admin_usage(const struct page_request *, struct page_answer *);
void	admin_ready(const struct page_request *, struct page_answer *);

#endif
