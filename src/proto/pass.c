#include "proto/pass.h"

#include <string.h>

#include "json/text.h"
#include "proto/gather.h"

struct jval
pass_member(struct jval body, const char *name)
{
	struct jval own = jval_get(body, name);

	return jval_ok(own) ? own : jval_get2(body, "extra_body", name);
}

/* The first of OpenRouter's list will do. */
static struct jval
model_of(struct jval body)
{
	struct jval model = pass_member(body, "model");
	struct jval list;

	if (jval_ok(model))
		return model;
	list = pass_member(body, "models");
	return jval_is(list, JSON_ARRAY) ? jval_first(list) : model;
}

/* A member's name, in whatever way it is spelled. */
static struct slice
plain_name(struct talk *talk, struct jval key)
{
	struct slice name = jval_text(key);

	return slice_chr(name, '\\') == SIZE_MAX ? name
	    : text_unescape(talk->arena, name);
}

bool
pass_once(struct talk *talk, struct jval body)
{
	static const char *const names[] = { "model", "models" };
	bool seen[sizeof names / sizeof *names] = { false };

	for (struct jval k = jval_first(body); !jval_at_end(k);
	    k = jval_next(k)) {
		struct slice name = plain_name(talk, k);

		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			if (!slice_eq_ci(name, slice_of(names[i])))
				continue;
			if (seen[i])
				return fail_set(&talk->fail, talk->arena,
				    FAIL_INVALID, names[i],
				    "must be given once");
			seen[i] = true;
		}
	}
	return true;
}

bool
pass_peek(struct talk *talk, struct jval body)
{
	struct jval model = model_of(body);
	struct jval stream = pass_member(body, "stream");

	if (!jval_is(body, JSON_OBJECT))
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID, NULL,
		    "The request body must be a JSON object.");
	if (!pass_once(talk, body))
		return false;
	if (!jval_ok(model))
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID, "model",
		    "Field required");
	if (!jval_text(model).len)
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID, "model",
		    "must be a string that names a model");
	if (jval_ok(stream) && !jval_is(stream, JSON_TRUE) &&
	    !jval_is(stream, JSON_FALSE))
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID,
		    "stream", "must be true or false");
	talk->client_model = jval_text(model);
	talk->stream = jval_is_true(stream);
	return true;
}

/* Does a later key of the object have the same spelling? */
static bool
comes_again(struct jval key)
{
	for (struct jval k = jval_next(key); !jval_at_end(k); k = jval_next(k))
		if (slice_eq(jval_text(k), jval_text(key)))
			return true;
	return false;
}

/* Move one member of extra_body up, unless the body has it. */
static bool
lift(struct talk *talk, struct jval body, struct jval key,
    struct splice *splice)
{
	char *name = arena_cstr(talk->arena, jval_text(key));

	if (!name)
		return false;
	if (!jval_ok(jval_value(key)) || jval_ok(jval_get(body, name)) ||
	    !strcmp(name, "model") || comes_again(key) ||
	    (talk->answers > 1 && !strcmp(name, "n")))
		return true;
	splice_set(splice, body, name, jval_raw(jval_value(key)));
	return !splice->failed;
}

static bool
no_memory(struct talk *talk)
{
	return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
	    "Out of memory.");
}

static bool
merge(struct talk *talk, struct jval body, struct jval extra,
    struct splice *splice)
{
	splice_remove(splice, body, "extra_body");
	for (struct jval k = jval_first(extra); !jval_at_end(k);
	    k = jval_next(k))
		if (!lift(talk, body, k, splice))
			return false;
	return true;
}

bool
pass_parse(struct talk *talk, struct slice text, struct jval *root)
{
	struct json *doc = arena_alloc(talk->arena, sizeof *doc);
	struct json_fault fault;

	if (!doc || !json_parse(doc, talk->arena, text, 0, &fault))
		return no_memory(talk);
	*root = json_root(doc);
	return true;
}

bool
pass_begin(struct talk *talk, struct jval *body, struct splice *splice)
{
	struct jval extra = jval_get(*body, "extra_body");
	struct splice merged = { .text = splice->text, .arena = talk->arena };
	struct buf out = { 0 };

	splice->arena = talk->arena;
	if (!jval_is(extra, JSON_OBJECT) || (talk->quirks.keep_extra &&
	    jval_ok(jval_get(extra, "google"))))
		return true;
	if (!merge(talk, *body, extra, &merged))
		return no_memory(talk);
	splice_write(&merged, &out);
	splice->text = gather(talk->arena, &out);
	return !talk->arena->failed ?
	    pass_parse(talk, splice->text, body) : no_memory(talk);
}

bool
pass_end(struct talk *talk, struct jval body, struct splice *splice)
{
	struct slice quoted;

	if (!slice_eq(jval_get_text(body, "model"), talk->model)) {
		quoted = arena_fmt(talk->arena, "\"%.*s\"",
		    SLICE_FMT(talk->model));
		splice_set(splice, body, "model", quoted);
	}
	if (talk->models_taken)
		splice_remove(splice, body, "models");
	return !(talk->arena->failed || splice->failed) || no_memory(talk);
}

bool
pass_among(const char *words, struct slice word)
{
	struct slice rest = slice_of(words);

	while (rest.ptr)
		if (slice_eq(slice_cut(&rest, ' '), word) && word.len)
			return true;
	return false;
}
