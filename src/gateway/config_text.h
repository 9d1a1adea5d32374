/*
 * config_text - the configuration file as text: reading, comments, variables.
 */
#ifndef GATEWAY_CONFIG_TEXT_H
#define GATEWAY_CONFIG_TEXT_H

#include "base/arena.h"
#include "base/slice.h"

enum { CONFIG_FILE_MAX = 4 << 20 };

/* The whole file at `path`, at most CONFIG_FILE_MAX.  False: *why. */
bool	config_text_read(struct arena *, const char *path, struct slice *out,
	    const char **why) MUST_USE;

/*
 * Turn comments (both kinds) and commas before a closing bracket into blanks,
 * so that every byte keeps its place and a strict parser reads the rest.  In
 * place.
 */
void	config_text_relax(char *text, size_t len);

/*
 * Replace ${NAME} by the environment's value and ${file:/path} by the file's
 * content without the line end at its end; $${ stands for a literal ${.
 * False: *why, which never holds a value.
 */
bool	config_text_expand(struct arena *, struct slice plain,
	    struct slice *out,
	    const char **why) MUST_USE;

/*
 * The value of $name, or of the file that $name_FILE names; empty if neither
 * is set to anything.  False: *why.
 */
bool	config_text_env(struct arena *, const char *name, struct slice *out,
	    const char **why) MUST_USE;

#endif
