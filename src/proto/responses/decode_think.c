/*
 * Reasoning in the history of a Responses request.  What another vendor signed
 * went to the client in an envelope (proto/names.h), in an item of its own,
 * which is opened here.
 */
#include "base/hash.h"
#include "json/text.h"
#include "proto/names.h"
#include "proto/responses/decode.h"

enum { JSON_TOKENS_MAX = 1000 };

/* JSON in base64url; absent if it is none. */
static struct jval
read_json(struct decoder *d, struct slice raw)
{
	struct json *doc = arena_alloc(d->arena, sizeof *doc);
	struct json_fault fault;
	struct slice plain;

	if (doc && base64_decode(d->arena, raw, &plain) &&
	    json_parse(doc, d->arena, plain, JSON_TOKENS_MAX, &fault))
		return json_root(doc);
	return (struct jval){ 0 };
}

/* Summaries, or else the reasoning itself, as one text. */
static struct slice
join_texts(struct decoder *d, struct jval list)
{
	struct slice text = { 0 };

	if (!jval_is(list, JSON_ARRAY))
		return text;
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v)) {
		struct slice more = jval_get_text(v, "text");

		if (text.len && more.len)
			text = arena_join(d->arena, (struct slice[]){ text,
			    SLICE("\\n\\n"), more }, 3);
		else if (more.len)
			text = more;
	}
	return text_mend(d->arena, text);
}

static bool
add_thinking(struct decoder *d, struct slice text, struct slice signature,
    enum ir_vendor vendor, struct slice item)
{
	struct ir_block *b;

	if (!text.len && !signature.len)
		return true;
	b = responses_block(d, IR_ASSISTANT, IR_THINK);
	if (!b)
		return false;
	b->text = text;
	b->signature = signature;
	b->vendor = vendor;
	b->item = item;
	return true;
}

static bool
add_redacted(struct decoder *d, const struct envelope *e)
{
	struct jval entry = { 0 };
	struct ir_block *b;

	if (e->kind == 'e') {
		entry = read_json(d, e->raw);
		if (!jval_get_text(entry, "data").len)
			return true;
	}
	b = responses_block(d, IR_ASSISTANT, IR_REDACTED);
	if (!b)
		return false;
	b->vendor = e->vendor;
	b->text = e->raw;
	if (e->kind == 'e') {
		b->id = jval_get_text(entry, "id");
		b->name = jval_get_text(entry, "format");
		b->text = jval_get_text(entry, "data");
	}
	return true;
}

/* The text must be what was signed: its maker would refuse the pair. */
static bool
add_signed(struct decoder *d, const struct envelope *e, struct slice text)
{
	struct slice signature = e->raw, id = { 0 };
	enum ir_vendor vendor = e->vendor;

	if (!signature.len) {
		/* Whose it is; "other" says nothing. */
		if (vendor == IR_OTHER)
			vendor = IR_NOBODY;
	} else if (crc32(text_unescape(d->arena, text)) != e->crc) {
		responses_lost(d, LOSS_DROPPED, "encrypted_content");
		return true;
	}
	if (vendor == IR_OPENAI && slice_chr(signature, ':') != SIZE_MAX)
		id = slice_cut(&signature, ':');
	return add_thinking(d, text, signature, vendor, id);
}

/* Thinking that was not to be seen. */
static bool
add_hidden(struct decoder *d, const struct envelope *e)
{
	struct slice plain;

	if (!base64_decode(d->arena, e->raw, &plain) || !utf8_ok(plain))
		return true;
	return add_thinking(d, text_escape(d->arena, plain),
	    (struct slice){ 0 },
	    e->vendor == IR_OTHER ? IR_NOBODY : e->vendor,
	    (struct slice){ 0 });
}

/* All thinking in front of a call. */
static bool
add_bundle(struct decoder *d, const struct envelope *e)
{
	struct jval list = read_json(d, e->raw), v;
	struct envelope one = { .vendor = e->vendor, .kind = 'd' };

	if (!jval_is(list, JSON_ARRAY))
		return true;
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v)) {
		one.raw = jval_get_text(v, "data");
		if (one.raw.len ? !add_redacted(d, &one) :
		    !add_thinking(d, jval_get_text(v, "text"),
		    jval_get_text(v, "sig"), e->vendor, (struct slice){ 0 }))
			return false;
	}
	return true;
}

static bool
open_envelope(struct decoder *d, const struct envelope *e, struct slice text)
{
	struct ir_turn *turn = responses_turn(d, IR_ASSISTANT);

	if (!turn)
		return false;
	switch (e->kind) {
	case 'f':
		d->call_signature = e->raw;
		d->call_signer = e->vendor;
		break;
	case 't':
		d->text_signature = e->raw;
		d->text_signer = e->vendor;
		/* One that came behind its text. */
		if (turn->last && turn->last->kind == IR_TEXT &&
		    !turn->last->signature.len)
			responses_sign_text(d, turn->last);
		break;
	case 'm':
		d->signatures = read_json(d, e->raw);
		d->signer = e->vendor;
		if (turn->last && turn->last->kind == IR_CALL)
			responses_sign_call(d, turn->last);
		break;
	case 'r':
		return add_signed(d, e, text);
	case 'd':
	case 'e':
		return add_redacted(d, e);
	case 'h':
		return add_hidden(d, e);
	case 'b':
		return add_bundle(d, e);
	}
	return !text.len || add_thinking(d, text, (struct slice){ 0 },
	    IR_NOBODY, (struct slice){ 0 });
}

bool
responses_read_reasoning(struct decoder *d, struct jval v)
{
	struct slice sealed = jval_get_text(v, "encrypted_content");
	bool compact = jval_text_is(jval_get(v, "type"), "compaction");
	struct slice text = join_texts(d, jval_get(v, "summary"));
	struct envelope e;

	if (!text.len)
		text = join_texts(d, jval_get(v, "content"));
	if (envelope_read(sealed, &e))
		return open_envelope(d, &e, text);
	/* It holds all of the conversation before it, which only OpenAI can
	 * read: without it the rest makes no sense. */
	if (compact && !d->kin)
		return responses_refuse_item(d, FAIL_UNSUPPORTED,
		    "unsupported_item", "type", "Items of type 'compaction' "
		    "are not supported by this gateway.");
	if (compact) {
		struct ir_block *b = responses_block(d, IR_ASSISTANT,
		    IR_OPAQUE);

		if (!b)
			return false;
		b->vendor = IR_OPENAI;
		b->name = jval_get_text(v, "type");
		b->raw = jval_raw(v);
		return true;
	}
	if (envelope_is(sealed))
		sealed = (struct slice){ 0 };
	return add_thinking(d, text, sealed,
	    sealed.len ? IR_OPENAI : IR_NOBODY, jval_get_text(v, "id"));
}

void
responses_sign_call(struct decoder *d, struct ir_block *call)
{
	char *key = NULL;

	if (d->call_signature.len) {
		call->signature = d->call_signature;
		call->vendor = d->call_signer;
		d->call_signature = (struct slice){ 0 };
		return;
	}
	if (jval_ok(d->signatures) && !call->signature.len)
		key = arena_cstr(d->arena, text_unescape(d->arena, call->id));
	if (!key)
		return;
	call->signature = jval_get_text(d->signatures, key);
	call->vendor = call->signature.len ? d->signer : IR_NOBODY;
}

void
responses_sign_text(struct decoder *d, struct ir_block *text)
{
	if (!d->text_signature.len)
		return;
	text->signature = d->text_signature;
	text->vendor = d->text_signer;
	d->text_signature = (struct slice){ 0 };
}
