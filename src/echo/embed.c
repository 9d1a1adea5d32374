/*
 * A component of a vector is plus or minus a power of two: numbers that can be
 * written as text and as bits without calculating with them.
 */
#include "echo/embed.h"

#include "base/hash.h"
#include "echo/compose.h"
#include "echo/prompt_form.h"
#include "json/write.h"

enum {
	COMPONENTS = 8,			/* unless more or fewer are wanted */
	COMPONENTS_MAX = 4096,
	FLOAT_BYTES = 4,
	SIGN = 0x80, POWER = 0x03,	/* of a byte of the hash */
};

/* 2^-1 to 2^-4. */
static const struct {
	struct slice	positive, negative;
	uint8_t		bits[2];	/* the upper ones of a float32 */
} powers[] = {
	{ SLICE_INIT("0.5"), SLICE_INIT("-0.5"), { 0x00, 0x3f } },
	{ SLICE_INIT("0.25"), SLICE_INIT("-0.25"), { 0x80, 0x3e } },
	{ SLICE_INIT("0.125"), SLICE_INIT("-0.125"), { 0x00, 0x3e } },
	{ SLICE_INIT("0.0625"), SLICE_INIT("-0.0625"), { 0x80, 0x3d } },
};

static void
write_numbers(struct writer *w, const uint8_t *sum, uint64_t n)
{
	write_array(w);
	for (uint64_t i = 0; i < n; i++) {
		uint8_t byte = sum[i % SHA256_LEN];

		write_raw(w, byte & SIGN ? powers[byte & POWER].negative
		    : powers[byte & POWER].positive);
	}
	write_end(w);
}

/* The same as base64 of little-endian float32. */
static void
write_base64(struct writer *w, struct arena *arena, const uint8_t *sum,
    uint64_t n)
{
	char *bytes = arena_text(arena, (size_t)n * FLOAT_BYTES + 1);

	if (!bytes)
		return;
	for (uint64_t i = 0; i < n; i++) {
		uint8_t byte = sum[i % SHA256_LEN];
		const uint8_t *bits = powers[byte & POWER].bits;
		char *at = bytes + i * FLOAT_BYTES;

		at[0] = at[1] = 0;
		at[2] = (char)bits[0];
		at[3] = (char)(bits[1] | (byte & SIGN));
	}
	write_string(w, base64_encode(arena,
	    (struct slice){ bytes, (size_t)n * FLOAT_BYTES }));
}

static uint64_t
components(struct jval wish)
{
	uint64_t n;

	return jval_u64(wish, &n) && n && n <= COMPONENTS_MAX ? n : COMPONENTS;
}

/* ---- OpenAI ---- */

static void
write_embedding(struct writer *w, struct visit *v, const struct prompt *a,
    struct jval text, uint64_t i)
{
	uint64_t n = components(jval_get(a->root, "dimensions"));
	uint8_t sum[SHA256_LEN];

	sha256(jval_raw(text), sum);
	write_object(w);
	write_member_plain(w, "object", "embedding");
	write_member_u64(w, "index", i);
	write_key(w, "embedding");
	if (jval_text_is(jval_get(a->root, "encoding_format"), "base64"))
		write_base64(w, &v->arena, sum, n);
	else
		write_numbers(w, sum, n);
	write_end(w);
}

void
embed_openai(struct visit *v)
{
	struct prompt *a = compose_prompt(v, DIALECT_CHAT);
	struct writer w = { .out = &v->feed.bytes };
	uint64_t i = 0;

	if (!a)
		return;
	if (!jval_ok(a->input)) {
		compose_status(v, DIALECT_CHAT, 400,
		    SLICE("Missing required parameter: 'input'."));
		return;
	}
	write_object(&w);
	write_member_plain(&w, "object", "list");
	write_key(&w, "data");
	write_array(&w);
	if (!jval_is(a->input, JSON_ARRAY))
		write_embedding(&w, v, a, a->input, i);
	else
		for (struct jval t = jval_first(a->input); !jval_at_end(t);
		    t = jval_next(t))
			write_embedding(&w, v, a, t, i++);
	write_end(&w);
	write_key(&w, "model");
	write_string(&w, a->name);
	write_member_raw(&w, "usage",
	    SLICE("{\"prompt_tokens\":1,\"total_tokens\":1}"));
	write_end(&w);
	v->tokens_in = 1;
	feed_mark(&v->feed);
}

/* ---- Gemini ---- */

static void
write_values(struct writer *w, struct jval request)
{
	struct jval content = jval_get(request, "content");
	uint8_t sum[SHA256_LEN];

	sha256(jval_raw(jval_get(content, "parts")), sum);
	write_object(w);
	write_key(w, "values");
	write_numbers(w, sum, components(prompt_get(request,
	    "outputDimensionality")));
	write_end(w);
}

void
embed_one(struct visit *v, struct slice model)
{
	struct prompt *a = compose_prompt(v, DIALECT_GEMINI);
	struct writer w = { .out = &v->feed.bytes };

	(void)model;
	if (!a)
		return;
	write_object(&w);
	write_key(&w, "embedding");
	write_values(&w, a->root);
	write_end(&w);
	feed_mark(&v->feed);
}

void
embed_many(struct visit *v, struct slice model)
{
	struct prompt *a = compose_prompt(v, DIALECT_GEMINI);
	struct writer w = { .out = &v->feed.bytes };
	struct jval requests;

	(void)model;
	if (!a)
		return;
	requests = jval_get(a->root, "requests");
	write_object(&w);
	write_key(&w, "embeddings");
	write_array(&w);
	for (struct jval r = jval_first(requests); !jval_at_end(r);
	    r = jval_next(r))
		write_values(&w, r);
	write_end(&w);
	write_end(&w);
	feed_mark(&v->feed);
}
