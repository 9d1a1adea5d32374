#include "net/profile.h"

static const uint16_t aes_first[] = {
	BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
};

static const uint16_t chacha_first[] = {
	BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
};

/*
 * RSA before ECDSA for servers that have both: this BearSSL verifies it in
 * half the time.  Without AES instructions ChaCha20 is the faster cipher, and
 * the engine's AES in plain C the slower one.
 */
static void
set_suites(br_ssl_engine_context *eng)
{
	if (br_aes_x86ni_ctr_get_vtable())
		br_ssl_engine_set_suites(eng, aes_first,
		    sizeof aes_first / sizeof *aes_first);
	else
		br_ssl_engine_set_suites(eng, chacha_first,
		    sizeof chacha_first / sizeof *chacha_first);
}

/*
 * No SHA-1 anywhere, and no renegotiation.  Entropy is the caller's part: this
 * BearSSL would be content with what the CPU says is random.
 */
void
profile_set(br_ssl_engine_context *eng)
{
	static const char *protocols[] = { "http/1.1" };

	br_ssl_engine_set_versions(eng, BR_TLS12, BR_TLS12);
	set_suites(eng);
	br_ssl_engine_set_default_rsavrfy(eng);
	br_ssl_engine_set_default_ecdsa(eng);
	br_ssl_engine_set_hash(eng, br_sha256_ID, &br_sha256_vtable);
	br_ssl_engine_set_hash(eng, br_sha384_ID, &br_sha384_vtable);
	br_ssl_engine_set_hash(eng, br_sha512_ID, &br_sha512_vtable);
	br_ssl_engine_set_prf_sha256(eng, &br_tls12_sha256_prf);
	br_ssl_engine_set_prf_sha384(eng, &br_tls12_sha384_prf);
	br_ssl_engine_set_default_aes_gcm(eng);
	br_ssl_engine_set_default_chapol(eng);
	br_ssl_engine_add_flags(eng, BR_OPT_NO_RENEGOTIATION);
	br_ssl_engine_set_protocol_names(eng, protocols, 1);
}
