#include "gateway/confine.h"

#include "base/poison.h"
#include "base/seal.h"

/* Sanitizers make calls and read files of their own when a process ends. */
#ifdef POISONING
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

const char confine_names[] = "/etc/resolv.conf";

enum { PORT_NAMES = 53 };

struct paths {
	struct seal_path	path[4];
	size_t			count;
};

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
	log_str("memory", seal_state_name(r->memory));
	log_str("files", seal_state_name(r->files));
	if (r->files_version)
		log_num("landlock", r->files_version);
	log_str("calls", seal_state_name(r->calls));
	log_end();
	warn("privileges", r->privileges);
	warn("memory with keys, which may be swapped (RLIMIT_MEMLOCK)",
	    r->memory);
	warn("files (Landlock)", r->files);
	warn("system calls (seccomp)", r->calls);
}

static void
add(struct paths *paths, const char *path, enum seal_access access)
{
	CHECK(paths->count < sizeof paths->path / sizeof *paths->path);
	paths->path[paths->count++] = (struct seal_path){ path, access };
}

/* The folder of a file: names come and go in it. */
static void
add_folder(struct paths *paths, struct arena *arena, struct slice file,
    enum seal_access access)
{
	size_t len = file.len;

	while (len && file.ptr[len - 1] != '/')
		len--;
	add(paths, len ? arena_cstr(arena, slice_sub(file, 0, len)) : ".",
	    access);
}

/*
 * What names are resolved with.  When a network comes or goes another file
 * takes the place of each, so it is their folders that stay open, also the one
 * that a symbolic link leads to; if it comes to lead elsewhere the master
 * starts other workers.
 */
static void
add_names(struct paths *paths, struct arena *arena)
{
	char folder[INPUT_FOLDER];

	add(paths, "/etc/", SEAL_READ);
	if (input_folder(confine_names, folder))
		add(paths, arena_cstr(arena, slice_of(folder)), SEAL_READ);
}

/* The file may be a link to another folder, or to a device. */
static void
add_ledger(struct paths *paths, const struct config *c)
{
	if (!c->ledger.path)
		return;
	add_folder(paths, c->arena, slice_of(c->ledger.path), SEAL_WRITE);
	add(paths, c->ledger.path, SEAL_WRITE);
}

static void
add_port(struct seal_ports *ports, uint16_t *to, uint16_t port)
{
	for (size_t i = 0; i < ports->count; i++)
		if (to[i] == port)
			return;
	to[ports->count++] = port;
	ports->port = to;
}

/* Those of name servers, which newer C libraries ask by TCP, and providers. */
static struct seal_ports
provider_ports(const struct config *c, struct arena *arena)
{
	struct seal_ports ports = { .count = 0 };
	size_t most = 1;
	uint16_t *to;

	for (const struct provider *p = c->providers; p; p = p->next)
		most += PROTO_COUNT;
	to = arena_array(arena, most, sizeof *to);
	if (!to)
		return ports;
	add_port(&ports, to, PORT_NAMES);
	for (const struct provider *p = c->providers; p; p = p->next)
		for (size_t i = 0; i < PROTO_COUNT; i++) {
			const struct dial_target *t = &p->at[i].dial;

			if (p->at[i].there)
				add_port(&ports, to, t->proxy_host.len
				    ? t->proxy_port : t->port);
		}
	return ports;
}

static struct seal_report
confine(const struct config *c, const struct paths *paths,
    const struct seal_ports *ports, enum seal_calls calls)
{
	struct seal_report r = { .privileges = seal_privileges() };
	bool held = arena_hold(c->arena);

	held &= seal_environment();
	r.memory = held ? SEAL_ON : SEAL_FAILED;
	if (!sanitized) {
		r.files = seal_files(paths->path, paths->count, ports,
		    &r.files_version);
		r.calls = seal_calls(calls);
	}
	return r;
}

void
confine_master(const struct config *c)
{
	struct paths paths = { .count = 0 };
	struct seal_report r;

	if (!c->seal) {
		log_warn("not sealed: the configuration says \"seal\": false");
		return;
	}
	/* a new configuration may name any file, and listen anywhere */
	add(&paths, "/", SEAL_SOCKETS);
	add_ledger(&paths, c);
	r = confine(c, &paths, NULL, SEAL_CALLS_MASTER);
	say(&r);
}

void
confine_worker(const struct config *c)
{
	struct paths paths = { .count = 0 };
	struct arena scratch = { 0 };
	struct seal_ports ports;
	struct seal_report r;

	if (!c->seal)
		return;
	add_names(&paths, &scratch);
	add_ledger(&paths, c);
	ports = provider_ports(c, &scratch);
	r = confine(c, &paths, ports.port ? &ports : NULL, SEAL_CALLS_WORKER);
	arena_reset(&scratch);
	if (r.files == SEAL_FAILED || r.calls == SEAL_FAILED)
		log_warn("a worker is not sealed: files %s, calls %s",
		    seal_state_name(r.files), seal_state_name(r.calls));
}
