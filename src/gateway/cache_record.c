#include "gateway/cache_record.h"

#include <string.h>

struct head {
	int64_t		born_s, until_s;
	uint64_t	body;
	uint32_t	type, target, warnings, kept;
	uint8_t		stream, estimated, stop;
};

static const struct slice chunks_end = SLICE_INIT("\r\n0\r\n\r\n");

void
cache_record_begin(struct buf *b, size_t longest)
{
	struct head head = { 0 };

	b->limit = longest + sizeof head;
	buf_append(b, (struct slice){ (const char *)&head, sizeof head });
}

bool
cache_record_end(struct buf *b, const struct cache_record *r)
{
	struct head head = {
		.born_s = r->born_s, .until_s = r->until_s,
		.type = (uint32_t)r->type.len,
		.target = (uint32_t)r->target.len,
		.warnings = (uint32_t)r->warnings.len,
		.kept = (uint32_t)r->kept.len,
		.stream = r->stream, .estimated = r->estimated,
		.stop = r->stop,
	};

	if (b->failed || r->type.len + r->target.len + r->warnings.len +
	    r->kept.len > CACHE_RECORD_EXTRA - sizeof head - chunks_end.len)
		return false;
	CHECK(buf_len(b) >= sizeof head);
	b->limit += CACHE_RECORD_EXTRA;
	head.body = buf_len(b) - sizeof head;
	memcpy(b->data + b->start, &head, sizeof head);
	if (r->stream)
		buf_append(b, chunks_end);
	buf_append(b, r->type);
	buf_append(b, r->target);
	buf_append(b, r->warnings);
	buf_append(b, r->kept);
	return !b->failed;
}

/* The next `len` bytes of `rest`; false: there are not so many. */
static bool
take(struct slice *rest, uint64_t len, struct slice *out)
{
	if (len > rest->len)
		return false;
	*out = slice_sub(*rest, 0, (size_t)len);
	*rest = slice_skip(*rest, (size_t)len);
	return true;
}

bool
cache_record_read(struct slice text, struct cache_record *r)
{
	struct head head;
	struct slice end, rest = text;

	if (text.len < sizeof head)
		return false;
	memcpy(&head, text.ptr, sizeof head);
	rest = slice_skip(text, sizeof head);
	*r = (struct cache_record){
		.born_s = head.born_s, .until_s = head.until_s,
		.stream = head.stream, .estimated = head.estimated,
		.stop = head.stop,
	};
	if (!take(&rest, head.body, &r->body) ||
	    !take(&rest, head.stream ? chunks_end.len : 0, &end) ||
	    !take(&rest, head.type, &r->type) ||
	    !take(&rest, head.target, &r->target) ||
	    !take(&rest, head.warnings, &r->warnings) ||
	    !take(&rest, head.kept, &r->kept) || rest.len)
		return false;
	r->framed = (struct slice){ r->body.ptr, r->body.len + end.len };
	return true;
}
