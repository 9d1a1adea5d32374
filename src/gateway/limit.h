/*
 * limit - what a client key may use: requests, tokens, and money.
 *
 * What was used stands in a record that all workers share, found by the key's
 * name: it outlives a change of configuration, and the process that used it.
 * Requests and tokens of a minute are buckets that fill steadily; at first they
 * are full.  Before an answer its tokens and its price are estimated and taken,
 * and when it is over what was really used takes their place: requests that
 * run side by side cannot together spend more than is left.
 *
 * A request whose estimate is more than what is left of tokens or money is let
 * in all the same if there is something left and nobody else holds a part of
 * it: estimates are high, and the last of it can be used.  So a budget can be
 * exceeded by that one request, or by requests under way that cost more than
 * those before them let expect.
 *
 * Days and months are those of UTC.
 */
#ifndef GATEWAY_LIMIT_H
#define GATEWAY_LIMIT_H

#include "gateway/config.h"
#include "gateway/shared.h"
#include "proto/ratelimit.h"

struct limit_record;

/* What a request has taken until it is over; all zeros: nothing. */
struct limit_hold {
	bool		 counted;	/* it is under way */
	int64_t		 tokens, nano;
	int64_t		 input;		/* tokens, as it was estimated */
};

/* A request that wants to be let in, or has been used; when, and by whom. */
struct limit_ask {
	const struct key_limits	*limits;
	unsigned	 place;		/* of the process, see shared.h */
	int64_t		 now_us;	/* clock_us() */
	int64_t		 wall_s;	/* Unix time */
	int64_t		 input, output;	/* tokens */
	int64_t		 nano;		/* nano-dollars */
};

/* Of every limit in a minute: what the arithmetic can bear. */
enum { LIMIT_MAX = 1000000000 };

enum limit_why {			/* ORDER whys */
	LIMIT_NOTHING,
	LIMIT_REQUESTS,		/* too many in this minute */
	LIMIT_TOKENS,
	LIMIT_TOO_LARGE,	/* more input than a whole minute allows */
	LIMIT_CONCURRENCY,
	LIMIT_SPENT,		/* the budget is */
	LIMIT_RESERVED,		/* ... by requests that are under way */
	LIMIT_WHYS,
};

struct limit_no {
	enum limit_why	 why;
	enum budget_per	 per;		/* SPENT, RESERVED: which budget */
	int64_t		 wait_ms;	/* until then; -1: no wait helps */
};

/*
 * Take what the request needs, or nothing.  False: *no says why.  What was
 * taken goes into *hold, which limit_used() needs.
 */
bool	limit_take(struct limit_record *, const struct limit_ask *,
	    struct limit_hold *, struct limit_no *) MUST_USE;

/* A request was refused: for /metrics. */
void	limit_refused(struct limit_record *, enum limit_why);

/*
 * The request is over: `input` and `output` and `nano` are what it used, and
 * take the place of what was held.  *hold is zeroed.
 */
void	limit_used(struct limit_record *, const struct limit_ask *,
	    struct limit_hold *);

/*
 * What the key's recent requests were like, in tokens.  *output is what this
 * one allows, and becomes no more than the longest answer had; *excess is by
 * how much inputs were longer than their estimates.
 */
void	limit_expect(const struct limit_record *, int64_t *output,
	    int64_t *excess);

/* What stands in a record, for whoever shows it. */
struct limit_state {
	int64_t		 requests, tokens;	/* left of this minute */
	int64_t		 in_flight, reserved_nano;
	int64_t		 spent_nano[BUDGETS];
	/* until the buckets are full again */
	int64_t		 requests_ms, tokens_ms;
	uint64_t	 refused[LIMIT_WHYS];	/* requests, for that */
};

void	limit_look(const struct limit_record *, const struct key_limits *,
	    int64_t now_us, int64_t wall_s, struct limit_state *);

/*
 * The configuration is in force: its keys find their records, and what else
 * has one is revoked, also for workers that still have an older configuration.
 * Only the master calls it, before it starts workers.
 */
void	limit_publish(struct config *, struct shared *);

/* The process at that place has died: what it had under way is let go. */
void	limit_forget(struct shared *, unsigned place);

/*
 * A finished request of old, out of the ledger: it counts for what it cost if
 * its day or month is not over at `wall_s`.
 */
void	limit_restore(struct shared *, struct slice key_name, int64_t wall_s,
	    int64_t unix_ms, int64_t cost_nano);

/* Unix time at which a budget of that kind begins anew; -1: never. */
int64_t	limit_renews(enum budget_per, int64_t wall_s);

/*
 * Nano-dollars as dollars, with two digits after the point, or as many as it
 * takes; `out` holds LIMIT_USD bytes.
 */
enum { LIMIT_USD = 32 };
void		limit_usd(int64_t nano, char *out);

/* "requests" and the like. */
const char	*limit_why_name(enum limit_why);

/* "day" and the like. */
const char	*limit_per_name(enum budget_per);
/* The other way; BUDGETS: there is none of that name. */
enum budget_per	 limit_per(struct slice name);

/*
 * May the key come in at all?  NULL, or a sentence for its user: it was
 * revoked or replaced since this worker began, is disabled, or has expired.
 */
const char	*limit_barred(const struct access_key *);

/* ---- limit_admit.c ---- */

struct exchange;

enum limit_said { LIMIT_YES, LIMIT_NO, LIMIT_LATER };

/*
 * The request is routed: may its key ask for that much?  Takes it, or NO:
 * talk.fail says why not, and when.  LATER: others hold what is left of the
 * budget, and may be over soon; it is to be asked again, in phase EX_HOLD and
 * after LIMIT_HOLD_MS.  Only requests that cost something count: answers, and
 * what goes by.
 */
enum { LIMIT_HOLD_MS = 20 };
enum limit_said	limit_admit(struct exchange *) MUST_USE;

/* The request was booked: see bill.h, which calls it once. */
void	limit_settle(struct exchange *);

/* What is left to the caller's key takes the place of what providers tell. */
void	limit_tell(struct exchange *, struct ratelimits *);

#endif
