#include "net/session.h"

#include <string.h>

#include "base/clock.h"
#include "net/verify.h"

enum { SESSION_S = 24 * 3600 };		/* RFC 5246 F.1.4 */

struct session {
	char		 host[VERIFY_HOST_MAX + 1];
	uint16_t	 port;
	int64_t		 born_s;	/* wall time; 0: the place is free */
	int64_t		 used_s;
	br_ssl_session_parameters params;
};

static struct session *
find(const struct session_cache *c, const char *host, uint16_t port)
{
	for (size_t i = 0; i < c->max; i++)
		if (c->all[i].born_s && c->all[i].port == port &&
		    !strcmp(c->all[i].host, host))
			return &c->all[i];
	return NULL;
}

/* A free place, or the one that was not used for longest. */
static struct session *
find_place(const struct session_cache *c)
{
	struct session *best = &c->all[0];

	for (size_t i = 0; i < c->max; i++) {
		if (!c->all[i].born_s)
			return &c->all[i];
		if (c->all[i].used_s < best->used_s)
			best = &c->all[i];
	}
	return best;
}

bool
session_init(struct session_cache *c, size_t max)
{
	*c = (struct session_cache){ .max = max };
	c->all = arena_array(&c->arena, max ? max : 1, sizeof *c->all);
	return c->all != NULL;
}

void
session_free(struct session_cache *c)
{
	if (c->all)
		explicit_bzero(c->all, c->max * sizeof *c->all);
	arena_reset(&c->arena);
	*c = (struct session_cache){ .max = 0 };
}

const br_ssl_session_parameters *
session_find(struct session_cache *c, const char *host, uint16_t port)
{
	struct session *s = find(c, host, port);
	int64_t now = clock_wall_s();

	if (!s)
		return NULL;
	if (s->born_s > now || now - s->born_s > SESSION_S) {
		explicit_bzero(s, sizeof *s);
		return NULL;
	}
	s->used_s = now;
	return &s->params;
}

void
session_keep(struct session_cache *c, const char *host, uint16_t port,
    const br_ssl_session_parameters *params)
{
	struct session *s = find(c, host, port);
	size_t len = strlen(host);

	if (!params->session_id_len) {		/* the server keeps none */
		session_forget(c, host, port);
		return;
	}
	if (!c->max)
		return;
	CHECK(len < sizeof s->host);
	if (!s)
		s = find_place(c);
	*s = (struct session){ .port = port, .params = *params };
	memcpy(s->host, host, len);
	s->born_s = s->used_s = clock_wall_s();
}

void
session_forget(struct session_cache *c, const char *host, uint16_t port)
{
	struct session *s = find(c, host, port);

	if (s)
		explicit_bzero(s, sizeof *s);
}
