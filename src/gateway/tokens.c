/*
 * Tokens are counted: asked where the provider can tell, and estimated here
 * where it cannot or does not.
 *
 * Messages and Gemini have an address for it, and so has Responses at its
 * maker; some of Chat have one of their own, for which the request is encoded
 * like any other (struct counter).  Nothing is tried twice: a client that
 * counts wants an answer at once.
 */
#include "gateway/tokens.h"

#include "json/text.h"
#include "proto/estimate.h"

static bool
speaks(const struct target *t, enum protocol_id id)
{
	return t->provider->at[id].there;
}

const struct counter *
tokens_counter(const struct target *t)
{
	const struct preset *preset = t->provider->preset;
	const struct counter *counter = preset ? preset->counter : NULL;

	if (!counter || !speaks(t, PROTO_CHAT))
		return NULL;
	if (speaks(t, PROTO_MESSAGES) && !counter->first && !t->translate)
		return NULL;
	return counter;
}

/* Does the provider count in that protocol? */
static bool
counts(const struct target *t, enum protocol_id id)
{
	const struct preset *preset = t->provider->preset;

	if (!speaks(t, id) || !protocol_by_id(id)->path_count)
		return false;
	/* of Responses only its maker is known to count */
	if (id == PROTO_RESPONSES)
		return t->provider->dialect == DIALECT_OPENAI;
	return id != PROTO_MESSAGES || !preset || !preset->counts_nothing;
}

const struct protocol *
tokens_protocol(const struct target *t, const struct protocol *client)
{
	static const enum protocol_id others[] = {
		PROTO_MESSAGES, PROTO_GEMINI, PROTO_RESPONSES,
	};

	if (tokens_counter(t))
		return &protocol_chat;
	if (t->translate)
		return NULL;
	if (counts(t, client->id))
		return client;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (counts(t, others[i]))
			return protocol_by_id(others[i]);
	return NULL;
}

/* The answer that the client's protocol has for it. */
static struct slice
tell(struct exchange *ex, uint64_t n)
{
	static const char *const forms[PROTO_COUNT] = {
		[PROTO_CHAT] = "", [PROTO_MESSAGES] = "",
		[PROTO_RESPONSES] = "\"object\":\"response.input_tokens\",",
		[PROTO_GEMINI] = "",
	};
	const struct protocol *p = ex->client_protocol;

	return arena_fmt(&ex->arena, "{%s\"%s\":%llu}", forms[p->id],
	    p->count_member, (unsigned long long)n);
}

bool
tokens_here(struct exchange *ex)
{
	const struct target *t = &ex->route.targets[ex->cursor];
	struct talk *talk = &ex->talk;

	talk->fail = (struct fail){ .retry_after_ms = -1 };
	talk->provider = talk->client;
	talk->request = NULL;
	talk->model = text_escape(&ex->arena, t->model);
	route_quirks(t, &talk->quirks);
	if (!talk->client->decode(talk, json_root(&ex->json)))
		return false;
	ex->estimated = true;
	reply_body(ex, 200, SLICE("application/json"),
	    tell(ex, estimate_request(talk)));
	return true;
}

/*
 * A provider of Messages that says what is wrong with the request, or with the
 * key, is believed; and Anthropic, of which models there are.
 */
static bool
believed(const struct exchange *ex, const struct fail *fail)
{
	const struct attempt *a = &ex->attempt;

	if (!a->same || !fail->status)
		return false;
	switch (fail->kind) {
	case FAIL_INVALID:
	case FAIL_CONTEXT:
	case FAIL_TOO_LARGE:
	case FAIL_AUTH:
	case FAIL_PERMISSION:
	case FAIL_QUOTA:
		return true;
	case FAIL_NOT_FOUND:
		return a->target->provider->dialect == DIALECT_ANTHROPIC;
	case FAIL_NONE:
	case FAIL_UNSUPPORTED:
	case FAIL_METHOD:
	case FAIL_CONFLICT:
	case FAIL_RATE:
	case FAIL_FILTERED:
	case FAIL_OVERLOADED:
	case FAIL_SERVER:
	case FAIL_TIMEOUT:
	case FAIL_CONNECT:
	case FAIL_TRUNCATED:
	case FAIL_BAD_ANSWER:
	case FAIL_CANCELED:
	case FAIL_MEMORY:
	case FAIL_KINDS:
		break;
	}
	return false;
}

bool
tokens_replace(const struct exchange *ex, const struct fail *fail)
{
	return ex->purpose == FOR_COUNT && !ex->committed && ex->attempts &&
	    !believed(ex, fail);
}

bool
tokens_read(struct exchange *ex)
{
	const struct counter *counter = ex->attempt.same ? NULL :
	    tokens_counter(ex->attempt.target);
	struct json answer;
	struct json_fault fault;
	struct jval at;
	uint64_t n;

	if (!json_parse(&answer, &ex->arena, buf_slice(&ex->attempt.events), 0,
	    &fault))
		return false;
	at = json_root(&answer);
	if (counter && counter->outer)
		at = jval_get(at, counter->outer);
	at = jval_get(at, counter ? counter->member
	    : ex->talk.provider->count_member);
	if (!jval_is(at, JSON_NUMBER) || !jval_u64(at, &n))
		return false;
	if (!ex->attempt.same)
		buf_append(&ex->whole, tell(ex, n));
	return true;
}
