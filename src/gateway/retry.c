#include "gateway/retry.h"

#include <string.h>

#include "base/clock.h"
#include "gateway/exchange.h"

static const int64_t day_ms = 24 * 60 * 60 * 1000;

/* ---- the memory ---- */

static bool
is_about(const struct retry_fact *f, const struct provider *provider,
    const uint8_t *model)
{
	return f->provider == provider &&
	    !memcmp(f->model, model, sizeof f->model);
}

/*
 * A place to write to: a free one, or one that is out of date, or the first
 * that was not used while the hand went round.
 */
static struct retry_fact *
place(struct retry_memory *m, int64_t now_ms)
{
	struct retry_fact *f;

	if (m->count < RETRY_FACTS)
		return &m->facts[m->count++];
	for (;;) {
		f = &m->facts[m->hand];
		m->hand = (m->hand + 1) % RETRY_FACTS;
		if (!f->used || f->until_ms <= now_ms)
			return f;
		f->used = false;
	}
}

void
retry_remember(struct retry_memory *m, const struct provider *provider,
    struct slice model, const struct lesson *lesson, int64_t now_ms)
{
	struct retry_fact fact = {
		.provider = provider, .lesson = *lesson,
		.until_ms = now_ms + day_ms,
	};

	sha256(model, fact.model);
	for (size_t i = 0; i < m->count; i++)
		if (is_about(&m->facts[i], provider, fact.model) &&
		    learn_same(&m->facts[i].lesson, lesson)) {
			m->facts[i] = fact;
			return;
		}
	*place(m, now_ms) = fact;
}

/* In the order in which they were learned: later ones may build on others. */
void
retry_find(struct retry_memory *m, const struct provider *provider,
    struct slice model, int64_t now_ms, struct lessons *out)
{
	uint8_t key[SHA256_LEN];

	out->count = 0;
	if (!m->count)
		return;
	sha256(model, key);
	for (size_t i = 0; i < m->count && out->count < LEARN_MAX; i++) {
		struct retry_fact *f = &m->facts[i];

		if (!is_about(f, provider, key) || f->until_ms <= now_ms)
			continue;
		f->used = true;
		out->item[out->count++] = f->lesson;
	}
}

/* ---- in an exchange ---- */

void
retry_recall(struct exchange *ex)
{
	const struct target *t = ex->attempt.target;
	struct retry *r = &ex->retry;
	struct lessons *all = &r->lessons;

	if (r->target != t)
		r->fresh_count = 0;
	r->target = t;
	all->count = 0;
	if (!talk_options(&ex->talk)->learn)
		return;
	retry_find(&ex->worker->learned, t->provider, t->model, clock_ms(),
	    all);
	for (size_t i = 0; i < r->fresh_count && all->count < LEARN_MAX; i++)
		all->item[all->count++] = r->fresh[i];
	learn_quirks(all, &ex->talk.quirks);
}

static void
log_lesson(const struct exchange *ex, const struct lesson *l)
{
	log_begin(LOG_INFO, "learned from a refusal");
	log_text("id", ex->request_id);
	log_text("provider", ex->attempt.target->provider->name);
	log_text("target", ex->attempt.target->model);
	log_str("lesson", learn_name(l));
	if (l->number)
		log_num("number", (int64_t)l->number);
	log_end();
}

/*
 * Make the request anew, in an attempt of its own.  False if it cannot be
 * made, or came out as it was; the attempt is then the refused one again.
 */
static bool
make_again(struct exchange *ex)
{
	struct attempt refused = ex->attempt, next;
	struct losses losses = ex->talk.losses;

	ex->talk.fail = (struct fail){ .retry_after_ms = -1 };
	if (!upstream_prepare(ex) || slice_eq(buf_slice(&refused.request),
	    buf_slice(&ex->attempt.request))) {
		upstream_drop(ex);
		ex->attempt = refused;
		ex->talk.losses = losses;
		return false;
	}
	next = ex->attempt;
	ex->attempt = refused;
	upstream_release(ex);
	ex->attempt = next;
	return true;
}

bool
retry_refused(struct exchange *ex, const struct fail *fail)
{
	struct retry *r = &ex->retry;
	struct refusal refusal = {
		.fail = fail, .sent = buf_slice(&ex->attempt.request),
		.passed = ex->attempt.same,
	};
	struct lesson *fresh = &r->fresh[r->fresh_count];

	if (ex->committed || ex->purpose != FOR_ANSWER || !refusal.sent.len ||
	    ex->attempt.source ||	/* the answer had begun */
	    !talk_options(&ex->talk)->learn || r->fresh_count == RETRY_MAX ||
	    !learn_read(&ex->talk, &refusal, &r->lessons, fresh))
		return false;
	r->fresh_count++;
	if (!make_again(ex)) {
		r->fresh_count--;
		return false;
	}
	log_lesson(ex, fresh);
	failover_note(ex, fail);
	ex->attempts++;
	ex->meter.fail = (struct fail){ 0 };
	return exchange_ask(ex);
}

/* ---- addresses that are not there ---- */

unsigned
retry_absent(const struct exchange *ex, const struct provider *provider)
{
	const struct retry_memory *m = &ex->worker->learned;
	unsigned found = 0;

	for (size_t i = 0; i < m->absences && i < RETRY_ABSENT; i++)
		if (m->absent[i].provider == provider &&
		    m->absent[i].until_ms > clock_ms())
			found |= 1u << m->absent[i].id;
	return found;
}

static bool
has_other_address(const struct exchange *ex)
{
	const struct provider *p = ex->attempt.target->provider;
	unsigned absent = retry_absent(ex, p);

	for (int id = 0; id < PROTO_COUNT; id++)
		if (p->at[id].there && !(absent & 1u << id) &&
		    (enum protocol_id)id != ex->talk.provider->id)
			return true;
	return false;
}

/* Nothing at the address, or no such model there? */
static bool
is_of_address(const struct fail *fail)
{
	if (fail->status == 405 || fail->status == 501)
		return true;
	return fail->status == 404 && !slice_is(fail->param, "model") &&
	    slice_find_ci(fail->message, SLICE("model")) == SIZE_MAX &&
	    slice_find_ci(fail->code, SLICE("model")) == SIZE_MAX;
}

bool
retry_address(struct exchange *ex, const struct fail *fail)
{
	struct retry_memory *m = &ex->worker->learned;

	if (ex->committed || ex->purpose != FOR_ANSWER || ex->trunk ||
	    ex->attempt.source || !talk_options(&ex->talk)->learn ||
	    !is_of_address(fail) || !has_other_address(ex))
		return false;
	m->absent[m->absences++ % RETRY_ABSENT] = (struct retry_absence){
		ex->attempt.target->provider, ex->talk.provider->id,
		clock_ms() + day_ms,
	};
	log_begin(LOG_WARN, "no such address at the provider");
	log_text("id", ex->request_id);
	log_text("provider", ex->attempt.target->provider->name);
	log_str("protocol", ex->talk.provider->name);
	log_end();
	if (!make_again(ex))
		return false;
	failover_note(ex, fail);
	ex->attempts++;
	ex->meter.fail = (struct fail){ 0 };
	return exchange_ask(ex);
}

/* ---- answers that pause ---- */

bool
retry_resume(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	struct attempt next = {
		.target = a->target, .endpoint = a->endpoint,
		.key = a->key, .key_at = a->key_at,
		.dial.owner = ex, .source = a->source,
	};

	if (!loop_block(ex->worker->loop, &next.request))
		return false;
	if (!a->source->resume(a->source, upstream_body(ex),
	    &next.request)) {
		buf_clear(&next.request);
		loop_unblock(ex->worker->loop, &next.request);
		return false;
	}
	upstream_release(ex);
	*a = next;
	upstream_connect(ex, false);
	exchange_enter(ex, EX_DIAL);
	return true;
}

void
retry_accepted(struct exchange *ex)
{
	const struct target *t = ex->attempt.target;
	const struct retry *r = &ex->retry;

	for (size_t i = 0; i < r->fresh_count; i++)
		if (learn_lasts(&r->fresh[i]))
			retry_remember(&ex->worker->learned, t->provider,
			    t->model, &r->fresh[i], clock_ms());
}
