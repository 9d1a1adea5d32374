/*
 * pem - the certificates and keys in a text file (RFC 7468).
 *
 * Knows the lines that begin and end a block.  Line ends may be LF or CR LF,
 * the last one may be missing, and any text may stand between blocks.
 */
#ifndef NET_PEM_H
#define NET_PEM_H

#include "base/slice.h"

/*
 * Take the next certificate off the front of *rest.  Returns 1 and sets *body
 * to its base64 text, 0 if there is none, or -1 if one begins and does not
 * end: *rest then goes on behind its first line.  *body lives as long as the
 * text does.
 */
int	pem_next(struct slice *rest, struct slice *body);
/* The same for private keys; in one with a passphrase base64 is not all. */
int	pem_next_key(struct slice *rest, struct slice *body);

#endif
