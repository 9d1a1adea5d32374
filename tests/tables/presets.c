#include "gateway/catalog.h"

#include <stdio.h>

#include "tables.h"

/* OPENAI: the variables OPENAI_API_KEY and OPENAI_BASE_URL. */
static void
print_variables(const char *words)
{
	struct slice rest = slice_of(words);
	const char *comma = "";

	while (rest.len) {
		struct slice word = slice_cut(&rest, ' ');

		printf("%s`%.*s`", comma, SLICE_FMT(word));
		comma = ", ";
	}
}

/* What stands behind the host for that protocol; / is nothing more. */
static void
print_suffix(const char *suffix)
{
	if (!suffix)
		printf(" |");
	else if (!*suffix)
		printf(" `/` |");
	else
		printf(" `%s` |", suffix);
}

void
table_presets(void)
{
	size_t n;
	const struct preset *preset = catalog_presets(&n);

	printf("| preset | variables | address |");
	for (int id = 0; id < PROTO_COUNT; id++)
		printf(" %s |", table_protocols[id]);
	printf("\n|---|---|---|");
	for (int id = 0; id < PROTO_COUNT; id++)
		printf("---|");
	printf("\n");
	for (; n--; preset++) {
		printf("| `%s` | ", preset->name);
		print_variables(preset->env);
		if (preset->root)
			printf(" | `%s` |", preset->root);
		else
			printf(" | yours |");
		for (int id = 0; id < PROTO_COUNT; id++)
			print_suffix(preset->suffix[id]);
		printf("\n");
	}
}
