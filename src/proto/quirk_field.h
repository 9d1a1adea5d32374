/*
 * quirk_field - the fields of struct quirks that have a published name.
 *
 * One table for the configuration and for what "dragoman check" prints.
 */
#ifndef PROTO_QUIRK_FIELD_H
#define PROTO_QUIRK_FIELD_H

#include "json/json.h"
#include "proto/quirk.h"

enum quirk_field_type {
	FIELD_IS_FLAG, FIELD_IS_BYTE, FIELD_IS_NUMBER, FIELD_IS_TEXT,
	FIELD_IS_WORD, FIELD_IS_BITS, FIELD_IS_EFFORTS,
};

struct quirk_field {
	const char	*name;
	enum quirk_field_type type;
	size_t		 offset;
	/* WORD: by value; BITS: by bit; set apart by spaces */
	const char	*words;
	/* a FLAG that is set false takes these members out, by spaces */
	const char	*members;
};

const struct quirk_field	*quirk_fields(size_t *count);
/* NULL: unknown; *near is then the nearest name, or NULL. */
const struct quirk_field	*quirk_field_find(struct slice name,
				    const char **near);

/*
 * Read its value.  What the setting points to lives in the arena.  NULL: done;
 * else what the value must be.
 */
const char	*quirk_field_read(struct arena *, const struct quirk_field *,
		    struct jval value, struct quirk_setting *);
void		 quirk_field_set(struct quirks *, const struct quirk_setting *);

/* Its value there, as the configuration spells it, into `out`. */
struct slice	quirk_field_text(const struct quirks *,
		    const struct quirk_field *, char *out, size_t size);
/* Is it one that Claude's models have?  Others are asked of Chat's alone. */
bool		quirk_field_claudes(const struct quirk_field *);
/* Is it the same in both? */
bool		quirk_field_same(const struct quirk_field *,
		    const struct quirks *, const struct quirks *);

#endif
