/* GET /usage.json: what was spent, by model, provider, key and day. */
#include "admin/admin.h"
#include "gateway/spend.h"

void
admin_usage(const struct page_request *request, struct page_answer *answer)
{
	struct writer w = { .out = &answer->body };

	answer->status = 200;
	answer->type = SLICE("application/json");
	write_object(&w);
	if (!spend_write(request->shared, &w))
		(void)fail_set(&answer->fail, request->arena, FAIL_MEMORY,
		    NULL, FAIL_NO_MEMORY);
	write_end(&w);
}
