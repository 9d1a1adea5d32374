/*
 * decode - what the files that read a Messages request share.
 */
#ifndef PROTO_MESSAGES_DECODE_H
#define PROTO_MESSAGES_DECODE_H

#include "json/bind.h"
#include "proto/proto.h"

struct decoder {
	struct talk	*talk;
	struct arena	*arena;
	struct ir_request *request;
	uint32_t	 message, part;	/* being read; for naming */
	uint32_t	 last_user;	/* the last message of the user */
	struct removal	*removals;	/* of tools, the latest first */
	unsigned	 tool_changes;	/* so far */
	enum ir_effort	 effort;	/* that the current turn is to have */
	/* of the message being read */
	struct jval	 call_signatures; /* an object: by tool-call id */
	struct slice	 call_signature;	/* for the next call */
};

struct top {			/* the members that every request may have */
	struct slice	 model;
	struct slice	 max_tokens, temperature, top_p, top_k;
	enum tri	 stream;
	struct slice	 tier;
	struct jval	 metadata, output;
	struct jval	 messages, system, tools, choice, stop;
};

/* The answer's length, form, stop sequences; thinking. */
bool	messages_read_form(struct decoder *, struct jval body,
	    const struct top *) MUST_USE;

/* Read a message's content into turns of `role`.  False: talk->fail is set,
 * or the arena is out of memory. */
bool	messages_read_content(struct decoder *, enum ir_role,
	    struct jval content) MUST_USE;

/* Read `tools` and `tool_choice`, either of which may be absent. */
bool	messages_read_tools(struct decoder *, struct jval tools) MUST_USE;
bool	messages_read_choice(struct decoder *, struct jval choice) MUST_USE;
/* Read tools[index], or one that a message brings. */
bool	messages_read_tool(struct decoder *, struct jval tool, size_t index)
	    MUST_USE;
/* A message takes the tool of that name away, or (again) has it. */
bool	messages_remove_tool(struct decoder *, struct slice name) MUST_USE;
void	messages_restore_tool(struct decoder *, struct slice name);
/* Add a tool that a message brings, in the place of one of its name. */
bool	messages_bring_tool(struct decoder *, struct jval tool) MUST_USE;
/* All messages were read: forget what was taken away and never used again. */
void	messages_forget_tools(struct decoder *);

/* Read a block of thinking: its text, signature and vendor.  False: nothing
 * of it is to be kept. */
bool	messages_read_thinking(struct decoder *, struct jval,
	    struct ir_block *into);
bool	messages_read_redacted(struct decoder *, struct jval,
	    struct ir_block *into);
/* The signature that belongs to the call of that id, or empty. */
struct slice	messages_call_signature(struct decoder *, struct slice id);

/* Read the `source` of an image or document. */
bool	messages_read_source(struct decoder *, struct jval block,
	    struct ir_media *) MUST_USE;

/* Refuse the request because of a member of its top level; returns false. */
bool	messages_refuse(struct decoder *, const char *name,
	    const char *what);

/* Refuse the request because of the content block being read; returns false. */
bool	messages_refuse_block(struct decoder *, const char *what);

#endif
