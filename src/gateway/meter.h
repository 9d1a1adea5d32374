/*
 * meter - a sink in the middle: what the answer cost, when it began, how it
 * ended.
 *
 * It stands between source and sink in every exchange.  A failure is kept
 * from the sink: the exchange decides whether another target answers in its
 * place, or how the client is told.
 */
#ifndef GATEWAY_METER_H
#define GATEWAY_METER_H

#include "proto/proto.h"

struct meter {			/* meter_init() starts it */
	struct sink	 sink;		/* sources put events in here */
	struct ir_usage	 usage;
	enum ir_stop	 stop;
	bool		 begun;		/* a first event has come, and it was
					 * no failure */
	bool		 stopped;	/* STOP has come */
	bool		 called;	/* a tool was called */
	bool		 declined;	/* some of the text is a refusal */
	struct fail	 fail;		/* kind FAIL_NONE: none; slices in
					 * `arena` */
	int64_t		 first_us;	/* clock_us() of the first event; 0:
					 * none */
	/* private */
	struct arena	*arena;
	/* called once, before the first event goes on */
	void		(*commit)(void *owner);
	void		*owner;
};

void	meter_init(struct meter *, struct arena *, struct sink *next,
	    void (*commit)(void *), void *owner);

/* "end_turn" and the like for the log, in one spelling for all protocols. */
const char	*meter_stop_name(enum ir_stop);

#endif
