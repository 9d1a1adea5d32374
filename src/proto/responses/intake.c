#include "proto/responses/intake.h"

#include "json/write.h"
#include "proto/responses/call.h"
#include "proto/responses/responses.h"

/* ---- text ---- */

/* Chat's form of a citation; its offsets count from where all text begins. */
static struct slice
chat_citation(struct intake *t, const struct part *part, struct jval note)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };
	uint64_t n;

	write_object(&w);
	write_member_plain(&w, "type", "url_citation");
	write_key(&w, "url_citation");
	write_object(&w);
	for (struct jval k = jval_first(note); !jval_at_end(k);
	    k = jval_next(k)) {
		bool place = jval_text_is(k, "start_index") ||
		    jval_text_is(k, "end_index");

		if (jval_text_is(k, "type"))
			continue;
		write_key_text(&w, jval_text(k));
		if (place && jval_u64(jval_value(k), &n) && n < INT32_MAX)
			write_u64(&w, part->start + n);
		else
			write_min(&w, text_mend(t->talk->scratch,
			    jval_raw(jval_value(k))));
	}
	write_end(&w);
	write_end(&w);
	return gather(t->talk->scratch, &out);
}

/* One that comes ahead of its text is told again when the part is done. */
static void
cite(struct intake *t, struct part *part, struct jval note)
{
	if (part->state == PART_FRESH)
		return;
	part->cited = true;
	if (jval_text_is(jval_get(note, "type"), "url_citation"))
		parts_note(&t->parts, part, IR_CITE,
		    chat_citation(t, part, note));
	else
		loss_add(&t->talk->losses, t->talk->arena, LOSS_DROPPED,
		    "answer.annotations");
}

/* Some tell probabilities unasked. */
static bool
wants_logprobs(const struct intake *t)
{
	const struct ir_request *r = t->talk->request;

	return !r || r->logprobs == TRI_YES || r->top_logprobs.len;
}

static void
weigh(struct intake *t, struct part *part, struct jval logprobs)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	if (!jval_is(logprobs, JSON_ARRAY) || !jval_count(logprobs) ||
	    !wants_logprobs(t))
		return;
	part->weighed = true;
	write_min(&w, text_mend(t->talk->scratch, jval_raw(logprobs)));
	parts_note(&t->parts, part, IR_LOGPROBS,
	    gather(t->talk->scratch, &out));
}

static struct part *
text_part(struct intake *t, uint64_t item, struct jval place, bool refusal)
{
	struct part *part;
	uint64_t n = 0;

	(void)jval_u64(place, &n);
	part = parts_at(&t->parts, item, IR_TEXT, n);
	if (part && refusal)
		part->refusal = true;
	/* its message's phase stands where other blocks have a name */
	if (part && t->phased && t->phase_of == item)
		part->name = t->phase;
	return part;
}

static void
say_text(struct intake *t, struct part *part, struct slice text)
{
	if (part->refusal)
		gather_add(&t->refusal, t->talk->arena, text);
	parts_say(&t->parts, part, text);
}

/* A whole part: what of it has not been told. */
static void
end_text(struct intake *t, struct part *part, struct jval whole)
{
	struct jval notes = jval_get(whole, "annotations");

	if (!part->said)
		say_text(t, part, jval_get_text(whole, part->refusal ?
		    "refusal" : "text"));
	if (!part->cited && jval_is(notes, JSON_ARRAY))
		for (struct jval n = jval_first(notes); !jval_at_end(n);
		    n = jval_next(n))
			cite(t, part, n);
	if (!part->weighed)
		weigh(t, part, jval_get(whole, "logprobs"));
	parts_done(&t->parts, part);
}

/* ---- thinking ---- */

/* Some tell a thought twice, in short and in full: the first way counts. */
static struct part *
thought_part(struct intake *t, uint64_t item, enum part_voice voice)
{
	struct part *part = parts_at(&t->parts, item, IR_THINK, 0);

	if (!part || (part->voice != VOICE_NONE && part->voice != voice))
		return NULL;
	part->voice = voice;
	return part;
}

static void
say_thought(struct intake *t, struct part *part, uint64_t section,
    struct slice text)
{
	if (!text.len)
		return;
	if (part->said && section != part->section)
		parts_say(&t->parts, part, SLICE("\\n\\n"));
	part->section = section;
	parts_say(&t->parts, part, text);
}

/* A whole section, unless a piece of it was told. */
static void
end_thought(struct intake *t, struct part *part, uint64_t section,
    struct slice text)
{
	if (!part->said || section > part->section)
		say_thought(t, part, section, text);
}

static void
end_sections(struct intake *t, uint64_t item, enum part_voice voice,
    struct jval list)
{
	uint64_t section = 0;
	struct part *part;

	if (!jval_is(list, JSON_ARRAY) || !jval_count(list))
		return;
	part = thought_part(t, item, voice);
	if (!part)
		return;
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v))
		end_thought(t, part, section++, jval_get_text(v, "text"));
}

/* ---- items ---- */

static void
end_message(struct intake *t, uint64_t index, struct jval item)
{
	struct jval content = jval_get(item, "content");
	uint64_t place = 0;

	if (jval_is(content, JSON_ARRAY))
		for (struct jval v = jval_first(content); !jval_at_end(v);
		    v = jval_next(v)) {
			struct part *part = parts_at(&t->parts, index,
			    IR_TEXT, place++);

			if (!part)
				return;
			part->refusal |= jval_text_is(jval_get(v, "type"),
			    "refusal");
			end_text(t, part, v);
		}
}

static void
end_reasoning(struct intake *t, uint64_t index, struct jval item)
{
	struct slice sealed = jval_get_text(item, "encrypted_content");
	struct part *part;

	end_sections(t, index, VOICE_SUMMARY, jval_get(item, "summary"));
	end_sections(t, index, VOICE_RAW, jval_get(item, "content"));
	part = sealed.len ? parts_at(&t->parts, index, IR_THINK, 0) : NULL;
	if (!part)
		return;
	part->vendor = responses_vendor(&t->talk->quirks);
	parts_sign(&t->parts, part, sealed, jval_get_text(item, "id"));
}

static void
end_picture(struct intake *t, uint64_t index, struct jval item)
{
	struct slice format = jval_get_text(item, "output_format");
	struct part *part = parts_at(&t->parts, index, IR_IMAGE, 0);

	/* told twice: what may wait since the first time is not touched */
	if (!part || part->data.ptr || !jval_get_text(item, "result").len)
		return;
	part->data = jval_get_text(item, "result");
	part->mime = slice_is(format, "jpeg") ? SLICE("image/jpeg") :
	    slice_is(format, "webp") ? SLICE("image/webp") :
	    SLICE("image/png");
	parts_enter(&t->parts, part);
	parts_done(&t->parts, part);
}

/* What only OpenAI's own clients understand. */
static void
end_opaque(struct intake *t, uint64_t index, struct jval item)
{
	struct part *part = parts_at(&t->parts, index, IR_OPAQUE, 0);

	if (!part || part->raw.ptr)
		return;
	part->vendor = IR_OPENAI;
	part->id = jval_get_text(item, "id");
	part->name = jval_get_text(item, "type");
	part->raw = jval_raw(item);
	parts_enter(&t->parts, part);
	parts_done(&t->parts, part);
}

static const struct {
	const char	*type;
	void		(*end)(struct intake *, uint64_t, struct jval item);
} item_types[] = {
	{ "message", end_message },
	{ "reasoning", end_reasoning },
	{ "image_generation_call", end_picture },
};

void
intake_done(struct intake *t, uint64_t index, struct jval item)
{
	const struct call_type *type = call_type_of(t->talk, item);
	size_t n = sizeof item_types / sizeof *item_types, i = 0;

	t->seen = true;
	t->latest = index;
	if (jval_get_text(item, "phase").len) {
		t->phased = true;
		t->phase_of = index;
		t->phase = arena_dup(t->talk->arena,
		    jval_get_text(item, "phase"));
	}
	while (i < n && !jval_text_is(jval_get(item, "type"),
	    item_types[i].type))
		i++;
	if (type)
		call_end(t, index, item, type);
	else if (i < n)
		item_types[i].end(t, index, item);
	else if (jval_is(item, JSON_OBJECT))
		end_opaque(t, index, item);
	parts_item_done(&t->parts, index);
}

/* ---- events ---- */

struct piece {			/* one event */
	struct jval	 data;
	uint64_t	 index;		/* of the item */
	struct jval	*delta;
};

static struct part *
on_item_added(struct intake *t, const struct piece *p)
{
	struct jval item = jval_get(p->data, "item");
	const struct call_type *type = call_type_of(t->talk, item);
	struct slice phase = jval_get_text(item, "phase");

	if (type)
		call_begin(t, p->index, item, type);
	if (!phase.len)
		return NULL;
	t->phased = true;
	t->phase_of = p->index;
	t->phase = arena_dup(t->talk->arena, phase);
	return NULL;
}

static struct part *
on_item_done(struct intake *t, const struct piece *p)
{
	intake_done(t, p->index, jval_get(p->data, "item"));
	return NULL;
}

static struct part *
text_delta(struct intake *t, const struct piece *p, bool refusal)
{
	struct jval logprobs = jval_get(p->data, "logprobs");
	struct part *part = text_part(t, p->index,
	    jval_get(p->data, "content_index"), refusal);

	if (!part)
		return NULL;
	*p->delta = jval_get(p->data, "delta");
	say_text(t, part, jval_text(*p->delta));
	weigh(t, part, logprobs);
	return refusal || jval_count(logprobs) ? NULL : part;
}

static struct part *
on_text_delta(struct intake *t, const struct piece *p)
{
	return text_delta(t, p, false);
}

static struct part *
on_refusal_delta(struct intake *t, const struct piece *p)
{
	return text_delta(t, p, true);
}

static struct part *
text_done(struct intake *t, const struct piece *p, bool refusal)
{
	struct part *part = text_part(t, p->index,
	    jval_get(p->data, "content_index"), refusal);

	if (part && !part->said)
		say_text(t, part, jval_get_text(p->data, refusal ?
		    "refusal" : "text"));
	if (part && !part->weighed)
		weigh(t, part, jval_get(p->data, "logprobs"));
	return NULL;
}

static struct part *
on_text_done(struct intake *t, const struct piece *p)
{
	return text_done(t, p, false);
}

static struct part *
on_refusal_done(struct intake *t, const struct piece *p)
{
	return text_done(t, p, true);
}

static struct part *
on_part_done(struct intake *t, const struct piece *p)
{
	struct jval whole = jval_get(p->data, "part");
	struct jval type = jval_get(whole, "type");
	struct jval place = jval_get(p->data, "content_index");
	bool refusal = jval_text_is(type, "refusal");
	struct part *part;

	if (refusal || jval_text_is(type, "output_text")) {
		part = text_part(t, p->index, place, refusal);
		if (part)
			end_text(t, part, whole);
	}
	return NULL;
}

static struct part *
on_annotation(struct intake *t, const struct piece *p)
{
	struct part *part = text_part(t, p->index,
	    jval_get(p->data, "content_index"), false);

	if (part)
		cite(t, part, jval_get(p->data, "annotation"));
	return NULL;
}

static struct part *
thought_delta(struct intake *t, const struct piece *p, enum part_voice voice,
    const char *place)
{
	struct part *part = thought_part(t, p->index, voice);
	uint64_t section = 0;

	(void)jval_u64(jval_get(p->data, place), &section);
	*p->delta = jval_get(p->data, "delta");
	if (part)
		say_thought(t, part, section, jval_text(*p->delta));
	return part;
}

static struct part *
on_summary_delta(struct intake *t, const struct piece *p)
{
	return thought_delta(t, p, VOICE_SUMMARY, "summary_index");
}

static struct part *
on_thought_delta(struct intake *t, const struct piece *p)
{
	return thought_delta(t, p, VOICE_RAW, "content_index");
}

static struct part *
thought_done(struct intake *t, const struct piece *p, enum part_voice voice,
    const char *place)
{
	struct part *part = thought_part(t, p->index, voice);
	uint64_t section = 0;

	(void)jval_u64(jval_get(p->data, place), &section);
	if (part)
		end_thought(t, part, section, jval_get_text(p->data, "text"));
	return NULL;
}

static struct part *
on_summary_done(struct intake *t, const struct piece *p)
{
	return thought_done(t, p, VOICE_SUMMARY, "summary_index");
}

static struct part *
on_thought_done(struct intake *t, const struct piece *p)
{
	return thought_done(t, p, VOICE_RAW, "content_index");
}

static struct part *
on_args_delta(struct intake *t, const struct piece *p)
{
	struct part *part = parts_at(&t->parts, p->index, IR_CALL, 0);

	*p->delta = jval_get(p->data, "delta");
	if (part)
		parts_say(&t->parts, part, jval_text(*p->delta));
	return part;
}

static struct part *
on_args_done(struct intake *t, const struct piece *p)
{
	struct part *part = parts_at(&t->parts, p->index, IR_CALL, 0);
	struct slice args = jval_get_text(p->data, "arguments");

	if (!args.ptr)
		args = jval_get_text(p->data, "input");
	if (!part)
		return NULL;
	if (!part->said)
		parts_say(&t->parts, part, args);
	if (part->named)
		parts_done(&t->parts, part);
	return NULL;
}

/* The frequent ones first. */
static const struct intake_event {
	const char	*type;
	struct part	*(*take)(struct intake *, const struct piece *);
} events[] = {
	{ "output_text.delta", on_text_delta },
	{ "function_call_arguments.delta", on_args_delta },
	{ "reasoning_summary_text.delta", on_summary_delta },
	{ "reasoning_text.delta", on_thought_delta },
	{ "custom_tool_call_input.delta", on_args_delta },
	{ "refusal.delta", on_refusal_delta },
	{ "output_item.added", on_item_added },
	{ "output_item.done", on_item_done },
	{ "content_part.done", on_part_done },
	{ "output_text.done", on_text_done },
	{ "output_text.annotation.added", on_annotation },
	{ "function_call_arguments.done", on_args_done },
	{ "custom_tool_call_input.done", on_args_done },
	{ "reasoning_summary_text.done", on_summary_done },
	{ "reasoning_text.done", on_thought_done },
	{ "refusal.done", on_refusal_done },
};

const struct intake_event *
intake_find(struct slice type)
{
	if (!slice_starts(type, SLICE("response.")))
		return NULL;
	type = slice_skip(type, sizeof "response." - 1);
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (slice_is(type, events[i].type))
			return &events[i];
	return NULL;
}

/* Events that do not say which item they mean are of the latest. */
struct part *
intake_take(struct intake *t, const struct intake_event *event,
    struct jval data, struct jval *delta)
{
	struct piece p = { .data = data, .delta = delta };

	if (!jval_u64(jval_get(data, "output_index"), &p.index))
		p.index = t->seen && event->take == on_item_added ?
		    t->latest + 1 : t->latest;
	t->latest = p.index;
	t->seen = true;
	return event->take(t, &p);
}
