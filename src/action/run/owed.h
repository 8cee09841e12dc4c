/* The items that a persistent worker was given and has not answered, oldest first. Used by
 * that worker's thread alone; zero is an empty one. */
#ifndef PQ_OWED_H
#define PQ_OWED_H

#include <stddef.h>
#include <stdint.h>

struct delivery;

struct owed_item {
	struct delivery *delivery;
	uint64_t end;  /* where it ends in all that this process is given */
	size_t size;   /* bytes of it there */
	uint64_t left; /* of a run: records not answered; else 1 */
	/* ns of clock_now(): */
	int64_t begun; /* it has been the process's since then, and its turn has come */
	int64_t since; /* likewise; of a run: and nothing was answered of it */
};

struct owed {
	struct owed_item *items; /* owned; those from `first` on */
	size_t first, count, room;
	uint64_t bytes, left;    /* of all of them */
};

void owed_free(struct owed *o);
void owed_add(struct owed *o, const struct owed_item *item);
/* The i-th, from 0; a view until one is added. */
struct owed_item *owed_at(const struct owed *o, size_t i);
/* The oldest's turn has come, if there is one. */
void owed_begin(struct owed *o, int64_t now);
/* Out of the list. */
struct delivery *owed_take(struct owed *o, size_t i);

#endif
