#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
check_failed(const char *fact, const char *file, int line)
{
	char text[512];
	int len = snprintf(text, sizeof text, "%s:%d: broken: %s\n", file,
	    line, fact);

	/* Not through log: its buffer may be the very thing that is broken. */
	if (len > 0 && write(STDERR_FILENO, text, strlen(text)) < 0)
		_exit(134);
	abort();
}
