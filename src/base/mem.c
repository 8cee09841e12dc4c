/* Memory that is there, or the run is over. See mem.h. */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"

static void (*mem_tell)(size_t size);

void mem_refused_by(void (*tell)(size_t size))
{
	mem_tell = tell;
}

/* What is given up at the first refusal, and for how long memory is waited for then. */
enum { MEM_RESERVE = 2 << 20, MEM_TRIES = 100 };
#define MEM_PAUSE 50000000L /* ns */

static void *_Atomic mem_reserve;
static void (*mem_refused)(void *ctx, size_t size);
static void *mem_refused_ctx;

void mem_keep_reserve(void (*refused)(void *ctx, size_t size), void *ctx)
{
	mem_refused = refused;
	mem_refused_ctx = ctx;
	free(atomic_exchange(&mem_reserve, refused ? malloc(MEM_RESERVE) : NULL));
}

/* After so many tries: may there be some in a while? */
static bool mem_may_come(int tried, size_t size)
{
	void *reserve;

	if (!mem_refused || tried >= MEM_TRIES)
		return false;
	reserve = atomic_exchange(&mem_reserve, NULL);
	if (reserve) {
		free(reserve);
		mem_refused(mem_refused_ctx, size);
	} else {
		nanosleep(&(struct timespec){ 0, MEM_PAUSE }, NULL);
	}
	return true;
}

static void *mem_get(void *old, size_t size, bool zero)
{
	size_t least = size ? size : 1;
	void *p;

	for (int tried = 0; !(p = zero ? calloc(1, least) : realloc(old, least)); tried++)
		if (!mem_may_come(tried, size)) {
			if (mem_tell)
				mem_tell(size);
			_exit(status_said(STATUS_CANNOT));
		}
	return p;
}

void *mem_alloc(size_t size)
{
	return mem_get(NULL, size, false);
}

void *mem_zero(size_t size)
{
	return mem_get(NULL, size, true);
}

void *mem_grow(void *old, size_t size)
{
	return mem_get(old, size, false);
}

/* What others may need at any time. */
enum { MEM_OTHERS = 8 << 20 };

bool mem_has(size_t size)
{
	void *volatile p = malloc(size + MEM_OTHERS); /* or a compiler would know better */

	free(p);
	return p != NULL;
}

void *mem_try_grow(void *old, size_t size)
{
	return mem_has(size) ? realloc(old, size) : NULL;
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
