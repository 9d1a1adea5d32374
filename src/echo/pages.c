#include "echo/pages.h"

#include "json/write.h"

static const char *const models[] = {
	"gpt-5", "gpt-4o", "gpt-4o-mini", "claude-opus-4-8",
	"claude-sonnet-4-5", "claude-haiku-4-5", "gemini-3-pro",
	"gemini-2.5-flash", "echo",
};

enum { RELEASED = 1763683200 };		/* 2025-11-21 */

static void
write_model(struct writer *w, const char *name, bool messages)
{
	write_object(w);
	write_member_plain(w, "id", name);
	if (messages) {
		write_member_plain(w, "type", "model");
		write_member_plain(w, "display_name", name);
		write_member_plain(w, "created_at", "2025-11-21T00:00:00Z");
	} else {
		write_member_plain(w, "object", "model");
		write_member_u64(w, "created", RELEASED);
		write_member_plain(w, "owned_by", "echo");
	}
	write_end(w);
}

static void
page_google(struct visit *v)
{
	struct writer w = { .out = &v->feed.bytes };

	write_object(&w);
	write_key(&w, "models");
	write_array(&w);
	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		write_object(&w);
		write_key(&w, "name");
		write_text_begin(&w);
		write_text_piece(&w, SLICE("models/"));
		write_text_piece(&w, slice_of(models[i]));
		write_text_end(&w);
		write_member_plain(&w, "displayName", models[i]);
		write_member_raw(&w, "supportedGenerationMethods",
		    SLICE("[\"generateContent\",\"countTokens\"]"));
		write_end(&w);
	}
	write_end(&w);
	write_end(&w);
	v->reply.google = true;
	feed_mark(&v->feed);
}

void
page_models(struct visit *v)
{
	struct writer w = { .out = &v->feed.bytes };
	size_t n = sizeof models / sizeof *models;
	bool messages = http1_get(v->reader.head,
	    SLICE("anthropic-version")).len;

	if (slice_starts(v->reader.head->path, SLICE("/v1beta/")) ||
	    http1_get(v->reader.head, SLICE("x-goog-api-key")).len) {
		page_google(v);
		return;
	}
	write_object(&w);
	if (!messages)
		write_member_plain(&w, "object", "list");
	write_key(&w, "data");
	write_array(&w);
	for (size_t i = 0; i < n; i++)
		write_model(&w, models[i], messages);
	write_end(&w);
	if (messages) {
		write_member_bool(&w, "has_more", false);
		write_member_plain(&w, "first_id", models[0]);
		write_member_plain(&w, "last_id", models[n - 1]);
	}
	write_end(&w);
	feed_mark(&v->feed);
}

void
page_stats(struct visit *v)
{
	const struct echo *e = v->echo;
	struct writer w = { .out = &v->feed.bytes };

	write_object(&w);
	write_member_u64(&w, "requests", e->requests);
	write_member_u64(&w, "open", e->open);
	write_member_u64(&w, "open_streams", e->streams);
	write_member_u64(&w, "aborted", e->aborted);
	write_member_u64(&w, "bytes_in", e->bytes_in);
	write_member_u64(&w, "bytes_out", e->bytes_out);
	write_member_u64(&w, "tokens_in", e->tokens_in);
	write_member_u64(&w, "tokens_out", e->tokens_out);
	write_member_u64(&w, "connections", e->server.count);
	write_end(&w);
	feed_mark(&v->feed);
}

void
page_hello(struct visit *v)
{
	buf_text(&v->feed.bytes, "{\"provider\":\"echo\"}");
	feed_mark(&v->feed);
}

void
page_keep(struct visit *v)
{
	const struct http_head *head = v->reader.head;
	struct buf *out = &v->echo->last;
	struct writer w = { .out = out };

	buf_clear(out);
	write_object(&w);
	write_key(&w, "method");
	write_string(&w, head->method);
	write_key(&w, "path");
	write_string(&w, head->target);
	write_key(&w, "headers");
	write_object(&w);
	for (size_t i = 0; i < head->count; i++) {
		struct slice name = head->headers[i].name;
		char *text = arena_cstr(&v->arena, name);

		write_key(&w, text ? text : "");
		write_string(&w, head->headers[i].value);
	}
	write_end(&w);
	write_key(&w, "body");		/* as text: it may be no JSON */
	write_string(&w, v->reader.body);
	write_end(&w);
}

void
page_last(struct visit *v)
{
	struct slice last = buf_slice(&v->echo->last);

	buf_append(&v->feed.bytes, last.len ? last : SLICE("null"));
	feed_mark(&v->feed);
}
