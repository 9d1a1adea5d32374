#include "command/check_quirk.h"

#include <stdio.h>

#include "gateway/route.h"
#include "proto/quirk_field.h"

enum { WIDTH = 78, INDENT = 6 };

struct lines {				/* words, wrapped */
	const char	*title;
	size_t		 at;		/* 0: nothing was printed yet */
};

static void
put(struct lines *l, struct slice word)
{
	if (!l->at) {
		printf("    %s:", l->title);
		l->at = 5 + slice_of(l->title).len;
	} else {
		printf(",");
	}
	if (l->at + word.len + 2 > WIDTH) {
		printf("\n%*s", INDENT - 1, "");
		l->at = INDENT - 1;
	}
	printf(" %.*s", SLICE_FMT(word));
	l->at += word.len + 2;
}

static void
end(struct lines *l)
{
	if (l->at)
		printf("\n");
	l->at = 0;
}

/* "seed false", "stop_max 5" */
static void
put_field(struct lines *l, const struct quirks *q, const struct quirk_field *f)
{
	char value[128], text[200];
	struct slice v = quirk_field_text(q, f, value, sizeof value);
	int n = snprintf(text, sizeof text, "%s %.*s", f->name, SLICE_FMT(v));

	put(l, slice_sub(slice_of(text), 0, n > 0 ? (size_t)n : 0));
}

static void
print_fields(const struct quirks *q, const char *title, bool all)
{
	struct lines l = { .title = title };
	struct quirks usual;
	size_t count;
	const struct quirk_field *f = quirk_fields(&count);
	bool claude = q->dialect == DIALECT_ANTHROPIC;

	quirks_find(&usual, DIALECT_GENERIC, SLICE(""));
	for (size_t i = 0; i < count; i++)
		if ((!claude || quirk_field_claudes(&f[i])) &&
		    (all || !quirk_field_same(&f[i], q, &usual)))
			put_field(&l, q, &f[i]);
	end(&l);
}

static const char *const verbs[] = {		/* ORDER quirk_edit */
	[EDIT_END] = "", [EDIT_RENAME] = "rename", [EDIT_DROP] = "drop",
	[EDIT_CLAMP] = "clamp", [EDIT_DEFAULT] = "default",
	[EDIT_REFUSE] = "refuse",
};

static void
put_edits(struct lines *l, const struct quirk_edit *e)
{
	char text[256];
	int n;

	for (; e && e->kind; e++) {
		n = snprintf(text, sizeof text, "%s %s%s%s%s%s%s%s",
		    verbs[e->kind], e->member,
		    e->kind == EDIT_RENAME ? " to " : "",
		    e->kind == EDIT_DEFAULT ? " " : "",
		    e->text ? e->text : "",
		    e->low ? " from " : "", e->low ? e->low : "",
		    e->high ? " up to " : "");
		if (e->high && n > 0 && (size_t)n < sizeof text)
			n += snprintf(text + n, sizeof text - (size_t)n,
			    "%s", e->high);
		put(l, slice_sub(slice_of(text), 0, n > 0 ? (size_t)n : 0));
	}
}

static void
print_built_in(const struct quirks *q)
{
	struct lines l = { .title = "in its own protocol" };

	for (size_t i = 0; i < sizeof q->edits / sizeof *q->edits; i++)
		put_edits(&l, q->edits[i]);
	end(&l);
}

static void
print_rules(const struct quirk_rule *rules)
{
	for (const struct quirk_rule *r = rules; r; r = r->next) {
		struct lines l = { .title = r->models ? r->models :
		    "all models" };
		struct quirks q = { 0 };
		static const char *const none[7];

		q.efforts_sent = none;
		for (size_t i = 0; i < r->setting_count; i++) {
			quirk_field_set(&q, &r->settings[i]);
			put_field(&l, &q, r->settings[i].field);
		}
		put_edits(&l, r->edits);
		end(&l);
	}
}

void
check_quirk_provider(const struct provider *p, bool all)
{
	struct quirks q;

	quirks_find(&q, p->dialect, SLICE(""));
	if (p->dialect != DIALECT_ANTHROPIC && p->at[PROTO_CHAT].there) {
		print_fields(&q, all ? "quirks" : "unlike most", all);
		print_built_in(&q);
	}
	if (p->quirks)
		printf("    quirks of this configuration:\n");
	print_rules(p->quirks);
}

void
check_quirk_target(const struct target *t, bool all)
{
	struct quirks q;

	route_quirks(t, &q);
	printf("    %.*s/%.*s%s\n", SLICE_FMT(t->provider->name),
	    SLICE_FMT(t->model),
	    t->provider->dialect == DIALECT_ANTHROPIC && !q.known ?
	    "  (a model that is not known)" : "");
	print_fields(&q, "  of it", all);
	print_built_in(&q);
}
