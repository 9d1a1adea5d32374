#include "wire/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "wire/bytes.h"

enum { HOST_MAX = 253, LABEL_MAX = 63 };	/* RFC 1035 2.3.4, as text */

static bool
refuse(const char **why, const char *what)
{
	*why = what;
	return false;
}

/* RFC 952 and 1123, and the underscore that container networks use. */
static bool
host_byte(unsigned char c)
{
	return bytes_token[c] && !strchr("!#$%&'*+^`|~", c);
}

static bool
address_byte(char c)
{
	return c == ':' || c == '.' || bytes_hex(c) >= 0;
}

static bool
digits_only(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return true;
}

bool
url_split_host(struct slice text, struct slice *host, struct slice *port)
{
	size_t n = 0;

	if (text.len && text.ptr[0] == '[') {
		for (n = 1; n < text.len && address_byte(text.ptr[n]); n++)
			;
		if (n < 3 || n == text.len || text.ptr[n++] != ']')
			return false;	/* "[::]" is the shortest */
	} else {
		while (n < text.len && host_byte((unsigned char)text.ptr[n]))
			n++;
	}
	*host = slice_sub(text, 0, n);
	*port = (struct slice){ 0 };
	if (!n || n == text.len)
		return n;
	*port = slice_skip(text, n + 1);
	return text.ptr[n] == ':' && digits_only(*port);
}

/* A name of the DNS: labels of 1 to 63 bytes, the last one not a number. */
static bool
host_name(struct slice host, const char **why)
{
	struct slice rest = host, label = host;

	if (host.len > HOST_MAX)
		return refuse(why, "the host name is too long");
	while (rest.ptr) {
		label = slice_cut(&rest, '.');
		if (!label.len || label.len > LABEL_MAX)
			return refuse(why, "the host name has a label that is "
			    "empty or too long");
	}
	/* Some resolvers read 127.1, 0x7f.1 and 2130706433 as addresses. */
	if (digits_only(label) || slice_starts_ci(label, SLICE("0x")))
		return refuse(why, "the host is neither a name nor a whole "
		    "IPv4 address");
	return true;
}

static bool
take_host(struct url *url, struct slice host, const char **why)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[sizeof(struct in6_addr)];
	bool six = host.ptr[0] == '[';

	if (six)
		host = slice_sub(host, 1, host.len - 2);
	else if (host.ptr[host.len - 1] == '.')
		host.len--;
	url->host = host;
	url->literal = slice_to_cstr(host, text, sizeof text) &&
	    inet_pton(six ? AF_INET6 : AF_INET, text, address) == 1;
	if (six && !url->literal)
		return refuse(why, "the host in brackets is no IPv6 address");
	return url->literal || host_name(host, why);
}

static bool
take_port(struct url *url, struct slice port, const char **why)
{
	uint64_t n = url->tls ? 443 : 80;

	if (port.ptr && (!slice_to_u64(port, UINT16_MAX, &n) || n == 0))
		return refuse(why, "the port is not a number from 1 to 65535");
	url->port = (uint16_t)n;
	return true;
}

/* [user[:password]@] off the front of *authority. */
static bool
take_user(struct url *url, struct slice *authority, const char **why)
{
	size_t at = slice_rchr(*authority, '@');
	struct slice user;

	if (at == SIZE_MAX)
		return true;
	user = slice_sub(*authority, 0, at);
	*authority = slice_skip(*authority, at + 1);
	if (slice_chr(user, '@') != SIZE_MAX)
		return refuse(why, "an @ in the password must be written %40");
	url->user = slice_cut(&user, ':');
	url->password = user;
	return true;
}

/* Bytes that stand nowhere in a URL, and the two that start unwanted parts. */
static bool
check_bytes(struct slice text, const char **why)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c <= ' ' || c >= 0x7f)
			return refuse(why, "the address holds a blank, a "
			    "control byte or a byte outside ASCII");
		if (c == '?' || c == '#')
			return refuse(why, "the address has a query or a "
			    "fragment");
		if (strchr("\"<>\\^`{|}", c))
			return refuse(why, "the address holds a character "
			    "that must be percent-encoded");
	}
	return true;
}

bool
url_parse(struct url *url, struct slice text, const char **why)
{
	struct slice authority, host, port;
	size_t slash;

	*url = (struct url){ 0 };
	url->tls = slice_starts_ci(text, SLICE("https://"));
	if (!url->tls && !slice_starts_ci(text, SLICE("http://")))
		return refuse(why, "the address does not start with http:// "
		    "or https://");
	if (!check_bytes(text, why))
		return false;
	authority = slice_skip(text, url->tls ? 8 : 7);
	slash = slice_chr(authority, '/');
	if (slash != SIZE_MAX) {
		url->path = slice_skip(authority, slash);
		authority.len = slash;
	}
	while (slice_ends(url->path, SLICE("/")))
		url->path.len--;
	if (!take_user(url, &authority, why))
		return false;
	if (!url_split_host(authority, &host, &port))
		return refuse(why, "the address has no valid host[:port]");
	return take_port(url, port, why) && take_host(url, host, why);
}

bool
url_decode(struct arena *arena, struct slice text, struct slice *out)
{
	char *to;
	size_t n = 0;

	*out = text;
	if (slice_chr(text, '%') == SIZE_MAX)
		return true;
	to = arena_text(arena, text.len);
	if (!to)
		return false;
	for (size_t i = 0; i < text.len; i++, n++) {
		int high, low;

		to[n] = text.ptr[i];
		if (to[n] != '%')
			continue;
		if (text.len - i < 3)
			return false;
		high = bytes_hex(text.ptr[++i]);
		low = bytes_hex(text.ptr[++i]);
		if (high < 0 || low < 0 || high + low == 0)
			return false;
		to[n] = (char)(high << 4 | low);
	}
	*out = (struct slice){ to, n };
	return true;
}

struct slice
url_query_get(struct slice query, struct slice name)
{
	while (query.ptr) {
		struct slice value = slice_cut(&query, '&');
		struct slice key = slice_cut(&value, '=');

		if (slice_eq(key, name))
			return value.ptr ? value : slice_skip(key, key.len);
	}
	return (struct slice){ 0 };
}

struct slice
url_encode(struct arena *arena, struct slice name, const char *keep)
{
	static const char hex[] = "0123456789ABCDEF";
	bool climbs = slice_find(name, SLICE("./")) != SIZE_MAX ||
	    slice_ends(name, SLICE("/.")) || slice_ends(name, SLICE("/.."));
	char *out = arena_text(arena, 3 * name.len);
	size_t n = 0;

	for (size_t i = 0; out && i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
		    c == '_' || c == '~' ||
		    (*keep && !climbs && c == (unsigned char)*keep)) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	return (struct slice){ out, out ? n : 0 };
}
