/*
 * option - what an operator may decide about translation, as one table.
 *
 * Each option has a name in the configuration's "options", a default that
 * suits most, and a sentence for the README.  Decoders, encoders, sources and
 * sinks read talk->options; nobody else gives one a meaning.
 */
#ifndef PROTO_OPTION_H
#define PROTO_OPTION_H

#include "base/slice.h"

enum option_system { SYSTEM_AUTO, SYSTEM_HOIST, SYSTEM_INLINE };
enum option_name { NAME_DROP, NAME_PREFIX };
enum option_allowed { ALLOWED_FILTER, ALLOWED_KEEP };
enum option_cache { AUTO_CACHE_HINT, AUTO_CACHE_ALWAYS, AUTO_CACHE_NEVER };
enum option_echo { ECHO_CLIENT, ECHO_UPSTREAM };
enum option_reasoning { REASONING_CONTENT, REASONING_PLAIN, REASONING_BOTH };
enum option_thinking { THINKING_AUTO, THINKING_ALWAYS, THINKING_NEVER };

struct options {
	/* requests: Chat to Messages */
	unsigned	system_mode;	/* enum option_system: later system
					 * messages */
	unsigned	name_mode;	/* enum option_name */
	unsigned	default_max_tokens;	/* where the client says none;
						 * 0: by the model */
	unsigned	anthropic_parts; /* Anthropic's parts and tools in
					  * Chat bodies pass */
	unsigned	anthropic_top;	/* ... and its top-level members */
	unsigned	files;		/* Anthropic's file ids pass */
	unsigned	web_search;	/* web_search_options become a tool */
	unsigned	interleaved;	/* the beta for old models */
	unsigned	force_hint;	/* forcing that a model refuses becomes
					 * words */
	unsigned	allowed_tools;	/* enum option_allowed */
	unsigned	auto_cache;	/* enum option_cache */
	/* requests: Messages to Chat */
	unsigned	user_cache_key;	/* prompt_cache_key from the user id */
	unsigned	fast_tier;	/* speed "fast" becomes a priority
					 * tier */
	unsigned	stub_tools;	/* for calls in a history without
					 * tools */
	unsigned	input_examples;	/* become part of the description */
	unsigned	server_search;	/* Anthropic's web_search becomes the
					 * provider's own */
	/* both */
	unsigned	n_max;		/* answers by parallel attempts; 1:
					 * n > 1 is refused */
	/* answers: Messages to Chat */
	unsigned	reasoning_field; /* enum option_reasoning */
	unsigned	server_blocks;	/* blocks Chat has no word for are
					 * copied beside the message */
	unsigned	usage_ext;	/* Anthropic's own usage members too */
	unsigned	keep_529;	/* overload stays a 529 */
	/* answers: Chat to Messages */
	unsigned	emit_thinking;	/* enum option_thinking */
	unsigned	think_tags;	/* <think> at the start is thinking */
	unsigned	lenient_eof;	/* an end without a finish reason is
					 * good */
	unsigned	start_usage;	/* message_start tells an estimate */
	/* both */
	unsigned	model_echo;	/* enum option_echo: whose name of the
					 * model is told */
	unsigned	estimate_usage;	/* usage that a provider leaves out */
	unsigned	remember;	/* signatures of recent answers, for
					 * clients that drop them */
	unsigned	learn;		/* a refusal that says how to ask is
					 * heeded */
	unsigned	same_quirks;	/* quirks edit passed bodies, too */
	unsigned	meter_usage;	/* passed Chat streams are asked what
					 * they cost */
};

extern const struct options options_default;

struct option {
	const char	*name;		/* in the configuration */
	size_t		 offset;
	/* a choice: its words, by spaces, in the order of its enum; NULL: a
	 * flag, or a number up to `most` */
	const char	*words;
	unsigned	 most;		/* 0: a flag */
	const char	*says;		/* what it does, for the README */
};

const struct option	*option_table(size_t *count);
/* NULL: unknown */
const struct option	*option_find(struct slice name);
/* The name that a misspelled one is nearest to; NULL: none is near. */
const char		*option_nearest(struct slice name);

/*
 * Set it to what `value` spells: "true", "hoist", "16".  NULL: done; else what
 * it must be: "true or false".  The text lives as long as the program.
 */
const char	*option_set(struct options *, const struct option *,
		    struct slice value);
/* The same for "name=value,name=value".  False: *wrong is the pair at fault. */
bool		option_set_all(struct options *, struct slice pairs,
		    struct slice *wrong, const char **want);

/* Its value there, as the configuration would spell it, into `out`. */
struct slice	option_text(const struct options *, const struct option *,
		    char *out, size_t size);

#endif
