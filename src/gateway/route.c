#include "gateway/route.h"

static void
add(struct route *r, const struct provider *p, struct slice model,
    const struct catalog_model *row)
{
	CHECK(r->count < CONFIG_TARGETS_MAX);
	r->targets[r->count++] = (struct target){ p, model, p->translate,
	    row };
}

static bool
from_catalog(const struct config *c, struct arena *arena, struct slice name,
    struct route *r)
{
	struct slice suffix;
	const struct catalog_name *n = catalog_find(c, NULL, name, &suffix);

	if (!n)
		return false;
	add(r, n->provider, suffix.len ? arena_join(arena, (struct slice[]){
	    n->sent, suffix }, 2) : n->sent, n->row);
	return true;
}

/* A provider's name, or its vendor's, before a name that it may know. */
static bool
from_prefix(const struct config *c, struct slice name, struct route *r)
{
	struct slice rest = name, prefix = slice_cut(&rest, '/');
	const struct provider *p = config_vendor(c, prefix);

	if (!rest.len || !p)
		return false;
	add(r, p, rest, NULL);
	return true;
}

static bool
in_family(const struct preset *preset, struct slice name)
{
	struct slice rest = preset ? slice_of(preset->families)
	    : (struct slice){ 0 };

	while (rest.len) {
		struct slice family = slice_cut(&rest, ' ');

		if (family.len && slice_starts_ci(name, family))
			return true;
	}
	return false;
}

/* May the provider know models that the catalogue does not? */
static bool
may_know(const struct provider *p, struct slice name)
{
	return p->open_catalog || (p->preset && p->preset->vendor_names &&
	    slice_chr(name, '/') != SIZE_MAX);
}

/*
 * A provider at an address of the operator's choosing may know more models than
 * we do.  The one whose family fits is asked, or the only one there is.
 */
static bool
from_open(const struct config *c, struct slice name, struct route *r)
{
	const struct provider *only = NULL, *kin = NULL;
	size_t count = 0;

	for (const struct provider *p = c->providers; p; p = p->next) {
		if (!may_know(p, name))
			continue;
		only = p;
		count++;
		if (!kin && in_family(p->preset, name))
			kin = p;
	}
	if (!kin && count != 1)
		return false;
	add(r, kin ? kin : only, name, NULL);
	return true;
}

static bool
from_config(const struct config *c, struct slice name, struct route *r)
{
	const struct model *m = map_get(&c->model_names, name);

	if (!m)
		return false;
	for (size_t i = 0; i < m->target_count; i++)
		r->targets[r->count++] = m->targets[i];
	r->model = m;
	return true;
}

/* ---- all names ---- */

void
route_quirks(const struct target *t, struct quirks *q)
{
	quirks_find(q, t->provider->dialect, t->model);
	quirks_override(q, t->provider->quirks, t->model);
}

void
route_each_model(const struct config *c, const struct access_key *key,
    struct arena *arena, void (*each)(void *, struct slice, struct slice,
    const struct catalog_model *), void *arg)
{
	struct slice suffix;

	for (const struct model *m = c->models; m; m = m->next)
		if (access_allows(key, m->name))
			each(arg, m->name, SLICE("dragoman"), NULL);
	for (const struct catalog_entry *e = c->catalog; e; e = e->next) {
		struct slice id = slice_of(e->row->id), full, owner =
		    slice_of(e->row->preset);
		const struct catalog_name *n = catalog_find(c, NULL, id,
		    &suffix);

		/* it stands for who answers to it */
		if (n->row != e->row || n->provider != e->provider ||
		    map_get(&c->model_names, id))
			continue;
		if (!owner.len)
			owner = e->provider->name;
		full = arena_join(arena, (struct slice[]){ owner, SLICE("/"),
		    id }, 3);
		if (access_allows(key, id) || access_allows(key, full))
			each(arg, id, owner, e->row);
	}
}

/* ---- the nearest name, for those who misspelled it ---- */

struct nearest {
	struct slice	name, best;
	size_t		distance;
};

static void
consider(void *arg, struct slice id, struct slice owner,
    const struct catalog_model *row)
{
	struct nearest *n = arg;
	size_t d = slice_distance(n->name, id);

	(void)owner;
	(void)row;
	if (d < n->distance) {
		n->distance = d;
		n->best = id;
	}
}

static bool
unknown(const struct config *c, const struct access_key *key,
    struct slice name, struct arena *arena, struct fail *fail)
{
	struct nearest n = { .name = name, .distance = SIZE_MAX };
	struct slice rest = name;

	slice_cut(&rest, '/');
	if (rest.len)
		n.name = rest;
	route_each_model(c, key, arena, consider, &n);
	if (!c->providers)
		return fail_set(fail, arena, FAIL_NOT_FOUND, "model",
		    "The model '%.*s' does not exist: no provider is "
		    "configured. Set a key such as OPENAI_API_KEY.",
		    SLICE_FMT(slice_sub(name, 0, 200)));
	/* what shares less than half its letters is no help */
	if (n.distance <= n.name.len / 2)
		return fail_set(fail, arena, FAIL_NOT_FOUND, "model",
		    "The model '%.*s' does not exist. The nearest known one "
		    "is '%.*s'; GET /v1/models lists them all.",
		    SLICE_FMT(slice_sub(name, 0, 200)), SLICE_FMT(n.best));
	return fail_set(fail, arena, FAIL_NOT_FOUND, "model",
	    "The model '%.*s' does not exist. Name one as provider/model; "
	    "GET /v1/models lists those that are known.",
	    SLICE_FMT(slice_sub(name, 0, 200)));
}

static bool
allowed(const struct access_key *key, const struct route *r,
    struct slice name, struct arena *arena)
{
	const struct target *t = &r->targets[0];

	if (access_allows(key, name))
		return true;
	return !r->model && access_allows(key, arena_join(arena,
	    (struct slice[]){ t->provider->name, SLICE("/"), t->model }, 3));
}

bool
route_find(const struct config *c, const struct access_key *key,
    struct slice name, struct arena *arena, struct route *r,
    struct fail *fail)
{
	r->count = 0;
	r->model = NULL;
	if (!from_config(c, name, r) && !from_catalog(c, arena, name, r) &&
	    !from_prefix(c, name, r) && !from_open(c, name, r))
		return unknown(c, key, name, arena, fail);
	if (allowed(key, r, name, arena))
		return true;
	return fail_set(fail, arena, FAIL_PERMISSION, "model",
	    "The key '%.*s' may not use the model '%.*s'.",
	    SLICE_FMT(key->name), SLICE_FMT(slice_sub(name, 0, 200)));
}

/*
 * By the client's protocol, the one that loses least first.  Chat goes before
 * younger ones that as many speak, but not as well.
 */
static const uint8_t nearest[PROTO_COUNT][PROTO_COUNT] = {
	[PROTO_CHAT] = { PROTO_CHAT, PROTO_RESPONSES, PROTO_GEMINI,
	    PROTO_MESSAGES },
	[PROTO_MESSAGES] = { PROTO_MESSAGES, PROTO_GEMINI, PROTO_CHAT,
	    PROTO_RESPONSES },
	[PROTO_RESPONSES] = { PROTO_RESPONSES, PROTO_GEMINI, PROTO_CHAT,
	    PROTO_MESSAGES },
	[PROTO_GEMINI] = { PROTO_GEMINI, PROTO_CHAT, PROTO_RESPONSES,
	    PROTO_MESSAGES },
};

/* Is the address there, and in use for clients of that protocol? */
static bool
has(const struct provider *p, enum protocol_id id, enum protocol_id client,
    const struct route_wish *wish)
{
	unsigned bit = 1u << id;

	return p->at[id].there && !(wish->absent & bit) &&
	    (id == client || !p->preset || !(p->preset->own_only & bit));
}

const struct protocol *
route_protocol(const struct target *t, const struct protocol *client,
    const struct route_wish *wish)
{
	const struct provider *p = t->provider;
	bool same = has(p, client->id, client->id, wish);
	bool chat = client->id == PROTO_CHAT;

	if (has(p, PROTO_RESPONSES, client->id, wish) &&
	    (wish->chat_refuses || (wish->thinks && !chat && !same)))
		return protocol_by_id(PROTO_RESPONSES);
	if (same && !t->translate)
		return client;
	for (int i = 0; i < PROTO_COUNT; i++) {
		enum protocol_id id = nearest[client->id][i];

		if (id != client->id && has(p, id, client->id, wish))
			return protocol_by_id(id);
	}
	return same ? client : NULL;
}
