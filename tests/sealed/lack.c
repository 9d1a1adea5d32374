/*
 * A kernel that lacks something: lack WHAT... -- PROGRAM [ARGUMENT...]
 *
 * WHAT is NUMBER=ERRNO, a system call that fails with that error;
 * NUMBER:VALUE=ERRNO, where its first argument has that value; landlock=N, a
 * kernel that has version N of Landlock and not what later ones have; or
 * locked=N, bytes of memory that may be locked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILTER_MAX = 256 };

static struct sock_filter filter[FILTER_MAX];
static unsigned short filter_len;
static int landlock = -1;

static void
fail(const char *what)
{
	perror(what);
	exit(125);
}

static void
add(uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	if (filter_len == FILTER_MAX)
		exit(125);
	filter[filter_len++] = (struct sock_filter){ code, if_true, if_false,
	    k };
}

static void
load(size_t offset)
{
	add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void
add_lack(const char *what)
{
	const char *error = strchr(what, '='), *value = strchr(what, ':');
	uint32_t returned = SECCOMP_RET_ERRNO;

	if (!error)
		exit(125);
	if (!strncmp(what, "locked=", 7)) {
		struct rlimit limit = { strtoul(error + 1, NULL, 0),
			strtoul(error + 1, NULL, 0) };

		if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0)
			fail("RLIMIT_MEMLOCK");
		return;
	}
	returned |= (uint32_t)strtoul(error + 1, NULL, 0);
	if (!strncmp(what, "landlock=", 9)) {
		landlock = (int)strtol(error + 1, NULL, 10);
		what = "444";
		returned = SECCOMP_RET_USER_NOTIF;
	}
	load(offsetof(struct seccomp_data, nr));
	add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)strtoul(what, NULL, 0), 0,
	    value ? 3 : 1);
	if (value) {
		load(offsetof(struct seccomp_data, args));
		add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)strtoul(value + 1,
		    NULL, 0), 0, 1);
	}
	add(BPF_RET | BPF_K, returned, 0, 0);
}

/* What version N knows, of the attributes of a ruleset, in order. */
static void
known(uint64_t bits[3])
{
	static const uint64_t files[] = { 0, (1 << 13) - 1, (1 << 14) - 1,
		(1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1 };

	bits[0] = files[landlock < 5 ? landlock : 5];
	bits[1] = landlock >= 4 ? 3 : 0;
	bits[2] = landlock >= 6 ? 3 : 0;
}

/* As the kernel of that version answers to a ruleset with these attributes. */
static int
judge(pid_t pid, uint64_t at, uint64_t size)
{
	uint64_t asked[3] = { 0 }, bits[3];
	char path[64];
	int memory;

	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	if (size > sizeof asked || memory < 0 || pread(memory, asked,
	    (size_t)size, (off_t)at) != (ssize_t)size)
		return -E2BIG;
	close(memory);
	known(bits);
	for (int i = 0; i < 3; i++)
		if (asked[i] & ~bits[i])
			return bits[i] ? -EINVAL : -E2BIG;
	return 0;
}

static void
answer(int listener)
{
	struct seccomp_notif asked = { 0 };
	struct seccomp_notif_resp told = { 0 };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
		return;
	told.id = asked.id;
	if (asked.data.args[2] == LANDLOCK_CREATE_RULESET_VERSION) {
		told.val = landlock;
		if (!landlock)
			told.error = -EOPNOTSUPP;
	} else {
		told.error = judge((pid_t)asked.pid, asked.data.args[0],
		    asked.data.args[1]);
		if (!told.error)
			told.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	}
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &told);
}

static void
send_fd(int to, int fd)
{
	char room[CMSG_SPACE(sizeof fd)] = { 0 };
	struct iovec one = { &(char){ 0 }, 1 };
	struct msghdr m = { .msg_iov = &one, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof room };

	*CMSG_FIRSTHDR(&m) = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd) };
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &fd, sizeof fd);
	if (sendmsg(to, &m, 0) != 1)
		fail("handing the listener over");
}

static int
take_fd(int from)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 }, byte;
	struct iovec one = { &byte, 1 };
	struct msghdr m = { .msg_iov = &one, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof room };
	int fd;

	if (recvmsg(from, &m, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&m))
		exit(125);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
	return fd;
}

/*
 * The program takes the place of this process, so that its number is known to
 * whoever started it.  A grandchild, which is no child of the program, answers
 * for the kernel, up to the end of all that can ask.
 */
static void
keep_answering(int from)
{
	struct pollfd one = { .events = POLLIN };
	pid_t child = fork();

	if (child > 0)
		(void)waitpid(child, NULL, 0);
	if (child != 0)
		return;
	if (fork() != 0)
		_exit(0);
	one.fd = take_fd(from);
	while (poll(&one, 1, -1) > 0 && !(one.revents & POLLHUP))
		answer(one.fd);
	_exit(0);
}

int
main(int argc, char **argv)
{
	struct sock_fprog program = { 0, filter };
	int pair[2], listener, i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		add_lack(argv[i]);
	if (i + 1 >= argc) {
		fprintf(stderr, "usage: lack WHAT... -- PROGRAM\n");
		return 125;
	}
	add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = filter_len;
	if (landlock >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    pair) < 0)
		fail("socketpair");
	if (landlock >= 0)
		keep_answering(pair[0]);
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    landlock >= 0 ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0, &program);
	if (listener < 0)
		fail("seccomp");
	if (landlock >= 0) {
		send_fd(pair[1], listener);
		close(listener);
	}
	execv(argv[i + 1], argv + i + 1);
	fail(argv[i + 1]);
}
