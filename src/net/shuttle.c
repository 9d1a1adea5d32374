#include "net/shuttle.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
would_block(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK;
}

/*
 * A socket that fails is taken for one that is full: reading will tell, and
 * what the server said before may still be read.
 */
bool
shuttle_send(br_ssl_engine_context *eng, int fd, bool *writable)
{
	bool moved = false;
	size_t len;

	while (*writable) {
		unsigned char *from = br_ssl_engine_sendrec_buf(eng, &len);
		ssize_t n;

		if (!from)
			break;
		n = send(fd, from, len, MSG_NOSIGNAL);
		if (n > 0) {
			br_ssl_engine_sendrec_ack(eng, (size_t)n);
			moved = true;
		} else if (errno != EINTR) {
			*writable = false;
		}
	}
	return moved;
}

bool
shuttle_receive(br_ssl_engine_context *eng, int fd, struct shuttle_raw *raw,
    bool *readable, bool *eof, const char **why)
{
	size_t len;
	ssize_t n;

	if (raw->at < raw->end || !*readable || *eof ||
	    !br_ssl_engine_recvrec_buf(eng, &len))
		return false;
	do
		n = read(fd, raw->bytes, sizeof raw->bytes);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		raw->at = 0;
		raw->end = (size_t)n;
		*readable = raw->end == sizeof raw->bytes;
		return true;
	}
	if (n == 0)
		*eof = true;
	else if (would_block(errno))
		*readable = false;
	else
		*why = errno == ECONNRESET ?
		    "the server reset the connection" : "the connection failed";
	return false;
}

bool
shuttle_feed(br_ssl_engine_context *eng, struct shuttle_raw *raw)
{
	bool moved = false;
	size_t len;

	while (raw->at < raw->end) {
		unsigned char *to = br_ssl_engine_recvrec_buf(eng, &len);

		if (!to)
			break;
		if (len > raw->end - raw->at)
			len = raw->end - raw->at;
		memcpy(to, raw->bytes + raw->at, len);
		raw->at += len;
		br_ssl_engine_recvrec_ack(eng, len);
		moved = true;
	}
	return moved;
}

bool
shuttle_unseal(br_ssl_engine_context *eng, struct buf *in, size_t max)
{
	bool moved = false;
	size_t len;

	while (buf_len(in) < max) {
		unsigned char *from = br_ssl_engine_recvapp_buf(eng, &len);

		if (!from)
			break;
		if (len > max - buf_len(in))
			len = max - buf_len(in);
		buf_append(in, (struct slice){ (const char *)from, len });
		if (in->failed)
			break;
		br_ssl_engine_recvapp_ack(eng, len);
		moved = true;
	}
	return moved;
}

/* As much of `from` as the record being filled has room for. */
static size_t
put(br_ssl_engine_context *eng, struct slice from)
{
	size_t len;
	unsigned char *to;

	if (!from.len)
		return 0;
	to = br_ssl_engine_sendapp_buf(eng, &len);
	if (!to)
		return 0;
	if (len > from.len)
		len = from.len;
	memcpy(to, from.ptr, len);
	br_ssl_engine_sendapp_ack(eng, len);
	return len;
}

bool
shuttle_seal(br_ssl_engine_context *eng, struct buf *out, struct slice *tail)
{
	size_t n, moved = 0;

	while ((n = put(eng, buf_slice(out))) > 0) {
		buf_take(out, n);
		moved += n;
	}
	while (!buf_len(out) && (n = put(eng, *tail)) > 0) {
		*tail = slice_skip(*tail, n);
		moved += n;
	}
	if (moved && !buf_len(out) && !tail->len)
		br_ssl_engine_flush(eng, 0);
	return moved > 0;
}
