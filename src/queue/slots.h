/* Slots: numbers from 0 for what runs, each for one at a time; who begins has the lowest that
 * is free. The queue's, under its lock. Zero-initialise; free with slots_free. Growth dies on
 * failed allocation (mem.h). */
#ifndef PQ_SLOTS_H
#define PQ_SLOTS_H

#include <stddef.h>
#include <stdint.h>

struct slots {
	uint64_t *taken;  /* owned: a bit for each */
	size_t words;
	unsigned count;   /* so many are taken */
};

unsigned slots_take(struct slots *s);
void slots_give(struct slots *s, unsigned slot); /* it is taken */
void slots_free(struct slots *s);

#endif
