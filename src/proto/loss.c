#include "proto/loss.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PATH_MAX_LEN = 200 };

static const char *const actions[] = {		/* ORDER loss */
	[LOSS_DROPPED] = "dropped",
	[LOSS_CLAMPED] = "clamped",
	[LOSS_ADJUSTED] = "adjusted",
	[LOSS_EMULATED] = "emulated",
	[LOSS_RENAMED] = "renamed",
	[LOSS_INSERTED] = "inserted",
	[LOSS_REORDERED] = "reordered",
	[LOSS_DISABLED] = "disabled",
	[LOSS_TRUNCATED] = "truncated",
};

/* May `c` stand in a path?  Token characters of RFC 9110 5.6.2 and brackets. */
static bool
fits_path(char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~[]", c);
}

static bool
is_known(const struct losses *losses, enum loss_action action,
    struct slice path)
{
	const struct loss *loss;

	for (loss = losses->first; loss; loss = loss->next)
		if (loss->action == action && slice_eq(loss->path, path))
			return true;
	return false;
}

void
loss_add(struct losses *losses, struct arena *arena, enum loss_action action,
    const char *path_fmt, ...)
{
	char path[PATH_MAX_LEN];
	struct loss *loss;
	va_list args;

	va_start(args, path_fmt);
	vsnprintf(path, sizeof path, path_fmt, args);
	va_end(args);
	for (char *p = path; *p; p++)
		if (!fits_path(*p))
			*p = '_';
	if (losses->count == LOSS_MAX ||
	    is_known(losses, action, slice_of(path)))
		return;
	loss = arena_alloc(arena, sizeof *loss);
	if (!loss)
		return;		/* the arena's failure ends the request */
	loss->action = action;
	loss->path = arena_dup(arena, slice_of(path));
	if (losses->last)
		losses->last->next = loss;
	else
		losses->first = loss;
	losses->last = loss;
	losses->count++;
}

void
loss_print(const struct losses *losses, struct buf *out)
{
	size_t start = buf_len(out);
	const struct loss *loss;

	for (loss = losses->first; loss; loss = loss->next) {
		const char *action = actions[loss->action];
		size_t used = buf_len(out) - start;
		size_t more = loss->path.len + 1 + strlen(action);

		/* Room for "; " before it, and "; ..." after it if need be. */
		if (used + 2 + more + 5 > LOSS_HEADER_MAX) {
			buf_text(out, "...");
			return;
		}
		buf_append(out, loss->path);
		buf_byte(out, '=');
		buf_text(out, action);
		if (loss->next)
			buf_text(out, "; ");
	}
}

const char *
loss_action_name(enum loss_action action)
{
	return actions[action];
}
