/* The content of a file, transformed: to the output, or in its place. Room:
 * transform/runner.c.
 *
 * Read piece by piece, never whole in memory unless it is one long record. */
#ifndef PQ_TRANSFORM_FILE_H
#define PQ_TRANSFORM_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct attempt;
struct output;
struct transform_failure;
struct transform_file;
struct transform_rules;
struct transformer;

/* A worker's own; what is given must outlive it. */
struct transform_file *transform_file_new(const struct transform_rules *rules,
	struct transformer *transformer);
void transform_file_free(struct transform_file *f);
/* Do the file that the attempt's item names; leaves the outcome's how and code. */
void transform_file(struct transform_file *f, const struct attempt *attempt);
/* From within: the transformer met a record that failed. */
void transform_file_failed(struct transform_file *f, const struct transform_failure *failure);

/* Give bytes of this attempt's result to whoever takes output, as it takes it; between
 * output_begin and output_end. False: it is of no use any more. */
bool transform_print(const struct transform_rules *rules, struct output *o, const char *data,
	size_t len);

#endif
