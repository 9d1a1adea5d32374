/*
 * identity: a chain and its key in PEM, whole, cut anywhere, damaged anywhere.
 * All kinds of keys are in tests/e2e/https.test.mjs.
 */
#include "net/identity.h"

#include "net/pem.h"
#include "test.h"

/* Of P-256, made for this test, and good for nothing else. */
static const char cert[] =
"-----BEGIN CERTIFICATE-----\n"
"MIIBbzCCARWgAwIBAgIUb92oZj80vWyRleHjxxzgkf/+CvMwCgYIKoZIzj0EAwIw\n"
"DDEKMAgGA1UEAwwBdDAgFw0yNjExMjExOTI0MDZaGA8yMTI2MTAyODE5MjQwNlow\n"
"DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABI8Jo48/SOpr\n"
"ppX5NLXC/GH9yNiolhfzxWxsSztfPkcxAtyLOzwBGXByosBcb3C7/V2MGi0Fepzi\n"
"8tTwbaK+xm6jUzBRMB0GA1UdDgQWBBToV/WUpC+iREGEbs7SCuyKUSty5TAfBgNV\n"
"HSMEGDAWgBToV/WUpC+iREGEbs7SCuyKUSty5TAPBgNVHRMBAf8EBTADAQH/MAoG\n"
"CCqGSM49BAMCA0gAMEUCIBuwlNGAXhNTXtIZKVdnOScA3f/ZAGFTwkXBU5ZnfjoY\n"
"AiEAoUcsxF5f4Dn6bh03PQj6jvmsi9XpSNJhKiwx7FNPuVA=\n"
"-----END CERTIFICATE-----\n";
static const char pkcs8[] =
"-----BEGIN PRIVATE KEY-----\n"
"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4i53KZoVtqSLT9Hh\n"
"zyoHezLQ37HVvL8bm61HIzHMCMqhRANCAASPCaOPP0jqa6aV+TS1wvxh/cjYqJYX\n"
"88VsbEs7Xz5HMQLcizs8ARlwcqLAXG9wu/1djBotBXqc4vLU8G2ivsZu\n"
"-----END PRIVATE KEY-----\n";
static const char sec1[] =
"-----BEGIN EC PRIVATE KEY-----\n"
"MHcCAQEEIOIudymaFbaki0/R4c8qB3sy0N+x1by/G5utRyMxzAjKoAoGCCqGSM49\n"
"AwEHoUQDQgAEjwmjjz9I6mumlfk0tcL8Yf3I2KiWF/PFbGxLO18+RzEC3Is7PAEZ\n"
"cHKiwFxvcLv9XYwaLQV6nOLy1PBtor7Gbg==\n"
"-----END EC PRIVATE KEY-----\n";
static const char other[] =
"-----BEGIN PRIVATE KEY-----\n"
"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4Cx6v2vu2wHYZu1H\n"
"y3q49X60Kp25vtuzaRbKwsjtcTyhRANCAAR3j5h4vg1wjDVH/PA5BOFR0fxrRYLO\n"
"2YDRtdQp08657YlwMlOnSBU+lydONMGwrXEjKNFO5UGWkfeu9lmDv8Rz\n"
"-----END PRIVATE KEY-----\n";

/* NULL if it is good, else why it is not. */
static const char *
refusal(struct slice certificates, struct slice key, bool *of_key)
{
	struct arena arena = { .secret = true };
	const char *why = NULL;
	struct identity *id = identity_new(&arena, certificates, key, &why,
	    of_key);

	CHECK(!id == (why != NULL));
	arena_reset(&arena);
	return why;
}

static void
good_ones(void)
{
	char text[4096];
	bool of_key;

	CHECK(!refusal(slice_of(cert), slice_of(pkcs8), &of_key));
	CHECK(!refusal(slice_of(cert), slice_of(sec1), &of_key));
	/* any text may stand around the blocks, and both in one file */
	snprintf(text, sizeof text, "of the server:\n%s\r\nits key:\n%s",
	    cert, sec1);
	CHECK(!refusal(slice_of(text), slice_of(text), &of_key));
	snprintf(text, sizeof text, "%s%s", cert, cert);
	CHECK(!refusal(slice_of(text), slice_of(pkcs8), &of_key));
}

static void
bad_ones(void)
{
	char many[8192] = "";
	bool of_key;

	CHECK(strstr(refusal(slice_of(cert), slice_of(other), &of_key),
	    "another certificate") && of_key);
	CHECK(strstr(refusal(SLICE(""), slice_of(pkcs8), &of_key),
	    "no certificate") && !of_key);
	CHECK(strstr(refusal(slice_of(cert), slice_of(cert), &of_key),
	    "no private key") && of_key);
	CHECK(strstr(refusal(slice_of(cert), SLICE("Proc-Type: 4,ENCRYPTED\n"
	    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
	    &of_key), "encrypted"));
	for (int i = 0; i < 9; i++)
		memcpy(many + strlen(many), cert, sizeof cert);
	CHECK(strstr(refusal(slice_of(many), slice_of(pkcs8), &of_key),
	    "more than 8") && !of_key);
}

/* What is cut off before the end of its block is no key and no certificate. */
static void
cut_anywhere(void)
{
	struct slice whole = slice_of(cert), key = slice_of(pkcs8);
	bool of_key;

	for (size_t n = 0; n < whole.len - 1; n++) {
		char *copy = guard_page(cert, n);

		CHECK(refusal((struct slice){ copy, n }, key, &of_key));
		CHECK(!of_key);
		guard_page_free(copy, n);
	}
	for (size_t n = 0; n < key.len - 1; n++) {
		char *copy = guard_page(pkcs8, n);

		CHECK(refusal(whole, (struct slice){ copy, n }, &of_key));
		CHECK(of_key);
		guard_page_free(copy, n);
	}
}

/* Another digit somewhere is another key, or none. */
static void
damaged_anywhere(void)
{
	char text[sizeof pkcs8];
	size_t from = (size_t)(strchr(pkcs8, '\n') - pkcs8) + 1;
	size_t to = (size_t)(strstr(pkcs8, "-----END") - pkcs8);
	bool of_key;

	for (size_t i = from; i < to; i++) {
		memcpy(text, pkcs8, sizeof text);
		text[i] = text[i] == 'A' ? 'B' : 'A';
		/* the public half that goes with it is not looked at */
		(void)refusal(slice_of(cert), slice_of(text), &of_key);
	}
	memcpy(text, pkcs8, sizeof text);
	text[from + 50] = text[from + 50] == 'A' ? 'B' : 'A';
	CHECK(refusal(slice_of(cert), slice_of(text), &of_key) && of_key);
}

static void
keys_in_a_text(void)
{
	char text[4096];
	struct slice rest, body;

	snprintf(text, sizeof text, "%s%s%s", sec1, cert, pkcs8);
	rest = slice_of(text);
	CHECK(pem_next_key(&rest, &body) == 1);
	CHECK(slice_starts(body, SLICE("MHcC")));
	CHECK(pem_next_key(&rest, &body) == 1);
	CHECK(slice_starts(body, SLICE("MIGH")));
	CHECK(pem_next_key(&rest, &body) == 0);
	rest = SLICE("-----BEGIN EC PARAMETERS-----\nBggq\n"
	    "-----END EC PARAMETERS-----\n");
	CHECK(pem_next_key(&rest, &body) == 0);
	rest = SLICE("-----BEGIN PRIVATE KEY-----\nMIGH\n"
	    "-----BEGIN PRIVATE KEY-----\n");
	CHECK(pem_next_key(&rest, &body) == -1);
}

TESTS(
	{ "good ones", good_ones },
	{ "bad ones", bad_ones },
	{ "cut anywhere", cut_anywhere },
	{ "damaged anywhere", damaged_anywhere },
	{ "keys in a text", keys_in_a_text })
