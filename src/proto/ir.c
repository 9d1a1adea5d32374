#include "proto/ir.h"

/* A count that was said replaces one that was not, or an older one. */
static void
take_later(int64_t *count, int64_t later)
{
	if (later >= 0)
		*count = later;
}

struct ir_usage
ir_usage_none(void)
{
	return (struct ir_usage){ -1, -1, -1, -1, -1, false, -1 };
}

void
ir_usage_merge(struct ir_usage *usage, const struct ir_usage *later)
{
	take_later(&usage->in, later->in);
	take_later(&usage->cache_read, later->cache_read);
	take_later(&usage->cache_write, later->cache_write);
	take_later(&usage->cache_write_long, later->cache_write_long);
	take_later(&usage->out, later->out);
	take_later(&usage->reasoning, later->reasoning);
	if (later->in >= 0 || later->out >= 0)
		usage->estimated = later->estimated;
}

static void
add_count(int64_t *count, int64_t more)
{
	if (more >= 0)
		*count = *count < 0 ? more : *count + more;
}

void
ir_usage_add(struct ir_usage *usage, const struct ir_usage *more)
{
	add_count(&usage->in, more->in);
	add_count(&usage->cache_read, more->cache_read);
	add_count(&usage->cache_write, more->cache_write);
	add_count(&usage->cache_write_long, more->cache_write_long);
	add_count(&usage->out, more->out);
	add_count(&usage->reasoning, more->reasoning);
	usage->estimated |= more->estimated;
}

struct ir_turn *
ir_turn_add(struct ir_request *request, struct arena *arena,
    enum ir_role role)
{
	struct ir_turn *turn = arena_alloc(arena, sizeof *turn);

	if (!turn)
		return NULL;
	turn->role = role;
	if (request->last)
		request->last->next = turn;
	else
		request->first = turn;
	request->last = turn;
	return turn;
}

static struct ir_block *
new_block(struct arena *arena, enum ir_kind kind)
{
	struct ir_block *block = arena_alloc(arena, sizeof *block);

	if (!block)
		return NULL;
	block->kind = kind;
	block->text_offset = block->call_offset = -1;
	return block;
}

void
ir_turn_append(struct ir_turn *turn, struct ir_block *block)
{
	block->next = NULL;
	if (turn->first)
		turn->last->next = block;
	else
		turn->first = block;
	turn->last = block;
}

struct ir_block *
ir_block_add(struct ir_turn *turn, struct arena *arena, enum ir_kind kind)
{
	struct ir_block *block = new_block(arena, kind);

	if (!block)
		return NULL;
	ir_turn_append(turn, block);
	return block;
}

/*
 * Append `item` to a list whose first item knows the last, or one before it: a
 * hostile request may hold a million items, so nobody walks from the start.
 */
#define LIST_APPEND(list, item) do { \
	__typeof__(item) last_ = *(list) && (*(list))->tail ? \
	    (*(list))->tail : *(list); \
 \
	while (last_ && last_->next) \
		last_ = last_->next; \
	if (last_) \
		last_->next = (item); \
	else \
		*(list) = (item); \
	(*(list))->tail = (item); \
} while (0)

struct ir_block *
ir_block_new(struct ir_block **list, struct arena *arena, enum ir_kind kind)
{
	struct ir_block *block = new_block(arena, kind);

	if (block)
		LIST_APPEND(list, block);
	return block;
}

struct ir_tool *
ir_tool_add(struct ir_request *request, struct arena *arena)
{
	struct ir_tool *tool = arena_alloc(arena, sizeof *tool);

	if (!tool)
		return NULL;
	LIST_APPEND(&request->tools, tool);
	tool->index = (uint32_t)request->tool_count++;
	return tool;
}

bool
ir_text_add(struct ir_text **list, struct arena *arena, struct slice text)
{
	struct ir_text *item = arena_alloc(arena, sizeof *item);

	if (!item)
		return false;
	item->text = text;
	LIST_APPEND(list, item);
	return true;
}
