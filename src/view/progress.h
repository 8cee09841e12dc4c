/* The progress view: one live line on a terminal, plain lines elsewhere (and where TERM is
 * dumb: it has no line that could be drawn again); or JSON Lines.
 *
 * Composes text from a snapshot; reads nothing else and touches nothing. The
 * supervisor's thread; progress_line and progress_json are pure. */
#ifndef PQ_PROGRESS_H
#define PQ_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct progress;
struct snapshot;

/* others_write: to the terminal, whenever they like, so that no line of ours is safe there:
 * none is drawn. */
struct progress *progress_open(bool json, bool others_write);
/* Time between frames, in ns. */
int64_t progress_interval(const struct progress *p);
/* Is this descriptor the terminal the live line is on? */
bool progress_shares_terminal(const struct progress *p, int fd);
void progress_frame(struct progress *p, const struct snapshot *snap);
/* Take the live line away; elsewhere say the last state. */
void progress_close(struct progress *p, const struct snapshot *snap);

/* The line for a terminal of so many columns; rate in items per second. Parts
 * that do not fit are left out, the least important first. */
void progress_line(struct buf *line, const struct snapshot *snap, double rate, size_t columns);

/* The same as an object of JSON on a line. What is not known is null. */
void progress_json(struct buf *line, const struct snapshot *snap, double rate);

#endif
