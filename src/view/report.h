/* The report of a run: one page of HTML that says what happened, for whoever was not there.
 *
 * It needs no other file, nor the network, nor scripts. What it tells of is gathered as it
 * happens, in memory that does not grow with the number of items; the page is written at the
 * end, whole or not at all. The main thread opens and closes it; in between it hears the
 * events of the run. */
#ifndef PQ_REPORT_H
#define PQ_REPORT_H

#include <stdbool.h>

enum { REPORT_TAIL = 2048 }; /* bytes of a stream that are its end */

struct events;
struct group;
struct measures;
struct report;
struct snapshot;
struct store;

struct report_rules {
	const char *path;
	char *const *words;    /* the command line, without what is secret; NULL at its end */
	unsigned groups;       /* how many sections there are */
	struct store *store;   /* holds the ends of streams */
	struct events *events; /* to listen to */
};

/* NULL with errno set: it could not be written. */
struct report *report_open(const struct report_rules *rules);
/* All has come to its end: write the page, and free. groups: as many as there are. False with
 * errno set. */
bool report_close(struct report *r, const struct snapshot *snap,
	const struct measures *measures, const struct group *groups);

#endif
