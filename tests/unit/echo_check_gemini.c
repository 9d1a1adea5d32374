/*
 * What Gemini refuses: each case breaks one rule of a good request.  They are
 * written with ' for ".
 */
#include "echo/check.h"

#include "test.h"

struct sample {
	const char	*body;
	const char	*says;		/* in the refusal; NULL: it is good */
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
try(const char *model, const struct sample *samples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct sample *s = &samples[i];
		struct arena arena = { 0 };
		struct prompt a;
		struct fault fault = { 0 };
		const char *why = "";
		bool good;

		printf("    %s\n", s->body);
		CHECK(prompt_read(&a, &arena, DIALECT_GEMINI,
		    quoted(&arena, s->body), &why));
		CHECK(prompt_address(&a, &arena, slice_of(model), false));
		good = check_gemini(&a, &fault, &arena);
		printf("    %.*s\n", SLICE_FMT(fault.message));
		CHECK(good == !s->says);
		CHECK(good || slice_find(fault.message, slice_of(s->says)) !=
		    SIZE_MAX);
		arena_reset(&arena);
	}
}

#define ASK(contents) "{'contents':[" contents "]}"
#define TURN(role, parts) "{'role':'" role "','parts':[" parts "]}"
#define USER TURN("user", "{'text':'x'}")
#define CALL(id, name) \
	"{'functionCall':{'id':'" id "','name':'" name "','args':{}}}"
#define ANSWER(id, name) \
	"{'functionResponse':{'id':'" id "','name':'" name "'," \
	"'response':{'output':'r'}}}"
#define SIGNED(name) \
	"{'functionCall':{'name':'" name "'},'thoughtSignature':" \
	"'skip_thought_signature_validator'}"
#define BARE(name) "{'functionCall':{'name':'" name "'}}"
#define REPLY(name) \
	"{'functionResponse':{'name':'" name "','response':{}}}"

static void
contents(void)
{
	static const struct sample samples[] = {
		{ ASK(USER), NULL },
		{ ASK(USER "," TURN("model", CALL("1", "f") ","
		    CALL("2", "g")) "," TURN("user", ANSWER("1", "f") ","
		    ANSWER("2", "g"))), NULL },
		{ "{}", "contents is not specified" },
		{ ASK(""), "contents is not specified" },
		{ "{'messages':[]}", "Unknown name \"messages\"" },
		{ ASK("{'role':'assistant','parts':[{'text':'x'}]}"),
		  "valid role: user, model" },
		{ ASK("{'role':'user','parts':[]}"), "must not be empty" },
		{ ASK(TURN("user", "{}")), "parts[0].data" },
		{ ASK(TURN("user", "{'text':'x','inlineData':{}}")),
		  "parts[0].data" },
		{ ASK(TURN("user", "{'inline_data':{}}")), NULL },
		{ ASK(USER "," TURN("model", CALL("1", "f"))), NULL },
		{ ASK(TURN("model", CALL("1", "f"))),
		  "function call turn comes immediately after" },
		{ ASK(USER "," TURN("model", CALL("1", "f")) "," USER),
		  "is equal to the number of function call parts" },
		{ ASK(USER "," TURN("model", CALL("1", "f")) ","
		    TURN("user", ANSWER("1", "f") "," ANSWER("2", "f"))),
		  "is equal to the number of function call parts" },
		{ ASK(TURN("user", ANSWER("1", "f"))),
		  "response turn comes immediately after" },
		{ ASK(USER "," TURN("model", CALL("1", "f")) ","
		    TURN("user", ANSWER("1", "g"))), "names and the ids" },
		{ ASK(USER "," TURN("model", CALL("1", "f")) ","
		    TURN("user", ANSWER("2", "f"))), "names and the ids" },
		{ ASK(USER "," TURN("model", "{'functionCall':{}}")),
		  "Name cannot be empty" },
		{ ASK(USER "," TURN("model", CALL("1", "f")) ","
		    TURN("user", "{'functionResponse':{'name':'f',"
		    "'response':'r'}}")), "function_response.response" },
	};

	try("gemini-2.5-flash", samples, sizeof samples / sizeof *samples);
}

/* In the turn that is going on the first call of each step is signed. */
static void
signatures(void)
{
	static const struct sample samples[] = {
		{ ASK(USER "," TURN("model", SIGNED("f") "," BARE("g")) ","
		    TURN("user", REPLY("f") "," REPLY("g"))), NULL },
		{ ASK(USER "," TURN("model", BARE("f")) ","
		    TURN("user", REPLY("f"))), "missing a thought_signature" },
		{ ASK(USER "," TURN("model", SIGNED("f")) ","
		    TURN("user", REPLY("f")) "," TURN("model", BARE("f")) ","
		    TURN("user", REPLY("f"))), "missing a thought_signature" },
		{ ASK(USER "," TURN("model", BARE("f")) ","
		    TURN("user", REPLY("f")) "," USER), NULL },
		{ ASK(USER "," TURN("model", "{'text':'x','thoughtSignature':"
		    "'AAAA'}") "," USER), "Corrupted thought signature" },
	};

	try("gemini-3-pro", samples, sizeof samples / sizeof *samples);
	try("gemini-2.5-pro", &(struct sample){ samples[1].body, NULL }, 1);
}

#define CONFIG(members) \
	"{'contents':[" USER "],'generationConfig':{" members "}}"
#define TOOL(members) \
	"{'contents':[" USER "],'tools':[{'functionDeclarations':[{" members \
	"}]}]}"

static void
members(void)
{
	static const struct sample samples[] = {
		{ CONFIG("'stopSequences':['1','2','3','4','5']"), NULL },
		{ CONFIG("'stopSequences':['1','2','3','4','5','6']"),
		  "more than 5" },
		{ CONFIG("'candidateCount':2"), "Multiple candidates" },
		{ CONFIG("'thinkingConfig':{'thinkingBudget':0,"
		    "'thinkingLevel':'LOW'}"), "thinking level" },
		{ CONFIG("'responseSchema':{'type':'OBJECT','$ref':'#'}"),
		  "Unknown name \"$ref\" at 'generation_config" },
		{ TOOL("'name':'f.g:h-1'"), NULL },
		{ TOOL("'name':'1f'"), "Invalid function name" },
		{ TOOL("'name':'f','parameters':{'type':'OBJECT','properties':"
		    "{'a':{'type':'STRING','enum':['x']}}}"), NULL },
		{ TOOL("'name':'f','parameters':{'type':'OBJECT','properties':"
		    "{'a':{'const':1}}}"), "parameters.properties[0].value" },
		{ TOOL("'name':'f','parameters':{'type':['OBJECT','NULL']}"),
		  "cannot start list" },
		{ TOOL("'name':'f','parametersJsonSchema':{'type':'object',"
		    "'additionalProperties':false,'$defs':{}}"), NULL },
		{ TOOL("'name':'f','parameters':{},"
		    "'parametersJsonSchema':{}"), "only one of" },
	};

	try("gemini-3-pro", samples, sizeof samples / sizeof *samples);
}

TESTS(
	{ "contents", contents },
	{ "signatures", signatures },
	{ "members", members })
