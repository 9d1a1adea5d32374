#include "command/check_model.h"

#include <stdio.h>

#include "command/check_quirk.h"
#include "gateway/route.h"
#include "gateway/saving.h"
#include "gateway/when.h"

static void
print_target(const struct model *m, const struct model_target *t)
{
	const struct target *to = &t->target;
	struct buf when = { 0 };

	if (t->other)
		printf("%.*s", SLICE_FMT(to->model));
	else
		printf("%.*s/%.*s", SLICE_FMT(to->provider->name),
		    SLICE_FMT(to->model));
	if (m->pick == PICK_WEIGHTED)
		printf(" weight %u", t->weight);
	if (t->when) {
		when_print(t->when, &when);
		printf(" when (%.*s)", SLICE_FMT(buf_slice(&when)));
	}
	buf_free(&when);
}

/* All that a name leads to by way of others, if it does. */
static void
print_leads(const struct config *c, const struct model *m,
    struct arena *arena)
{
	struct route route = { 0 };
	struct fail fail = { 0 };
	bool nested = false;

	for (size_t i = 0; i < m->target_count; i++)
		nested |= m->targets[i].other != NULL;
	if (!nested || m->wild || !route_find(c, NULL, m->name, arena, &route,
	    &fail))
		return;
	printf("    that is");
	for (size_t i = 0; i < route.count; i++)
		printf("%s %.*s/%.*s", i ? "," : "",
		    SLICE_FMT(route.targets[i].provider->name),
		    SLICE_FMT(route.targets[i].model));
	printf("\n");
}

static void
print_model(const struct config *c, const struct model *m,
    struct arena *arena, bool all)
{
	printf("  %.*s ->", SLICE_FMT(m->name));
	for (size_t i = 0; i < m->target_count; i++) {
		printf("%s ", i ? "," : "");
		print_target(m, &m->targets[i]);
	}
	printf("%s%s%s%s\n", m->strict == TRI_YES ||
	    (m->strict == TRI_UNSET && c->strict) ? "  (strict)" : "",
	    m->translate == TRI_YES ? "  (translated)" : "",
	    saving_kinds(c, m) ? "  (compressed)" : "",
	    saving_marks(c, m) ? "  (cache marks)" : "");
	print_leads(c, m, arena);
	for (size_t i = 0; i < m->target_count; i++)
		if (!m->targets[i].other)
			check_quirk_target(&m->targets[i].target, all);
}

void
check_models(const struct config *c, struct arena *arena, bool all)
{
	if (c->prefixes)
		printf("prefixes\n");
	for (const struct prefix *p = c->prefixes; p; p = p->next)
		printf("  %.*s/ -> %.*s\n", SLICE_FMT(p->name),
		    SLICE_FMT(p->provider ? p->provider->name
		    : SLICE("the name without it")));
	printf("models of this configuration\n");
	if (!c->models)
		printf("  none\n");
	for (const struct model *m = c->models; m; m = m->next)
		print_model(c, m, arena, all);
}
