/*
 * Any bytes as a chain of certificates, each behind two bytes of length: what
 * is read lies inside, and a path never goes the same way twice.
 */
#include "base/check.h"
#include "net/cert.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct slice part, struct slice all)
{
	CHECK(!part.len || (part.ptr >= all.ptr &&
	    part.ptr + part.len <= all.ptr + all.len));
}

static void
look_at(const struct cert *c, struct slice der)
{
	inside(c->subject, der);
	inside(c->issuer, der);
	inside(c->modulus, der);
	inside(c->exponent, der);
	inside(c->point, der);
	inside(c->names, der);
	inside(c->purposes, der);
	CHECK(c->has_names || !cert_names_host(c, SLICE("a.example")));
	CHECK(c->has_names || !cert_names_ip(c, "\x7f\0\0\1", 4));
	CHECK(c->has_purposes || cert_serves(c));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { (const char *)data, size };
	struct cert certs[CERT_CHAIN_MAX] = { 0 };
	size_t path[CERT_CHAIN_MAX], n = 0, len, count;
	unsigned banned = 0, seen = 0;
	int choice;

	while (rest.len >= 2 && n < CERT_CHAIN_MAX) {
		struct slice der;

		len = (size_t)(unsigned char)rest.ptr[0] << 8 |
		    (unsigned char)rest.ptr[1];
		der = slice_sub(rest, 2, len);
		rest = slice_skip(rest, 2 + der.len);
		if (cert_parse(der, &certs[n]))
			look_at(&certs[n++], der);
	}
	if (!n)
		return 0;
	do {
		count = cert_path(certs, n, banned, path, &choice);
		CHECK(count >= 1 && count <= n && path[0] == 0);
		seen = 0;
		for (size_t i = 0; i < count; i++) {
			CHECK(path[i] < n && !(seen & 1u << path[i]));
			seen |= 1u << path[i];
		}
		CHECK(choice < 0 || seen & 1u << choice);
		if (choice >= 0)
			banned |= 1u << choice;
	} while (choice >= 0);
	return 0;
}
