#include "gateway/input.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "gateway/config_text.h"

enum { LINKS_MAX = 40 };	/* as the kernel follows */

/* Where the folder's part of a path ends. */
static size_t
folder_len(const char *path)
{
	size_t cut = slice_rchr(slice_of(path), '/');

	return cut == SIZE_MAX ? 0 : cut + 1;
}

/* If it is a link: what it says, seen from where it stands. */
static bool
follow(char path[INPUT_FOLDER])
{
	char target[INPUT_FOLDER], next[2 * INPUT_FOLDER];
	ssize_t n = readlink(path, target, sizeof target);
	int len;

	if (n <= 0 || n == sizeof target)
		return false;
	len = snprintf(next, sizeof next, "%.*s%.*s", *target == '/' ? 0
	    : (int)folder_len(path), path, (int)n, target);
	return slice_to_cstr((struct slice){ next, (size_t)len }, path,
	    INPUT_FOLDER);
}

bool
input_folder(const char *path, char out[INPUT_FOLDER])
{
	char at[INPUT_FOLDER];

	CHECK(INPUT_FOLDER >= PATH_MAX);
	if (!slice_to_cstr(slice_of(path), at, sizeof at))
		return false;
	for (int i = 0; i < LINKS_MAX && follow(at); i++)
		;
	at[folder_len(at)] = '\0';
	return realpath(*at ? at : ".", out) != NULL;
}

static void
take_hash(const char *path, bool way, uint8_t out[SHA256_LEN])
{
	struct arena arena = { .secret = true };
	char folder[INPUT_FOLDER];
	struct slice text;
	const char *why;

	memset(out, 0, SHA256_LEN);
	if (way) {
		if (input_folder(path, folder))
			sha256(slice_of(folder), out);
		return;
	}
	if (config_text_read(&arena, path, &text, &why))
		sha256(text, out);
	arena_reset(&arena);
}

static void
append(struct input **list, struct arena *arena, const char *path, bool way,
    const uint8_t hash[SHA256_LEN])
{
	struct input *s = arena_alloc(arena, sizeof *s);

	while (*list)
		list = &(*list)->next;
	if (!s)
		return;
	s->path = path;
	s->way = way;
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
	take_hash(name, false, hash);
	append(list, arena, name, false, hash);
}

void
input_add_way(struct input **list, struct arena *arena, struct slice path)
{
	char *name = arena_cstr(arena, path);
	uint8_t hash[SHA256_LEN];

	if (!name)
		return;
	take_hash(name, true, hash);
	append(list, arena, name, true, hash);
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
		    from->way, from->sha256);
}

bool
input_changed(const struct input *s)
{
	uint8_t hash[SHA256_LEN];

	for (; s; s = s->next) {
		take_hash(s->path, s->way, hash);
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
