#include "proto/chat/mould.h"

#include <string.h>

#include "json/check.h"

void
mould_learn(struct mould *m, struct slice chunk, struct slice text)
{
	size_t before = (size_t)(text.ptr - chunk.ptr) + 1;
	size_t after = chunk.len - before - (text.len - 2);

	m->before = 0;
	if (before + after > MOULD_MAX)
		return;
	memcpy(m->frame, chunk.ptr, before);
	memcpy(m->frame + before, chunk.ptr + chunk.len - after, after);
	m->before = before;
	m->after = after;
}

bool
mould_fits(const struct mould *m, struct slice chunk, struct slice *text)
{
	struct slice before = { m->frame, m->before };
	struct slice after = { m->frame + m->before, m->after };
	struct json_fault fault;
	uint32_t tokens;

	if (!before.len || chunk.len < before.len + after.len ||
	    !slice_starts(chunk, before) || !slice_ends(chunk, after))
		return false;
	*text = slice_sub(chunk, m->before, chunk.len - m->before - m->after);
	/* Between its quotes stands one string, or more than that. */
	return json_check((struct slice){ text->ptr - 1, text->len + 2 }, 1,
	    &tokens, &fault) && tokens == 1;
}
