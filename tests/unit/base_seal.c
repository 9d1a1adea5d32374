/* What a sealed process still can do, and what ends it. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/seal.h"

/* Without what a sanitizer does at an end; a sealed process must not. */
static void
leave(int code)
{
	(void)syscall(SYS_exit_group, code);
}

/* Run `act` in a process of its own; returns its wait status. */
static int
apart(int (*act)(void))
{
	int status = 0;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		leave(act());
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
	int fd;
	void *p;

	if (seal_calls(SEAL_CALLS_WORKER) != SEAL_ON)
		return 2;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 3;
	close(fd);
	/* an interface's index is asked for by such a one */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFINDEX, &(struct ifreq){ .ifr_name =
	    "lo" }) < 0)
		return 4;
	if (fcntl(fd, F_GETFL) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return 6;
	close(fd);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || munmap(p, 4096) != 0)
		return 5;
	return 0;
}

#ifdef SYS_mmap2
enum { CALL_MMAP = SYS_mmap2 };
#else
enum { CALL_MMAP = SYS_mmap };
#endif

/* What ends a worker; some of it ends the master, too. */
static const struct {
	const char	*what;
	long		 call, argument[6];
	bool		 master;
} forbidden[] = {
	{ "another program", SYS_execve, { 0 }, true },
	{ "a process", SYS_clone, { SIGCHLD }, false },
	{ "a namespace", SYS_clone, { SIGCHLD | CLONE_NEWUSER }, true },
	{ "a signal", SYS_kill, { 0, 0 }, false },
	{ "a signal to another thread", SYS_tkill, { 1, 0 }, false },
	{ "a signal by a descriptor", SYS_fcntl, { 0, F_SETOWN, 1 }, false },
	{ "another such signal", SYS_fcntl, { 0, F_SETSIG, 9 }, true },
	{ "new code", CALL_MMAP, { 0, 4096, PROT_READ | PROT_EXEC,
	  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 }, true },
	{ "code of data", SYS_mprotect, { 0, 0, PROT_EXEC }, true },
	{ "typing on a terminal", SYS_ioctl, { 0, TIOCSTI, 0 }, true },
	{ "a tracer", SYS_ptrace, { 0 }, true },
	{ "others' memory", SYS_process_vm_readv, { 1 }, true },
	{ "a mount", SYS_mount, { 0 }, true },
	{ "a listening socket", SYS_listen, { -1, 1 }, false },
	{ "packets", SYS_socket, { AF_PACKET, SOCK_DGRAM, 0 }, true },
	{ "raw packets", SYS_socket, { AF_INET, SOCK_RAW, IPPROTO_TCP },
	  true },
	{ "another protocol", SYS_socket, { AF_INET, SOCK_STREAM,
	  IPPROTO_SCTP }, true },
	{ "netlink", SYS_socket, { AF_NETLINK, SOCK_DGRAM, 0 }, true },
	{ "a service of this machine", SYS_socket, { AF_UNIX, SOCK_STREAM,
	  0 }, false },
	{ "dumps", SYS_prctl, { PR_SET_DUMPABLE, 1 }, true },
	{ "a call that there is not", 4000, { 0 }, true },
};

enum { FORBIDDEN = sizeof forbidden / sizeof *forbidden };

/* Its status as a worker, or as the master. */
static int
try_forbidden(size_t i, enum seal_calls calls)
{
	const long *a = forbidden[i].argument;
	int status = 0;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		if (seal_calls(calls) != SEAL_ON)
			leave(2);
		(void)syscall(forbidden[i].call, a[0], a[1], a[2], a[3], a[4],
		    a[5]);
		leave(3);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

static bool
is_fatal(size_t i, enum seal_calls calls)
{
	bool fatal = died_of(try_forbidden(i, calls), SIGSYS);

	if (!fatal)
		printf("%s is not the end\n", forbidden[i].what);
	return fatal;
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
			leave(3);
		(void)kill(getpid(), 0);
		leave(4);
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
	for (size_t i = 0; i < FORBIDDEN; i++)
		CHECK(is_fatal(i, SEAL_CALLS_WORKER));
	for (size_t i = 0; i < FORBIDDEN; i++)
		CHECK(!forbidden[i].master || is_fatal(i, SEAL_CALLS_MASTER));
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

	switch (seal_files(paths, 3, NULL, &version)) {
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

/* ---- the network ---- */

/* A listening socket on loopback; its port in *to. */
static int
listen_somewhere(struct sockaddr_in *to)
{
	socklen_t len = sizeof *to;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*to = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK(fd >= 0 && !bind(fd, (const void *)to, sizeof *to) &&
	    !listen(fd, 1) && !getsockname(fd, (void *)to, &len));
	return fd;
}

static int
attempt(const struct sockaddr_in *to, bool binding)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int got = binding ? bind(fd, (const void *)to, sizeof *to)
	    : connect(fd, (const void *)to, sizeof *to);
	int error = got < 0 ? errno : 0;

	close(fd);
	return error;
}

static int
network_locked(void)
{
	struct sockaddr_in known, other, any = { .sin_family = AF_INET };
	uint16_t port;
	struct seal_ports ports = { &port, 1 };
	int version;

	if (listen_somewhere(&known) < 0 || listen_somewhere(&other) < 0)
		return 2;
	port = ntohs(known.sin_port);
	if (seal_files(NULL, 0, &ports, &version) == SEAL_UNKNOWN ||
	    version < 4)
		return 0;
	if (attempt(&known, false))
		return 3;
	if (attempt(&other, false) != EACCES)
		return 4;
	if (attempt(&any, true) != EACCES)
		return 5;
	if (version >= 6 && (kill(getppid(), 0) == 0 || errno != EPERM))
		return 6;
	return 0;
}

static void
network(void)
{
	CHECK(ended_with(apart(network_locked), 0));
}

/* ---- memory ---- */

/* Has the mapping of `p` that flag (proc(5), VmFlags)? */
static bool
has_flag(const void *p, const char *flag)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[512];
	unsigned long from, to;
	bool here = false, found = false;

	CHECK(f);
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%lx-%lx", &from, &to) == 2)
			here = (uintptr_t)p >= from && (uintptr_t)p < to;
		found |= here && !strncmp(line, "VmFlags:", 8) &&
		    strstr(line, flag);
	}
	fclose(f);
	return found;
}

static void *
page_of(void *p)
{
	return (void *)((uintptr_t)p & ~(uintptr_t)65535);
}

static void
memory(void)
{
	static char keys[3 * 65536], others[2 * 65536];
	void *other = page_of(others + 65536);

	CHECK(!has_flag(keys + 65536, " dd"));
	/* an emulator of other platforms does not tell all flags */
	if (madvise(other, 1, MADV_DONTDUMP) || syscall(SYS_mlock, other, 1) ||
	    !has_flag(other, " lo") || !has_flag(other, " dd"))
		return;
	CHECK(seal_memory(keys + 65536, 1));
	CHECK(has_flag(keys + 65536, " dd") && has_flag(keys + 65536, " lo"));
	CHECK(seal_environment());
	CHECK(has_flag(*environ, " dd") && has_flag(*environ, " lo"));
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
	{ "network", network },
	{ "memory", memory },
	{ "privileges", privileges },
	{ "wiped", wiped })
