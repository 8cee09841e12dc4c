/* How many jobs at once: what -j says, on this machine, now. */
#ifndef PQ_JOBS_H
#define PQ_JOBS_H

#include <limits.h>
#include <stdbool.h>

struct buf;

struct jobs_rule {
	enum { JOBS_COUNT, JOBS_PLUS, JOBS_MINUS, JOBS_PERCENT, JOBS_MOST, JOBS_FILE } kind;
	double amount;
	const char *file; /* JOBS_FILE: read again whenever a job ends */
};

/* N, +N, -N, N%, 0 (as many as possible), or else the name of a file that holds one of the
 * first four, or 0 or `pause`: none for now; looked at by nobody yet. False when s looks like
 * a number and is none. The rule points into s. */
bool jobs_parse(const char *s, struct jobs_rule *rule);
/* MIN..MAX, each of them N, +N, -N or N%, and MAX may be 0. False: it is no range. */
bool jobs_parse_range(const char *s, struct jobs_rule *least, struct jobs_rule *most);

#define JOBS_PAUSED UINT_MAX
/* At least 1; of processors those count that are ours (machine_share). JOBS_FILE: the number
 * in the file, as -j would take it, or JOBS_PAUSED. It is 0, and why (which is for a file
 * alone, and may be NULL) says so, when there is none to be had: the caller keeps what it has.
 * Nothing is said of an empty file, which somebody is about to write. Never waits for a file:
 * only regular ones are read. Any thread. */
unsigned jobs_wanted(const struct jobs_rule *rule, struct buf *why);
/* Of the whole machine, whose processes --load counts, whatever share of it is ours: a rule
 * that is neither JOBS_FILE nor JOBS_MOST. Any thread. */
unsigned jobs_load(const struct jobs_rule *rule);

#endif
