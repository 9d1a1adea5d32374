/*
 * The writer knows two things between calls:
 *
 *	depth, arrays	which bracket closes the innermost container
 *	comma		an item stands before; true after a value or a closing
 *			bracket, false after an opening one or a key's colon
 *
 * That items are keys and values in turn is for the caller to see to.
 */
#include "json/write.h"

#include <string.h>

#include "json/plain.h"
#include "json/text.h"

/* The comma in front of the next item, if it needs one; it will stand alone. */
static void
begin_item(struct writer *w)
{
	if (w->comma)
		buf_byte(w->out, ',');
	w->comma = true;
}

static void
open_level(struct writer *w, bool array)
{
	uint64_t bit = (uint64_t)1 << w->depth % 64;

	CHECK(w->depth < JSON_DEPTH_MAX);
	begin_item(w);
	buf_byte(w->out, array ? '[' : '{');
	w->arrays[w->depth / 64] &= ~bit;
	if (array)
		w->arrays[w->depth / 64] |= bit;
	w->depth++;
	w->comma = false;
}

void
write_object(struct writer *w)
{
	open_level(w, false);
}

void
write_array(struct writer *w)
{
	open_level(w, true);
}

void
write_end(struct writer *w)
{
	CHECK(w->depth);
	w->depth--;
	buf_byte(w->out,
	    w->arrays[w->depth / 64] >> w->depth % 64 & 1 ? ']' : '}');
	w->comma = true;
}

void
write_key(struct writer *w, const char *plain_ascii)
{
	write_key_text(w, slice_of(plain_ascii));
}

/*
 * Comma, quotes and colon around `text` in one go: this is what answers are
 * made of.
 */
static void
put_quoted(struct writer *w, struct slice text, bool key)
{
	char *at = buf_reserve(w->out, text.len + 4), *from = at;

	if (!at)
		return;
	if (w->comma)
		*at++ = ',';
	*at++ = '"';
	if (text.len)
		memcpy(at, text.ptr, text.len);
	at += text.len;
	*at++ = '"';
	if (key)
		*at++ = ':';
	buf_commit(w->out, (size_t)(at - from));
	w->comma = !key;
}

void
write_key_text(struct writer *w, struct slice escaped)
{
	put_quoted(w, escaped, true);
}

void
write_text(struct writer *w, struct slice escaped)
{
	put_quoted(w, escaped, false);
}

void
write_plain(struct writer *w, const char *text)
{
	write_string(w, slice_of(text));
}

void
write_string(struct writer *w, struct slice plain)
{
	write_text_begin(w);
	text_escape_to(w->out, plain);
	write_text_end(w);
}

void
write_text_begin(struct writer *w)
{
	begin_item(w);
	buf_byte(w->out, '"');
}

void
write_text_piece(struct writer *w, struct slice escaped)
{
	buf_append(w->out, escaped);
}

void
write_text_end(struct writer *w)
{
	buf_byte(w->out, '"');
}

void
write_raw(struct writer *w, struct slice json)
{
	begin_item(w);
	buf_append(w->out, json);
}

/* Behind the closing quote of the string whose opening quote stands at `at`. */
static const char *
string_end(const char *at, const char *end)
{
	for (at++; (at = plain_end(at, end)) < end; at++) {
		if (*at == '"')
			return at + 1;
		if (*at == '\\' && ++at == end)
			break;
	}
	return end;
}

void
write_min(struct writer *w, struct slice json)
{
	const char *run = json.ptr, *at = run;
	const char *end = json.len ? run + json.len : run;

	begin_item(w);
	while (at < end) {
		if (*at == '"') {
			at = string_end(at, end);
			continue;
		}
		if ((uint8_t)*at > ' ') {
			at++;
			continue;
		}
		buf_append(w->out, (struct slice){ run, (size_t)(at - run) });
		run = ++at;
	}
	buf_append(w->out, (struct slice){ run, (size_t)(end - run) });
}

void
write_u64(struct writer *w, uint64_t n)
{
	begin_item(w);
	buf_u64(w->out, n);
}

void
write_i64(struct writer *w, int64_t n)
{
	begin_item(w);
	if (n < 0)
		buf_byte(w->out, '-');
	buf_u64(w->out, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

void
write_bool(struct writer *w, bool yes)
{
	write_raw(w, yes ? SLICE("true") : SLICE("false"));
}

void
write_null(struct writer *w)
{
	write_raw(w, SLICE("null"));
}

void
write_member_text(struct writer *w, const char *key, struct slice escaped)
{
	write_key(w, key);
	write_text(w, escaped);
}

void
write_member_plain(struct writer *w, const char *key, const char *text)
{
	write_key(w, key);
	write_plain(w, text);
}

void
write_member_raw(struct writer *w, const char *key, struct slice json)
{
	write_key(w, key);
	write_raw(w, json);
}

void
write_member_u64(struct writer *w, const char *key, uint64_t n)
{
	write_key(w, key);
	write_u64(w, n);
}

void
write_member_bool(struct writer *w, const char *key, bool yes)
{
	write_key(w, key);
	write_bool(w, yes);
}

void
write_member_null(struct writer *w, const char *key)
{
	write_key(w, key);
	write_null(w);
}

/* Print one field if it is set. */
static void
write_field(struct writer *w, const struct field *f, const void *at)
{
	const struct slice *text = at;
	const uint64_t *number = at;
	const enum tri *tri = at;
	const struct jval *value = at;

	switch (f->type) {
	case FIELD_TEXT:
		if (text->ptr)
			write_member_text(w, f->name, *text);
		break;
	case FIELD_NUM:
		if (text->ptr)
			write_member_raw(w, f->name, *text);
		break;
	case FIELD_UINT:
		if (*number)
			write_member_u64(w, f->name, *number);
		break;
	case FIELD_FLAG:
		if (*tri != TRI_UNSET)
			write_member_bool(w, f->name, *tri == TRI_YES);
		break;
	case FIELD_RAW:
		if (value->doc)
			write_member_raw(w, f->name, jval_raw(*value));
		break;
	case FIELD_OBJECT:
	case FIELD_EACH:
	case FIELD_END:
		break;		/* not scalar: their owner writes them */
	}
}

void
write_fields(struct writer *w, const struct field *f, const void *from)
{
	for (; f->name; f++)
		write_field(w, f, (const char *)from + f->offset);
}
