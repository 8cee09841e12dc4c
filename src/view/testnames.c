/* What test cases are called. See testnames.h. */
#include "view/testnames.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/utf8.h"
#include "base/xml_text.h"
#include "group.h"
#include "item.h"

/* Slots of the table: 16 MB at most. */
enum { SLOTS_FIRST = 1 << 10, SLOTS_MOST = 1 << 21 };

struct testnames {
	struct hash_key key;
	uint64_t *slots;      /* hashes; 0: none */
	size_t nslots, count;
	struct buf name;      /* scratch */
};

struct testnames *testnames_new(void)
{
	struct testnames *t = mem_zero(sizeof *t);

	random_bytes(&t->key, sizeof t->key);
	t->nslots = SLOTS_FIRST;
	t->slots = mem_zero(t->nslots * sizeof *t->slots);
	return t;
}

/* Where it is, or would be. */
static uint64_t *testnames_slot(const struct testnames *t, uint64_t hash)
{
	size_t i = hash & (t->nslots - 1);

	while (t->slots[i] && t->slots[i] != hash)
		i = (i + 1) & (t->nslots - 1);
	return &t->slots[i];
}

static void testnames_grow(struct testnames *t)
{
	uint64_t *old = t->slots;
	size_t n = t->nslots;

	t->nslots *= 2;
	t->slots = mem_zero(t->nslots * sizeof *t->slots);
	for (size_t i = 0; i < n; i++)
		if (old[i])
			*testnames_slot(t, old[i]) = old[i];
	free(old);
}

/* The name at hand is new, and known from now on; false, too, where there is no room. */
static bool testnames_add(struct testnames *t, const struct delivery *d)
{
	uint64_t hash, *slot;

	buf_add(&t->name, &d->group->number, sizeof d->group->number);
	hash = hash_bytes(&t->key, t->name.data, t->name.len);
	t->name.len -= sizeof d->group->number;
	hash += !hash;
	if (t->count >= t->nslots / 4 * 3 && t->nslots < SLOTS_MOST)
		testnames_grow(t);
	slot = testnames_slot(t, hash);
	if (*slot || t->count >= t->nslots / 4 * 3)
		return false;
	*slot = hash;
	t->count++;
	return true;
}

/* Its values, one behind the other, as far as they are of use. */
static void testnames_values(struct buf *to, const struct item *item)
{
	uint32_t count = item->run ? 0 : item_wholes(item);

	for (uint32_t i = 0; i < count && to->len <= TESTNAME_MOST; i++) {
		struct value v = item_whole(item, i);

		if (i)
			buf_addc(to, ' ');
		buf_add(to, v.data, v.len < TESTNAME_MOST + 1 ? v.len : TESTNAME_MOST + 1);
	}
}

void testnames_item(struct buf *to, const struct delivery *d)
{
	const struct item *item = d->item;
	struct buf text = { 0 };
	size_t len;

	testnames_values(&text, item);
	len = text.len < TESTNAME_MOST ? text.len : TESTNAME_MOST;
	if (len < text.len)
		len -= utf8_unfinished(text.data, len);
	if (len)
		xml_text(to, text.data, len, true);
	else
		buf_addf(to, "%s %llu", item->run ? "block" : "item", (unsigned long long)item->number);
	if (len < text.len)
		buf_adds(to, "...");
	buf_free(&text);
}

bool testnames_first(struct testnames *t, const struct delivery *d)
{
	buf_clear(&t->name);
	testnames_item(&t->name, d);
	return testnames_add(t, d);
}

void testnames_name(struct testnames *t, struct buf *to, const struct delivery *d, bool repeated)
{
	buf_clear(&t->name);
	testnames_item(&t->name, d);
	/* Another item may be called just so; and where there is no more room, the number that no
	 * other has is enough. */
	for (int i = 0; repeated && i < 3; i++) {
		buf_addf(&t->name, " (item %llu)", (unsigned long long)d->item->number);
		repeated = !testnames_add(t, d) && t->count < t->nslots / 4 * 3;
	}
	buf_add(to, t->name.data, t->name.len);
}

void testnames_free(struct testnames *t)
{
	free(t->slots);
	buf_free(&t->name);
	free(t);
}
