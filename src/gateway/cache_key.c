#include "gateway/cache_key.h"

enum { FIXED = 8 };

static struct slice
sum_slice(const uint8_t sum[SHA256_LEN])
{
	return (struct slice){ (const char *)sum, SHA256_LEN };
}

bool
cache_key_has(struct slice header)
{
	if (slice_starts_ci(header, SLICE("x-dragoman-")))
		return !slice_eq_ci(header, SLICE("x-dragoman-cache"));
	return upstream_passes(header);
}

void
cache_key_scope(const struct caller *caller, uint8_t out[SHA256_LEN])
{
	struct slice who[] = {
		caller->key ? SLICE("key") : SLICE("credential"),
		caller->key ? caller->key->name : caller->credential,
	};

	sha256_list(who, sizeof who / sizeof *who, out);
}

void
cache_key_request(const struct exchange *ex, const uint8_t scope[SHA256_LEN],
    uint8_t out[SHA256_LEN])
{
	const struct http_head *head = ex->reader.head;
	const struct model *m = ex->route.model;
	const char facts[] = {
		(char)ex->client_protocol->id, (char)ex->purpose,
		ex->strict, ex->talk.stream, ex->talk.as_array,
		ex->worker->config->cache.tools == TRI_YES,
	};
	struct slice parts[FIXED + 2 * HTTP_HEADERS_MAX] = {
		sum_slice(scope), { facts, sizeof facts }, ex->path,
		head->query, ex->talk.client_model, ex->reader.body,
		m ? sum_slice(m->sum) : SLICE(""),
	};
	size_t n = FIXED - 1;

	for (size_t i = 0; i < head->count; i++) {
		if (!cache_key_has(head->headers[i].name))
			continue;
		parts[n++] = head->headers[i].name;
		parts[n++] = head->headers[i].value;
	}
	sha256_list(parts, n, out);
}

void
cache_key_target(const uint8_t request[SHA256_LEN], const struct target *t,
    uint8_t out[SHA256_LEN])
{
	struct slice parts[] = {
		sum_slice(request), t->provider->name,
		sum_slice(t->provider->sum), t->model,
		t->translate ? SLICE("translate") : SLICE(""),
	};

	sha256_list(parts, sizeof parts / sizeof *parts, out);
}
