/*
 * cert - what a certificate says (RFC 5280), as far as we must know it.
 *
 * Reads DER, checks no signature and hardly a date: that is BearSSL's part.  It
 * is here for what BearSSL leaves out: IP addresses as names, what a key may be
 * used for, chains that come in disorder.  Whatever is odd is refused.
 */
#ifndef NET_CERT_H
#define NET_CERT_H

#include "base/slice.h"

enum cert_key { CERT_KEY_OTHER, CERT_KEY_RSA, CERT_KEY_P256, CERT_KEY_P384,
	CERT_KEY_P521 };

/* All slices point into the DER. */
struct cert {
	struct slice	 subject, issuer;	/* names, with their head */
	enum cert_key	 key;
	struct slice	 modulus, exponent;	/* RSA, without leading zeros */
	struct slice	 point;			/* of an elliptic curve */
	struct slice	 begins;		/* YYMMDD... or YYYYMMDD... */
	struct slice	 names;			/* inside of subjectAltName */
	struct slice	 purposes;		/* inside of extKeyUsage */
	bool		 has_names, has_purposes;
	bool		 has_constraints;	/* nameConstraints */
	bool		 is_ca;
};

/* False: this is not a certificate, or not one that we can read. */
bool	cert_parse(struct slice der, struct cert *);

/* Does subjectAltName hold this host name, or one with a wildcard for it? */
bool	cert_names_host(const struct cert *, struct slice host);
/* Does it hold this IP address, n bytes in network order, exactly? */
bool	cert_names_ip(const struct cert *, const void *ip, size_t n);
/* Is it valid only after this moment?  No more is said of its dates here. */
bool	cert_begins_after(const struct cert *, int64_t wall_s);
/* May it be used for a TLS server: no extKeyUsage, or one that allows that? */
bool	cert_serves(const struct cert *);

/*
 * The way up from certs[0], by issuer and subject, through those of the n <=
 * CERT_CHAIN_MAX certs that are not in the bit set `banned`.  Fills path[]
 * with their places and returns how many.  *choice is the place of the last
 * one that another could have stood in for, or -1.
 */
enum { CERT_CHAIN_MAX = 12 };
size_t	cert_path(const struct cert *certs, size_t n, unsigned banned,
	    size_t path[CERT_CHAIN_MAX], int *choice);

#endif
