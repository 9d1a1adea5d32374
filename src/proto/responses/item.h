/*
 * item - the output items of a Responses answer, as they grow and as JSON.
 *
 * An answer is a list of items: messages made of parts, reasoning, calls.  All
 * are kept until the end, as the last event of a stream tells them again.
 */
#ifndef PROTO_RESPONSES_ITEM_H
#define PROTO_RESPONSES_ITEM_H

#include "json/write.h"
#include "proto/gather.h"
#include "proto/proto.h"

enum item_type {			/* ORDER item */
	ITEM_MESSAGE, ITEM_REASONING, ITEM_FUNCTION, ITEM_CUSTOM,
	ITEM_TOOL_SEARCH, ITEM_LOCAL_SHELL, ITEM_SHELL, ITEM_APPLY_PATCH,
	ITEM_IMAGE, ITEM_RAW,
	ITEM_TYPES,
};

struct part {				/* of a message */
	struct part	*next;
	unsigned	 index;
	bool		 refusal;
	struct gather	 text;
	struct gather	 cites, logprobs;	/* elements of arrays */
	unsigned	 cite_count;
	size_t		 points;	/* code points of all text before it */
};

enum item_status { ITEM_IN_PROGRESS, ITEM_COMPLETED, ITEM_INCOMPLETE };

struct item {
	struct item	*next;
	enum item_type	 type;
	enum item_status status;
	unsigned	 index;
	struct slice	 id;
	struct part	*first, *last;	/* MESSAGE */
	struct slice	 phase;		/* MESSAGE */
	struct gather	 text;		/* REASONING; calls: their input */
	struct slice	 sealed;	/* REASONING: encrypted_content */
	/* calls: as the client knows the tool */
	struct slice	 call_id, name, space;
	struct slice	 raw;		/* IMAGE: base64; RAW: JSON */
};

/* "fc_"; empty for ITEM_RAW. */
const char	*item_prefix(enum item_type);
/* What calls of that tool are told as; NULL: a tool nobody declared. */
enum item_type	 item_of_tool(const struct ir_tool *, bool custom);

/*
 * The item as an object.  One in progress is told without what is yet to
 * come; `scratch` is for what must be put in other words.
 */
void	item_write(const struct item *, struct writer *, struct arena *scratch);
/* The last part of a message as an object; `begun`: nothing of it yet. */
void	item_write_part(const struct part *, struct writer *, bool begun);

/* What a call was given, escaped: "{}" where a function was given nothing. */
struct slice	 item_input(const struct item *);
/* Is the input of a call whole, as far as JSON tells? */
bool		 item_is_whole(const struct item *, struct arena *scratch);

#endif
