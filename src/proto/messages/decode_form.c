/*
 * How long the answer to a Messages request may be, where it stops, what form
 * it has and how hard to think about it.
 */
#include <stddef.h>

#include "json/text.h"
#include "proto/messages/decode.h"
#include "proto/reason.h"

/* Members that Chat has and clients send along. */
static const struct extension {
	const char	*name;
	enum json_type	 type;
	size_t		 offset;	/* of a slice in struct ir_request */
} extensions[] = {
	{ "seed", JSON_NUMBER, offsetof(struct ir_request, seed) },
	{ "frequency_penalty", JSON_NUMBER,
	    offsetof(struct ir_request, frequency_penalty) },
	{ "presence_penalty", JSON_NUMBER,
	    offsetof(struct ir_request, presence_penalty) },
	{ "verbosity", JSON_STRING, offsetof(struct ir_request, verbosity) },
	{ "prompt_cache_key", JSON_STRING,
	    offsetof(struct ir_request, cache_key) },
	{ "safety_identifier", JSON_STRING, offsetof(struct ir_request, user) },
	{ "user", JSON_STRING, offsetof(struct ir_request, user) },
};

static void
read_extensions(struct decoder *d, struct jval body)
{
	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
		const struct extension *x = &extensions[i];
		struct jval v = jval_get(body, x->name);
		struct slice *to = (struct slice *)(void *)
		    ((char *)d->request + x->offset);

		if (jval_is(v, x->type) && !to->ptr)
			*to = x->type == JSON_STRING ? jval_text(v) :
			    jval_raw(v);
	}
	if (jval_is(jval_get(body, "parallel_tool_calls"), JSON_FALSE))
		d->request->parallel = TRI_NO;
}

static bool
read_limit(struct decoder *d, struct slice max_tokens)
{
	uint64_t n;

	d->request->max_tokens = max_tokens;
	if (!max_tokens.len)
		return d->talk->count_only ||
		    messages_refuse(d, "max_tokens", "Field required");
	if (!slice_to_u64(max_tokens, INT64_MAX, &n))
		return messages_refuse(d, "max_tokens",
		    "must be an integer that is not negative");
	d->talk->prewarm = !n && !d->talk->count_only;
	return true;
}

static bool
read_stops(struct decoder *d, struct jval stops)
{
	if (!jval_ok(stops))
		return true;
	if (!jval_is(stops, JSON_ARRAY))
		return messages_refuse(d, "stop_sequences", "must be an array");
	for (struct jval s = jval_first(stops); !jval_at_end(s);
	    s = jval_next(s)) {
		if (!jval_is(s, JSON_STRING))
			return messages_refuse(d, "stop_sequences",
			    "must be an array of strings");
		if (jval_text(s).len && !ir_text_add(&d->request->stop,
		    d->arena, text_mend(d->arena, jval_text(s))))
			return false;
	}
	return true;
}

/* In Chat's spelling, for clients that send it along. */
static void
read_response_format(struct ir_request *request, struct jval v)
{
	struct jval schema = jval_get(v, "json_schema");
	struct jval strict = jval_get(schema, "strict");

	if (jval_text_is(jval_get(v, "type"), "json_object"))
		request->format = IR_FORMAT_JSON;
	if (!jval_text_is(jval_get(v, "type"), "json_schema") ||
	    !jval_is(jval_get(schema, "schema"), JSON_OBJECT))
		return;
	request->format = IR_FORMAT_SCHEMA;
	request->format_name = jval_get_text(schema, "name");
	request->format_schema = jval_raw(jval_get(schema, "schema"));
	if (jval_ok(strict))
		request->format_strict = jval_is_true(strict) ?
		    TRI_YES : TRI_NO;
}

static bool
read_format(struct decoder *d, struct jval body, struct jval output)
{
	struct jval format = jval_get(output, "format");
	struct jval schema;

	if (!jval_ok(format))
		format = jval_get(body, "output_format");
	if (!jval_ok(format)) {
		read_response_format(d->request,
		    jval_get(body, "response_format"));
		return true;
	}
	schema = jval_get(format, "schema");
	if (!jval_text_is(jval_get(format, "type"), "json_schema") ||
	    !jval_is(schema, JSON_OBJECT))
		return messages_refuse(d, "output_config.format",
		    "must be of type json_schema, with a schema");
	d->request->format = IR_FORMAT_SCHEMA;
	d->request->format_strict = TRI_YES;
	d->request->format_schema = text_mend(d->arena, jval_raw(schema));
	return true;
}

/* The tiers' names in the tree are Chat's; "auto" is the same as none. */
static void
read_tier(struct decoder *d, const struct top *top)
{
	if (slice_is(top->tier, "standard_only"))
		d->request->tier = SLICE("default");
}

bool
messages_read_form(struct decoder *d, struct jval body, const struct top *top)
{
	if (!read_limit(d, top->max_tokens) || !read_stops(d, top->stop))
		return false;
	reason_read_messages(&d->request->reasoning, d->arena,
	    &d->talk->losses, body);
	read_extensions(d, body);
	read_tier(d, top);
	return read_format(d, body, top->output);
}
