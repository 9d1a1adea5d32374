/* Messages answers: bytes of any kind, and events in any order. */
#include "answer.h"

#define EVENT(name, members) \
	"event: " name "\ndata: {\"type\":\"" name "\"" members "}\n\n"
#define START(at, block) \
	EVENT("content_block_start", ",\"index\":" at \
	",\"content_block\":{\"type\":" block "}")
#define DELTA(at, delta) \
	EVENT("content_block_delta", ",\"index\":" at \
	",\"delta\":{\"type\":" delta "}")
#define STOP(at) EVENT("content_block_stop", ",\"index\":" at)
#define END(members) \
	EVENT("message_delta", ",\"delta\":{" members "},\"usage\":{" \
	"\"output_tokens\":7}")

static const char *const parts[] = {
	EVENT("message_start", ",\"message\":{\"id\":\"msg_1\",\"model\":\"m\","
	    "\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}"),
	EVENT("message_start", ""), EVENT("ping", ""),
	START("0", "\"text\",\"text\":\"\""), START("1", "\"text\""),
	START("0", "\"thinking\",\"thinking\":\"t\",\"signature\":\"s\""),
	START("1", "\"redacted_thinking\",\"data\":\"D\""),
	START("2", "\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{}"),
	START("2", "\"tool_use\",\"id\":\"t2\",\"name\":\"g\",\"input\":{"
	    "\"x\":[1, \"\\u0000\"]}"),
	START("3", "\"tool_use\",\"id\":\"\",\"name\":\"\""),
	START("3", "\"server_tool_use\",\"id\":\"s1\",\"name\":\"web_search\""),
	START("4", "\"web_search_tool_result\",\"content\":[]"),
	START("5", "\"unheard_of\""), START("-1", "\"text\""),
	DELTA("0", "\"text_delta\",\"text\":\"hello\""),
	DELTA("0", "\"text_delta\",\"text\":\" \\n\""),
	DELTA("0", "\"text_delta\",\"text\":\"a\\ud83d\""),
	DELTA("0", "\"text_delta\",\"text\":\"\\ude00b\""),
	DELTA("0", "\"text_delta\",\"text\":\"```json\\n{}\\n```\""),
	DELTA("0", "\"thinking_delta\",\"thinking\":\"hm\""),
	DELTA("0", "\"signature_delta\",\"signature\":\"Eq\""),
	DELTA("0", "\"citations_delta\",\"citation\":{\"type\":"
	    "\"web_search_result_location\",\"url\":\"u\",\"title\":\"t\"}"),
	DELTA("1", "\"text_delta\",\"text\":\"one\""),
	DELTA("2", "\"input_json_delta\",\"partial_json\":\"\""),
	DELTA("2", "\"input_json_delta\",\"partial_json\":\"{\\\"y\\\":\""),
	DELTA("2", "\"input_json_delta\",\"partial_json\":\"1}\""),
	DELTA("2", "\"unheard_of\",\"x\":1"),
	STOP("0"), STOP("1"), STOP("2"), STOP("3"), STOP("4"), STOP("5"),
	END("\"stop_reason\":\"end_turn\""),
	END("\"stop_reason\":\"tool_use\""),
	END("\"stop_reason\":\"max_tokens\""),
	END("\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"E\""),
	END("\"stop_reason\":\"refusal\",\"stop_details\":{\"type\":"
	    "\"refusal\",\"explanation\":\"no\"}"),
	END("\"stop_reason\":null"), EVENT("message_stop", ""),
	EVENT("error", ",\"error\":{\"type\":\"overloaded_error\","
	    "\"message\":\"busy\"}"),
	EVENT("unheard_of", ""), "data: {\"type\":\"ping\"}\n\n",
	": comment\n\n", "event: error\ndata: broken\n\n",
	/* for whole bodies */
	"{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[",
	"{\"type\":\"text\",\"text\":\"a\"},",
	"{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{"
	    "\"x\" : 1}},",
	"{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"s\"}",
	"],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":1,"
	    "\"output_tokens\":2}}",
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_answer(&protocol_messages, parts, sizeof parts / sizeof *parts,
	    data, size);
	return 0;
}
