/* pq as the first process of a container. */
#ifndef PQ_INIT_H
#define PQ_INIT_H

/* If this process is number 1: fork, pass signals on to the child, reap whatever
 * is orphaned, and exit as the child does; returns in the child alone. Otherwise
 * returns at once. Main thread, first of all. */
void init_first_process(char **argv);

#endif
