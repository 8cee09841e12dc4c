/* What is worth a name at the end of a run: the items that took longest, those that needed more
 * than one attempt, and why some were refused. In bounded memory, however many there were.
 *
 * Any thread tells; the rest is for one at a time. */
#ifndef PQ_NOTABLE_H
#define PQ_NOTABLE_H

struct buf;
struct event;
struct notable;

/* With so many sections. */
struct notable *notable_new(unsigned sections);
void notable_free(struct notable *n);
/* ENDED, SETTLED. */
void notable_hear(void *notable, const struct event *e);
/* Append lines of the section of this number, from 1; of all: 0. */
void notable_lines(struct buf *to, const struct notable *n, unsigned section);

#endif
