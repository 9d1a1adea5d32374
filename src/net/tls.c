#include "net/tls.h"

struct tls *
tls_new(const struct trust *trust, struct tls_sessions *sessions,
    struct slice host, uint16_t port, const char **why)
{
	(void)trust; (void)sessions; (void)host; (void)port;
	*why = "TLS is not built yet";
	return NULL;
}
void tls_free(struct tls *t) { (void)t; }
struct tls_sessions *tls_sessions_new(size_t max) { (void)max; return NULL; }
void tls_sessions_free(struct tls_sessions *s) { (void)s; }
enum tls_state
tls_pump(struct tls *t, int fd, bool *readable, bool *writable,
    bool *eof, struct buf *in, size_t max, struct buf *out, struct slice *tail)
{
	(void)t; (void)fd; (void)readable; (void)writable; (void)eof; (void)in;
	(void)max; (void)out; (void)tail;
	return TLS_FAILED;
}
void tls_shutdown(struct tls *t) { (void)t; }
const char *tls_why(const struct tls *t) { (void)t; return ""; }
bool tls_resumed(const struct tls *t) { (void)t; return false; }
size_t tls_unsent(const struct tls *t) { (void)t; return 0; }
bool tls_busy(const struct tls *t) { (void)t; return false; }
