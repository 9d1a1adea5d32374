#include "proto/responses/items.h"

#include "base/hash.h"
#include "proto/names.h"

struct item *
items_last(struct items *s)
{
	return s->outcome.last;
}

/* ---- items ---- */

struct item *
items_add(struct items *s, enum item_type type)
{
	struct item *item = outcome_add(&s->outcome, type);

	s->state = item ? STATE_OPEN : STATE_NONE;
	return item;
}

static void
tell_done(struct items *s, struct item *item, bool cut)
{
	item->status = cut ? ITEM_INCOMPLETE : ITEM_COMPLETED;
	tell_item(&s->tell, "response.output_item.done", item);
}

/* An item that comes whole. */
void
items_add_whole(struct items *s, struct item *item)
{
	if (!item)
		return;
	tell_item(&s->tell, "response.output_item.added", item);
	tell_done(s, item, false);
	s->state = STATE_NONE;
}

void
items_add_sealed(struct items *s, struct slice sealed)
{
	struct item *item = items_add(s, ITEM_REASONING);

	if (item)
		item->sealed = arena_dup(s->talk->arena, sealed);
	items_add_whole(s, item);
}

/* The last item is over: nothing more of it can come. */
void
items_finish(struct items *s, bool cut)
{
	struct item *item = items_last(s);
	struct slice late = s->late;

	if (s->state != STATE_OPEN && s->state != STATE_CLOSED)
		return;
	if (cut && s->state == STATE_CLOSED && item->type != ITEM_MESSAGE &&
	    item->type != ITEM_REASONING && item_is_whole(item,
	    s->talk->scratch))
		cut = false;
	s->state = STATE_NONE;
	tell_done(s, item, cut);
	s->late = (struct slice){ 0 };
	if (late.len)
		items_add_sealed(s, late);
}

void
items_lose(struct items *s)
{
	loss_add(&s->talk->losses, s->talk->arena, LOSS_DROPPED,
	    "answer.content[%u]", s->blocks - 1);
}

/* ---- signatures ---- */

struct slice
items_seal(struct items *s, enum ir_vendor vendor, char kind, uint32_t crc,
    struct slice raw)
{
	if (envelope_is(raw))
		return raw;
	return envelope_make(s->talk->scratch, vendor, kind, crc, raw);
}

/* As a reasoning item in front of what it signs. */
void
items_carry(struct items *s, char kind)
{
	if (s->signature.len)
		items_add_sealed(s, items_seal(s, s->signer, kind, 0,
		    s->signature));
	s->signature = (struct slice){ 0 };
}

/* It came when it was too late to stand in front of its call. */
void
items_carry_behind(struct items *s, struct slice call_id)
{
	struct arena *scratch = s->talk->scratch;
	struct slice map;

	if (!s->signature.len)
		return;
	map = arena_fmt(scratch, "{\"%.*s\":\"%.*s\"}", SLICE_FMT(call_id),
	    SLICE_FMT(s->signature));
	s->late = arena_dup(s->talk->arena, items_seal(s, s->signer, 'm', 0,
	    base64url_encode(scratch, map)));
	s->signature = (struct slice){ 0 };
}
