/*
 * pages - what the mock provider tells of itself.
 */
#ifndef ECHO_PAGES_H
#define ECHO_PAGES_H

#include "echo/visit.h"

void	page_models(struct visit *);	/* in the shape of either protocol */
void	page_stats(struct visit *);
void	page_hello(struct visit *);

/* The last request to a model, as it came: {method, path, headers, body}. */
void	page_last(struct visit *);
void	page_keep(struct visit *);	/* this one is the last now */

#endif
