/*
 * What Responses refuses: each case breaks one rule of a good request.  They
 * are written with ' for ".
 */
#include "echo/archive.h"
#include "test.h"

struct sample {
	const char	*body;
	const char	*says;		/* in the refusal; NULL: it is good */
	const char	*param;		/* NULL: not looked at */
};

static struct slice
quoted(struct arena *arena, const char *body)
{
	char *text = arena_cstr(arena, slice_of(body));

	CHECK(text);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	return slice_of(text);
}

static void
try(const struct sample *samples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct sample *s = &samples[i];
		struct arena arena = { 0 };
		struct prompt a;
		struct fault fault = { 0 };
		const char *why = "";
		bool good;

		printf("    %s\n", s->body);
		CHECK(prompt_read(&a, &arena, DIALECT_RESPONSES,
		    quoted(&arena, s->body), &why));
		good = check_responses(&a, &fault, &arena);
		printf("    %.*s\n", SLICE_FMT(fault.message));
		CHECK(good == !s->says);
		CHECK(good || slice_find(fault.message, slice_of(s->says)) !=
		    SIZE_MAX);
		CHECK(!s->param || slice_is(fault.param, s->param));
		arena_reset(&arena);
	}
}

#define ASK(items) "{'model':'m','input':[" items "]}"
#define WITH(members) "{'model':'m','input':'x'," members "}"
#define USER "{'role':'user','content':'x'}"
#define PART(role, part) "{'role':'" role "','content':[" part "]}"
#define CALL(id) \
	"{'type':'function_call','call_id':'" id "','name':'f'," \
	"'arguments':'{}'}"
#define OUTPUT(id) \
	"{'type':'function_call_output','call_id':'" id "','output':'r'}"
#define ID64 "0123456789012345678901234567890123456789012345678901234567890123"

static void
items(void)
{
	static const struct sample samples[] = {
		{ "{'model':'m','input':'x'}", NULL, NULL },
		{ ASK(USER), NULL, NULL },
		{ ASK(USER "," CALL("a") "," CALL("b") "," OUTPUT("b") ","
		    OUTPUT("a")), NULL, NULL },
		{ ASK(CALL(ID64) "," OUTPUT(ID64)), NULL, NULL },
		{ ASK(CALL("x" ID64) "," OUTPUT("x" ID64)), "length 64",
		  "input[0].call_id" },
		{ ASK(OUTPUT("a")), "No tool call found for function call "
		  "output with call_id a", "input" },
		{ ASK(OUTPUT("a") "," CALL("a")), "No tool call found",
		  "input" },
		{ ASK(CALL("a") "," USER), "No tool output found for function "
		  "call a", "input" },
		{ ASK("{'type':'custom_tool_call','call_id':'a','name':'f',"
		    "'input':'x'}," OUTPUT("a")),
		  "No tool output found for custom tool call a", "input" },
		{ ASK("{'type':'function_call','call_id':'a','name':'f'}"),
		  "'input[0].arguments'", "input[0].arguments" },
		{ ASK("{'type':'function_call','id':'call_1','call_id':'a',"
		    "'name':'f','arguments':'{}'}"), "begins with 'fc'",
		  "input[0].id" },
		{ ASK("{'type':'call'}"), "'call'", "input[0]" },
		{ ASK("{'role':'tool','content':'x'}"), "'tool'",
		  "input[0].role" },
		{ ASK(PART("user", "{'type':'input_text','text':'x'}")), NULL,
		  NULL },
		{ ASK(PART("user", "{'type':'text','text':'x'}")), "'text'",
		  "input[0].content[0]" },
		{ ASK(PART("user", "{'type':'output_text','text':'x'}")),
		  "'output_text'", "input[0].content[0]" },
		{ ASK(PART("assistant", "{'type':'output_text'}")),
		  "'input[0].content[0].text'", NULL },
		{ ASK(PART("assistant", "{'type':'refusal','refusal':'x'}")),
		  NULL, NULL },
	};

	try(samples, sizeof samples / sizeof *samples);
}

static void
members(void)
{
	static const struct sample samples[] = {
		{ "{'input':'x'}", "'model'", "model" },
		{ "{'model':'m'}", "'input'", "input" },
		{ WITH("'messages':[]"), "'messages'", "messages" },
		{ WITH("'max_output_tokens':16"), NULL, NULL },
		{ WITH("'max_output_tokens':15"), ">= 16",
		  "max_output_tokens" },
		{ WITH("'text':{'format':{'type':'json_schema','schema':{}}}"),
		  "'text.format.name'", "text.format.name" },
		{ WITH("'tools':[{'type':'function','name':'f'},"
		    "{'type':'web_search'}]"), NULL, NULL },
		{ WITH("'tools':[{'type':'function','function':{'name':'f'}}]"),
		  "'tools[0].name'", "tools[0].name" },
		{ WITH("'tools':[{'type':'function','name':'f.g'}]"),
		  "pattern", "tools[0].name" },
		{ WITH("'tools':[{'name':'f'}]"), "'tools[0].type'", NULL },
	};

	try(samples, sizeof samples / sizeof *samples);
}

/* A call that began with a thought comes back with it; both are ours. */
static void
thoughts(void)
{
	static const char call[] = "{'type':'function_call','id':"
	    "'fc_1aaaaaaaabbbbbbbbbbbbbb0000','call_id':'a','name':'f',"
	    "'arguments':'{}'}," OUTPUT("a");
	static const char thought[] = "{'type':'reasoning','id':"
	    "'rs_1aaaaaaaabbbbbbbbbbbbbb0000','summary':[]%s%.*s%s},";
	struct arena arena = { 0 };
	struct slice seal = speech_seal(&arena, SLICE("so I think"));
	struct slice sealed = arena_fmt(&arena, thought,
	    ",'encrypted_content':'", SLICE_FMT(seal), "'");
	struct slice bare = arena_fmt(&arena, thought, "", 0, "", "");
	struct slice forged = arena_fmt(&arena, thought,
	    ",'encrypted_content':'AAAA", SLICE_FMT(seal), "'");
	const struct {
		struct slice	 thought;
		const char	*rest, *more, *says;
	} cases[] = {
		{ sealed, call, "", NULL },
		{ bare, call, "", NULL },
		{ bare, call, ",'store':false", "not found" },
		{ forged, call, "", "could not be verified" },
		{ { NULL, 0 }, call, "", "required 'reasoning' item" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice body = arena_fmt(&arena, "{'model':'m','input':"
		    "[%.*s%s]%s}", SLICE_FMT(cases[i].thought), cases[i].rest,
		    cases[i].more);
		struct sample sample = { .body = arena_cstr(&arena, body),
		    .says = cases[i].says };

		try(&sample, 1);
	}
	arena_reset(&arena);
}

/* ---- what is kept */

static struct prompt *
read_body(struct arena *arena, const char *body)
{
	struct prompt *a = arena_alloc(arena, sizeof *a);
	const char *why = "";

	CHECK(a && prompt_read(a, arena, DIALECT_RESPONSES, quoted(arena, body),
	    &why));
	return a;
}

/* Requests that name an answer, or an item, mean what was said before. */
static void
kept(void)
{
	struct arena arena = { 0 };
	struct archive *archive = arena_alloc(&arena, sizeof *archive);
	struct prompt *one = read_body(&arena, "{'model':'m','input':'hi'}");
	struct prompt *next = read_body(&arena, "{'model':'m','input':[" USER
	    "],'previous_response_id':'resp_1'}");
	struct prompt *named = read_body(&arena, ASK(USER
	    ",{'type':'item_reference','id':'msg_1'}"));
	struct prompt *lost = read_body(&arena, ASK("{'id':'msg_2'}"));
	struct fault fault = { 0 };

	CHECK(archive);
	CHECK(archive_resolve(archive, one, &fault, &arena));
	CHECK(!archive_resolve(archive, next, &fault, &arena));
	CHECK(slice_is(fault.code, "previous_response_not_found"));
	archive_keep(archive, one, SLICE("resp_1"), quoted(&arena,
	    "{'type':'message','id':'msg_1','role':'assistant'}"));
	CHECK(archive_resolve(archive, next, &fault, &arena));
	CHECK(jval_count(next->input) == 3);
	CHECK(jval_text_is(jval_get(jval_first(next->input), "content"), "hi"));
	CHECK(archive_resolve(archive, named, &fault, &arena));
	CHECK(jval_count(named->input) == 2);
	CHECK(jval_text_is(jval_get(jval_next(jval_first(named->input)),
	    "type"), "message"));
	fault = (struct fault){ 0 };
	CHECK(!archive_resolve(archive, lost, &fault, &arena));
	CHECK(fault.status == 404);
	for (int i = 0; i < ARCHIVE_KEPT; i++)
		archive_keep(archive, one, SLICE("resp_2"), SLICE("{}"));
	next = read_body(&arena, "{'model':'m','previous_response_id':"
	    "'resp_1'}");
	CHECK(!archive_resolve(archive, next, &fault, &arena));
	archive_free(archive);
	arena_reset(&arena);
}

TESTS(
	{ "items", items },
	{ "members", members },
	{ "thoughts", thoughts },
	{ "kept answers", kept })
