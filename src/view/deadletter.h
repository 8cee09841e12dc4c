/* The dead letter: a line of JSON for each item that was rejected, with what became of
 * it, so that it can be run again (source/dead.c reads it).
 *
 * Lines gather in memory and reach the file with deadletter_flush; a single write
 * carries whole lines. The collector's thread, after deadletter_open. */
#ifndef PQ_DEADLETTER_H
#define PQ_DEADLETTER_H

#include <stdbool.h>
#include <stdint.h>

enum { DEADLETTER_TAIL = 4096 }; /* bytes of stderr that are its end */

struct deadletter;
struct delivery;
struct draft;
struct store;

struct deadletter_rules {
	struct store *store;        /* holds the ends of stderr */
	const char *run_id;         /* with which the ids of items begin */
	/* Is it on record that the item of this number has failed for good in the group that is
	 * called so? Lines of this run of which it is not were left by a crash, and their items
	 * will be run again: they are taken out. NULL: nothing is on record, and lines do not
	 * say of which run they are. */
	bool (*failed)(const void *plan, uint64_t seq, const char *group);
	const void *plan;
	const struct draft *header; /* the record that names the columns, or NULL */
};

/* Open to append; a torn last line is cut off. NULL with errno set when that fails:
 * EBADMSG when it is no dead letter. */
struct deadletter *deadletter_open(const char *path, const struct deadletter_rules *rules);
/* The item was rejected: a line for each of its records; of a transform's run for those
 * that were. False with errno set when the end of its stderr could not be read back: it is
 * left out. */
bool deadletter_add(struct deadletter *dead, const struct delivery *d);
/* False with errno set when the lines could not be written. */
bool deadletter_flush(struct deadletter *dead);
bool deadletter_close(struct deadletter *dead);

#endif
