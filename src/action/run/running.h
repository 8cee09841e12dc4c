/* The process groups that run now: who may signal them, and who ends them when
 * pq itself is killed.
 *
 * One table with an entry for every slot lives in shared memory. A second
 * process, the guardian, is forked before the first thread and sleeps on a pipe
 * that only pq holds open; when pq is gone, however it went, the guardian kills
 * every group still in the table. PR_SET_PDEATHSIG does not serve: it fires when
 * the spawning thread ends.
 *
 * An entry is 0 (free), -pid (being born, written by the child itself before it
 * becomes the command) or pid (running). The worker that owns the slot writes
 * it; the supervisor signals through it. The lock inside (a leaf) sees to it that
 * no group is signalled once its leader has been reaped. */
#ifndef PQ_RUNNING_H
#define PQ_RUNNING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum { RUNNING_SLOTS = 65536 }; /* most jobs at once */

typedef _Atomic pid_t running_entry;

/* What the guardian does besides; in its process, which has no other descriptors than those
 * that it keeps. */
struct running_besides {
	int kept[4]; /* all above 0 */
	unsigned nkept;
	void (*tend)(void *ctx, int line); /* until `line` is at its end: pq is gone; or NULL */
	void (*leave)(void *ctx);          /* no job runs any more */
	void *ctx;
};

/* Map the table and start the guardian; besides may be NULL. Main thread, before any other.
 * False with errno set when the system refuses; then kill -9 of pq leaves its jobs. */
bool running_open(const struct running_besides *besides);
/* No job runs any more, nor ever will: let the guardian go; and see that it has
 * gone, for where nobody reaps orphans it would stay a zombie. */
void running_close(void);
void running_reap_guardian(void);

/* A birth begins: where the child of this slot writes itself. Not while pq is stopped by
 * Ctrl-Z: it waits. NULL: births have ended. */
running_entry *running_expect(unsigned slot);
/* No birth begins from now on: those that had begun are counted by running_begun. Any thread,
 * any number of times. */
void running_end_births(void);
/* Birth is over. If pq is about to be stopped, the newcomer is, too. */
void running_born(unsigned slot, pid_t pid);
void running_stillborn(unsigned slot); /* it is over, and there is nobody */
/* Forget the slot's group: call before its leader is reaped. With sweep, what is
 * left of the group is killed first. The last signal that running_end_all had sent it
 * before its leader ended, or 0. */
int running_forget(unsigned slot, bool sweep);
/* By the slot's own worker: signal its group. 0, or the errno of a refusal. */
int running_signal(unsigned slot, int sig);
/* Signal all groups, and from now on every newborn one, so that they end: their
 * ends are pq's doing (OUTCOME_STOPPED). */
void running_end_all(int sig);
/* Ctrl-Z: stop all groups and those about to be born; and let them go on. */
void running_pause(void);
void running_resume(void);
/* By the slot's own worker: has its leader stopped, for what pq has not done? Said once. */
bool running_stopped(unsigned slot);
/* The youngest group of these slots, if none is being evicted already: its worker will see it
 * (RUNNING_EVICTED) and end it. */
void running_evict(unsigned first, unsigned slots);
/* What is to become of the slot's group, asked by its own worker again and again. */
enum running_fate {
	RUNNING_ON,
	RUNNING_EVICTED,
	RUNNING_ENDED,  /* running_end_all was called: others end it */
};
enum running_fate running_fate(unsigned slot);
unsigned running_count(void);
/* With the births under way: a job may have come far before the thread that bore it goes on. */
unsigned running_begun(void);
bool running_ending(void); /* has running_end_all been called? */

#endif
