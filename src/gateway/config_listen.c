/* Where to listen: addresses, TLS, the modes of Unix sockets. */
#include <stdlib.h>

#include "gateway/config_text.h"
#include "gateway/loader.h"
#include "net/sock.h"

struct file_entrance {
	struct slice	address, mode;
	struct jval	tls;
};

struct file_tls {
	struct slice	cert, key;
};

const struct field loader_tls_fields[] = {
	{ "cert", FIELD_TEXT, offsetof(struct file_tls, cert), 0, 0 },
	{ "key", FIELD_TEXT, offsetof(struct file_tls, key), 0, 0 },
	{ 0 },
};

const struct field loader_listen_fields[] = {
	{ "address", FIELD_TEXT, offsetof(struct file_entrance, address),
	  0, 0 },
	{ "tls", FIELD_RAW, offsetof(struct file_entrance, tls), 0, 0 },
	{ "mode", FIELD_TEXT, offsetof(struct file_entrance, mode), 0, 0 },
	{ 0 },
};

/* A place for one more, or NULL. */
static struct entrance *
add(struct loader *l, struct jval at)
{
	struct config *c = l->config;

	if (c->listen_count < CONFIG_LISTEN_MAX)
		return &c->listen[c->listen_count++];
	(void)loader_fail(l, at, "more than %d addresses to listen on",
	    CONFIG_LISTEN_MAX);
	return NULL;
}

static bool
check_address(struct loader *l, struct jval at, struct slice text)
{
	struct sock_address address;
	const char *why = "";

	return sock_parse(text, &address, &why) || loader_fail(l, at,
	    "listen address \"%.*s\": %s", SLICE_FMT(text), why);
}

/* ---- the file ---- */

/* A file of the configuration's, read into an arena that is wiped. */
static bool
read_pem(struct loader *l, struct arena *arena, struct jval at,
    struct slice path, struct slice *text)
{
	char *name = arena_cstr(arena, path);
	const char *why = "out of memory";

	input_add(&l->config->inputs, l->arena, path);
	if (name && config_text_read(arena, name, text, &why))
		return true;
	return loader_fail(l, at, "%.*s cannot be read: %s", SLICE_FMT(path),
	    why);
}

static bool
identify(struct loader *l, struct jval tls, struct entrance *e)
{
	struct arena scratch = { .secret = true };
	struct jval at[2] = { jval_get(tls, "cert"), jval_get(tls, "key") };
	struct slice cert, key;
	const char *why = "";
	bool of_key = false;

	if (read_pem(l, &scratch, at[0], e->cert, &cert) &&
	    read_pem(l, &scratch, at[1], e->key, &key)) {
		e->identity = identity_new(l->arena, cert, key, &why, &of_key);
		if (!e->identity)
			(void)loader_fail(l, at[of_key], "%.*s %s",
			    SLICE_FMT(of_key ? e->key : e->cert), why);
	}
	arena_reset(&scratch);
	return e->identity != NULL;
}

static bool
set_tls(struct loader *l, struct jval tls, struct entrance *e)
{
	struct file_tls f = { 0 };

	if (!jval_ok(tls))
		return true;
	if (!loader_bind(l, tls, loader_tls_fields, &f))
		return false;
	if (!f.cert.len || !f.key.len)
		return loader_fail(l, tls, "\"tls\" needs \"cert\" and "
		    "\"key\": the names of two files in PEM form");
	return loader_text(l, jval_get(tls, "cert"), f.cert, &e->cert) &&
	    loader_text(l, jval_get(tls, "key"), f.key, &e->key) &&
	    identify(l, tls, e);
}

/* Three octal digits, or four with a 0 in front. */
static bool
set_mode(struct loader *l, struct jval at, struct slice text,
    struct entrance *e)
{
	if (!text.ptr)
		return true;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '7')
			e->mode = 01000;
		e->mode = e->mode * 8 + (unsigned)(text.ptr[i] & 7);
		if (e->mode > 0777)
			break;
	}
	if (!e->mode || e->mode > 0777)
		return loader_fail(l, at, "\"mode\" must be octal digits such "
		    "as \"0660\"");
	return slice_starts(e->address, SLICE("unix:")) || loader_fail(l, at,
	    "\"mode\" is for Unix sockets");
}

static bool
read_entrance(struct loader *l, struct jval value, bool operators)
{
	struct file_entrance f = { 0 };
	struct entrance *e = add(l, value);
	struct jval at = value;

	if (!e)
		return false;
	e->operators = operators;
	if (jval_is(value, JSON_STRING)) {
		f.address = jval_text(value);
	} else if (!jval_is(value, JSON_OBJECT)) {
		return loader_fail(l, value, "an address must be a string "
		    "such as \"127.0.0.1:4000\", or an object with "
		    "\"address\"");
	} else {
		if (!loader_bind(l, value, loader_listen_fields, &f))
			return false;
		at = jval_get(value, "address");
		if (!f.address.ptr)
			return loader_fail(l, value, "\"address\" is missing");
	}
	return loader_text(l, at, f.address, &e->address) &&
	    check_address(l, at, e->address) && set_tls(l, f.tls, e) &&
	    set_mode(l, jval_get(value, "mode"), f.mode, e);
}

bool
loader_listen(void *into, struct jval value, size_t i)
{
	(void)i;
	return read_entrance(into, value, false);
}

bool
loader_admin_listen(void *into, struct jval value, size_t i)
{
	(void)i;
	return read_entrance(into, value, true);
}

/* ---- the environment ---- */

static bool
has_entrance(const struct config *c)
{
	for (size_t i = 0; i < c->listen_count; i++)
		if (!c->listen[i].operators)
			return true;
	return false;
}

/* The variable takes the place of "listen", not of "admin_listen". */
static void
forget_entrances(struct config *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->listen_count; i++)
		if (c->listen[i].operators)
			c->listen[kept++] = c->listen[i];
	for (size_t i = kept; i < c->listen_count; i++)
		c->listen[i] = (struct entrance){ 0 };
	c->listen_count = kept;
}

static bool
listen_on(struct loader *l, struct slice address)
{
	struct entrance *e = add(l, (struct jval){ 0 });

	if (!e)
		return false;
	e->address = address;
	return check_address(l, (struct jval){ 0 }, address);
}

bool
loader_listen_env(struct loader *l)
{
	struct slice rest = slice_of(getenv("DRAGOMAN_LISTEN"));
	const char *port = getenv("PORT");

	if (rest.len)
		forget_entrances(l->config);
	while (rest.len)
		if (!listen_on(l, slice_trim(slice_cut(&rest, ','))))
			return false;
	if (has_entrance(l->config))
		return true;
	return listen_on(l, port && *port ? arena_fmt(l->arena,
	    "127.0.0.1:%s", port) : SLICE("127.0.0.1:4000"));
}
