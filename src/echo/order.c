#include "echo/order.h"

#include "json/check.h"
#include "wire/url.h"

static const struct prompt_tool *
find(const struct prompt *a, struct slice name)
{
	for (size_t i = 0; i < a->tool_count; i++)
		if (slice_eq(a->tools[i].name, name))
			return &a->tools[i];
	return NULL;
}

/* What stands between the brackets; false: no order that can be obeyed. */
static bool
understand(struct order *order, const struct prompt *a, struct arena *arena,
    struct slice inner)
{
	struct slice name = slice_cut(&inner, ' ');
	struct json_fault fault;
	uint32_t tokens;

	order->tool = find(a, name);
	if (!order->tool || !url_decode(arena, inner, &order->arguments))
		return false;
	return order->tool->custom ||
	    (slice_starts(order->arguments, SLICE("{")) && json_check(
	    order->arguments, JSON_DEPTH_MAX, &tokens, &fault));
}

struct order *
order_read(const struct prompt *a, struct arena *arena, size_t *count)
{
	static const struct slice begin = SLICE_INIT("[[call ");
	struct slice text = a->answered ? a->results : a->heard;
	struct order *orders = arena_array(arena, ORDERS_MAX, sizeof *orders);
	size_t at;

	*count = 0;
	if (a->choice == CHOICE_NONE)
		return orders;
	while (orders && *count < ORDERS_MAX &&
	    (at = slice_find(text, begin)) != SIZE_MAX) {
		text = slice_skip(text, at + begin.len);
		*count += understand(&orders[*count], a, arena, slice_sub(text,
		    0, slice_find(text, SLICE("]]"))));
	}
	return orders;
}
