#include "net/alert.h"

#include <stddef.h>

#include "net/verify.h"

/* RFC 5246 7.2 and RFC 7301 3.2: what the server said before it hung up. */
static const struct {
	int		 alert;
	const char	*sentence;
} alerts[] = {
	{ BR_ALERT_UNEXPECTED_MESSAGE,
	  "the server did not expect our message" },
	{ BR_ALERT_BAD_RECORD_MAC, "the server could not decrypt our record" },
	{ BR_ALERT_RECORD_OVERFLOW, "the server found our record too long" },
	{ BR_ALERT_HANDSHAKE_FAILURE,
	  "the server shares no cipher suite, curve or signature with us (this "
	  "build speaks TLS 1.2 with ECDHE and AES-GCM or ChaCha20)" },
	{ BR_ALERT_BAD_CERTIFICATE, "the server refused a certificate" },
	{ BR_ALERT_UNSUPPORTED_CERTIFICATE,
	  "the server refused a certificate" },
	{ BR_ALERT_CERTIFICATE_UNKNOWN,
	  "the server wants a client certificate, which is not supported" },
	{ BR_ALERT_ILLEGAL_PARAMETER,
	  "the server found our handshake illegal" },
	{ BR_ALERT_UNKNOWN_CA, "the server refused a certificate" },
	{ BR_ALERT_ACCESS_DENIED, "the server denied access" },
	{ BR_ALERT_DECODE_ERROR, "the server could not read our handshake" },
	{ BR_ALERT_DECRYPT_ERROR,
	  "the server found a wrong signature in the handshake" },
	{ BR_ALERT_PROTOCOL_VERSION,
	  "the server does not speak TLS 1.2 (this build speaks no other; "
	  "TLS 1.3 only, most likely)" },
	{ BR_ALERT_INSUFFICIENT_SECURITY,
	  "the server wants stronger cipher suites than we have" },
	{ BR_ALERT_INTERNAL_ERROR, "the server failed inside" },
	{ BR_ALERT_USER_CANCELED, "the server cancelled the handshake" },
	{ BR_ALERT_NO_RENEGOTIATION, "the server refused to renegotiate" },
	{ BR_ALERT_UNSUPPORTED_EXTENSION,
	  "the server refused an extension of ours" },
	{ 112, "the server does not know the host name we asked for" },
	{ BR_ALERT_NO_APPLICATION_PROTOCOL,
	  "the server does not speak HTTP/1.1 over TLS (ALPN)" },
};

static const char *const sentences[] = {
	[BR_ERR_OK] = "the connection was closed",
	[BR_ERR_BAD_PARAM] = "the TLS engine was set up wrongly",
	[BR_ERR_BAD_STATE] = "the TLS engine was used wrongly",
	[BR_ERR_UNSUPPORTED_VERSION] =
	    "the server does not speak TLS (plain HTTP on this port?)",
	[BR_ERR_BAD_VERSION] =
	    "the server changed its TLS version in mid-stream",
	[BR_ERR_BAD_LENGTH] = "the server sent a TLS record of a bad length",
	[BR_ERR_TOO_LARGE] = "the server sent a TLS record that is too long",
	[BR_ERR_BAD_MAC] = "a TLS record was damaged on its way",
	[BR_ERR_NO_RANDOM] = "the system gave no random bytes",
	[BR_ERR_UNKNOWN_TYPE] = "the server sent a TLS record of no known type",
	[BR_ERR_UNEXPECTED] = "the server sent a TLS message out of turn",
	[BR_ERR_BAD_CCS] = "the server sent a bad ChangeCipherSpec",
	[BR_ERR_BAD_ALERT] = "the server sent a bad TLS alert",
	[BR_ERR_BAD_HANDSHAKE] = "the server sent a bad handshake message",
	[BR_ERR_OVERSIZED_ID] = "the server sent a session id that is too long",
	[BR_ERR_BAD_CIPHER_SUITE] =
	    "the server chose a cipher suite that was not offered",
	[BR_ERR_BAD_COMPRESSION] = "the server wants TLS compression",
	[BR_ERR_BAD_FRAGLEN] = "the server answered with a wrong record length",
	[BR_ERR_BAD_SECRENEG] =
	    "the server answered the renegotiation check wrongly",
	[BR_ERR_EXTRA_EXTENSION] =
	    "the server sent a TLS extension that was not asked for",
	[BR_ERR_BAD_SNI] = "the server answered the host name wrongly",
	[BR_ERR_BAD_HELLO_DONE] = "the server ended its hello wrongly",
	[BR_ERR_LIMIT_EXCEEDED] = "the server's key is too large",
	[BR_ERR_BAD_FINISHED] = "the handshake was tampered with on its way",
	[BR_ERR_RESUME_MISMATCH] = "the server resumed another session",
	[BR_ERR_INVALID_ALGORITHM] =
	    "the server chose an algorithm that was not offered",
	[BR_ERR_BAD_SIGNATURE] = "the server's signature is wrong",
	[BR_ERR_WRONG_KEY_USAGE] =
	    "the certificate's key may not be used in this way",
	[BR_ERR_NO_CLIENT_AUTH] =
	    "the server wants a client certificate, which is not supported",
	[BR_ERR_IO] = "the connection failed",
	[BR_ERR_X509_INVALID_VALUE] = "the certificate is malformed",
	[BR_ERR_X509_TRUNCATED] = "the certificate is cut short",
	[BR_ERR_X509_EMPTY_CHAIN] = "the server showed no certificate",
	[BR_ERR_X509_INNER_TRUNC] = "the certificate is malformed",
	[BR_ERR_X509_BAD_TAG_CLASS] = "the certificate is malformed",
	[BR_ERR_X509_BAD_TAG_VALUE] = "the certificate is malformed",
	[BR_ERR_X509_INDEFINITE_LENGTH] = "the certificate is malformed",
	[BR_ERR_X509_EXTRA_ELEMENT] = "the certificate is malformed",
	[BR_ERR_X509_UNEXPECTED] = "the certificate is malformed",
	[BR_ERR_X509_NOT_CONSTRUCTED] = "the certificate is malformed",
	[BR_ERR_X509_NOT_PRIMITIVE] = "the certificate is malformed",
	[BR_ERR_X509_PARTIAL_BYTE] = "the certificate is malformed",
	[BR_ERR_X509_BAD_BOOLEAN] = "the certificate is malformed",
	[BR_ERR_X509_OVERFLOW] = "the certificate is malformed",
	[BR_ERR_X509_BAD_DN] = "the certificate's subject is malformed",
	[BR_ERR_X509_BAD_TIME] = "the certificate's dates are malformed",
	[BR_ERR_X509_UNSUPPORTED] =
	    "the certificate uses an algorithm that is not supported (SHA-1, "
	    "Ed25519, RSA-PSS?)",
	[BR_ERR_X509_LIMIT_EXCEEDED] =
	    "the certificate's key is larger than RSA-4096",
	[BR_ERR_X509_WRONG_KEY_TYPE] =
	    "the certificate's key does not fit its issuer's signature",
	[BR_ERR_X509_BAD_SIGNATURE] =
	    "the certificate's signature is wrong",
	[BR_ERR_X509_TIME_UNKNOWN] = "the system does not know the time",
	[BR_ERR_X509_EXPIRED] =
	    "the certificate, or one above it, has expired or is not yet valid",
	[BR_ERR_X509_DN_MISMATCH] =
	    "the server's certificates do not lead from one to the next",
	[BR_ERR_X509_BAD_SERVER_NAME] =
	    "the certificate is not for this host name",
	[BR_ERR_X509_CRITICAL_EXTENSION] =
	    "the certificate makes a condition (critical extension) that is "
	    "not supported",
	[BR_ERR_X509_NOT_CA] =
	    "the certificate was issued by one that may not issue it",
	[BR_ERR_X509_FORBIDDEN_KEY_USAGE] =
	    "the certificate was issued with a key that may not sign it",
	[BR_ERR_X509_WEAK_PUBLIC_KEY] =
	    "the certificate, or one above it, has a key shorter than RSA-2048",
	[BR_ERR_X509_NOT_TRUSTED] =
	    "the certificate leads to no trusted authority (self-signed, or "
	    "a private authority: set SSL_CERT_FILE; or the server does "
	    "not send its intermediate certificate)",
	[VERIFY_PURPOSE] = "the certificate is not meant for TLS servers",
	[VERIFY_NO_NAMES] =
	    "the certificate has no subjectAltName, and so no host name",
	[VERIFY_CONSTRAINED] =
	    "the certificate's issuer is bound to certain names, which is "
	    "not supported",
	[VERIFY_CLOCK] =
	    "the certificate is not valid yet: this machine's clock is wrong",
	[VERIFY_ODD] = "the certificate is malformed",
	[VERIFY_SIZE] = "the server's certificates are too long",
};

enum { SENTENCES = sizeof sentences / sizeof *sentences };

static const char *
alert_from_server(int alert)
{
	for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++)
		if (alerts[i].alert == alert)
			return alerts[i].sentence;
	return "the server ended the TLS connection with an alert";
}

const char *
alert_sentence(int error)
{
	if (error >= BR_ERR_SEND_FATAL_ALERT)
		return "the server broke the rules of TLS";
	if (error >= BR_ERR_RECV_FATAL_ALERT)
		return alert_from_server(error - BR_ERR_RECV_FATAL_ALERT);
	if (error < 0 || error >= SENTENCES || !sentences[error])
		return "TLS failed";
	return sentences[error];
}

/* Few words: the client knows, and whoever debugs it needs a place to begin. */
const char *
alert_of_client(int error)
{
	switch (error) {
	case BR_ERR_UNSUPPORTED_VERSION:
	case BR_ERR_BAD_VERSION:
	case BR_ERR_SEND_FATAL_ALERT + BR_ALERT_PROTOCOL_VERSION:
		return "the client does not speak TLS 1.2, or no TLS at all";
	case BR_ERR_SEND_FATAL_ALERT + BR_ALERT_HANDSHAKE_FAILURE:
		return "the client shares no cipher suite or curve with us";
	case BR_ERR_RECV_FATAL_ALERT + BR_ALERT_UNKNOWN_CA:
	case BR_ERR_RECV_FATAL_ALERT + BR_ALERT_BAD_CERTIFICATE:
	case BR_ERR_RECV_FATAL_ALERT + BR_ALERT_CERTIFICATE_UNKNOWN:
	case BR_ERR_RECV_FATAL_ALERT + BR_ALERT_CERTIFICATE_EXPIRED:
		return "the client does not trust our certificate";
	}
	if (error >= BR_ERR_RECV_FATAL_ALERT &&
	    error < BR_ERR_SEND_FATAL_ALERT)
		return "the client ended the TLS connection with an alert";
	return "the client broke the rules of TLS";
}
