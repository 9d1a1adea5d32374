#include "echo/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20 };

static bool
read_all(int fd, char *to, size_t size)
{
	for (size_t done = 0; done < size; ) {
		ssize_t got = read(fd, to + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

/* All stand still while it reads: this is a mock, its files are small. */
bool
replay_file(struct recording *r, struct arena *arena, const char *path)
{
	struct stat facts;
	char *text = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t size = 0;

	if (fd < 0)
		return false;
	if (!fstat(fd, &facts) && S_ISREG(facts.st_mode) &&
	    facts.st_size <= FILE_MAX) {
		size = (size_t)facts.st_size;
		text = arena_text(arena, size + 1);
		if (text && !read_all(fd, text, size))
			text = NULL;
	}
	close(fd);
	*r = (struct recording){
		.bytes = { text, text ? size : 0 },
		.stream = slice_ends(slice_of(path), SLICE(".sse")),
	};
	return text;
}

/* No step of the path may be hidden, empty, or lead upwards. */
static bool
inside(struct slice name)
{
	struct slice rest = name;

	while (rest.ptr) {
		struct slice step = slice_cut(&rest, '/');

		if (!step.len || step.ptr[0] == '.')
			return false;
	}
	return name.len && slice_chr(name, '\0') == SIZE_MAX;
}

bool
replay_find(struct recording *r, struct arena *arena, const char *dir,
    struct slice name)
{
	static const char *const ends[] = {
		"", ".sse", ".json", "/response.sse", "/response.json",
	};

	if (!dir || !inside(name))
		return false;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct slice path = arena_fmt(arena, "%s/%.*s%s", dir,
		    SLICE_FMT(name), ends[i]);
		char *text = arena_cstr(arena, path);

		if (text && replay_file(r, arena, text))
			return true;
	}
	return false;
}
