/*
 * store - answers that may be wanted again, in memory that all workers share,
 * or in a file that survives a restart: those that clients refer to (kept.h),
 * and those to equal requests (cache.h).
 *
 * The master opens each before it forks.  Records are text that nobody here
 * looks into, found by any of several ids together with who asks: an id of
 * somebody else's is not there.  It is bounded: what was used longest ago makes
 * room, no owner takes more than a share, and everything is gone after a
 * while.
 *
 * A worker may die anywhere, in the middle of a write, too: the next one that
 * comes puts the lists in order, and every record has a sum that is looked at
 * before it is handed out.  A lock that cannot be had soon is treated as a
 * miss: nobody waits for long.
 */
#ifndef GATEWAY_STORE_H
#define GATEWAY_STORE_H

#include "base/arena.h"

enum {
	STORE_BYTES = 64 << 20,		/* the usual size */
	STORE_BYTES_MIN = 1 << 20,
	STORE_RECORD_MAX = 2 << 20,
	STORE_TTL_S = 3600,
};

struct store_limits {
	size_t		 bytes;		/* of the whole */
	size_t		 record_max;	/* a longer one is not kept */
	int64_t		 ttl_s;		/* since it was put */
	unsigned	 share;		/* percent of it for one owner */
};

extern const struct store_limits store_usual;

struct store;

/*
 * A store of that size; `file` is NULL for one in memory alone.  A file that
 * holds a store of the same size is taken over, any other is begun anew.
 * NULL: no memory, or the file cannot be had; *why says so.  All other calls
 * take NULL and do nothing.
 */
struct store	*store_open(const struct store_limits *, const char *file,
		    const char **why);
/* Was it opened, and with these limits? */
bool		 store_has(const struct store *, const struct store_limits *);
/* Gives the mapping back; the file stays. */
void		 store_close(struct store *);

/*
 * Keep a copy of the record, to be found by each of the ids.  False: it is too
 * long, or there was no getting in.
 */
bool	store_put(struct store *, struct slice owner, const struct slice *ids,
	    size_t count, struct slice record, int64_t now_s);

/*
 * The record that the owner put under that id, copied to the arena; it counts
 * as used.  False: there is none.
 */
bool	store_find(struct store *, struct slice owner, struct slice id,
	    int64_t now_s, struct arena *, struct slice *record);

/* Forget the record that has this id.  False: there was none. */
bool	store_delete(struct store *, struct slice owner, struct slice id,
	    int64_t now_s);

/* What is in it, for metrics. */
struct store_figures {
	uint64_t	 records, bytes;
	uint64_t	 evicted;	/* records that made room, so far */
};

void	store_count(struct store *, struct store_figures *);

#endif
