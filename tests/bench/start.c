/*
 * How long from the start of a program to its first answer, and how much CPU
 * that takes, of all its processes, their end included:
 *
 *	start TIMES PORT PATH BODY COMMAND ARG...
 *
 * The command is started, asked again and again until it answers with status
 * 200, and ended with SIGTERM.  Prints the median and the least of both in
 * microseconds: "WALL LEAST CPU LEAST".  Wall time is what the machine grants;
 * CPU time can be compared.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/slice.h"

enum { TIMES_MAX = 1000, PAUSE_NS = 50 * 1000, PATIENCE_US = 20 * 1000000 };

static long
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

/* One request; true if it is answered with status 200. */
static bool
ask(uint16_t port, const char *request, size_t len)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char answer[64] = { 0 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = fd >= 0 &&
	    !connect(fd, (struct sockaddr *)&to, sizeof to) &&
	    send(fd, request, len, MSG_NOSIGNAL) == (ssize_t)len &&
	    read(fd, answer, sizeof answer - 1) > 12 &&
	    !memcmp(answer + 9, "200", 3);

	if (fd >= 0)
		close(fd);
	return good;
}

static long
us_of(struct timeval t)
{
	return t.tv_sec * 1000000L + t.tv_usec;
}

/* False: it never answered, or did not end well. */
static bool
once(char **command, uint16_t port, const char *request, size_t len,
    long *wall, long *cpu)
{
	long began = now_us();
	bool answered = false;
	struct rusage used;
	int status;
	pid_t pid = fork();

	if (!pid) {
		execv(command[0], command);
		_exit(127);
	}
	while (!answered && now_us() - began < PATIENCE_US) {
		answered = ask(port, request, len);
		if (!answered)
			nanosleep(&(struct timespec){ 0, PAUSE_NS }, NULL);
	}
	*wall = now_us() - began;
	kill(pid, SIGTERM);
	if (wait4(pid, &status, 0, &used) != pid)
		return false;
	*cpu = us_of(used.ru_utime) + us_of(used.ru_stime);
	return answered && WIFEXITED(status) && !WEXITSTATUS(status);
}

static int
by_size(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static long wall[TIMES_MAX], cpu[TIMES_MAX];
	static char request[65536];
	uint64_t times, port;
	int len;

	if (argc < 6 || !slice_to_u64(slice_of(argv[1]), TIMES_MAX, &times) ||
	    !times || !slice_to_u64(slice_of(argv[2]), 65535, &port)) {
		fputs("usage: start TIMES PORT PATH BODY COMMAND ARG...\n",
		    stderr);
		return 2;
	}
	len = snprintf(request, sizeof request, "POST %s HTTP/1.1\r\n"
	    "host: 127.0.0.1\r\ncontent-type: application/json\r\n"
	    "connection: close\r\ncontent-length: %zu\r\n\r\n%s", argv[3],
	    strlen(argv[4]), argv[4]);
	if (len < 0 || (size_t)len >= sizeof request)
		return 2;
	for (uint64_t i = 0; i < times; i++)
		if (!once(argv + 5, (uint16_t)port, request, (size_t)len,
		    &wall[i], &cpu[i])) {
			fprintf(stderr, "%s did not answer\n", argv[5]);
			return 1;
		}
	qsort(wall, times, sizeof *wall, by_size);
	qsort(cpu, times, sizeof *cpu, by_size);
	printf("%ld %ld %ld %ld\n", wall[times / 2], wall[0], cpu[times / 2],
	    cpu[0]);
	return 0;
}
