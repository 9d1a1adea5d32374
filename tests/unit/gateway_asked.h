/*
 * A request that was read, and where it goes by a configuration's models.
 */
#ifndef TESTS_UNIT_GATEWAY_ASKED_H
#define TESTS_UNIT_GATEWAY_ASKED_H

#include "gateway_config.h"

#include "gateway/choose.h"

static const char providers[] = "\"env\": false, \"providers\": {"
    " \"a\": { \"chat\": \"http://a\" }, \"b\": { \"chat\": \"http://b\" },"
    " \"c\": { \"chat\": \"http://c\" }, \"openrouter\": { \"key\": \"k\" },"
    " \"openai\": { \"key\": \"k\" }, \"deepseek\": { \"key\": \"k\" } }";

static const char *const protocols[] = { "chat", "messages", "responses",
    "gemini" };

/* A request as it is when it has been read. */
struct asked {
	struct plan	 plan;
	struct worker	 worker;
	struct exchange	 ex;
	struct http_head head;
	char		 got[1024];
};

static inline void
end(struct asked *a)
{
	arena_reset(&a->ex.arena);
	arena_reset(&a->ex.scratch);
}

static inline void
begin(struct asked *a, const struct loaded *l, enum protocol_id id,
    const char *body)
{
	struct json_fault fault;
	struct exchange *ex = &a->ex;

	memset(a, 0, sizeof *a);
	a->worker.plan = &a->plan;
	a->worker.config = &l->config;
	ex->worker = &a->worker;
	ex->purpose = FOR_ANSWER;
	ex->client_protocol = protocol_by_name(slice_of(protocols[id]));
	ex->talk.client = ex->client_protocol;
	ex->talk.arena = &ex->arena;
	ex->talk.scratch = &ex->scratch;
	ex->talk.options = &l->config.options;
	ex->reader.head = &a->head;
	ex->reader.body = slice_of(body);
	ex->route.explain = true;
	CHECK(json_parse(&ex->json, &ex->arena, ex->reader.body, 0, &fault));
	ex->talk.stream = jval_is_true(jval_get(json_root(&ex->json),
	    "stream"));
}

/* Where the request goes, as "a/x b/y"; "!permission" if nowhere. */
static inline const char *
go(struct asked *a, const char *model)
{
	struct exchange *ex = &a->ex;
	size_t len = 0;

	if (!choose_targets(ex, slice_of(model))) {
		snprintf(a->got, sizeof a->got, "!%s",
		    fail_name(ex->talk.fail.kind));
		return a->got;
	}
	a->got[0] = '\0';
	for (size_t i = 0; i < ex->route.count; i++)
		len += (size_t)snprintf(a->got + len, sizeof a->got - len,
		    "%s%.*s/%.*s", i ? " " : "",
		    SLICE_FMT(ex->route.targets[i].provider->name),
		    SLICE_FMT(ex->route.targets[i].model));
	return a->got;
}

#define CHECK_TEXT(got, want) CHECK_BYTES(got, strlen(got), want, strlen(want))

static inline void
goes(const struct loaded *l, enum protocol_id id, const char *body,
    const char *model, const char *want)
{
	struct asked a;

	begin(&a, l, id, body);
	go(&a, model);
	CHECK_TEXT(a.got, want);
	end(&a);
}

static inline void
load_models(struct loaded *l, const char *models)
{
	char text[4096];

	clearenv();
	snprintf(text, sizeof text, "{ %s, \"models\": { %s } }", providers,
	    models);
	load_good(l, text);
}

/* A body of Chat or Messages, but for its end. */
#define USER(text) "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"," \
    "\"content\":\"" text "\"}]"

#endif
