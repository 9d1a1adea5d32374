/*
 * prompt_form - where the requests of a protocol keep what an answer needs.
 * For prompt.c alone.
 */
#ifndef ECHO_PROMPT_FORM_H
#define ECHO_PROMPT_FORM_H

#include "base/buf.h"
#include "echo/prompt.h"

/* What the user said last, and the tools; a->answered if these came last. */
void	prompt_listen_responses(struct prompt *, struct buf *heard,
	    struct buf *results);
void	prompt_listen_gemini(struct prompt *, struct buf *heard,
	    struct buf *results);

/*
 * Tools that can be called, tool choice, limits and thinking.  Tools that the
 * choice leaves out are not among them.
 */
void	prompt_wishes_responses(struct prompt *, struct arena *);
void	prompt_wishes_gemini(struct prompt *, struct arena *);

/* Only the tools with these names, escaped strings in an array, are left. */
void	prompt_keep_tools(struct prompt *, struct jval names,
	    const char *member);

/* A member by its camelCase name, or by that name in snake_case. */
struct jval	prompt_get(struct jval obj, const char *camel);

#endif
