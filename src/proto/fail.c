#include "proto/fail.h"

#include <stdarg.h>
#include <stdio.h>

#include "json/text.h"

static const struct {
	const char	*name;
	bool		 elsewhere;	/* may another target do better? */
} kinds[FAIL_KINDS] = {				/* ORDER fail */
	[FAIL_NONE] = { "none", false },
	[FAIL_INVALID] = { "invalid", false },
	[FAIL_UNSUPPORTED] = { "unsupported", true },
	[FAIL_CONTEXT] = { "context_length", true },
	[FAIL_TOO_LARGE] = { "too_large", false },
	[FAIL_AUTH] = { "auth", true },
	[FAIL_PERMISSION] = { "permission", true },
	[FAIL_NOT_FOUND] = { "not_found", true },
	[FAIL_METHOD] = { "method", false },
	[FAIL_CONFLICT] = { "conflict", true },
	[FAIL_RATE] = { "rate_limit", true },
	[FAIL_QUOTA] = { "quota", true },
	[FAIL_FILTERED] = { "filtered", false },
	[FAIL_OVERLOADED] = { "overloaded", true },
	[FAIL_SERVER] = { "server", true },
	[FAIL_TIMEOUT] = { "timeout", true },
	[FAIL_CONNECT] = { "connect", true },
	[FAIL_TRUNCATED] = { "truncated", true },
	[FAIL_BAD_ANSWER] = { "bad_answer", true },
	[FAIL_CANCELED] = { "canceled", false },
	[FAIL_MEMORY] = { "memory", false },
};

/* The first row that holds the status counts. */
static const struct {
	unsigned	from, to;
	enum fail_kind	kind;
} statuses[] = {
	{ 401, 401, FAIL_AUTH },
	{ 402, 402, FAIL_QUOTA },
	{ 403, 403, FAIL_PERMISSION },
	{ 404, 404, FAIL_NOT_FOUND },
	{ 405, 405, FAIL_METHOD },
	{ 408, 408, FAIL_TIMEOUT },
	{ 409, 409, FAIL_CONFLICT },
	{ 413, 413, FAIL_TOO_LARGE },
	{ 429, 429, FAIL_RATE },
	{ 499, 499, FAIL_CANCELED },
	{ 400, 499, FAIL_INVALID },
	{ 502, 502, FAIL_CONNECT },
	{ 503, 503, FAIL_OVERLOADED },
	{ 504, 504, FAIL_TIMEOUT },
	{ 520, 523, FAIL_CONNECT },
	{ 524, 524, FAIL_TIMEOUT },
	{ 529, 529, FAIL_OVERLOADED },
};

const char *
fail_name(enum fail_kind kind)
{
	return kinds[kind].name;
}

bool
fail_elsewhere(enum fail_kind kind)
{
	return kinds[kind].elsewhere;
}

enum fail_kind
fail_of_status(unsigned status)
{
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (statuses[i].from <= status && status <= statuses[i].to)
			return statuses[i].kind;
	return FAIL_SERVER;
}

bool
fail_say(struct fail *f, struct arena *arena, enum fail_kind kind,
    const char *param, struct slice plain)
{
	if (f->kind)
		return false;
	*f = (struct fail){
		.kind = kind,
		.message = arena_dup(arena, text_escape(arena, plain)),
		.param = param ? arena_dup(arena, slice_of(param)) :
		    (struct slice){ 0 },
		.retry_after_ms = -1,
	};
	/* without memory whatever seems wrong may be so for that alone */
	if (!f->message.len && plain.len) {
		f->kind = FAIL_MEMORY;
		f->message = SLICE(FAIL_NO_MEMORY);
	}
	return false;
}

bool
fail_set(struct fail *f, struct arena *arena, enum fail_kind kind,
    const char *param, const char *fmt, ...)
{
	char text[512];
	va_list args;

	if (f->kind)
		return false;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return fail_say(f, arena, kind, param, slice_of(text));
}
