/* Memory that is there, or the run is over. See mem.h. */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*mem_tell)(size_t size);

void mem_refused_by(void (*tell)(size_t size))
{
	mem_tell = tell;
}

static void *or_die(void *p, size_t size)
{
	if (!p) {
		if (mem_tell)
			mem_tell(size);
		_exit(125);
	}
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
