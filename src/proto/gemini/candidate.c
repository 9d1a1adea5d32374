#include "proto/gemini/candidate.h"

#include "base/hash.h"
#include "json/scan.h"
#include "json/text.h"
#include "proto/args.h"
#include "proto/names.h"
#include "proto/place.h"

enum {
	ID_DIGITS = 24,
	ID_BYTES = 16,			/* of an answer's, before base64 */
	BUNDLE_MAX = 1 << 20,		/* more thinking is not kept */
};

void
candidate_init(struct candidate *c, struct talk *talk)
{
	const struct ir_request *request = talk->request;

	*c = (struct candidate){
		.talk = talk,
		.show_thoughts = !request || request->show_thoughts,
		.keeps = !request || request->tools,
		.usage = ir_usage_none(),
	};
}

/* Sixteen bytes that follow from the provider's id, or else from ours. */
static struct slice
answer_id(const struct talk *talk, struct slice id)
{
	uint8_t sum[SHA256_LEN];

	sha256(id.len ? id : talk->request_id, sum);
	return base64url_encode(talk->arena,
	    (struct slice){ (const char *)sum, ID_BYTES });
}

void
candidate_begin(struct candidate *c, const struct ir_event *ev)
{
	const struct talk *talk = c->talk;
	struct slice id = answer_id(talk, ev->id);
	struct slice model = talk->client_model.len && (!ev->model.len ||
	    talk_options(talk)->model_echo == ECHO_CLIENT) ?
	    talk->client_model : ev->model;

	c->foot = arena_fmt(talk->arena,
	    "\"modelVersion\":\"%.*s\",\"responseId\":\"%.*s\"}",
	    SLICE_FMT(model), SLICE_FMT(id));
}

/* ---- following ---- */

static void
follow_open(struct candidate *c, const struct ir_event *ev)
{
	struct arena *arena = c->talk->arena;

	c->kind = ev->kind;
	c->vendor = ev->vendor;
	c->custom = ev->custom;
	c->signature = c->item = (struct slice){ 0 };
	gather_clear(&c->text);
	if (ev->kind == IR_OPAQUE && ev->vendor != IR_GOOGLE)
		loss_add(&c->talk->losses, arena, LOSS_DROPPED,
		    "answer.content");
	if (ev->kind == IR_CALL) {
		c->id = arena_dup(arena, ev->id);
		c->name = arena_dup(arena, c->talk->request ?
		    name_restore(c->talk->request, ev->name) : ev->name);
		c->calls++;
	} else if (ev->kind == IR_REDACTED) {
		gather_add(&c->text, arena, ev->text);
		c->id = arena_dup(arena, ev->id);
		c->name = arena_dup(arena, ev->name);
	}
}

static void
follow_text(struct candidate *c, struct slice text)
{
	c->text_bytes += place_bytes(text);
	c->said_text |= text.len > 0;
	ruler_add(&c->ruler, c->talk->arena, text);
}

static void
follow_delta(struct candidate *c, struct slice text)
{
	bool kept = c->kind == IR_CALL || (c->kind == IR_THINK && c->keeps &&
	    c->text.len < BUNDLE_MAX);

	if (c->kind == IR_TEXT)
		follow_text(c, text);
	else if (kept)
		gather_add(&c->text, c->talk->arena, text);
}

void
candidate_follow(struct candidate *c, const struct ir_event *ev)
{
	switch (ev->type) {
	case IR_BEGIN:
	case IR_USAGE:
		ir_usage_merge(&c->usage, &ev->usage);
		break;
	case IR_OPEN:
		follow_open(c, ev);
		break;
	case IR_DELTA:
		follow_delta(c, ev->text);
		break;
	case IR_SIGN:
		c->signature = arena_dup(c->talk->arena, ev->signature);
		c->item = arena_dup(c->talk->arena, ev->id);
		c->vendor = ev->vendor;
		break;
	case IR_CITE:
		candidate_cite(c, ev->raw);
		break;
	case IR_LOGPROBS:
		candidate_weigh(c, ev->raw);
		break;
	case IR_CLOSE:
	case IR_PING:
	case IR_STOP:
	case IR_FAIL:
		break;
	}
}

bool
candidate_shows(const struct candidate *c)
{
	return c->kind == IR_TEXT || (c->kind == IR_THINK && c->show_thoughts);
}

struct slice
candidate_text_signature(const struct candidate *c)
{
	bool own = c->vendor == IR_GOOGLE && (c->kind == IR_TEXT ||
	    c->kind == IR_THINK);

	return own ? c->signature : (struct slice){ 0 };
}

/* ---- thinking for the next call ---- */

static void
add(struct candidate *c, const char *before, struct slice text)
{
	gather_add(&c->bundle, c->talk->arena, slice_of(before));
	gather_add(&c->bundle, c->talk->arena, text);
}

/* Does a vendor other than Google want it back with the call's result? */
static bool
is_wanted(const struct candidate *c)
{
	if (!c->keeps || (!c->text.len && !c->signature.len))
		return false;
	if (c->kind == IR_REDACTED)
		return c->text.len;
	if (c->kind != IR_THINK || c->vendor == IR_GOOGLE)
		return false;
	return c->signature.len || c->talk->quirks.replay != REPLAY_NO;
}

static void
bundle(struct candidate *c)
{
	static const struct slice none;
	enum ir_vendor vendor = c->vendor == IR_NOBODY ? IR_OTHER : c->vendor;
	bool hidden = c->kind == IR_REDACTED;

	if (!is_wanted(c) || c->bundle.len + c->text.len > BUNDLE_MAX)
		return;
	if (c->bundle.len && c->bundle_vendor != vendor)
		gather_clear(&c->bundle);
	c->bundle_vendor = vendor;
	add(c, c->bundle.len ? ",{" : "[{", none);
	add(c, hidden ? "\"data\":\"" : "\"text\":\"", gather_text(&c->text));
	if (c->signature.len)
		add(c, "\",\"sig\":\"", c->signature);
	if (c->item.len)
		add(c, "\",\"item\":\"", c->item);
	if (hidden && c->id.len)
		add(c, "\",\"id\":\"", c->id);
	if (hidden && c->name.len)
		add(c, "\",\"format\":\"", c->name);
	add(c, "\"", none);
	if (c->text_bytes)
		add(c, ",\"at\":", arena_fmt(c->talk->scratch, "%llu",
		    (unsigned long long)c->text_bytes));
	add(c, "}", none);
}

void
candidate_close(struct candidate *c)
{
	if (c->kind == IR_THINK || c->kind == IR_REDACTED)
		bundle(c);
}

/* In base64, as the protocol says that signatures are. */
static struct slice
wrap(struct candidate *c, enum ir_vendor vendor, char kind, struct slice raw)
{
	struct arena *scratch = c->talk->scratch;

	return base64_encode(scratch,
	    envelope_make(scratch, vendor, kind, 0, raw));
}

/* What the open call's thoughtSignature is. */
static struct slice
call_signature(struct candidate *c)
{
	struct arena *scratch = c->talk->scratch;
	struct slice bundle = gather_text(&c->bundle);

	if (c->signature.len && c->vendor == IR_GOOGLE)
		return c->signature;
	if (bundle.len)
		return wrap(c, c->bundle_vendor, 'b', base64url_encode(scratch,
		    arena_join(scratch, (const struct slice[]){
		    bundle, SLICE("]") }, 2)));
	if (c->signature.len)
		return wrap(c, c->vendor, 'f', c->signature);
	return bundle;
}

/* ---- calls ---- */

/* Is it one JSON value?  Then *first is its first byte that is no blank. */
static bool
is_json(struct slice plain, char *first)
{
	struct json_fault fault;
	uint32_t tokens;

	*first = slice_trim(plain).len ? *slice_trim(plain).ptr : 0;
	return json_check(plain, JSON_DEPTH_MAX - 1, &tokens, &fault);
}

/* `plain` as an object; empty: it is no JSON.  Models add brackets. */
static struct slice
object_of(struct candidate *c, struct slice plain)
{
	struct scan scan = { 0 };
	struct slice inner;
	char first;

	if (slice_blank(plain) || slice_is(slice_trim(plain), "null"))
		return SLICE("{}");
	if (!is_json(plain, &first)) {
		plain = slice_sub(plain, 0, scan_feed(&scan, plain));
		if (!scan.complete || !is_json(plain, &first))
			return (struct slice){ 0 };
	}
	if (first == '{')
		return plain;
	inner = args_object(c->talk->scratch, plain);
	if (first == '"' && !slice_starts(inner, SLICE("{\"value\":")))
		return inner;
	return arena_join(c->talk->scratch, (const struct slice[]){
	    SLICE("{\"input\":"), plain, SLICE("}") }, 3);
}

static struct slice
call_args(struct candidate *c)
{
	struct slice text = gather_text(&c->text);

	if (c->custom)
		return arena_join(c->talk->scratch, (const struct slice[]){
		    SLICE("{\"input\":\""), text, SLICE("\"}") }, 3);
	return object_of(c, text_unescape(c->talk->scratch, text));
}

static struct slice
call_id(const struct candidate *c)
{
	struct arena *scratch = c->talk->scratch;
	struct slice seed;

	if (c->id.len)
		return c->id;
	seed = arena_fmt(scratch, "%.*s/%zu", SLICE_FMT(c->talk->request_id),
	    c->calls);
	return arena_fmt(scratch, "call_%.*s",
	    SLICE_FMT(sha256_hex(scratch, seed, ID_DIGITS)));
}

struct slice
candidate_call(struct candidate *c)
{
	struct slice args = call_args(c), signature = call_signature(c);
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	gather_clear(&c->bundle);
	c->text_bytes = 0;
	if (!args.len) {
		c->bad_call = c->name;
		return args;
	}
	write_object(&w);
	write_key(&w, "functionCall");
	write_object(&w);
	write_member_text(&w, "id", call_id(c));
	write_member_text(&w, "name", c->name);
	write_key(&w, "args");
	write_min(&w, args);
	write_end(&w);
	if (signature.len)
		write_member_text(&w, "thoughtSignature", signature);
	write_end(&w);
	return gather(c->talk->scratch, &out);
}

struct slice
candidate_opaque(struct candidate *c, struct slice raw)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	write_min(&w, raw);
	return gather(c->talk->scratch, &out);
}
