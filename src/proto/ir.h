/*
 * ir - what a request and an answer mean, whatever protocol they came in.
 *
 * A request is a tree in the exchange's arena, because encoders must look
 * ahead.  An answer is a row of events, because clients must not wait:
 *
 *	answer := BEGIN block* STOP		or FAIL, anywhere
 *	block  := OPEN DELTA* CLOSE		one block open at a time
 *	USAGE and PING may stand anywhere between BEGIN and STOP; later usage
 *	replaces earlier, member by member
 *
 * Text is JSON text still escaped (what stands between the quotes), numbers
 * are as spelled, sub-trees that are only carried are raw slices: nothing is
 * rounded, re-ordered or re-escaped on its way through.  A member that is not
 * text says so.  An absent slice has ptr NULL; "" is a value.
 */
#ifndef PROTO_IR_H
#define PROTO_IR_H

#include "base/arena.h"
#include "json/bind.h"
#include "json/json.h"

/* ---- requests ---- */

enum ir_role { IR_USER, IR_ASSISTANT, IR_SYSTEM };

enum ir_kind {
	IR_TEXT,
	IR_THINK,		/* text, signature */
	IR_REDACTED,		/* thinking only its maker can read, in text */
	IR_CALL,		/* a tool call: id, name, args */
	IR_RESULT,		/* its result: id, content, is_error */
	IR_IMAGE, IR_DOCUMENT, IR_AUDIO, IR_VIDEO,	/* media */
	IR_OPAQUE,		/* raw: what only one vendor understands */
};

/* Who made a signature or an opaque block: it is never sent to anybody else. */
enum ir_vendor {
	IR_NOBODY, IR_ANTHROPIC, IR_OPENAI, IR_GOOGLE, IR_OTHER
};

enum ir_source { IR_DATA, IR_URL, IR_FILE_ID, IR_INLINE };

struct ir_media {
	enum ir_source	 source;
	struct slice	 mime;		/* plain, lower case; empty: unknown */
	struct slice	 data;		/* base64; INLINE: text; URL; id */
	struct slice	 name;		/* file name or title */
	struct slice	 detail;	/* OpenAI's image detail */
	struct slice	 context;	/* Anthropic's document context */
	struct ir_block	*content;	/* a document made of blocks */
	struct slice	 citations;	/* raw */
};

struct ir_block {
	struct ir_block	*next;
	enum ir_kind	 kind;
	struct slice	 text;
	struct slice	 signature;	/* THINK, CALL; envelope taken off */
	enum ir_vendor	 vendor;	/* of signature, REDACTED or OPAQUE */
	struct slice	 id, name;	/* CALL, RESULT; REDACTED: as in OPEN */
	struct slice	 args;		/* CALL: plain JSON, an object */
	bool		 custom;	/* CALL: args is escaped free text */
	bool		 is_error;	/* RESULT */
	bool		 refusal;	/* TEXT that was a refusal */
	bool		 nocontent;	/* RESULT whose content was absent */
	struct ir_block	*content;	/* RESULT */
	struct ir_media	 media;
	struct slice	 raw;		/* OPAQUE: as JSON; its type in name;
					 * CALL, RESULT: Responses' item, if it
					 * is of a form of its own */
	struct slice	 cache;		/* cache_control as raw JSON */
	struct slice	 citations;	/* TEXT: raw */
	struct slice	 item;		/* THINK: Responses' id of the item */
	struct slice	 phase;		/* TEXT: Responses' phase */
	/* THINK: bytes of text, and calls, in front of it; -1 unknown */
	int64_t		 text_offset, call_offset;
	uint32_t	 message, part;	/* where it came from: for losses */
	uint32_t	 inside;	/* place in a result, from 1; or 0 */
	/* private */
	struct ir_block	*tail;		/* of a list's first item: its last */
};

struct ir_turn {
	struct ir_turn	*next;
	enum ir_role	 role;
	struct ir_block	*first, *last;
	uint32_t	 message;	/* index in the client's array */
	struct slice	 name;
};

enum ir_tool_kind {
	IR_FUNCTION,
	IR_CUSTOM,		/* free-form input; grammar in `format` */
	IR_HOSTED,		/* run by a vendor: raw, type in `type` */
};

/*
 * Tools whose schema Responses clients know by heart: elsewhere they are
 * functions, and their calls and results are items of their own.
 */
enum ir_tool_form {
	IR_FORM_PLAIN,
	IR_FORM_TOOL_SEARCH, IR_FORM_LOCAL_SHELL, IR_FORM_SHELL,
	IR_FORM_APPLY_PATCH,
};

struct ir_tool {
	struct ir_tool	*next;
	enum ir_tool_kind kind;
	enum ir_tool_form form;
	struct slice	 name, description;
	struct slice	 sent_name;	/* by the encoder; empty: as name */
	/* Responses' namespace, and the name in it; name has both */
	struct slice	 space, local;
	struct slice	 schema;	/* raw JSON, or absent */
	struct jval	 parsed;	/* the same as a value; may be absent */
	struct jval	 self;		/* it in the client's body; or absent */
	struct slice	 format;	/* CUSTOM: raw */
	enum tri	 strict;
	struct slice	 cache;		/* raw */
	enum ir_vendor	 vendor;	/* HOSTED */
	struct slice	 type;		/* HOSTED */
	struct slice	 raw;		/* the tool as the client sent it */
	bool		 wrapped;	/* by the encoder: root was no object */
	bool		 found;		/* by a search: the history has it */
	uint32_t	 index;
	/* private */
	struct ir_tool	*tail;		/* of a list's first item: its last */
};

enum ir_choice {
	IR_CHOICE_UNSET, IR_CHOICE_AUTO, IR_CHOICE_NONE, IR_CHOICE_ANY,
	IR_CHOICE_ONE,			/* choice_name */
	IR_CHOICE_ALLOWED_AUTO, IR_CHOICE_ALLOWED_ANY,	/* choice_names */
};

enum ir_format {
	IR_FORMAT_UNSET, IR_FORMAT_TEXT, IR_FORMAT_JSON, IR_FORMAT_SCHEMA
};

enum ir_effort {
	IR_EFFORT_UNSET, IR_EFFORT_MINIMAL, IR_EFFORT_LOW, IR_EFFORT_MEDIUM,
	IR_EFFORT_HIGH, IR_EFFORT_XHIGH, IR_EFFORT_MAX
};

/* What the client said of reasoning, in whichever of its many spellings. */
struct ir_reasoning {
	enum tri	 on;		/* NO: it asked for none */
	enum ir_effort	 effort;
	uint64_t	 budget;	/* tokens; 0: not said */
	enum tri	 show;		/* does it want to see the thinking? */
	bool		 adaptive;	/* "the model decides" */
	bool		 between;	/* only between tool calls */
};

struct ir_text {			/* in a list: stops, tool names */
	struct ir_text	*next;
	struct slice	 text;
	/* private */
	struct ir_text	*tail;		/* of a list's first item: its last */
};

struct ir_request {
	struct slice	 model;
	bool		 stream;
	struct ir_block	*system;	/* instructions before the first turn */
	struct ir_turn	*first, *last;
	struct ir_tool	*tools;
	size_t		 tool_count;
	enum ir_choice	 choice;
	struct slice	 choice_name;
	struct ir_text	*choice_names;
	enum tri	 parallel;
	/* as spelled; absent: not said */
	struct slice	 max_tokens, temperature, top_p, top_k, seed, n;
	struct slice	 frequency_penalty, presence_penalty;
	struct ir_text	*stop;
	struct ir_reasoning reasoning;
	enum ir_format	 format;
	struct slice	 format_name, format_schema;	/* schema raw */
	enum tri	 format_strict;
	struct slice	 verbosity, tier, user, cache_key;
	struct slice	 cache;		/* top-level cache_control, raw */
	struct slice	 metadata;	/* raw: an object of strings */
	enum tri	 logprobs;
	struct slice	 top_logprobs;
	/* facts of the client's dialect that its sink needs */
	bool		 include_usage;	/* chat: stream_options.include_usage */
	bool		 show_thoughts;	/* gemini: includeThoughts */
	bool		 legacy_functions;	/* chat: functions, not tools */
	/* the client's body itself, for fields only its own protocol knows */
	struct jval	 body;
};

/* ---- answers ---- */

enum ir_event_type {
	IR_BEGIN,		/* id, model; usage may hold the input's */
	/*
	 * kind TEXT, THINK, REDACTED, CALL, IMAGE, AUDIO or OPAQUE; vendor;
	 * CALL: id as the provider's, name as the client's; REDACTED: text, and
	 * OpenRouter's id and (in name) format, if it has them; IMAGE, AUDIO:
	 * mime, and base64 in text; OPAQUE: raw; TEXT: Responses' phase in name
	 */
	IR_OPEN,
	IR_DELTA,		/* text: a piece; CALL: of JSON, escaped */
	IR_SIGN,		/* signature and vendor; THINK, CALL or TEXT;
				 * id: Responses' id of the item */
	IR_CITE,		/* raw: a url_citation of Chat; TEXT */
	IR_LOGPROBS,		/* raw: an array, Chat's logprobs.content */
	IR_CLOSE,
	IR_USAGE,		/* usage; raw: of tools run by the vendor */
	IR_PING,
	IR_STOP,		/* reason and its companions */
	IR_FAIL,		/* fail */
};

enum ir_stop {
	IR_STOP_END, IR_STOP_TOOL, IR_STOP_LENGTH, IR_STOP_SEQUENCE,
	IR_STOP_FILTER, IR_STOP_REFUSAL, IR_STOP_BAD_TOOL, IR_STOP_PAUSE,
	IR_STOP_CONTEXT,	/* the context window is full */
	IR_STOP_OTHER,
};

/* In tokens; -1: not said.  `in` and `out` have their parts inside. */
struct ir_usage {
	int64_t		 in, cache_read, cache_write;
	int64_t		 out, reasoning;
	bool		 estimated;
	/* of cache_write: for longer than the shortest time there is */
	int64_t		 cache_write_long;
};

struct fail;

struct ir_event {
	enum ir_event_type type;
	enum ir_kind	 kind;
	struct slice	 id, model, name;
	struct slice	 text;
	struct slice	 mime;
	struct slice	 signature;
	enum ir_vendor	 vendor;
	struct slice	 raw;		/* STOP: an object of members that only
					 * the vendor's clients understand */
	bool		 custom;	/* OPEN CALL: deltas are free text */
	bool		 refusal;	/* OPEN TEXT: the text is a refusal */
	struct ir_usage	 usage;		/* BEGIN, USAGE */
	enum ir_stop	 stop;
	struct slice	 native;	/* the provider's word for the reason */
	struct slice	 sequence;	/* which was hit; absent: unknown */
	struct slice	 explanation;	/* of a refusal */
	struct slice	 tier;		/* STOP, BEGIN: service tier */
	const struct fail *fail;
};

/*
 * Where events go.  put() is a direct call that returns within the turn; slices
 * in the event live until it returns.  Sinks chain: each embeds this struct
 * first.
 */
struct sink {
	void		(*put)(struct sink *, const struct ir_event *);
	struct sink	*next;		/* NULL: the last */
};

struct ir_usage	ir_usage_none(void);			/* all -1 */
void		ir_usage_merge(struct ir_usage *, const struct ir_usage *later);
/* The sum of two answers; what neither says stays unsaid. */
void		ir_usage_add(struct ir_usage *, const struct ir_usage *);

/*
 * Building: each appends zeroed memory from the arena, in constant time; NULL
 * when that failed.  Whoever unlinks items by hand appends to that list by
 * hand, too.
 */
struct ir_turn	*ir_turn_add(struct ir_request *, struct arena *,
		    enum ir_role) MUST_USE;
/* Append a block that is in no list, or in none that is still needed. */
void		 ir_turn_append(struct ir_turn *, struct ir_block *);
struct ir_block	*ir_block_add(struct ir_turn *, struct arena *,
		    enum ir_kind) MUST_USE;
struct ir_block	*ir_block_new(struct ir_block **list, struct arena *,
		    enum ir_kind) MUST_USE;
struct ir_tool	*ir_tool_add(struct ir_request *, struct arena *) MUST_USE;
bool		 ir_text_add(struct ir_text **list, struct arena *,
		    struct slice) MUST_USE;

#endif
