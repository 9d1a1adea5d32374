#include "proto/learn_wording.h"

#include <string.h>

#include "proto/reason.h"

/* Does the text hold one of the words between '|'?  NULL: true. */
bool
learn_wording_holds(struct slice text, const char *words)
{
	struct slice rest = slice_of(words ? words : "");

	while (words && rest.ptr)
		if (slice_find_ci(text, slice_cut(&rest, '|')) != SIZE_MAX)
			return true;
	return !words;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number that begins within a few bytes behind `at`; 0: none. */
static uint64_t
number_behind(struct slice text, size_t at)
{
	size_t end, most = at + 4;
	uint64_t n;

	while (at < text.len && at < most && !is_digit(text.ptr[at]))
		at++;
	for (end = at; end < text.len && is_digit(text.ptr[end]); end++)
		;
	return slice_to_u64(slice_sub(text, at, end - at), UINT32_MAX, &n) ?
	    n : 0;
}

/* ... that ends within a few bytes before `at`. */
static uint64_t
number_before(struct slice text, size_t at)
{
	size_t end = at, least = at > 4 ? at - 4 : 0, begin;

	while (end > least && !is_digit(text.ptr[end - 1]))
		end--;
	for (begin = end; begin && is_digit(text.ptr[begin - 1]); begin--)
		;
	return number_behind(text, begin < end ? begin : text.len);
}

/* Where the limit stands in sentences about max_tokens. */
static const struct {
	const char	*words;
	bool		 before;	/* the number stands before them */
} limits[] = {
	{ "which is the maximum allowed", true },
	{ "supports at most ", false },
	{ "must be at most ", false },
	{ "must be less than or equal to ", false },
	{ "max_tokens is [1, ", false },
	{ "max_tokens should be [1, ", false },
	{ "expected a value <= ", false },
	{ "maximum allowed", true },
	{ "at most ", false },
};

bool
learn_wording_limit(struct lesson *l, const struct learn_wording *s)
{
	size_t i = 0, at = SIZE_MAX;

	for (; i < sizeof limits / sizeof *limits && at == SIZE_MAX; i++)
		at = slice_find_ci(s->text, slice_of(limits[i].words));
	if (at == SIZE_MAX)
		return false;
	l->number = limits[--i].before ? number_before(s->text, at) :
	    number_behind(s->text, at + strlen(limits[i].words));
	return l->number > 0;
}

/* The levels below the one that was sent; once they were tried, none. */
bool
learn_wording_effort(struct lesson *l, const struct learn_wording *s)
{
	struct json doc;
	struct json_fault fault;
	enum ir_effort sent;

	for (size_t i = 0; i < s->known->count; i++)
		if (s->known->item[i].rule == l->rule)
			return s->known->item[i].number != 0;
	if (learn_wording_holds(s->text, "the effort parameter"))
		return true;
	if (!json_parse(&doc, s->talk->arena, s->refusal->sent, 0, &fault))
		return false;
	sent = reason_effort(jval_text(jval_get2(json_root(&doc),
	    "output_config", "effort")));
	l->number = (1u << sent) - 1;
	return sent != IR_EFFORT_UNSET;
}

bool
learn_wording_answers(struct lesson *l, const struct learn_wording *s)
{
	(void)l;
	return slice_is(s->refusal->fail->param, "n") ||
	    learn_wording_holds(s->text, "multiple candidates is not enabled|"
	    "only one candidate|'n' : number must be|invalid n:|"
	    "range of n should be|'n' does not support");
}

/* Members without which there is no request, or another form of answer. */
static const char *const needed[] = {
	"messages", "model", "tools", "functions", "stream", "input",
};

/* The name of a member at the top level, or something deeper down? */
static bool
take_member(struct lesson *l, struct slice name)
{
	if (!name.len || name.len >= sizeof l->member)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!((name.ptr[i] >= 'a' && name.ptr[i] <= 'z') ||
		    is_digit(name.ptr[i]) || name.ptr[i] == '_'))
			return false;
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (slice_is(name, needed[i]))
			return false;
	return slice_to_cstr(name, l->member, sizeof l->member);
}

bool
learn_wording_param(struct lesson *l, const struct learn_wording *s)
{
	struct slice code = s->refusal->fail->code;

	return (slice_is(code, "unsupported_parameter") ||
	    slice_is(code, "unsupported_value") ||
	    slice_is(code, "unknown_parameter")) &&
	    take_member(l, s->refusal->fail->param);
}

bool
learn_wording_stream(struct lesson *l, const struct learn_wording *s)
{
	(void)s;
	return take_member(l, SLICE("stream_options"));
}

/* Sentences that name the member themselves: what stands before its name. */
static const char *const namings[] = {
	"unrecognized request argument supplied: ",
	"unsupported parameter: '", "unknown parameter: '",
	"does not support parameter ", "extra inputs are not permitted: ",
	"property '",
};

bool
learn_wording_named(struct lesson *l, const struct learn_wording *s)
{
	for (size_t i = 0; i < sizeof namings / sizeof *namings; i++) {
		size_t at = slice_find_ci(s->text, slice_of(namings[i]));
		struct slice name;

		if (at == SIZE_MAX)
			continue;
		name = slice_skip(s->text, at + strlen(namings[i]));
		at = 0;
		while (at < name.len && name.ptr[at] != '\'' &&
		    name.ptr[at] != '.' && name.ptr[at] != ' ')
			at++;
		return take_member(l, slice_sub(name, 0, at));
	}
	return false;
}
