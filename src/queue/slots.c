/* Slots. See slots.h. */
#include "queue/slots.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

enum { SLOTS_WORD = 64 };

static void slots_grow(struct slots *s)
{
	size_t words = s->words ? 2 * s->words : 1;

	s->taken = mem_grow(s->taken, words * sizeof *s->taken);
	memset(s->taken + s->words, 0, (words - s->words) * sizeof *s->taken);
	s->words = words;
}

/* Of a word that is not full. */
static unsigned slots_lowest(uint64_t taken)
{
	unsigned at = 0;

	while (taken >> at & 1)
		at++;
	return at;
}

unsigned slots_take(struct slots *s)
{
	size_t word = 0;
	unsigned at;

	while (word < s->words && s->taken[word] == UINT64_MAX)
		word++;
	if (word == s->words)
		slots_grow(s);
	at = slots_lowest(s->taken[word]);
	s->taken[word] |= (uint64_t)1 << at;
	s->count++;
	return (unsigned)word * SLOTS_WORD + at;
}

void slots_give(struct slots *s, unsigned slot)
{
	uint64_t bit = (uint64_t)1 << slot % SLOTS_WORD;

	assert(slot / SLOTS_WORD < s->words && s->taken[slot / SLOTS_WORD] & bit);
	s->taken[slot / SLOTS_WORD] &= ~bit;
	s->count--;
}

void slots_free(struct slots *s)
{
	assert(!s->count);
	free(s->taken);
}
