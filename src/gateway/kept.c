#include "gateway/kept.h"

#include "base/clock.h"
#include "base/hash.h"
#include "gateway/store.h"
#include "gateway/through.h"
#include "json/text.h"
#include "proto/responses/recall.h"
#include "wire/url.h"

static struct store *
store(const struct exchange *ex)
{
	return ex->worker->plan->store;
}

/* Who asks, as a hash: credentials do not go into a file. */
static struct slice
owner(struct exchange *ex)
{
	uint8_t hash[SHA256_LEN];

	sha256(ex->caller.key ? ex->caller.key->name : ex->caller.credential,
	    hash);
	return arena_dup(&ex->arena, (struct slice){ (const char *)hash,
	    sizeof hash });
}

static bool
find(void *arg, struct slice id, struct arena *arena, struct slice *record)
{
	struct exchange *ex = arg;

	return store_find(store(ex), owner(ex), id, clock_wall_s(), arena,
	    record);
}

/* ---- requests that refer to answers ---- */

/* May a provider know what we do not? */
static bool
asks_native(const struct exchange *ex)
{
	for (size_t i = 0; i < ex->route.count; i++)
		if (ex->route.targets[i].provider->at[PROTO_RESPONSES].there &&
		    !ex->route.targets[i].translate)
			return true;
	return false;
}

static bool
replace_body(struct exchange *ex, struct slice text)
{
	struct json_fault fault;

	text = arena_dup(&ex->arena, text);
	return json_parse(&ex->json, &ex->arena, text, 0, &fault) ||
	    fail_set(&ex->talk.fail, &ex->arena, FAIL_MEMORY, NULL,
	    "The conversation is too long to be put together: %s.",
	    fault.why);
}

bool
kept_resolve(struct exchange *ex)
{
	struct recall recall = { find, ex };
	struct talk *talk = &ex->talk;
	struct jval body = json_root(&ex->json);
	struct buf whole = { 0 };
	bool fine = true;

	if (ex->client_protocol->id != PROTO_RESPONSES)
		return true;
	talk->keep = ex->purpose == FOR_ANSWER && store(ex) &&
	    recall_keeps(body);
	switch (recall_resolve(talk, body, &recall, &whole)) {
	case RECALL_NOTHING:
		break;
	case RECALL_DONE:
		fine = replace_body(ex, buf_slice(&whole));
		break;
	case RECALL_MISS:
		fine = asks_native(ex);
		if (fine)
			talk->fail = (struct fail){ .retry_after_ms = -1 };
		break;
	case RECALL_FAILED:
		fine = false;
		break;
	}
	buf_free(&whole);
	return fine;
}

bool
kept_has(struct exchange *ex, struct slice id)
{
	struct slice record;

	return find(ex, id, &ex->arena, &record);
}

void
kept_put(struct exchange *ex)
{
	const struct slice *ids;
	struct buf record = { 0 };
	size_t count;

	if (ex->talk.keep && !ex->trunk &&
	    recall_record(&ex->talk, &record, &ids, &count))
		(void)store_put(store(ex), owner(ex), ids, count,
		    buf_slice(&record), clock_wall_s());
	buf_free(&record);
}

/* ---- requests for answers ---- */

static enum admitted
tell(struct exchange *ex, struct slice body)
{
	reply_body(ex, 200, SLICE("application/json"), body);
	return ADMIT_ANSWERED;
}

static enum admitted
tell_items(struct exchange *ex, struct slice record)
{
	struct buf out = { 0 };

	recall_items(&ex->arena, record, slice_is(url_query_get(
	    ex->reader.head->query, SLICE("order")), "asc"), &out);
	tell(ex, buf_slice(&out));
	buf_free(&out);
	return ADMIT_ANSWERED;
}

static enum admitted
forget(struct exchange *ex, struct slice id)
{
	struct buf out = { 0 };

	(void)store_delete(store(ex), owner(ex), id, clock_wall_s());
	recall_deleted(id, &out);
	tell(ex, buf_slice(&out));
	buf_free(&out);
	return ADMIT_ANSWERED;
}

static enum admitted
answer_known(struct exchange *ex, struct slice id, struct slice below,
    struct slice record)
{
	struct slice method = ex->reader.head->method;

	if (!below.len && slice_is(method, "GET"))
		return tell(ex, recall_response(&ex->arena, record));
	if (!below.len && slice_is(method, "DELETE"))
		return forget(ex, id);
	if (slice_is(below, "input_items") && slice_is(method, "GET"))
		return tell_items(ex, record);
	if (slice_is(below, "cancel") && slice_is(method, "POST"))
		fail_set(&ex->talk.fail, &ex->arena, FAIL_INVALID, NULL,
		    "Only a response that is made in the background can be "
		    "cancelled; this one is complete.");
	else
		fail_set(&ex->talk.fail, &ex->arena, FAIL_METHOD, NULL,
		    "This address of a response does not take %.*s.",
		    SLICE_FMT(slice_sub(method, 0, 16)));
	return ADMIT_REFUSED;
}

/* The one provider that keeps answers itself, unless the caller names one. */
static bool
provider_may_know(const struct exchange *ex)
{
	const struct provider *p = ex->worker->config->providers;
	size_t n = 0;

	for (; p; p = p->next)
		n += p->at[PROTO_RESPONSES].there;
	return n == 1 || (n && http1_get(ex->reader.head,
	    SLICE("x-dragoman-provider")).len);
}

enum admitted
kept_answer(struct exchange *ex)
{
	struct slice below = slice_skip(ex->path, sizeof "/responses/" - 1);
	struct slice id = slice_cut(&below, '/'), record;

	ex->talk.client = ex->talk.provider = ex->client_protocol;
	if (!url_decode(&ex->arena, id, &id))
		id = SLICE("");
	id = text_escape(&ex->arena, id);
	if (find(ex, id, &ex->arena, &record) &&
	    recall_is(&ex->arena, record, id))
		return answer_known(ex, id, below, record);
	if (provider_may_know(ex)) {
		ex->purpose = FOR_PASS;
		return through_admit(ex);
	}
	(void)recall_missing(&ex->talk, id);
	return ADMIT_REFUSED;
}
