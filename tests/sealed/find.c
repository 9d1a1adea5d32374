/*
 * Where a text, or bytes as hex:..., stand in the memory of processes:
 * find TEXT PID...
 *
 * A line for each place: process, address, flags of its mapping (smaps), and
 * the mapping's name.  Exit code 0: found, 1: nowhere, 2: it cannot look.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 1 << 20, TEXT_MAX = 256 };

static char wanted[TEXT_MAX];
static size_t wanted_len;

struct range {
	unsigned long	from, to;
	char		name[256];
};

/* Bytes of it that are there; what cannot be read is not. */
static bool
search(int memory, const struct range *r, const char *pid, const char *flags)
{
	static char room[STEP + TEXT_MAX];
	bool found = false;

	for (unsigned long at = r->from; at < r->to; at += STEP) {
		ssize_t n = pread(memory, room, sizeof room, (off_t)at);
		char *next = room, *hit;

		if (n > (ssize_t)(r->to - at))
			n = (ssize_t)(r->to - at);
		while (n > 0 && (hit = memmem(next, (size_t)(room + n - next),
		    wanted, wanted_len))) {
			next = hit + 1;
			if (hit - room >= STEP)
				break;
			found = true;
			printf("%s %lx %s %s\n", pid,
			    at + (unsigned long)(hit - room), flags, r->name);
		}
	}
	return found;
}

static int
look(const char *pid)
{
	char path[64], line[512];
	struct range r = { 0 };
	bool found = false, readable = false;
	int memory;
	FILE *maps;

	snprintf(path, sizeof path, "/proc/%s/mem", pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof path, "/proc/%s/smaps", pid);
	maps = fopen(path, "re");
	if (memory < 0 || !maps) {
		perror(path);
		return 2;
	}
	while (fgets(line, sizeof line, maps)) {
		char rights[5];
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3) {
			r = (struct range){ from, to, "-" };
			readable = rights[0] == 'r';
			(void)sscanf(line, "%*s %*s %*s %*s %*s %255s",
			    r.name);
		}
		line[strcspn(line, "\n")] = 0;
		/* the last line about a mapping */
		if (readable && !strncmp(line, "VmFlags: ", 9) &&
		    strcmp(r.name, "[vvar]") && strcmp(r.name, "[vsyscall]")) {
			for (char *c = line + 9; *c; c++)
				if (*c == ' ')
					*c = c[1] ? ',' : 0;
			found |= search(memory, &r, pid, line + 9);
		}
	}
	fclose(maps);
	close(memory);
	return found ? 0 : 1;
}

static void
take(const char *text)
{
	unsigned byte;

	if (strncmp(text, "hex:", 4)) {
		wanted_len = strlen(text);
		memcpy(wanted, text, wanted_len);
		return;
	}
	for (text += 4; sscanf(text, "%2x", &byte) == 1; text += 2)
		wanted[wanted_len++] = (char)byte;
}

int
main(int argc, char **argv)
{
	int result = 1;

	if (argc < 3 || strlen(argv[1]) >= TEXT_MAX) {
		fprintf(stderr, "usage: find TEXT|hex:BYTES PID...\n");
		return 2;
	}
	take(argv[1]);
	for (int i = 2; i < argc; i++) {
		int one = look(argv[i]);

		if (one == 2)
			return 2;
		if (one == 0)
			result = 0;
	}
	return result;
}
