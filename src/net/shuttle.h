/*
 * shuttle - bytes between a socket, a TLS engine and bufs.
 *
 * Knows records and nothing of handshakes or sessions.  Each step moves what
 * it can and says whether that was anything; the caller goes round until no
 * step can.
 */
#ifndef NET_SHUTTLE_H
#define NET_SHUTTLE_H

#include <bearssl/inc/bearssl.h>

#include "base/buf.h"

/* What was read from the socket and not yet taken by the engine. */
enum { SHUTTLE_RAW = 16 * 1024 };
struct shuttle_raw {
	size_t		 at, end;
	unsigned char	 bytes[SHUTTLE_RAW];
};

/* Sealed records to the socket.  Clears *writable when it takes no more. */
bool	shuttle_send(br_ssl_engine_context *, int fd, bool *writable);

/*
 * One read from the socket if the engine wants bytes and `raw` has none.
 * Clears *readable when there are no more, sets *eof at the end, and *why if
 * the socket failed.
 */
bool	shuttle_receive(br_ssl_engine_context *, int fd, struct shuttle_raw *,
	    bool *readable, bool *eof, const char **why);

/* From `raw` to the engine. */
bool	shuttle_feed(br_ssl_engine_context *, struct shuttle_raw *);

/* Plain bytes to `in`, until it holds `max`; in->failed if memory ran out. */
bool	shuttle_unseal(br_ssl_engine_context *, struct buf *in, size_t max);

/* Plain bytes from `out`, then from *tail; the last ones end their record. */
bool	shuttle_seal(br_ssl_engine_context *, struct buf *out,
	    struct slice *tail);

#endif
