/* "quirks" of a provider: what the operator knows better than the tables. */
#include <stdio.h>
#include <string.h>

#include "gateway/loader.h"
#include "json/text.h"
#include "proto/number.h"
#include "proto/quirk_field.h"

struct file_rule {
	struct slice	models;
	struct jval	rename, drop, clamp, standard, refuse, set;
};

#define MEMBER(name, field) \
	{ name, FIELD_RAW, offsetof(struct file_rule, field), 0, 0 }

const struct field loader_rule_fields[] = {
	{ "models", FIELD_TEXT, offsetof(struct file_rule, models), 0, 0 },
	MEMBER("rename", rename), MEMBER("drop", drop),
	MEMBER("clamp", clamp), MEMBER("default", standard),
	MEMBER("refuse", refuse), MEMBER("set", set),
	{ 0 },
};

struct rule_loading {
	struct loader	*l;
	struct quirk_rule *rule;
	struct quirk_edit *edits;
	struct quirk_setting *settings;
	size_t		 edit_count;
};

/* What a request is, and what answers it: nothing works without them. */
static const char *const untouchable[] = { "model", "messages", "stream" };

/* A member's name goes into bodies as it stands. */
static const char *
member_name(struct rule_loading *r, struct jval at)
{
	struct slice name = text_unescape(r->l->arena, jval_text(at));
	char *text = arena_cstr(r->l->arena, name);
	size_t i = 0;

	if (!jval_is(at, JSON_STRING) || !text || !name.len) {
		loader_fail(r->l, at, "the name of a member must be a string");
		return NULL;
	}
	while (i < name.len && name.ptr[i] > ' ' && name.ptr[i] < 0x7f &&
	    name.ptr[i] != '"' && name.ptr[i] != '\\')
		i++;
	for (size_t k = 0; k < sizeof untouchable / sizeof *untouchable; k++)
		if (!strcmp(text, untouchable[k]))
			i = SIZE_MAX;
	if (i == name.len)
		return text;
	loader_fail(r->l, at, i == SIZE_MAX ? "\"%s\" cannot be edited" :
	    "\"%s\" is no name of a member", text);
	return NULL;
}

static struct quirk_edit *
add_edit(struct rule_loading *r, enum quirk_edit_kind kind, struct jval name)
{
	struct quirk_edit *e = &r->edits[r->edit_count];

	*e = (struct quirk_edit){ .kind = kind,
	    .member = member_name(r, name) };
	if (!e->member)
		return NULL;
	r->edit_count++;
	return e;
}

/* ---- one function for each kind ---- */

static bool
read_rename(struct rule_loading *r, struct jval key)
{
	struct quirk_edit *e = add_edit(r, EDIT_RENAME, key);

	if (!e)
		return false;
	e->text = member_name(r, jval_value(key));
	return e->text != NULL;
}

static bool
read_drop(struct rule_loading *r, struct jval name)
{
	return add_edit(r, EDIT_DROP, name) != NULL;
}

/* A bound, or null for none. */
static bool
read_bound(struct rule_loading *r, struct jval v, const char **bound)
{
	if (jval_is(v, JSON_NUMBER))
		*bound = arena_cstr(r->l->arena, jval_raw(v));
	return *bound || jval_is(v, JSON_NULL);
}

static bool
read_clamp(struct rule_loading *r, struct jval key)
{
	struct jval pair = jval_value(key), low = jval_first(pair);
	struct quirk_edit *e = add_edit(r, EDIT_CLAMP, key);

	if (!e)
		return false;
	if (!jval_is(pair, JSON_ARRAY) || jval_count(pair) != 2 ||
	    !read_bound(r, low, &e->low) ||
	    !read_bound(r, jval_next(low), &e->high))
		return loader_fail(r->l, pair, "\"%s\" must be "
		    "[least, most], null for no bound", e->member);
	if (e->low && e->high && number_vs(slice_of(e->low), e->high) > 0)
		return loader_fail(r->l, pair, "\"%s\": the least is more "
		    "than the most", e->member);
	return true;
}

static bool
read_default(struct rule_loading *r, struct jval key)
{
	struct quirk_edit *e = add_edit(r, EDIT_DEFAULT, key);

	if (e)
		e->text = arena_cstr(r->l->arena, jval_raw(jval_value(key)));
	return e && e->text;
}

static bool
read_refuse(struct rule_loading *r, struct jval name)
{
	return add_edit(r, EDIT_REFUSE, name) != NULL;
}

/* What the provider does not take is not sent, whoever wrote it. */
static bool
drop_members(struct rule_loading *r, const struct quirk_setting *s)
{
	struct slice rest = slice_of(s->field->members);

	while (!s->number && rest.ptr) {
		struct slice name = slice_cut(&rest, ' ');
		struct quirk_edit *e = &r->edits[r->edit_count++];

		*e = (struct quirk_edit){ .kind = EDIT_DROP,
		    .member = arena_cstr(r->l->arena, name) };
		if (!e->member)
			return false;
	}
	return true;
}

static bool
read_set(struct rule_loading *r, struct jval key)
{
	const char *near = NULL, *want;
	const struct quirk_field *f = quirk_field_find(jval_text(key), &near);
	struct quirk_setting *s = &r->settings[r->rule->setting_count];

	if (!f)
		return loader_fail(r->l, key, "no quirk is called \"%.*s\""
		    "%s%s%s", SLICE_FMT(jval_text(key)),
		    near ? "; did you mean \"" : "", near ? near : "",
		    near ? "\"?" : "");
	want = quirk_field_read(r->l->arena, f, jval_value(key), s);
	if (want)
		return loader_fail(r->l, jval_value(key), "\"%s\" must be "
		    "%s%s", f->name, f->words || f->type == FIELD_IS_EFFORTS ?
		    "of: " : "", want);
	r->rule->setting_count++;
	return drop_members(r, s);
}

/* ---- a rule ---- */

static bool
walk(struct rule_loading *r, const char *name, struct jval list,
    enum json_type type, bool (*each)(struct rule_loading *, struct jval))
{
	if (!jval_ok(list))
		return true;
	if (!jval_is(list, type))
		return loader_fail(r->l, list, "\"%s\" must be an %s", name,
		    type == JSON_ARRAY ? "array" : "object");
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v))
		if (!each(r, v))
			return false;
	return true;
}

/* In the order in which the edits are made. */
static bool
read_parts(struct rule_loading *r, const struct file_rule *f)
{
	return walk(r, "refuse", f->refuse, JSON_ARRAY, read_refuse) &&
	    walk(r, "rename", f->rename, JSON_OBJECT, read_rename) &&
	    walk(r, "drop", f->drop, JSON_ARRAY, read_drop) &&
	    walk(r, "set", f->set, JSON_OBJECT, read_set) &&
	    walk(r, "clamp", f->clamp, JSON_OBJECT, read_clamp) &&
	    walk(r, "default", f->standard, JSON_OBJECT, read_default);
}

static bool
read_rule(struct loader *l, struct jval at, struct quirk_rule **link)
{
	struct file_rule f = { 0 };
	struct rule_loading r = { .l = l };
	struct slice models;
	size_t n;

	if (!loader_bind(l, at, loader_rule_fields, &f))
		return false;
	/* a flag that is set takes at most two members out */
	n = jval_count(f.rename) + jval_count(f.drop) + jval_count(f.clamp) +
	    jval_count(f.standard) + jval_count(f.refuse) +
	    2 * jval_count(f.set);
	r.rule = arena_alloc(l->arena, sizeof *r.rule);
	r.edits = arena_array(l->arena, n + 1, sizeof *r.edits);
	r.settings = arena_array(l->arena, jval_count(f.set) + 1,
	    sizeof *r.settings);
	if (!r.rule || !r.edits || !r.settings)
		return loader_fail(l, at, "out of memory");
	if (f.models.ptr) {
		if (!loader_text(l, at, f.models, &models))
			return false;
		r.rule->models = arena_cstr(l->arena, models);
	}
	r.rule->settings = r.settings;
	r.rule->edits = r.edits;
	*link = r.rule;
	return read_parts(&r, &f);
}

bool
loader_quirks(struct loader *l, struct jval list, struct quirk_rule **rules)
{
	if (!jval_ok(list))
		return true;
	if (!jval_is(list, JSON_ARRAY))
		return loader_fail(l, list, "\"quirks\" must be an array");
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v)) {
		if (!read_rule(l, v, rules))
			return false;
		rules = &(*rules)->next;
	}
	return true;
}
