/* CSV (RFC 4180): which of its bytes are what.
 *
 * Pure. A quote opens a field only where that begins; within it two quotes are one, and one
 * closes it. So a separator in a field in quotes ends no record. */
#ifndef PQ_CSV_H
#define PQ_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct csv {
	char column;    /* what ends a field, */
	char separator; /* and a record */
	bool lax;       /* a quote closes only what ends behind it; else it is text */
};

enum csv_quote {
	CSV_CLOSES,
	CSV_TWO,     /* it and the next one are one that is text */
	CSV_TEXT,
	CSV_UNKNOWN, /* what comes behind it tells */
};

/* What the quote at *at is, within a field in quotes; last: nothing comes behind `end`. */
enum csv_quote csv_quote(const struct csv *c, const char *at, const char *end, bool last);

/* Where one is with a record. */
struct csv_scan {
	size_t scanned; /* so much of it was looked at, */
	bool quoted;    /* and that ends within a field in quotes */
};

/* The separator that ends the record whose beginning this is, or NULL: none does yet, and the
 * scan goes on from there when more has come. Zero-initialised for each record. */
const char *csv_find_end(const struct csv *c, struct csv_scan *scan, const char *data, size_t len,
	bool last);

#endif
