/* The configuration's "compress" and "prompt_cache", of a model or of all. */
#include "gateway/loader.h"
#include "proto/compress.h"

struct file_kinds {
	enum tri	json, blanks, repeats;
};

const struct field loader_kind_fields[] = {
	{ "json", FIELD_FLAG, offsetof(struct file_kinds, json), 0, 0 },
	{ "blanks", FIELD_FLAG, offsetof(struct file_kinds, blanks), 0, 0 },
	{ "repeats", FIELD_FLAG, offsetof(struct file_kinds, repeats), 0, 0 },
	{ 0 },
};

/* true, false, or an object that says which kinds; what it does not say is. */
static bool
read_compress(struct loader *l, struct jval v, struct saving *s)
{
	struct file_kinds f = { 0 };

	if (!jval_ok(v))
		return true;
	s->compress = jval_is(v, JSON_FALSE) ? TRI_NO : TRI_YES;
	s->kinds = COMPRESS_ALL;
	if (jval_is(v, JSON_FALSE) || jval_is(v, JSON_TRUE))
		return true;
	if (!jval_is(v, JSON_OBJECT))
		return loader_fail(l, v, "\"compress\" must be true, false or "
		    "an object: { \"json\": true, \"blanks\": true, "
		    "\"repeats\": true }");
	if (!loader_bind(l, v, loader_kind_fields, &f))
		return false;
	s->kinds = (f.json == TRI_NO ? 0 : COMPRESS_JSON) |
	    (f.blanks == TRI_NO ? 0 : COMPRESS_BLANKS) |
	    (f.repeats == TRI_NO ? 0 : COMPRESS_REPEATS);
	return true;
}

bool
loader_saving(struct loader *l, struct jval compress, struct jval prompt_cache,
    struct saving *s)
{
	if (!read_compress(l, compress, s))
		return false;
	if (!jval_ok(prompt_cache))
		return true;
	if (!jval_text_is(prompt_cache, "auto") &&
	    !jval_text_is(prompt_cache, "off"))
		return loader_fail(l, prompt_cache,
		    "\"prompt_cache\" must be \"auto\" or \"off\"");
	s->prompt_cache = jval_text_is(prompt_cache, "auto") ? TRI_YES :
	    TRI_NO;
	return true;
}
