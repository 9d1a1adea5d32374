/*
 * Any text as a configuration file: it is refused in words or resolved whole,
 * and relaxing it moves no byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/config.h"
#include "gateway/config_text.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_relaxed(const char *text, size_t size)
{
	char *copy = malloc(size + 1);

	CHECK(copy);
	memcpy(copy, text, size);
	config_text_relax(copy, size);
	for (size_t i = 0; i < size; i++)
		CHECK(copy[i] == text[i] || copy[i] == ' ');
	free(copy);
}

static void
check_resolved(const struct config *c)
{
	CHECK(c->listen_count);
	for (const struct model *m = c->models; m; m = m->next) {
		CHECK(m->target_count && m->target_count <=
		    CONFIG_TARGETS_MAX);
		for (size_t i = 0; i < m->target_count; i++)
			CHECK(m->targets[i].target.provider ||
			    m->targets[i].other);
	}
	for (const struct catalog_entry *e = c->catalog; e; e = e->next) {
		struct slice suffix;

		CHECK(catalog_find(c, e->provider, slice_of(e->row->id),
		    &suffix)->row == e->row && !suffix.len);
		CHECK(catalog_find(c, NULL, slice_of(e->row->id), &suffix));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = size ? (const char *)data : "";
	struct arena arena = { 0 };
	struct config_problem problem;
	struct config config;
	char path[32];
	int fd = memfd_create("config", MFD_CLOEXEC);

	clearenv();
	CHECK(fd >= 0 && write(fd, text, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	check_relaxed(text, size);
	/* a file of the machine is no part of the input */
	if (!memmem(text, size, "file:", 5) && !memchr(text, '\\', size)) {
		if (config_load(&config, &arena, path, NULL, &problem))
			check_resolved(&config);
		else
			CHECK(*problem.text);
	}
	close(fd);
	arena_reset(&arena);
	return 0;
}
