/*
 * seal - a process gives up what it will not need again: privileges, files,
 * system calls.
 *
 * Everything here is for good, for this thread and for whatever it starts
 * afterwards, so it comes before threads and after the last privileged act.
 * Kernels that lack a part leave it open; the report says which.
 */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum seal_state {
	SEAL_NOT_ASKED,
	SEAL_ON,
	SEAL_UNKNOWN,		/* the kernel does not have it */
	SEAL_FAILED,
};

/* What may be done with a file, or with all that lies in a directory. */
enum seal_access {
	SEAL_READ,
	SEAL_SOCKETS,		/* read; make and remove Unix sockets */
	SEAL_WRITE,		/* read, too; make, rename and remove */
};

struct seal_path {
	const char		*path;	/* one that is not there is left out */
	enum seal_access	 access;
};

/* Where TCP may lead to. */
struct seal_ports {
	const uint16_t	*port;
	size_t		 count;
};

/* Which table of system calls fits the process. */
enum seal_calls {
	SEAL_CALLS_WORKER,	/* serves: no process, no program, no new
				 * listening socket */
	SEAL_CALLS_MASTER,	/* also forks, waits and sends signals */
};

struct seal_report {
	enum seal_state	privileges, memory, files, calls;
	int		files_version;		/* of Landlock */
};

/* No core dumps, and nobody may attach: before anything secret is read. */
void		seal_dumps(void);

/*
 * No new privileges and no capabilities: after ports below 1024 are open.  What
 * only root may read cannot be read any more where its owner is another.
 */
enum seal_state	seal_privileges(void);

/*
 * Landlock: from here on only `paths` can be opened, and no signal leaves.
 * With `ports` (or NULL) TCP is connected to these alone, and is bound to none;
 * that takes version 4, signals take 6.  `version`: which one the kernel has,
 * 0: none.
 */
enum seal_state	seal_files(const struct seal_path *paths, size_t count,
		    const struct seal_ports *ports, int *version);

/*
 * seccomp: a call that the table does not have ends the process (SIGSYS).
 */
enum seal_state	seal_calls(enum seal_calls);

/*
 * Keep memory out of core dumps and swap as far as the kernel lets us; a
 * process that forked has to ask anew.  False: it may be swapped.
 */
bool		seal_memory(void *, size_t);
/* The same for the environment, which may hold keys. */
bool		seal_environment(void);

/* Overwrite with zeros, also where nothing reads it again. */
void		seal_wipe(void *, size_t);

/* "on", "unknown to this kernel" ... for the log. */
const char	*seal_state_name(enum seal_state);

#endif
