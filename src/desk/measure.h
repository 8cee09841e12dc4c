/* How long the command would be that a draft's records make: for -s.
 *
 * The reader's thread. What a command line takes is said in one place: command.c looks at the
 * command that it is about to run by the same function. */
#ifndef PQ_MEASURE_H
#define PQ_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct draft;
struct measure;
struct template;

struct measure_rules {
	const struct template **commands; /* of all groups; a copy is made */
	size_t count;
	size_t most;   /* bytes that it may have */
	bool shown;    /* as it is shown; else as it is executed */
	unsigned slot; /* the highest that {%} can be */
};

struct measure *measure_new(const struct measure_rules *rules);
void measure_free(struct measure *m); /* NULL is fine */
size_t measure_most(const struct measure *m);
/* With the first `values` values of the draft, as item `seq`; of several groups' commands the
 * longest. What cannot be a command has no length: who runs it will say why. */
size_t measure_draft(struct measure *m, const struct draft *d, uint32_t values, uint64_t seq);
/* The most that one more value of so many bytes can add to that. */
size_t measure_growth(const struct measure *m, size_t len);

#endif
