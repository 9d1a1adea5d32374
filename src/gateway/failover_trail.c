/* What became of each attempt, in the order in which they were made. */
#include "gateway/failover_parts.h"

#include "base/hash.h"

enum {
	TRAIL_MAX = 4096,	/* but for the last attempt */
};

static bool
is_plain(char c)
{
	return c > ' ' && c <= '~' && c != ',' && c != ';' && c != '=' &&
	    c != '%';
}

/* A name in the list: nothing in it can be taken for another item. */
static struct slice
plain_name(struct exchange *ex, struct slice name)
{
	size_t n = 0;
	char *out;

	while (n < name.len && is_plain(name.ptr[n]))
		n++;
	out = n < name.len ? arena_text(&ex->arena, name.len * 3) : NULL;
	if (!out)
		return slice_sub(name, 0, n);
	n = 0;
	for (size_t i = 0; i < name.len; i++) {
		out[n] = name.ptr[i];
		if (!is_plain(out[n])) {
			hex_encode((const uint8_t *)&name.ptr[i], 1,
			    out + n + 1);
			out[n] = '%';
			n += 2;
		}
		n++;
	}
	return (struct slice){ out, n };
}

static struct slice
number(struct exchange *ex, uint64_t n)
{
	enum { DIGITS = 20 };
	char *out = arena_text(&ex->arena, DIGITS);
	size_t at = DIGITS;

	if (!out)
		return SLICE("");
	do
		out[--at] = (char)('0' + n % 10);
	while (n /= 10);
	return (struct slice){ out + at, DIGITS - at };
}

static struct slice
with_item(struct exchange *ex, struct slice outcome)
{
	const struct target *t = failover_target(ex);

	return arena_join(&ex->arena, (struct slice[]){ ex->failover.trail,
	    ex->failover.trail.len ? SLICE(", ") : SLICE(""),
	    plain_name(ex, t->provider->name), SLICE("/"),
	    plain_name(ex, t->model), SLICE("="), outcome }, 7);
}

void
failover_note_target(struct exchange *ex, struct slice outcome)
{
	if (ex->failover.trail.len < TRAIL_MAX)
		ex->failover.trail = with_item(ex, outcome);
}

void
failover_note_item(struct exchange *ex, const char *name, uint64_t n)
{
	struct failover *f = &ex->failover;

	f->trail = arena_join(&ex->arena, (struct slice[]){ f->trail,
	    SLICE(", "), slice_of(name), SLICE("="), number(ex, n) }, 5);
}

/* The provider's status, or else what it was. */
static struct slice
outcome_of(struct exchange *ex, const struct fail *fail)
{
	return fail->status ? number(ex, fail->status)
	    : slice_of(fail_name(fail->kind));
}

void
failover_note(struct exchange *ex, const struct fail *fail)
{
	failover_note_target(ex, outcome_of(ex, fail));
	ex->failover.told = ex->attempts;
}

struct slice
failover_told(struct exchange *ex, unsigned status)
{
	struct slice list = ex->failover.trail;

	if (ex->failover.told < ex->attempts)
		list = with_item(ex, number(ex, status));
	return arena_join(&ex->arena, (struct slice[]){
	    number(ex, ex->attempts), list.len ? SLICE("; ") : SLICE(""),
	    list }, 3);
}
