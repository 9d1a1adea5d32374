/*
 * Events as a Responses answer, streamed or whole: both grow the same items,
 * and a stream tells each step.
 *
 * Texts side by side are parts of one message.  An item begins when its first
 * content comes, and its end is told when the next one begins or the answer
 * ends: only then it is known whether it is whole.  The last item of the reply
 * is open:
 *
 *	NONE	no item is
 *	OPEN	its content is coming
 *	CLOSED	its block is closed; a message may get one more part
 */
#include "base/hash.h"
#include "json/text.h"
#include "proto/args.h"
#include "proto/names.h"
#include "proto/responses/responses.h"
#include "proto/responses/tell.h"

enum state { STATE_NONE, STATE_OPEN, STATE_CLOSED };

struct items_sink {
	struct sink	 sink;		/* first: what the source holds */
	struct outcome	 outcome;
	struct tell	 tell;
	struct talk	*talk;
	struct buf	*out;
	bool		 begun, stream;
	enum state	 state;		/* of the last item */
	size_t		 points;	/* code points of the text so far */
	/* the open block */
	bool		 open;		/* ... is there, and is told */
	enum ir_kind	 kind;
	enum ir_vendor	 vendor;
	bool		 refusal, custom;
	struct slice	 id, name;
	uint32_t	 crc;		/* of thinking */
	struct slice	 signature;
	enum ir_vendor	 signer;
	struct gather	 odds;		/* logprobs that came ahead of text */
	/* of a text that had begun: told when its message is */
	struct slice	 late;
};

static struct item *
last(struct items_sink *s)
{
	return s->outcome.last;
}

/* ---- items ---- */

static struct item *
add(struct items_sink *s, enum item_type type)
{
	struct item *item = outcome_add(&s->outcome, type);

	s->state = item ? STATE_OPEN : STATE_NONE;
	return item;
}

static void
tell_done(struct items_sink *s, struct item *item, bool cut)
{
	item->status = cut ? ITEM_INCOMPLETE : ITEM_COMPLETED;
	tell_item(&s->tell, "response.output_item.done", item);
}

/* An item that comes whole. */
static void
add_whole(struct items_sink *s, struct item *item)
{
	if (!item)
		return;
	tell_item(&s->tell, "response.output_item.added", item);
	tell_done(s, item, false);
	s->state = STATE_NONE;
}

static void
add_sealed(struct items_sink *s, struct slice sealed)
{
	struct item *item = add(s, ITEM_REASONING);

	if (item)
		item->sealed = arena_dup(s->talk->arena, sealed);
	add_whole(s, item);
}

/* The last item is over: nothing more of it can come. */
static void
finish(struct items_sink *s, bool cut)
{
	struct item *item = last(s);
	struct slice late = s->late;

	if (s->state != STATE_OPEN && s->state != STATE_CLOSED)
		return;
	if (cut && s->state == STATE_CLOSED && item->type != ITEM_MESSAGE &&
	    item->type != ITEM_REASONING && item_is_whole(item,
	    s->talk->scratch))
		cut = false;
	s->state = STATE_NONE;
	tell_done(s, item, cut);
	s->late = (struct slice){ 0 };
	if (late.len)
		add_sealed(s, late);
}

/* ---- signatures ---- */

static struct slice
seal(struct items_sink *s, enum ir_vendor vendor, char kind, uint32_t crc,
    struct slice raw)
{
	if (envelope_is(raw))
		return raw;
	return envelope_make(s->talk->scratch, vendor, kind, crc, raw);
}

/* As a reasoning item in front of what it signs. */
static void
carry(struct items_sink *s, char kind)
{
	if (s->signature.len)
		add_sealed(s, seal(s, s->signer, kind, 0, s->signature));
	s->signature = (struct slice){ 0 };
}

/* It came when it was too late to stand in front of its call. */
static void
carry_behind(struct items_sink *s, struct slice call_id)
{
	struct arena *scratch = s->talk->scratch;
	struct slice map;

	if (!s->signature.len)
		return;
	map = arena_fmt(scratch, "{\"%.*s\":\"%.*s\"}", SLICE_FMT(call_id),
	    SLICE_FMT(s->signature));
	s->late = arena_dup(s->talk->arena, seal(s, s->signer, 'm', 0,
	    base64url_encode(scratch, map)));
	s->signature = (struct slice){ 0 };
}

/* ---- text ---- */

static struct part *
add_part(struct items_sink *s, struct item *item)
{
	struct part *part = arena_alloc(s->talk->arena, sizeof *part);

	if (!part)
		return NULL;
	part->index = item->last ? item->last->index + 1 : 0;
	part->refusal = s->refusal;
	part->points = s->points;
	if (item->last)
		item->last->next = part;
	else
		item->first = part;
	item->last = part;
	return part;
}

static bool
fits_message(struct items_sink *s)
{
	return s->state == STATE_CLOSED && last(s)->type == ITEM_MESSAGE &&
	    slice_eq(last(s)->phase, s->name);
}

static void
begin_text(struct items_sink *s)
{
	struct item *item = last(s);

	if (!fits_message(s)) {
		finish(s, false);
		carry(s, 't');
		item = add(s, ITEM_MESSAGE);
		if (!item)
			return;
		item->phase = s->name;
		tell_item(&s->tell, "response.output_item.added", item);
	}
	s->state = STATE_NONE;
	if (!add_part(s, item))
		return;
	s->state = STATE_OPEN;
	tell_part_begin(&s->tell, item);
}

static void
take_text(struct items_sink *s, struct slice text)
{
	struct part *part = last(s)->last;
	struct slice odds = gather_text(&s->odds);

	gather_add(&part->text, s->talk->arena, text);
	if (odds.len && part->logprobs.len)
		gather_add(&part->logprobs, s->talk->arena, SLICE(","));
	gather_add(&part->logprobs, s->talk->arena, odds);
	tell_piece(&s->tell, text, odds);
	gather_clear(&s->odds);
}

static void
end_text(struct items_sink *s)
{
	struct item *item = last(s);
	struct part *part = item->last;
	struct slice odds = gather_text(&s->odds);

	if (odds.len && part->logprobs.len)
		gather_add(&part->logprobs, s->talk->arena, SLICE(","));
	gather_add(&part->logprobs, s->talk->arena, odds);
	gather_clear(&s->odds);
	s->points += text_length(gather_text(&part->text));
	tell_part_end(&s->tell, item);
	if (s->signature.len)
		s->late = arena_dup(s->talk->arena,
		    seal(s, s->signer, 't', 0, s->signature));
	s->signature = (struct slice){ 0 };
}

/* ---- thinking ---- */

static void
begin_thinking(struct items_sink *s)
{
	struct item *item;

	finish(s, false);
	item = add(s, ITEM_REASONING);
	if (!item)
		return;
	if (s->vendor == IR_OPENAI && s->id.len)
		item->id = s->id;
	tell_item(&s->tell, "response.output_item.added", item);
}

static void
take_thinking(struct items_sink *s, struct slice text)
{
	struct item *item = last(s);

	if (!item->text.len)
		tell_summary_begin(&s->tell, item);
	gather_add(&item->text, s->talk->arena, text);
	s->crc = crc32_add(s->crc, text_unescape(s->talk->scratch, text));
	tell_piece(&s->tell, text, (struct slice){ 0 });
}

/* What brings thinking back as its maker wants it; empty: nothing needs to. */
static struct slice
seal_thinking(struct items_sink *s)
{
	struct slice none = { 0 };

	if (!s->signature.len)
		return s->vendor == IR_NOBODY || s->vendor == IR_OPENAI ?
		    none : seal(s, s->vendor, 'r', s->crc, none);
	if (s->signer == IR_OPENAI)
		return s->signature;
	return seal(s, s->signer, 'r', s->crc, s->signature);
}

static void
end_thinking(struct items_sink *s)
{
	struct item *item = last(s);

	item->sealed = arena_dup(s->talk->arena, seal_thinking(s));
	s->signature = (struct slice){ 0 };
	if (item->text.len)
		tell_summary_end(&s->tell, item);
}

static void
add_redacted(struct items_sink *s, const struct ir_event *ev)
{
	struct arena *scratch = s->talk->scratch;
	struct slice entry;

	finish(s, false);
	if (!ev->text.len)
		return;
	if (ev->vendor == IR_OPENAI && !ev->name.len) {
		struct item *item = add(s, ITEM_REASONING);

		if (item && ev->id.len)
			item->id = arena_dup(s->talk->arena, ev->id);
		if (item)
			item->sealed = arena_dup(s->talk->arena, ev->text);
		add_whole(s, item);
		return;
	}
	if (!ev->id.len && !ev->name.len) {
		add_sealed(s, seal(s, ev->vendor, 'd', 0, ev->text));
		return;
	}
	entry = arena_fmt(scratch, "{\"id\":\"%.*s\",\"format\":\"%.*s\","
	    "\"data\":\"%.*s\"}", SLICE_FMT(ev->id), SLICE_FMT(ev->name),
	    SLICE_FMT(ev->text));
	add_sealed(s, seal(s, ev->vendor, 'e', 0,
	    base64url_encode(scratch, entry)));
}

/* ---- calls ---- */

static void
begin_call(struct items_sink *s)
{
	struct slice name = name_restore(s->talk->request, s->name);
	const struct ir_tool *tool = name_tool(s->talk->request, name);
	struct item *item;

	finish(s, false);
	carry(s, 'f');
	item = add(s, item_of_tool(tool, s->custom));
	if (!item)
		return;
	item->name = tool && tool->local.len ? tool->local : name;
	item->space = tool ? tool->space : (struct slice){ 0 };
	item->call_id = outcome_call_id(&s->outcome, s->id);
	tell_item(&s->tell, "response.output_item.added", item);
	if (item->type == ITEM_FUNCTION)
		tell_arguments_begin(&s->tell, item);
}

static void
take_input(struct items_sink *s, struct slice text)
{
	struct item *item = last(s);

	gather_add(&item->text, s->talk->arena, text);
	if (item->type == ITEM_FUNCTION)
		tell_piece(&s->tell, text, (struct slice){ 0 });
}

/* A custom tool that was called as a function: its text is a member. */
static void
unwrap(struct items_sink *s, struct item *item)
{
	struct arena *scratch = s->talk->scratch;
	struct slice text = args_object(scratch,
	    text_unescape(scratch, gather_text(&item->text)));
	struct json doc;
	struct json_fault fault;
	struct slice input;

	if (s->custom || !item->text.len ||
	    !json_parse(&doc, scratch, text, 0, &fault))
		return;
	input = jval_get_text(json_root(&doc), "input");
	if (!input.ptr)
		return;
	gather_clear(&item->text);
	gather_add(&item->text, s->talk->arena, input);
}

static void
end_call(struct items_sink *s)
{
	struct item *item = last(s);

	if (item->type == ITEM_CUSTOM) {
		unwrap(s, item);
		tell_input(&s->tell, item);
	} else if (item->type == ITEM_FUNCTION) {
		tell_arguments_end(&s->tell, item);
	}
	carry_behind(s, item->call_id);
}

/* ---- what comes whole ---- */

static void
add_image(struct items_sink *s, const struct ir_event *ev)
{
	struct item *item;

	finish(s, false);
	item = add(s, ITEM_IMAGE);
	if (item)
		item->raw = arena_dup(s->talk->arena, ev->text);
	add_whole(s, item);
}

/* Anthropic's search, as OpenAI would tell of its own. */
static struct slice
search_of(struct items_sink *s, struct slice raw)
{
	struct arena *scratch = s->talk->scratch;
	struct json doc;
	struct json_fault fault;
	struct jval v;

	if (!json_parse(&doc, scratch, raw, 0, &fault))
		return (struct slice){ 0 };
	v = json_root(&doc);
	if (!jval_text_is(jval_get(v, "type"), "server_tool_use") ||
	    !jval_text_is(jval_get(v, "name"), "web_search"))
		return (struct slice){ 0 };
	return arena_fmt(s->talk->arena, "{\"id\":\"ws_%.*s\",\"type\":"
	    "\"web_search_call\",\"status\":\"completed\",\"action\":{"
	    "\"type\":\"search\",\"query\":\"%.*s\"}}",
	    SLICE_FMT(jval_get_text(v, "id")),
	    SLICE_FMT(jval_get_text(jval_get(v, "input"), "query")));
}

static void
add_opaque(struct items_sink *s, const struct ir_event *ev)
{
	struct slice raw = ev->vendor == IR_OPENAI ?
	    arena_dup(s->talk->arena, ev->raw) : ev->vendor == IR_ANTHROPIC ?
	    search_of(s, ev->raw) : (struct slice){ 0 };
	struct item *item;

	if (!raw.len)
		return;
	finish(s, false);
	item = add(s, ITEM_RAW);
	if (item)
		item->raw = raw;
	add_whole(s, item);
}

/* ---- events ---- */

static void
take_open(struct items_sink *s, const struct ir_event *ev)
{
	struct arena *arena = s->talk->arena;

	s->open = ev->kind == IR_TEXT || ev->kind == IR_THINK ||
	    ev->kind == IR_CALL;
	s->kind = ev->kind;
	s->vendor = s->signer = ev->vendor;
	s->signature = (struct slice){ 0 };
	s->crc = 0;
	s->refusal = ev->refusal;
	s->custom = ev->custom;
	gather_clear(&s->odds);
	if (s->open) {
		s->id = arena_dup(arena, ev->id);
		s->name = arena_dup(arena, ev->name);
	} else if (ev->kind == IR_REDACTED) {
		add_redacted(s, ev);
	} else if (ev->kind == IR_IMAGE) {
		add_image(s, ev);
	} else if (ev->kind == IR_OPAQUE) {
		add_opaque(s, ev);
	}
}

/* The open block's item, begun if it had to wait; false: there is none. */
static bool
wake(struct items_sink *s)
{
	if (!s->open)
		return false;
	if (s->state == STATE_OPEN)
		return true;
	if (s->kind == IR_TEXT)
		begin_text(s);
	else if (s->kind == IR_THINK)
		begin_thinking(s);
	else
		begin_call(s);
	return s->state == STATE_OPEN;
}

static void
take_delta(struct items_sink *s, struct slice text)
{
	if (!text.len || !wake(s))
		return;
	if (s->kind == IR_TEXT)
		take_text(s, text);
	else if (s->kind == IR_THINK)
		take_thinking(s, text);
	else
		take_input(s, text);
}

static void
take_sign(struct items_sink *s, const struct ir_event *ev)
{
	if (!s->open)
		return;
	s->signature = arena_dup(s->talk->arena, ev->signature);
	s->signer = ev->vendor;
	if (ev->id.len && s->kind == IR_THINK && s->state != STATE_OPEN)
		s->id = arena_dup(s->talk->arena, ev->id);
}

/* As Responses spells what Chat holds in an object of its own. */
static void
take_cite(struct items_sink *s, struct slice raw)
{
	struct arena *scratch = s->talk->scratch;
	struct buf out = { 0 };
	struct writer w = { .out = &out };
	struct part *part;
	struct json doc;
	struct json_fault fault;
	struct jval v;
	static const char *const ends[] = { "start_index", "end_index" };

	if (s->kind != IR_TEXT || !wake(s) ||
	    !json_parse(&doc, scratch, raw, 0, &fault))
		return;
	part = last(s)->last;
	v = json_root(&doc);
	if (jval_is(jval_get(v, "url_citation"), JSON_OBJECT))
		v = jval_get(v, "url_citation");
	write_object(&w);
	write_member_plain(&w, "type", "url_citation");
	write_member_text(&w, "url", jval_get_text(v, "url"));
	write_member_text(&w, "title", jval_get_text(v, "title"));
	for (size_t i = 0; i < 2; i++) {
		uint64_t at = 0;

		if (jval_u64(jval_get(v, ends[i]), &at) && at >= part->points)
			at -= part->points;
		write_member_u64(&w, ends[i], at);
	}
	write_end(&w);
	raw = gather(scratch, &out);
	tell_cite(&s->tell, last(s), raw);
	if (part->cite_count++)
		gather_add(&part->cites, s->talk->arena, SLICE(","));
	gather_add(&part->cites, s->talk->arena, raw);
}

/* Elements of Chat's array; they may come in front of their text. */
static void
take_logprobs(struct items_sink *s, struct slice raw)
{
	struct arena *scratch = s->talk->scratch;
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	write_min(&w, raw);
	raw = gather(scratch, &out);
	if (s->kind != IR_TEXT || !s->open || raw.len <= 2)
		return;
	if (s->odds.len)
		gather_add(&s->odds, s->talk->arena, SLICE(","));
	gather_add(&s->odds, s->talk->arena, slice_sub(raw, 1, raw.len - 2));
}

static void
take_close(struct items_sink *s)
{
	bool had = s->open;

	/* A call without arguments, and thinking that cannot be read. */
	if (s->kind == IR_CALL || (s->kind == IR_THINK && s->signature.len))
		had = wake(s);
	s->open = false;
	if (!had || s->state != STATE_OPEN) {
		/* A signature without a text. */
		if (had && s->kind == IR_TEXT && s->signature.len) {
			finish(s, false);
			carry(s, 't');
		}
		return;
	}
	s->state = STATE_CLOSED;
	if (s->kind == IR_TEXT)
		end_text(s);
	else if (s->kind == IR_THINK)
		end_thinking(s);
	else
		end_call(s);
}

static void
take_begin(struct items_sink *s, const struct ir_event *ev)
{
	static const struct outcome_end none;

	s->begun = true;
	outcome_begin(&s->outcome, ev);
	tell_response(&s->tell, "response.created", &s->outcome, &none);
	tell_response(&s->tell, "response.in_progress", &s->outcome, &none);
}

static void
end_with(struct items_sink *s, const struct outcome_end *end)
{
	struct writer w = { .out = s->out };

	if (s->stream)
		tell_response(&s->tell, end->event, &s->outcome, end);
	else
		outcome_write(&s->outcome, &w, end);
}

static void
take_stop(struct items_sink *s, const struct ir_event *ev)
{
	struct outcome_end end = outcome_end_of(ev);

	ir_usage_merge(&s->outcome.usage, &ev->usage);
	if (ev->tier.len)
		s->outcome.tier = arena_dup(s->talk->arena, ev->tier);
	finish(s, end.cut);
	end_with(s, &end);
}

/*
 * Nothing is closed: what is not whole must not be taken for it.  A whole
 * answer that fails is told by its status.
 */
static void
take_fail(struct items_sink *s, const struct fail *fail)
{
	struct outcome_end end = outcome_failed(fail);

	if (!s->stream)
		return;
	if (!s->begun)
		take_begin(s, NULL);
	if (s->state == STATE_OPEN || s->state == STATE_CLOSED)
		last(s)->status = ITEM_INCOMPLETE;
	end_with(s, &end);
}

static void
items_put(struct sink *sink, const struct ir_event *ev)
{
	struct items_sink *s = (struct items_sink *)sink;

	switch (ev->type) {
	case IR_BEGIN:
		take_begin(s, ev);
		break;
	case IR_OPEN:
		take_open(s, ev);
		break;
	case IR_DELTA:
		take_delta(s, ev->text);
		break;
	case IR_SIGN:
		take_sign(s, ev);
		break;
	case IR_CITE:
		take_cite(s, ev->raw);
		break;
	case IR_LOGPROBS:
		take_logprobs(s, ev->raw);
		break;
	case IR_CLOSE:
		take_close(s);
		break;
	case IR_USAGE:
		ir_usage_merge(&s->outcome.usage, &ev->usage);
		break;
	case IR_PING:
		if (s->begun)
			tell_keep_alive(&s->tell);
		break;
	case IR_STOP:
		take_stop(s, ev);
		break;
	case IR_FAIL:
		take_fail(s, ev->fail);
		break;
	}
	if (s->talk->arena->failed || s->talk->scratch->failed)
		s->out->failed = true;
}

static struct sink *
new_sink(struct talk *talk, struct buf *out, bool stream)
{
	struct items_sink *s = arena_alloc(talk->arena, sizeof *s);

	if (!s)
		return NULL;
	s->sink.put = items_put;
	s->talk = talk;
	s->out = out;
	s->stream = stream;
	s->tell = (struct tell){ .talk = talk, .out = out, .mute = !stream };
	outcome_init(&s->outcome, talk, stream);
	return &s->sink;
}

struct sink *
responses_sink_stream(struct talk *talk, struct buf *out)
{
	return new_sink(talk, out, true);
}

struct sink *
responses_sink_whole(struct talk *talk, struct buf *out)
{
	return new_sink(talk, out, false);
}
