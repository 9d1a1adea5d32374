/*
 * shared - records that all workers see: what keys have used, how targets fare.
 *
 * One mapping, made by the master before its first fork.  A record is found by
 * kind and name, so that it outlives a change of configuration, and is never
 * given up.  It begins as zeros; whoever owns the kind says what is in it and
 * touches it with atomics alone.
 *
 * What a process has under way must not outlive it.  Each has a place, a small
 * number that the master gives and takes; records count by places, and
 * whoever owns them lets go of a place when its process has died.
 */
#ifndef GATEWAY_SHARED_H
#define GATEWAY_SHARED_H

#include "base/memory.h"
#include "base/slice.h"

enum { SHARED_PLACES = MEMORY_PLACES };

enum shared_kind {		/* ORDER kinds */
	SHARED_CLIENT_KEY,	/* limit.c, by the key's name */
	SHARED_TARGET,		/* health.c, "provider/model" */
	SHARED_PROVIDER_KEY,	/* health.c, "provider" and which */
	SHARED_LEDGER,		/* ledger.c: one */
	/* spend.c: by target and asked model, by key, by day */
	SHARED_SPEND_MODEL, SHARED_SPEND_KEY, SHARED_SPEND_DAY,
	SHARED_MEMORY,		/* one: struct memory_table */
	SHARED_KINDS,
};

struct shared;

/* NULL: no memory.  Never freed. */
struct shared	*shared_new(void);

/*
 * The record of that name, made if it is new.  NULL: `shared` is, or all
 * records of that kind are taken.
 */
void	*shared_record(struct shared *, enum shared_kind, struct slice name);

/* Call `each` for every record of a kind. */
void	shared_each(struct shared *, enum shared_kind,
	    void (*each)(void *arg, void *record), void *arg);

/* What memory the processes take, by their places; NULL: `shared` is. */
struct memory_table *shared_memory(struct shared *);

/* The bytes that a record of that kind has. */
size_t	shared_size(enum shared_kind);

#endif
