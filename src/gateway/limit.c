/*
 * A bucket is one number, the moment at which it is full again (so it is now,
 * if that has passed); what is taken moves it on, and nothing may move it
 * further than a minute from now.  All buckets and sums are changed by
 * compare-and-swap alone.
 *
 * What is under way is counted twice: in all, and by the place of the process
 * that has it.  A process that dies between the two must leave no more behind
 * than it had.  So a place is written first when something is taken, and last
 * when it is given back, and what is taken off the whole ends at zero: after
 * such a death the whole may be too small until nothing is under way, and is
 * never too large.
 */
#include "gateway/limit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

enum {
	PERIODS = 4096,		/* after so many days their numbers recur */
	PERIOD_SHIFT = 52,
	HELD_MS = 1000,		/* until requests under way may be over */
	NS_US = 1000,
};

#define HOUR_US	INT64_C(3600000000)

static const int64_t minute_ns = 60000000000;
static const uint64_t spent_max = (UINT64_C(1) << PERIOD_SHIFT) - 1;

struct limit_record {
	/* ns of the monotonic clock; see above */
	_Atomic int64_t	 requests_full, tokens_full;
	_Atomic int64_t	 in_flight, reserved;
	/* nano-dollars, below the number of their day or month */
	_Atomic uint64_t spent[BUDGETS];
	/* of the hash of the key that has the name now; 0: none has */
	/*
	 * tokens: the longest of recent answers (0: there was none), and by
	 * how much an input was longer than its estimate
	 */
	_Atomic int64_t	 output, excess;
	_Atomic uint64_t print;
	_Atomic uint64_t refused[LIMIT_WHYS];
	int64_t		 published;	/* the master's */
	struct {
		_Atomic int64_t in_flight, reserved;
	} places[SHARED_PLACES];
};

static const char *const periods[BUDGETS] = {	/* ORDER budget_per */
	[BUDGET_DAY] = "day", [BUDGET_MONTH] = "month",
	[BUDGET_TOTAL] = "total",
};

static const char *const whys[LIMIT_WHYS] = {	/* ORDER limit_why */
	[LIMIT_NOTHING] = "nothing", [LIMIT_REQUESTS] = "requests",
	[LIMIT_TOKENS] = "tokens", [LIMIT_TOO_LARGE] = "too_large",
	[LIMIT_CONCURRENCY] = "concurrency", [LIMIT_SPENT] = "budget",
	[LIMIT_RESERVED] = "budget_held",
};

const char *
limit_why_name(enum limit_why why)
{
	return whys[why];
}

const char *
limit_per_name(enum budget_per per)
{
	return periods[per];
}

enum budget_per
limit_per(struct slice name)
{
	unsigned per = 0;

	while (per < BUDGETS && !slice_is(name, periods[per]))
		per++;
	return per;
}

void
limit_usd(int64_t nano, char *out)
{
	int len = snprintf(out, LIMIT_USD, "%lld.%09lld",
	    (long long)(nano / 1000000000), (long long)(nano % 1000000000));

	for (unsigned spare = 7; spare && out[len - 1] == '0'; spare--)
		len--;
	out[len] = '\0';
}

/* ---- counts ---- */

static void
take_off(_Atomic int64_t *whole, int64_t n)
{
	int64_t was = atomic_load(whole);

	while (!atomic_compare_exchange_weak(whole, &was,
	    was > n ? was - n : 0))
		;
}

/* ---- buckets ---- */

/*
 * What `n` of `per_minute` are of a minute, in ns.  It is an hour at most:
 * nobody waits longer for what one request used beyond its measure.
 */
static int64_t
worth(int64_t n, uint64_t per_minute)
{
	uint64_t us = (uint64_t)n * 60000000;

	if (us / per_minute >= HOUR_US)
		return HOUR_US * NS_US;
	return (int64_t)(us / per_minute * NS_US +
	    us % per_minute * NS_US / per_minute);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * Take `ns`.  `alone`: if anything is left, that will do.  Returns 0, or the
 * ns to wait.
 */
static int64_t
pour(_Atomic int64_t *full, int64_t ns, int64_t now, bool alone)
{
	int64_t was = atomic_load(full), next;

	do {
		int64_t at = later(was, now);

		next = at + ns;
		if (next - now > minute_ns &&
		    !(alone && at - now < minute_ns))
			return next - now - minute_ns;
	} while (!atomic_compare_exchange_weak(full, &was, next));
	return 0;
}

/* What was poured turns out to be more, or (below 0) less. */
static void
amend(_Atomic int64_t *full, int64_t ns, int64_t now)
{
	int64_t was = atomic_load(full);

	while (!atomic_compare_exchange_weak(full, &was,
	    (ns > 0 ? later(was, now) : was) + ns))
		;
}

/* ---- money ---- */

/* Which day or month it is, from the beginning of time. */
static int64_t
period(enum budget_per per, int64_t wall_s)
{
	time_t s = (time_t)wall_s;
	struct tm t;

	switch (per) {
	case BUDGET_DAY:
		return wall_s / 86400;
	case BUDGET_MONTH:
		return gmtime_r(&s, &t) ? t.tm_year * 12 + t.tm_mon : 0;
	case BUDGET_TOTAL:
	case BUDGETS:
		break;
	}
	return 0;
}

int64_t
limit_renews(enum budget_per per, int64_t wall_s)
{
	time_t s = (time_t)wall_s;
	struct tm t, first = { .tm_mday = 1 };

	switch (per) {
	case BUDGET_DAY:
		return (wall_s / 86400 + 1) * 86400;
	case BUDGET_MONTH:
		if (!gmtime_r(&s, &t))
			return -1;
		first.tm_year = t.tm_year;
		first.tm_mon = t.tm_mon + 1;
		return (int64_t)timegm(&first);
	case BUDGET_TOTAL:
	case BUDGETS:
		break;
	}
	return -1;
}

static uint64_t
stamp(enum budget_per per, int64_t wall_s)
{
	return (uint64_t)(period(per, wall_s) % PERIODS) << PERIOD_SHIFT;
}

/*
 * The stamp of now.  Whoever looked at the clock just before midnight may be
 * late, and a clock may be put back a little: a period that has begun is not
 * left again; nor is any by a clock that is not set.
 */
static uint64_t
latest(uint64_t held, enum budget_per per, int64_t wall_s)
{
	uint64_t now = stamp(per, wall_s);
	uint64_t ahead = ((held & ~spent_max) - now) >> PERIOD_SHIFT;

	return (held & spent_max) && (ahead == 1 || wall_s < CLOCK_SET_S)
	    ? held & ~spent_max : now;
}

/* What of `held` belongs to the period of that stamp. */
static uint64_t
within(uint64_t held, uint64_t stamp)
{
	return (held & ~spent_max) == stamp ? held & spent_max : 0;
}

static int64_t
spent(const struct limit_record *r, enum budget_per per, int64_t wall_s)
{
	uint64_t held = atomic_load(&r->spent[per]);

	return (int64_t)within(held, latest(held, per, wall_s));
}

static void
spend(struct limit_record *r, enum budget_per per, int64_t wall_s,
    int64_t nano)
{
	uint64_t then, was, sum;

	if (nano <= 0)
		return;
	was = atomic_load(&r->spent[per]);
	do {
		then = latest(was, per, wall_s);
		sum = within(was, then) + (uint64_t)nano;
	} while (!atomic_compare_exchange_weak(&r->spent[per], &was,
	    then | (sum < spent_max ? sum : spent_max)));
}

/* Is there money left, beside what is reserved? */
static bool
affords(const struct limit_record *r, const struct limit_ask *ask,
    int64_t reserved, struct limit_no *no)
{
	for (unsigned per = 0; per < BUDGETS; per++) {
		int64_t budget = ask->limits->budget_nano[per], renews, gone;

		if (!budget)
			continue;
		gone = spent(r, per, ask->wall_s);
		if (gone >= budget) {
			renews = limit_renews(per, ask->wall_s);
			*no = (struct limit_no){ LIMIT_SPENT, per, renews < 0 ?
			    -1 : (renews - ask->wall_s) * 1000 };
			return false;
		}
		if (reserved && gone + reserved + ask->nano > budget) {
			*no = (struct limit_no){ LIMIT_RESERVED, per,
			    HELD_MS };
			return false;
		}
	}
	return true;
}

static bool
reserve(struct limit_record *r, const struct limit_ask *ask,
    struct limit_hold *hold, struct limit_no *no)
{
	_Atomic int64_t *place = &r->places[ask->place].reserved;
	int64_t was = atomic_load(&r->reserved);

	atomic_fetch_add(place, ask->nano);
	do {
		if (!affords(r, ask, was, no)) {
			atomic_fetch_sub(place, ask->nano);
			return false;
		}
	} while (!atomic_compare_exchange_weak(&r->reserved, &was,
	    was + ask->nano));
	hold->nano = ask->nano;
	return true;
}

/* ---- answers ---- */

void
limit_expect(const struct limit_record *r, int64_t *output, int64_t *excess)
{
	int64_t usual = atomic_load(&r->output);

	if (usual && usual < *output)
		*output = usual;
	*excess = atomic_load(&r->excess);
}

/* The most counts at once, and is forgotten over some tens of others. */
static void
learn(_Atomic int64_t *most, int64_t n)
{
	int64_t was = atomic_load(most);

	while (!atomic_compare_exchange_weak(most, &was, n >= was ? n
	    : was - (was - n + 15) / 16))
		;
}

/* ---- requests ---- */

/* `*alone`: nobody else has one under way. */
static bool
enter(struct limit_record *r, const struct limit_ask *ask,
    struct limit_hold *hold, bool *alone)
{
	_Atomic int64_t *place = &r->places[ask->place].in_flight;
	uint64_t most = ask->limits->concurrency;
	int64_t was = atomic_load(&r->in_flight);

	atomic_fetch_add(place, 1);
	do {
		if (most && (uint64_t)was >= most) {
			atomic_fetch_sub(place, 1);
			return false;
		}
	} while (!atomic_compare_exchange_weak(&r->in_flight, &was, was + 1));
	*alone = was == 0;
	hold->counted = true;
	hold->input = ask->input;
	return true;
}

static void
let_go(struct limit_record *r, unsigned place, struct limit_hold *hold)
{
	if (hold->counted) {
		take_off(&r->in_flight, 1);
		atomic_fetch_sub(&r->places[place].in_flight, 1);
	}
	if (hold->nano) {
		take_off(&r->reserved, hold->nano);
		atomic_fetch_sub(&r->places[place].reserved, hold->nano);
	}
	*hold = (struct limit_hold){ 0 };
}

/* ns to wait as a time that is not too short. */
static int64_t
wait_ms(int64_t ns)
{
	return (ns + 999999) / 1000000;
}

/* Requests and tokens of this minute; false: nothing was poured. */
static bool
pour_both(struct limit_record *r, const struct limit_ask *ask, bool alone,
    struct limit_hold *hold, struct limit_no *no)
{
	const struct key_limits *l = ask->limits;
	int64_t now = ask->now_us * NS_US, wait;
	int64_t tokens = ask->input + ask->output;

	wait = l->rpm ? pour(&r->requests_full, worth(1, l->rpm), now, false)
	    : 0;
	if (wait) {
		*no = (struct limit_no){ LIMIT_REQUESTS, BUDGETS,
		    wait_ms(wait) };
		return false;
	}
	if (!l->tpm)
		return true;
	wait = pour(&r->tokens_full, worth(tokens, l->tpm), now, alone);
	if (!wait) {
		hold->tokens = tokens;
		return true;
	}
	*no = (struct limit_no){ LIMIT_TOKENS, BUDGETS, wait_ms(wait) };
	/* what never fits waits until the bucket is full, and for others */
	if (tokens > (int64_t)l->tpm)
		no->wait_ms = later(HELD_MS, wait_ms(wait -
		    worth(tokens - (int64_t)l->tpm, l->tpm)));
	if (l->rpm)
		amend(&r->requests_full, -worth(1, l->rpm), now);
	return false;
}

/* A later step refused: what was poured goes back. */
static void
pour_back(struct limit_record *r, const struct limit_ask *ask,
    const struct limit_hold *hold)
{
	const struct key_limits *l = ask->limits;
	int64_t now = ask->now_us * NS_US;

	if (l->rpm)
		amend(&r->requests_full, -worth(1, l->rpm), now);
	if (l->tpm)
		amend(&r->tokens_full, -worth(hold->tokens, l->tpm), now);
}

bool
limit_take(struct limit_record *r, const struct limit_ask *ask,
    struct limit_hold *hold, struct limit_no *no)
{
	const struct key_limits *l = ask->limits;
	bool alone, poured;

	*hold = (struct limit_hold){ 0 };
	/* what lasts longest is said first */
	if (!affords(r, ask, 0, no))
		return false;
	if (l->tpm && ask->input > (int64_t)l->tpm) {
		*no = (struct limit_no){ LIMIT_TOO_LARGE, BUDGETS, -1 };
		return false;
	}
	if (!enter(r, ask, hold, &alone)) {
		*no = (struct limit_no){ LIMIT_CONCURRENCY, BUDGETS,
		    HELD_MS };
		return false;
	}
	poured = pour_both(r, ask, alone, hold, no);
	if (poured && reserve(r, ask, hold, no))
		return true;
	if (poured)
		pour_back(r, ask, hold);
	let_go(r, ask->place, hold);
	return false;
}

void
limit_refused(struct limit_record *r, enum limit_why why)
{
	atomic_fetch_add(&r->refused[why], 1);
}

void
limit_used(struct limit_record *r, const struct limit_ask *ask,
    struct limit_hold *hold)
{
	const struct key_limits *l = ask->limits;

	/* spent before it is no longer reserved: nobody sees neither */
	for (unsigned per = 0; per < BUDGETS; per++)
		spend(r, per, ask->wall_s, ask->nano);
	if (l->tpm)
		amend(&r->tokens_full, worth(ask->input + ask->output, l->tpm)
		    - worth(hold->tokens, l->tpm), ask->now_us * NS_US);
	if (ask->output)
		learn(&r->output, ask->output);
	if (ask->input && hold->input)
		learn(&r->excess, later(ask->input - hold->input, 0));
	let_go(r, ask->place, hold);
}

/* ---- looking ---- */

static int64_t
left(const _Atomic int64_t *full, uint64_t per_minute, int64_t now,
    int64_t *ms)
{
	int64_t until = later(atomic_load(full) - now, 0);
	int64_t have = minute_ns - until;

	*ms = wait_ms(until);
	if (have <= 0)
		return 0;
	/* rounded up, as what was taken was rounded down */
	return (have + NS_US - 1) / NS_US * (int64_t)per_minute / 60000000;
}

void
limit_look(const struct limit_record *r, const struct key_limits *l,
    int64_t now_us, int64_t wall_s, struct limit_state *out)
{
	int64_t now = now_us * NS_US;

	*out = (struct limit_state){
		.in_flight = atomic_load(&r->in_flight),
		.reserved_nano = atomic_load(&r->reserved),
	};
	out->requests = left(&r->requests_full, l->rpm, now,
	    &out->requests_ms);
	out->tokens = left(&r->tokens_full, l->tpm, now, &out->tokens_ms);
	for (unsigned per = 0; per < BUDGETS; per++)
		out->spent_nano[per] = spent(r, per, wall_s);
	for (unsigned why = 0; why < LIMIT_WHYS; why++)
		out->refused[why] = atomic_load(&r->refused[why]);
}

/* ---- records ---- */

static struct limit_record *
find(struct shared *shared, struct slice name)
{
	CHECK(sizeof(struct limit_record) <= shared_size(SHARED_CLIENT_KEY));
	return shared_record(shared, SHARED_CLIENT_KEY, name);
}

static uint64_t
print_of(const struct access_key *key)
{
	uint64_t print;

	memcpy(&print, key->sha256, sizeof print);
	return print ? print : 1;
}

static void
revoke(void *epoch, void *record)
{
	struct limit_record *r = record;

	if (r->published != *(int64_t *)epoch)
		atomic_store(&r->print, 0);
}

void
limit_publish(struct config *c, struct shared *shared)
{
	int64_t epoch = clock_us();

	for (struct access_key *k = c->keys; k; k = k->next) {
		k->record = find(shared, k->name);
		if (!k->record) {
			log_error("key %.*s: no room is left to count what it "
			    "uses; restart to forget the keys of old",
			    SLICE_FMT(k->name));
			continue;
		}
		k->record->published = epoch;
		atomic_store(&k->record->print, k->disabled ? 0 : print_of(k));
	}
	shared_each(shared, SHARED_CLIENT_KEY, revoke, &epoch);
}

static void
forget(void *place, void *record)
{
	struct limit_record *r = record;
	unsigned i = *(unsigned *)place;

	take_off(&r->in_flight, atomic_exchange(&r->places[i].in_flight, 0));
	take_off(&r->reserved, atomic_exchange(&r->places[i].reserved, 0));
}

void
limit_forget(struct shared *shared, unsigned place)
{
	shared_each(shared, SHARED_CLIENT_KEY, forget, &place);
}

void
limit_restore(struct shared *shared, struct slice key_name, int64_t now,
    int64_t unix_ms, int64_t cost_nano)
{
	struct limit_record *r = find(shared, key_name);

	for (unsigned per = 0; r && per < BUDGETS; per++)
		if (period(per, unix_ms / 1000) == period(per, now))
			spend(r, per, now, cost_nano);
}

const char *
limit_barred(const struct access_key *key)
{
	if (key->disabled)
		return "This key is disabled: ask the operator of this "
		    "gateway.";
	if (key->expires_s && clock_wall_s() >= key->expires_s)
		return "This key has expired: ask the operator of this "
		    "gateway for another.";
	if (key->record && atomic_load(&key->record->print) != print_of(key))
		return "This key was revoked: ask the operator of this "
		    "gateway for another.";
	return NULL;
}
