#include "proto/option.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "json/bind.h"

enum { TOKENS_MOST = 1000000, N_MOST = 128, NOWHERE = 0xffff };

const struct options options_default = {
	.anthropic_parts = true,
	.web_search = true,
	.n_max = 8,
	.start_usage = true,
	.estimate_usage = true,
	.remember = true,
	.learn = true,
	.same_quirks = true,
	.meter_usage = true,
};

#define AT(member) offsetof(struct options, member)

static const struct option table[] = {
	{ "system_mode", AT(system_mode), "auto hoist inline", 0,
	  "System messages after the first turn: in place where the model "
	  "takes them there, all moved to the front, or as reminders in the "
	  "user's turn." },
	{ "name_mode", AT(name_mode), "drop prefix", 0,
	  "The `name` of a message: left out, or written before its text." },
	{ "default_max_tokens", AT(default_max_tokens), NULL, TOKENS_MOST,
	  "`max_tokens` for Messages providers where a Chat client names "
	  "none; 0: what the model can do, at most 32,000." },
	{ "anthropic_parts", AT(anthropic_parts), NULL, 0,
	  "Parts and tools in Anthropic's form inside a Chat request go to "
	  "Messages providers as they are." },
	{ "anthropic_top", AT(anthropic_top), NULL, 0,
	  "So do Anthropic's own members at the top of a Chat request: "
	  "`speed`, `container`, `mcp_servers`, `betas` and others." },
	{ "files", AT(files), NULL, 0,
	  "File ids of Anthropic's in a Chat request go to it." },
	{ "web_search", AT(web_search), NULL, 0,
	  "`web_search_options` become Anthropic's search tool." },
	{ "interleaved", AT(interleaved), NULL, 0,
	  "Claude 4.0 to 4.5 may think between tool calls (a beta)." },
	{ "force_hint", AT(force_hint), NULL, 0,
	  "Where a model refuses forced tools, an instruction asks for one." },
	{ "allowed_tools", AT(allowed_tools), "filter keep", 0,
	  "`allowed_tools` sends only those tools, or all of them." },
	{ "auto_cache", AT(auto_cache), "hint always never", 0,
	  "Anthropic's automatic cache mark: when a Chat client hints at "
	  "caching, always, or never." },
	{ "user_cache_key", AT(user_cache_key), NULL, 0,
	  "OpenAI's `prompt_cache_key` from Anthropic's user id." },
	{ "fast_tier", AT(fast_tier), NULL, 0,
	  "Anthropic's `speed: fast` becomes OpenAI's priority tier." },
	{ "stub_tools", AT(stub_tools), NULL, 0,
	  "Tools that a history calls and a request no longer has are "
	  "declared to Chat providers." },
	{ "input_examples", AT(input_examples), NULL, 0,
	  "Examples of a tool's input are added to its description." },
	{ "server_search", AT(server_search), NULL, 0,
	  "Anthropic's web search becomes that of OpenRouter, Qwen, GLM or "
	  "OpenAI's search models." },
	{ "n_max", AT(n_max), NULL, N_MOST,
	  "How many answers one request may ask for where a provider makes "
	  "one at a time." },
	{ "reasoning_field", AT(reasoning_field),
	  "reasoning_content reasoning both", 0,
	  "Where Chat clients read thinking." },
	{ "server_blocks", AT(server_blocks), NULL, 0,
	  "Blocks of Anthropic's that Chat has no word for are copied into "
	  "`provider_specific_fields.blocks`." },
	{ "usage_ext", AT(usage_ext), NULL, 0,
	  "Chat's usage also has Anthropic's own cache members." },
	{ "keep_529", AT(keep_529), NULL, 0,
	  "Chat clients see Anthropic's status 529 and not 503." },
	{ "emit_thinking", AT(emit_thinking), "auto always never", 0,
	  "Thinking of a Chat provider for Messages clients: when they asked "
	  "or must send it back, always, or never." },
	{ "think_tags", AT(think_tags), NULL, 0,
	  "Text in `<think>` at the start of an answer is thinking." },
	{ "lenient_eof", AT(lenient_eof), NULL, 0,
	  "A stream that just ends counts as complete." },
	{ "start_usage", AT(start_usage), NULL, 0,
	  "`message_start` tells an estimate of the input's tokens, not 0." },
	{ "model_echo", AT(model_echo), "client upstream", 0,
	  "Whose name of the model a translated answer tells." },
	{ "estimate_usage", AT(estimate_usage), NULL, 0,
	  "Usage that a provider leaves out is estimated, and says "
	  "`estimated`." },
	{ "remember", AT(remember), NULL, 0,
	  "Signatures of recent answers are kept in memory for clients that "
	  "do not send them back." },
	{ "learn", AT(learn), NULL, 0,
	  "A request that a provider refuses for a reason that it names is "
	  "changed and sent once more." },
	{ "same_quirks", AT(same_quirks), NULL, 0,
	  "A body in the provider's own protocol is rid of what the provider "
	  "is known to refuse." },
	{ "meter_usage", AT(meter_usage), NULL, 0,
	  "Chat streams are asked for their usage, for the log, though their "
	  "client did not ask; it sees none." },
};

const struct option *
option_table(size_t *count)
{
	*count = sizeof table / sizeof *table;
	return table;
}

const struct option *
option_find(struct slice name)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (slice_eq(name, slice_of(table[i].name)))
			return &table[i];
	return NULL;
}

const char *
option_nearest(struct slice name)
{
	struct field names[sizeof table / sizeof *table + 1] = { 0 };

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		names[i].name = table[i].name;
	return json_nearest(names, name);
}

static unsigned *
field(struct options *o, const struct option *option)
{
	return (unsigned *)(void *)((char *)o + option->offset);
}

/* The place of `word` among the words; NOWHERE: it is none of them. */
static unsigned
place(const char *words, struct slice word)
{
	struct slice rest = slice_of(words);

	for (unsigned i = 0; rest.ptr; i++)
		if (slice_eq(slice_cut(&rest, ' '), word))
			return i;
	return NOWHERE;
}

const char *
option_set(struct options *o, const struct option *option, struct slice value)
{
	unsigned *to = field(o, option);
	uint64_t n;

	if (option->words) {
		unsigned i = place(option->words, value);

		if (i == NOWHERE)
			return option->words;
		*to = i;
	} else if (option->most) {
		if (!slice_to_u64(value, option->most, &n))
			return option->most == N_MOST ?
			    "an integer up to 128" :
			    "an integer up to 1000000";
		*to = (unsigned)n;
	} else {
		if (!slice_is(value, "true") && !slice_is(value, "false"))
			return "true or false";
		*to = slice_is(value, "true");
	}
	return NULL;
}

bool
option_set_all(struct options *o, struct slice pairs, struct slice *wrong,
    const char **want)
{
	while (pairs.ptr) {
		struct slice value = slice_cut(&pairs, ',');
		const struct option *option;

		*wrong = value;
		option = option_find(slice_cut(&value, '='));
		*want = option ? option_set(o, option, value) :
		    "name=value, with the name of an option";
		if (*want)
			return false;
	}
	return true;
}

struct slice
option_text(const struct options *o, const struct option *option, char *out,
    size_t size)
{
	unsigned v = *(const unsigned *)(const void *)
	    ((const char *)o + option->offset);
	struct slice rest, word = SLICE("");
	int n;

	if (option->words) {
		rest = slice_of(option->words);
		for (unsigned i = 0; i <= v; i++)
			word = slice_cut(&rest, ' ');
		return word;
	}
	if (!option->most)
		return v ? SLICE("true") : SLICE("false");
	n = snprintf(out, size, "%u", v);
	return (struct slice){ out, (size_t)n };
}
