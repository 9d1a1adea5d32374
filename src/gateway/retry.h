/*
 * retry - a second attempt at a target that said how it wants to be asked, and
 * the memory of what was so learned.
 *
 * Before the client has seen a byte, a refusal that the rules of proto/learn
 * understand is not told: the request is changed and sent to the same target
 * once more, at most RETRY_MAX times.  What helped is remembered for a day, in
 * a table of fixed size in each worker: a cold one costs a request more, and
 * the answers are the same.  That there is nothing at an address is learned in
 * the same way: the provider is asked in another protocol that it has.
 */
#ifndef GATEWAY_RETRY_H
#define GATEWAY_RETRY_H

#include "base/hash.h"
#include "gateway/config.h"
#include "proto/learn.h"

enum { RETRY_MAX = 2, RETRY_FACTS = 256, RETRY_ABSENT = 32 };

struct retry_fact {
	const struct provider	*provider;	/* NULL: a free place */
	uint8_t			 model[SHA256_LEN];
	struct lesson		 lesson;
	int64_t			 until_ms;
	bool			 used;		/* since the hand passed by */
};

/* An address that the provider does not have. */
struct retry_absence {
	const struct provider	*provider;
	enum protocol_id	 id;
	int64_t			 until_ms;
};

struct retry_memory {		/* start from all zeros */
	struct retry_absence	 absent[RETRY_ABSENT];	/* a ring */
	size_t			 absences;	/* ever written */
	struct retry_fact	 facts[RETRY_FACTS];
	size_t			 count;		/* places ever taken */
	size_t			 hand;		/* where to look for one */
};

/* What an exchange knows of its target. */
struct retry {			/* start from all zeros */
	/* private */
	const void		*target;	/* whose lessons these are */
	struct lesson		 fresh[RETRY_MAX];	/* of this exchange */
	size_t			 fresh_count;
	struct lessons		 lessons;	/* they and the remembered */
};

struct exchange;

/*
 * Gather what is known of the attempt's target, and change the quirks
 * accordingly; ex->retry.lessons then has the rest for decoder and encoder.
 */
void	retry_recall(struct exchange *);

/*
 * The target refused the request.  True: it is asked again, and the phase is
 * EX_DIAL; false: nothing has changed.
 */
bool	retry_refused(struct exchange *, const struct fail *);

/*
 * The provider said that there is nothing at the address of that protocol.
 * True: it is asked in another one that it has, and the phase is EX_DIAL.
 */
bool	retry_address(struct exchange *, const struct fail *);
/* The protocols, as bits, whose addresses are known to be absent. */
unsigned	retry_absent(const struct exchange *, const struct provider *);

/*
 * The answer paused: the target is asked to go on with it, and the phase is
 * EX_DIAL.  False: no memory.
 */
bool	retry_resume(struct exchange *) MUST_USE;

/* The target took the request: what was learned for it is true. */
void	retry_accepted(struct exchange *);

/* The memory itself, for a model (plain) of a provider. */
void	retry_remember(struct retry_memory *, const struct provider *,
	    struct slice model, const struct lesson *, int64_t now_ms);
void	retry_find(struct retry_memory *, const struct provider *,
	    struct slice model, int64_t now_ms, struct lessons *out);

#endif
