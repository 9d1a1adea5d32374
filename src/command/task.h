/*
 * task - what the command translate was asked for.
 */
#ifndef COMMAND_TASK_H
#define COMMAND_TASK_H

#include "proto/proto.h"

enum task_what {
	TASK_REQUEST,		/* from client to provider */
	TASK_RESPONSE,		/* from provider to client: a whole answer */
	TASK_STREAM,		/* an answer as events */
	TASK_ERROR,		/* a provider's error body */
	TASK_WHATS,
};

struct task {
	enum task_what	 what;
	const struct protocol *client, *provider;
	enum quirk_dialect dialect;
	struct options	 options;
	const char	*model;		/* NULL: as the client says */
	/* where the address names it, not the body; NULL: as `model` */
	const char	*client_model;
	const char	*request;	/* file of the client's, or NULL */
	uint64_t	 status, now_s;
	struct slice	 id;
	bool		 strict, own_key;
	bool		 compress, mark_cache;
	bool		 stream;	/* the client gets events */
	bool		 as_array;	/* ... as one JSON array */
};

/*
 * Read the arguments.  Returns 1 if they were understood, 0 after printing the
 * help that was asked for, -1 after saying on stderr what is wrong.
 */
int	task_read(struct task *, int argc, char **argv) MUST_USE;

#endif
