/*
 * Thinking comes back in whichever form the client keeps it: as
 * thinking_blocks (LiteLLM's, and ours at the end of a stream, where they are
 * whole), reasoning_details (ours and OpenRouter's), content parts, or text
 * without a signature.  The first form that is signed counts.
 */
#include "proto/chat/decode.h"

#include <stdlib.h>

#include "json/text.h"
#include "proto/gather.h"
#include "proto/names.h"
#include "proto/place.h"

struct thought {
	struct ir_block	*block;
	int64_t		 at;		/* index in the provider's answer */
	uint32_t	 order;		/* in which it came, to sort stably */
};

struct thoughts {
	struct thought	*list;
	size_t		 count, cap;
	bool		 is_signed, indexed;
};

static int64_t
get_offset(struct jval v, const char *name)
{
	uint64_t n;

	return jval_u64(jval_get(v, name), &n) && n < INT32_MAX ?
	    (int64_t)n : -1;
}

static enum ir_vendor
vendor_of(struct slice format)
{
	if (!format.len || slice_starts(format, SLICE("anthropic")))
		return IR_ANTHROPIC;
	if (slice_starts(format, SLICE("openai")))
		return IR_OPENAI;
	return slice_starts(format, SLICE("google")) ? IR_GOOGLE : IR_OTHER;
}

/* One of our envelopes says itself who made the signature in it. */
static void
open_envelope(struct ir_block *b, struct slice *signature)
{
	struct envelope e;

	if (!envelope_is(*signature))
		return;
	b->vendor = IR_OTHER;
	if (envelope_read(*signature, &e)) {
		b->vendor = e.vendor;
		*signature = e.raw;
	}
}

static struct ir_block *
add_thought(struct decoding *d, struct thoughts *t, enum ir_kind kind,
    struct jval from)
{
	struct ir_block *b = NULL;

	CHECK(t->count < t->cap);
	if (!chat_block_in(d, &b, kind))
		return NULL;
	b->text_offset = get_offset(from, "gw_text_offset");
	b->call_offset = get_offset(from, "gw_tool_offset");
	t->list[t->count] = (struct thought){ .block = b,
	    .at = get_offset(from, "index"), .order = (uint32_t)t->count };
	t->indexed &= t->list[t->count].at >= 0;
	t->count++;
	return b;
}

/* An entry of reasoning_details. */
static bool
read_detail(struct decoding *d, struct thoughts *t, struct jval v)
{
	struct jval type = jval_get(v, "type");
	struct slice format = jval_get_text(v, "format");
	bool summary = jval_text_is(type, "reasoning.summary");
	struct ir_block *b;

	if (jval_text_is(type, "reasoning.encrypted")) {
		b = add_thought(d, t, IR_REDACTED, v);
		if (!b)
			return false;
		b->vendor = vendor_of(format);
		b->text = jval_get_text(v, "data");
		b->id = jval_get_text(v, "id");
		open_envelope(b, &b->text);
		t->is_signed |= b->text.len > 0;
		return true;
	}
	if (!summary && !jval_text_is(type, "reasoning.text"))
		return true;
	b = add_thought(d, t, IR_THINK, v);
	if (!b)
		return false;
	b->vendor = vendor_of(format);
	b->text = chat_text(d, jval_get(v, summary ? "summary" : "text"));
	b->signature = jval_get_text(v, "signature");
	b->item = jval_get_text(v, "id");
	open_envelope(b, &b->signature);
	t->is_signed |= b->signature.len > 0;
	return true;
}

/* A block as Messages has it. */
static bool
read_block(struct decoding *d, struct thoughts *t, struct jval v)
{
	struct jval type = jval_get(v, "type");
	bool redacted = jval_text_is(type, "redacted_thinking");
	struct ir_block *b;
	struct slice *mark;

	if (!redacted && !jval_text_is(type, "thinking"))
		return true;
	b = add_thought(d, t, redacted ? IR_REDACTED : IR_THINK, v);
	if (!b)
		return false;
	mark = redacted ? &b->text : &b->signature;
	b->vendor = IR_ANTHROPIC;
	b->text = chat_text(d, jval_get(v, redacted ? "data" : "thinking"));
	b->signature = jval_get_text(v, "signature");
	open_envelope(b, mark);
	t->is_signed |= mark->len > 0;
	return true;
}

static bool
read_list(struct decoding *d, struct thoughts *t, struct jval list,
    bool (*read)(struct decoding *, struct thoughts *, struct jval))
{
	struct jval v;

	*t = (struct thoughts){ .indexed = true };
	if (!jval_is(list, JSON_ARRAY) || !jval_count(list))
		return true;
	t->cap = jval_count(list);
	t->list = arena_array(d->arena, t->cap, sizeof *t->list);
	if (!t->list)
		return false;
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		if (!read(d, t, v))
			return false;
	return true;
}

/* Among parts, each thought stands where it stood in the answer. */
static void
index_parts(struct thoughts *t, struct jval content)
{
	size_t n = 0;
	int64_t at = 0;

	for (struct jval v = jval_first(content); n < t->count;
	    v = jval_next(v), at++) {
		struct jval type = jval_get(v, "type");

		if (jval_text_is(type, "thinking") ||
		    jval_text_is(type, "redacted_thinking"))
			t->list[n++].at = at;
	}
}

/* Text without a signature: better than nothing, for those who want it. */
static bool
read_plain(struct decoding *d, struct thoughts *t, struct jval text)
{
	struct ir_block *b;

	if (!text_length(jval_text(text)))
		return true;
	*t = (struct thoughts){ .cap = 1 };
	t->list = arena_alloc(d->arena, sizeof *t->list);
	b = t->list ? add_thought(d, t, IR_THINK, (struct jval){ 0 }) : NULL;
	if (!b)
		return false;
	b->text = chat_text(d, text);
	return true;
}

/* --- fragments ------------------------------------------------------------ */

static int
by_index(const void *a, const void *b)
{
	const struct thought *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static bool
are_fragments(const struct thought *a, const struct thought *b)
{
	return a->at == b->at && a->block->kind == IR_THINK &&
	    b->block->kind == IR_THINK && a->block->vendor == b->block->vendor;
}

/* Join the run of fragments from `i` on into its first; returns its end. */
static size_t
join_run(struct decoding *d, struct thoughts *t, size_t i)
{
	struct ir_block *first = t->list[i].block;
	struct buf text = { 0 };
	size_t n = i + 1;

	while (n < t->count && are_fragments(&t->list[i], &t->list[n]))
		n++;
	if (n == i + 1)
		return n;
	for (size_t k = i; k < n; k++) {
		struct ir_block *b = t->list[k].block;

		buf_append(&text, b->text);
		if (!b->signature.len)
			continue;
		first->signature = b->signature;
		first->item = b->item;
	}
	first->text = gather(d->arena, &text);
	return n;
}

/* Clients that do not join a stream's details send each of them back. */
static void
join_fragments(struct decoding *d, struct thoughts *t)
{
	size_t kept = 0;

	if (!t->indexed || t->count < 2)
		return;
	qsort(t->list, t->count, sizeof *t->list, by_index);
	for (size_t i = 0; i < t->count; kept++) {
		size_t next = join_run(d, t, i);

		t->list[kept] = t->list[i];
		i = next;
	}
	t->count = kept;
}

/*
 * The most used client library keeps only the last of the details it got, and
 * the text apart.
 */
static void
complete_text(struct decoding *d, struct thoughts *t, struct jval text)
{
	struct ir_block *b = t->count == 1 ? t->list[0].block : NULL;

	if (b && b->kind == IR_THINK && !b->text.len)
		b->text = chat_text(d, text);
}

/* --- places --------------------------------------------------------------- */

/* The next block of a list. */
static struct ir_block *
pop(struct ir_block **list)
{
	struct ir_block *b = *list;

	if (b)
		*list = b->next;
	return b;
}

/* Exactly where each thought stood, if the client kept that, too. */
static bool
place_by_offset(struct decoding *d, struct ir_turn *turn,
    const struct thoughts *t, struct jval content, bool *placed)
{
	struct ir_block **list = arena_array(d->arena, t->count,
	    sizeof(void *));

	if (!list)
		return false;
	for (size_t i = 0; i < t->count; i++)
		list[i] = t->list[i].block;
	*placed = (!jval_ok(content) || jval_is(content, JSON_STRING)) &&
	    place_fits(turn, list, t->count);
	return !*placed || place_thoughts(d->arena, turn, list, t->count);
}

/*
 * Without offsets the index says where in the whole answer a thought stood;
 * what is left of the slots goes to text and calls, in their order.
 */
static bool
place_by_index(struct decoding *d, struct ir_turn *turn,
    const struct thoughts *t)
{
	struct ir_block **slots, *rest = turn->first;
	size_t total = t->count, free = 0;

	for (const struct ir_block *b = rest; b; b = b->next)
		total++;
	slots = arena_array(d->arena, total, sizeof(void *));
	if (!slots)
		return false;
	for (size_t i = 0; i < t->count; i++) {
		int64_t at = t->list[i].at;

		if (at >= 0 && (size_t)at < total && !slots[at]) {
			slots[at] = t->list[i].block;
			continue;
		}
		while (slots[free])
			free++;
		slots[free] = t->list[i].block;
	}
	turn->first = turn->last = NULL;
	for (size_t i = 0; i < total; i++)
		ir_turn_append(turn, slots[i] ? slots[i] : pop(&rest));
	return true;
}

bool
chat_read_thinking(struct decoding *d, struct ir_turn *turn,
    struct jval message)
{
	struct jval content = jval_get(message, "content");
	struct jval text = jval_get(message, "reasoning_content");
	struct thoughts t;
	bool placed;

	d->part = NOWHERE;
	if (!jval_is(text, JSON_STRING))
		text = jval_get(message, "reasoning");
	if (!read_list(d, &t, jval_get(message, "thinking_blocks"),
	    read_block))
		return false;
	if (!t.is_signed) {
		if (!read_list(d, &t, jval_get(message, "reasoning_details"),
		    read_detail))
			return false;
		join_fragments(d, &t);
	}
	if (!t.is_signed) {
		if (!read_list(d, &t, content, read_block))
			return false;
		index_parts(&t, content);
	}
	if (!t.is_signed && !read_plain(d, &t, text))
		return false;
	if (!t.count)
		return true;
	complete_text(d, &t, text);
	return place_by_offset(d, turn, &t, content, &placed) &&
	    (placed || place_by_index(d, turn, &t));
}
