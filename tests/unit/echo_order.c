/* Calls that a text orders. */
#include "echo/order.h"

#include "echo/speech.h"
#include "test.h"

#define TOOLS "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":" \
	"\"clock\"}},{\"type\":\"function\",\"function\":{\"name\":\"run\"}}," \
	"{\"type\":\"custom\",\"custom\":{\"name\":\"patch\"}}]"

/* The calls of an answer to these messages, as "NAME ARGUMENTS;". */
static void
check_calls(const char *messages, const char *more, const char *want)
{
	struct arena arena = { 0 };
	struct prompt a;
	struct script script;
	struct speech speech;
	struct buf body = { 0 }, seen = { 0 };
	const char *why = "";

	buf_fmt(&body, "{\"messages\":[%s],%s" TOOLS "}", messages, more);
	CHECK(prompt_read(&a, &arena, DIALECT_CHAT, buf_slice(&body), &why));
	prompt_listen(&a, &arena);
	script_init(&script);
	speech_compose(&speech, &a, &script, 1, &arena);
	for (size_t i = 0; i < speech.call_count; i++)
		buf_fmt(&seen, "%.*s %.*s;", SLICE_FMT(speech.calls[i].name),
		    SLICE_FMT(speech.calls[i].arguments));
	CHECK_BYTES(buf_slice(&seen).ptr, buf_len(&seen),
	    want, strlen(want));
	buf_free(&body);
	buf_free(&seen);
	arena_reset(&arena);
}

#define USER(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define TOOL(text) "{\"role\":\"tool\",\"content\":\"" text "\"}"

static void
by_the_user(void)
{
	check_calls(USER("[[call run %7B%22a%22:%22b c%22%7D]]"), "",
	    "run {\"a\":\"b c\"};");
	check_calls(USER("x [[call run {}]] y [[call clock { }]] z"), "",
	    "run {};clock { };");
	check_calls(USER("[[call patch *** Begin]]"), "", "patch *** Begin;");
	/* of the last user only, and not before a tool has answered */
	check_calls(USER("[[call run {}]]") "," USER("well?"), "", "");
	check_calls(USER("[[call run {}]]") "," TOOL("done"), "", "");
}

static void
by_a_tool(void)
{
	check_calls(USER("[[call run {}]]") ","
	    TOOL("{\\\"output\\\": \\\"a [[call clock %7B%7D]]\\\"}"), "",
	    "clock {};");
	check_calls(USER("go") "," TOOL("[[call clock {}]]") ","
	    TOOL("[[call run {}]]"), "", "clock {};run {};");
	check_calls(USER("go") "," TOOL("[[call clock {}]]") "," USER("stop"),
	    "", "");
}

/* An unknown name, bad arguments: then they are words like any other. */
static void
not_obeyed(void)
{
	check_calls(USER("[[call none {}]]"), "\"tool_choice\":\"none\",", "");
	check_calls(USER("[[call run {}]]"), "\"tool_choice\":\"none\",", "");
	check_calls(TOOL("[[call none {}]]"), "", "");
	check_calls(TOOL("[[call run {]]"), "", "");
	check_calls(TOOL("[[call run 1]]"), "", "");
	check_calls(TOOL("[[call run %7]]"), "", "");
	check_calls(TOOL("[[call run]]"), "", "");
	check_calls(TOOL("[[call run {}"), "", "");
	check_calls(TOOL("[[call "), "", "");
}

TESTS(
	{ "by the user", by_the_user },
	{ "by a tool", by_a_tool },
	{ "not obeyed", not_obeyed })
