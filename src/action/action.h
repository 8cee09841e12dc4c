/* What is done to an item: the contract between workers and actions.
 *
 * An action is shared by all workers of its group and read-only while they run.
 * enter and leave bracket a worker's life, in the worker's thread; what enter
 * returns is that worker's alone. run blocks until the attempt has ended and
 * leaves its outcome and bytes in the delivery's result.
 *
 * An action that has serve takes its deliveries itself, several at a time if it likes, until
 * it is sent home. */
#ifndef PQ_ACTION_H
#define PQ_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ahead_rest;
struct delivery;
struct output;

struct attempt {
	struct delivery *delivery;
	struct output *output; /* the worker's */
	unsigned slot;         /* where it runs, from 0, */
	unsigned entry;        /* and where it is in the table of running jobs */
	bool live;             /* its bytes may be written before it has ended */
};

/* Where an action that serves has its deliveries from: its worker, in whose thread all of
 * this is called. */
struct serving {
	struct output *output; /* the worker's */
	unsigned slot, entry;  /* as of an attempt */
	/* Readable once it may be worth asking again, after take has given NULL. */
	int bell;
	bool home; /* the worker is sent home: take gives nothing any more */
	/* The next one; its attempt has begun. wait: NULL is for home alone. Else it is for none
	 * now, too: *when is the time (ns of clock_now()) to ask again if the bell is not heard
	 * before. */
	struct delivery *(*take)(struct serving *s, bool wait, int64_t *when);
	/* It will not ask for a while, though it has asked in vain before: the bell is another's. */
	void (*decline)(struct serving *s);
	/* Each for one that was taken, and is the action's no longer: its attempt has ended with
	 * its outcome; nobody knows how, the worker having died, and the outcome is the worker's;
	 * it is to be run as if this attempt had not been (company: of
	 * a worker no more than so many with it; 0: no matter). */
	void (*ended)(struct serving *s, struct delivery *d);
	void (*lost)(struct serving *s, struct delivery *d);
	void (*back)(struct serving *s, struct delivery *d, unsigned company);
	/* It is up only now, and what it has begins. */
	void (*up)(struct serving *s);
	/* Nothing is to be begun for so many ns; false when it is sent home before. */
	bool (*pause)(struct serving *s, int64_t most);
	/* What is left to be done. */
	struct ahead_rest (*rest)(struct serving *s);
	/* It would answer if it had so many at once: as many are to be there for it, if can be. */
	void (*starves)(struct serving *s, uint64_t items);
};

struct action {
	void *(*enter)(struct action *a);
	void (*run)(struct action *a, void *own, const struct attempt *attempt);
	void (*leave)(struct action *a, void *own);
	void (*serve)(struct action *a, void *own, struct serving *s); /* or NULL */
	/* Bytes of the runs of records that suit it now. Any thread. NULL: any do. */
	size_t (*pace)(struct action *a);
	void (*free)(struct action *a);
};

#endif
