/* The configuration file: tables of its members, and what each means. */
#include <stdio.h>
#include <string.h>

#include "gateway/config_text.h"
#include "gateway/loader.h"
#include "net/sock.h"

/* Unknown members are errors: a misspelled limit must not be silently none. */
static bool
known(struct loader *l, struct jval obj, const struct field *fields)
{
	struct jval key = json_unknown(obj, fields, (struct jval){ 0 });
	const char *near;

	if (jval_at_end(key))
		return true;
	near = json_nearest(fields, jval_text(key));
	return loader_fail(l, key, "unknown member \"%.*s\"%s%s%s",
	    SLICE_FMT(jval_text(key)), near ? "; did you mean \"" : "",
	    near ? near : "", near ? "\"?" : "");
}

/* Of two that are called the same one would be without effect. */
static bool
no_twins(struct loader *l, struct jval obj)
{
	for (struct jval k = jval_first(obj); !jval_at_end(k);
	    k = jval_next(k))
		for (struct jval other = jval_next(k); !jval_at_end(other);
		    other = jval_next(other))
			if (slice_eq(jval_text(k), jval_text(other)))
				return loader_fail(l, other, "member \"%.*s\" "
				    "stands twice", SLICE_FMT(jval_text(k)));
	return true;
}

bool
loader_bind(struct loader *l, struct jval obj, const struct field *fields,
    void *into)
{
	struct bind_problem wrong = { 0 };

	if (!jval_is(obj, JSON_OBJECT))
		return loader_fail(l, obj, "expected an object: { ... }");
	if (!known(l, obj, fields) || !no_twins(l, obj))
		return false;
	if (json_bind(obj, fields, into, &wrong))
		return true;
	if (!wrong.want)		/* an .each has said it already */
		return loader_fail(l, wrong.at, "\"%s\" is not right",
		    wrong.name ? wrong.name : "");
	return loader_fail(l, wrong.at, "\"%s\" must be %s", wrong.name,
	    wrong.want);
}

static bool
no_option(struct loader *l, struct jval key)
{
	const char *near = option_nearest(jval_text(key));

	return loader_fail(l, key, "no option is called \"%.*s\"%s%s%s",
	    SLICE_FMT(jval_text(key)), near ? "; did you mean \"" : "",
	    near ? near : "", near ? "\"?" : "");
}

bool
loader_options(struct loader *l, struct jval obj, struct options *options)
{
	if (!jval_ok(obj))
		return true;
	if (!jval_is(obj, JSON_OBJECT))
		return loader_fail(l, obj, "\"options\" must be an object");
	if (!no_twins(l, obj))
		return false;
	for (struct jval k = jval_first(obj); !jval_at_end(k);
	    k = jval_next(k)) {
		const struct option *option = option_find(jval_text(k));
		struct jval v = jval_value(k);
		const char *want;

		if (!option)
			return no_option(l, k);
		want = option_set(options, option, jval_is(v, JSON_STRING) ?
		    jval_text(v) : jval_raw(v));
		if (want)
			return loader_fail(l, v, "\"%s\" must be %s%s",
			    option->name, option->words ? "one of: " : "",
			    want);
	}
	return true;
}

/* ---- the rest ---- */

#define LIMIT(name) \
	{ #name, FIELD_UINT, offsetof(struct limits, name), 0, 0 }

const struct field loader_limit_fields[] = {
	LIMIT(body_mb), LIMIT(head_kb), LIMIT(answer_mb), LIMIT(memory_mb),
	LIMIT(connections),
	LIMIT(json_tokens), LIMIT(output_tokens),
	LIMIT(budget_wait_ms), LIMIT(head_ms),
	LIMIT(body_ms), LIMIT(idle_ms), LIMIT(write_ms),
	LIMIT(connect_ms), LIMIT(first_token_ms),
	LIMIT(silence_ms), LIMIT(commit_ms), LIMIT(usage_wait_ms),
	LIMIT(keep_alive_ms), LIMIT(drain_s), LIMIT(remember_mb),
	LIMIT(store_mb), LIMIT(store_record_kb), LIMIT(store_ttl_s),
	LIMIT(store_share),
	LIMIT(pool_idle), LIMIT(pool_idle_ms), LIMIT(pool_age_ms),
	LIMIT(total_ms), LIMIT(backoff_ms), LIMIT(backoff_max_ms),
	LIMIT(retry_after_max_ms), LIMIT(retry_budget_percent),
	LIMIT(retry_budget_least),
	{ 0 },
};

#define CIRCUIT(name) \
	{ #name, FIELD_UINT, offsetof(struct circuit, name), 0, 0 }

const struct field loader_circuit_fields[] = {
	CIRCUIT(failures), CIRCUIT(rate_percent), CIRCUIT(requests),
	CIRCUIT(window_s), CIRCUIT(open_ms), CIRCUIT(open_max_ms),
	CIRCUIT(probe_ms), CIRCUIT(cool_ms), CIRCUIT(cool_max_ms),
	{ 0 },
};

struct file {
	struct jval	listen, admin_listen, providers, prefixes, models;
	struct jval	keys, limits;
	struct jval	key_defaults, options, ledger, cache, circuit;
	struct jval	compress, prompt_cache;
	struct slice	cors, log, store_file;
	uint64_t	workers, retries;
	enum tri	strict, env, seal;
};

const struct field loader_file_fields[] = {
	{ "listen", FIELD_RAW, offsetof(struct file, listen), 0, 0 },
	{ "admin_listen", FIELD_RAW, offsetof(struct file, admin_listen),
	  0, 0 },
	{ "providers", FIELD_RAW, offsetof(struct file, providers), 0, 0 },
	{ "prefixes", FIELD_RAW, offsetof(struct file, prefixes), 0, 0 },
	{ "models", FIELD_RAW, offsetof(struct file, models), 0, 0 },
	{ "keys", FIELD_RAW, offsetof(struct file, keys), 0, 0 },
	{ "key_defaults", FIELD_RAW, offsetof(struct file, key_defaults),
	  0, 0 },
	{ "limits", FIELD_RAW, offsetof(struct file, limits), 0, 0 },
	{ "circuit", FIELD_RAW, offsetof(struct file, circuit), 0, 0 },
	{ "retries", FIELD_UINT, offsetof(struct file, retries), 0, 0 },
	{ "options", FIELD_RAW, offsetof(struct file, options), 0, 0 },
	{ "ledger", FIELD_RAW, offsetof(struct file, ledger), 0, 0 },
	{ "cache", FIELD_RAW, offsetof(struct file, cache), 0, 0 },
	{ "strict", FIELD_FLAG, offsetof(struct file, strict), 0, 0 },
	{ "compress", FIELD_RAW, offsetof(struct file, compress), 0, 0 },
	{ "prompt_cache", FIELD_RAW, offsetof(struct file, prompt_cache), 0,
	  0 },
	{ "cors", FIELD_TEXT, offsetof(struct file, cors), 0, 0 },
	{ "log", FIELD_TEXT, offsetof(struct file, log), 0, 0 },
	{ "store_file", FIELD_TEXT, offsetof(struct file, store_file), 0, 0 },
	{ "workers", FIELD_UINT, offsetof(struct file, workers), 0, 0 },
	{ "env", FIELD_FLAG, offsetof(struct file, env), 0, 0 },
	{ "seal", FIELD_FLAG, offsetof(struct file, seal), 0, 0 },
	{ "catalog", FIELD_END, 0, 0, 0 },	/* read by loader_catalog() */
	{ "$schema", FIELD_END, 0, 0, 0 },
	{ 0 },
};

/*
 * Call `each` for the elements of an array, or the keys of an object; `what`
 * says what it should have been.
 */
static bool
walk(struct loader *l, struct jval list, const char *what,
    bool (*each)(void *, struct jval, size_t))
{
	enum json_type type = strchr(what, '{') ? JSON_OBJECT : JSON_ARRAY;
	struct jval v;

	if (!jval_ok(list))
		return true;
	if (!jval_is(list, type))
		return loader_fail(l, list, "%s", what);
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		if (!each(l, v, 0))
			return false;
	return true;
}

static bool
read_members(struct loader *l, const struct file *f)
{
	struct config *c = l->config;
	struct slice level;

	if (!loader_text(l, json_root(&l->doc), f->log, &level))
		return false;
	if (level.ptr && !log_parse(level, &c->log_level, &c->log_form))
		return loader_fail(l, json_root(&l->doc), "\"log\" must be "
		    "error, warn, info or debug, and json after a comma");
	if (f->cors.ptr && !loader_text(l, json_root(&l->doc), f->cors,
	    &c->cors))
		return false;
	if (f->store_file.ptr) {
		struct slice file;

		if (!loader_text(l, json_root(&l->doc), f->store_file, &file))
			return false;
		c->store_file = arena_cstr(l->arena, file);
	}
	if (!f->workers)
		return loader_fail(l, jval_get(json_root(&l->doc), "workers"),
		    "\"workers\" must be from 1 to 1024");
	if (f->workers != UINT64_MAX)
		c->workers = f->workers;
	c->strict = f->strict == TRI_YES;
	c->retries = f->retries;
	l->no_env = f->env == TRI_NO;
	c->seal = f->seal != TRI_NO;
	return loader_options(l, f->options, &c->options) &&
	    loader_ledger(l, f->ledger) &&
	    loader_cache(l, f->cache) &&
	    loader_saving(l, f->compress, f->prompt_cache, &c->saving) &&
	    walk(l, f->listen, "\"listen\" must be an array: "
	    "[\"127.0.0.1:4000\"]", loader_listen) &&
	    walk(l, f->admin_listen, "\"admin_listen\" must be an array: "
	    "[\"127.0.0.1:4001\"]", loader_admin_listen) &&
	    walk(l, f->providers, "\"providers\" must be an object: "
	    "{ \"openai\": { \"key\": \"${OPENAI_API_KEY}\" } }",
	    loader_provider) &&
	    walk(l, f->prefixes, "\"prefixes\" must be an object: "
	    "{ \"my-anthropic\": \"anthropic\" }", loader_prefix) &&
	    walk(l, f->models, "\"models\" must be an object: "
	    "{ \"name\": { \"targets\": [\"provider/model\"] } }",
	    loader_model) &&
	    loader_key_defaults(l, f->key_defaults) &&
	    walk(l, f->keys, "\"keys\" must be an array of what "
	    "\"dragoman keygen\" prints", loader_key) &&
	    (!jval_ok(f->limits) ||
	    loader_bind(l, f->limits, loader_limit_fields, &c->limits)) &&
	    (!jval_ok(f->circuit) ||
	    loader_bind(l, f->circuit, loader_circuit_fields, &c->circuit));
}

bool
loader_file(struct loader *l, const char *path)
{
	struct slice text;
	struct json_fault fault;
	struct file f = { .workers = UINT64_MAX };	/* not said */
	const char *why = "";

	l->path = path;
	l->config->file = slice_of(path);
	input_add(&l->config->inputs, l->arena, l->config->file);
	if (!config_text_read(l->arena, path, &text, &why))
		return loader_fail(l, (struct jval){ 0 }, "%s", why);
	/* the arena's copy is ours to write to */
	config_text_relax((char *)(uintptr_t)text.ptr, text.len);
	if (!json_parse(&l->doc, l->arena, text, 0, &fault)) {
		unsigned line, column;

		json_where(text, fault.at, &line, &column);
		snprintf(l->problem->text, sizeof l->problem->text,
		    "%s:%u:%u: %s", path, line, column, fault.why);
		return false;
	}
	return loader_bind(l, json_root(&l->doc), loader_file_fields, &f) &&
	    read_members(l, &f);
}
