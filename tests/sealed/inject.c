/*
 * Let a running process make a system call: inject PID NUMBER [ARGUMENT...]
 *
 * The process must be waiting in a system call, as the program does when it is
 * idle.  An argument is a number, or memory that is put on its stack: @TEXT,
 * or hex:BYTES.  Prints "returned N", after which the process goes on as it
 * was, or "ended by signal N".  For x86-64.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BELOW = 4096, TEXT_MAX = 512, INSTRUCTION = 2 };

static void
fail(const char *what)
{
	perror(what);
	exit(2);
}

/* A copy of the bytes at `to` in the process. */
static void
put(pid_t pid, unsigned long to, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += sizeof(long)) {
		long word = 0;

		memcpy(&word, bytes + i, len - i < sizeof word ? len - i
		    : sizeof word);
		if (ptrace(PTRACE_POKEDATA, pid, to + i, word) < 0)
			fail("writing to it");
	}
}

static unsigned long
argument(pid_t pid, const char *text, unsigned long *room)
{
	char bytes[TEXT_MAX] = { 0 };
	size_t len = 0;
	unsigned byte;

	if (*text != '@' && strncmp(text, "hex:", 4))
		return strtoul(text, NULL, 0);
	if (*text == '@') {
		len = strlen(text + 1) + 1;
		if (len > sizeof bytes)
			exit(2);
		memcpy(bytes, text + 1, len);
	} else {
		for (text += 4; len < sizeof bytes &&
		    sscanf(text, "%2x", &byte) == 1; text += 2)
			bytes[len++] = (char)byte;
	}
	put(pid, *room, bytes, len);
	*room += TEXT_MAX;
	return *room - TEXT_MAX;
}

/* The registers for the call, at the instruction that it waits behind. */
static struct user_regs_struct
prepare(pid_t pid, struct user_regs_struct regs, int count, char **words)
{
	unsigned long long *to[] = { &regs.rdi, &regs.rsi, &regs.rdx,
		&regs.r10, &regs.r8, &regs.r9 };
	unsigned long room = (regs.rsp - BELOW - 6 * TEXT_MAX) & ~15ul;

	errno = 0;
	if ((ptrace(PTRACE_PEEKTEXT, pid, regs.rip - INSTRUCTION, 0) & 0xffff)
	    != 0x050f || errno)
		fail("it waits in no system call");
	regs.rip -= INSTRUCTION;
	regs.orig_rax = (unsigned long long)-1;
	regs.rax = strtoul(words[0], NULL, 0);
	for (int i = 1; i < count && i <= 6; i++)
		*to[i - 1] = argument(pid, words[i], &room);
	return regs;
}

int
main(int argc, char **argv)
{
	pid_t pid = argc > 2 ? (pid_t)strtol(argv[1], NULL, 10) : 0;
	struct user_regs_struct before, regs;
	int status;

	if (pid <= 0) {
		fprintf(stderr, "usage: inject PID NUMBER [ARGUMENT...]\n");
		return 2;
	}
	if (ptrace(PTRACE_ATTACH, pid, 0, 0) < 0 ||
	    waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_GETREGS, pid, 0, &before) < 0)
		fail("attaching to it");
	regs = prepare(pid, before, argc - 2, argv + 2);
	if (ptrace(PTRACE_SETREGS, pid, 0, &regs) < 0 ||
	    ptrace(PTRACE_SINGLESTEP, pid, 0, 0) < 0 ||
	    waitpid(pid, &status, __WALL) != pid)
		fail("letting it call");
	if (WIFSIGNALED(status)) {
		printf("ended by signal %d\n", WTERMSIG(status));
		return 0;
	}
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP ||
	    ptrace(PTRACE_GETREGS, pid, 0, &regs) < 0 ||
	    ptrace(PTRACE_SETREGS, pid, 0, &before) < 0 ||
	    ptrace(PTRACE_DETACH, pid, 0, 0) < 0)
		fail("leaving it");
	printf("returned %lld\n", (long long)regs.rax);
	return 0;
}
