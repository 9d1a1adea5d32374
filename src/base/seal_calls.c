/*
 * The system calls that the program makes, by what they are for; the numbers
 * are the C library's, so each platform gets its own.  Those of 32-bit
 * platforms stand beside the ones that replaced them: which is used is up to
 * the library.
 *
 * A few are let through only with harmless arguments: threads but no
 * processes, memory but no new code, sockets of the families in use.
 */
#include "base/seal.h"

#include <errno.h>
#include <sched.h>
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
	/* bytes in and out */
	CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(close),
	CALL(sendto), CALL(recvfrom), CALL(sendmsg), CALL(recvmsg),
	CALL(pread64), CALL(pwrite64), CALL(lseek), CALL(fcntl), CALL(ioctl),
#ifdef SYS_fcntl64
	CALL(fcntl64),
#endif
#ifdef SYS__llseek
	CALL(_llseek),
#endif
#ifdef SYS_sendfile
	CALL(sendfile),
#endif
	/* connections; names are resolved over UDP from a bound socket */
	CALL(connect), CALL(bind), CALL(shutdown), CALL(getsockname),
	CALL(getpeername), CALL(getsockopt), CALL(setsockopt), CALL(accept4),
#ifdef SYS_accept
	CALL(accept),
#endif
	/* waiting */
	CALL(epoll_ctl), CALL(epoll_pwait), CALL(epoll_create1),
	CALL(eventfd2), CALL(signalfd4), CALL(ppoll), CALL(futex),
	CALL(nanosleep), CALL(restart_syscall), CALL(pipe2),
#ifdef SYS_clock_nanosleep
	CALL(clock_nanosleep),
#endif
#ifdef SYS_epoll_wait
	CALL(epoll_wait),
#endif
#ifdef SYS_poll
	CALL(poll),
#endif
#ifdef SYS_ppoll_time64
	CALL(ppoll_time64),
#endif
#ifdef SYS_futex_time64
	CALL(futex_time64),
#endif
#ifdef SYS_clock_nanosleep_time64
	CALL(clock_nanosleep_time64),
#endif
	/* time, chance, who am I */
	CALL(getrandom), CALL(getpid), CALL(gettid),
	CALL(getuid), CALL(getppid), CALL(uname), CALL(sysinfo),
	CALL(sched_getaffinity), CALL(sched_yield), CALL(getrusage),
	CALL(prlimit64),
#ifdef SYS_clock_gettime
	CALL(clock_gettime),
#endif
#ifdef SYS_clock_gettime64
	CALL(clock_gettime64),
#endif
#ifdef SYS_clock_gettime32
	CALL(clock_gettime32),
#endif
#ifdef SYS_gettimeofday
	CALL(gettimeofday),
#endif
#ifdef SYS_gettimeofday_time32
	CALL(gettimeofday_time32),
#endif
#ifdef SYS_getuid32
	CALL(getuid32),
#endif
	/* memory; mmap and mprotect are looked at */
	CALL(munmap), CALL(mremap), CALL(madvise), CALL(brk), CALL(mlock),
	CALL(munlock), CALL(msync),
	/* signals and threads */
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn),
	CALL(sigaltstack), CALL(tkill), CALL(tgkill), CALL(exit),
	CALL(exit_group), CALL(set_robust_list), CALL(get_robust_list),
	CALL(set_tid_address), CALL(membarrier),
#ifdef SYS_sigreturn
	CALL(sigreturn),
#endif
	/* files: the list of names, the ledger */
	CALL(openat), CALL(fstat), CALL(fdatasync), CALL(fsync),
	CALL(ftruncate), CALL(fallocate), CALL(flock), CALL(unlinkat),
	CALL(renameat2), CALL(getdents64), CALL(faccessat), CALL(readlinkat),
#ifdef SYS_newfstatat
	CALL(newfstatat),
#endif
#ifdef SYS_fstatat64
	CALL(fstatat64),
#endif
#ifdef SYS_fstat64
	CALL(fstat64),
#endif
#ifdef SYS_stat64
	CALL(stat64),
#endif
#ifdef SYS_stat
	CALL(stat), CALL(lstat),
#endif
#ifdef SYS_statx
	CALL(statx),
#endif
#ifdef SYS_open
	CALL(open),
#endif
#ifdef SYS_rename
	CALL(rename),
#endif
#ifdef SYS_renameat
	CALL(renameat),
#endif
#ifdef SYS_unlink
	CALL(unlink),
#endif
#ifdef SYS_access
	CALL(access),
#endif
#ifdef SYS_readlink
	CALL(readlink),
#endif
#ifdef SYS_ftruncate64
	CALL(ftruncate64),
#endif
};

/* What the master does besides: processes, signals, its configuration. */
static const int master_calls[] = {
	CALL(clone), CALL(wait4), CALL(waitid), CALL(kill), CALL(listen),
	CALL(rt_sigtimedwait), CALL(rt_sigpending), CALL(prctl), CALL(capset),
	CALL(inotify_init1), CALL(inotify_add_watch), CALL(inotify_rm_watch),
	CALL(memfd_create), CALL(umask), CALL(fchmod), CALL(fchmodat),
	CALL(seccomp), CALL(dup3),
#ifdef SYS_rt_sigtimedwait_time64
	CALL(rt_sigtimedwait_time64),
#endif
#ifdef SYS_fork
	CALL(fork),
#endif
#ifdef SYS_vfork
	CALL(vfork),
#endif
#ifdef SYS_chmod
	CALL(chmod),
#endif
	/* Landlock's, the same number everywhere */
	444, 445, 446,
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
	EQUAL = 0x15,		/* jump if the accumulator is k */
	ANY_BIT = 0x45,		/* jump if it has a bit of k */
	AT_LEAST = 0x35,
	RETURN = 0x06,

	AT_NUMBER = 0, AT_ARCH = 4, AT_ARGUMENTS = 16,

	MODE_FILTER = 2,	/* of SECCOMP_SET_MODE */
};

static const uint32_t kill_process = 0x80000000u;
static const uint32_t allow = 0x7fff0000u;
static const uint32_t give_error = 0x00050000u;	/* errno beside it */

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

/* An error instead of death, for what libraries try and can do without. */
static void
add_error(struct builder *b, int call, int error)
{
	add(b, EQUAL, (uint32_t)call, 0, 1);
	add(b, RETURN, give_error | (uint32_t)error, 0, 0);
}

/*
 * `call` is allowed if argument `which` has none of `bits`; else it ends the
 * process.
 */
static void
add_without(struct builder *b, int call, unsigned which, uint32_t bits)
{
	add(b, EQUAL, (uint32_t)call, 0, 4);
	add(b, LOAD, AT_ARGUMENTS + which * 8, 0, 0);
	add(b, ANY_BIT, bits, 0, 1);
	add(b, RETURN, kill_process, 0, 0);
	add(b, RETURN, allow, 0, 0);
}

/* Sockets of these families only: no raw ones, no netlink. */
static void
add_socket(struct builder *b, int call)
{
	static const uint32_t families[] = { AF_UNIX, AF_INET, AF_INET6 };
	enum { COUNT = sizeof families / sizeof *families };

	add(b, EQUAL, (uint32_t)call, 0, 2 * COUNT + 2);
	add(b, LOAD, AT_ARGUMENTS, 0, 0);
	for (unsigned i = 0; i < COUNT; i++) {
		add(b, EQUAL, families[i], 0, 1);
		add(b, RETURN, allow, 0, 0);
	}
	/* libraries look whether IPv6 or netlink is there */
	add(b, RETURN, give_error | EAFNOSUPPORT, 0, 0);
}

/* Threads: what shares everything with its maker. */
static void
add_thread(struct builder *b)
{
	add(b, EQUAL, SYS_clone, 0, 4);
	add(b, LOAD, AT_ARGUMENTS, 0, 0);
	add(b, ANY_BIT, CLONE_THREAD, 0, 1);
	add(b, RETURN, allow, 0, 0);
	add(b, RETURN, kill_process, 0, 0);
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
	if (calls == SEAL_CALLS_MASTER)
		add_calls(b, master_calls, sizeof master_calls /
		    sizeof *master_calls);
	else
		add_thread(b);
	add_calls(b, worker_calls, sizeof worker_calls /
	    sizeof *worker_calls);
#ifdef SYS_mmap2
	add_without(b, SYS_mmap2, 2, PROT_EXEC);
#else
	add_without(b, SYS_mmap, 2, PROT_EXEC);
#endif
	add_without(b, SYS_mprotect, 2, PROT_EXEC);
	add_socket(b, SYS_socket);
	add_error(b, SYS_clone3, ENOSYS);
#ifdef SYS_rseq
	add_error(b, SYS_rseq, ENOSYS);
#endif
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
