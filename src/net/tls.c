/*
 * The bytes of one connection:
 *
 *	socket --read--> `raw` --> engine's input record --> conn.in
 *	conn.out, tail --> engine's output record --send--> socket
 *
 * The engine asks for a record's head and body separately; `raw` lets one
 * read() serve many records.  It is on the stack; what the engine does not
 * take at once, because conn.in is full, waits in `stash`.
 *
 * An engine holds its two record buffers (33 KB) only while a record is half
 * in or half out: between records they go back to where all engines of a
 * worker take them from, and an idle connection costs the bare engine.  This
 * uses what BearSSL's ssl_engine.c says of its registers: with ixa == ixb == 0
 * nothing was received of the next record, with oxa == oxc nothing was put in
 * the one to be sent.  The handshake keeps pointers into both buffers, so it
 * keeps them until it is over; after that the verifier goes.
 */
#include "net/tls.h"

#include <bearssl/inc/bearssl.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/slab.h"
#include "net/alert.h"
#include "net/profile.h"
#include "net/session.h"
#include "net/shuttle.h"
#include "net/verify.h"

enum {
	RECORDS_KEPT = 8,		/* pairs of buffers in reserve */
	ENGINES_KEPT = 64,
	VERIFIERS_KEPT = 4,
	ENTROPY = 32,
	HEADS = 4096,			/* where a record begins */
	SERVED = 100 * 1000,		/* bytes: a thousand sessions */
};

struct records {
	struct records	*next;
	unsigned char	 in[BR_SSL_BUFSIZE_INPUT];
	unsigned char	 out[BR_SSL_BUFSIZE_OUTPUT];
};

struct tls_sessions {
	struct session_cache cache;
	struct slab	 engines, verifiers;
	struct records	*spare;
	size_t		 spare_count;
	br_ssl_session_cache_lru served;
	unsigned char	*served_store;	/* NULL: no server so far */
};

struct tls {
	union {				/* both begin with their engine */
		br_ssl_engine_context eng;
		br_ssl_client_context client;
		br_ssl_server_context server;
	};
	bool		 serves;
	struct tls_sessions *shared;	/* or NULL */
	struct verify	*verify;	/* until the handshake is over */
	struct records	*records;	/* NULL: between records */
	struct buf	 stash;
	const char	*why;		/* ours, when it is not the engine's */
	char		 said[128];	/* ... when it is not the same always */
	char		 host[VERIFY_HOST_MAX + 1];	/* lower case */
	uint16_t	 port;
	bool		 ready, offered, resumed;
	bool		 closed;	/* we said close_notify */
	unsigned char	 offered_id[32], offered_len;
};

/* --- memory: from the worker's stock if there is one */

static void *
get(struct tls_sessions *shared, struct slab *slab, size_t size)
{
	return shared ? slab_get(slab) : memory_zero(size);
}

static void
put(struct tls_sessions *shared, struct slab *slab, void *object, size_t size)
{
	if (shared)
		slab_put(slab, object);
	else
		memory_put(object, size);
}

static bool
attach(struct tls *t)
{
	struct tls_sessions *s = t->shared;
	br_ssl_engine_context *eng = &t->eng;

	if (t->records)
		return true;
	if (s && s->spare) {
		t->records = s->spare;
		s->spare = s->spare->next;
		s->spare_count--;
	} else {
		t->records = memory_get(sizeof *t->records);
	}
	if (!t->records)
		return false;
	eng->ibuf = t->records->in;
	eng->obuf = t->records->out;
	return true;
}

static void
detach(struct tls *t)
{
	struct tls_sessions *s = t->shared;

	if (!t->records)
		return;
	/* a head in plain text */
	explicit_bzero(t->records->in, HEADS);
	if (s && s->spare_count < RECORDS_KEPT &&
	    !memory_above(MEMORY_MUCH)) {
		t->records->next = s->spare;
		s->spare = t->records;
		s->spare_count++;
	} else {
		memory_put(t->records, sizeof *t->records);
	}
	t->records = NULL;
	t->eng.ibuf = t->eng.obuf = NULL;
}

/* Nothing of a record in either direction: see the head of this file. */
static bool
between_records(const struct tls *t)
{
	const br_ssl_engine_context *eng = &t->eng;

	return eng->ixa == 0 && eng->ixb == 0 && eng->oxa == eng->oxc;
}

static void
drop_verify(struct tls *t)
{
	struct tls_sessions *s = t->shared;

	if (!t->verify)
		return;
	verify_free(t->verify);
	put(s, s ? &s->verifiers : NULL, t->verify, sizeof *t->verify);
	t->verify = NULL;
	t->eng.x509ctx = NULL;
}

/* --- sessions */

static void
offer_session(struct tls *t)
{
	const br_ssl_session_parameters *known;

	if (!t->shared)
		return;
	known = session_find(&t->shared->cache, t->host, t->port);
	if (!known)
		return;
	br_ssl_engine_set_session_parameters(&t->eng, known);
	t->offered = true;
	t->offered_len = known->session_id_len;
	memcpy(t->offered_id, known->session_id, t->offered_len);
}

/* The handshake is over: the server has shown who it is, or resumed. */
static void
keep_session(struct tls *t)
{
	br_ssl_session_parameters params;

	br_ssl_engine_get_session_parameters(&t->eng, &params);
	t->resumed = t->offered && t->offered_len == params.session_id_len &&
	    !memcmp(t->offered_id, params.session_id, t->offered_len);
	if (!t->resumed && t->shared)
		session_keep(&t->shared->cache, t->host, t->port, &params);
	explicit_bzero(&params, sizeof params);
}

struct tls_sessions *
tls_sessions_new(size_t max)
{
	struct tls_sessions *s = memory_zero(sizeof *s);

	if (!s || !session_init(&s->cache, max)) {
		memory_put(s, sizeof *s);
		return NULL;
	}
	s->engines = (struct slab){ .size = sizeof(struct tls),
	    .keep = ENGINES_KEPT };
	s->verifiers = (struct slab){ .size = sizeof(struct verify),
	    .keep = VERIFIERS_KEPT };
	return s;
}

void
tls_sessions_free(struct tls_sessions *s)
{
	if (!s)
		return;
	slab_free(&s->engines);
	slab_free(&s->verifiers);
	while (s->spare) {
		struct records *r = s->spare;

		s->spare = r->next;
		memory_put(r, sizeof *r);
	}
	session_free(&s->cache);
	if (s->served_store)
		explicit_bzero(s->served_store, SERVED);
	memory_put(s->served_store, SERVED);
	memory_put(s, sizeof *s);
}

/* --- the engine */

/* The host in lower case, without the dot that may end it. */
static bool
set_host(struct tls *t, struct slice host)
{
	if (host.len && host.ptr[host.len - 1] == '.')
		host = slice_sub(host, 0, host.len - 1);
	if (!host.len || !slice_to_cstr(host, t->host, sizeof t->host))
		return false;
	for (char *c = t->host; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	return true;
}

/* Buffers and randomness. */
static void
supply(struct tls *t)
{
	unsigned char entropy[ENTROPY];

	br_ssl_engine_set_buffers_bidi(&t->eng, t->records->in,
	    sizeof t->records->in, t->records->out, sizeof t->records->out);
	random_bytes(entropy, sizeof entropy);
	br_ssl_engine_inject_entropy(&t->eng, entropy, sizeof entropy);
	explicit_bzero(entropy, sizeof entropy);
}

/*
 * An IP address is no server name (RFC 6066 3), so none is sent; the verifier
 * knows the host by itself and never takes that for leave to accept any.
 */
static bool
begin(struct tls *t, const struct trust *trust)
{
	br_ssl_engine_context *eng = &t->eng;
	const char *name;

	br_ssl_client_zero(&t->client);
	profile_set(eng);
	if (!verify_init(t->verify, trust, eng, slice_of(t->host)))
		return false;
	br_ssl_engine_set_x509(eng, &t->verify->vtable);
	supply(t);
	offer_session(t);
	name = t->verify->ip_len ? NULL : t->host;
	return br_ssl_client_reset(&t->client, name, t->offered) == 1;
}

struct tls *
tls_new(const struct trust *trust, struct tls_sessions *shared,
    struct slice host, uint16_t port, const char **why)
{
	struct tls *t = get(shared, shared ? &shared->engines : NULL,
	    sizeof *t);

	*why = NULL;
	if (!t)
		return NULL;
	t->shared = shared;
	t->port = port;
	if (!set_host(t, host)) {
		*why = "the host name is empty or too long for TLS";
		goto fail;
	}
	t->verify = get(shared, shared ? &shared->verifiers : NULL,
	    sizeof *t->verify);
	if (!t->verify || !attach(t))
		goto fail;
	if (!begin(t, trust)) {
		*why = "the TLS engine could not be set up";
		goto fail;
	}
	return t;
fail:
	tls_free(t);
	return NULL;
}

/* False: no memory, and sessions are not resumed. */
static bool
keeps_served(struct tls_sessions *s)
{
	if (!s->served_store) {
		s->served_store = memory_get(SERVED);
		if (s->served_store)
			br_ssl_session_cache_lru_init(&s->served,
			    s->served_store, SERVED);
	}
	return s->served_store != NULL;
}

struct tls *
tls_serve(const struct identity *identity, struct tls_sessions *shared)
{
	struct tls *t = slab_get(&shared->engines);

	if (!t)
		return NULL;
	t->shared = shared;
	t->serves = true;
	if (!attach(t))
		goto fail;
	br_ssl_server_zero(&t->server);
	profile_set(&t->eng);
	profile_show(&t->server, identity);
	supply(t);
	if (keeps_served(shared))
		br_ssl_server_set_cache(&t->server, &shared->served.vtable);
	if (br_ssl_server_reset(&t->server))
		return t;
fail:
	tls_free(t);
	return NULL;
}

void
tls_free(struct tls *t)
{
	struct tls_sessions *shared;

	if (!t)
		return;
	shared = t->shared;
	drop_verify(t);
	detach(t);
	buf_free(&t->stash);
	explicit_bzero(t, sizeof *t);
	put(shared, shared ? &shared->engines : NULL, t, sizeof *t);
}

/* --- moving bytes */

static bool
failed(const struct tls *t)
{
	return t->why || br_ssl_engine_last_error(&t->eng) ||
	    br_ssl_engine_current_state(&t->eng) == BR_SSL_CLOSED;
}

static void
unstash(struct tls *t, struct shuttle_raw *raw)
{
	struct slice kept = buf_slice(&t->stash);

	raw->at = 0;
	raw->end = kept.len;
	if (!kept.len)
		return;
	CHECK(kept.len <= sizeof raw->bytes);
	memcpy(raw->bytes, kept.ptr, kept.len);
	buf_clear(&t->stash);
}

static void
stash(struct tls *t, const struct shuttle_raw *raw)
{
	if (raw->at == raw->end) {
		buf_free(&t->stash);
		return;
	}
	buf_append(&t->stash, (struct slice){
	    (const char *)raw->bytes + raw->at, raw->end - raw->at });
	if (t->stash.failed)
		t->why = "out of memory";
}

static void
notice_ready(struct tls *t)
{
	if (t->ready || !(br_ssl_engine_current_state(&t->eng) &
	    (BR_SSL_SENDAPP | BR_SSL_RECVAPP)))
		return;
	t->ready = true;
	if (!t->serves)
		keep_session(t);
	drop_verify(t);
}

/* Where dates are wrong the clock may be: it is told with them. */
static const char *
explain(struct tls *t, int error)
{
	const char *sentence = alert_sentence(error);
	char stamp[CLOCK_STAMP];

	if (error != VERIFY_CLOCK && error != BR_ERR_X509_EXPIRED)
		return sentence;
	clock_stamp(clock_wall_ms(), stamp);
	snprintf(t->said, sizeof t->said, "%s (the clock here shows %.16sZ)",
	    sentence, stamp);
	return t->said;
}

static enum tls_state
state(struct tls *t)
{
	const br_ssl_engine_context *eng = &t->eng;
	int error = br_ssl_engine_last_error(eng);

	if (!t->why && error)
		t->why = t->serves ? alert_of_client(error)
		    : explain(t, error);
	if (t->why) {
		/* A session that does not work is not offered again. */
		if (!t->ready && !t->serves && t->shared)
			session_forget(&t->shared->cache, t->host, t->port);
		return TLS_FAILED;
	}
	if (eng->shutdown_recv)
		return TLS_CLOSED;
	return t->ready ? TLS_READY : TLS_SHAKING;
}

enum tls_state
tls_pump(struct tls *t, int fd, bool *readable, bool *writable, bool *eof,
    struct buf *in, size_t max, struct buf *out, struct slice *tail)
{
	br_ssl_engine_context *eng = &t->eng;
	struct shuttle_raw raw;
	bool moved = true;

	if (!t->why && !attach(t))
		t->why = "out of memory";
	if (t->why)
		return state(t);
	unstash(t, &raw);
	while (moved && !failed(t)) {
		moved = shuttle_send(eng, fd, writable);
		moved |= shuttle_unseal(eng, in, max);
		moved |= shuttle_seal(eng, out, tail);
		moved |= shuttle_feed(eng, &raw);
		moved |= shuttle_receive(eng, fd, &raw, readable, eof, &t->why);
		if (in->failed)
			t->why = "out of memory";
		notice_ready(t);
	}
	stash(t, &raw);
	if (t->ready && between_records(t))
		detach(t);
	return state(t);
}

/*
 * BearSSL mixes up unread bytes with handshake messages when it is closed:
 * they are dropped first.  Nobody will ask for them.
 */
bool
tls_shutdown(struct tls *t)
{
	br_ssl_engine_context *eng = &t->eng;
	size_t len;

	if (!t->ready || t->closed || t->why || !attach(t))
		return false;
	while (br_ssl_engine_recvapp_buf(eng, &len))
		br_ssl_engine_recvapp_ack(eng, len);
	br_ssl_engine_close(eng);
	t->closed = true;
	return true;
}

const char *
tls_why(const struct tls *t)
{
	return t->why ? t->why : "TLS failed";
}

bool
tls_resumed(const struct tls *t)
{
	return t->resumed;
}

size_t
tls_unsent(const struct tls *t)
{
	size_t len = 0;

	if (t->records)
		(void)br_ssl_engine_sendrec_buf(&t->eng, &len);
	return len;
}

bool
tls_busy(const struct tls *t)
{
	return !t->ready || t->records || buf_len(&t->stash);
}
