#include "proto/gemini/embed.h"

#include "json/write.h"
#include "proto/gemini/proto3.h"

static bool
write_text_of(struct talk *talk, struct writer *w, struct jval request)
{
	struct jval content = proto3_get(request, "content");
	struct proto3_items part;

	write_text_begin(w);
	for (part = proto3_items(proto3_get(content, "parts"));
	    proto3_more(&part); proto3_next(&part)) {
		if (!jval_is(jval_get(part.at, "text"), JSON_STRING))
			return fail_set(&talk->fail, talk->arena,
			    FAIL_UNSUPPORTED, "content.parts", "The model's "
			    "provider makes vectors of text alone.");
		write_text_piece(w, jval_get_text(part.at, "text"));
	}
	write_text_end(w);
	return true;
}

/* What one request says beside its content. */
static void
name_losses(struct talk *talk, struct jval request)
{
	static const char *const lost[] = { "taskType", "title" };

	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++)
		if (jval_ok(proto3_get(request, lost[i])))
			loss_add(&talk->losses, talk->arena, LOSS_DROPPED,
			    "%s", lost[i]);
}

bool
embed_request(struct talk *talk, struct jval body, struct buf *out)
{
	struct jval batch = proto3_get(body, "requests");
	struct jval first = jval_ok(batch) ? proto3_items(batch).at : body;
	struct slice size = proto3_number(proto3_get(first,
	    "outputDimensionality"));
	struct writer w = { .out = out };
	struct proto3_items one;

	if (!jval_ok(proto3_get(first, "content")))
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID,
		    "content", "content is not specified");
	write_object(&w);
	write_member_text(&w, "model", talk->model);
	write_key(&w, "input");
	write_array(&w);
	for (one = proto3_items(jval_ok(batch) ? batch : body);
	    proto3_more(&one); proto3_next(&one)) {
		name_losses(talk, one.at);
		if (!write_text_of(talk, &w, one.at))
			return false;
	}
	write_end(&w);
	if (size.len)
		write_member_raw(&w, "dimensions", size);
	write_member_plain(&w, "encoding_format", "float");
	write_end(&w);
	return true;
}

bool
embed_answer(struct jval answer, bool batch, struct buf *out)
{
	struct jval data = jval_get(answer, "data"), v;
	struct writer w = { .out = out };
	size_t n = 0;

	if (!jval_is(data, JSON_ARRAY))
		return false;
	write_object(&w);
	write_key(&w, batch ? "embeddings" : "embedding");
	if (batch)
		write_array(&w);
	for (v = jval_first(data); !jval_at_end(v) && (batch || !n);
	    v = jval_next(v), n++) {
		struct jval vector = jval_get(v, "embedding");

		if (!jval_is(vector, JSON_ARRAY))
			return false;
		write_object(&w);
		write_member_raw(&w, "values", jval_raw(vector));
		write_end(&w);
	}
	if (batch)
		write_end(&w);
	write_end(&w);
	return batch || n;
}
