/*
 * The order of members: what stays the same from turn to turn of a
 * conversation comes first and the messages come last, so that the body of
 * one turn is the beginning of the next one's.  Providers and proxies that
 * remember prefixes find it again.
 */
#include "proto/messages/messages.h"

#include "base/hash.h"
#include "json/text.h"
#include "proto/choices.h"
#include "proto/extra.h"
#include "proto/messages/encode.h"
#include "proto/number.h"
#include "proto/reason.h"
#include "proto/remember.h"
#include "proto/schema.h"

enum {
	LIMIT_DEFAULT = 32000, USER_MAX = 256,
	WHOLE_MAX = 21333,	/* tokens that ten minutes suffice for */
};

void
messages_lost(struct encoder *e, enum loss_action action, const char *name)
{
	loss_add(&e->talk->losses, e->arena, action, "%s", name);
}

static bool
bad(struct encoder *e, const char *member, const char *what)
{
	return fail_set(&e->talk->fail, e->arena, FAIL_INVALID, member,
	    "%s %s.", member, what);
}

/* --- limits and sampling -------------------------------------------------- */

/* Chat has two names for it, of which the newer counts. */
static const char *
limit_name(const struct encoder *e)
{
	static const char newer[] = "max_completion_tokens";

	return jval_ok(jval_get(e->request.body, newer)) ? newer :
	    "max_tokens";
}

static bool
plan_limit(struct encoder *e)
{
	uint64_t most = e->quirks->max_output;

	if (!e->request.max_tokens.len) {
		e->own_limit = true;
		e->max_tokens = talk_options(e->talk)->default_max_tokens;
		if (!e->max_tokens)
			e->max_tokens = e->quirks->default_output ?
			    e->quirks->default_output : LIMIT_DEFAULT;
	} else if (!number_u64(e->request.max_tokens, &e->max_tokens) ||
	    !e->max_tokens) {
		return bad(e, "max_tokens", "must be an integer of at least 1");
	}
	if (most && e->max_tokens > most) {
		e->max_tokens = most;
		if (!e->own_limit)
			messages_lost(e, LOSS_CLAMPED, limit_name(e));
	}
	return true;
}

/* A sampling parameter that the model refuses; its default value is no loss. */
static struct slice
without(struct encoder *e, const char *name, bool is_default)
{
	if (!is_default)
		messages_lost(e, LOSS_DROPPED, name);
	return (struct slice){ 0 };
}

static bool
plan_temperature(struct encoder *e)
{
	struct slice *t = &e->request.temperature;

	if (!t->len)
		return true;
	if (!e->quirks->sampling) {
		*t = without(e, "temperature", number_vs(*t, "1") == 0);
		return true;
	}
	if (number_vs(*t, "0") < 0 || number_vs(*t, "2") > 0)
		return bad(e, "temperature", "must be from 0 to 2");
	if (e->think.in_force) {
		*t = without(e, "temperature", number_vs(*t, "1") == 0);
	} else if (number_vs(*t, "1") > 0) {
		*t = SLICE("1");
		messages_lost(e, LOSS_CLAMPED, "temperature");
	}
	return true;
}

static bool
plan_top_p(struct encoder *e)
{
	struct slice *p = &e->request.top_p;

	if (!p->len)
		return true;
	if (number_vs(*p, "0") < 0 || number_vs(*p, "1") > 0)
		return bad(e, "top_p", "must be from 0 to 1");
	if (!e->quirks->sampling)
		*p = without(e, "top_p", number_vs(*p, "0.99") >= 0);
	else if (e->think.in_force ? number_vs(*p, "0.95") < 0 :
	    e->request.temperature.len > 0)
		*p = without(e, "top_p", false);
	return true;
}

static void
plan_top_k(struct encoder *e)
{
	struct slice *k = &e->request.top_k;
	uint64_t n;

	if (k->len && (!e->quirks->sampling || e->think.in_force ||
	    !number_u64(*k, &n) || n == 0))
		*k = without(e, "top_k", false);
}

/* What Messages has no word for. */
static void
name_losses(struct encoder *e)
{
	const struct ir_request *r = &e->request;
	const struct {
		const char	*name;
		struct slice	 value;
	} numbers[] = {
		{ "frequency_penalty", r->frequency_penalty },
		{ "presence_penalty", r->presence_penalty },
		{ "top_logprobs", r->top_logprobs },
	};

	if (r->seed.len)
		messages_lost(e, LOSS_DROPPED, "seed");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (numbers[i].value.len && number_vs(numbers[i].value, "0"))
			messages_lost(e, LOSS_DROPPED, numbers[i].name);
	if (r->logprobs == TRI_YES)
		messages_lost(e, LOSS_DROPPED, "logprobs");
	if (r->verbosity.len && !slice_is(r->verbosity, "medium"))
		messages_lost(e, LOSS_DROPPED, "verbosity");
}

/* --- the format of the answer --------------------------------------------- */

/* One more instruction, behind all others. */
static bool
instruct(struct encoder *e, struct slice words)
{
	struct ir_block *b = ir_block_new(&e->request.system, e->arena,
	    IR_TEXT);

	if (b)
		b->text = words;
	return b && words.len;
}

static bool
ask_in_words(struct encoder *e, struct slice words)
{
	e->talk->unfence = true;
	return instruct(e, words);
}

static enum schema_fit
fit_format(struct encoder *e)
{
	struct json *doc = arena_alloc(e->arena, sizeof *doc);
	struct json_fault fault;

	if (!e->quirks->schema_output || !doc || !json_parse(doc, e->arena,
	    e->request.format_schema, 0, &fault))
		return SCHEMA_UNFIT;
	return schema_for_format(e->arena, json_root(doc), &e->format);
}

static bool
plan_format(struct encoder *e)
{
	static const struct slice any = SLICE_INIT(
	    "Respond with a single valid JSON object and nothing else.");
	struct slice words[] = {
		SLICE("Respond with a single JSON value that conforms to this "
		    "JSON Schema, and nothing else:\\n"),
		{ 0 },
	};

	if (e->request.format == IR_FORMAT_JSON)
		return ask_in_words(e, any);
	if (e->request.format != IR_FORMAT_SCHEMA)
		return true;
	if (fit_format(e) != SCHEMA_UNFIT)
		return true;
	e->format = (struct slice){ 0 };
	messages_lost(e, LOSS_EMULATED, "response_format");
	words[1] = schema_as_text(e->arena, e->request.format_schema);
	return ask_in_words(e, arena_join(e->arena, words, 2));
}

/* --- Anthropic's own members ---------------------------------------------- */

void
messages_add_beta(struct encoder *e, struct slice name)
{
	struct slice *beta = &e->talk->beta;
	const struct slice both[] = { *beta, SLICE(","), name };

	if (name.len)
		*beta = beta->len ? arena_join(e->arena, both, 3) : name;
}

/* It goes into a header: nothing but letters, digits and hyphens. */
static bool
is_beta(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] != '-' && (name.ptr[i] < '0' ||
		    name.ptr[i] > '9') && ((name.ptr[i] | 0x20) < 'a' ||
		    (name.ptr[i] | 0x20) > 'z'))
			return false;
	return name.len > 0;
}

/* Those of a Chat body, where the operator lets them through. */
static void
plan_own_members(struct encoder *e)
{
	struct jval list = jval_get(e->request.body, "betas"), v;

	if (!talk_options(e->talk)->anthropic_top)
		return;
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		if (is_beta(jval_text(v)))
			messages_add_beta(e, jval_text(v));
		else
			messages_lost(e, LOSS_DROPPED, "betas");
}

static void
write_own_members(struct encoder *e)
{
	if (!talk_options(e->talk)->anthropic_top)
		return;
	for (const char *const *name = extra_anthropic; *name; name++) {
		struct jval v = jval_get(e->request.body, *name);

		if (!jval_ok(v))
			continue;
		write_key(&e->w, *name);
		write_min(&e->w, jval_raw(v));
	}
}

/* --- writing -------------------------------------------------------------- */

static void
write_number(struct encoder *e, const char *name, struct slice number)
{
	if (number.len)
		write_member_raw(&e->w, name, number);
}

static void
lose_stop(struct encoder *e, unsigned i)
{
	bool list = jval_is(jval_get(e->request.body, "stop"), JSON_ARRAY);

	if (list)
		loss_add(&e->talk->losses, e->arena, LOSS_DROPPED, "stop[%u]",
		    i);
	else
		messages_lost(e, LOSS_DROPPED, "stop");
}

/* Blank sequences are refused. */
static void
write_stop(struct encoder *e)
{
	const struct ir_text *t = e->request.stop;
	bool begun = false;
	unsigned i = 0;

	for (; t; t = t->next, i++) {
		if (text_blank(t->text)) {
			lose_stop(e, i);
			continue;
		}
		if (!begun) {
			write_key(&e->w, "stop_sequences");
			write_array(&e->w);
		}
		begun = true;
		write_text(&e->w, t->text);
	}
	if (begun)
		write_end(&e->w);
}

static const struct {
	const char	*tier, *sent;
	bool		 lost;
} tiers[] = {
	{ "auto",	"auto",			false },
	{ "priority",	"auto",			false },
	{ "fast",	"auto",			false },
	{ "scale",	"auto",			false },
	{ "default",	"standard_only",	false },
	{ "flex",	"standard_only",	true },
};

static void
write_tier(struct encoder *e)
{
	struct slice tier = e->request.tier;
	size_t i = 0, n = sizeof tiers / sizeof *tiers;

	if (!tier.len)
		return;
	while (i < n && !slice_is(tier, tiers[i].tier))
		i++;
	if (i == n || tiers[i].lost)
		messages_lost(e, LOSS_DROPPED, "service_tier");
	if (i < n)
		write_member_plain(&e->w, "service_tier", tiers[i].sent);
}

/* Seven digits or more, and what stands between them in telephone numbers. */
static bool
is_telephone(struct slice s)
{
	if (slice_starts(s, SLICE("+")))
		s = slice_skip(s, 1);
	for (size_t i = 0; i < s.len; i++)
		if ((s.ptr[i] < '0' || s.ptr[i] > '9') &&
		    slice_chr(SLICE(" ()-"), s.ptr[i]) == SIZE_MAX)
			return false;
	return s.len >= 7;
}

/* Names that tell who it is do not go to the provider. */
static void
write_user(struct encoder *e)
{
	struct slice user = e->request.user;
	struct slice plain = text_unescape(e->arena, user);

	if (!user.len)
		return;
	if (slice_chr(plain, '@') != SIZE_MAX || is_telephone(plain) ||
	    plain.len > USER_MAX)
		user = sha256_hex(e->arena, plain, SHA256_HEX);
	write_key(&e->w, "metadata");
	write_object(&e->w);
	write_member_text(&e->w, "user_id", user);
	write_end(&e->w);
}

static void
write_output_config(struct encoder *e)
{
	if (e->think.effort == IR_EFFORT_UNSET && !e->format.len)
		return;
	write_key(&e->w, "output_config");
	write_object(&e->w);
	if (e->think.effort != IR_EFFORT_UNSET)
		write_member_plain(&e->w, "effort",
		    reason_effort_name(e->think.effort));
	if (e->format.len) {
		write_key(&e->w, "format");
		write_object(&e->w);
		write_member_plain(&e->w, "type", "json_schema");
		write_member_raw(&e->w, "schema", e->format);
		write_end(&e->w);
	}
	write_end(&e->w);
}

static bool
write_body(struct encoder *e)
{
	struct writer *w = &e->w;
	bool fine;

	write_object(w);
	write_member_text(w, "model", e->talk->model);
	if (!e->talk->count_only)
		write_member_u64(w, "max_tokens", e->max_tokens);
	e->talk->streamed = e->request.stream || (e->talk->may_stream &&
	    e->max_tokens > WHOLE_MAX);
	if (e->talk->streamed)
		write_member_bool(w, "stream", true);
	write_number(e, "temperature", e->request.temperature);
	write_number(e, "top_p", e->request.top_p);
	write_number(e, "top_k", e->request.top_k);
	write_stop(e);
	write_tier(e);
	write_user(e);
	write_own_members(e);
	write_output_config(e);
	messages_write_thinking(e);
	messages_write_choice(e);
	if (e->request.cache.len)
		write_member_raw(w, "cache_control", e->request.cache);
	fine = messages_write_tools(e);
	messages_write_system(e);
	messages_write_turns(e);
	write_end(w);
	return fine && !w->out->failed;
}

static bool
plan(struct encoder *e)
{
	if (!choices_plan(e->talk, e->request.n) || !messages_order(e) ||
	    !plan_limit(e) || !messages_plan_tools(e))
		return false;
	messages_plan_thinking(e);
	if (!plan_temperature(e) || !plan_top_p(e))
		return false;
	plan_top_k(e);
	name_losses(e);
	plan_own_members(e);
	if (e->tools.hint && !instruct(e, SLICE("You must call a tool.")))
		return false;
	return plan_format(e) && messages_order_end(e) &&
	    messages_place_marks(e);
}

bool
messages_encode(struct talk *talk, struct buf *out)
{
	bool recalled = remember_recall(talk);
	struct encoder e = {
		.talk = talk,
		.arena = talk->arena,
		.quirks = &talk->quirks,
		.request = *talk->request,
		.w = { .out = out },
	};

	talk->beta = (struct slice){ 0 };
	talk->unfence = false;
	if (recalled && plan(&e) && write_body(&e) && !talk->arena->failed)
		return true;
	/* Whatever failed without a word has run out of memory. */
	return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
	    "There is no memory for this request.");
}
