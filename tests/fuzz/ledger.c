/*
 * Any bytes as a ledger: what is read does not hang on where it was cut, lines
 * are within what was asked for, and a line that was read is written as one
 * that reads the same.  The first byte says where to cut.
 */
#include "base/check.h"
#include "gateway/ledger_read.h"
#include "json/text.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FROM = 1000, UNTIL = 1 << 30 };

struct sum {
	uint64_t	lines, bytes;
	int64_t		tokens;
};

static void
again(const struct ledger_line *line)
{
	struct ledger_line copy = *line, back;
	struct arena arena = { 0 };
	struct buf out = { 0 };

	copy.id = text_unescape(&arena, line->id);
	ledger_line_write(&out, &copy);
	CHECK(ledger_line_read(slice_sub(buf_slice(&out), 0,
	    buf_len(&out) - 1), &arena, &back) == 1);
	CHECK(back.unix_ms == line->unix_ms && back.in == line->in &&
	    back.cost_nano == line->cost_nano &&
	    back.stream == line->stream && !back.id.ptr == !line->id.ptr);
	buf_free(&out);
	arena_reset(&arena);
}

static void
see(void *arg, const struct ledger_line *line)
{
	struct sum *s = arg;

	CHECK(line->unix_ms >= FROM && line->unix_ms < UNTIL);
	CHECK(line->in >= -1 && line->out >= -1);
	s->lines++;
	s->bytes += line->id.len + line->key.len + line->model.len;
	s->tokens ^= line->in ^ line->out;
	again(line);
}

static struct ledger_reader
read_all(struct slice text, size_t cut, struct sum *sum)
{
	struct ledger_reader r = {
		.each = see, .arg = sum, .from_ms = FROM, .until_ms = UNTIL,
	};
	size_t done;

	done = ledger_reader_feed(&r, slice_sub(text, 0, cut), false);
	CHECK(done <= cut);
	CHECK(ledger_reader_feed(&r, slice_skip(text, done), true) ==
	    text.len - done);
	ledger_reader_free(&r);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum a = { 0 }, b = { 0 };
	struct ledger_reader one, two;
	struct slice text;

	if (!size)
		return 0;
	text = (struct slice){ (const char *)data + 1, size - 1 };
	one = read_all(text, 0, &a);
	two = read_all(text, text.len * *data / 255, &b);
	CHECK(one.lines == two.lines && one.broken == two.broken);
	CHECK(a.lines == one.lines && a.bytes == b.bytes &&
	    a.tokens == b.tokens);
	return 0;
}
