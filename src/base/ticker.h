/* Wakes up a thread that polls, again and again: where nobody else would tell. */
#ifndef PQ_TICKER_H
#define PQ_TICKER_H

#include <stdint.h>

struct ticker;

/* Starts a thread that ticks every so many ns; NULL with errno. */
struct ticker *ticker_start(int64_t every);
int ticker_fd(const struct ticker *t); /* readable from a tick on until it is hushed */
void ticker_hush(const struct ticker *t);
void ticker_stop(struct ticker *t); /* or NULL */

#endif
