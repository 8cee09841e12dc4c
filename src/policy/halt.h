/* When to stop early: --halt. Pure: no clock, no lock, no I/O.
 *
 * A percentage is taken of all items when their number is known (arguments, or
 * an input already at its end), otherwise of the jobs done so far and only once
 * HALT_SAMPLE of them are: pq never reads all of its input to find out. */
#ifndef PQ_HALT_H
#define PQ_HALT_H

#include <stdbool.h>
#include <stdint.h>

enum halt_when { HALT_NEVER, HALT_SOON, HALT_NOW };
enum halt_why { HALT_FAIL, HALT_SUCCESS, HALT_DONE };
enum { HALT_SAMPLE = 10 };

struct halt_rule {
	enum halt_when when;
	enum halt_why why;
	double amount; /* a number of jobs, or a percentage */
	bool percent;
};

/* GNU parallel's grammar: never; now|soon,fail|success|done=N|N%; and the old
 * 0, 1 (soon,fail=1), 2 (now,fail=1), -1 and -2 (the same with success) and N%
 * (soon,fail=N%). */
bool halt_parse(const char *s, struct halt_rule *rule);
/* total: all items there will be, or 0 while that is unknown. */
bool halt_reached(const struct halt_rule *rule, uint64_t failed, uint64_t succeeded,
	uint64_t total);
/* Is one job enough, of so many? */
bool halt_is_one(const struct halt_rule *rule, uint64_t total);

#endif
