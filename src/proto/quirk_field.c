#include "proto/quirk_field.h"

#include <stdio.h>
#include <string.h>

#include "json/bind.h"
#include "json/text.h"
#include "proto/ir.h"
#include "proto/reason.h"

enum { NAME_LEAST = 16 };

#define AT(field)	offsetof(struct quirks, field)
#define FLAG(name, field, says) \
	{ name, FIELD_IS_FLAG, AT(field), NULL, says, NULL }
#define TAKES(name, field, says, members) \
	{ name, FIELD_IS_FLAG, AT(field), NULL, says, members }
#define BYTE(name, field, says) \
	{ name, FIELD_IS_BYTE, AT(field), NULL, says, NULL }
#define NUMBER(name, field, says) \
	{ name, FIELD_IS_NUMBER, AT(field), NULL, says, NULL }
#define TEXT(name, field, says) \
	{ name, FIELD_IS_TEXT, AT(field), NULL, says, NULL }
#define WORD(name, field, words, says) \
	{ name, FIELD_IS_WORD, AT(field), words, says, NULL }

static const struct quirk_field fields[] = {
	NUMBER("max_output", max_output, "tokens of the longest answer"),
	NUMBER("default_output", default_output,
	    "tokens, where a limit is needed and none was named"),
	NUMBER("context", context, "tokens of request and answer together"),
	TEXT("max_field", max_field, "member that limits the answer"),
	FLAG("max_field_only", max_field_only,
	    "its other name is refused or ignored"),
	TAKES("temperature", sampling, "temperature and top_p are taken",
	    "temperature top_p"),
	TAKES("top_k", top_k_ok, "top_k is taken", "top_k"),
	TAKES("seed", seed_ok, "seed is taken", "seed"),
	TAKES("penalties", penalties_ok, "penalties are taken",
	    "frequency_penalty presence_penalty"),
	TAKES("logprobs", logprobs_ok, "logprobs are told",
	    "logprobs top_logprobs"),
	FLAG("n", n_ok, "several answers to one request"),
	FLAG("stop", stop_ok, "stop sequences are taken"),
	BYTE("stop_max", stop_max, "how many stop sequences"),
	BYTE("stop_bytes", stop_bytes, "bytes of the longest; 0: any"),
	FLAG("stops_counted", stops_counted,
	    "more or longer ones are refused"),
	FLAG("stream_usage", stream_usage,
	    "stream_options.include_usage is taken"),
	FLAG("json_schema", schema_format, "response_format json_schema"),
	FLAG("no_json_object", no_object_format,
	    "response_format json_object is refused"),
	TAKES("service_tier", tier_ok, "service_tier and verbosity",
	    "service_tier verbosity"),
	TEXT("user_field", user_field, "member that names an end user"),
	WORD("cache", cache, "none copy breakpoint", "cache marks"),
	WORD("reasoning", reason,
	    "none effort thinking enable_thinking openrouter template ollama",
	    "how it is told to think"),
	{ "efforts", FIELD_IS_EFFORTS, AT(efforts_sent), NULL,
	    "levels of effort that it has", NULL },
	TEXT("effort_off", effort_off, "the level that says: do not think"),
	FLAG("effort_off_thinks", effort_off_thinks,
	    "it then still thinks a little"),
	FLAG("effort_alone", effort_alone, "effort is sent if only that is "
	    "said"),
	FLAG("efforts_only", efforts_only, "other levels are refused"),
	FLAG("always_thinks", always_thinks, "nothing turns thinking off"),
	FLAG("thinks_unasked", thinks_unasked, "it thinks if nothing is said"),
	FLAG("samples_at_rest", samples_at_rest,
	    "takes temperature while it does not think"),
	FLAG("tools_need_no_reasoning", tools_need_no_reasoning,
	    "with tools it cannot think"),
	FLAG("thinks_or_forces", thinks_or_forces,
	    "while it thinks it cannot be forced to call a tool"),
	TEXT("reason_own", reason_own, "members that tell it to think"),
	TEXT("reason_field", reason_field, "where its thinking goes back"),
	WORD("replay", replay, "no tools always", "must thinking go back?"),
	TEXT("replay_placeholder", replay_placeholder,
	    "stands for thinking that is lost"),
	FLAG("keep_thinking", keep_thinking, "asked to keep what goes back"),
	FLAG("reasoning_details", reasoning_details,
	    "signed thinking goes back as reasoning_details"),
	FLAG("signed_calls", signed_calls, "calls carry signatures"),
	FLAG("sentinel_calls", sentinel_calls, "a first call needs one"),
	FLAG("developer_role", developer_role, "system prompts are of role "
	    "developer"),
	FLAG("no_developer", no_developer, "role developer is refused"),
	FLAG("mid_system", mid_system_chat, "system messages amid others"),
	FLAG("system_first", system_first, "... are refused"),
	TEXT("message_refused", message_refused,
	    "members of the assistant's messages that are refused"),
	FLAG("no_names", no_names, "names of messages are refused"),
	FLAG("vision", vision, "can be shown images"),
	FLAG("pdf", pdf, "can be shown PDFs"),
	FLAG("no_empty_tool_content", no_empty_tool_content,
	    "results must not be empty"),
	TEXT("prefill_field", prefill_field, "says: go on with this answer"),
	FLAG("forced_choice", forced_choice, "can be forced to call a tool"),
	FLAG("forced_refused", forced_refused, "... an error where not"),
	FLAG("choice_words", choice_words, "tool_choice names no tool"),
	TAKES("parallel_tool_calls", parallel_param,
	    "parallel_tool_calls is taken", "parallel_tool_calls"),
	FLAG("strict_tools", strict_ok, "strict schemas of tools"),
	FLAG("raw_ids", raw_ids, "ids of calls go back as they came"),
	BYTE("id_max", id_max, "bytes of an id"),
	BYTE("id_exact", id_exact, "letters and digits of an id; 0: any"),
	BYTE("name_max", name_max, "bytes of a tool's name"),
	FLAG("known", known, "Claude: this model's row is certain"),
	{ "thinking", FIELD_IS_BITS, AT(think),
	    "adaptive enabled disabled between_tools",
	    "Claude: kinds of thinking that it takes", NULL },
	FLAG("thinking_shown", think_shown, "Claude: shown unasked"),
	FLAG("effort_with_budget", effort_with_budget,
	    "Claude: effort beside a budget"),
	FLAG("rest_to_high", rest_to_high,
	    "Claude: no effort above high while it does not think"),
	FLAG("forced_tools", force, "Claude: can be forced to call a tool"),
	FLAG("prefill", prefill, "an answer that is begun is gone on with"),
	FLAG("mid_system_claude", mid_system, "Claude: system messages amid "
	    "others"),
	FLAG("output_schema", schema_output, "Claude: output_config.format"),
	FLAG("bound_thinking", bound_thinking,
	    "Claude: thinking belongs to what came before it"),
};

const struct quirk_field *
quirk_fields(size_t *count)
{
	*count = sizeof fields / sizeof *fields;
	return fields;
}

/* The nearest name is looked for in the form that json_nearest() knows. */
static const char *
nearest(struct slice name)
{
	struct field names[sizeof fields / sizeof *fields + 1] = { 0 };

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		names[i].name = fields[i].name;
	return json_nearest(names, name);
}

const struct quirk_field *
quirk_field_find(struct slice name, const char **near)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (slice_is(name, fields[i].name))
			return &fields[i];
	*near = nearest(name);
	return NULL;
}

/* Which of the words is it?  -1: none. */
static int
word_at(const char *words, struct slice word)
{
	struct slice rest = slice_of(words);

	for (int i = 0; rest.ptr; i++)
		if (slice_eq(slice_cut(&rest, ' '), word))
			return i;
	return -1;
}

static const char *
read_bits(const char *words, struct jval list, uint64_t *bits)
{
	if (!jval_is(list, JSON_ARRAY))
		return words;
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v)) {
		int at = word_at(words, jval_text(v));

		if (at < 0)
			return words;
		*bits |= 1ull << at;
	}
	return NULL;
}

/* By level the word that stands for it: itself, or the nearest there is. */
static const char *
read_efforts(struct arena *arena, struct jval list, struct quirk_setting *s)
{
	static const char words[] = "minimal low medium high xhigh max";
	const char **sent = arena_array(arena, IR_EFFORT_MAX + 1,
	    sizeof *sent);
	const char *want = read_bits(words, list, &s->number);

	s->number <<= IR_EFFORT_MINIMAL;
	for (unsigned e = IR_EFFORT_MINIMAL; sent && !want &&
	    e <= IR_EFFORT_MAX; e++) {
		enum ir_effort near = reason_nearest((unsigned)s->number,
		    (enum ir_effort)e);

		if (near != IR_EFFORT_UNSET)
			sent[e] = reason_effort_name(near);
	}
	s->words = sent;
	return sent || want ? want : "less than all memory";
}

/* A shorter name of a tool would have no room for its hash. */
static const char *
read_byte(const struct quirk_field *f, struct jval v, struct quirk_setting *s)
{
	bool name = f->offset == AT(name_max);

	if (jval_u64(v, &s->number) && s->number <= UINT8_MAX &&
	    (!name || s->number >= NAME_LEAST))
		return NULL;
	return name ? "a number from 16 to 255" : "a number up to 255";
}

static const char *
read_text(struct arena *arena, const struct quirk_field *f, struct jval v,
    struct quirk_setting *s)
{
	if (jval_is(v, JSON_NULL) && f->offset != AT(max_field))
		return NULL;
	if (jval_is(v, JSON_STRING))
		s->text = arena_cstr(arena, text_unescape(arena,
		    jval_text(v)));
	return s->text ? NULL : "a string";
}

static const char *
read_word(const struct quirk_field *f, struct jval v, struct quirk_setting *s)
{
	int at = word_at(f->words, jval_text(v));

	s->number = at < 0 ? 0 : (uint64_t)at;
	return at < 0 || !jval_is(v, JSON_STRING) ? f->words : NULL;
}

const char *
quirk_field_read(struct arena *arena, const struct quirk_field *f,
    struct jval v, struct quirk_setting *s)
{
	*s = (struct quirk_setting){ .field = f };
	switch (f->type) {
	case FIELD_IS_FLAG:
		s->number = jval_is_true(v);
		return s->number || jval_is(v, JSON_FALSE) ? NULL :
		    "true or false";
	case FIELD_IS_BYTE:
		return read_byte(f, v, s);
	case FIELD_IS_NUMBER:
		return jval_u64(v, &s->number) ? NULL : "a number";
	case FIELD_IS_TEXT:
		return read_text(arena, f, v, s);
	case FIELD_IS_WORD:
		return read_word(f, v, s);
	case FIELD_IS_BITS:
		return read_bits(f->words, v, &s->number);
	case FIELD_IS_EFFORTS:
		return read_efforts(arena, v, s);
	}
	return NULL;
}

static void *
place(const struct quirks *q, const struct quirk_field *f)
{
	return (char *)(uintptr_t)q + f->offset;
}

void
quirk_field_set(struct quirks *q, const struct quirk_setting *s)
{
	void *at = place(q, s->field);

	switch (s->field->type) {
	case FIELD_IS_FLAG:
		*(bool *)at = s->number;
		break;
	case FIELD_IS_BYTE:
		*(uint8_t *)at = (uint8_t)s->number;
		break;
	case FIELD_IS_NUMBER:
		*(uint64_t *)at = s->number;
		break;
	case FIELD_IS_TEXT:
		*(const char **)at = s->text;
		break;
	case FIELD_IS_WORD:
	case FIELD_IS_BITS:
		*(unsigned *)at = (unsigned)s->number;
		break;
	case FIELD_IS_EFFORTS:
		q->efforts_sent = s->words;
		q->efforts = (uint8_t)s->number;
		break;
	}
}

/* Words of `words` whose bit is set, as a list. */
static int
print_bits(char *out, size_t size, const char *words, uint64_t bits)
{
	struct slice rest = slice_of(words);
	size_t n = 0;

	for (int i = 0; rest.ptr && n < size; i++) {
		struct slice word = slice_cut(&rest, ' ');

		if (bits >> i & 1)
			n += (size_t)snprintf(out + n, size - n, "%s%.*s",
			    n ? "+" : "", SLICE_FMT(word));
	}
	return (int)(n < size ? n : size - 1);
}

static int
print_word(char *out, size_t size, const char *words, unsigned value)
{
	struct slice rest = slice_of(words), word = { 0 };

	for (unsigned i = 0; i <= value; i++)
		word = slice_cut(&rest, ' ');
	return snprintf(out, size, "%.*s", SLICE_FMT(word));
}

/* The levels that are sent as themselves. */
static uint64_t
own_efforts(const struct quirks *q)
{
	uint64_t bits = 0;

	for (unsigned e = IR_EFFORT_MINIMAL; e <= IR_EFFORT_MAX; e++)
		if (q->dialect == DIALECT_ANTHROPIC ? q->efforts >> e & 1 :
		    q->efforts_sent[e] && !strcmp(q->efforts_sent[e],
		    reason_effort_name((enum ir_effort)e)))
			bits |= 1ull << (e - IR_EFFORT_MINIMAL);
	return bits;
}

struct slice
quirk_field_text(const struct quirks *q, const struct quirk_field *f,
    char *out, size_t size)
{
	const void *at = place(q, f);
	const char *text;
	int n = 0;

	switch (f->type) {
	case FIELD_IS_FLAG:
		n = snprintf(out, size, *(const bool *)at ? "true" : "false");
		break;
	case FIELD_IS_BYTE:
		n = snprintf(out, size, "%u", *(const uint8_t *)at);
		break;
	case FIELD_IS_NUMBER:
		n = snprintf(out, size, "%llu",
		    (unsigned long long)*(const uint64_t *)at);
		break;
	case FIELD_IS_TEXT:
		text = *(const char *const *)at;
		n = snprintf(out, size, text ? "\"%s\"" : "%s",
		    text ? text : "null");
		break;
	case FIELD_IS_WORD:
		n = print_word(out, size, f->words, *(const unsigned *)at);
		break;
	case FIELD_IS_BITS:
		n = print_bits(out, size, f->words, *(const unsigned *)at);
		break;
	case FIELD_IS_EFFORTS:
		n = print_bits(out, size, "minimal low medium high xhigh max",
		    own_efforts(q));
		break;
	}
	return (struct slice){ out, n < 0 ? 0 : (size_t)n < size ?
	    (size_t)n : size - 1 };
}

bool
quirk_field_same(const struct quirk_field *f, const struct quirks *a,
    const struct quirks *b)
{
	char one[128], other[128];

	return slice_eq(quirk_field_text(a, f, one, sizeof one),
	    quirk_field_text(b, f, other, sizeof other));
}
