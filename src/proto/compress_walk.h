/*
 * compress_walk - where the results of tools stand in a request of any
 * protocol, and which calls they answer.
 */
#ifndef PROTO_COMPRESS_WALK_H
#define PROTO_COMPRESS_WALK_H

#include "proto/proto.h"

enum { COMPRESS_NONE = UINT32_MAX };

struct compress_call {
	struct slice	 id, name;	/* escaped; id empty: it has none */
	struct jval	 args;		/* JSON, or a string of it */
	uint32_t	 turn;		/* calls of one turn stand together */
	bool		 answered;
};

/* A text that may be shortened, in the order of the request. */
struct compress_text {
	struct jval	 value;		/* a string; Gemini: or an object */
	struct slice	 with;		/* JSON to stand in its place; empty:
					 * its own, shortened */
};

struct compress_result {
	uint32_t	 call;		/* the one that it answers, or NONE */
	/* the text, if that is all there is to it; or NONE */
	uint32_t	 text;
	uint32_t	 epoch;		/* see compress_walk() */
};

struct compress_walk {
	struct compress_call	*calls;
	struct compress_result	*results;
	struct compress_text	*texts;
	uint32_t	 call_count, result_count, text_count;
	/* the provider may forget what stands early: no result may lean on
	 * another */
	bool		 forgets;
	/* private */
	struct arena	*arena;
	size_t		 call_cap, result_cap, text_cap;
	uint32_t	 turn, epoch;
};

/*
 * Fill *walk; its memory is the arena's, which says if there was none.
 * Results of failed calls have no text here.  Where a provider's summary takes
 * the place of all before it an epoch begins.
 */
void	compress_walk(struct compress_walk *, struct arena *,
	    enum protocol_id, struct jval body);

#endif
