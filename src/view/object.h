/* A job as an object of JSON: what --json writes for each, and --results into a .json
 * file. Whoever has the delivery. */
#ifndef PQ_OBJECT_H
#define PQ_OBJECT_H

#include <stdbool.h>

struct delivery;
struct outlet;
struct store;

/* One line. What is not UTF-8 is base64, under a name that says so. False, with errno
 * set, when what the job printed cannot be read back. */
bool object_write(const struct delivery *d, struct store *store, const struct outlet *to);
/* The same of an attempt that need not be the last: its own number is in it, and what follows
 * from it. lost: it died with its worker, and its number comes again. */
bool object_write_attempt(const struct delivery *d, struct store *store, const struct outlet *to,
	bool lost);
/* The same with the names and the order of GNU parallel. */
bool object_write_gnu(const struct delivery *d, struct store *store, const struct outlet *to);

#endif
