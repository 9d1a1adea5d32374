/* dragoman usage: what the ledger says of spending. */
#include "command/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "gateway/ledger_read.h"
#include "gateway/ledger_sum.h"
#include "gateway/limit.h"
#include "json/text.h"
#include "json/write.h"

static const char help[] =
"usage: dragoman usage [--by WHAT] [--since T] [--until T] [--json | --csv]\n"
"                      [-c FILE | --ledger PATH]\n"
"\n"
"Requests, tokens and dollars of the ledger, its old files included.\n"
"\n"
"      --by WHAT       model (the default), key, provider or day, or several\n"
"                      of them by commas\n"
"      --since T       2026-11-01, 2026-11-01T08:00:00Z, or 30m, 24h, 7d ago\n"
"      --until T       ... and the first moment that does not count\n"
"      --json, --csv   for programs; else a table\n"
"  -c, --config FILE   whose ledger; else DRAGOMAN_CONFIG, DRAGOMAN_LEDGER\n"
"      --ledger PATH   this one\n";

enum form { FORM_TABLE, FORM_JSON, FORM_CSV };

struct usage {
	struct ledger_sum	sum;
	struct ledger_reader	reader;
	enum form		form;
	struct arena		arena;
	struct buf		out;
};

/* ---- what is asked ---- */

static bool
read_by(struct ledger_sum *sum, const char *text)
{
	struct slice rest = slice_of(text ? text : "model");

	while (rest.ptr) {
		struct slice word = slice_trim(slice_cut(&rest, ','));
		unsigned by = 0;

		while (by < SUM_BYS && !slice_is(word, sum_by_name(by)))
			by++;
		if (by == SUM_BYS) {
			fprintf(stderr, "dragoman usage: --by takes model, "
			    "key, provider and day\n");
			return false;
		}
		sum->by[by] = true;
	}
	return true;
}

/* 30m, 24h or 7d before now. */
static bool
read_ago(struct slice text, int64_t *ms)
{
	static const struct {
		char	unit;
		int64_t	ms;
	} units[] = {
		{ 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 },
		{ 'd', 86400000 }, { 'w', 7 * 86400000 },
	};
	uint64_t n;

	if (!text.len || !slice_to_u64(slice_sub(text, 0, text.len - 1),
	    1000000, &n))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (text.ptr[text.len - 1] != units[i].unit)
			continue;
		*ms = clock_wall_ms() - (int64_t)n * units[i].ms;
		return true;
	}
	return false;
}

static bool
read_time(const char *option, const char *text, int64_t *ms)
{
	if (!text || clock_read_stamp(slice_of(text), ms) ||
	    read_ago(slice_of(text), ms))
		return true;
	fprintf(stderr, "dragoman usage: %s takes a day (2026-11-01), a time "
	    "(2026-11-01T08:00:00Z) or how long ago (24h, 7d)\n", option);
	return false;
}

/* ---- what is said ---- */

static const char *
title_of(const struct sum_group *g)
{
	return g->others ? SUM_OTHERS : "-";
}

static void
put_json(struct usage *u)
{
	struct writer w = { .out = &u->out };

	write_object(&w);
	write_key(&w, "groups");
	sum_write_groups(&w, &u->sum);
	write_key(&w, "total");
	write_object(&w);
	sum_write_counts(&w, &u->sum.total);
	write_end(&w);
	write_member_u64(&w, "lines", u->reader.lines);
	write_member_u64(&w, "broken_lines", u->reader.broken);
	write_end(&w);
	buf_byte(&u->out, '\n');
}

/* RFC 4180: quotes around, and twice inside. */
static void
put_quoted(struct buf *out, struct slice text)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			buf_byte(out, '"');
		buf_byte(out, text.ptr[i]);
	}
	buf_byte(out, '"');
}

static void
put_csv(struct usage *u)
{
	struct buf *out = &u->out;
	char usd[LIMIT_USD];

	for (unsigned by = 0; by < SUM_BYS; by++)
		if (u->sum.by[by])
			buf_fmt(out, "%s,", sum_by_name(by));
	for (size_t i = 0; i < SUM_NUMBERS; i++)
		buf_fmt(out, "%s,", sum_numbers[i].name);
	buf_text(out, "cost_usd\r\n");
	for (size_t i = 0; i < u->sum.count; i++) {
		const struct sum_group *g = &u->sum.groups[i];

		for (unsigned by = 0; by < SUM_BYS; by++) {
			if (!u->sum.by[by])
				continue;
			put_quoted(out, g->names[by].ptr ? text_unescape(
			    &u->arena, g->names[by]) : slice_of(g->others ?
			    SUM_OTHERS : ""));
			buf_byte(out, ',');
		}
		for (size_t n = 0; n < SUM_NUMBERS; n++) {
			buf_u64(out, sum_number(&g->counts, n));
			buf_byte(out, ',');
		}
		limit_usd((int64_t)g->counts.cost_nano, usd);
		buf_fmt(out, "%s\r\n", usd);
	}
}

/* ---- the table ---- */

struct widths {
	size_t	names[SUM_BYS];
	int	numbers[SUM_NUMBERS];
	bool	shown[SUM_NUMBERS];
};

static int
digits(uint64_t n)
{
	int count = 1;

	for (; n >= 10; n /= 10)
		count++;
	return count;
}

/* Columns in which all is zero are left out, but for the first four. */
static void
measure(const struct usage *u, struct widths *w)
{
	*w = (struct widths){ 0 };
	for (unsigned by = 0; by < SUM_BYS; by++)
		w->names[by] = sizeof SUM_OTHERS;
	for (size_t i = 0; i < u->sum.count; i++)
		for (unsigned by = 0; by < SUM_BYS; by++)
			if (u->sum.groups[i].names[by].len > w->names[by])
				w->names[by] = u->sum.groups[i].names[by].len;
	for (size_t i = 0; i < SUM_NUMBERS; i++) {
		int title = (int)strlen(sum_numbers[i].title);
		int wide = digits(sum_number(&u->sum.total, i));

		w->numbers[i] = wide > title ? wide : title;
		w->shown[i] = i < 3 || sum_number(&u->sum.total, i) ||
		    sum_numbers[i].offset == offsetof(struct sum_counts, out);
	}
}

static void
put_row(struct usage *u, const struct widths *w, const struct slice *names,
    const struct sum_counts *c)
{
	char usd[LIMIT_USD];

	for (unsigned by = 0; by < SUM_BYS; by++)
		if (u->sum.by[by])
			buf_fmt(&u->out, "%-*.*s  ", (int)w->names[by],
			    SLICE_FMT(names[by]));
	for (size_t i = 0; i < SUM_NUMBERS; i++)
		if (w->shown[i])
			buf_fmt(&u->out, "%*llu  ", w->numbers[i],
			    (unsigned long long)sum_number(c, i));
	limit_usd((int64_t)c->cost_nano, usd);
	buf_fmt(&u->out, "%16s\n", usd);
}

static void
put_table(struct usage *u)
{
	struct slice total[SUM_BYS] = { 0 };
	struct widths w;
	bool titled = false;

	measure(u, &w);
	for (unsigned by = 0; by < SUM_BYS; by++) {
		if (!u->sum.by[by])
			continue;
		buf_fmt(&u->out, "%-*s  ", (int)w.names[by], sum_by_name(by));
		total[by] = titled ? SLICE("") : SLICE("total");
		titled = true;
	}
	for (size_t i = 0; i < SUM_NUMBERS; i++)
		if (w.shown[i])
			buf_fmt(&u->out, "%*s  ", w.numbers[i],
			    sum_numbers[i].title);
	buf_fmt(&u->out, "%16s\n", "dollars");
	for (size_t i = 0; i < u->sum.count; i++) {
		const struct sum_group *g = &u->sum.groups[i];
		struct slice names[SUM_BYS];

		/* as escaped as they are: a terminal obeys what it reads */
		for (unsigned by = 0; by < SUM_BYS; by++)
			names[by] = g->names[by].ptr ? g->names[by]
			    : slice_of(title_of(g));
		put_row(u, &w, names, &g->counts);
	}
	put_row(u, &w, total, &u->sum.total);
}

/* ---- all of it ---- */

static void
add_line(void *sum, const struct ledger_line *line)
{
	ledger_sum_add(sum, line);
}

static int
fail(struct usage *u, const char *path, const char *why)
{
	fprintf(stderr, "dragoman usage: %s: %s\n", path, why);
	arena_reset(&u->arena);
	ledger_sum_free(&u->sum);
	return 1;
}

static int
print(struct usage *u, const char *path)
{
	static void (*const forms[])(struct usage *) = {	/* ORDER form */
		[FORM_TABLE] = put_table, [FORM_JSON] = put_json,
		[FORM_CSV] = put_csv,
	};

	u->reader.each = add_line;
	u->reader.arg = &u->sum;
	if (!ledger_read_each(&u->reader, path))
		return fail(u, path, strerror(errno));
	if (u->sum.failed)
		return fail(u, path, "out of memory");
	ledger_sum_sort(&u->sum);
	forms[u->form](u);
	fwrite(u->out.data + u->out.start, 1, buf_len(&u->out), stdout);
	if (u->reader.broken && u->form != FORM_JSON)
		fprintf(stderr, "%llu broken lines were left out\n",
		    (unsigned long long)u->reader.broken);
	buf_free(&u->out);
	arena_reset(&u->arena);
	ledger_sum_free(&u->sum);
	return 0;
}

/* The ledger of the configuration in force. */
static const char *
configured(struct arena *arena, const char *file)
{
	struct config config;
	struct config_problem problem;

	if (!config_load(&config, arena, file, NULL, &problem))
		fprintf(stderr, "dragoman: %s\n", problem.text);
	else if (!config.ledger.path)
		fprintf(stderr, "dragoman usage: no ledger is configured; "
		    "name one with --ledger\n");
	else
		return config.ledger.path;
	return NULL;
}

int
usage_main(int argc, char **argv)
{
	const char *file = NULL, *path = NULL, *by = NULL;
	const char *since = NULL, *until = NULL;
	bool json = false, csv = false;
	struct usage u = { 0 };
	const struct option_row rows[] = {
		{ "-c", "--config", &file, NULL },
		{ "--ledger", NULL, &path, NULL },
		{ "--by", NULL, &by, NULL },
		{ "--since", NULL, &since, NULL },
		{ "--until", NULL, &until, NULL },
		{ "--json", NULL, NULL, &json },
		{ "--csv", NULL, NULL, &csv },
		{ 0 },
	};
	int words = command_options(argc, argv, rows, help);

	if (words > 0 || (json && csv))
		fprintf(stderr, "dragoman usage: %s; see --help\n", words > 0
		    ? "unexpected argument" : "--json or --csv, not both");
	if (words || (json && csv))
		return words == -2 ? 0 : 2;
	clock_update();
	if (!read_by(&u.sum, by) ||
	    !read_time("--since", since, &u.reader.from_ms) ||
	    !read_time("--until", until, &u.reader.until_ms))
		return 2;
	u.form = json ? FORM_JSON : csv ? FORM_CSV : FORM_TABLE;
	if (!path)
		path = configured(&u.arena, file);
	if (path)
		return print(&u, path);
	arena_reset(&u.arena);
	return 1;
}
