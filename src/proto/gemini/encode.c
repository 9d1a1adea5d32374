#include "proto/gemini/gemini.h"

bool
gemini_encode(struct talk *talk, struct buf *out)
{
	(void)out;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "Gemini is not spoken yet.");
}
