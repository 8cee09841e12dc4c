/* What is done to an item: the contract between workers and actions.
 *
 * An action is shared by all workers of its group and read-only while they run.
 * enter and leave bracket a worker's life, in the worker's thread; what enter
 * returns is that worker's alone. run blocks until the attempt has ended and
 * leaves its outcome and bytes in the delivery's result. */
#ifndef PQ_ACTION_H
#define PQ_ACTION_H

#include <stdbool.h>

struct delivery;
struct output;

struct attempt {
	struct delivery *delivery;
	struct output *output; /* the worker's */
	unsigned slot;         /* of the worker, from 0 */
	bool live;             /* its bytes may be written before it has ended */
};

struct action {
	void *(*enter)(struct action *a);
	void (*run)(struct action *a, void *own, const struct attempt *attempt);
	void (*leave)(struct action *a, void *own);
};

#endif
