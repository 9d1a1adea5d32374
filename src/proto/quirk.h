/*
 * quirk - what providers and models can, cannot and insist on, as data.
 *
 * Three tables: capabilities of Claude models by name pattern, dialects of
 * Chat-speaking providers, and models that differ from their dialect.
 * quirks_find() folds the rows that match into one struct, which encoders and
 * passers consult and never a name.  The operator may set its fields by name,
 * and edit the members of the bodies that go out: see struct quirk_rule.
 */
#ifndef PROTO_QUIRK_H
#define PROTO_QUIRK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

enum quirk_dialect {			/* ORDER dialect */
	DIALECT_GENERIC, DIALECT_OPENAI, DIALECT_OPENAI_REASONING,
	DIALECT_DEEPSEEK, DIALECT_KIMI, DIALECT_QWEN, DIALECT_GLM,
	DIALECT_XAI, DIALECT_OPENROUTER, DIALECT_GEMINI, DIALECT_MISTRAL,
	DIALECT_VLLM, DIALECT_OLLAMA, DIALECT_GROQ, DIALECT_MINIMAX,
	DIALECT_ANTHROPIC, DIALECT_SGLANG, DIALECT_LMSTUDIO, DIALECT_TOGETHER,
	DIALECT_FIREWORKS, DIALECT_CEREBRAS, DIALECT_PERPLEXITY,
	DIALECTS,
};

/* Kinds of thinking that a Claude model accepts. */
enum {
	THINK_ADAPTIVE = 1, THINK_ENABLED = 2, THINK_DISABLED = 4,
	THINK_BETWEEN = 8,
};

/* How a Chat dialect is told to reason. */
enum quirk_reason {
	REASON_NONE, REASON_EFFORT, REASON_THINKING, REASON_ENABLE_THINKING,
	REASON_OPENROUTER, REASON_TEMPLATE, REASON_EFFORT_OLLAMA,
};

/*
 * Must reasoning be sent back in the history?  Both others send what there is;
 * the placeholder stands in on assistant messages with tool calls (TOOLS), or
 * on all assistant messages once a tool was called (ALWAYS).
 */
enum quirk_replay { REPLAY_NO, REPLAY_TOOLS, REPLAY_ALWAYS };

/* Cache marks: left out, copied, or as prompt_cache_breakpoint. */
enum quirk_cache { CACHE_NONE, CACHE_COPY, CACHE_BREAKPOINT };

/* What becomes of one top-level member of a body. */
enum quirk_edit_kind {			/* ORDER quirk_edit */
	EDIT_END, EDIT_RENAME, EDIT_DROP, EDIT_CLAMP, EDIT_DEFAULT,
	EDIT_REFUSE,
};

struct quirk_edit {
	enum quirk_edit_kind kind;	/* EDIT_END ends a list */
	const char	*member;
	const char	*text;		/* RENAME: new name; DEFAULT: JSON */
	const char	*low, *high;	/* CLAMP: numbers; NULL: no bound */
	bool		 quiet;		/* what it did is no loss */
	bool		 at_rest_fine;	/* not where a model that samples
					 * while it does not think is at rest */
};

struct quirk_field;

/* A field of struct quirks, set by the operator. */
struct quirk_setting {
	const struct quirk_field *field;
	uint64_t	 number;	/* a flag, a number or an enum */
	const char	*text;		/* NULL: null */
	const char *const *words;	/* efforts */
};

/* A row of the operator's own.  Of several that fit each one counts. */
struct quirk_rule {
	struct quirk_rule *next;
	const char	*models;	/* names with '*' for any text */
	const struct quirk_setting *settings;
	size_t		 setting_count;
	const struct quirk_edit *edits;	/* ends with EDIT_END */
};

struct quirks {
	enum quirk_dialect dialect;
	bool		known;		/* a row is about this very model */
	uint64_t	max_output;	/* tokens; 0: unknown */
	uint64_t	default_output;	/* where one is needed, none named */
	uint64_t	context;	/* tokens; 0: unknown */

	/* Messages upstream: Claude's capabilities */
	unsigned	think;		/* THINK_* bits */
	bool		think_default;	/* thinks when `thinking` is left out */
	bool		think_shown;	/* display is summarized by itself */
	uint8_t		efforts;	/* bit ir_effort: accepted levels */
	bool		effort_with_budget;
	bool		sampling;	/* temperature, top_p, top_k accepted */
	bool		force;		/* tool_choice any/tool accepted */
	bool		prefill;	/* so is a last assistant message */
	bool		mid_system;	/* role system inside messages */
	bool		schema_output;	/* output_config.format; strict tools */
	bool		bound_thinking;	/* thinking belongs to its prefix */
	bool		rest_to_high;	/* not thinking: no effort above high */

	/* Chat upstream: the dialect */
	const char	*max_field;	/* or "max_completion_tokens" */
	bool		max_field_only;	/* it refuses or ignores the other */
	bool		sampling_quiet;	/* it is fixed: its loss is none */
	bool		top_k_ok, seed_ok, penalties_ok, stop_ok, logprobs_ok;
	bool		n_ok;		/* several answers to one request */
	uint8_t		stop_max;	/* stop sequences */
	uint8_t		stop_bytes;	/* of the longest; 0: any */
	bool		stops_counted;	/* more, or longer ones, are refused */
	bool		stream_usage;	/* stream_options.include_usage */
	bool		schema_format;	/* response_format json_schema */
	bool		no_object_format; /* json_object is refused */
	bool		tier_ok;	/* service_tier */
	const char	*user_field;	/* names an end user; NULL: none */
	enum quirk_cache cache;
	/* ... how it is told to reason */
	enum quirk_reason reason;
	const char *const *efforts_sent; /* word by ir_effort; NULL: not sent */
	const char	*effort_off;	/* the word for "do not"; NULL: none */
	bool		effort_off_thinks; /* ... which still thinks a little */
	bool		effort_alone;	/* sent if only effort is said */
	bool		always_thinks;	/* nothing turns it off */
	bool		thinks_unasked;	/* ... if nothing is said */
	bool		samples_at_rest; /* sampling is fine without thinking */
	bool		efforts_only;	/* other words for effort are refused */
	const char	*reason_own;	/* all members that tell it, by spaces;
					 * NULL: nobody knows */
	bool		tools_need_no_reasoning; /* functions: effort none */
	bool		thinks_or_forces; /* no forced tool while thinking */
	/* ... how its reasoning comes and goes back */
	const char	*reason_field;	/* NULL: it does not go back */
	enum quirk_replay replay;
	const char	*replay_placeholder; /* NULL: none */
	bool		keep_thinking;	/* GLM: or the replayed is cleared */
	bool		reasoning_details; /* Claude's, with signatures */
	bool		signed_calls;	/* Gemini: calls carry signatures */
	bool		sentinel_calls;	/* ... and a first call needs one */
	/* ... its conversation */
	bool		developer_role;
	bool		no_developer;	/* role developer is refused */
	bool		system_first;	/* role system is refused later on */
	const char	*message_refused; /* members of the assistant's messages
					 * that are, by spaces; NULL: none */
	bool		no_names;	/* messages must not have a name */
	bool		mid_system_chat; /* role system after the first turn */
	bool		vision, pdf;
	bool		no_empty_tool_content;
	const char	*prefill_field;	/* an answer is begun; NULL: none */
	bool		prefill_top;	/* ... a top-level field (vLLM) */
	/* ... its tools */
	bool		forced_choice;
	bool		forced_refused;	/* where not, by an error */
	bool		choice_words;	/* tool_choice is a word, no name */
	bool		parallel_param;
	bool		strict_ok;	/* strict function schemas */
	const char	*schema_refused; /* keywords of schemas that are, by
					 * spaces; NULL: none */
	bool		raw_ids;	/* ids go back as the model made them */
	uint8_t		id_max;		/* bytes of a tool-call id */
	uint8_t		id_exact;	/* just so many alphanumerics; 0: no */
	uint8_t		name_max;	/* bytes of a tool name */

	/* Gemini upstream; the rest is as in the Chat dialect */
	bool		no_logprobs;	/* responseLogprobs is refused */

	/* Responses upstream; the rest is as in the Chat dialect */
	bool		responses_only;	/* Chat is refused */
	bool		store_ok;	/* store may be said */
	bool		seals;		/* thoughts come sealed, if asked for */
	bool		no_summary;	/* a summary of them is refused */
	bool		custom_ok;	/* free-form tools, allowed_tools */

	/* Bodies that are only passed on: of the dialect and of the model */
	bool		keep_extra;	/* extra_body is the provider's own */
	const struct quirk_edit *edits[2];
	/* The operator's; they are for translated bodies, too. */
	const struct quirk_rule *rules;	/* NULL: none */
};

/* The dialect of the provider with that (preset's) name, or DIALECT_GENERIC. */
enum quirk_dialect	quirk_dialect_by_name(struct slice name);
const char		*quirk_dialect_name(enum quirk_dialect);

/* What is known of `model` (plain) at a provider of that dialect. */
void	quirks_find(struct quirks *, enum quirk_dialect, struct slice model);

/* Set what the rules say of `model` (plain), and keep them for the body. */
void	quirks_override(struct quirks *, const struct quirk_rule *rules,
	    struct slice model);

/* Is `model` one of those that the rule is about? */
bool	quirk_rule_fits(const struct quirk_rule *, struct slice model);

/* `model` in lower case with '.' as '-', without vendor prefix, date, tag and
 * version suffixes. */
struct slice	quirk_model_key(struct slice model, char *out, size_t size);

#endif
