/* What a step of a transform is. Room: transform*.c only. */
#ifndef PQ_TRANSFORM_STEP_H
#define PQ_TRANSFORM_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct matcher;
struct regex;
struct stretch;
struct text;
struct transform;

/* What one thread works with. */
struct bench {
	struct matcher *matcher; /* NULL when no step has a regex */
	bool alone;       /* what comes is one record, already known to be hard: take the care */
	const char *why;  /* after false: what went wrong, a constant */
};

struct step {
	/* Append what becomes of the records in[0..len), each ended by the separator,
	 * likewise ended, to out. False with bench->why: some record cannot be done;
	 * what was appended is void then, and the records will come again one by one. */
	bool (*apply)(const struct step *s, struct bench *b, const char *in, size_t len,
		struct buf *out);
	/* The same for one record; len does not count the separator, which is in[len].
	 * For step_each. */
	bool (*record)(const struct step *s, struct bench *b, const char *in, size_t len,
		struct buf *out);
	/* The same for a stretch of one record or of many lines; transform/match.c. */
	bool (*stretch)(struct stretch *t, struct bench *b, struct buf *out);
	char separator;
	bool whole; /* all there is is one record, whatever bytes it holds */
	/* Whatever the step was compiled into, owned: */
	struct regex *regex;
	struct text *text;    /* a replacement or template */
	unsigned char *table; /* 256 bytes: what becomes of each byte, or its class */
	struct range {        /* cut: fields or bytes, from 1; sorted, apart from each other */
		size_t first, last;
	} *ranges;
	size_t count;         /* of ranges */
	char delimiter;       /* between cut's fields */
	struct step *guarded; /* what is done to the records that the regex chooses */
	bool global, inverted;
};

/* A part of the text of a program. */
struct span {
	const char *s;
	size_t len;
};

/* What is wrong with the text, where, and what would be right there. */
struct flaw {
	const char *at;   /* within the text */
	struct buf what;
	const char *hint; /* a constant, or NULL */
};

/* Say what is wrong; returns false. */
bool flaw_set(struct flaw *f, const char *at, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Make a step of a zeroed one with its separator set. On false the flaw is set;
 * whatever the step has come to own is freed with it (step_free) all the same. */
bool step_word(struct step *s, struct span name); /* upper, trim, ...; false: no such word */
/* y///; what has no counterpart is an error, or, with `delete`, goes. */
bool step_map(struct step *s, struct span from, struct span to, bool delete, struct flaw *f);
bool step_cut(struct step *s, const char **p, const char *end, struct flaw *f); /* its LIST */
/* With regex, text, global and inverted set already: s///, /RE/ and m///. */
void step_substitute(struct step *s);
void step_filter(struct step *s);
void step_extract(struct step *s);
/* The same for /RE/ STEP, whose step is `guarded`, complete. */
void step_guard(struct step *s);
/* Words that transform/code.c knows; false: none of its own. */
bool step_code(struct step *s, struct span name);

void step_free(struct step *s);
/* An `apply` that does one record after the other. */
bool step_each(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out);
/* Take the step over; its separator is the transform's. */
void transform_append(struct transform *t, const struct step *s);
/* What transform_doubt shall say: the buffer, empty. */
struct buf *transform_doubts(struct transform *t);

#endif
