/* Columns: what becomes of a record before it is packed into an item.
 *
 * The reader's thread, between a source and the pack. A record has a value for each
 * input; each of these is split at a separator, read as CSV, matched by a regular
 * expression, whose groups are its columns then, or read as a JSON object, whose members
 * are. The columns of all inputs stand
 * side by side. */
#ifndef PQ_COLUMNS_H
#define PQ_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct columns;
struct draft;
struct names;

enum { TRIM_LEFT = 1, TRIM_RIGHT = 2 };

struct columns_rules {
	const char *colsep; /* one byte, or a regular expression; NULL: not given */
	bool csv;           /* RFC 4180, with this separator, or a comma, */
	bool lax;           /* and quotes that end no field are text; */
	bool strict;        /* all rows have as many fields as the first, or the header */
	const char *regex;  /* NULL: not given */
	bool jsonl;         /* JSON objects */
	const char *validate; /* what a record must match, or NULL */
	bool header;        /* with neither of them: split at tabs */
	unsigned trim;      /* of each column; before --regex of the record */
	char separator;     /* of records */
};

/* Does it stand for one byte, and for which? */
bool columns_byte(const char *colsep, char *byte);
/* NULL when an expression cannot be compiled: `why` says it in one line. */
struct columns *columns_new(const struct columns_rules *rules, struct buf *why);
void columns_free(struct columns *c);
/* The named groups of --regex; `jobs` as many records can be in a job, 0: any number. */
void columns_groups(const struct columns *c, uint64_t jobs, struct names *names);
/* The members of --jsonl that are wanted; the names must outlive it. */
void columns_members(struct columns *c, const struct names *names);
/* At the end of the run: name the members that were in none of the objects. */
void columns_tell(const struct columns *c);
/* The header: a value for each input, whose columns are the names. From now on a record
 * has as many columns of each input as its header, where another input follows. NULL,
 * or why it cannot be: a view until the next call. */
const char *columns_header(struct columns *c, const struct draft *header, struct names *names);
/* That header, of the source that was first to have one; NULL: there is none, or no c. */
const struct draft *columns_title(const struct columns *c);
/* Make columns of the record that came last, the draft's values from this one on. One
 * of which none can be made stays as it was, with draft->refused set. */
void columns_shape(struct columns *c, struct draft *draft, uint32_t from);

#endif
