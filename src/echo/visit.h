/*
 * visit - one request to the mock provider: read, answered at the pace that
 * its script wants, counted.
 */
#ifndef ECHO_VISIT_H
#define ECHO_VISIT_H

#include "base/map.h"
#include "base/slab.h"
#include "echo/feed.h"
#include "echo/archive.h"
#include "gateway/answer.h"
#include "gateway/reader.h"
#include "gateway/server.h"

struct echo {			/* the provider; start from all zeros */
	struct loop	*loop;
	struct server	 server;
	const char	*replay_dir;	/* NULL: none */
	const char	*replay_file;	/* answers everything; NULL: none */
	bool		 recording;	/* keep the last request to show it */
	struct buf	 last;
	struct arena	 arena;		/* of `fails` */
	struct map	 fails;		/* model name -> how often it failed */
	struct slab	 visits;
	struct archive	 archive;
	/* counters */
	uint64_t	 requests;	/* to a model */
	uint64_t	 open;		/* of them being answered */
	uint64_t	 streams;	/* of these, streams */
	uint64_t	 aborted;	/* their client went away */
	uint64_t	 bytes_in, bytes_out;
	/* of answers that were told to their end */
	uint64_t	 tokens_in, tokens_out;
};

/* ORDER phases, in visit.c */
enum phase { VISIT_READ, VISIT_DELAY, VISIT_HEAD, VISIT_BODY, VISIT_CUT,
	VISIT_END, VISIT_HANG };

struct reply {			/* what compose() decides */
	unsigned	 status;
	struct slice	 type;		/* content-type */
	bool		 stream;
	struct slice	 id;		/* of the request */
	const char	*id_header;	/* its name; NULL: not told */
	bool		 google;	/* who says of JSON which letters */
	int64_t		 cut;		/* close before this event; -1: never */
	size_t		 hidden;	/* bytes promised that do not come */
};

struct visit {
	struct echo		*echo;
	struct client		*client;
	struct arena		 arena;
	struct reader		 reader;
	struct script		 script;
	struct feed		 feed;
	struct reply		 reply;
	uint64_t		 tokens_in, tokens_out;	/* its answer's */
	/* private */
	enum phase		 phase;
	struct answer		 answer;
	struct buf		 staged;	/* framed, not yet sent */
	size_t			 next;		/* event of the feed */
	struct loop_timer	 timer;
	bool			 waiting;	/* for the timer */
	bool			 counted, stream_counted;
	struct loop_grave	 grave;
};

extern const struct service visit_service;

#endif
