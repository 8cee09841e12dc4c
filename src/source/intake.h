/* One input of GNU parallel's kind: words, or the records of a file. What leaves a
 * record out, or ends an input early, is done here, before inputs are combined. */
#ifndef PQ_INTAKE_H
#define PQ_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "source/continued.h"
#include "source/records.h"

struct input;
struct source_rules;

enum got {
	GOT_ONE,
	GOT_NOTHING, /* nothing now: poll the records */
	GOT_AGAIN,   /* ask again after a look around */
	GOT_END,
};

struct one {
	const char *data;
	size_t len;
	const char *refused; /* why no worker may have it, or NULL; of the current one: a view */
	uint64_t line;       /* of a file, from 1, on which it began; if rules.lines */
};

struct intake {
	const struct source_rules *rules;
	struct records *records; /* NULL: the values are known */
	struct one *values;      /* owned; */
	bool owned;              /* so are their data, and why they are refused, */
	size_t count, room;
	bool loaded;             /* values is complete */
	uint64_t skipped;        /* records at the beginning that were left out, */
	uint64_t line;           /* so many lines have been cut */
	uint64_t comments;       /* and those that are comments */
	bool over;               /* it ended before its end, by rules.end */
	bool failed;             /* it could not be read to its end */
	struct one title;        /* its first record, where that is a header; data owned, refused
	                          * as the current one's: nothing is read behind it then */
	bool untitled;           /* the caller's: there is none, and title is empty */
	struct one current;      /* what intake_next has got */
	bool ready;              /* the caller's: current is to be used again */
	size_t at;               /* words: the next one */
	struct buf why;          /* the current one is refused */
	struct continued cut;    /* pieces before the end of a delimiter of several bytes, */
	struct continued lines;  /* and lines whose last byte says that they go on */
};

/* False when a file cannot be opened: told. The rules must outlive it. */
bool intake_open(struct intake *in, const struct input *input, const struct source_rules *rules);
/* used: so much of it was of use to anybody (records_leave), if it was not all that was cut. */
void intake_close(struct intake *in, uint64_t used);
/* The next value, as it comes: a view until the next call. */
enum got intake_next(struct intake *in);
/* All values at once; GOT_END when they are there. */
enum got intake_load(struct intake *in);
/* Take the first record out as a header. */
enum got intake_title(struct intake *in);
/* Before records_run: pass over the first records that are left out; CUT_RECORD when that is
 * done. */
enum cut intake_skip_first(struct intake *in);

#endif
