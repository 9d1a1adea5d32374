/*
 * fail - what can go wrong with a request, and its status in every protocol.
 */
#ifndef PROTO_FAIL_H
#define PROTO_FAIL_H

#include "base/arena.h"
#include "base/buf.h"
#include "json/json.h"

/* What FAIL_MEMORY says of itself, escaped. */
#define FAIL_NO_MEMORY	"The gateway's memory is in use: try again in a moment."

enum fail_kind {			/* ORDER fail */
	FAIL_NONE,
	FAIL_INVALID,		/* the request is malformed */
	FAIL_UNSUPPORTED,	/* well-formed, but the target cannot do it */
	FAIL_CONTEXT,		/* longer than the model's context */
	FAIL_TOO_LARGE,		/* more bytes than a limit allows */
	FAIL_AUTH,		/* who are you? */
	FAIL_PERMISSION,
	FAIL_NOT_FOUND,		/* model, address or object */
	FAIL_METHOD,
	FAIL_CONFLICT,
	FAIL_RATE,		/* too many requests or tokens */
	FAIL_QUOTA,		/* no money left */
	FAIL_FILTERED,		/* a content policy said no */
	FAIL_OVERLOADED,
	FAIL_SERVER,		/* the provider broke */
	FAIL_TIMEOUT,
	FAIL_CONNECT,		/* the provider could not be reached */
	FAIL_TRUNCATED,		/* the provider's answer ended too early */
	FAIL_BAD_ANSWER,	/* ... or made no sense */
	FAIL_CANCELED,
	FAIL_MEMORY,
	FAIL_KINDS,
};

enum fail_spent { FAIL_SPENT_UNSAID, FAIL_SPENT_REQUESTS, FAIL_SPENT_TOKENS };

/* Texts are escaped, `param` is plain ASCII, `details` is raw. */
struct fail {
	enum fail_kind	 kind;
	unsigned	 status;	/* the provider's, 0: none was seen */
	struct slice	 message;	/* what happened and what to do */
	struct slice	 param;		/* path of the offending member */
	struct slice	 code;		/* machine-readable; absent: by kind */
	struct slice	 type;		/* the provider's; absent: by kind */
	struct slice	 details;	/* JSON that the provider added */
	int64_t		 retry_after_ms;	/* -1: not said */
	bool		 no_retry;	/* the provider said not to try again */
	enum fail_spent	 spent;		/* RATE: what of, by its headers */
	uint64_t	 used, limit;	/* CONTEXT: tokens; 0: not said */
};

/* "rate_limited"; for logs, metrics and headers. */
const char	*fail_name(enum fail_kind);

/* May another target do better? */
bool		 fail_elsewhere(enum fail_kind);

/* The kind that an HTTP status from a provider stands for. */
enum fail_kind	 fail_of_status(unsigned status);

/*
 * Set *f to kind and a sentence.  `param` is NULL or names the member.  Both
 * are copied to the arena, the sentence escaped; it is cut at 511 bytes.
 * Returns false, so that a decoder can `return fail_set(...)`.  The first
 * failure wins: a set *f stays.
 */
bool	fail_set(struct fail *f, struct arena *, enum fail_kind,
	    const char *param, const char *fmt, ...)
	    __attribute__((format(printf, 5, 6)));
/* The same with a sentence of any length. */
bool	fail_say(struct fail *f, struct arena *, enum fail_kind,
	    const char *param, struct slice plain);

/*
 * What a provider's error body says, whatever its shape: OpenAI's and
 * Anthropic's objects, an error as string, {message}, {detail}, {code,message},
 * {base_resp}, an array holding one, one quoted inside another, HTML, nothing.
 * Recognises context overflow, quota, filters, unknown models and overload by
 * code and wording (fail_word.h).  Keys and addresses in the text are masked;
 * it is cut at 2,000 bytes.  Slices live in the arena.  A set *f stays.
 */
void	fail_read(struct fail *f, struct arena *, unsigned status,
	    struct slice body);

/* Is an object that should be an answer, and has none, an error? */
bool	fail_is_told(struct jval object);

#endif
