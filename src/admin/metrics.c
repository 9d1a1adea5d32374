/* GET /metrics, for Prometheus. */
#include "admin/admin.h"
#include "gateway/count.h"

void
admin_metrics(const struct page_request *request, struct page_answer *answer)
{
	answer->status = 200;
	answer->type = SLICE("text/plain; version=0.0.4; charset=utf-8");
	count_print(request->count, &answer->body);
}
