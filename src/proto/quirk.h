/*
 * quirk - what providers and models can, cannot and insist on, as data.
 *
 * Two tables: capabilities of Claude models by name pattern, and dialects of
 * Chat-speaking providers.  quirks_find() folds the rows that match into one
 * struct, which the encoders consult and never a name.
 */
#ifndef PROTO_QUIRK_H
#define PROTO_QUIRK_H

#include "base/arena.h"
#include "base/slice.h"

enum quirk_dialect {			/* ORDER dialect */
	DIALECT_GENERIC, DIALECT_OPENAI, DIALECT_OPENAI_REASONING,
	DIALECT_DEEPSEEK, DIALECT_KIMI, DIALECT_QWEN, DIALECT_GLM,
	DIALECT_XAI, DIALECT_OPENROUTER, DIALECT_GEMINI, DIALECT_MISTRAL,
	DIALECT_VLLM, DIALECT_OLLAMA, DIALECT_GROQ, DIALECT_MINIMAX,
	DIALECT_ANTHROPIC,
	DIALECTS,
};

/* Kinds of thinking that a Claude model accepts. */
enum { THINK_ADAPTIVE = 1, THINK_ENABLED = 2, THINK_DISABLED = 4, THINK_BETWEEN = 8 };

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

struct quirks {
	enum quirk_dialect dialect;
	uint64_t	max_output;	/* tokens; 0: unknown */
	uint64_t	default_output;	/* sent when the client names no limit and one is required */
	uint64_t	context;	/* tokens; 0: unknown */
	/* Messages upstream: Claude's capabilities */
	unsigned	think;		/* THINK_* bits */
	bool		think_default;	/* thinks when `thinking` is left out */
	bool		think_shown;	/* its default display is summarized, not omitted */
	uint8_t		efforts;	/* bit ir_effort: accepted levels */
	bool		effort_with_budget;
	bool		sampling;	/* temperature, top_p, top_k accepted */
	bool		force;		/* tool_choice any/tool accepted */
	bool		prefill;	/* a trailing assistant message is accepted */
	bool		mid_system;	/* role system inside messages */
	bool		schema_output;	/* output_config.format; strict tools */
	bool		bound_thinking;	/* thinking blocks are bound to the exact prefix */
	/* Chat upstream: the dialect */
	const char	*max_field;	/* "max_tokens" or "max_completion_tokens" */
	enum quirk_reason reason;
	const char *const *efforts_sent; /* word by ir_effort; a NULL is not sent */
	const char	*effort_off;	/* the word for "do not think"; NULL: it cannot be said */
	bool		effort_off_thinks; /* ... and that word still thinks a little */
	bool		effort_alone;	/* effort is sent though thinking was not asked for */
	bool		always_thinks;	/* nothing turns it off */
	bool		keep_thinking;	/* GLM: clear_thinking false, or it forgets what was replayed */
	bool		sampling_quiet;	/* sampling is fixed, dropping it is no loss */
	bool		mid_system_chat; /* role system after the first user message */
	const char	*user_field;	/* in which an end user is named; NULL: none */
	enum quirk_cache cache;		/* how cache marks are told */
	bool		tier_ok;	/* service_tier */
	bool		thinks_or_forces; /* no forced tool while thinking */
	const char	*prefill_field;	/* what marks a last assistant message as begun; NULL: none */
	bool		prefill_top;	/* ... among the top-level fields (vLLM) */
	bool		reasoning_details; /* Claude's signed thinking goes back in them */
	bool		signed_calls;	/* Gemini: signatures go back with the calls */
	bool		sentinel_calls;	/* ... and a first call may not be without */
	const char	*reason_field;	/* in which thinking comes and goes back; NULL: none */
	enum quirk_replay replay;
	const char	*replay_placeholder;	/* where nothing is left to replay; NULL: none */
	bool		developer_role;
	bool		forced_choice;
	bool		parallel_param;
	bool		vision, pdf;
	bool		strict_ok;	/* strict function schemas */
	bool		schema_format;	/* response_format json_schema */
	bool		stream_usage;	/* stream_options.include_usage */
	bool		top_k_ok, seed_ok, penalties_ok, stop_ok, logprobs_ok;
	bool		raw_ids;	/* tool-call ids go back as the model made them */
	bool		no_empty_tool_content;
	bool		tools_need_no_reasoning;	/* function tools only with reasoning_effort none */
	uint8_t		stop_max;	/* stop sequences */
	uint8_t		id_max;		/* bytes of a tool-call id */
	uint8_t		id_exact;	/* Mistral: exactly so many alphanumerics; 0: no */
	uint8_t		name_max;	/* bytes of a tool name */
};

/* The dialect that a provider's name (preset) speaks; DIALECT_GENERIC if unknown. */
enum quirk_dialect	quirk_dialect_by_name(struct slice name);
const char		*quirk_dialect_name(enum quirk_dialect);

/* What is known of `model` (plain) at a provider of that dialect. */
void	quirks_find(struct quirks *, enum quirk_dialect, struct slice model);

/* `model` without vendor prefix, date and version suffixes, lower case, '.' as '-'. */
struct slice	quirk_model_key(struct slice model, char *out, size_t size);

#endif
