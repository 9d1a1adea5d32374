#include "command/command.h"

#include <stdio.h>

#include "gateway/route.h"
#include "json/write.h"

static const char help[] =
"usage: dragoman models [-c FILE] [--json] [--all]\n"
"\n"
"The models that can be named with the configuration in force, with their\n"
"limits and what a million tokens cost in dollars; --json tells all that is\n"
"known of them.  --all lists those of the whole catalogue.\n";

struct table {
	struct buf	out;
	struct writer	writer;
	bool		json;
	/* NULL: of the whole catalogue */
	const struct config *config;
};

static void
put_dollars(struct buf *out, const char *what, uint32_t millionths)
{
	char text[CATALOG_DOLLARS] = "-";

	if (millionths != PRICE_UNKNOWN)
		catalog_dollars_text(millionths, text);
	buf_fmt(out, "  %s %7s", what, text);
}

static void
put_line(struct table *t, struct slice id, struct slice owner,
    const struct catalog_model *row)
{
	buf_fmt(&t->out, "%-28.*s %-10.*s", SLICE_FMT(id), SLICE_FMT(owner));
	if (row && row->context)
		buf_fmt(&t->out, " context %5uK", row->context / 1000);
	if (row && row->max_output)
		buf_fmt(&t->out, "  output %4uK", row->max_output / 1000);
	if (row && row->price.in != PRICE_UNKNOWN) {
		put_dollars(&t->out, "$ in", row->price.in);
		put_dollars(&t->out, "out", row->price.out);
	}
	buf_byte(&t->out, '\n');
}

static void
put_row(void *arg, struct slice id, struct slice owner,
    const struct catalog_model *row)
{
	struct table *t = arg;
	struct slice suffix;
	const struct catalog_name *n = t->config ? catalog_find(t->config,
	    NULL, id, &suffix) : NULL;

	if (!t->json) {
		put_line(t, id, owner, row);
		return;
	}
	write_object(&t->writer);
	write_key(&t->writer, "id");
	write_string(&t->writer, id);
	write_key(&t->writer, "owned_by");
	write_string(&t->writer, owner);
	if (row && row->context)
		write_member_u64(&t->writer, "context_length",
		    row->context);
	if (row && row->max_output)
		write_member_u64(&t->writer, "max_output_tokens",
		    row->max_output);
	if (row)
		catalog_write(&t->writer, row, catalog_protocols(row,
		    n ? n->provider : NULL));
	write_end(&t->writer);
}

static void
put_all(struct table *t)
{
	struct catalog_walk walk = { 0 };
	struct catalog_model m;

	while (catalog_next(&walk, &m))
		put_row(t, slice_of(m.id), slice_of(m.preset), &m);
}

static void
print(struct table *t, const struct config *c, struct arena *arena, bool all)
{
	t->writer.out = &t->out;
	t->config = all ? NULL : c;
	if (t->json)
		write_array(&t->writer);
	if (all)
		put_all(t);
	else
		route_each_model(c, NULL, arena, put_row, t);
	if (t->json) {
		write_end(&t->writer);
		buf_byte(&t->out, '\n');
	}
	fwrite(t->out.data + t->out.start, 1, buf_len(&t->out), stdout);
	if (!t->json && !buf_len(&t->out))
		printf("none: no provider is configured; --all lists the "
		    "catalogue\n");
	buf_free(&t->out);
}

int
models_main(int argc, char **argv)
{
	const char *file = NULL;
	bool all = false;
	struct table table = { 0 };
	const struct option_row rows[] = {
		{ "-c", "--config", &file, NULL },
		{ "--json", NULL, NULL, &table.json },
		{ "--all", NULL, NULL, &all },
		{ 0 },
	};
	struct arena arena = { 0 };
	struct config config;
	struct config_problem problem;
	int words = command_options(argc, argv, rows, help), code = 0;

	if (words > 0)
		fprintf(stderr, "dragoman models: unexpected argument "
		    "\"%s\"; see --help\n", argv[1]);
	if (words)
		return words == -2 ? 0 : 2;
	if (config_load(&config, &arena, file, NULL, &problem)) {
		print(&table, &config, &arena, all);
	} else {
		fprintf(stderr, "dragoman: %s\n", problem.text);
		code = 1;
	}
	arena_reset(&arena);
	return code;
}
