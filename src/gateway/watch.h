/*
 * watch - notices that the files of a configuration change, without looking.
 *
 * The kernel tells by a signal (inotify(7)), whichever way a file is changed:
 * written in place, replaced by a rename, deleted and made anew, or reached
 * over another symbolic link, as Kubernetes swaps a ConfigMap.  After the last
 * change it waits a moment, so that a writer is done.  Where the system has no
 * such signals the files are looked at from time to time.
 */
#ifndef GATEWAY_WATCH_H
#define GATEWAY_WATCH_H

#include <signal.h>

#include "gateway/input.h"

/* Comes to the process that called watch_set(), which has it blocked. */
enum { WATCH_SIGNAL = SIGIO };

struct watch {			/* watch_init() starts it */
	/* private */
	int		 fd;		/* of inotify; -1: none */
	struct arena	 arena;
	struct input	*inputs;	/* as they were last read */
	int64_t		 first_ms;	/* the first change that waits */
	int64_t		 due_ms;	/* when to look; 0: nothing is to do */
};

void	watch_init(struct watch *);
void	watch_close(struct watch *);

/* From here on it is about these files, as they were read; copied. */
void	watch_set(struct watch *, const struct input *);

/* WATCH_SIGNAL came. */
void	watch_hear(struct watch *);

/* Ms until watch_changed() wants to be called; -1: not before a signal. */
int64_t	watch_wait_ms(const struct watch *);

/*
 * Is it time, and is something else in the files than when they were read?
 * Then whoever asked reads them, and says watch_set() or watch_later().
 */
bool	watch_changed(struct watch *);

/* Ask again after a while. */
void	watch_later(struct watch *);

#endif
