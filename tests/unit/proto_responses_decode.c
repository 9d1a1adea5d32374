/* What Responses requests mean: one row for each thing they may hold. */
#include "test.h"

#include "json/text.h"
#include "proto/responses/responses.h"

static const char vendors[] = { '-', 'a', 'o', 'g', 'x' };

static void
show_media(struct buf *out, const char *name, const struct ir_media *m)
{
	static const char *const sources[] = { "data", "url", "id", "text" };

	buf_fmt(out, "%s(%s %.*s %.*s", name, sources[m->source],
	    SLICE_FMT(m->mime), SLICE_FMT(m->data));
	if (m->name.len)
		buf_fmt(out, " name=%.*s", SLICE_FMT(m->name));
	if (m->detail.len)
		buf_fmt(out, " detail=%.*s", SLICE_FMT(m->detail));
	buf_text(out, ")");
}

static void
show_marks(struct buf *out, const struct ir_block *b)
{
	if (b->signature.len || b->vendor)
		buf_fmt(out, " %c:%.*s", vendors[b->vendor],
		    SLICE_FMT(b->signature));
	if (b->item.len)
		buf_fmt(out, " item=%.*s", SLICE_FMT(b->item));
	if (b->phase.len)
		buf_fmt(out, " phase=%.*s", SLICE_FMT(b->phase));
	if (b->cache.len)
		buf_fmt(out, " cache=%.*s", SLICE_FMT(b->cache));
	buf_text(out, ")");
}

static void
show_block(struct buf *out, const struct ir_block *b)
{
	switch (b->kind) {
	case IR_TEXT:
		buf_fmt(out, "%s(%.*s", b->refusal ? "refusal" : "text",
		    SLICE_FMT(b->text));
		break;
	case IR_THINK:
		buf_fmt(out, "think(%.*s", SLICE_FMT(b->text));
		break;
	case IR_REDACTED:
		buf_fmt(out, "redacted(%.*s %.*s %.*s", SLICE_FMT(b->text),
		    SLICE_FMT(b->id), SLICE_FMT(b->name));
		break;
	case IR_CALL:
		buf_fmt(out, "%s(%.*s %.*s %.*s", b->custom ? "custom" :
		    "call", SLICE_FMT(b->id), SLICE_FMT(b->name),
		    SLICE_FMT(b->args));
		break;
	case IR_RESULT:
		buf_fmt(out, "%s(%.*s %.*s", b->is_error ? "error" :
		    "result", SLICE_FMT(b->id), SLICE_FMT(b->name));
		break;
	case IR_IMAGE:
		show_media(out, "image", &b->media);
		return;
	case IR_DOCUMENT:
		show_media(out, "document", &b->media);
		return;
	case IR_AUDIO:
		show_media(out, "audio", &b->media);
		return;
	case IR_OPAQUE:
		buf_fmt(out, "opaque(%.*s", SLICE_FMT(b->name));
		break;
	case IR_VIDEO:
		CHECK(!"a video");
	}
	show_marks(out, b);
}

static void
show_list(struct buf *out, const struct ir_block *b)
{
	for (; b; b = b->next) {
		buf_text(out, " ");
		show_block(out, b);
		for (const struct ir_block *c = b->content; c; c = c->next) {
			buf_text(out, "+");
			show_block(out, c);
		}
	}
}

static void
show_tool(struct buf *out, const struct ir_tool *t)
{
	static const char *const kinds[] = { "function", "custom", "hosted" };
	static const char *const forms[] = { "", " tool_search",
		" local_shell", " shell", " apply_patch" };

	buf_fmt(out, " %s%s:%.*s", kinds[t->kind], forms[t->form],
	    SLICE_FMT(t->name));
	if (t->space.len)
		buf_fmt(out, "=%.*s/%.*s", SLICE_FMT(t->space),
		    SLICE_FMT(t->local));
	if (t->strict)
		buf_text(out, t->strict == TRI_YES ? " strict" : " loose");
	if (t->format.len)
		buf_fmt(out, " %.*s", SLICE_FMT(t->format));
	if (t->kind == IR_FUNCTION)
		CHECK(t->schema.len);
}

static void
show_more(struct buf *out, const struct ir_request *r)
{
	static const char *const choices[] = { "", "auto", "none", "any",
		"one", "allowed_auto", "allowed_any" };

	if (r->choice)
		buf_fmt(out, "choice %s %.*s", choices[r->choice],
		    SLICE_FMT(r->choice_name));
	for (const struct ir_text *n = r->choice_names; n; n = n->next)
		buf_fmt(out, "%.*s", SLICE_FMT(n->text));
	if (r->choice)
		buf_text(out, "; ");
	if (r->format)
		buf_fmt(out, "format %d %.*s %.*s; ", (int)r->format,
		    SLICE_FMT(r->format_name), SLICE_FMT(r->format_schema));
	if (r->reasoning.effort || r->reasoning.on || r->reasoning.show)
		buf_fmt(out, "reasoning effort=%d on=%d show=%d; ",
		    (int)r->reasoning.effort, (int)r->reasoning.on,
		    (int)r->reasoning.show);
}

static void
show(struct buf *out, const struct ir_request *r)
{
	static const char *const roles[] = { "user:", "assistant:",
		"system:" };

	if (r->system) {
		buf_text(out, "first:");
		show_list(out, r->system);
		buf_text(out, "; ");
	}
	for (const struct ir_turn *t = r->first; t; t = t->next) {
		buf_text(out, roles[t->role]);
		show_list(out, t->first);
		buf_text(out, "; ");
	}
	if (r->tools) {
		buf_text(out, "tools:");
		for (const struct ir_tool *t = r->tools; t; t = t->next)
			show_tool(out, t);
		buf_text(out, "; ");
	}
	show_more(out, r);
}

struct bench {
	struct arena	 arena;
	struct talk	 talk;
	struct json	 doc;
	struct buf	 out;
};

/* `rest` is the body's members behind the model's. */
static bool
decode(struct bench *b, const char *rest, const struct protocol *provider)
{
	struct json_fault fault;

	*b = (struct bench){ 0 };
	b->talk.arena = b->talk.scratch = &b->arena;
	b->talk.client = &protocol_responses;
	b->talk.provider = provider;
	b->talk.losses.way = LOSS_WAY(PROTO_RESPONSES, provider->id);
	CHECK(json_parse(&b->doc, &b->arena, arena_fmt(&b->arena,
	    "{\"model\":\"m\",%s}", rest), 0, &fault));
	return responses_decode(&b->talk, json_root(&b->doc));
}

static void
end(struct bench *b)
{
	buf_free(&b->out);
	arena_reset(&b->arena);
}

#define IN(items) "\"input\":[" items "]"
#define USER "{\"role\":\"user\",\"content\":\"x\"}"
#define TOOL(n) "{\"type\":\"function\",\"name\":\"" n "\"}"

static const struct row {
	const char	*body, *want, *losses;
} rows[] = {
	{ "\"input\":\"hi\",\"instructions\":\"be brief\"",
	    "first: text(be brief); user: text(hi); ", "" },
	{ "\"input\":\"\",\"instructions\":null", "user:; ", "" },
	/* messages */
	{ IN("{\"role\":\"developer\",\"content\":[{\"type\":\"input_text\","
	    "\"text\":\"a\"},{\"type\":\"input_text\",\"text\":\"b\"}]},"
	    "{\"role\":\"system\",\"content\":\"c\"}," USER ","
	    "{\"role\":\"developer\",\"content\":\"mid\"}," USER "," USER),
	    "first: text(a) text(b) text(c); user: text(x); "
	    "system: text(mid); user: text(x) text(x); ", "" },
	{ IN("{\"type\":\"message\",\"role\":\"assistant\",\"phase\":"
	    "\"commentary\",\"content\":[{\"type\":\"output_text\",\"text\":"
	    "\"a\"},{\"type\":\"refusal\",\"refusal\":\"b\"},"
	    "{\"type\":\"text\",\"text\":\"\"}]},{\"role\":\"assistant\","
	    "\"content\":\"c\"}"), "assistant: text(a phase=commentary) "
	    "refusal(b phase=commentary) text(c); ", "" },
	/* parts */
	{ IN("{\"role\":\"user\",\"content\":[{\"type\":\"input_image\","
	    "\"image_url\":\"data:image/png;base64,iVBORw0K\"},"
	    "{\"type\":\"input_image\",\"image_url\":\"https://x/y.jpg\","
	    "\"detail\":\"high\"},{\"type\":\"input_image\",\"image_url\":{"
	    "\"url\":\"data:;base64,QUJD\"}}]}"),
	    "user: image(data image/png iVBORw0K) image(url  https://x/y.jpg "
	    "detail=high) image(data image/png QUJD); ", "" },
	{ IN("{\"role\":\"user\",\"content\":[{\"type\":\"input_file\","
	    "\"filename\":\"a.pdf\",\"file_data\":\"JVBERi0=\"},"
	    "{\"type\":\"input_file\",\"filename\":\"b.txt\",\"file_data\":"
	    "\"data:text/plain;base64,aGk=\"},{\"type\":\"input_file\","
	    "\"filename\":\"c.csv\",\"file_data\":\"YSxi\"},"
	    "{\"type\":\"input_file\",\"file_url\":\"https://x/d\"},"
	    "{\"type\":\"input_file\",\"file_id\":\"f1\"}]}"),
	    "user: document(data application/pdf JVBERi0= name=a.pdf) "
	    "document(text text/plain hi name=b.txt) "
	    "document(text text/csv a,b name=c.csv) "
	    "document(url  https://x/d) document(id  f1); ", "" },
	{ IN("{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\","
	    "\"input_audio\":{\"data\":\"QUJD\",\"format\":\"mp3\"}},"
	    "{\"type\":\"input_text\",\"text\":\"a\","
	    "\"prompt_cache_breakpoint\":{\"ttl\":\"30m\"}}]}"),
	    "user: audio(data audio/mpeg QUJD) text(a cache={\"type\":"
	    "\"ephemeral\",\"ttl\":\"1h\"}); ", "" },
	/* calls and results */
	{ IN("{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"c1\","
	    "\"name\":\"f\",\"arguments\":\"\"},{\"type\":\"function_call\","
	    "\"id\":\"fc_2\",\"name\":\"g\",\"namespace\":\"ns\","
	    "\"arguments\":\"{\\\"a\\\":1,\"},{\"type\":"
	    "\"function_call_output\",\"call_id\":\"c1\",\"output\":\"\"},"
	    "{\"type\":\"function_call_output\",\"name\":\"g\",\"namespace\":"
	    "\"ns\",\"output\":[{\"type\":\"input_text\",\"text\":\"r\"},"
	    "{\"type\":\"input_image\",\"image_url\":"
	    "\"data:image/png;base64,QUJD\"}]}"),
	    "assistant: call(c1 f {}) call(fc_2 ns__g {\"a\":1}); "
	    "user: result(c1 ) result( ns__g)+text(r)+image(data image/png "
	    "QUJD); ", "input[1].arguments=adjusted; " },
	{ IN("{\"type\":\"custom_tool_call\",\"call_id\":\"c\",\"name\":"
	    "\"ns__p\",\"namespace\":\"ns\",\"input\":\"*** x\\n\"},"
	    "{\"type\":\"custom_tool_call_output\",\"call_id\":\"c\","
	    "\"output\":\"ok\"}"), "assistant: custom(c ns__p *** x\\n); "
	    "user: result(c )+text(ok); ", "" },
	{ IN("{\"type\":\"local_shell_call\",\"call_id\":\"c1\",\"action\":{"
	    "\"command\":[\"ls\"]}},{\"type\":\"local_shell_call_output\","
	    "\"id\":\"c1\",\"output\":\"a\"},{\"type\":\"shell_call\","
	    "\"call_id\":\"c2\",\"action\":{\"commands\":[]}},{\"type\":"
	    "\"shell_call_output\",\"call_id\":\"c2\",\"output\":[ {} ]}"),
	    "assistant: call(c1 local_shell {\"command\":[\"ls\"]}); "
	    "user: result(c1 )+text(a); "
	    "assistant: call(c2 shell {\"commands\":[]}); "
	    "user: result(c2 )+text([{}]); ", "" },
	{ IN("{\"type\":\"apply_patch_call\",\"call_id\":\"c\","
	    "\"operation\":{\"path\":\"a\"}},{\"type\":"
	    "\"apply_patch_call_output\",\"call_id\":\"c\",\"status\":"
	    "\"failed\",\"output\":\"no\"}"),
	    "assistant: call(c apply_patch {\"path\":\"a\"}); "
	    "user: error(c )+text(no); ", "" },
	{ IN("{\"type\":\"tool_search_call\",\"call_id\":\"c\",\"arguments\":"
	    "{\"query\":\"q\"}},{\"type\":\"tool_search_output\",\"call_id\":"
	    "\"c\",\"tools\":[" TOOL("w") "," TOOL("v") "]},{\"type\":"
	    "\"tool_search_output\",\"call_id\":\"d\",\"tools\":[]}"),
	    "assistant: call(c tool_search {\"query\":\"q\"}); user: "
	    "result(c )+text(Found: w, v) result(d )+text(No tool was found.)"
	    "; tools: function:w function:v; ", "" },
	/* what servers did */
	{ IN(USER ",{\"type\":\"web_search_call\",\"id\":\"ws\"},"
	    "{\"type\":\"mcp_call\",\"id\":\"m1\",\"server_label\":\"s\","
	    "\"name\":\"n\",\"arguments\":\"{}\",\"output\":\"o\"},"
	    "{\"type\":\"mcp_call\",\"id\":\"m2\",\"server_label\":\"s\","
	    "\"name\":\"n\",\"arguments\":\"{}\",\"error\":{\"code\":1}}"),
	    "user: text(x); assistant: call(m1 s__n {}); user: result(m1 )+"
	    "text(o); assistant: call(m2 s__n {}); user: error(m2 )+"
	    "text({\\\"code\\\":1}); ", "" },
	{ IN("{\"type\":\"image_generation_call\",\"result\":\"QUJD\"},"
	    "{\"type\":\"image_generation_call\",\"result\":null},{\"type\":"
	    "\"code_interpreter_call\",\"code\":\"1\",\"outputs\":[{\"logs\":"
	    "\"2\"}]}"), "assistant: image(data image/png QUJD) "
	    "text(```python\\n1\\n```\\n2); ", "" },
	/* thinking */
	{ IN("{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{\"text\":"
	    "\"a\"},{\"text\":\"b\"}],\"encrypted_content\":\"gAAA\"},"
	    "{\"type\":\"reasoning\",\"id\":\"rs_2\",\"summary\":[]},"
	    "{\"type\":\"reasoning\",\"id\":\"rs_3\",\"summary\":[],"
	    "\"content\":[{\"text\":\"c\"}]}"),
	    "assistant: think(a\\n\\nb o:gAAA item=rs_1) "
	    "think(c item=rs_3); ", "" },
	{ IN("{\"type\":\"reasoning\",\"summary\":[{\"text\":\"plan\"}],"
	    "\"encrypted_content\":\"gw1.a.r.dd5a5b7d.S.G\"},{\"type\":"
	    "\"reasoning\",\"summary\":[{\"text\":\"other\"}],"
	    "\"encrypted_content\":\"gw1.a.r.dd5a5b7d.SIG\"},{\"type\":"
	    "\"reasoning\",\"summary\":[],\"encrypted_content\":"
	    "\"gw1.o.r.00000000.rs_9:gAAA\"},{\"type\":\"reasoning\","
	    "\"summary\":[{\"text\":\"p\"}],\"encrypted_content\":"
	    "\"gw1.g.r.00000000.\"}"), "assistant: think(plan a:S.G) "
	    "think( o:gAAA item=rs_9) think(p g:); ",
	    "input[1].encrypted_content=dropped; " },
	{ IN("{\"type\":\"reasoning\",\"encrypted_content\":"
	    "\"gw1.a.d.00000000.D\"},{\"type\":\"reasoning\","
	    "\"encrypted_content\":\"gw1.x.e.00000000.eyJpZCI6ImkiLCJmb3JtYXQi"
	    "OiJmIiwiZGF0YSI6ImQifQ\"},{\"type\":\"reasoning\","
	    "\"encrypted_content\":\"gw1.x.h.00000000.aGk\"},{\"type\":"
	    "\"reasoning\",\"encrypted_content\":\"gw1.g.b.00000000.W3sidGV4"
	    "dCI6ImEiLCJzaWciOiJzIn0seyJkYXRhIjoiZCJ9XQ\"},{\"type\":"
	    "\"compaction\",\"encrypted_content\":\"gw1.a.d.00000000.E\"}"),
	    "assistant: redacted(D   a:) redacted(d i f x:) think(hi) "
	    "think(a g:s) redacted(d   g:) redacted(E   a:); ", "" },
	{ IN(USER ",{\"type\":\"reasoning\",\"encrypted_content\":"
	    "\"gw1.g.f.00000000.U0lH\"},{\"type\":\"function_call\","
	    "\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"},"
	    "{\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"f\","
	    "\"arguments\":\"{}\"},{\"type\":\"reasoning\","
	    "\"encrypted_content\":\"gw1.g.m.00000000.eyJjMSI6IkFWIn0\"}"),
	    "user: text(x); assistant: call(c f {} g:U0lH) "
	    "call(c1 f {} g:AV); ", "" },
	{ IN("{\"type\":\"reasoning\",\"encrypted_content\":"
	    "\"gw1.g.t.00000000.AV\"},{\"role\":\"assistant\",\"content\":"
	    "\"a\"},{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":"
	    "\"f\",\"arguments\":\"{}\"},{\"role\":\"assistant\",\"content\":"
	    "\"b\"},{\"type\":\"reasoning\",\"encrypted_content\":"
	    "\"gw1.g.t.00000000.AW\"}," USER), "assistant: text(a g:AV) "
	    "call(c f {}) text(b g:AW); user: text(x); ", "" },
	/* tools */
	{ IN(USER ",{\"type\":\"additional_tools\",\"role\":\"developer\","
	    "\"tools\":[{\"type\":\"namespace\",\"name\":\"ns\",\"tools\":["
	    "{\"type\":\"custom\",\"name\":\"e\",\"format\":{\"type\":"
	    "\"text\"}},{\"type\":\"function\",\"name\":\"f\",\"strict\":"
	    "false}]}," TOOL("f") "]}") ",\"tools\":[{\"type\":\"function\","
	    "\"name\":\"f\",\"strict\":true},{\"type\":\"function\","
	    "\"function\":{\"name\":\"h\",\"parameters\":{}}}]",
	    "user: text(x); tools: function:f strict function:h "
	    "custom:ns__e=ns/e {\"type\":\"text\"} function:ns__f=ns/f "
	    "loose; ", "" },
	{ "\"input\":\"x\",\"tools\":[{\"type\":\"local_shell\"},"
	    "{\"type\":\"shell\"},{\"type\":\"apply_patch\"},{\"type\":"
	    "\"tool_search\",\"execution\":\"client\"},{\"type\":"
	    "\"tool_search\"},{\"type\":\"web_search_preview_2025_03_11\"},"
	    "{\"type\":\"image_generation\"}]", "user: text(x); tools: "
	    "function local_shell:local_shell function shell:shell "
	    "function apply_patch:apply_patch "
	    "function tool_search:tool_search hosted:web_search "
	    "hosted:image_generation; ", "tools[4]=dropped; " },
	{ "\"input\":\"x\",\"tool_choice\":\"required\"", "user: text(x); ",
	    "" },
	{ "\"input\":\"x\",\"tools\":[" TOOL("f") "],\"tool_choice\":"
	    "\"required\"", "user: text(x); tools: function:f; choice any ; ",
	    "" },
	{ "\"input\":\"x\",\"tools\":[{\"type\":\"shell\"}],"
	    "\"tool_choice\":{\"type\":\"shell\"}", "user: text(x); tools: "
	    "function shell:shell; choice one shell; ", "" },
	{ "\"input\":\"x\",\"tools\":[" TOOL("f") "],\"tool_choice\":{"
	    "\"type\":\"allowed_tools\",\"mode\":\"required\",\"tools\":["
	    "{\"type\":\"function\",\"name\":\"f\"},{\"type\":\"function\","
	    "\"name\":\"g\"}]}", "user: text(x); tools: function:f; "
	    "choice allowed_any f; ", "tool_choice.tools[1]=dropped; " },
	/* form and thinking */
	{ "\"input\":\"x\",\"text\":{\"format\":{\"type\":\"json_schema\","
	    "\"name\":\"r\",\"schema\":{}}},\"reasoning\":{\"effort\":"
	    "\"xhigh\"}", "user: text(x); format 3 r {}; "
	    "reasoning effort=5 on=1 show=0; ", "" },
	{ "\"input\":\"x\",\"text\":{\"format\":{\"type\":\"json_schema\","
	    "\"json_schema\":{\"name\":\"r\",\"schema\":{}}}},"
	    "\"reasoning\":{\"effort\":\"none\",\"summary\":\"auto\"}",
	    "user: text(x); format 3 r {}; "
	    "reasoning effort=0 on=2 show=1; ", "" },
	{ IN(USER ",{\"type\":\"configuration_update\",\"reasoning\":{"
	    "\"effort\":\"low\"},\"text\":{\"format\":{\"type\":"
	    "\"json_object\"}}}") ",\"reasoning\":{\"effort\":\"ultra\"}",
	    "user: text(x); format 2  ; reasoning effort=2 on=1 show=0; ",
	    "" },
	{ "\"input\":\"x\",\"unheard\":1,\"store\":false,\"n\":null",
	    "user: text(x); ", "unheard=dropped; " },
};

static void
understood(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf losses = { 0 };
		struct bench b;

		printf("  %zu %.50s\n", i, rows[i].body);
		CHECK(decode(&b, rows[i].body, &protocol_messages));
		show(&b.out, b.talk.request);
		CHECK_BYTES(b.out.data, buf_len(&b.out), rows[i].want,
		    strlen(rows[i].want));
		for (const struct loss *l = b.talk.losses.first; l;
		    l = l->next)
			buf_fmt(&losses, "%.*s=%s; ", SLICE_FMT(l->path),
			    loss_action_name(l->action));
		CHECK_BYTES(losses.data, buf_len(&losses), rows[i].losses,
		    strlen(rows[i].losses));
		buf_free(&losses);
		end(&b);
	}
}

static void
scalars(void)
{
	struct bench b;
	const struct ir_request *r;

	CHECK(decode(&b, "\"input\":\"x\",\"stream\":true,\"temperature\":0.50,"
	    "\"top_p\":1e0,\"max_output_tokens\":77,\"top_logprobs\":2,"
	    "\"parallel_tool_calls\":false,\"prompt_cache_key\":\"k\","
	    "\"service_tier\":\"auto\",\"user\":\"u\",\"safety_identifier\":"
	    "\"s\",\"metadata\":{\"a\":\"b\"},\"text\":{\"verbosity\":"
	    "\"low\"}", &protocol_chat));
	r = b.talk.request;
	CHECK(r->stream && b.talk.stream && r->parallel == TRI_NO);
	CHECK(slice_is(r->temperature, "0.50") && slice_is(r->top_p, "1e0"));
	CHECK(slice_is(r->max_tokens, "77") && slice_is(r->cache_key, "k"));
	CHECK(slice_is(r->top_logprobs, "2") && r->logprobs == TRI_YES);
	CHECK(!r->tier.len && slice_is(r->user, "s"));
	CHECK(slice_is(r->metadata, "{\"a\":\"b\"}"));
	CHECK(slice_is(r->verbosity, "low"));
	end(&b);
}

/* What only OpenAI understands passes where it goes there. */
static void
kin(void)
{
	static const char body[] = IN(USER ",{\"type\":\"computer_call\","
	    "\"call_id\":\"c\"},{\"type\":\"computer_call_output\"},"
	    "{\"type\":\"brand_new\"},{\"type\":\"compaction\","
	    "\"encrypted_content\":\"gA\"},{\"role\":\"user\",\"content\":["
	    "{\"type\":\"input_image\",\"file_id\":\"f\"}]}")
	    ",\"background\":true,\"tools\":[{\"type\":\"mcp\"},"
	    "{\"type\":\"new\"}],\"tool_choice\":{\"type\":\"mcp\"},"
	    "\"unheard\":1";
	static const char want[] = "user: text(x); assistant: opaque("
	    "computer_call o:); user: opaque(computer_call_output o:); "
	    "assistant: opaque(brand_new o:) opaque(compaction o:); "
	    "user: image(id  f); tools: hosted:mcp hosted:new; "
	    "choice one mcp; ";
	struct bench b;

	CHECK(decode(&b, body, &protocol_responses));
	show(&b.out, b.talk.request);
	CHECK_BYTES(b.out.data, buf_len(&b.out), want, strlen(want));
	CHECK(!b.talk.losses.count);
	end(&b);
	CHECK(!decode(&b, body, &protocol_chat));
	CHECK(slice_is(b.talk.fail.code, "unsupported_parameter"));
	end(&b);
}

static void
recalled(void)
{
	struct bench b;

	CHECK(!decode(&b, "\"input\":\"x\",\"previous_response_id\":\"r\"",
	    &protocol_chat));
	CHECK(slice_is(b.talk.fail.code, "previous_response_not_found"));
	b.talk.fail = (struct fail){ 0 };
	b.talk.recalled = true;
	CHECK(responses_decode(&b.talk, json_root(&b.doc)));
	end(&b);
}

TESTS(
	{ "understood", understood },
	{ "scalars", scalars },
	{ "kin", kin },
	{ "recalled", recalled })
