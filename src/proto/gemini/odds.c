#include "proto/gemini/odds.h"

#include "json/text.h"
#include "json/write.h"
#include "proto/gather.h"
#include "proto/gemini/proto3.h"

/* The members of a token, which is an object that stays open. */
static void
put_token(struct arena *arena, struct writer *w, struct jval v)
{
	struct jval odds = proto3_get(v, "logProbability");

	write_object(w);
	write_member_text(w, "token", text_mend(arena,
	    jval_get_text(v, "token")));
	/* 0 is left out; what is no number is "-Infinity" */
	write_member_raw(w, "logprob", !jval_ok(odds) ? SLICE("0") :
	    jval_is(odds, JSON_NUMBER) ? jval_raw(odds) : SLICE("-9999.0"));
	write_member_raw(w, "bytes", SLICE("null"));
}

static void
put_others(struct arena *arena, struct writer *w, struct jval step)
{
	struct proto3_items it;

	write_key(w, "top_logprobs");
	write_array(w);
	for (it = proto3_items(jval_get(step, "candidates"));
	    proto3_more(&it); proto3_next(&it)) {
		put_token(arena, w, it.at);
		write_end(w);
	}
	write_end(w);
}

struct slice
odds_read(struct arena *arena, struct jval result)
{
	struct jval chosen = proto3_get(result, "chosenCandidates");
	struct proto3_items steps = proto3_items(proto3_get(result,
	    "topCandidates")), it;
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	if (!jval_is(chosen, JSON_ARRAY) || !jval_count(chosen))
		return (struct slice){ 0 };
	write_array(&w);
	for (it = proto3_items(chosen); proto3_more(&it); proto3_next(&it)) {
		struct jval step = { 0 };

		if (proto3_more(&steps)) {
			step = steps.at;
			proto3_next(&steps);
		}
		put_token(arena, &w, it.at);
		put_others(arena, &w, step);
		write_end(&w);
	}
	write_end(&w);
	return gather(arena, &out);
}
