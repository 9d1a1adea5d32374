/* Liveness and readiness, for probes. */
#include "admin/admin.h"
#include "base/clock.h"
#include "gateway/health.h"

static void
say(struct page_answer *answer, unsigned status, const char *word)
{
	answer->status = status;
	answer->type = SLICE("application/json");
	buf_fmt(&answer->body, "{\"status\":\"%s\"}\n", word);
}

void
admin_live(const struct page_request *request, struct page_answer *answer)
{
	(void)request;
	say(answer, 200, "ok");
}

void
admin_ready(const struct page_request *request, struct page_answer *answer)
{
	if (request->draining)
		say(answer, 503, "draining");
	else if (!request->config->providers)
		say(answer, 503, "no provider is configured");
	else if (!health_ready(request->shared, request->config, clock_ms()))
		say(answer, 503, "the circuits of all targets are open");
	else
		say(answer, 200, "ready");
}
