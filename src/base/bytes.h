/* Bytes by the thousand. Pure. */
#ifndef PQ_BYTES_H
#define PQ_BYTES_H

#include <stddef.h>

/* How often the byte c stands in them. */
size_t bytes_count(const char *data, size_t len, char c);

#endif
