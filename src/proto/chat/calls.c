#include "proto/chat/calls.h"

#include "json/text.h"
#include "proto/args.h"
#include "proto/gather.h"

/* Arguments as escaped text; some providers send the object itself. */
static struct slice
args_text(struct arena *scratch, struct jval args, bool whole)
{
	struct slice text = jval_text(args);

	if (jval_ok(args) && !jval_is(args, JSON_STRING))
		text = gather_escaped_json(scratch, jval_raw(args));
	/* What is whole can be mended; what streams has been sent. */
	if (whole)
		text = text_escape(scratch, args_object(scratch,
		    text_unescape(scratch, text)));
	return text;
}

/* An index may be -1, or missing. */
static bool
call_index(struct jval v, int64_t *at)
{
	uint64_t n;

	if (!jval_is(v, JSON_NUMBER))
		return false;
	*at = jval_u64(v, &n) && n <= INT32_MAX ? (int64_t)n : -1;
	return true;
}

static struct slice
signature_in(struct jval extra)
{
	return jval_text(jval_get2(extra, "google", "thought_signature"));
}

/* `signature` stands beside the calls: it is of the first. */
static void
put_call(struct segments *s, struct jval call, bool whole, bool beside,
    struct slice signature)
{
	struct jval custom = jval_get(call, "custom");
	struct jval function = jval_get(call, "function");
	struct segment_call c = {
		.id = jval_get_text(call, "id"),
		.whole = whole,
		.custom = jval_is(custom, JSON_OBJECT),
		.beside = beside,
		.signature = signature_in(jval_get(call, "extra_content")),
		.vendor = IR_GOOGLE,
	};

	if (!c.signature.len && !beside)
		c.signature = signature;
	c.indexed = call_index(jval_get(call, "index"), &c.index);
	c.name = jval_get_text(c.custom ? custom : function, "name");
	c.args = c.custom ? jval_get_text(custom, "input") :
	    args_text(s->talk->scratch, jval_get(function, "arguments"),
	    whole);
	segments_call(s, &c);
}

void
calls_put(struct segments *s, const struct calls *calls, bool whole)
{
	struct slice signature = signature_in(calls->extra);
	bool beside = false;

	if (jval_is(calls->list, JSON_ARRAY))
		for (struct jval c = jval_first(calls->list);
		    !jval_at_end(c); c = jval_next(c)) {
			put_call(s, c, whole, beside, signature);
			beside = true;
		}
	else if (jval_is(calls->list, JSON_OBJECT))
		put_call(s, calls->list, whole, false, signature);
	if (signature.len && !s->calls_begun)
		segments_sign_open(s, signature, IR_GOOGLE);
	/* Some say the first call in the old form, too. */
	if (!jval_is(calls->function, JSON_OBJECT) ||
	    (s->calls_begun && !s->old_form))
		return;
	s->old_form = true;
	segments_call(s, &(struct segment_call){
	    .indexed = true,
	    .name = jval_get_text(calls->function, "name"),
	    .args = args_text(s->talk->scratch,
	    jval_get(calls->function, "arguments"), whole) });
}
