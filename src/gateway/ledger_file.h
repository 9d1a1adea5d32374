/*
 * ledger_file - the ledger on its disk: whole lines at its end, or none.
 *
 * One master has the file for itself, by a lock on PATH.lock that goes when
 * its process does.  Its workers write by turns, by another lock there: so
 * that a line that came out short is taken back before the next is written,
 * and that one of them alone gives a full file another name, PATH.STAMP.  The
 * others see that PATH is another file now, and open it.
 */
#ifndef GATEWAY_LEDGER_FILE_H
#define GATEWAY_LEDGER_FILE_H

#include <sys/types.h>

#include "base/check.h"
#include "base/slice.h"

struct ledger_file {		/* ledger_file_init() starts it */
	const char	*path;
	/* private */
	int		 fd, lock;	/* -1: not open */
	dev_t		 dev;		/* of what is open */
	ino_t		 ino;
	bool		 regular;	/* it is no device or pipe */
	bool		 unsynced;
};

void	ledger_file_init(struct ledger_file *, const char *path);

/*
 * The master's: keep others from the file until this process ends, and see
 * that it can be written, once a disk that is full has room.  A last line that
 * is torn is ended; *torn says of how many bytes it is.  False: *why says why
 * not; errno, if it is not 0, too.
 */
bool	ledger_file_claim(struct ledger_file *, size_t *torn,
	    const char **why) MUST_USE;

/*
 * Append `lines`, each with its newline.  A file that they would make larger
 * than `rotate` bytes (0: no bound) is renamed first.  `wait`: for others that
 * write now, instead of failing with EAGAIN.  Returns how many bytes of them
 * are in the file now, whole lines; if that is not all, errno says why.
 */
size_t	ledger_file_append(struct ledger_file *, struct slice lines,
	    uint64_t rotate, bool wait);

/* What was appended is on the disk when this returns true; else errno. */
bool	ledger_file_sync(struct ledger_file *) MUST_USE;

/*
 * The master's: give up what was claimed, but for `kept` (path NULL: nothing),
 * which may be the same file under another name.
 */
void	ledger_file_release(struct ledger_file *, struct ledger_file *kept);

/* Close it, and give up its locks. */
void	ledger_file_close(struct ledger_file *);

#endif
