/*
 * trust - the certificate authorities that providers' certificates must lead to.
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
 * embedded at build if there is one.  NULL: `why` (SOCK_NAME * 2 bytes are enough) says what was tried and
 * what is wrong; a bundle without one usable authority is refused.
 */
struct trust	*trust_load(struct arena *, const char *file, char *why, size_t size) MUST_USE;
size_t		 trust_count(const struct trust *);
const char	*trust_source(const struct trust *);	/* path, or "(embedded)" */

#endif
