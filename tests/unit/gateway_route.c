/* catalog and route: what a model's name leads to. */
#include "gateway_config.h"

#include "gateway/route.h"

struct case_row {
	const char	*asked;
	const char	*target;	/* provider/model; NULL: unknown */
};

/* One name, in a configuration and for a key, as "provider/model, ...". */
static void
leads_to(const struct loaded *l, const struct access_key *key,
    const char *asked, const char *want)
{
	struct arena arena = { 0 };
	struct route route = { 0 };
	struct fail fail = { 0 };
	char got[512] = "";
	size_t len = 0;
	bool found = route_find(&l->config, key, slice_of(asked), &arena,
	    &route, &fail);

	for (size_t i = 0; found && i < route.count; i++)
		len += (size_t)snprintf(got + len, sizeof got - len,
		    "%s%.*s/%.*s", i ? ", " : "",
		    SLICE_FMT(route.targets[i].provider->name),
		    SLICE_FMT(route.targets[i].model));
	if (!found)
		len = (size_t)snprintf(got, sizeof got, "%s",
		    fail.kind == FAIL_PERMISSION ? "forbidden" : "unknown");
	CHECK_BYTES(got, len, want, strlen(want));
	CHECK(found || (fail.kind == FAIL_PERMISSION ||
	    fail.kind == FAIL_NOT_FOUND));
	arena_reset(&arena);
}

static void
all(const struct loaded *l, const struct case_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		leads_to(l, NULL, rows[i].asked, rows[i].target);
}

#define ALL(l, rows) all(l, rows, sizeof (rows) / sizeof *(rows))

static void
catalogue(void)
{
	static const struct case_row rows[] = {
		{ "claude-opus-4-8", "anthropic/claude-opus-4-8" },
		{ "claude-opus-4.8", "anthropic/claude-opus-4-8" },
		{ "Claude-Opus-4-8", "anthropic/claude-opus-4-8" },
		{ "gpt-5-1", "openai/gpt-5.1" },
		{ "gpt-5.1", "openai/gpt-5.1" },
		{ "gpt-5", "openai/gpt-5" },
		/* a dated snapshot is asked for as such */
		{ "claude-opus-4-5-20251101",
		    "anthropic/claude-opus-4-5-20251101" },
		{ "claude-opus-4.5-20251101",
		    "anthropic/claude-opus-4-5-20251101" },
		{ "gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06" },
		{ "gpt-5-2025-08-07", "openai/gpt-5-2025-08-07" },
		{ "claude-opus-4-8-latest",
		    "anthropic/claude-opus-4-8-latest" },
		/* of a model that is itself named by -0 or -latest too */
		{ "claude-opus-4-20250514",
		    "anthropic/claude-opus-4-20250514" },
		{ "claude-3.7-sonnet-20250219",
		    "anthropic/claude-3-7-sonnet-20250219" },
		{ "claude-opus-4-x", "unknown" },
		/* what only begins like one is none */
		{ "gpt-4o-20240806-x", "unknown" },
		{ "gpt-4o-19990806", "unknown" },
		{ "gpt-4o-2024-0806", "unknown" },
		{ "gpt-4o-", "unknown" },
		{ "gpt-4o2", "unknown" },
		{ "gpt", "unknown" },
		{ "", "unknown" },
		/* its provider is not configured */
		{ "deepseek-chat", "unknown" },
	};
	struct loaded l;

	clearenv();
	setenv("OPENAI_API_KEY", "k", 1);
	setenv("ANTHROPIC_API_KEY", "k", 1);
	load_env(&l, NULL);
	CHECK(l.good);
	ALL(&l, rows);
	unload(&l);
	clearenv();
}

static void
prefixes(void)
{
	static const struct case_row rows[] = {
		{ "anthropic/claude-opus-4.8", "anthropic/claude-opus-4-8" },
		{ "Anthropic/claude-opus-4-8", "anthropic/claude-opus-4-8" },
		{ "openai/not-known-yet", "openai/not-known-yet" },
		{ "openai/a/b.c", "openai/a/b.c" },
		/* another vendor's name is left as it is */
		{ "openai/claude-opus-4.8", "openai/claude-opus-4.8" },
		{ "openai/", "unknown" },
		{ "/gpt-5", "unknown" },
		{ "nobody/gpt-5", "unknown" },
		{ "eu/gpt-5-1", "eu/gpt-5.1" },
	};
	struct loaded l;

	clearenv();
	setenv("OPENAI_API_KEY", "k", 1);
	setenv("ANTHROPIC_API_KEY", "k", 1);
	load_good(&l, "{ \"providers\": { \"eu\": { \"preset\": \"openai\","
	    " \"key\": \"k\" } } }");
	ALL(&l, rows);
	unload(&l);
	clearenv();
}

/* A server of the operator's own knows models that we do not. */
static void
open_catalogues(void)
{
	static const struct case_row one[] = {
		{ "qwen3:8b", "ollama/qwen3:8b" },
		{ "org/model", "ollama/org/model" },
		{ "ollama/org/model", "ollama/org/model" },
		{ "gpt-9", "ollama/gpt-9" },
		{ "gpt-4o", "openai/gpt-4o" },
	};
	static const struct case_row two[] = {
		{ "qwen3", "unknown" },		/* which of them? */
		{ "ollama/qwen3", "ollama/qwen3" },
		{ "gpt-9", "openai/gpt-9" },	/* the family decides */
		{ "GPT-9", "openai/GPT-9" },
		{ "claude-9", "unknown" },
	};
	struct loaded l;

	clearenv();
	setenv("OPENAI_API_KEY", "k", 1);
	setenv("OLLAMA_BASE_URL", "http://h:1", 1);
	load_env(&l, NULL);
	ALL(&l, one);
	unload(&l);
	setenv("OPENAI_BASE_URL", "http://h:2/v1", 1);
	load_env(&l, NULL);
	ALL(&l, two);
	unload(&l);
	clearenv();
}

static void
own_names(void)
{
	static const struct case_row rows[] = {
		{ "fast", "a/x, b/y/z, a/w" },
		/* an own name wins over the catalogue's and a prefix */
		{ "gpt-5", "b/mine" },
		{ "a/odd", "b/even" },
		{ "Fast", "unknown" },
	};
	struct loaded l;

	clearenv();
	setenv("OPENAI_API_KEY", "k", 1);
	load_good(&l, "{ \"providers\": { \"a\": { \"chat\": \"http://a\" },"
	    " \"b\": { \"messages\": \"http://b\" } }, \"models\": {"
	    " \"fast\": { \"targets\": [\"a/x\", \"b/y/z\", \"a/w\"] },"
	    " \"gpt-5\": { \"targets\": [\"b/mine\"] },"
	    " \"a/odd\": { \"targets\": [\"b/even\"] } } }");
	/* both are open: a bare name could be either's */
	ALL(&l, rows);
	unload(&l);
	clearenv();
}

/* Exact names, the longest with a star, what is known, and the rest. */
static void
stars(void)
{
	static const struct case_row rows[] = {
		{ "gpt-5", "b/mine" },
		{ "gpt-5.4", "a/gpt-5.4, b/5.4" },
		{ "GPT-9", "a/gpt-9, b/9" },
		{ "gpt-5-mini", "b/small-5" },
		{ "gpt-5.1-mini", "b/small-5.1" },
		/* the star stands for something */
		{ "gpt-", "b/gpt-" },
		{ "x-one", "a/x-one, b/mine" },
		{ "y-one", "b/mine" },
		/* a provider's models are caught only by its name */
		{ "openai/gpt-5-mini", "openai/gpt-5-mini" },
		{ "a/gpt-5-mini", "a/gpt-5-mini" },
		{ "b/gpt-5-mini", "a/caught-gpt-5-mini" },
		{ "nobody/x-mini", "b/small-nobody/x" },
		/* the catalogue goes before the rest */
		{ "o3", "openai/o3" },
		{ "anything/at:all", "b/anything/at:all" },
		/* dots and dashes */
		{ "house.v1", "b/mine" },
		{ "house-v1", "b/mine" },
		{ "house-v2.1", "b/mine" },
	};
	struct loaded l;

	clearenv();
	setenv("OPENAI_API_KEY", "k", 1);
	load_good(&l, "{ \"providers\": { \"a\": { \"chat\": \"http://a\" },"
	    " \"b\": { \"messages\": \"http://b\" } }, \"models\": {"
	    " \"gpt-*\": [\"a/gpt-*\", \"b/*\"], \"*\": \"b/*\","
	    " \"gpt-*-mini\": \"b/small-*\", \"*-mini\": \"b/small-*\","
	    " \"gpt-5\": \"b/mine\", \"b/*\": \"a/caught-*\","
	    " \"x-*\": [\"a/x-*\", \"y-*\"], \"y-*\": \"gpt-5\","
	    " \"house-v1\": \"gpt-5\", \"house.v2.1\": \"house-v1\" } }");
	ALL(&l, rows);
	unload(&l);
	clearenv();
}

static void
own_prefixes(void)
{
	static const struct case_row rows[] = {
		{ "work/claude-opus-4.8", "anthropic/claude-opus-4-8" },
		{ "Work/new", "anthropic/new" },
		{ "vendor/new", "anthropic/new" },
		{ "gw/fast", "a/x" },
		{ "gw/claude-opus-4-8", "anthropic/claude-opus-4-8" },
		{ "gw/anthropic/new", "anthropic/new" },
		{ "gw/kept", "a/kept" },
		/* one of them, once */
		{ "gw/gw/fast", "a/gw/fast" },
		{ "gw/", "a/gw/" },
	};
	struct loaded l;

	clearenv();
	setenv("ANTHROPIC_API_KEY", "k", 1);
	load_good(&l, "{ \"providers\": { \"a\": { \"chat\": \"http://a\" } },"
	    " \"prefixes\": { \"work\": \"anthropic\", \"vendor\":"
	    " \"anthropic\", \"gw\": \"\" }, \"models\": { \"fast\":"
	    " \"a/x\", \"gw/kept\": \"a/kept\" } }");
	ALL(&l, rows);
	unload(&l);
	clearenv();
}

/* Names that lead to names: in their place, each target once. */
static void
nested(void)
{
	static const struct case_row rows[] = {
		{ "outer", "a/1, a/2, b/3, a/4" },
		{ "weighted", "b/9, a/1, a/2" },
	};
	struct loaded l;

	clearenv();
	load_good(&l, "{ \"providers\": { \"a\": { \"chat\": \"http://a\" },"
	    " \"b\": { \"chat\": \"http://b\" } }, \"models\": {"
	    " \"outer\": [\"inner\", \"b/3\", \"a/2\", \"a/4\"],"
	    " \"inner\": [\"a/1\", \"a/2\"], \"weighted\": ["
	    "{ \"model\": \"inner\", \"weight\": 2 },"
	    "{ \"model\": \"b/9\", \"weight\": 7 }] } }");
	ALL(&l, rows);
	unload(&l);
	clearenv();
}

/* The words of a 404, for a name and a key. */
static void
says(const struct loaded *l, const struct access_key *key, const char *asked,
    const char *words, const char *not_these)
{
	struct arena arena = { 0 };
	struct route route = { 0 };
	struct fail fail = { 0 };
	char text[1024];

	CHECK(!route_find(&l->config, key, slice_of(asked), &arena, &route,
	    &fail));
	snprintf(text, sizeof text, "%.*s", SLICE_FMT(fail.message));
	if (!strstr(text, words))
		CHECK_BYTES(text, strlen(text), words, strlen(words));
	CHECK(!not_these || !strstr(text, not_these));
	CHECK_SLICE(fail.param, "model");
	arena_reset(&arena);
}

static void
nearest(void)
{
	char name[600];
	struct loaded l;

	clearenv();
	load_env(&l, NULL);
	says(&l, NULL, "gpt-4o", "no provider is configured", NULL);
	unload(&l);
	setenv("ANTHROPIC_API_KEY", "k", 1);
	load_env(&l, NULL);
	says(&l, NULL, "claude-opus-48", "nearest known one is "
	    "'claude-opus-4-8'", NULL);
	says(&l, NULL, "antropic/claude-opus-4.7", "'claude-opus-4-7'", NULL);
	/* what is hardly like it is no help */
	says(&l, NULL, "gtp", "GET /v1/models lists", "nearest");
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	says(&l, NULL, name, "does not exist", name);
	unload(&l);
	clearenv();
}

static void
keys(void)
{
	static const char text[] = "{ \"models\": { \"fast\": { \"targets\":"
	    " [\"openai/gpt-4o\"] } }, \"keys\": [ { \"name\": \"team\","
	    " \"sha256\": \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
	    "b410ff61f20015ad\", \"models\": [\"fast\", \"gpt-5.1\","
	    " \"anthropic/*\"] } ] }";
	struct loaded l;
	const struct access_key *key;

	clearenv();
	setenv("OPENAI_API_KEY", "k", 1);
	setenv("ANTHROPIC_API_KEY", "k", 1);
	load_good(&l, text);
	key = l.config.keys;
	leads_to(&l, key, "fast", "openai/gpt-4o");
	leads_to(&l, key, "gpt-5-1", "openai/gpt-5.1");
	leads_to(&l, key, "claude-opus-4-8", "anthropic/claude-opus-4-8");
	leads_to(&l, key, "anthropic/new", "anthropic/new");
	leads_to(&l, key, "gpt-4o", "forbidden");
	leads_to(&l, key, "openai/gpt-4o", "forbidden");
	leads_to(&l, key, "gpt-5-1-x", "unknown");
	says(&l, key, "gpt-4o", "The key 'team' may not use", NULL);
	/* what it may not use is not offered either */
	says(&l, key, "gpt-4oo", "does not exist", "gpt-4o'. ");
	says(&l, key, "gpt-4.1o", "nearest known one is 'gpt-5.1'", NULL);
	unload(&l);
	clearenv();
}

static void
count_one(void *arg, struct slice id, struct slice owner,
    const struct catalog_model *row)
{
	char *text = arg;
	size_t len = strlen(text);

	(void)row;
	snprintf(text + len, 4096 - len, "%.*s(%.*s) ", SLICE_FMT(id),
	    SLICE_FMT(owner));
}

static void
listing(void)
{
	struct arena arena = { 0 };
	struct loaded l;
	char text[4096] = "";

	clearenv();
	setenv("DEEPSEEK_API_KEY", "k", 1);
	load_good(&l, "{ \"models\": { \"deepseek-chat\": { \"targets\":"
	    " [\"deepseek/x\"] } } }");
	route_each_model(&l.config, NULL, &arena, count_one, text);
	CHECK(strstr(text, "deepseek-chat(dragoman) "));
	CHECK(!strstr(text, "deepseek-chat(deepseek)"));
	CHECK(strstr(text, "deepseek-reasoner(deepseek) "));
	CHECK(!strstr(text, "gpt"));
	arena_reset(&arena);
	unload(&l);
	clearenv();
}

/* The same protocol where the provider has it, else one that it has. */
/* In which protocol is a client of `client` asked for at that provider? */
static void
goes(const struct loaded *l, const char *name, enum protocol_id client,
    const struct route_wish *wish, enum protocol_id want)
{
	struct route_wish none = { 0 };
	struct target t = { .provider = provider(l, name) };
	const struct protocol *got;

	t.translate = t.provider->translate;
	got = route_protocol(&t, protocol_by_id(client), wish ? wish : &none);
	CHECK(got && got->id == want);
}

static void
protocols(void)
{
	static const struct route_wish refuses = { .chat_refuses = true },
	    thinks = { .thinks = true },
	    old = { .absent = 1u << PROTO_RESPONSES, .thinks = true };
	struct loaded l;

	clearenv();
	load_good(&l, "{ \"providers\": { \"both\": { \"chat\": \"http://a\","
	    " \"messages\": \"http://a\" }, \"chat\": { \"chat\":"
	    " \"http://b\" }, \"openai\": { \"key\": \"k\" },"
	    " \"google\": { \"key\": \"k\" }, \"groq\": { \"key\": \"k\" },"
	    " \"other\": { \"preset\": \"openai\", \"key\": \"k\","
	    " \"translate\": true }, \"new\": { \"responses\":"
	    " \"http://c/v1\" } } }");
	goes(&l, "both", PROTO_CHAT, NULL, PROTO_CHAT);
	goes(&l, "both", PROTO_MESSAGES, NULL, PROTO_MESSAGES);
	goes(&l, "both", PROTO_RESPONSES, NULL, PROTO_CHAT);
	goes(&l, "chat", PROTO_MESSAGES, NULL, PROTO_CHAT);
	goes(&l, "openai", PROTO_CHAT, NULL, PROTO_CHAT);
	goes(&l, "openai", PROTO_CHAT, &thinks, PROTO_CHAT);
	goes(&l, "openai", PROTO_CHAT, &refuses, PROTO_RESPONSES);
	goes(&l, "openai", PROTO_MESSAGES, NULL, PROTO_CHAT);
	goes(&l, "openai", PROTO_MESSAGES, &thinks, PROTO_RESPONSES);
	goes(&l, "openai", PROTO_MESSAGES, &old, PROTO_CHAT);
	goes(&l, "openai", PROTO_RESPONSES, NULL, PROTO_RESPONSES);
	goes(&l, "openai", PROTO_RESPONSES, &old, PROTO_CHAT);
	goes(&l, "other", PROTO_CHAT, NULL, PROTO_RESPONSES);
	goes(&l, "other", PROTO_RESPONSES, NULL, PROTO_CHAT);
	goes(&l, "google", PROTO_GEMINI, NULL, PROTO_GEMINI);
	goes(&l, "google", PROTO_MESSAGES, NULL, PROTO_GEMINI);
	goes(&l, "google", PROTO_CHAT, NULL, PROTO_CHAT);
	goes(&l, "groq", PROTO_RESPONSES, NULL, PROTO_RESPONSES);
	goes(&l, "groq", PROTO_MESSAGES, &thinks, PROTO_CHAT);
	goes(&l, "new", PROTO_GEMINI, NULL, PROTO_RESPONSES);
	unload(&l);
}

TESTS(
	{ "names of the catalogue", catalogue },
	{ "names with a vendor", prefixes },
	{ "open catalogues", open_catalogues },
	{ "names of the operator's own", own_names },
	{ "names with a star", stars },
	{ "prefixes of the operator's own", own_prefixes },
	{ "names that lead to names", nested },
	{ "the nearest name", nearest },
	{ "a key's models", keys },
	{ "all names", listing },
	{ "protocols", protocols })
