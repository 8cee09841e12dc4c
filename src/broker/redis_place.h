/* Where a Redis is, and as whom it is spoken to: what the address says, and the environment.
 *
 *   redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]    rediss:// likewise, with TLS
 *   redis+unix://[USER[:PASSWORD]@]/PATH[?db=DB]
 *
 * USER, PASSWORD and PATH may have %XX for any byte; HOST may be [IPv6]. Where there is no
 * password, that of $REDISCLI_AUTH counts. Room: broker/ only. */
#ifndef PQ_BROKER_REDIS_PLACE_H
#define PQ_BROKER_REDIS_PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct redis_place {
	bool tls;
	char *path;                   /* owned; NULL: a host */
	char *host, *port;            /* owned */
	char *user;                   /* owned; NULL: none */
	char *password;               /* owned; NULL: none */
	size_t user_len, password_len;
	unsigned db;
};

/* False: why says what is wrong, without a word of what may be secret. The environment's
 * password may be NULL. */
bool redis_place_read(struct redis_place *p, const char *address, const char *password,
	struct buf *why);
void redis_place_free(struct redis_place *p);

#endif
