#include "command/command.h"

#include <stdio.h>
#include <string.h>

static const struct option_row *
find(const struct option_row *rows, const char *text)
{
	for (; rows->name; rows++)
		if (!strcmp(text, rows->name) ||
		    (rows->other && !strcmp(text, rows->other)))
			return rows;
	return NULL;
}

int
command_options(int argc, char **argv, const struct option_row *rows,
    const char *help)
{
	int words = 0;

	for (int i = 1; i < argc; i++) {
		const struct option_row *row = find(rows, argv[i]);

		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			fputs(help, stdout);
			return -2;
		}
		if (!row && argv[i][0] != '-') {
			argv[++words] = argv[i];
			continue;
		}
		if (!row || (row->value && i + 1 == argc)) {
			fprintf(stderr, "dragoman: %s: %s; see --help\n",
			    argv[i], row ? "a value is missing"
			    : "unknown option");
			return -1;
		}
		if (row->given)
			*row->given = true;
		if (row->value)
			*row->value = argv[++i];
	}
	return words;
}
