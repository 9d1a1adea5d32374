#include "proto/messages/quick.h"

#include "json/check.h"

static const struct {
	struct slice	begin;
	enum ir_kind	kind;
} forms[] = {
	{ SLICE_INIT("text_delta\",\"text\":\""), IR_TEXT },
	{ SLICE_INIT("input_json_delta\",\"partial_json\":\""), IR_CALL },
	{ SLICE_INIT("thinking_delta\",\"thinking\":\""), IR_THINK },
};

static bool
take(struct slice *s, struct slice prefix)
{
	if (!slice_starts(*s, prefix))
		return false;
	*s = slice_skip(*s, prefix.len);
	return true;
}

/* Take `c`, and the blanks that stand behind it, off the end. */
static bool
take_last(struct slice *s, char c)
{
	size_t len = s->len;

	/* only at this end: a text may well begin with a blank */
	while (len && slice_blank(slice_sub(*s, len - 1, 1)))
		len--;
	if (!len || s->ptr[len - 1] != c)
		return false;
	s->len = len - 1;
	return true;
}

bool
quick_delta(struct slice data, struct quick *quick)
{
	struct slice rest = data;
	struct json_fault fault;
	uint32_t tokens;
	size_t i = 0;

	if (!take(&rest, SLICE("{\"type\":\"content_block_delta\",\"index\":")))
		return false;
	while (rest.len && *rest.ptr >= '0' && *rest.ptr <= '9')
		rest = slice_skip(rest, 1);
	if (!take(&rest, SLICE(",\"delta\":{\"type\":\"")))
		return false;
	while (i < sizeof forms / sizeof *forms && !take(&rest, forms[i].begin))
		i++;
	if (i == sizeof forms / sizeof *forms)
		return false;
	quick->kind = forms[i].kind;
	quick->text = rest;
	if (!take_last(&quick->text, '}') || !take_last(&quick->text, '}') ||
	    !take_last(&quick->text, '"'))
		return false;
	/* Between its quotes, this is one string or the members after it. */
	return json_check((struct slice){ rest.ptr - 1, quick->text.len + 2 },
	    1, &tokens, &fault) && tokens == 1;
}
