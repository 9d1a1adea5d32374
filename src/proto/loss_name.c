#include "proto/loss_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_LEN = 256 };

/* Bit 31 says that an index is one of two. */
static const uint32_t paired = 0x80000000u;

uint32_t
loss_name_index(uint32_t tool, uint32_t function)
{
	tool = tool < 0x7fff ? tool : 0x7fff;
	function = function < LOSS_NAME_ALONE ? function : LOSS_NAME_ALONE;
	return paired | tool << 16 | function;
}

/* Names that begin a path: what follows stays, an index, too. */
static const struct {
	const char	*ours, *gemini;
} names[] = {
	{ "temperature", "generationConfig.temperature" },
	{ "top_p", "generationConfig.topP" },
	{ "top_k", "generationConfig.topK" },
	{ "max_tokens", "generationConfig.maxOutputTokens" },
	{ "max_completion_tokens", "generationConfig.maxOutputTokens" },
	{ "max_output_tokens", "generationConfig.maxOutputTokens" },
	{ "seed", "generationConfig.seed" },
	{ "frequency_penalty", "generationConfig.frequencyPenalty" },
	{ "presence_penalty", "generationConfig.presencePenalty" },
	{ "logprobs", "generationConfig.responseLogprobs" },
	{ "top_logprobs", "generationConfig.logprobs" },
	{ "stop", "generationConfig.stopSequences" },
	{ "stop_sequences", "generationConfig.stopSequences" },
	{ "response_format", "generationConfig.responseMimeType" },
	{ "output_config.format", "generationConfig.responseMimeType" },
	{ "text.format", "generationConfig.responseMimeType" },
	{ "reasoning", "generationConfig.thinkingConfig" },
	{ "reasoning.effort", "generationConfig.thinkingConfig" },
	{ "reasoning_effort", "generationConfig.thinkingConfig" },
	{ "thinking", "generationConfig.thinkingConfig" },
	{ "output_config.effort", "generationConfig.thinkingConfig" },
	{ "tool_choice", "toolConfig" },
	{ "service_tier", "serviceTier" },
	{ "metadata", "labels" },
	{ "messages", "contents" },
};

/* "tools[N]": which of which list? */
static void
rename_tool(char *path, size_t size)
{
	char *rest, text[PATH_MAX_LEN];
	unsigned long n = strtoul(path + 6, &rest, 10);

	if (!(n & paired) || *rest != ']')
		return;
	if ((n & 0xffff) == LOSS_NAME_ALONE)
		snprintf(text, sizeof text, "tools[%lu%s", n >> 16 & 0x7fff,
		    rest);
	else
		snprintf(text, sizeof text, "tools[%lu]."
		    "functionDeclarations[%lu%s", n >> 16 & 0x7fff,
		    n & 0xffff, rest);
	snprintf(path, size, "%s", text);
}

/* "content[2].content[1]" of a message: a part, and one in a result. */
static void
rename_parts(char *path, size_t size)
{
	char text[PATH_MAX_LEN], *at = strstr(path, ".content["), *in;

	if (!at)
		return;
	in = strstr(at + 1, ".content[");
	if (in)
		snprintf(text, sizeof text, "%.*s.parts%.*s."
		    "functionResponse.parts%s", (int)(at - path), path,
		    (int)(in - at - 8), at + 8, in + 8);
	else
		snprintf(text, sizeof text, "%.*s.parts%s",
		    (int)(at - path), path, at + 8);
	snprintf(path, size, "%s", text);
}

void
loss_name_gemini(char *path, size_t size)
{
	char rest[PATH_MAX_LEN];

	if (!strncmp(path, "tools[", 6)) {
		rename_tool(path, size);
		return;
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i].ours);

		if (strncmp(path, names[i].ours, n) != 0 ||
		    (path[n] && path[n] != '['))
			continue;
		snprintf(rest, sizeof rest, "%s", path + n);
		snprintf(path, size, "%s%s", names[i].gemini, rest);
		break;
	}
	if (!strncmp(path, "contents[", 9))
		rename_parts(path, size);
}
