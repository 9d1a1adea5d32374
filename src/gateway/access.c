#include "gateway/access.h"

#include <string.h>

#include "base/hash.h"

enum { CREDENTIALS = 5 };

static struct slice
bearer(struct slice value)
{
	if (!slice_starts_ci(value, SLICE("bearer ")))
		return (struct slice){ 0 };
	return slice_trim(slice_skip(value, 7));
}

/* All credentials that the request holds, in the order of preference. */
static size_t
gather(const struct http_head *head, struct arena *arena,
    struct slice out[CREDENTIALS])
{
	struct slice found[CREDENTIALS] = {
		bearer(http1_get(head, SLICE("authorization"))),
		http1_get(head, SLICE("x-api-key")),
		http1_get(head, SLICE("api-key")),
		http1_get(head, SLICE("x-goog-api-key")),
	};
	struct slice query = url_query_get(head->query, SLICE("key"));
	size_t n = 0;

	if (query.ptr && !url_decode(arena, query, &found[4]))
		found[4] = (struct slice){ 0 };
	for (size_t i = 0; i < CREDENTIALS; i++)
		if (found[i].len)
			out[n++] = found[i];
	return n;
}

/* Every key is compared, so that the time tells nothing of which one it was. */
static const struct access_key *
find_key(const struct access_key *keys, struct slice credential)
{
	const struct access_key *found = NULL;
	uint8_t hash[SHA256_LEN];

	sha256(credential, hash);
	for (const struct access_key *k = keys; k; k = k->next)
		if (equal_ct(hash, k->sha256, sizeof hash))
			found = k;
	return found;
}

bool
access_check(const struct config *c, const struct http_head *head,
    struct arena *arena, struct caller *caller)
{
	struct slice given[CREDENTIALS];
	size_t n = gather(head, arena, given);

	*caller = (struct caller){ .sent = n > 0 };
	if (!c->keys) {
		if (n)
			caller->credential = given[0];
		return true;
	}
	/* one hash at least: no credential costs what a wrong one does, and
	 * is none, even if the hash of nothing stands among the keys */
	for (size_t i = 0; i < n || i == 0; i++) {
		const struct access_key *k = find_key(c->keys, i < n ? given[i]
		    : SLICE(""));

		if (k && n && !caller->key)
			caller->key = k;
	}
	return caller->key != NULL;
}

bool
access_is_admin(const struct config *c, const struct http_head *head,
    struct arena *arena)
{
	struct slice given[CREDENTIALS];
	size_t n = gather(head, arena, given);
	bool found = false;

	for (size_t i = 0; i < n; i++)
		found |= find_key(c->admins, given[i]) != NULL;
	return found;
}

bool
access_allows(const struct access_key *key, struct slice model)
{
	if (!key || !key->models)
		return true;
	for (const struct ir_text *m = key->models; m; m = m->next) {
		if (slice_ends(m->text, SLICE("*"))) {
			if (slice_starts_ci(model,
			    slice_sub(m->text, 0, m->text.len - 1)))
				return true;
		} else if (catalog_same_name(m->text, model)) {
			return true;
		}
	}
	return false;
}
