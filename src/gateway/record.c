#include "gateway/record.h"

#include "base/clock.h"
#include "gateway/cache.h"

/* What a client says of its request, for those who look for it in two logs. */
static void
log_told(const struct http_head *head)
{
	static const struct {
		struct slice	 header;
		const char	*name;
	} told[] = {
		{ SLICE_INIT("x-client-request-id"), "client_id" },
		{ SLICE_INIT("idempotency-key"), "idempotency_key" },
		{ SLICE_INIT("x-stainless-retry-count"), "client_retry" },
	};

	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		struct slice value = http1_get(head, told[i].header);

		if (value.len)
			log_text(told[i].name, slice_sub(value, 0, 128));
	}
}

void
record_request(const struct exchange *ex)
{
	const struct meter *m = &ex->meter;
	const struct http_head *head = ex->reader.head;
	const struct target *t = ex->cursor < ex->route.count
	    ? &ex->route.targets[ex->cursor] : NULL;
	char peer[SOCK_NAME];

	if (!log_on(LOG_INFO) || !ex->status)
		return;
	sock_name(&ex->client->peer, peer, sizeof peer);
	log_begin(LOG_INFO, "request");
	log_text("id", ex->request_id);
	log_str("client", peer);
	if (ex->caller.key)
		log_text("key", ex->caller.key->name);
	if (head) {
		log_text("method", head->method);
		log_text("path", head->path);
		log_told(head);
	}
	log_num("status", ex->status);
	if (t) {
		log_text("model", ex->talk.client_model);
		log_text("provider", t->provider->name);
		log_text("target", t->model);
		log_num("attempts", ex->attempts);
	}
	if (ex->cache)
		log_str("cache", cache_word(ex));
	if (ex->talk.answers > 1)
		log_num("answers", ex->talk.answers);
	if (m->usage.in >= 0)
		log_num("tokens_in", m->usage.in);
	if (m->usage.out >= 0)
		log_num("tokens_out", m->usage.out);
	if (m->usage.estimated)
		log_str("tokens", "estimated");
	if (m->usage.cache_read > 0)
		log_num("tokens_cached", m->usage.cache_read);
	if (ex->saved_bytes) {
		log_num("saved_bytes", (int64_t)ex->saved_bytes);
		log_num("saved_tokens", (int64_t)ex->saved_tokens);
	}
	if (m->stopped)
		log_str("stop", meter_stop_name(m->stop));
	if (ex->talk.losses.count) {
		struct buf text = { .limit = 2 * LOSS_HEADER_MAX };

		loss_print(&ex->talk.losses, &text);
		log_text("warnings", buf_slice(&text));
		buf_free(&text);
	}
	if (m->fail.kind != FAIL_NONE) {
		log_str("error", fail_name(m->fail.kind));
		log_text("why", m->fail.message);
	}
	if (m->first_us)
		log_num("first_ms", (m->first_us - ex->began_us) / 1000);
	log_num("ms", (clock_us() - ex->began_us) / 1000);
	log_num("own_us", ex->own_us);
	log_end();
}
