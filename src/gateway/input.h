/*
 * input - the files that a configuration was read from, and what was in them.
 *
 * It tells whether reading them once more could give another configuration.
 * Contents are kept as hashes: some of the files are secrets.
 */
#ifndef GATEWAY_INPUT_H
#define GATEWAY_INPUT_H

#include "base/arena.h"

struct input {
	struct input	*next;
	const char	*path;
	/* zeros: it could not be read; of a `way` it is that of the folder */
	uint8_t		 sha256[32];
	bool		 way;
};

/*
 * Note what is in the file at `path` now, at the end of the list; one that
 * cannot be read may be there later.  Pipes and devices, which are read once,
 * are left out.  All of it lives in the arena, and arena->failed is the only
 * failure.
 */
void	input_add(struct input **, struct arena *, struct slice path);

/*
 * Of this file it is not the contents that matter, but the folder to which its
 * name leads.
 */
void	input_add_way(struct input **, struct arena *, struct slice path);

/*
 * The folder in which that file is, or would be, behind all symbolic links.
 * False: there is none yet.
 */
enum { INPUT_FOLDER = 4096 };		/* PATH_MAX */
bool	input_folder(const char *path, char out[INPUT_FOLDER]) MUST_USE;

/* Every ${file:PATH} of a text. */
void	input_add_files(struct input **, struct arena *, struct slice text);

/* The same list in another arena. */
void	input_copy(struct input **, struct arena *, const struct input *);

/* Does a file hold something else than when it was noted? */
bool	input_changed(const struct input *);

/* Are these the same files with the same contents? */
bool	input_same(const struct input *, const struct input *);

#endif
