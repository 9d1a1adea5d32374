#include "proto/place.h"

#include "json/text.h"

/* Bytes of UTF-8 that the four digits of a \u escape stand for. */
static int64_t
size_of_unit(const char *digits)
{
	if (digits[0] != '0' || digits[1] > '7')
		return 3;		/* lone surrogates too: U+FFFD */
	return digits[1] == '0' && digits[2] < '8' ? 1 : 2;
}

/* How many bytes the first character or escape has; *stands: unescaped. */
static size_t
step(struct slice escaped, int64_t *stands)
{
	*stands = 1;
	if (*escaped.ptr != '\\')
		return 1;
	if (escaped.len < 6 || escaped.ptr[1] != 'u')
		return 2;
	*stands = 4;
	if (escaped.len >= 12 && text_length(slice_sub(escaped, 0, 12)) == 1)
		return 12;		/* a surrogate pair */
	*stands = size_of_unit(escaped.ptr + 2);
	return 6;
}

uint64_t
place_bytes(struct slice escaped)
{
	uint64_t n = 0;
	int64_t stands;
	size_t run;

	while ((run = slice_chr(escaped, '\\')) != SIZE_MAX) {
		escaped = slice_skip(escaped, run);
		escaped = slice_skip(escaped, step(escaped, &stands));
		n += run + (uint64_t)stands;
	}
	return n + escaped.len;
}

/*
 * Where byte *bytes of the unescaped text is in the escaped one; what lies
 * behind its end is left in *bytes.  False if it is inside a character.
 */
static bool
find_byte(struct slice escaped, int64_t *bytes, size_t *at)
{
	int64_t stands;
	size_t i = 0;

	for (; i < escaped.len && *bytes > 0; *bytes -= stands)
		i += step(slice_skip(escaped, i), &stands);
	*at = i;
	return *bytes >= 0 && (i == escaped.len ||
	    ((unsigned char)escaped.ptr[i] & 0xc0) != 0x80);
}

static bool
is_counted(const struct ir_block *b)
{
	return b->kind == IR_TEXT && !b->refusal;
}

/* Is that many bytes into the turn's texts a place to split them? */
static bool
is_a_place(const struct ir_turn *turn, int64_t bytes)
{
	size_t at;

	for (const struct ir_block *b = turn->first; b && bytes; b = b->next)
		if (is_counted(b) && !find_byte(b->text, &bytes, &at))
			return false;
	return bytes == 0;
}

bool
place_fits(const struct ir_turn *turn, struct ir_block *const *thoughts,
    size_t count)
{
	int64_t text = 0, calls = 0;

	for (size_t i = 0; i < count; i++) {
		const struct ir_block *b = thoughts[i];

		if (b->text_offset < text || b->call_offset < calls ||
		    (b->text_offset > text &&
		    !is_a_place(turn, b->text_offset)))
			return false;
		text = b->text_offset;
		calls = b->call_offset;
	}
	return true;
}

/* Split so that `bytes` of the text stay in `b`; the rest stands behind it. */
static bool
split(struct arena *arena, struct ir_block *b, int64_t bytes)
{
	struct ir_block *rest = arena_alloc(arena, sizeof *rest);
	size_t at;

	if (!rest || !find_byte(b->text, &bytes, &at))
		return false;
	*rest = *b;
	rest->tail = NULL;
	rest->text = slice_skip(b->text, at);
	b->text = slice_sub(b->text, 0, at);
	b->cache = (struct slice){ 0 };	/* it marks the end */
	b->next = rest;
	return true;
}

struct laying {
	struct arena	*arena;
	struct ir_turn	*turn;		/* what is laid already */
	struct ir_block	*rest;
	int64_t		 text, calls;	/* that are laid */
};

/*
 * Lay what stood in front of the place, in the order of the turn; in one whose
 * texts were put together, calls go past the text behind the place.
 */
static bool
lay_up_to(struct laying *l, int64_t text, int64_t calls)
{
	struct ir_block **link = &l->rest, *b;

	while ((b = *link) && (l->text < text || l->calls < calls)) {
		int64_t size = is_counted(b) ?
		    (int64_t)place_bytes(b->text) : 0;

		if ((is_counted(b) && l->text >= text) ||
		    (b->kind == IR_CALL && l->calls >= calls)) {
			link = &b->next;
			continue;
		}
		if (l->text + size > text) {
			size = text - l->text;
			if (!split(l->arena, b, size))
				return false;
		}
		l->text += size;
		l->calls += b->kind == IR_CALL;
		*link = b->next;
		ir_turn_append(l->turn, b);
	}
	return true;
}

bool
place_thoughts(struct arena *arena, struct ir_turn *turn,
    struct ir_block *const *thoughts, size_t count)
{
	struct laying l = { .arena = arena, .turn = turn,
	    .rest = turn->first };

	turn->first = turn->last = NULL;
	for (size_t i = 0; i < count; i++) {
		if (!lay_up_to(&l, thoughts[i]->text_offset,
		    thoughts[i]->call_offset))
			return false;
		ir_turn_append(turn, thoughts[i]);
	}
	while (l.rest) {
		struct ir_block *b = l.rest;

		l.rest = b->next;
		ir_turn_append(turn, b);
	}
	return true;
}
