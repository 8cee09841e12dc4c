/* The names of columns: what may stand in braces beside a number. Built by the main
 * thread before anything is started, then read-only. */
#ifndef PQ_NAMES_H
#define PQ_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct name {
	char *text;      /* owned; not empty */
	size_t len;
	int32_t column;  /* from 1 */
	int32_t again;   /* another column of this name, or 0 */
};

struct names {
	struct name *list; /* owned */
	size_t count;
	bool any;        /* they are not known yet: whatever looks like one may be one, */
	bool wide;       /* or any text in braces */
	bool members;    /* of JSON objects: columns have no numbers, and a.b is nested */
	bool groups;     /* of a regular expression, else of a header: */
	int32_t each;    /* so many columns has a record, */
	int32_t columns; /* and so many a job; 0: there is no such limit */
	const char *several; /* the option by which a job has more records than one; or NULL */
};

/* Both are copied; an empty name is none. */
void names_add(struct names *n, const char *text, size_t len, int32_t column);
void names_free(struct names *n);
/* How many bytes at s look like a name that one might have made up: letters, digits,
 * _ and -, not beginning with a digit or a -. */
size_t names_like(const char *s, size_t len);
/* Several of them with dots between: a.b */
size_t names_path(const char *s, size_t len);
/* The same for a member of JSON: it may begin with a @, be any text in "quotes", and be
 * followed by the number of an element: @a."b c"[0] */
size_t names_member(const char *s, size_t len);
/* Append all names, or as many as a line can hold, quoted. */
void names_list(const struct names *n, struct buf *to);

#endif
