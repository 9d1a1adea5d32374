/*
 * encode - what the files that write a Responses request share.
 *
 * encode.c writes the top level, encode_input.c the conversation as items, of
 * it encode_content.c what users and tools say, encode_tools.c tools and the
 * choice among them.
 */
#ifndef PROTO_RESPONSES_ENCODE_H
#define PROTO_RESPONSES_ENCODE_H

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
	const struct ir_turn *caller;	/* whose calls come to be answered */
	size_t		 marks_early;	/* marks before those that count */
};

/* Instructions and input.  False: talk->fail is set, or no memory. */
bool	responses_write_input(struct encoder *) MUST_USE;

/* A block that a user's message or a result holds, as part of the array that
 * is open.  False as above. */
bool	responses_write_part(struct encoder *, const struct ir_block *)
	    MUST_USE;
/* Does any of them need to be a part, or will a string do? */
bool	responses_needs_parts(const struct ir_block *list);
/* The texts of the list as one string. */
void	responses_write_joined(struct encoder *, const struct ir_block *list,
	    const char *joint);

/* tools, tool_choice, parallel_tool_calls */
bool	responses_write_tools(struct encoder *) MUST_USE;
/*
 * Does the body go from a client of OpenAI's to OpenAI?  Then tools that other
 * providers know as functions keep their form, and so do their calls.
 */
bool	responses_is_own(const struct encoder *);
/* Write the item as the client sent it, but for its id, which OpenAI looks for
 * in answers of its own. */
void	responses_write_item(struct encoder *, struct slice raw);
/* The description of that namespace; absent: it has none. */
struct slice	responses_space_says(const struct encoder *, struct slice name);

/* Is the schema of the answer to be asked for in words? */
bool	responses_format_in_words(const struct encoder *);

#endif
