#include "gateway/cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/slice.h"

/* The beginning of a small file; empty if it cannot be read. */
static struct slice
read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size);

	if (fd >= 0)
		close(fd);
	return (struct slice){ text, n > 0 ? (size_t)n : 0 };
}

/* Our group below a controller's root: v1's lines name it, v2's does not. */
static struct slice
our_group(struct slice lines, struct slice controller)
{
	while (lines.len) {
		struct slice line = slice_cut(&lines, '\n');
		struct slice names;

		(void)slice_cut(&line, ':');
		names = slice_cut(&line, ':');
		while (names.len && controller.len)
			if (slice_eq(slice_cut(&names, ','), controller))
				return line;
		if (!names.len && !controller.len)
			return line;
	}
	return SLICE("");
}

/* "max", -1 and numbers that are no bound at all give 0. */
static uint64_t
number(struct slice text)
{
	uint64_t n;

	return slice_to_u64(slice_trim(text), (uint64_t)1 << 60, &n) ? n : 0;
}

static uint64_t
bytes(const char *folder)
{
	char path[PATH_MAX + 32], text[64];

	snprintf(path, sizeof path, "%s/memory.max", folder);
	return number(read_file(path, text, sizeof text));
}

static uint64_t
bytes_v1(const char *folder)
{
	char path[PATH_MAX + 32], text[64];

	snprintf(path, sizeof path, "%s/memory.limit_in_bytes", folder);
	return number(read_file(path, text, sizeof text));
}

static uint64_t
cpus(uint64_t quota, uint64_t period)
{
	return quota && period ? (quota + period - 1) / period : 0;
}

static uint64_t
quota(const char *folder)
{
	char path[PATH_MAX + 32], text[64];
	struct slice rest;
	uint64_t part;

	snprintf(path, sizeof path, "%s/cpu.max", folder);
	rest = read_file(path, text, sizeof text);
	part = number(slice_cut(&rest, ' '));
	return cpus(part, number(rest));
}

static uint64_t
quota_v1(const char *folder)
{
	char path[PATH_MAX + 32], text[64];
	uint64_t part;

	snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
	part = number(read_file(path, text, sizeof text));
	snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
	return cpus(part, number(read_file(path, text, sizeof text)));
}

/* The least that a group grants on the way from ours to the root. */
static uint64_t
least(const char *root, struct slice group, uint64_t (*look)(const char *))
{
	uint64_t best = 0;

	for (;;) {
		char folder[PATH_MAX];
		uint64_t n;
		size_t slash = slice_rchr(group, '/');

		if (snprintf(folder, sizeof folder, "%s%.*s", root,
		    SLICE_FMT(group)) < (int)sizeof folder) {
			n = look(folder);
			if (n && (!best || n < best))
				best = n;
		}
		if (slash == SIZE_MAX)
			return best;
		group = slice_sub(group, 0, slash);
	}
}

/* Under either version: the one without the controller has no such file. */
static uint64_t
granted(const char *controller, uint64_t (*look)(const char *),
    uint64_t (*look_v1)(const char *))
{
	char text[4096], root[64];
	struct slice groups = read_file("/proc/self/cgroup", text,
	    sizeof text);
	uint64_t n = least("/sys/fs/cgroup", our_group(groups, SLICE("")),
	    look);

	if (n)
		return n;
	snprintf(root, sizeof root, "/sys/fs/cgroup/%s", controller);
	return least(root, our_group(groups, slice_of(controller)), look_v1);
}

uint64_t
cgroup_cpus(void)
{
	return granted("cpu", quota, quota_v1);
}

uint64_t
cgroup_memory(void)
{
	return granted("memory", bytes, bytes_v1);
}
