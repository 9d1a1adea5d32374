/*
 * speak - a speech, or an error, in the words of a protocol.
 */
#ifndef ECHO_SPEAK_H
#define ECHO_SPEAK_H

#include "echo/feed.h"
#include "echo/speech.h"

struct fault {			/* an error to tell; start from all zeros */
	unsigned	 status;
	struct slice	 code;		/* empty: what goes with the status */
	struct slice	 message;	/* plain */
	struct slice	 param;		/* Chat: which member; may be empty */
	struct slice	 id;		/* of the request */
};

struct tongue {
	/* A body, into feed->bytes. */
	void	(*whole)(struct feed *, const struct prompt *,
		    const struct speech *);
	void	(*fault)(struct feed *, const struct fault *);
	/* The events of a stream, and the one that ends it early. */
	void	(*stream)(struct feed *, const struct prompt *,
		    const struct speech *);
	void	(*stream_fault)(struct feed *, const struct fault *);
	struct slice ping;	/* what a stream may say to be seen alive */
};

extern const struct tongue speak_chat;		/* speak_chat.c */
extern const struct tongue speak_messages;	/* speak_messages.c */

/* What a provider writes where nothing better is known. */
struct slice	speak_sentence(unsigned status);

#endif
