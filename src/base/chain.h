/* Bytes in waiting: chains of chunks, in memory up to a cap, then in a file.
 *
 * One store serves the whole run: it counts the bytes of all chains in memory
 * and, past its cap, puts further chunks into one unlinked temporary file in
 * $TMPDIR (one descriptor, mode 0600, no name). Space in the file is handed
 * out in slots of CHAIN_SLOT bytes and used again once a chunk is freed.
 *
 * A chain belongs to one thread at a time; the store is for any thread. */
#ifndef PQ_CHAIN_H
#define PQ_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAIN_SLOT ((size_t)65536) /* most bytes a chunk can have */

struct chunk {
	struct chunk *next;
	uint32_t len;
	int64_t slot; /* place in the file, or -1: the bytes are in data */
	char data[];
};

struct chain {
	struct chunk *first, *last;
	uint64_t len; /* bytes in all chunks */
};

struct store;

/* in_memory: bytes all chains together may keep in memory. */
struct store *store_new(uint64_t in_memory);
void store_free(struct store *s);
/* Bytes now held in the file: what the desk watches to stop births. */
uint64_t store_spooled(struct store *s);
uint64_t store_in_memory(struct store *s);

/* A chunk with a copy of at most CHAIN_SLOT bytes, or NULL with errno set when
 * they belonged in the file and could not be written. */
struct chunk *chunk_new(struct store *s, const char *data, size_t len);
void chunk_free(struct store *s, struct chunk *c); /* NULL is fine */
/* The chunk's bytes: a view, read into `scratch` (CHAIN_SLOT bytes) when they
 * are in the file; NULL with errno set when they cannot be read back. */
const char *chunk_data(struct store *s, const struct chunk *c, char *scratch);

void chain_link(struct chain *c, struct chunk *chunk);  /* the chain owns it now */
struct chain chain_take(struct chain *c);               /* move all out */
void chain_append(struct chain *to, struct chain *from); /* move all to its end */
void chain_free(struct store *s, struct chain *c);

#endif
