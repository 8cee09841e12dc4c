/* A process that runs, below whoever waits for it: started, looked at, signalled, reaped.
 *
 * Passive: it owns no thread. Whoever does polls its descriptors and calls what follows;
 * process.c for one attempt, persistent.c for many items. */
#ifndef PQ_CHILD_H
#define PQ_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "action/run/spawn.h"
#include "base/clock.h"

struct outcome;

/* Descriptors that one holds while it runs, with its outputs captured or not, and one more
 * that it is fed through; that it holds at its birth when they are captured; and that all of
 * them together may hold beyond that. */
enum { CHILD_CAPTURED = 3, CHILD_DIRECT = 1, CHILD_FED = 1, CHILD_BIRTH = 5, CHILD_SPARE = 6 };

/* So many more than now they all may hold, or fewer. Any thread. */
void child_descriptors(long more);

/* A step of a sequence that ends a process: a signal, then a wait. */
struct term_step {
	int signal;   /* 0 ends the sequence */
	int64_t wait; /* ns until the next step */
};

struct child_order {
	const char *path;
	char *const *argv;
	char *const *envp;
	int in;          /* becomes stdin; closed in any case; -1: /dev/null, or if it is to be */
	bool fed;        /* a pipe */
	int terminal;    /* as spawn.h has it */
	struct redirects redirects; /* as spawn.h has them */
	bool captured;   /* pipes for stdout and stderr; else they are pq's own */
	unsigned slot;
	const struct term_step *term; /* how it is ended; outlives it */
};

enum { CHILD_OUT, CHILD_ERR, CHILD_PIPES };

struct child {
	unsigned slot;
	bool captured, fed;
	struct spawned leader;
	int in;                /* the end it is fed by, non-blocking, or -1 */
	int pipe[CHILD_PIPES]; /* the ends to be read, or -1 */
	int64_t born;          /* by the clock that Ctrl-Z stops, */
	int64_t started;       /* and by the wall clock */
	int64_t exited;        /* when the leader's exit was seen; 0: it runs */
	const struct term_step *step; /* the next one that ends it, */
	int64_t next_step;     /* and when that is due */
	int last_signal;       /* that was sent to end it; 0: none */
	int64_t first_signal;  /* how long it had run by then */
	int refused;           /* errno of a signal that could not be sent; 0: none */
	bool wanted_terminal;
};

/* Start it, as soon as there is room: waits for what others give back. 0, or the errno of
 * what failed, maybe leader.failed; then there is nothing to be reaped. ECANCELED: births
 * have ended meanwhile. */
int child_start(struct child *c, const struct child_order *order);
/* Was it for want of what the system has too little of? */
bool child_lacks_resources(int error);
/* Each closes its descriptor, where that is open. */
void child_close_in(struct child *c);
void child_close_pipe(struct child *c, int which);
/* Has the leader exited, by now? It stays a zombie, so that its pid stays ours. Where it has a
 * pidfd that is readable then, else it has to be asked. */
bool child_exited(struct child *c, int64_t now);
/* The next signal of the sequence that ends it, and when the one after that is due. */
void child_end_step(struct child *c, int64_t now);
/* A job in its own process group that reads from the terminal, or writes to it under `stty
 * tostop`, is stopped by the kernel and would stay so for ever. Was this one? Then it is
 * killed. */
bool child_look_for_stop(struct child *c);
/* Wait for the end of the leader, which has exited or is about to, and forget it, with what
 * is left of its group if anything had to be ended. What became of it: its exit status or
 * signal; if pq stopped it that says so, whatever it then said. Its `in` and pipes are
 * closed before. */
void child_reap(struct child *c, struct outcome *o);

#endif
