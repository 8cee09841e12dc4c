/* Preloaded into pq: allocation number FAIL_ALLOC fails.
 *
 * Memory comes from one arena and is never given back, which is enough for a
 * short run and needs nothing of libc. When the allocation that was to fail has
 * been asked for, the file FAIL_TOLD is made; without it the run was too short. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARENA ((size_t)1 << 30)
#define ALIGN ((size_t)16)

static _Atomic(char *) top;
static _Atomic long count;
static long victim;

/* Jobs are to be spared. */
__attribute__((constructor)) static void begin(void)
{
	const char *number = getenv("FAIL_ALLOC");

	victim = number ? atol(number) : 0;
	atomic_store(&count, 0);
	unsetenv("LD_PRELOAD");
	unsetenv("FAIL_ALLOC");
}

static int fails(void)
{
	const char *told;

	if (!victim || atomic_fetch_add(&count, 1) + 1 != victim)
		return 0;
	told = getenv("FAIL_TOLD");
	if (told)
		close(open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	errno = ENOMEM;
	return 1;
}

static void *take(size_t size)
{
	size_t whole = (size + 2 * ALIGN - 1) / ALIGN * ALIGN;
	char *at = atomic_load(&top), *none = NULL;

	if (!at) {
		at = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (at == MAP_FAILED)
			abort();
		if (!atomic_compare_exchange_strong(&top, &none, at))
			munmap(at, ARENA);
	}
	at = atomic_fetch_add(&top, whole);
	*(size_t *)(void *)at = size;
	return at + ALIGN;
}

void *malloc(size_t size)
{
	return fails() ? NULL : take(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : take(n * size); /* fresh pages are zero */
}

void *realloc(void *old, size_t size)
{
	void *new = fails() ? NULL : take(size);

	if (old && new) {
		size_t had = *(size_t *)(void *)((char *)old - ALIGN);

		memcpy(new, old, had < size ? had : size);
	}
	return new;
}

void free(void *old)
{
	(void)old;
}
