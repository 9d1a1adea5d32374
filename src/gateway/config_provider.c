/* Providers: presets, base URLs, keys and the HTTP proxy on the way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "gateway/config_text.h"
#include "gateway/loader.h"

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

/* The value of a variable in either spelling; NULL if unset or empty. */
static const char *
env_either(const char *upper, const char *lower)
{
	const char *value = getenv(lower);

	if (!value || !*value)
		value = getenv(upper);
	return value && *value ? value : NULL;
}

/*
 * Does NO_PROXY exempt `host`? A list of names; ".x" and "x" match x and what
 * ends in .x.
 */
static bool
no_proxy(const struct url *url)
{
	struct slice rest = slice_of(env_either("NO_PROXY", "no_proxy"));

	if (slice_is(url->host, "localhost") ||
	    slice_starts(url->host, SLICE("127.")) ||
	    slice_is(url->host, "::1"))
		return true;
	while (rest.ptr) {
		struct slice name = slice_trim(slice_cut(&rest, ','));
		size_t colon = slice_rchr(name, ':');

		if (slice_is(name, "*"))
			return true;
		if (colon != SIZE_MAX && slice_chr(name, ':') == colon)
			name = slice_sub(name, 0, colon);
		if (slice_starts(name, SLICE(".")))
			name = slice_skip(name, 1);
		if (!name.len || name.len > url->host.len)
			continue;
		if (slice_eq_ci(name, slice_skip(url->host,
		    url->host.len - name.len)) &&
		    (name.len == url->host.len ||
		    url->host.ptr[url->host.len - name.len - 1] == '.'))
			return true;
	}
	return false;
}

static bool
proxy_credentials(struct loader *l, const struct url *proxy,
    struct dial_target *dial)
{
	struct slice user, password, pair;

	if (!proxy->user.len)
		return true;
	if (!url_decode(l->arena, proxy->user, &user) ||
	    !url_decode(l->arena, proxy->password, &password))
		return false;
	pair = arena_fmt(l->arena, "%.*s:%.*s", SLICE_FMT(user),
	    SLICE_FMT(password));
	pair = base64_encode(l->arena, pair);
	dial->proxy_authorization = arena_fmt(l->arena, "Basic %.*s",
	    SLICE_FMT(pair));
	return true;
}

/*
 * HTTPS_PROXY for https providers, HTTP_PROXY for others (lower case only: a
 * CGI environment sets the upper-case one from a request header).
 */
static bool
set_proxy(struct loader *l, const struct url *url, struct dial_target *dial,
    const char **why)
{
	const char *text = url->tls ? env_either("HTTPS_PROXY", "https_proxy")
	    : getenv("http_proxy");
	struct url proxy;

	if (!text || !*text)
		text = env_either("ALL_PROXY", "all_proxy");
	if (!text || no_proxy(url))
		return true;
	if (!url_parse(&proxy, slice_of(text), why) || proxy.tls ||
	    !proxy_credentials(l, &proxy, dial)) {
		*why = "the proxy in the environment is not of the form "
		    "http://[user:password@]host:port";
		return false;
	}
	dial->proxy_host = arena_dup(l->arena, proxy.host);
	dial->proxy_port = proxy.port;
	return true;
}

/* People write base URLs with and without the protocol's own beginning. */
static struct slice
trim_base(enum protocol_id id, struct slice path)
{
	if (id == PROTO_MESSAGES && slice_ends(path, SLICE("/v1")))
		return slice_sub(path, 0, path.len - 3);
	return path;
}

bool
loader_provider_base(struct loader *l, struct provider *p,
    enum protocol_id id, struct slice text, const char **why)
{
	struct endpoint *e = &p->at[id];
	struct url url;
	bool usual;

	if (!url_parse(&url, arena_dup(l->arena, text), why))
		return false;
	if (url.user.len) {
		*why = "an address must not hold credentials: use \"key\"";
		return false;
	}
	usual = url.port == (url.tls ? 443 : 80);
	*e = (struct endpoint){ .there = true };
	e->base = trim_base(id, url.path);
	e->host_header = slice_chr(url.host, ':') != SIZE_MAX
	    ? arena_fmt(l->arena, "[%.*s]", SLICE_FMT(url.host)) : url.host;
	if (!usual)
		e->host_header = arena_fmt(l->arena, "%.*s:%u",
		    SLICE_FMT(e->host_header), (unsigned)url.port);
	e->dial.host = url.host;
	e->dial.port = url.port;
	e->dial.tls = url.tls;
	if (url.tls)
		l->config->needs_trust = true;
	return set_proxy(l, &url, &e->dial, why);
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
	if (!keys)
		return loader_fail(l, (struct jval){ 0 }, "out of memory");
	for (size_t i = 0; i < p->key_count; i++)
		keys[i] = p->keys[i];
	keys[p->key_count++] = key;
	p->keys = keys;
	return true;
}

/*
 * The base URL that stands for one protocol of a preset; empty: it does not
 * speak it.
 */
static struct slice
preset_base(struct loader *l, const struct preset *preset, int id,
    struct slice root)
{
	struct slice suffix = slice_of(preset->suffix[id]);

	if (!preset->suffix[id])
		return (struct slice){ 0 };
	if (!root.len)
		return slice_of(preset->base[id]);
	while (slice_ends(root, SLICE("/")))
		root = slice_sub(root, 0, root.len - 1);
	/* ".../v1" and "..." are both in use for the same server */
	if (slice_is(suffix, "/v1") && slice_ends(root, suffix))
		suffix = (struct slice){ 0 };
	else if (slice_ends(root, SLICE("/v1")) && suffix.len)
		root = slice_sub(root, 0, root.len - 3);
	return arena_fmt(l->arena, "%.*s%.*s", SLICE_FMT(root),
	    SLICE_FMT(suffix));
}

bool
loader_provider_preset(struct loader *l, struct provider *p,
    const struct preset *preset, struct slice base_url)
{
	struct slice root = base_url;
	const char *why = "";

	p->preset = preset;
	p->dialect = preset->dialect;
	p->open_catalog = preset->open_catalog || base_url.len > 0 || l->demo;
	if (l->demo)
		root = slice_of(l->demo);
	for (int id = 0; id < PROTO_COUNT; id++) {
		struct slice base = preset_base(l, preset, id, root);

		/*
		 * an overridden address is OpenAI's with its /v1, like the
		 * SDK's own
		 */
		if (l->demo && preset->suffix[id] && id == PROTO_CHAT)
			base = arena_fmt(l->arena, "%s/v1", l->demo);
		if (l->demo && preset->suffix[id] && id == PROTO_MESSAGES)
			base = slice_of(l->demo);
		if (base.len && !loader_provider_base(l, p,
		    (enum protocol_id)id, base, &why))
			return loader_fail(l, (struct jval){ 0 },
			    "the address of provider %.*s, \"%.*s\": %s",
			    SLICE_FMT(p->name),
			    SLICE_FMT(loader_shown(base)), why);
	}
	return true;
}

/* One variable of a preset: <ENV>_<suffix>, or the file that it names. */
static bool
preset_env(struct loader *l, const struct preset *preset, const char *suffix,
    struct slice *out)
{
	char name[64];
	const char *why = NULL;
	int n = snprintf(name, sizeof name, "%s%s", preset->env, suffix);

	CHECK(n > 0 && (size_t)n < sizeof name);
	if (!config_text_env(l->arena, name, out, &why))
		return loader_fail(l, (struct jval){ 0 }, "%s: %s", name, why);
	return true;
}

static bool
add_preset(struct loader *l, const struct preset *preset)
{
	struct slice key, base;
	struct provider *p;

	if (config_provider(l->config, slice_of(preset->name)))
		return true;		/* the file has it already */
	if (!preset_env(l, preset, "_API_KEY", &key) ||
	    !preset_env(l, preset, "_BASE_URL", &base))
		return false;
	if (!l->demo && !base.len && (!key.len || !preset->base[PROTO_CHAT]) &&
	    (!key.len || !preset->base[PROTO_MESSAGES]))
		return true;
	p = loader_provider_add(l, slice_of(preset->name));
	if (!p)
		return loader_fail(l, (struct jval){ 0 }, "out of memory");
	if (l->demo)
		return loader_provider_preset(l, p, preset, base) &&
		    loader_provider_key(l, p, SLICE("demo"));
	return loader_provider_preset(l, p, preset, base) &&
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
