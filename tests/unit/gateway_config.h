/*
 * A configuration in a test: a text that is put into a file and loaded with no
 * environment but what the test sets.
 */
#ifndef TESTS_UNIT_GATEWAY_CONFIG_H
#define TESTS_UNIT_GATEWAY_CONFIG_H

#include "test.h"

#include "base/hash.h"
#include "gateway/config.h"

#define CHECK_SLICE(got, want) \
	CHECK_BYTES((got).ptr, (got).len, (want), strlen(want))

struct loaded {
	struct arena		arena;
	struct config		config;
	struct config_problem	problem;
	char			path[32];
	bool			good;
};

static inline void
load(struct loaded *l, const char *text)
{
	char path[] = "/tmp/gateway-config-XXXXXX";
	int fd = mkstemp(path);

	memset(l, 0, sizeof *l);
	memcpy(l->path, path, sizeof path);
	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	l->good = config_load(&l->config, &l->arena, path, NULL, &l->problem);
	unlink(path);
}

/* Without a file: the environment alone. */
static inline void
load_env(struct loaded *l, const char *demo)
{
	memset(l, 0, sizeof *l);
	l->good = config_load(&l->config, &l->arena, NULL, demo, &l->problem);
}

static inline void
unload(struct loaded *l)
{
	arena_reset(&l->arena);
}

/* Load, and say why if it was refused. */
static inline void
load_good(struct loaded *l, const char *text)
{
	load(l, text);
	CHECK_BYTES(l->problem.text, strlen(l->problem.text), "", 0);
	CHECK(l->good);
}

/* The text is refused at `where` ("2:5"; "": no place) with these words. */
static inline void
refused(const char *text, const char *where, const char *words)
{
	struct loaded l;
	char want[96];

	load(&l, text);
	CHECK(!l.good);
	snprintf(want, sizeof want, "%s:%s%s", l.path, where,
	    *where ? ": " : " ");
	if (strncmp(l.problem.text, want, strlen(want)) ||
	    !strstr(l.problem.text, words))
		CHECK_BYTES(l.problem.text, strlen(l.problem.text), want,
		    strlen(want));
	CHECK(strstr(l.problem.text, words));
	unload(&l);
}

static inline const struct provider *
provider(const struct loaded *l, const char *name)
{
	const struct provider *p = config_provider(&l->config, slice_of(name));

	CHECK(p);
	return p;
}

#endif
