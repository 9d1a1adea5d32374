/*
 * One pass, no recursion.  What is known between two steps:
 *
 *	at	the next byte to look at; never past end
 *	run	what of the text is not in the skeleton yet starts here
 *	depth	containers that are open
 *	arrays	bit d: the container at depth d + 1 is an array
 *	fault	NULL until the first fault, which stands at `at`
 *	whole	after the last value that was whole, or after a bracket; there
 *		whole_depth containers were open, and they still are
 */
#include "json/check.h"

#include <string.h>

#include "base/check.h"
#include "base/utf8.h"
#include "json/plain.h"
#include "json/skeleton.h"

enum { LONG_STRING = 32 };	/* longer ones are emptied in the skeleton */

struct checker {
	const char	*at, *end, *run;
	struct skeleton	*sk;		/* NULL: none is wanted */
	const char	*fault;
	const char	*whole;
	unsigned	 whole_depth;
	uint64_t	 arrays[JSON_DEPTH_MAX / 64];
	unsigned	 depth, depth_max;
	uint32_t	 tokens, tokens_max;
};

/*
 * Note what is wrong at c->at.  At the end of the text it can only be that
 * there is no more of it.
 */
static bool
bad(struct checker *c, const char *why)
{
	c->fault = c->at == c->end ? "the text ends too early" : why;
	return false;
}

/* All up to here is whole, if a bracket were added for each open container. */
static void
whole(struct checker *c)
{
	c->whole = c->at;
	c->whole_depth = c->depth;
}

static void
skip_blanks(struct checker *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' ||
	    *c->at == '\r' || *c->at == '\t'))
		c->at++;
}

/* The next byte that is not blank, or NUL at the end. */
static char
peek(struct checker *c)
{
	skip_blanks(c);
	return c->at < c->end ? *c->at : '\0';
}

/* Counted before it is read, so that too many stop at the first too many. */
static bool
count_token(struct checker *c)
{
	if (c->tokens == c->tokens_max)
		return bad(c, "too many values");
	c->tokens++;
	return true;
}

/* Put the text up to `to` into the skeleton and go on after `skip` bytes. */
static void
copy_run(struct checker *c, const char *to, size_t skip)
{
	size_t len = (size_t)(to - c->run);

	if (len)
		memcpy(c->sk->text + c->sk->len, c->run, len);
	c->sk->len += len;
	c->run = to + skip;
}

/* The string [from, to) is long: the skeleton has it empty. */
static bool
cut_string(struct checker *c, const char *from, const char *to)
{
	struct skeleton *sk = c->sk;

	if (sk->count == sk->cap) {
		uint32_t cap = sk->cap ? sk->cap * 2 : 64;
		struct skeleton_cut *cuts = arena_resize(sk->arena, sk->cuts,
		    sk->cap * sizeof *cuts, cap * sizeof *cuts);

		if (!cuts)
			return bad(c, "out of memory");
		sk->cuts = cuts;
		sk->cap = cap;
	}
	copy_run(c, from, (size_t)(to - from));
	sk->cuts[sk->count++] = (struct skeleton_cut){
		(uint32_t)sk->len, (uint32_t)(to - from)
	};
	return true;
}

/* Step over one character that is not ASCII. */
static bool
take_utf8(struct checker *c)
{
	int len = utf8_next((struct slice){ c->at, (size_t)(c->end - c->at) });

	if (len < 0)
		return bad(c, "invalid UTF-8");
	c->at = len ? c->at + len : c->end;
	return true;
}

static bool
hex_digit(char c)
{
	char letter = (char)(c | 0x20);

	return (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'f');
}

/* What may follow a backslash. */
static bool
escape_letter(char c)
{
	switch (c) {
	case '"': case '\\': case '/':
	case 'b': case 'f': case 'n': case 'r': case 't': case 'u':
		return true;
	}
	return false;
}

static bool
take_escape(struct checker *c)
{
	c->at++;
	if (c->at == c->end || !escape_letter(*c->at))
		return bad(c, "unknown escape");
	if (*c->at++ != 'u')
		return true;
	for (int i = 0; i < 4; i++, c->at++)
		if (c->at == c->end || !hex_digit(*c->at))
			return bad(c, "\\u wants four hex digits");
	return true;
}

/* The byte at c->at stopped plain_end(), and is not the closing quote. */
static bool
take_special(struct checker *c)
{
	if (*c->at == '\\')
		return take_escape(c);
	if ((uint8_t)*c->at < 0x20)
		return bad(c, "control character in a string");
	return take_utf8(c);
}

/* A value or a name; c->at is at its opening quote. */
static bool
take_string(struct checker *c)
{
	const char *from = c->at + 1;

	if (!count_token(c))
		return false;
	c->at = from;
	for (;;) {
		c->at = plain_end(c->at, c->end);
		if (c->at == c->end)
			return bad(c, "string without end");
		if (*c->at == '"')
			break;
		if (!take_special(c))
			return false;
	}
	if (c->sk && c->at - from > LONG_STRING && !cut_string(c, from, c->at))
		return false;
	c->at++;
	return true;
}

/* At least one digit. */
static bool
take_digits(struct checker *c)
{
	const char *from = c->at;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
		c->at++;
	return c->at > from || bad(c, "expected a digit");
}

/* RFC 8259 6: no leading zero or plus, digits on both sides of the dot. */
static bool
take_number(struct checker *c)
{
	if (!count_token(c))
		return false;
	if (*c->at == '-')
		c->at++;
	if (c->at < c->end && *c->at == '0')
		c->at++;	/* after_value() refuses a digit behind it */
	else if (!take_digits(c))
		return false;
	if (c->at < c->end && *c->at == '.') {
		c->at++;
		if (!take_digits(c))
			return false;
	}
	if (c->at < c->end && (*c->at | 0x20) == 'e') {
		c->at++;
		if (c->at < c->end && (*c->at == '+' || *c->at == '-'))
			c->at++;
		return take_digits(c);
	}
	return true;
}

static bool
take_literal(struct checker *c, const char *word)
{
	if (!count_token(c))
		return false;
	for (; *word; word++, c->at++)
		if (c->at == c->end || *c->at != *word)
			return bad(c, "expected true, false or null");
	return true;
}

/* A member's name and its colon. */
static bool
take_key(struct checker *c)
{
	if (peek(c) != '"')
		return bad(c, "expected a member name");
	if (!take_string(c))
		return false;
	if (peek(c) != ':')
		return bad(c, "expected ':'");
	c->at++;
	return true;
}

static bool
in_array(const struct checker *c)
{
	unsigned d = c->depth - 1;

	return c->arrays[d / 64] >> d % 64 & 1;
}

/*
 * Step into a container, and over the first key of an object.  *opened says
 * whether a value must follow; an empty container is over at once.
 */
static bool
open_container(struct checker *c, bool array, bool *opened)
{
	uint64_t bit = (uint64_t)1 << c->depth % 64;

	if (c->depth == c->depth_max)
		return bad(c, "nested too deep");
	if (!count_token(c))
		return false;
	c->arrays[c->depth / 64] &= ~bit;
	if (array)
		c->arrays[c->depth / 64] |= bit;
	c->at++;
	if (peek(c) == (array ? ']' : '}')) {
		c->at++;
		return true;
	}
	c->depth++;
	whole(c);
	*opened = true;
	return array || take_key(c);
}

/* One value, of a container only the opening. */
static bool
take_value(struct checker *c, bool *opened)
{
	*opened = false;
	switch (peek(c)) {
	case '{':
		return open_container(c, false, opened);
	case '[':
		return open_container(c, true, opened);
	case '"':
		return take_string(c);
	case 't':
		return take_literal(c, "true");
	case 'f':
		return take_literal(c, "false");
	case 'n':
		return take_literal(c, "null");
	case '-':
	case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return take_number(c);
	default:
		return bad(c, "expected a value");
	}
}

/*
 * A value is over: close what closes here.  On success either depth is 0 or a
 * comma was seen, and in an object the next key, so that a value must follow.
 */
static bool
after_value(struct checker *c)
{
	while (c->depth) {
		bool array = in_array(c);
		char next;

		/* A number that ends with the text might have gone on. */
		if (c->at < c->end || strchr("\"]}", c->at[-1]))
			whole(c);
		next = peek(c);
		if (next == ',') {
			c->at++;
			return array || take_key(c);
		}
		if (next != (array ? ']' : '}'))
			return bad(c, array ? "expected ',' or ']'" :
			    "expected ',' or '}'");
		c->at++;
		c->depth--;
	}
	return true;
}

/* The whole text: values one after another until all containers are closed. */
static bool
take_text(struct checker *c)
{
	bool opened;

	do
		if (!take_value(c, &opened) || (!opened && !after_value(c)))
			return false;
	while (c->depth);
	peek(c);
	return c->at == c->end || bad(c, "expected the end of the text");
}

static bool
run(struct checker *c, struct slice text, uint32_t *tokens,
    struct json_fault *fault)
{
	c->at = c->run = c->whole = text.len ? text.ptr : "";
	c->end = c->at + text.len;
	*tokens = 0;
	*fault = (struct json_fault){ 0 };
	if (!take_text(c)) {
		fault->why = c->fault;
		fault->at = text.len - (size_t)(c->end - c->at);
		return false;
	}
	*tokens = c->tokens;
	return true;
}

bool
json_check(struct slice text, unsigned depth, uint32_t *tokens,
    struct json_fault *fault)
{
	struct checker c = { .depth_max = depth, .tokens_max = UINT32_MAX };

	CHECK(depth <= JSON_DEPTH_MAX);
	return run(&c, text, tokens, fault);
}

int
json_check_prefix(struct slice text, struct json_prefix *prefix)
{
	struct checker c = {
		.depth_max = JSON_DEPTH_MAX,
		.tokens_max = UINT32_MAX,
	};
	struct json_fault fault;
	uint32_t tokens;

	*prefix = (struct json_prefix){ .len = text.len };
	if (run(&c, text, &tokens, &fault))
		return 1;
	if (c.at < c.end)
		return -1;
	prefix->len = text.len - (size_t)(c.end - c.whole);
	prefix->depth = c.whole_depth;
	memcpy(prefix->arrays, c.arrays, sizeof c.arrays);
	return 0;
}

bool
skeleton_check(struct skeleton *sk, struct slice text, uint32_t *tokens,
    struct json_fault *fault)
{
	struct checker c = {
		.sk = sk,
		.depth_max = JSON_DEPTH_MAX,
		.tokens_max = sk->max_tokens,
	};

	sk->text = arena_text(sk->arena, text.len);
	if (!sk->text) {
		*fault = (struct json_fault){ .why = "out of memory" };
		return false;
	}
	if (!run(&c, text, tokens, fault))
		return false;
	copy_run(&c, c.end, 0);
	return true;
}

void
json_where(struct slice text, size_t at, unsigned *line, unsigned *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < at && i < text.len; i++) {
		(*column)++;
		if (text.ptr[i] == '\n') {
			(*line)++;
			*column = 1;
		}
	}
}
