/*
 * health - how the targets fare, as all workers together have seen it.
 *
 * A circuit for each target: closed while it answers; open, for a while, when
 * it failed too often in a row or too often in all; then half-open, and one
 * request of all workers' tries it: closed again if that is answered, open for
 * longer if not.  Beside it stand the moments until which a target, or one key
 * of its provider, asked to be left alone.  And the budget: how many requests
 * there were, and how many times more than that was asked.
 *
 * Knows records and numbers, no requests: failover.h decides by them.  Time is
 * given by the caller, in ms of clock_ms().  A record that is NULL (there was
 * no room for it) is always well.
 */
#ifndef GATEWAY_HEALTH_H
#define GATEWAY_HEALTH_H

#include "base/buf.h"
#include "gateway/config.h"
#include "gateway/shared.h"

struct health_record;		/* in the shared mapping */

enum health_state {		/* as dragoman_circuit_state counts */
	HEALTH_CLOSED, HEALTH_HALF_OPEN, HEALTH_OPEN,
};

/* ---- which record ---- */

struct health_target {
	/* of "provider/model" where the model is of the configuration or the
	 * catalogue; else of "provider": clients may name any */
	struct health_record	*record;
	bool			 known;		/* ... the former */
	/* of the provider, for what is said of its keys */
	struct health_record	*wide;
};

/* What a worker has looked up; start from all zeros. */
enum { HEALTH_SLOTS = 128, HEALTH_NAME = 48 };

struct health_slot {
	/* private */
	const struct provider	*provider;
	size_t			 len;
	char			 model[HEALTH_NAME];
	struct health_target	 found;
};

struct health_cache {
	/* private */
	struct health_slot	 slots[HEALTH_SLOTS];
	struct health_record	*budget;
};

/* `cache` may be NULL. */
struct health_target	health_find(struct shared *, struct health_cache *,
			    const struct config *, const struct target *);

/* ---- circuits ---- */

/* A request on its way to a target; let go of by one of the calls below. */
struct health_visit {		/* all zeros: none */
	struct health_record	*record;
	/* it was asked although it was not well */
	bool			 forced;
	/* private */
	uint64_t		 probe;		/* its word; 0: it is none */
};

enum health_state	health_state(const struct health_record *,
			    int64_t now_ms);
/* Would a request that goes there now be let in by health_visit()? */
bool	health_well(const struct health_record *, int64_t now_ms);
/* Until when it asked to be left alone; 0: it did not. */
int64_t	health_cooled(const struct health_record *, int64_t now_ms);

/*
 * A request wants to go there.  True: it may, and it is the probe if one was
 * due; false: the target is not well, and *visit says so (`forced`), for those
 * who go there all the same.
 */
bool	health_visit(struct health_record *, const struct circuit *,
	    unsigned place, int64_t now_ms, struct health_visit *visit);

/* It answered.  True: that closed the circuit. */
bool	health_succeeded(struct health_visit *, const struct circuit *,
	    int64_t now_ms);
/* It failed.  True: that opened the circuit, or opened it anew. */
bool	health_failed(struct health_visit *, const struct circuit *,
	    int64_t now_ms);
/* Nothing was learned: somebody else may try.  Idempotent. */
void	health_let_go(struct health_visit *, int64_t now_ms);

/* Leave it alone until then; a later moment stays. */
void	health_cool(struct health_record *, int64_t until_ms);

/* The process at that place has died, and its probes with it. */
void	health_bury(struct shared *, unsigned place, int64_t now_ms);

/* ---- keys ---- */

/*
 * Leave one key of the target's provider alone until then: for this target, or
 * for `all` that it has.
 */
void	health_cool_key(struct shared *, const struct health_target *,
	    const struct target *, size_t key, bool all, int64_t until_ms);
/* Until when it is to be left alone; 0: it is free. */
int64_t	health_key_cooled(struct shared *, const struct health_target *,
	    const struct target *, size_t key, int64_t now_ms);
/* It was good all the same. */
void	health_warm_key(struct shared *, const struct health_target *,
	    const struct target *, size_t key);

/* ---- the budget ---- */

/* There is one request more. */
void	health_budget_add(struct shared *, struct health_cache *,
	    int64_t now_ms);
/* May it be asked once more than that? */
bool	health_budget_take(struct shared *, struct health_cache *,
	    const struct limits *, int64_t now_ms) MUST_USE;

/*
 * The provider answered, if only to refuse; and: may one more of the requests
 * that others lost move over to it? As many may as the budget has, and two for
 * each answer of late: it takes all of them as soon as it keeps up, and a
 * provider that fails as well is not asked by all at once.
 */
void	health_answered(struct health_record *wide, int64_t now_ms);
bool	health_take_over(struct shared *, struct health_cache *,
	    struct health_record *wide, const struct limits *,
	    int64_t now_ms) MUST_USE;

/* ---- for pages ---- */

/* Circuits and their states, for /metrics. */
void	health_print(struct shared *, int64_t now_ms, struct buf *out);
/*
 * Is there anything to ask: a target of the configuration, or another that was
 * asked before, whose circuit is not open? True if there are none at all.
 */
bool	health_ready(struct shared *, const struct config *, int64_t now_ms);

#endif
