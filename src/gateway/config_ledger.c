/* The configuration's "ledger": where what requests cost is written. */
#include <stdlib.h>

#include "gateway/loader.h"

static const char *const syncs[] = {	/* ORDER ledger_sync */
	[LEDGER_INTERVAL] = "interval", [LEDGER_ALWAYS] = "always",
	[LEDGER_NEVER] = "never",
};

enum { MB_MAX = 1 << 20, KB_MAX = 1 << 20 };

struct file_ledger {
	struct slice	path, sync;
	uint64_t	rotate_mb, buffer_kb;
};

const struct field loader_ledger_fields[] = {
	{ "path", FIELD_TEXT, offsetof(struct file_ledger, path), 0, 0 },
	{ "sync", FIELD_TEXT, offsetof(struct file_ledger, sync), 0, 0 },
	{ "rotate_mb", FIELD_UINT, offsetof(struct file_ledger, rotate_mb),
	  0, 0 },
	{ "buffer_kb", FIELD_UINT, offsetof(struct file_ledger, buffer_kb),
	  0, 0 },
	{ 0 },
};

const char *
config_sync_name(enum ledger_sync sync)
{
	return syncs[sync];
}

static bool
read_sync(struct loader *l, struct jval obj, struct slice word)
{
	if (!word.ptr)
		return true;
	for (unsigned i = 0; i < sizeof syncs / sizeof *syncs; i++) {
		if (!slice_is(word, syncs[i]))
			continue;
		l->config->ledger.sync = (enum ledger_sync)i;
		return true;
	}
	return loader_fail(l, jval_get(obj, "sync"), "\"sync\" must be "
	    "\"always\", \"interval\" or \"never\"");
}

static bool
read_path(struct loader *l, struct jval obj, struct slice escaped)
{
	struct slice path;

	if (!escaped.ptr)
		return true;
	if (!loader_text(l, jval_get(obj, "path"), escaped, &path))
		return false;
	if (!path.len || slice_chr(path, '\0') != SIZE_MAX)
		return loader_fail(l, jval_get(obj, "path"), "\"path\" must "
		    "be the name of a file");
	l->config->ledger.path = arena_cstr(l->arena, path);
	return true;
}

bool
loader_ledger(struct loader *l, struct jval obj)
{
	struct ledger_options *o = &l->config->ledger;
	struct file_ledger f = { .rotate_mb = o->rotate_mb,
	    .buffer_kb = o->buffer_kb };

	if (!jval_ok(obj))
		return true;
	if (!loader_bind(l, obj, loader_ledger_fields, &f) ||
	    !read_path(l, obj, f.path) || !read_sync(l, obj, f.sync))
		return false;
	if (f.rotate_mb > MB_MAX)
		return loader_fail(l, jval_get(obj, "rotate_mb"),
		    "\"rotate_mb\" must be at most %d", MB_MAX);
	if (!f.buffer_kb || f.buffer_kb > KB_MAX)
		return loader_fail(l, jval_get(obj, "buffer_kb"),
		    "\"buffer_kb\" must be from 1 to %d", KB_MAX);
	o->rotate_mb = f.rotate_mb;
	o->buffer_kb = f.buffer_kb;
	return true;
}

void
loader_ledger_env(struct loader *l)
{
	const char *path = getenv("DRAGOMAN_LEDGER");

	if (path && *path)
		l->config->ledger.path = arena_cstr(l->arena, slice_of(path));
}
