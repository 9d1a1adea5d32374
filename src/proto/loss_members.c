/*
 * A shape says what an object may hold.  Where that depends on a word in it, a
 * message's role or a part's type, there is one kind for each word, and one
 * without a word for all others; a kind without `known` is not looked into.
 *
 * `known` lists, with one space between them, the members that are read and
 * those whose loss changes nothing: the usual ones first, as it is searched
 * from the front.
 */
#include "proto/loss_members.h"

#include <stdio.h>

#include "base/check.h"
#include "proto/proto.h"

enum { DEPTH_MAX = 6, PATH_PART_MAX = 32 };

struct shape;

struct child {
	const char	*member;	/* NULL: no more */
	const struct shape *shape;	/* of the object, or of an array's */
};

struct kind {
	const char	*word;		/* NULL: any other, and the last */
	const char	*known;
	const struct child *children;	/* or NULL */
};

struct shape {
	const char	*by;		/* the member with the word, or NULL */
	const struct kind *kinds;
};

#define CHILDREN(...)	(const struct child[]){ __VA_ARGS__, { 0 } }
#define LEAF(words)	{ NULL, (const struct kind[]){ { NULL, words, NULL } } }

#define MARKS	" cache_control prompt_cache_breakpoint"

/* ---- Chat ---- */

static const struct shape chat_url = LEAF("url detail");
static const struct shape chat_file = LEAF("file_data filename file_id");
static const struct shape chat_audio = LEAF("data format");
static const struct shape chat_named_arguments = LEAF("name arguments");
static const struct shape chat_named_input = LEAF("name input");
static const struct shape chat_name = LEAF("name");

static const struct kind chat_part_kinds[] = {
	{ "text", "type text" MARKS, NULL },
	{ "image_url", "type image_url" MARKS,
	    CHILDREN({ "image_url", &chat_url }) },
	{ "file", "type file" MARKS, CHILDREN({ "file", &chat_file }) },
	{ "input_text", "type text" MARKS, NULL },
	{ "output_text", "type text" MARKS, NULL },
	{ "refusal", "type refusal" MARKS, NULL },
	{ "input_audio", "type input_audio" MARKS,
	    CHILDREN({ "input_audio", &chat_audio }) },
	{ "video_url", "type video_url" MARKS,
	    CHILDREN({ "video_url", &chat_url }) },
	{ "tool_use", "type id name input" MARKS, NULL },
	{ "tool_result", "type tool_use_id content is_error" MARKS, NULL },
	{ NULL, NULL, NULL },
};
static const struct shape chat_part = { "type", chat_part_kinds };

static const struct kind chat_call_kinds[] = {
	{ NULL, "id type function index custom extra_content" MARKS,
	    CHILDREN({ "function", &chat_named_arguments },
	    { "custom", &chat_named_input }) },
};
static const struct shape chat_call = { NULL, chat_call_kinds };

static const struct child chat_content[] = {
	{ "content", &chat_part }, { 0 }
};

static const struct kind chat_message_kinds[] = {
	{ "assistant", "role content tool_calls reasoning_content reasoning "
	    "reasoning_details thinking_blocks refusal name audio "
	    "extra_content function_call prefix partial" MARKS,
	    CHILDREN({ "content", &chat_part }, { "tool_calls", &chat_call },
	    { "function_call", &chat_named_arguments }) },
	{ "tool", "role tool_call_id content name is_error status" MARKS,
	    chat_content },
	{ "function", "role name content is_error status" MARKS,
	    chat_content },
	{ NULL, "role content name" MARKS, chat_content },
};
static const struct shape chat_message = { "role", chat_message_kinds };

#define FUNCTION	"name description parameters strict"
#define TOOL_EXTRAS	" defer_loading eager_input_streaming input_examples " \
			"allowed_callers"

static const struct shape chat_function = LEAF(FUNCTION);
static const struct shape chat_custom = LEAF("name description format");

static const struct kind chat_tool_kinds[] = {
	{ "function", "type function " FUNCTION " input_schema" TOOL_EXTRAS
	    MARKS, CHILDREN({ "function", &chat_function }) },
	{ "custom", "type custom name description format input_schema strict"
	    TOOL_EXTRAS MARKS, CHILDREN({ "custom", &chat_custom }) },
	{ NULL, NULL, NULL },		/* travels as it is */
};
static const struct shape chat_tool = { "type", chat_tool_kinds };
static const struct shape chat_legacy = LEAF(FUNCTION);

static const struct kind chat_allowed_kinds[] = {
	{ NULL, "mode tools", NULL },
};
static const struct shape chat_allowed = { NULL, chat_allowed_kinds };

static const struct kind chat_choice_kinds[] = {
	{ NULL, "type function name custom allowed_tools mode tools "
	    "disable_parallel_tool_use", CHILDREN({ "function", &chat_name },
	    { "custom", &chat_name }, { "allowed_tools", &chat_allowed }) },
};
static const struct shape chat_choice = { NULL, chat_choice_kinds };

static const struct shape chat_schema =
    LEAF("name strict schema description");
static const struct kind chat_format_kinds[] = {
	{ NULL, "type json_schema",
	    CHILDREN({ "json_schema", &chat_schema }) },
};
static const struct shape chat_format = { NULL, chat_format_kinds };

static const struct shape chat_place =
    LEAF("city region country timezone type");
static const struct kind chat_location_kinds[] = {
	{ NULL, "type approximate city region country timezone",
	    CHILDREN({ "approximate", &chat_place }) },
};
static const struct shape chat_location = { NULL, chat_location_kinds };
static const struct kind chat_search_kinds[] = {
	{ NULL, "search_context_size user_location",
	    CHILDREN({ "user_location", &chat_location }) },
};
static const struct shape chat_search = { NULL, chat_search_kinds };

static const struct shape thinking =
    LEAF("type budget_tokens display block_binding");
static const struct shape reasoning =
    LEAF("effort max_tokens enabled exclude summary generate_summary");
static const struct shape template = LEAF("enable_thinking thinking");
static const struct shape effort = LEAF("effort");
static const struct shape stream_options =
    LEAF("include_usage include_obfuscation continuous_usage_stats");
static const struct shape cache_options = LEAF("mode ttl");

static const struct child chat_body[] = {
	{ "messages", &chat_message },
	{ "tools", &chat_tool },
	{ "functions", &chat_legacy },
	{ "tool_choice", &chat_choice },
	{ "function_call", &chat_name },
	{ "response_format", &chat_format },
	{ "web_search_options", &chat_search },
	{ "stream_options", &stream_options },
	{ "prompt_cache_options", &cache_options },
	{ "thinking", &thinking },
	{ "reasoning", &reasoning },
	{ "chat_template_kwargs", &template },
	{ "output_config", &effort },
	{ 0 }
};

/* ---- Messages ---- */

#define MARK	" cache_control"

static const struct kind passage_kinds[] = {
	{ "text", "type text citations" MARK, NULL },
	{ "image", "type source" MARK, NULL },
	{ NULL, NULL, NULL },
};
static const struct shape passage = { "type", passage_kinds };

static const struct kind source_kinds[] = {
	{ NULL, "type media_type data url file_id content",
	    CHILDREN({ "content", &passage }) },
};
static const struct shape source = { NULL, source_kinds };

static const struct child sourced[] = { { "source", &source }, { 0 } };

/* What a result or a document may hold. */
static const struct kind inner_kinds[] = {
	{ "text", "type text citations" MARK, NULL },
	{ "image", "type source" MARK, sourced },
	{ "document", "type source title context citations" MARK, sourced },
	{ "search_result", "type source title content citations" MARK,
	    CHILDREN({ "content", &passage }) },
	{ "tool_reference", "type tool_name" MARK, NULL },
	{ NULL, NULL, NULL },
};
static const struct shape inner = { "type", inner_kinds };

/* Server's blocks and the like are kept or lost as a whole. */
static const struct kind block_kinds[] = {
	{ "text", "type text citations" MARK, NULL },
	{ "tool_use", "type id name input caller toolset_name" MARK, NULL },
	{ "tool_result", "type tool_use_id content is_error toolset_name" MARK,
	    CHILDREN({ "content", &inner }) },
	{ "thinking", "type thinking signature" MARK, NULL },
	{ "redacted_thinking", "type data" MARK, NULL },
	{ "image", "type source" MARK, sourced },
	{ "document", "type source title context citations" MARK, sourced },
	{ "search_result", "type source title content citations" MARK,
	    CHILDREN({ "content", &passage }) },
	{ NULL, NULL, NULL },
};
static const struct shape block = { "type", block_kinds };

static const struct child blocks[] = { { "content", &block }, { 0 } };
static const struct kind message_kinds[] = {
	{ "system", "role content clear_at output_config", blocks },
	{ NULL, "role content", blocks },
};
static const struct shape message = { "role", message_kinds };

#define TOOL	"name description input_schema type strict cache_control " \
		"input_examples eager_input_streaming defer_loading " \
		"allowed_callers"
static const struct kind tool_kinds[] = {
	{ "custom", TOOL, NULL },
	{ "bash_20250124", TOOL, NULL },
	{ "memory_20250818", TOOL, NULL },
	{ "text_editor_20250124", TOOL, NULL },
	{ "text_editor_20250429", TOOL, NULL },
	{ "text_editor_20250728", TOOL, NULL },
	{ "", TOOL, NULL },		/* no type */
	{ NULL, NULL, NULL },		/* its vendor's: lost as a whole */
};
static const struct shape tool = { "type", tool_kinds };

static const struct shape choice =
    LEAF("type name disable_parallel_tool_use");
static const struct shape format = LEAF("type schema name strict");
static const struct kind output_kinds[] = {
	{ NULL, "effort format task_budget",
	    CHILDREN({ "format", &format }) },
};
static const struct shape output = { NULL, output_kinds };
static const struct shape metadata = LEAF("user_id");

static const struct child messages_body[] = {
	{ "messages", &message },
	{ "system", &passage },
	{ "tools", &tool },
	{ "tool_choice", &choice },
	{ "thinking", &thinking },
	{ "output_config", &output },
	{ "output_format", &format },
	{ "response_format", &chat_format },
	{ "metadata", &metadata },
	{ "reasoning", &reasoning },
	{ 0 }
};

/*
 * The top level: what is read, Chat's spellings of it too, and what has no
 * effect elsewhere.
 */
static const char messages_top[] =
    "model messages system tools tool_choice max_tokens temperature top_p "
    "top_k stop_sequences stream metadata service_tier thinking output_config "
    "output_format cache_control speed container mcp_servers compaction "
    "thread context_management diagnostics inference_geo billing_policy "
    "fallback_credit_token user_profile_id workspace_id fallbacks betas "
    "anthropic_version anthropic_beta extra_body "
    "seed frequency_penalty presence_penalty verbosity prompt_cache_key "
    "safety_identifier user parallel_tool_calls response_format reasoning "
    "reasoning_effort enable_thinking thinking_budget chat_template_kwargs";

/* ---- Responses ---- */

/* What clients that go on with an answer send back of it, beside the item. */
#define ECHOED	" id status created_by"

static const struct kind input_part_kinds[] = {
	{ "input_text", "type text" MARKS, NULL },
	{ "output_text", "type text logprobs parsed" MARKS, NULL },
	{ "text", "type text" MARKS, NULL },
	{ "refusal", "type refusal" MARKS, NULL },
	{ "input_image", "type image_url detail file_id" MARKS,
	    CHILDREN({ "image_url", &chat_url }) },
	{ "image_url", "type image_url detail file_id" MARKS,
	    CHILDREN({ "image_url", &chat_url }) },
	{ "input_file", "type file_data filename file_url file_id" MARKS,
	    NULL },
	{ "input_audio", "type input_audio" MARKS,
	    CHILDREN({ "input_audio", &chat_audio }) },
	{ NULL, NULL, NULL },
};
static const struct shape input_part = { "type", input_part_kinds };

static const struct shape custom_format =
    LEAF("type syntax definition grammar");

#define FUNCTIONS	{ "function", "type name description parameters " \
			    "strict function defer_loading", \
			    CHILDREN({ "function", &chat_function }) }, \
			{ "custom", "type name description format " \
			    "defer_loading", \
			    CHILDREN({ "format", &custom_format }) }

static const struct kind spaced_tool_kinds[] = {
	FUNCTIONS,
	{ NULL, NULL, NULL },
};
static const struct shape spaced_tool = { "type", spaced_tool_kinds };

static const struct kind input_tool_kinds[] = {
	FUNCTIONS,
	{ "namespace", "type name description tools",
	    CHILDREN({ "tools", &spaced_tool }) },
	{ "tool_search", "type execution description parameters", NULL },
	{ "local_shell", "type", NULL },
	{ "shell", "type", NULL },
	{ "apply_patch", "type", NULL },
	{ NULL, NULL, NULL },		/* its vendor's: lost as a whole */
};
static const struct shape input_tool = { "type", input_tool_kinds };

static const struct shape thought = LEAF("type text");
static const struct child said[] = { { "content", &input_part }, { 0 } };
static const struct child given[] = { { "output", &input_part }, { 0 } };
static const struct child found[] = { { "tools", &input_tool }, { 0 } };

#define MESSAGE	"type role content phase" ECHOED
#define RESULT	"type call_id output name namespace" ECHOED

static const struct kind item_kinds[] = {
	{ "message", MESSAGE, said },
	{ "", MESSAGE, said },		/* no type */
	{ "function_call", "type call_id name arguments namespace "
	    "parsed_arguments" ECHOED, NULL },
	{ "function_call_output", RESULT, given },
	{ "reasoning", "type summary content encrypted_content" ECHOED,
	    CHILDREN({ "summary", &thought }, { "content", &thought }) },
	{ "custom_tool_call", "type call_id name input namespace" ECHOED,
	    NULL },
	{ "custom_tool_call_output", RESULT, given },
	{ "additional_tools", "type role tools" ECHOED, found },
	{ "tool_search_call", "type call_id execution arguments" ECHOED,
	    NULL },
	{ "tool_search_output", "type call_id execution tools" ECHOED,
	    found },
	{ "local_shell_call", "type call_id action" ECHOED, NULL },
	{ "local_shell_call_output", RESULT, NULL },
	{ "shell_call", "type call_id action" ECHOED, NULL },
	{ "shell_call_output", RESULT " max_output_length", NULL },
	{ "apply_patch_call", "type call_id operation" ECHOED, NULL },
	{ "apply_patch_call_output", RESULT, NULL },
	{ "configuration_update", "type reasoning text" ECHOED, NULL },
	{ NULL, NULL, NULL },		/* kept, or lost as a whole */
};
static const struct shape item = { "type", item_kinds };

static const struct shape input_choice = LEAF("type name namespace mode tools");
static const struct shape input_format =
    LEAF("type name schema strict description json_schema");
static const struct kind text_kinds[] = {
	{ NULL, "format verbosity", CHILDREN({ "format", &input_format }) },
};
static const struct shape text = { NULL, text_kinds };
static const struct shape input_reasoning =
    LEAF("effort summary generate_summary context mode");

static const struct child responses_body[] = {
	{ "input", &item },
	{ "tools", &input_tool },
	{ "tool_choice", &input_choice },
	{ "text", &text },
	{ "reasoning", &input_reasoning },
	{ "stream_options", &stream_options },
	{ "prompt_cache_options", &cache_options },
	{ 0 }
};

/* ---- the walk ---- */

struct walk {
	struct losses	*losses;
	struct arena	*arena;
};

/* Where the walk is; printed only if there is something to say. */
struct place {
	const struct place *up;
	const char	*member;
	bool		 listed;
	unsigned	 i;		/* among the list's */
	unsigned	 depth;
};

static size_t
print_place(const struct place *place, char *path)
{
	size_t n = 0;

	/* As deep as the tables above, not as the client's body. */
	if (place->up) {
		n = print_place(place->up, path);
		path[n++] = '.';
	}
	n += (size_t)snprintf(path + n, PATH_PART_MAX, "%s", place->member);
	if (place->listed)
		n += (size_t)snprintf(path + n, PATH_PART_MAX, "[%u]",
		    place->i);
	return n;
}

static const struct kind *
choose(const struct shape *shape, struct jval v)
{
	const struct kind *kind = shape->kinds;
	struct slice word;

	if (!shape->by)
		return kind;
	word = jval_text(jval_get(v, shape->by));
	while (kind->word && !slice_is(word, kind->word))
		kind++;
	return kind;
}

static void	walk_member(const struct walk *, const struct kind *,
		    struct jval key, const struct place *up);

static void
walk_object(const struct walk *w, const struct shape *shape, struct jval v,
    const struct place *place)
{
	char path[DEPTH_MAX * 2 * PATH_PART_MAX];
	const struct kind *kind;

	if (!jval_is(v, JSON_OBJECT))
		return;
	kind = choose(shape, v);
	if (!kind->known)
		return;
	if (!loss_knows(v, kind->known)) {
		print_place(place, path);
		loss_unknown(w->losses, w->arena, v, kind->known, "%s", path);
	}
	if (!kind->children)
		return;
	for (struct jval k = jval_first(v); !jval_at_end(k); k = jval_next(k))
		walk_member(w, kind, k, place);
}

static void
walk_member(const struct walk *w, const struct kind *kind, struct jval key,
    const struct place *up)
{
	struct place place = { .up = up, .depth = up ? up->depth + 1 : 0 };
	const struct child *child = kind->children;
	struct slice name = jval_text(key);
	struct jval held = jval_value(key), v;
	bool listed = jval_is(held, JSON_ARRAY);

	if (!listed && !jval_is(held, JSON_OBJECT))
		return;
	while (child->member && !slice_is(name, child->member))
		child++;
	if (!child->member)
		return;
	CHECK(place.depth < DEPTH_MAX);
	place.member = child->member;
	place.listed = listed;
	if (!listed) {
		walk_object(w, child->shape, held, &place);
		return;
	}
	for (v = jval_first(held); !jval_at_end(v);
	    v = jval_next(v)) {
		walk_object(w, child->shape, v, &place);
		place.i++;
	}
}

/* Ways on which a body is written anew; else it goes on as it is. */
static const unsigned translations = 0xffffu &
    ~(LOSS_WAY(PROTO_CHAT, PROTO_CHAT) |
    LOSS_WAY(PROTO_MESSAGES, PROTO_MESSAGES) |
    LOSS_WAY(PROTO_RESPONSES, PROTO_RESPONSES) |
    LOSS_WAY(PROTO_GEMINI, PROTO_GEMINI));

static void
name(struct losses *losses, struct arena *arena, struct jval body,
    const struct child *children)
{
	const struct kind kind = { NULL, NULL, children };
	const struct walk w = { losses, arena };
	struct jval k;

	if (!(losses->way & translations))
		return;
	for (k = jval_first(body); !jval_at_end(k); k = jval_next(k))
		walk_member(&w, &kind, k, NULL);
}

void
loss_members_chat(struct losses *losses, struct arena *arena, struct jval body)
{
	name(losses, arena, body, chat_body);
}

void
loss_members_messages(struct losses *losses, struct arena *arena,
    struct jval body)
{
	name(losses, arena, body, messages_body);
}

void
loss_members_responses(struct losses *losses, struct arena *arena,
    struct jval body)
{
	name(losses, arena, body, responses_body);
}

bool
loss_members_top(struct slice name)
{
	struct slice rest = slice_of(messages_top);

	while (rest.ptr)
		if (slice_eq(slice_cut(&rest, ' '), name))
			return true;
	return false;
}
