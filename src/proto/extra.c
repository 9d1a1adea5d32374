#include "proto/extra.h"

#include "json/write.h"
#include "proto/number.h"

static void
write_members(struct writer *w, struct jval obj, const char *except)
{
	struct jval k;

	for (k = jval_first(obj); !jval_at_end(k); k = jval_next(k)) {
		if (jval_text_is(k, except))
			continue;
		write_key_text(w, jval_text(k));
		write_raw(w, jval_raw(jval_value(k)));
	}
}

/*
 * Members of the body come last, because of a member that stands twice the
 * last one counts.
 */
struct jval
extra_merge(struct arena *arena, struct jval body)
{
	struct jval extra = jval_get(body, "extra_body");
	struct json *doc;
	struct buf out = { 0 };
	struct writer w = { .out = &out };
	struct json_fault fault;
	bool fine;

	if (!jval_is(extra, JSON_OBJECT))
		return body;
	doc = arena_alloc(arena, sizeof *doc);
	write_object(&w);
	write_members(&w, extra, "extra_body");
	write_members(&w, body, "extra_body");
	write_end(&w);
	fine = doc && !out.failed && json_parse(doc, arena,
	    arena_dup(arena, buf_slice(&out)), 0, &fault);
	buf_free(&out);
	return fine ? json_root(doc) : (struct jval){ 0 };
}

const char *const extra_anthropic[] = {
	"speed", "inference_geo", "container", "mcp_servers",
	"context_management", NULL,
};

bool
extra_is_anthropic(struct jval key)
{
	const char *const *name = extra_anthropic;

	while (*name && !jval_text_is(key, *name))
		name++;
	return *name || jval_text_is(key, "betas");
}

/* Members of Chat whose loss changes no answer. */
static const struct {
	const char	*name;
	const char	*neutral;	/* NULL: nothing in it is ever missed */
} hints[] = {
	{ "store", NULL },
	{ "prediction", NULL },
	{ "audio", NULL },
	{ "extra_body", NULL },
	{ "provider", NULL },		/* from here: other gateways' routing */
	{ "models", NULL },
	{ "route", NULL },
	{ "transforms", NULL },
	{ "plugins", NULL },
	{ "usage", NULL },
	{ "drop_params", NULL },
	{ "num_retries", NULL },
	{ "timeout", NULL },
	{ "custom_llm_provider", NULL },
	{ "caching", NULL },
	{ "fallbacks", NULL },
	{ "logit_bias", "{}" },
	{ "min_p", "0" },
	{ "top_a", "0" },
	{ "repetition_penalty", "1" },
};

static bool
is_neutral(struct jval v, const char *neutral)
{
	if (jval_is(v, JSON_NUMBER) && *neutral != '{')
		return number_vs(jval_raw(v), neutral) == 0;
	return *neutral == '{' && jval_is(v, JSON_OBJECT) && !jval_count(v);
}

bool
extra_is_hint(struct slice name, struct jval value)
{
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (slice_is(name, hints[i].name))
			return !hints[i].neutral ||
			    is_neutral(value, hints[i].neutral);
	return false;
}
