#include "proto/loss.h"

#include <stdio.h>

#include "proto/proto.h"
#include "tables.h"

static const char *const protocols[PROTO_COUNT] = {
	[PROTO_CHAT] = "Chat", [PROTO_MESSAGES] = "Messages",
};

/* The ways of a row; all of them are "any". */
static void
print_ways(unsigned ways)
{
	const char *comma = "";
	unsigned missing = 0;

	for (int from = 0; from < PROTO_COUNT; from++)
		for (int to = 0; to < PROTO_COUNT; to++)
			missing += !(ways & LOSS_WAY(from, to));
	if (!missing) {
		printf("any");
		return;
	}
	for (int from = 0; from < PROTO_COUNT; from++)
		for (int to = 0; to < PROTO_COUNT; to++)
			if (ways & LOSS_WAY(from, to)) {
				printf("%s%s → %s", comma, protocols[from],
				    protocols[to]);
				comma = ", ";
			}
}

static void
print_actions(unsigned actions)
{
	const char *comma = "";

	for (int a = 0; a < LOSS_ACTIONS; a++)
		if (actions & 1u << a) {
			printf("%s%s", comma, loss_action_name(a));
			comma = ", ";
		}
}

/* Rows that say the same of several members are one row of the README. */
static bool
goes_on(const struct loss_row *row, const struct loss_row *next)
{
	return next->why == row->why && next->ways == row->ways &&
	    next->actions == row->actions;
}

void
table_losses(void)
{
	size_t n;
	const struct loss_row *row = loss_table(&n), *end = row + n - 1;

	puts("| member | way | becomes | why |");
	puts("|---|---|---|---|");
	while (row < end) {
		printf("| `%s`", row->path);
		while (row + 1 < end && goes_on(row, row + 1)) {
			row++;
			printf(", `%s`", row->path);
		}
		printf(" | ");
		print_ways(row->ways);
		printf(" | ");
		print_actions(row->actions);
		printf(" | %s |\n", row->why);
		row++;
	}
}
