/*
 * Costs are in thousandths of a token per code point, by class; they were
 * fitted to the tokenizers in use and are right within a few per cent for
 * prose and code.
 */
#include "proto/estimate.h"

#include "proto/picture.h"
#include "proto/proto.h"

enum {
	COST_WORD = 250, COST_SIGN = 400, COST_LATIN = 400, COST_CJK = 1000,
	COST_EMOJI = 2000, COST_OTHER = 500,
	COST_UNIT = 50,			/* divides those of ASCII */
	PER_MESSAGE = 4, PER_SYSTEM = 4, PER_TOOL = 12,
	PER_PICTURE = 1600, PER_PAGE = 2000,
	FACTOR_DEFAULT = 10, FACTOR_CLAUDE = 13,	/* tenths */
};

static const struct {
	uint32_t	 from, to;
	uint64_t	 cost;
} classes[] = {
	{ 0x80, 0x24f, COST_LATIN },
	{ 0x2600, 0x27bf, COST_EMOJI },
	{ 0x3040, 0x30ff, COST_CJK },
	{ 0x3400, 0x4dbf, COST_CJK },
	{ 0x4e00, 0x9fff, COST_CJK },
	{ 0xac00, 0xd7a3, COST_CJK },
	{ 0xf900, 0xfaff, COST_CJK },
	{ 0xff00, 0xffef, COST_CJK },
	{ 0x1f000, 0x1faff, COST_EMOJI },
	{ 0x20000, 0x2fa1f, COST_CJK },
};

#define W	COST_WORD / COST_UNIT
#define S	COST_SIGN / COST_UNIT
#define SIGNS15	S, S, S, S, S, S, S, S, S, S, S, S, S, S, S
#define SIGNS16	SIGNS15, S

/*
 * In units, by what the character before it was; 0 for what stands for, or
 * begins, something else.  A backslash costs nothing, what it escapes a sign.
 */
static const uint8_t units[2][256] = {
	{					/* anything */
	SIGNS16, SIGNS16,
	W, SIGNS15,				/* the blank */
	W, W, W, W, W, W, W, W, W, W, S, S, S, S, S, S,
	S, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
	W, W, W, W, W, W, W, W, W, W, W, S, S, S, S, S,
	S, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
	W, W, W, W, W, W, W, W, W, W, W, S, S, S, S, S,
	}, {					/* a backslash */
	SIGNS16, SIGNS16, SIGNS16, SIGNS16, SIGNS16, SIGNS16, SIGNS16,
	S, S, S, S, S, 0,			/* the u */
	S, S, S, S, S, S, S, S, S, S,
	},
};

/*
 * Take what is ASCII off the front of *s, short escapes included: most of most
 * texts.  No branch depends on what is read, as long as it goes on.
 */
static uint64_t
count_ascii(struct slice *s)
{
	const char *at = s->ptr, *end = s->ptr + s->len;
	uint64_t sum = 0;
	unsigned escaped = 0, unit;

	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;

		unit = units[escaped][c];
		if (!unit)
			break;
		escaped = (c == '\\') & !escaped;
		sum += escaped ? 0 : unit;
	}
	if (escaped)
		at--;			/* one with four digits, or cut off */
	s->len = (size_t)(s->ptr + s->len - at);
	s->ptr = at;
	return sum * COST_UNIT;
}

static uint64_t
cost_ascii(unsigned char c)
{
	return units[0][c] * (uint64_t)COST_UNIT;
}

static uint64_t
cost(uint32_t point)
{
	if (point < 0x80)
		return cost_ascii((unsigned char)point);
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (point >= classes[i].from && point <= classes[i].to)
			return classes[i].cost;
	return COST_OTHER;
}

/* The code point that begins at s; *len is how many bytes it has. */
static uint32_t
utf8_point(struct slice s, size_t *len)
{
	unsigned char lead = (unsigned char)*s.ptr;
	size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	uint32_t point = lead & (0xffu >> (n + (n > 1)));

	*len = n < s.len ? n : s.len;
	for (size_t i = 1; i < *len; i++)
		point = point << 6 | ((unsigned char)s.ptr[i] & 0x3f);
	return point;
}

static uint32_t
hex4(const char *at)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)at[i] | 0x20u;

		n = n << 4 | (c >= 'a' ? c - 'a' + 10 : c - '0');
	}
	return n & 0xffff;
}

static bool
is_unicode_escape(struct slice s)
{
	return s.len >= 6 && s.ptr[0] == '\\' && s.ptr[1] == 'u';
}

/* The code point that the escape at s spells; *len is how long it is. */
static uint32_t
escaped_point(struct slice s, size_t *len)
{
	uint32_t high, low;

	*len = s.len < 2 ? s.len : 2;
	if (!is_unicode_escape(s))
		return s.len > 1 && (s.ptr[1] == 'n' || s.ptr[1] == 't') ?
		    '\n' : '"';
	*len = 6;
	high = hex4(s.ptr + 2);
	if (high < 0xd800 || high > 0xdbff || !is_unicode_escape(
	    slice_skip(s, 6)))
		return high;
	low = hex4(s.ptr + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return high;
	*len = 12;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

uint64_t
estimate_text(struct slice s)
{
	uint64_t sum = 0;
	size_t len;

	while (s.len) {
		sum += count_ascii(&s);
		if (!s.len)
			break;
		if (*s.ptr == '\\')
			sum += cost(escaped_point(s, &len));
		else
			sum += cost(utf8_point(s, &len));
		s.ptr += len;
		s.len -= len;
	}
	return sum;
}

/* JSON as a text of its own: escapes count as they are spelled, white space
 * between values does not count. */
static uint64_t
count_json(struct slice s)
{
	bool in_string = false, escape = false;
	uint64_t sum = 0;
	size_t len;

	for (; s.len; s.ptr += len, s.len -= len) {
		unsigned char c = (unsigned char)*s.ptr;

		len = 1;
		if (c >= 0x80)
			sum += cost(utf8_point(s, &len));
		else if (in_string || c > ' ')
			sum += cost_ascii(c);
		if (c == '"' && !escape)
			in_string = !in_string;
		escape = in_string && c == '\\' && !escape;
	}
	return sum;
}

struct count {
	uint64_t	 text;		/* thousandths of tokens */
	uint64_t	 whole;		/* tokens */
	bool		 thinking;	/* is it sent back to the model? */
};

static void
count_media(struct count *n, const struct ir_block *b)
{
	const struct ir_media *media = &b->media;
	uint32_t width, height;

	if (b->kind == IR_IMAGE) {
		n->whole += media->source == IR_DATA &&
		    picture_size(media->data, &width, &height) ?
		    picture_tokens(width, height) : PER_PICTURE;
	} else if (media->source == IR_INLINE) {
		n->text += estimate_text(media->data);
	} else if (b->kind == IR_DOCUMENT && media->source == IR_DATA) {
		n->whole += picture_pages(media->data) * PER_PAGE;
	} else {
		n->whole += PER_PICTURE;
	}
}

/* Content stands in results and documents, and documents in results. */
enum { DEPTH = 3 };

/* Calls itself for content, to DEPTH. */
static void
count_blocks(struct count *n, const struct ir_block *b, unsigned depth)
{
	for (; b; b = b->next) {
		switch (b->kind) {
		case IR_TEXT:
			n->text += estimate_text(b->text);
			break;
		case IR_THINK:
			n->text += n->thinking ? estimate_text(b->text) : 0;
			break;
		case IR_CALL:
			n->text += estimate_text(b->name) +
			    count_json(b->args);
			break;
		case IR_RESULT:
			if (depth < DEPTH)
				count_blocks(n, b->content, depth + 1);
			break;
		case IR_IMAGE:
		case IR_DOCUMENT:
		case IR_AUDIO:
		case IR_VIDEO:
			count_media(n, b);
			if (depth < DEPTH)
				count_blocks(n, b->media.content, depth + 1);
			break;
		case IR_REDACTED:
		case IR_OPAQUE:
			break;
		}
	}
}

static void
count_tools(struct count *n, const struct ir_tool *tool)
{
	for (; tool; tool = tool->next) {
		n->text += estimate_text(tool->name) +
		    estimate_text(tool->description) +
		    count_json(tool->schema);
		n->whole += PER_TOOL;
	}
}

/* Claude's tokenizer of 4.7 and later makes up to a third more of a text. */
static uint64_t
factor(const struct talk *talk)
{
	struct slice model = talk->model.len ? talk->model :
	    talk->client_model;
	struct quirks q;

	if (slice_find_ci(model, SLICE("claude")) == SIZE_MAX)
		return FACTOR_DEFAULT;
	quirks_find(&q, DIALECT_ANTHROPIC, model);
	return q.sampling || !(q.think & THINK_ADAPTIVE) ?
	    FACTOR_DEFAULT : FACTOR_CLAUDE;
}

uint64_t
estimate_request(const struct talk *talk)
{
	const struct ir_request *request = talk->request;
	const struct ir_turn *turn;
	struct count n = {
		.thinking = talk->quirks.replay != REPLAY_NO,
	};

	count_blocks(&n, request->system, 0);
	if (request->system)
		n.whole += PER_SYSTEM;
	for (turn = request->first; turn; turn = turn->next) {
		count_blocks(&n, turn->first, 0);
		n.whole += PER_MESSAGE;
	}
	count_tools(&n, request->tools);
	n.text += count_json(request->format_schema);
	n.whole += (n.text + 999) / 1000;
	return (n.whole * factor(talk) + 9) / 10;
}
