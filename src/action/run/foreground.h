/* The terminal, as it is lent to one job at a time: --tty.
 *
 * What a shell does for its jobs is done once more here. The job's process group is made the
 * foreground of the terminal while it runs, so Ctrl-C and Ctrl-Z go to it and not to pq. When
 * it ends or stops the terminal is pq's again, with the settings that it had; when it has
 * stopped pq stops, too, so that the shell takes over, and its fg gives the terminal to pq,
 * which gives it to the job. In the background pq lends nothing: who reads the terminal there
 * stops, and pq with it. */
#ifndef PQ_FOREGROUND_H
#define PQ_FOREGROUND_H

#include <stdbool.h>
#include <sys/types.h>

/* Main thread, before the run. False with errno set: there is no terminal. */
bool foreground_open(void);
/* A job is about to be started: the terminal that it is to take, or -1: pq is in its
 * background, and the job will be. The worker's thread, as what follows. */
int foreground_offer(void);
/* It runs, as the leader of this group. */
void foreground_begin(pid_t group);
/* It has stopped: pq does the same, with what is in its own group. False: nobody could let pq
 * go on, so the job has to. */
bool foreground_stop(void);
/* It has ended: did it exit by itself, or by which signal that was not pq's; else 0? What the
 * keyboard sends is for pq, too. */
void foreground_end(bool exited, int sig);
/* pq goes on, perhaps in front again; before the job does. The supervisor's thread. */
void foreground_go_on(void);

#endif
