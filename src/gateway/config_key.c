/* An element of the configuration's "keys": who may come in. */
#include "gateway/loader.h"

#include "base/hash.h"

struct file_key {
	struct slice	name, sha256;
	struct jval	models;
};

static const struct field key_fields[] = {
	{ "name", FIELD_TEXT, offsetof(struct file_key, name), 0, 0 },
	{ "sha256", FIELD_TEXT, offsetof(struct file_key, sha256), 0, 0 },
	{ "models", FIELD_RAW, offsetof(struct file_key, models), 0, 0 },
	{ 0 },
};

static bool
key_models(struct loader *l, struct access_key *k, struct jval list)
{
	struct jval v;
	struct slice name;

	if (!jval_ok(list))
		return true;
	if (!jval_is(list, JSON_ARRAY))
		return loader_fail(l, list, "\"models\" must be an array");
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		if (!jval_is(v, JSON_STRING) ||
		    !loader_text(l, v, jval_text(v), &name) ||
		    !ir_text_add(&k->models, l->arena, name))
			return loader_fail(l, v, "a model must be a string");
	if (!k->models)
		return loader_fail(l, list, "an empty \"models\" would allow "
		    "nothing: leave it out to allow all");
	return true;
}

bool
loader_key(void *into, struct jval value, size_t i)
{
	struct loader *l = into;
	struct file_key f = { 0 };
	struct access_key *k = arena_alloc(l->arena, sizeof *k);
	struct access_key **end = &l->config->keys;
	struct slice hash;

	(void)i;
	if (!loader_bind(l, value, key_fields, &f))
		return false;
	if (!k || !f.name.len || !f.sha256.ptr)
		return loader_fail(l, value, "a key needs \"name\" and "
		    "\"sha256\"; \"dragoman keygen\" prints both");
	if (!loader_text(l, value, f.name, &k->name) ||
	    !loader_text(l, value, f.sha256, &hash))
		return false;
	if (!hex_decode(hash, k->sha256, sizeof k->sha256))
		return loader_fail(l, value, "\"sha256\" must be 64 hex "
		    "digits: the hash of the key, not the key");
	if (!key_models(l, k, f.models))
		return false;
	for (; *end; end = &(*end)->next)
		if (slice_eq((*end)->name, k->name))
			return loader_fail(l, value, "key \"%.*s\" stands "
			    "twice: the log tells keys by their names",
			    SLICE_FMT(k->name));
	*end = k;
	return true;
}
