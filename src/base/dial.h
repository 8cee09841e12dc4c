/* A stream to a server: a socket that blocks, close-on-exec from its birth, reached within a
 * time. Any thread. */
#ifndef PQ_DIAL_H
#define PQ_DIAL_H

#include <stdint.h>

struct buf;

/* Each: the socket; or -1, and why holds why not: what the system, or who knows the names
 * of hosts, says. errno is the system's, 0 where it has none. patience is in ms; to find
 * out a host's address takes as long as the system likes. */
int dial_host(const char *host, const char *port, int64_t patience, struct buf *why);
int dial_path(const char *path, int64_t patience, struct buf *why);

#endif
