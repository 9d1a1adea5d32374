/* What a sealed process still can do, and what ends it. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/seal.h"

/* Run `act` in a process of its own; returns its wait status. */
static int
apart(int (*act)(void))
{
	int status = 0;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(act());
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

static bool
died_of(int status, int signal)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

static bool
ended_with(int status, int code)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

/* ---- calls ---- */

static int
serve(void)
{
	int pair[2], fd;
	void *p;

	if (seal_calls(SEAL_CALLS_WORKER) != SEAL_ON)
		return 2;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 3;
	close(fd);
	/* what is not there is no crime */
	if (socket(AF_NETLINK, SOCK_RAW, 0) >= 0)
		return 4;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || munmap(p, 4096) != 0)
		return 5;
	if (pipe2(pair, O_CLOEXEC) != 0 || write(pair[1], "x", 1) != 1)
		return 6;
	return 0;
}

static int
run_program(void)
{
	char *const none[] = { NULL };

	if (seal_calls(SEAL_CALLS_WORKER) != SEAL_ON)
		return 2;
	execve("/bin/true", none, none);
	return 3;
}

static int
make_process(void)
{
	if (seal_calls(SEAL_CALLS_WORKER) != SEAL_ON)
		return 2;
	(void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	return 3;
}

static int
make_code(void)
{
	if (seal_calls(SEAL_CALLS_WORKER) != SEAL_ON)
		return 2;
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return 3;
}

static int
attach(void)
{
	if (seal_calls(SEAL_CALLS_WORKER) != SEAL_ON)
		return 2;
	(void)syscall(SYS_ptrace, 0, 0, 0, 0);
	return 3;
}

/* The master may fork and wait; its child seals itself further. */
static int
fork_and_wait(void)
{
	int status = 0;
	pid_t pid;

	if (seal_calls(SEAL_CALLS_MASTER) != SEAL_ON)
		return 2;
	pid = fork();
	if (pid == 0) {
		if (seal_calls(SEAL_CALLS_WORKER) != SEAL_ON)
			_exit(3);
		(void)kill(getpid(), 0);
		_exit(4);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 5;
	return died_of(status, SIGSYS) ? 0 : 6;
}

static int
known(void)
{
	return seal_calls(SEAL_CALLS_WORKER) == SEAL_UNKNOWN ? 2 : 0;
}

static void
calls(void)
{
	int there = apart(known);

	CHECK(ended_with(there, 0) || ended_with(there, 2));
	if (!ended_with(there, 0)) {
		printf("this kernel has no seccomp\n");
		return;
	}
	CHECK(ended_with(apart(serve), 0));
	CHECK(died_of(apart(run_program), SIGSYS));
	CHECK(died_of(apart(make_process), SIGSYS));
	CHECK(died_of(apart(make_code), SIGSYS));
	CHECK(died_of(apart(attach), SIGSYS));
	CHECK(ended_with(apart(fork_and_wait), 0));
}

/* ---- files ---- */

static char folder[] = "/tmp/seal-XXXXXX";

static int
files_locked(void)
{
	char inside[64], outside[64], other[64];
	int version, fd;

	snprintf(inside, sizeof inside, "%s/in", folder);
	snprintf(outside, sizeof outside, "%s/out/file", folder);
	snprintf(other, sizeof other, "%s/in/moved", folder);
	const struct seal_path paths[] = {
		{ inside, SEAL_WRITE }, { "/etc/hosts", SEAL_READ },
		{ "/does/not/exist", SEAL_READ },
	};

	switch (seal_files(paths, 3, &version)) {
	case SEAL_UNKNOWN:
		return version == 0 ? 0 : 2;
	case SEAL_ON:
		break;
	case SEAL_FAILED:
	case SEAL_NOT_ASKED:
		return 3;
	}
	snprintf(inside, sizeof inside, "%s/in/file", folder);
	fd = open(inside, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1)
		return 4;
	if (rename(inside, other) != 0 || unlink(other) != 0)
		return 5;
	if (open(outside, O_RDONLY | O_CLOEXEC) >= 0)
		return 6;
	if (open("/etc/hosts", O_RDWR | O_CLOEXEC) >= 0)
		return 7;
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0)
		return 8;
	return version >= 1 ? 0 : 9;
}

static void
files(void)
{
	char path[64];

	CHECK(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/in", folder);
	CHECK(mkdir(path, 0700) == 0);
	snprintf(path, sizeof path, "%s/out", folder);
	CHECK(mkdir(path, 0700) == 0);
	snprintf(path, sizeof path, "%s/out/file", folder);
	CHECK(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) == 0);
	CHECK(ended_with(apart(files_locked), 0));
	CHECK(unlink(path) == 0);
	snprintf(path, sizeof path, "%s/out", folder);
	CHECK(rmdir(path) == 0);
	snprintf(path, sizeof path, "%s/in", folder);
	CHECK(rmdir(path) == 0 && rmdir(folder) == 0);
}

/* ---- privileges ---- */

static int
no_privileges(void)
{
	char line[128];
	FILE *f;
	int seen = 0;

	seal_dumps();
	if (seal_privileges() != SEAL_ON)
		return 2;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 3;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 4;
	f = fopen("/proc/thread-self/status", "re");
	if (!f)				/* ours no more, if we were not root */
		return 0;
	while (fgets(line, sizeof line, f))
		if (!strncmp(line, "CapEff:", 7) ||
		    !strncmp(line, "CapPrm:", 7)) {
			seen++;
			if (strspn(line + 7, "\t0\n") != strlen(line + 7))
				return 5;
		}
	fclose(f);
	return seen == 2 ? 0 : 6;
}

static void
privileges(void)
{
	CHECK(ended_with(apart(no_privileges), 0));
}

static void
wiped(void)
{
	char key[32];

	memset(key, 'k', sizeof key);
	seal_wipe(key + 1, sizeof key - 2);
	CHECK(key[0] == 'k' && key[31] == 'k');
	for (size_t i = 1; i < sizeof key - 1; i++)
		CHECK(key[i] == 0);
}

TESTS(
	{ "calls", calls },
	{ "files", files },
	{ "privileges", privileges },
	{ "wiped", wiped })
