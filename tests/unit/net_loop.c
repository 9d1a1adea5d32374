#include "net/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/spare.h"
#include "test.h"

static char	seen[256];

static void
note(char c)
{
	size_t n = strlen(seen);

	CHECK(n < sizeof seen - 1);
	seen[n] = c;
	seen[n + 1] = '\0';
}

static struct loop *
start(void)
{
	struct loop *l = loop_new();

	CHECK(l);
	seen[0] = '\0';
	return l;
}

struct named {
	struct loop_timer timer;
	struct loop	 *loop;
	struct named	 *other;
	char		  name;
};

static void
on_named(struct loop_timer *t)
{
	note(container_of(t, struct named, timer)->name);
}

/* Turn until `want` was noted; a broken loop ends at the count. */
static void
turn_until(struct loop *l, const char *want)
{
	for (int i = 0; i < 2000 && strcmp(seen, want); i++)
		loop_turn(l, 5);
	CHECK_BYTES(seen, strlen(seen), want, strlen(want));
}

static void
timers_fire_in_order(void)
{
	struct loop *l = start();
	struct named t[26] = { 0 };

	/* 7 and 26 have no common divisor: all places, out of order. */
	for (int i = 0; i < 26; i++) {
		int k = i * 7 % 26;

		t[k].timer.on = on_named;
		t[k].name = (char)('a' + k);
		CHECK(loop_after(l, &t[k].timer, 2 + k * 2));
	}
	turn_until(l, "abcdefghijklmnopqrstuvwxyz");
	loop_free(l);
}

static void
timers_move_and_cancel(void)
{
	struct loop *l = start();
	struct named a = { .timer = { .on = on_named }, .name = 'a' };
	struct named b = { .timer = { .on = on_named }, .name = 'b' };
	struct named c = { .timer = { .on = on_named }, .name = 'c' };
	struct named d = { .timer = { .on = on_named }, .name = 'd' };

	CHECK(loop_after(l, &a.timer, 5));
	CHECK(loop_after(l, &b.timer, 10));
	CHECK(loop_after(l, &c.timer, 60 * 1000));
	CHECK(loop_after(l, &d.timer, 7));
	CHECK(loop_after(l, &a.timer, 30));	/* later: behind b */
	CHECK(loop_after(l, &c.timer, 20));	/* earlier: before a */
	loop_cancel(l, &d.timer);
	loop_cancel(l, &d.timer);
	turn_until(l, "bca");
	CHECK(a.timer.slot == 0 && a.timer.due == 0);
	CHECK(loop_after(l, &a.timer, 1));
	turn_until(l, "bcaa");
	loop_free(l);
}

/* Cancelling from any place keeps the heap a heap. */
static void
cancel_anywhere(void)
{
	for (int gone = 0; gone < 40; gone++) {
		struct loop *l = start();
		struct named t[40] = { 0 };
		char last = 0;

		for (int i = 0; i < 40; i++) {
			t[i].timer.on = on_named;
			t[i].name = (char)('A' + i * 11 % 40);
			CHECK(loop_after(l, &t[i].timer, i * 11 % 40 + 1));
		}
		loop_cancel(l, &t[gone].timer);
		for (int i = 0; i < 500 && strlen(seen) < 39; i++)
			loop_turn(l, 5);
		CHECK(strlen(seen) == 39);
		for (const char *s = seen; *s; s++) {
			CHECK(*s > last);
			last = *s;
		}
		loop_free(l);
	}
}

static void
on_again(struct loop_timer *t)
{
	struct named *n = container_of(t, struct named, timer);

	note(n->name);
	CHECK(loop_after(n->loop, t, 0));
}

/* One that arms itself anew for now must not keep the loop from its sockets. */
static void
zero_timer_waits_a_turn(void)
{
	struct loop *l = start();
	struct named a = { { .on = on_again }, l, NULL, 'a' };

	CHECK(loop_after(l, &a.timer, 0));
	loop_turn(l, -1);
	CHECK_BYTES(seen, strlen(seen), "a", 1);
	loop_turn(l, -1);
	CHECK_BYTES(seen, strlen(seen), "aa", 2);
	loop_free(l);
}

static void
on_cancel_other(struct loop_timer *t)
{
	struct named *n = container_of(t, struct named, timer);

	note(n->name);
	loop_cancel(n->loop, &n->other->timer);
}

static void
timer_cancels_another_that_is_due(void)
{
	struct loop *l = start();
	struct named a = { { .on = on_cancel_other }, l, NULL, 'a' };
	struct named b = { { .on = on_cancel_other }, l, &a, 'b' };

	a.other = &b;
	CHECK(loop_after(l, &a.timer, 0));
	CHECK(loop_after(l, &b.timer, 0));
	for (int i = 0; i < 5; i++)
		loop_turn(l, 1);
	CHECK(strlen(seen) == 1);
	loop_free(l);
}

/* --- watches */

struct pair {
	struct loop_watch watch;
	struct loop_grave grave;
	struct loop	 *loop;
	struct pair	 *other;
	int		  far;
	char		  name;
	unsigned	  events;
};

static void
on_pair(struct loop_watch *w, unsigned events)
{
	struct pair *p = container_of(w, struct pair, watch);

	p->events |= events;
	if (events & LOOP_READ)
		note(p->name);
}

static void
open_pair(struct loop *l, struct pair *p, char name)
{
	int fds[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	*p = (struct pair){ .loop = l, .watch = { fds[0], on_pair },
	    .far = fds[1], .name = name };
	CHECK(loop_add(l, &p->watch));
}

static void
close_pair(struct pair *p)
{
	close(p->watch.fd);
	close(p->far);
}

static void
edges_come_once(void)
{
	struct loop *l = start();
	struct pair p;

	open_pair(l, &p, 'p');
	loop_turn(l, 0);
	CHECK(p.events == LOOP_WRITE);
	CHECK(write(p.far, "x", 1) == 1);
	turn_until(l, "p");
	loop_turn(l, 0);
	loop_turn(l, 0);
	CHECK_BYTES(seen, strlen(seen), "p", 1);	/* not read, not told */
	CHECK(write(p.far, "x", 1) == 1);
	turn_until(l, "pp");
	CHECK(!(p.events & LOOP_HANGUP));
	CHECK(shutdown(p.far, SHUT_WR) == 0);
	for (int i = 0; i < 100 && !(p.events & LOOP_HANGUP); i++)
		loop_turn(l, 5);
	CHECK(p.events & LOOP_HANGUP);
	loop_del(l, &p.watch);
	close_pair(&p);
	loop_free(l);
}

static void
listener_is_told_again(void)
{
	struct loop *l = start();
	struct pair p;

	open_pair(l, &p, 'p');
	loop_del(l, &p.watch);
	CHECK(loop_add_listener(l, &p.watch));
	CHECK(write(p.far, "x", 1) == 1);
	loop_turn(l, 5);
	loop_turn(l, 5);
	CHECK_BYTES(seen, strlen(seen), "pp", 2);
	loop_del(l, &p.watch);
	close_pair(&p);
	loop_free(l);
}

static void
on_delete_other(struct loop_watch *w, unsigned events)
{
	struct pair *p = container_of(w, struct pair, watch);

	(void)events;
	note('d');
	loop_del(p->loop, &p->other->watch);
	/* What is told of it after this would be read here. */
	memset(&p->other->watch, 0xee, sizeof p->other->watch);
}

static void
deleted_watch_hears_nothing(void)
{
	struct loop *l = start();
	struct pair a, b;
	int a_fd, b_fd;

	open_pair(l, &a, 'a');
	open_pair(l, &b, 'b');
	a_fd = a.watch.fd;
	b_fd = b.watch.fd;
	a.watch.on = b.watch.on = on_delete_other;
	a.other = &b;
	b.other = &a;
	loop_turn(l, 5);		/* both are writable in this turn */
	CHECK_BYTES(seen, strlen(seen), "d", 1);
	close(a_fd);
	close(b_fd);
	close(a.far);
	close(b.far);
	loop_free(l);
}

static void
on_buried(struct loop_grave *g)
{
	struct pair *p = container_of(g, struct pair, grave);

	note('g');
	close_pair(p);
	free(p);
}

static void
on_bury_self(struct loop_watch *w, unsigned events)
{
	struct pair *p = container_of(w, struct pair, watch);

	(void)events;
	loop_del(p->loop, w);
	p->grave.bury = on_buried;
	loop_bury(p->loop, &p->grave);
	note(p->name);			/* still there */
}

static void
graves_wait_for_the_end_of_the_turn(void)
{
	struct loop *l = start();

	for (int i = 0; i < 2; i++) {
		struct pair *p = malloc(sizeof *p);

		CHECK(p);
		open_pair(l, p, 'e');
		p->watch.on = on_bury_self;
	}
	loop_turn(l, 5);
	CHECK_BYTES(seen, strlen(seen), "eegg", 4);
	loop_free(l);
}

/* --- signals, running, blocks */

static void
on_stop(void *arg)
{
	note('s');
	loop_stop(arg);
}

static void
on_user(void *arg)
{
	(void)arg;
	note('u');
}

static void
signals_come_through_the_loop(void)
{
	struct loop *l = start();

	CHECK(loop_signal(l, SIGUSR1, on_user, NULL));
	CHECK(loop_signal(l, SIGUSR2, on_stop, l));
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK(seen[0] == '\0');
	turn_until(l, "u");
	CHECK(kill(getpid(), SIGUSR2) == 0);
	loop_run(l);
	CHECK_BYTES(seen, strlen(seen), "us", 2);
	loop_free(l);
}

static void
blocks_are_reused(void)
{
	struct loop *l = start();
	struct buf a = { .limit = 100 }, b = { 0 };
	char *first;

	CHECK(loop_block(l, &a));
	CHECK(a.cap >= LOOP_BLOCK && !a.failed);
	CHECK(buf_room(&a) == 100);	/* the limit holds all the same */
	first = a.data;
	buf_text(&a, "x");
	buf_take(&a, 1);
	loop_unblock(l, &a);
	CHECK(a.cap == 0 && !a.data && a.limit == 100);
	CHECK(loop_block(l, &b));
	CHECK(b.data == first);
	loop_unblock(l, &b);
	loop_unblock(l, &b);		/* idempotent */
	buf_text(&b, "small");		/* a buf that grew by itself */
	buf_take(&b, 5);
	loop_unblock(l, &b);
	CHECK(b.cap == 0);
	loop_free(l);
}

/* With a limit for the whole process: it stands last. */
static void
few_bytes_settle(void)
{
	static struct memory_table table;
	struct loop *l = start();
	struct buf a = { 0 }, empty = { 0 };
	void *much;

	CHECK(loop_block(l, &a));
	buf_text(&a, "GET /");
	memory_begin(&table, 0, 1 << 20);
	loop_settle(l, &a);		/* there is room: it stays */
	CHECK(a.cap >= LOOP_BLOCK);
	much = memory_get(500000);
	CHECK(much);
	loop_settle(l, &a);
	loop_settle(l, &empty);
	CHECK(a.cap < LOOP_BLOCK && empty.cap == 0);
	CHECK(loop_unsettle(l, &a) && loop_unsettle(l, &empty));
	CHECK(a.cap >= LOOP_BLOCK && empty.cap >= LOOP_BLOCK);
	buf_text(&a, " HTTP/1.1");
	CHECK(slice_is(buf_slice(&a), "GET / HTTP/1.1"));
	buf_clear(&a);
	loop_unblock(l, &a);
	loop_unblock(l, &empty);	/* not kept */
	spare_trim(0);
	CHECK(memory_taken(&table) < 500000 + LOOP_BLOCK);
	memory_put(much, 500000);
	loop_free(l);
}

TESTS(
	{ "timers fire in order", timers_fire_in_order },
	{ "timers move and cancel", timers_move_and_cancel },
	{ "cancel anywhere", cancel_anywhere },
	{ "a timer of 0 ms waits a turn", zero_timer_waits_a_turn },
	{ "a timer cancels another", timer_cancels_another_that_is_due },
	{ "edges come once", edges_come_once },
	{ "a listener is told again", listener_is_told_again },
	{ "a deleted watch hears nothing", deleted_watch_hears_nothing },
	{ "graves wait", graves_wait_for_the_end_of_the_turn },
	{ "signals come through the loop", signals_come_through_the_loop },
	{ "blocks are reused", blocks_are_reused },
	{ "few bytes settle", few_bytes_settle })
