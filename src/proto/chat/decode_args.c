#include "proto/chat/decode.h"

#include "json/text.h"
#include "json/write.h"
#include "proto/args.h"
#include "proto/gather.h"

static struct slice
wrap(struct decoding *d, const char *key, struct slice json, bool text,
    bool *wrapped)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	write_object(&w);
	write_key(&w, key);
	if (text)
		write_text(&w, json);
	else
		write_min(&w, json);
	write_end(&w);
	*wrapped = true;
	return gather(d->arena, &out);
}

static char
first_byte(struct slice json)
{
	json = slice_trim(json);
	return json.len ? *json.ptr : '\0';
}

static bool
is_json(struct slice text)
{
	struct json_fault fault;
	uint32_t tokens;

	return json_check(text, ARGS_DEPTH_MAX, &tokens, &fault);
}

/*
 * A history cannot be mended by who sends it, so arguments that make no sense
 * are told to the model as they are instead of refusing them.
 */
struct slice
chat_arguments(struct decoding *d, struct jval v, bool *wrapped)
{
	struct slice text, inner;

	*wrapped = false;
	if (jval_is(v, JSON_OBJECT))
		return chat_mend(d, jval_raw(v));
	if (!jval_ok(v) || text_blank(jval_text(v)))
		return jval_ok(v) && !jval_is(v, JSON_STRING) ?
		    wrap(d, "value", jval_raw(v), false, wrapped) : SLICE("{}");
	text = slice_trim(text_unescape(d->arena, jval_text(v)));
	if (!is_json(text))
		return wrap(d, "_raw_arguments", chat_text(d, v), true,
		    wrapped);
	if (first_byte(text) == '{')
		return chat_mend(d, text);
	if (first_byte(text) == '"') {		/* encoded twice */
		inner = slice_sub(text, 1, text.len - 2);
		inner = slice_trim(text_unescape(d->arena, inner));
		if (first_byte(inner) == '{' && is_json(inner))
			return chat_mend(d, inner);
	}
	return wrap(d, "value", chat_mend(d, text), false, wrapped);
}
