/*
 * encode - what the writers of a Messages request share.
 *
 * encode.c decides the order of work and writes the top level, encode_think.c
 * plans the thinking, encode_tools.c chooses and writes tools, encode_order.c
 * brings the turns into order and encode_turns.c writes them, encode_cache.c
 * places the cache marks.
 */
#ifndef PROTO_MESSAGES_ENCODE_H
#define PROTO_MESSAGES_ENCODE_H

#include "json/write.h"
#include "proto/proto.h"

enum think_mode {
	THINK_UNSAID,		/* left to the model's default */
	THINK_OFF,
	THINK_FREELY,		/* adaptive */
	THINK_WITHIN,		/* enabled, with a budget */
	THINK_AT_TOOLS,		/* between_tools */
};

struct think_plan {
	enum think_mode	 mode;
	uint64_t	 budget;
	enum ir_effort	 effort;	/* UNSET: not sent */
	const char	*display;	/* NULL: not sent */
	bool		 bind;		/* drop blocks that do not fit */
	bool		 in_force;	/* the model may think */
};

struct sent_tool {
	struct ir_tool	*tool;
	struct slice	 cache;		/* as it is sent; or absent */
};

struct tool_plan {
	struct sent_tool *list;
	size_t		 count;
	bool		 stubs;		/* made up for the history */
	const char	*choice;	/* its type; NULL: not sent */
	bool		 hint;		/* words ask for a call in its place */
	struct slice	 name;		/* of the one chosen tool, as sent */
	bool		 one_at_a_time;
};

struct encoder {
	struct talk	*talk;
	struct arena	*arena;
	const struct quirks *quirks;
	struct ir_request request;	/* its turns and system are ours */
	struct writer	 w;
	uint64_t	 max_tokens;
	bool		 own_limit;	/* the client said no limit */
	struct think_plan think;
	struct tool_plan tools;
	struct slice	 format;	/* the schema to send; or absent */
};

/* The request lost something. */
void	messages_lost(struct encoder *, enum loss_action, const char *name);

/* The body needs this beta of Anthropic's. */
void	messages_add_beta(struct encoder *, struct slice name);

/*
 * Turns in the order Messages insists on, blocks that cannot be sent taken
 * out.  False: talk->fail is set, or no memory.
 */
bool	messages_order(struct encoder *) MUST_USE;
/* What may still be needed at the end; comes after the thinking was planned. */
bool	messages_order_end(struct encoder *) MUST_USE;
/* Does the answer go on with calls that were made without thinking? */
bool	messages_round_lacks_thinking(const struct encoder *);
bool	messages_has_thinking(const struct encoder *);

void	messages_write_system(struct encoder *);
void	messages_write_turns(struct encoder *);

bool	messages_is_forced(const struct encoder *);	/* to call a tool */
/* Which tools are sent, and what choice among them. */
bool	messages_plan_tools(struct encoder *) MUST_USE;
void	messages_write_choice(struct encoder *);
bool	messages_write_tools(struct encoder *) MUST_USE;

/* Needs the tool plan, and may change it; may raise a limit of our own. */
void	messages_plan_thinking(struct encoder *);
void	messages_write_thinking(struct encoder *);

/* At most four marks, long ones first; the one at the top level included. */
bool	messages_place_marks(struct encoder *) MUST_USE;

#endif
