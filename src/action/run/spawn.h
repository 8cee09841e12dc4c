/* Start one process: the only file that does.
 *
 * On Linux with clone(CLONE_VM | CLONE_VFORK | CLONE_PIDFD), elsewhere with
 * posix_spawn. Both cost the same whatever the size of pq; fork would copy page
 * tables and stall the other threads. clone is preferred because the child can
 * enter itself into the table of running groups before it becomes the command,
 * so that not even a kill -9 at that instant leaves an orphan; because it gives
 * the pidfd at once; and because it is a tenth faster (posix_spawn asks for the
 * disposition of all 64 signals). */
#ifndef PQ_SPAWN_H
#define PQ_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "action/redirect.h"

/* Main thread, before any spawn: the mask that jobs get, whether SIGCHLD was
 * ignored when pq was started, and the soft limit of descriptors they get.
 * Opens /dev/null; false with errno set when that fails. */
bool spawn_prepare(const sigset_t *mask, bool chld_ignored);

/* Main thread, before any spawn: jobs run at this niceness. False with errno set when the
 * system does not allow it. */
bool spawn_nice(int nice);

struct order {
	const char *path;     /* what to execute; no search in PATH is made */
	char *const *argv;
	char *const *envp;
	int in;               /* descriptor for stdin, or -1: /dev/null */
	int out, err;         /* descriptors for stdout and stderr, or -1: pq's own */
	int terminal;         /* the child becomes its foreground; -1: it does not */
	struct redirects redirects; /* done after these: none that would have to wait
	                       * (redirects_are_plain), none at all where spawn_redirects says so */
	unsigned slot;        /* entry in the table of running groups */
};

struct spawned {
	pid_t pid;
	int pidfd; /* readable once the leader has ended; -1 where there is none */
	const struct redirect *failed; /* when nothing was started: this could not be done; or
	                                * NULL: it was something else */
};

/* Can redirections be done here? posix_spawn would wait for a FIFO, and does not say which
 * of them cannot be done, nor whether those before it were. */
bool spawn_redirects(void);

/* 0, or the errno of what failed: nothing was started then; ECANCELED: nothing is any more
 * (running_end_births). Any thread. */
int spawn(const struct order *order, struct spawned *child);

/* May this descriptor limit be raised for pq alone? Ask for `need` descriptors;
 * returns how many there are. Jobs keep the limit pq was started with. */
long spawn_descriptors(long need);
/* How many descriptors the limit allows now. Any thread. */
long spawn_limit(void);

#endif
