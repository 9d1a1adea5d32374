/*
 * DER (X.690): tag, length, value.  Certificates use tags below 31 and
 * definite lengths only, and each length in its shortest form.
 */
#include "net/cert.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum {
	TAG_BOOLEAN = 0x01, TAG_INTEGER = 0x02, TAG_BITS = 0x03,
	TAG_BYTES = 0x04, TAG_OID = 0x06, TAG_SEQUENCE = 0x30,
	TAG_VERSION = 0xa0, TAG_ISSUER_ID = 0x81, TAG_SUBJECT_ID = 0x82,
	TAG_EXTENSIONS = 0xa3,
	TAG_DNS_NAME = 0x82, TAG_IP_ADDRESS = 0x87,
};

static const struct slice oid_rsa =
    SLICE_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");
static const struct slice oid_ec = SLICE_INIT("\x2a\x86\x48\xce\x3d\x02\x01");
static const struct slice oid_server_auth =
    SLICE_INIT("\x2b\x06\x01\x05\x05\x07\x03\x01");
static const struct slice oid_any_purpose = SLICE_INIT("\x55\x1d\x25\x00");

static const struct {
	struct slice	oid;
	enum cert_key	key;
} curves[] = {
	{ SLICE_INIT("\x2a\x86\x48\xce\x3d\x03\x01\x07"), CERT_KEY_P256 },
	{ SLICE_INIT("\x2b\x81\x04\x00\x22"), CERT_KEY_P384 },
	{ SLICE_INIT("\x2b\x81\x04\x00\x23"), CERT_KEY_P521 },
};

struct item {
	unsigned	tag;
	struct slice	value;
	struct slice	whole;		/* with tag and length */
};

static unsigned
byte_at(struct slice s, size_t i)
{
	return (unsigned char)s.ptr[i];
}

/* The length at in[1..]; false: none that is short enough and well formed. */
static bool
read_length(struct slice in, size_t *head, size_t *len)
{
	size_t n, value = 0;

	if (byte_at(in, 1) < 0x80) {
		*head = 2;
		*len = byte_at(in, 1);
		return true;
	}
	n = byte_at(in, 1) & 0x7f;
	if (n < 1 || n > 3 || in.len < 2 + n)
		return false;
	for (size_t i = 0; i < n; i++)
		value = value << 8 | byte_at(in, 2 + i);
	*head = 2 + n;
	*len = value;
	return value >= 0x80 && value >> (8 * (n - 1)) != 0;
}

/* Take one item off the front of *in. */
static bool
take(struct slice *in, struct item *item)
{
	size_t head, len;

	if (in->len < 2 || (byte_at(*in, 0) & 0x1f) == 0x1f ||
	    !read_length(*in, &head, &len) || len > in->len - head)
		return false;
	item->tag = byte_at(*in, 0);
	item->value = slice_sub(*in, head, len);
	item->whole = slice_sub(*in, 0, head + len);
	*in = slice_skip(*in, head + len);
	return true;
}

/* The same for one that must have this tag; sets only the value. */
static bool
take_tag(struct slice *in, unsigned tag, struct slice *value)
{
	struct item item;

	if (!take(in, &item) || item.tag != tag)
		return false;
	*value = item.value;
	return true;
}

static bool
at_tag(struct slice in, unsigned tag)
{
	return in.len && byte_at(in, 0) == tag;
}

/* If an item with this tag is next, it is dropped; false: it is malformed. */
static bool
skip_optional(struct slice *in, unsigned tag)
{
	struct slice value;

	return !at_tag(*in, tag) || take_tag(in, tag, &value);
}

/* --- the public key */

/* A positive INTEGER, without the zero that keeps it positive. */
static bool
take_number(struct slice *in, struct slice *number)
{
	if (!take_tag(in, TAG_INTEGER, number) || !number->len ||
	    byte_at(*number, 0) & 0x80)
		return false;
	while (number->len && byte_at(*number, 0) == 0)
		*number = slice_skip(*number, 1);
	return number->len != 0;
}

static bool
parse_rsa(struct slice key, struct cert *c)
{
	struct slice both;

	c->key = CERT_KEY_RSA;
	return take_tag(&key, TAG_SEQUENCE, &both) && !key.len &&
	    take_number(&both, &c->modulus) &&
	    take_number(&both, &c->exponent) && !both.len;
}

static void
parse_curve(struct slice oid, struct slice key, struct cert *c)
{
	for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
		if (slice_eq(oid, curves[i].oid)) {
			c->key = curves[i].key;
			c->point = key;
		}
}

/* A key of another kind is no error: the certificate is of no use to us. */
static bool
parse_key(struct slice in, struct cert *c)
{
	struct slice algorithm, kind, curve, key;

	if (!take_tag(&in, TAG_SEQUENCE, &algorithm) ||
	    !take_tag(&algorithm, TAG_OID, &kind) ||
	    !take_tag(&in, TAG_BITS, &key) || in.len ||
	    !key.len || byte_at(key, 0) != 0)
		return false;
	key = slice_skip(key, 1);	/* the count of unused bits */
	if (slice_eq(kind, oid_rsa))
		return parse_rsa(key, c);
	if (slice_eq(kind, oid_ec) && take_tag(&algorithm, TAG_OID, &curve))
		parse_curve(curve, key, c);
	return true;
}

/* --- extensions */

static bool
parse_basic(struct slice in, struct cert *c)
{
	struct slice inside, flag;

	if (!take_tag(&in, TAG_SEQUENCE, &inside) || in.len)
		return false;
	if (!at_tag(inside, TAG_BOOLEAN))
		return true;
	if (!take_tag(&inside, TAG_BOOLEAN, &flag) || flag.len != 1)
		return false;
	c->is_ca = byte_at(flag, 0) != 0;
	return true;
}

/* A list may stand once, and must hold something. */
static bool
parse_list(struct slice in, bool *has, struct slice *list)
{
	if (*has || !take_tag(&in, TAG_SEQUENCE, list) || in.len)
		return false;
	*has = true;
	return list->len != 0;
}

static bool
parse_extension(struct slice in, struct cert *c)
{
	struct slice oid, value;

	if (!take_tag(&in, TAG_OID, &oid) || !skip_optional(&in, TAG_BOOLEAN) ||
	    !take_tag(&in, TAG_BYTES, &value) || in.len)
		return false;
	if (oid.len != 3 || memcmp(oid.ptr, "\x55\x1d", 2) != 0)
		return true;
	switch (byte_at(oid, 2)) {	/* 2.5.29.x */
	case 17:
		return parse_list(value, &c->has_names, &c->names);
	case 19:
		return parse_basic(value, c);
	case 30:
		c->has_constraints = true;
		return true;
	case 37:
		return parse_list(value, &c->has_purposes, &c->purposes);
	}
	return true;
}

static bool
parse_extensions(struct slice in, struct cert *c)
{
	struct slice list, one;

	if (!take_tag(&in, TAG_SEQUENCE, &list) || in.len)
		return false;
	while (list.len)
		if (!take_tag(&list, TAG_SEQUENCE, &one) ||
		    !parse_extension(one, c))
			return false;
	return true;
}

/* --- the certificate */

static bool
take_name(struct slice *in, struct slice *name)
{
	struct item item;

	if (!take(in, &item) || item.tag != TAG_SEQUENCE)
		return false;
	*name = item.whole;
	return true;
}

/* RFC 5280 4.1: the part that is signed. */
static bool
parse_signed(struct slice in, struct cert *c)
{
	struct slice ignored, validity, key, extensions;
	struct item begins;

	if (!skip_optional(&in, TAG_VERSION) ||
	    !take_tag(&in, TAG_INTEGER, &ignored) ||	/* serial number */
	    !take_tag(&in, TAG_SEQUENCE, &ignored) ||	/* algorithm */
	    !take_name(&in, &c->issuer) ||
	    !take_tag(&in, TAG_SEQUENCE, &validity) ||
	    !take(&validity, &begins) ||
	    !take_name(&in, &c->subject) ||
	    !take_tag(&in, TAG_SEQUENCE, &key) || !parse_key(key, c) ||
	    !skip_optional(&in, TAG_ISSUER_ID) ||
	    !skip_optional(&in, TAG_SUBJECT_ID))
		return false;
	c->begins = begins.value;
	if (!in.len)
		return true;
	return take_tag(&in, TAG_EXTENSIONS, &extensions) && !in.len &&
	    parse_extensions(extensions, c);
}

bool
cert_parse(struct slice der, struct cert *c)
{
	struct slice all, inside, ignored;

	*c = (struct cert){ .key = CERT_KEY_OTHER };
	return take_tag(&der, TAG_SEQUENCE, &all) && !der.len &&
	    take_tag(&all, TAG_SEQUENCE, &inside) &&
	    parse_signed(inside, c) &&
	    take_tag(&all, TAG_SEQUENCE, &ignored) &&
	    take_tag(&all, TAG_BITS, &ignored) && !all.len;
}

/* RFC 6125 6.4.3: a wildcard is the whole first label, and stands for one. */
static bool
name_fits(struct slice name, struct slice host)
{
	size_t dot;

	if (slice_eq_ci(name, host))
		return true;
	if (!slice_starts(name, SLICE("*.")))
		return false;
	dot = slice_chr(host, '.');
	return dot != SIZE_MAX && dot > 0 &&
	    slice_eq_ci(slice_skip(name, 2), slice_skip(host, dot + 1));
}

bool
cert_names_host(const struct cert *c, struct slice host)
{
	struct slice names = c->names;
	struct item name;

	if (!host.len)
		return false;
	while (take(&names, &name))
		if (name.tag == TAG_DNS_NAME && name_fits(name.value, host))
			return true;
	return false;
}

bool
cert_names_ip(const struct cert *c, const void *ip, size_t n)
{
	struct slice names = c->names;
	struct slice wanted = { ip, n };
	struct item name;

	if (!n)
		return false;
	while (take(&names, &name))
		if (name.tag == TAG_IP_ADDRESS && slice_eq(name.value, wanted))
			return true;
	return false;
}

/* RFC 5280 4.1.2.5: years of two digits are those from 1950 to 2049. */
bool
cert_begins_after(const struct cert *c, int64_t wall_s)
{
	static const struct slice century[] = {
		SLICE_INIT("20"), SLICE_INIT("19"), SLICE_INIT(""),
	};
	enum { UTC = 13, GENERAL = 15, DIGITS = 14 };
	char stamp[CLOCK_STAMP], now[DIGITS + 1], then[DIGITS + 1];
	size_t n = 0, which = 2;

	if (c->begins.len != UTC && c->begins.len != GENERAL)
		return false;
	if (c->begins.len == UTC)
		which = byte_at(c->begins, 0) >= '5';
	clock_stamp(wall_s * 1000, stamp);
	for (const char *p = stamp; n < DIGITS; p++)
		if (*p >= '0' && *p <= '9')
			now[n++] = *p;
	now[DIGITS] = '\0';
	snprintf(then, sizeof then, "%.*s%.*s", SLICE_FMT(century[which]),
	    SLICE_FMT(c->begins));
	return strcmp(then, now) > 0;
}

bool
cert_serves(const struct cert *c)
{
	struct slice purposes = c->purposes, purpose;

	if (!c->has_purposes)
		return true;
	while (take_tag(&purposes, TAG_OID, &purpose))
		if (slice_eq(purpose, oid_server_auth) ||
		    slice_eq(purpose, oid_any_purpose))
			return true;
	return false;
}

size_t
cert_path(const struct cert *certs, size_t n, unsigned banned,
    size_t path[CERT_CHAIN_MAX], int *choice)
{
	unsigned used = banned | 1;
	size_t len = 0, at = 0;

	*choice = -1;
	while (len < CERT_CHAIN_MAX) {
		size_t next = n, fits = 0;

		path[len++] = at;
		if (slice_eq(certs[at].issuer, certs[at].subject))
			break;
		for (size_t i = 1; i < n; i++) {
			if (used & 1u << i ||
			    !slice_eq(certs[i].subject, certs[at].issuer))
				continue;
			if (fits++ == 0)
				next = i;
		}
		if (!fits)
			break;
		if (fits > 1)
			*choice = (int)next;
		used |= 1u << next;
		at = next;
	}
	return len;
}
