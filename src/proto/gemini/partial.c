#include "proto/gemini/partial.h"

#include "json/text.h"
#include "proto/gemini/proto3.h"

enum { LEAVES_MAX = 10000, STEPS_MAX = 32 };

/* One step of a path: a member by its name or an element. */
struct step {
	struct slice	 name;		/* as in the path; of an element: "0" */
	bool		 element;
};

struct leaf {
	struct leaf	*next;
	struct slice	 path;
	struct step	 steps[STEPS_MAX];
	size_t		 depth;
	struct gather	 text;
	bool		 string;
};

/* "$.a.b[0]['c']" */
static bool
read_path(struct leaf *leaf, struct slice path)
{
	path = slice_skip(path, slice_starts(path, SLICE("$")));
	while (path.len) {
		struct step *step = &leaf->steps[leaf->depth];
		size_t n;

		if (leaf->depth == STEPS_MAX)
			return false;
		step->element = *path.ptr == '[';
		if (!step->element && *path.ptr != '.')
			return false;
		path = slice_skip(path, 1);
		for (n = 0; n < path.len && (step->element ?
		    path.ptr[n] != ']' : path.ptr[n] != '.' &&
		    path.ptr[n] != '['); n++)
			;
		step->name = slice_sub(path, 0, n);
		path = slice_skip(path, n + step->element);
		if (step->name.len > 2 && step->element &&
		    (*step->name.ptr == '\'' || *step->name.ptr == '"')) {
			step->name = slice_sub(step->name, 1,
			    step->name.len - 2);
			step->element = false;
		}
		leaf->depth++;
	}
	return leaf->depth && !leaf->steps[0].element;
}

static struct leaf *
leaf_of(struct partial *p, struct arena *arena, struct slice path)
{
	struct leaf *leaf = p->last;

	if (leaf && slice_eq(leaf->path, path))
		return leaf;
	if (p->count == LEAVES_MAX)
		return NULL;
	leaf = arena_alloc(arena, sizeof *leaf);
	if (!leaf)
		return NULL;
	leaf->path = arena_dup(arena, path);
	if (!read_path(leaf, leaf->path))
		return NULL;
	if (p->last)
		p->last->next = leaf;
	else
		p->first = leaf;
	p->last = leaf;
	p->count++;
	return leaf;
}

static void
add_value(struct leaf *leaf, struct arena *arena, struct jval item)
{
	struct jval text = proto3_get(item, "stringValue");
	struct jval number = proto3_get(item, "numberValue");
	struct jval truth = proto3_get(item, "boolValue");

	if (jval_is(text, JSON_STRING)) {
		leaf->string = true;
		gather_add(&leaf->text, arena, jval_text(text));
	} else if (jval_ok(number) || jval_ok(truth)) {
		gather_add(&leaf->text, arena,
		    jval_raw(jval_ok(number) ? number : truth));
	}
}

void
partial_add(struct partial *p, struct arena *arena, struct jval list)
{
	struct proto3_items it;

	for (it = proto3_items(list); proto3_more(&it); proto3_next(&it)) {
		struct leaf *leaf = leaf_of(p, arena,
		    proto3_get_text(it.at, "jsonPath"));

		if (leaf)
			add_value(leaf, arena, it.at);
	}
}

/* How many containers two neighbours are both in. */
static size_t
common(const struct leaf *a, const struct leaf *b)
{
	size_t n = 0;

	while (n + 1 < a->depth && n + 1 < b->depth &&
	    a->steps[n + 1].element == b->steps[n + 1].element &&
	    slice_eq(a->steps[n].name, b->steps[n].name))
		n++;
	return n;
}

static void
put_value(const struct leaf *leaf, struct writer *w)
{
	struct slice text = gather_text(&leaf->text);

	if (leaf->string)
		write_text(w, text);
	else if (text.len)
		write_raw(w, text);
	else
		write_null(w);
}

/* Values of one container come one after the other. */
void
partial_write(const struct partial *p, struct writer *w)
{
	const struct leaf *before = NULL, *leaf;
	size_t open = 0;

	write_object(w);
	for (leaf = p->first; leaf; before = leaf, leaf = leaf->next) {
		size_t keep = before ? common(before, leaf) : 0;

		for (; open > keep; open--)
			write_end(w);
		for (; open < leaf->depth; open++) {
			if (!leaf->steps[open].element)
				write_key_text(w, leaf->steps[open].name);
			if (open + 1 == leaf->depth)
				break;
			if (leaf->steps[open + 1].element)
				write_array(w);
			else
				write_object(w);
		}
		put_value(leaf, w);
	}
	for (; open; open--)
		write_end(w);
	write_end(w);
}
