#include "gateway/pick.h"

#include "gateway/affinity.h"
#include "gateway/exchange.h"
#include "gateway/modality.h"
#include "gateway/weigh.h"
#include "gateway/when.h"

/* What the operator says that the model can read. */
static uint8_t
said(const struct target *t)
{
	struct quirks q = { 0 };

	quirks_override(&q, t->provider->quirks, t->model);
	return (uint8_t)((q.vision ? MODALITY_IMAGE : 0) |
	    (q.pdf ? MODALITY_PDF : 0));
}

const char *
pick_lacks(const struct target *t, struct exchange *ex)
{
	const struct catalog_model *row = t->row;
	uint8_t input;

	if (!row || !ex)
		return NULL;
	input = row->input ? route_input(ex) & (uint8_t)~(row->input |
	    MODALITY_TEXT) : 0;
	if (input && t->provider->quirks)
		input &= (uint8_t)~said(t);
	if (input)
		return "input";
	return row->context && weigh_exceeds(ex, row->context) ? "context"
	    : NULL;
}

/* ---- one target ---- */

static bool
there(const struct route *r, const struct target *t)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->targets[i].provider == t->provider &&
		    r->targets[i].translate == t->translate &&
		    slice_eq(r->targets[i].model, t->model))
			return true;
	return false;
}

void
pick_target(struct picker *p, const struct target *t)
{
	struct route *r = p->route;
	const char *why = NULL;

	if (!p->allowed && !access_allows(p->key, route_name(p->arena, t))) {
		p->forbidden++;
		why = "the key may not use it";
	} else if (there(r, t)) {
		why = "it is there already";
	} else if (r->count == CONFIG_TARGETS_MAX) {
		why = "there are too many";
	}
	if (!why)
		r->targets[r->count++] = *t;
	else if (r->explain)
		route_pass_over(r, p->arena, route_name(p->arena, t), "%s",
		    why);
}

/* With what the star stands for in its place. */
static void
pick_leaf(struct picker *p, const struct target *t, struct slice star)
{
	struct target full = *t;
	size_t at = star.ptr ? slice_chr(t->model, '*') : SIZE_MAX;

	if (at != SIZE_MAX) {
		full.model = arena_join(p->arena, (struct slice[]){
		    slice_sub(t->model, 0, at), star,
		    slice_skip(t->model, at + 1) }, 3);
		full.row = catalog_of(p->config, t->provider, full.model);
	}
	pick_target(p, &full);
}

/* ---- the order ---- */

static bool
able(const struct picker *p, const struct model_target *t)
{
	return (!t->when || !when_misses(t->when, p->ex).ptr) &&
	    (t->other || !pick_lacks(&t->target, p->ex));
}

/* Which target has the n-th of all weights' shares? */
static size_t
share_of(const struct model *m, uint32_t able_ones, uint64_t n)
{
	for (size_t i = 0; i < m->target_count; i++) {
		if (!(able_ones & 1u << i))
			continue;
		if (n < m->targets[i].weight)
			return i;
		n -= m->targets[i].weight;
	}
	return m->target_count;
}

static uint64_t
weight_of(const struct model *m, uint32_t able_ones)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->target_count; i++)
		if (able_ones & 1u << i)
			sum += m->targets[i].weight;
	return sum;
}

/*
 * It is drawn among all; whoever drew one that cannot take the request draws
 * again among the others.  So others' draws stay as they are.
 */
static size_t
draw(const struct picker *p, const struct model *m)
{
	uint64_t lot = affinity_mix(route_affinity(p->ex) ^
	    affinity_of(m->name));
	uint64_t sum;
	uint32_t able_ones = 0;
	size_t i = share_of(m, UINT32_MAX, lot % weight_of(m, UINT32_MAX));

	if (able(p, &m->targets[i]))
		return i;
	for (i = 0; i < m->target_count; i++)
		if (able(p, &m->targets[i]))
			able_ones |= 1u << i;
	sum = weight_of(m, able_ones);
	return sum ? share_of(m, able_ones, affinity_mix(lot) % sum)
	    : m->target_count;
}

/* The heaviest first, but for the one that was drawn. */
static void
put_in_order(const struct picker *p, const struct model *m,
    uint8_t order[CONFIG_TARGETS_MAX])
{
	size_t drawn = m->target_count, n = 0;

	if (p->ex)
		drawn = draw(p, m);
	for (size_t i = 0; i < m->target_count; i++) {
		size_t at = n++;

		while (i != drawn && at && order[at - 1] != drawn &&
		    m->targets[order[at - 1]].weight < m->targets[i].weight) {
			order[at] = order[at - 1];
			at--;
		}
		while (i == drawn && at) {
			order[at] = order[at - 1];
			at--;
		}
		order[at] = (uint8_t)i;
	}
}

/* ---- a model ---- */

static void	pick_nested(struct picker *, const struct model *,
		    struct slice star, unsigned depth);

static void
pick_one(struct picker *p, const struct model_target *t, struct slice star,
    unsigned depth)
{
	struct slice misses = { 0 };

	if (t->when && p->ex)
		misses = when_misses(t->when, p->ex);
	if (misses.ptr) {
		p->unfit++;
		if (p->route->explain)
			route_pass_over(p->route, p->arena, t->other
			    ? t->other->name : route_name(p->arena,
			    &t->target), "\"when\" wants another %.*s",
			    SLICE_FMT(misses));
		return;
	}
	if (t->other)
		pick_nested(p, t->other, t->star.ptr ? t->star : star,
		    depth + 1);
	else
		pick_leaf(p, &t->target, star);
}

/* The configuration has made sure that it comes to an end. */
static void
pick_nested(struct picker *p, const struct model *m, struct slice star,
    unsigned depth)
{
	uint8_t order[CONFIG_TARGETS_MAX];
	bool weighted = m->pick == PICK_WEIGHTED;

	CHECK(depth < CONFIG_NESTED_MAX);
	if (weighted)
		put_in_order(p, m, order);
	for (size_t i = 0; i < m->target_count; i++)
		pick_one(p, &m->targets[weighted ? order[i] : i], star, depth);
}

void
pick_model(struct picker *p, const struct model *m, struct slice star)
{
	pick_nested(p, m, star, 0);
}
