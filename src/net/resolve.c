/*
 * Two sides share `struct shared`, under its lock: the loop's thread puts
 * names in, helper threads take them, ask, and put answers in; an eventfd says
 * that there are some.  Everything else belongs to the loop's thread.
 *
 * A helper may sit in getaddrinfo() for long after the resolver is gone.  So
 * the shared part is counted, and the last to leave it frees it.
 *
 * A name is FREE, ASKING (queries wait in its list), TELLING them what came,
 * or KEPT until a time.  Waiting queries are taken off one by one before done()
 * is called: done() may start others, or cancel those that still wait; TELLING
 * keeps the name from being given to another meanwhile.
 */
#include "net/resolve.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/slab.h"

enum {
	NAMES = 64,
	NAME_MAX_LEN = 253,		/* RFC 1035 2.3.4, as text */
	THREADS = 4,
	THREAD_STACK = 256 * 1024,	/* only what is touched counts */
	KEEP_GOOD_MS = 30 * 1000,
	KEEP_BAD_MS = 3 * 1000,
};

struct job {			/* one per name, at the same place */
	char		  host[NAME_MAX_LEN + 1];
	struct job	 *next;
	struct sock_address addresses[RESOLVE_MAX];
	size_t		  count;
	int		  error;	/* of getaddrinfo() */
};

struct shared {
	pthread_mutex_t	 lock;
	pthread_cond_t	 work;
	struct job	 jobs[NAMES];
	struct job	*first, *last;	/* to be asked, oldest first */
	struct job	*answered;
	unsigned	 threads, idle;
	unsigned	 users;		/* threads, and the resolver itself */
	bool		 over;
	int		 event;
};

enum name_state { NAME_FREE, NAME_ASKING, NAME_TELLING, NAME_KEPT };

struct resolve_name {
	char		  host[NAME_MAX_LEN + 1];
	size_t		  len;
	enum name_state	  state;
	int64_t		  until_ms;
	struct resolve_answer answer;
	struct resolve_query *waiting;
};

struct resolver {
	struct loop	 *loop;
	struct loop_watch watch;
	struct shared	 *shared;
	struct resolve_name names[NAMES];
};

/* Slabs that keep nothing: plain memory, given back from any thread. */
static const struct slab shared_slab = { .size = sizeof(struct shared) };
static const struct slab resolver_slab = { .size = sizeof(struct resolver) };

/* --- the helper threads */

static void
leave(struct shared *s)
{
	struct slab slab = shared_slab;
	bool last;

	pthread_mutex_lock(&s->lock);
	last = --s->users == 0;
	pthread_mutex_unlock(&s->lock);
	if (!last)
		return;
	close(s->event);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->lock);
	slab_put(&slab, s);
}

static void
ask(struct job *j)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG,
	};
	struct addrinfo *all = NULL;

	j->count = 0;
	j->error = getaddrinfo(j->host, NULL, &hints, &all);
	if (j->error)
		return;
	for (struct addrinfo *a = all; a && j->count < RESOLVE_MAX;
	    a = a->ai_next) {
		struct sock_address *to = &j->addresses[j->count];

		if ((a->ai_family != AF_INET && a->ai_family != AF_INET6) ||
		    a->ai_addrlen > sizeof to->storage)
			continue;
		memset(to, 0, sizeof *to);
		memcpy(&to->storage, a->ai_addr, a->ai_addrlen);
		to->len = a->ai_addrlen;
		j->count++;
	}
	freeaddrinfo(all);
}

/* The next job, or NULL when the resolver is gone.  Called under the lock. */
static struct job *
next_job(struct shared *s)
{
	struct job *j;

	while (!s->first && !s->over) {
		s->idle++;
		pthread_cond_wait(&s->work, &s->lock);
		s->idle--;
	}
	if (s->over)
		return NULL;
	j = s->first;
	s->first = j->next;
	return j;
}

static void *
help(void *arg)
{
	struct shared *s = arg;
	const uint64_t one = 1;
	struct job *j;

	pthread_mutex_lock(&s->lock);
	while ((j = next_job(s))) {
		pthread_mutex_unlock(&s->lock);
		ask(j);
		pthread_mutex_lock(&s->lock);
		j->next = s->answered;
		s->answered = j;
		/* Only a full counter refuses, and then the loop was told. */
		if (write(s->event, &one, sizeof one) < 0)
			continue;
	}
	pthread_mutex_unlock(&s->lock);
	leave(s);
	return NULL;
}

/*
 * Signals are the loop's business: a helper that took one would answer a
 * SIGTERM by ending the process.  Called under the lock.
 */
static void
start_thread(struct shared *s)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;

	if (pthread_attr_init(&attr))
		return;
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	if (pthread_create(&thread, &attr, help, s) == 0) {
		s->threads++;
		s->users++;
	} else {
		log_warn("resolve: no thread could be started");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
}

/* False: there is nobody who could ask. */
static bool
enqueue(struct shared *s, struct job *j)
{
	bool helped;

	pthread_mutex_lock(&s->lock);
	if (!s->idle && s->threads < THREADS)
		start_thread(s);
	helped = s->threads > 0;
	if (helped) {
		j->next = NULL;
		if (s->first)
			s->last->next = j;
		else
			s->first = j;
		s->last = j;
		pthread_cond_signal(&s->work);
	}
	pthread_mutex_unlock(&s->lock);
	return helped;
}

/* --- names */

static const char *
sentence(int error)
{
	switch (error) {
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
		return "the host name is not known";
	case EAI_AGAIN:
		return "the name server does not answer";
	case EAI_MEMORY:
		return "out of memory";
	}
	return "the host name could not be resolved";
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static struct resolve_name *
find(struct resolver *r, struct slice host)
{
	for (size_t i = 0; i < NAMES; i++) {
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

	for (size_t i = 0; i < NAMES; i++) {
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
settle(struct resolver *r, const struct job *j)
{
	struct resolve_name *n = &r->names[j - r->shared->jobs];

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
	struct shared *s = r->shared;
	struct job *all;
	uint64_t times;

	(void)events;
	if (read(w->fd, &times, sizeof times) < 0)
		return;
	pthread_mutex_lock(&s->lock);
	all = s->answered;
	s->answered = NULL;
	pthread_mutex_unlock(&s->lock);
	while (all) {
		struct job *j = all;

		all = j->next;
		settle(r, j);
	}
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
	struct job *j;

	if (!n)
		return false;
	*n = (struct resolve_name){ .state = NAME_ASKING, .len = host.len };
	for (size_t i = 0; i < host.len; i++)
		n->host[i] = lower(host.ptr[i]);
	j = &r->shared->jobs[n - r->names];
	memcpy(j->host, n->host, sizeof j->host);
	if (!enqueue(r->shared, j)) {
		n->state = NAME_FREE;
		return false;
	}
	n->waiting = q;
	q->name = n;
	return true;
}

/* --- for others */

struct resolver *
resolver_new(struct loop *loop)
{
	struct slab own = resolver_slab, common = shared_slab;
	struct resolver *r = slab_get(&own);
	struct shared *s = slab_get(&common);

	if (!r || !s)
		goto fail;
	s->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (s->event < 0)
		goto fail;
	s->users = 1;
	r->loop = loop;
	r->shared = s;
	r->watch = (struct loop_watch){ s->event, on_answers };
	if (!loop_add(loop, &r->watch)) {
		close(s->event);
		goto fail;
	}
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	return r;
fail:
	slab_put(&own, r);
	slab_put(&common, s);
	return NULL;
}

void
resolver_free(struct resolver *r)
{
	struct slab slab = resolver_slab;
	struct shared *s;

	if (!r)
		return;
	s = r->shared;
	loop_del(r->loop, &r->watch);
	pthread_mutex_lock(&s->lock);
	s->over = true;
	pthread_cond_broadcast(&s->work);
	pthread_mutex_unlock(&s->lock);
	leave(s);
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
	if (!host.len || host.len > NAME_MAX_LEN ||
	    slice_chr(host, '\0') != SIZE_MAX) {
		a.why = "this is not a host name";
		answer(q, &a);
		return true;
	}
	n = find(r, host);
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
