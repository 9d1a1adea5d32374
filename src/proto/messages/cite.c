#include "proto/messages/cite.h"

#include "json/text.h"

struct cite {
	struct cite	*next;
	struct slice	 url, title;
};

/* The address that a citation points to, or empty. */
static struct slice
cited_url(struct jval citation)
{
	struct slice source = jval_get_text(citation, "source");
	struct jval type = jval_get(citation, "type");

	if (jval_text_is(type, "web_search_result_location"))
		return jval_get_text(citation, "url");
	if (jval_text_is(type, "search_result_location") &&
	    (slice_starts_ci(source, SLICE("http://")) ||
	     slice_starts_ci(source, SLICE("https://"))))
		return source;
	return (struct slice){ 0 };
}

bool
cite_add(struct cites *cites, struct arena *arena, struct jval citation)
{
	struct slice url = cited_url(citation);
	struct slice title = jval_get_text(citation, "title");
	struct cite *cite;

	if (!url.len || cites->count == CITES_MAX)
		return false;
	for (cite = cites->first; cite; cite = cite->next)
		if (slice_eq(cite->url, url))
			return true;
	cite = arena_alloc(arena, sizeof *cite);
	if (!cite)
		return false;
	cite->url = arena_dup(arena, text_mend(arena, url));
	cite->title = arena_dup(arena, text_mend(arena, title));
	if (cites->last)
		cites->last->next = cite;
	else
		cites->first = cite;
	cites->last = cite;
	cites->count++;
	return true;
}

void
cite_flush(struct cites *cites, struct arena *scratch, struct sink *to,
    size_t start, size_t end)
{
	for (const struct cite *c = cites->first; c; c = c->next) {
		struct ir_event ev = { .type = IR_CITE, .kind = IR_TEXT };

		ev.raw = arena_fmt(scratch, "{\"type\":\"url_citation\","
		    "\"url_citation\":{\"start_index\":%zu,\"end_index\":%zu,"
		    "\"title\":\"%.*s\",\"url\":\"%.*s\"}}", start, end,
		    SLICE_FMT(c->title), SLICE_FMT(c->url));
		if (ev.raw.len)
			to->put(to, &ev);
	}
	*cites = (struct cites){ 0 };
}
