/*
 * All fields are shared, under the lock, but for a job that is being asked or
 * was answered: that one belongs to its thread, or to the loop's.
 *
 * A helper may sit in getaddrinfo() long after lookup_free().  So users are
 * counted, and the last one frees the memory.
 */
#include "net/lookup.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/slab.h"

enum {
	THREADS = 4,
	THREAD_STACK = 256 * 1024,	/* only what is touched counts */
};

struct lookup {
	pthread_mutex_t	 lock;
	pthread_cond_t	 work;
	struct lookup_job jobs[LOOKUP_PLACES];
	struct lookup_job *first, *last;	/* to be asked, oldest first */
	struct lookup_job *answered;
	unsigned	 threads, idle;
	unsigned	 users;		/* threads, and the caller */
	bool		 over;
	int		 event;
};

/* It keeps nothing, so it is plain memory, given back from any thread. */
static const struct slab plain = { .size = sizeof(struct lookup) };

static void
leave(struct lookup *l)
{
	struct slab slab = plain;
	bool last;

	pthread_mutex_lock(&l->lock);
	last = --l->users == 0;
	pthread_mutex_unlock(&l->lock);
	if (!last)
		return;
	close(l->event);
	pthread_cond_destroy(&l->work);
	pthread_mutex_destroy(&l->lock);
	slab_put(&slab, l);
}

/* The first of that family from `a` on. */
static const struct addrinfo *
next_of(const struct addrinfo *a, int family)
{
	while (a && a->ai_family != family)
		a = a->ai_next;
	return a;
}

static void
keep(struct lookup_job *j, const struct addrinfo *a)
{
	struct sock_address *to = &j->addresses[j->count];

	if (a->ai_addrlen > sizeof to->storage)
		return;
	memset(to, 0, sizeof *to);
	memcpy(&to->storage, a->ai_addr, a->ai_addrlen);
	to->len = a->ai_addrlen;
	j->count++;
}

/*
 * The system's order, but the two families in turn (RFC 8305 4): where one has
 * no way out the other is not far behind, and has its place.
 */
static void
gather(struct lookup_job *j, const struct addrinfo *all)
{
	int first = all && all->ai_family == AF_INET6 ? AF_INET6 : AF_INET;
	int families[] = { first, first == AF_INET ? AF_INET6 : AF_INET };
	const struct addrinfo *at[] = {
		next_of(all, families[0]), next_of(all, families[1]),
	};

	for (int i = 0; (at[0] || at[1]) && j->count < RESOLVE_MAX; i ^= 1) {
		if (!at[i])
			continue;
		keep(j, at[i]);
		at[i] = next_of(at[i]->ai_next, families[i]);
	}
}

static void
ask(struct lookup_job *j)
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
	gather(j, all);
	freeaddrinfo(all);
}

/* The next job, or NULL when the caller is gone.  Called under the lock. */
static struct lookup_job *
next_job(struct lookup *l)
{
	struct lookup_job *j;

	while (!l->first && !l->over) {
		l->idle++;
		pthread_cond_wait(&l->work, &l->lock);
		l->idle--;
	}
	if (l->over)
		return NULL;
	j = l->first;
	l->first = j->next;
	return j;
}

static void *
help(void *arg)
{
	struct lookup *l = arg;
	const uint64_t one = 1;
	struct lookup_job *j;

	pthread_mutex_lock(&l->lock);
	while ((j = next_job(l))) {
		pthread_mutex_unlock(&l->lock);
		ask(j);
		pthread_mutex_lock(&l->lock);
		j->next = l->answered;
		l->answered = j;
		/* Only a full counter refuses, and then the loop was told. */
		if (write(l->event, &one, sizeof one) < 0)
			continue;
	}
	pthread_mutex_unlock(&l->lock);
	leave(l);
	return NULL;
}

/*
 * Signals are the loop's business: a helper that took one would answer a
 * SIGTERM by ending the process.  Called under the lock.
 */
static void
start_thread(struct lookup *l)
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
	if (pthread_create(&thread, &attr, help, l) == 0) {
		l->threads++;
		l->users++;
	} else {
		log_warn("lookup: no thread could be started");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
}

struct lookup *
lookup_new(void)
{
	struct slab slab = plain;
	struct lookup *l = slab_get(&slab);

	if (!l)
		return NULL;
	l->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->event < 0) {
		slab_put(&slab, l);
		return NULL;
	}
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->work, NULL);
	l->users = 1;
	return l;
}

void
lookup_free(struct lookup *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->over = true;
	pthread_cond_broadcast(&l->work);
	pthread_mutex_unlock(&l->lock);
	leave(l);
}

int
lookup_event(const struct lookup *l)
{
	return l->event;
}

bool
lookup_ask(struct lookup *l, size_t place, struct slice host)
{
	struct lookup_job *j = &l->jobs[place];
	bool helped;

	CHECK(place < LOOKUP_PLACES);
	CHECK(slice_to_cstr(host, j->host, sizeof j->host));
	j->next = NULL;
	pthread_mutex_lock(&l->lock);
	if (!l->idle && l->threads < THREADS)
		start_thread(l);
	helped = l->threads > 0;
	if (helped) {
		if (l->first)
			l->last->next = j;
		else
			l->first = j;
		l->last = j;
		pthread_cond_signal(&l->work);
	}
	pthread_mutex_unlock(&l->lock);
	return helped;
}

size_t
lookup_answered(struct lookup *l, const struct lookup_job **job)
{
	struct lookup_job *j;

	pthread_mutex_lock(&l->lock);
	j = l->answered;
	if (j)
		l->answered = j->next;
	pthread_mutex_unlock(&l->lock);
	*job = j;
	return j ? (size_t)(j - l->jobs) : LOOKUP_PLACES;
}
