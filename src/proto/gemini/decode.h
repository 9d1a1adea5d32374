/*
 * decode - what the files that read a Gemini request share.
 */
#ifndef PROTO_GEMINI_DECODE_H
#define PROTO_GEMINI_DECODE_H

#include "base/map.h"
#include "proto/gather.h"
#include "proto/gemini/proto3.h"
#include "proto/proto.h"

struct call;

/* Calls of the conversation so far, for the results that answer them. */
struct call_book {
	struct map	 ids;		/* of call: struct call */
	struct map	 names;		/* of tool: struct call_queue */
	uint32_t	 turn;		/* number of the latest model turn */
};

struct decoding {
	struct talk	*talk;
	struct arena	*arena;
	struct ir_request *request;
	bool		 native;	/* the provider is Google, too */
	struct slice	 detail;	/* of images, as mediaResolution says */
	uint32_t	 content, part;	/* being read; for naming */
	struct ir_turn	*turn;		/* being filled */
	struct ir_block	*result;	/* media behind it belong to it */
	struct ir_block	*growing;	/* the last text of a model, or NULL */
	struct gather	 grown;		/* ... if it has more than one piece */
	struct call_book calls;
	/* of the turn: thinking that came with its calls, in order */
	struct ir_block	*bundled;
	size_t		 bundled_count;
	int64_t		 call_count;
	uint64_t	 text_bytes;	/* all of it, and up to the last call */
	uint64_t	 text_bytes_then;
	struct ir_block	*unsigned_from;	/* the last call, or NULL */
};

/* Refuse the request, because of the part being read, or a member: false. */
bool	gemini_refuse_part(struct decoding *, const char *what);
bool	gemini_refuse(struct decoding *, enum fail_kind, const char *path,
	    const char *what);

/* Name the members of `obj`, which stands at `path`, that are not among
 * `known`: words in camelCase with one space between. */
void	gemini_name_unknown(struct decoding *, struct jval obj,
	    const char *known, const char *path_fmt, ...)
	    __attribute__((format(printf, 4, 5)));

/* Add a block to the turn, or to a list inside a block, in its place. */
struct ir_block	*gemini_add(struct decoding *, struct ir_block **list,
		    enum ir_kind) MUST_USE;

/* Read one part of a content.  False: talk->fail, or no memory. */
bool	gemini_read_part(struct decoding *, struct jval part) MUST_USE;
/* Read inlineData or fileData, if the part holds one, into `list`. */
bool	gemini_read_media(struct decoding *, struct jval part,
	    struct ir_block **list, bool *found) MUST_USE;

/* Read functionCall and functionResponse. */
bool	gemini_read_call(struct decoding *, struct jval part,
	    struct jval call) MUST_USE;
bool	gemini_read_result(struct decoding *, struct jval response) MUST_USE;

/*
 * What stands in a part's thoughtSignature: Google's own signature, or what an
 * envelope of ours holds.  Kind 0: nothing.
 */
struct mark {
	char		 kind;		/* 's': a signature; else envelope's */
	enum ir_vendor	 vendor;
	struct slice	 raw;
};
struct mark	gemini_mark(struct decoding *, struct jval part);

/* Thinking that an envelope on the call brought: kept until the turn ends. */
bool	gemini_unbundle(struct decoding *, const struct mark *) MUST_USE;
/* The turn has ended: put what was kept where it stood. */
bool	gemini_place_bundled(struct decoding *) MUST_USE;

/* Read generationConfig and its thinkingConfig. */
bool	gemini_read_config(struct decoding *, struct jval config) MUST_USE;
/* Read tools and toolConfig. */
bool	gemini_read_tools(struct decoding *, struct jval tools) MUST_USE;
bool	gemini_read_choice(struct decoding *, struct jval config) MUST_USE;

/*
 * A schema of Google's dialect as JSON Schema, in the arena: types in lower
 * case, nullable as a type, counts as numbers.  Depth is bound by the parser.
 */
struct slice	gemini_plain_schema(struct arena *, struct jval schema);

#endif
