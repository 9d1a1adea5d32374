/*
 * encode - what the files that write a Chat request share.
 *
 * encode.c writes the top level, encode_messages.c the conversation,
 * encode_content.c what users and tools say, encode_tools.c tools and the
 * choice among them, encode_reason.c how hard to think.
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
	size_t		 marks_early;	/* cache marks before those that count */
	size_t		 moved;		/* media of this turn's results so far */
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
bool	encode_messages(struct encoder *) MUST_USE;

/*
 * Append what `b` says.  In a result, media go to `moved`, and a line that
 * says so stands in their place.
 */
bool	encode_flatten(struct encoder *, const struct ir_block *b,
	    struct atoms *) MUST_USE;
bool	encode_flatten_result(struct encoder *, const struct ir_block *result,
	    struct atoms *, struct atoms *moved) MUST_USE;
bool	encode_add_text(struct encoder *, struct atoms *, struct slice text,
	    struct slice cache) MUST_USE;
/* As the value of "content": a string, its texts joined by `joint`, or parts. */
void	encode_content(struct encoder *, const struct atoms *,
	    const char *joint);
/* Is this mark to be told?  Counts the marks: ask once per mark, in order. */
bool	encode_takes_mark(struct encoder *, struct slice cache);

/* tools, tool_choice, parallel_tool_calls */
bool	encode_tools(struct encoder *) MUST_USE;
/* A tool call's arguments as a JSON string, without needless white space. */
void	encode_arguments(struct writer *, struct slice json);
/* Will any function tool be offered? */
bool	encode_has_functions(const struct encoder *);
/* Is the model to be forced to call a tool? */
bool	encode_forces(const struct encoder *);

/* The members that tell the dialect how hard to think. */
void	encode_reason(struct encoder *);

#endif
