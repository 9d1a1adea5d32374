/*
 * decode - what the files that read a Responses request share.
 */
#ifndef PROTO_RESPONSES_DECODE_H
#define PROTO_RESPONSES_DECODE_H

#include "json/bind.h"
#include "proto/proto.h"

struct decoder {
	struct talk	*talk;
	struct arena	*arena;
	struct ir_request *request;
	bool		 kin;		/* the provider speaks Responses, too */
	uint32_t	 item, part;	/* being read; for naming */
	bool		 begun;		/* somebody has said something */
	/* of the latest configuration_update */
	struct jval	 reasoning, text;
	/* signatures for what comes next in this turn */
	struct slice	 call_signature, text_signature;
	enum ir_vendor	 call_signer, text_signer;
	struct jval	 signatures;	/* an object: by tool-call id */
	enum ir_vendor	 signer;
};

/*
 * Refuse the request.  `code` may be NULL, `param` too.  Returns false.
 */
bool	responses_refuse(struct decoder *, enum fail_kind, const char *code,
	    const char *param, const char *fmt, ...)
	    __attribute__((format(printf, 5, 6)));
/* ... because of a member of the item being read: "type" of input[3]. */
bool	responses_refuse_item(struct decoder *, enum fail_kind,
	    const char *code, const char *member, const char *what);
/* A member of the item being read is lost, or changed. */
void	responses_lost(struct decoder *, enum loss_action,
	    const char *member);

/* Read `input`, a string or items; also what items bring along. */
bool	responses_read_input(struct decoder *, struct jval input) MUST_USE;
/* The turn that blocks of that role go to; NULL: no memory. */
struct ir_turn	*responses_turn(struct decoder *, enum ir_role) MUST_USE;
struct ir_block	*responses_block(struct decoder *, enum ir_role,
		    enum ir_kind) MUST_USE;

/* Read content, a string or parts, at the end of the turn or, with `list`, of
 * that list.  `member` is where it stands in the item. */
bool	responses_read_content(struct decoder *, enum ir_role,
	    struct ir_block **list, struct jval content, const char *member)
	    MUST_USE;

/* Read an item of type reasoning; `sealed`: one that has only
 * encrypted_content, and false means that it is not ours. */
bool	responses_read_reasoning(struct decoder *, struct jval) MUST_USE;
/* What was said of the call or text that was just added. */
void	responses_sign_call(struct decoder *, struct ir_block *);
void	responses_sign_text(struct decoder *, struct ir_block *);

/* Read `tools`, at the top level or, with `late`, in an item. */
bool	responses_read_tools(struct decoder *, struct jval tools, bool late)
	    MUST_USE;
bool	responses_read_choice(struct decoder *, struct jval choice) MUST_USE;
/* The name that a tool has outside of its namespace, escaped. */
struct slice	responses_full_name(struct decoder *, struct slice space,
		    struct slice name);

#endif
