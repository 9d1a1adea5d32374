/*
 * A Responses body on its way to a provider that speaks Responses, too: what
 * an earlier turn's answer brought of other vendors is taken out, what is
 * OpenAI's own taken out of its envelope.
 */
#include "proto/names.h"
#include "proto/pass.h"
#include "proto/responses/responses.h"

static void
open_own(struct talk *talk, struct jval item, struct slice raw,
    struct splice *splice)
{
	struct slice id = { 0 };

	if (slice_chr(raw, ':') != SIZE_MAX)
		id = slice_cut(&raw, ':');
	splice_set(splice, item, "encrypted_content", arena_fmt(talk->arena,
	    "\"%.*s\"", SLICE_FMT(raw)));
	if (id.len)
		splice_set(splice, item, "id", arena_fmt(talk->arena,
		    "\"%.*s\"", SLICE_FMT(id)));
}

/*
 * A thought that is neither sealed nor kept by the provider is nothing to it
 * but an id that it does not know.
 */
static void
open_envelopes(struct talk *talk, struct jval body, struct splice *splice)
{
	bool stored = !jval_is(jval_get(body, "store"), JSON_FALSE);
	struct jval input = jval_get(body, "input"), v;

	if (!jval_is(input, JSON_ARRAY))
		return;
	for (v = jval_first(input); !jval_at_end(v); v = jval_next(v)) {
		struct slice sealed = jval_get_text(v, "encrypted_content");
		struct envelope e;

		if (!sealed.len && !stored &&
		    jval_text_is(jval_get(v, "type"), "reasoning"))
			splice_drop(splice, input, v);
		if (!envelope_is(sealed))
			continue;
		if (envelope_read(sealed, &e) && e.vendor == IR_OPENAI &&
		    (e.kind == 'r' || e.kind == 'd') && e.raw.len)
			open_own(talk, v, e.raw, splice);
		else
			splice_drop(splice, input, v);
	}
}

bool
responses_pass(struct talk *talk, struct jval body, struct splice *splice)
{
	if (!pass_begin(talk, &body, splice))
		return false;
	open_envelopes(talk, body, splice);
	/* the provider does not know the answer that stands in the input now */
	if (talk->recalled)
		splice_remove(splice, body, "previous_response_id");
	return (!talk_options(talk)->same_quirks ||
	    responses_pass_quirks(talk, body, splice)) &&
	    pass_end(talk, body, splice);
}
