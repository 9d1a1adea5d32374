#include "proto/messages/mark.h"

#include "json/text.h"
#include "proto/pass.h"

static const struct slice ephemeral = SLICE_INIT("{\"type\":\"ephemeral\"}");

static struct jval
first(struct jval list)
{
	return jval_is(list, JSON_ARRAY) ? jval_first(list) :
	    (struct jval){ 0 };
}

/* ---- the client's ---- */

static bool
marked(struct jval v)
{
	return jval_ok(jval_get(v, "cache_control"));
}

static bool
any_marked(struct jval list)
{
	for (struct jval v = first(list); !jval_at_end(v); v = jval_next(v))
		if (marked(v))
			return true;
	return false;
}

static bool
blocks_marked(struct jval blocks)
{
	if (any_marked(blocks))
		return true;
	for (struct jval b = first(blocks); !jval_at_end(b); b = jval_next(b))
		if (any_marked(jval_get(b, "content")))
			return true;
	return false;
}

static bool
body_marked(struct jval body)
{
	struct jval m;

	/* mostly the word stands nowhere */
	if (slice_find(jval_raw(body), SLICE("cache_control")) == SIZE_MAX)
		return false;
	if (marked(body) || any_marked(jval_get(body, "tools")) ||
	    any_marked(jval_get(body, "system")))
		return true;
	for (m = first(jval_get(body, "messages")); !jval_at_end(m);
	    m = jval_next(m))
		if (marked(m) || blocks_marked(jval_get(m, "content")))
			return true;
	return false;
}

/* ---- ours ---- */

static void
mark_object(struct jval object, struct splice *splice)
{
	if (jval_is(object, JSON_OBJECT) && !splice_covers(splice, object))
		splice_set(splice, object, "cache_control", ephemeral);
}

static bool
takes_mark(struct jval block)
{
	struct slice type = jval_get_text(block, "type");

	if (slice_is(type, "text"))
		return !text_blank(jval_get_text(block, "text"));
	return pass_among("tool_result image document search_result", type);
}

/* A text becomes a block, for only those have marks. */
static void
mark_content(struct jval content, struct splice *splice)
{
	struct jval last = { 0 };

	if (jval_is(content, JSON_STRING) && !text_blank(jval_text(content)) &&
	    !splice_covers(splice, content)) {
		splice_before(splice, content,
		    SLICE("[{\"type\":\"text\",\"text\":"));
		splice_after(splice, content,
		    SLICE(",\"cache_control\":{\"type\":\"ephemeral\"}}]"));
	}
	for (struct jval b = first(content); !jval_at_end(b); b = jval_next(b))
		if (takes_mark(b))
			last = b;
	mark_object(last, splice);
}

/* Tools whose definitions are sent for later have no place in the prefix. */
static void
mark_tools(struct jval tools, struct splice *splice)
{
	struct jval last = { 0 };

	for (struct jval t = first(tools); !jval_at_end(t); t = jval_next(t))
		if (!jval_is_true(jval_get(t, "defer_loading")) &&
		    !jval_text_is(jval_get(t, "type"), "mcp_toolset"))
			last = t;
	mark_object(last, splice);
}

/* The user's messages in a row are one turn, and end where the last one ends */
static void
mark_turns(struct jval messages, struct splice *splice)
{
	struct jval before = { 0 }, last = { 0 }, m;
	bool open = false;

	for (m = first(messages); !jval_at_end(m); m = jval_next(m)) {
		struct jval role = jval_get(m, "role");

		if (jval_text_is(role, "assistant")) {
			open = false;
		} else if (jval_text_is(role, "user")) {
			if (!open)
				before = last;
			last = m;
			open = true;
		}
	}
	mark_content(jval_get(before, "content"), splice);
	mark_content(jval_get(last, "content"), splice);
}

void
messages_mark(struct jval body, struct splice *splice)
{
	if (body_marked(body))
		return;
	mark_tools(jval_get(body, "tools"), splice);
	mark_content(jval_get(body, "system"), splice);
	mark_turns(jval_get(body, "messages"), splice);
}
