/* page and the pages of admin: models in both shapes, probes. */
#include "gateway_config.h"

#include "admin/admin.h"
#include "json/json.h"

struct asked {
	struct arena		arena;
	struct page_answer	answer;
	struct json		doc;
	struct jval		root;
};

static void
ask(struct asked *a, const struct loaded *l, const char *path,
    const char *query, enum protocol_id shape)
{
	struct page_request r = {
		.config = &l->config, .key = l->config.keys,
		.arena = &a->arena, .path = slice_of(path),
		.query = slice_of(query), .shape = shape,
	};
	const struct page *page = page_find(admin_pages, r.path);
	struct json_fault fault;

	memset(a, 0, sizeof *a);
	CHECK(page);
	page->make(&r, &a->answer);
	CHECK(!a->answer.body.failed);
	if (a->answer.fail.kind != FAIL_NONE)
		return;
	CHECK(json_parse(&a->doc, &a->arena, buf_slice(&a->answer.body), 0,
	    &fault));
	a->root = json_root(&a->doc);
}

static void
done(struct asked *a)
{
	buf_free(&a->answer.body);
	arena_reset(&a->arena);
}

static void
paths(void)
{
	static const struct {
		const char	*path;
		bool		 there;
	} rows[] = {
		{ "/", true }, { "/models", true }, { "/models/a", true },
		{ "/models/a/b", true }, { "/modelsx", false },
		{ "/healthz", true }, { "/healthz/x", false },
		{ "/health/readiness", true }, { "", false }, { "/x", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK(!page_find(admin_pages, slice_of(rows[i].path)) !=
		    rows[i].there);
	CHECK(page_find(admin_pages, SLICE("/models"))->whom ==
	    PAGE_CALLERS);
	CHECK(page_find(admin_pages, SLICE("/readyz"))->whom == PAGE_ALL);
	CHECK(page_find(admin_pages, SLICE("/metrics"))->whom ==
	    PAGE_OPERATORS);
}

/* A provider with models of known names, and three of the operator's own. */
static void
load_some(struct loaded *l)
{
	clearenv();
	setenv("DEEPSEEK_API_KEY", "k", 1);
	load_good(l, "{ \"models\": { \"fast\": { \"targets\":"
	    " [\"deepseek/a\"] }, \"a/b c\": { \"targets\":"
	    " [\"deepseek/a\"] }, \"\\\"q\\\"\": { \"targets\":"
	    " [\"deepseek/a\"] } } }");
	clearenv();
}

/* "three names, ..." of a list; more_than says how many may follow. */
static void
check_ids(struct jval root, const char *want)
{
	struct jval list = jval_get(root, "data"), v;
	char got[512] = "";
	size_t len = 0;

	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		len += (size_t)snprintf(got + len, sizeof got - len, "%.*s ",
		    SLICE_FMT(jval_get_text(v, "id")));
	CHECK_BYTES(got, len, want, strlen(want));
}

static void
openai_shape(void)
{
	struct loaded l;
	struct asked a;
	struct jval first;

	load_some(&l);
	ask(&a, &l, "/models", "limit=1", PROTO_CHAT);
	CHECK(a.answer.status == 200);
	CHECK(jval_text_is(jval_get(a.root, "object"), "list"));
	check_ids(a.root, "fast a/b c \\\"q\\\" deepseek-flash "
	    "deepseek-v4-flash deepseek-v4-pro deepseek-chat "
	    "deepseek-reasoner ");
	first = jval_first(jval_get(a.root, "data"));
	CHECK(jval_text_is(jval_get(first, "object"), "model"));
	CHECK(jval_text_is(jval_get(first, "owned_by"), "dragoman"));
	CHECK(jval_is(jval_get(first, "created"), JSON_NUMBER));
	done(&a);
	unload(&l);
}

/*
 * Newest first, then by name; those of the operator before all, and those
 * whose day is not known behind all.
 */
static void
order(void)
{
	struct loaded l;
	struct asked a;
	struct jval list, v, next;
	size_t count = 0, same = 0, older = 0;

	clearenv();
	setenv("MINIMAX_API_KEY", "k", 1);
	setenv("ZAI_API_KEY", "k", 1);
	load_good(&l, "{ \"models\": { \"zz\": { \"targets\":"
	    " [\"glm/x\"] } } }");
	ask(&a, &l, "/models", "", PROTO_CHAT);
	list = jval_get(a.root, "data");
	v = jval_first(list);
	CHECK(jval_text_is(jval_get(v, "id"), "zz"));
	for (v = jval_next(v); !jval_at_end(next = jval_next(v)); v = next) {
		struct slice day = jval_get_text(v, "x_released");
		struct slice then = jval_get_text(next, "x_released");
		int order = day.len && then.len ? slice_cmp(day, then)
		    : (int)(day.len > 0) - (int)(then.len > 0);

		count++;
		CHECK(order >= 0);
		same += order == 0;
		older += order > 0;
		CHECK(order > 0 || slice_cmp(jval_get_text(v, "id"),
		    jval_get_text(next, "id")) < 0);
	}
	CHECK(count > 20 && same > 3 && older > 3);
	done(&a);
	unload(&l);
	clearenv();
}

static void
anthropic_pages(void)
{
	static const struct {
		const char	*query, *ids, *first, *last;
		bool		 more;
	} rows[] = {
		{ "limit=2", "fast a/b c ", "fast", "a/b c", true },
		{ "limit=2&after_id=a%2Fb%20c",
		    "\\\"q\\\" deepseek-flash ", "\\\"q\\\"",
		    "deepseek-flash", true },
		{ "after_id=deepseek-flash", "deepseek-v4-pro ",
		    "deepseek-v4-pro", "deepseek-v4-pro", false },
		{ "after_id=deepseek-v4-pro", "", NULL, NULL, false },
		{ "before_id=deepseek-v4-pro&limit=1", "deepseek-flash ",
		    "deepseek-flash", "deepseek-flash", true },
		{ "before_id=a/b%20c&limit=9", "fast ", "fast", "fast",
		    false },
		{ "before_id=fast", "", NULL, NULL, false },
	};
	struct loaded l;

	load_some(&l);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct asked a;

		ask(&a, &l, "/models", rows[i].query, PROTO_MESSAGES);
		CHECK(a.answer.fail.kind == FAIL_NONE);
		check_ids(a.root, rows[i].ids);
		CHECK(jval_is_true(jval_get(a.root, "has_more")) ==
		    rows[i].more);
		if (rows[i].first) {
			CHECK_SLICE(jval_get_text(a.root, "first_id"),
			    rows[i].first);
			CHECK_SLICE(jval_get_text(a.root, "last_id"),
			    rows[i].last);
		} else {
			CHECK(jval_is(jval_get_null(a.root, "first_id"),
			    JSON_NULL));
		}
		done(&a);
	}
	unload(&l);
}

static void
bad_pages(void)
{
	static const char *const queries[] = {
		"limit=0", "limit=1001", "limit=x", "limit=", "limit=-1",
		"after_id=nobody", "before_id=nobody", "after_id=%zz",
		"after_id=fast&before_id=deepseek-chat",
	};
	struct loaded l;

	load_some(&l);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		struct asked a;

		ask(&a, &l, "/models", queries[i], PROTO_MESSAGES);
		CHECK(a.answer.fail.kind == FAIL_INVALID);
		CHECK(a.answer.fail.message.len && a.answer.fail.param.len);
		done(&a);
	}
	unload(&l);
}

static void
one_model(void)
{
	static const struct {
		const char	*path, *id;	/* NULL: not found */
	} rows[] = {
		{ "/models/fast", "fast" }, { "/models/a/b%20c", "a/b c" },
		{ "/models/a%2Fb%20c", "a/b c" },
		{ "/models/%22q%22", "\\\"q\\\"" },
		{ "/models/deepseek.chat", "deepseek-chat" },
		{ "/models/gpt-4o", NULL }, { "/models/fas%", NULL },
		{ "/models/fast%00", NULL }, { "/models/%2522q%2522", NULL },
	};
	struct loaded l;

	load_some(&l);
	for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
		bool anthropic = i & 1;
		struct asked a;

		ask(&a, &l, rows[i / 2].path, "", anthropic);
		if (rows[i / 2].id) {
			CHECK(a.answer.status == 200);
			CHECK_SLICE(jval_get_text(a.root, "id"),
			    rows[i / 2].id);
			CHECK(jval_text_is(jval_get(a.root, anthropic
			    ? "type" : "object"), "model"));
			CHECK(!anthropic || jval_get_text(a.root,
			    "display_name").len);
		} else {
			CHECK(a.answer.fail.kind == FAIL_NOT_FOUND);
			CHECK(!buf_len(&a.answer.body));
		}
		done(&a);
	}
	unload(&l);
}

/* Known dates and sizes are told in each shape's own members. */
static void
known_facts(void)
{
	struct loaded l;
	struct asked a;
	uint64_t n = 0;

	clearenv();
	setenv("ANTHROPIC_API_KEY", "k", 1);
	load_env(&l, NULL);
	clearenv();
	ask(&a, &l, "/models/claude-haiku-4-5", "", PROTO_CHAT);
	CHECK(jval_u64(jval_get(a.root, "created"), &n));
	CHECK(n == 1760486400);		/* 2025-10-15 */
	CHECK(jval_u64(jval_get(a.root, "context_length"), &n));
	CHECK(n == 200000);
	done(&a);
	ask(&a, &l, "/models/claude-haiku-4-5", "", PROTO_MESSAGES);
	CHECK(jval_text_is(jval_get(a.root, "created_at"),
	    "2025-10-15T00:00:00Z"));
	CHECK(jval_text_is(jval_get(a.root, "display_name"),
	    "Claude Haiku 4.5"));
	CHECK(jval_u64(jval_get(a.root, "max_tokens"), &n));
	CHECK(n == 64000);
	done(&a);
	unload(&l);
}

/* A key sees the models that it may use. */
static void
for_a_key(void)
{
	struct loaded l;
	struct asked a;

	clearenv();
	setenv("DEEPSEEK_API_KEY", "k", 1);
	load_good(&l, "{ \"models\": { \"fast\": { \"targets\":"
	    " [\"deepseek/a\"] } }, \"keys\": [ { \"name\": \"a\","
	    " \"sha256\": \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
	    "b410ff61f20015ad\", \"models\": [\"deepseek-chat\"] } ] }");
	clearenv();
	ask(&a, &l, "/models", "", PROTO_CHAT);
	check_ids(a.root, "deepseek-chat ");
	done(&a);
	ask(&a, &l, "/models/fast", "", PROTO_CHAT);
	CHECK(a.answer.fail.kind == FAIL_NOT_FOUND);
	done(&a);
	unload(&l);
}

static void
probes(void)
{
	struct loaded none, some;
	struct asked a;
	struct page_request r;
	struct page_answer answer = { 0 };

	clearenv();
	load_env(&none, NULL);
	ask(&a, &none, "/healthz", "", PROTO_CHAT);
	CHECK(a.answer.status == 200);
	done(&a);
	ask(&a, &none, "/readyz", "", PROTO_CHAT);
	CHECK(a.answer.status == 503);
	done(&a);
	unload(&none);
	load_some(&some);
	ask(&a, &some, "/readyz", "", PROTO_CHAT);
	CHECK(a.answer.status == 200);
	done(&a);
	r = (struct page_request){ .config = &some.config, .draining = true };
	admin_ready(&r, &answer);
	CHECK(answer.status == 503);
	buf_free(&answer.body);
	unload(&some);
}

/* How many models a page in Gemini's shape has, and where the next begins. */
static void
page_is(const struct loaded *l, const char *query, size_t count,
    const char *next)
{
	struct asked a;

	ask(&a, l, "/models", query, PROTO_GEMINI);
	CHECK(jval_count(jval_get(a.root, "models")) == count);
	CHECK(slice_is(jval_get_text(a.root, "nextPageToken"), next));
	CHECK(jval_ok(jval_get(a.root, "nextPageToken")) == (*next != 0));
	done(&a);
}

static void
gemini(void)
{
	struct loaded l;
	struct asked a;
	struct jval it;

	clearenv();
	load_good(&l, "{ \"providers\": { \"p\": { \"chat\": \"http://h\" } },"
	    " \"models\": { \"a\": { \"targets\": [\"p/x\"] },"
	    " \"b\": { \"targets\": [\"p/x\"] },"
	    " \"c/d\": { \"targets\": [\"p/x\"] } } }");
	page_is(&l, "", 3, "");
	page_is(&l, "pageSize=2", 2, "2");
	page_is(&l, "pageSize=2&pageToken=2", 1, "");
	page_is(&l, "page_size=3", 3, "");
	page_is(&l, "pageToken=99", 0, "");
	ask(&a, &l, "/models", "pageToken=x", PROTO_GEMINI);
	CHECK(a.answer.fail.kind == FAIL_INVALID);
	done(&a);
	ask(&a, &l, "/models/c/d", "", PROTO_GEMINI);
	CHECK(slice_is(jval_get_text(a.root, "name"), "models/c/d"));
	it = jval_get(a.root, "supportedGenerationMethods");
	CHECK(jval_text_is(jval_first(it), "generateContent"));
	done(&a);
	ask(&a, &l, "/models/none", "", PROTO_GEMINI);
	CHECK(a.answer.fail.kind == FAIL_NOT_FOUND);
	done(&a);
	unload(&l);
}

TESTS(
	{ "Gemini's shape", gemini },
	{ "paths of pages", paths },
	{ "OpenAI's list", openai_shape },
	{ "order", order },
	{ "Anthropic's pages", anthropic_pages },
	{ "bad pages", bad_pages },
	{ "one model", one_model },
	{ "known facts", known_facts },
	{ "for a key", for_a_key },
	{ "probes", probes })
