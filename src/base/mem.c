/* Memory that is there, or the run is over. See mem.h. */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/msg.h"

static void *or_die(void *p, size_t size)
{
	if (!p)
		msg_die(125, "out of memory: %zu more bytes were refused; try a smaller "
			"-Q, --queue-bytes or -j", size);
	return p;
}

void *mem_alloc(size_t size)
{
	return or_die(malloc(size ? size : 1), size);
}

void *mem_zero(size_t size)
{
	return or_die(calloc(1, size ? size : 1), size);
}

void *mem_grow(void *old, size_t size)
{
	return or_die(realloc(old, size ? size : 1), size);
}

char *mem_copy(const char *data, size_t len)
{
	char *p = mem_alloc(len + 1);

	if (len)
		memcpy(p, data, len);
	p[len] = '\0';
	return p;
}

size_t mem_size(uint64_t bytes)
{
	return bytes < SIZE_MAX / 4 ? (size_t)bytes : SIZE_MAX / 4;
}
