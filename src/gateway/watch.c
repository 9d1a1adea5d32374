/*
 * Watched are the file itself, which may be mounted by itself; the folder that
 * it stands in; each folder on the way in which a symbolic link stands; and if
 * a step of the way is missing, the folder in which it would appear.  Any event
 * leads to a look at the contents, and those decide: it does not matter whose
 * event it was.
 */
#include "gateway/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	SETTLE_MS = 200,	/* without a change: the writer is done */
	PATIENCE_MS = 2000,	/* ... or it is writing on and on */
	LATER_MS = 1000,
	LOOK_MS = 5000,		/* without signals */
	LINKS_MAX = 40,		/* as the kernel follows */
	MOVES = IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF,
	OF_FILES = MOVES | IN_MODIFY | IN_CLOSE_WRITE,
	/* not what is written in them: logs may stand there, too */
	OF_FOLDERS = MOVES | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
	    IN_MOVED_TO,
};

/* A path on its way to what it names. */
struct way {
	char		 done[PATH_MAX];	/* has no symbolic link */
	char		 rest[PATH_MAX];
	unsigned	 links;
};

static void
observe(const struct watch *w, const char *path, uint32_t what)
{
	if (inotify_add_watch(w->fd, *path ? path : ".", what) < 0)
		log_debug("cannot watch %s: %s", path, strerror(errno));
}

/* A link's target takes its place before the rest.  False: too long. */
static bool
follow(struct way *way, const char *link, const char *rest)
{
	char target[PATH_MAX], all[2 * PATH_MAX];
	ssize_t n = readlink(link, target, sizeof target);

	if (n <= 0 || n == sizeof target || ++way->links > LINKS_MAX)
		return false;
	if (*target == '/')
		snprintf(way->done, sizeof way->done, "/");
	n = snprintf(all, sizeof all, "%.*s/%s", (int)n, target, rest);
	return slice_to_cstr((struct slice){ all, (size_t)n }, way->rest,
	    sizeof way->rest);
}

/* One step.  False: the end of the way, or of what there is of it. */
static bool
step(const struct watch *w, struct way *way)
{
	struct slice rest = slice_of(way->rest);
	struct slice name = slice_cut(&rest, '/');
	char next[2 * PATH_MAX], left[PATH_MAX];
	struct stat st;
	int n = snprintf(next, sizeof next, "%s%s%.*s", way->done,
	    !*way->done || slice_ends(slice_of(way->done), SLICE("/")) ? ""
	    : "/", SLICE_FMT(name));

	if (!slice_to_cstr(rest, left, sizeof left) || n >= PATH_MAX)
		return false;
	if (name.len) {
		/* watched before it is looked for, lest it come between */
		if (!rest.len || lstat(next, &st) < 0 || S_ISLNK(st.st_mode))
			observe(w, way->done, OF_FOLDERS);
		if (lstat(next, &st) < 0)
			return false;
		if (S_ISLNK(st.st_mode))
			return follow(way, next, left);
		if (!rest.len)
			observe(w, next, OF_FILES);
		memcpy(way->done, next, (size_t)n + 1);
	}
	memcpy(way->rest, left, sizeof left);
	return rest.len > 0;
}

static void
observe_all(struct watch *w)
{
	for (const struct input *s = w->inputs; s; s = s->next) {
		struct way way = { .done = { s->path[0] == '/' ? '/' : '\0' } };

		if (!slice_to_cstr(slice_of(s->path), way.rest,
		    sizeof way.rest))
			continue;
		while (step(w, &way))
			;
	}
}

/* Another descriptor, so that nothing is left of old ways. */
static void
open_anew(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd >= 0 && (fcntl(w->fd, F_SETOWN, getpid()) < 0 ||
	    fcntl(w->fd, F_SETFL, O_NONBLOCK | O_ASYNC) < 0)) {
		close(w->fd);
		w->fd = -1;
	}
	if (w->fd >= 0)
		observe_all(w);
}

static void
forget(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	arena_reset(&w->arena);
	*w = (struct watch){ .fd = -1 };
}

void
watch_init(struct watch *w)
{
	*w = (struct watch){ .fd = -1 };
}

void
watch_close(struct watch *w)
{
	forget(w);
}

/* Nothing waits; without signals it is looked at again after a while. */
static void
rest(struct watch *w)
{
	w->first_ms = 0;
	w->due_ms = w->fd < 0 && w->inputs ? clock_ms() + LOOK_MS : 0;
}

void
watch_set(struct watch *w, const struct input *inputs)
{
	forget(w);
	input_copy(&w->inputs, &w->arena, inputs);
	if (!w->inputs)
		return;
	open_anew(w);
	if (w->fd < 0)
		log_warn("changes of the configuration are looked for every "
		    "%d s: the system does not tell of them: %s",
		    LOOK_MS / 1000, strerror(errno));
	rest(w);
	/* it may have changed between its reading and this */
	if (input_changed(w->inputs))
		watch_later(w);
}

void
watch_hear(struct watch *w)
{
	char events[4096] __attribute__((aligned(8)));
	bool heard = false;
	int64_t now = clock_ms();

	while (w->fd >= 0 && read(w->fd, events, sizeof events) > 0)
		heard = true;
	if (!heard)
		return;
	if (!w->first_ms)
		w->first_ms = now;
	w->due_ms = now + SETTLE_MS;
	if (w->due_ms > w->first_ms + PATIENCE_MS)
		w->due_ms = w->first_ms + PATIENCE_MS;
}

int64_t
watch_wait_ms(const struct watch *w)
{
	int64_t left = w->due_ms - clock_ms();

	if (!w->due_ms)
		return -1;
	return left > 0 ? left : 0;
}

bool
watch_changed(struct watch *w)
{
	if (!w->due_ms || w->due_ms > clock_ms())
		return false;
	/* the way may lead over other folders now */
	if (w->fd >= 0)
		open_anew(w);
	rest(w);
	return input_changed(w->inputs);
}

void
watch_later(struct watch *w)
{
	w->due_ms = clock_ms() + LATER_MS;
}
