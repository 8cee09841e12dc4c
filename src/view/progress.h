/* The progress view: one live line on a terminal, with rows below it if they are asked for;
 * plain lines elsewhere (and where TERM is dumb: it has no line that could be drawn again); or
 * JSON Lines.
 *
 * Draws what it is told; touches nothing. The supervisor's thread, but for what is heard. */
#ifndef PQ_PROGRESS_H
#define PQ_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delivery;
struct event;
struct progress;
struct snapshot;

struct progress_rules {
	bool json;
	bool rows;         /* one for each job that runs, below the line */
	bool bar, eta;     /* that is what matters most */
	bool others_write; /* to the terminal, whenever they like, so that no line of ours is safe
	                    * there: none is drawn */
};

struct progress *progress_open(const struct progress_rules *rules);
/* Time between frames, in ns. */
int64_t progress_interval(const struct progress *p);
/* Is this descriptor the terminal the live line is on? */
bool progress_shares_terminal(const struct progress *p, int fd);
/* Does it want to know what is printed? */
bool progress_has_rows(const struct progress *p);
/* STARTED, ENDED, LOST, UNDONE, SAMPLED: any thread, as they come. */
void progress_hear(void *progress, const struct event *e);
/* What an attempt under way has printed; its thread. */
void progress_printed(void *progress, const struct delivery *d, const char *data, size_t len);
/* at: ns since the run began. */
void progress_frame(struct progress *p, const struct snapshot *snap, int64_t at);
/* Take the live line away; elsewhere say the last state. */
void progress_close(struct progress *p, const struct snapshot *snap);

#endif
