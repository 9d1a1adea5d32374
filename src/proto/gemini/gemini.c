#include "proto/gemini/gemini.h"

#include "proto/gemini/family.h"
#include "proto/gemini/proto3.h"
#include "proto/pass.h"

bool
gemini_is_wrapped(struct slice signature)
{
	return slice_starts(signature, SLICE("Z3cxL"));	/* "gw1." */
}

/* ---- bodies that are only passed on ---- */

/*
 * What other vendors signed is no signature to Google, which insists on one
 * where a call is the first of its turn: this stands for none.
 */
static void
drop_envelope(struct splice *splice, struct jval part)
{
	struct jval v = proto3_get(part, "thoughtSignature");

	if (!gemini_is_wrapped(jval_text(v)))
		return;
	splice_value(splice, v,
	    jval_ok(proto3_get(part, "functionCall")) ?
	    SLICE("\"skip_thought_signature_validator\"") : SLICE("\"\""));
}

static void
drop_envelopes(struct splice *splice, struct jval contents)
{
	struct proto3_items content, part;

	for (content = proto3_items(contents); proto3_more(&content);
	    proto3_next(&content))
		for (part = proto3_items(jval_get(content.at, "parts"));
		    proto3_more(&part); proto3_next(&part))
			drop_envelope(splice, part.at);
}

static bool
has(struct jval content, const char *kind)
{
	struct proto3_items part;

	for (part = proto3_items(jval_get(content, "parts"));
	    proto3_more(&part); proto3_next(&part))
		if (jval_ok(proto3_get(part.at, kind)))
			return true;
	return false;
}

/* Answers of other vendors brought calls without any signature. */
static void
sign_step(struct splice *splice, struct jval content)
{
	struct proto3_items part;

	for (part = proto3_items(jval_get(content, "parts"));
	    proto3_more(&part); proto3_next(&part)) {
		if (!jval_ok(proto3_get(part.at, "functionCall")))
			continue;
		if (!jval_ok(proto3_get(part.at, "thoughtSignature")))
			splice_set(splice, part.at, "thoughtSignature",
			    SLICE("\"skip_thought_signature_validator\""));
		return;
	}
}

/* The turn that goes on begins where the user last said something himself. */
static void
sign_turn(struct splice *splice, struct jval contents)
{
	struct proto3_items content;
	uint32_t begin = 0;

	for (content = proto3_items(contents); proto3_more(&content);
	    proto3_next(&content))
		if (!jval_text_is(jval_get(content.at, "role"), "model") &&
		    !has(content.at, "functionResponse"))
			begin = content.at.at;
	for (content = proto3_items(contents); proto3_more(&content);
	    proto3_next(&content))
		if (content.at.at > begin &&
		    jval_text_is(jval_get(content.at, "role"), "model"))
			sign_step(splice, content.at);
}

/* The model is named in the address, and by some clients in the body, too. */
static void
set_model(struct talk *talk, struct splice *splice, struct jval body)
{
	struct jval v = jval_get(body, "model");

	if (jval_is(v, JSON_STRING))
		splice_value(splice, v, arena_fmt(talk->arena, "\"%s%.*s\"",
		    slice_starts(jval_text(v), SLICE("models/")) ? "models/" :
		    "", SLICE_FMT(talk->model)));
}

bool
gemini_pass(struct talk *talk, struct jval body, struct splice *splice)
{
	struct jval inner = proto3_get(body, "generateContentRequest");

	splice->arena = talk->arena;
	set_model(talk, splice, body);
	drop_envelopes(splice, proto3_get(body, "contents"));
	if (family_of(talk->model).generation >= FAMILY_SIGNS)
		sign_turn(splice, proto3_get(body, "contents"));
	if (jval_ok(inner)) {
		set_model(talk, splice, inner);
		drop_envelopes(splice, proto3_get(inner, "contents"));
	}
	return !(talk->arena->failed || splice->failed) ||
	    fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
	    "Out of memory.");
}

bool
gemini_peek(struct talk *talk, struct jval body)
{
	if (!jval_is(body, JSON_OBJECT))
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID, NULL,
		    "The request body must be a JSON object.");
	return pass_once(talk, body);
}

const struct protocol protocol_gemini = {
	.id = PROTO_GEMINI,
	.name = "gemini",
	.path = "/models/{model}:generateContent",
	.path_stream = "/models/{model}:streamGenerateContent?alt=sse",
	.path_count = "/models/{model}:countTokens",
	.count_member = "totalTokens",
	.vendor = IR_GOOGLE,
	.decode = gemini_decode,
	.encode = gemini_encode,
	.pass = gemini_pass,
	.peek = gemini_peek,
	.source = gemini_source,
	.sink_stream = gemini_sink_stream,
	.sink_whole = gemini_sink_whole,
	.error = gemini_error,
	.keep_alive = SLICE_INIT("\r\n"),
};
