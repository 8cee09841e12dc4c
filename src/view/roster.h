/* The roster: who runs now, since when, and what each has printed last. Any thread. */
#ifndef PQ_ROSTER_H
#define PQ_ROSTER_H

#include <stddef.h>
#include <stdint.h>

#include "view/progress_eta.h"

struct delivery;
struct event;
struct roster;

enum { ROSTER_TEXT = 240 }; /* bytes of a name or a line that are kept */

/* An attempt, oldest first. */
struct roster_row {
	uint64_t number;        /* of its item */
	uint64_t items;         /* that it takes, in statistics */
	unsigned slot, group;
	unsigned attempt, attempts; /* this one, of so many at most */
	int64_t since;          /* ns since the run began */
	const char *section;    /* its name where there are several, or NULL: lives as the run */
	size_t name_len, line_len;
	char name[ROSTER_TEXT]; /* the item, as it is: any bytes */
	char line[ROSTER_TEXT]; /* its newest line of output, likewise */
};

struct roster *roster_new(void);
void roster_free(struct roster *r);
/* STARTED, ENDED, LOST, UNDONE. */
void roster_hear(struct roster *r, const struct event *e);
/* What has been started and not ended has printed this. */
void roster_printed(struct roster *r, const struct delivery *d, const char *data, size_t len);
/* Up to so many of them, without those that wait for others at a worker that stays up; how many
 * there were. */
size_t roster_oldest(struct roster *r, struct roster_row *to, size_t most);
/* All of them by then, ns since the run began: an array, the caller's to free. */
struct eta_running *roster_running(struct roster *r, int64_t now, size_t *count);

#endif
