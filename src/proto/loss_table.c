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

_Static_assert((int)PROTO_COUNT <= (int)LOSS_PROTOCOLS &&
    (int)LOSS_PROTOCOLS == 4, "a bit for each way");

#define CC	LOSS_WAY(PROTO_CHAT, PROTO_CHAT)
#define MM	LOSS_WAY(PROTO_MESSAGES, PROTO_MESSAGES)
#define FROM(client)	(0xfu << LOSS_PROTOCOLS * (client))
#define TO(provider)	(0x1111u << (provider))
#define ANY		0xffffu
#define SAME		0x8421u
#define CROSS		(ANY & ~SAME)
/* Who names it: the reader of a body that is translated, or its writer. */
#define FROM_CHAT	(FROM(PROTO_CHAT) & CROSS)
#define FROM_MESSAGES	(FROM(PROTO_MESSAGES) & CROSS)
/* A body of Responses is written anew where it refers to earlier answers. */
#define FROM_OPENAI	(FROM_CHAT | FROM(PROTO_RESPONSES))
#define TO_CHAT		(TO(PROTO_CHAT) & CROSS)
#define TO_MESSAGES	(TO(PROTO_MESSAGES) & CROSS)
#define TO_RESPONSES	(TO(PROTO_RESPONSES) & CROSS)

#define FROM_GEMINI	FROM(PROTO_GEMINI)
#define TO_GEMINI	(TO(PROTO_GEMINI) & CROSS)

#define DROPPED		(1u << LOSS_DROPPED)
#define CLAMPED		(1u << LOSS_CLAMPED)
#define ADJUSTED	(1u << LOSS_ADJUSTED)
#define EMULATED	(1u << LOSS_EMULATED)
#define RENAMED		(1u << LOSS_RENAMED)
#define INSERTED	(1u << LOSS_INSERTED)
#define REORDERED	(1u << LOSS_REORDERED)
#define DISABLED	(1u << LOSS_DISABLED)
#define TRUNCATED	(1u << LOSS_TRUNCATED)

/* Reasons that several rows share. */
static const char refuses[] = "the model or its provider refuses it";
static const char no_word[] = "the other protocol has nothing like it";
static const char unheard[] = "the other side does not know it or refuses it";
static const char unknown_part[] = "a member that the translation does not "
    "know";
static const char limits[] = "more than the model can give, or less";
static const char limit_name[] = "the provider has another name for it";
static const char thinks[] = "the model cannot be told to think in just "
    "this way";
static const char no_spelling[] = "it says nothing that can be understood";
static const char forced[] = "the model cannot be forced to call a tool";
static const char order[] = "the provider insists on another order: user "
    "first, each result right behind its call, no text behind calls";
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
static const char keywords[] = "the provider refuses some keywords of "
    "schemas";
static const char in_words[] = "asked for in the prompt, as the model knows no "
    "such format";
static const char marks[] = "cache marks are of kind ephemeral, for 5m or 1h";
static const char grammar[] = "a grammar becomes words in the description";
static const char own[] = "Anthropic's own members pass where the operator "
    "says so";
static const char beside[] = "told beside the message where the operator says "
    "so";
static const char tiers[] = "the other protocol has fewer words for it";
static const char stops[] = "an empty stop sequence is refused";
static const char ruled[] = "the provider refuses it, or the operator's "
    "quirks say so";
static const char too_late[] = "the model takes no system message behind the "
    "first turn: the user reminds it";
static const char not_named[] = "no tool of this request has that name";
static const char quoting[] = "only Anthropic's models quote what they were "
    "given";
static const char replayed[] = "the provider wants it in every answer";
static const char forgotten[] = "the provider does not know it again";

static const char five_stops[] = "Google takes five";

static const struct loss_row rows[] = {
	/* ---- bodies that are only passed on ---- */
	{ "max_tokens", SAME, CLAMPED, limits },
	{ "max_completion_tokens", CC, CLAMPED, limits },
	{ "stop[]", CC, DROPPED, "the provider takes so many, of a length" },
	{ "reasoning_effort", CC, ADJUSTED | DISABLED, thinks },
	{ "thinking", SAME, ADJUSTED | DISABLED, thinks },
	{ "reasoning", MM, ADJUSTED, thinks },
	{ "output_config.effort", MM, DROPPED | ADJUSTED, thinks },
	{ "messages[].role", SAME, ADJUSTED, too_late },
	{ "messages[].name", CC, DROPPED, refuses },
	{ "messages[].refusal", CC, DROPPED, refuses },
	{ "messages[].audio", CC, DROPPED, refuses },
	{ "messages[].reasoning_content", CC, DROPPED, refuses },
	{ "response_format", CC, EMULATED, in_words },
	{ "response_format", CC, ADJUSTED, refuses },
	{ "output_config.format", MM, EMULATED, in_words },
	{ "output_format", MM, EMULATED, in_words },
	{ "tools[].strict", MM, DROPPED, not_strict },
	{ "*", SAME, DROPPED | CLAMPED, ruled },

	/* ---- sampling and limits ---- */
	{ "max_tokens", CROSS, CLAMPED, limits },
	{ "max_completion_tokens", CROSS, CLAMPED, limits },
	{ "max_output_tokens", ANY, CLAMPED, limits },
	{ "max_tokens", TO_CHAT | CC, RENAMED, limit_name },
	{ "max_completion_tokens", TO_CHAT | CC, RENAMED, limit_name },
	{ "temperature", CROSS, CLAMPED | DROPPED, refuses },
	{ "top_p", CROSS, DROPPED, refuses },
	{ "top_k", TO_MESSAGES | TO_RESPONSES, DROPPED, refuses },
	{ "seed", TO_MESSAGES | TO_RESPONSES, DROPPED, no_word },
	{ "frequency_penalty", TO_MESSAGES | TO_RESPONSES, DROPPED,
	    no_word },
	{ "presence_penalty", TO_MESSAGES | TO_RESPONSES, DROPPED,
	    no_word },
	{ "logit_bias", FROM_CHAT, DROPPED, no_word },
	{ "logprobs", TO_MESSAGES | TO_RESPONSES, DROPPED, no_word },
	{ "top_logprobs", TO_MESSAGES, DROPPED, no_word },
	{ "verbosity", CROSS, DROPPED, no_word },
	{ "service_tier", TO_MESSAGES, DROPPED, no_word },
	{ "stop", TO_MESSAGES, DROPPED, stops },
	{ "stop[]", TO_MESSAGES, DROPPED, stops },
	{ "speed", FROM_MESSAGES, DROPPED, "no faster tier is configured" },
	{ "moderation", FROM_CHAT, DROPPED, "the gateway moderates nothing" },
	{ "betas", FROM_CHAT, DROPPED, own },
	{ "inference_geo", FROM_CHAT, DROPPED, own },
	{ "mcp_servers", FROM_CHAT, DROPPED, own },
	{ "context_management", FROM_CHAT, DROPPED, own },
	{ "container", FROM_CHAT, DROPPED, own },
	{ "speed", FROM_CHAT, DROPPED, own },
	{ "container", FROM_MESSAGES, DROPPED, hosted },
	{ "stream", ANY, EMULATED, "the provider answered in one piece what "
	    "was asked for as a stream, or the other way round" },
	{ "web_search_options", FROM_CHAT, DROPPED, "a tool of that name is "
	    "there already, or the operator turned it off" },

	/* ---- thinking: whatever spelling it came in ---- */
	{ "reasoning", TO_MESSAGES, DROPPED | ADJUSTED, thinks },
	{ "thinking", TO_MESSAGES, DROPPED | DISABLED, thinks },
	{ "thinking", TO_CHAT | TO_RESPONSES, ADJUSTED | DISABLED, thinks },
	{ "reasoning_effort", TO_CHAT, DISABLED, thinks },
	{ "reasoning", CROSS, DROPPED, no_spelling },
	{ "reasoning.*", CROSS, DROPPED, no_spelling },
	{ "reasoning_effort", CROSS, DROPPED, no_spelling },
	{ "thinking", CROSS, DROPPED, no_spelling },
	{ "thinking.*", CROSS, DROPPED, no_spelling },
	{ "output_config.effort", CROSS, DROPPED, no_spelling },

	/* ---- the answer's form ---- */
	{ "response_format", CROSS, EMULATED, in_words },
	{ "output_config.format", FROM_MESSAGES, EMULATED, in_words },
	{ "output_format", FROM_MESSAGES, EMULATED, in_words },
	{ "response_format", FROM_MESSAGES | TO_RESPONSES, ADJUSTED,
	    not_strict },
	{ "text.format", ANY, ADJUSTED, not_strict },
	{ "text.format", ANY, EMULATED, in_words },
	{ "output_config.format", FROM_MESSAGES, ADJUSTED, not_strict },
	{ "output_format", FROM_MESSAGES, ADJUSTED, not_strict },

	/* ---- tools ---- */
	{ "tools", CROSS, INSERTED, "calls in the history need tools of their "
	    "names" },
	{ "tools[].function.strict", FROM_CHAT, DROPPED, not_strict },
	{ "functions[].strict", FROM_CHAT, DROPPED, not_strict },
	{ "tools[].strict", CROSS, DROPPED, not_strict },
	{ "tools[].function.parameters", FROM_CHAT, ADJUSTED, combined },
	{ "tools[].parameters", FROM_OPENAI, ADJUSTED, combined },
	{ "tools[].input_schema", FROM_OPENAI, ADJUSTED, combined },
	{ "functions[].parameters", FROM_CHAT, ADJUSTED, combined },
	{ "tools[].function.parameters", TO_CHAT | CC, ADJUSTED, keywords },
	{ "tools[].parameters", TO_CHAT, ADJUSTED, keywords },
	{ "tools[].input_schema", TO_CHAT, ADJUSTED, keywords },
	{ "tools[].custom.format", FROM_OPENAI, EMULATED, grammar },
	{ "tools[].format", FROM_OPENAI, EMULATED, grammar },
	{ "tools[].cache_control", FROM_OPENAI, DROPPED, marks },
	{ "functions[].cache_control", FROM_CHAT, DROPPED, marks },
	{ "tools[]", CROSS, DROPPED, hosted },
	{ "tools[]", CROSS, EMULATED, "the provider's own search "
	    "takes its place" },
	{ "tool_choice", ANY, ADJUSTED, forced },
	{ "tool_choice.allowed_tools.tools[]", FROM_CHAT, DROPPED, not_named },
	{ "tool_choice.tools[]", FROM_OPENAI, DROPPED, not_named },
	{ "tool_choice.disable_parallel_tool_use", FROM_MESSAGES, DROPPED,
	    refuses },
	{ "parallel_tool_calls", TO_CHAT | TO_RESPONSES, DROPPED, refuses },

	/* ---- the conversation ---- */
	{ "messages", CROSS, INSERTED, "a turn or a result that the provider "
	    "insists on was missing" },
	{ "messages", CROSS, REORDERED, order },
	{ "messages", CROSS, ADJUSTED, orphan },
	{ "messages[]", FROM_CHAT, REORDERED, order },
	{ "messages[].content[]", CROSS, REORDERED, order },
	{ "messages[]", FROM_CHAT, ADJUSTED, orphan },
	{ "messages[]", FROM_MESSAGES, ADJUSTED, "the provider does not go on "
	    "with an answer that is begun" },
	{ "messages[].content[]", CROSS, ADJUSTED, orphan },
	{ "messages[].reasoning_content", TO_CHAT | CC, INSERTED, replayed },
	{ "messages[].reasoning_content", TO_MESSAGES, DROPPED, forgotten },
	{ "messages[].refusal", FROM_CHAT, DROPPED, "it stands beside what was "
	    "said" },
	{ "messages[].function_call", FROM_CHAT, DROPPED, "tool_calls take its "
	    "place" },
	{ "messages[].audio", FROM_CHAT, DROPPED, "what was said stays with "
	    "its provider; its text is kept" },
	{ "messages[].tool_calls[].function.arguments", FROM_CHAT, ADJUSTED,
	    no_object },
	{ "messages[].function_call.arguments", FROM_CHAT, ADJUSTED,
	    no_object },
	{ "messages[].content[].input", CROSS, ADJUSTED, no_object },
	{ "messages[].cache_control", FROM_CHAT, DROPPED, marks },
	{ "messages[].content[].cache_control", FROM_CHAT, DROPPED, marks },
	{ "cache_control", TO_MESSAGES, TRUNCATED, "a request has at most four "
	    "cache marks; the last ones count" },
	{ "cache_control", FROM_CHAT, DROPPED, marks },
	{ "messages[].content[]", FROM_MESSAGES, DROPPED, media },
	{ "messages[].content[].content[]", FROM_MESSAGES, DROPPED, media },
	{ "messages[].content[].citations", FROM_MESSAGES, DROPPED, quoting },
	{ "messages[].content[].content[].citations", FROM_MESSAGES, DROPPED,
	    quoting },

	/* ---- answers ---- */
	{ "answer.content[]", CROSS, DROPPED, "what its vendor runs, and media,"
	    " have no place in the other's answers; Anthropic's blocks can be "
	    "copied beside the message" },
	{ "answer.content[].citations", TO_MESSAGES, DROPPED, "only web pages "
	    "are cited" },
	{ "answer.content[].caller", TO_MESSAGES, DROPPED, hosted },
	{ "answer.container", TO_MESSAGES, DROPPED, beside },
	{ "answer.context_management", TO_MESSAGES, DROPPED, beside },
	{ "answer.stop_details", TO_MESSAGES, DROPPED, beside },
	{ "answer.service_tier", FROM_MESSAGES, ADJUSTED, tiers },
	{ "answer.usage.service_tier", TO_MESSAGES, ADJUSTED, tiers },
	{ "answer.usage.server_tool_use", FROM_CHAT, DROPPED, beside },
	{ "answer.thinking", FROM_MESSAGES, DROPPED, "the client did not ask "
	    "for any, and may take the first block for the answer" },
	{ "answer.annotations", FROM_MESSAGES | TO_CHAT, DROPPED, "a citation "
	    "of Messages holds a word that only Anthropic can make" },
	{ "answer.choices[]", TO_CHAT, DROPPED, "an answer of the other "
	    "protocol has no choices" },
	{ "answer.choices[].message.tool_calls[]", TO_CHAT, DROPPED,
	    "a call of no name" },
	{ "answer.**", CROSS, DROPPED, no_word },

	/* ---- Gemini ---- */
	{ "stop", TO_GEMINI, TRUNCATED, five_stops },
	{ "stop_sequences", TO_GEMINI, TRUNCATED, five_stops },
	{ "reasoning_effort", TO_GEMINI, ADJUSTED | DISABLED, thinks },
	{ "reasoning.effort", TO_GEMINI, ADJUSTED | DISABLED, thinks },
	{ "thinking", TO_GEMINI, ADJUSTED | DISABLED, thinks },
	{ "frequency_penalty", TO_GEMINI, DROPPED, refuses },
	{ "presence_penalty", TO_GEMINI, DROPPED, refuses },
	{ "logprobs", TO_GEMINI, DROPPED, refuses },
	{ "top_logprobs", TO_GEMINI, DROPPED, refuses },
	{ "contents[].parts[].thoughtSignature", LOSS_WAY(PROTO_GEMINI,
	    PROTO_GEMINI), DROPPED | INSERTED, forgotten },
	{ "messages[].content[].signature", TO(PROTO_GEMINI) |
	    TO(PROTO_CHAT), DROPPED, forgotten },
	{ "messages[].tool_calls[].signature", TO(PROTO_GEMINI) |
	    TO(PROTO_CHAT), DROPPED, forgotten },
	{ "messages[].signature", TO(PROTO_GEMINI) | TO(PROTO_CHAT), DROPPED,
	    forgotten },
	{ "max_output_tokens", TO_GEMINI, CLAMPED, limits },
	{ "service_tier", TO_GEMINI, DROPPED, no_word },
	{ "text.verbosity", TO_GEMINI, DROPPED, no_word },
	{ "parallel_tool_calls", TO_GEMINI, DROPPED, no_word },
	{ "messages[].content[]", TO_GEMINI, DROPPED, media },
	{ "messages[].content[].content[]", TO_GEMINI, DROPPED, media },
	{ "taskType", LOSS_WAY(PROTO_GEMINI, PROTO_CHAT), DROPPED, no_word },
	{ "title", LOSS_WAY(PROTO_GEMINI, PROTO_CHAT), DROPPED, no_word },
	{ "generationConfig.**", FROM_GEMINI, 0x1ff, refuses },
	{ "toolConfig", FROM_GEMINI, ADJUSTED | DISABLED, forced },
	{ "toolConfig.**", FROM_GEMINI, DROPPED, no_word },
	{ "serviceTier", FROM_GEMINI, DROPPED, no_word },
	{ "labels", FROM_GEMINI, DROPPED, no_word },
	{ "tools[].functionDeclarations[]", FROM_GEMINI, DROPPED,
	    "a function of that name is there already" },
	{ "tools[].functionDeclarations[].*", FROM_GEMINI, ADJUSTED,
	    combined },
	{ "tools[].functionDeclarations[].*", FROM_GEMINI, DROPPED,
	    not_strict },
	{ "tools[].**", FROM_GEMINI, DROPPED, hosted },
	{ "contents", FROM_GEMINI, INSERTED, "a turn or a result that the "
	    "provider insists on was missing" },
	{ "contents", FROM_GEMINI, REORDERED, order },
	{ "contents", FROM_GEMINI, ADJUSTED, orphan },
	{ "contents[]", FROM_GEMINI, REORDERED, order },
	{ "contents[]", FROM_GEMINI, ADJUSTED, orphan },
	{ "contents[].parts[]", FROM_GEMINI, REORDERED, order },
	{ "contents[].parts[]", FROM_GEMINI, ADJUSTED, orphan },
	{ "contents[].parts[]", FROM_GEMINI, DROPPED, media },
	{ "contents[].parts[].functionResponse.parts[]", FROM_GEMINI, DROPPED,
	    media },
	{ "contents[].parts[].functionCall.args", FROM_GEMINI, ADJUSTED,
	    no_object },
	{ "contents[].**", FROM_GEMINI, DROPPED, unknown_part },
	{ "answer.annotations", FROM_GEMINI, TRUNCATED, "more citations than "
	    "an answer holds" },

	/* ---- items of Responses ---- */
	{ "tools[]", FROM(PROTO_RESPONSES), DROPPED, hosted },
	{ "tools[]", FROM(PROTO_RESPONSES), EMULATED, "the provider's own "
	    "search takes its place" },
	{ "response_format", FROM(PROTO_RESPONSES), ADJUSTED, not_strict },
	{ "input[].encrypted_content", FROM(PROTO_RESPONSES), DROPPED,
	    "it signs another text than the one beside it" },
	{ "input[].*", FROM(PROTO_RESPONSES), ADJUSTED, no_object },
	{ "input[].tools[]", FROM(PROTO_RESPONSES), DROPPED, hosted },
	{ "messages[]", FROM(PROTO_RESPONSES), REORDERED, order },
	{ "messages[]", FROM(PROTO_RESPONSES), ADJUSTED, orphan },
	{ "messages[].content[]", FROM(PROTO_RESPONSES), DROPPED, media },
	{ "messages[].output[]", FROM(PROTO_RESPONSES), DROPPED, media },
	{ "messages[].output[]", FROM(PROTO_RESPONSES), ADJUSTED, orphan },
	{ "messages[].output[]", FROM(PROTO_RESPONSES), REORDERED, order },
	{ "input[].**", FROM(PROTO_RESPONSES), DROPPED, unknown_part },

	/* ---- what nobody knows ---- */
	{ "messages[].**", CROSS, DROPPED, unknown_part },
	{ "system[].**", FROM_MESSAGES, DROPPED, unknown_part },
	{ "tools[].**", CROSS, DROPPED, unknown_part },
	{ "functions[].**", FROM_CHAT, DROPPED, unknown_part },
	{ "*.**", CROSS, DROPPED, unknown_part },
	{ "*", CROSS, DROPPED, unheard },
	{ "*", CROSS, CLAMPED, ruled },
	{ "**", LOSS_WAY(PROTO_RESPONSES, PROTO_RESPONSES), 0x1ff, ruled },
	{ "other", 0, 0, "not in this table" },
};

const struct loss_row *
loss_table(size_t *count)
{
	*count = sizeof rows / sizeof *rows;
	return rows;
}
