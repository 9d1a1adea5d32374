/* The configuration's "cache", and a model's. */
#include "gateway/loader.h"

#include "base/hash.h"
#include "json/text.h"

enum { ANSWERS_MB = 64 };	/* where "cache" is there and names no size */

#define NUMBER(name, min, max) \
	{ { #name, FIELD_UINT, offsetof(struct cache_limits, name), 0, 0 }, \
	  min, max }
#define FLAG(name) \
	{ { #name, FIELD_FLAG, offsetof(struct cache_limits, name), 0, 0 }, \
	  0, 0 }

static const struct {
	struct field	field;
	uint64_t	min, max;
} rows[] = {
	NUMBER(max_mb, 0, 65536), NUMBER(entry_kb, 1, 65536),
	NUMBER(ttl_s, 1, CONFIG_MS_MAX / 1000), NUMBER(share, 1, 100),
	NUMBER(wait_ms, 0, CONFIG_MS_MAX),
	FLAG(on), FLAG(tools), FLAG(single_flight),
};

enum { ROWS = sizeof rows / sizeof *rows };

const struct field *
loader_cache_field(size_t i)
{
	return i < ROWS ? &rows[i].field : NULL;
}

bool
loader_cache(struct loader *l, struct jval obj)
{
	struct cache_limits *m = &l->config->cache;
	struct field fields[ROWS + 1] = { 0 };

	if (!jval_ok(obj))
		return true;
	for (size_t i = 0; i < ROWS; i++)
		fields[i] = rows[i].field;
	m->max_mb = ANSWERS_MB;
	if (!loader_bind(l, obj, fields, m))
		return false;
	for (size_t i = 0; i < ROWS; i++) {
		const struct field *f = &rows[i].field;
		uint64_t n;

		if (f->type != FIELD_UINT)
			continue;
		n = *(const uint64_t *)(const void *)
		    ((const char *)m + f->offset);
		if (n < rows[i].min || n > rows[i].max)
			return loader_fail(l, jval_get(obj, f->name),
			    "\"%s\" must be from %llu to %llu", f->name,
			    (unsigned long long)rows[i].min,
			    (unsigned long long)rows[i].max);
	}
	return true;
}

bool
loader_model_cache(struct loader *l, struct jval value, struct model *m)
{
	uint64_t ttl_s;

	if (!jval_ok(value))
		return true;
	if (jval_is(value, JSON_TRUE) || jval_is(value, JSON_FALSE)) {
		m->cache = jval_is(value, JSON_TRUE) ? TRI_YES : TRI_NO;
	} else if (jval_is(value, JSON_NUMBER) && slice_to_u64(jval_raw(value),
	    CONFIG_MS_MAX / 1000, &ttl_s) && ttl_s) {
		m->cache = TRI_YES;
		m->cache_ttl_s = ttl_s;
	} else {
		return loader_fail(l, value, "\"cache\" must be true, false, "
		    "or the seconds that answers are kept");
	}
	if (m->cache == TRI_NO || jval_ok(jval_get(json_root(&l->doc),
	    "cache")))
		return true;
	return loader_fail(l, value, "there is no memory for it: add "
	    "\"cache\": { \"max_mb\": %d } at the top", ANSWERS_MB);
}

/* ---- what answers depend on ---- */

/* What the file says of the item of that name; empty: nothing. */
static struct slice
said(struct loader *l, const char *list, struct slice name)
{
	struct jval k = jval_first(jval_get(json_root(&l->doc), list));
	struct slice text = SLICE("");

	for (; !jval_at_end(k); k = jval_next(k))
		if (slice_eq(text_unescape(l->arena, jval_text(k)), name))
			text = jval_raw(jval_value(k));
	return text;
}

static void
sum_provider(struct loader *l, struct provider *p)
{
	static const char *const general[] = {
		"catalog", "compress", "prompt_cache",
	};
	enum { GENERAL = sizeof general / sizeof *general, EACH = 3 };
	struct slice parts[3 + GENERAL + EACH * PROTO_COUNT];
	size_t n = 0;

	for (; n < GENERAL; n++)
		parts[n] = jval_raw(jval_get(json_root(&l->doc), general[n]));
	parts[n++] = said(l, "providers", p->name);
	parts[n++] = p->api_version;
	parts[n++] = (struct slice){ (const char *)&p->options,
	    sizeof p->options };
	for (size_t id = 0; id < PROTO_COUNT; id++) {
		parts[n++] = p->at[id].base;
		parts[n++] = p->at[id].host_header;
		parts[n++] = slice_of(credential_name(p->at[id].credential));
	}
	sha256_list(parts, n, p->sum);
}

void
loader_sums(struct loader *l)
{
	for (struct provider *p = l->config->providers; p; p = p->next)
		sum_provider(l, p);
	for (struct model *m = l->config->models; m; m = m->next) {
		struct slice text = said(l, "models", m->name);

		sha256_list(&text, 1, m->sum);
	}
}
