#include "gateway/input.h"

#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "gateway/config_text.h"

static void
take_hash(const char *path, uint8_t out[SHA256_LEN])
{
	struct arena arena = { .secret = true };
	struct slice text;
	const char *why;

	memset(out, 0, SHA256_LEN);
	if (config_text_read(&arena, path, &text, &why))
		sha256(text, out);
	arena_reset(&arena);
}

static void
append(struct input **list, struct arena *arena, const char *path,
    const uint8_t hash[SHA256_LEN])
{
	struct input *s = arena_alloc(arena, sizeof *s);

	while (*list)
		list = &(*list)->next;
	if (!s)
		return;
	s->path = path;
	memcpy(s->sha256, hash, SHA256_LEN);
	*list = s;
}

void
input_add(struct input **list, struct arena *arena, struct slice path)
{
	char *name = arena_cstr(arena, path);
	uint8_t hash[SHA256_LEN];
	struct stat st;

	if (!name || (!stat(name, &st) && !S_ISREG(st.st_mode)))
		return;
	take_hash(name, hash);
	append(list, arena, name, hash);
}

void
input_add_files(struct input **list, struct arena *arena, struct slice text)
{
	static const struct slice mark = SLICE_INIT("${file:");
	size_t at;

	while ((at = slice_find(text, mark)) != SIZE_MAX) {
		bool literal = at && text.ptr[at - 1] == '$';
		size_t end;

		text = slice_skip(text, at + mark.len);
		end = slice_chr(text, '}');
		if (!literal && end != SIZE_MAX)
			input_add(list, arena, slice_sub(text, 0, end));
	}
}

void
input_copy(struct input **list, struct arena *arena,
    const struct input *from)
{
	for (; from; from = from->next)
		append(list, arena, arena_cstr(arena, slice_of(from->path)),
		    from->sha256);
}

bool
input_changed(const struct input *s)
{
	uint8_t hash[SHA256_LEN];

	for (; s; s = s->next) {
		take_hash(s->path, hash);
		if (memcmp(hash, s->sha256, sizeof hash))
			return true;
	}
	return false;
}

bool
input_same(const struct input *a, const struct input *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (strcmp(a->path, b->path) ||
		    memcmp(a->sha256, b->sha256, sizeof a->sha256))
			return false;
	return a == b;
}
