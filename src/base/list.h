/*
 * list - doubly linked, intrusive: the links stand inside the items.
 *
 * A list is a circle through its head.  A node that is in no list points to
 * itself; list_del() leaves it so, and is harmless on such a node.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list	*prev, *next;
};

#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

/* `it` walks the nodes; the body may list_del(it) and nothing else. */
#define LIST_EACH(it, head) \
	for (struct list *it = (head)->next, *it##_next = it->next; \
	    it != (head); it = it##_next, it##_next = it->next)

static inline void
list_init(struct list *l)
{
	l->prev = l->next = l;
}

static inline bool
list_empty(const struct list *l)
{
	return l->next == l;
}

/* Put `node`, which is in no list, at the front or at the back. */
void	list_push(struct list *head, struct list *node);
void	list_append(struct list *head, struct list *node);
void	list_del(struct list *node);

#endif
