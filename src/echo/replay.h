/*
 * replay - recorded answers: files that are sent as they are.
 */
#ifndef ECHO_REPLAY_H
#define ECHO_REPLAY_H

#include "base/arena.h"

struct recording {
	struct slice	bytes;		/* in the arena */
	bool		stream;		/* the file's name ends in .sse */
};

bool	replay_file(struct recording *, struct arena *,
	    const char *path) MUST_USE;

/*
 * The recording `name` in `dir`: DIR/NAME, DIR/NAME.sse, DIR/NAME.json, or
 * response.sse or response.json in the folder DIR/NAME.  False: there is none,
 * or the name leads out of the folder.
 */
bool	replay_find(struct recording *, struct arena *, const char *dir,
	    struct slice name) MUST_USE;

#endif
