/* Wakes up a thread that polls. Any thread may ring. */
#ifndef PQ_BELL_H
#define PQ_BELL_H

#include <stdbool.h>

struct bell {
	int in, out; /* to be rung, and to be polled for reading: is readable once it was rung */
};

bool bell_open(struct bell *b); /* false with errno */
void bell_close(struct bell *b);
void bell_ring(const struct bell *b); /* never waits */
/* It is silent until it is rung again. */
void bell_hush(const struct bell *b);

#endif
