/*
 * Every worker has listening sockets of its own (sockets.h), inherited: a
 * connection that waits in the socket of a worker that dies is taken by the one
 * that replaces it.  Sockets outlive a change of configuration unless their
 * address is no longer wanted.
 *
 * The master itself only waits: for a child's end, a signal, or the time when a
 * worker that died too soon may be replaced.
 */
#include "gateway/master.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/image.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/spare.h"
#include "gateway/cache.h"
#include "gateway/confine.h"
#include "gateway/count.h"
#include "gateway/flight.h"
#include "gateway/health.h"
#include "gateway/ledger.h"
#include "gateway/limit.h"
#include "gateway/process.h"
#include "gateway/shared.h"
#include "gateway/sockets.h"
#include "gateway/spend.h"
#include "gateway/store.h"
#include "gateway/watch.h"
#include "gateway/worker.h"
#include "net/sock.h"

enum {
	CHILDREN_MAX = SHARED_PLACES,	/* with those that drain */
	WORKER_ROOM = 16 << 20,		/* bytes, where no number is said */
	RESPAWN_MS = 1000,		/* after a death in the first second */
	/* drain at once before a change of the file waits for them */
	GENERATIONS_MAX = 3,
};

struct child {
	pid_t	pid;		/* 0: the slot is free, unless it is due */
	int64_t	due_ms;		/* when it is to be started; 0: it is not */
	size_t	slot;		/* which sockets are its own */
	bool	old;		/* draining: not to be replaced */
	bool	echo;
	int64_t	born_ms;
};

/*
 * A configuration with its memory.  Workers have copies of their own since
 * their fork.
 */
struct setup {
	struct arena		 arena;
	struct config		 config;
	/* apart from it: authorities are no secret, and stay shared */
	struct arena		 trusted;
	const struct trust	*trust;		/* NULL: not needed */
};

struct master {
	struct plan	*plan;
	char		 demo_url[64];
	int		 demo_fd;
	struct setup	 setups[2];
	struct setup	*now;		/* the one in force */
	struct ledger_claim ledger;
	size_t		 workers;
	struct sockets	 sockets;
	struct watch	 watch;
	struct child	 children[CHILDREN_MAX];
	bool		 stopping;
	sigset_t	 old_mask;
};

static size_t
worker_count(const struct config *c)
{
	size_t n = c->workers ? (size_t)c->workers : process_cpus();
	uint64_t room = c->limits.memory_mb ? c->memory : memory_room();
	uint64_t most = room / WORKER_ROOM;

	if (!c->workers && room && n > most)
		n = most ? (size_t)most : 1;
	return n < SOCKETS_WORKERS ? n : SOCKETS_WORKERS;
}

static void
say_clock(void)
{
	char stamp[CLOCK_STAMP];

	if (clock_wall_s() >= CLOCK_SET_S)
		return;
	clock_stamp(clock_wall_ms(), stamp);
	log_warn("this machine's clock is not set, it shows %.16sZ: until it "
	    "is, no certificate is valid and keys do not expire", stamp);
}

static void
say_where(const struct master *m)
{
	for (size_t i = 0; i < m->now->config.listen_count; i++) {
		const struct entrance *e = &m->now->config.listen[i];
		struct sock_address address;
		char name[SOCK_NAME];

		sock_local(m->sockets.fd[0][i], &address);
		sock_name(&address, name, sizeof name);
		log_info("listening on %s%s%s", name, e->identity ? " (TLS)"
		    : "", e->operators ? " (the operator's pages)" : "");
	}
	if (m->now->config.memory)
		log_info("connections and requests may take %llu MB",
		    (unsigned long long)m->now->config.memory >> 20);
	if (m->plan->demo)
		log_info("this is the demo: it answers for every model, "
		    "without keys or network; point a client here, or begin "
		    "with README.md's first curl");
}

/* ---- children ---- */

static void
be_child(struct master *m, pid_t master)
{
	sigprocmask(SIG_SETMASK, &m->old_mask, NULL);
	/* nobody is left behind when the master is killed, or was just now */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		_exit(0);
}

/* Fork what stands in `c`; if that fails it is tried again later. */
static void
start(struct master *m, struct child *c)
{
	pid_t master = getpid();

	c->due_ms = 0;
	c->born_ms = clock_ms();
	/* what files were read into would be every child's, too */
	spare_trim(0);
	c->pid = fork();
	if (c->pid < 0) {
		log_error("cannot fork: %s", strerror(errno));
		c->pid = 0;
		c->due_ms = clock_ms() + RESPAWN_MS;
	}
	if (c->pid != 0 || c->due_ms)
		return;
	be_child(m, master);
	watch_close(&m->watch);
	if (c->echo) {
		sockets_close(&m->sockets);
		confine_worker(&m->now->config);
		_exit(m->plan->demo(m->demo_fd));
	}
	sockets_keep(&m->sockets, c->slot);
	if (m->demo_fd >= 0)
		close(m->demo_fd);
	_exit(worker_run(m->plan, &m->now->config, m->now->trust,
	    (unsigned)(c - m->children), m->sockets.fd[c->slot],
	    m->now->config.listen_count));
}

static void
spawn(struct master *m, size_t slot, bool echo)
{
	struct child *c = m->children;

	while (c < m->children + CHILDREN_MAX && (c->pid || c->due_ms))
		c++;
	if (c == m->children + CHILDREN_MAX) {
		log_error("too many workers are still draining");
		return;
	}
	*c = (struct child){ .slot = slot, .echo = echo };
	start(m, c);
}

/* The demo's provider is none of them: it ends when they have. */
static void
signal_workers(const struct master *m, int signal, bool old_only)
{
	for (size_t i = 0; i < CHILDREN_MAX; i++)
		if (m->children[i].pid && !m->children[i].echo &&
		    (!old_only || m->children[i].old))
			kill(m->children[i].pid, signal);
}

static size_t
living(const struct master *m)
{
	size_t n = 0;

	for (size_t i = 0; i < CHILDREN_MAX; i++)
		n += m->children[i].pid && !m->children[i].echo;
	return n;
}

static size_t
free_places(const struct master *m)
{
	size_t n = 0;

	for (size_t i = 0; i < CHILDREN_MAX; i++)
		n += !m->children[i].pid;
	return n;
}

static void
say_death(pid_t pid, int status, bool echo)
{
	const char *what = echo ? "demo provider" : "worker";

	if (WIFSIGNALED(status))
		log_error("%s %d died of signal %d (%s)%s", what, (int)pid,
		    WTERMSIG(status), strsignal(WTERMSIG(status)),
		    WTERMSIG(status) == SIGSYS ? ": it made a system call "
		    "that its seal forbids" : "");
	else
		log_error("%s %d ended with %d", what, (int)pid,
		    WEXITSTATUS(status));
}

/* What the process at that place had under way is over. */
static void
let_go(const struct plan *plan, unsigned place)
{
	count_bury(plan->count, place);
	memory_bury(shared_memory(plan->shared), place);
	ledger_bury(plan->shared, place);
	limit_forget(plan->shared, place);
	flight_bury(plan->flights, place);
	health_bury(plan->shared, place, clock_ms());
}

/* A child that died young is replaced after a pause, others at once. */
static void
bury(struct master *m, pid_t pid, int status)
{
	struct child *c = m->children;

	while (c < m->children + CHILDREN_MAX && c->pid != pid)
		c++;
	if (c == m->children + CHILDREN_MAX)
		return;
	c->pid = 0;
	let_go(m->plan, (unsigned)(c - m->children));
	if (m->stopping || c->old) {
		*c = (struct child){ 0 };
		return;
	}
	say_death(pid, status, c->echo);
	if (clock_ms() - c->born_ms < RESPAWN_MS)
		c->due_ms = clock_ms() + RESPAWN_MS;
	else
		start(m, c);
}

/* Start whose pause is over; returns the ms until the next, -1: none waits. */
static int64_t
start_due(struct master *m)
{
	int64_t next = -1;

	for (size_t i = 0; i < CHILDREN_MAX && !m->stopping; i++) {
		struct child *c = &m->children[i];
		int64_t left = c->due_ms - clock_ms();

		if (!c->due_ms)
			continue;
		if (left <= 0)
			start(m, c);
		else if (next < 0 || left < next)
			next = left;
	}
	return next;
}

static void
reap(struct master *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		bury(m, pid, status);
}

/* ---- configuration ---- */

static void
setup_free(struct setup *setup)
{
	arena_reset(&setup->arena);
	arena_reset(&setup->trusted);
}

static bool
load_trust(struct setup *setup)
{
	struct slice file = slice_of(getenv("SSL_CERT_FILE"));
	char why[512];

	if (!setup->config.needs_trust)
		return true;
	/* authorities change, too */
	if (file.len)
		input_add(&setup->config.inputs, &setup->arena, file);
	setup->trust = trust_load(&setup->trusted, NULL, why, sizeof why);
	if (!setup->trust)
		log_error("no certificate authorities: %s; set SSL_CERT_FILE",
		    why);
	return setup->trust != NULL;
}

/*
 * Read the configuration into the setup that is not in use; NULL: it is no
 * good.
 */
static struct setup *
load(struct master *m)
{
	struct setup *fresh = &m->setups[m->now == &m->setups[0]];
	struct config_problem problem;
	bool good = false;

	*fresh = (struct setup){ .arena.secret = true };
	if (!config_load(&fresh->config, &fresh->arena, m->plan->file,
	    m->plan->demo ? m->demo_url : NULL, &problem) ||
	    !config_safe(&fresh->config, &problem))
		log_error("%s", problem.text);
	else
		good = load_trust(fresh) &&
		    ledger_claim(&m->ledger, &fresh->config.ledger);
	if (good && fresh->config.seal)
		input_add_way(&fresh->config.inputs, &fresh->arena,
		    slice_of(confine_names));
	if (m->now)
		watch_set(&m->watch, fresh->config.inputs);
	if (good && fresh->config.seal)
		(void)arena_hold(&fresh->arena);
	if (good)
		return fresh;
	setup_free(fresh);
	return NULL;
}

static void
start_workers(struct master *m)
{
	for (size_t w = 0; w < m->workers; w++)
		spawn(m, w, false);
}

/* Workers begin with it, and those of before end when they are done. */
static void
take_over(struct master *m, struct setup *fresh)
{
	struct setup *old = m->now;

	if (worker_count(&fresh->config) != m->workers)
		log_error("the number of workers changes only with a restart; "
		    "the rest is taken over");
	m->now = fresh;
	limit_publish(&fresh->config, m->plan->shared);
	log_setup(fresh->config.log_level, fresh->config.log_form);
	log_info("configuration read anew");
	(void)cache_open(m->plan, &fresh->config);
	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		struct child *c = &m->children[i];

		if (c->echo)
			continue;
		if (c->pid)
			c->old = true;
		else
			*c = (struct child){ 0 };	/* was to be started */
	}
	/* before the fork: nobody else needs the keys of before */
	setup_free(old);
	start_workers(m);
	signal_workers(m, WORKER_RETIRE, true);
}

/* `asked`: by the operator, who wants new workers though nothing changed. */
static void
reload(struct master *m, bool asked)
{
	struct setup *fresh;

	/* who is told to end must have somebody in its place */
	if (free_places(m) < m->workers) {
		log_error("too many workers are still draining: "
		    "the configuration stays as it was for now");
		watch_later(&m->watch);
		return;
	}
	fresh = load(m);
	if (fresh && !sockets_change(&m->sockets, &m->now->config,
	    &fresh->config, m->workers)) {
		setup_free(fresh);
		fresh = NULL;
	}
	count_reload(m->plan->count, fresh != NULL);
	if (!fresh) {
		log_error("the configuration stays as it was");
	} else if (asked || !input_same(fresh->config.inputs,
	    m->now->config.inputs)) {
		take_over(m, fresh);
	} else {
		log_info("the configuration is as it was");
		setup_free(fresh);
	}
}

/* A file that changes on and on must not fill the house with old workers. */
static void
heed_files(struct master *m)
{
	if (!watch_changed(&m->watch))
		return;
	if (living(m) > GENERATIONS_MAX * m->workers)
		watch_later(&m->watch);
	else
		reload(m, false);
}

/* ---- the life of it ---- */

static void
stop(struct master *m)
{
	signal_workers(m, SIGTERM, false);
	m->stopping = true;
	watch_close(&m->watch);
	/* while ours are open the kernel takes connections for nobody */
	sockets_close(&m->sockets);
}

/* Of two times to wait; -1: for ever. */
static int64_t
sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void
wait_for_end(struct master *m, const sigset_t *wanted)
{
	while (!m->stopping || living(m)) {
		int64_t ms = sooner(start_due(m), watch_wait_ms(&m->watch));
		struct timespec wait = { ms / 1000,
		    (long)(ms % 1000) * 1000000 };
		int signal = sigtimedwait(wanted, NULL, ms < 0 ? NULL : &wait);

		clock_update();
		if (signal == SIGTERM || signal == SIGINT)
			stop(m);
		else if (signal == SIGHUP && !m->stopping)
			reload(m, true);
		else if (signal == WATCH_SIGNAL)
			watch_hear(&m->watch);
		if (!m->stopping)
			heed_files(m);
		reap(m);
	}
	for (size_t i = 0; i < CHILDREN_MAX; i++)
		if (m->children[i].pid)
			kill(m->children[i].pid, SIGKILL);
}

static bool
start_demo(struct master *m)
{
	struct sock_address address;
	const char *why = "";

	if (!sock_parse(SLICE("127.0.0.1:0"), &address, &why))
		return false;
	m->demo_fd = sock_listen(&address, false, SOCKETS_BACKLOG);
	if (m->demo_fd < 0)
		return false;
	sock_local(m->demo_fd, &address);
	snprintf(m->demo_url, sizeof m->demo_url, "http://127.0.0.1:%u",
	    (unsigned)sock_port(&address));
	return true;
}

static void
catch_signals(struct master *m, sigset_t *wanted)
{
	sigemptyset(wanted);
	sigaddset(wanted, SIGTERM);
	sigaddset(wanted, SIGINT);
	sigaddset(wanted, SIGHUP);
	sigaddset(wanted, SIGCHLD);
	sigaddset(wanted, WATCH_SIGNAL);
	sigprocmask(SIG_BLOCK, wanted, &m->old_mask);
}

/* Before the first fork, and for as long as the program runs. */
static bool
open_store(const struct master *m, struct plan *plan)
{
	const struct config *c = &m->now->config;
	struct store_limits limits = {
		.bytes = (size_t)c->limits.store_mb << 20,
		.record_max = (size_t)c->limits.store_record_kb << 10,
		.ttl_s = (int64_t)c->limits.store_ttl_s,
		.share = (unsigned)c->limits.store_share,
	};
	const char *why = "";

	if (!limits.bytes)
		return true;
	plan->store = store_open(&limits, c->store_file, &why);
	if (!plan->store)
		log_error("%s: %s", c->store_file ? c->store_file
		    : "limits.store_mb", why);
	return plan->store != NULL;
}

int
master_run(const struct plan *plan)
{
	struct plan own = *plan;
	struct master m = { .plan = &own, .demo_fd = -1 };
	sigset_t wanted;

	clock_update();
	memory_set_room(process_memory());
	watch_init(&m.watch);
	sockets_init(&m.sockets);
	process_prepare();
	if (plan->demo && !start_demo(&m)) {
		log_error("cannot start the demo provider: %s",
		    strerror(errno));
		return 1;
	}
	m.now = load(&m);
	if (!m.now)
		return 1;
	log_setup(m.now->config.log_level, m.now->config.log_form);
	if (!m.now->config.providers)
		log_warn("no provider is configured: set a key such as "
		    "OPENAI_API_KEY, or try --demo");
	m.workers = worker_count(&m.now->config);
	if (!sockets_open(&m.sockets, &m.now->config, m.workers) ||
	    !open_store(&m, &own) || !cache_open(&own, &m.now->config)) {
		sockets_close(&m.sockets);
		setup_free(m.now);
		return 1;
	}
	catch_signals(&m, &wanted);
	limit_publish(&m.now->config, plan->shared);
	spend_restore(plan->shared, &m.now->config);
	watch_set(&m.watch, m.now->config.inputs);
	confine_master(&m.now->config);
	if (plan->demo)
		spawn(&m, 0, true);
	start_workers(&m);
	say_where(&m);
	say_clock();
	image_rest();
	wait_for_end(&m, &wanted);
	watch_close(&m.watch);
	sockets_remove(&m.now->config);
	setup_free(m.now);
	log_info("stopped");
	return 0;
}
