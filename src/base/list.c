#include "base/list.h"

static void
link_between(struct list *prev, struct list *node, struct list *next)
{
	node->prev = prev;
	node->next = next;
	prev->next = node;
	next->prev = node;
}

void
list_push(struct list *head, struct list *node)
{
	link_between(head, node, head->next);
}

void
list_append(struct list *head, struct list *node)
{
	link_between(head->prev, node, head);
}

/* A node that is in no list links to itself: then this changes nothing. */
void
list_del(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}
