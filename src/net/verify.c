/*
 * BearSSL's engine wants the chain from the leaf upwards without a gap, and
 * accepts any host when it is given no name.  So it is run only after all has
 * been gathered, over certificates in order; and for an IP address, where it
 * must run without a name, our own check stands: `trusted` is only set when
 * both said yes, and without it there is no key for the handshake to go on.
 */
#include "net/verify.h"

#include <netinet/in.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "net/sock.h"

enum {
	BYTES_MAX = 64 * 1024,		/* of all certificates together */
	TRIES = 6,			/* ways up that are tried */
	RSA_MIN = 256,			/* bytes of the modulus: RSA-2048 */
	SKEW_S = 100,			/* a clock that is late by so much */
	DAY_S = 86400,
	DAYS_TO_1970 = 719528,		/* from year 0 */
};

static struct verify *
self(const br_x509_class **ctx)
{
	return container_of(ctx, struct verify, vtable);
}

/* --- gathering */

static void
start_chain(const br_x509_class **ctx, const char *server_name)
{
	struct verify *v = self(ctx);

	(void)server_name;		/* verify_init() knows it */
	buf_clear(&v->bytes);
	v->count = 0;
	v->first_lost = v->trusted = false;
}

/* Certificates beyond the bounds are left out: strays, with any luck. */
static void
start_cert(const br_x509_class **ctx, uint32_t length)
{
	struct verify *v = self(ctx);

	v->missing = length;
	v->skipping = v->count == CERT_CHAIN_MAX ||
	    length > BYTES_MAX - buf_len(&v->bytes);
	if (v->skipping && v->count == 0)
		v->first_lost = true;
}

static void
append(const br_x509_class **ctx, const unsigned char *bytes, size_t len)
{
	struct verify *v = self(ctx);

	if (v->skipping || len > v->missing)
		return;
	v->missing -= len;
	buf_append(&v->bytes, (struct slice){ (const char *)bytes, len });
}

static void
end_cert(const br_x509_class **ctx)
{
	struct verify *v = self(ctx);
	size_t before = 0;

	if (v->skipping)
		return;
	for (size_t i = 0; i < v->count; i++)
		before += v->lengths[i];
	v->lengths[v->count++] = buf_len(&v->bytes) - before;
}

/* --- judging */

/*
 * The certificates as slices, and read.  One that cannot be read is a stray
 * with no name: nothing leads to it.  Only the first must be good.
 */
static bool
read_all(const struct verify *v, struct slice *ders, struct cert *certs)
{
	struct slice rest = buf_slice(&v->bytes);
	static const struct slice nobody = SLICE_INIT("?");

	for (size_t i = 0; i < v->count; i++) {
		ders[i] = slice_sub(rest, 0, v->lengths[i]);
		rest = slice_skip(rest, v->lengths[i]);
		if (cert_parse(ders[i], &certs[i]))
			continue;
		if (i == 0)
			return false;
		certs[i] = (struct cert){ .subject = nobody };
	}
	return true;
}

/* Names in the subject itself are not taken (RFC 9525 2). */
static unsigned
check_leaf(const struct verify *v, const struct cert *c)
{
	bool named;

	if (!c->has_names)
		return VERIFY_NO_NAMES;
	named = v->ip_len ? cert_names_ip(c, v->ip, v->ip_len) :
	    cert_names_host(c, slice_of(v->host));
	return named ? 0 : BR_ERR_X509_BAD_SERVER_NAME;
}

/* Every one of them must be fit to vouch for TLS servers, as the leaf is. */
static unsigned
check_uses(const struct cert *certs, const size_t *path, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!cert_serves(&certs[path[i]]))
			return VERIFY_PURPOSE;
		if (certs[path[i]].has_constraints)
			return VERIFY_CONSTRAINED;
	}
	return 0;
}

/* Runs until BearSSL has decided; v->used says after how many of them. */
static unsigned
run_minimal(struct verify *v, const struct slice *ders, const size_t *path,
    size_t n, int64_t at_s)
{
	const br_x509_class **inner = &v->minimal.vtable;
	const br_x509_class *class = *inner;

	br_x509_minimal_set_time(&v->minimal,
	    (uint32_t)(at_s / DAY_S + DAYS_TO_1970), (uint32_t)(at_s % DAY_S));
	class->start_chain(inner, v->ip_len ? NULL : v->host);
	for (v->used = 0; v->used < n && !v->minimal.err; v->used++) {
		struct slice der = ders[path[v->used]];

		class->start_cert(inner, (uint32_t)der.len);
		class->append(inner, (const unsigned char *)der.ptr, der.len);
		class->end_cert(inner);
	}
	return class->end_chain(inner);
}

/*
 * A certificate made a moment ago by a machine whose clock is ahead of ours
 * is not yet valid: look again from a little later.  One that has expired
 * stays so.  Nobody shows one that begins far in the future: our clock is late.
 */
static unsigned
run_in_time(struct verify *v, const struct slice *ders,
    const struct cert *leaf, const size_t *path, size_t n)
{
	int64_t now = clock_wall_s();
	unsigned error = run_minimal(v, ders, path, n, now);

	if (error == BR_ERR_X509_EXPIRED)
		error = run_minimal(v, ders, path, n, now + SKEW_S);
	if (error == BR_ERR_X509_EXPIRED && (now < CLOCK_SET_S ||
	    cert_begins_after(leaf, now)))
		return VERIFY_CLOCK;
	return error;
}

/*
 * Several certificates may have the subject that is looked for (an authority
 * signed by two others): when one way fails, the next is tried.
 */
static unsigned
find_way(struct verify *v, const struct slice *ders, const struct cert *certs)
{
	size_t path[CERT_CHAIN_MAX];
	unsigned banned = 0, error = 0, first = 0;

	for (int i = 0; i < TRIES; i++) {
		int choice;
		size_t n = cert_path(certs, v->count, banned, path, &choice);

		error = run_in_time(v, ders, certs, path, n);
		if (!error)
			error = check_uses(certs, path, v->used);
		if (!error)
			return 0;
		if (!first)
			first = error;
		if (choice < 0)
			break;
		banned |= 1u << choice;
	}
	return first;
}

static unsigned
end_chain(const br_x509_class **ctx)
{
	struct verify *v = self(ctx);
	struct slice ders[CERT_CHAIN_MAX];
	struct cert certs[CERT_CHAIN_MAX];
	unsigned error;

	if (v->first_lost || v->bytes.failed)
		return VERIFY_SIZE;
	if (!v->count)
		return BR_ERR_X509_EMPTY_CHAIN;
	if (!read_all(v, ders, certs))
		return VERIFY_ODD;
	error = check_leaf(v, &certs[0]);
	if (!error)
		error = find_way(v, ders, certs);
	v->trusted = error == 0;
	return error;
}

static const br_x509_pkey *
get_pkey(const br_x509_class *const *ctx, unsigned *usages)
{
	const struct verify *v = container_of(ctx, const struct verify, vtable);
	const br_x509_class *const *inner = &v->minimal.vtable;

	return v->trusted ? (*inner)->get_pkey(inner, usages) : NULL;
}

static const br_x509_class verify_class = {
	.context_size = sizeof(struct verify),
	.start_chain = start_chain,
	.start_cert = start_cert,
	.append = append,
	.end_cert = end_cert,
	.end_chain = end_chain,
	.get_pkey = get_pkey,
};

/* --- for others */

/* An IP address as the bytes a certificate holds; false: it is a name. */
static bool
set_ip(struct verify *v, struct slice host)
{
	struct sock_address a;
	const struct sockaddr_in6 *v6 = (const void *)&a.storage;
	const struct sockaddr_in *v4 = (const void *)&a.storage;

	if (!sock_parse_ip(host, 0, &a))
		return false;
	if (a.storage.ss_family == AF_INET) {
		v->ip_len = sizeof v4->sin_addr;
		memcpy(v->ip, &v4->sin_addr, v->ip_len);
	} else {
		v->ip_len = sizeof v6->sin6_addr;
		memcpy(v->ip, &v6->sin6_addr, v->ip_len);
	}
	return true;
}

bool
verify_init(struct verify *v, const struct trust *trust,
    br_ssl_engine_context *eng, struct slice host)
{
	br_x509_minimal_context *m = &v->minimal;
	size_t count;
	const br_x509_trust_anchor *anchors = verify_anchors(trust, &count);

	*v = (struct verify){ .vtable = &verify_class };
	if (!host.len || !slice_to_cstr(host, v->host, sizeof v->host))
		return false;
	(void)set_ip(v, host);
	br_x509_minimal_init(m, &br_sha256_vtable, anchors, count);
	br_x509_minimal_set_rsa(m, br_ssl_engine_get_rsavrfy(eng));
	br_x509_minimal_set_ecdsa(m, br_ssl_engine_get_ec(eng),
	    br_ssl_engine_get_ecdsa(eng));
	br_x509_minimal_set_hash(m, br_sha256_ID, &br_sha256_vtable);
	br_x509_minimal_set_hash(m, br_sha384_ID, &br_sha384_vtable);
	br_x509_minimal_set_hash(m, br_sha512_ID, &br_sha512_vtable);
	br_x509_minimal_set_minrsa(m, RSA_MIN);
	return true;
}

void
verify_free(struct verify *v)
{
	if (v)
		buf_free(&v->bytes);
}
