/* Rows, found by their items. See moved.h. */
#include "record/moved.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "item.h"

/* All its values, and where one ends and the next begins. */
int64_t moved_digest(const struct item *item)
{
	struct hash_key key = { { item->stride, item->values } };

	if (item->run)
		return (int64_t)hash_bytes(&key, item->run->bytes.data, item->run->bytes.len);
	for (uint32_t i = 0; i < item->values; i++) {
		struct value v = item_value(item, i);

		key.word[1] = v.len;
		key.word[0] = hash_bytes(&key, v.data, v.len);
	}
	return (int64_t)key.word[0];
}

static int moved_compare(const void *a, const void *b)
{
	const struct moved_row *x = a, *y = b;

	if (x->digest != y->digest)
		return x->digest < y->digest ? -1 : 1;
	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->left != y->left)
		return x->left ? 1 : -1;
	return x->turn < y->turn ? -1 : x->turn > y->turn;
}

void moved_add(struct moved *m, const struct moved_row *row)
{
	if (m->count == m->room) {
		m->room = m->room ? 2 * m->room : 256;
		m->rows = mem_grow(m->rows, m->room * sizeof *m->rows);
	}
	m->rows[m->count++] = *row;
}

void moved_sort(struct moved *m)
{
	if (m->count)
		qsort(m->rows, m->count, sizeof *m->rows, moved_compare);
}

static bool moved_is_of(const struct moved *m, size_t i, int64_t digest, unsigned section)
{
	return i < m->count && m->rows[i].digest == digest && m->rows[i].section == section;
}

/* The first row of this item in this section, or where it would stand. */
static size_t moved_first(const struct moved *m, int64_t digest, unsigned section)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct moved_row *row = &m->rows[middle];

		if (row->digest < digest || (row->digest == digest && row->section < section))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct moved_row *moved_take(struct moved *m, int64_t digest, unsigned section)
{
	size_t first = moved_first(m, digest, section), i;

	if (!moved_is_of(m, first, digest, section))
		return NULL;
	i = first + m->rows[first].taken;
	if (!moved_is_of(m, i, digest, section))
		return NULL;
	m->rows[first].taken++;
	return &m->rows[i];
}

const struct moved_row *moved_left(const struct moved *m, int64_t digest, unsigned section,
	int64_t seq)
{
	size_t i = moved_first(m, digest, section);

	for (; moved_is_of(m, i, digest, section); i++)
		if (m->rows[i].left && m->rows[i].seq == seq)
			return &m->rows[i];
	return NULL;
}

void moved_free(struct moved *m)
{
	free(m->rows);
}
