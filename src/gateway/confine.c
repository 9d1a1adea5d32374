#include "gateway/confine.h"

#include "base/poison.h"
#include "base/seal.h"

/* Sanitizers make calls and read files of their own when a process ends. */
#ifdef POISONING
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

enum { LEDGER_PATHS = 2 };

/* What musl's resolver reads. */
#define NAMES \
	{ "/etc/resolv.conf", SEAL_READ }, { "/etc/hosts", SEAL_READ }

static void
warn(const char *what, enum seal_state state)
{
	if (state == SEAL_UNKNOWN || state == SEAL_FAILED)
		log_warn("not sealed: %s: %s", what, seal_state_name(state));
}

static void
say(const struct seal_report *r)
{
	log_begin(LOG_INFO, "sealed");
	log_str("privileges", seal_state_name(r->privileges));
	log_str("files", seal_state_name(r->files));
	if (r->files_version)
		log_num("landlock", r->files_version);
	log_str("calls", seal_state_name(r->calls));
	log_end();
	warn("privileges", r->privileges);
	warn("files (Landlock)", r->files);
	warn("system calls (seccomp)", r->calls);
}

static struct seal_report
confine(const struct seal_path *paths, size_t count, enum seal_calls calls)
{
	struct seal_report r = { .privileges = seal_privileges() };

	if (!sanitized) {
		r.files = seal_files(paths, count, &r.files_version);
		r.calls = seal_calls(calls);
	}
	return r;
}

/* The folder of a file, for in it names come and go. */
static const char *
folder_of(struct arena *arena, struct slice path)
{
	size_t len = path.len;

	while (len && path.ptr[len - 1] != '/')
		len--;
	return len ? arena_cstr(arena, slice_sub(path, 0, len)) : ".";
}

/*
 * The ledger's folder, for its old files stand beside it; and the file, which
 * may be a link to another place.  Returns how many paths these are.
 */
static size_t
ledger_paths(const struct config *c, struct seal_path *paths)
{
	const char *path = c->ledger.path;

	if (!path)
		return 0;
	paths[0] = (struct seal_path){ folder_of(c->arena, slice_of(path)),
	    SEAL_WRITE };
	paths[1] = (struct seal_path){ path, SEAL_WRITE };
	return LEDGER_PATHS;
}

void
confine_master(const struct config *c)
{
	struct seal_path paths[1 + CONFIG_LISTEN_MAX + LEDGER_PATHS] = {
		{ "/", SEAL_READ },
	};
	struct seal_report r;
	size_t n = 1;

	if (!c->seal) {
		log_warn("not sealed: the configuration says \"seal\": false");
		return;
	}
	/* a socket's file is taken away at the end */
	for (size_t i = 0; i < c->listen_count; i++)
		if (slice_starts(c->listen[i], SLICE("unix:")))
			paths[n++] = (struct seal_path){ folder_of(c->arena,
			    slice_skip(c->listen[i], 5)), SEAL_WRITE };
	n += ledger_paths(c, paths + n);
	arena_hold(c->arena);
	r = confine(paths, n, SEAL_CALLS_MASTER);
	say(&r);
}

void
confine_worker(const struct config *c)
{
	struct seal_path paths[2 + LEDGER_PATHS] = { NAMES };
	struct seal_report r;
	size_t n = 2;

	if (!c->seal)
		return;
	n += ledger_paths(c, paths + n);
	arena_hold(c->arena);
	r = confine(paths, n, SEAL_CALLS_WORKER);
	if (r.files == SEAL_FAILED || r.calls == SEAL_FAILED)
		log_warn("a worker is not sealed: files %s, calls %s",
		    seal_state_name(r.files), seal_state_name(r.calls));
}
