/*
 * trust - the certificate authorities that providers' certificates must lead
 * to.
 *
 * Loaded once, before the workers are forked, and only read after that.
 */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include "base/arena.h"

struct trust;

/*
 * Read a PEM bundle: `file` if not NULL (then it must be good), else
 * $SSL_CERT_FILE, else the places where systems keep it, else the bundle
 * embedded at build if there is one.  A bundle without one usable authority
 * is refused.  NULL: `why` (256 bytes are enough) says which and what is wrong.
 */
struct trust	*trust_load(struct arena *, const char *file, char *why,
		    size_t size) MUST_USE;
size_t		 trust_count(const struct trust *);
/* Where they came from: a path, or "(embedded)". */
const char	*trust_source(const struct trust *);

#endif
