#include "proto/loss.h"

#include <stdio.h>

#include "tables.h"

/* All ways out of a protocol, or (to) into it, but the one to itself. */
static unsigned
ways_of(int protocol, bool to)
{
	unsigned ways = 0;

	for (int other = 0; other < PROTO_COUNT; other++)
		if (other != protocol)
			ways |= to ? LOSS_WAY(other, protocol) :
			    LOSS_WAY(protocol, other);
	return ways;
}

/* Sets of ways that have a name; false: this is none. */
static bool
print_set(unsigned ways)
{
	unsigned all = 0, same = 0;

	for (int p = 0; p < PROTO_COUNT; p++) {
		same |= LOSS_WAY(p, p);
		all |= ways_of(p, true) | LOSS_WAY(p, p);
		if (ways == ways_of(p, true) || ways == ways_of(p, false)) {
			printf("%s %s", ways == ways_of(p, true) ? "to" :
			    "from", table_protocols[p]);
			return true;
		}
	}
	if (ways != all && ways != same && ways != (all & ~same))
		return false;
	printf("%s", ways == all ? "any" : ways == same ? "passed on" :
	    "translated");
	return true;
}

static void
print_ways(unsigned ways)
{
	const char *comma = "";
	unsigned rest = ways;

	if (print_set(ways))
		return;
	for (int i = 0; i < 2 * PROTO_COUNT; i++) {
		bool to = i < PROTO_COUNT;
		unsigned set = ways_of(i % PROTO_COUNT, to);

		if (set & ~ways)
			continue;
		printf("%s%s %s", comma, to ? "to" : "from",
		    table_protocols[i % PROTO_COUNT]);
		rest &= ~set;
		comma = ", ";
	}
	ways = rest;
	for (int from = 0; from < PROTO_COUNT; from++)
		for (int to = 0; to < PROTO_COUNT; to++)
			if (ways & LOSS_WAY(from, to)) {
				printf("%s%s → %s", comma,
				    table_protocols[from], table_protocols[to]);
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
