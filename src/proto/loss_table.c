/*
 * What can be lost or changed on the way from one protocol to the other, and
 * why: one row for a path, the ways it may go lost on and what may become of
 * it.  The first row that fits counts, so a row with a '*' stands behind those
 * that say more.  The README shows this table: sentences are for people.
 *
 * Paths are the client's own: where the two protocols spell a thing in two
 * ways there are two rows.
 */
#include "proto/loss.h"

#include "proto/proto.h"

_Static_assert((int)PROTO_COUNT <= (int)LOSS_PROTOCOLS, "a bit for each way");

#define CM	LOSS_WAY(PROTO_CHAT, PROTO_MESSAGES)
#define MC	LOSS_WAY(PROTO_MESSAGES, PROTO_CHAT)
#define CC	LOSS_WAY(PROTO_CHAT, PROTO_CHAT)
#define MM	LOSS_WAY(PROTO_MESSAGES, PROTO_MESSAGES)
#define FROM_CHAT	(CM | CC)
#define FROM_MESSAGES	(MC | MM)
#define CROSS	(CM | MC)
#define SAME	(CC | MM)
#define ANY	(CM | MC | CC | MM)

#define DROPPED		(1u << LOSS_DROPPED)
#define CLAMPED		(1u << LOSS_CLAMPED)
#define ADJUSTED	(1u << LOSS_ADJUSTED)
#define EMULATED	(1u << LOSS_EMULATED)
#define RENAMED		(1u << LOSS_RENAMED)
#define INSERTED	(1u << LOSS_INSERTED)
#define REORDERED	(1u << LOSS_REORDERED)
#define DISABLED	(1u << LOSS_DISABLED)
#define TRUNCATED	(1u << LOSS_TRUNCATED)
#define ALL		0x1ffu

/* Reasons that several rows share. */
static const char refuses[] = "the model or its provider refuses it";
static const char no_word[] = "the other protocol has nothing like it";
static const char unheard[] = "not part of the protocol, so nobody can say "
    "what it would become";
static const char unknown_part[] = "a member that the translation does not "
    "know";
static const char limits[] = "more than the model can give";
static const char thinks[] = "the model cannot be told to think in just "
    "this way";
static const char forced[] = "the model cannot be forced to call a tool";
static const char order[] = "the provider insists on another order: user "
    "first, and each result right behind its call";
static const char no_object[] = "arguments that are no JSON object are wrapped "
    "in one";
static const char orphan[] = "a result that no call asked for becomes text";
static const char media[] = "the model cannot be shown it; a line says that "
    "something is missing";
static const char hosted[] = "only its vendor can run it";
static const char not_strict[] = "the schema says what the other side cannot "
    "hold the model to";
static const char combined[] = "anyOf, oneOf or allOf at the root is refused; "
    "it is merged and told in the description";
static const char in_words[] = "asked for in the prompt, as the model knows no "
    "such format";
static const char marks[] = "cache marks are of kind ephemeral, for 5m or 1h";
static const char four[] = "a request has at most four cache marks; the last "
    "ones count";
static const char grammar[] = "a grammar becomes words in the description";
static const char own[] = "Anthropic's own members pass where the operator "
    "says so";
static const char stops[] = "an empty stop sequence is refused";

static const char ruled[] = "the provider refuses it, or the operator's "
    "quirks say so";
static const char too_late[] = "the model takes no system message behind the "
    "first turn: the user reminds it";

static const struct loss_row rows[] = {
	/* ---- bodies that are only passed on ---- */
	{ "max_tokens", SAME, CLAMPED, limits },
	{ "max_completion_tokens", CC, CLAMPED, limits },
	{ "stop[]", CC, DROPPED, "the provider takes so many, of a length" },
	{ "reasoning_effort", CC, ADJUSTED, thinks },
	{ "thinking", SAME, ALL, thinks },
	{ "messages[].role", SAME, ADJUSTED, too_late },
	{ "messages[].name", CC, DROPPED, refuses },
	{ "messages[].refusal", CC, DROPPED, refuses },
	{ "messages[].audio", CC, DROPPED, refuses },
	{ "*", SAME, DROPPED | CLAMPED, ruled },

	/* ---- sampling and limits ---- */
	{ "max_tokens", ANY, CLAMPED | INSERTED | RENAMED, limits },
	{ "max_completion_tokens", FROM_CHAT, CLAMPED | RENAMED, limits },
	{ "temperature", ANY, CLAMPED | DROPPED, refuses },
	{ "top_p", ANY, CLAMPED | DROPPED, refuses },
	{ "top_k", ANY, CLAMPED | DROPPED, refuses },
	{ "seed", ANY, DROPPED, no_word },
	{ "frequency_penalty", ANY, DROPPED, no_word },
	{ "presence_penalty", ANY, DROPPED, no_word },
	{ "logit_bias", ANY, DROPPED, no_word },
	{ "logprobs", ANY, DROPPED, no_word },
	{ "top_logprobs", ANY, DROPPED, no_word },
	{ "verbosity", ANY, DROPPED, no_word },
	{ "service_tier", ANY, DROPPED | ADJUSTED, no_word },
	{ "stop", ANY, DROPPED | TRUNCATED, stops },
	{ "stop[]", FROM_CHAT, DROPPED, stops },
	{ "stop_sequences[]", FROM_MESSAGES, DROPPED, stops },
	{ "speed", FROM_MESSAGES, DROPPED, "no faster tier is configured" },
	{ "moderation", FROM_CHAT, DROPPED, "the gateway moderates nothing" },
	{ "betas", FROM_CHAT, DROPPED, own },
	{ "inference_geo", FROM_CHAT, DROPPED, own },
	{ "mcp_servers", FROM_CHAT, DROPPED, own },
	{ "context_management", FROM_CHAT, DROPPED, own },
	{ "container", FROM_CHAT, DROPPED, own },
	{ "speed", FROM_CHAT, DROPPED, own },
	{ "container", FROM_MESSAGES, DROPPED, hosted },
	{ "thread", FROM_MESSAGES, DROPPED, "nothing is stored: the whole "
	    "conversation comes with each request" },
	{ "stream", ANY, EMULATED, "the provider answered in one piece what "
	    "was asked for as a stream, or the other way round" },
	{ "web_search_options", FROM_CHAT, DROPPED, "a tool of that name is "
	    "there already, or the operator turned it off" },

	/* ---- thinking: whatever spelling it came in ---- */
	{ "reasoning", ANY, ALL, thinks },
	{ "reasoning.effort", ANY, ALL, thinks },
	{ "reasoning_effort", ANY, ALL, thinks },
	{ "thinking", ANY, ALL, thinks },
	{ "output_config.effort", ANY, ALL, thinks },

	/* ---- the answer's form ---- */
	{ "response_format", ANY, EMULATED | ADJUSTED, in_words },
	{ "output_config.format", FROM_MESSAGES, EMULATED, in_words },
	{ "output_config.format", FROM_MESSAGES, ADJUSTED, not_strict },
	{ "output_format", FROM_MESSAGES, EMULATED, in_words },
	{ "output_format", FROM_MESSAGES, ADJUSTED, not_strict },

	/* ---- tools ---- */
	{ "tools", ANY, INSERTED | REORDERED, "calls in the history need tools "
	    "of their names" },
	{ "tools[].function.strict", FROM_CHAT, DROPPED, not_strict },
	{ "tools[].strict", ANY, DROPPED, not_strict },
	{ "functions[].strict", FROM_CHAT, DROPPED, not_strict },
	{ "tools[].function.parameters", FROM_CHAT, ADJUSTED, combined },
	{ "tools[].parameters", FROM_CHAT, ADJUSTED, combined },
	{ "tools[].input_schema", ANY, ADJUSTED, combined },
	{ "functions[].parameters", FROM_CHAT, ADJUSTED, combined },
	{ "tools[].custom.format", FROM_CHAT, EMULATED, grammar },
	{ "tools[].format", FROM_CHAT, EMULATED, grammar },
	{ "tools[].cache_control", ANY, DROPPED | TRUNCATED, marks },
	{ "tools[]", ANY, DROPPED, hosted },
	{ "tools[]", FROM_MESSAGES, EMULATED, "the provider's own search "
	    "takes its place" },
	{ "tool_choice", ANY, ADJUSTED | DROPPED | DISABLED, forced },
	{ "function_call", FROM_CHAT, ADJUSTED, forced },
	{ "tool_choice.allowed_tools.tools[]", FROM_CHAT, DROPPED,
	    "no tool of this request has that name" },
	{ "tool_choice.tools[]", FROM_CHAT, DROPPED,
	    "no tool of this request has that name" },
	{ "tool_choice.disable_parallel_tool_use", FROM_MESSAGES, DROPPED,
	    refuses },
	{ "parallel_tool_calls", ANY, DROPPED, refuses },

	/* ---- the conversation ---- */
	{ "messages", ANY, INSERTED, "a turn or a result that the provider "
	    "insists on was missing" },
	{ "messages", ANY, REORDERED, order },
	{ "messages", ANY, ADJUSTED, orphan },
	{ "messages[]", ANY, REORDERED, order },
	{ "messages[].content[]", ANY, REORDERED, order },
	{ "messages[]", ANY, ADJUSTED, orphan },
	{ "messages[].content[]", ANY, ADJUSTED, orphan },
	{ "messages[]", ANY, INSERTED, "the provider needs an answer of the "
	    "user behind it" },
	{ "messages[].reasoning_content", FROM_CHAT, INSERTED | DROPPED,
	    "the provider wants it in every answer, or does not know it "
	    "again" },
	{ "messages[].audio", FROM_CHAT, DROPPED, "what was said stays with "
	    "its provider; its text is kept" },
	{ "messages[].tool_calls[].function.arguments", FROM_CHAT, ADJUSTED,
	    no_object },
	{ "messages[].function_call.arguments", FROM_CHAT, ADJUSTED,
	    no_object },
	{ "messages[].content[].input", ANY, ADJUSTED, no_object },
	{ "messages[].cache_control", ANY, DROPPED | TRUNCATED, marks },
	{ "messages[].content[].cache_control", ANY, DROPPED | TRUNCATED,
	    marks },
	{ "system[].cache_control", ANY, DROPPED | TRUNCATED, marks },
	{ "cache_control", ANY, TRUNCATED, four },
	{ "cache_control", ANY, DROPPED, marks },
	{ "messages[].content[]", ANY, DROPPED, media },
	{ "messages[].content[].content[]", ANY, DROPPED, media },

	/* ---- what nobody knows ---- */
	{ "messages[].**", ANY, DROPPED, unknown_part },
	{ "system[].**", FROM_MESSAGES, DROPPED, unknown_part },
	{ "tools[].**", ANY, DROPPED, unknown_part },
	{ "functions[].**", FROM_CHAT, DROPPED, unknown_part },
	{ "*.**", ANY, DROPPED, unknown_part },
	{ "*", ANY, DROPPED, unheard },
	{ "other", 0, 0, "not in this table" },
};

const struct loss_row *
loss_table(size_t *count)
{
	*count = sizeof rows / sizeof *rows;
	return rows;
}
