/* What is on record of a list that is another one than it was: rows, found by their items.
 *
 * Pure. Rows of one item are as many as it was in the list, and each is found once; first
 * those that say it is done with, then by their age. 72 bytes a row. */
#ifndef PQ_MOVED_H
#define PQ_MOVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct item;

struct moved_row {
	int64_t digest; /* of the item */
	unsigned section;
	bool left;      /* it is to be tried again */
	bool failed;    /* else: it has, for good */
	unsigned attempts;
	int64_t due, turn, seq;
	size_t taken;   /* of the first row of an item: so many rows of that one were found */
};

struct moved {
	struct moved_row *rows;
	size_t count, room;
};

/* What an item is known by, wherever it stands in the list. */
int64_t moved_digest(const struct item *item);
void moved_add(struct moved *m, const struct moved_row *row); /* copied */
void moved_sort(struct moved *m); /* after the last was added */
/* The next row of this item in this section, or NULL. */
const struct moved_row *moved_take(struct moved *m, int64_t digest, unsigned section);
/* Its row of this number that is left, or NULL; also while others are taken by another
 * thread. */
const struct moved_row *moved_left(const struct moved *m, int64_t digest, unsigned section,
	int64_t seq);
void moved_free(struct moved *m);

#endif
