/* The summary: what --summary says at the end. Pure: from a snapshot to text. */
#ifndef PQ_SUMMARY_H
#define PQ_SUMMARY_H

struct buf;
struct measures;
struct snapshot;

/* Append lines, each with its newline; of one of several groups, with what it is called
 * before each, and before those of `more`; of the whole run, or of all groups. */
void summary_group(struct buf *to, const struct snapshot *group, const struct measures *m,
	const char *more);
void summary_text(struct buf *to, const struct snapshot *snap, const struct measures *m);

/* Append a time in three digits: "95.1 ms", "24.6 s", "1m02s". */
void summary_time(struct buf *to, double ns);

#endif
