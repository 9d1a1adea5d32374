/*
 * Thinking in the history of a Messages request.  What another vendor signed
 * went to the client in an envelope (proto/names.h), which is opened here.
 */
#include "base/hash.h"
#include "json/text.h"
#include "proto/messages/decode.h"
#include "proto/names.h"

/* Base64url back into escaped text; empty if it is neither. */
static struct slice
unhide(struct decoder *d, struct slice raw)
{
	struct slice plain;

	if (!base64_decode(d->arena, raw, &plain) || !utf8_ok(plain))
		return SLICE("");
	return text_escape(d->arena, plain);
}

/* False: the text is not what was signed: its maker would refuse the pair. */
static bool
take_signature(struct decoder *d, struct ir_block *into,
    const struct envelope *e)
{
	if (!e->raw.len) {
		/* Whose it is; "other" says nothing. */
		into->vendor = e->vendor == IR_OTHER ? IR_NOBODY : e->vendor;
		return true;
	}
	if (crc32(text_unescape(d->arena, into->text)) != e->crc)
		return false;
	into->signature = e->raw;
	into->vendor = e->vendor;
	envelope_split_item(e->vendor, &into->signature, &into->item);
	return true;
}

static bool
open_envelope(struct decoder *d, struct ir_block *into,
    const struct envelope *e)
{
	switch (e->kind) {
	case 'h':
		into->text = unhide(d, e->raw);
		into->vendor = e->vendor == IR_OTHER ? IR_NOBODY : e->vendor;
		return true;
	case 'f':
		d->call_signature = e->raw;
		return true;
	case 'r':
		return take_signature(d, into, e);
	}
	return true;
}

bool
messages_read_thinking(struct decoder *d, struct jval v, struct ir_block *into)
{
	struct slice signature = jval_get_text(v, "signature");
	struct envelope e;

	into->text = text_mend(d->arena, jval_get_text(v, "thinking"));
	if (envelope_read(signature, &e)) {
		if (!open_envelope(d, into, &e))
			return false;
	} else if (signature.len && !envelope_is(signature)) {
		into->signature = signature;
		into->vendor = IR_ANTHROPIC;
	}
	return into->text.len || into->signature.len;
}

/* Keys and values of a map, which is searched for every call. */
enum { MAP_MAX = 1000 };

/* JSON in base64url; absent if it is none. */
static struct jval
read_json(struct decoder *d, struct slice raw)
{
	struct json *doc = arena_alloc(d->arena, sizeof *doc);
	struct json_fault fault;
	struct slice plain;

	if (doc && base64_decode(d->arena, raw, &plain) &&
	    json_parse(doc, d->arena, plain, MAP_MAX, &fault))
		return json_root(doc);
	return (struct jval){ 0 };
}

/* An entry of OpenRouter's, which must go back as it was. */
static bool
read_entry(struct decoder *d, struct slice raw, struct ir_block *into)
{
	struct jval entry = read_json(d, raw);

	into->id = jval_get_text(entry, "id");
	into->name = jval_get_text(entry, "format");
	into->text = jval_get_text(entry, "data");
	return into->text.len > 0;
}

bool
messages_read_redacted(struct decoder *d, struct jval v, struct ir_block *into)
{
	struct slice data = jval_get_text(v, "data");
	struct envelope e = {
		.vendor = IR_ANTHROPIC, .kind = 'd', .raw = data,
	};

	if (envelope_is(data) && !envelope_read(data, &e))
		return false;
	/* Signatures by tool-call id, for the calls of this message. */
	if (e.kind == 'm')
		d->call_signatures = read_json(d, e.raw);
	into->vendor = e.vendor;
	if (e.kind == 'e')
		return read_entry(d, e.raw, into);
	into->text = e.raw;
	return e.kind == 'd' && e.raw.len;
}

struct slice
messages_call_signature(struct decoder *d, struct slice id)
{
	struct slice signature = d->call_signature;
	char *key = arena_cstr(d->arena, text_unescape(d->arena, id));

	d->call_signature = (struct slice){ 0 };
	if (!signature.len && key)
		signature = jval_get_text(d->call_signatures, key);
	return signature;
}
