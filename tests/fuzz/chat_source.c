/* Chat answers: bytes of any kind, and chunks in any order. */
#include "answer.h"

#define CHUNK(delta) \
	"data: {\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[{" \
	"\"index\":0,\"delta\":{" delta "}}]}\n\n"
#define FINISH(reason) \
	"data: {\"choices\":[{\"delta\":{},\"finish_reason\":" reason "}]}\n\n"
#define CALL(members) CHUNK("\"tool_calls\":[{" members "}]")
#define NAMED(at, id, name, args) \
	CALL("\"index\":" at ",\"id\":\"" id "\",\"function\":{\"name\":\"" \
	name "\",\"arguments\":\"" args "\"}")
#define ARGS(at, args) \
	CALL("\"index\":" at ",\"function\":{\"arguments\":\"" args "\"}")

static const char *const parts[] = {
	CHUNK("\"role\":\"assistant\",\"content\":\"\""),
	CHUNK("\"content\":\"text\""), CHUNK("\"content\":\" \\n\""),
	CHUNK("\"content\":\"a\\ud83d\""), CHUNK("\"content\":\"\\ude00b\""),
	CHUNK("\"content\":[{\"thinking\":[{\"text\":\"T\"}]},\"x\"]"),
	CHUNK("\"reasoning\":\"R\""),
	CHUNK("\"reasoning_content\":\"\\u0000\""),
	CHUNK("\"reasoning_details\":[{\"text\":\"D\",\"index\":1}]"),
	CHUNK("\"reasoning_details\":[{\"signature\":\"S\",\"index\":1,"
	    "\"format\":\"anthropic\"}]"),
	CHUNK("\"reasoning_details\":[{\"signature\":\"gw1.\",\"index\":2}]"),
	CHUNK("\"reasoning_details\":[{\"type\":\"reasoning.encrypted\","
	    "\"data\":\"E\"}]"),
	CHUNK("\"reasoning_details\":[{\"type\":\"reasoning.encrypted\","
	    "\"data\":\"E\\n\",\"id\":\"i\\\"\",\"format\":\"google-v1\"},"
	    "{\"summary\":\"s\",\"format\":\"openai-v1\"}]"),
	CHUNK("\"content\":\"<thi\""), CHUNK("\"content\":\"nk>x\""),
	CHUNK("\"content\":\"y\\u003c\\/think\""),
	CHUNK("\"content\":\">\\n\\nz</think>\""),
	CHUNK("\"content\":\"\\\\u003cthink>\""),
	CHUNK("\"refusal\":\"no\""), CHUNK("\"annotations\":[{},1]"),
	NAMED("0", "a", "f", ""), NAMED("0", "b", "g", "{}"),
	NAMED("1", "c", "h", "{\\\"x\\\":"), NAMED("1", "", "", "1}"),
	NAMED("-1", "a", "f", "{\\\"y"), NAMED("2", "", "k", "{}{\\\"z\\\":2}"),
	NAMED("3", "d", "", ""), NAMED("3", "", "late", ""),
	NAMED("4", "functions.f:0", "f", "\\\"{\\\\\\\"s\\\\\\\":1}\\\""),
	ARGS("0", "{\\\"p\\\":\\\"\\ud83d"), ARGS("0", "\\ude00\\\"}"),
	ARGS("1", "1}"), ARGS("1", "}"), ARGS("2", "{"), ARGS("2", "}"),
	ARGS("3", " "), ARGS("3", "none"), ARGS("-1", "\\\":[]}"),
	CALL("\"id\":\"e\",\"custom\":{\"name\":\"c\",\"input\":"
	    "\"\\\\i\\\"\"}"),
	CALL("\"function\":{\"name\":\"o\",\"arguments\":{\"x\" : 1}}"),
	CALL("\"id\":\"a\",\"function\":{\"arguments\":\"[\"}},{\"index\":1"),
	CALL("\"index\":0,\"extra_content\":{\"google\":{"
	    "\"thought_signature\":\"AV\"}}"),
	CHUNK("\"extra_content\":{\"google\":{\"thought_signature\":\"B\"}},"
	    "\"tool_calls\":[{\"index\":5,\"function\":{\"name\":\"t\","
	    "\"arguments\":null}},{\"index\":6,\"id\":\"\","
	    "\"function\":{\"name\":\"u\"}}]"),
	CHUNK("\"function_call\":{\"name\":\"old\",\"arguments\":\"{}\"}"),
	FINISH("\"stop\""), FINISH("\"tool_calls\""), FINISH("\"length\""),
	FINISH("\"error\""), FINISH("\"\""), FINISH("null"),
	"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,"
	    "\"completion_tokens\":7}}\n\n",
	"data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n",
	"event: error\ndata: broken\n\n", ": comment\n\n", "data: \r\n\r\n",
	"data: [DONE]\n\n", "data: [1]\n\n",
	/* for whole bodies */
	"{\"id\":\"i\",\"choices\":[{\"message\":{", "\"content\":\"c\",",
	"\"reasoning\":\"r\",", "\"refusal\":\"no\",",
	"\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{\\\"a\\\":1,\\\"b\"}},{\"function\":{\"name\":"
	    "\"g\",\"arguments\":\"}\"}}],",
	"\"role\":\"assistant\"},\"finish_reason\":\"stop\"}]}",
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options options;

	/* Answers of odd length are read as an operator may want it. */
	options = options_default;
	options.think_tags = options.lenient_eof = true;
	options.emit_thinking = THINKING_ALWAYS;
	answer_options = size & 1 ? &options : NULL;
	fuzz_answer(&protocol_chat, parts, sizeof parts / sizeof *parts,
	    data, size);
	return 0;
}
