#include "proto/responses/responses.h"

enum ir_vendor
responses_vendor(const struct quirks *quirks)
{
	return quirks->dialect == DIALECT_XAI ? IR_OTHER : IR_OPENAI;
}

bool
responses_encode(struct talk *talk, struct buf *out)
{
	(void)out;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "Responses is not spoken yet.");
}
