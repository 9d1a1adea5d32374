/* Models by their names; the table is made of catalog_models.txt. */
#include "gateway/catalog.h"

#include "gateway/catalog_models.h"

const struct catalog_model *
catalog_models(size_t *count)
{
	*count = sizeof models / sizeof *models;
	return models;
}

static char
fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '.' ? '-' : c;
}

bool
catalog_same_name(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (fold(a.ptr[i]) != fold(b.ptr[i]))
			return false;
	return true;
}

/* Is `s` a date as models' names carry it: 20250929 or 2025-09-29? */
static bool
is_date(struct slice s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			digits++;
		else if (s.ptr[i] != '-' || s.len != 10 || (i != 4 && i != 7))
			return false;
	}
	return digits == 8 && slice_starts(s, SLICE("20"));
}

/* Does `id` name `model`, a dated snapshot ("-20250929") or "-latest" of it? */
static bool
names(struct slice id, struct slice model)
{
	struct slice rest;

	if (id.len <= model.len)
		return catalog_same_name(id, model);
	if (!catalog_same_name(slice_sub(id, 0, model.len), model) ||
	    id.ptr[model.len] != '-')
		return false;
	rest = slice_skip(id, model.len + 1);
	return slice_is(rest, "latest") || is_date(rest);
}

/* What the names of its snapshots begin with: no "-0" and no "-latest". */
static struct slice
stem(struct slice model)
{
	if (slice_ends(model, SLICE("-0")))
		return slice_sub(model, 0, model.len - 2);
	if (slice_ends(model, SLICE("-latest")))
		return slice_sub(model, 0, model.len - 7);
	return model;
}

/* Is `id` a snapshot of a model that is known by its stem alone? */
static bool
is_snapshot(struct slice id, struct slice model)
{
	struct slice begin = stem(model);

	return begin.len < model.len && id.len > begin.len + 1 &&
	    catalog_same_name(slice_sub(id, 0, begin.len), begin) &&
	    id.ptr[begin.len] == '-' &&
	    is_date(slice_skip(id, begin.len + 1));
}

/* All that differ amid the model's name, nearly all, are passed by here. */
static bool
may_name(struct slice id, const char *model)
{
	size_t i = 0;

	while (i < id.len && model[i] && fold(id.ptr[i]) == fold(model[i]))
		i++;
	return !model[i] || (i < id.len && id.ptr[i] == '2');	/* a date */
}

const struct catalog_model *
catalog_find(struct slice id)
{
	for (size_t i = 0; i < sizeof models / sizeof *models; i++)
		if (may_name(id, models[i].id) &&
		    (names(id, slice_of(models[i].id)) ||
		    is_snapshot(id, slice_of(models[i].id))))
			return &models[i];
	return NULL;
}
