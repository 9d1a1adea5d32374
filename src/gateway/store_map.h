/*
 * store_map - the store's mapping: what lies where, its lists and its lock.
 *
 *	| head | slots | keys | chain | blocks ... |
 *
 * A record lies in blocks that `chain` links; its slot says where it begins.
 * A slot is free, or in the list by age, the one used last in front.  `keys`
 * is for those who look records up.
 *
 * All is written under the lock, a slot's generation last.  When the lock's
 * holder died the lists are made anew from the slots.  Numbers that come from
 * the mapping are looked at before they are used: another process, or a file,
 * may have written anything.
 */
#ifndef GATEWAY_STORE_MAP_H
#define GATEWAY_STORE_MAP_H

#include <pthread.h>

#include "gateway/store.h"

enum {
	STORE_BLOCK = 2048, STORE_OWNERS = 1024, STORE_NONE = -1,
};

struct store_slot {
	uint64_t	 generation;	/* 0: free */
	uint64_t	 owner;
	int64_t		 born_s;
	uint64_t	 sum;
	uint32_t	 len;
	int32_t		 first;		/* block */
	int32_t		 older, newer;	/* slots; a free one: older alone */
};

struct store_key {
	uint64_t	 hash, generation;
	int32_t		 slot;
};

struct store_head {
	char		 magic[16];
	struct store_limits limits;
	uint32_t	 slots, keys, blocks;
	/* those from here on were never used: their memory is not there yet */
	uint32_t	 fresh_slot, fresh_block;
	pthread_mutex_t	 lock;
	uint64_t	 generation;	/* of the next record */
	int32_t		 newest, oldest, free_slot, free_block;
	uint64_t	 evicted;	/* records that made room */
	uint32_t	 records;	/* in the list */
	uint32_t	 used;		/* blocks */
	uint32_t	 owners[STORE_OWNERS];	/* ... by the owner's hash */
};

struct store {
	struct store_head head;
};

/* ---- where things are ---- */

struct store_slot	*store_slots(struct store *);
struct store_key	*store_keys(struct store *);
int32_t		*store_chain(struct store *);
char		*store_block(struct store *, int32_t);
/* Was it ever used? */
bool		 store_is_slot(const struct store *, int32_t);
bool		 store_is_block(const struct store *, int32_t);
uint32_t	 store_blocks_for(size_t len);
/* How many blocks owners of that kind have. */
uint32_t	*store_share(struct store *, uint64_t owner);

/* ---- under the lock ---- */

/* Take a slot out of the list of those in use; put it in front. */
void		 store_unlink(struct store *, int32_t slot);
void		 store_link(struct store *, int32_t slot);
/* The free slot that is taken next; STORE_NONE: there is none. */
int32_t		 store_next_slot(const struct store *);
/* ... is taken. */
void		 store_take_slot(struct store *, int32_t slot);
/* Take a free block; STORE_NONE: there is none. */
int32_t		 store_take_block(struct store *);
/* Free a slot and its blocks. */
void		 store_forget(struct store *, int32_t slot);
/*
 * The sum of a record, going on from that of the bytes before, of which there
 * are a multiple of eight; of nothing it is 0.
 */
uint64_t	 store_sum(uint64_t before, struct slice);
/* Is the record what was written?  Its text goes to `out`, unless NULL. */
bool		 store_read(struct store *, const struct store_slot *,
		    char *out);
/* Whatever state the mapping is in: keep the records that are whole, and build
 * all else from them. */
void		 store_mend(struct store *);

bool		 store_init_lock(struct store *);
/* False, also for NULL: it cannot be had soon. */
bool		 store_enter(struct store *);
void		 store_leave(struct store *);

#endif
