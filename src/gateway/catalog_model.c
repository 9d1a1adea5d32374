/* Models by their names; the table is made of catalog_models.txt. */
#include "gateway/config.h"

#include <string.h>

/* A row as the program holds it: what many rows share stands in lists. */
struct packed {
	uint16_t	 released, retired;
	uint8_t		 price, context, max_output, as_of;
	uint8_t		 tiers;		/* how many, behind those of the rows
					 * before */
	uint8_t		 input, output;
	uint8_t		 protocols;	/* and REASONS */
};

enum { REASONS = 16 };

#include "gateway/catalog_models.h"

/* The text that *at stands on; *at goes to the one behind it. */
static const char *
take(const char **at)
{
	const char *text = *at;

	*at += strlen(text) + 1;
	return text;
}

bool
catalog_next(struct catalog_walk *w, struct catalog_model *m)
{
	const struct packed *p = &rows[w->row];
	const char *also;

	if (w->row == sizeof rows / sizeof *rows)
		return false;
	if (!w->row++)
		*w = (struct catalog_walk){ .row = 1, .text = texts,
		    .left = sections[0].rows };
	if (!w->left)
		w->left = sections[++w->section].rows;
	w->left--;
	*m = (struct catalog_model){ .preset = sections[w->section].preset,
	    .id = take(&w->text), .display = take(&w->text),
	    .tiers = tiers + w->tier, .tier_count = p->tiers,
	    .price = prices[p->price], .context = lengths[p->context],
	    .max_output = lengths[p->max_output], .released = p->released,
	    .retired = p->retired, .as_of = days[p->as_of],
	    .input = p->input, .output = p->output,
	    .protocols = p->protocols & (REASONS - 1),
	    .reasons = p->protocols & REASONS };
	also = take(&w->text);
	m->also = *also ? also : NULL;
	w->tier += p->tiers;
	return true;
}

const char *
catalog_modality(unsigned i)
{
	static const char *const words[MODALITIES] = {	/* ORDER modality */
		"text", "image", "audio", "video", "pdf",
	};

	return words[i];
}

char
catalog_fold(char c)
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
		if (catalog_fold(a.ptr[i]) != catalog_fold(b.ptr[i]))
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

/* How much of `name` stands before "-latest" or a date; SIZE_MAX: neither. */
static size_t
before_suffix(struct slice name, bool *dated)
{
	static const size_t sizes[] = { 6, 8, 10 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t at = name.len - sizes[i] - 1;
		struct slice rest;

		if (name.len < sizes[i] + 2 || name.ptr[at] != '-')
			continue;
		rest = slice_skip(name, at + 1);
		*dated = is_date(rest);
		if (*dated || slice_is(rest, "latest"))
			return at;
	}
	return SIZE_MAX;
}

static const struct catalog_name *
named(const struct config *c, const struct provider *p, struct slice folded)
{
	const struct catalog_name *n = map_get(&c->catalog_names, folded);

	while (p && n && n->provider != p)
		n = n->next;
	return n;
}

/*
 * Of ids that end in "-0" or "-latest" the stem and '-' are kept, too: behind
 * it stands the date of a snapshot.
 */
static const struct catalog_name *
find(const struct config *c, const struct provider *p, struct slice name,
    struct slice *suffix)
{
	char folded[CATALOG_NAME_MAX];
	const struct catalog_name *n;
	bool dated = false;
	size_t at;

	*suffix = (struct slice){ 0 };
	if (name.len > sizeof folded)
		return NULL;
	for (size_t i = 0; i < name.len; i++)
		folded[i] = catalog_fold(name.ptr[i]);
	n = named(c, p, (struct slice){ folded, name.len });
	if (n)
		return n;
	at = before_suffix((struct slice){ folded, name.len }, &dated);
	if (at == SIZE_MAX)
		return NULL;
	*suffix = slice_skip(name, at);
	if (dated)
		n = named(c, p, (struct slice){ folded, at + 1 });
	return n ? n : named(c, p, (struct slice){ folded, at });
}

const struct catalog_name *
catalog_find(const struct config *c, const struct provider *p,
    struct slice name, struct slice *suffix)
{
	struct slice rest = name, prefix = slice_cut(&rest, '/');
	const struct provider *vendor = p || !rest.len ? NULL
	    : config_vendor(c, prefix);
	const struct catalog_name *n = vendor ? find(c, vendor, rest, suffix)
	    : NULL;

	return n ? n : find(c, p, name, suffix);
}

const struct catalog_model *
catalog_of(const struct config *c, const struct provider *p,
    struct slice model)
{
	struct slice suffix;
	const struct catalog_name *n = catalog_find(c, p, model, &suffix);

	return n ? n->row : NULL;
}

unsigned
catalog_protocols(const struct catalog_model *m, const struct provider *p)
{
	const struct preset *preset = p ? NULL
	    : catalog_preset(slice_of(m->preset));
	unsigned bits = 0;

	for (int id = 0; id < PROTO_COUNT; id++)
		if (p ? p->at[id].there : preset && preset->suffix[id])
			bits |= 1u << id;
	return m->protocols ? bits & m->protocols : bits;
}
