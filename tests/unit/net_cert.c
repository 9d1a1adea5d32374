/*
 * Certificates: what is read from them, bundles of them, and chains in order.
 * Those below were made for this test and expire, which nothing here checks.
 */
#include "net/cert.h"

#include <bearssl/inc/bearssl.h>

#include <fcntl.h>

#include "base/buf.h"
#include "base/hash.h"
#include "net/alert.h"
#include "net/pem.h"
#include "net/trust.h"
#include "net/verify.h"
#include "test.h"

static const char	authority[] =
"-----BEGIN CERTIFICATE-----\n"
"MIIBTTCB9KADAgECAhRhBHhuhZa2pIgSEdaUd54M+CAxVjAKBggqhkjOPQQDAjAN\n"
"MQswCQYDVQQDDAJjYTAeFw0yNjExMjEwOTM0NTNaFw0zNjExMTgwOTM0NTNaMA0x\n"
"CzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuo3zdQE92tJB\n"
"/9dR1SCNXKRWAiarcs17WMqKpJvQAIn9W94hVe1ZtCzjukl2pYKr3Z/NiQobiMxb\n"
"pJcQj9TEOaMyMDAwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUQeXSK5Z3OQws\n"
"n1t81v880t1ZA30wCgYIKoZIzj0EAwIDSAAwRQIgVGSHGicAruvNs/AsmHoEAyXp\n"
"ASHXAH1OqI696BvGTFoCIQD2JuWechuWhx9/E7vlFYHLvh8pRm3WHsrtNemHlCEQ\n"
"MQ==\n"
"-----END CERTIFICATE-----\n";
static const char	leaf[] =
"-----BEGIN CERTIFICATE-----\n"
"MIIB3zCCAYWgAwIBAgIUNP24gPQe/cIymMkY9buldOxCAC8wCgYIKoZIzj0EAwIw\n"
"DTELMAkGA1UEAwwCY2EwHhcNMjYxMTIxMDkzNDUzWhcNMzYxMTE4MDkzNDUzWjAP\n"
"MQ0wCwYDVQQDDARsZWFmMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEElHih53V\n"
"wkliCXkqxbuk94mKUTb56szEUmv8NkblhWY0vuCYWBFVFy/KCsbxCZ3cBb5P5l5t\n"
"4S02akXwjUHB1KOBwDCBvTBcBgNVHREEVTBTggtvbmUuZXhhbXBsZYINKi50d28u\n"
"ZXhhbXBsZYcEwAACB4cQIAENuAAAAAAAAAAAAAAAB4ELeEB5LmV4YW1wbGWGEGh0\n"
"dHA6Ly96LmV4YW1wbGUwHQYDVR0lBBYwFAYIKwYBBQUHAwIGCCsGAQUFBwMBMB0G\n"
"A1UdDgQWBBSMZcXMvBxY+JUOQ549L/RUOO8nKTAfBgNVHSMEGDAWgBRB5dIrlnc5\n"
"DCyfW3zW/zzS3VkDfTAKBggqhkjOPQQDAgNIADBFAiBbgeec+J3n8hC5i8aJPZ64\n"
"R/ZeCLl31kB/SMmyLXSXdAIhAP7Ow3d44KuxMneuzLbGnkDNCHlr8zugh5AZz6k1\n"
"ZkP7\n"
"-----END CERTIFICATE-----\n";
static const char	client[] =
"-----BEGIN CERTIFICATE-----\n"
"MIIBiTCCAS+gAwIBAgIUNrc3C5Xvj0MxkDRpUwUK6pOJV/owCgYIKoZIzj0EAwIw\n"
"DTELMAkGA1UEAwwCY2EwHhcNMjYxMTIxMDkzNDUzWhcNMzYxMTE4MDkzNDUzWjAR\n"
"MQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQNi3pu\n"
"ymPI9OAGBMx2Yche//mEO/eAzeaND0VuWgziaBk4CrxQbh1NjJF/f5InD62LQDj+\n"
"InnL0OGIagS6gYNZo2kwZzATBgNVHSUEDDAKBggrBgEFBQcDAjAQBgNVHR4ECTAH\n"
"oAUwA4IBeDAdBgNVHQ4EFgQUQRJwJiR4ILv5pADSyCUFlhEjsLgwHwYDVR0jBBgw\n"
"FoAUQeXSK5Z3OQwsn1t81v880t1ZA30wCgYIKoZIzj0EAwIDSAAwRQIhAPXHMHKx\n"
"MB2efML8yuNHjsQFo0I9HeUJ3N/CIAuXRcOtAiBsfxobnAXnit/QeemnHkL/djdY\n"
"FaYJuC994DjNQQGIyA==\n"
"-----END CERTIFICATE-----\n";
static const char	weak[] =
"-----BEGIN CERTIFICATE-----\n"
"MIIB2TCCAUKgAwIBAgIUK8fhAsxED59Q9HM1J7thdpMLbZAwDQYJKoZIhvcNAQEL\n"
"BQAwDzENMAsGA1UEAwwEd2VhazAeFw0yNjExMjEwOTM0NTNaFw0zNjExMTgwOTM0\n"
"NTNaMA8xDTALBgNVBAMMBHdlYWswgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGB\n"
"AMtqrIrA72xMVU2ErMT2RAQL+D4fw3iuEl4tVCDIHMBosoWv4sKPQROTK2Zx2hy4\n"
"0PvCXC3iFgn7yN5eOqYyNlhGt0ZKOiDZ41a6unsrsOVO7vbtd9TuoXLvD0E6Y+t1\n"
"byRfKfyjorKTweB+hcgI5gqKCpYRJu6gvixGnHLxj927AgMBAAGjMjAwMA8GA1Ud\n"
"EwEB/wQFMAMBAf8wHQYDVR0OBBYEFJeKTpLeVvlLRLFSaQEFQTLqTRSeMA0GCSqG\n"
"SIb3DQEBCwUAA4GBAKQ2B62LXj2oM6w38jlSTNZDFFL+MfK28b4NMdJWlE9bT766\n"
"S22tVw+VKlHr6p5zWUhwjazxBKq7qqxa6T9HSF6vSt94R9ohOzQcQUlIjfXvDuXK\n"
"NCXJce0YcVktLpRQ+SZRkgxOj+p5NkkYgMSil+4PCNxkIzSmk3aENHim6uNx\n"
"-----END CERTIFICATE-----\n";

static struct slice
der_of(struct arena *a, const char *pem)
{
	struct slice rest = slice_of(pem), body, der;

	CHECK(pem_next(&rest, &body) == 1);
	CHECK(base64_decode(a, body, &der));
	return der;
}

/* --- PEM */

/* How many blocks are found, and how many begin without an end. */
static void
count(const char *text, int want_good, int want_bad)
{
	size_t len = strlen(text);
	char *copy = guard_page(text, len);
	struct slice rest = { copy, len }, body;
	int good = 0, bad = 0, got;

	while ((got = pem_next(&rest, &body)) != 0 && good + bad < 100)
		got > 0 ? good++ : bad++;
	if (good != want_good || bad != want_bad)
		printf("%s: %d, %d\n", text, good, bad);
	CHECK(good == want_good && bad == want_bad);
	guard_page_free(copy, len);
}

#define B "-----BEGIN CERTIFICATE-----"
#define E "-----END CERTIFICATE-----"

static void
splits_bundles(void)
{
	count("", 0, 0);
	count(B "\nAAAA\n" E "\n", 1, 0);
	count(B "\nAAAA\n" E, 1, 0);			/* no last newline */
	count(B "\r\nAAAA\r\n" E "\r\n", 1, 0);
	count("# words\n" B "\nAA\n" E "\nmore\n" B "\nAA\n" E "\n#", 2, 0);
	count("  " B " \nAA\n\t" E " \n", 1, 0);
	count(B "\nAA\n", 0, 1);
	count(B, 0, 1);
	count(B "\nAA\n" B "\nAA\n" E "\n", 1, 1);
	count("-----BEGIN RSA PRIVATE KEY-----\nAA\n"
	    "-----END RSA PRIVATE KEY-----\n" B "\nAA\n" E, 1, 0);
	count(B "\nAA\n-----END RSA PRIVATE KEY-----\n", 0, 1);
	count("x" B "\nAA\n" E "\n", 0, 0);
}

/* --- DER */

static void
reads_a_leaf(void)
{
	static const unsigned char v4[] = { 192, 0, 2, 7 };
	unsigned char v6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 7 };
	struct arena a = { 0 };
	struct cert c, ca;

	CHECK(cert_parse(der_of(&a, leaf), &c));
	CHECK(cert_parse(der_of(&a, authority), &ca));
	CHECK(slice_eq(c.issuer, ca.subject));
	CHECK(slice_eq(ca.issuer, ca.subject));
	CHECK(!slice_eq(c.subject, ca.subject));
	CHECK(ca.is_ca && !c.is_ca);
	CHECK(cert_begins_after(&c, 10));
	CHECK(!cert_begins_after(&c, INT64_C(4000000000)));
	c.begins = SLICE("491231235959Z");
	CHECK(cert_begins_after(&c, INT64_C(2524607998)));
	CHECK(!cert_begins_after(&c, INT64_C(2524607999)));
	c.begins = SLICE("500101000000Z");		/* of 1950 */
	CHECK(!cert_begins_after(&c, 0));
	c.begins = SLICE("20500101000000Z");
	CHECK(cert_begins_after(&c, INT64_C(2524607999)));
	CHECK(!cert_begins_after(&c, INT64_C(2524608000)));
	c.begins = SLICE("5001");			/* no time at all */
	CHECK(!cert_begins_after(&c, 0));
	CHECK(c.key == CERT_KEY_P256 && c.point.len == 65);
	CHECK(c.has_names && !ca.has_names && !c.has_constraints);
	CHECK(cert_serves(&c) && cert_serves(&ca));
	CHECK(cert_names_ip(&c, v4, 4));
	CHECK(cert_names_ip(&c, v6, 16));
	CHECK(!cert_names_ip(&c, v6, 4));
	CHECK(!cert_names_ip(&c, v4, 3));
	CHECK(!cert_names_ip(&c, v4, 0));
	v6[15] = 8;
	CHECK(!cert_names_ip(&c, v6, 16));
	CHECK(!cert_names_ip(&ca, v4, 4));
	arena_reset(&a);
}

static void
reads_names(void)
{
	static const struct {
		const char	*host;
		bool		 named;
	} all[] = {
		{ "one.example", true }, { "ONE.Example", true },
		{ "a.two.example", true }, { "b-c.TWO.example", true },
		{ "two.example", false }, { ".two.example", false },
		{ "a.b.two.example", false }, { "a.one.example", false },
		{ "*.two.example", true },	/* the text itself */
		{ "leaf", false },		/* it is the subject's name */
		{ "one.example.", false }, { "", false },
		{ "x@y.example", false }, { "http://z.example", false },
		{ "192.0.2.7", false },
	};
	struct arena a = { 0 };
	struct cert c;

	CHECK(cert_parse(der_of(&a, leaf), &c));
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		CHECK(cert_names_host(&c, slice_of(all[i].host)) ==
		    all[i].named);
	arena_reset(&a);
}

static void
reads_limits_and_keys(void)
{
	struct arena a = { 0 };
	struct cert c;

	CHECK(cert_parse(der_of(&a, client), &c));
	CHECK(!cert_serves(&c));
	CHECK(c.has_constraints);
	CHECK(cert_parse(der_of(&a, weak), &c));
	CHECK(c.key == CERT_KEY_RSA && c.is_ca);
	CHECK(c.modulus.len == 128 && c.exponent.len == 3);
	CHECK_BYTES(c.exponent.ptr, c.exponent.len, "\1\0\1", 3);
	arena_reset(&a);
}

/* Cut anywhere it is refused; with any byte changed nothing breaks. */
static void
damaged_certificates(void)
{
	struct arena a = { 0 };
	struct slice der = der_of(&a, leaf);
	struct cert c;
	char *copy;

	for (size_t len = 0; len < der.len; len++) {
		copy = guard_page(der.ptr, len);
		CHECK(!cert_parse((struct slice){ copy, len }, &c));
		guard_page_free(copy, len);
	}
	copy = guard_page(der.ptr, der.len);
	for (size_t i = 0; i < der.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			copy[i] = (char)(copy[i] ^ 1 << bit);
			if (cert_parse((struct slice){ copy, der.len }, &c)) {
				(void)cert_names_host(&c, SLICE("a.b"));
				(void)cert_names_ip(&c, "1234", 4);
				(void)cert_serves(&c);
			}
			copy[i] = (char)(copy[i] ^ 1 << bit);
		}
	CHECK(cert_parse((struct slice){ copy, der.len }, &c));
	guard_page_free(copy, der.len);
	copy = malloc(der.len + 1);
	CHECK(copy);
	memcpy(copy, der.ptr, der.len);
	copy[der.len] = 0;
	CHECK(!cert_parse((struct slice){ copy, der.len + 1 }, &c));
	free(copy);
	arena_reset(&a);
}

/* --- chains */

/* Each certificate is two letters: subject and issuer. */
static void
path_is(const char *text, unsigned banned, const char *want, int want_choice)
{
	struct cert certs[CERT_CHAIN_MAX] = { 0 };
	size_t path[CERT_CHAIN_MAX], n = (strlen(text) + 1) / 3, len;
	char got[CERT_CHAIN_MAX + 1] = "";
	int choice;

	for (size_t i = 0; i < n; i++) {
		certs[i].subject = (struct slice){ text + i * 3, 1 };
		certs[i].issuer = (struct slice){ text + i * 3 + 1, 1 };
	}
	len = cert_path(certs, n, banned, path, &choice);
	for (size_t i = 0; i < len; i++)
		got[i] = (char)('0' + path[i]);
	CHECK_BYTES(got, len, want, strlen(want));
	CHECK(choice == want_choice);
}

static void
chains_in_order(void)
{
	path_is("ab bc cc", 0, "012", -1);
	path_is("ab cc bc", 0, "021", -1);	/* odd order */
	path_is("ab xy bc zz cc", 0, "024", -1);	/* strays */
	path_is("aa", 0, "0", -1);
	path_is("aa ab", 0, "0", -1);
	path_is("ab", 0, "0", -1);
	path_is("ab cd", 0, "0", -1);		/* a gap */
	path_is("ab ba", 0, "01", -1);		/* a circle */
	path_is("ab bc cb", 0, "012", -1);
	path_is("ab bc bd cc dd", 0, "013", 1);	/* two ways */
	path_is("ab bc bd cc dd", 1 << 1, "024", -1);
	path_is("ab bb bc cc", 0, "01", 1);
	path_is("ab bb bc cc", 1 << 1, "023", -1);
}

/* --- bundles */

static char	file[] = "/tmp/net_cert.XXXXXX";

static void
write_file(const char *one, const char *two, const char *three)
{
	int fd = open(file, O_WRONLY | O_TRUNC);
	const char *parts[] = { one, two, three };

	CHECK(fd >= 0);
	for (int i = 0; i < 3; i++) {
		size_t len = strlen(parts[i]);

		CHECK(write(fd, parts[i], len) == (ssize_t)len);
	}
	close(fd);
}

/* NULL for `want_why`: loads, with `anchors` authorities. */
static void
loads(const char *one, const char *two, const char *three, size_t anchors,
    const char *want_why)
{
	struct arena a = { 0 };
	char why[256] = "";
	struct trust *t;

	write_file(one, two, three);
	t = trust_load(&a, file, why, sizeof why);
	if ((t == NULL) != (want_why != NULL))
		printf("    %s\n", why);
	CHECK((t == NULL) == (want_why != NULL));
	if (t) {
		CHECK(trust_count(t) == anchors);
		CHECK(!strcmp(trust_source(t), file));
	} else {
		CHECK(strstr(why, want_why) && strstr(why, file));
	}
	arena_reset(&a);
}

static void
loads_bundles(void)
{
	int fd = mkstemp(file);

	CHECK(fd >= 0);
	close(fd);
	loads(authority, "", "", 1, NULL);
	loads("words\n", authority, leaf, 2, NULL);
	loads(weak, authority, client, 1, NULL);	/* two are no use */
	loads(B "\nnot base64!\n" E "\n", authority, "", 1, NULL);
	loads(B "\nAAAA\n" E "\n", authority, "", 1, NULL);
	loads(B "\nAAAA\n", authority, "", 1, NULL);
	loads("", "", "", 0, "no certificate");
	loads("hello\n", "", "", 0, "no certificate");
	loads(weak, "", "", 0, "none of its 1 certificates");
	loads(weak, client, "", 0, "none of its 2 certificates");
	CHECK(unlink(file) == 0);
}

static void
loads_crlf(void)
{
	char text[sizeof authority * 2], *to = text;
	struct arena a = { 0 };
	struct slice rest, body, der;

	for (const char *s = authority; *s; s++) {
		if (*s == '\n')
			*to++ = '\r';
		*to++ = *s;
	}
	rest = (struct slice){ text, (size_t)(to - text) };
	CHECK(pem_next(&rest, &body) == 1);
	CHECK(base64_decode(&a, body, &der));
	CHECK(slice_eq(der, der_of(&a, authority)));
	arena_reset(&a);
}

static void
environment_names_the_bundle(void)
{
	struct arena a = { 0 };
	char why[256] = "";

	CHECK(setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1) == 0);
	CHECK(!trust_load(&a, NULL, why, sizeof why));
	CHECK(strstr(why, "/nonexistent/ca.pem"));
	arena_reset(&a);
	CHECK(unsetenv("SSL_CERT_FILE") == 0);
}

static void
append_name(void *to, const void *bytes, size_t len)
{
	buf_append(to, (struct slice){ bytes, len });
}

static bool
same(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && !memcmp(a, b, a_len);
}

static bool
same_key(const br_x509_pkey *a, const br_x509_pkey *b)
{
	if (a->key_type != b->key_type)
		return false;
	if (a->key_type == BR_KEYTYPE_EC)
		return a->key.ec.curve == b->key.ec.curve &&
		    same(a->key.ec.q, a->key.ec.qlen, b->key.ec.q,
		    b->key.ec.qlen);
	return same(a->key.rsa.n, a->key.rsa.nlen, b->key.rsa.n,
	    b->key.rsa.nlen) &&
	    same(a->key.rsa.e, a->key.rsa.elen, b->key.rsa.e, b->key.rsa.elen);
}

/* The anchor for one certificate is what BearSSL's own decoder makes of it. */
static bool
agrees(struct slice der, const br_x509_trust_anchor *anchor)
{
	br_x509_decoder_context d;
	struct buf name = { 0 };
	const br_x509_pkey *key;
	bool good;

	br_x509_decoder_init(&d, append_name, &name);
	br_x509_decoder_push(&d, der.ptr, der.len);
	key = br_x509_decoder_get_pkey(&d);
	good = key && same_key(key, &anchor->pkey) &&
	    same(name.data, buf_len(&name), anchor->dn.data, anchor->dn.len) &&
	    (br_x509_decoder_isCA(&d) != 0) == (anchor->flags == BR_X509_TA_CA);
	buf_free(&name);
	return good;
}

static const char *
read_text(const char *path, struct buf *text)
{
	FILE *f = fopen(path, "r");
	size_t n;

	CHECK(f);
	do {
		char *to = buf_reserve(text, 65536);

		CHECK(to);
		n = fread(to, 1, 65536, f);
		buf_commit(text, n);
	} while (n);
	fclose(f);
	return text->data;
}

/* All that the system trusts, certificate by certificate. */
static void
agrees_with_bearssl(void)
{
	struct arena a = { 0 }, scratch = { 0 };
	struct buf text = { 0 };
	char why[256] = "";
	struct trust *t = trust_load(&a, NULL, why, sizeof why);
	const br_x509_trust_anchor *anchors;
	struct slice rest, body, der;
	size_t n, at = 0, all = 0;

	if (!t) {
		printf("    skipped: %s\n", why);
		CHECK(why[0]);
		return;
	}
	anchors = verify_anchors(t, &n);
	read_text(trust_source(t), &text);
	for (rest = buf_slice(&text); pem_next(&rest, &body) == 1; all++) {
		CHECK(base64_decode(&scratch, body, &der));
		if (at < n && agrees(der, &anchors[at]))
			at++;
		arena_reset(&scratch);
	}
	CHECK(n > 0 && at == n);
	/* Nearly all can be used: what is left out is an exception. */
	CHECK(n * 10 > all * 8);
	printf("    %zu of %zu\n", n, all);
	buf_free(&text);
	arena_reset(&a);
}

/* --- words */

static void
every_error_has_a_sentence(void)
{
	for (int error = -1; error < 1000; error++)
		CHECK(strlen(alert_sentence(error)) > 5);
	for (int error = BR_ERR_X509_INVALID_VALUE;
	    error <= BR_ERR_X509_WEAK_PUBLIC_KEY; error++)
		CHECK(strcmp(alert_sentence(error), "TLS failed"));
	CHECK(strstr(alert_sentence(256 + 70), "TLS 1.3"));
	CHECK(strstr(alert_sentence(VERIFY_SIZE), "too long"));
}

TESTS(
	{ "splits bundles", splits_bundles },
	{ "reads a leaf", reads_a_leaf },
	{ "reads names", reads_names },
	{ "reads limits and keys", reads_limits_and_keys },
	{ "damaged certificates", damaged_certificates },
	{ "chains in order", chains_in_order },
	{ "loads bundles", loads_bundles },
	{ "loads CR LF", loads_crlf },
	{ "the environment names the bundle", environment_names_the_bundle },
	{ "agrees with BearSSL", agrees_with_bearssl },
	{ "every error has a sentence", every_error_has_a_sentence })
