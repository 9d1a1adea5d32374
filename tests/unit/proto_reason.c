/* The spellings of reasoning, alone and against each other. */
#include "test.h"

#include "proto/reason.h"

struct spelling {
	const char	*body;
	enum tri	 on;
	enum ir_effort	 effort;
	uint64_t	 budget;
	enum tri	 show;
	const char	*lost;		/* the only loss; NULL: none */
};

static struct ir_reasoning
read_body(const char *body, const char *lost, bool messages)
{
	struct ir_reasoning r = { 0 };
	struct losses losses = { 0 };
	struct arena a = { 0 };
	struct json_fault fault;
	struct json doc;

	CHECK(json_parse(&doc, &a, slice_of(body), 0, &fault));
	if (messages)
		reason_read_messages(&r, &a, &losses, json_root(&doc));
	else
		reason_read_chat(&r, &a, &losses, json_root(&doc));
	CHECK(losses.count == (lost ? 1 : 0));
	if (lost)
		CHECK(slice_is(losses.first->path, lost));
	arena_reset(&a);
	return r;
}

static void
check_reading(const struct spelling *s, bool messages)
{
	struct ir_reasoning r = read_body(s->body, s->lost, messages);

	CHECK(r.on == s->on);
	CHECK(r.effort == s->effort);
	CHECK(r.budget == s->budget);
	CHECK(r.show == s->show);
}

#define NOTHING	IR_EFFORT_UNSET

static void
chat(void)
{
	static const struct spelling cases[] = {
		{ "{}", 0, NOTHING, 0, 0, NULL },
		{ "{\"reasoning_effort\":\"low\"}", TRI_YES, IR_EFFORT_LOW, 0,
		    0, NULL },
		{ "{\"reasoning_effort\":\"none\"}", TRI_NO, NOTHING, 0, 0,
		    NULL },
		{ "{\"reasoning_effort\":\"ultra\"}", TRI_YES, IR_EFFORT_MAX,
		    0, 0, NULL },
		{ "{\"reasoning_effort\":\"auto\"}", 0, NOTHING, 0, 0, NULL },
		{ "{\"reasoning_effort\":3}", 0, NOTHING, 0, 0,
		    "reasoning_effort" },
		{ "{\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":"
		    "2000,\"display\":\"omitted\"}}", TRI_YES, NOTHING, 2000,
		    TRI_NO, NULL },
		{ "{\"thinking\":{\"type\":\"auto\"}}", 0, NOTHING, 0, 0,
		    NULL },
		{ "{\"thinking\":true}", 0, NOTHING, 0, 0, "thinking" },
		{ "{\"reasoning\":{\"effort\":\"high\",\"exclude\":true}}",
		    TRI_YES, IR_EFFORT_HIGH, 0, TRI_NO, NULL },
		{ "{\"reasoning\":{\"max_tokens\":9,\"summary\":\"auto\"}}",
		    TRI_YES, NOTHING, 9, TRI_YES, NULL },
		{ "{\"reasoning\":[]}", 0, NOTHING, 0, 0, "reasoning" },
		{ "{\"output_config\":{\"effort\":\"max\"}}", TRI_YES,
		    IR_EFFORT_MAX, 0, 0, NULL },
		{ "{\"enable_thinking\":false}", TRI_NO, NOTHING, 0, 0, NULL },
		{ "{\"thinking_budget\":0}", TRI_NO, NOTHING, 0, 0, NULL },
		{ "{\"thinking_budget\":7}", TRI_YES, NOTHING, 7, 0, NULL },
		{ "{\"chat_template_kwargs\":{\"thinking\":true}}", TRI_YES,
		    NOTHING, 0, 0, NULL },
		{ "{\"include_reasoning\":false}", 0, NOTHING, 0, TRI_NO,
		    NULL },
		/* rank, member by member */
		{ "{\"thinking\":{\"type\":\"disabled\"},"
		    "\"reasoning_effort\":\"high\"}", TRI_NO, IR_EFFORT_HIGH,
		    0, 0, NULL },
		{ "{\"reasoning_effort\":\"low\",\"reasoning\":{\"effort\":"
		    "\"high\"},\"enable_thinking\":false}", TRI_YES,
		    IR_EFFORT_HIGH, 0, 0, NULL },
		{ "{\"thinking\":null,\"reasoning\":null}", 0, NOTHING, 0, 0,
		    NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_reading(&cases[i], false);
}

/* An effort alone does not ask for thinking there. */
static void
messages(void)
{
	static const struct spelling cases[] = {
		{ "{\"output_config\":{\"effort\":\"low\"}}", 0,
		    IR_EFFORT_LOW, 0, 0, NULL },
		{ "{\"thinking\":{\"type\":\"adaptive\"},\"reasoning_effort\":"
		    "\"none\"}", TRI_YES, NOTHING, 0, 0, NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_reading(&cases[i], true);
	CHECK(read_body("{\"thinking\":{\"type\":\"between_tools\"}}", NULL,
	    true).between);
}

static void
nearest(void)
{
	unsigned low_high = 1u << IR_EFFORT_LOW | 1u << IR_EFFORT_HIGH;

	CHECK(reason_nearest(low_high, IR_EFFORT_MAX) == IR_EFFORT_HIGH);
	CHECK(reason_nearest(low_high, IR_EFFORT_MEDIUM) == IR_EFFORT_LOW);
	CHECK(reason_nearest(low_high, IR_EFFORT_MINIMAL) == IR_EFFORT_LOW);
	CHECK(reason_nearest(low_high, IR_EFFORT_UNSET) == IR_EFFORT_UNSET);
	CHECK(reason_nearest(0, IR_EFFORT_HIGH) == IR_EFFORT_UNSET);
	CHECK(reason_of_budget(4095) == IR_EFFORT_LOW);
	CHECK(reason_of_budget(4096) == IR_EFFORT_MEDIUM);
	CHECK(reason_of_budget(16384) == IR_EFFORT_HIGH);
	for (unsigned e = IR_EFFORT_MINIMAL; e <= IR_EFFORT_MAX; e++)
		CHECK(reason_effort(slice_of(reason_effort_name(
		    (enum ir_effort)e))) == e);
}

TESTS(
	{ "in Chat bodies", chat },
	{ "in Messages bodies", messages },
	{ "nearest level", nearest })
