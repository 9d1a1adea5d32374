/*
 * write - JSON text into a buf: commas by itself, no white space.
 *
 *	struct writer w = { .out = &buf };
 *	write_object(&w);
 *		write_key(&w, "role");  write_plain(&w, "user");
 *	write_end(&w);
 *
 * Failure is the buf's: test out->failed once.
 */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include "base/buf.h"
#include "json/bind.h"

struct writer {			/* all zeros but `out` */
	struct buf	*out;
	/* private */
	uint64_t	 arrays[2];	/* bit d: level d is an array */
	uint8_t		 depth;		/* at most JSON_DEPTH_MAX */
	bool		 comma;		/* the next item needs one before it */
};

void	write_object(struct writer *);
void	write_array(struct writer *);
void	write_end(struct writer *);	/* of the innermost of the two */
void	write_key(struct writer *, const char *plain_ascii);
void	write_key_text(struct writer *, struct slice escaped);

/* A string that is escaped already; two that are escaped here. */
void	write_text(struct writer *, struct slice escaped);
void	write_plain(struct writer *, const char *text);
void	write_string(struct writer *, struct slice plain);
/* One string made of escaped pieces: _begin, any number of _piece, _end. */
void	write_text_begin(struct writer *);
void	write_text_piece(struct writer *, struct slice escaped);
void	write_text_end(struct writer *);
/* A whole value, copied; min: without the white space outside its strings. */
void	write_raw(struct writer *, struct slice json);
void	write_min(struct writer *, struct slice json);
void	write_u64(struct writer *, uint64_t);
void	write_i64(struct writer *, int64_t);
void	write_bool(struct writer *, bool);
void	write_null(struct writer *);

/* Shorthands for a key and its value. */
void	write_member_text(struct writer *, const char *key,
	    struct slice escaped);
void	write_member_plain(struct writer *, const char *key, const char *text);
void	write_member_raw(struct writer *, const char *key, struct slice json);
void	write_member_u64(struct writer *, const char *key, uint64_t);
void	write_member_bool(struct writer *, const char *key, bool);
void	write_member_null(struct writer *, const char *key);

/*
 * Print the scalar fields (TEXT NUM UINT FLAG RAW) that are set, as members.
 * A slice with a pointer is set, even if empty; a UINT of 0 is not.
 */
void	write_fields(struct writer *, const struct field *, const void *from);

#endif
