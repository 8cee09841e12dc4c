/* A set of byte strings. See set.h. */
#include "base/set.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/random.h"

/* The table grows when more than so many of its slots, out of so many, are taken. */
enum { FULL = 4, OUT_OF = 5, LEAST_SLOTS = 64, LEAST_ARENA = 1024 };

/* A slot: the hash's highest bits, and where the string stands, plus 1; 0: free. */
enum { TAG_SHIFT = 40 };
#define PLACE_MASK ((UINT64_C(1) << TAG_SHIFT) - 1)

/* Bytes that a length takes at most, seven bits in each. */
enum { LENGTH_BYTES = 10 };

struct set {
	struct hash_key key;
	unsigned char *arena;
	size_t len, cap;
	uint64_t *slots;
	size_t nslots;         /* a power of two */
	size_t count;
};

struct set *set_new(void)
{
	struct set *s = mem_zero(sizeof *s);

	random_bytes(&s->key, sizeof s->key);
	s->nslots = LEAST_SLOTS;
	s->slots = mem_zero(s->nslots * sizeof *s->slots);
	return s;
}

void set_free(struct set *s)
{
	if (!s)
		return;
	free(s->arena);
	free(s->slots);
	free(s);
}

/* The string that stands here. */
static const unsigned char *read_string(const unsigned char *at, size_t *len)
{
	int shift = 0;

	*len = 0;
	for (; *at & 0x80; at++, shift += 7)
		*len |= (size_t)(*at & 0x7f) << shift;
	*len |= (size_t)*at << shift;
	return at + 1;
}

static void write_string(struct set *s, const char *data, size_t len)
{
	size_t rest = len;

	if (s->cap - s->len < LENGTH_BYTES + len) {
		s->cap += s->cap / 2 + LEAST_ARENA + len;
		s->arena = mem_grow(s->arena, s->cap);
	}
	for (; rest >= 0x80; rest >>= 7)
		s->arena[s->len++] = (unsigned char)(rest | 0x80);
	s->arena[s->len++] = (unsigned char)rest;
	if (len)
		memcpy(s->arena + s->len, data, len);
	s->len += len;
}

static uint64_t tag_of(uint64_t hash)
{
	return hash & ~PLACE_MASK;
}

static bool is_here(const struct set *s, uint64_t slot, const char *data, size_t len)
{
	size_t there;
	const unsigned char *string = read_string(s->arena + (slot & PLACE_MASK) - 1, &there);

	return there == len && (len == 0 || memcmp(string, data, len) == 0);
}

/* The arena has all there is: the old table can go before the new one comes. */
static void grow(struct set *s)
{
	const unsigned char *at = s->arena, *end = s->arena + s->len;

	free(s->slots);
	s->nslots *= 2;
	s->slots = mem_zero(s->nslots * sizeof *s->slots);
	while (at < end) {
		size_t len, place = (size_t)(at - s->arena);
		const unsigned char *string = read_string(at, &len);
		uint64_t hash = hash_bytes(&s->key, string, len);
		size_t i = hash & (s->nslots - 1);

		while (s->slots[i])
			i = (i + 1) & (s->nslots - 1);
		s->slots[i] = tag_of(hash) | (place + 1);
		at = string + len;
	}
}

bool set_add(struct set *s, const char *data, size_t len)
{
	uint64_t hash = hash_bytes(&s->key, data, len);
	size_t i = hash & (s->nslots - 1);

	for (; s->slots[i]; i = (i + 1) & (s->nslots - 1))
		if (tag_of(s->slots[i]) == tag_of(hash) && is_here(s, s->slots[i], data, len))
			return false;
	if (s->len >= PLACE_MASK)
		msg_die(125, "more than 1 TiB of keys");
	s->slots[i] = tag_of(hash) | (s->len + 1);
	write_string(s, data, len);
	s->count++;
	if (s->count > s->nslots / OUT_OF * FULL)
		grow(s);
	return true;
}

size_t set_count(const struct set *s)
{
	return s->count;
}

size_t set_bytes(const struct set *s)
{
	return s->len + s->nslots * sizeof *s->slots;
}
