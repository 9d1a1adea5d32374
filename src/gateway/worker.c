#include "gateway/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/image.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/spare.h"
#include "gateway/confine.h"
#include "gateway/exchange.h"

enum {
	SESSIONS_KEPT = 256, EXCHANGES_KEPT = 256,
	LARGE_KEPT = 2 << 20,	/* bytes of large memory, when idle */
	TRIM_MS = 5000,
	RETIRE_MS = 2000,	/* for the next request of an idle client */
	CUT_MS = 1000,		/* for what a client is told at the end */
};

static void
on_drained(struct server *server)
{
	struct worker *w = server->owner;

	loop_stop(w->loop);
}

static void
on_cut_timer(struct loop_timer *timer)
{
	loop_stop(container_of(timer, struct worker, drain_timer)->loop);
}

/*
 * The time to finish is over: what is still open is cut, and said to be.  When
 * the last client has gone the loop stops; it does not wait long for that.
 */
static void
on_drain_timer(struct loop_timer *timer)
{
	struct worker *w = container_of(timer, struct worker, drain_timer);

	log_warn("%zu connections did not finish in time",
	    w->server.count);
	timer->on = on_cut_timer;
	loop_after(w->loop, timer, CUT_MS);
	server_cut(&w->server);
}

static void
on_trim(struct loop_timer *timer)
{
	struct worker *w = container_of(timer, struct worker, trim_timer);

	w->trimming = false;
	spare_trim(memory_keep(LARGE_KEPT));
}

/* 16 characters of the worker's and 8 of a counter. */
void
worker_new_id(struct worker *w, char out[WORKER_ID])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz";
	uint64_t n = w->next_id++;
	size_t end = 4 + sizeof w->id_stem + 8;

	memcpy(out, "req_", 4);
	memcpy(out + 4, w->id_stem, sizeof w->id_stem);
	for (size_t i = end; i-- > end - 8; n /= 62)
		out[i] = digits[n % 62];
	out[end] = 0;
}

void
worker_tidy(struct worker *w)
{
	if (w->trimming || spare_held() <= memory_keep(LARGE_KEPT))
		return;
	w->trimming = true;
	loop_after(w->loop, &w->trim_timer, TRIM_MS);
}

static void
drain(struct worker *w, int64_t patience_ms)
{
	if (!w->server.draining) {
		log_info("draining: %zu connections", w->server.count);
		loop_after(w->loop, &w->drain_timer,
		    (int64_t)w->config->limits.drain_s * 1000 + 1);
	}
	server_drain(&w->server, patience_ms);
}

/* A second signal means now. */
static void
on_terminate(void *arg)
{
	struct worker *w = arg;

	if (w->terminated)
		loop_stop(w->loop);
	else
		drain(w, 0);
	w->terminated = true;
}

/* Others have taken its place: no client needs to lose a request. */
static void
on_retire(void *arg)
{
	drain(arg, RETIRE_MS);
}

/* The terminal's Ctrl-C reaches all processes; the master decides. */
static void
on_ignored(void *arg)
{
	(void)arg;
}

static bool
serves_tls(const struct config *c)
{
	for (size_t i = 0; i < c->listen_count; i++)
		if (c->listen[i].identity)
			return true;
	return false;
}

static bool
build(struct worker *w, const struct plan *plan, const struct config *config,
    const struct trust *trust, const int *fds, size_t fd_count)
{
	const struct limits *m = &config->limits;

	w->plan = plan;
	w->config = config;
	w->exchanges = (struct slab){
		.size = sizeof(struct exchange), .keep = EXCHANGES_KEPT };
	w->memo.limit = (size_t)m->remember_mb << 20;
	w->drain_timer.on = on_drain_timer;
	w->trim_timer.on = on_trim;
	random_base62(w->id_stem, sizeof w->id_stem);
	w->loop = loop_new();
	if (!w->loop)
		return false;
	w->dialer = (struct dialer){
		.loop = w->loop, .resolver = resolver_new(w->loop),
		.trust = trust,
		.sessions = trust || serves_tls(config)
		    ? tls_sessions_new(SESSIONS_KEPT) : NULL,
	};
	if (!w->dialer.resolver || (!w->dialer.sessions &&
	    (trust || serves_tls(config))))
		return false;
	spend_begin(&w->spend, plan->shared);
	ledger_begin(&w->ledger, &config->ledger, plan->shared, w->place,
	    w->loop);
	pool_init(&w->pool, w->loop, (size_t)m->pool_idle,
	    (int64_t)m->pool_idle_ms, (int64_t)m->pool_age_ms);
	server_init(&w->server, w->loop, &exchange_service, w,
	    (size_t)m->connections, (int64_t)m->idle_ms);
	w->server.drained = on_drained;
	w->server.sessions = w->dialer.sessions;
	w->server.handshake_ms = (int64_t)m->head_ms;
	for (size_t i = 0; i < fd_count; i++)
		if (!server_listen(&w->server, fds[i],
		    &config->listen[i]))
			return false;
	return loop_signal(w->loop, SIGTERM, on_terminate, w) &&
	    loop_signal(w->loop, WORKER_RETIRE, on_retire, w) &&
	    loop_signal(w->loop, SIGINT, on_ignored, w) &&
	    loop_signal(w->loop, SIGHUP, on_ignored, w);
}

static void
tear_down(struct worker *w)
{
	server_stop(&w->server);
	pool_free(&w->pool);
	loop_turn(w->loop, 0);		/* the graves */
	ledger_end(&w->ledger);
	resolver_free(w->dialer.resolver);
	tls_sessions_free(w->dialer.sessions);
	slab_free(&w->exchanges);
	memo_free(&w->memo);
	slab_free(&w->server.slab);
	loop_free(w->loop);
}

int
worker_run(const struct plan *plan, const struct config *config,
    const struct trust *trust, unsigned place, const int *fds,
    size_t fd_count)
{
	/* most of it is never touched, which zeros on the stack would be */
	struct worker *w = memory_zero(sizeof *w);

	confine_worker(config);
	if (config->memory && plan->shared)
		memory_begin(shared_memory(plan->shared), place,
		    (size_t)config->memory);
	if (w)
		w->place = place;
	if (!w || !build(w, plan, config, trust, fds, fd_count)) {
		log_error("cannot start a worker: %s", strerror(errno));
		return 1;
	}
	image_rest();
	loop_run(w->loop);
	tear_down(w);
	memory_put(w, sizeof *w);
	return 0;
}
