/*
 * generationConfig of a Gemini request: sampling, limits, the answer's form,
 * and how hard to think.
 */
#include <stddef.h>

#include "json/text.h"
#include "proto/gemini/decode.h"
#include "proto/number.h"

static const char known[] = "temperature topP topK maxOutputTokens "
    "stopSequences candidateCount seed presencePenalty frequencyPenalty "
    "responseLogprobs logprobs responseMimeType responseSchema "
    "responseJsonSchema responseFormat responseModalities thinkingConfig "
    "mediaResolution";

/* ---- numbers ---- */

static const struct {
	const char	*name;
	size_t		 offset;	/* of a slice in struct ir_request */
	bool		 whole;		/* an integer, however it is spelled */
} numbers[] = {
	{ "temperature", offsetof(struct ir_request, temperature), false },
	{ "topP", offsetof(struct ir_request, top_p), false },
	{ "topK", offsetof(struct ir_request, top_k), true },
	{ "maxOutputTokens", offsetof(struct ir_request, max_tokens), true },
	{ "candidateCount", offsetof(struct ir_request, n), true },
	{ "seed", offsetof(struct ir_request, seed), true },
	{ "presencePenalty", offsetof(struct ir_request, presence_penalty),
	    false },
	{ "frequencyPenalty", offsetof(struct ir_request, frequency_penalty),
	    false },
};

/* Rounded to an integer; exponents of a fraction are left alone. */
static struct slice
rounded(struct arena *arena, struct slice number)
{
	size_t dot = slice_chr(number, '.');
	uint64_t n;

	if (number_u64(number, &n))
		return arena_fmt(arena, "%llu", (unsigned long long)n);
	if (dot == SIZE_MAX || !slice_to_u64(slice_sub(number, 0, dot),
	    INT32_MAX, &n))
		return number;
	return arena_fmt(arena, "%llu", (unsigned long long)n +
	    (number.ptr[dot + 1] >= '5'));
}

static bool
refuse(struct decoding *d, const char *path, const char *what)
{
	return gemini_refuse(d, FAIL_INVALID, path, what);
}

static bool
read_numbers(struct decoding *d, struct jval config)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct jval v = proto3_get(config, numbers[i].name);
		struct slice number = proto3_number(v);
		struct slice *to = (struct slice *)(void *)
		    ((char *)d->request + numbers[i].offset);

		if (jval_ok(v) && !number.len)
			return refuse(d, numbers[i].name, "must be a number");
		if (jval_ok(v))
			*to = numbers[i].whole ? rounded(d->arena, number) :
			    number;
	}
	if (d->request->n.len && number_vs(d->request->n, "1") > 0 &&
	    !d->native)
		return refuse(d, NULL,
		    "Multiple candidates is not enabled for this model");
	return true;
}

static bool
read_stops(struct decoding *d, struct jval stops)
{
	struct proto3_items it;

	for (it = proto3_items(stops); proto3_more(&it); proto3_next(&it)) {
		if (!jval_is(it.at, JSON_STRING))
			return refuse(d, "generationConfig.stopSequences",
			    "must hold strings");
		if (jval_text(it.at).len && !ir_text_add(&d->request->stop,
		    d->arena, text_mend(d->arena, jval_text(it.at))))
			return false;
	}
	return true;
}

static void
read_logprobs(struct decoding *d, struct jval config)
{
	if (!jval_is_true(proto3_get(config, "responseLogprobs")))
		return;
	d->request->logprobs = TRI_YES;
	d->request->top_logprobs =
	    proto3_number(proto3_get(config, "logprobs"));
}

/* ---- thinking ---- */

static const struct {
	const char	*word;
	enum ir_effort	 effort;
} levels[] = {
	{ "MINIMAL", IR_EFFORT_MINIMAL }, { "LOW", IR_EFFORT_LOW },
	{ "MEDIUM", IR_EFFORT_MEDIUM }, { "HIGH", IR_EFFORT_HIGH },
};

static const struct {
	uint64_t	 most;		/* tokens */
	enum ir_effort	 effort;
} budgets[] = {
	{ 512, IR_EFFORT_MINIMAL }, { 1024, IR_EFFORT_LOW },
	{ 8192, IR_EFFORT_MEDIUM }, { 24576, IR_EFFORT_HIGH },
	{ UINT64_MAX, IR_EFFORT_XHIGH },
};

static void
set_budget(struct ir_reasoning *r, uint64_t tokens)
{
	size_t i = 0;

	while (tokens > budgets[i].most)
		i++;
	r->on = tokens ? TRI_YES : TRI_NO;
	r->budget = tokens;
	if (tokens && r->effort == IR_EFFORT_UNSET)
		r->effort = budgets[i].effort;
}

/* False: it is a number, but none that means anything. */
static bool
read_budget(struct ir_reasoning *r, struct slice number)
{
	uint64_t tokens;

	if (number_vs(number, "-1") == 0) {
		r->on = TRI_YES;
		r->adaptive = true;
	} else if (number_u64(number, &tokens)) {
		set_budget(r, tokens);
	} else {
		return false;
	}
	return true;
}

static bool
read_thinking(struct decoding *d, struct jval v)
{
	struct ir_reasoning *r = &d->request->reasoning;
	struct jval level = proto3_get(v, "thinkingLevel");
	struct jval show = proto3_get(v, "includeThoughts");
	struct slice budget = proto3_number(proto3_get(v, "thinkingBudget"));

	gemini_name_unknown(d, v, "thinkingLevel thinkingBudget "
	    "includeThoughts", "generationConfig.thinkingConfig");
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		if (proto3_word(level, levels[i].word)) {
			r->on = TRI_YES;
			r->effort = levels[i].effort;
		}
	if (budget.len && !read_budget(r, budget))
		return refuse(d, "generationConfig.thinkingConfig."
		    "thinkingBudget", "must be -1, 0 or a number of tokens");
	if (!jval_ok(show))
		return true;
	r->show = jval_is_true(show) ? TRI_YES : TRI_NO;
	d->request->show_thoughts = jval_is_true(show);
	/* Whoever wants to see thoughts wants the model to have some. */
	if (r->on == TRI_UNSET && jval_is_true(show)) {
		r->on = TRI_YES;
		r->adaptive = true;
	}
	return true;
}

/* ---- the answer's form ---- */

static bool
set_schema(struct decoding *d, struct jval schema)
{
	struct ir_request *r = d->request;

	r->format = IR_FORMAT_SCHEMA;
	r->format_name = SLICE("response");
	r->format_strict = TRI_NO;
	r->format_schema = gemini_plain_schema(d->arena, schema);
	return r->format_schema.len;
}

static bool
read_format(struct decoding *d, struct jval mime, struct jval schema)
{
	if (proto3_word(mime, "TEXT/X.ENUM"))
		return gemini_refuse(d, FAIL_UNSUPPORTED,
		    "generationConfig.responseMimeType", "text/x.enum needs a "
		    "model of Google's; use application/json with an enum");
	if (!proto3_word(mime, "APPLICATION/JSON"))
		return true;
	if (jval_is(schema, JSON_OBJECT))
		return set_schema(d, schema);
	d->request->format = IR_FORMAT_JSON;
	return true;
}

/* The newer spelling: a list of what each kind of answer looks like. */
static bool
read_formats(struct decoding *d, struct jval list)
{
	struct proto3_items it;

	for (it = proto3_items(list); proto3_more(&it); proto3_next(&it)) {
		struct jval text = jval_get(it.at, "text");

		if (!read_format(d, proto3_get(text, "mimeType"),
		    jval_get(text, "schema")))
			return false;
	}
	return true;
}

static bool
read_modalities(struct decoding *d, struct jval list)
{
	struct proto3_items it;

	for (it = proto3_items(list); proto3_more(&it) && !d->native;
	    proto3_next(&it))
		if (!proto3_word(it.at, "TEXT") &&
		    !proto3_word(it.at, "MODALITY_UNSPECIFIED"))
			return gemini_refuse(d, FAIL_UNSUPPORTED,
			    "generationConfig.responseModalities",
			    "this model answers in text only");
	return true;
}

static void
read_detail(struct decoding *d, struct jval v)
{
	if (proto3_word(v, "MEDIA_RESOLUTION_LOW"))
		d->detail = SLICE("low");
	else if (proto3_word(v, "MEDIA_RESOLUTION_HIGH"))
		d->detail = SLICE("high");
}

bool
gemini_read_config(struct decoding *d, struct jval config)
{
	struct jval schema = proto3_get(config, "responseJsonSchema");

	if (!jval_ok(config))
		return true;
	if (!jval_is(config, JSON_OBJECT))
		return refuse(d, "generationConfig", "must be an object");
	if (!jval_ok(schema))
		schema = proto3_get(config, "responseSchema");
	gemini_name_unknown(d, config, known, "generationConfig");
	read_logprobs(d, config);
	read_detail(d, proto3_get(config, "mediaResolution"));
	return read_numbers(d, config) &&
	    read_stops(d, proto3_get(config, "stopSequences")) &&
	    read_thinking(d, proto3_get(config, "thinkingConfig")) &&
	    read_modalities(d, proto3_get(config, "responseModalities")) &&
	    read_format(d, proto3_get(config, "responseMimeType"), schema) &&
	    read_formats(d, proto3_get(config, "responseFormat"));
}
