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
	struct slice	 param;		/* OpenAI: which member; may be empty */
	struct slice	 id;		/* of the request */
	uint64_t	 retry;		/* in seconds; 0: not said */
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
extern const struct tongue speak_responses;	/* speak_responses.c */
extern const struct tongue speak_gemini;	/* speak_gemini.c */

/* Responses: what an answer is called, and its items, one behind another. */
struct slice	speak_answer_id(struct arena *, const struct speech *);
void		speak_items(struct buf *out, struct feed *,
		    const struct prompt *, const struct speech *);

/* The two protocols of OpenAI tell errors in the same words. */
void	speak_fault(struct feed *, const struct fault *);

/* What a provider writes where nothing better is known. */
struct slice	speak_sentence(unsigned status);

#endif
