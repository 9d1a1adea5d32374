/*
 * proto - the wire protocols as one table, and the talk that they share.
 *
 * A protocol is a request decoder and encoder, a source (upstream bytes to
 * events), a sink (events to client bytes) and an error body.  Nothing here
 * or below makes a system call or knows a socket.
 */
#ifndef PROTO_PROTO_H
#define PROTO_PROTO_H

#include "base/buf.h"
#include "json/splice.h"
#include "proto/fail.h"
#include "proto/ir.h"
#include "proto/loss.h"
#include "proto/option.h"
#include "proto/quirk.h"
#include "wire/sse.h"

enum protocol_id {
	PROTO_CHAT, PROTO_MESSAGES, PROTO_RESPONSES, PROTO_GEMINI, PROTO_COUNT
};

struct memo;

/*
 * One request and its answer, as all rooms of proto see it.  Lives in the
 * exchange; everything in it is the exchange's arena's or borrowed for as long.
 */
struct talk {
	struct arena	*arena;		/* until the exchange ends */
	struct arena	*scratch;	/* until the next piece of the answer */
	const struct protocol *client, *provider;
	struct ir_request *request;	/* NULL while nothing was decoded */
	struct slice	 client_model;	/* as the client spelled it, escaped */
	struct slice	 model;		/* as the provider wants it, escaped */
	struct quirks	 quirks;	/* what provider and model can and
					 * cannot */
	const struct options *options;	/* NULL: the defaults */
	struct losses	 losses;
	struct fail	 fail;		/* the first failure */
	struct slice	 request_id;	/* plain ASCII */
	int64_t		 created_s;	/* for answers that carry a time */
	/* how many answers the provider is asked for, each by a request of its
	 * own: set by encode() and pass() */
	unsigned	 answers;
	/* this answer is one of several that are told as one, and which */
	struct choices	*choices;	/* NULL: it is the only one */
	unsigned	 choice;
	struct jval	 body;		/* the client's, for who wants to read
					 * it anew; or absent */
	uint64_t	 input_estimate;	/* tokens; 0: not estimated */
	bool		 stream;	/* the client asked for a stream */
	bool		 as_array;	/* ... of one JSON array: Gemini's form
					 * of streams without alt=sse */
	bool		 count_only;	/* tokens are counted, not made: no
					 * limit is needed */
	bool		 mark_cache;	/* the operator wants cache marks where
					 * the client sets none */
	bool		 prewarm;	/* a limit of 0 tokens: no provider is
					 * asked; the answer is BEGIN and STOP
					 * of kind IR_STOP_LENGTH */
	bool		 usage_wanted;	/* the meter needs a stream's usage:
					 * set before pass() */
	bool		 usage_added;	/* pass() asked for usage that the
					 * client did not ask for: the chunk
					 * that tells it is not for the
					 * client */
	bool		 usage_owed;	/* pass() saw that the client asked for
					 * a stream's usage */
	struct slice	 beta;		/* what anthropic-beta must say for the
					 * encoded body; absent: nothing */
	bool		 unfence;	/* JSON was asked for in words: a code
					 * fence around the answer is to be
					 * taken off */
	bool		 own_key;	/* the provider's key is the gateway's,
					 * not the caller's */
	bool		 models_taken;	/* the models that the body names as
					 * fallbacks are tried by us: set
					 * before pass() */
	bool		 may_stream;	/* encode() may ask for a stream where
					 * the client wants a whole answer */
	bool		 streamed;	/* the encoded body asks for one */
	/* thinking of recent answers: see remember.h */
	struct memo	*memo;		/* NULL: none is kept */
	struct slice	 memo_owner;	/* who asks: a credential */
	int64_t		 now_ms;	/* on the clock of the memo */
	uint64_t	 memo_before;	/* sum of what the request says */
	/* answers of Responses that are kept: see responses/recall.h */
	bool		 keep;		/* this one will be */
	bool		 recalled;	/* the body holds what it refers to */
	struct slice	 own_input;	/* its own items, an array */
	struct slice	 kept_id, kept;	/* by the sink: the answer, at its
					 * end */
};

/*
 * Upstream bytes to events.  Made by protocol->source(); each call may put
 * 0..n events into `to`.  After STOP or FAIL was put, `done` is set and no
 * more come.
 */
struct source {
	/* one SSE event of a stream */
	void		(*event)(struct source *, const struct sse_event *);
	/* a whole body with a 2xx status (JSON) */
	void		(*whole)(struct source *, struct slice body);
	/* the stream ended: STOP if what came suffices, else FAIL_TRUNCATED */
	void		(*end)(struct source *);
	/*
	 * Write the request that makes a paused answer go on: `sent` with what
	 * was said put behind it.  The source then waits for that answer.
	 * False: no memory.  NULL: this source never pauses.
	 */
	bool		(*resume)(struct source *, struct slice sent,
	    struct buf *out);
	struct sink	*to;
	bool		 done;
	bool		 paused;	/* `done` without STOP: resume() it */
	bool		 cut;		/* `done` by our own choice: the
					 * provider would go on, and is let
					 * go */
	bool		 ending;	/* all is said, but for usage or a last
					 * word that may follow: a provider
					 * that now breaks off, or is silent,
					 * has answered */
	bool		 unheard;	/* the failure was told in an event that
					 * this protocol's clients go by */
};

struct protocol {
	enum protocol_id id;
	const char	*name;		/* "chat" */
	/*
	 * After the base: "/chat/completions", "/v1/messages".  "{model}"
	 * stands for the model's name, percent-encoded.
	 */
	const char	*path;
	const char	*path_stream;	/* of streams; NULL: the same */
	/* where tokens are counted, and what the answer calls them; NULL:
	 * nowhere */
	const char	*path_count, *count_member;
	enum ir_vendor	 vendor;	/* whose signatures travel bare in it */

	/*
	 * Read a request body into talk->request.  False: talk->fail is set.
	 * The body is an object; its members' types are checked here.
	 */
	bool	(*decode)(struct talk *, struct jval body);

	/*
	 * Write talk->request as a request body of this protocol for
	 * talk->model and talk->quirks.  Names what is lost.  A pure function
	 * of its input: no clock, no randomness.  False: talk->fail is set.
	 */
	bool	(*encode)(struct talk *, struct buf *out);

	/*
	 * Both sides speak this protocol: add to `splice` the edits of `body`
	 * that model name and quirks demand, and nothing else.
	 */
	bool	(*pass)(struct talk *, struct jval body, struct splice *);

	/*
	 * Facts of a body that is only passed on: model, stream; false as in
	 * decode.  Where the address tells them, whoever calls has set them.
	 */
	bool	(*peek)(struct talk *, struct jval body);

	/* The answer's reader; lives in talk->arena.  NULL: no memory. */
	struct source	*(*source)(struct talk *, struct sink *to);

	/*
	 * Writers of the answer into `out`: SSE frames, or one body put out at
	 * STOP.
	 */
	struct sink	*(*sink_stream)(struct talk *, struct buf *out);
	struct sink	*(*sink_whole)(struct talk *, struct buf *out);
	/*
	 * A writer for streams that are passed on: of all the answer nothing
	 * but the usage, if that is an estimate, as an event to stand before
	 * the last.  NULL: there is no place for it.
	 */
	struct sink	*(*sink_usage)(struct talk *, struct buf *out);

	/*
	 * The HTTP status and error body that tell this protocol's clients of
	 * `fail`.
	 */
	unsigned	(*error)(const struct talk *, const struct fail *,
	    struct buf *out);

	/*
	 * What keeps a silent stream alive without disturbing this protocol's
	 * clients.
	 */
	struct slice	 keep_alive;
};

extern const struct protocol protocol_chat, protocol_messages,
    protocol_responses, protocol_gemini;

/* What the operator decided; never NULL. */
static inline const struct options *
talk_options(const struct talk *talk)
{
	return talk->options ? talk->options : &options_default;
}

/* Does the provider take cache marks, and is it to be sent some of ours? */
bool	talk_marks_cache(const struct talk *);

const struct protocol	*protocol_by_id(enum protocol_id);
/* NULL: unknown */
const struct protocol	*protocol_by_name(struct slice name);

#endif
