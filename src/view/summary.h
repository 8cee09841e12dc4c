/* The summary: what --summary says at the end. Pure: from a snapshot to text. */
#ifndef PQ_SUMMARY_H
#define PQ_SUMMARY_H

struct buf;
struct measures;
struct snapshot;

/* Append lines, each with its newline. */
void summary_text(struct buf *to, const struct snapshot *snap, const struct measures *m);

#endif
