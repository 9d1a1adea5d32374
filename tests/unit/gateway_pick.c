/* choose and pick: the targets of one request, and their order. */
#include "gateway_asked.h"

/* ---- what the catalogue knows ---- */

static void
capabilities(void)
{
	static const char image[] = "{\"messages\":[{\"role\":\"user\","
	    "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
	    "\"http://x/y.png\"}}]}]}";
	struct loaded l;

	clearenv();
	load_good(&l, "{ \"env\": false, \"providers\": { \"a\": { \"chat\":"
	    " \"http://a\" }, \"b\": { \"chat\": \"http://b\", \"quirks\": ["
	    "{ \"models\": \"text\", \"set\": { \"vision\": true } }] } },"
	    " \"catalog\": { \"a/text\": { \"input\": [\"text\"] }, \"b/text\":"
	    " { \"input\": [\"text\"] }, \"a/eyes\": { \"input\": [\"text\","
	    " \"image\"] }, \"a/small\": { \"context\": 15 }, \"a/large\":"
	    " { \"context\": 100000 } }, \"models\": {"
	    " \"m\": [\"a/text\", \"a/eyes\", \"a/unknown\"],"
	    " \"alone\": \"a/text\", \"both\": [\"a/text\", \"a/text2\"],"
	    " \"none\": [\"a/text\", \"a/text\"],"
	    " \"said\": [\"a/text\", \"b/text\"],"
	    " \"room\": [\"a/small\", \"a/large\"] } }");
	goes(&l, PROTO_CHAT, USER("x") "}", "m", "a/text a/eyes a/unknown");
	goes(&l, PROTO_CHAT, image, "m", "a/eyes a/unknown");
	goes(&l, PROTO_CHAT, image, "alone", "a/text");
	goes(&l, PROTO_CHAT, image, "both", "a/text2");
	goes(&l, PROTO_CHAT, image, "none", "a/text");
	goes(&l, PROTO_CHAT, image, "said", "b/text");
	goes(&l, PROTO_CHAT, USER("x") "}", "room", "a/small a/large");
	goes(&l, PROTO_CHAT, USER("one two three four five six seven eight "
	    "nine ten eleven twelve thirteen fourteen fifteen sixteen") "}",
	    "room", "a/large");
	unload(&l);
}

/* ---- weights ---- */

static void
weights(void)
{
	enum { REQUESTS = 4000 };
	unsigned first[3] = { 0 };
	struct loaded l;
	struct asked a;
	char body[128];

	load_models(&l, "\"m\": { \"targets\": [{ \"model\": \"a/1\","
	    " \"weight\": 1 }, { \"model\": \"b/3\", \"weight\": 3 },"
	    " { \"model\": \"c/0\", \"weight\": 0 }] }");
	for (unsigned i = 0; i < REQUESTS; i++) {
		snprintf(body, sizeof body, USER("question %u") "}", i);
		begin(&a, &l, PROTO_CHAT, body);
		go(&a, "m");
		first[a.got[0] - 'a']++;
		CHECK(!strcmp(a.got, "a/1 b/3 c/0") ||
		    !strcmp(a.got, "b/3 a/1 c/0"));
		end(&a);
	}
	CHECK(!first[2]);
	/* 1000 of 4000, within five standard deviations */
	CHECK(first[0] > 1000 - 137 && first[0] < 1000 + 137);
	unload(&l);
}

/* Who drew one that cannot take the request draws again; nobody else does. */
static void
weights_among_able(void)
{
	enum { REQUESTS = 3000 };
	unsigned moved = 0, first[3] = { 0 };
	struct loaded l;
	struct asked a;
	char body[160];

	load_models(&l, "\"m\": { \"pick\": \"weighted\", \"targets\": ["
	    "{ \"model\": \"a/1\", \"when\": { \"stream\": false } },"
	    " \"b/1\", \"c/1\"] }");
	for (unsigned i = 0; i < REQUESTS; i++) {
		char before;

		snprintf(body, sizeof body, USER("question %u") "}", i);
		begin(&a, &l, PROTO_CHAT, body);
		before = *go(&a, "m");
		end(&a);
		snprintf(body, sizeof body, USER("question %u")
		    ",\"stream\":true}", i);
		begin(&a, &l, PROTO_CHAT, body);
		go(&a, "m");
		CHECK(before == 'a' || a.got[0] == before);
		moved += before == 'a';
		first[a.got[0] - 'a']++;
		end(&a);
	}
	CHECK(moved > 800 && moved < 1200);
	CHECK(!first[0] && first[1] > 1350 && first[2] > 1350);
	unload(&l);
}

static void
heaviest_first(void)
{
	struct loaded l;
	struct asked a;
	char body[128];

	load_models(&l, "\"m\": { \"targets\": ["
	    "{ \"model\": \"a/1\", \"weight\": 1 },"
	    "{ \"model\": \"a/5\", \"weight\": 5 },"
	    "{ \"model\": \"b/5\", \"weight\": 5 },"
	    "{ \"model\": \"a/9\", \"weight\": 9 }] }");
	for (unsigned i = 0; i < 200; i++) {
		static const char *const want[] = {
			"a/1 a/9 a/5 b/5", "a/5 a/9 b/5 a/1",
			"b/5 a/9 a/5 a/1", "a/9 a/5 b/5 a/1",
		};
		unsigned fits = 0;

		snprintf(body, sizeof body, USER("%u") "}", i);
		begin(&a, &l, PROTO_CHAT, body);
		go(&a, "m");
		for (size_t k = 0; k < 4; k++)
			fits += !strcmp(a.got, want[k]);
		CHECK(fits == 1);
		end(&a);
	}
	unload(&l);
}

/* ---- the caller's models ---- */

static void
fallbacks(void)
{
	struct loaded l;
	struct asked a;

	load_models(&l, "\"m\": \"a/x\", \"n\": [\"a/x\", \"b/y\"]");
	goes(&l, PROTO_CHAT, USER("x") ",\"models\":[\"n\",\"c/z\"]}", "m",
	    "a/x b/y c/z");
	goes(&l, PROTO_MESSAGES, USER("x") ",\"models\":[\"b/1\"]}", "m",
	    "a/x b/1");
	goes(&l, PROTO_RESPONSES, "{\"input\":\"x\",\"models\":[\"b/1\"]}",
	    "m", "a/x b/1");
	goes(&l, PROTO_GEMINI, "{\"contents\":[],\"models\":[\"b/1\"]}", "m",
	    "a/x");
	goes(&l, PROTO_CHAT, USER("x") ",\"extra_body\":{\"models\":"
	    "[\"b/1\"]}}", "m", "a/x b/1");
	goes(&l, PROTO_CHAT, USER("x") ",\"models\":[]}", "m", "a/x");
	goes(&l, PROTO_CHAT, USER("x") ",\"models\":\"b/1\"}", "m", "a/x");
	goes(&l, PROTO_CHAT, USER("x") ",\"models\":[1]}", "m",
	    "!invalid");
	goes(&l, PROTO_CHAT, USER("x") ",\"models\":[\"nobody\",\"b/1\"]}",
	    "m", "a/x b/1");
	/* OpenRouter knows names that we do not, and has the member */
	begin(&a, &l, PROTO_CHAT, USER("x")
	    ",\"models\":[\"nobody\",\"b/1\"]}");
	CHECK_TEXT(go(&a, "openrouter/x/y"), "openrouter/x/y b/1");
	CHECK(!choose_takes_models(&a.ex, &a.ex.route.targets[0]));
	CHECK(choose_takes_models(&a.ex, &a.ex.route.targets[1]));
	end(&a);
	/* ... but not the operator's names */
	begin(&a, &l, PROTO_CHAT, USER("x") ",\"models\":[\"m\"]}");
	CHECK_TEXT(go(&a, "openrouter/x/y"), "openrouter/x/y a/x");
	CHECK(choose_takes_models(&a.ex, &a.ex.route.targets[0]));
	end(&a);
	unload(&l);
}

/* OpenRouter must not do for a key what we would not. */
static void
handed_on(void)
{
	static const struct {
		const char	*models;
		bool		 taken;
	} rows[] = {
		{ "[\"x/2\"]", false },
		{ "[\"openrouter/x/2\"]", false },
		{ "[\"x/2\",\"y/3\"]", true },
		{ "[\"nobody\"]", true },
	};
	struct ir_text models = { .text = SLICE("openrouter/x/*") };
	struct access_key key = { .name = SLICE("k"), .models = &models };
	struct loaded l;

	load_models(&l, "");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct asked a;
		char body[256];

		snprintf(body, sizeof body, USER("x") ",\"models\":%s}",
		    rows[i].models);
		begin(&a, &l, PROTO_CHAT, body);
		a.ex.caller.key = &key;
		CHECK(!strncmp(go(&a, "openrouter/x/1"), "openrouter/x/1", 14));
		CHECK(choose_takes_models(&a.ex, &a.ex.route.targets[0]) ==
		    rows[i].taken);
		end(&a);
		/* what only goes by is refused instead */
		begin(&a, &l, PROTO_CHAT, body);
		a.ex.caller.key = &key;
		a.ex.purpose = FOR_PASS;
		CHECK_TEXT(go(&a, "openrouter/x/1"), rows[i].taken
		    ? "!permission" : "openrouter/x/1");
		CHECK(!a.ex.route.fallbacks || rows[i].taken);
		end(&a);
	}
	unload(&l);
}

static const struct {
	const char	*models, *asked, *body, *want;
} allowed[] = {
	{ "a/*", "a/x", "", "a/x" },
	{ "a/*", "b/x", "", "!permission" },
	/* an own name is allowed as such, with all behind it */
	{ "a/*", "two", "", "!permission" },
	{ "two", "two", "", "a/x b/y" },
	{ "two", "a/x", "", "!permission" },
	/* a name with a star, by the name or by where it leads */
	{ "g-*", "g-1", "", "a/g-1 b/y" },
	{ "a/*", "g-1", "", "a/g-1" },
	{ "c/*", "g-1", "", "!permission" },
	/* what looks like its own is not led elsewhere */
	{ "a/*", "a/foo-mini", "", "a/foo-mini" },
	{ "zz/*", "zz/foo-mini", "", "!permission" },
	{ "zz/*", "zz/foo", "", "!permission" },
	{ "b/*", "rest", "", "b/rest" },
	/* the caller's own fallbacks */
	{ "a/*", "a/x", ",\"models\":[\"a/y\"]", "a/x a/y" },
	{ "a/*", "a/x", ",\"models\":[\"b/y\"]", "!permission" },
	{ "a/*", "a/x", ",\"models\":[\"two\"]", "!permission" },
	{ "openrouter/x/*", "openrouter/x/1",
	    ",\"models\":[\"y/2\"]", "!permission" },
	{ "openrouter/x/*", "openrouter/x/1",
	    ",\"models\":[\"x/2\"]", "!permission" },
};

/* A key reaches what it may use, by whatever name and by no other. */
static void
permissions(void)
{
	struct loaded l;

	load_models(&l, "\"two\": [\"a/x\", \"b/y\"], \"g-*\": [\"a/g-*\","
	    " \"b/y\"], \"*-mini\": \"c/*-mini\", \"*\": \"b/*\"");
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
		struct ir_text models = { .text = slice_of(allowed[i].models) };
		struct access_key key = { .name = SLICE("k"),
		    .models = &models };
		struct asked a;
		char body[256];

		snprintf(body, sizeof body, USER("x") "%s}", allowed[i].body);
		begin(&a, &l, PROTO_CHAT, body);
		a.ex.caller.key = &key;
		go(&a, allowed[i].asked);
		if (strcmp(a.got, allowed[i].want)) {
			fprintf(stderr, "row %zu\n", i);
			CHECK_TEXT(a.got, allowed[i].want);
		}
		end(&a);
	}
	unload(&l);
}

TESTS(
	{ "what the catalogue knows", capabilities },
	{ "weights", weights },
	{ "weights among those that can", weights_among_able },
	{ "the heaviest first", heaviest_first },
	{ "the caller's models", fallbacks },
	{ "... as OpenRouter gets them", handed_on },
	{ "permissions", permissions })
