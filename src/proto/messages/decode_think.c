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
	if (!e->raw.len)
		return true;
	if (crc32(text_unescape(d->arena, into->text)) != e->crc)
		return false;
	into->signature = e->raw;
	into->vendor = e->vendor;
	return true;
}

static bool
open_envelope(struct decoder *d, struct ir_block *into,
    const struct envelope *e)
{
	switch (e->kind) {
	case 'h':
		into->text = unhide(d, e->raw);
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

/* A map of signatures by tool-call id, for the calls of this message. */
static void
read_map(struct decoder *d, struct slice raw)
{
	struct json *map = arena_alloc(d->arena, sizeof *map);
	struct json_fault fault;
	struct slice plain;

	if (map && base64_decode(d->arena, raw, &plain) &&
	    json_parse(map, d->arena, plain, MAP_MAX, &fault))
		d->call_signatures = json_root(map);
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
	if (e.kind == 'm')
		read_map(d, e.raw);
	into->text = e.raw;
	into->vendor = e.vendor;
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
