/*
 * Programs and providers that were seen to work together, and how each program
 * is told of the gateway: what the last run of tests/clients/ kept.
 */
#include "base/buf.h"
#include "json/json.h"
#include "json/text.h"

#include <stdio.h>

#include "tables.h"

#define RESULTS "tests/clients/results.json"

/* As results.json names them, by protocol_id. */
static const char *const words[PROTO_COUNT] = {
	[PROTO_CHAT] = "chat", [PROTO_MESSAGES] = "messages",
	[PROTO_RESPONSES] = "responses", [PROTO_GEMINI] = "gemini",
};

static bool
read_all(struct buf *text)
{
	FILE *in = fopen(RESULTS, "r");
	char piece[4096];
	size_t n;

	if (!in)
		return false;
	while ((n = fread(piece, 1, sizeof piece, in)))
		buf_append(text, (struct slice){ piece, n });
	return !fclose(in) && !text->failed;
}

static const char *
protocol_of(struct jval row)
{
	for (int id = 0; id < PROTO_COUNT; id++)
		if (jval_text_is(jval_get(row, "protocol"), words[id]))
			return table_protocols[id];
	return "?";
}

static bool
works(struct jval row, const char *word)
{
	struct jval providers = jval_get(row, "providers");

	for (struct jval p = jval_first(providers); !jval_at_end(p);
	    p = jval_next(p))
		if (jval_text_is(p, word))
			return true;
	return false;
}

static void
print_row(struct jval row)
{
	printf("| %.*s | %.*s | %s |", SLICE_FMT(jval_get_text(row, "program")),
	    SLICE_FMT(jval_get_text(row, "version")), protocol_of(row));
	for (int id = 0; id < PROTO_COUNT; id++)
		printf(works(row, words[id]) ? " yes |" : " |");
	printf("\n");
}

/* What is said of one protocol is not said again of the next. */
static void
print_setup(struct arena *arena, struct jval row, struct slice *before)
{
	struct slice setup = jval_get_text(row, "setup");
	struct slice plain = text_unescape(arena, setup);

	if (slice_eq(setup, *before))
		return;
	*before = setup;
	printf("\n%.*s, %s:\n\n```\n%.*s\n```\n",
	    SLICE_FMT(jval_get_text(row, "program")), protocol_of(row),
	    SLICE_FMT(plain));
}

static void
print(struct arena *arena, struct jval programs)
{
	struct slice before = { 0 };

	printf("| program | version | speaks |");
	for (int id = 0; id < PROTO_COUNT; id++)
		printf(" %s |", table_protocols[id]);
	printf("\n|---|---|---|---|---|---|---|\n");
	for (struct jval k = jval_first(programs); !jval_at_end(k);
	    k = jval_next(k))
		for (struct jval row = jval_first(jval_value(k));
		    !jval_at_end(row); row = jval_next(row))
			print_row(row);
	printf("\n<details>\n<summary>The lines of configuration</summary>\n");
	for (struct jval k = jval_first(programs); !jval_at_end(k);
	    k = jval_next(k))
		for (struct jval row = jval_first(jval_value(k));
		    !jval_at_end(row); row = jval_next(row))
			print_setup(arena, row, &before);
	printf("\n</details>\n");
}

void
table_clients(void)
{
	struct arena arena = { 0 };
	struct buf text = { 0 };
	struct json doc;
	struct json_fault fault;

	if (!read_all(&text) ||
	    !json_parse(&doc, &arena, buf_slice(&text), 0, &fault))
		printf("%s cannot be read\n", RESULTS);
	else
		print(&arena, json_root(&doc));
	buf_free(&text);
	arena_reset(&arena);
}
