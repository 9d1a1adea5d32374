#include "test.h"

#include "json/bind.h"
#include "json/write.h"

struct inner {
	struct slice	name;
	uint64_t	size;
};

struct outer {
	struct slice	text, number;
	uint64_t	count;
	enum tri	flag;
	struct jval	raw;
	struct inner	inner;
	char		seen[64];
};

/* Gather the raw elements; refuse null. */
static bool
gather(void *into, struct jval value, size_t i)
{
	struct outer *o = into;
	size_t len = strlen(o->seen);

	CHECK(len < sizeof o->seen - 16);
	snprintf(o->seen + len, sizeof o->seen - len, "%zu=%.*s;", i,
	    SLICE_FMT(jval_raw(value)));
	return jval_ok(value);
}

static const struct field inner_fields[] = {
	{ .name = "name", FIELD_TEXT, offsetof(struct inner, name) },
	{ .name = "size", FIELD_UINT, offsetof(struct inner, size) },
	{ 0 },
};

static const struct field fields[] = {
	{ .name = "text", FIELD_TEXT, offsetof(struct outer, text) },
	{ .name = "number", FIELD_NUM, offsetof(struct outer, number) },
	{ .name = "count", FIELD_UINT, offsetof(struct outer, count) },
	{ .name = "flag", FIELD_FLAG, offsetof(struct outer, flag) },
	{ .name = "raw", FIELD_RAW, offsetof(struct outer, raw) },
	{ .name = "inner", FIELD_OBJECT, offsetof(struct outer, inner),
	    .fields = inner_fields },
	{ .name = "each", FIELD_EACH, .each = gather },
	{ 0 },
};

/* Bind `text`; the name of the field that is wrong, or NULL. */
static const char *
bound(struct outer *o, struct arena *a, struct json *j, const char *text,
    struct bind_problem *p)
{
	struct json_fault fault;

	CHECK(json_parse(j, a, slice_of(text), 0, &fault));
	*o = (struct outer){ 0 };
	if (json_bind(json_root(j), fields, o, p))
		return NULL;
	CHECK(p->name);
	return p->name;
}

static void
binds(void)
{
	struct arena a = { 0 };
	struct bind_problem p;
	struct outer o;
	struct json j;

	CHECK(!bound(&o, &a, &j, "{\"text\":\"a\\n\",\"number\":-1.50,"
	    "\"count\":12,\"flag\":false,\"raw\":[1],\"other\":{},"
	    "\"inner\":{\"n\\u0061me\":\"x\",\"size\":3},"
	    "\"each\":[1,\"b\"]}", &p));
	CHECK(slice_is(o.text, "a\\n"));
	CHECK(slice_is(o.number, "-1.50"));
	CHECK(o.count == 12);
	CHECK(o.flag == TRI_NO);
	CHECK(slice_is(jval_raw(o.raw), "[1]"));
	CHECK(slice_is(o.inner.name, "x"));
	CHECK(o.inner.size == 3);
	CHECK(!strcmp(o.seen, "0=1;1=\"b\";"));
	arena_reset(&a);
}

/* Absent and null leave a field alone. */
static void
absent(void)
{
	struct arena a = { 0 };
	struct bind_problem p;
	struct outer o = { .count = 5, .flag = TRI_YES };
	struct json_fault fault;
	struct json j;

	CHECK(json_parse(&j, &a, SLICE("{\"count\":null,\"inner\":null,"
	    "\"each\":null,\"raw\":null}"), 0, &fault));
	CHECK(json_bind(json_root(&j), fields, &o, &p));
	CHECK(o.count == 5);
	CHECK(o.flag == TRI_YES);
	CHECK(!o.text.ptr);
	CHECK(jval_at_end(o.raw));
	CHECK(json_bind((struct jval){ 0 }, fields, &o, &p));
	arena_reset(&a);
}

static void
problems(void)
{
	static const struct {
		const char	*text, *name, *want, *at;
	} cases[] = {
		{ "{\"text\":1}", "text", "a string", "1" },
		{ "{\"number\":\"1\"}", "number", "a number", "\"1\"" },
		{ "{\"count\":-1}", "count", "a whole number", "-1" },
		{ "{\"count\":1.5}", "count", "a whole number", "1.5" },
		{ "{\"flag\":0}", "flag", "true or false", "0" },
		{ "{\"inner\":[]}", "inner", "an object", "[]" },
		{ "{\"inner\":{\"size\":{}}}", "size", "a whole number",
		  "{}" },
		{ "{\"each\":1}", "each", "an array", "1" },
		{ "{\"each\":[1,null]}", "each", NULL, "null" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena a = { 0 };
		struct bind_problem p;
		struct outer o;
		struct json j;
		const char *name = bound(&o, &a, &j, cases[i].text, &p);

		CHECK(name && !strcmp(name, cases[i].name));
		CHECK(!p.want == !cases[i].want);
		CHECK(!p.want || !strcmp(p.want, cases[i].want));
		CHECK(slice_is(jval_raw(p.at), cases[i].at));
		arena_reset(&a);
	}
}

static void
unknown(void)
{
	struct arena a = { 0 };
	struct json_fault fault;
	struct json j;
	struct jval k;

	CHECK(json_parse(&j, &a, SLICE("{\"text\":1,\"x\":1,\"flag\":1,"
	    "\"y\":1}"), 0, &fault));
	k = json_unknown(json_root(&j), fields, (struct jval){ 0 });
	CHECK(slice_is(jval_text(k), "x"));
	k = json_unknown(json_root(&j), fields, k);
	CHECK(slice_is(jval_text(k), "y"));
	k = json_unknown(json_root(&j), fields, k);
	CHECK(jval_at_end(k));
	arena_reset(&a);
}

static void
nearest(void)
{
	CHECK(!strcmp(json_nearest(fields, SLICE("cuont")), "count"));
	CHECK(!strcmp(json_nearest(fields, SLICE("numbers")), "number"));
	CHECK(!strcmp(json_nearest(fields, SLICE("flg")), "flag"));
	CHECK(!json_nearest(fields, SLICE("something else")));
	CHECK(!json_nearest(fields, SLICE("")));
	CHECK(!json_nearest(fields, SLICE("a name much longer than any that "
	    "a table could ever hold")));
}

static void
prints(void)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct writer w = { .out = &b };
	struct bind_problem p;
	const char *text = "{\"text\":\"a\\n\",\"number\":-1.50,\"count\":12,"
	    "\"flag\":false,\"raw\":{\"x\": 1}}";
	struct outer o;
	struct json j;

	CHECK(!bound(&o, &a, &j, text, &p));
	write_object(&w);
	write_fields(&w, fields, &o);
	write_end(&w);
	CHECK_BYTES(buf_slice(&b).ptr, buf_len(&b), text, strlen(text));
	buf_clear(&b);
	CHECK(!bound(&o, &a, &j, "{}", &p));
	write_fields(&w, fields, &o);
	CHECK(!buf_len(&b));
	buf_free(&b);
	arena_reset(&a);
}

TESTS(
	{ "binds", binds },
	{ "absent and null", absent },
	{ "problems", problems },
	{ "unknown members", unknown },
	{ "nearest name", nearest },
	{ "prints", prints })
