/*
 * pass - what the files that edit a passed Chat body share.
 *
 * Only what a provider is known to refuse is edited, and only where the client
 * wrote it: a body that nothing applies to stays as it is, byte for byte.
 */
#ifndef PROTO_CHAT_PASS_H
#define PROTO_CHAT_PASS_H

#include "proto/proto.h"

struct passing {
	struct talk	*talk;
	struct arena	*arena;
	const struct quirks *quirks;
	struct jval	 body;
	struct splice	*splice;
	bool		 forced;	/* a tool must be called */
	bool		 resting;	/* the model will not think */
	bool		 thinks;	/* it will */
};

/* All edits that the quirks demand.  False: talk->fail is set. */
bool	chat_pass_quirks(struct talk *, struct jval body, struct splice *)
	    MUST_USE;

/* pass_reason.c: how hard to think, in the provider's own words. */
bool	chat_pass_reason(struct passing *) MUST_USE;
/* pass_messages.c: the conversation. */
bool	chat_pass_messages(struct passing *) MUST_USE;
/* A schema that the provider cannot be given, in words (escaped text). */
bool	chat_pass_instruct(struct passing *, struct slice words) MUST_USE;

void	chat_pass_lost(struct passing *, enum loss_action, const char *member);

#endif
