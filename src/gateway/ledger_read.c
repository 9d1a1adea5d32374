#include "gateway/ledger_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/spare.h"

enum {
	CHUNK = 1 << 20,		/* read at once */
	NAMES_MAX = 16384,		/* old files */
	STAMP = 20,			/* 20261121T100030.123Z */
};

/* Lines that waited for their disk may be older than their file's name. */
static const int64_t slack_ms = 24 * 3600 * 1000;

/* ---- lines ---- */

static void
take_line(struct ledger_reader *r, struct slice text)
{
	struct ledger_line line;

	if (!slice_trim(text).len)
		return;
	if (ledger_line_read(text, &r->arena, &line) < 0) {
		r->broken++;
	} else if (line.unix_ms >= r->from_ms &&
	    (!r->until_ms || line.unix_ms < r->until_ms)) {
		r->lines++;
		r->each(r->arg, &line);
	}
	arena_reset(&r->arena);
}

/* What has no end in sight is no line, and is counted once. */
static size_t
pass_over(struct ledger_reader *r, struct slice rest, bool last)
{
	if (last) {
		if (!r->endless)
			take_line(r, rest);
		r->endless = false;
		return rest.len;
	}
	if (rest.len <= LEDGER_LINE_MAX)
		return 0;
	r->broken += !r->endless;
	r->endless = true;
	return rest.len;
}

size_t
ledger_reader_feed(struct ledger_reader *r, struct slice bytes, bool last)
{
	struct slice rest = bytes;
	const char *end;

	while (rest.len && (end = memchr(rest.ptr, '\n', rest.len))) {
		size_t len = (size_t)(end - rest.ptr);

		if (!r->endless)
			take_line(r, slice_sub(rest, 0, len));
		r->endless = false;
		rest = slice_skip(rest, len + 1);
	}
	return bytes.len - rest.len + pass_over(r, rest, last);
}

void
ledger_reader_free(struct ledger_reader *r)
{
	arena_reset(&r->arena);
}

/* ---- one file ---- */

/* A device or a pipe tells nothing of what it was given. */
static bool
is_file(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode);
}

static bool
read_file(struct ledger_reader *r, int fd)
{
	char *chunk = spare_get(CHUNK);
	size_t held = 0, done;
	ssize_t n = chunk ? 1 : -1;

	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (n > 0) {
		n = read(fd, chunk + held, CHUNK - held);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		held += n > 0 ? (size_t)n : 0;
		done = ledger_reader_feed(r, (struct slice){ chunk, held },
		    n <= 0);
		held -= done;
		memmove(chunk, chunk + done, held);
	}
	r->files++;
	spare_put(chunk, CHUNK);
	return n == 0;
}

/* ---- all of them ---- */

struct listing {
	struct arena	arena;
	char		**names;
	size_t		count;
	bool		full;		/* there are more */
};

static int
by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* 20261121T100030.123Z as Unix ms; false: it is none of our names. */
static bool
read_stamp(struct slice name, int64_t *ms)
{
	char full[] = "____-__-_____:__:_______";
	size_t from = 0;

	if (name.len != STAMP)
		return false;
	for (char *c = full; *c; c++)
		if (*c == '_')
			*c = name.ptr[from++];
	return clock_read_stamp(slice_of(full), ms);
}

static void
list_name(struct listing *l, const struct ledger_reader *r,
    struct slice folder, struct slice file, struct slice name)
{
	int64_t ms;

	if (name.len <= file.len + 1 ||
	    !slice_starts(name, file) || name.ptr[file.len] != '.' ||
	    !read_stamp(slice_skip(name, file.len + 1), &ms) ||
	    (ms + slack_ms < r->from_ms && ms >= CLOCK_SET_S * 1000))
		return;		/* the name of a clock that was not set says
				 * nothing */
	l->full |= l->count == NAMES_MAX;
	if (!l->full)
		l->names[l->count++] = arena_cstr(&l->arena, arena_join(
		    &l->arena, (struct slice[]){ folder, name }, 2));
}

static bool
list(struct listing *l, const struct ledger_reader *r, const char *path)
{
	struct slice all = slice_of(path);
	size_t cut = slice_rchr(all, '/');
	struct slice folder = cut == SIZE_MAX ? SLICE("./")
	    : slice_sub(all, 0, cut + 1);
	struct slice file = cut == SIZE_MAX ? all : slice_skip(all, cut + 1);
	const char *name = arena_cstr(&l->arena, folder);
	const struct dirent *entry;
	DIR *dir;

	l->names = arena_array(&l->arena, NAMES_MAX, sizeof *l->names);
	if (!name || !l->names) {
		errno = ENOMEM;
		return false;
	}
	dir = opendir(name);
	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		list_name(l, r, folder, file, slice_of(entry->d_name));
	closedir(dir);
	if (l->full || l->arena.failed) {
		errno = l->full ? EOVERFLOW : ENOMEM;
		return false;
	}
	qsort(l->names, l->count, sizeof *l->names, by_name);
	return true;
}

/* The file in use may get its other name while we are looking. */
static bool
same_file(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

static bool
read_old(struct ledger_reader *r, const char *name, int current)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return errno == ENOENT;
	good = same_file(fd, current) || read_file(r, fd);
	close(fd);
	return good;
}

bool
ledger_read_each(struct ledger_reader *r, const char *path)
{
	struct listing l = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), why;
	bool good = fd >= 0 && list(&l, r, path);

	for (size_t i = 0; good && i < l.count; i++)
		good = read_old(r, l.names[i], fd);
	good = good && (!is_file(fd) || read_file(r, fd));
	why = errno;
	if (fd >= 0)
		close(fd);
	arena_reset(&l.arena);
	ledger_reader_free(r);
	errno = why;
	return good;
}
