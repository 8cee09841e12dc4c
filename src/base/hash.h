/* A hash of bytes under a key: who does not know the key cannot make many that
 * collide, so input from strangers may go into a table by it.
 *
 * SipHash-1-3, one round for eight bytes and three at the end: J.-P. Aumasson, D. J.
 * Bernstein, "SipHash: a fast short-input PRF", 2012, https://www.aumasson.jp/siphash/.
 * Pure. Any thread. */
#ifndef PQ_HASH_H
#define PQ_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t word[2]; /* from random_bytes, made once for each table */
};

uint64_t hash_bytes(const struct hash_key *key, const void *data, size_t len);

#endif
