/*
 * Print one of the tables that README.md shows:	tables NAME
 * Without a name: what tables there are.  "schema" is the one of a
 * configuration, and stands in a file of its own.
 */
#include <stdio.h>
#include <string.h>

#include "tables.h"

static const struct {
	const char	*name;
	void		(*print)(void);
} all[] = {
	{ "clients", table_clients },
	{ "losses", table_losses },
	{ "options", table_options },
	{ "presets", table_presets },
};

const char *const table_protocols[PROTO_COUNT] = {
	[PROTO_CHAT] = "Chat", [PROTO_MESSAGES] = "Messages",
	[PROTO_RESPONSES] = "Responses", [PROTO_GEMINI] = "Gemini",
};

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (argc < 2) {
			puts(all[i].name);
		} else if (!strcmp(argv[1], all[i].name)) {
			all[i].print();
			return 0;
		}
	}
	if (argc == 2 && !strcmp(argv[1], "schema"))
		return table_schema(), 0;
	return argc > 1;
}
