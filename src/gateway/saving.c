#include "gateway/saving.h"

#include "gateway/count.h"
#include "proto/compress.h"

unsigned
saving_kinds(const struct config *config, const struct model *model)
{
	const struct saving *s = model && model->saving.compress != TRI_UNSET
	    ? &model->saving : &config->saving;

	return s->compress == TRI_YES ? s->kinds : 0;
}

bool
saving_marks(const struct config *config, const struct model *model)
{
	const struct saving *s = model && model->saving.prompt_cache !=
	    TRI_UNSET ? &model->saving : &config->saving;

	return s->prompt_cache == TRI_YES;
}

/* False: no memory, and nothing has changed. */
static bool
take(struct exchange *ex, struct buf *shorter)
{
	struct slice text = arena_dup(&ex->arena, buf_slice(shorter));
	struct json doc;
	struct json_fault fault;

	if (!ex->arena.failed && json_parse(&doc, &ex->arena, text, 0,
	    &fault)) {
		ex->json = doc;
		return true;
	}
	ex->arena.failed = false;
	return false;
}

static void
compress(struct exchange *ex, unsigned kinds)
{
	struct buf shorter = { 0 };
	struct compressed done;

	if (!ex->arena.failed && compress_request(ex->client_protocol->id,
	    json_root(&ex->json), kinds, &shorter, &done) > 0 &&
	    take(ex, &shorter)) {
		ex->saved_bytes = done.saved;
		ex->saved_tokens = estimate_answer(&ex->talk, &done.tally, 0);
		count_saved(ex->worker->plan->count, done.saved);
	}
	buf_free(&shorter);
}

void
saving_apply(struct exchange *ex)
{
	const struct config *config = ex->worker->config;
	unsigned kinds = saving_kinds(config, ex->route.model);

	ex->talk.mark_cache = saving_marks(config, ex->route.model);
	if (kinds)
		compress(ex, kinds);
}
