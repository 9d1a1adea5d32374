/*
 * check - what a real provider refuses in a request, in its own words.
 *
 * Only what clients and translators get wrong: the order of turns, of tool
 * calls and their results, ids, names, members that must be there.
 */
#ifndef ECHO_CHECK_H
#define ECHO_CHECK_H

#include <stdarg.h>

#include "echo/speak.h"

/*
 * False: the request is no good, and the fault's message, param and code say
 * why; they live as long as the arena does.  Its status and id are left alone.
 */
bool	check_chat(const struct prompt *, struct fault *,
	    struct arena *) MUST_USE;
bool	check_messages(const struct prompt *, struct fault *,
	    struct arena *) MUST_USE;
bool	check_responses(const struct prompt *, struct fault *,
	    struct arena *) MUST_USE;
bool	check_gemini(const struct prompt *, struct fault *,
	    struct arena *) MUST_USE;

/* For all: the sentence of a fault; a name of [a-zA-Z0-9_-] alone. */
void	check_tell(struct fault *, struct arena *, const char *fmt, va_list);
bool	check_name(struct slice, size_t max) MUST_USE;

#endif
