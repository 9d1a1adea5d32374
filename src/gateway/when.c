#include "gateway/when.h"

#include "gateway/exchange.h"
#include "gateway/modality.h"
#include "gateway/weigh.h"
#include "proto/pass.h"

bool
when_fits(struct slice pattern, struct slice text)
{
	size_t star = slice_chr(pattern, '*');
	struct slice tail = slice_skip(pattern, star + 1);

	if (star == SIZE_MAX)
		return slice_eq(pattern, text);
	return text.len >= pattern.len - 1 &&
	    slice_starts(text, slice_sub(pattern, 0, star)) &&
	    slice_ends(text, tail);
}

static bool
has_tools(const struct exchange *ex)
{
	struct jval body = json_root(&ex->json);

	return jval_count(pass_member(body, "tools")) ||
	    jval_count(pass_member(body, "functions"));
}

/* Is a decided flag against the fact? */
static bool
against(enum tri wanted, bool fact)
{
	return wanted != TRI_UNSET && (wanted == TRI_YES) != fact;
}

/* Of a header that comes more than once the first counts. */
static bool
header_fits(const struct exchange *ex, const struct when_header *h)
{
	struct slice value = { 0 };

	if (ex->reader.head)
		value = http1_get(ex->reader.head, h->name);
	return value.ptr && when_fits(h->value, value);
}

static bool
key_fits(const struct exchange *ex, const struct ir_text *keys)
{
	const struct access_key *key = ex->caller.key;

	for (; key && keys; keys = keys->next)
		if (when_fits(keys->text, key->name))
			return true;
	return false;
}

/* What costs least is looked at first. */
struct slice
when_misses(const struct when *w, struct exchange *ex)
{
	if (against(w->stream, ex->talk.stream))
		return SLICE("stream");
	if (w->keys && !key_fits(ex, w->keys))
		return SLICE("key");
	for (const struct when_header *h = w->headers; h; h = h->next)
		if (!header_fits(ex, h))
			return h->name;
	if (w->tools != TRI_UNSET && against(w->tools, has_tools(ex)))
		return SLICE("tools");
	if (w->input && !(w->input & route_input(ex)))
		return SLICE("input");
	if (w->min_tokens && !weigh_exceeds(ex, (int64_t)w->min_tokens - 1))
		return SLICE("min_tokens");
	if (w->max_tokens && weigh_exceeds(ex, (int64_t)w->max_tokens))
		return SLICE("max_tokens");
	return (struct slice){ 0 };
}

static void
print_flag(const char *name, enum tri value, struct buf *out)
{
	if (value != TRI_UNSET)
		buf_fmt(out, "%s%s%s", buf_len(out) ? "; " : "",
		    value == TRI_YES ? "" : "no ", name);
}

static void
print_bound(const char *name, uint64_t n, struct buf *out)
{
	if (n)
		buf_fmt(out, "%s%s %llu tokens", buf_len(out) ? "; " : "",
		    name, (unsigned long long)n);
}

void
when_print(const struct when *w, struct buf *out)
{
	if (w->input) {
		buf_text(out, "input ");
		modality_print(w->input, out);
	}
	print_flag("tools", w->tools, out);
	print_flag("stream", w->stream, out);
	print_bound("at least", w->min_tokens, out);
	print_bound("at most", w->max_tokens, out);
	for (const struct when_header *h = w->headers; h; h = h->next)
		buf_fmt(out, "%sheader %.*s: %.*s", buf_len(out) ? "; " : "",
		    SLICE_FMT(h->name), SLICE_FMT(h->value));
	for (const struct ir_text *k = w->keys; k; k = k->next)
		buf_fmt(out, "%s%.*s", k != w->keys ? ", " : buf_len(out)
		    ? "; key " : "key ", SLICE_FMT(k->text));
}
