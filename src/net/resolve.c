/*
 * A name is FREE, ASKING (queries wait in its list), TELLING them what came,
 * or KEPT until a time.  Waiting queries are taken off one by one before done()
 * is called: done() may start others, or cancel those that still wait; TELLING
 * keeps the name from being given to another meanwhile.
 */
#include "net/resolve.h"

#include <netdb.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/slab.h"
#include "net/lookup.h"

enum {
	KEEP_GOOD_MS = 30 * 1000,
	KEEP_BAD_MS = 1000,	/* the network may have come meanwhile */
	FRESH_MS = 1000,	/* to ask again would not help */
};

enum name_state { NAME_FREE, NAME_ASKING, NAME_TELLING, NAME_KEPT };

/* Which list of name servers it is; all zeros: there is none. */
struct server_list {
	dev_t		  dev;
	ino_t		  ino;
	time_t		  s;
	long		  ns;
};

struct resolve_name {
	char		  host[LOOKUP_NAME_MAX + 1];	/* lower case */
	size_t		  len;
	enum name_state	  state;
	int64_t		  until_ms;
	struct resolve_answer answer;
	struct resolve_query *waiting;
	struct server_list servers;	/* that were asked */
};

struct resolver {
	struct loop	 *loop;
	struct loop_watch watch;
	struct lookup	 *lookup;
	struct resolve_name names[LOOKUP_PLACES];	/* place for place */
};

static const char *
sentence(int error)
{
	switch (error) {
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
		return "no such name is known";
	case EAI_AGAIN:
		return "no name server has an answer (/etc/resolv.conf)";
	case EAI_MEMORY:
		return "out of memory";
	}
	return "the name server refused (/etc/resolv.conf)";
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static struct server_list
servers_now(void)
{
	struct stat st;

	if (stat("/etc/resolv.conf", &st) != 0)
		return (struct server_list){ .dev = 0 };
	return (struct server_list){ st.st_dev, st.st_ino, st.st_ctim.tv_sec,
	    st.st_ctim.tv_nsec };
}

/* No good answer, or none yet, from servers that are no longer those to ask. */
static bool
is_of_old(const struct resolve_name *n)
{
	const struct server_list *then = &n->servers;
	struct server_list now;

	if (n->state == NAME_KEPT ? n->answer.count != 0
	    : n->state != NAME_ASKING)
		return false;
	now = servers_now();
	return now.dev != then->dev || now.ino != then->ino ||
	    now.s != then->s || now.ns != then->ns;
}

static struct resolve_name *
find(struct resolver *r, struct slice host)
{
	for (size_t i = 0; i < LOOKUP_PLACES; i++) {
		struct resolve_name *n = &r->names[i];
		struct slice known = { n->host, n->len };

		if (n->state == NAME_FREE || !slice_eq_ci(known, host))
			continue;
		if (n->state == NAME_KEPT && n->until_ms <= clock_ms())
			n->state = NAME_FREE;
		else
			return n;
	}
	return NULL;
}

/* A place for a new name: a free one, else the one that ends first. */
static struct resolve_name *
find_place(struct resolver *r)
{
	struct resolve_name *best = NULL;

	for (size_t i = 0; i < LOOKUP_PLACES; i++) {
		struct resolve_name *n = &r->names[i];

		if (n->state == NAME_FREE)
			return n;
		if (n->state == NAME_KEPT &&
		    (!best || n->until_ms < best->until_ms))
			best = n;
	}
	return best;
}

static void
answer(struct resolve_query *q, const struct resolve_answer *known)
{
	struct resolve_answer a = *known;

	for (size_t i = 0; i < a.count; i++)
		sock_set_port(&a.addresses[i], q->port);
	q->name = NULL;
	q->next = NULL;
	q->done(q, &a);
}

static void
settle(struct resolve_name *n, const struct lookup_job *j)
{
	n->answer.count = j->count;
	memcpy(n->answer.addresses, j->addresses,
	    j->count * sizeof *j->addresses);
	n->answer.why = j->count ? NULL : sentence(j->error);
	n->until_ms = clock_ms() + (j->count ? KEEP_GOOD_MS : KEEP_BAD_MS);
	n->state = NAME_TELLING;
	log_debug("resolve: %s has %zu addresses", n->host, j->count);
	while (n->waiting) {
		struct resolve_query *q = n->waiting;

		n->waiting = q->next;
		answer(q, &n->answer);
	}
	n->state = NAME_KEPT;
}

static void
on_answers(struct loop_watch *w, unsigned events)
{
	struct resolver *r = container_of(w, struct resolver, watch);
	const struct lookup_job *job;
	uint64_t times;
	size_t place;

	(void)events;
	if (read(w->fd, &times, sizeof times) < 0)
		return;
	while ((place = lookup_answered(r->lookup, &job)) < LOOKUP_PLACES)
		settle(&r->names[place], job);
}

/* RFC 6761 6.3: the name and all below it. */
static bool
is_localhost(struct slice host)
{
	static const struct slice name = SLICE_INIT("localhost");
	static const struct slice below = SLICE_INIT(".localhost");

	if (host.len && host.ptr[host.len - 1] == '.')
		host = slice_sub(host, 0, host.len - 1);
	return slice_eq_ci(host, name) || (host.len > below.len &&
	    slice_eq_ci(slice_skip(host, host.len - below.len), below));
}

/* Names that need no asking. */
static bool
known_at_once(struct slice host, uint16_t port, struct resolve_answer *a)
{
	if (sock_parse_ip(host, port, &a->addresses[0])) {
		a->count = 1;
		return true;
	}
	if (!is_localhost(host))
		return false;
	a->count = 2;
	return sock_parse_ip(SLICE("127.0.0.1"), port, &a->addresses[0]) &&
	    sock_parse_ip(SLICE("::1"), port, &a->addresses[1]);
}

static bool
ask_for(struct resolver *r, struct resolve_query *q, struct slice host)
{
	struct resolve_name *n = find_place(r);

	if (!n)
		return false;
	*n = (struct resolve_name){ .len = host.len,
	    .servers = servers_now() };
	for (size_t i = 0; i < host.len; i++)
		n->host[i] = lower(host.ptr[i]);
	if (!lookup_ask(r->lookup, (size_t)(n - r->names),
	    (struct slice){ n->host, n->len }))
		return false;
	n->state = NAME_ASKING;
	n->waiting = q;
	q->name = n;
	return true;
}

/* A slab that keeps nothing is plain memory. */
static const struct slab plain = { .size = sizeof(struct resolver) };

struct resolver *
resolver_new(struct loop *loop)
{
	struct slab slab = plain;
	struct resolver *r = slab_get(&slab);

	if (!r)
		return NULL;
	/* Field by field: the names, most of it, stay untouched pages. */
	r->loop = loop;
	r->lookup = lookup_new();
	if (!r->lookup)
		goto fail;
	r->watch = (struct loop_watch){ lookup_event(r->lookup), on_answers };
	if (!loop_add(loop, &r->watch))
		goto fail;
	return r;
fail:
	lookup_free(r->lookup);
	slab_put(&slab, r);
	return NULL;
}

void
resolver_free(struct resolver *r)
{
	struct slab slab = plain;

	if (!r)
		return;
	loop_del(r->loop, &r->watch);
	lookup_free(r->lookup);
	slab_put(&slab, r);
}

bool
resolve_start(struct resolver *r, struct resolve_query *q, struct slice host,
    uint16_t port)
{
	struct resolve_answer a = { .count = 0 };
	struct resolve_name *n;

	CHECK(!q->name);
	q->port = port;
	q->next = NULL;
	if (known_at_once(host, port, &a)) {
		answer(q, &a);
		return true;
	}
	if (!host.len || host.len > LOOKUP_NAME_MAX ||
	    slice_chr(host, '\0') != SIZE_MAX) {
		a.why = "this is not a host name";
		answer(q, &a);
		return true;
	}
	n = find(r, host);
	if (n && is_of_old(n)) {
		n->len = 0;		/* nobody finds it; who waits, waits */
		n = NULL;
	}
	if (!n)
		return ask_for(r, q, host);
	if (n->state != NAME_ASKING) {
		answer(q, &n->answer);
		return true;
	}
	q->name = n;
	q->next = n->waiting;
	n->waiting = q;
	return true;
}

void
resolve_cancel(struct resolver *r, struct resolve_query *q)
{
	struct resolve_query **at;

	(void)r;
	if (!q->name)
		return;
	for (at = &q->name->waiting; *at != q; at = &(*at)->next)
		CHECK(*at);
	*at = q->next;
	q->name = NULL;
	q->next = NULL;
}

static struct resolve_name *
find_kept(struct resolver *r, struct slice host)
{
	struct resolve_name *n = find(r, host);

	return n && n->state == NAME_KEPT ? n : NULL;
}

bool
resolve_forget(struct resolver *r, struct slice host)
{
	struct resolve_name *n = find_kept(r, host);

	if (!n || n->until_ms - clock_ms() > KEEP_GOOD_MS - FRESH_MS)
		return false;
	n->state = NAME_FREE;
	return true;
}

void
resolve_prefer(struct resolver *r, struct slice host,
    const struct sock_address *address)
{
	struct resolve_name *n = find_kept(r, host);
	struct sock_address *all = n ? n->answer.addresses : NULL, a = *address;
	size_t i = 0;

	sock_set_port(&a, 0);
	while (n && i < n->answer.count && (all[i].len != a.len ||
	    memcmp(&all[i].storage, &a.storage, a.len)))
		i++;
	if (!n || i == n->answer.count)
		return;
	memmove(all + 1, all, i * sizeof *all);
	all[0] = a;
}
