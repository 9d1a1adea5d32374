/* Equal requests under way: one leads, whatever becomes of it. */
#include "test.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/flight.h"

static const uint8_t key[SHA256_LEN] = { 1, 2, 3, 4, 5, 6, 7 };
static const uint8_t other[SHA256_LEN] = { 1, 2, 3, 4, 5, 7 };

static void
one_leads(void)
{
	struct flights *f = flight_new();
	struct flight first, second, third;

	CHECK(flight_join(f, key, 1, &first) == FLIGHT_LEADS);
	CHECK(flight_join(f, key, 1, &second) == FLIGHT_FOLLOWS);
	CHECK(flight_join(f, key, 2, &third) == FLIGHT_FOLLOWS);
	CHECK(first.mark == second.mark && second.mark == third.mark);
	CHECK(flight_look(f, &second) == FLIGHT_ON);
	CHECK(flight_join(f, other, 1, &third) == FLIGHT_LEADS);
	flight_end(f, &first, false);
	CHECK(flight_look(f, &second) == FLIGHT_LANDED);
	CHECK(flight_look(f, &third) == FLIGHT_ON);
	/* ended twice is ended once: another has the place by now */
	CHECK(flight_join(f, key, 2, &second) == FLIGHT_LEADS);
	CHECK(second.mark != first.mark);
	flight_end(f, &first, false);
	CHECK(flight_look(f, &second) == FLIGHT_ON);
}

static void
open_to_all(void)
{
	struct flights *f = flight_new();
	struct flight first, second;

	CHECK(flight_join(f, key, 1, &first) == FLIGHT_LEADS);
	CHECK(flight_join(f, key, 2, &second) == FLIGHT_FOLLOWS);
	flight_end(f, &first, true);
	CHECK(flight_look(f, &second) == FLIGHT_OPEN);
	CHECK(flight_look(f, &second) == FLIGHT_OPEN);
	/* the place can be taken all the same */
	CHECK(flight_join(f, key, 3, &first) == FLIGHT_LEADS);
	CHECK(flight_look(f, &second) == FLIGHT_LANDED);
	flight_end(f, &first, false);
}

static void
the_dead_lead_nobody(void)
{
	struct flights *f = flight_new();
	struct flight dead, living, second, third;

	CHECK(flight_join(f, key, 255, &dead) == FLIGHT_LEADS);
	CHECK(flight_join(f, other, 7, &living) == FLIGHT_LEADS);
	CHECK(flight_join(f, key, 7, &second) == FLIGHT_FOLLOWS);
	CHECK(flight_join(f, other, 255, &third) == FLIGHT_FOLLOWS);
	flight_bury(f, 255);
	CHECK(flight_look(f, &second) == FLIGHT_LANDED);
	CHECK(flight_look(f, &third) == FLIGHT_ON);
	CHECK(flight_join(f, key, 7, &second) == FLIGHT_LEADS);
}

/* More than there is room for go alone, and the room comes back. */
static void
full(void)
{
	struct flights *f = flight_new();
	struct flight flights[64], one;
	uint8_t k[SHA256_LEN] = { 0 };
	unsigned leads = 0, alone = 0;

	for (unsigned i = 0; i < 64; i++) {
		/* keys that all point to one place */
		k[0] = (uint8_t)i;
		switch (flight_join(f, k, 1, &flights[i])) {
		case FLIGHT_LEADS:
			leads++;
			break;
		case FLIGHT_ALONE:
			CHECK(!flights[i].mark);
			alone++;
			break;
		case FLIGHT_FOLLOWS:
			CHECK(!"nobody is equal");
		}
	}
	CHECK(leads >= 8 && leads + alone == 64);
	for (unsigned i = 0; i < 64; i++)
		flight_end(f, &flights[i], false);
	CHECK(flight_join(f, k, 1, &one) == FLIGHT_LEADS);
}

static void
without_memory(void)
{
	struct flight flight;

	CHECK(flight_join(NULL, key, 1, &flight) == FLIGHT_ALONE);
	CHECK(flight_look(NULL, &flight) != FLIGHT_ON);
	flight_end(NULL, &flight, true);
	flight_bury(NULL, 1);
}

/* Processes at once: never are there two who lead under one key. */
static void
race(void)
{
	enum { PROCESSES = 4, ROUNDS = 20000 };
	struct flights *f = flight_new();
	_Atomic int *up = mmap(NULL, sizeof *up, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status, led = 0;

	CHECK(up != MAP_FAILED);
	for (unsigned p = 0; p < PROCESSES; p++) {
		if (fork())
			continue;
		for (int i = 0; i < ROUNDS; i++) {
			struct flight mine;

			if (flight_join(f, key, p, &mine) != FLIGHT_LEADS)
				continue;
			if ((*up)++)
				_exit(2);
			led = 1;
			(*up)--;
			flight_end(f, &mine, i % 2);
		}
		_exit(led);
	}
	led = 0;
	for (int p = 0; p < PROCESSES; p++) {
		CHECK(wait(&status) > 0 && WIFEXITED(status));
		CHECK(WEXITSTATUS(status) < 2);
		led += WEXITSTATUS(status);
	}
	CHECK(led > 0);
	munmap((void *)up, sizeof *up);
}

TESTS(
	{ "one leads", one_leads },
	{ "open to all", open_to_all },
	{ "the dead lead nobody", the_dead_lead_nobody },
	{ "full", full },
	{ "without memory", without_memory },
	{ "race", race })
