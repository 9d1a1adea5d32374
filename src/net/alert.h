/*
 * alert - what went wrong in TLS, in words for a log and an operator.
 */
#ifndef NET_ALERT_H
#define NET_ALERT_H

/* A sentence for an error number of BearSSL or net/verify.h.  Never NULL. */
const char	*alert_sentence(int error);
/* The same of a server's, with a client on the other side. */
const char	*alert_of_client(int error);

#endif
