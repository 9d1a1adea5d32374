/*
 * encode - what the files that write a Chat request share.
 *
 * encode.c writes the top level, encode_messages.c the conversation, of it
 * encode_assistant.c the assistant's side and encode_content.c what users and
 * tools say, encode_tools.c tools and the choice among them, encode_reason.c
 * how hard to think, encode_extra.c what only some providers know.
 */
#ifndef PROTO_CHAT_ENCODE_H
#define PROTO_CHAT_ENCODE_H

#include "json/write.h"
#include "proto/proto.h"

struct encoder {
	struct talk	*talk;
	struct arena	*arena;
	struct ir_request *request;	/* a copy whose turns are settled */
	const struct quirks *quirks;
	struct writer	 w;
	const struct ir_turn *turn;	/* being written */
	const struct ir_turn *last_user; /* NULL: nobody said anything */
	bool		 called;	/* a tool was called in the history */
	size_t		 marks_early;	/* marks before those that count */
	size_t		 moved;		/* media out of this turn's results */
};

/* What a user turn, a result or a system prompt says, in a row. */
struct atom {
	struct atom	*next;
	const struct ir_block *media;	/* NULL: text */
	struct slice	 text;		/* escaped */
	struct slice	 cache;		/* raw; absent: no mark */
	bool		 glued;		/* a line of the text before it */
};

struct atoms {				/* start from all zeros */
	struct atom	*first, *last;
	bool		 media;		/* there is some */
	bool		 marked;	/* a cache mark is to be told */
};

/* The whole "messages" member.  False: talk->fail is set, or no memory. */
bool	chat_write_messages(struct encoder *) MUST_USE;
/* The assistant's turn, if anything is left of it. */
bool	chat_write_assistant(struct encoder *, const struct ir_turn *) MUST_USE;
/* Is nothing of it left that this provider can be told? */
bool	chat_is_silent(const struct encoder *, const struct ir_turn *);
/* Open a message; it is closed by write_end(). */
void	chat_open_message(struct encoder *, const char *role);

/*
 * Append what `b` says.  In a result, media go to `moved`, and a line that
 * says so stands in their place.
 */
bool	chat_flatten(struct encoder *, const struct ir_block *b,
	    struct atoms *) MUST_USE;
bool	chat_flatten_result(struct encoder *, const struct ir_block *result,
	    struct atoms *, struct atoms *moved) MUST_USE;
bool	chat_add_text(struct encoder *, struct atoms *, struct slice text,
	    struct slice cache) MUST_USE;
/* The member "content": a string, texts joined by `joint`, or parts. */
void	chat_write_content(struct encoder *, const struct atoms *,
	    const char *joint);
/* Is this mark to be told?  Counts the marks: ask once per mark, in order. */
bool	chat_takes_mark(struct encoder *, struct slice cache);

/* It, where it is copied: on what is no part of content, and not counted. */
void	chat_write_mark(struct encoder *, struct slice cache);

/* tools, tool_choice, parallel_tool_calls */
bool	chat_write_tools(struct encoder *) MUST_USE;
/* What the client called the schema of the answer: for losses. */
const char	*chat_format_path(const struct encoder *);
/* A tool call's arguments as a JSON string, without needless white space. */
void	chat_write_arguments(struct writer *, struct slice json);
/* Will any function tool be offered? */
bool	chat_has_functions(const struct encoder *);
/* Is the model to be forced to call a tool? */
bool	chat_is_forced(const struct encoder *);

/* The members that tell the dialect how hard to think. */
void	chat_write_reasoning(struct encoder *);

/* User, tier, cache key, and what the client sent for this dialect. */
void	chat_write_extras(struct encoder *);

#endif
