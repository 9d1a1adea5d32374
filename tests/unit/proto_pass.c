/* Bodies that are only passed on: every byte stays but for a few edits. */
#include "test.h"

#include "json/json.h"
#include "proto/proto.h"
#include "proto/quirk_edit.h"

#include "json_random.h"

struct passed {
	struct arena	 arena;
	struct json	 doc;
	struct talk	 talk;
	struct buf	 out;
	bool		 ok;
};

static void
pass_to(struct passed *p, const struct protocol *protocol,
    enum quirk_dialect dialect, const char *model, const char *text, bool usage)
{
	struct splice splice = { .text = slice_of(text) };
	struct json_fault fault;
	struct jval body;

	*p = (struct passed){ 0 };
	p->talk.arena = &p->arena;
	p->talk.usage_wanted = usage;
	CHECK(json_parse(&p->doc, &p->arena, splice.text, 0, &fault));
	body = json_root(&p->doc);
	p->ok = protocol->peek(&p->talk, body);
	if (!p->ok)
		return;
	p->talk.model = slice_of(model);
	quirks_find(&p->talk.quirks, dialect, p->talk.model);
	p->ok = protocol->pass(&p->talk, body, &splice);
	splice_write(&splice, &p->out);
}

static void
pass(struct passed *p, const struct protocol *protocol, const char *model,
    const char *text, bool usage)
{
	pass_to(p, protocol, DIALECT_OPENAI, model, text, usage);
}

static void
done(struct passed *p)
{
	buf_free(&p->out);
	arena_reset(&p->arena);
}

/* What comes out must still be JSON. */
static void
check_pass(const struct protocol *protocol, bool usage, const char *from,
    const char *to)
{
	struct passed p;
	struct json_fault fault;
	uint32_t tokens;

	pass(&p, protocol, "n", from, usage);
	CHECK(p.ok && !p.out.failed);
	CHECK_BYTES(buf_slice(&p.out).ptr, buf_len(&p.out), to, strlen(to));
	CHECK(json_check(buf_slice(&p.out), JSON_DEPTH_MAX, &tokens, &fault));
	done(&p);
}

static void
bytes_stay(void)
{
	check_pass(&protocol_chat, false,
	    "{ \"x\" : [1.0e2, {}],\"model\":\"m\" ,\"stream\":true}",
	    "{ \"x\" : [1.0e2, {}],\"model\":\"n\" ,\"stream\":true}");
	check_pass(&protocol_messages, false,
	    "{\"model\":\"n\",\"max_tokens\":1, \"y\":null }",
	    "{\"model\":\"n\",\"max_tokens\":1, \"y\":null }");
}

static void
peeks(void)
{
	struct passed p;

	pass(&p, &protocol_chat, "n",
	    "{\"model\":\"a\\u0062\",\"stream\":true}", false);
	CHECK(p.ok && p.talk.stream);
	CHECK(slice_is(p.talk.client_model, "a\\u0062"));
	done(&p);
	pass(&p, &protocol_messages, "n",
	    "{\"extra_body\":{\"model\":\"b\",\"stream\":false}}", false);
	CHECK(p.ok && !p.talk.stream && slice_is(p.talk.client_model, "b"));
	done(&p);
}

static void
refuses(void)
{
	static const char *const bodies[] = {
		"[]", "{}", "{\"model\":1}", "{\"model\":\"\"}",
		"{\"model\":null}", "{\"model\":\"m\",\"stream\":\"yes\"}",
	};
	struct passed p;

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		pass(&p, &protocol_chat, "n", bodies[i], false);
		CHECK(!p.ok && p.talk.fail.kind == FAIL_INVALID);
		done(&p);
	}
}

static void
check_single(const char *from, unsigned answers, const char *to)
{
	struct passed p;

	pass(&p, &protocol_chat, "o1-mini", from, false);
	CHECK(p.ok == (answers > 0));
	CHECK(!p.ok || p.talk.answers == answers);
	CHECK(p.ok || (p.talk.fail.kind == FAIL_UNSUPPORTED &&
	    slice_is(p.talk.fail.param, "n")));
	if (p.ok)
		CHECK_BYTES(buf_slice(&p.out).ptr, buf_len(&p.out), to,
		    strlen(to));
	done(&p);
}

/* Who makes one answer at a time is not told how many are wanted. */
static void
one_at_a_time(void)
{
	struct passed p;

	check_single("{\"model\":\"o1-mini\",\"n\":3,\"stream\":true}", 3,
	    "{\"model\":\"o1-mini\",\"stream\":true}");
	check_single("{\"model\":\"o1-mini\",\"extra_body\":{\"n\":2,\"a\":1}}",
	    2, "{\"model\":\"o1-mini\",\"a\":1}");
	check_single("{\"model\":\"o1-mini\",\"n\":1}", 1,
	    "{\"model\":\"o1-mini\",\"n\":1}");
	check_single("{\"model\":\"o1-mini\",\"n\":\"2\"}", 1,
	    "{\"model\":\"o1-mini\",\"n\":\"2\"}");
	check_single("{\"model\":\"o1-mini\",\"n\":9}", 0, NULL);
	/* others are */
	pass(&p, &protocol_chat, "gpt-4o", "{\"model\":\"gpt-4o\",\"n\":9}",
	    false);
	CHECK(p.ok && p.talk.answers == 1 && !p.talk.request);
	CHECK(slice_is(buf_slice(&p.out), "{\"model\":\"gpt-4o\",\"n\":9}"));
	done(&p);
	/* what our own sink must know of the request */
	pass(&p, &protocol_chat, "o1-mini", "{\"model\":\"o1-mini\",\"n\":3,"
	    "\"functions\":[],\"stream_options\":{\"include_usage\":true}}",
	    false);
	CHECK(p.ok && p.talk.request->include_usage);
	CHECK(p.talk.request->legacy_functions);
	done(&p);
}

static void
extra_body(void)
{
	check_pass(&protocol_chat, false,
	    "{\"model\":\"n\",\"a\":1,\"extra_body\":{\"a\":2,\"b\":[3]}}",
	    "{\"model\":\"n\",\"a\":1,\"b\":[3]}");
	check_pass(&protocol_chat, false,
	    "{\"extra_body\":{\"b\":1,\"b\":2,\"c\":null},\"model\":\"m\"}",
	    "{\"model\":\"n\",\"b\":2}");
	check_pass(&protocol_messages, false,
	    "{\"extra_body\":{\"model\":\"m\"}}", "{\"model\":\"n\"}");
	check_pass(&protocol_messages, false,
	    "{\"model\":\"n\",\"extra_body\":7}",
	    "{\"model\":\"n\",\"extra_body\":7}");
}

static void
usage_is_asked_for(void)
{
	struct passed p;

	check_pass(&protocol_chat, true, "{\"model\":\"n\",\"stream\":true}",
	    "{\"model\":\"n\",\"stream\":true,"
	    "\"stream_options\":{\"include_usage\":true}}");
	check_pass(&protocol_chat, true,
	    "{\"stream_options\":{\"include_usage\":false,\"x\":1},"
	    "\"model\":\"n\",\"stream\":true}",
	    "{\"stream_options\":{\"include_usage\":true,\"x\":1},"
	    "\"model\":\"n\",\"stream\":true}");
	pass(&p, &protocol_chat, "n",
	    "{\"model\":\"n\",\"stream\":true}", true);
	CHECK(p.ok && p.talk.usage_added);
	done(&p);
}

static void
usage_is_left_alone(void)
{
	static const char *const bodies[] = {
		"{\"model\":\"n\"}",
		"{\"model\":\"n\",\"stream\":false}",
		"{\"model\":\"n\",\"stream\":true,"
		"\"stream_options\":{\"include_usage\":true}}",
		"{\"model\":\"n\",\"stream\":true,\"stream_options\":1}",
	};
	struct passed p;

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		check_pass(&protocol_chat, true, bodies[i], bodies[i]);
		pass(&p, &protocol_chat, "n", bodies[i], true);
		CHECK(p.ok && !p.talk.usage_added);
		done(&p);
	}
	check_pass(&protocol_chat, false, "{\"model\":\"n\",\"stream\":true}",
	    "{\"model\":\"n\",\"stream\":true}");
}

static void
foreign_thinking(void)
{
	check_pass(&protocol_messages, false,
	    "{\"model\":\"n\", \"messages\": [ {\"role\":\"user\","
	    "\"content\":\"a\"}, {\"role\":\"assistant\",\"content\":["
	    "{\"type\":\"thinking\",\"thinking\":\"t\","
	    "\"signature\":\"gw1.x\"},"
	    " {\"type\":\"text\",\"text\":\"b\"}],\"x\":1},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
	    "\"thinking\":\"t\",\"signature\":\"\"},"
	    "{\"type\":\"redacted_thinking\",\"data\":\"gw1.g\"}]},"
	    "{\"role\":\"user\",\"content\":[]} ] }",
	    "{\"model\":\"n\", \"messages\": [ {\"role\":\"user\","
	    "\"content\":\"a\"}, {\"role\":\"assistant\",\"content\":["
	    "{\"type\":\"text\",\"text\":\"b\"}],\"x\":1},"
	    "{\"role\":\"user\",\"content\":[]} ] }");
}

static void
own_thinking(void)
{
	static const char body[] = "{\"messages\":[ {\"role\":\"assistant\","
	    "\"content\":[{\"type\":\"thinking\",\"thinking\":\"\","
	    "\"signature\":\"Eq==\"},{\"type\":\"redacted_thinking\","
	    "\"data\":\"Em==\"} ]}],\"model\":\"n\"}";

	check_pass(&protocol_messages, false, body, body);
}

/* ---- the operator's rows ---- */

static void
check_rules(const struct quirk_edit *edits, const char *from, const char *to,
    const char *losses)
{
	const struct quirk_rule other = {
		.models = "other", .edits = (const struct quirk_edit[]){
		{ .kind = EDIT_DROP, .member = "model" }, { 0 } },
	};
	const struct quirk_rule rule = {
		.next = (struct quirk_rule *)(uintptr_t)&other,
		.models = "m*", .edits = edits,
	};
	struct arena arena = { 0 };
	struct talk talk = { .arena = &arena, .model = SLICE("m1"),
	    .quirks = { .rules = &rule } };
	struct buf body = { 0 }, told = { 0 };

	buf_text(&body, from);
	if (to) {
		CHECK(quirk_edit_rules(&talk, &body));
		CHECK_BYTES(buf_slice(&body).ptr, buf_len(&body), to,
		    strlen(to));
	} else {
		CHECK(!quirk_edit_rules(&talk, &body));
		CHECK(talk.fail.kind == FAIL_UNSUPPORTED);
		CHECK(slice_is(talk.fail.param, losses));
		losses = "";
	}
	loss_print(&talk.losses, &told);
	CHECK_BYTES(buf_slice(&told).ptr, buf_len(&told), losses,
	    strlen(losses));
	buf_free(&body);
	buf_free(&told);
	arena_reset(&arena);
}

#define EDITS(...)	(const struct quirk_edit[]){ __VA_ARGS__, { 0 } }

static void
rules(void)
{
	const struct quirk_edit *rename = EDITS({ .kind = EDIT_RENAME,
	    .member = "a", .text = "b" }, { .kind = EDIT_CLAMP,
	    .member = "b", .low = "2", .high = "3" });
	const struct quirk_edit *drop = EDITS({ .kind = EDIT_DROP,
	    .member = "a" }, { .kind = EDIT_DROP, .member = "logprobs" });
	const struct quirk_edit *standard = EDITS({ .kind = EDIT_DEFAULT,
	    .member = "a", .text = "[0.5]" });
	const struct quirk_edit *refuse = EDITS({ .kind = EDIT_REFUSE,
	    .member = "logit_bias" });

	check_rules(rename, "{ \"a\" : 2.5,\"c\":1}",
	    "{ \"b\" : 2.5,\"c\":1}", "");
	check_rules(rename, "{\"a\":5}", "{\"b\":3}", "b=clamped");
	check_rules(rename, "{\"a\":5,\"b\":1}", "{\"b\":2}", "b=clamped");
	check_rules(rename, "{\"b\":\"x\",\"a\":null}", "{\"b\":\"x\"}", "");
	check_rules(drop, "{\"a\":1,\"logprobs\":false,\"x\":{\"a\":2}}",
	    "{\"x\":{\"a\":2}}", "a=dropped");
	check_rules(drop, "{\"a\":1,\"a\":2}", "{}", "a=dropped");
	check_rules(standard, "{\"a\":1}", "{\"a\":1}", "");
	check_rules(standard, "{\"a\":null}", "{\"a\":[0.5]}", "");
	check_rules(standard, "{}", "{\"a\":[0.5]}", "");
	check_rules(refuse, "{\"logit_bias\":{}}", "{\"logit_bias\":{}}", "");
	check_rules(refuse, "{\"logit_bias\":{\"1\":1}}", NULL, "logit_bias");
}

/* ---- what nothing applies to ---- */

/* A body of members that no provider is known to refuse, oddly spelled. */
static void
random_body(struct buf *b, const char *model)
{
	static const char *const harmless[] = {
		"metadata", "tools", "x_vendor", "messages", "system",
		"stream_options", "betas", "modalities2", "top",
	};

	random_blanks(b);
	buf_byte(b, '{');
	for (unsigned i = random_below(6); i; i--) {
		const char *name = harmless[random_below(
		    sizeof harmless / sizeof *harmless)];

		random_blanks(b);
		buf_byte(b, '"');
		buf_text(b, name);
		buf_text(b, "\": ");
		if (!strcmp(name, "messages"))
			buf_text(b, "[ {\"role\" :\"user\"} ]");
		else
			random_value(b, 3);
		buf_text(b, " ,");
	}
	random_blanks(b);
	buf_text(b, "\"model\"  :\"");
	buf_text(b, model);
	buf_text(b, "\" }");
}

static void
nothing_applies(void)
{
	static const struct {
		const char	*model;
		enum quirk_dialect dialect;
	} targets[] = {
		{ "m", DIALECT_GENERIC }, { "gpt-4o", DIALECT_OPENAI },
		{ "o3", DIALECT_OPENAI }, { "deepseek-v4", DIALECT_DEEPSEEK },
		{ "kimi-k2.6", DIALECT_KIMI }, { "glm-4.6", DIALECT_GLM },
		{ "gemini-3-pro", DIALECT_GEMINI }, { "x", DIALECT_GROQ },
		{ "x", DIALECT_CEREBRAS }, { "x", DIALECT_PERPLEXITY },
		{ "claude-opus-5-5", DIALECT_ANTHROPIC },
		{ "claude-3-haiku", DIALECT_ANTHROPIC },
	};

	random_start();
	for (size_t n = 0; n < 3000; n++) {
		size_t i = n % (sizeof targets / sizeof *targets);
		const struct protocol *protocol =
		    targets[i].dialect == DIALECT_ANTHROPIC ?
		    &protocol_messages : &protocol_chat;
		struct buf text = { 0 };
		struct passed p;

		random_body(&text, targets[i].model);
		buf_byte(&text, 0);
		pass_to(&p, protocol, targets[i].dialect, targets[i].model,
		    buf_slice(&text).ptr, false);
		CHECK(p.ok && !p.talk.losses.count);
		CHECK_BYTES(buf_slice(&p.out).ptr, buf_len(&p.out),
		    buf_slice(&text).ptr, buf_len(&text) - 1);
		done(&p);
		buf_free(&text);
	}
}

TESTS(
	{ "the operator's rows", rules },
	{ "nothing applies", nothing_applies },
	{ "bytes stay", bytes_stay },
	{ "model and stream are found", peeks },
	{ "what has no model is refused", refuses },
	{ "extra_body is merged", extra_body },
	{ "one answer at a time", one_at_a_time },
	{ "usage is asked for", usage_is_asked_for },
	{ "usage is left alone", usage_is_left_alone },
	{ "thinking of others goes", foreign_thinking },
	{ "own thinking stays", own_thinking })
