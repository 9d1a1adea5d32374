/* access: where a credential may stand, and which key it is. */
#include "gateway_config.h"

#include "gateway/access.h"

/* Check the headers `fields` (whole lines) of a request for `target`. */
static bool
check(const struct config *c, const char *target, const char *fields,
    struct caller *caller, struct arena *arena)
{
	char text[1024];
	struct http_head *head = arena_alloc(arena, sizeof *head);
	struct http_fault fault;
	size_t used, scanned = 0;
	int len = snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nhost: h\r\n"
	    "%s\r\n", target, fields);

	CHECK(head && http1_parse_request(arena_dup(arena,
	    (struct slice){ text, (size_t)len }), sizeof text, &scanned, head,
	    &used, &fault) == 1);
	return access_check(c, head, arena, caller);
}

/* The credential that is found, and with keys, whose it is. */
static void
finds(const char *target, const char *fields, const char *credential)
{
	struct arena arena = { 0 };
	struct config open = { 0 };
	struct caller caller;

	CHECK(check(&open, target, fields, &caller, &arena));
	CHECK(!caller.key);
	CHECK_SLICE(caller.credential, credential);
	arena_reset(&arena);
}

static void
places(void)
{
	finds("/", "", "");
	finds("/", "Authorization: Bearer abc\r\n", "abc");
	finds("/", "authorization: bearer   abc \r\n", "abc");
	finds("/", "authorization: Basic abc\r\n", "");
	finds("/", "authorization: Bearer\r\n", "");
	finds("/", "x-api-key: abc\r\n", "abc");
	finds("/", "api-key: abc\r\n", "abc");
	finds("/", "X-Goog-Api-Key: abc\r\n", "abc");
	finds("/?key=abc", "", "abc");
	finds("/?beta=true&key=a%2Fb", "", "a/b");
	finds("/?key=a%0", "", "");
	finds("/?key=", "", "");
	finds("/?nokey=abc", "", "");
	finds("/?key=q", "x-api-key: x\r\nauthorization: Bearer b\r\n", "b");
	finds("/?key=q", "x-api-key: x\r\n", "x");
}

static void
keys(void)
{
	static const struct {
		const char	*target, *fields;
		const char	*name;		/* NULL: refused */
	} rows[] = {
		{ "/", "", NULL },
		{ "/", "x-api-key:\r\n", NULL },
		{ "/", "x-api-key: nobody\r\n", NULL },
		{ "/", "x-api-key: one\r\n", "env-1" },
		{ "/", "authorization: Bearer two\r\n", "env-2" },
		{ "/?key=two", "", "env-2" },
		/* one of several must be known */
		{ "/", "authorization: Bearer no\r\nx-api-key: two\r\n",
		    "env-2" },
		{ "/?key=one", "authorization: Bearer no\r\nx-api-key: no\r\n"
		    "api-key: no\r\nx-goog-api-key: no\r\n", "env-1" },
		{ "/", "authorization: Bearer one\r\nx-api-key: two\r\n",
		    "env-1" },
		{ "/", "x-api-key: One\r\n", NULL },
		{ "/", "x-api-key: one,two\r\n", NULL },
	};
	struct loaded l;

	clearenv();
	setenv("DRAGOMAN_KEY", "one,two", 1);
	load_env(&l, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena arena = { 0 };
		struct caller caller;
		bool good = check(&l.config, rows[i].target, rows[i].fields,
		    &caller, &arena);

		CHECK(good == (rows[i].name != NULL));
		/* a key of ours is nothing for a provider */
		CHECK(!caller.credential.len);
		if (good)
			CHECK_SLICE(caller.key->name, rows[i].name);
		arena_reset(&arena);
	}
	unload(&l);
	clearenv();
}

/* The hash of an empty variable among the keys lets nobody in. */
static void
empty_key(void)
{
	struct arena arena = { 0 };
	struct loaded l;
	struct caller caller;

	clearenv();
	load_good(&l, "{ \"keys\": [ { \"name\": \"slip\", \"sha256\": \"e3b0"
	    "c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""
	    " } ] }");
	CHECK(!check(&l.config, "/", "", &caller, &arena));
	CHECK(!check(&l.config, "/?key=", "x-api-key: \r\n", &caller, &arena));
	arena_reset(&arena);
	unload(&l);
}

static void
allowed(void)
{
	struct ir_text rest = { .text = SLICE("openai/*") };
	struct ir_text first = { .text = SLICE("fast"), .next = &rest };
	struct access_key some = { .models = &first }, every = { 0 };

	CHECK(access_allows(NULL, SLICE("x")));
	CHECK(access_allows(&every, SLICE("x")));
	CHECK(access_allows(&some, SLICE("fast")));
	CHECK(access_allows(&some, SLICE("openai/x")));
	CHECK(access_allows(&some, SLICE("openai/")));
	CHECK(!access_allows(&some, SLICE("openai")));
	CHECK(!access_allows(&some, SLICE("faster")));
	CHECK(!access_allows(&some, SLICE("")));
	rest.text = SLICE("*");
	CHECK(access_allows(&some, SLICE("x")));
}

TESTS(
	{ "places of a credential", places },
	{ "keys", keys },
	{ "the hash of nothing", empty_key },
	{ "a key's models", allowed })
