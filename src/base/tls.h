/* TLS over a socket, by OpenSSL, which is loaded when it is first asked for. Nobody else knows
 * its header.
 *
 * Who answers has to prove to be the host that was asked for, by the certificates that the
 * system trusts, or those that $SSL_CERT_FILE names. A connection is for one thread at a
 * time; it goes by the socket's timeouts, and sends nobody a SIGPIPE. */
#ifndef PQ_TLS_H
#define PQ_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct tls; /* a connection; the socket stays the caller's */

/* NULL when there is OpenSSL; else why not, and what to do. */
const char *tls_load(void);
/* Shake hands. NULL: why holds why not; errno is the socket's, or 0. */
struct tls *tls_open(int fd, const char *host, struct buf *why);
void tls_close(struct tls *t);
/* All of it; false with errno. */
bool tls_write(struct tls *t, const char *data, size_t len);
/* As read(2): 0 is the end. */
ssize_t tls_read(struct tls *t, char *to, size_t most);

#endif
