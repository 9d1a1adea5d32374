/*
 * quirk_dialect - the half of quirk that knows Chat's dialects and models.
 *
 * quirk_dialect.c has a row for each dialect, quirk_model.c the rows of models
 * that differ from it.  Only those two include it, and quirk.c.
 */
#ifndef PROTO_QUIRK_DIALECT_H
#define PROTO_QUIRK_DIALECT_H

#include "proto/ir.h"
#include "proto/quirk.h"

/* A bit for each bool of struct quirks that the rows speak of. */
#define FORCE		(1ull << 0)
#define PARALLEL	(1ull << 1)
#define VISION		(1ull << 2)
#define PDF		(1ull << 3)
#define STRICT		(1ull << 4)
#define SCHEMA		(1ull << 5)
#define USAGE		(1ull << 6)
#define TOP_K		(1ull << 7)
#define SEED		(1ull << 8)
#define PENALTY		(1ull << 9)
#define STOP		(1ull << 10)
#define LOGPROBS	(1ull << 11)
#define SAMPLING	(1ull << 12)
#define MID_SYSTEM	(1ull << 13)
#define DEVELOPER	(1ull << 14)
#define TIER		(1ull << 15)
#define RAW_IDS		(1ull << 16)
#define NO_EMPTY	(1ull << 17)
#define EFFORT_ALONE	(1ull << 18)
#define OFF_THINKS	(1ull << 19)
#define ALWAYS		(1ull << 20)
#define KEEP		(1ull << 21)
#define QUIET		(1ull << 22)
#define OR_FORCES	(1ull << 23)
#define NO_TOOL_REASON	(1ull << 24)
#define PREFILL_TOP	(1ull << 25)
#define PREFILL		(1ull << 26)
#define DETAILS		(1ull << 27)
#define SIGNED		(1ull << 28)
#define SENTINEL	(1ull << 29)
#define MANY		(1ull << 30)
#define MAX_ONLY	(1ull << 31)
#define NO_DEVELOPER	(1ull << 32)
#define FIRST_SYSTEM	(1ull << 33)
#define UNASKED		(1ull << 34)
#define EFFORTS_ONLY	(1ull << 35)
#define AT_REST		(1ull << 36)
#define CHOICE_WORDS	(1ull << 37)
#define NO_FORCE	(1ull << 38)
#define COUNTED		(1ull << 39)
#define NO_OBJECT	(1ull << 40)
#define KEEP_EXTRA	(1ull << 41)
#define NO_NAMES	(1ull << 42)
#define STORE		(1ull << 43)
#define SEALS		(1ull << 44)
#define CUSTOM		(1ull << 45)

#define USUAL	(FORCE | PARALLEL | VISION | SCHEMA | USAGE | SEED | \
	PENALTY | STOP | LOGPROBS | SAMPLING | MANY)

/* The words for each level of effort, where not all six are known. */
#define WORDS(minimal, low, medium, high, xhigh, max) { \
	[IR_EFFORT_MINIMAL] = minimal, [IR_EFFORT_LOW] = low, \
	[IR_EFFORT_MEDIUM] = medium, [IR_EFFORT_HIGH] = high, \
	[IR_EFFORT_XHIGH] = xhigh, [IR_EFFORT_MAX] = max }

/* A model that differs from its dialect. */
struct quirk_model {
	enum quirk_dialect dialect;
	const char	*prefix;
	const char	*within;
	uint64_t	 add, drop;	/* abilities */
	enum quirk_reason reason;	/* taken if `told` */
	bool		 told;
	const char *const *efforts;	/* NULL: the dialect's */
	const char	*off;		/* NULL: the dialect's */
	const char	*own;		/* reason_own; NULL: the dialect's */
	enum quirk_cache cache;		/* CACHE_NONE: the dialect's */
	const struct quirk_edit *edits;
	bool		 own_edits;	/* ... in the place of the dialect's */
};

/* Words for effort that several rows share. */
extern const char *const quirk_to_high[], *const quirk_minimal_to_high[],
	*const quirk_low_high_max[];

/* A member that is refused. */
#define NO(name)	{ .kind = EDIT_DROP, .member = name }

/* What Kimi's thinking models take one value of alone. */
extern const struct quirk_edit quirk_kimi_fixed[];

/* Fill *q for a model, by quirk_model_key(), at a provider of that dialect. */
void	quirks_dialect(struct quirks *q, enum quirk_dialect, struct slice key);

/* The row of that model, or NULL. */
const struct quirk_model	*quirk_model_find(enum quirk_dialect,
				    struct slice key);
/* Is it one of OpenAI's models that think? */
bool	quirk_model_thinks(struct slice key);
/* ... that have no Chat? */
bool	quirk_model_responses(struct slice key);

#endif
