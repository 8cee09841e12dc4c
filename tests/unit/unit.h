/* What unit tests share: cmocka after the headers it needs, randomness that is
 * the same every time, and descriptors that point elsewhere for a while. */
#ifndef PQ_UNIT_H
#define PQ_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A generator for each thread: what it starts with decides all it gives. SEED in
 * the environment asks for another run than the usual one. */
static inline uint32_t unit_seed(uint32_t which)
{
	const char *seed = getenv("SEED");

	return (which + (seed ? (uint32_t)strtoul(seed, NULL, 10) : 0)) * 2654435761U | 1;
}

static inline uint32_t unit_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static inline uint32_t unit_below(uint32_t *state, uint32_t n)
{
	return (uint32_t)((uint64_t)unit_random(state) * n >> 32);
}

/* Let fd be what `to` is; what it was comes back with unit_restore. No assertion
 * may fail in between: its message would be lost. */
static inline int unit_divert(int fd, int to)
{
	int saved;

	fflush(NULL);
	saved = dup(fd);
	if (saved < 0 || dup2(to, fd) < 0)
		abort();
	return saved;
}

static inline void unit_restore(int fd, int saved)
{
	fflush(NULL);
	if (dup2(saved, fd) < 0)
		abort();
	close(saved);
}

/* Everything in the file, as a string; free it. */
static inline char *unit_content(int fd, size_t *len)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *data = malloc((size_t)size + 1);

	if (size < 0 || !data || pread(fd, data, (size_t)size, 0) != size)
		abort();
	data[size] = '\0';
	*len = (size_t)size;
	return data;
}

#endif
