/* What the tests of transforms share: a program over bytes in every way there is. */
#ifndef PQ_TESTS_TRANSFORM_H
#define PQ_TESTS_TRANSFORM_H

#include <string.h>

#include "action/transform/transform.h"
#include "base/buf.h"
#include "unit.h"

static inline struct transform *transform_made(char separator, const char *program)
{
	struct transform *t = transform_new(separator);
	struct buf why = { 0 };

	if (!transform_add(t, program, &why))
		fail_msg("refused: %s", buf_str(&why));
	buf_free(&why);
	return t;
}

/* Failures, one line each: "number 'bytes' why". */
static inline void transform_note(void *ctx, const struct transform_failure *f)
{
	struct buf *notes = ctx;

	buf_addf(notes, "%llu '", (unsigned long long)f->index);
	buf_add(notes, f->data, f->len);
	buf_addf(notes, "' %s\n", f->why);
}

/* A run in one piece, in pieces of a single record, and record by record. */
static inline void transform_whole(struct transformer *x, const char *in, size_t len,
	struct buf *out)
{
	transformer_run(x, in, len, out);
}

static inline void transform_pieces(struct transformer *x, char separator, const char *in,
	size_t len, struct buf *out)
{
	for (const char *end = in + len, *stop; in < end; in = stop + 1) {
		stop = memchr(in, separator, (size_t)(end - in));
		transformer_run(x, in, (size_t)(stop - in) + 1, out);
	}
}

static inline void transform_records(struct transformer *x, char separator, const char *in,
	size_t len, struct buf *out, struct buf *notes)
{
	for (const char *end = in + len, *stop; in < end; in = stop + 1) {
		const char *data, *why;
		size_t n;

		stop = memchr(in, separator, (size_t)(end - in));
		if (!transformer_record(x, in, (size_t)(stop - in), &data, &n, &why)) {
			if (why)
				buf_addf(notes, "%s\n", why);
			continue;
		}
		buf_add(out, data, n);
		buf_addc(out, separator);
	}
}

#endif
