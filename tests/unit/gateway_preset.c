/* Presets: addresses, credentials and protocols of providers that we know. */
#include "gateway_config.h"

#include "gateway/route.h"

/* What an endpoint resolves to: "https://host/base form", "" for none. */
static void
endpoint_is(const struct provider *p, enum protocol_id id, const char *want)
{
	const struct endpoint *e = &p->at[id];
	char got[256] = "";
	int n = 0;

	if (e->there)
		n = snprintf(got, sizeof got, "%s://%.*s%.*s%s %s",
		    e->dial.tls ? "https" : "http",
		    SLICE_FMT(e->host_header), SLICE_FMT(e->base),
		    e->deployments ? "/*" : "", credential_name(
		    e->credential));
	CHECK_BYTES(got, (size_t)n, want, strlen(want));
}

/* A key in the environment is all that is needed. */
static void
by_key(void)
{
	static const struct {
		const char	*env, *name, *chat, *messages;
	} rows[] = {
		{ "OPENAI", "openai", "https://api.openai.com/v1 bearer", "" },
		{ "ANTHROPIC", "anthropic", "",
		    "https://api.anthropic.com x-api-key" },
		{ "GEMINI", "gemini", "https://generativelanguage.googleapis"
		    ".com/v1beta/openai bearer", "" },
		{ "GOOGLE", "gemini", "https://generativelanguage.googleapis"
		    ".com/v1beta/openai bearer", "" },
		{ "DEEPSEEK", "deepseek", "https://api.deepseek.com/v1 bearer",
		    "https://api.deepseek.com/anthropic x-api-key" },
		{ "XAI", "xai", "https://api.x.ai/v1 bearer", "" },
		{ "DASHSCOPE", "qwen", "https://dashscope-intl.aliyuncs.com"
		    "/compatible-mode/v1 bearer", "https://dashscope-intl"
		    ".aliyuncs.com/apps/anthropic x-api-key" },
		{ "MOONSHOT", "kimi", "https://api.moonshot.ai/v1 bearer",
		    "https://api.moonshot.ai/anthropic bearer" },
		{ "ZAI", "glm", "https://api.z.ai/api/paas/v4 bearer",
		    "https://api.z.ai/api/anthropic bearer" },
		{ "MINIMAX", "minimax", "https://api.minimax.io/v1 bearer",
		    "https://api.minimax.io/anthropic x-api-key" },
		{ "MISTRAL", "mistral", "https://api.mistral.ai/v1 bearer",
		    "" },
		{ "GROQ", "groq", "https://api.groq.com/openai/v1 bearer",
		    "" },
		{ "OPENROUTER", "openrouter",
		    "https://openrouter.ai/api/v1 bearer",
		    "https://openrouter.ai/api bearer" },
		{ "TOGETHER", "together", "https://api.together.xyz/v1 bearer",
		    "" },
		{ "FIREWORKS", "fireworks",
		    "https://api.fireworks.ai/inference/v1 bearer",
		    "https://api.fireworks.ai/inference bearer" },
		{ "CEREBRAS", "cerebras", "https://api.cerebras.ai/v1 bearer",
		    "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct provider *p;
		struct loaded l;
		char name[64];

		clearenv();
		snprintf(name, sizeof name, "%s_API_KEY", rows[i].env);
		setenv(name, "key", 1);
		load_env(&l, NULL);
		CHECK(l.good);
		p = provider(&l, rows[i].name);
		CHECK(!l.config.providers->next && p->key_count == 1);
		CHECK(!p->open_catalog && !p->translate);
		endpoint_is(p, PROTO_CHAT, rows[i].chat);
		endpoint_is(p, PROTO_MESSAGES, rows[i].messages);
		unload(&l);
	}
	clearenv();
}

/* Every address that is in use for a provider, and others in its place. */
static void
by_address(void)
{
	static const struct {
		const char	*name, *url, *chat, *messages;
	} rows[] = {
		{ "qwen", "https://dashscope.aliyuncs.com",
		    "https://dashscope.aliyuncs.com/compatible-mode/v1 bearer",
		    "https://dashscope.aliyuncs.com/apps/anthropic "
		    "x-api-key" },
		{ "qwen", "https://d.example/compatible-mode/v1",
		    "https://d.example/compatible-mode/v1 bearer",
		    "https://d.example/apps/anthropic x-api-key" },
		{ "qwen", "https://d.example/apps/anthropic/",
		    "https://d.example/compatible-mode/v1 bearer",
		    "https://d.example/apps/anthropic x-api-key" },
		{ "glm", "https://open.bigmodel.cn/api/paas/v4",
		    "https://open.bigmodel.cn/api/paas/v4 bearer",
		    "https://open.bigmodel.cn/api/anthropic bearer" },
		/* an address that we know nothing of is what it is */
		{ "glm", "https://api.z.ai/api/coding/paas/v4",
		    "https://api.z.ai/api/coding/paas/v4 bearer", "" },
		{ "kimi", "https://api.moonshot.cn/v1/",
		    "https://api.moonshot.cn/v1 bearer",
		    "https://api.moonshot.cn/anthropic bearer" },
		{ "gemini", "http://h/v1beta",
		    "http://h/v1beta/openai bearer", "" },
		{ "gemini", "http://h/v1beta/openai",
		    "http://h/v1beta/openai bearer", "" },
		{ "groq", "http://h", "http://h/openai/v1 bearer", "" },
		{ "openrouter", "http://h/api",
		    "http://h/api/v1 bearer", "http://h/api bearer" },
		{ "openrouter", "http://h/api/v1",
		    "http://h/api/v1 bearer", "http://h/api bearer" },
		{ "fireworks", "http://h/inference/v1/",
		    "http://h/inference/v1 bearer",
		    "http://h/inference bearer" },
		{ "xai", "http://h/x/v1", "http://h/x/v1 bearer", "" },
		/* no segment of a path is cut in the middle */
		{ "xai", "http://h/xv1", "http://h/xv1/v1 bearer", "" },
		{ "lmstudio", "http://h:1234/v1", "http://h:1234/v1 bearer",
		    "http://h:1234 bearer" },
		{ "sglang", "http://h:30000", "http://h:30000/v1 bearer",
		    "http://h:30000 bearer" },
	};

	clearenv();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct loaded l;
		char text[256];

		snprintf(text, sizeof text, "{ \"providers\": { \"%s\": "
		    "{ \"base_url\": \"%s\" } } }", rows[i].name, rows[i].url);
		load_good(&l, text);
		endpoint_is(provider(&l, rows[i].name), PROTO_CHAT,
		    rows[i].chat);
		endpoint_is(provider(&l, rows[i].name), PROTO_MESSAGES,
		    rows[i].messages);
		unload(&l);
	}
}

static void
azure(void)
{
	static const struct {
		const char	*url, *version, *chat, *query;
	} rows[] = {
		{ "https://n.openai.azure.com", NULL,
		    "https://n.openai.azure.com/* api-key",
		    "api-version=2024-10-21" },
		{ "https://n.openai.azure.com/openai/", "2025-04-01-preview",
		    "https://n.openai.azure.com/* api-key",
		    "api-version=2025-04-01-preview" },
		{ "https://n.openai.azure.com/openai/v1/", NULL,
		    "https://n.openai.azure.com/openai/v1 api-key", "" },
		{ "https://n.openai.azure.com/openai/v1", "preview",
		    "https://n.openai.azure.com/openai/v1 api-key",
		    "api-version=preview" },
		{ "https://n.openai.azure.com/openai/deployments/d", NULL,
		    "https://n.openai.azure.com/openai/deployments/d api-key",
		    "api-version=2024-10-21" },
	};
	struct loaded l;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct provider *p;

		clearenv();
		setenv("AZURE_OPENAI_API_KEY", "key", 1);
		setenv("AZURE_OPENAI_ENDPOINT", rows[i].url, 1);
		if (rows[i].version)
			setenv(i % 2 ? "AZURE_OPENAI_API_VERSION" :
			    "OPENAI_API_VERSION", rows[i].version, 1);
		load_env(&l, NULL);
		CHECK(l.good);
		p = provider(&l, "azure");
		endpoint_is(p, PROTO_CHAT, rows[i].chat);
		CHECK_SLICE(p->api_version, rows[i].query);
		CHECK(p->open_catalog && p->key_count == 1);
		unload(&l);
	}
	clearenv();
	setenv("AZURE_OPENAI_API_KEY", "key", 1);	/* of no resource */
	load_env(&l, NULL);
	CHECK(l.good && !l.config.providers);
	unload(&l);
	clearenv();
	load_good(&l, "{ \"providers\": { \"mine\": { \"preset\": \"azure\","
	    " \"chat\": \"https://n.example\", \"api_version\": \"1\","
	    " \"credential\": \"bearer\" } } }");
	endpoint_is(provider(&l, "mine"), PROTO_CHAT,
	    "https://n.example/* bearer");
	CHECK_SLICE(provider(&l, "mine")->api_version, "api-version=1");
	unload(&l);
}

static void
will_not(const char *provider, const char *words)
{
	struct loaded l;
	char text[256];

	snprintf(text, sizeof text, "{ \"providers\": { \"x\": %s } }",
	    provider);
	load(&l, text);
	CHECK(!l.good && strstr(l.problem.text, words));
	CHECK(strstr(l.problem.text, ":1:"));
	unload(&l);
}

static void
mistakes(void)
{
	clearenv();
	will_not("{ \"preset\": \"gemni\" }", "did you mean \"gemini\"?");
	will_not("{ \"preset\": \"xyzzy\" }", "no preset is called \"xyzzy\"");
	will_not("{ \"chat\": \"http://h\", \"credential\": \"key\" }",
	    "bearer, x-api-key, api-key or x-goog-api-key");
	will_not("{ \"chat\": \"http://h\", \"api_version\": \"1\" }",
	    "preset azure");
	will_not("{ \"preset\": \"azure\", \"base_url\": \"http://h\","
	    " \"api_version\": \"1&key=2\" }", "2024-10-21");
	will_not("{ \"preset\": \"azure\" }", "no address");
	will_not("{ \"chat\": \"http://h\", \"tranlate\": true }",
	    "\"translate\"");
}

/* A provider without a preset: keys by protocol, or as the file says. */
static void
credentials(void)
{
	struct loaded l;

	clearenv();
	load_good(&l, "{ \"providers\": {"
	    "\"a\": { \"chat\": \"http://h\", \"messages\": \"http://h\" },"
	    "\"b\": { \"messages\": \"http://h\", \"credential\": \"bearer\" },"
	    "\"c\": { \"preset\": \"vllm\", \"messages\": \"http://h\" } } }");
	endpoint_is(provider(&l, "a"), PROTO_CHAT, "http://h bearer");
	endpoint_is(provider(&l, "a"), PROTO_MESSAGES, "http://h x-api-key");
	endpoint_is(provider(&l, "b"), PROTO_MESSAGES, "http://h bearer");
	endpoint_is(provider(&l, "c"), PROTO_MESSAGES, "http://h bearer");
	unload(&l);
}

/* The protocols in which the first target is asked, by chat and by messages. */
static void
asked_in(const struct loaded *l, const char *model, enum protocol_id chat,
    enum protocol_id messages)
{
	struct arena arena = { 0 };
	struct route route = { 0 };
	struct fail fail = { 0 };
	struct route_wish wish = { 0 };

	CHECK(route_find(&l->config, NULL, slice_of(model), &arena, &route,
	    &fail));
	CHECK(route_protocol(&route.targets[0], &protocol_chat, &wish)->id ==
	    chat);
	CHECK(route_protocol(&route.targets[0], &protocol_messages,
	    &wish)->id == messages);
	arena_reset(&arena);
}

static void
translation(void)
{
	struct loaded l;

	clearenv();
	load_good(&l, "{ \"providers\": {"
	    "\"deepseek\": { \"key\": \"k\" },"
	    "\"t\": { \"preset\": \"deepseek\", \"translate\": true },"
	    "\"cerebras\": { \"translate\": true } },"
	    "\"models\": {"
	    "\"over\": { \"targets\": [\"deepseek/m\"], \"translate\": true },"
	    "\"under\": { \"targets\": [\"t/m\"], \"translate\": false },"
	    "\"same\": { \"targets\": [\"t/m\"] } } }");
	asked_in(&l, "deepseek/m", PROTO_CHAT, PROTO_MESSAGES);
	asked_in(&l, "t/m", PROTO_MESSAGES, PROTO_CHAT);
	asked_in(&l, "over", PROTO_MESSAGES, PROTO_CHAT);
	asked_in(&l, "under", PROTO_CHAT, PROTO_MESSAGES);
	asked_in(&l, "same", PROTO_MESSAGES, PROTO_CHAT);
	/* there is no other protocol */
	asked_in(&l, "cerebras/m", PROTO_CHAT, PROTO_CHAT);
	unload(&l);
}

/* "provider/model" of the first target; NULL: none. */
static void
leads_to(const struct loaded *l, const char *asked, const char *want)
{
	struct arena arena = { 0 };
	struct route route = { 0 };
	struct fail fail = { 0 };
	bool found = route_find(&l->config, NULL, slice_of(asked), &arena,
	    &route, &fail);
	struct slice got = { 0 };

	CHECK(found == (want != NULL));
	if (found)
		got = arena_fmt(&arena, "%.*s/%.*s",
		    SLICE_FMT(route.targets[0].provider->name),
		    SLICE_FMT(route.targets[0].model));
	if (found)
		CHECK_SLICE(got, want);
	arena_reset(&arena);
}

/* Vendors' names stand before a model as they do elsewhere. */
static void
vendors(void)
{
	struct loaded l;

	clearenv();
	setenv("GEMINI_API_KEY", "k", 1);
	setenv("MOONSHOT_API_KEY", "k", 1);
	setenv("OPENROUTER_API_KEY", "k", 1);
	load_good(&l, "{ \"models\": { \"m\": { \"targets\":"
	    " [\"google/gemini-x\"] } } }");
	leads_to(&l, "gemini-2.5-pro", "gemini/gemini-2.5-pro");
	leads_to(&l, "google/gemini-2-5-pro", "gemini/gemini-2.5-pro");
	leads_to(&l, "moonshotai/kimi-k9", "kimi/kimi-k9");
	leads_to(&l, "m", "gemini/gemini-x");
	/* a vendor that is not configured: who serves models of many */
	leads_to(&l, "x-ai/grok-4", "openrouter/x-ai/grok-4");
	leads_to(&l, "openrouter/auto", "openrouter/openrouter/auto");
	/* without a vendor it is a slip of the pen */
	leads_to(&l, "gemini-2.5-prou", NULL);
	unload(&l);
	/* nobody says which of two */
	setenv("TOGETHER_API_KEY", "k", 1);
	load_env(&l, NULL);
	leads_to(&l, "x-ai/grok-4", NULL);
	unload(&l);
	clearenv();
}

TESTS(
	{ "by key", by_key },
	{ "by address", by_address },
	{ "azure", azure },
	{ "mistakes", mistakes },
	{ "credentials", credentials },
	{ "translation", translation },
	{ "vendors", vendors })
