/* Of those that wait, who has waited longest: each comes once, with a number that grows, and
 * goes once, in any order. Memory is for as many as wait, twice over. Pure; zero is an empty
 * one. */
#ifndef PQ_ELDEST_H
#define PQ_ELDEST_H

#include <stddef.h>
#include <stdint.h>

struct eldest_one;

struct eldest {
	struct eldest_one *list; /* owned */
	size_t first, count, room;
};

/* It has come at this time, not below 0. One whose number is no greater than the last one's is
 * not counted. */
void eldest_come(struct eldest *e, uint64_t number, int64_t at);
/* It waits no more; or never did. */
void eldest_go(struct eldest *e, uint64_t number);
int64_t eldest_since(const struct eldest *e); /* -1: nobody waits */
void eldest_free(struct eldest *e);

#endif
