/*
 * How Messages' ways to ask for thinking are told to each dialect of Chat: a
 * row per dialect and model, a column per way of asking.
 */
#include "test.h"

#include "json/json.h"
#include "proto/proto.h"

enum { WAYS = 10 };

static const char *const ways[WAYS] = {
	"\"thinking\":{\"type\":\"disabled\"}",
	"\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}",
	"\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":8000}",
	"\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":20000}",
	"\"thinking\":{\"type\":\"adaptive\"}",
	"\"thinking\":{\"type\":\"adaptive\"},"
	    "\"output_config\":{\"effort\":\"xhigh\"}",
	"\"thinking\":{\"type\":\"adaptive\"},"
	    "\"output_config\":{\"effort\":\"max\"}",
	"\"output_config\":{\"effort\":\"medium\"}",
	"\"output_config\":{\"effort\":\"max\"}",
	"\"thinking\":{\"type\":\"between_tools\"}",
};

#define EFFORT(word)	"\"reasoning_effort\":\"" word "\""
#define THINK(type)	"\"thinking\":{\"type\":\"" type "\"}"
#define GLM_ON		"\"thinking\":{\"type\":\"enabled\"," \
			"\"clear_thinking\":false}"
#define QWEN(tokens)	"\"enable_thinking\":true,\"thinking_budget\":" tokens
#define TEMPLATE(on)	"\"chat_template_kwargs\":{\"enable_thinking\":" on \
			",\"thinking\":" on "}"
#define ROUTER(what)	"\"reasoning\":{" what "}"

/* What stands behind max_tokens; "!" in front: a loss is named. */
static const struct row {
	enum quirk_dialect dialect;
	const char	*model;
	const char	*wants[WAYS];
} rows[] = {
	{ DIALECT_OPENAI, "gpt-4.1", { "" } },
	{ DIALECT_OPENAI, "gpt-5", {
	    EFFORT("minimal"), EFFORT("low"), EFFORT("medium"),
	    EFFORT("high"), "", EFFORT("high"), EFFORT("high"),
	    EFFORT("medium"), EFFORT("high"), EFFORT("minimal") } },
	{ DIALECT_OPENAI, "gpt-5.1", {
	    EFFORT("none"), EFFORT("low"), EFFORT("medium"), EFFORT("high"),
	    "", EFFORT("high"), EFFORT("high"), EFFORT("medium"),
	    EFFORT("high"), EFFORT("none") } },
	{ DIALECT_OPENAI, "gpt-5.5", {
	    EFFORT("none"), EFFORT("low"), EFFORT("medium"), EFFORT("high"),
	    "", EFFORT("xhigh"), EFFORT("xhigh"), EFFORT("medium"),
	    EFFORT("xhigh"), EFFORT("none") } },
	{ DIALECT_OPENAI, "gpt-6", {
	    EFFORT("none"), EFFORT("low"), EFFORT("medium"), EFFORT("high"),
	    "", EFFORT("xhigh"), EFFORT("max"), EFFORT("medium"),
	    EFFORT("max"), EFFORT("none") } },
	{ DIALECT_OPENAI, "o3", {
	    "!" EFFORT("low"), EFFORT("low"), EFFORT("medium"),
	    EFFORT("high"), "", EFFORT("high"), EFFORT("high"),
	    EFFORT("medium"), EFFORT("high"), "!" EFFORT("low") } },
	{ DIALECT_DEEPSEEK, "deepseek-chat", {
	    THINK("disabled"), THINK("enabled") "," EFFORT("low"),
	    THINK("enabled") "," EFFORT("high"),
	    THINK("enabled") "," EFFORT("high"), THINK("enabled"),
	    THINK("enabled") "," EFFORT("high"),
	    THINK("enabled") "," EFFORT("max"), EFFORT("high"),
	    EFFORT("max"), THINK("disabled") } },
	{ DIALECT_KIMI, "kimi-k2.6", {
	    THINK("disabled"), THINK("enabled"), THINK("enabled"),
	    THINK("enabled"), THINK("enabled"), THINK("enabled"),
	    THINK("enabled"), "", "", THINK("disabled") } },
	{ DIALECT_KIMI, "kimi-k3", {
	    "!", "", "", "", "", "", EFFORT("max"), "", "", "!" } },
	{ DIALECT_QWEN, "qwen3-max", {
	    "\"enable_thinking\":false", QWEN("2000"), QWEN("8000"),
	    QWEN("20000"), "\"enable_thinking\":true", QWEN("32768"),
	    QWEN("32768"), "", "", "\"enable_thinking\":false" } },
	{ DIALECT_GLM, "glm-4.7", {
	    THINK("disabled"), GLM_ON, GLM_ON, GLM_ON, GLM_ON, GLM_ON,
	    GLM_ON, "", "", THINK("disabled") } },
	{ DIALECT_GLM, "glm-5.3", {
	    "!" EFFORT("low"), EFFORT("low"), EFFORT("high"),
	    EFFORT("high"), "", EFFORT("high"), EFFORT("max"),
	    EFFORT("high"), EFFORT("max"), "!" EFFORT("low") } },
	{ DIALECT_XAI, "grok-4.3", {
	    EFFORT("none"), EFFORT("low"), EFFORT("medium"), EFFORT("high"),
	    "", EFFORT("high"), EFFORT("high"), EFFORT("medium"),
	    EFFORT("high"), EFFORT("none") } },
	{ DIALECT_XAI, "grok-3", { "" } },
	{ DIALECT_OPENROUTER, "x/y", {
	    ROUTER("\"enabled\":false"), ROUTER("\"max_tokens\":2000"),
	    ROUTER("\"max_tokens\":8000"), ROUTER("\"max_tokens\":20000"),
	    ROUTER("\"enabled\":true"), ROUTER("\"effort\":\"xhigh\""),
	    ROUTER("\"effort\":\"max\""), ROUTER("\"effort\":\"medium\""),
	    ROUTER("\"effort\":\"max\""), ROUTER("\"enabled\":false") } },
	{ DIALECT_GEMINI, "gemini-2.5-flash", {
	    EFFORT("none"), EFFORT("low"), EFFORT("medium"), EFFORT("high"),
	    "", EFFORT("high"), EFFORT("high"), EFFORT("medium"),
	    EFFORT("high"), EFFORT("none") } },
	{ DIALECT_GEMINI, "gemini-3-pro", {
	    "!" EFFORT("low"), EFFORT("low"), EFFORT("medium"),
	    EFFORT("high"), "", EFFORT("high"), EFFORT("high"),
	    EFFORT("medium"), EFFORT("high"), "!" EFFORT("low") } },
	{ DIALECT_VLLM, "m", {
	    TEMPLATE("false"), TEMPLATE("true"), TEMPLATE("true"),
	    TEMPLATE("true"), TEMPLATE("true"), TEMPLATE("true"),
	    TEMPLATE("true"), "", "", TEMPLATE("false") } },
	{ DIALECT_OLLAMA, "qwen3", {
	    EFFORT("none"), EFFORT("low"), EFFORT("medium"), EFFORT("high"),
	    EFFORT("medium"), EFFORT("high"), EFFORT("high"),
	    EFFORT("medium"), EFFORT("high"), EFFORT("none") } },
	{ DIALECT_GENERIC, "m", { "" } },
};

/* What a request with `way` becomes, from behind the limit to the end. */
static struct slice
tell(struct arena *arena, const struct row *row, const char *way, bool *lost)
{
	struct talk talk = { .arena = arena, .scratch = arena };
	struct buf out = { 0 };
	struct json doc;
	struct json_fault fault;
	struct slice body, tail;
	size_t at;

	body = arena_fmt(arena, "{\"model\":\"m\",\"max_tokens\":64,%s,"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", way);
	CHECK(json_parse(&doc, arena, body, 0, &fault));
	talk.client = &protocol_messages;
	talk.provider = &protocol_chat;
	quirks_find(&talk.quirks, row->dialect, slice_of(row->model));
	CHECK(protocol_messages.decode(&talk, json_root(&doc)));
	talk.model = slice_of(row->model);
	CHECK(protocol_chat.encode(&talk, &out));
	tail = arena_dup(arena, buf_slice(&out));
	buf_free(&out);
	at = slice_find(tail, SLICE("tokens\":64"));
	CHECK(at != SIZE_MAX && slice_ends(tail, SLICE("}")));
	tail = slice_skip(tail, at + 10);
	tail.len--;
	*lost = talk.losses.count > 0;
	CHECK(talk.losses.count <= 1);
	return slice_starts(tail, SLICE(",")) ? slice_skip(tail, 1) : tail;
}

static void
every_way(void)
{
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (unsigned w = 0; w < WAYS; w++) {
			const char *want = rows[i].wants[w];
			bool lost = false, may_lose;
			struct slice got;

			/* A row with nothing but "" is so throughout. */
			want = want ? want : "";
			may_lose = *want == '!';
			got = tell(&arena, &rows[i], ways[w], &lost);
			if (!slice_is(got, want + may_lose) ||
			    lost != may_lose)
				fprintf(stderr, "%s, way %u: %.*s\n",
				    rows[i].model, w, SLICE_FMT(got));
			CHECK(slice_is(got, want + may_lose));
			CHECK(lost == may_lose);
			arena_reset(&arena);
		}
}

TESTS(
	{ "every way of asking", every_way })
