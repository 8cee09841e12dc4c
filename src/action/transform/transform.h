/* Built-in transforms (-e): a program of steps, compiled once.
 *
 * A program is read-only once compiled and shared by all workers; a transformer
 * is one thread's own. Steps work on runs of whole records, one step after the
 * other, each over the whole run. A record that hits a limit (regex.h), or that a
 * step cannot do (unbase64 of what is none), fails alone: it is left out and
 * named, the others go on.
 *
 * A step may put the separator into a record (s/,/\n/g, urldecode): for the steps
 * behind it, and for what comes out, that is several records then. */
#ifndef PQ_TRANSFORM_H
#define PQ_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct transform;
struct transformer;

struct transform *transform_new(char separator);
/* One for single values, or whole files: what is given is one record, whatever bytes it
 * holds, and stays one. For a value from anywhere: transform_add each text of steps, then
 * a transformer_new(t, NULL, NULL) for each thread, then transformer_record. */
struct transform *transform_new_whole(void);
bool transform_is_whole(const struct transform *t);
char transform_separator(const struct transform *t);
/* Compile the steps of one -e and add them (the language: transform/language.c). On
 * failure false, and `why` holds one line that names the column and what is expected
 * there: "-e, column 7: unknown flag 'q' in 's/a/b/q'; flags are g i m s u x". */
bool transform_add(struct transform *t, const char *text, struct buf *why);
/* The same for the text of a script (-f); `why` begins with "line 3, column 7: ", the
 * name of the file is for the caller to say. */
bool transform_add_script(struct transform *t, const char *text, size_t len, struct buf *why);
void transform_free(struct transform *t);
/* A line about what was added last and does nothing, though it is right: for a warning;
 * it begins as `why` does. NULL: there is none. Valid until the next is added. */
const char *transform_doubt(const struct transform *t);

/* A record that failed: its number in the run (from 0), its bytes, and why. */
struct transform_failure {
	uint64_t index;
	const char *data;
	size_t len;
	const char *why; /* a constant */
};

/* `failed` is for runs; it may be NULL where only single records are transformed. */
struct transformer *transformer_new(const struct transform *t,
	void (*failed)(void *ctx, const struct transform_failure *f), void *ctx);
void transformer_free(struct transformer *x);
/* Transform a run of whole records, each ended by the separator (the last one too; where
 * all is one record, by a byte of any kind); append the result, records likewise, to
 * out. Returns how many failed. */
uint64_t transformer_run(struct transformer *x, const char *in, size_t len, struct buf *out);
/* One record, without separator. False: it was dropped by a filter, or has failed
 * (*why is then a constant, else NULL; `failed` is not called). *out is a view, valid
 * until the next call. */
bool transformer_record(struct transformer *x, const char *in, size_t len, const char **out,
	size_t *out_len, const char **why);

#endif
