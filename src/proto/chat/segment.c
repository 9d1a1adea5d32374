#include "proto/chat/segment.h"

#include "base/hash.h"
#include "json/text.h"
#include "proto/chat/argstream.h"
#include "proto/gather.h"

/*
 * A segment is one block.  It is in one of these places:
 *	nascent		a call of which only id and name came: the next piece
 *			may bring more of its name, so it has no place yet
 *	queue		its turn has not come; `waiting` holds its text
 *	open		its OPEN was put; pieces go straight through
 *	over		its CLOSE was put, or it was dropped; pieces are ignored
 * While something is queued the open segment is a call that is not complete.
 */
enum place { PLACE_NASCENT, PLACE_QUEUE, PLACE_OPEN, PLACE_OVER };

struct segment {
	struct segment	*next;		/* in the queue */
	struct segment	*older;		/* calls: the one before */
	enum ir_kind	 kind;
	enum place	 place;
	bool		 refusal;
	bool		 signed_off;	/* its signature came: it is full */
	int64_t		 part;
	struct text_joint joint;	/* half of a surrogate pair */
	struct gather	 waiting;
	struct slice	 signature;	/* not yet put */
	enum ir_vendor	 vendor;
	struct slice	 data;		/* REDACTED, IMAGE */
	struct slice	 mime;		/* IMAGE */
	/* a call */
	bool		 indexed, custom;
	int64_t		 index;
	struct slice	 id, name;
	struct argstream args;
};

enum { CALLS_MAX = 4096 };

/* ---- putting ---- */

static void
put_delta(struct segments *s, struct slice text)
{
	if (text.len)
		s->to->put(s->to, &(struct ir_event){
		    .type = IR_DELTA, .text = text });
}

static void
put_signature(struct segments *s, struct segment *seg)
{
	if (seg->signature.len)
		s->to->put(s->to, &(struct ir_event){ .type = IR_SIGN,
		    .signature = seg->signature, .vendor = seg->vendor });
	seg->signature = (struct slice){ 0 };
}

/* Its turn has come: what waited is put, what comes from now on is live. */
static void
open_segment(struct segments *s, struct segment *seg)
{
	struct ir_event ev = {
		.type = IR_OPEN,
		.kind = seg->kind,
		.id = seg->id,
		.name = seg->name,
		.text = seg->data,
		.mime = seg->mime,
		.vendor = seg->vendor,
		.custom = seg->custom,
		.refusal = seg->refusal,
	};

	s->to->put(s->to, &ev);
	s->open = seg;
	seg->place = PLACE_OPEN;
	/* Before the arguments: some clients must be told first. */
	if (seg->kind == IR_CALL)
		put_signature(s, seg);
	put_delta(s, gather_text(&seg->waiting));
	if (seg->kind != IR_CALL)
		put_signature(s, seg);
}

/* Text that has its surrogate pairs together: what of it goes on now. */
static struct slice
pass(struct segments *s, struct segment *seg, struct slice text)
{
	if (seg->kind != IR_CALL || seg->custom)
		return text;
	return argstream_take(&seg->args, s->talk->arena, s->talk->scratch,
	    text);
}

static void
close_open(struct segments *s)
{
	struct segment *seg = s->open;

	if (!seg)
		return;
	put_delta(s, pass(s, seg, text_join_end(&seg->joint)));
	if (seg->kind == IR_CALL && !seg->custom)
		put_delta(s, argstream_end(&seg->args, s->talk->scratch));
	s->to->put(s->to, &(struct ir_event){ .type = IR_CLOSE });
	seg->place = PLACE_OVER;
	s->open = NULL;
}

/* ---- the order ---- */

static bool
is_complete(const struct segment *seg)
{
	return seg->kind != IR_CALL || argstream_complete(&seg->args);
}

static void
enqueue(struct segments *s, struct segment *seg)
{
	seg->place = PLACE_QUEUE;
	if (s->queue)
		s->queue_last->next = seg;
	else
		s->queue = seg;
	s->queue_last = seg;
}

/* Give out the queue up to the first incomplete call, or all of it. */
static void
drain(struct segments *s, bool all)
{
	while (s->queue) {
		struct segment *seg = s->queue;

		s->queue = seg->next;
		close_open(s);
		open_segment(s, seg);
		if (!all && !is_complete(seg))
			return;
	}
}

/* A segment enters the order. */
static void
enter(struct segments *s, struct segment *seg)
{
	if (s->open && !is_complete(s->open)) {
		enqueue(s, seg);
		return;
	}
	close_open(s);
	open_segment(s, seg);
}

/* Text for a segment that is in the order. */
static void
deliver(struct segments *s, struct segment *seg, struct slice text)
{
	if (seg->place == PLACE_OPEN)
		put_delta(s, text);
	else
		gather_add(&seg->waiting, s->talk->arena, text);
}

static struct segment *
new_segment(struct segments *s, enum ir_kind kind)
{
	struct segment *seg = arena_alloc(s->talk->arena, sizeof *seg);

	if (seg)
		seg->kind = kind;
	return seg;
}

/* ---- calls ---- */

static bool
id_is_taken(const struct segments *s, const struct segment *but,
    struct slice id)
{
	for (const struct segment *seg = s->calls; seg; seg = seg->older)
		if (seg != but && seg->place != PLACE_NASCENT &&
		    slice_eq(seg->id, id))
			return true;
	return false;
}

/* An id that depends on nothing but the answer and the call's number. */
static struct slice
made_up_id(struct segments *s)
{
	struct arena *arena = s->talk->arena;
	struct slice seed = arena_fmt(s->talk->scratch, "%.*s:%zu",
	    SLICE_FMT(s->answer_id), s->calls_made);
	struct slice hex = sha256_hex(s->talk->scratch, seed, 24);

	return arena_fmt(arena, "toolu_%.*s", SLICE_FMT(hex));
}

/* The call that may still have grown a name has it now, or is dropped. */
static void
settle(struct segments *s)
{
	struct segment *seg = s->nascent;

	if (!seg)
		return;
	s->nascent = NULL;
	if (!seg->name.len) {
		seg->place = PLACE_OVER;
		if (s->talk->client != s->talk->provider)
			loss_add(&s->talk->losses, s->talk->arena,
			    LOSS_DROPPED, "answer.choices[0].message."
			    "tool_calls[%zu]", s->calls_begun - 1);
		return;
	}
	if (!seg->id.len || id_is_taken(s, seg, seg->id))
		seg->id = made_up_id(s);
	s->calls_made++;
	enter(s, seg);
}

/*
 * Does the piece, which has the index of `seg` or none, begin a call of its
 * own?  Gateways send every call with index 0, and repeat id and name.
 */
static bool
begins_anew(const struct segment *seg, const struct segment_call *c)
{
	bool other_id = c->id.len && seg->id.len && !slice_eq(c->id, seg->id);
	bool same_id = c->id.len && slice_eq(c->id, seg->id);

	if (!c->name.len || same_id)
		return false;
	if (seg->place == PLACE_NASCENT && !seg->name.len && !other_id)
		return false;
	if (other_id || (c->beside && !c->indexed))
		return true;
	return argstream_complete(&seg->args) &&
	    (c->args.len || !slice_eq(c->name, seg->name));
}

/* The call that a piece belongs to, or NULL: it begins one. */
static struct segment *
find_call(const struct segments *s, const struct segment_call *c)
{
	struct segment *seg = s->calls;

	if (c->whole)
		return NULL;
	if (c->indexed)
		while (seg && !(seg->indexed && seg->index == c->index))
			seg = seg->older;
	else if (c->id.len)
		while (seg && !slice_eq(seg->id, c->id))
			seg = seg->older;
	return seg && begins_anew(seg, c) ? NULL : seg;
}

static struct segment *
begin_call(struct segments *s, const struct segment_call *c)
{
	struct segment *seg;

	settle(s);
	s->too_many |= s->calls_begun++ == CALLS_MAX;
	seg = s->too_many ? NULL : new_segment(s, IR_CALL);
	if (!seg)
		return NULL;
	seg->indexed = c->indexed;
	seg->index = c->index;
	seg->custom = c->custom;
	seg->older = s->calls;
	s->calls = s->nascent = seg;
	return seg;
}

/* Id and name of a nascent call; a name may come in pieces. */
static void
name_call(struct arena *arena, struct segment *seg,
    const struct segment_call *c)
{
	struct slice both[2] = { seg->name, c->name };

	if (c->id.len && !seg->id.len)
		seg->id = arena_dup(arena, c->id);
	if (c->name.len && !slice_eq(c->name, seg->name))
		seg->name = arena_join(arena, both, 2);
	seg->custom |= c->custom;
}

static void
sign_call(struct segments *s, struct segment *seg,
    const struct segment_call *c)
{
	if (!c->signature.len || seg->signed_off || seg->place == PLACE_OVER)
		return;
	seg->signed_off = true;
	seg->signature = arena_dup(s->talk->arena, c->signature);
	seg->vendor = c->vendor;
	if (seg->place == PLACE_OPEN)
		put_signature(s, seg);
}

static void
feed(struct segments *s, struct segment *seg, struct slice args)
{
	if (seg->place == PLACE_OVER)
		return;
	args = text_join(&seg->joint, s->talk->scratch, args);
	deliver(s, seg, pass(s, seg, args));
}

void
segments_call(struct segments *s, const struct segment_call *c)
{
	struct segment *seg = find_call(s, c);

	if (!seg)
		seg = begin_call(s, c);
	if (!seg)
		return;
	if (seg == s->nascent)
		name_call(s->talk->arena, seg, c);
	sign_call(s, seg, c);
	if (!c->args.len)
		return;
	/* What comes in front of the name waits for it. */
	if (seg == s->nascent && seg->name.len)
		settle(s);
	feed(s, seg, c->args);
	if (s->queue && s->open && is_complete(s->open))
		drain(s, false);
}

/* ---- all other blocks ---- */

/* The segment that text of this sort goes on with, or a new one. */
static struct segment *
find_text(struct segments *s, const struct segment_text *t)
{
	struct segment *seg;

	settle(s);
	seg = s->queue ? s->queue_last : s->open;
	if (seg && seg->kind == t->kind && seg->refusal == t->refusal &&
	    !seg->signed_off &&
	    (seg->part == t->part || seg->part < 0 || t->part < 0))
		return seg;
	seg = new_segment(s, t->kind);
	if (!seg)
		return NULL;
	seg->refusal = t->refusal;
	seg->part = t->part;
	seg->vendor = t->vendor;
	enter(s, seg);
	return seg;
}

static void
put_weights(struct segments *s)
{
	s->to->put(s->to, &(struct ir_event){
	    .type = IR_LOGPROBS, .raw = s->weights });
	s->weights = (struct slice){ 0 };
}

void
segments_weigh(struct segments *s)
{
	if (s->open && s->open->kind == IR_TEXT && !s->queue)
		put_weights(s);
	else
		loss_add(&s->talk->losses, s->talk->arena, LOSS_DROPPED,
		    "answer.choices[0].logprobs");
	s->weights = (struct slice){ 0 };
}

void
segments_text(struct segments *s, const struct segment_text *t)
{
	struct segment *seg = find_text(s, t);

	if (s->weights.len && seg && seg->kind == IR_TEXT && seg == s->open)
		put_weights(s);
	if (seg)
		deliver(s, seg, text_join(&seg->joint, s->talk->scratch,
		    t->text));
}

void
segments_sign(struct segments *s, int64_t part, struct slice signature,
    enum ir_vendor vendor)
{
	struct segment *seg = find_text(s, &(struct segment_text){
	    .kind = IR_THINK, .vendor = vendor, .part = part });

	if (!seg)
		return;
	seg->signed_off = true;
	seg->signature = arena_dup(s->talk->arena, signature);
	seg->vendor = vendor;
	if (seg->place == PLACE_OPEN)
		put_signature(s, seg);
}

void
segments_sign_open(struct segments *s, struct slice signature,
    enum ir_vendor vendor)
{
	struct segment *seg = s->queue ? s->queue_last : s->open;

	if (!seg || (seg->kind != IR_TEXT && seg->kind != IR_THINK))
		return;
	seg->signature = arena_dup(s->talk->arena, signature);
	seg->vendor = vendor;
	if (seg->place == PLACE_OPEN)
		put_signature(s, seg);
}

void
segments_redacted(struct segments *s, const struct segment_sealed *sealed)
{
	struct segment *seg;

	settle(s);
	seg = new_segment(s, IR_REDACTED);
	if (!seg)
		return;
	seg->data = arena_dup(s->talk->arena, sealed->data);
	seg->id = arena_dup(s->talk->arena, sealed->id);
	seg->name = arena_dup(s->talk->arena, sealed->format);
	seg->vendor = sealed->vendor;
	enter(s, seg);
}

void
segments_image(struct segments *s, struct slice mime, struct slice data)
{
	struct segment *seg;

	settle(s);
	seg = new_segment(s, IR_IMAGE);
	if (!seg)
		return;
	seg->mime = mime;
	seg->data = data;
	enter(s, seg);
	if (seg->place != PLACE_QUEUE)
		return;
	seg->mime = arena_dup(s->talk->arena, mime);
	seg->data = arena_dup(s->talk->arena, data);
}

void
segments_cite(struct segments *s, struct slice raw)
{
	if (s->open && s->open->kind == IR_TEXT && !s->queue && raw.len)
		s->to->put(s->to, &(struct ir_event){
		    .type = IR_CITE, .raw = raw });
	else if (s->talk->client != s->talk->provider)
		loss_add(&s->talk->losses, s->talk->arena, LOSS_DROPPED,
		    "answer.annotations");
}

void
segments_end(struct segments *s)
{
	settle(s);
	drain(s, true);
	close_open(s);
}
