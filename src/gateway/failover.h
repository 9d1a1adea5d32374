/*
 * failover - what becomes of a request whose attempt was lost: another key of
 * the provider, another target, a round more over all of them after a pause, or
 * the error to the client.
 *
 * Everything here is before the first byte to the client.  To go on with a key
 * that is free costs nothing, nor with a target that is well and has shown that
 * it answers.  What is not well, or was asked already, is asked only within the
 * budget (health.h); and all within limits.total_ms, as often as the
 * configuration says.
 */
#ifndef GATEWAY_FAILOVER_H
#define GATEWAY_FAILOVER_H

#include "gateway/health.h"
#include "proto/fail.h"

struct exchange;

struct failover {		/* of an exchange; start from all zeros */
	/* private */
	struct health_visit	 visit;		/* at the target in use */
	struct health_target	 where;		/* its records */
	/* whose the caller's own credential is: the first target's, as the
	 * request was routed, and nobody else's */
	const struct provider	*owner;
	int64_t			 began_ms;	/* the first attempt; 0: none */
	/* bits: keys of the provider that this request has failed with */
	uint64_t		 tried;
	const struct provider	*tried_of;
	uint64_t		 turn;		/* which key's it is */
	bool			 key_forced;	/* ... in use is not free */
	unsigned		 rounds;	/* more than the first */
	/* it waits for the next target to show that it answers; so long */
	bool			 waiting;
	int64_t			 waited_ms;
	struct fail		 lost;		/* ... after this */
	/* of this round: a failure that may pass by itself, and the shortest
	 * time that a provider asked to be left alone; -1: nobody said */
	bool			 passing;
	int64_t			 wait_ms;
	bool			 over;		/* this is the last attempt */
	/* what became of earlier ones, and how many they are */
	struct slice		 trail;
	unsigned		 told;
};

/* The request has its targets and is about to be asked. */
void	failover_begin(struct exchange *);

/*
 * Before an attempt: of the targets from the cursor on, those that are not well
 * go behind the others.
 */
void	failover_choose(struct exchange *);

/*
 * The attempt is prepared: choose its credential.  The same for every attempt
 * of an exchange at a provider, unless that key failed.
 */
void	failover_key(struct exchange *);

/* No other attempt: what is sent cannot be sent twice, or the time is over. */
void	failover_last(struct exchange *);

/* The first event, or the whole of an answer, was good. */
void	failover_succeeded(struct exchange *);

/* The target in use failed after the client was sent something. */
void	failover_blame(struct exchange *, const struct fail *);

/*
 * The attempt is lost, and the client has seen nothing.  True: something else
 * is under way, or waited for; false: the client is to be told, and the
 * attempt is as it was.
 */
bool	failover_next(struct exchange *, const struct fail *) MUST_USE;

/* The target was asked, and is asked again: what became of the first time. */
void	failover_note(struct exchange *, const struct fail *);

/* Nothing was learned of the target. */
void	failover_let_go(struct exchange *);

/* The pause is over. */
void	failover_resume(struct exchange *);

/* What is left of limits.total_ms at that moment. */
uint64_t	failover_left_ms(const struct exchange *, int64_t at_ms);

/*
 * All attempts for x-dragoman-attempts: "2; openai/gpt-5=503, eu/gpt-5=200".
 * `status` is the last one's, if it did not fail.
 */
struct slice	failover_told(struct exchange *, unsigned status);

#endif
