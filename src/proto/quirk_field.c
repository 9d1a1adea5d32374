#include "proto/quirk_field.h"

#include <stdio.h>
#include <string.h>

#include "json/bind.h"
#include "json/text.h"
#include "proto/ir.h"
#include "proto/reason.h"

enum { NAME_LEAST = 16 };

#define AT(field)	offsetof(struct quirks, field)
#define FLAG(name, field) \
	{ name, FIELD_IS_FLAG, AT(field), NULL, NULL }
#define TAKES(name, field, members) \
	{ name, FIELD_IS_FLAG, AT(field), NULL, members }
#define BYTE(name, field)	{ name, FIELD_IS_BYTE, AT(field), NULL, NULL }
#define NUMBER(name, field) \
	{ name, FIELD_IS_NUMBER, AT(field), NULL, NULL }
#define TEXT(name, field)	{ name, FIELD_IS_TEXT, AT(field), NULL, NULL }
#define WORD(name, field, words) \
	{ name, FIELD_IS_WORD, AT(field), words, NULL }

/* What each means stands at the field itself, and in the README. */
static const struct quirk_field fields[] = {
	NUMBER("max_output", max_output),
	NUMBER("default_output", default_output),
	NUMBER("context", context),
	TEXT("max_field", max_field),
	FLAG("max_field_only", max_field_only),
	TAKES("temperature", sampling, "temperature top_p"),
	TAKES("top_k", top_k_ok, "top_k"),
	TAKES("seed", seed_ok, "seed"),
	TAKES("penalties", penalties_ok, "frequency_penalty presence_penalty"),
	TAKES("logprobs", logprobs_ok, "logprobs top_logprobs"),
	FLAG("n", n_ok),
	FLAG("stop", stop_ok),
	BYTE("stop_max", stop_max),
	BYTE("stop_bytes", stop_bytes),
	FLAG("stops_counted", stops_counted),
	FLAG("stream_usage", stream_usage),
	FLAG("json_schema", schema_format),
	FLAG("no_json_object", no_object_format),
	TAKES("service_tier", tier_ok, "service_tier verbosity"),
	TEXT("user_field", user_field),
	WORD("cache", cache, "none copy breakpoint"),
	WORD("reasoning", reason,
	    "none effort thinking enable_thinking openrouter template ollama"),
	{ "efforts", FIELD_IS_EFFORTS, AT(efforts_sent), NULL, NULL },
	TEXT("effort_off", effort_off),
	FLAG("effort_off_thinks", effort_off_thinks),
	FLAG("effort_alone", effort_alone),
	FLAG("efforts_only", efforts_only),
	FLAG("always_thinks", always_thinks),
	FLAG("thinks_unasked", thinks_unasked),
	FLAG("samples_at_rest", samples_at_rest),
	FLAG("tools_need_no_reasoning", tools_need_no_reasoning),
	FLAG("thinks_or_forces", thinks_or_forces),
	TEXT("reason_own", reason_own),
	TEXT("reason_field", reason_field),
	WORD("replay", replay, "no tools always"),
	TEXT("replay_placeholder", replay_placeholder),
	FLAG("keep_thinking", keep_thinking),
	FLAG("reasoning_details", reasoning_details),
	FLAG("signed_calls", signed_calls),
	FLAG("sentinel_calls", sentinel_calls),
	FLAG("developer_role", developer_role),
	FLAG("no_developer", no_developer),
	FLAG("mid_system", mid_system_chat),
	FLAG("system_first", system_first),
	TEXT("message_refused", message_refused),
	TEXT("schema_refused", schema_refused),
	FLAG("no_names", no_names),
	FLAG("vision", vision),
	FLAG("pdf", pdf),
	FLAG("no_empty_tool_content", no_empty_tool_content),
	TEXT("prefill_field", prefill_field),
	FLAG("forced_choice", forced_choice),
	FLAG("forced_refused", forced_refused),
	FLAG("choice_words", choice_words),
	TAKES("parallel_tool_calls", parallel_param, "parallel_tool_calls"),
	FLAG("strict_tools", strict_ok),
	FLAG("raw_ids", raw_ids),
	BYTE("id_max", id_max),
	BYTE("id_exact", id_exact),
	BYTE("name_max", name_max),
	FLAG("responses_only", responses_only),
	TAKES("store", store_ok, "store"),
	TAKES("sealed_reasoning", seals, "include"),
	FLAG("no_summary", no_summary),
	FLAG("custom_tools", custom_ok),
	/* Claude's */
	FLAG("known", known),
	{ "thinking", FIELD_IS_BITS, AT(think),
	    "adaptive enabled disabled between_tools", NULL },
	FLAG("thinks_by_default", think_default),
	FLAG("thinking_shown", think_shown),
	FLAG("effort_with_budget", effort_with_budget),
	FLAG("rest_to_high", rest_to_high),
	FLAG("forced_tools", force),
	FLAG("prefill", prefill),
	FLAG("system_amid", mid_system),
	FLAG("output_schema", schema_output),
	FLAG("bound_thinking", bound_thinking),
};

bool
quirk_field_claudes(const struct quirk_field *f)
{
	return f->type == FIELD_IS_EFFORTS || f->offset < AT(max_field);
}

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
