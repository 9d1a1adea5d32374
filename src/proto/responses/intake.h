/*
 * intake - what the items of a Responses answer mean, piece by piece or whole.
 *
 * Knows the types of items and of the events that tell of one; parts.h decides
 * when what they say is told.
 */
#ifndef PROTO_RESPONSES_INTAKE_H
#define PROTO_RESPONSES_INTAKE_H

#include "proto/responses/parts.h"

struct intake {			/* all zeros but `talk`, and `parts` inside */
	struct talk	*talk;
	struct parts	 parts;
	bool		 seen;		/* some item was told of */
	struct gather	 refusal;	/* the text of all refusals */
	/* private */
	uint64_t	 latest;	/* the item that was told of last */
	bool		 phased;	/* `phase` is that of item `phase_of` */
	uint64_t	 phase_of;
	struct slice	 phase;
};

struct intake_event;

/* What is known of events of that type; NULL: they tell of no item. */
const struct intake_event *intake_find(struct slice type);

/*
 * Take such an event.  If it says nothing but a piece of a part, returns the
 * part, and in *delta where in the event the piece stands.
 */
struct part	*intake_take(struct intake *, const struct intake_event *,
		    struct jval data, struct jval *delta);

/* Take a whole item, or what no event has told of it yet. */
void	intake_done(struct intake *, uint64_t index, struct jval item);

#endif
