#include "gateway/answer.h"

#include "base/clock.h"
#include "wire/body.h"

void
answer_for(struct answer *a, struct buf *out, const struct http_head *head)
{
	*a = (struct answer){ .out = out };
	if (!head)
		return;
	a->keep = head->keep_alive;
	a->head_only = slice_is(head->method, "HEAD");
	a->old = head->minor == 0;
}

void
answer_begin(struct answer *a, unsigned status)
{
	http1_put_status(a->out, status);
	answer_header(a, SLICE("date"), clock_http_date());
}

void
answer_header(struct answer *a, struct slice name, struct slice value)
{
	http1_put_header(a->out, name, value);
}

void
answer_number(struct answer *a, struct slice name, uint64_t value)
{
	http1_put_number(a->out, name, value);
}

static void
end_head(struct answer *a)
{
	if (!a->keep)
		answer_header(a, SLICE("connection"), SLICE("close"));
	else if (a->old)
		answer_header(a, SLICE("connection"), SLICE("keep-alive"));
	http1_put_end(a->out);
}

void
answer_length(struct answer *a, uint64_t length)
{
	answer_number(a, SLICE("content-length"), length);
	end_head(a);
}

void
answer_whole(struct answer *a, struct slice body)
{
	answer_length(a, body.len);
	if (!a->head_only)
		buf_append(a->out, body);
}

void
answer_stream(struct answer *a)
{
	a->chunked = !a->old;
	if (a->chunked)
		answer_header(a, SLICE("transfer-encoding"), SLICE("chunked"));
	else
		a->keep = false;
	end_head(a);
}

size_t
answer_open(struct answer *a)
{
	return a->chunked ? body_chunk_open(a->out) : 0;
}

void
answer_close(struct answer *a, size_t mark)
{
	if (a->chunked)
		body_chunk_close(a->out, mark);
}

void
answer_piece(struct answer *a, struct slice piece)
{
	if (a->chunked)
		body_put_chunk(a->out, piece);
	else
		buf_append(a->out, piece);
}

bool
answer_chunks(const struct answer *a)
{
	return !a->old;
}

struct slice
answer_said(const struct answer *a, size_t mark)
{
	return a->chunked ? body_chunk_slice(a->out, mark) : SLICE("");
}

struct slice
answer_rest(struct answer *a, struct slice body, struct slice framed)
{
	if (!a->chunked)
		return body;
	if (!body.len) {
		answer_end(a);
		return body;
	}
	body_put_size(a->out, body.len);
	return framed;
}

void
answer_end(struct answer *a)
{
	if (a->chunked)
		body_put_last(a->out);
}
