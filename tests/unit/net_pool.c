#include "net/pool.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "test.h"

enum { IDLE = 1000 * 1000, AGE = 2000 * 1000 };

struct bench {
	struct loop	*loop;
	struct pool	 pool;
	int		 far[8];	/* the servers' ends */
	struct conn	*conns[8];
};

static const struct dial_target one, two;

static void
start(struct bench *b, size_t max_idle, int64_t idle_ms, int64_t age_ms)
{
	*b = (struct bench){ .loop = loop_new() };
	CHECK(b->loop);
	pool_init(&b->pool, b->loop, max_idle, idle_ms, age_ms);
	for (int i = 0; i < 8; i++) {
		int fds[2];

		CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
		    fds));
		b->far[i] = fds[1];
		b->conns[i] = pool_new_conn(&b->pool);
		CHECK(b->conns[i] && !b->conns[i]->loop);
		CHECK(conn_open(b->conns[i], b->loop, fds[0], NULL));
	}
	loop_turn(b->loop, 5);
}

/* Conns from `first` on are still the test's. */
static void
finish(struct bench *b, int first)
{
	for (int i = first; i < 8; i++)
		pool_drop(&b->pool, b->conns[i]);
	loop_turn(b->loop, 0);
	for (int i = 0; i < 8; i++)
		close(b->far[i]);
	pool_free(&b->pool);
	pool_free(&b->pool);
	loop_free(b->loop);
}

static void
until_idle(struct bench *b, size_t n)
{
	for (int i = 0; i < 500 && pool_idle(&b->pool) != n; i++)
		loop_turn(b->loop, 5);
	CHECK(pool_idle(&b->pool) == n);
}

static void
last_in_first_out(void)
{
	struct bench b;

	start(&b, 8, IDLE, AGE);
	CHECK(!pool_get(&b.pool, &one, true));
	for (int i = 0; i < 3; i++)
		pool_put(&b.pool, &one, b.conns[i]);
	pool_put(&b.pool, &two, b.conns[3]);
	CHECK(pool_idle(&b.pool) == 4);
	CHECK(pool_get(&b.pool, &one, true) == b.conns[2]);
	CHECK(!b.conns[2]->wake && !b.conns[2]->owner);
	pool_put(&b.pool, &one, b.conns[2]);
	CHECK(pool_get(&b.pool, &one, true) == b.conns[2]);
	CHECK(pool_get(&b.pool, &one, true) == b.conns[1]);
	CHECK(pool_get(&b.pool, &one, true) == b.conns[0]);
	CHECK(!pool_get(&b.pool, &one, true));	/* not that of another target */
	CHECK(pool_idle(&b.pool) == 1);
	CHECK(pool_get(&b.pool, &two, true) == b.conns[3]);
	finish(&b, 0);
}

static void
bounded_per_target(void)
{
	struct bench b;

	start(&b, 2, IDLE, AGE);
	for (int i = 0; i < 4; i++)
		pool_put(&b.pool, &one, b.conns[i]);
	pool_put(&b.pool, &two, b.conns[4]);
	CHECK(pool_idle(&b.pool) == 3);
	CHECK(!b.conns[2]->loop && !b.conns[3]->loop);	/* closed */
	finish(&b, 5);
}

static void
closed_by_the_server(void)
{
	struct bench b;

	start(&b, 8, IDLE, AGE);
	for (int i = 0; i < 3; i++)
		pool_put(&b.pool, &one, b.conns[i]);
	CHECK(shutdown(b.far[1], SHUT_WR) == 0);
	until_idle(&b, 2);
	CHECK(write(b.far[2], "HTTP/1.1 408 \r\n", 15) == 15);	/* unasked */
	until_idle(&b, 1);
	CHECK(pool_get(&b.pool, &one, true) == b.conns[0]);
	pool_drop(&b.pool, b.conns[0]);
	finish(&b, 3);
}

static void
only_quiet_ones_come_in(void)
{
	struct bench b;

	start(&b, 8, IDLE, AGE);
	CHECK(write(b.far[0], "x", 1) == 1);	/* the loop does not know yet */
	b.conns[0]->readable = true;
	pool_put(&b.pool, &one, b.conns[0]);
	CHECK(pool_idle(&b.pool) == 0);
	CHECK(write(b.far[1], "xy", 2) == 2);	/* half read */
	loop_turn(b.loop, 5);
	CHECK(conn_fill(b.conns[1], 1));
	pool_put(&b.pool, &one, b.conns[1]);
	CHECK(pool_idle(&b.pool) == 0);
	buf_text(&b.conns[2]->out, "x");	/* not flushed */
	pool_put(&b.pool, &one, b.conns[2]);
	CHECK(pool_idle(&b.pool) == 0);
	CHECK(shutdown(b.far[3], SHUT_WR) == 0);
	loop_turn(b.loop, 5);
	pool_put(&b.pool, &one, b.conns[3]);
	CHECK(pool_idle(&b.pool) == 0);
	/* One whose last read filled its room to the brim is quiet. */
	CHECK(write(b.far[4], "x", 1) == 1);
	loop_turn(b.loop, 5);
	CHECK(conn_fill(b.conns[4], 1));
	CHECK(b.conns[4]->readable);
	buf_take(&b.conns[4]->in, 1);
	pool_put(&b.pool, &one, b.conns[4]);
	CHECK(pool_idle(&b.pool) == 1);
	CHECK(b.conns[4]->in.cap == 0);		/* and gave its memory back */
	finish(&b, 5);
}

static void
idle_ones_go(void)
{
	struct bench b;

	start(&b, 8, 40, AGE);
	pool_put(&b.pool, &one, b.conns[0]);
	pool_put(&b.pool, &two, b.conns[1]);
	CHECK(b.pool.sweep.slot != 0);
	until_idle(&b, 0);
	for (int i = 0; i < 100 && b.pool.sweep.slot; i++)
		loop_turn(b.loop, 5);
	CHECK(b.pool.sweep.slot == 0);		/* nothing idle, no timer */
	CHECK(!pool_get(&b.pool, &one, true));
	finish(&b, 2);
}

static void
old_ones_go(void)
{
	struct bench b;

	start(&b, 8, IDLE, AGE);
	b.conns[0]->born_ms = clock_ms() - AGE + 40;
	b.conns[2]->born_ms = clock_ms() - AGE;
	pool_put(&b.pool, &one, b.conns[1]);
	pool_put(&b.pool, &one, b.conns[0]);	/* ends before the one below */
	pool_put(&b.pool, &one, b.conns[2]);
	CHECK(pool_idle(&b.pool) == 2);
	until_idle(&b, 1);
	CHECK(b.pool.sweep.slot != 0);
	CHECK(pool_get(&b.pool, &one, true) == b.conns[1]);
	b.conns[0] = b.conns[1];
	pool_drop(&b.pool, b.conns[1]);
	finish(&b, 3);
}

/* Too old, and the sweep has not come by yet. */
static void
get_refuses_old_ones(void)
{
	struct bench b;

	start(&b, 8, IDLE, AGE);
	pool_put(&b.pool, &one, b.conns[0]);
	pool_put(&b.pool, &one, b.conns[1]);
	b.conns[1]->born_ms = clock_ms() - AGE;
	CHECK(pool_get(&b.pool, &one, true) == b.conns[0]);
	CHECK(pool_idle(&b.pool) == 0);
	pool_drop(&b.pool, b.conns[0]);
	finish(&b, 2);
}

static void
frees_what_is_idle(void)
{
	struct bench b;

	start(&b, 8, IDLE, AGE);
	for (int i = 0; i < 5; i++)
		pool_put(&b.pool, i & 1 ? &one : &two, b.conns[i]);
	CHECK(pool_idle(&b.pool) == 5);
	finish(&b, 5);
}

TESTS(
	{ "last in, first out", last_in_first_out },
	{ "bounded per target", bounded_per_target },
	{ "closed by the server", closed_by_the_server },
	{ "only quiet ones come in", only_quiet_ones_come_in },
	{ "idle ones go", idle_ones_go },
	{ "old ones go", old_ones_go },
	{ "get refuses old ones", get_refuses_old_ones },
	{ "frees what is idle", frees_what_is_idle })
