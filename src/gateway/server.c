#include "gateway/server.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "gateway/config.h"
#include "net/tls.h"

enum {
	ACCEPT_BATCH = 64,	/* connections taken per turn and listener */
	REFUSED_MS = 1000,	/* between two lines that say so */
};

static void
watch_listeners(struct server *s, bool on)
{
	for (size_t i = 0; i < s->listener_count; i++) {
		struct listener *l = &s->listeners[i];

		if (on && !l->watched)
			l->watched = loop_add_listener(s->loop, &l->watch);
		else if (!on && l->watched) {
			loop_del(s->loop, &l->watch);
			l->watched = false;
		}
	}
}

void
server_lost(struct server *s, struct client *c)
{
	list_del(&c->link);
	s->count--;
	s->away -= c->away;
	if (s->draining) {
		if (!s->count && s->drained)
			s->drained(s);
	} else if (s->paused) {
		s->paused = false;
		watch_listeners(s, true);
	}
}

/* No more until a connection has gone: server_lost() watches again. */
static void
pause_accept(struct server *s)
{
	watch_listeners(s, false);
	s->paused = true;
}

/* At most a line a second. */
static bool
may_say(struct server *s)
{
	if (clock_ms() - s->refused_ms < REFUSED_MS)
		return false;
	s->refused_ms = clock_ms();
	return true;
}

/* The kernel has no descriptor or memory left. */
static void
refused(struct server *s, int error)
{
	if (may_say(s))
		log_warn("cannot accept: %s; %zu connections are open",
		    strerror(error), s->count);
	if (s->count)
		pause_accept(s);
}

static struct tls *
new_tls(struct server *s, const struct listener *l)
{
	return l->entrance && l->entrance->identity
	    ? tls_serve(l->entrance->identity, s->sessions) : NULL;
}

/* False: nothing more to accept now. */
static bool
take(struct server *s, const struct listener *l)
{
	struct sock_address peer;
	struct client *c;
	struct tls *tls;
	int fd = sock_accept(l->watch.fd, &peer);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS)
			refused(s, errno);
		return errno == ECONNABORTED || errno == EINTR;
	}
	c = slab_get(&s->slab);
	tls = c ? new_tls(s, l) : NULL;
	if (!c || (!tls && l->entrance && l->entrance->identity)) {
		slab_put(&s->slab, c);
		close(fd);
		return false;
	}
	c->server = s;
	c->entrance = l->entrance;
	c->peer = peer;
	list_append(&s->clients, &c->link);
	c->away = s->count - s->away >= s->max_clients ||
	    memory_above(MEMORY_TIGHT);
	s->away += c->away;
	s->count++;
	if (c->away && may_say(s))
		log_warn("%zu connections are open: more are turned away",
		    s->count - s->away);
	client_start(c, fd, tls);
	return true;
}

static void
on_connection(struct loop_watch *watch, unsigned events)
{
	struct listener *l = container_of(watch, struct listener, watch);
	struct server *s = l->server;

	(void)events;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		if (s->count >= s->max_clients + SERVER_AWAY) {
			pause_accept(s);
			return;
		}
		if (!l->watched || !take(s, l))
			return;
	}
}

void
server_init(struct server *s, struct loop *loop, const struct service *service,
    void *owner, uint64_t max_clients, int64_t idle_ms)
{
	*s = (struct server){
		.loop = loop, .service = service, .owner = owner,
		.max_clients = max_clients, .idle_ms = idle_ms,
		.slab = { .size = sizeof(struct client), .keep = 256 },
	};
	list_init(&s->clients);
}

bool
server_listen(struct server *s, int fd, const struct entrance *entrance)
{
	struct listener *l;

	if (s->listener_count == SERVER_LISTENERS)
		return false;
	l = &s->listeners[s->listener_count++];
	*l = (struct listener){ .watch = { fd, on_connection }, .server = s,
	    .entrance = entrance };
	l->watched = loop_add_listener(s->loop, &l->watch);
	return l->watched;
}

void
server_drain(struct server *s, int64_t patience_ms)
{
	s->patience_ms = patience_ms;
	if (!s->draining)
		watch_listeners(s, false);
	s->draining = true;
	for (size_t i = 0; i < s->listener_count; i++)
		close(s->listeners[i].watch.fd);
	s->listener_count = 0;
	LIST_EACH(it, &s->clients) {
		struct client *c = container_of(it, struct client, link);

		if (c->exchange || c->lingering)
			continue;
		if (patience_ms)
			loop_after(s->loop, &c->timer, patience_ms);
		else
			client_close(c);
	}
	if (!s->count && s->drained)
		s->drained(s);
}

void
server_cut(struct server *s)
{
	LIST_EACH(it, &s->clients) {
		struct client *c = container_of(it, struct client, link);

		if (c->exchange && s->service->cut)
			s->service->cut(c->exchange);
	}
}

void
server_stop(struct server *s)
{
	s->drained = NULL;
	server_drain(s, 0);
	LIST_EACH(it, &s->clients)
		client_close(container_of(it, struct client, link));
}
