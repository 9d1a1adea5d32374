#include "gateway/refusal.h"

#include "gateway/tokens.h"

enum {
	KEY_MIN = 8,		/* shorter keys are words that may stand
				 * anywhere */
};

/* Does `text` quote the key that the operator gave us for the provider? */
static bool
quotes_key(const struct exchange *ex, struct slice text)
{
	const struct provider *p = ex->attempt.target->provider;

	for (size_t i = 0; i < p->key_count; i++)
		if (p->keys[i].len >= KEY_MIN &&
		    slice_find(text, p->keys[i]) != SIZE_MAX)
			return true;
	return false;
}

/*
 * What our own key did wrong is the operator's affair: say that much, and no
 * key.
 */
static void
tell_ours(struct exchange *ex, struct fail *fail)
{
	static const struct slice whose =
	    SLICE_INIT("The provider refused the gateway's own key: ");

	fail->message = quotes_key(ex, fail->message)
	    ? slice_sub(whose, 0, whose.len - 2)
	    : arena_join(&ex->arena, (struct slice[]){ whose,
	    fail->message }, 2);
}

void
refusal_tell(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	struct fail fail = { .retry_after_ms = -1 };
	bool encoded = upstream_encoded(a->head), ours;
	bool empty = !buf_len(&a->events);

	if (encoded)
		buf_clear(&a->events);
	fail_read(&fail, &ex->arena, a->head->status, buf_slice(&a->events));
	fail.status = a->head->status;
	reply_read_retry(a->head, &fail);
	if (retry_refused(ex, &fail) || retry_address(ex, &fail))
		return;
	ours = ex->talk.own_key && (fail.kind == FAIL_AUTH ||
	    fail.kind == FAIL_PERMISSION || fail.kind == FAIL_QUOTA ||
	    quotes_key(ex, buf_slice(&a->events)));
	/* ... nor is it passed on where agents would not understand it, or
	 * where there is nothing that could be */
	encoded |= reply_is_retold(ex, &fail) || empty;
	if (ours)
		tell_ours(ex, &fail);
	ex->meter.fail = fail;
	if (ex->trunk || ex->committed) {
		exchange_attempt_failed(ex, &fail);
		return;
	}
	if (failover_next(ex, &fail))
		return;
	if (!a->same || ours || encoded || tokens_replace(ex, &fail)) {
		upstream_drop(ex);
		(void)exchange_refuse(ex, &fail);
		return;
	}
	reply_verbatim(ex, buf_slice(&a->events));
	upstream_release(ex);
	exchange_enter(ex, EX_FLUSH);
}
