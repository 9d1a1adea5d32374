#include "net/identity.h"

#include <bearssl/inc/bearssl.h>

#include "base/hash.h"
#include "net/cert.h"
#include "net/pem.h"
#include "net/profile.h"

enum {
	CHAIN_MAX = 8,
	RSA_MIN = 2048, RSA_MAX = 4096,		/* bits */
};

struct identity {
	br_skey_decoder_context key;	/* what is decoded points into it */
	br_x509_certificate chain[CHAIN_MAX];
	size_t		 count;
};

/* --- certificates */

static bool
add_certificate(struct identity *id, struct arena *arena, struct slice body)
{
	br_x509_certificate *to = &id->chain[id->count];
	struct slice der;
	struct cert cert;

	if (!base64_decode(arena, body, &der) || !cert_parse(der, &cert))
		return false;
	to->data = (unsigned char *)(uintptr_t)der.ptr;
	to->data_len = der.len;
	id->count++;
	return true;
}

static const char *
read_chain(struct identity *id, struct arena *arena, struct slice text)
{
	struct slice body;
	int got;

	while ((got = pem_next(&text, &body)) != 0) {
		if (id->count == CHAIN_MAX)
			return "holds more than 8 certificates";
		if (got < 0 || !add_certificate(id, arena, body))
			return "holds a certificate that cannot be read";
	}
	return id->count ? NULL : "holds no certificate in PEM form "
	    "(-----BEGIN CERTIFICATE-----)";
}

/* --- the key */

static const char *
read_key(struct identity *id, struct slice text)
{
	struct arena scratch = { .secret = true };
	struct slice all = text, body, der;
	int error;

	if (pem_next_key(&text, &body) != 1)
		return "holds no private key in PEM form "
		    "(-----BEGIN PRIVATE KEY-----)";
	/* in the first line of a block, or in a header below it */
	if (slice_find(all, SLICE("ENCRYPTED")) != SIZE_MAX)
		return "holds a private key that is encrypted: give it without "
		    "a passphrase";
	if (!base64_decode(&scratch, body, &der)) {
		arena_reset(&scratch);
		return "holds a private key that is damaged";
	}
	br_skey_decoder_init(&id->key);
	br_skey_decoder_push(&id->key, der.ptr, der.len);
	error = br_skey_decoder_last_error(&id->key);
	arena_reset(&scratch);
	return error ? "holds a private key of a kind that is not supported: "
	    "RSA and ECDSA are" : NULL;
}

static bool
fits_rsa(const br_rsa_private_key *key, const struct cert *cert)
{
	br_rsa_compute_modulus modulus = br_rsa_compute_modulus_get_default();
	unsigned char n[RSA_MAX / 8];
	size_t len = modulus(NULL, key);

	return cert->key == CERT_KEY_RSA && len <= sizeof n &&
	    modulus(n, key) == len &&
	    slice_eq((struct slice){ (const char *)n, len }, cert->modulus);
}

static bool
fits_ec(const br_ec_private_key *key, const struct cert *cert)
{
	unsigned char point[BR_EC_KBUF_PUB_MAX_SIZE];
	size_t len = br_ec_compute_pub(br_ec_get_default(), NULL, point, key);

	return len && slice_eq((struct slice){ (const char *)point, len },
	    cert->point);
}

static const char *
check_fit(const struct identity *id)
{
	static const char other[] = "holds the key of another certificate";
	const br_rsa_private_key *rsa = br_skey_decoder_get_rsa(&id->key);
	const br_ec_private_key *ec = br_skey_decoder_get_ec(&id->key);
	struct cert cert;

	if (!cert_parse((struct slice){ (const char *)id->chain[0].data,
	    id->chain[0].data_len }, &cert))
		return other;
	if (rsa && (rsa->n_bitlen < RSA_MIN || rsa->n_bitlen > RSA_MAX))
		return "holds an RSA key that is not of 2048 to 4096 bits";
	if (rsa)
		return fits_rsa(rsa, &cert) ? NULL : other;
	return ec && fits_ec(ec, &cert) ? NULL : other;
}

/* --- */

struct identity *
identity_new(struct arena *arena, struct slice certificates,
    struct slice key, const char **why, bool *of_key)
{
	struct identity *id = arena_alloc(arena, sizeof *id);

	*of_key = false;
	*why = "cannot be kept: out of memory";
	if (!id)
		return NULL;
	*why = read_chain(id, arena, certificates);
	if (!*why) {
		*of_key = true;
		*why = read_key(id, key);
	}
	if (!*why)
		*why = check_fit(id);
	return *why ? NULL : id;
}

void
profile_show(br_ssl_server_context *server, const struct identity *id)
{
	const br_rsa_private_key *rsa = br_skey_decoder_get_rsa(&id->key);
	const br_ec_private_key *ec = br_skey_decoder_get_ec(&id->key);

	if (rsa)
		br_ssl_server_set_single_rsa(server, id->chain, id->count,
		    rsa, BR_KEYTYPE_SIGN, br_rsa_private_get_default(),
		    br_rsa_pkcs1_sign_get_default());
	else
		br_ssl_server_set_single_ec(server, id->chain, id->count, ec,
		    BR_KEYTYPE_SIGN, 0, br_ec_get_default(),
		    br_ecdsa_sign_asn1_get_default());
}
