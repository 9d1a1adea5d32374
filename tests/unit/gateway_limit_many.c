/* Limits of client keys that several processes use at once. */
#include "gateway_limit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { PROCESSES = 4, TRIES = 4000 };

/* In each of several processes, at once; returns the sum of what they say. */
static unsigned
together(struct scene *s, unsigned (*each)(struct scene *))
{
	unsigned sum = 0;
	int ends[2];

	CHECK(!pipe(ends));
	for (unsigned p = 0; p < PROCESSES; p++)
		if (fork() == 0) {
			unsigned n;

			s->ask.place = p;
			n = each(s);
			_exit(write(ends[1], &n, sizeof n) != sizeof n);
		}
	for (unsigned p = 0, n; p < PROCESSES; p++) {
		CHECK(read(ends[0], &n, sizeof n) == sizeof n);
		sum += n;
	}
	while (wait(NULL) > 0)
		;
	close(ends[0]);
	close(ends[1]);
	return sum;
}

static unsigned
one_after_another(struct scene *s)
{
	struct limit_hold hold;
	unsigned n = 0;

	for (unsigned i = 0; i < TRIES; i++)
		if (take(s, &hold)) {
			n++;
			used(s, &hold, s->ask.input, s->ask.nano);
		}
	return n;
}

static unsigned
kept(struct scene *s)
{
	struct limit_hold hold;
	unsigned n = 0;

	for (unsigned i = 0; i < TRIES; i++)
		n += take(s, &hold);
	return n;
}

static void
processes(void)
{
	struct scene s;

	set(&s);
	s.limits->rpm = 5003;
	CHECK(together(&s, one_after_another) == 5003);
	CHECK(look(&s).in_flight == 0);

	set(&s);
	s.limits->tpm = 5000 * 7;
	s.ask.input = 7;
	CHECK(together(&s, one_after_another) == 5000);

	set(&s);
	s.limits->budget_nano[BUDGET_DAY] = 5000 * 7;
	s.ask.nano = 7;
	CHECK(together(&s, kept) == 5000);
	CHECK(look(&s).reserved_nano == 5000 * 7);
	for (unsigned p = 0; p < PROCESSES; p++)
		limit_forget(s.shared, p);
	CHECK(look(&s).reserved_nano == 0 && look(&s).in_flight == 0);
	CHECK(together(&s, one_after_another) == 5000);
	CHECK(look(&s).spent_nano[BUDGET_DAY] == 5000 * 7);

	set(&s);
	s.limits->concurrency = 777;
	CHECK(together(&s, kept) == 777);
}

/* A process that is killed anywhere leaves nothing behind that counts. */
static void
killed(void)
{
	struct scene s;
	struct limit_hold hold;

	set(&s);
	s.limits->concurrency = 50;
	s.limits->budget_nano[BUDGET_TOTAL] = 4000000 * usd;
	s.ask.nano = 10;
	for (unsigned round = 0; round < 50; round++) {
		struct timespec nap = { 0, (long)(round * 37 % 50) * 20000 };
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				(void)one_after_another(&s);
		nanosleep(&nap, NULL);
		CHECK(!kill(pid, SIGKILL));
		CHECK(waitpid(pid, NULL, 0) == pid);
		limit_forget(s.shared, s.ask.place);
		CHECK(look(&s).in_flight == 0);
		CHECK(look(&s).reserved_nano == 0);
	}
	for (unsigned i = 0; i < 50; i++)
		CHECK(take(&s, &hold));
	CHECK(!take(&s, &hold));
}

TESTS(
	{ "processes", processes },
	{ "killed", killed })
