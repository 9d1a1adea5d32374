#include "proto/responses/responses.h"

bool
responses_encode(struct talk *talk, struct buf *out)
{
	(void)out;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "Responses is not spoken yet.");
}

struct source *
responses_source(struct talk *talk, struct sink *to)
{
	(void)talk;
	(void)to;
	return NULL;
}
