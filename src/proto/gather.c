#include "proto/gather.h"

#include <string.h>

#include "json/text.h"
#include "json/write.h"

enum { FIRST_ROOM = 256 };

/* Room for `more` bytes behind the text. */
static bool
grow(struct gather *g, struct arena *arena, size_t more)
{
	size_t cap = g->cap ? g->cap : FIRST_ROOM;
	char *at;

	if (more <= g->cap - g->len)
		return true;
	if (more > SIZE_MAX / 4 - g->len) {
		arena->failed = true;
		return false;
	}
	while (cap - g->len < more)
		cap *= 2;
	at = g->at ? arena_resize(arena, g->at, g->cap, cap) :
	    arena_text(arena, cap);
	if (!at)
		return false;
	g->at = at;
	g->cap = cap;
	return true;
}

void
gather_add(struct gather *g, struct arena *arena, struct slice text)
{
	if (!text.len || !grow(g, arena, text.len))
		return;
	memcpy(g->at + g->len, text.ptr, text.len);
	g->len += text.len;
}

struct slice
gather_text(const struct gather *g)
{
	return (struct slice){ g->at, g->len };
}

void
gather_clear(struct gather *g)
{
	g->len = 0;
}

struct slice
gather(struct arena *arena, struct buf *out)
{
	struct slice text = { 0 };

	if (out->failed)
		arena->failed = true;
	else
		text = arena_dup(arena, buf_slice(out));
	buf_free(out);
	return text;
}

struct slice
gather_escaped_json(struct arena *arena, struct slice json)
{
	struct buf plain = { 0 }, escaped = { 0 };
	struct writer w = { .out = &plain };

	write_min(&w, json);
	text_escape_to(&escaped, buf_slice(&plain));
	escaped.failed |= plain.failed;
	buf_free(&plain);
	return gather(arena, &escaped);
}
