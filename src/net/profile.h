/*
 * profile - what this build speaks of TLS: version 1.2 with ECDHE, AES-GCM or
 * ChaCha20-Poly1305, SHA-2, and http/1.1 above it.
 */
#ifndef NET_PROFILE_H
#define NET_PROFILE_H

#include <bearssl/inc/bearssl.h>

#include "net/identity.h"

/* Set up an engine that is all zeros. */
void	profile_set(br_ssl_engine_context *);

/* identity.c: what this server shows of itself. */
void	profile_show(br_ssl_server_context *, const struct identity *);

#endif
