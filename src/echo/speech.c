#include "echo/speech.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/hash.h"
#include "echo/invent.h"
#include "echo/order.h"
#include "json/text.h"

enum {
	QUOTE_MAX = 4096,		/* bytes that are echoed */
	BYTES_PER_TOKEN = 4,
	PIECE = 16,			/* bytes of a delta, if these are few */
	PIECES_MIN = 3, PIECES_MAX = 40,
	ID_DIGITS = 24,
};

static const char filler[] =
    "One word follows another, and so an answer grows without an end. ";

/* At most n bytes, not ending within a character. */
static struct slice
cut(struct slice text, size_t n)
{
	if (n >= text.len)
		return text;
	while (n && ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
		n--;
	return slice_sub(text, 0, n);
}

struct slice
speech_piece(struct slice text, size_t i, size_t n)
{
	size_t from = cut(text, text.len / n * i + text.len % n * i / n).len;
	size_t to = i + 1 == n ? text.len : cut(text, text.len / n * (i + 1) +
	    text.len % n * (i + 1) / n).len;

	return slice_sub(text, from, to - from);
}

struct slice
speech_signature(struct arena *arena, struct slice think)
{
	static const struct slice seal = SLICE_INIT("echo signs: ");
	const struct slice pieces[] = { seal, think };
	uint8_t sum[SHA256_LEN];

	sha256(arena_join(arena, pieces, 2), sum);
	return base64_encode(arena,
	    (struct slice){ (const char *)sum, sizeof sum });
}

enum { SUM_DIGITS = 44 };	/* of a signature */

struct slice
speech_seal(struct arena *arena, struct slice think)
{
	const struct slice pieces[] = {
		speech_signature(arena, think), think,
	};

	return base64_encode(arena, arena_join(arena, pieces, 2));
}

bool
speech_sealed(struct arena *arena, struct slice seal)
{
	struct slice plain;

	return base64_decode(arena, seal, &plain) && plain.len >= SUM_DIGITS &&
	    slice_eq(slice_sub(plain, 0, SUM_DIGITS),
	    speech_signature(arena, slice_skip(plain, SUM_DIGITS)));
}

/* ---- text ---- */

static struct slice
fill(struct arena *arena, size_t n)
{
	char *text = arena_text(arena, n + 1);

	if (!text)
		return (struct slice){ 0 };
	for (size_t i = 0; i < n; i++)
		text[i] = filler[i % (sizeof filler - 1)];
	return (struct slice){ text, n };
}

static struct slice
quote(const struct prompt *a, struct arena *arena)
{
	const struct slice pieces[] = {
		cut(a->results, QUOTE_MAX),
		a->answered && a->heard.len ? SLICE("\n") : SLICE(""),
		a->answered && !a->heard.len ? SLICE("") : SLICE("You said: "),
		cut(a->heard, QUOTE_MAX),
	};
	/* Here the user's words stand before the call, not beside it. */
	bool results_only = a->answered && (a->dialect == DIALECT_CHAT ||
	    a->dialect == DIALECT_RESPONSES);

	return arena_join(arena, pieces, results_only ? 1 : 4);
}

/* End the text before `stop` if that is in it. */
static void
stop_at(struct speech *s, struct arena *arena, struct jval stop)
{
	struct slice plain = text_unescape(arena, jval_text(stop));
	size_t at = plain.len ? slice_find(s->text, plain) : SIZE_MAX;

	if (at == SIZE_MAX)
		return;
	s->text.len = at;
	s->finish = FINISH_SEQUENCE;
	s->sequence = plain;
}

static void
heed_limits(struct speech *s, const struct prompt *a, struct arena *arena)
{
	uint64_t max = a->max_tokens * BYTES_PER_TOKEN;

	if (jval_is(a->stops, JSON_STRING))
		stop_at(s, arena, a->stops);
	if (jval_is(a->stops, JSON_ARRAY))
		for (struct jval v = jval_first(a->stops); !jval_at_end(v);
		    v = jval_next(v))
			stop_at(s, arena, v);
	if (a->max_tokens && a->max_tokens < SIZE_MAX / BYTES_PER_TOKEN &&
	    s->text.len > max) {
		s->text = cut(s->text, (size_t)max);
		s->finish = FINISH_LENGTH;
	}
}

/* A text that the script orders is as long as it says, whatever was asked. */
static void
compose_text(struct speech *s, const struct prompt *a,
    const struct script *script, struct arena *arena)
{
	size_t events = script->events > 0 ? (size_t)script->events : 0;

	if (script->text >= 0) {
		s->text = fill(arena, (size_t)script->text);
	} else {
		s->text = quote(a, arena);
		if (s->text.len < events)
			s->text = fill(arena, events * BYTES_PER_TOKEN);
		else
			heed_limits(s, a, arena);
	}
	s->pieces = s->text.len / PIECE;
	if (s->pieces < PIECES_MIN)
		s->pieces = PIECES_MIN;
	if (s->pieces > PIECES_MAX)
		s->pieces = PIECES_MAX;
	if (events)
		s->pieces = events;
}

/* ---- tools ---- */

/* What a program reminds of, and what a gateway wraps for a user to say. */
static const struct {
	struct slice	begin, end;
} asides[] = {
	{ SLICE_INIT("<system-reminder>"), SLICE_INIT("</system-reminder>") },
	{ SLICE_INIT("<developer_message>"),
	  SLICE_INIT("</developer_message>") },
};

/* Take what stands before the first aside, and that aside, off the front. */
static struct slice
take_said(struct slice *heard)
{
	size_t at = heard->len, past = heard->len;
	struct slice said;

	for (size_t i = 0; i < sizeof asides / sizeof *asides; i++) {
		size_t from = slice_find(*heard, asides[i].begin), to;

		if (from >= at)
			continue;
		to = slice_find(slice_skip(*heard, from), asides[i].end);
		at = from;
		past = to == SIZE_MAX ? heard->len
		    : from + to + asides[i].end.len;
	}
	said = slice_sub(*heard, 0, at);
	*heard = slice_skip(*heard, past);
	return said;
}

/* Programs remind of their tools in every turn: that is no request. */
static bool
asks_for_tool(struct slice heard)
{
	while (heard.len) {
		struct slice said = take_said(&heard);

		if (slice_find_ci(said, SLICE("call")) != SIZE_MAX ||
		    slice_find_ci(said, SLICE("tool")) != SIZE_MAX)
			return true;
	}
	return false;
}

static size_t
count_calls(const struct prompt *a, const struct script *script)
{
	size_t n = 0;

	if (!a->tool_count || a->answered || a->choice == CHOICE_NONE)
		return 0;
	if (script->tools >= 0)
		n = (size_t)script->tools;
	else if (a->choice != CHOICE_AUTO || asks_for_tool(a->heard))
		n = 1;
	return a->serial && n > 1 ? 1 : n;
}

static const struct prompt_tool *
pick(const struct prompt *a, size_t i)
{
	for (size_t t = 0; a->choice == CHOICE_ONE && t < a->tool_count; t++)
		if (slice_eq(a->tools[t].name, a->chosen))
			return &a->tools[t];
	return &a->tools[i % a->tool_count];
}

static void
compose_calls(struct speech *s, const struct prompt *a,
    const struct script *script, struct arena *arena)
{
	size_t ordered, n;
	struct order *orders = order_read(a, arena, &ordered);
	struct call *calls;

	n = ordered ? ordered : count_calls(a, script);
	calls = arena_array(arena, n + 1, sizeof *calls);
	if (!calls || !n)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct prompt_tool *tool = ordered ? orders[i].tool
		    : pick(a, i);

		calls[i] = (struct call){
			.id = arena_fmt(arena, "%.*s%02zx",
			    (int)s->id.len - 2, s->id.ptr, i),
			.name = tool->name,
			.space = tool->space,
			.arguments = ordered ? orders[i].arguments
			    : tool->custom ? SLICE("x")
			    : invent_arguments(arena, tool->schema),
			.custom = tool->custom,
		};
	}
	s->calls = calls;
	s->call_count = n;
	s->finish = FINISH_CALLS;
}

/* ---- */

static uint64_t
estimate(const struct speech *s)
{
	size_t bytes = s->think.len + s->text.len;

	for (size_t i = 0; i < s->call_count; i++)
		bytes += s->calls[i].name.len + s->calls[i].arguments.len;
	return bytes / BYTES_PER_TOKEN + 1;
}

void
speech_compose(struct speech *s, const struct prompt *a,
    const struct script *script, uint64_t number, struct arena *arena)
{
	*s = (struct speech){
		.id = arena_fmt(arena, "%08" PRIx32 "%014" PRIx64 "00",
		    crc32(a->root.doc->text), number),
		.created = clock_wall_s(), .usage = !script->nousage,
		.tokens_in = a->tokens,
	};
	if (s->id.len < ID_DIGITS)
		return;		/* no memory: the arena says so */
	if (script->think || a->reason)
		s->think = arena_fmt(arena, "The user wrote %zu bytes. "
		    "I will say them back.", a->heard.len);
	if (script->refuse) {
		s->text = SLICE("I cannot help with that.");
		s->pieces = PIECES_MIN;
		s->finish = FINISH_REFUSED;
		s->tokens_out = estimate(s);
		return;
	}
	compose_calls(s, a, script, arena);
	if (!s->call_count)
		compose_text(s, a, script, arena);
	s->tokens_out = estimate(s);
}
