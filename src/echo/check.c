#include "echo/check.h"

#include <stdio.h>

enum { SENTENCE_MAX = 1024 };

void
check_tell(struct fault *fault, struct arena *arena, const char *fmt,
    va_list args)
{
	char text[SENTENCE_MAX];

	(void)vsnprintf(text, sizeof text, fmt, args);
	fault->message = arena_dup(arena, slice_of(text));
}

bool
check_name(struct slice name, size_t max)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}
	return name.len && name.len <= max;
}
