#include "proto/messages/messages.h"

#include <string.h>

#include "proto/names.h"
#include "proto/pass.h"

/*
 * Thinking of other vendors, that an earlier turn was answered with, and
 * thinking without a signature: Anthropic refuses both.
 */
static bool
foreign(struct jval block)
{
	struct slice mark;

	if (jval_text_is(jval_get(block, "type"), "thinking")) {
		mark = jval_get_text(block, "signature");
		return !mark.len || envelope_is(mark);
	}
	if (jval_text_is(jval_get(block, "type"), "redacted_thinking"))
		return envelope_is(jval_get_text(block, "data"));
	return false;
}

static size_t
foreign_count(struct jval message)
{
	struct jval content = jval_get(message, "content");
	size_t n = 0;

	if (!jval_is(content, JSON_ARRAY))
		return 0;
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b))
		n += foreign(b);
	return n;
}

struct cursor {			/* text that is put together in the arena */
	char		*at;
	bool		 comma;
};

static void
put(struct cursor *out, struct slice text)
{
	if (text.len)
		memcpy(out->at, text.ptr, text.len);
	out->at += text.len;
}

static void
put_item(struct cursor *out, struct slice text)
{
	if (out->comma)
		put(out, SLICE(","));
	out->comma = true;
	put(out, text);
}

/* The message with its content array rewritten, all else as it came. */
static void
put_message(struct cursor *out, struct jval message)
{
	struct jval content = jval_get(message, "content");
	struct slice whole = jval_raw(message), inner = jval_raw(content);
	size_t before = (size_t)(inner.ptr - whole.ptr);

	put_item(out, slice_sub(whole, 0, before));
	put(out, SLICE("["));
	out->comma = false;
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b))
		if (!foreign(b))
			put_item(out, jval_raw(b));
	put(out, SLICE("]"));
	out->comma = true;
	put(out, slice_skip(whole, before + inner.len));
}

/* The messages without foreign thinking; one that held nothing else goes. */
static struct slice
without_foreign(struct arena *arena, struct jval messages)
{
	/* What is left out makes room for what is put in its place. */
	char *text = arena_text(arena, jval_raw(messages).len);
	struct cursor out = { .at = text };
	size_t n;

	if (!text)
		return SLICE("");
	put(&out, SLICE("["));
	for (struct jval m = jval_first(messages); !jval_at_end(m);
	    m = jval_next(m)) {
		n = foreign_count(m);
		if (!n)
			put_item(&out, jval_raw(m));
		else if (n < jval_count(jval_get(m, "content")))
			put_message(&out, m);
	}
	put(&out, SLICE("]"));
	return (struct slice){ text, (size_t)(out.at - text) };
}

bool
messages_pass(struct talk *talk, struct jval body, struct splice *splice)
{
	struct jval messages = jval_get(body, "messages");
	bool clean = true;

	if (jval_is(messages, JSON_ARRAY))
		for (struct jval m = jval_first(messages); !jval_at_end(m);
		    m = jval_next(m))
			clean &= !foreign_count(m);
	if (!clean)
		splice_value(splice, messages,
		    without_foreign(talk->arena, messages));
	return pass_edit(talk, body, splice);
}

bool
messages_peek(struct talk *talk, struct jval body)
{
	return pass_peek(talk, body);
}

const struct protocol protocol_messages = {
	.id = PROTO_MESSAGES,
	.name = "messages",
	.path = "/v1/messages",
	.vendor = IR_ANTHROPIC,
	.decode = messages_decode,
	.encode = messages_encode,
	.pass = messages_pass,
	.peek = messages_peek,
	.source = messages_source,
	.sink_stream = messages_sink_stream,
	.sink_whole = messages_sink_whole,
	.error = messages_error,
	.keep_alive =
	    SLICE_INIT("event: ping\ndata: {\"type\":\"ping\"}\n\n"),
};
