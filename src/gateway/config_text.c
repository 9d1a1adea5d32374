#include "gateway/config_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/seal.h"

enum { READ_STEP = 4096 };

/* A sentence about `what`, kept in the arena. */
static const char *
say(struct arena *arena, const char *what, struct slice name,
    const char *reason)
{
	struct slice text = arena_fmt(arena, "%.*s %s: %s%c", SLICE_FMT(name),
	    what, reason, 0);

	return text.ptr ? text.ptr : "out of memory";
}

static void
wipe(struct buf *text)
{
	if (text->data)
		seal_wipe(text->data, text->cap);
	buf_free(text);
}

bool
config_text_read(struct arena *arena, const char *path, struct slice *out,
    const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf text = { .limit = CONFIG_FILE_MAX + READ_STEP };
	struct stat st;
	size_t room_wanted = READ_STEP;
	ssize_t n = -1;

	if (fd < 0) {
		*why = strerror(errno);
		return false;
	}
	/* at once, for memory that it grew out of would keep a copy */
	if (!fstat(fd, &st) && st.st_size > 0 && st.st_size < CONFIG_FILE_MAX)
		room_wanted = (size_t)st.st_size + 1;
	while (buf_len(&text) <= CONFIG_FILE_MAX) {
		char *room = buf_reserve(&text, room_wanted);

		if (!room)
			break;
		n = read(fd, room, buf_room(&text));
		if (n <= 0)
			break;
		buf_commit(&text, (size_t)n);
		room_wanted = 1;
	}
	*why = text.failed || buf_len(&text) > CONFIG_FILE_MAX
	    ? "longer than 4 MB, or no memory"
	    : n < 0 ? strerror(errno) : NULL;
	close(fd);
	*out = arena_dup(arena, buf_slice(&text));
	wipe(&text);
	if (arena->failed && !*why)
		*why = "out of memory";
	return !*why;
}

/* The end of the comment that begins at `at`, or `at` if none does. */
static size_t
comment_end(const char *text, size_t len, size_t at)
{
	if (at + 1 >= len || text[at] != '/')
		return at;
	if (text[at + 1] == '/') {
		while (at < len && text[at] != '\n')
			at++;
		return at;
	}
	if (text[at + 1] != '*')
		return at;
	for (size_t i = at + 2; i + 1 < len; i++)
		if (text[i] == '*' && text[i + 1] == '/')
			return i + 2;
	return at;
}

static void
blank(char *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (text[i] != '\n')
			text[i] = ' ';
}

static size_t
string_end(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at + 1;
}

void
config_text_relax(char *text, size_t len)
{
	size_t comma = SIZE_MAX;	/* a comma with nothing behind it yet */

	for (size_t i = 0; i < len;) {
		size_t end = comment_end(text, len, i);

		if (end > i) {
			blank(text, i, end);
			i = end;
		} else if (text[i] == '"') {
			comma = SIZE_MAX;
			i = string_end(text, len, i);
		} else {
			if ((text[i] == '}' || text[i] == ']') &&
			    comma != SIZE_MAX)
				text[comma] = ' ';
			if (!strchr(" \t\r\n", text[i]))
				comma = text[i] == ',' ? i : SIZE_MAX;
			i++;
		}
	}
}

static bool
append_file(struct arena *arena, struct slice path, struct buf *out,
    const char **why)
{
	char *name = arena_cstr(arena, path);
	struct slice text;

	if (!name || !config_text_read(arena, name, &text, why)) {
		*why = say(arena, "cannot be read", path,
		    name ? *why : "out of memory");
		return false;
	}
	buf_append(out, slice_trim(text));
	return true;
}

static bool
append_variable(struct arena *arena, struct slice name, struct buf *out,
    const char **why)
{
	char *key;
	const char *value;

	if (slice_starts(name, SLICE("file:")))
		return append_file(arena, slice_skip(name, 5), out, why);
	key = arena_cstr(arena, name);
	value = key ? getenv(key) : NULL;
	if (!value) {
		*why = say(arena, "is not set", name,
		    "set it in the environment");
		return false;
	}
	buf_text(out, value);
	return true;
}

/* Take one "${...}" or "$${", and what stands before it, off *rest. */
static bool
expand_one(struct arena *arena, struct slice *rest, size_t at,
    struct buf *out, const char **why)
{
	struct slice found = slice_skip(*rest, at);
	size_t end = slice_chr(found, '}');

	if (at && rest->ptr[at - 1] == '$') {
		buf_append(out, slice_sub(*rest, 0, at - 1));
		buf_text(out, "${");
		*rest = slice_skip(found, 2);
		return true;
	}
	if (end == SIZE_MAX) {
		*why = "\"${\" without \"}\"; a literal one is spelled \"$${\"";
		return false;
	}
	buf_append(out, slice_sub(*rest, 0, at));
	*rest = slice_skip(found, end + 1);
	return append_variable(arena, slice_sub(found, 2, end - 2), out, why);
}

bool
config_text_expand(struct arena *arena, struct slice plain, struct slice *out,
    const char **why)
{
	struct buf text = { 0 };
	bool good = true;
	size_t at;

	*out = plain;
	if (slice_find(plain, SLICE("${")) == SIZE_MAX)
		return true;
	if (!buf_reserve(&text, READ_STEP))
		arena->failed = true;
	while (good && (at = slice_find(plain, SLICE("${"))) != SIZE_MAX)
		good = expand_one(arena, &plain, at, &text, why);
	buf_append(&text, plain);
	*out = arena_dup(arena, buf_slice(&text));
	wipe(&text);
	return good;
}

bool
config_text_env(struct arena *arena, const char *name, struct slice *out,
    const char **why)
{
	struct slice file = arena_fmt(arena, "%s_FILE%c", name, 0);
	const char *value = getenv(name);
	const char *path;

	*out = (struct slice){ 0 };
	if (value && *value) {
		*out = slice_trim(slice_of(value));
		return true;
	}
	path = file.ptr ? getenv(file.ptr) : NULL;
	if (!path || !*path)
		return true;
	if (!config_text_read(arena, path, out, why)) {
		*why = say(arena, "cannot be read", slice_of(path), *why);
		return false;
	}
	*out = slice_trim(*out);
	return true;
}
