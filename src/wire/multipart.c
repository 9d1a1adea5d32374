#include "wire/multipart.h"

enum { BOUNDARY_MAX = 70 };

/* The value of a parameter, without its quotes; ptr NULL: not there. */
static struct slice
parameter(struct slice field, const char *name)
{
	struct slice rest = field;

	(void)slice_cut(&rest, ';');
	while (rest.ptr) {
		struct slice value = slice_cut(&rest, ';');
		struct slice key = slice_trim(slice_cut(&value, '='));

		if (!value.ptr || !slice_eq_ci(key, slice_of(name)))
			continue;
		value = slice_trim(value);
		if (value.len >= 2 && *value.ptr == '"' &&
		    value.ptr[value.len - 1] == '"')
			value = slice_sub(value, 1, value.len - 2);
		return value;
	}
	return (struct slice){ 0 };
}

bool
multipart_boundary(struct slice type, struct slice *boundary)
{
	struct slice rest = type;

	if (!slice_eq_ci(slice_trim(slice_cut(&rest, ';')),
	    SLICE("multipart/form-data")))
		return false;
	*boundary = parameter(type, "boundary");
	return boundary->len > 0 && boundary->len <= BOUNDARY_MAX;
}

/*
 * Where "\r\n--boundary" begins, from `at` on; SIZE_MAX: not in it, or what
 * follows is not there yet and may belong to a longer word.
 */
static size_t
find_end(struct slice body, size_t at, struct slice boundary)
{
	struct slice rest;

	while (at <= body.len) {
		size_t n = slice_find(slice_skip(body, at), SLICE("\r\n--"));

		if (n == SIZE_MAX)
			return SIZE_MAX;
		at += n;
		rest = slice_skip(body, at + 4);
		if (slice_starts(rest, boundary) && rest.len > boundary.len &&
		    slice_chr(SLICE("\r- \t"), rest.ptr[boundary.len]) !=
		    SIZE_MAX)
			return at;
		at += 2;
	}
	return SIZE_MAX;
}

/* Is `head` of the field `name`, and not of a file? */
static bool
is_field(struct slice head, const char *name)
{
	while (head.ptr) {
		struct slice value = slice_cut(&head, '\n');
		struct slice key = slice_cut(&value, ':');

		if (value.ptr && slice_eq_ci(slice_trim(key),
		    SLICE("content-disposition")))
			return slice_is(parameter(value, "name"), name) &&
			    !parameter(value, "filename").ptr;
	}
	return false;
}

/* At a delimiter: 1 = *content begins behind the part's head, which is it. */
static int
open_part(struct slice body, size_t at, struct slice boundary,
    struct slice *head, size_t *content)
{
	struct slice rest = slice_skip(body, at + 2 + boundary.len);
	size_t n;

	if (rest.len < 2)
		return 0;
	if (slice_starts(rest, SLICE("--")))
		return -1;
	n = slice_find(slice_sub(rest, 0, MULTIPART_HEAD_MAX),
	    SLICE("\r\n\r\n"));
	if (n == SIZE_MAX)
		return rest.len < MULTIPART_HEAD_MAX ? 0 : -1;
	*head = slice_sub(rest, 0, n);
	*content = (size_t)(rest.ptr - body.ptr) + n + 4;
	return 1;
}

int
multipart_field(struct multipart *m, struct slice body, struct slice boundary,
    const char *name, struct slice *value)
{
	struct slice head;
	size_t content, end;
	int got;

	for (;;) {
		if (m->inside) {
			end = find_end(body, m->at, boundary);
			if (end == SIZE_MAX) {
				/* its beginning may be there already */
				if (body.len > m->at + boundary.len + 5)
					m->at = body.len - boundary.len - 5;
				return 0;
			}
			m->at = end + 2;
			m->inside = false;
		}
		if (body.len < m->at + 2 + boundary.len)
			return 0;
		if (!slice_starts(slice_skip(body, m->at), SLICE("--")) ||
		    !slice_starts(slice_skip(body, m->at + 2), boundary)) {
			if (m->at)
				return -1;
			m->inside = true;	/* before them all */
			continue;
		}
		got = open_part(body, m->at, boundary, &head, &content);
		if (got < 1)
			return got;
		if (!is_field(head, name)) {
			m->at = content - 2;
			m->inside = true;
			continue;
		}
		end = find_end(body, content - 2, boundary);
		if (end == SIZE_MAX)
			return body.len - content > MULTIPART_VALUE_MAX ? -1
			    : 0;
		*value = slice_sub(body, content,
		    end > content ? end - content : 0);
		m->at = end + 2;
		return value->len <= MULTIPART_VALUE_MAX ? 1 : -1;
	}
}
