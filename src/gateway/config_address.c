/* Addresses of providers, of presets and others, and the proxy on the way. */
#include <stdlib.h>

#include "base/hash.h"
#include "gateway/loader.h"

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

/* Is there a segment such as "/v1" or "/v1beta1" in the path? */
static bool
has_version(struct slice path)
{
	while (path.ptr) {
		struct slice segment = slice_cut(&path, '/');

		if (segment.len >= 2 && segment.ptr[0] == 'v' &&
		    segment.ptr[1] >= '0' && segment.ptr[1] <= '9')
			return true;
	}
	return false;
}

/* People write base URLs with and without the protocol's own beginning. */
static struct slice
trim_base(struct arena *arena, enum protocol_id id, struct slice path)
{
	if (id == PROTO_MESSAGES && slice_ends(path, SLICE("/v1")))
		return slice_sub(path, 0, path.len - 3);
	if (id == PROTO_GEMINI && !has_version(path))
		return arena_join(arena, (struct slice[]){ path,
		    SLICE("/v1beta") }, 2);
	return path;
}

static const enum credential_form usual_forms[PROTO_COUNT] = {
	[PROTO_CHAT] = CREDENTIAL_BEARER,
	[PROTO_MESSAGES] = CREDENTIAL_X_API_KEY,
	[PROTO_RESPONSES] = CREDENTIAL_BEARER,
	[PROTO_GEMINI] = CREDENTIAL_X_GOOG_API_KEY,
};

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
	e->credential = p->preset && p->preset->suffix[id]
	    ? p->preset->credential[id] : usual_forms[id];
	e->base = trim_base(l->arena, id, url.path);
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

/*
 * How many bytes at the end of `root` are the beginning of `suffix`, in whole
 * segments of the path.
 */
static size_t
overlap(struct slice root, struct slice suffix)
{
	for (size_t n = suffix.len; n; n--)
		if ((n == suffix.len || suffix.ptr[n] == '/') &&
		    slice_ends(root, slice_sub(suffix, 0, n)))
			return n;
	return 0;
}

/* Does it end in a version: "/v1", "/v4"? */
static bool
versioned(struct slice root)
{
	struct slice last = slice_skip(root, slice_rchr(root, '/') + 1);

	return last.len >= 2 && last.ptr[0] == 'v' && last.ptr[1] >= '0' &&
	    last.ptr[1] <= '9';
}

/*
 * What the operator gave for a preset's address may be its root, or what one
 * protocol's base URL begins with, or all of it: ".../v1" and "..." are both
 * in use for the same server.  *whole: it is the base URL of Chat and nothing
 * that we know how to go on from.
 */
static struct slice
preset_root(const struct preset *preset, struct slice given, bool *whole)
{
	size_t cut = 0;

	*whole = false;
	if (!given.len)
		return slice_of(preset->root);
	while (slice_ends(given, SLICE("/")))
		given = slice_sub(given, 0, given.len - 1);
	for (int id = 0; id < PROTO_COUNT; id++) {
		size_t n = overlap(given, slice_of(preset->suffix[id]));

		if (n > cut)
			cut = n;
	}
	*whole = !cut && slice_of(preset->suffix[PROTO_CHAT]).len &&
	    versioned(given);
	return slice_sub(given, 0, given.len - cut);
}

/*
 * The base URL that stands for one protocol of a preset; empty: it does not
 * speak it.
 */
static struct slice
preset_base(struct loader *l, const struct preset *preset, int id,
    struct slice given)
{
	bool whole;
	struct slice root = preset_root(preset, given, &whole);

	if (!preset->suffix[id] || !root.len || (whole && id != PROTO_CHAT))
		return (struct slice){ 0 };
	return whole ? root : arena_fmt(l->arena, "%.*s%s", SLICE_FMT(root),
	    preset->suffix[id]);
}

/* The demo's provider has its protocols where most have them. */
static struct slice
demo_base(struct loader *l, const struct preset *preset, int id)
{
	static const char *const suffix[PROTO_COUNT] = {
		[PROTO_CHAT] = "/v1", [PROTO_MESSAGES] = "",
		[PROTO_RESPONSES] = "/v1", [PROTO_GEMINI] = "/v1beta",
	};

	if (!preset->suffix[id])
		return (struct slice){ 0 };
	return arena_fmt(l->arena, "%s%s", l->demo, suffix[id]);
}

bool
loader_provider_preset(struct loader *l, struct provider *p,
    const struct preset *preset, struct slice base_url)
{
	const char *why = "";

	p->preset = preset;
	p->dialect = preset->dialect;
	p->open_catalog = preset->open_catalog || base_url.len > 0 || l->demo;
	for (int id = 0; id < PROTO_COUNT; id++) {
		struct slice base = l->demo ? demo_base(l, preset, id)
		    : preset_base(l, preset, id, base_url);

		if (base.len && !loader_provider_base(l, p,
		    (enum protocol_id)id, base, &why))
			return loader_fail(l, (struct jval){ 0 },
			    "the address of provider %.*s, \"%.*s\": %s",
			    SLICE_FMT(p->name),
			    SLICE_FMT(loader_shown(base)), why);
	}
	return true;
}

/*
 * Azure has three forms of address: a resource, whose models are deployments
 * in the path; one deployment of it; and the newer /openai/v1, which is like
 * any other Chat and needs no version of the API.
 */
bool
loader_provider_azure(struct loader *l, struct provider *p,
    struct slice version)
{
	struct endpoint *e = &p->at[PROTO_CHAT];
	struct slice old = SLICE("/openai");

	if (!p->preset || !p->preset->deployments || !e->there || l->demo)
		return true;
	if (slice_ends(e->base, SLICE("/openai/v1")))
		old = (struct slice){ 0 };
	else if (slice_find(e->base, SLICE("/openai/deployments/")) ==
	    SIZE_MAX)
		e->deployments = true;
	if (e->deployments && slice_ends(e->base, old))
		e->base = slice_sub(e->base, 0, e->base.len - old.len);
	if (!version.len && old.len)
		version = SLICE("2024-10-21");
	for (size_t i = 0; i < version.len; i++)
		if (version.ptr[i] <= ' ' || version.ptr[i] > '~' ||
		    slice_chr(SLICE("&#?%"), version.ptr[i]) != SIZE_MAX)
			return loader_fail(l, (struct jval){ 0 },
			    "the API version of provider %.*s is not of the "
			    "form 2024-10-21", SLICE_FMT(p->name));
	/* the older forms have no Responses for a deployment */
	if (old.len)
		p->at[PROTO_RESPONSES].there = false;
	if (version.len)
		p->api_version = arena_fmt(l->arena, "api-version=%.*s",
		    SLICE_FMT(version));
	return true;
}
