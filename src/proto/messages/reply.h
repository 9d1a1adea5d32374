/*
 * reply - what the two writers of Messages answers have in common.
 *
 * The message's id and model, its usage, the words for why it ended, and how
 * much of the thinking its client gets to see.
 */
#ifndef PROTO_MESSAGES_REPLY_H
#define PROTO_MESSAGES_REPLY_H

#include "json/write.h"
#include "proto/proto.h"

enum reply_thinking {
	REPLY_SHOWN,
	REPLY_HIDDEN,	/* empty text; the signature carries it */
	REPLY_DROPPED,
};

struct reply {			/* reply_init() starts it */
	struct talk	*talk;
	enum reply_thinking thinking;
	struct ir_usage	 usage;
	/* private */
	struct slice	 id, model, tier;
	struct slice	 tools;		/* raw: counts of tools that the
					 * provider ran */
};

void	reply_init(struct reply *, struct talk *);
/* Take BEGIN. */
void	reply_begin(struct reply *, const struct ir_event *);
/* Take USAGE. */
void	reply_usage(struct reply *, const struct ir_event *);
/* Name what the client is not told, by its path in the answer. */
void	reply_missed(const struct reply *, const char *path);
/* The same for the block that begins, if Messages has none of its kind. */
void	reply_missed_block(const struct reply *, const struct ir_event *);

/*
 * The message object.  Stop is NULL at the beginning of a stream.  `content`
 * is called with `arg` to write the elements of its array; NULL: it is empty.
 */
void	reply_message(const struct reply *, struct writer *,
	    const struct ir_event *stop,
	    void (*content)(struct writer *, void *arg), void *arg);

/* The `delta` and `usage` members of message_delta. */
void	reply_end(const struct reply *, struct writer *,
	    const struct ir_event *stop);

/*
 * The signature for a block of thinking, never empty: `signature` itself if
 * this protocol's own vendor made it, else in an envelope, or a made-up one.
 * `hidden` is text that the client does not see, `crc` that of what it sees.
 */
struct slice	reply_signature(const struct reply *, struct slice signature,
		    enum ir_vendor, struct slice hidden, uint32_t crc);
/* The data of thinking that only its maker can read; `id` and `format` are
 * OpenRouter's, or absent. */
struct slice	reply_redacted(const struct reply *, const struct ir_event *);
/*
 * A tool call's signature, for which Messages has no place: as the data of a
 * redacted block in front of the call, whatever the client thinks of thinking,
 * as its provider refuses the call without it.  Empty: there is none.
 */
struct slice	reply_carrier(const struct reply *, struct slice call_id,
		    struct slice signature, enum ir_vendor);

#endif
