#include "proto/usage.h"

#include "proto/estimate.h"
#include "proto/gather.h"
#include "proto/number.h"

/*
 * Nearly every provider does tell its usage, so counting must cost next to
 * nothing.  Of the text all is counted up to FIRST bytes and then one part in
 * SHARE, a prime, so that no rhythm of the text falls in with it; the rest is
 * taken to be like it.
 */
enum { FIRST = 256, SHARE = 13 };

struct follower {
	struct sink	 sink;		/* first: what the source holds */
	struct talk	*talk;
	struct ir_usage	 said;
	uint64_t	 bytes, counted;	/* of text */
	struct tally	 text;			/* of what was counted */
	unsigned	 calls;
};

/*
 * What has only been passed on is read now.  What that finds to say of the
 * request is of no interest any more.
 */
static uint64_t
estimate_passed(const struct talk *talk)
{
	struct talk again = *talk;

	again.request = NULL;
	again.losses = (struct losses){ 0 };
	again.fail = (struct fail){ 0 };
	again.count_only = true;
	if (!talk->client->decode(&again, talk->body))
		return 0;
	return estimate_request(&again);
}

uint64_t
usage_input(struct talk *talk)
{
	const struct ir_request *request = talk->request;

	if (talk->input_estimate)
		return talk->input_estimate;
	/* one without turns is a stub: it has what the sink needs */
	if (request && request->first)
		talk->input_estimate = estimate_request(talk);
	else if (jval_ok(talk->body) && talk->client)
		talk->input_estimate = estimate_passed(talk);
	return talk->input_estimate;
}

static int64_t
larger(uint64_t n, int64_t part)
{
	return n < INT32_MAX && (int64_t)n > part ? (int64_t)n : part;
}

static void
take_text(struct follower *f, struct slice text)
{
	f->bytes += text.len;
	if (f->counted >= FIRST && f->counted * SHARE > f->bytes)
		return;
	if (text.len > FIRST)
		text = slice_sub(text, 0, FIRST + text.len / SHARE);
	f->counted += text.len;
	estimate_add(&f->text, text);
}

static uint64_t
answer_tokens(const struct follower *f)
{
	struct tally text = f->text;

	if (f->counted) {
		text.plain = text.plain * f->bytes / f->counted;
		text.foreign = text.foreign * f->bytes / f->counted;
	}
	return estimate_answer(f->talk, &text, f->calls);
}

/* The counts that are missing; false: none. */
static bool
missing(struct follower *f, struct ir_usage *usage)
{
	const struct ir_usage *said = &f->said;
	/* some tell nothing but zeros */
	bool silent = said->in <= 0 && said->out <= 0;
	uint64_t made = answer_tokens(f);
	uint64_t asked = said->in > 0 || (!said->in && !silent) ? 0
	    : usage_input(f->talk);

	if (asked)
		usage->in = larger(asked, said->cache_read);
	if (said->out < 0 || (!said->out && made && silent))
		usage->out = larger(made, said->reasoning > 0 ?
		    said->reasoning : 0);
	usage->estimated = usage->in >= 0 || usage->out >= 0;
	return usage->estimated;
}

static void
fill_in(struct follower *f)
{
	struct ir_event ev = {
		.type = IR_USAGE, .usage = ir_usage_none(),
	};

	if (missing(f, &ev.usage))
		f->sink.next->put(f->sink.next, &ev);
}

static void
begin(struct follower *f, const struct ir_usage *usage)
{
	f->said = *usage;
	/* what was made by then; the end tells how much it was */
	f->said.out = -1;
}

/* Pieces of text first: there are many. */
static void
follow(struct sink *sink, const struct ir_event *ev)
{
	struct follower *f = (struct follower *)sink;

	if (ev->type == IR_DELTA) {
		take_text(f, ev->text);
	} else if (ev->type == IR_OPEN && ev->kind == IR_CALL) {
		f->calls++;
		take_text(f, ev->name);
	} else if (ev->type == IR_BEGIN) {
		begin(f, &ev->usage);
	} else if (ev->type == IR_USAGE) {
		ir_usage_merge(&f->said, &ev->usage);
	} else if (ev->type == IR_STOP) {
		fill_in(f);
	}
	sink->next->put(sink->next, ev);
}

struct sink *
usage_sink(struct talk *talk, struct sink *next)
{
	struct follower *f;

	if (!talk_options(talk)->estimate_usage)
		return next;
	f = arena_alloc(talk->arena, sizeof *f);
	if (!f)
		return next;
	f->sink.put = follow;
	f->sink.next = next;
	f->talk = talk;
	f->said = ir_usage_none();
	return &f->sink;
}

void
usage_so_far(struct sink *chain, struct ir_usage *used)
{
	struct ir_usage rest = ir_usage_none();

	if (chain && chain->put == follow &&
	    missing((struct follower *)chain, &rest))
		ir_usage_merge(used, &rest);
}

/* ---- sums ---- */

static struct slice
sum(struct arena *arena, struct jval a, struct jval b)
{
	uint64_t n, more;

	if (!jval_is(a, JSON_NUMBER) || !jval_is(b, JSON_NUMBER) ||
	    !number_u64(jval_raw(a), &n) || !number_u64(jval_raw(b), &more))
		return jval_raw(a);
	return arena_fmt(arena, "%llu", (unsigned long long)(n + more));
}

struct slice
usage_add_tools(struct arena *arena, struct slice a, struct slice b)
{
	struct splice splice = { .text = a, .arena = arena };
	struct json to, from;
	struct json_fault fault;
	struct buf out = { 0 };

	if (!a.len || !b.len)
		return arena_dup(arena, a.len ? a : b);
	if (!json_parse(&to, arena, a, 0, &fault) ||
	    !json_parse(&from, arena, b, 0, &fault))
		return a;
	for (struct jval k = jval_first(json_root(&from)); !jval_at_end(k);
	    k = jval_next(k)) {
		const char *name = arena_cstr(arena, jval_text(k));
		struct jval old;

		if (!name)
			break;
		old = jval_get(json_root(&to), name);
		splice_set(&splice, json_root(&to), name, jval_ok(old) ?
		    sum(arena, old, jval_value(k)) : jval_raw(jval_value(k)));
	}
	splice_write(&splice, &out);
	return gather(arena, &out);
}
