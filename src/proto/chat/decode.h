/*
 * decode - what the readers of a Chat request share.
 *
 * decode.c reads the top level, decode_messages.c the messages,
 * decode_parts.c and decode_args.c what stands in them, decode_think.c the
 * thinking that went out and came back, decode_tools.c tools and formats.
 * decode_base.c has what they all use.
 */
#ifndef PROTO_CHAT_DECODE_H
#define PROTO_CHAT_DECODE_H

#include "proto/proto.h"

enum { NOWHERE = UINT32_MAX };		/* no index */

struct decoding {
	struct talk	*talk;
	struct arena	*arena;
	struct ir_request *request;
	uint32_t	 message, part;	/* being read, or NOWHERE */
	uint32_t	 tool;		/* likewise */
	bool		 hour;		/* cache marks default to an hour */
	bool		 surrogates;	/* some text may hold a lone one */
};

/*
 * Refuse the request for what stands at `member` ("name", or "" for itself)
 * of the part or message being read, else of the body.  Returns false.
 */
bool	chat_bad(struct decoding *, const char *member, const char *what);

/* The request lost something at that path, which begins like chat_bad()'s. */
void	chat_lost(struct decoding *, enum loss_action, const char *member);

/* Text, or the text of a JSON value, without lone surrogates. */
struct slice	chat_mend(struct decoding *, struct slice escaped);
struct slice	chat_text(struct decoding *, struct jval text);
/* A name in one spelling, so that equal names are equal bytes. */
struct slice	chat_name(struct decoding *, struct jval text);

/* The cache mark for a place where the client wants one, but says no more. */
struct slice	chat_mark(const struct decoding *);
/* The cache mark of a part, message or tool as Messages has it, or absent. */
struct slice	chat_cache(struct decoding *, struct jval holder);

/* A block for the turn or list, with its origin noted; NULL: no memory. */
struct ir_block	*chat_block(struct decoding *, struct ir_turn *,
		    enum ir_kind) MUST_USE;
struct ir_block	*chat_block_in(struct decoding *, struct ir_block **list,
		    enum ir_kind) MUST_USE;

bool	chat_read_messages(struct decoding *, struct jval messages) MUST_USE;

/*
 * Arguments of a call as JSON text of an object; *wrapped: they are a member
 * of one, as they were none.
 */
struct slice	chat_arguments(struct decoding *, struct jval arguments,
		    bool *wrapped);

/* `content` is a string or an array of parts.  Instructions hold only text. */
bool	chat_read_system(struct decoding *, struct ir_turn *,
	    struct jval content) MUST_USE;
bool	chat_read_content(struct decoding *, struct ir_turn *,
	    struct jval content) MUST_USE;
bool	chat_read_result(struct decoding *, struct ir_block *result,
	    struct jval content) MUST_USE;

/*
 * Find the thinking of an assistant message, and put it before, between and
 * behind the text and calls that `turn` holds, where it stood when it was made.
 */
bool	chat_read_thinking(struct decoding *, struct ir_turn *,
	    struct jval message) MUST_USE;

bool	chat_read_tools(struct decoding *, struct jval body) MUST_USE;
bool	chat_read_choice(struct decoding *, struct jval body) MUST_USE;
bool	chat_read_format(struct decoding *, struct jval format) MUST_USE;

#endif
