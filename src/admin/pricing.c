/*
 * GET /pricing: a page that shows what /v1/models tells.  It holds no data, so
 * it goes to everybody; whoever opens it needs a key for the models if there
 * are keys.
 */
#include "admin/admin.h"

#include "base/hash.h"

__asm__(
    ".pushsection .rodata\n"
    "pricing_begin: .incbin \"src/admin/web/pricing.html\"\n"
    "pricing_end: .popsection\n");
extern const char pricing_begin[] __attribute__((visibility("hidden")));
extern const char pricing_end[] __attribute__((visibility("hidden")));

/* CSP's word for the one element of that name: 'sha256-...'. */
static struct slice
hash_of(struct arena *arena, struct slice page, struct slice open,
    struct slice close)
{
	size_t at = slice_find(page, open) + open.len;
	uint8_t hash[32];

	sha256(slice_sub(page, at, slice_find(slice_skip(page, at), close)),
	    hash);
	return base64_encode(arena, (struct slice){ (const char *)hash,
	    sizeof hash });
}

/* Nothing from elsewhere, and no script but its own, whatever a model's name
 * may hold. */
static struct slice
policy(struct arena *arena, struct slice page)
{
	return arena_join(arena, (struct slice[]){
	    SLICE("default-src 'none'; connect-src 'self'; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"),
	    hash_of(arena, page, SLICE("<style>"), SLICE("</style>")),
	    SLICE("'; script-src 'sha256-"),
	    hash_of(arena, page, SLICE("<script>"), SLICE("</script>")),
	    SLICE("'") }, 5);
}

void
admin_pricing(const struct page_request *r, struct page_answer *answer)
{
	struct slice page = { pricing_begin,
	    (size_t)(pricing_end - pricing_begin) };

	answer->status = 200;
	answer->type = SLICE("text/html; charset=utf-8");
	answer->policy = policy(r->arena, page);
	buf_append(&answer->body, page);
}
