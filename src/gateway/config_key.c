/*
 * The configuration's "keys": who may come in, and what he may use; and
 * "key_defaults", which holds for each key that does not say otherwise.
 */
#include "gateway/loader.h"

#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "gateway/limit.h"

enum { USD_MAX = 4000000 };	/* what a record can hold, see limit.c */

static const int64_t nano = 1000000000;

struct file_key {
	struct slice	name, sha256;
	struct jval	models, budgets, expires;
	struct slice	budget_usd, per;
	uint64_t	rpm, tpm, concurrency;
	enum tri	disabled, priced;
};

const struct field loader_key_fields[] = {
	{ "name", FIELD_TEXT, offsetof(struct file_key, name), 0, 0 },
	{ "sha256", FIELD_TEXT, offsetof(struct file_key, sha256), 0, 0 },
	/* those from here on may stand in "key_defaults", too */
	{ "models", FIELD_RAW, offsetof(struct file_key, models), 0, 0 },
	{ "rpm", FIELD_UINT, offsetof(struct file_key, rpm), 0, 0 },
	{ "tpm", FIELD_UINT, offsetof(struct file_key, tpm), 0, 0 },
	{ "concurrency", FIELD_UINT, offsetof(struct file_key, concurrency),
	  0, 0 },
	{ "budget_usd", FIELD_NUM, offsetof(struct file_key, budget_usd),
	  0, 0 },
	{ "per", FIELD_TEXT, offsetof(struct file_key, per), 0, 0 },
	{ "budgets", FIELD_RAW, offsetof(struct file_key, budgets), 0, 0 },
	{ "priced_only", FIELD_FLAG, offsetof(struct file_key, priced), 0, 0 },
	{ "expires", FIELD_RAW, offsetof(struct file_key, expires), 0, 0 },
	{ "disabled", FIELD_FLAG, offsetof(struct file_key, disabled), 0, 0 },
	{ 0 },
};

const struct field loader_budget_fields[] = {
	{ "usd", FIELD_NUM, offsetof(struct file_key, budget_usd), 0, 0 },
	{ "per", FIELD_TEXT, offsetof(struct file_key, per), 0, 0 },
	{ 0 },
};

static bool
key_models(struct loader *l, struct access_key *k, struct jval list)
{
	struct jval v;
	struct slice name;

	if (!jval_ok(list))
		return true;
	if (!jval_is(list, JSON_ARRAY))
		return loader_fail(l, list, "\"models\" must be an array");
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		if (!jval_is(v, JSON_STRING) ||
		    !loader_text(l, v, jval_text(v), &name) ||
		    !ir_text_add(&k->models, l->arena, name))
			return loader_fail(l, v, "a model must be a string");
	if (!k->models)
		return loader_fail(l, list, "an empty \"models\" would allow "
		    "nothing: leave it out to allow all");
	return true;
}

/* ---- limits ---- */

static bool
key_count(struct loader *l, struct jval at, const char *name, uint64_t n,
    uint64_t *into)
{
	if (n < 1 || n > LIMIT_MAX)
		return loader_fail(l, at, "\"%s\" must be from 1 to %d; leave "
		    "it out for no limit, or say \"disabled\": true", name,
		    LIMIT_MAX);
	*into = n;
	return true;
}

static bool
usd(struct slice spelled, int64_t *sum)
{
	struct slice rest = spelled, whole = slice_cut(&rest, '.');
	uint64_t dollars, parts = 0;

	if (!slice_to_u64(whole, USD_MAX, &dollars) || rest.len > 9 ||
	    (rest.ptr && !slice_to_u64(rest, UINT32_MAX, &parts)))
		return false;
	for (size_t i = rest.len; i < 9; i++)
		parts *= 10;
	*sum = (int64_t)dollars * nano + (int64_t)parts;
	return *sum > 0 && *sum <= USD_MAX * nano;
}

static bool
key_budget(struct loader *l, struct access_key *k, struct jval at,
    const struct file_key *f)
{
	enum budget_per per = f->per.ptr ? limit_per(f->per) : BUDGET_MONTH;

	if (!f->budget_usd.ptr)
		return loader_fail(l, at, "a budget needs a number of "
		    "dollars");
	if (per == BUDGETS)
		return loader_fail(l, at, "\"per\" must be \"day\", \"month\" "
		    "or \"total\"");
	if (k->limits.budget_nano[per])
		return loader_fail(l, at, "two budgets per %s",
		    limit_per_name(per));
	if (!usd(f->budget_usd, &k->limits.budget_nano[per]))
		return loader_fail(l, at, "a budget must be a number of "
		    "dollars above 0 and up to %d, with at most 9 digits "
		    "after the point, such as 12.50", USD_MAX);
	return true;
}

static bool
key_budgets(struct loader *l, struct access_key *k, struct jval at,
    const struct file_key *f)
{
	if ((f->budget_usd.ptr || f->per.ptr) && !key_budget(l, k, at, f))
		return false;
	if (!jval_ok(f->budgets))
		return true;
	if (!jval_is(f->budgets, JSON_ARRAY))
		return loader_fail(l, f->budgets, "\"budgets\" must be an "
		    "array: [{ \"usd\": 5, \"per\": \"day\" }]");
	for (struct jval v = jval_first(f->budgets); !jval_at_end(v);
	    v = jval_next(v)) {
		struct file_key one = { 0 };

		if (!loader_bind(l, v, loader_budget_fields, &one) ||
		    !key_budget(l, k, v, &one))
			return false;
	}
	return true;
}

/* ---- time ---- */

/* "2027-01-31", the end of that day, or "2027-01-31T12:00:00Z". */
static bool
date(struct slice text, int64_t *unix_s)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	struct tm t = { 0 }, again;
	int n[6] = { 0 };
	time_t s;

	if (text.len != 10 && text.len != sizeof form - 1)
		return false;
	for (size_t i = 0, part = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (form[i] != '0' && c == form[i])
			part++;
		else if (form[i] == '0' && c >= '0' && c <= '9')
			n[part] = n[part] * 10 + c - '0';
		else
			return false;
	}
	t.tm_year = n[0] - 1900;
	t.tm_mon = n[1] - 1;
	t.tm_mday = n[2];
	t.tm_hour = n[3];
	t.tm_min = n[4];
	t.tm_sec = n[5];
	again = t;
	s = timegm(&again);
	/* there is no 31st of February */
	if (s <= 0 || again.tm_mday != t.tm_mday || again.tm_mon != t.tm_mon ||
	    again.tm_hour != t.tm_hour || again.tm_min != t.tm_min)
		return false;
	*unix_s = (int64_t)s + (text.len == 10 ? 86400 : 0);
	return true;
}

static bool
key_expires(struct loader *l, struct access_key *k, struct jval at)
{
	struct slice text;

	if (!jval_ok(at))
		return true;
	if (!jval_is(at, JSON_STRING) ||
	    !loader_text(l, at, jval_text(at), &text) ||
	    !date(text, &k->expires_s))
		return loader_fail(l, at, "\"expires\" must be a date, such "
		    "as \"2027-01-31\" or \"2027-01-31T12:00:00Z\"");
	return true;
}

/* ---- keys ---- */

static bool
key_uses(struct loader *l, struct access_key *k, struct jval at,
    const struct file_key *f)
{
	static const struct {
		const char	*name;
		size_t		 from, to;
	} counts[] = {
		{ "rpm", offsetof(struct file_key, rpm),
		  offsetof(struct key_limits, rpm) },
		{ "tpm", offsetof(struct file_key, tpm),
		  offsetof(struct key_limits, tpm) },
		{ "concurrency", offsetof(struct file_key, concurrency),
		  offsetof(struct key_limits, concurrency) },
	};

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const uint64_t *n = (const void *)((const char *)f +
		    counts[i].from);
		struct jval own = jval_get(at, counts[i].name);

		if (*n != UINT64_MAX && !key_count(l, jval_ok(own) ? own : at,
		    counts[i].name, *n, (void *)((char *)&k->limits +
		    counts[i].to)))
			return false;
	}
	k->disabled = f->disabled == TRI_YES;
	k->limits.priced = f->priced == TRI_YES;
	return key_models(l, k, f->models) && key_budgets(l, k, at, f) &&
	    key_expires(l, k, f->expires);
}

/* What stands in "key_defaults", for a key to say otherwise. */
static bool
begin_key(struct loader *l, struct file_key *f)
{
	*f = (struct file_key){ .rpm = UINT64_MAX, .tpm = UINT64_MAX,
	    .concurrency = UINT64_MAX };
	return !jval_ok(l->key_defaults) || loader_bind(l, l->key_defaults,
	    loader_key_fields + LOADER_KEY_OWN, f);
}

bool
loader_key_uses(struct loader *l, struct access_key *k)
{
	struct file_key f;

	return begin_key(l, &f) && key_uses(l, k, l->key_defaults, &f);
}

bool
loader_key_defaults(struct loader *l, struct jval defaults)
{
	struct access_key unused = { 0 };

	l->key_defaults = defaults;
	return loader_key_uses(l, &unused);
}

/* Its own budgets take the place of all that stand in the defaults. */
static void
forget_budgets(struct file_key *f, struct jval value)
{
	static const char *const members[] = { "budget_usd", "per",
	    "budgets" };

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (jval_ok(jval_get(value, members[i]))) {
			f->budget_usd = f->per = (struct slice){ 0 };
			f->budgets = (struct jval){ 0 };
		}
}

/* Logs and metrics tell keys by their names, and keys by what is sent. */
static bool
key_is_fit(struct loader *l, struct jval at, const struct access_key *k)
{
	for (size_t i = 0; i < k->name.len; i++)
		if ((unsigned char)k->name.ptr[i] < ' ')
			return loader_fail(l, at, "a key's \"name\" holds a "
			    "control character");
	for (const struct access_key *o = l->config->keys; o; o = o->next) {
		if (slice_eq(o->name, k->name))
			return loader_fail(l, at, "key \"%.*s\" stands "
			    "twice: the log tells keys by their names",
			    SLICE_FMT(k->name));
		if (!memcmp(o->sha256, k->sha256, sizeof k->sha256))
			return loader_fail(l, at, "\"%.*s\" and \"%.*s\" "
			    "are the same key: only the first would count",
			    SLICE_FMT(o->name), SLICE_FMT(k->name));
	}
	return true;
}

bool
loader_key(void *into, struct jval value, size_t i)
{
	struct loader *l = into;
	struct file_key f;
	struct access_key *k = arena_alloc(l->arena, sizeof *k);
	struct access_key **end = &l->config->keys;
	struct slice hash;

	(void)i;
	if (!begin_key(l, &f))
		return false;
	forget_budgets(&f, value);
	if (!loader_bind(l, value, loader_key_fields, &f))
		return false;
	if (!k || !f.name.len || !f.sha256.ptr)
		return loader_fail(l, value, "a key needs \"name\" and "
		    "\"sha256\"; \"dragoman keygen\" prints both");
	if (!loader_text(l, value, f.name, &k->name) ||
	    !loader_text(l, value, f.sha256, &hash))
		return false;
	if (!hex_decode(hash, k->sha256, sizeof k->sha256))
		return loader_fail(l, value, "\"sha256\" must be 64 hex "
		    "digits: the hash of the key, not the key");
	if (!key_is_fit(l, value, k) || !key_uses(l, k, value, &f))
		return false;
	while (*end)
		end = &(*end)->next;
	*end = k;
	return true;
}
