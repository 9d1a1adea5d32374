#include "gateway/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "gateway/config_text.h"
#include "gateway/loader.h"
#include "json/text.h"
#include "net/sock.h"

static const struct limits default_limits = {
	/* config_memory.c says these where the operator does not */
	.body_mb = CONFIG_UNSAID, .answer_mb = CONFIG_UNSAID,
	.memory_mb = CONFIG_UNSAID, .remember_mb = CONFIG_UNSAID,
	.store_mb = CONFIG_UNSAID,
	.head_kb = 64, .connections = 20000,
	.json_tokens = 4000000, .output_tokens = 1024, .budget_wait_ms = 3000,
	.head_ms = 15000, .body_ms = 30000, .idle_ms = 120000,
	.write_ms = 60000, .connect_ms = 10000, .first_token_ms = 600000,
	.silence_ms = 300000, .commit_ms = 10000, .usage_wait_ms = 5000,
	.keep_alive_ms = 15000,
	.drain_s = 30,
	.store_record_kb = 2048, .store_ttl_s = 3600,
	.store_share = 50,
	.total_ms = 600000, .backoff_ms = 500, .backoff_max_ms = 8000,
	.retry_after_max_ms = 60000,
	.retry_budget_percent = 20, .retry_budget_least = 10,
	.pool_idle = 64, .pool_idle_ms = 55000, .pool_age_ms = 600000,
};

static const struct cache_limits default_cache = {
	.entry_kb = 1024, .ttl_s = 3600, .share = 100, .wait_ms = 60000,
};

static const struct circuit default_circuit = {
	.failures = 5, .rate_percent = 50, .requests = 20, .window_s = 30,
	.open_ms = 5000, .open_max_ms = 60000, .probe_ms = 60000,
	.cool_ms = 5000, .cool_max_ms = 60000,
};

bool
loader_fail(struct loader *l, struct jval at, const char *fmt, ...)
{
	char *out = l->problem->text;
	size_t size = sizeof l->problem->text;
	unsigned line, column;
	int n = 0;
	va_list ap;

	if (*out)
		return false;
	if (jval_type(at) == JSON_NONE)
		at = l->at;
	if (l->path && jval_type(at) != JSON_NONE) {
		json_where(l->doc.text, (size_t)(jval_raw(at).ptr -
		    l->doc.text.ptr), &line, &column);
		n = snprintf(out, size, "%s:%u:%u: ", l->path, line, column);
	} else if (l->path) {
		n = snprintf(out, size, "%s: ", l->path);
	}
	if (n < 0 || (size_t)n >= size)
		return false;
	va_start(ap, fmt);
	vsnprintf(out + n, size - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

bool
loader_text(struct loader *l, struct jval at, struct slice escaped,
    struct slice *out)
{
	struct slice text = text_unescape(l->arena, escaped);
	const char *why = "";

	input_add_files(&l->config->inputs, l->arena, text);
	if (config_text_expand(l->arena, text, out, &why))
		return true;
	return loader_fail(l, at, "%s", why);
}

bool
loader_env(struct loader *l, const char *name, struct slice *out)
{
	struct slice file = arena_fmt(l->arena, "%s_FILE%c", name, 0);
	const char *path = file.ptr ? getenv(file.ptr) : NULL;
	const char *why = "";

	if (path && *path)
		input_add(&l->config->inputs, l->arena, slice_of(path));
	if (config_text_env(l->arena, name, out, &why))
		return true;
	return loader_fail(l, (struct jval){ 0 }, "%s: %s", name, why);
}

struct slice
loader_shown(struct slice url)
{
	return slice_chr(url, '@') == SIZE_MAX ? url
	    : SLICE("(not shown: it holds credentials)");
}

const struct provider *
config_provider(const struct config *c, struct slice name)
{
	for (const struct provider *p = c->providers; p; p = p->next)
		if (slice_eq_ci(p->name, name))
			return p;
	return NULL;
}

const struct provider *
config_vendor(const struct config *c, struct slice prefix)
{
	const struct provider *p = config_provider(c, prefix);
	const struct preset *preset;

	if (p)
		return p;
	for (const struct prefix *own = c->prefixes; own; own = own->next)
		if (slice_eq_ci(own->name, prefix))
			return own->provider;
	preset = catalog_preset(prefix);
	if (!preset)
		return NULL;
	for (p = c->providers; p && p->preset != preset; p = p->next)
		;
	return p;
}

static bool
key_there(const struct access_key *k, struct slice name)
{
	while (k && !slice_eq(k->name, name))
		k = k->next;
	return k != NULL;
}

/*
 * Keys in the clear, by commas, in that variable; only their hashes are kept.
 */
static bool
env_keys(struct loader *l, const char *name, struct access_key **keys)
{
	struct slice rest, text;
	unsigned n = 0;

	if (!loader_env(l, name, &rest))
		return false;
	while (rest.ptr) {
		struct access_key *k;

		text = slice_trim(slice_cut(&rest, ','));
		if (!text.len)
			continue;
		k = arena_alloc(l->arena, sizeof *k);
		if (!k)
			return loader_fail(l, (struct jval){ 0 },
			    "out of memory");
		if (!loader_key_uses(l, k))
			return false;
		do
			k->name = arena_fmt(l->arena, "env-%u", ++n);
		while (key_there(*keys, k->name));
		sha256(text, k->sha256);
		k->next = *keys;
		*keys = k;
	}
	return true;
}

static bool
env_rest(struct loader *l)
{
	struct config *c = l->config;
	const char *log = getenv("DRAGOMAN_LOG");
	const char *workers = getenv("DRAGOMAN_WORKERS");
	const char *open = getenv("DRAGOMAN_OPEN");

	if (log && *log && !log_parse(slice_of(log), &c->log_level,
	    &c->log_form))
		return loader_fail(l, (struct jval){ 0 }, "DRAGOMAN_LOG must "
		    "be error, warn, info or debug, and json after a comma");
	if (workers && *workers && (!slice_to_u64(slice_of(workers), 1024,
	    &c->workers) ||
	    !c->workers))
		return loader_fail(l, (struct jval){ 0 },
		    "DRAGOMAN_WORKERS must be a number from 1 to 1024");
	loader_ledger_env(l);
	c->open = l->demo || (open && !strcmp(open, "1"));
	return true;
}

#define BOUND(name, min, max) \
	{ "limits", #name, offsetof(struct config, limits.name), min, max }
#define CIRCUIT(name, min, max) \
	{ "circuit", #name, offsetof(struct config, circuit.name), min, max }

/* Bounds outside of which the program would not work at all. */
static const struct {
	const char	*object, *name;
	size_t		 offset;
	uint64_t	 min, max;
} bounds[] = {
	BOUND(body_mb, 1, 1024), BOUND(head_kb, 1, 1024),
	BOUND(answer_mb, 1, 1024), BOUND(memory_mb, 0, 1 << 20),
	BOUND(connections, 1, 1000000),
	BOUND(json_tokens, 1, UINT32_MAX), BOUND(output_tokens, 0, 1 << 30),
	BOUND(budget_wait_ms, 0, CONFIG_MS_MAX),
	BOUND(head_ms, 1, CONFIG_MS_MAX), BOUND(body_ms, 1, CONFIG_MS_MAX),
	BOUND(idle_ms, 1, CONFIG_MS_MAX), BOUND(write_ms, 1, CONFIG_MS_MAX),
	BOUND(connect_ms, 1, CONFIG_MS_MAX),
	BOUND(first_token_ms, 1, CONFIG_MS_MAX),
	BOUND(silence_ms, 1, CONFIG_MS_MAX),
	BOUND(commit_ms, 0, CONFIG_MS_MAX),
	BOUND(usage_wait_ms, 1, CONFIG_MS_MAX),
	BOUND(keep_alive_ms, 1, CONFIG_MS_MAX),
	BOUND(drain_s, 0, CONFIG_MS_MAX / 1000),
	BOUND(remember_mb, 0, 1024),
	BOUND(store_mb, 0, 65536), BOUND(store_record_kb, 1, 65536),
	BOUND(store_ttl_s, 1, CONFIG_MS_MAX / 1000), BOUND(store_share, 1, 100),
	BOUND(pool_idle, 0, 1000000), BOUND(pool_idle_ms, 0, CONFIG_MS_MAX),
	BOUND(pool_age_ms, 0, CONFIG_MS_MAX),
	BOUND(total_ms, 1, CONFIG_MS_MAX),
	BOUND(backoff_ms, 1, CONFIG_MS_MAX),
	BOUND(backoff_max_ms, 1, CONFIG_MS_MAX),
	BOUND(retry_after_max_ms, 0, CONFIG_MS_MAX),
	BOUND(retry_budget_percent, 0, 1000),
	BOUND(retry_budget_least, 0, 1000000),
	CIRCUIT(failures, 0, 1000000), CIRCUIT(rate_percent, 0, 100),
	CIRCUIT(requests, 1, 1000000), CIRCUIT(window_s, 1, 3600),
	CIRCUIT(open_ms, 1, CONFIG_MS_MAX),
	CIRCUIT(open_max_ms, 1, CONFIG_MS_MAX),
	CIRCUIT(probe_ms, 1, CONFIG_MS_MAX),
	CIRCUIT(cool_ms, 0, CONFIG_MS_MAX),
	CIRCUIT(cool_max_ms, 0, CONFIG_MS_MAX),
};

static bool
check_limits(struct loader *l)
{
	const char *config = (const char *)l->config;
	struct jval root = json_root(&l->doc);

	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		uint64_t n;

		memcpy(&n, config + bounds[i].offset, sizeof n);
		if (n < bounds[i].min || n > bounds[i].max)
			return loader_fail(l, jval_get2(root,
			    bounds[i].object, bounds[i].name),
			    "\"%s\" must be from %llu to %llu",
			    bounds[i].name, (unsigned long long)bounds[i].min,
			    (unsigned long long)bounds[i].max);
	}
	if (l->config->retries > CONFIG_RETRIES_MAX)
		return loader_fail(l, jval_get(root, "retries"),
		    "\"retries\" must be at most %d", CONFIG_RETRIES_MAX);
	if (l->config->workers > 1024)
		return loader_fail(l, jval_get(root, "workers"),
		    "\"workers\" must be from 1 to 1024");
	return true;
}

/* What the environment says; its mistakes are not the file's. */
static bool
load_environment(struct loader *l)
{
	const char *path = l->path;
	bool good;

	l->path = NULL;
	good = (l->no_env || loader_provider_env(l)) &&
	    env_keys(l, "DRAGOMAN_KEY", &l->config->keys) &&
	    env_keys(l, "DRAGOMAN_ADMIN_KEY", &l->config->admins) &&
	    loader_listen_env(l) && env_rest(l);
	l->path = path;
	return good;
}

bool
config_load(struct config *c, struct arena *arena, const char *file,
    const char *demo, struct config_problem *problem)
{
	struct loader l = {
		.config = c, .arena = arena, .problem = problem, .demo = demo,
	};

	*c = (struct config){ .arena = arena, .limits = default_limits,
	    .cache = default_cache,
	    .circuit = default_circuit,
	    .options = options_default, .log_level = LOG_INFO,
	    .seal = true,
	    .ledger = { .rotate_mb = 256, .buffer_kb = 1024 } };
	problem->text[0] = '\0';
	if (!file || !*file)
		file = getenv("DRAGOMAN_CONFIG");
	if (file && *file && !loader_file(&l, file))
		return false;
	loader_memory(&l);
	if (!check_limits(&l) || !load_environment(&l) ||
	    !loader_room(&l) || !loader_prefixes(&l) ||
	    !loader_catalog(&l) || !loader_names(&l))
		return false;
	loader_sums(&l);
	if (arena->failed)
		return loader_fail(&l, (struct jval){ 0 }, "out of memory");
	return true;
}

/* The operator's pages give no provider's key away. */
static bool
beyond_loopback(const struct config *c, struct slice *where)
{
	for (size_t i = 0; i < c->listen_count; i++) {
		struct sock_address address;
		const char *why;

		*where = c->listen[i].address;
		if (!c->listen[i].operators &&
		    (!sock_parse(*where, &address, &why) ||
		    !sock_is_loopback(&address)))
			return true;
	}
	return false;
}

bool
config_safe(const struct config *c, struct config_problem *problem)
{
	struct slice where;
	bool holds_keys = false;

	for (const struct provider *p = c->providers; p; p = p->next)
		holds_keys |= p->key_count > 0;
	if (!holds_keys || c->keys || c->open || !beyond_loopback(c, &where))
		return true;
	snprintf(problem->text, sizeof problem->text,
	    "refusing to serve provider keys to everybody who can reach %.*s: "
	    "set DRAGOMAN_KEY to a client key (\"dragoman keygen\" makes one), "
	    "or listen on 127.0.0.1, or set DRAGOMAN_OPEN=1 if you mean it",
	    SLICE_FMT(where));
	return false;
}
