/*
 * memo - thinking of recent answers, for clients that do not send it back.
 *
 * Providers want the signed thinking of an answer that called tools back with
 * the results; many clients have no place for it.  So a bounded memory keeps
 * it for a while, by who asked and by the id of the answer's first call.
 * Nothing depends on it: without, the request is one that the provider takes,
 * too, if with less thinking in it.
 *
 * Two generations of one arena each: what is used moves to the young one, and
 * when that is full, or as old as entries may get, the old one is forgotten
 * and they change places.
 */
#ifndef PROTO_MEMO_H
#define PROTO_MEMO_H

#include "base/map.h"
#include "proto/ir.h"

enum {
	/* bytes of text in one answer; nor a quarter of all that may be kept */
	MEMO_ENTRY_MAX = 1 << 20,
	MEMO_TTL_MS = 3600 * 1000,	/* since it was used last */
};

/* A block of thinking, or the signature of a call. */
struct memo_block {
	struct memo_block *next;
	enum ir_kind	 kind;		/* THINK, REDACTED or CALL */
	enum ir_vendor	 vendor;
	struct slice	 text, signature;
	struct slice	 id;		/* CALL: of the call, plain; THINK: of
					 * its item, or absent */
	/* bytes of text, and calls, in front of it */
	int64_t		 text_offset, call_offset;
};

struct memo {			/* start from all zeros but for the limit */
	size_t		 limit;	/* bytes of both generations together */
	/* private */
	struct memo_age {
		struct arena	 arena;
		struct map	 map;	/* by the hash of owner and id */
		int64_t		 born_ms;
	} young, old;
};

/* Keep a copy of the list, in the place of what was kept under that id. */
void	memo_put(struct memo *, struct slice owner, struct slice id,
	    const struct memo_block *list, int64_t now_ms);
/* A copy in `arena` of what is kept; NULL: nothing, or no memory. */
struct memo_block *memo_get(struct memo *, struct arena *, struct slice owner,
	    struct slice id, int64_t now_ms);
void	memo_free(struct memo *);

#endif
