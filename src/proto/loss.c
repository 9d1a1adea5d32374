#include "proto/loss.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/poison.h"
#include "proto/loss_name.h"
#include "proto/proto.h"

enum { PATH_MAX_LEN = 200, NAME_MAX_LEN = 64 };

static const char *const actions[] = {		/* ORDER loss */
	[LOSS_DROPPED] = "dropped",
	[LOSS_CLAMPED] = "clamped",
	[LOSS_ADJUSTED] = "adjusted",
	[LOSS_EMULATED] = "emulated",
	[LOSS_RENAMED] = "renamed",
	[LOSS_INSERTED] = "inserted",
	[LOSS_REORDERED] = "reordered",
	[LOSS_DISABLED] = "disabled",
	[LOSS_TRUNCATED] = "truncated",
};

/* ---- the table's row ---- */

/* Does the path fit the pattern?  Both are walked once. */
static bool
fits(const char *pattern, const char *path)
{
	for (; *pattern; pattern++) {
		if (pattern[0] == '*' && pattern[1] == '*')
			return *path;
		if (*pattern == '*') {
			size_t n = strcspn(path, ".[]");

			if (!n)
				return false;
			path += n;
			continue;
		}
		if (*pattern != *path++)
			return false;
		if (*pattern == '[')
			path += strspn(path, "0123456789");
	}
	return !*path;
}

static const struct loss_row *
find_row(const struct losses *losses, enum loss_action action,
    const char *path)
{
	size_t n;
	const struct loss_row *rows = loss_table(&n), *row = rows;

	for (; row < rows + n - 1; row++)
		if ((row->actions & 1u << action) &&
		    (!losses->way || row->ways & losses->way) &&
		    fits(row->path, path))
			return row;
#ifdef POISONING
	/* A cut path may fit nothing. */
	if (strlen(path) < PATH_MAX_LEN - 1) {
		fprintf(stderr, "loss_table.c has no row for %s=%s\n", path,
		    actions[action]);
		CHECK(row != rows + n - 1);
	}
#endif
	return row;
}

/* ---- spelling ---- */

/*
 * Encoders name what they lose in the words of Chat or Messages; the client
 * reads where it stands in its own body.
 */
static const struct {
	unsigned	 client;	/* enum protocol_id */
	const char	*path, *own;
} spellings[] = {
	{ PROTO_RESPONSES, "messages", "input" },
	{ PROTO_RESPONSES, "system", "instructions" },
	{ PROTO_RESPONSES, "max_tokens", "max_output_tokens" },
	{ PROTO_RESPONSES, "max_completion_tokens", "max_output_tokens" },
	{ PROTO_RESPONSES, "response_format", "text.format" },
	{ PROTO_RESPONSES, "output_config.format", "text.format" },
	{ PROTO_RESPONSES, "verbosity", "text.verbosity" },
	{ PROTO_RESPONSES, "reasoning_effort", "reasoning.effort" },
	{ PROTO_RESPONSES, "output_config.effort", "reasoning.effort" },
	{ PROTO_RESPONSES, "thinking", "reasoning" },
	{ PROTO_RESPONSES, "logprobs", "include" },
};

static struct slice
spell(const struct losses *losses, struct arena *arena, const char *path)
{
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
		size_t n = strlen(spellings[i].path);
		unsigned ways = ((1u << LOSS_PROTOCOLS) - 1) <<
		    LOSS_PROTOCOLS * spellings[i].client;

		if ((losses->way & ways) &&
		    !strncmp(path, spellings[i].path, n) &&
		    (!path[n] || path[n] == '.' || path[n] == '['))
			return arena_fmt(arena, "%s%s", spellings[i].own,
			    path + n);
	}
	return arena_dup(arena, slice_of(path));
}

/* ---- adding ---- */

/* May `c` stand in a path?  Token characters of RFC 9110 5.6.2 and brackets. */
static bool
fits_path(char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~[]", c);
}

static bool
is_known(const struct losses *losses, enum loss_action action,
    struct slice path)
{
	const struct loss *loss;

	for (loss = losses->first; loss; loss = loss->next)
		if (loss->action == action && slice_eq(loss->path, path))
			return true;
	return false;
}

void
loss_add(struct losses *losses, struct arena *arena, enum loss_action action,
    const char *path_fmt, ...)
{
	char path[PATH_MAX_LEN];
	struct slice spelled;
	struct loss *loss;
	va_list args;

	va_start(args, path_fmt);
	vsnprintf(path, sizeof path, path_fmt, args);
	va_end(args);
	if (losses->way >= LOSS_WAY(PROTO_GEMINI, 0))	/* it has one bit */
		loss_name_gemini(path, sizeof path);
	for (char *p = path; *p; p++)
		if (!fits_path(*p))
			*p = '_';
	if (losses->count == LOSS_MAX)
		return;
	spelled = spell(losses, arena, path);
	if (is_known(losses, action, spelled))
		return;
	loss = arena_alloc(arena, sizeof *loss);
	if (!loss)
		return;		/* the arena's failure ends the request */
	loss->action = action;
	loss->path = spelled;
	loss->row = find_row(losses, action, path);
	if (losses->last)
		losses->last->next = loss;
	else
		losses->first = loss;
	losses->last = loss;
	losses->count++;
}

/* ---- members that nobody knows ---- */

static bool
is_word(struct slice name, const char *words)
{
	for (;;) {
		size_t n = 0;

		while (n < name.len && words[n] == name.ptr[n])
			n++;
		if (n == name.len && (!words[n] || words[n] == ' '))
			return true;
		words = strchr(words + n, ' ');
		if (!words)
			return false;
		words++;
	}
}

/* A client's name for a member must not look like a path. */
static void
take_name(char *into, struct slice name)
{
	size_t n = name.len < NAME_MAX_LEN ? name.len : NAME_MAX_LEN;

	for (size_t i = 0; i < n; i++)
		into[i] = strchr(".[]", name.ptr[i]) ? '_' : name.ptr[i];
	if (!n)
		into[n++] = '_';
	into[n] = '\0';
}

/* What is null or an empty list says nothing that could be missed. */
static bool
is_missed(struct jval key, const char *known)
{
	struct jval v = jval_value(key);

	return !is_word(jval_text(key), known) && jval_ok(v) &&
	    !((jval_is(v, JSON_ARRAY) || jval_is(v, JSON_OBJECT)) &&
	    !jval_count(v));
}

bool
loss_knows(struct jval object, const char *known)
{
	struct jval k;

	if (!jval_is(object, JSON_OBJECT))
		return true;
	for (k = jval_first(object); !jval_at_end(k); k = jval_next(k))
		if (is_missed(k, known))
			return false;
	return true;
}

void
loss_member(struct losses *losses, struct arena *arena, const char *path,
    struct slice member)
{
	char name[NAME_MAX_LEN + 1];

	take_name(name, member);
	loss_add(losses, arena, LOSS_DROPPED, "%s%s%s", path,
	    *path ? "." : "", name);
}

void
loss_unknown(struct losses *losses, struct arena *arena, struct jval object,
    const char *known, const char *path_fmt, ...)
{
	char path[PATH_MAX_LEN];
	struct jval k;
	va_list args;

	if (loss_knows(object, known))
		return;			/* nearly always: nothing is printed */
	va_start(args, path_fmt);
	vsnprintf(path, sizeof path, path_fmt, args);
	va_end(args);
	for (k = jval_first(object); !jval_at_end(k); k = jval_next(k))
		if (is_missed(k, known))
			loss_member(losses, arena, path, jval_text(k));
}

/* ---- telling ---- */

/* Whole items as long as they fit, with or without the reason. */
static void
print(const struct losses *losses, struct buf *out, size_t max, bool why)
{
	size_t start = buf_len(out);
	const struct loss *loss;

	for (loss = losses->first; loss; loss = loss->next) {
		const char *action = actions[loss->action];
		size_t used = buf_len(out) - start;
		size_t more = loss->path.len + 1 + strlen(action) +
		    (why ? strlen(loss->row->why) + 3 : 0);

		/* Room for "; " before it, and "; ..." after it if need be. */
		if (used + 2 + more + 5 > max) {
			buf_text(out, "...");
			return;
		}
		buf_append(out, loss->path);
		buf_byte(out, '=');
		buf_text(out, action);
		if (why) {
			buf_text(out, " (");
			buf_text(out, loss->row->why);
			buf_byte(out, ')');
		}
		if (loss->next)
			buf_text(out, "; ");
	}
}

void
loss_print(const struct losses *losses, struct buf *out)
{
	print(losses, out, LOSS_HEADER_MAX, false);
}

void
loss_explain(const struct losses *losses, struct buf *out, size_t max)
{
	print(losses, out, max, true);
}

const char *
loss_action_name(enum loss_action action)
{
	return actions[action];
}
