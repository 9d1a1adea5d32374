/* What makes two requests different, and what does not. */
#include "test.h"

#include <string.h>

#include "gateway/cache_key.h"

enum { HEADERS = 3 };

/* A request as admission leaves it, with all that a key is made of. */
struct asked {
	struct exchange		 ex;
	struct http_head	 head;
	struct caller		 caller;
	struct access_key	 access;
	struct model		 model;
	struct provider		 provider;
	struct target		 target;
	struct worker		 worker;
	struct config		 config;
};

static void
ask(struct asked *a)
{
	memset(a, 0, sizeof *a);
	a->ex.reader.head = &a->head;
	a->ex.worker = &a->worker;
	a->worker.config = &a->config;
	a->ex.client_protocol = &protocol_chat;
	a->ex.purpose = FOR_ANSWER;
	a->ex.path = SLICE("/chat/completions");
	a->ex.reader.body = SLICE("{\"model\": \"m\"}");
	a->ex.talk.client_model = SLICE("m");
	a->ex.route.model = &a->model;
	a->head.query = SLICE("beta=true");
	a->head.count = HEADERS;
	a->head.headers[0] = (struct http_header){ SLICE("user-agent"),
	    SLICE("sdk") };
	a->head.headers[1] = (struct http_header){ SLICE("anthropic-beta"),
	    SLICE("one") };
	a->head.headers[2] = (struct http_header){ SLICE("x-dragoman-cache"),
	    SLICE("on") };
	a->access.name = SLICE("team");
	a->caller = (struct caller){ .key = &a->access, .sent = true,
	    .credential = SLICE("sk-1") };
	a->provider.name = SLICE("p");
	a->target = (struct target){ .provider = &a->provider,
	    .model = SLICE("native") };
}

static void
key(const struct asked *a, uint8_t out[SHA256_LEN])
{
	uint8_t scope[SHA256_LEN], request[SHA256_LEN];

	cache_key_scope(&a->caller, scope);
	cache_key_request(&a->ex, scope, request);
	cache_key_target(request, &a->target, out);
}

static bool
same(const struct asked *a, const struct asked *b)
{
	uint8_t one[SHA256_LEN], two[SHA256_LEN];

	key(a, one);
	key(b, two);
	return !memcmp(one, two, sizeof one);
}

#define DIFFERS(change) do { \
	struct asked a, b; \
	ask(&a); \
	ask(&b); \
	CHECK(same(&a, &b)); \
	change; \
	CHECK(!same(&a, &b)); \
} while (0)

#define SAME(change) do { \
	struct asked a, b; \
	ask(&a); \
	ask(&b); \
	change; \
	CHECK(same(&a, &b)); \
} while (0)

static void
what_differs(void)
{
	DIFFERS(b.ex.client_protocol = &protocol_responses);
	DIFFERS(b.ex.purpose = FOR_COUNT);
	DIFFERS(b.ex.path = SLICE("/messages"));
	DIFFERS(b.head.query = SLICE("beta=false"));
	DIFFERS(b.head.query = SLICE(""));
	DIFFERS(b.ex.reader.body = SLICE("{\"model\":\"m\"}"));
	DIFFERS(b.ex.talk.client_model = SLICE("n"));
	DIFFERS(b.ex.talk.stream = true);
	DIFFERS(b.ex.talk.as_array = true);
	DIFFERS(b.ex.strict = true);
	DIFFERS(b.config.cache.tools = TRI_YES);
	DIFFERS(b.ex.route.model = NULL);
	DIFFERS(b.model.sum[31] = 1);
	DIFFERS(b.provider.sum[0] = 1);
	DIFFERS(b.provider.name = SLICE("q"));
	DIFFERS(b.target.model = SLICE("naive"));
	DIFFERS(b.target.translate = true);
	DIFFERS(b.head.headers[1].value = SLICE("two"));
	DIFFERS(b.head.headers[1].name = SLICE("anthropic-version"));
	DIFFERS(b.head.headers[0].name = SLICE("x-dragoman-else"));
	DIFFERS(b.head.headers[0].name = SLICE("OpenAI-Beta"));
	DIFFERS(b.access.name = SLICE("others"));
	/* the same text, cut in another place */
	DIFFERS((b.ex.path = SLICE("/chat/completionsbeta"),
	    b.head.query = SLICE("=true")));
}

static void
what_does_not(void)
{
	SAME(b.head.headers[0].value = SLICE("another"));
	SAME(b.head.headers[0].name = SLICE("x-request-id"));
	SAME(b.head.headers[0].name = SLICE("traceparent"));
	SAME(b.head.headers[0].name = SLICE("authorization"));
	SAME(b.head.headers[2].value = SLICE("refresh"));
	SAME(b.head.count = HEADERS - 1);
	/* another key of the same name: it was replaced */
	SAME(b.caller.credential = SLICE("sk-2"));
	SAME(b.ex.attempts = 3);
	SAME(b.ex.request_id = SLICE("req_2"));
}

/* Without client keys each caller has his own. */
static void
by_credential(void)
{
	struct asked a, b;

	ask(&a);
	ask(&b);
	a.caller.key = b.caller.key = NULL;
	CHECK(same(&a, &b));
	b.caller.credential = SLICE("sk-2");
	CHECK(!same(&a, &b));
	/* nor is a key called as somebody's credential */
	ask(&b);
	a.caller.credential = b.access.name;
	CHECK(!same(&a, &b));
}

static void
many_headers(void)
{
	struct asked a, b;

	ask(&a);
	a.head.count = HTTP_HEADERS_MAX;
	for (size_t i = 0; i < HTTP_HEADERS_MAX; i++)
		a.head.headers[i] = (struct http_header){
		    SLICE("x-dragoman-some"), SLICE("1") };
	b = a;
	b.ex.reader.head = &b.head;
	b.ex.worker = &b.worker;
	b.worker.config = &b.config;
	b.target.provider = &b.provider;
	b.caller.key = &b.access;
	b.ex.route.model = &b.model;
	CHECK(same(&a, &b));
	b.head.headers[HTTP_HEADERS_MAX - 1].value = SLICE("2");
	CHECK(!same(&a, &b));
}

TESTS(
	{ "what differs", what_differs },
	{ "what does not", what_does_not },
	{ "by credential", by_credential },
	{ "many headers", many_headers })
