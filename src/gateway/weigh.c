#include "gateway/weigh.h"

#include "gateway/exchange.h"
#include "json/text.h"
#include "proto/estimate.h"

enum {
	/* no request has more tokens: its body would be larger than any may */
	TOKENS_MAX = 1 << 30,
	/*
	 * what no estimate exceeds: a picture by its address is the shortest
	 * spelling of the most tokens, and tools cost some once
	 */
	PER_BYTE = 40, ONCE = 2000,
};

static int64_t
at_most(uint64_t n)
{
	return n < TOKENS_MAX ? (int64_t)n : TOKENS_MAX;
}

/* A number of the request; `other` if it is not there, or is none. */
static uint64_t
number(struct slice spelled, uint64_t other)
{
	uint64_t n;

	return slice_to_u64(spelled, TOKENS_MAX, &n) ? n : other;
}

/*
 * The client's body is read in a copy of the talk, which nobody else sees: what
 * it has to say of the request is said when it is sent.
 */
static void
weigh_answer(struct exchange *ex, struct weight *w)
{
	struct arena arena = { .limit = ex->arena.limit };
	uint64_t usual = ex->worker->config->limits.output_tokens;
	struct talk talk = ex->talk;

	talk.arena = &arena;
	talk.request = NULL;
	talk.memo = NULL;
	talk.losses = (struct losses){ 0 };
	talk.fail = (struct fail){ .retry_after_ms = -1 };
	talk.count_only = true;
	if (ex->route.count) {
		const struct target *t = &ex->route.targets[0];

		talk.model = text_escape(&arena, t->model);
		route_quirks(t, &talk.quirks);
	}
	if (talk.client->decode(&talk, json_root(&ex->json))) {
		const struct ir_request *r = talk.request;
		uint64_t n = number(r->n, 1);

		w->input = at_most(estimate_request(&talk));
		w->output = at_most(number(r->max_tokens, usual) *
		    (n ? n : 1));
	}
	arena_reset(&arena);
}

/* The body as it stands: mostly texts, of which vectors are wanted. */
static void
weigh_passed(const struct exchange *ex, struct weight *w)
{
	struct tally tally = { 0 };
	struct jval most;
	uint64_t n;

	if (!ex->through.is_json)
		return;
	estimate_add_json(&tally, ex->json.text);
	w->input = at_most(estimate_tokens((tally.plain + tally.foreign) *
	    100));
	most = jval_get(json_root(&ex->json), "max_tokens");
	if (jval_is(most, JSON_NUMBER) && jval_u64(most, &n))
		w->output = at_most(n);
}

static const struct weight *
weigh(struct exchange *ex)
{
	struct weight *w = &ex->weight;

	if (w->known)
		return w;
	w->known = true;
	if (ex->purpose == FOR_PASS)
		weigh_passed(ex, w);
	else
		weigh_answer(ex, w);
	return w;
}

int64_t
weigh_request(struct exchange *ex)
{
	return weigh(ex)->input;
}

int64_t
weigh_output(struct exchange *ex)
{
	return weigh(ex)->output;
}

bool
weigh_exceeds(struct exchange *ex, int64_t tokens)
{
	int64_t most = (int64_t)ex->reader.body.len * PER_BYTE + ONCE;

	if (!ex->weight.known && !ex->talk.recalled && most <= tokens)
		return false;
	return weigh_request(ex) > tokens;
}
