#include "wire/body.h"

#include <string.h>

#include "wire/bytes.h"

enum { DIGITS_MAX = 16 };

/*
 * The chunked framing byte by byte (RFC 9112 7.1).  A state says what comes
 * next; only CHUNK_DATA is left with more than one byte at a time.
 */
enum chunk_state {
	CHUNK_SIZE,			/* at least one digit, then ';' or CR */
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	TRAILER_FIRST,			/* a name begins, or the blank line */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	TRAILER_END_LF,
	CHUNK_BAD,
};

void
body_begin(struct body *body, const struct http_head *head)
{
	*body = (struct body){ .framing = head->framing };
	if (head->framing == HTTP_LENGTH)
		body->left = head->length;
	body->done = head->framing == HTTP_NO_BODY ||
	    (head->framing == HTTP_LENGTH && !head->length);
}

static enum chunk_state
bad(struct body *body, const char *fault)
{
	body->fault = fault;
	return CHUNK_BAD;
}

static enum chunk_state
step_size(struct body *body, char c)
{
	int digit = bytes_hex(c);

	if (digit >= 0) {
		if (body->digits++ == DIGITS_MAX)
			return bad(body, "chunk size too long");
		body->left = body->left << 4 | (uint64_t)digit;
		return CHUNK_SIZE;
	}
	if (!body->digits)
		return bad(body, "chunk without a size");
	/* A size that some reader could take for a negative one. */
	if (body->left > INT64_MAX)
		return bad(body, "chunk size too large");
	if (c == '\r')
		return CHUNK_SIZE_LF;
	return c == ';' ? CHUNK_EXTENSION : bad(body, "malformed chunk size");
}

/* One byte of an extension or a trailer: `stay`, or `next` at a CR. */
static enum chunk_state
step_extra(struct body *body, char c, enum chunk_state stay,
    enum chunk_state next)
{
	if (c == '\r')
		return next;
	if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
		return bad(body, "control byte in an extension or trailer");
	if (body->extra++ == BODY_EXTRA_MAX)
		return bad(body, "too many chunk extensions or trailers");
	return stay;
}

static enum chunk_state
step_name(struct body *body, char c)
{
	if (!bytes_token[(unsigned char)c] &&
	    !(c == ':' && body->state == TRAILER_NAME))
		return bad(body, "malformed trailer");
	return step_extra(body, c, c == ':' ? TRAILER_VALUE : TRAILER_NAME,
	    CHUNK_BAD);		/* no CR comes so far */
}

static enum chunk_state
step_newline(struct body *body, char c, char want, enum chunk_state next)
{
	return c == want ? next : bad(body, "malformed line end in chunks");
}

static enum chunk_state
step(struct body *body, char c)
{
	switch ((enum chunk_state)body->state) {
	case CHUNK_SIZE:
		return step_size(body, c);
	case CHUNK_EXTENSION:
		return step_extra(body, c, CHUNK_EXTENSION, CHUNK_SIZE_LF);
	case CHUNK_SIZE_LF:
		return step_newline(body, c, '\n',
		    body->left ? CHUNK_DATA : TRAILER_FIRST);
	case CHUNK_DATA_CR:
		return step_newline(body, c, '\r', CHUNK_DATA_LF);
	case CHUNK_DATA_LF:
		body->digits = 0;	/* and `left` is 0, too */
		return step_newline(body, c, '\n', CHUNK_SIZE);
	case TRAILER_FIRST:
		return c == '\r' ? TRAILER_END_LF : step_name(body, c);
	case TRAILER_NAME:
		return step_name(body, c);
	case TRAILER_VALUE:
		return step_extra(body, c, TRAILER_VALUE, TRAILER_LF);
	case TRAILER_LF:
		return step_newline(body, c, '\n', TRAILER_FIRST);
	case TRAILER_END_LF:
		body->done = c == '\n';
		return step_newline(body, c, '\n', TRAILER_END_LF);
	case CHUNK_DATA:		/* taken in one piece */
	case CHUNK_BAD:
		break;
	}
	return CHUNK_BAD;
}

/* What is there of the body, or of the chunk. */
static int
take_piece(struct body *body, struct slice in, size_t *used,
    struct slice *piece)
{
	*piece = in;
	if (body->framing != HTTP_UNTIL_CLOSE) {
		if (piece->len > body->left)
			piece->len = (size_t)body->left;
		body->left -= piece->len;
	}
	*used += piece->len;
	return piece->len != 0;
}

static int
next_chunk(struct body *body, struct slice in, size_t *used,
    struct slice *piece)
{
	while (*used < in.len && body->state != CHUNK_DATA && !body->done) {
		if (body->state == CHUNK_BAD)
			return -1;
		body->state = (uint8_t)step(body, in.ptr[*used]);
		++*used;
	}
	if (body->state == CHUNK_BAD)
		return -1;
	if (body->state != CHUNK_DATA ||
	    !take_piece(body, slice_skip(in, *used), used, piece))
		return 0;
	body->extra -= piece->len < body->extra ? (uint32_t)piece->len :
	    body->extra;
	if (!body->left)
		body->state = CHUNK_DATA_CR;
	return 1;
}

int
body_next(struct body *body, struct slice in, size_t *used, struct slice *piece)
{
	*used = 0;
	*piece = (struct slice){ 0 };
	if (body->done)
		return 0;
	if (body->framing == HTTP_CHUNKED)
		return next_chunk(body, in, used, piece);
	if (!take_piece(body, in, used, piece))
		return 0;
	body->done = body->framing == HTTP_LENGTH && !body->left;
	return 1;
}

bool
body_end(struct body *body)
{
	if (body->framing == HTTP_UNTIL_CLOSE)
		body->done = true;
	return body->done;
}

/* Write `n` in hexadecimal, right-aligned into `width` characters. */
static void
put_hex(char *to, size_t width, uint64_t n)
{
	while (width--) {
		to[width] = "0123456789abcdef"[n & 15];
		n >>= 4;
	}
}

static size_t
hex_width(uint64_t n)
{
	size_t width = 1;

	while (n >>= 4)
		width++;
	return width;
}

void
body_put_chunk(struct buf *out, struct slice piece)
{
	char size[DIGITS_MAX];
	size_t width = hex_width(piece.len);

	if (!piece.len)
		return;
	put_hex(size, width, piece.len);
	buf_append(out, (struct slice){ size, width });
	buf_append(out, SLICE("\r\n"));
	buf_append(out, piece);
	buf_append(out, SLICE("\r\n"));
}

void
body_put_size(struct buf *out, size_t len)
{
	char size[16];
	size_t width = hex_width(len);

	put_hex(size, width, len);
	buf_append(out, (struct slice){ size, width });
	buf_append(out, SLICE("\r\n"));
}

void
body_put_last(struct buf *out)
{
	buf_append(out, SLICE("0\r\n\r\n"));
}

/*
 * The size is written with leading zeros, which the grammar allows, into room
 * that was left for it.  Only a chunk of 64 KB or more must be moved to make
 * room for further digits.
 */
enum { SIZE_ROOM = 4, HEAD_ROOM = SIZE_ROOM + 2 };

size_t
body_chunk_open(struct buf *out)
{
	size_t mark = buf_len(out);

	buf_append(out, SLICE("0000\r\n"));
	return mark;
}

struct slice
body_chunk_slice(const struct buf *out, size_t mark)
{
	return slice_skip(buf_slice(out), mark + HEAD_ROOM);
}

void
body_chunk_close(struct buf *out, size_t mark)
{
	size_t len, width, more;
	char *size;

	if (out->failed)
		return;
	CHECK(buf_len(out) >= mark + HEAD_ROOM);
	len = buf_len(out) - mark - HEAD_ROOM;
	if (!len) {
		buf_trunc(out, mark);
		return;
	}
	buf_append(out, SLICE("\r\n"));
	width = hex_width(len) < SIZE_ROOM ? SIZE_ROOM : hex_width(len);
	more = width - SIZE_ROOM;
	if (more) {
		if (!buf_reserve(out, more))
			return;
		buf_commit(out, more);
		size = out->data + out->start + mark;
		memmove(size + width, size + SIZE_ROOM, len + 4);
	}
	size = out->data + out->start + mark;
	put_hex(size, width, len);
}
