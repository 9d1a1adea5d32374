/* Responses answers: bytes of any kind, and events in any order. */
#include "answer.h"

#define EVENT(type, members) \
	"data: {\"type\":\"" type "\"" members "}\n\n"
#define AT(at)	",\"output_index\":" at
#define ITEM(type, at, members) \
	EVENT("response.output_item." type, AT(at) ",\"item\":{" members "}")
#define DELTA(type, at, text) \
	EVENT("response." type ".delta", AT(at) ",\"sequence_number\":12," \
	"\"delta\":\"" text "\",\"obfuscation\":\"q\"")
#define TEXT_DONE(type, at, member, text) \
	EVENT("response." type ".done", AT(at) ",\"" member "\":\"" text "\"")
#define PART(at, place, members) \
	EVENT("response.content_part.done", AT(at) ",\"content_index\":" \
	place ",\"part\":{" members "}")
#define CALL(type, id, members) \
	"\"type\":\"" type "\",\"call_id\":\"" id "\"" members

static const char *const parts[] = {
	EVENT("response.created", ",\"response\":{\"id\":\"resp_1\","
	    "\"model\":\"m\",\"service_tier\":\"flex\"}"),
	EVENT("response.in_progress", ""), EVENT("keepalive", ""),
	ITEM("added", "0", "\"type\":\"message\",\"phase\":\"commentary\""),
	DELTA("output_text", "0", "text"), DELTA("output_text", "0", " \\n"),
	DELTA("output_text", "0", "a\\ud83d"),
	DELTA("output_text", "0", "\\ude00b"), DELTA("output_text", "1", "x"),
	DELTA("output_text", "2", "y"), DELTA("refusal", "3", "no"),
	EVENT("response.output_text.delta", ",\"delta\":\"p\",\"logprobs\":[{"
	    "\"token\":\"p\" }]"),
	EVENT("response.output_text.annotation.added", AT("0")
	    ",\"annotation\":{\"type\":\"url_citation\",\"start_index\":1,"
	    "\"end_index\" : 2,\"url\":\"u\\\"\",\"odd\":[ 1 ]}"),
	TEXT_DONE("output_text", "0", "text", "all"),
	TEXT_DONE("refusal", "3", "refusal", "no"),
	PART("0", "0", "\"type\":\"output_text\",\"text\":\"all\","
	    "\"annotations\":[{\"type\":\"url_citation\"},1]"),
	PART("1", "1", "\"type\":\"refusal\",\"refusal\":\"r\""),
	ITEM("done", "0", "\"type\":\"message\",\"content\":[{\"type\":"
	    "\"output_text\",\"text\":\"w\"},{\"type\":\"refusal\","
	    "\"refusal\":\"v\"},2]"),
	ITEM("added", "4", "\"type\":\"reasoning\""),
	DELTA("reasoning_summary_text", "4", "S"),
	EVENT("response.reasoning_summary_text.delta", AT("4")
	    ",\"summary_index\":1,\"delta\":\"s\""),
	DELTA("reasoning_text", "4", "R"), DELTA("reasoning_text", "5", "Q"),
	TEXT_DONE("reasoning_text", "5", "text", "Q"),
	ITEM("done", "4", "\"type\":\"reasoning\",\"id\":\"rs_\\\"\","
	    "\"summary\":[{\"text\":\"a\"},{\"text\":\"b\"}],"
	    "\"encrypted_content\":\"E:F\""),
	ITEM("done", "5", "\"type\":\"reasoning\",\"content\":[{\"text\":"
	    "\"c\"}]"),
	ITEM("added", "6", CALL("function_call", "a", ",\"name\":\"f\"")),
	ITEM("added", "7", CALL("function_call", "a",
	    ",\"name\":\"g\",\"namespace\":\"n\"")),
	ITEM("added", "8", CALL("custom_tool_call", "", ",\"name\":\"c\"")),
	DELTA("function_call_arguments", "6", "{\\\"x\\\":"),
	DELTA("function_call_arguments", "6", "1}"),
	DELTA("function_call_arguments", "6", "}"),
	DELTA("function_call_arguments", "7", "{}"),
	DELTA("function_call_arguments", "7", "{\\\"y\\\":\\\"\\ud83d"),
	DELTA("function_call_arguments", "9", "none"),
	DELTA("custom_tool_call_input", "8", "free \\\""),
	TEXT_DONE("function_call_arguments", "6", "arguments",
	    "{\\\"z\\\":2}"),
	TEXT_DONE("custom_tool_call_input", "8", "input", "free"),
	ITEM("done", "6", CALL("function_call", "a",
	    ",\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"")),
	ITEM("done", "7", CALL("function_call", "a", ",\"name\":\"g\"")),
	ITEM("done", "9", CALL("function_call", "b",
	    ",\"name\":\"h\",\"arguments\":{\"o\" : 1}")),
	ITEM("done", "10", CALL("local_shell_call", "d",
	    ",\"action\":{\"command\":[\"ls\"]}")),
	ITEM("done", "11", CALL("tool_search_call", "e",
	    ",\"execution\":\"client\",\"arguments\":{}")),
	ITEM("done", "12", "\"type\":\"web_search_call\",\"id\":\"ws\""),
	ITEM("done", "13", "\"type\":\"image_generation_call\","
	    "\"result\":\"QUJD\",\"output_format\":\"webp\""),
	EVENT("response.completed", ",\"response\":{\"output\":[{\"type\":"
	    "\"message\",\"content\":[{\"type\":\"output_text\",\"text\":"
	    "\"late\"}]}],\"usage\":{\"input_tokens\":1}}"),
	EVENT("response.incomplete", ",\"response\":{\"incomplete_details\":{"
	    "\"reason\":\"content_filter\"}}"),
	EVENT("response.failed", ",\"response\":{\"error\":{\"code\":\"x\","
	    "\"message\":\"m\"}}"),
	EVENT("error", ",\"code\":\"slow_down\",\"message\":\"m\""),
	EVENT("response.cancelled", ""), EVENT("response.unheard_of", ""),
	"event: response.output_text.delta\ndata: {\"delta\":\"n\"}\n\n",
	"data: {\"error\":{\"message\":\"m\"}}\n\n",
	"event: error\ndata: broken\n\n", ": comment\n\n", "data: [DONE]\n\n",
	/* for whole bodies */
	"{\"id\":\"r\",\"object\":\"response\",\"status\":\"completed\",",
	"{\"status\":\"failed\",\"error\":{\"message\":\"m\"},",
	"\"output\":[", "{\"type\":\"message\",\"content\":[{\"type\":"
	    "\"output_text\",\"text\":\"t\"}]},",
	"{\"type\":\"reasoning\",\"encrypted_content\":\"E\"},",
	"{" CALL("function_call", "a", ",\"name\":\"f\"") "}",
	"],\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}",
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_answer(&protocol_responses, parts, sizeof parts / sizeof *parts,
	    data, size);
	return 0;
}
