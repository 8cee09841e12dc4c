/* Bytes in waiting: memory first, then one nameless file. See chain.h. */
#include "base/chain.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/thread.h"

/* What the file system takes for even the smallest chunk. */
#define PAGE 4096

struct store {
	uint64_t cap;             /* bytes in memory past which the file is used */
	_Atomic uint64_t memory;  /* bytes in memory, headers included */
	_Atomic uint64_t spooled; /* bytes in the file, in whole pages */
	lock lock;                /* guards what follows: the file and its slots */
	int fd;                   /* -1 until it is needed */
	int64_t slots;            /* slots handed out so far, used or free */
	int64_t *free;            /* stack of slots to use again */
	size_t nfree, room;
};

struct store *store_new(uint64_t in_memory)
{
	struct store *s = mem_zero(sizeof *s);

	s->cap = in_memory;
	s->fd = -1;
	lock_init(&s->lock);
	return s;
}

void store_free(struct store *s)
{
	assert(atomic_load(&s->memory) == 0 && atomic_load(&s->spooled) == 0);
	if (s->fd >= 0)
		close(s->fd);
	free(s->free);
	free(s);
}

uint64_t store_spooled(struct store *s)
{
	return atomic_load_explicit(&s->spooled, memory_order_relaxed);
}

uint64_t store_in_memory(struct store *s)
{
	return atomic_load_explicit(&s->memory, memory_order_relaxed);
}

static uint64_t on_disk(uint32_t len)
{
	return (len + (uint64_t)PAGE - 1) / PAGE * PAGE;
}

/* A place in the file, or -1 when there can be no file. */
static int64_t slot_take(struct store *s)
{
	int64_t slot = -1;

	lock_take(&s->lock);
	if (s->fd < 0)
		s->fd = io_temporary();
	if (s->fd >= 0)
		slot = s->nfree ? s->free[--s->nfree] : s->slots++;
	lock_give(&s->lock);
	return slot;
}

static void slot_give(struct store *s, int64_t slot)
{
	lock_take(&s->lock);
	if (s->nfree == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->free = mem_grow(s->free, s->room * sizeof *s->free);
	}
	s->free[s->nfree++] = slot;
	lock_give(&s->lock);
}

static bool write_at(int fd, const char *data, size_t len, int64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static struct chunk *chunk_spooled(struct store *s, const char *data, size_t len)
{
	int64_t slot = slot_take(s);
	struct chunk *c;

	if (slot < 0)
		return NULL;
	if (!write_at(s->fd, data, len, slot * (int64_t)CHAIN_SLOT)) {
		int error = errno;

		slot_give(s, slot);
		errno = error;
		return NULL;
	}
	c = mem_alloc(sizeof *c);
	*c = (struct chunk){ .len = (uint32_t)len, .slot = slot };
	atomic_fetch_add(&s->spooled, on_disk(c->len));
	return c;
}

struct chunk *chunk_new(struct store *s, const char *data, size_t len)
{
	uint64_t size = sizeof(struct chunk) + len;
	struct chunk *c;

	if (atomic_fetch_add(&s->memory, size) + size > s->cap) {
		atomic_fetch_sub(&s->memory, size);
		return chunk_spooled(s, data, len);
	}
	c = mem_alloc(size);
	*c = (struct chunk){ .len = (uint32_t)len, .slot = -1 };
	memcpy(c->data, data, len);
	return c;
}

const char *chunk_data(struct store *s, const struct chunk *c, char *scratch)
{
	size_t have = 0;

	if (c->slot < 0)
		return c->data;
	while (have < c->len) {
		ssize_t n = pread(s->fd, scratch + have, c->len - have,
			c->slot * (int64_t)CHAIN_SLOT + (int64_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return NULL;
		have += (size_t)n;
	}
	return scratch;
}

void chain_link(struct chain *c, struct chunk *chunk)
{
	if (c->last)
		c->last->next = chunk;
	else
		c->first = chunk;
	c->last = chunk;
	c->len += chunk->len;
}

struct chain chain_take(struct chain *c)
{
	struct chain all = *c;

	*c = (struct chain){ 0 };
	return all;
}

void chain_append(struct chain *to, struct chain *from)
{
	if (!from->first)
		return;
	if (to->last)
		to->last->next = from->first;
	else
		to->first = from->first;
	to->last = from->last;
	to->len += from->len;
	*from = (struct chain){ 0 };
}

void chunk_free(struct store *s, struct chunk *c)
{
	if (c && c->slot >= 0) {
		atomic_fetch_sub(&s->spooled, on_disk(c->len));
		slot_give(s, c->slot);
	} else if (c) {
		atomic_fetch_sub(&s->memory, sizeof *c + c->len);
	}
	free(c);
}

void chain_free(struct store *s, struct chain *c)
{
	struct chunk *next;

	for (struct chunk *k = c->first; k; k = next) {
		next = k->next;
		chunk_free(s, k);
	}
	*c = (struct chain){ 0 };
}
