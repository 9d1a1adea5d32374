#include "proto/pass.h"

#include <string.h>

struct jval
pass_member(struct jval body, const char *name)
{
	struct jval own = jval_get(body, name);

	return jval_ok(own) ? own : jval_get2(body, "extra_body", name);
}

bool
pass_peek(struct talk *talk, struct jval body)
{
	struct jval model = pass_member(body, "model");
	struct jval stream = pass_member(body, "stream");

	if (!jval_is(body, JSON_OBJECT))
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID, NULL,
		    "The request body must be a JSON object.");
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
merge(struct talk *talk, struct jval body, struct splice *splice)
{
	struct jval extra = jval_get(body, "extra_body");

	if (!jval_is(extra, JSON_OBJECT))
		return true;
	if (jval_count(extra) > SPLICE_MAX / 2)
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID,
		    "extra_body", "must have at most %d members",
		    SPLICE_MAX / 2);
	splice_remove(splice, body, "extra_body");
	for (struct jval k = jval_first(extra); !jval_at_end(k);
	    k = jval_next(k))
		if (!lift(talk, body, k, splice))
			return false;
	return true;
}

bool
pass_edit(struct talk *talk, struct jval body, struct splice *splice)
{
	struct slice quoted;

	if (!slice_eq(jval_get_text(body, "model"), talk->model)) {
		quoted = arena_fmt(talk->arena, "\"%.*s\"",
		    SLICE_FMT(talk->model));
		splice_set(splice, body, "model", quoted);
	}
	if (!merge(talk, body, splice))
		return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
		    "Out of memory.");
	if (talk->arena->failed || splice->failed)
		return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
		    "Out of memory.");
	return true;
}
