/* The first few of many, by rank: the slowest, those that failed. Not shared. */
#ifndef PQ_SHORTLIST_H
#define PQ_SHORTLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shortlist_row {
	uint64_t rank;      /* the lowest come first, */
	uint64_t turn;      /* and of those that are alike the one with the lowest turn */
	uint64_t number;    /* of the item */
	char *name, *how;   /* owned; what it is called, and how it ended */
	char *tail;         /* owned; the end of what it printed, tail_len bytes; or NULL */
	size_t tail_len;
	bool cut;           /* there was more before that */
	int64_t took;       /* ns */
	unsigned attempts, slot;
};

struct shortlist {
	size_t most;                /* rows that are kept */
	size_t count;
	uint64_t offered;           /* in all */
	struct shortlist_row *rows; /* owned, by rank */
};

void shortlist_init(struct shortlist *l, size_t most);
void shortlist_free(struct shortlist *l);
/* Would it be among them? Also counts it as offered. */
bool shortlist_wants(struct shortlist *l, uint64_t rank, uint64_t turn);
/* One that is wanted; what it owns is the list's now. */
void shortlist_add(struct shortlist *l, const struct shortlist_row *row);

#endif
