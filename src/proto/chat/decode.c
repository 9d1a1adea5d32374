#include "proto/chat/chat.h"

#include <stdio.h>

#include "json/text.h"
#include "proto/chat/decode.h"
#include "proto/extra.h"
#include "proto/loss_members.h"
#include "proto/number.h"
#include "proto/reason.h"

struct body {
	struct slice	 model;
	struct slice	 max_tokens, max_completion_tokens;
	struct slice	 safety_identifier, user, cache_key, retention;
	enum tri	 stream;
	struct jval	 messages, stop, stream_options, metadata, modalities;
	struct jval	 response_format, cache_options, tools, functions;
	struct jval	 choice, function_call, web_search, system, top_k;
	struct jval	 reason;	/* any of them: reason.c reads all */
	struct ir_request *request;
};

#define AT(member)	offsetof(struct body, member)

static const struct field members[] = {
	{ "model",		FIELD_TEXT, AT(model), 0, 0 },
	{ "messages",		FIELD_RAW, AT(messages), 0, 0 },
	{ "system",		FIELD_RAW, AT(system), 0, 0 },
	{ "max_tokens",		FIELD_NUM, AT(max_tokens), 0, 0 },
	{ "max_completion_tokens", FIELD_NUM, AT(max_completion_tokens), 0, 0 },
	{ "top_k",		FIELD_RAW, AT(top_k), 0, 0 },
	{ "stop",		FIELD_RAW, AT(stop), 0, 0 },
	{ "stream",		FIELD_FLAG, AT(stream), 0, 0 },
	{ "stream_options",	FIELD_RAW, AT(stream_options), 0, 0 },
	{ "tools",		FIELD_RAW, AT(tools), 0, 0 },
	{ "functions",		FIELD_RAW, AT(functions), 0, 0 },
	{ "tool_choice",	FIELD_RAW, AT(choice), 0, 0 },
	{ "function_call",	FIELD_RAW, AT(function_call), 0, 0 },
	{ "web_search_options",	FIELD_RAW, AT(web_search), 0, 0 },
	{ "response_format",	FIELD_RAW, AT(response_format), 0, 0 },
	{ "metadata",		FIELD_RAW, AT(metadata), 0, 0 },
	{ "modalities",		FIELD_RAW, AT(modalities), 0, 0 },
	{ "safety_identifier",	FIELD_TEXT, AT(safety_identifier), 0, 0 },
	{ "user",		FIELD_TEXT, AT(user), 0, 0 },
	{ "prompt_cache_key",	FIELD_TEXT, AT(cache_key), 0, 0 },
	{ "prompt_cache_retention", FIELD_TEXT, AT(retention), 0, 0 },
	{ "prompt_cache_options", FIELD_RAW, AT(cache_options), 0, 0 },
	{ "cache_control",	FIELD_RAW, AT(reason), 0, 0 },
	/* one member for all: they are read together */
	{ "thinking",		FIELD_RAW, AT(reason), 0, 0 },
	{ "reasoning",		FIELD_RAW, AT(reason), 0, 0 },
	{ "output_config",	FIELD_RAW, AT(reason), 0, 0 },
	{ "reasoning_effort",	FIELD_RAW, AT(reason), 0, 0 },
	{ "enable_thinking",	FIELD_RAW, AT(reason), 0, 0 },
	{ "thinking_budget",	FIELD_RAW, AT(reason), 0, 0 },
	{ "chat_template_kwargs", FIELD_RAW, AT(reason), 0, 0 },
	{ "include_reasoning",	FIELD_RAW, AT(reason), 0, 0 },
	{ 0 },
};

#undef AT
#define AT(member)	offsetof(struct ir_request, member)

/* Those that go into the request as they are. */
static const struct field plain[] = {
	{ "temperature",	FIELD_NUM, AT(temperature), 0, 0 },
	{ "top_p",		FIELD_NUM, AT(top_p), 0, 0 },
	{ "n",			FIELD_NUM, AT(n), 0, 0 },
	{ "seed",		FIELD_NUM, AT(seed), 0, 0 },
	{ "frequency_penalty",	FIELD_NUM, AT(frequency_penalty), 0, 0 },
	{ "presence_penalty",	FIELD_NUM, AT(presence_penalty), 0, 0 },
	{ "parallel_tool_calls", FIELD_FLAG, AT(parallel), 0, 0 },
	{ "logprobs",		FIELD_FLAG, AT(logprobs), 0, 0 },
	{ "top_logprobs",	FIELD_NUM, AT(top_logprobs), 0, 0 },
	{ "verbosity",		FIELD_TEXT, AT(verbosity), 0, 0 },
	{ "service_tier",	FIELD_TEXT, AT(tier), 0, 0 },
	{ 0 },
};

#undef AT

static bool
is_plain(struct jval key)
{
	for (const struct field *f = plain; f->name; f++)
		if (jval_text_is(key, f->name))
			return true;
	return false;
}

/* May a member of Anthropic's own go to it? */
static bool
passes(const struct decoding *d, struct jval key)
{
	return d->talk->provider &&
	    d->talk->provider->vendor == IR_ANTHROPIC &&
	    talk_options(d->talk)->anthropic_top && extra_is_anthropic(key);
}

static void
name_unknown(struct decoding *d, struct jval body)
{
	struct jval k = { 0 };

	for (;;) {
		k = json_unknown(body, members, k);
		if (jval_at_end(k))
			return;
		if (is_plain(k) || !jval_ok(jval_value(k)) ||
		    extra_is_hint(jval_text(k), jval_value(k)) ||
		    passes(d, k))
			continue;
		loss_member(&d->talk->losses, d->arena, "", jval_text(k));
	}
}

static bool
bind(struct decoding *d, struct jval body, const struct field *table,
    void *into)
{
	struct bind_problem problem = { 0 };
	char what[64];

	if (json_bind(body, table, into, &problem))
		return true;
	snprintf(what, sizeof what, "must be %s",
	    problem.want ? problem.want : "something else");
	return chat_bad(d, problem.name, what);
}

static bool
read_limit(struct decoding *d, const char *name, struct slice number)
{
	uint64_t n;

	if (!number.ptr)
		return true;
	if (!number_u64(number, &n) || n == 0)
		return chat_bad(d, name, "must be an integer of at least 1");
	d->request->max_tokens = number;
	return true;
}

static bool
read_stop(struct decoding *d, struct jval stop)
{
	struct ir_text **list = &d->request->stop;
	struct jval v;

	if (!jval_ok(stop))
		return true;
	if (jval_is(stop, JSON_STRING))
		return ir_text_add(list, d->arena, chat_text(d, stop));
	if (!jval_is(stop, JSON_ARRAY))
		return chat_bad(d, "stop", "must be a string or an array");
	for (v = jval_first(stop); !jval_at_end(v); v = jval_next(v)) {
		if (!jval_is(v, JSON_STRING))
			return chat_bad(d, "stop", "must hold strings");
		if (!ir_text_add(list, d->arena, chat_text(d, v)))
			return false;
	}
	return true;
}

static bool
read_modalities(struct decoding *d, struct jval list)
{
	struct jval v;

	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		if (jval_text_is(v, "audio"))
			return chat_bad(d, "modalities", "asks for audio, "
			    "which this model cannot make; leave it out");
	return true;
}

/* The first of the three places where a client names its user. */
static void
read_user(struct decoding *d, const struct body *b)
{
	struct slice id = b->safety_identifier;

	if (!id.len)
		id = b->user;
	if (!id.len)
		id = jval_get_text(b->metadata, "user_id");
	if (id.len)
		d->request->user = chat_mend(d, id);
}

/* Marks first: later readers need to know for how long they hold. */
static void
read_caching(struct decoding *d, struct jval root, const struct body *b)
{
	struct jval mode = jval_get(b->cache_options, "mode");
	unsigned when = talk_options(d->talk)->auto_cache;

	d->hour = slice_is(b->retention, "24h") ||
	    jval_ok(jval_get(b->cache_options, "ttl"));
	d->request->cache_key = b->cache_key;
	d->request->cache = chat_cache(d, root);
	if (jval_text_is(mode, "explicit") || d->request->cache.len ||
	    when == AUTO_CACHE_NEVER)
		return;
	if (b->cache_key.len || jval_text_is(mode, "implicit") ||
	    when == AUTO_CACHE_ALWAYS)
		d->request->cache = chat_mark(d);
}

static void
read_reasoning(struct decoding *d, struct jval root)
{
	reason_read_chat(&d->request->reasoning, d->arena, &d->talk->losses,
	    root);
}

static bool
read_top_k(struct decoding *d, struct jval top_k)
{
	if (!jval_ok(top_k))
		return true;
	if (!jval_is(top_k, JSON_NUMBER))
		return chat_bad(d, "top_k", "must be a number");
	/* 0 and -1 say "off". */
	if (number_vs(jval_raw(top_k), "0") > 0)
		d->request->top_k = jval_raw(top_k);
	return true;
}

/* One look over the whole body spares one at each of its texts. */
static bool
may_hold_surrogates(struct slice body)
{
	size_t at;

	while ((at = slice_pair(body, '\\', 'u')) != SIZE_MAX) {
		body = slice_skip(body, at + 2);
		if (body.len && (*body.ptr == 'd' || *body.ptr == 'D'))
			return true;
	}
	return false;
}

static bool
read_scalars(struct decoding *d, struct jval root, struct body *b)
{
	struct ir_request *r = d->request;

	if (!bind(d, root, members, b) || !bind(d, root, plain, r))
		return false;
	if (!b->model.len)
		return chat_bad(d, "model", "must name a model");
	r->model = chat_mend(d, b->model);
	r->stream = b->stream == TRI_YES;
	r->include_usage = jval_is_true(jval_get(b->stream_options,
	    "include_usage"));
	if (!read_limit(d, "max_tokens", b->max_tokens) ||
	    !read_limit(d, "max_completion_tokens", b->max_completion_tokens))
		return false;
	read_user(d, b);
	read_caching(d, root, b);
	read_reasoning(d, root);
	return read_top_k(d, b->top_k) && read_stop(d, b->stop) &&
	    read_modalities(d, b->modalities);
}

bool
chat_decode(struct talk *talk, struct jval body)
{
	struct decoding d = { .talk = talk, .arena = talk->arena,
	    .message = NOWHERE, .part = NOWHERE, .tool = NOWHERE };
	struct jval root = extra_merge(talk->arena, body);
	struct body b = { 0 };

	d.request = arena_alloc(talk->arena, sizeof *d.request);
	if (!d.request || !jval_ok(root))
		return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
		    "There is no memory for this request.");
	d.request->body = root;
	d.surrogates = may_hold_surrogates(jval_raw(root));
	if (read_scalars(&d, root, &b) && chat_read_tools(&d, root) &&
	    chat_read_choice(&d, root) &&
	    chat_read_format(&d, b.response_format)) {
		name_unknown(&d, root);
		loss_members_chat(&talk->losses, talk->arena, root);
		if (chat_read_messages(&d, b.messages) &&
		    !talk->arena->failed) {
			talk->request = d.request;
			if (d.request->model.len)
				talk->client_model = d.request->model;
			talk->stream = d.request->stream;
			return true;
		}
	}
	/* Whatever failed without a word has run out of memory. */
	return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
	    "There is no memory for this request.");
}
