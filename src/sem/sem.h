/* A semaphore of so many slots, which programs that know its name share: GNU parallel's
 * --semaphore. Who has a slot runs a command.
 *
 * It is a file whose bytes are locked (locks.h) in a directory of the user's own (place.h). The
 * first byte is the door, the next ones are slots, and those behind them places in a line.
 *
 * Who wants a slot passes the door, which is his for that moment alone, and takes the place
 * behind the last that is taken. Then he waits until none before him is taken: he sleeps on the
 * last of these, so each has one sleeper, who is woken by whoever had it, in whatever way that
 * one went. The first in line counts the slots that are held; when those are fewer than may
 * run in his view, he takes one, and gives his place. So the number of slots is what each
 * caller says: one that is to be alone waits for all others, whatever they had said.
 *
 * Nobody polls but the first in line, and that one only where any of several slots may become
 * free, for no call sleeps until one of several locks is free: he sleeps on one of them, from
 * 1 ms up to 50 ms at a time. Where all have to become free, as with one slot, nobody polls.
 *
 * A slot is held by pq, by its guardian, and by the command, which inherits the descriptor. As
 * long as pq lives it gives the slot when the command has ended, also where that has left
 * others behind in the background. If pq is killed the guardian kills the command, and if
 * that cannot be, the slot stays taken: it is free when the last of them is gone. Two commands
 * never run on one slot.
 *
 * The file is removed by the last that has had a slot of it, or by his guardian, while he has
 * the door; who finds behind the door that the file has been removed starts anew.
 *
 * Main thread, before the run and after it. What cannot be done ends pq with one line. */
#ifndef PQ_SEM_H
#define PQ_SEM_H

#include <stdbool.h>
#include <stdint.h>

struct jobs_rule;
struct running_besides;

struct sem_rules {
	const char *id;               /* NULL: what the terminal is called */
	const struct jobs_rule *jobs; /* how many slots; asked again while it waits */
	int64_t patience;             /* ns that are waited, and then no more; 0: for ever */
	bool gives_up;                /* after that; or goes on without a slot of its own */
};

struct sem;

enum { SEM_GIVEN_UP = 1 }; /* the status of who has; as GNU parallel's */

/* Wait for a slot. NULL: given up, and that was said. */
struct sem *sem_take(const struct sem_rules *rules);
/* Wait until those that hold slots, or stand in line, have ended. False: given up. */
bool sem_wait_for_all(const struct sem_rules *rules);
/* Go on in the background; the process that was called ends, well. Before any thread, and
 * before what a child cannot have. */
void sem_go_behind(struct sem *s);
/* What the guardian does for it. */
const struct running_besides *sem_besides(const struct sem *s);
/* The command has ended. */
void sem_give(struct sem *s);

#endif
