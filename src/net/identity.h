/*
 * identity - what a TLS server shows of itself: certificates, and the private
 * key that goes with the first of them.
 *
 * Reads PEM: the chain, the server's own certificate first; and the key, RSA
 * or ECDSA with P-256, P-384 or P-521, in PKCS#8, PKCS#1 or SEC1.
 */
#ifndef NET_IDENTITY_H
#define NET_IDENTITY_H

#include "base/arena.h"

struct identity;

/*
 * Copied into the arena, which should be a secret one; the texts may go.  NULL:
 * *why says what is wrong, and never what is in the key; *of_key tells with
 * which of the texts.
 */
struct identity	*identity_new(struct arena *, struct slice certificates,
		    struct slice key, const char **why, bool *of_key)
		    MUST_USE;

#endif
