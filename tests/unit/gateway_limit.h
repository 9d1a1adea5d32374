/* A client key whose limits are tried, on a clock that the test sets. */
#ifndef TESTS_UNIT_GATEWAY_LIMIT_H
#define TESTS_UNIT_GATEWAY_LIMIT_H

#include "test.h"

#include "gateway/limit.h"

enum { SECOND = 1000000 };		/* of the clock, in us */

static const int64_t usd = 1000000000;

enum { today = 1795284000 };		/* 2026-11-21T18:00:00Z */

/* A key's record, its limits, and a request that wants to come in. */
struct scene {
	struct shared		*shared;
	struct access_key	 key;
	struct config		 config;
	struct key_limits	*limits;
	struct limit_record	*r;
	struct limit_ask	 ask;
	struct limit_no		 no;
};

static inline void
set(struct scene *s)
{
	memset(s, 0, sizeof *s);
	s->shared = shared_new();
	CHECK(s->shared);
	s->key.name = SLICE("team-a");
	s->key.sha256[0] = 7;
	s->config.keys = &s->key;
	s->limits = &s->key.limits;
	limit_publish(&s->config, s->shared);
	s->r = s->key.record;
	CHECK(s->r);
	s->ask = (struct limit_ask){ .limits = s->limits, .place = 3,
	    .now_us = 1000 * (int64_t)SECOND, .wall_s = today };
}

static inline bool
take(struct scene *s, struct limit_hold *hold)
{
	s->no = (struct limit_no){ LIMIT_NOTHING, BUDGETS, 0 };
	return limit_take(s->r, &s->ask, hold, &s->no);
}

/* It is over, and used that much. */
static inline void
used(struct scene *s, struct limit_hold *hold, int64_t tokens, int64_t nano)
{
	struct limit_ask ask = s->ask;

	ask.input = tokens;
	ask.output = 0;
	ask.nano = nano;
	limit_used(s->r, &ask, hold);
	CHECK(!hold->counted && !hold->tokens && !hold->nano);
}

static inline struct limit_state
look(const struct scene *s)
{
	struct limit_state state;

	limit_look(s->r, s->limits, s->ask.now_us, s->ask.wall_s, &state);
	return state;
}

/* As many as fit at one moment, each over at once. */
static inline unsigned
burst(struct scene *s)
{
	struct limit_hold hold;
	unsigned n = 0;

	for (; take(s, &hold); n++)
		used(s, &hold, s->ask.input + s->ask.output, s->ask.nano);
	return n;
}

#endif
