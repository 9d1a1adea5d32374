/*
 * reason - the many spellings of "think this hard", and what models make of it.
 *
 * Clients say it in eight ways (OpenAI's, Anthropic's, OpenRouter's, Qwen's,
 * vLLM's ...), often in several at once; here they become one struct.  Where
 * two disagree the more specific one wins, member by member.
 */
#ifndef PROTO_REASON_H
#define PROTO_REASON_H

#include "json/json.h"
#include "proto/ir.h"
#include "proto/loss.h"

/* The level of that name; IR_EFFORT_UNSET if there is none. */
enum ir_effort	reason_effort(struct slice word);
/* "low"; not for UNSET. */
const char	*reason_effort_name(enum ir_effort);

/* The level that a budget of thinking tokens stands for. */
enum ir_effort	reason_of_budget(uint64_t tokens);

/*
 * The level to send where only `levels` (bit ir_effort, as quirks->efforts)
 * are known: the same, else the next lower, else the lowest.  UNSET for UNSET
 * and where no level is known.
 */
enum ir_effort	reason_nearest(unsigned levels, enum ir_effort);

/*
 * Read all spellings that Chat bodies hold: thinking, reasoning,
 * output_config.effort, reasoning_effort, enable_thinking, thinking_budget,
 * chat_template_kwargs, include_reasoning.  Effort or a budget alone means
 * "on".  What makes no sense is named in the losses.
 */
void	reason_read_chat(struct ir_reasoning *, struct arena *, struct losses *,
	    struct jval body);

/*
 * Read those of a Messages body: thinking and output_config.effort, then what
 * Chat bodies have.  Messages' own effort alone leaves `on` unset: it says how
 * hard to work, not that thinking is wanted.
 */
void	reason_read_messages(struct ir_reasoning *, struct arena *,
	    struct losses *, struct jval body);

#endif
