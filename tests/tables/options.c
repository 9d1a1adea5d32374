#include "proto/option.h"

#include <stdio.h>

#include "tables.h"

/* The words of a choice, each as code. */
static void
print_words(const char *words)
{
	printf("`");
	for (; *words; words++)
		*words == ' ' ? printf("`, `") : putchar(*words);
	printf("`");
}

static void
print_values(const struct option *option)
{
	if (option->words)
		print_words(option->words);
	else if (option->most)
		printf("0 to %u", option->most);
	else
		printf("`true`, `false`");
}

void
table_options(void)
{
	size_t n;
	const struct option *option = option_table(&n);

	puts("| option | values | default | what it does |");
	puts("|---|---|---|---|");
	for (; n--; option++) {
		char text[64];
		struct slice value = option_text(&options_default, option,
		    text, sizeof text);

		printf("| `%s` | ", option->name);
		print_values(option);
		printf(" | `%.*s` | %s |\n", SLICE_FMT(value), option->says);
	}
}
