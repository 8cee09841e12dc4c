/* make's jobserver: a pool of tokens that programs of a build share, so that all of them
 * together run no more jobs than make's -j says.
 *
 * pq takes part by itself where MAKEFLAGS offers one and no -j says otherwise: one job runs
 * on what pq was started with, and each other one on a token. Or it serves one to its own
 * jobs (--jobserver), each of which then needs a token itself. Workers see permits
 * (base/permits.h) and nothing else; the tokens are kept by the guardian (tokens.h).
 *
 * Main thread, but for the permits. */
#ifndef PQ_JOBSERVER_H
#define PQ_JOBSERVER_H

#include <stdbool.h>

struct jobserver;
struct options;
struct permits;
struct running_besides;

/* What MAKEFLAGS offers; NULL: nothing. Before anything is opened: a descriptor that is told
 * there and closed would be something else by then. Owned. */
struct jobserver *jobserver_find(void);
/* The one to be used with these options, or NULL; found is consumed. Where pq takes part, the
 * number of jobs is set. */
struct jobserver *jobserver_choose(struct jobserver *found, struct options *o);
/* Begin, for so many jobs: jobs that are started from now on see it in their environment, if
 * it is pq's. Before the first thread; nothing may end pq between this and running_open. */
void jobserver_open(struct jobserver *j, unsigned jobs);
/* All of it may be asked without one. */
struct permits *jobserver_permits(struct jobserver *j);
const struct running_besides *jobserver_besides(const struct jobserver *j);
/* Start the thread that calls `permitted` whenever somebody who waits for a permit may find
 * one. guarded: is there a guardian? */
void jobserver_start(struct jobserver *j, bool guarded, void (*permitted)(void *ctx), void *ctx);
/* No job runs any more; and the guardian has been let go: free it. */
void jobserver_end(struct jobserver *j);
void jobserver_free(struct jobserver *j);

#endif
