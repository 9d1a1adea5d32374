#include "proto/messages/resume.h"

#include "json/text.h"
#include "proto/args.h"
#include "proto/pass.h"

enum { TOKENS_MAX = 1 << 20 };

/* Members of a block that come in pieces, and what they are called there. */
enum piece { PIECE_TEXT, PIECE_THINKING, PIECE_INPUT, PIECE_SIGN, PIECES };

static const struct {
	const char	*delta, *member, *into;
	bool		 instead;	/* the last piece counts alone */
} pieces[PIECES] = {
	[PIECE_TEXT] = { "text_delta", "text", "text", false },
	[PIECE_THINKING] = { "thinking_delta", "thinking", "thinking",
	    false },
	[PIECE_INPUT] = { "input_json_delta", "partial_json", "input",
	    false },
	[PIECE_SIGN] = { "signature_delta", "signature", "signature", true },
};

struct resume {
	struct talk	*talk;
	struct slice	 sent;		/* the first request */
	unsigned	 rounds;
	struct gather	 content;	/* whole blocks, with commas */
	bool		 lost;		/* something of it is missing */
	/* the block under way */
	struct slice	 start;		/* as it began; empty: none */
	struct gather	 said[PIECES];	/* escaped */
	struct gather	 cites;		/* raw, with commas */
};

static bool
has_hosted(const struct ir_request *request)
{
	for (const struct ir_tool *t = request->tools; t; t = t->next)
		if (t->kind == IR_HOSTED)
			return true;
	return jval_ok(pass_member(request->body, "mcp_servers"));
}

struct resume *
resume_new(struct talk *talk)
{
	struct resume *r;

	if (!talk->request || !talk->client ||
	    talk->client->id == PROTO_MESSAGES || !has_hosted(talk->request))
		return NULL;
	r = arena_alloc(talk->arena, sizeof *r);
	if (r)
		r->talk = talk;
	return r;
}

static void
add_block(struct resume *r, struct slice raw)
{
	struct arena *arena = r->talk->arena;

	if (r->content.len + raw.len > RESUME_BYTES)
		r->lost = true;
	if (r->lost)
		return;
	if (r->content.len)
		gather_add(&r->content, arena, SLICE(","));
	gather_add(&r->content, arena, raw);
}

/* ---- the block under way ---- */

/* What the member is in the end: what it began with, and all pieces. */
static struct slice
member_value(struct resume *r, enum piece p, struct jval block)
{
	struct arena *scratch = r->talk->scratch;
	struct slice said = gather_text(&r->said[p]);
	struct slice begun = pieces[p].instead ? SLICE("") :
	    jval_get_text(block, pieces[p].into);
	struct json_fault fault;
	uint32_t tokens;

	if (p != PIECE_INPUT)
		return arena_join(scratch, (struct slice[]){ SLICE("\""),
		    begun, said, SLICE("\"") }, 4);
	said = text_unescape(scratch, said);
	return json_check(said, ARGS_DEPTH_MAX, &tokens, &fault) ? said :
	    SLICE("{}");
}

static void
set_cites(struct resume *r, struct splice *splice, struct jval block)
{
	struct jval old = jval_get(block, "citations");
	struct slice begun = jval_is(old, JSON_ARRAY) && jval_count(old) ?
	    jval_raw(old) : SLICE("[]");
	bool comma = jval_count(old) && jval_is(old, JSON_ARRAY);

	if (!r->cites.len)
		return;
	splice_set(splice, block, "citations", arena_join(r->talk->scratch,
	    (struct slice[]){ slice_sub(begun, 0, begun.len - 1),
	    comma ? SLICE(",") : SLICE(""), gather_text(&r->cites),
	    SLICE("]") }, 4));
}

/* The block is whole. */
static void
end_block(struct resume *r)
{
	struct splice splice = { .text = r->start };
	struct json doc;
	struct json_fault fault;
	struct buf whole = { 0 };

	if (!r->start.len)
		return;
	if (json_parse(&doc, r->talk->scratch, r->start, TOKENS_MAX,
	    &fault)) {
		for (unsigned p = 0; p < PIECES; p++)
			if (r->said[p].len)
				splice_set(&splice, json_root(&doc),
				    pieces[p].into, member_value(r, p,
				    json_root(&doc)));
		set_cites(r, &splice, json_root(&doc));
	}
	splice_write(&splice, &whole);
	r->lost |= whole.failed;
	add_block(r, buf_slice(&whole));
	buf_free(&whole);
	for (unsigned p = 0; p < PIECES; p++)
		gather_clear(&r->said[p]);
	gather_clear(&r->cites);
	r->start = (struct slice){ 0 };
}

static void
add_piece(struct resume *r, struct jval delta)
{
	struct jval type = jval_get(delta, "type");
	struct jval cite = jval_get(delta, "citation");
	struct arena *arena = r->talk->arena;

	if (jval_ok(cite) && r->cites.len)
		gather_add(&r->cites, arena, SLICE(","));
	if (jval_ok(cite))
		gather_add(&r->cites, arena, jval_raw(cite));
	for (unsigned p = 0; p < PIECES; p++) {
		struct gather *said = &r->said[p];

		if (!jval_text_is(type, pieces[p].delta))
			continue;
		if (pieces[p].instead)
			gather_clear(said);
		gather_add(said, arena, jval_get_text(delta,
		    pieces[p].member));
		r->lost |= said->len > RESUME_BYTES;
	}
}

void
resume_event(struct resume *r, struct jval data)
{
	struct jval type = jval_get(data, "type");

	if (r->lost)
		return;
	if (jval_text_is(type, "content_block_delta")) {
		add_piece(r, jval_get(data, "delta"));
	} else if (jval_text_is(type, "content_block_start")) {
		end_block(r);
		r->start = arena_dup(r->talk->arena,
		    jval_raw(jval_get(data, "content_block")));
	} else if (jval_text_is(type, "content_block_stop") ||
	    jval_text_is(type, "message_delta")) {
		end_block(r);
	}
}

void
resume_message(struct resume *r, struct jval message)
{
	struct jval content = jval_get(message, "content");

	if (!jval_is(content, JSON_ARRAY))
		return;
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b))
		add_block(r, jval_raw(b));
}

bool
resume_may(const struct resume *r)
{
	return r->rounds < RESUME_MAX && !r->lost && r->content.len;
}

bool
resume_write(struct resume *r, struct slice sent, struct buf *out)
{
	struct arena *arena = r->talk->arena;
	struct json doc;
	struct json_fault fault;
	struct jval messages;
	struct splice splice = { 0 };
	struct slice list;

	end_block(r);
	if (!r->rounds++)
		r->sent = arena_dup(arena, sent);
	splice.text = r->sent;
	if (!json_parse(&doc, arena, r->sent, 0, &fault))
		return false;
	messages = jval_get(json_root(&doc), "messages");
	list = slice_trim(jval_raw(messages));
	if (!jval_is(messages, JSON_ARRAY) || !jval_count(messages))
		return false;
	splice_value(&splice, messages, arena_join(arena, (struct slice[]){
	    slice_sub(list, 0, list.len - 1),
	    SLICE(",{\"role\":\"assistant\",\"content\":["),
	    gather_text(&r->content), SLICE("]}]") }, 4));
	splice_write(&splice, out);
	return !out->failed && !arena->failed;
}
