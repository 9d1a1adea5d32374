/*
 * verify - is this chain of certificates the server's we mean to talk to?
 *
 * An X.509 engine for BearSSL that stands in front of BearSSL's own.  It
 * gathers what the server shows, puts it in order, has BearSSL check dates,
 * signatures and the way to a trusted authority, and checks by itself: names,
 * IP addresses among them, and what the certificate may be used for.
 */
#ifndef NET_VERIFY_H
#define NET_VERIFY_H

#include <bearssl/inc/bearssl.h>

#include "base/buf.h"
#include "net/cert.h"
#include "net/trust.h"

/* Beside BearSSL's own error numbers, which end far below. */
enum {
	VERIFY_PURPOSE = 100,	/* not for TLS servers */
	VERIFY_NO_NAMES,	/* no subjectAltName */
	VERIFY_CONSTRAINED,	/* name constraints, which are not supported */
	VERIFY_CLOCK,		/* not yet valid: by a clock that is wrong */
	VERIFY_ODD,		/* malformed */
	VERIFY_SIZE,		/* longer than we are willing to read */
};

enum { VERIFY_HOST_MAX = 253 };

struct verify {
	const br_x509_class *vtable;	/* first: BearSSL knows us by it */
	/* private */
	br_x509_minimal_context minimal;
	char		 host[VERIFY_HOST_MAX + 1];
	unsigned char	 ip[16];
	size_t		 ip_len;	/* 0: the host has a name */
	struct buf	 bytes;		/* certificates, one after another */
	size_t		 lengths[CERT_CHAIN_MAX];
	size_t		 count;
	size_t		 missing;	/* of the one that comes in */
	size_t		 used;		/* how many BearSSL looked at */
	bool		 skipping, first_lost, trusted;
};

/* The authorities, for BearSSL. */
const br_x509_trust_anchor *verify_anchors(const struct trust *, size_t *count);

/*
 * Prepare for one handshake with `host`: a name without a dot at its end, or
 * an IP address.  The engine's signature code is used.  False: no such host.
 */
bool	verify_init(struct verify *, const struct trust *,
	    br_ssl_engine_context *, struct slice host) MUST_USE;
void	verify_free(struct verify *);		/* what was gathered */

#endif
