#include "proto/loss_place.h"

#include <stdio.h>

#include "proto/proto.h"
#include "proto/turns.h"

enum { PLACE_MAX = 96 };

static bool
from(const struct losses *losses, enum protocol_id client)
{
	unsigned ways = (1u << LOSS_PROTOCOLS) - 1;

	return losses->way & ways << LOSS_PROTOCOLS * client;
}

/* Calls and results of Responses are items of their own. */
static bool
print_item(char *place, const struct ir_block *b)
{
	if (b->message >= TURNS_REMINDER)
		return false;
	if (b->inside)
		snprintf(place, PLACE_MAX, "messages[%u].output[%u]",
		    b->message, b->inside - 1);
	else if (b->kind != IR_CALL && b->kind != IR_RESULT &&
	    b->kind != IR_THINK && b->kind != IR_REDACTED)
		return false;
	else
		snprintf(place, PLACE_MAX, "messages[%u]", b->message);
	return true;
}

/* Chat's calls and results are no parts of a message's content. */
static void
print_block(char *place, const struct ir_block *b, bool chat)
{
	if (b->message >= TURNS_REMINDER)
		snprintf(place, PLACE_MAX, "messages");
	else if (chat && b->kind == IR_RESULT)
		snprintf(place, PLACE_MAX, "messages[%u]", b->message);
	else if (chat && b->kind == IR_CALL)
		snprintf(place, PLACE_MAX, "messages[%u].tool_calls[%u]",
		    b->message, b->part);
	else if (b->inside)
		snprintf(place, PLACE_MAX, "messages[%u].content[%u]"
		    ".content[%u]", b->message, b->part, b->inside - 1);
	else
		snprintf(place, PLACE_MAX, "messages[%u].content[%u]",
		    b->message, b->part);
}

void
loss_place_block(struct losses *losses, struct arena *arena,
    enum loss_action action, const struct ir_block *b, const char *member)
{
	char place[PLACE_MAX];

	if (!from(losses, PROTO_RESPONSES) || !print_item(place, b))
		print_block(place, b, from(losses, PROTO_CHAT));
	loss_add(losses, arena, action, "%s%s%s", place, *member ? "." : "",
	    member);
}

/* The object in which Chat puts what is said of a tool, or NULL: in itself. */
static const char *
shell_of(const struct ir_tool *tool)
{
	static const char *const shells[] = { "function", "custom" };

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (jval_is(jval_get(tool->self, shells[i]), JSON_OBJECT))
			return shells[i];
	return NULL;
}

void
loss_place_tool(struct losses *losses, struct arena *arena,
    enum loss_action action, const struct ir_request *request,
    const struct ir_tool *tool, const char *member)
{
	const char *list = request->legacy_functions ? "functions" : "tools";
	const char *shell = *member ? shell_of(tool) : NULL;

	loss_add(losses, arena, action, "%s[%u]%s%s%s%s", list, tool->index,
	    shell ? "." : "", shell ? shell : "", *member ? "." : "", member);
}
