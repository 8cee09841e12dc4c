/* Where the records of a stream end.
 *
 * Pure. By strings: a record ends behind the string `end` and where the next one begins with
 * the string `start`; one of them, or both, may be empty: then it has no say, and if both are,
 * every byte is a record. An `end` lies within its record, so what one record ends with does
 * not count for the next: "a--" and "-b" in "a---b". By an expression: a record ends where a
 * match ends that begins in it, and so it is never empty; the expression sees the record from
 * its beginning, and what comes behind it. Or as CSV: at a separator that is in no quotes. Or
 * by a field: a record is as many lines as have the same one.
 *
 * Nothing depends on how the bytes come in. */
#ifndef PQ_ENDS_H
#define PQ_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"

struct matcher;
struct regex;

struct ends_rules {
	const char *start, *end; /* not NUL-terminated; may be NULL where empty */
	size_t start_len, end_len;
	const struct regex *regex; /* with REGEX_STREAM; NULL: strings */
	const struct csv *csv;     /* NULL: strings */
	const struct field_rules *field; /* NULL: strings */
};

struct ends {
	const struct ends_rules *rules;
	size_t longest;   /* bytes of a record without its end; so far a match is looked for */
	char *needle;     /* end, then start; owned */
	size_t needle_len;
	struct matcher *matcher; /* owned; NULL: no expression */
	/* Of the data being looked at: */
	size_t begin;     /* of the record, */
	size_t from;      /* which ends behind this place */
	size_t stop, next; /* ENDS_FOUND: its own bytes end, the next one begins */
	bool quoted;      /* CSV: `from` is in quotes; */
	bool plain;       /* and quotes do not count any more: see ends_drop */
	size_t window;    /* expressions: bytes behind `from` that are searched at once */
	size_t again;     /* it is of no use to search before so many are there */
	const char *why;  /* ENDS_STUCK: a constant */
};

enum ends_find {
	ENDS_FOUND,
	ENDS_MORE,  /* more bytes are needed to tell */
	ENDS_STUCK, /* it cannot be found: the expression is too hard for what is there */
};

void ends_init(struct ends *e, const struct ends_rules *rules, size_t longest);
void ends_free(struct ends *e);
/* Can ends be told by looking back from a place, since each that looks like one is one? */
bool ends_look_back(const struct ends *e);
/* The last of those in data[0 .. most]; 0: there is none. */
size_t ends_find_last(const struct ends *e, const char *data, size_t len, size_t most);
/* A record begins here. */
void ends_begin(struct ends *e, size_t begin);
/* Find its end, in data that has not changed since the last call, but may have grown;
 * ended: nothing will follow. The end that was found is found again. */
enum ends_find ends_find(struct ends *e, const char *data, size_t len, bool ended);
/* The record is too long, and is to be dropped: where it goes by quotes, the next separator
 * from here on ends it, for a quote that does not end takes no more with it: true. */
bool ends_drop(struct ends *e, size_t from);
/* How much of the data is not needed any more to find its end: it is gone. */
size_t ends_forget(struct ends *e);

#endif
