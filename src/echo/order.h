/*
 * order - calls of tools that a text orders: [[call NAME ARGUMENTS]].
 *
 * The arguments are JSON, each byte that a shell, a quote or a markup could
 * take amiss written as in a URL: [[call clock %7B%22zone%22:1%7D]].  So a user
 * says which tool is called, and how; and what that tool answers may order the
 * next call.
 */
#ifndef ECHO_ORDER_H
#define ECHO_ORDER_H

#include "echo/prompt.h"

enum { ORDERS_MAX = 16 };

struct order {
	const struct prompt_tool *tool;
	struct slice	 arguments;	/* an object; of a custom tool: text */
};

/*
 * What the user, or the tools that spoke last, order of the tools that there
 * are.  Returns an array of *count; NULL: no memory, and *count is 0.
 */
struct order	*order_read(const struct prompt *, struct arena *,
		    size_t *count);

#endif
