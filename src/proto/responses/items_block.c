/*
 * The blocks of an answer: what each becomes.
 */
#include "base/hash.h"
#include "json/text.h"
#include "proto/args.h"
#include "proto/names.h"
#include "proto/responses/items.h"

/* ---- text ---- */

static struct part *
add_part(struct items *s, struct item *item)
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
fits_message(struct items *s)
{
	return s->state == STATE_CLOSED &&
	    items_last(s)->type == ITEM_MESSAGE &&
	    slice_eq(items_last(s)->phase, s->name);
}

void
items_begin_text(struct items *s)
{
	struct item *item = items_last(s);

	if (!fits_message(s)) {
		items_finish(s, false);
		items_carry(s, 't');
		item = items_add(s, ITEM_MESSAGE);
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

void
items_take_text(struct items *s, struct slice text)
{
	struct part *part = items_last(s)->last;
	struct slice odds = gather_text(&s->odds);

	gather_add(&part->text, s->talk->arena, text);
	if (odds.len && part->logprobs.len)
		gather_add(&part->logprobs, s->talk->arena, SLICE(","));
	gather_add(&part->logprobs, s->talk->arena, odds);
	tell_piece(&s->tell, text, odds);
	gather_clear(&s->odds);
}

void
items_end_text(struct items *s)
{
	struct item *item = items_last(s);
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
		    items_seal(s, s->signer, 't', 0, s->signature));
	s->signature = (struct slice){ 0 };
}

/* ---- thinking ---- */

void
items_begin_thinking(struct items *s)
{
	struct item *item;

	items_finish(s, false);
	item = items_add(s, ITEM_REASONING);
	if (!item)
		return;
	if (s->vendor == IR_OPENAI && s->id.len)
		item->id = s->id;
	tell_item(&s->tell, "response.output_item.added", item);
}

void
items_take_thinking(struct items *s, struct slice text)
{
	struct item *item = items_last(s);

	if (!item->text.len)
		tell_summary_begin(&s->tell, item);
	gather_add(&item->text, s->talk->arena, text);
	s->crc = crc32_add(s->crc, text_unescape(s->talk->scratch, text));
	tell_piece(&s->tell, text, (struct slice){ 0 });
}

/* What brings thinking back as its maker wants it; empty: nothing needs to. */
static struct slice
seal_thinking(struct items *s)
{
	struct slice none = { 0 };

	if (!s->signature.len)
		return s->vendor == IR_NOBODY || s->vendor == IR_OPENAI ?
		    none : items_seal(s, s->vendor, 'r', s->crc, none);
	if (s->signer == IR_OPENAI)
		return s->signature;
	return items_seal(s, s->signer, 'r', s->crc, s->signature);
}

void
items_end_thinking(struct items *s)
{
	struct item *item = items_last(s);

	item->sealed = arena_dup(s->talk->arena, seal_thinking(s));
	s->signature = (struct slice){ 0 };
	if (item->text.len)
		tell_summary_end(&s->tell, item);
}

void
items_add_redacted(struct items *s, const struct ir_event *ev)
{
	struct arena *scratch = s->talk->scratch;
	struct slice entry;

	items_finish(s, false);
	if (!ev->text.len)
		return;
	if (ev->vendor == IR_OPENAI && !ev->name.len) {
		struct item *item = items_add(s, ITEM_REASONING);

		if (item && ev->id.len)
			item->id = arena_dup(s->talk->arena, ev->id);
		if (item)
			item->sealed = arena_dup(s->talk->arena, ev->text);
		items_add_whole(s, item);
		return;
	}
	if (!ev->id.len && !ev->name.len) {
		items_add_sealed(s, items_seal(s, ev->vendor, 'd', 0,
		    ev->text));
		return;
	}
	entry = arena_fmt(scratch, "{\"id\":\"%.*s\",\"format\":\"%.*s\","
	    "\"data\":\"%.*s\"}", SLICE_FMT(ev->id), SLICE_FMT(ev->name),
	    SLICE_FMT(ev->text));
	items_add_sealed(s, items_seal(s, ev->vendor, 'e', 0,
	    base64url_encode(scratch, entry)));
}

/* ---- calls ---- */

void
items_begin_call(struct items *s)
{
	struct slice name = name_restore(s->talk->request, s->name);
	const struct ir_tool *tool = name_tool(s->talk->request, name);
	struct item *item;

	items_finish(s, false);
	items_carry(s, 'f');
	item = items_add(s, item_of_tool(tool, s->custom));
	if (!item)
		return;
	item->name = tool && tool->local.len ? tool->local : name;
	item->space = tool ? tool->space : (struct slice){ 0 };
	item->call_id = outcome_call_id(&s->outcome, s->id);
	tell_item(&s->tell, "response.output_item.added", item);
	if (item->type == ITEM_FUNCTION)
		tell_arguments_begin(&s->tell, item);
}

void
items_take_input(struct items *s, struct slice text)
{
	struct item *item = items_last(s);

	gather_add(&item->text, s->talk->arena, text);
	if (item->type == ITEM_FUNCTION)
		tell_piece(&s->tell, text, (struct slice){ 0 });
}

/* A custom tool that was called as a function: its text is a member. */
static void
unwrap(struct items *s, struct item *item)
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

void
items_end_call(struct items *s)
{
	struct item *item = items_last(s);

	if (item->type == ITEM_CUSTOM) {
		unwrap(s, item);
		tell_input(&s->tell, item);
	} else if (item->type == ITEM_FUNCTION) {
		tell_arguments_end(&s->tell, item);
	}
	items_carry_behind(s, item->call_id);
}

/* ---- what comes whole ---- */

void
items_add_image(struct items *s, const struct ir_event *ev)
{
	struct item *item;

	items_finish(s, false);
	item = items_add(s, ITEM_IMAGE);
	if (item)
		item->raw = arena_dup(s->talk->arena, ev->text);
	items_add_whole(s, item);
}

/* Anthropic's search, as OpenAI would tell of its own. */
static struct slice
search_of(struct items *s, struct slice raw)
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

void
items_add_opaque(struct items *s, const struct ir_event *ev)
{
	struct slice raw = ev->vendor == IR_OPENAI ?
	    arena_dup(s->talk->arena, ev->raw) : ev->vendor == IR_ANTHROPIC ?
	    search_of(s, ev->raw) : (struct slice){ 0 };
	struct item *item;

	if (!raw.len) {
		items_lose(s);
		return;
	}
	items_finish(s, false);
	item = items_add(s, ITEM_RAW);
	if (item)
		item->raw = raw;
	items_add_whole(s, item);
}

/* ---- what belongs to a text ---- */

/* As Responses spells what Chat holds in an object of its own. */
void
items_take_cite(struct items *s, struct slice raw)
{
	struct arena *scratch = s->talk->scratch;
	struct buf out = { 0 };
	struct writer w = { .out = &out };
	struct part *part;
	struct json doc;
	struct json_fault fault;
	struct jval v;
	static const char *const ends[] = { "start_index", "end_index" };

	if (!json_parse(&doc, scratch, raw, 0, &fault))
		return;
	part = items_last(s)->last;
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
	tell_cite(&s->tell, items_last(s), raw);
	if (part->cite_count++)
		gather_add(&part->cites, s->talk->arena, SLICE(","));
	gather_add(&part->cites, s->talk->arena, raw);
}

/* Elements of Chat's array; they may come in front of their text. */
void
items_take_logprobs(struct items *s, struct slice raw)
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
