/*
 * encode - what the files that write a Gemini request share.
 *
 * encode.c writes the top level, encode_contents.c the conversation,
 * encode_parts.c what it says, encode_tools.c tools and the choice among
 * them, encode_config.c generationConfig.
 */
#ifndef PROTO_GEMINI_ENCODE_H
#define PROTO_GEMINI_ENCODE_H

#include "json/write.h"
#include "proto/gemini/family.h"
#include "proto/proto.h"

struct encoder {
	struct talk	*talk;
	struct arena	*arena;
	struct ir_request *request;	/* a copy whose turns are settled */
	const struct quirks *quirks;
	struct family	 family;
	struct writer	 w;
	size_t		 functions;	/* among the tools that are sent */
	const struct ir_turn *last_user;
	const struct ir_turn *turn;	/* being written */
};

/* What is lost, by the name that the client has for it. */
enum encode_word {
	WORD_STOP, WORD_THINKING, WORD_PENALTY, WORD_PRESENCE, WORD_LOGPROBS,
	WORD_FORMAT, WORD_VERBOSITY, WORD_LIMIT, WORD_TIER, WORD_PARALLEL,
	WORDS,
};
void	gemini_lost(struct encoder *, enum loss_action, enum encode_word);

/* systemInstruction, contents.  False: talk->fail is set, or no memory. */
bool	gemini_write_system(struct encoder *) MUST_USE;
bool	gemini_write_contents(struct encoder *) MUST_USE;

/*
 * One part for a block of text, thinking or media; nothing where Google cannot
 * have it.  False as above.
 */
bool	gemini_write_block(struct encoder *, const struct ir_block *) MUST_USE;
/* A result and, where the model cannot have them in it, nothing of what it
 * shows: that is for gemini_write_shown(). */
bool	gemini_write_result(struct encoder *, const struct ir_block *,
	    struct slice name) MUST_USE;
bool	gemini_write_shown(struct encoder *, const struct ir_block *) MUST_USE;
void	gemini_write_call(struct encoder *, const struct ir_block *,
	    bool first);
void	gemini_write_text(struct encoder *, struct slice escaped);

/* The name that a function has there, in the arena. */
struct slice	gemini_tool_name(struct encoder *, struct slice name);

/* tools, toolConfig. */
bool	gemini_write_tools(struct encoder *) MUST_USE;
/* generationConfig. */
bool	gemini_write_config(struct encoder *) MUST_USE;
/* Is JSON to be asked for in words, as it cannot stand beside functions? */
bool	gemini_asks_in_words(const struct encoder *);

/*
 * A JSON Schema in the subset that Google takes: as parametersJsonSchema and
 * responseJsonSchema, or, `old`, as OpenAPI's schemas.  In the arena.  Empty:
 * it is no object, or no memory.
 */
struct slice	gemini_fit_schema(struct arena *, struct jval schema,
		    bool old);
/* Has it no property at all? */
bool		gemini_is_hollow(struct jval schema);

#endif
