/* TLS by OpenSSL, loaded on demand. See tls.h.
 *
 * OpenSSL reads and writes memory; what goes over the socket is sent and taken here: its own
 * way of writing raises SIGPIPE where the other side has gone. */
#include "base/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config.h"

#ifdef HAVE_OPENSSL

#include <arpa/inet.h>
#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* What is used of it, with the types of its headers; libssl brings libcrypto along. */
#define FUNCTIONS(F) \
	F(TLS_client_method) F(SSL_CTX_new) F(SSL_CTX_free) F(SSL_CTX_ctrl) \
	F(SSL_CTX_set_default_verify_paths) F(SSL_CTX_set_verify) F(SSL_new) F(SSL_free) \
	F(SSL_set_bio) F(SSL_set1_host) F(SSL_get0_param) F(SSL_ctrl) F(SSL_connect) F(SSL_read) \
	F(SSL_write) F(SSL_get_error) F(SSL_get_verify_result) F(X509_verify_cert_error_string) \
	F(X509_VERIFY_PARAM_set1_ip_asc) F(BIO_new) F(BIO_s_mem) F(BIO_read) F(BIO_write) \
	F(BIO_ctrl_pending) F(BIO_free) F(ERR_get_error) F(ERR_reason_error_string) F(ERR_clear_error)

static struct {
#define MEMBER(name) __typeof__(name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
} ssl;

struct tls {
	int fd;
	SSL_CTX *context;
	SSL *session;
	BIO *in, *out; /* what came, and what is to go; the session's */
};

#define SPELL(version) #version
#define SPELLED(version) SPELL(version)
#if OPENSSL_VERSION_NUMBER < 0x30000000L
#define VERSION "1.1"
#else
#define VERSION SPELLED(OPENSSL_VERSION_MAJOR)
#endif
#ifdef __APPLE__
#define LIBRARY "libssl." VERSION ".dylib"
#else
#define LIBRARY "libssl.so." VERSION
#endif

static bool tls_find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof found);
	return found != NULL;
}

const char *tls_load(void)
{
	void *library;
	bool ok = true;

	if (ssl.SSL_new)
		return NULL;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return LIBRARY " cannot be loaded; install OpenSSL " VERSION;
#define FIND(name) ok = ok && tls_find(library, #name, &ssl.name);
	FUNCTIONS(FIND)
#undef FIND
	if (!ok)
		memset(&ssl, 0, sizeof ssl);
	return ok ? NULL : LIBRARY " is too old; install OpenSSL 1.1.1 or newer";
}

/* --- the socket -------------------------------------------------------- */

/* What the session has to say goes out. */
static bool tls_flush(struct tls *t)
{
	char bytes[16384];
	int n;

	while (ssl.BIO_ctrl_pending(t->out) > 0 && (n = ssl.BIO_read(t->out, bytes, sizeof bytes)) > 0)
		for (int at = 0; at < n;) {
			ssize_t sent = send(t->fd, bytes + at, (size_t)(n - at), MSG_NOSIGNAL);

			if (sent < 0 && errno != EINTR)
				return false;
			at += sent > 0 ? (int)sent : 0;
		}
	return true;
}

/* What has come goes in. As read(2). */
static ssize_t tls_fetch(struct tls *t)
{
	char bytes[16384];
	ssize_t n;

	do
		n = recv(t->fd, bytes, sizeof bytes, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0 && ssl.BIO_write(t->in, bytes, (int)n) != n) {
		errno = ENOMEM;
		return -1;
	}
	return n;
}

enum tls_step { TLS_DONE, TLS_AGAIN, TLS_END, TLS_FAILED };

/* After a call of the session that gave this: is there more to do for it? FAILED: errno, which
 * is 0 where TLS itself went wrong. */
static enum tls_step tls_step(struct tls *t, int result)
{
	int error = result > 0 ? SSL_ERROR_NONE : ssl.SSL_get_error(t->session, result);
	ssize_t n;

	if (!tls_flush(t))
		return TLS_FAILED;
	errno = 0;
	switch (error) {
	case SSL_ERROR_NONE:
		return TLS_DONE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_END;
	case SSL_ERROR_WANT_WRITE:
		return TLS_AGAIN;
	case SSL_ERROR_WANT_READ:
		n = tls_fetch(t);
		return n > 0 ? TLS_AGAIN : n == 0 ? TLS_END : TLS_FAILED;
	default:
		return TLS_FAILED;
	}
}

/* --- the session ------------------------------------------------------- */

static bool tls_expect(struct tls *t, const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return ssl.X509_VERIFY_PARAM_set1_ip_asc(ssl.SSL_get0_param(t->session), host) == 1;
	ssl.SSL_ctrl(t->session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
		(void *)(uintptr_t)host);
	return ssl.SSL_set1_host(t->session, host) == 1;
}

static bool tls_prepare(struct tls *t, const char *host)
{
	t->context = ssl.SSL_CTX_new(ssl.TLS_client_method());
	if (!t->context)
		return false;
	ssl.SSL_CTX_ctrl(t->context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
	ssl.SSL_CTX_set_default_verify_paths(t->context);
	ssl.SSL_CTX_set_verify(t->context, SSL_VERIFY_PEER, NULL);
	t->session = ssl.SSL_new(t->context);
	t->in = ssl.BIO_new(ssl.BIO_s_mem());
	t->out = ssl.BIO_new(ssl.BIO_s_mem());
	if (t->session && t->in && t->out) {
		ssl.SSL_set_bio(t->session, t->in, t->out);
		return tls_expect(t, host);
	}
	ssl.BIO_free(t->in);
	ssl.BIO_free(t->out);
	return false;
}

static void tls_explain(struct tls *t, enum tls_step step, int error, struct buf *why)
{
	long verified = t->session ? ssl.SSL_get_verify_result(t->session) : X509_V_OK;
	const char *reason = ssl.ERR_reason_error_string(ssl.ERR_get_error());

	if (verified != X509_V_OK)
		buf_addf(why, "its certificate is not trusted: %s ($SSL_CERT_FILE may name the one that "
			"is)", ssl.X509_verify_cert_error_string(verified));
	else if (error)
		buf_adds(why, error == EAGAIN ? "it does not answer to TLS" : strerror(error));
	else if (step == TLS_END)
		buf_adds(why, "it has ended the connection; does it speak TLS?");
	else
		buf_addf(why, "TLS fails: %s", reason ? reason : "no reason is known");
}

struct tls *tls_open(int fd, const char *host, struct buf *why)
{
	struct tls *t = mem_zero(sizeof *t);
	enum tls_step step = TLS_FAILED;
	int error = 0;

	t->fd = fd;
	ssl.ERR_clear_error();
	errno = 0;
	if (tls_prepare(t, host))
		do
			step = tls_step(t, ssl.SSL_connect(t->session));
		while (step == TLS_AGAIN);
	if (step == TLS_DONE)
		return t;
	error = errno;
	tls_explain(t, step, error, why);
	tls_close(t);
	errno = error;
	return NULL;
}

void tls_close(struct tls *t)
{
	if (!t)
		return;
	ssl.SSL_free(t->session);
	ssl.SSL_CTX_free(t->context);
	free(t);
}

bool tls_write(struct tls *t, const char *data, size_t len)
{
	enum { MOST = 1 << 20 };

	while (len > 0) {
		int n = ssl.SSL_write(t->session, data, len < MOST ? (int)len : MOST);
		enum tls_step step = tls_step(t, n);

		if (step == TLS_END || step == TLS_FAILED) {
			errno = errno ? errno : EPIPE;
			return false;
		}
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

ssize_t tls_read(struct tls *t, char *to, size_t most)
{
	for (;;) {
		int n = ssl.SSL_read(t->session, to, most < 1 << 30 ? (int)most : 1 << 30);

		switch (tls_step(t, n)) {
		case TLS_DONE:
			return n;
		case TLS_AGAIN:
			break;
		case TLS_END:
			return 0;
		case TLS_FAILED:
			errno = errno ? errno : EPROTO;
			return -1;
		}
	}
}

#else /* what asks for it has been refused, so the rest is never called */

const char *tls_load(void)
{
	return "pq was built without TLS; install OpenSSL and its header, and configure again";
}

struct tls *tls_open(int fd, const char *host, struct buf *why)
{
	(void)fd;
	(void)host;
	(void)why;
	return NULL;
}

void tls_close(struct tls *t)
{
	(void)t;
}

bool tls_write(struct tls *t, const char *data, size_t len)
{
	(void)t;
	(void)data;
	(void)len;
	return false;
}

ssize_t tls_read(struct tls *t, char *to, size_t most)
{
	(void)t;
	(void)to;
	(void)most;
	return -1;
}

#endif
