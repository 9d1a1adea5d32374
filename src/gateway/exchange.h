/*
 * exchange - one client request from its first byte to the last of its answer.
 *
 * The exchange borrows two connections, the client's and the provider's, and
 * owns all memory of the request.  What belongs to one try at one target
 * stands in `attempt` and is thrown away as a whole when another target is
 * tried.
 *
 *	exchange.c	the phases: which follows which, and what each does
 *	tick.c		... and what happens when one takes too long
 *	upstream.c	one attempt: connection, request, head of the answer
 *	upstream_head.c	what the head of the request says
 *	relay.c		the answer's body on its way through source and sink
 *	relay_begin.c	... and how it begins
 *	passed.c	... or past them
 *	retry.c		another attempt at a target that said how to ask it
 *	failover.c	... or at another one, with another key, or later
 *	reply.c		what is written to the client: heads, errors, pages
 *	through.c	what only goes by, bodies of any kind
 *	fan.c		several answers, by as many exchanges below this one
 *	bill.c		what it cost, and who is told so
 *	cache.c		answers that are given again
 */
#ifndef GATEWAY_EXCHANGE_H
#define GATEWAY_EXCHANGE_H

#include "gateway/access.h"
#include "gateway/address.h"
#include "gateway/answer.h"
#include "gateway/bill.h"
#include "gateway/failover.h"
#include "gateway/limit.h"
#include "gateway/meter.h"
#include "gateway/page.h"
#include "gateway/reader.h"
#include "gateway/retry.h"
#include "gateway/route.h"
#include "gateway/weigh.h"
#include "gateway/worker.h"
#include "wire/multipart.h"

enum phase {
	EX_READ,		/* the request */
	EX_ADMIT,		/* who, what, where to */
	EX_HOLD,		/* others hold the rest of its key's budget */
	EX_FOLLOW,		/* an equal request's answer: see cache.h */
	EX_DIAL,		/* a connection to the target */
	EX_AWAIT,		/* the head of the target's answer */
	EX_RELAY,		/* its body, on the way to the client */
	EX_PAUSE,		/* before the targets are asked once more */
	EX_FAN,			/* several answers: the exchanges for them */
	EX_FLUSH,		/* the answer's last bytes to the client */
	EX_DONE,
	EX_PHASES,
};

enum step { STEP_GO, STEP_WAIT };

struct attempt {		/* zeroed as a whole between attempts */
	const struct target	*target;
	const struct endpoint	*endpoint;
	/* the credential; empty: none.  Of the provider's own, which */
	struct slice		 key;
	size_t			 key_at;
	struct conn		*conn;
	struct dial		 dial;
	bool			 dialing, pooled;
	enum dial_result	 dialed;
	const char		*why;		/* ... it failed */
	/* client and provider speak one protocol */
	bool			 same;
	/* its body as the provider gets it */
	struct buf		 request;
	/* the answer */
	struct http_head	*head;
	size_t			 scanned;
	struct body		 body;
	bool			 sse;
	/* it is passed as one JSON array, piece by piece */
	bool			 array;
	/* the source is; only the framing's end is missing */
	bool			 done;
	/* passed bytes ended with an event */
	bool			 at_boundary;
	struct source		*source;
	struct sse_reader	 reader;
	/* SSE bytes not yet taken, or a whole body */
	struct buf		 events;
	/* bytes to pass on once committed */
	struct buf		 held;
	/* ... or once the event is whole that they begin */
	struct buf		 partial;
	/* an event of ours that goes before the last of a passed stream */
	struct buf		 tail;
	/* ... if it comes to that: the last one waits for it */
	bool			 tailed;
	int64_t			 heard_ms;	/* when bytes last came */
	/* when the client was last told to wait */
	int64_t			 kept_ms;
	/* when all was said but the usage; 0: not yet */
	int64_t			 ending_ms;
};

/* A request that only goes by; see through.h. */
struct through {
	struct multipart	 form;
	/* multipart_field()'s verdict */
	int			 looked;
	/* Gemini: what stands behind the model in the path */
	struct slice		 method;
	/* Gemini's request for vectors, asked in OpenAI's words */
	bool			 embeds;
	/* the model's name as it stands in the body */
	struct slice		 named;
	bool			 is_json;
	/* bytes that its other name adds */
	int64_t			 grown;
	/* some of the body is still to come, and follows the attempt */
	bool			 open;
};

/* Is its answer an error? */
static inline bool
attempt_refused(const struct attempt *a)
{
	return a->head->status >= 400;
}

struct exchange {
	struct client		*client;
	struct worker		*worker;
	struct arena		 arena;
	/* reset for every piece of the answer */
	struct arena		 scratch;
	enum phase		 phase;
	char			 id[WORKER_ID];
	struct slice		 request_id;
	struct reader		 reader;
	struct caller		 caller;
	enum purpose		 purpose;
	const struct page	*page;		/* FOR_PAGE */
	struct slice		 path;		/* without prefixes and /v1 */
	struct slice		 policy;	/* of a page; see page.h */
	const struct protocol	*client_protocol;
	struct json		 json;		/* the request's body */
	struct talk		 talk;
	struct route		 route;
	size_t			 cursor;	/* the target in use */
	unsigned		 attempts;
	struct attempt		 attempt;
	struct retry		 retry;
	struct failover		 failover;
	struct through		 through;	/* FOR_PASS */
	struct weight		 weight;
	struct limit_hold	 limit;
	struct meter		 meter;
	struct bill		 bill;
	struct caching		*cache;		/* NULL: it uses none */
	/* the client's; NULL: bytes are passed on */
	struct sink		*sink;
	struct referee		*referee;	/* in builds with sanitizers */
	struct answer		 answer;
	/* an answer that is put out in one piece */
	struct buf		 whole;
	/* the client has been sent the head of an answer */
	bool			 committed;
	bool			 ended;		/* ... and its end */
	bool			 chunk_open;
	/* bytes of answer.out before the event that is being told */
	size_t			 sound;
	size_t			 chunk;		/* the mark of the open chunk */
	bool			 strict;
	/* ... the body lost by compression; tokens are a guess */
	uint64_t		 saved_bytes, saved_tokens;
	/* the answer is our own estimate */
	bool			 estimated;
	/* of a 405: the methods that would do */
	struct slice		 allow;
	unsigned		 status;	/* as sent to the client */
	struct loop_timer	 timer;
	int64_t			 began_us, own_us;
	/* when the run under way began */
	int64_t			 step_us;
	int64_t			 phase_ms;	/* when the phase began */
	/* several answers are asked for one by one; NULL: one */
	struct fan		*fan;
	/* this is one of those: of which exchange; NULL: of a client */
	struct exchange		*trunk;
	/* when the client last took bytes */
	int64_t			 moved_ms;
	size_t			 pending;	/* what it had not taken then */
	bool			 running, dead;
};

extern const struct service exchange_service;

/* exchange.c: go on until something must be waited for. */
void	exchange_run(struct exchange *);

/*
 * The attempt is prepared: begin it.  False: it could not be; talk.fail says
 * why.
 */
bool	exchange_ask(struct exchange *) MUST_USE;
/*
 * Prepare the target under the cursor, or the first after it that can take the
 * request, and begin the attempt; or tell the client that none can.
 */
enum step	exchange_try(struct exchange *);

/* Let go of all that it holds, and of itself. */
void	exchange_free(struct exchange *);

/* The only place that changes the phase. */
void	exchange_enter(struct exchange *, enum phase);
/* Set the timer anew, as the phase wants it. */
void	exchange_arm(struct exchange *);

/* The client went away, or will not take its answer. */
enum step	exchange_abandon(struct exchange *, const char *why);
/* Answer with an error of ours, and be done. */
enum step	exchange_refuse(struct exchange *, const struct fail *);
/* ... to a request that is no good HTTP, too large or too slow. */
enum step	exchange_refuse_http(struct exchange *, unsigned status,
		    const char *why);

/*
 * The attempt is lost, for the reason in `fail`.  Until the first byte has
 * gone to the client another target may answer in its place; after that the
 * client can only be told, in the stream itself, that the answer ends here.
 */
void	exchange_attempt_failed(struct exchange *, const struct fail *);

/* ---- tick.c ---- */

void	tick_on_timer(struct loop_timer *);

/* ---- upstream.c ---- */

/*
 * Choose connection and body for the target under the cursor; false: talk.fail
 * says why not.
 */
bool		upstream_prepare(struct exchange *) MUST_USE;
/* The body that the provider gets. */
struct slice	upstream_body(const struct exchange *);
/* Take a pooled connection, or begin to dial.  `fresh`: not from the pool. */
void		upstream_connect(struct exchange *, bool fresh);
/*
 * What became of the dial: STEP_WAIT if the connection is open, else the
 * failure was dealt with.
 */
enum step	upstream_dialed(struct exchange *) MUST_USE;
void		upstream_send(struct exchange *);
/* upstream_head.c: method, address, headers and credential. */
void		upstream_head(struct exchange *, struct buf *out);
/* ... does a client's header of that name go along, as it is or in part? */
bool		upstream_passes(struct slice name);
enum step	upstream_await(struct exchange *);
/* Is the body compressed?  Nobody here can read it then. */
bool		upstream_encoded(const struct http_head *);
/* Let go of the connection: into the pool if the answer was read to its end. */
void		upstream_release(struct exchange *);
void		upstream_drop(struct exchange *);	/* idempotent */

/* ---- relay_begin.c, relay.c ---- */

void		relay_begin(struct exchange *);
/* The client's sink, stream or whole; NULL: no memory. */
struct sink	*relay_sink(struct exchange *);
/*
 * The first event was good: a stream's head can go out.  A whole answer's
 * waits for its length.
 */
void		relay_commit(void *exchange);
/* One chunk for all that is said in a turn; harmless before commit. */
void		relay_open(struct exchange *);
void		relay_close(struct exchange *);
/* Did memory end in the event that began at `sound`?  It is taken back then. */
bool		relay_ran_out(struct exchange *);
enum step	relay_run(struct exchange *);
/* The answer is whole: what is left of it goes out. */
void		relay_finish(struct exchange *);
/*
 * A request for no tokens at all (to warm a cache that the provider does not
 * have): an empty answer, without asking anybody.
 */
void		relay_nothing(struct exchange *);
/* The stream was silent for a while: keep the client's side alive. */
void		relay_keep_alive(struct exchange *);
/* ... between two parts of an answer. */
void		relay_keep_waiting(struct exchange *);
/*
 * The last event is out and the framing's end did not come, or all is said and
 * the usage did not come: true if that ended the answer.
 */
bool		relay_tail_over(struct exchange *);
/* Tell the client of a failure inside the stream, and end it. */
void		relay_fail(struct exchange *, const struct fail *);

/* ---- passed.c ---- */

/*
 * What follows the meter where an answer is passed on: it writes the usage that
 * the provider leaves out and the client asked for.  NULL: nothing.
 */
struct sink	*passed_sink(struct exchange *);
/*
 * Bytes of a stream that is passed on: into the open chunk, or into
 * attempt.held before commit.
 */
void		 passed_take(struct exchange *, struct slice piece);
/* The source has seen the end of it: what was kept back goes on, too. */
void		 passed_end(struct exchange *);

/* ---- reply.c ---- */

/* The head of a model's answer, from the attempt's; `length` < 0: in pieces. */
void	reply_head(struct exchange *, unsigned status, struct slice type,
	    int64_t length);
void	reply_error(struct exchange *, const struct fail *);
/* The provider's own error, byte for byte, to a client of the same protocol. */
void	reply_verbatim(struct exchange *, struct slice body);
void	reply_body(struct exchange *, unsigned status, struct slice type,
	    struct slice body);
void	reply_preflight(struct exchange *);
/* What a provider's headers say of trying again, into *fail. */
void	reply_read_retry(const struct http_head *, struct fail *);
/*
 * Is the provider's error told in the client's protocol, and not byte for byte?
 * It is where they speak different ones, or where agents would not see in it
 * that the request was too long.
 */
bool	reply_is_retold(const struct exchange *, const struct fail *);

#endif
