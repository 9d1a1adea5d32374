/*
 * prompt - a request to the mock provider, read as far as an answer needs it.
 *
 * Texts are plain UTF-8 here, unescaped: they are cut, searched and quoted.
 */
#ifndef ECHO_PROMPT_H
#define ECHO_PROMPT_H

#include "base/arena.h"
#include "json/json.h"

enum dialect {
	DIALECT_CHAT, DIALECT_MESSAGES, DIALECT_RESPONSES, DIALECT_GEMINI,
};

enum choice { CHOICE_AUTO, CHOICE_NONE, CHOICE_ANY, CHOICE_ONE };

struct prompt_tool {
	struct slice	name;		/* escaped */
	struct slice	space;		/* Responses: its namespace; or none */
	struct jval	schema;		/* may be absent */
	bool		custom;		/* takes free text */
};

struct prompt {			/* prompt_read() fills it */
	enum dialect	 dialect;
	struct json	 doc;
	struct jval	 root;
	struct slice	 model;		/* as asked for, directives included */
	struct slice	 name;		/* the model without them */
	struct slice	 directives;
	bool		 stream, stream_usage;
	struct jval	 input;		/* Responses: an array, or a string */
	/* prompt_listen() fills the rest */
	struct slice	 heard;		/* what the user said last */
	struct slice	 results;	/* of tools that spoke last */
	bool		 answered;	/* they did */
	struct prompt_tool *tools;	/* those that can be called */
	size_t		 tool_count;
	enum choice	 choice;
	struct slice	 chosen;	/* CHOICE_ONE: its name, escaped */
	bool		 serial;	/* one call at a time */
	bool		 reason;	/* thinking was asked for */
	bool		 summary;	/* Responses: and is to be shown */
	struct jval	 stops;		/* a string, an array, or absent */
	uint64_t	 max_tokens;	/* 0: not said */
	uint64_t	 n;		/* answers wanted; at least 1 */
	uint64_t	 tokens;	/* the request's, by estimate */
};

/*
 * Parse the body and read what directs the answer.  False: the body is no
 * JSON object, or memory ran out; *why is a sentence.  All slices live as
 * long as the arena and the body do.
 */
bool	prompt_read(struct prompt *, struct arena *, enum dialect,
	    struct slice body, const char **why) MUST_USE;

/*
 * Gemini has in the address what others have in the body: the model's name,
 * still encoded, and whether a stream is wanted.
 */
bool	prompt_address(struct prompt *, struct arena *, struct slice model,
	    bool stream) MUST_USE;

/* Read what is to be answered, of a request that check.h found good. */
void	prompt_listen(struct prompt *, struct arena *);

#endif
