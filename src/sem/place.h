/* Where semaphores are: a directory of the user's own, with a file for each name.
 *
 * It is the same for all that the user runs on this machine, from a terminal, a Makefile or
 * cron, whatever is in their environments: two that look in different places would both run.
 * So it is none that a login brings and takes away again, as XDG_RUNTIME_DIR does: it is
 * /tmp/pq-UID. Only PARALLEL_HOME puts it elsewhere, as with GNU parallel. Others cannot look
 * into it, nor write there; where it is not safe from them it is refused.
 *
 * Main thread. */
#ifndef PQ_SEM_PLACE_H
#define PQ_SEM_PLACE_H

struct buf;

/* A descriptor of the directory, which is made if need be, and which those that clean up /tmp
 * leave alone as long as the descriptor is open. Or -1, and what is wrong with it. */
int place_open(struct buf *why);
/* Append the name of the file for this id, whatever bytes are in that. */
void place_name(const char *id, struct buf *name);

#endif
