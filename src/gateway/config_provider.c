/* Providers: what the file says of each, and those of the environment. */
#include <stdio.h>

#include "gateway/config_text.h"
#include "gateway/loader.h"
#include "json/text.h"

struct provider *
loader_provider_add(struct loader *l, struct slice name)
{
	struct provider **at = &l->config->providers;
	struct provider *p = arena_alloc(l->arena, sizeof *p);

	while (*at)
		at = &(*at)->next;
	if (p) {
		p->name = name;
		p->dialect = quirk_dialect_by_name(name);
		p->options = l->config->options;
		*at = p;
	}
	return p;
}

/* A key travels in a header: one line of visible ASCII. */
static bool
key_fits_header(struct slice key)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.ptr[i] <= ' ' || key.ptr[i] > '~')
			return false;
	return key.len > 0;
}

bool
loader_provider_key(struct loader *l, struct provider *p, struct slice key)
{
	struct slice *keys = arena_array(l->arena, p->key_count + 1,
	    sizeof *keys);

	if (!key_fits_header(key))
		return loader_fail(l, (struct jval){ 0 }, "the key of provider "
		    "%.*s is empty or holds blanks or control characters",
		    SLICE_FMT(p->name));
	if (p->key_count == CONFIG_KEYS_MAX)
		return loader_fail(l, (struct jval){ 0 }, "provider \"%.*s\" "
		    "has more than %d keys", SLICE_FMT(p->name),
		    CONFIG_KEYS_MAX);
	if (!keys)
		return loader_fail(l, (struct jval){ 0 }, "out of memory");
	for (size_t i = 0; i < p->key_count; i++)
		keys[i] = p->keys[i];
	keys[p->key_count++] = key;
	p->keys = keys;
	return true;
}

/* ---- the file ---- */

/* One member's value, bound by the tables below. */
struct file_provider {
	struct slice	preset, base_url, key, dialect;
	struct slice	base[PROTO_COUNT];
	struct slice	credential, api_version;
	struct jval	keys, options, quirks;
	enum tri	translate;
};

const struct field loader_provider_fields[] = {
	{ "preset", FIELD_TEXT, offsetof(struct file_provider, preset), 0, 0 },
	{ "base_url", FIELD_TEXT, offsetof(struct file_provider, base_url),
	  0, 0 },
	{ "key", FIELD_TEXT, offsetof(struct file_provider, key), 0, 0 },
	{ "keys", FIELD_RAW, offsetof(struct file_provider, keys), 0, 0 },
	{ "options", FIELD_RAW, offsetof(struct file_provider, options),
	  0, 0 },
	{ "chat", FIELD_TEXT, offsetof(struct file_provider,
	  base[PROTO_CHAT]), 0, 0 },
	{ "messages", FIELD_TEXT, offsetof(struct file_provider,
	  base[PROTO_MESSAGES]), 0, 0 },
	{ "responses", FIELD_TEXT, offsetof(struct file_provider,
	  base[PROTO_RESPONSES]), 0, 0 },
	{ "gemini", FIELD_TEXT, offsetof(struct file_provider,
	  base[PROTO_GEMINI]), 0, 0 },
	{ "dialect", FIELD_TEXT, offsetof(struct file_provider, dialect),
	  0, 0 },
	{ "credential", FIELD_TEXT,
	  offsetof(struct file_provider, credential), 0, 0 },
	{ "api_version", FIELD_TEXT,
	  offsetof(struct file_provider, api_version), 0, 0 },
	{ "translate", FIELD_FLAG, offsetof(struct file_provider, translate),
	  0, 0 },
	{ "quirks", FIELD_RAW, offsetof(struct file_provider, quirks), 0, 0 },
	{ 0 },
};

static bool
each_key_of_provider(void *into, struct jval value, size_t i)
{
	struct loader *l = into;
	struct slice key;

	(void)i;
	if (!jval_is(value, JSON_STRING))
		return loader_fail(l, value, "a key must be a string");
	return loader_text(l, value, jval_text(value), &key) &&
	    loader_provider_key(l, l->provider, key);
}

static bool
provider_keys(struct loader *l, const struct file_provider *f, struct jval at)
{
	struct jval v;
	struct slice key;

	if (f->key.ptr && (!loader_text(l, at, f->key, &key) ||
	    !loader_provider_key(l, l->provider, key)))
		return false;
	if (!jval_ok(f->keys))
		return true;
	if (!jval_is(f->keys, JSON_ARRAY))
		return loader_fail(l, f->keys, "\"keys\" must be an array");
	for (v = jval_first(f->keys); !jval_at_end(v); v = jval_next(v))
		if (!each_key_of_provider(l, v, 0))
			return false;
	return true;
}

static bool
has_bases(const struct file_provider *f)
{
	for (int id = 0; id < PROTO_COUNT; id++)
		if (f->base[id].ptr)
			return true;
	return false;
}

static bool
provider_base(struct loader *l, struct jval at, enum protocol_id id,
    struct slice escaped)
{
	struct slice url;
	const char *why = "";

	if (!escaped.ptr)
		return true;
	if (!loader_text(l, at, escaped, &url))
		return false;
	if (!loader_provider_base(l, l->provider, id, url, &why))
		return loader_fail(l, at, "provider \"%.*s\": \"%.*s\": %s",
		    SLICE_FMT(l->provider->name),
		    SLICE_FMT(loader_shown(url)), why);
	return true;
}

static bool
provider_bases(struct loader *l, struct jval at, const struct file_provider *f)
{
	for (int id = 0; id < PROTO_COUNT; id++)
		if (!provider_base(l, at, (enum protocol_id)id, f->base[id]))
			return false;
	return true;
}

/*
 * Addresses given one by one are all there are: what is meant for a server of
 * one's own does not go to the vendor's.
 */
static bool
preset_elsewhere(struct provider *p, const struct preset *preset)
{
	p->preset = preset;
	p->dialect = preset->dialect;
	p->open_catalog = true;
	return true;
}

static bool
no_preset(struct loader *l, struct jval at, struct slice name)
{
	const char *near = catalog_nearest_preset(name);

	return loader_fail(l, at, "no preset is called \"%.*s\"%s%s%s",
	    SLICE_FMT(name), near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
}

static bool
provider_preset(struct loader *l, const struct file_provider *f,
    struct jval at, struct slice name)
{
	struct slice want = f->preset.ptr ? f->preset : name, base = { 0 };
	const struct preset *preset = catalog_preset(want);

	if (f->base_url.ptr && !loader_text(l, at, f->base_url, &base))
		return false;
	if (preset && !base.len && has_bases(f))
		return preset_elsewhere(l->provider, preset);
	if (preset)
		return loader_provider_preset(l, l->provider, preset, base);
	if (f->preset.ptr)
		return no_preset(l, at, f->preset);
	if (base.len)
		return loader_fail(l, at, "provider \"%.*s\" is no preset: "
		    "say what it speaks with \"chat\", \"messages\", "
		    "\"responses\" or \"gemini\" in the place of "
		    "\"base_url\"", SLICE_FMT(name));
	l->provider->open_catalog = true;
	return true;
}

static bool
no_dialect(struct loader *l, struct jval at, struct slice name)
{
	struct field names[DIALECTS + 1] = { 0 };
	const char *near;

	for (unsigned d = 0; d < DIALECTS; d++)
		names[d].name = quirk_dialect_name((enum quirk_dialect)d);
	near = json_nearest(names, name);
	return loader_fail(l, at, "no dialect is called \"%.*s\"%s%s%s",
	    SLICE_FMT(name), near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
}

static bool
provider_dialect(struct loader *l, const struct file_provider *f,
    struct jval at)
{
	if (!f->dialect.ptr)
		return true;
	l->provider->dialect = quirk_dialect_by_name(f->dialect);
	if (l->provider->dialect == DIALECT_GENERIC &&
	    !slice_is(f->dialect, "generic"))
		return no_dialect(l, at, f->dialect);
	return true;
}

/* How keys are told, in the place of what the preset says. */
static bool
provider_credential(struct loader *l, const struct file_provider *f,
    struct jval at)
{
	int form = 0;

	if (!f->credential.ptr)
		return true;
	while (form < CREDENTIAL_FORMS && !slice_is(f->credential,
	    credential_name((enum credential_form)form)))
		form++;
	if (form == CREDENTIAL_FORMS)
		return loader_fail(l, at, "\"credential\" must be bearer, "
		    "x-api-key, api-key or x-goog-api-key");
	for (int id = 0; id < PROTO_COUNT; id++)
		l->provider->at[id].credential = (enum credential_form)form;
	return true;
}

static bool
provider_version(struct loader *l, const struct file_provider *f,
    struct jval at)
{
	const struct preset *preset = l->provider->preset;
	struct slice version = { 0 };

	if (f->api_version.ptr && (!preset || !preset->deployments))
		return loader_fail(l, at, "\"api_version\" belongs to the "
		    "preset azure");
	if (f->api_version.ptr && !loader_text(l, at, f->api_version,
	    &version))
		return false;
	return loader_provider_azure(l, l->provider, version);
}

static bool
has_address(struct loader *l, struct jval key)
{
	const struct provider *p = l->provider;
	const char *near = p->preset ? NULL : catalog_nearest_preset(p->name);

	for (int id = 0; id < PROTO_COUNT; id++)
		if (p->at[id].there)
			return true;
	if (near)
		return loader_fail(l, key, "provider \"%.*s\" has no address; "
		    "did you mean the preset \"%s\"?", SLICE_FMT(p->name),
		    near);
	return loader_fail(l, key, "provider \"%.*s\" has no address: give "
	    "it \"preset\", \"chat\", \"messages\", \"responses\" or "
	    "\"gemini\"%s", SLICE_FMT(p->name),
	    p->preset ? ", or \"base_url\"" : "");
}

bool
loader_provider(void *into, struct jval key, size_t i)
{
	struct loader *l = into;
	struct file_provider f = { 0 };
	struct jval at = jval_value(key);
	struct slice name;

	(void)i;
	if (!loader_text(l, key, jval_text(key), &name) ||
	    !loader_bind(l, at, loader_provider_fields, &f))
		return false;
	if (!name.len || slice_chr(name, '/') != SIZE_MAX)
		return loader_fail(l, key, "a provider's name must not be "
		    "empty or hold \"/\"");
	if (config_provider(l->config, name))
		return loader_fail(l, key, "provider \"%.*s\" stands twice",
		    SLICE_FMT(name));
	l->provider = loader_provider_add(l, name);
	if (!l->provider)
		return loader_fail(l, key, "out of memory");
	l->at = at;
	if (!provider_preset(l, &f, at, name) ||
	    !provider_dialect(l, &f, at) ||
	    !loader_options(l, f.options, &l->provider->options) ||
	    !loader_quirks(l, f.quirks, &l->provider->quirks) ||
	    !provider_bases(l, at, &f) ||
	    !provider_credential(l, &f, at) || !provider_version(l, &f, at) ||
	    !provider_keys(l, &f, at))
		return false;
	l->provider->translate = f.translate == TRI_YES;
	l->at = (struct jval){ 0 };
	return has_address(l, key);
}

/* ---- the environment ---- */

/*
 * One variable of a preset: <ENV>_<suffix>, or the file that it names; the
 * first of its names that is set counts.
 */
static bool
preset_env(struct loader *l, const struct preset *preset, const char *suffix,
    struct slice *out)
{
	struct slice rest = slice_of(preset->env);
	char name[64];

	*out = (struct slice){ 0 };
	while (rest.len && !out->len) {
		struct slice env = slice_cut(&rest, ' ');
		int n = snprintf(name, sizeof name, "%.*s%s", SLICE_FMT(env),
		    suffix);

		CHECK(n > 0 && (size_t)n < sizeof name);
		if (!loader_env(l, name, out))
			return false;
	}
	return true;
}

/* Azure's variables have names of their own. */
static bool
azure_env(struct loader *l, const struct preset *preset, struct slice *base,
    struct slice *version)
{
	if (!preset->deployments)
		return true;
	return (base->len || preset_env(l, preset, "_ENDPOINT", base)) &&
	    preset_env(l, preset, "_API_VERSION", version) &&
	    (version->len || loader_env(l, "OPENAI_API_VERSION", version));
}

static bool
add_preset(struct loader *l, const struct preset *preset)
{
	struct slice key, base, version = { 0 }, rest = slice_of(preset->env);
	struct slice env = slice_cut(&rest, ' ');
	struct provider *p;

	if (config_provider(l->config, slice_of(preset->name)))
		return true;		/* the file has it already */
	if (!preset_env(l, preset, "_API_KEY", &key) ||
	    !preset_env(l, preset, "_BASE_URL", &base) ||
	    !azure_env(l, preset, &base, &version))
		return false;
	if (!l->demo && !base.len && (!key.len || !preset->root)) {
		if (key.len)
			log_warn("%.*s_API_KEY is of no use without %.*s_%s",
			    SLICE_FMT(env), SLICE_FMT(env),
			    preset->deployments ? "ENDPOINT" : "BASE_URL");
		return true;
	}
	p = loader_provider_add(l, slice_of(preset->name));
	if (!p)
		return loader_fail(l, (struct jval){ 0 }, "out of memory");
	if (l->demo)
		key = SLICE("demo");
	return loader_provider_preset(l, p, preset, base) &&
	    loader_provider_azure(l, p, version) &&
	    (!key.len || loader_provider_key(l, p, key));
}

bool
loader_provider_env(struct loader *l)
{
	size_t count;
	const struct preset *presets = catalog_presets(&count);

	for (size_t i = 0; i < count; i++)
		if (!add_preset(l, &presets[i]))
			return false;
	return true;
}
