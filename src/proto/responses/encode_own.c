/*
 * What OpenAI's clients send to OpenAI, and no other provider would know: its
 * own forms of tools and their calls.
 */
#include "json/text.h"
#include "proto/responses/encode.h"

bool
responses_is_own(const struct encoder *e)
{
	return (e->quirks->dialect == DIALECT_OPENAI ||
	    e->quirks->dialect == DIALECT_OPENAI_REASONING) &&
	    e->talk->client && e->talk->client->id == PROTO_RESPONSES;
}

/* Of a local shell the id is part of the call. */
static bool
keeps_id(struct jval item)
{
	return slice_starts(jval_get_text(item, "type"),
	    SLICE("local_shell_call"));
}

void
responses_write_item(struct encoder *e, struct slice raw)
{
	struct json doc;
	struct json_fault fault;
	struct jval item;

	write_object(&e->w);
	if (json_parse(&doc, e->arena, text_mend(e->arena, raw), 0, &fault)) {
		item = json_root(&doc);
		for (struct jval k = jval_first(item); !jval_at_end(k);
		    k = jval_next(k)) {
			if (jval_text_is(k, "id") && !keeps_id(item))
				continue;
			write_key_text(&e->w, jval_text(k));
			write_min(&e->w, jval_raw(jval_value(k)));
		}
	}
	write_end(&e->w);
}

static struct slice
find_space(struct jval tools, struct slice name)
{
	if (jval_is(tools, JSON_ARRAY))
		for (struct jval t = jval_first(tools); !jval_at_end(t);
		    t = jval_next(t))
			if (jval_text_is(jval_get(t, "type"), "namespace") &&
			    slice_eq(jval_get_text(t, "name"), name))
				return jval_get_text(t, "description");
	return (struct slice){ 0 };
}

struct slice
responses_space_says(const struct encoder *e, struct slice name)
{
	struct jval body = e->request->body, input, v;
	struct slice says = find_space(jval_get(body, "tools"), name);

	input = jval_get(body, "input");
	if (says.ptr || !jval_is(input, JSON_ARRAY))
		return says;
	for (v = jval_first(input); !jval_at_end(v) && !says.ptr;
	    v = jval_next(v))
		says = find_space(jval_get(v, "tools"), name);
	return says;
}
