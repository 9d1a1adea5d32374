#include "proto/markup.h"

#include <string.h>

#include "json/text.h"

static const char *
entity(char c)
{
	switch (c) {
	case '"':
		return "&quot;";
	case '<':
		return "&lt;";
	case '&':
		return "&amp;";
	}
	return NULL;
}

/* The value with its quotes, for a place inside a JSON string. */
static struct slice
quote(struct arena *arena, struct slice escaped)
{
	struct slice plain = text_unescape(arena, escaped), safe;
	size_t len = 0;
	char *text = arena_text(arena, plain.len * 6 + 1);

	if (!text)
		return SLICE("");
	for (size_t i = 0; i < plain.len; i++) {
		const char *name = entity(plain.ptr[i]);

		if (name) {
			memcpy(text + len, name, strlen(name));
			len += strlen(name);
		} else {
			text[len++] = plain.ptr[i];
		}
	}
	safe = text_escape(arena, (struct slice){ text, len });
	return arena_join(arena, (const struct slice[]){
	    SLICE("\\\""), safe, SLICE("\\\"") }, 3);
}

struct slice
markup_open(struct arena *arena, const char *name,
    const struct markup_attribute *a)
{
	struct slice tag = arena_fmt(arena, "<%s", name);

	for (; a->name; a++)
		if (a->value.ptr)
			tag = arena_join(arena, (const struct slice[]){
			    tag, SLICE(" "), slice_of(a->name), SLICE("="),
			    quote(arena, a->value) }, 5);
	return arena_join(arena,
	    (const struct slice[]){ tag, SLICE(">") }, 2);
}

struct slice
markup_close(struct arena *arena, const char *name)
{
	return arena_fmt(arena, "</%s>", name);
}

struct slice
markup_wrap(struct arena *arena, const char *name, struct slice text)
{
	return arena_join(arena, (const struct slice[]){
	    SLICE("<"), slice_of(name), SLICE(">\\n"), text,
	    SLICE("\\n</"), slice_of(name), SLICE(">") }, 7);
}
