/*
 * ask - what the command translate was asked for.
 */
#ifndef COMMAND_ASK_H
#define COMMAND_ASK_H

#include "proto/proto.h"

enum ask_what {
	ASK_REQUEST,		/* from client to provider */
	ASK_RESPONSE,		/* from provider to client: a whole answer */
	ASK_STREAM,		/* an answer as events */
	ASK_ERROR,		/* a provider's error body */
	ASK_WHATS,
};

struct ask {
	enum ask_what	 what;
	const struct protocol *client, *provider;
	enum quirk_dialect dialect;
	const char	*model;		/* NULL: as the client says */
	const char	*request;	/* file of the client's, or NULL */
	uint64_t	 status, now_s;
	struct slice	 id;
	bool		 strict, own_key;
	bool		 stream;	/* the client gets events */
};

/*
 * Read the arguments.  Returns 1 if they were understood, 0 after printing the
 * help that was asked for, -1 after saying on stderr what is wrong.
 */
int	ask_read(struct ask *, int argc, char **argv) MUST_USE;

#endif
