#include "proto/refuse.h"

#include <stdio.h>

bool
refuse_media(struct talk *talk, const struct ir_block *b, const char *word,
    const char *instead)
{
	char path[64];

	snprintf(path, sizeof path, "messages[%u].content[%u]",
	    (unsigned)b->message, (unsigned)b->part);
	fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, path,
	    "this %s cannot be given to model %.*s; %s", word,
	    SLICE_FMT(talk->model), instead);
	talk->fail.code = SLICE("unsupported_content");
	return false;
}

bool
refuse_hosted(struct talk *talk, const struct ir_tool *tool)
{
	struct slice model = talk->client_model.len ? talk->client_model
	    : talk->model;

	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "The tool type %.*s is not supported for model %.*s.",
	    SLICE_FMT(tool->type), SLICE_FMT(model));
}

bool
refuse_needs(const struct ir_tool *tool)
{
	static const char *const types[] = { "computer", "browser_toolset_" };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (slice_starts(tool->type, slice_of(types[i])))
			return true;
	return false;
}

bool
refuse_offered(const struct talk *talk)
{
	return talk->client && (talk->client->id == PROTO_RESPONSES ||
	    talk->client->id == PROTO_GEMINI);
}

bool
refuse_is_ours(const struct talk *talk, const struct fail *f)
{
	return talk->own_key && (f->status || f->type.ptr) &&
	    (f->kind == FAIL_AUTH || f->kind == FAIL_PERMISSION ||
	    f->kind == FAIL_QUOTA);
}
