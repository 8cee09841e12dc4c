/* Chance. Not for secrets: what it gives is spread well, not hidden well. */
#ifndef PQ_RANDOM_H
#define PQ_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* From the system, or from the clock where it has none to give. Any thread. */
void random_bytes(void *to, size_t len);
/* So many hexadecimal digits, an even number of at most 64, and a NUL. Any thread. */
void random_hex(char *to, size_t digits);
/* The next number of a generator, from 0 to n - 1, n at least 1. *state is the
 * caller's, and begins as any number at all. */
uint64_t random_below(uint64_t *state, uint64_t n);

#endif
