/*
 * Function calls of a Gemini request and the responses to them.  Ids are
 * optional in this protocol: those that lack are made of where the call
 * stands and what it says, so that they are the same in every request.
 */
#include "proto/gemini/decode.h"

#include "base/hash.h"
#include "json/text.h"
#include "json/write.h"
#include "proto/gather.h"

enum { ID_DIGITS = 24 };

struct call {
	struct call	*next;		/* of the same name */
	struct ir_block	*block;
	uint32_t	 turn;
	bool		 answered;
};

/* The calls of one name; what is answered is passed by for good. */
struct call_queue {
	struct call	*oldest, *last;
	struct call	*recent;	/* oldest of the latest turn with one */
};

static struct slice
make_id(struct decoding *d, const char *prefix, struct slice name,
    struct slice text)
{
	struct slice seed = arena_fmt(d->arena, "%s%u:%u:%.*s:", prefix,
	    (unsigned)d->content, (unsigned)d->part, SLICE_FMT(name));

	seed = arena_join(d->arena, (const struct slice[]){ seed, text }, 2);
	return arena_fmt(d->arena, "call_%.*s",
	    SLICE_FMT(sha256_hex(d->arena, seed, ID_DIGITS)));
}

/* As an object without white space; of what is none, one is made. */
static struct slice
call_args(struct decoding *d, struct jval args)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	if (!jval_ok(args))
		return SLICE("{}");
	if (!jval_is(args, JSON_OBJECT)) {
		loss_add(&d->talk->losses, d->arena, LOSS_ADJUSTED,
		    "contents[%u].parts[%u].functionCall.args",
		    (unsigned)d->content, (unsigned)d->part);
		write_object(&w);
		write_key(&w, "value");
	}
	write_min(&w, text_mend(d->arena, jval_raw(args)));
	if (!jval_is(args, JSON_OBJECT))
		write_end(&w);
	return gather(d->arena, &out);
}

static bool
enter(struct decoding *d, struct ir_block *block)
{
	struct call_queue *q = map_get(&d->calls.names, block->name);
	struct call *call = arena_alloc(d->arena, sizeof *call);

	if (!call)
		return false;
	call->block = block;
	call->turn = d->calls.turn;
	if (!q) {
		q = arena_alloc(d->arena, sizeof *q);
		if (!q || !map_put(&d->calls.names, d->arena, block->name, q))
			return false;
		q->oldest = call;
	} else {
		q->last->next = call;
	}
	q->last = call;
	if (!q->oldest)
		q->oldest = call;
	if (!q->recent || q->recent->turn != call->turn)
		q->recent = call;
	return map_put(&d->calls.ids, d->arena, block->id, call);
}

bool
gemini_read_call(struct decoding *d, struct jval part, struct jval v)
{
	struct mark mark = gemini_mark(d, part);
	struct slice name = jval_get_text(v, "name");
	struct ir_block *b;

	if (!name.len)
		return gemini_refuse_part(d,
		    "functionCall.name must name a function");
	if (mark.kind == 'b' && !gemini_unbundle(d, &mark))
		return false;
	b = gemini_add(d, NULL, IR_CALL);
	if (!b)
		return false;
	b->name = name;
	b->args = call_args(d, jval_get(v, "args"));
	b->id = jval_get_text(v, "id");
	if (!b->id.len)
		b->id = make_id(d, "", name, b->args);
	if (mark.kind == 's') {
		b->signature = mark.raw;
		b->vendor = mark.vendor;
	}
	d->unsigned_from = b;
	d->call_count++;
	d->text_bytes_then = d->text_bytes;
	d->result = NULL;
	return enter(d, b);
}

/* ---- responses ---- */

static struct call *
first_open(struct call *call)
{
	while (call && call->answered)
		call = call->next;
	return call;
}

/* By its id, else the oldest open call of its name: in the latest turn that
 * has one, then anywhere. */
static struct call *
find_call(struct decoding *d, struct slice id, struct slice name)
{
	struct call *call = id.len ? map_get(&d->calls.ids, id) : NULL;
	struct call_queue *q;

	if (call)
		return call;
	q = map_get(&d->calls.names, name);
	if (!q)
		return NULL;
	if (q->recent && q->recent->turn == d->calls.turn)
		q->recent = first_open(q->recent);
	if (q->recent && q->recent->turn == d->calls.turn)
		return q->recent;
	q->oldest = first_open(q->oldest);
	return q->oldest;
}

/* The text of a response that is nothing but a text. */
static struct slice
plain_text(struct jval response, bool *is_error)
{
	static const char *const names[] = {
		"error", "output", "result", "content",
	};
	struct jval only = jval_first(response);

	*is_error = false;
	if (jval_is(response, JSON_STRING))
		return jval_text(response);
	if (!jval_is(response, JSON_OBJECT) || jval_count(response) != 1)
		return (struct slice){ 0 };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (jval_text_is(only, names[i])) {
			*is_error = i == 0 &&
			    jval_is(jval_value(only), JSON_STRING);
			return jval_text(jval_value(only));
		}
	return (struct slice){ 0 };
}

static bool
read_output(struct decoding *d, struct ir_block *result, struct jval response)
{
	struct slice text = plain_text(response, &result->is_error);
	struct ir_block *b;

	result->nocontent = !jval_ok(response);
	if (!jval_ok(response) || (text.ptr && !text.len))
		return true;
	b = gemini_add(d, &result->content, IR_TEXT);
	if (b)
		b->text = text_mend(d->arena, text.ptr ? text :
		    gather_escaped_json(d->arena, jval_raw(response)));
	return b;
}

static bool
read_shown(struct decoding *d, struct ir_block *result, struct jval parts)
{
	struct proto3_items it;
	bool found;

	for (it = proto3_items(parts); proto3_more(&it); proto3_next(&it)) {
		if (!gemini_read_media(d, it.at, &result->content, &found))
			return false;
		if (!found)
			loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
			    "contents[%u].parts[%u].functionResponse.parts",
			    (unsigned)d->content, (unsigned)d->part);
	}
	return true;
}

bool
gemini_read_result(struct decoding *d, struct jval v)
{
	struct slice name = jval_get_text(v, "name");
	struct slice id = jval_get_text(v, "id");
	struct call *call = find_call(d, id, name);
	struct ir_block *b = gemini_add(d, NULL, IR_RESULT);

	if (!b)
		return false;
	if (call) {
		call->answered = true;
		id = call->block->id;
	} else if (!id.len) {
		id = make_id(d, "r:", name, (struct slice){ 0 });
	}
	b->id = id;
	b->name = name.len || !call ? name : call->block->name;
	d->result = b;
	return read_output(d, b, jval_get(v, "response")) &&
	    read_shown(d, b, jval_get(v, "parts"));
}
