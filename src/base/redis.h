/* A connection to Redis or Valkey, by hiredis, which is loaded when it is first asked for.
 * Nobody else knows its header.
 *
 * Commands are lists of words, each of any bytes, so data is never read as a command. A
 * connection is for one thread at a time. Where it is broken, or nobody has answered in
 * time, the reply is NULL, with the reason in redis_why: only redis_close is left then. */
#ifndef PQ_REDIS_H
#define PQ_REDIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct redis;       /* a connection */
struct redis_reply; /* what came back; owned, by redis_drop */

/* NULL when there is hiredis; else why not, and what to do. */
const char *redis_load(void);

/* Over a connected socket, which is its own from now on. It waits so many ms for whatever
 * is to be read or written. */
struct redis *redis_open(int fd, int64_t patience);
/* Before anything is sent, and after tls_load: TLS with a server that proves to be this host
 * (tls.h). False: redis_why. */
bool redis_begin_tls(struct redis *r, const char *host);
void redis_close(struct redis *r);
const char *redis_why(const struct redis *r);
int redis_socket(const struct redis *r);

/* --- commands ---------------------------------------------------------- */

/* Zero-initialise it; it can be sent more than once. */
struct redis_words {
	struct buf text; /* as the protocol has them */
	size_t count;
};

void redis_word(struct redis_words *w, const void *data, size_t len);
void redis_word_text(struct redis_words *w, const char *text);
void redis_word_number(struct redis_words *w, int64_t number);
void redis_words_clear(struct redis_words *w);
void redis_words_free(struct redis_words *w);

/* Send one, and take the reply: replies come in the order of what was sent. */
bool redis_send(struct redis *r, const struct redis_words *w);
struct redis_reply *redis_receive(struct redis *r);
struct redis_reply *redis_call(struct redis *r, const struct redis_words *w);

/* --- replies ----------------------------------------------------------- */

enum redis_kind { REDIS_IS_NIL, REDIS_IS_TEXT, REDIS_IS_NUMBER, REDIS_IS_LIST, REDIS_IS_ERROR };

enum redis_kind redis_kind(const struct redis_reply *reply);
/* Of a text or an error: its bytes, and a NUL behind them. "" of any other kind. */
const char *redis_text(const struct redis_reply *reply, size_t *len);
/* A number, also one that is spelled as text; 0 of any other kind. */
int64_t redis_number(const struct redis_reply *reply);
size_t redis_count(const struct redis_reply *list); /* 0 of what is no list */
/* The i-th of a list, a view; NULL: there is none. What is asked of NULL is as of a nil. */
const struct redis_reply *redis_item(const struct redis_reply *list, size_t i);
void redis_drop(struct redis_reply *reply); /* NULL is fine */

#endif
