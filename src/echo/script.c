#include "echo/script.h"

#include <stddef.h>

enum kind {
	SWITCH,			/* bool: the word alone */
	NUMBER,			/* int64_t: word=N */
	MAYBE,			/* int64_t: word=N, or the word for `alone` */
	TEXT,			/* struct slice: word=TEXT */
};

struct word {
	const char	*name;
	enum kind	 kind;
	size_t		 offset;
	uint64_t	 max;
	const char	*what;
	int64_t		 alone;
};

enum {
	MS_MAX = 600 * 1000,
	COUNT_MAX = 1000 * 1000,
	EVENTS_MAX = 100 * 1000,
	TEXT_MAX = 16 << 20,
	CALLS_MAX = 64,
	/* Statuses: of errors, and of any recorded answer. */
	ERROR_MIN = 400, SUCCESS_MIN = 200,
};

#define AT(member)	offsetof(struct script, member)

static const struct word words[] = {
	{ "delay", NUMBER, AT(delay), MS_MAX, "ms before the answer", 0 },
	{ "first", NUMBER, AT(first), MS_MAX,
	  "ms between the head and the first event", 0 },
	{ "drip", NUMBER, AT(drip), MS_MAX,
	  "ms between events (with bytes=N: between pieces)", 0 },
	{ "bytes", NUMBER, AT(bytes), TEXT_MAX,
	  "every write in pieces of N bytes", 0 },
	{ "slowhead", SWITCH, AT(slowhead), 0, "the head byte by byte", 0 },
	{ "status", NUMBER, AT(status), 599, "an error with this status", 0 },
	{ "retry", NUMBER, AT(retry), COUNT_MAX,
	  "retry-after: N with an error", 0 },
	{ "code", TEXT, AT(code), 0, "the error's code or type", 0 },
	{ "overflow", SWITCH, AT(overflow), 0,
	  "an error: the request is longer than the model reads", 0 },
	{ "fail", NUMBER, AT(fail), COUNT_MAX,
	  "the first N requests for this model name fail (503, or status=N)",
	  0 },
	{ "tag", TEXT, AT(tag), 0,
	  "no effect: makes a model name of its own for fail=N", 0 },
	{ "auth", SWITCH, AT(auth), 0, "401 without a credential", 0 },
	{ "hang", SWITCH, AT(hang), 0, "never answer", 0 },
	{ "error", MAYBE, AT(error), COUNT_MAX,
	  "an error in the stream after N events", 0 },
	{ "cut", MAYBE, AT(cut), TEXT_MAX,
	  "close after N events of a stream, or N bytes of a whole body", 0 },
	{ "rst", MAYBE, AT(rst), TEXT_MAX,
	  "the same with a reset; beside cut=N without a number", 0 },
	{ "badjson", SWITCH, AT(badjson), 0, "break the body's JSON", 0 },
	{ "nodone", SWITCH, AT(nodone), 0,
	  "leave out how a stream ends: [DONE], message_stop, ...", 0 },
	{ "nousage", SWITCH, AT(nousage), 0, "say nothing of tokens", 0 },
	{ "close", SWITCH, AT(close), 0,
	  "no length and no chunks: the body ends with the connection", 0 },
	{ "stale", SWITCH, AT(stale), 0,
	  "close after the answer without having said so", 0 },
	{ "json", SWITCH, AT(json), 0, "a whole answer even to a stream", 0 },
	{ "sse", SWITCH, AT(sse), 0, "a stream whatever was asked for", 0 },
	{ "crlf", SWITCH, AT(crlf), 0, "CR LF in the stream", 0 },
	{ "comments", SWITCH, AT(comments), 0,
	  "a comment before every event", 0 },
	{ "pings", SWITCH, AT(pings), 0, "a ping before every event", 0 },
	{ "tools", MAYBE, AT(tools), CALLS_MAX, "call N of the tools", 1 },
	{ "think", SWITCH, AT(think), 0, "reason before the answer", 0 },
	{ "refuse", SWITCH, AT(refuse), 0, "refuse to answer", 0 },
	{ "text", NUMBER, AT(text), TEXT_MAX, "N bytes of text", 0 },
	{ "events", NUMBER, AT(events), EVENTS_MAX, "the text in N deltas", 0 },
	{ "replay", TEXT, AT(replay), 0,
	  "the recorded answer of this name, see --replay-dir", 0 },
};

static void
set_number(struct script *s, const struct word *w, int64_t n)
{
	*(int64_t *)(void *)((char *)s + w->offset) = n;
}

static bool
set(struct script *s, const struct word *w, struct slice value)
{
	char *at = (char *)s + w->offset;
	uint64_t n;

	switch (w->kind) {
	case SWITCH:
		*(bool *)(void *)at = true;
		return !value.ptr;
	case TEXT:
		*(struct slice *)(void *)at = value;
		return value.len;
	case MAYBE:
		if (!value.ptr) {
			set_number(s, w, w->alone);
			return true;
		}
		/* fallthrough */
	case NUMBER:
		if (!slice_to_u64(value, w->max, &n))
			return false;
		set_number(s, w, (int64_t)n);
		return true;
	}
	return false;
}

static bool
direct(struct script *s, struct slice directive)
{
	struct slice value = directive;
	struct slice name = slice_cut(&value, '=');

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (slice_is(name, words[i].name))
			return set(s, &words[i], value);
	return false;
}

void
script_init(struct script *s)
{
	*s = (struct script){ 0 };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].kind == NUMBER || words[i].kind == MAYBE)
			set_number(s, &words[i], -1);
}

static bool
parts(char c)
{
	return c == '+' || c == ',' || c == ' ' || c == '\t';
}

bool
script_read(struct script *s, struct slice text, struct slice *wrong)
{
	for (size_t i = 0; i < text.len; i++) {
		size_t from = i;

		while (i < text.len && !parts(text.ptr[i]))
			i++;
		*wrong = slice_sub(text, from, i - from);
		if (wrong->len && !direct(s, *wrong))
			return false;
	}
	*wrong = SLICE("status");
	return s->status == -1 || s->status >= ERROR_MIN || (s->replay.len &&
	    s->fail == -1 && s->status >= SUCCESS_MIN);
}

void
script_help(struct buf *out)
{
	static const char *const forms[] = {
		[SWITCH] = "", [NUMBER] = "=N", [MAYBE] = "[=N]",
		[TEXT] = "=NAME",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t before = buf_len(out);

		buf_fmt(out, "  %s%s", words[i].name, forms[words[i].kind]);
		while (buf_len(out) - before < 16)
			buf_byte(out, ' ');
		buf_fmt(out, "%s\n", words[i].what);
	}
}
