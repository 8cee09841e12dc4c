/* The summary: what --summary says at the end. Pure: from a snapshot to text. */
#ifndef PQ_SUMMARY_H
#define PQ_SUMMARY_H

struct buf;
struct measures;
struct snapshot;

/* Append lines, each with its newline; of one of several groups, with what it is called
 * before each; of the whole run, or of all groups. */
void summary_group(struct buf *to, const struct snapshot *group, const struct measures *m);
void summary_text(struct buf *to, const struct snapshot *snap, const struct measures *m);

#endif
