/*
 * The system calls that the program makes, by what they are for; the numbers
 * are the C library's, so each platform gets its own.  Those of 32-bit
 * platforms stand beside the ones that replaced them: which is used is up to
 * the library, and to the kernel.  tests/sealed.sh shows those that are made.
 *
 * What can do harm by its arguments is let through only with harmless ones:
 * threads but no processes, memory but no new code, sockets of the kinds in
 * use, locks of files but no signals by them.
 */
#include "base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __BIG_ENDIAN__
#error "the low half of an argument is looked for in front"
#endif

/* ---- what may be called ---- */

#define CALL(name)	SYS_##name

static const int worker_calls[] = {
	/* bytes in and out; those of stdio are for the list of names */
	CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(close),
	CALL(sendto), CALL(recvfrom), CALL(sendmsg), CALL(recvmsg),
	CALL(pread64),
#ifdef SYS__llseek
	CALL(_llseek),
#else
	CALL(lseek),
#endif
	/*
	 * connections; names are resolved over UDP from a bound socket, and
	 * several addresses put in order by the one each is reached from
	 */
	CALL(connect), CALL(bind), CALL(shutdown), CALL(accept4),
	CALL(getsockopt), CALL(setsockopt), CALL(getsockname),
	/* waiting */
	CALL(epoll_ctl), CALL(epoll_pwait), CALL(epoll_create1),
	CALL(eventfd2), CALL(signalfd4), CALL(futex), CALL(restart_syscall),
#ifdef SYS_poll
	CALL(poll),
#else
	CALL(ppoll),
#endif
#ifdef SYS_ppoll_time64
	CALL(ppoll_time64),
#endif
#ifdef SYS_futex_time64
	CALL(futex_time64),
#endif
	/* time, where the kernel's page does not tell it; chance */
	CALL(getrandom), CALL(gettid),
#ifdef SYS_clock_gettime
	CALL(clock_gettime),
#endif
#ifdef SYS_clock_gettime64
	CALL(clock_gettime64),
#endif
#ifdef SYS_clock_gettime32
	CALL(clock_gettime32),
#endif
	/* memory; mmap and mprotect are looked at */
	CALL(munmap), CALL(mremap), CALL(madvise), CALL(brk),
	/* signals are read from a descriptor; abort() */
	CALL(rt_sigaction), CALL(rt_sigprocmask),
	/* threads */
	CALL(exit), CALL(exit_group), CALL(set_robust_list),
	/* files: the list of names, the ledger */
	CALL(fdatasync), CALL(fsync),
#ifdef SYS_open
	CALL(open), CALL(access), CALL(rename),
#else
	CALL(openat), CALL(faccessat), CALL(renameat2),
#ifdef SYS_renameat
	CALL(renameat),
#endif
#endif
#ifdef SYS_stat64
	CALL(stat64), CALL(fstat64), CALL(fstatat64), CALL(statx),
	CALL(ftruncate64),
#else
	CALL(fstat), CALL(ftruncate),
#ifdef SYS_stat
	CALL(stat),
#else
	CALL(newfstatat),
#endif
#endif
};

/*
 * What the master does besides: processes, signals, its configuration; and
 * what a child does before it is a worker.
 */
static const int master_calls[] = {
	CALL(wait4), CALL(kill), CALL(tkill), CALL(rt_sigtimedwait),
#ifdef SYS_rt_sigtimedwait_time64
	CALL(rt_sigtimedwait_time64),
#endif
#ifdef SYS_fork
	CALL(fork),
#endif
	CALL(inotify_init1), CALL(inotify_add_watch), CALL(getpid),
	CALL(getppid),
	CALL(sched_getaffinity), CALL(get_robust_list),
	/* other addresses */
	CALL(listen),
#ifdef SYS_open
	CALL(readlink), CALL(unlink), CALL(chmod),
#else
	CALL(readlinkat), CALL(unlinkat), CALL(fchmodat),
#endif
#ifdef SYS_lstat64
	CALL(lstat64),
#elif defined(SYS_lstat)
	CALL(lstat),
#endif
	/* the seal of a worker; Landlock's have the same numbers everywhere */
	CALL(capset), CALL(mlock), CALL(mlock2), 444, 445, 446,
};

/* ---- the filter ---- */

/* One instruction of classic BPF, and the codes in use (bpf(2), seccomp(2)). */
struct filter {
	uint16_t code;
	uint8_t	 jump_true, jump_false;
	uint32_t k;
};

struct program {
	unsigned short	 len;
	struct filter	*filter;
};

enum {
	LOAD = 0x20,		/* a word of struct seccomp_data */
	AND = 0x54,
	EQUAL = 0x15,		/* jump if the accumulator is k */
	AT_LEAST = 0x35,
	RETURN = 0x06,

	AT_NUMBER = 0, AT_ARCH = 4, AT_ARGUMENTS = 16,

	MODE_FILTER = 2,	/* of SECCOMP_SET_MODE */
};

static const uint32_t kill_process = 0x80000000u;
static const uint32_t allow = 0x7fff0000u;

#if defined(__x86_64__)
static const uint32_t architecture = 0xc000003eu;
#elif defined(__aarch64__)
static const uint32_t architecture = 0xc00000b7u;
#elif defined(__arm__)
static const uint32_t architecture = 0x40000028u;
#elif defined(__riscv) && __riscv_xlen == 64
static const uint32_t architecture = 0xc00000f3u;
#else
static const uint32_t architecture = 0;		/* none: no filter is made */
#endif

enum { FILTER_MAX = 512 };

struct builder {
	struct filter	filter[FILTER_MAX];
	unsigned short	len;
};

static void
add(struct builder *b, uint16_t code, uint32_t k, uint8_t if_true,
    uint8_t if_false)
{
	if (b->len < FILTER_MAX)
		b->filter[b->len] = (struct filter){ code, if_true, if_false,
		    k };
	b->len++;
}

static void
add_calls(struct builder *b, const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		add(b, EQUAL, (uint32_t)calls[i], 0, 1);
		add(b, RETURN, allow, 0, 0);
	}
}

/* ---- calls that are looked at ---- */

#define COUNT(array)	(sizeof (array) / sizeof *(array))

#ifdef SYS_fcntl64
enum { CALL_FCNTL = SYS_fcntl64 };
#else
enum { CALL_FCNTL = SYS_fcntl };
#endif
#ifdef SYS_mmap2
enum { CALL_MMAP = SYS_mmap2 };
#else
enum { CALL_MMAP = SYS_mmap };
#endif

enum {
	ANY = 0xffffffff,
	TYPE = 0xf,		/* of a socket; the rest are flags */
	NAMESPACES = 0x7e020000,	/* CLONE_NEW... */
	INDEX_OF_INTERFACE = 0x8933,	/* SIOCGIFINDEX */
};

/* What follows is about `call` alone, up to end_call(). */
static unsigned short
begin_call(struct builder *b, int call)
{
	add(b, EQUAL, (uint32_t)call, 0, 0);
	return b->len;
}

static void
end_call(struct builder *b, unsigned short begin)
{
	add(b, RETURN, allow, 0, 0);
	if (b->len <= FILTER_MAX)
		b->filter[begin - 1].jump_false = (uint8_t)(b->len - begin);
}

/* Argument `which`, by those bits, is one of the values, or it is the end. */
static void
need(struct builder *b, unsigned which, uint32_t bits, const uint32_t *values,
    size_t count)
{
	add(b, LOAD, AT_ARGUMENTS + which * 8, 0, 0);
	if (bits != ANY)
		add(b, AND, bits, 0, 0);
	for (size_t i = 0; i < count; i++)
		add(b, EQUAL, values[i], (uint8_t)(count - i), 0);
	add(b, RETURN, kill_process, 0, 0);
}

static void
add_needing(struct builder *b, int call, unsigned which, uint32_t bits,
    const uint32_t *values, size_t count)
{
	unsigned short begin = begin_call(b, call);

	need(b, which, bits, values, count);
	end_call(b, begin);
}

/*
 * Streams and datagrams of the Internet's families, no others by number; no
 * raw ones.  A Unix socket is one that listens, and in a worker only what the
 * index of an interface is asked with, for a name server's scope: none of the
 * machine's services can be reached by it that takes streams.
 */
static void
add_socket(struct builder *b, bool master)
{
	static const uint32_t families[] = { AF_INET, AF_INET6, AF_UNIX };
	static const uint32_t types[] = { SOCK_STREAM, SOCK_DGRAM };
	static const uint32_t protocols[] = { 0, IPPROTO_TCP, IPPROTO_UDP };
	unsigned short begin = begin_call(b, SYS_socket);

	need(b, 0, ANY, families, COUNT(families));
	need(b, 1, TYPE, types, COUNT(types));
	need(b, 2, ANY, protocols, COUNT(protocols));
	if (!master) {
		add(b, LOAD, AT_ARGUMENTS, 0, 0);
		add(b, EQUAL, AF_UNIX, 0, 4);
		need(b, 1, TYPE, types + 1, 1);
	}
	end_call(b, begin);
}

static void
add_looked_at(struct builder *b)
{
	static const uint32_t none[] = { 0 };
	static const uint32_t controls[] = { TIOCGWINSZ, INDEX_OF_INTERFACE };

	add_needing(b, CALL_MMAP, 2, PROT_EXEC, none, 1);
	add_needing(b, SYS_mprotect, 2, PROT_EXEC, none, 1);
	add_needing(b, SYS_ioctl, 1, ANY, controls, COUNT(controls));
}

static void
add_worker(struct builder *b)
{
	static const uint32_t thread[] = { CLONE_THREAD };
	/* not F_SETOWN, by which the kernel sends signals for its owner */
	static const uint32_t commands[] = { F_SETFD, F_SETLK, F_SETLKW,
		F_GETFD, F_GETFL, F_SETFL };
	uint32_t self = (uint32_t)getpid();

	add_needing(b, SYS_clone, 0, NAMESPACES | CLONE_THREAD, thread, 1);
	add_needing(b, CALL_FCNTL, 1, ANY, commands, COUNT(commands));
	add_needing(b, SYS_tkill, 0, ANY, &self, 1);
	add_socket(b, false);
}

static void
add_master(struct builder *b)
{
	static const uint32_t none[] = { 0 };
	static const uint32_t commands[] = { F_SETFD, F_SETLK, F_SETLKW,
		F_GETFD, F_GETFL, F_SETFL, F_SETOWN };
	static const uint32_t options[] = { PR_SET_PDEATHSIG,
		PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_CAPBSET_DROP,
		PR_CAP_AMBIENT };

	add_calls(b, master_calls, COUNT(master_calls));
	add_needing(b, SYS_clone, 0, NAMESPACES, none, 1);
	add_needing(b, CALL_FCNTL, 1, ANY, commands, COUNT(commands));
	add_needing(b, SYS_prctl, 0, ANY, options, COUNT(options));
	add_socket(b, true);
}

static void
build(struct builder *b, enum seal_calls calls)
{
	add(b, LOAD, AT_ARCH, 0, 0);
	add(b, EQUAL, architecture, 1, 0);
	add(b, RETURN, kill_process, 0, 0);
	add(b, LOAD, AT_NUMBER, 0, 0);
#ifdef __x86_64__
	/* calls of the x32 ABI have the same architecture */
	add(b, AT_LEAST, 0x40000000, 0, 1);
	add(b, RETURN, kill_process, 0, 0);
#endif
	add_calls(b, worker_calls, COUNT(worker_calls));
	add_looked_at(b);
	if (calls == SEAL_CALLS_MASTER)
		add_master(b);
	else
		add_worker(b);
	add(b, RETURN, kill_process, 0, 0);
}

enum seal_state
seal_calls(enum seal_calls calls)
{
	struct builder b = { .len = 0 };
	struct program program = { .filter = b.filter };

	if (!architecture)
		return SEAL_UNKNOWN;
	build(&b, calls);
	if (b.len > FILTER_MAX)
		return SEAL_FAILED;
	program.len = b.len;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return SEAL_FAILED;
	if (prctl(PR_SET_SECCOMP, MODE_FILTER, &program, 0, 0) == 0)
		return SEAL_ON;
	return errno == EINVAL ? SEAL_UNKNOWN : SEAL_FAILED;
}
