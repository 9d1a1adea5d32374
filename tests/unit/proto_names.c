/* Names and ids spelled for the other side, and signatures in envelopes. */
#include "test.h"

#include "proto/names.h"

#define CHECK_TEXT(got, want) do { \
	struct slice got_ = (got); \
 \
	CHECK_BYTES(got_.ptr, got_.len, want, strlen(want)); \
} while (0)

static void
ids_for_messages(void)
{
	struct arena a = { 0 };
	char longest[80];

	CHECK_TEXT(name_id_messages(&a, SLICE("call_abc-1")), "call_abc-1");
	CHECK_TEXT(name_id_messages(&a, SLICE("functions.f:0")),
	    "gw_ZnVuY3Rpb25zLmY6MA");
	/* what looks like ours is wrapped too, or undoing it would be wrong */
	CHECK_TEXT(name_id_messages(&a, SLICE("gw_YQ")), "gw_Z3dfWVE");
	CHECK_TEXT(name_id_messages(&a, SLICE("")), "gw_");
	memset(longest, 'x', sizeof longest);
	CHECK(name_id_messages(&a, (struct slice){ longest, 64 }).len == 64);
	CHECK_TEXT(slice_sub(name_id_messages(&a,
	    (struct slice){ longest, 65 }), 0, 4), "gwh_");
	CHECK(name_id_messages(&a, (struct slice){ longest, 65 }).len == 44);
	longest[0] = '.';
	CHECK(name_id_messages(&a, (struct slice){ longest, 45 }).len == 63);
	CHECK(name_id_messages(&a, (struct slice){ longest, 46 }).len == 44);
	arena_reset(&a);
}

static void
ids_for_chat(void)
{
	struct arena a = { 0 };
	struct quirks kimi, openai, mistral;
	struct slice id = SLICE("gw_ZnVuY3Rpb25zLmY6MA"), nine;
	char longest[41];

	quirks_find(&kimi, DIALECT_KIMI, SLICE("kimi-k2.6"));
	quirks_find(&openai, DIALECT_OPENAI, SLICE("gpt-4.1"));
	quirks_find(&mistral, DIALECT_MISTRAL, SLICE("m"));
	CHECK_TEXT(name_id_chat(&a, &kimi, id), "functions.f:0");
	CHECK_TEXT(name_id_chat(&a, &kimi, SLICE("gw_!")), "gw_!");
	CHECK_TEXT(name_id_chat(&a, &kimi, SLICE("gw_gA")), "gw_gA");
	CHECK_TEXT(name_id_chat(&a, &kimi, SLICE("gw_Ig")), "\\\"");
	CHECK_TEXT(name_id_chat(&a, &openai, id), "gw_ZnVuY3Rpb25zLmY6MA");
	memset(longest, 'x', sizeof longest);
	CHECK(name_id_chat(&a, &openai, (struct slice){ longest, 40 }).ptr ==
	    longest);
	CHECK(name_id_chat(&a, &openai, (struct slice){ longest, 41 }).len ==
	    40);
	CHECK_TEXT(name_id_chat(&a, &mistral, SLICE("abcDEF123")),
	    "abcDEF123");
	nine = name_id_chat(&a, &mistral, SLICE("toolu_1"));
	CHECK(nine.len == 9);
	CHECK(slice_eq(nine, name_id_chat(&a, &mistral, SLICE("toolu_1"))));
	CHECK(!slice_eq(nine, name_id_chat(&a, &mistral, SLICE("toolu_2"))));
	arena_reset(&a);
}

static void
tool_names(void)
{
	struct arena a = { 0 };
	struct quirks q;
	struct ir_tool tool = { .name = SLICE("mcp__very_long_server_name_"
	    "for_the_test__and_a_very_long_tool_name_here") };
	struct ir_request request = { .tools = &tool };

	quirks_find(&q, DIALECT_GENERIC, SLICE("m"));
	CHECK_TEXT(name_tool_chat(&a, &q, SLICE("f")), "f");
	tool.sent_name = name_tool_chat(&a, &q, tool.name);
	CHECK_TEXT(tool.sent_name, "mcp__very_long_server_name_for_the_test__"
	    "and_a_very_lon_7b452f53");
	CHECK(slice_eq(name_restore(&request, tool.sent_name), tool.name));
	CHECK_TEXT(name_restore(&request, SLICE("other")), "other");
	CHECK_TEXT(name_restore(NULL, SLICE("other")), "other");
	CHECK(name_tool(&request, tool.name) == &tool);
	CHECK(!name_tool(&request, SLICE("other")) &&
	    !name_tool(NULL, tool.name));
	CHECK_TEXT(slice_sub(name_tool_messages(&a, SLICE("a.b\\u00e9")),
	    0, 6), "a_b___");
	CHECK(name_tool_messages(&a, SLICE("a.b\\u00e9")).len == 5 + 9);
	CHECK(slice_eq(name_tool_messages(&a, tool.name), tool.name));
	arena_reset(&a);
}

static void
envelopes(void)
{
	static const char *const broken[] = {
		"", "gw1", "gw1.", "gw1.0", "gw1.x.r.", "gw1.x.r.00000000",
		"gw1.y.r.00000000.", "gw1.xx.r.00000000.", "gw1.x.r.0000000.",
		"gw1.x.r.0000000g.", "gw2.x.r.00000000.",
	};
	struct arena a = { 0 };
	struct envelope e;
	struct slice made = envelope_make(&a, IR_GOOGLE, 'r', 0xdd5a5b7d,
	    SLICE("a.b.c"));

	CHECK_TEXT(made, "gw1.g.r.dd5a5b7d.a.b.c");
	CHECK(envelope_is(made) && envelope_read(made, &e));
	CHECK(e.vendor == IR_GOOGLE && e.kind == 'r' && e.crc == 0xdd5a5b7d);
	CHECK_TEXT(e.raw, "a.b.c");
	CHECK(envelope_read(SLICE("gw1.x.r.00000000."), &e) && !e.raw.len);
	CHECK_TEXT(envelope_make(&a, IR_NOBODY, 'h', 0, SLICE("")),
	    "gw1.x.h.00000000.");
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		CHECK(!envelope_read(slice_of(broken[i]), &e));
	CHECK(!envelope_is(SLICE("EqRk")) && envelope_is(SLICE("gw1.0")));
	arena_reset(&a);
}

TESTS(
	{ "ids for Messages", ids_for_messages },
	{ "ids for Chat", ids_for_chat },
	{ "names of tools", tool_names },
	{ "envelopes of signatures", envelopes })
