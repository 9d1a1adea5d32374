/*
 * What a request says beside the conversation: who asks, at what tier, and
 * members that only some providers know.
 */
#include "base/hash.h"
#include "json/text.h"
#include "proto/chat/encode.h"
#include "proto/extra.h"
#include "proto/loss_members.h"

enum { USER_MAX = 64, CACHE_KEY_DIGITS = 32 };

enum {				/* sets of dialects */
#define D(name)	(1u << DIALECT_##name)
	OPENAIS = D(OPENAI) | D(OPENAI_REASONING),
	OPEN = D(GENERIC) | D(OPENAI) | D(OPENROUTER) | D(VLLM),
};

/*
 * Members of Chat that clients of other protocols send along, and who takes
 * them.  Those that the tree knows are not here.
 */
static const struct extra {
	const char	*name;
	unsigned	 dialects;
	bool		 quiet;		/* no answer is other without it */
} extras[] = {
	{ "logit_bias", OPEN, false },
	{ "prediction", OPENAIS, false },
	{ "store", OPENAIS, false },
	{ "prompt_cache_retention", OPENAIS, true },
	{ "prompt_cache_options", OPENAIS, true },
	{ "web_search_options", OPENAIS, false },
	{ "min_p", D(OPENROUTER) | D(VLLM), false },
	{ "top_a", D(OPENROUTER), false },
	{ "repetition_penalty", D(OPENROUTER) | D(VLLM) | D(QWEN), false },
	{ "provider", D(OPENROUTER), false },
	{ "models", D(OPENROUTER), false },
	{ "route", D(OPENROUTER), false },
	{ "transforms", D(OPENROUTER), false },
	{ "plugins", D(OPENROUTER), false },
	{ "session_id", D(OPENROUTER), true },
	{ "enable_search", D(QWEN), false },
	{ "search_options", D(QWEN), false },
	{ "preserve_thinking", D(QWEN), true },
	{ "vl_high_resolution_images", D(QWEN), false },
	{ "do_sample", D(GLM), false },
	{ "search_parameters", D(XAI), false },
	{ "safe_prompt", D(MISTRAL), false },
	{ "random_seed", D(MISTRAL), false },
	{ "prompt_mode", D(MISTRAL), false },
	{ "guided_json", D(VLLM), false },
	{ "guided_regex", D(VLLM), false },
	{ "guided_choice", D(VLLM), false },
	{ "guided_grammar", D(VLLM), false },
	{ "structured_outputs", D(VLLM), false },
	{ "length_penalty", D(VLLM), false },
	{ "min_tokens", D(VLLM), false },
	{ "ignore_eos", D(VLLM), false },
	{ "stop_token_ids", D(VLLM), false },
	{ "skip_special_tokens", D(VLLM), false },
	{ "priority", D(VLLM), true },
	{ "cache_salt", D(VLLM), true },
};

/* Who is more than a short plain name is told by a hash. */
static bool
is_plain_name(struct slice user)
{
	return user.len <= USER_MAX && slice_chr(user, '@') == SIZE_MAX &&
	    slice_chr(user, '{') == SIZE_MAX &&
	    slice_chr(user, '\\') == SIZE_MAX;
}

static struct slice
hashed(struct encoder *e, struct slice user, size_t digits)
{
	return sha256_hex(e->arena, text_unescape(e->arena, user), digits);
}

static void
put_user(struct encoder *e)
{
	struct slice user = e->request->user;

	if (!user.len || !e->quirks->user_field)
		return;
	write_member_text(&e->w, e->quirks->user_field, is_plain_name(user) ?
	    user : hashed(e, user, SHA256_HEX));
}

static void
put_cache_key(struct encoder *e)
{
	const struct ir_request *r = e->request;

	if (r->cache_key.len)
		write_member_text(&e->w, "prompt_cache_key", r->cache_key);
	else if (r->user.len && talk_options(e->talk)->user_cache_key)
		write_member_text(&e->w, "prompt_cache_key",
		    hashed(e, r->user, CACHE_KEY_DIGITS));
}

/* Speed is had for money at some providers, if the operator pays it. */
static void
put_tier(struct encoder *e)
{
	struct slice tier = e->request->tier;
	struct jval speed = jval_get(e->request->body, "speed");

	if (jval_text_is(speed, "fast")) {
		if (e->quirks->tier_ok && talk_options(e->talk)->fast_tier)
			tier = SLICE("priority");
		else
			loss_add(&e->talk->losses, e->arena, LOSS_DROPPED,
			    "speed");
	}
	if (tier.len && e->quirks->tier_ok)
		write_member_text(&e->w, "service_tier", tier);
}

/* Gemini's own members stand one level down. */
static void
put_google(struct encoder *e)
{
	struct jval google = jval_get(e->request->body, "google");

	if (!jval_is(google, JSON_OBJECT))
		return;
	write_key(&e->w, "extra_body");
	write_object(&e->w);
	write_key(&e->w, "google");
	write_min(&e->w, text_mend(e->arena, jval_raw(google)));
	write_end(&e->w);
}

/*
 * What Responses clients want kept is kept by the gateway, and what a client
 * wants tried in the place of its model may be tried here.
 */
static bool
is_done_here(const struct encoder *e, const char *name)
{
	const struct talk *talk = e->talk;

	if (talk->models_taken && slice_is(SLICE("models"), name))
		return true;
	return talk->client && talk->client->id == PROTO_RESPONSES &&
	    slice_is(SLICE("store"), name);
}

static void
put_extras(struct encoder *e)
{
	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
		struct jval v;

		if (!(extras[i].dialects & 1u << e->quirks->dialect))
			continue;
		v = jval_get(e->request->body, extras[i].name);
		if (!jval_ok(v) || is_done_here(e, extras[i].name))
			continue;
		write_key(&e->w, extras[i].name);
		write_min(&e->w, text_mend(e->arena, jval_raw(v)));
	}
	if (e->quirks->dialect == DIALECT_GEMINI)
		put_google(e);
}

/* Does this provider take that member, or is nothing missed without it? */
static bool
is_settled(const struct encoder *e, struct slice name, struct jval value)
{
	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++)
		if (slice_is(name, extras[i].name) && (extras[i].quiet ||
		    (extras[i].dialects & 1u << e->quirks->dialect)))
			return true;
	return (e->quirks->dialect == DIALECT_GEMINI &&
	    slice_is(name, "google")) || extra_is_hint(name, value);
}

/* What a Messages client put into its body that went nowhere. */
static void
name_left_out(struct encoder *e)
{
	struct jval body = e->request->body, k;

	for (k = jval_first(body); !jval_at_end(k); k = jval_next(k)) {
		struct slice name = jval_text(k);
		struct jval v = jval_value(k);

		if (!jval_ok(v) || loss_members_top(name) ||
		    ((jval_is(v, JSON_ARRAY) || jval_is(v, JSON_OBJECT)) &&
		    !jval_count(v)) || is_settled(e, name, v))
			continue;
		loss_member(&e->talk->losses, e->arena, "", name);
	}
}

void
chat_write_extras(struct encoder *e)
{
	const struct ir_request *r = e->request;

	put_user(e);
	if (e->quirks->cache == CACHE_COPY && r->cache.len)
		write_member_raw(&e->w, "cache_control", r->cache);
	put_tier(e);
	if (e->quirks->tier_ok)
		put_cache_key(e);
	if (e->quirks->tier_ok && r->verbosity.len)
		write_member_text(&e->w, "verbosity", r->verbosity);
	else if (r->verbosity.len && !slice_is(r->verbosity, "medium"))
		loss_add(&e->talk->losses, e->arena, LOSS_DROPPED,
		    "verbosity");
	put_extras(e);
	if (e->talk->client && e->talk->client->id == PROTO_MESSAGES)
		name_left_out(e);
}
