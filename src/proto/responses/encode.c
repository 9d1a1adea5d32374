/*
 * A Responses request from the tree: the top level.
 */
#include "proto/responses/encode.h"

#include "base/hash.h"
#include "json/text.h"
#include "proto/choices.h"
#include "proto/extra.h"
#include "proto/loss_members.h"
#include "proto/names.h"
#include "proto/number.h"
#include "proto/reason.h"
#include "proto/remember.h"
#include "proto/responses/responses.h"
#include "proto/schema.h"
#include "proto/turns.h"

enum { OUTPUT_MIN = 16, USER_MAX = 64, CACHE_KEY_DIGITS = 32 };

enum ir_vendor
responses_vendor(const struct quirks *quirks)
{
	return quirks->dialect == DIALECT_XAI ? IR_OTHER : IR_OPENAI;
}

static void
lose(struct encoder *e, enum loss_action action, const char *name)
{
	loss_add(&e->talk->losses, e->arena, action, "%s", name);
}

/* The first of these paths, two members of it at most, that the client sent;
 * else the last. */
static const char *
sent_path(const struct encoder *e, const char *const *paths)
{
	for (; paths[1]; paths++) {
		struct slice rest = slice_of(paths[0]);
		struct jval v = e->request->body;
		char name[32];

		while (rest.ptr && slice_to_cstr(slice_cut(&rest, '.'), name,
		    sizeof name))
			v = jval_get(v, name);
		if (jval_ok(v))
			break;
	}
	return paths[0];
}

/* ---- limits and sampling ---- */

static void
put_limit(struct encoder *e)
{
	static const char *const paths[] = {
		"max_completion_tokens", "max_output_tokens",
		"generationConfig.maxOutputTokens", "max_tokens", NULL
	};
	uint64_t most = e->quirks->max_output, asked, n;

	if (!e->request->max_tokens.ptr || e->talk->count_only ||
	    !number_u64(e->request->max_tokens, &asked))
		return;
	n = asked < OUTPUT_MIN ? OUTPUT_MIN : most && asked > most ? most :
	    asked;
	if (n != asked)
		lose(e, LOSS_CLAMPED, sent_path(e, paths));
	write_member_u64(&e->w, "max_output_tokens", n);
}

/* A value that changes nothing is no loss. */
static void
put_sampling(struct encoder *e)
{
	const struct ir_request *r = e->request;
	const struct quirks *q = e->quirks;

	if (q->sampling) {
		if (r->temperature.len)
			write_member_raw(&e->w, "temperature",
			    r->temperature);
		if (r->top_p.len)
			write_member_raw(&e->w, "top_p", r->top_p);
		return;
	}
	if (r->temperature.len && !q->sampling_quiet &&
	    number_vs(r->temperature, "1") != 0)
		lose(e, LOSS_DROPPED, "temperature");
	if (r->top_p.len && !q->sampling_quiet &&
	    number_vs(r->top_p, "0.99") < 0)
		lose(e, LOSS_DROPPED, "top_p");
}

/* What no Responses request has a member for. */
static void
name_unsayable(struct encoder *e)
{
	const struct ir_request *r = e->request;
	const struct {
		const char	*name;
		struct slice	 number;
	} members[] = {
		{ "top_k", r->top_k }, { "seed", r->seed },
		{ "frequency_penalty", r->frequency_penalty },
		{ "presence_penalty", r->presence_penalty },
	};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (members[i].number.len && (i < 2 ||
		    number_vs(members[i].number, "0") != 0))
			lose(e, LOSS_DROPPED, members[i].name);
}

static void
put_includes(struct encoder *e)
{
	static const char *const paths[] = {
		"logprobs", "top_logprobs", "include", "logprobs", NULL
	};
	const struct ir_request *r = e->request;
	bool probable = r->logprobs == TRI_YES || r->top_logprobs.len;

	if (probable && !e->quirks->logprobs_ok) {
		lose(e, LOSS_DROPPED, sent_path(e, paths));
		probable = false;
	}
	if (probable && r->top_logprobs.len)
		write_member_raw(&e->w, "top_logprobs", r->top_logprobs);
	if (!probable && !e->quirks->seals)
		return;
	write_key(&e->w, "include");
	write_array(&e->w);
	if (e->quirks->seals)
		write_plain(&e->w, "reasoning.encrypted_content");
	if (probable)
		write_plain(&e->w, "message.output_text.logprobs");
	write_end(&e->w);
}

/* ---- thinking ---- */

/* Thinking between tool calls alone is nothing that can be said. */
static bool
is_off(const struct ir_reasoning *r)
{
	return r->on == TRI_NO || r->between;
}

static const char *
effort_word(struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;
	const struct quirks *q = e->quirks;
	enum ir_effort level = r->effort;

	if (is_off(r)) {
		if ((!q->effort_off || q->effort_off_thinks) &&
		    q->dialect != DIALECT_OPENAI)
			lose(e, LOSS_ADJUSTED, "thinking");
		return q->effort_off;
	}
	if (level == IR_EFFORT_UNSET && r->budget)
		level = reason_of_budget(r->budget);
	if (level == IR_EFFORT_UNSET || q->dialect == DIALECT_OPENAI ||
	    (r->on != TRI_YES && !q->effort_alone))
		return NULL;
	if (q->efforts_sent[level])
		return q->efforts_sent[level];
	return reason_effort_name(level > IR_EFFORT_HIGH ? IR_EFFORT_HIGH :
	    level);
}

/* Who asks in Messages for thinking expects to see some. */
static bool
wants_summary(const struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;

	if (is_off(r) || !e->quirks->seals || e->quirks->no_summary)
		return false;
	return r->show == TRI_YES || (r->show == TRI_UNSET &&
	    r->on == TRI_YES && e->talk->client &&
	    e->talk->client->id == PROTO_MESSAGES);
}

static void
put_reasoning(struct encoder *e)
{
	const char *word = effort_word(e);
	bool summary = wants_summary(e);

	if (!word && !summary)
		return;
	write_key(&e->w, "reasoning");
	write_object(&e->w);
	if (word)
		write_member_plain(&e->w, "effort", word);
	if (summary)
		write_member_plain(&e->w, "summary", "auto");
	write_end(&e->w);
}

/* ---- the answer's form ---- */

static const char *
format_path(const struct encoder *e)
{
	static const char *const paths[] = {
		"output_config.format", "output_format", "text.format",
		"generationConfig.responseSchema", "response_format", NULL
	};

	return sent_path(e, paths);
}

bool
responses_format_in_words(const struct encoder *e)
{
	return e->request->format == IR_FORMAT_SCHEMA &&
	    !e->quirks->schema_format;
}

/* Else the provider would refuse it. */
static bool
may_be_strict(struct encoder *e)
{
	struct json doc;
	struct json_fault fault;

	if (e->request->format_strict != TRI_YES)
		return false;
	if (json_parse(&doc, e->arena, e->request->format_schema, 0,
	    &fault) && schema_is_strict(json_root(&doc)))
		return true;
	lose(e, LOSS_ADJUSTED, format_path(e));
	return false;
}

static void
put_format(struct encoder *e)
{
	const struct ir_request *r = e->request;
	bool in_words = responses_format_in_words(e);

	write_key(&e->w, "format");
	write_object(&e->w);
	if (in_words)
		lose(e, LOSS_EMULATED, format_path(e));
	if (in_words || r->format == IR_FORMAT_JSON) {
		write_member_plain(&e->w, "type", "json_object");
	} else {
		write_member_plain(&e->w, "type", "json_schema");
		write_member_text(&e->w, "name", r->format_name.len ?
		    name_tool_chat(e->arena, e->quirks, r->format_name) :
		    SLICE("response"));
		write_key(&e->w, "schema");
		write_min(&e->w, r->format_schema);
		write_member_bool(&e->w, "strict", may_be_strict(e));
	}
	write_end(&e->w);
}

static void
put_text(struct encoder *e)
{
	const struct ir_request *r = e->request;
	bool formed = r->format == IR_FORMAT_JSON ||
	    r->format == IR_FORMAT_SCHEMA;
	bool verbose = r->verbosity.len && e->quirks->tier_ok;

	if (r->verbosity.len && !verbose && !slice_is(r->verbosity, "medium"))
		lose(e, LOSS_DROPPED, "verbosity");
	if (!formed && !verbose)
		return;
	write_key(&e->w, "text");
	write_object(&e->w);
	if (formed)
		put_format(e);
	if (verbose)
		write_member_text(&e->w, "verbosity", r->verbosity);
	write_end(&e->w);
}

/* ---- who asks ---- */

static struct slice
hashed(struct encoder *e, struct slice user, size_t digits)
{
	return sha256_hex(e->arena, text_unescape(e->arena, user), digits);
}

/* Who is more than a short plain name is told by a hash. */
static void
put_user(struct encoder *e)
{
	struct slice user = e->request->user;
	bool plain = user.len <= USER_MAX &&
	    slice_chr(user, '@') == SIZE_MAX &&
	    slice_chr(user, '{') == SIZE_MAX &&
	    slice_chr(user, '\\') == SIZE_MAX;

	if (user.len && e->quirks->user_field)
		write_member_text(&e->w, e->quirks->user_field, plain ?
		    user : hashed(e, user, SHA256_HEX));
}

static void
put_asker(struct encoder *e)
{
	const struct ir_request *r = e->request;
	struct slice tier = r->tier;
	bool fast = jval_text_is(jval_get(r->body, "speed"), "fast");

	put_user(e);
	if (fast && e->quirks->tier_ok && talk_options(e->talk)->fast_tier)
		tier = SLICE("priority");
	else if (fast)
		lose(e, LOSS_DROPPED, "speed");
	if (!e->quirks->tier_ok)
		return;
	if (tier.len)
		write_member_text(&e->w, "service_tier", tier);
	if (r->cache_key.len)
		write_member_text(&e->w, "prompt_cache_key", r->cache_key);
	else if (r->user.len && talk_options(e->talk)->user_cache_key)
		write_member_text(&e->w, "prompt_cache_key",
		    hashed(e, r->user, CACHE_KEY_DIGITS));
	if (r->metadata.len)
		write_member_raw(&e->w, "metadata", r->metadata);
}

/* What a Messages client put into its body that went nowhere. */
static void
name_left_out(struct encoder *e)
{
	struct jval body = e->request->body, k;

	if (!e->talk->client || e->talk->client->id != PROTO_MESSAGES)
		return;
	for (k = jval_first(body); !jval_at_end(k); k = jval_next(k)) {
		struct slice name = jval_text(k);
		struct jval v = jval_value(k);

		if (!jval_ok(v) || loss_members_top(name) ||
		    ((jval_is(v, JSON_ARRAY) || jval_is(v, JSON_OBJECT)) &&
		    !jval_count(v)) || extra_is_hint(name, v))
			continue;
		loss_member(&e->talk->losses, e->arena, "", name);
	}
}

/* ---- the whole ---- */

static bool
put_body(struct encoder *e)
{
	write_object(&e->w);
	write_member_text(&e->w, "model", e->talk->model);
	if (!responses_write_input(e) || !responses_write_tools(e))
		return false;
	put_limit(e);
	put_sampling(e);
	name_unsayable(e);
	put_reasoning(e);
	put_includes(e);
	put_text(e);
	put_asker(e);
	if (e->request->stream && !e->talk->count_only)
		write_member_bool(&e->w, "stream", true);
	/* Nothing is to stay with the provider. */
	if (e->quirks->store_ok)
		write_member_bool(&e->w, "store", false);
	name_left_out(e);
	write_end(&e->w);
	return true;
}

/*
 * Developers may speak anywhere, and what they say keeps its place: while the
 * turns are settled it is part of the user's, and bears the name of its role.
 */
static void
keep_place(struct encoder *e, struct ir_turn *turn)
{
	turn->role = IR_USER;
	for (struct ir_block *b = turn->first; b; b = b->next) {
		b->name = e->quirks->no_developer ? SLICE("system") :
		    SLICE("developer");
		b->message = TURNS_REMINDER;
	}
}

/* The turns in an order that providers take; the original stays as it is. */
static bool
settle(struct encoder *e)
{
	struct ir_turn *turn;

	if (!turns_copy(e->request, e->arena))
		return false;
	for (turn = e->request->first; turn; turn = turn->next) {
		if (turn->role != IR_SYSTEM)
			continue;
		if (!e->quirks->system_first)
			keep_place(e, turn);
		else if (!turns_remind(turn, e->arena))
			return false;
	}
	return turns_settle(e->request, e->arena, &e->talk->losses);
}

bool
responses_encode(struct talk *talk, struct buf *out)
{
	bool recalled = remember_recall(talk);
	struct ir_request copy = *talk->request;
	size_t before = buf_len(out);
	struct encoder e = {
		.talk = talk, .arena = talk->arena, .request = &copy,
		.quirks = &talk->quirks, .w = { .out = out },
	};

	if (choices_plan(talk, copy.n) && recalled && settle(&e) &&
	    put_body(&e) && !talk->arena->failed && !out->failed)
		return true;
	buf_trunc(out, before);
	return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
	    "Out of memory.");
}
