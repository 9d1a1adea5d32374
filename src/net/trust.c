/*
 * A certificate of the bundle becomes an anchor: its subject and its key,
 * copied into the arena; the rest of it is not kept.  What is left out, and
 * counted: keys that BearSSL cannot use or that are too weak, and authorities
 * that are trusted for some names only, for we could not hold them to it.
 */
#include "net/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/log.h"
#include "net/pem.h"
#include "net/verify.h"

enum {
	FILE_MAX = 16 << 20,
	ANCHORS_MAX = 4096,
	RSA_MIN = 256, RSA_MAX = 512,	/* bytes: 2048 to 4096 bits */
};

struct trust {
	br_x509_trust_anchor *anchors;
	size_t		 count;
	const char	*source;
};

static const char *const places[] = {
	"/etc/ssl/certs/ca-certificates.crt",	/* Debian, Alpine, Arch */
	"/etc/pki/tls/certs/ca-bundle.crt",	/* Fedora, RHEL */
	"/etc/ssl/ca-bundle.pem",		/* openSUSE */
	"/etc/pki/tls/cacert.pem",
	"/etc/ssl/cert.pem",			/* BSD, old Alpine */
};

/* make CA_EMBEDDED=FILE puts a bundle into the program itself. */
#ifdef CA_EMBEDDED
__asm__(
    ".pushsection .rodata\n"
    "trust_embedded_begin: .incbin \"" CA_EMBEDDED "\"\n"
    "trust_embedded_end: .popsection\n");
extern const char trust_embedded_begin[] __attribute__((visibility("hidden")));
extern const char trust_embedded_end[] __attribute__((visibility("hidden")));

static struct slice
embedded(void)
{
	return (struct slice){ trust_embedded_begin,
	    (size_t)(trust_embedded_end - trust_embedded_begin) };
}
#else
static struct slice
embedded(void)
{
	return (struct slice){ 0 };
}
#endif

/* --- one certificate */

/* A copy that BearSSL may have; its pointers are not const. */
static bool
copy(struct arena *a, struct slice from, unsigned char **to, size_t *len)
{
	*to = (unsigned char *)arena_text(a, from.len);
	*len = from.len;
	if (!*to)
		return false;
	memcpy(*to, from.ptr, from.len);
	return true;
}

static bool
set_curve(struct arena *a, const struct cert *c, int curve, br_x509_pkey *key)
{
	key->key_type = BR_KEYTYPE_EC;
	key->key.ec.curve = curve;
	return copy(a, c->point, &key->key.ec.q, &key->key.ec.qlen);
}

static bool
set_rsa(struct arena *a, const struct cert *c, br_rsa_public_key *key)
{
	return copy(a, c->modulus, &key->n, &key->nlen) &&
	    copy(a, c->exponent, &key->e, &key->elen);
}

static bool
set_key(struct arena *a, const struct cert *c, br_x509_pkey *key)
{
	switch (c->key) {
	case CERT_KEY_RSA:
		if (c->modulus.len < RSA_MIN || c->modulus.len > RSA_MAX)
			return false;
		key->key_type = BR_KEYTYPE_RSA;
		return set_rsa(a, c, &key->key.rsa);
	case CERT_KEY_P256:
		return set_curve(a, c, BR_EC_secp256r1, key);
	case CERT_KEY_P384:
		return set_curve(a, c, BR_EC_secp384r1, key);
	case CERT_KEY_P521:
		return set_curve(a, c, BR_EC_secp521r1, key);
	case CERT_KEY_OTHER:
		break;
	}
	return false;
}

/* A certificate of no authority vouches for itself only: BearSSL knows that. */
static bool
set_anchor(struct arena *a, struct slice der, br_x509_trust_anchor *anchor)
{
	struct cert c;

	if (!cert_parse(der, &c) || c.has_constraints ||
	    !set_key(a, &c, &anchor->pkey))
		return false;
	anchor->flags = c.is_ca ? BR_X509_TA_CA : 0;
	return copy(a, c.subject, &anchor->dn.data, &anchor->dn.len);
}

/* --- a bundle */

static size_t
count_blocks(struct slice text)
{
	struct slice body;
	size_t n = 0;
	int got;

	while ((got = pem_next(&text, &body)) != 0 && n < ANCHORS_MAX)
		n += got > 0;
	return n;
}

/* False: not one usable authority, and `why` says what there was instead. */
static bool
read_bundle(struct arena *a, struct trust *t, struct slice text, char *why,
    size_t size)
{
	size_t blocks = count_blocks(text);
	struct arena scratch = { 0 };
	struct slice body, der;

	if (!blocks) {
		snprintf(why, size, "holds no certificate");
		return false;
	}
	t->anchors = arena_array(a, blocks, sizeof *t->anchors);
	t->count = 0;
	for (size_t i = 0; t->anchors && i < blocks;) {
		if (pem_next(&text, &body) < 0)
			continue;
		i++;
		if (base64_decode(&scratch, body, &der) &&
		    set_anchor(a, der, &t->anchors[t->count]))
			t->count++;
		arena_reset(&scratch);
	}
	if (a->failed)
		snprintf(why, size, "out of memory");
	else if (!t->count)
		snprintf(why, size, "none of its %zu certificates can be used",
		    blocks);
	else
		log_debug("trust: %zu of %zu certificates are in use",
		    t->count, blocks);
	return !a->failed && t->count > 0;
}

static bool
read_all(int fd, struct buf *text, char *why, size_t size)
{
	ssize_t n;

	do {
		char *to = buf_reserve(text, 64 * 1024);

		if (!to) {
			snprintf(why, size, "is too big");
			return false;
		}
		n = read(fd, to, buf_room(text));
		if (n > 0)
			buf_commit(text, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		snprintf(why, size, "%s", strerror(errno));
	return n == 0;
}

static bool
read_file(struct arena *a, struct trust *t, const char *path, char *why,
    size_t size)
{
	struct buf text = { .limit = FILE_MAX };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good;

	if (fd < 0) {
		snprintf(why, size, "%s", strerror(errno));
		return false;
	}
	good = read_all(fd, &text, why, size) &&
	    read_bundle(a, t, buf_slice(&text), why, size);
	buf_free(&text);
	close(fd);
	return good;
}

/* Somebody named this file: it must be good. */
static bool
read_named(struct arena *a, struct trust *t, const char *path, char *why,
    size_t size)
{
	char problem[96] = "";

	if (!read_file(a, t, path, problem, sizeof problem)) {
		snprintf(why, size, "%s: %s", path, problem);
		return false;
	}
	t->source = arena_cstr(a, slice_of(path));
	return t->source != NULL;
}

static bool
find(struct arena *a, struct trust *t, char *why, size_t size)
{
	char problem[96] = "";

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (access(places[i], F_OK) < 0)
			continue;
		t->source = places[i];
		if (read_file(a, t, places[i], problem, sizeof problem))
			return true;
		log_warn("%s: %s", places[i], problem);
	}
	t->source = "(embedded)";
	if (embedded().len)
		return read_bundle(a, t, embedded(), why, size);
	snprintf(why, size, "no bundle of certificate authorities was found: "
	    "set SSL_CERT_FILE, or install one as %s", places[0]);
	return false;
}

struct trust *
trust_load(struct arena *a, const char *file, char *why, size_t size)
{
	struct trust *t = arena_alloc(a, sizeof *t);
	bool good;

	if (!t) {
		snprintf(why, size, "out of memory");
		return NULL;
	}
	if (!file)
		file = getenv("SSL_CERT_FILE");
	good = file && *file ? read_named(a, t, file, why, size) :
	    find(a, t, why, size);
	return good ? t : NULL;
}

size_t
trust_count(const struct trust *t)
{
	return t->count;
}

const char *
trust_source(const struct trust *t)
{
	return t->source;
}

const br_x509_trust_anchor *
verify_anchors(const struct trust *t, size_t *count)
{
	*count = t->count;
	return t->anchors;
}
