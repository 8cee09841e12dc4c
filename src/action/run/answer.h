/* Answers of a persistent worker, taken from its stdout as they come. Pure.
 *
 *   lines    one line is the answer; with `until`, all lines to one that begins with it:
 *            a number from 0 to 255 behind that is the status, and the line no output
 *   frames   as frames.h has them
 *   json     one line, an object: "id", "status" (0 if there is none), and "out", text that
 *            gets a newline if it has none ("out64": base64, as it is)
 *
 * No more of an answer is kept than its unfinished line, and of that no more than `most`:
 * bytes are handed on as they come. What breaks the form is told, and nothing is read any
 * more. */
#ifndef PQ_ANSWER_H
#define PQ_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum answer_form { ANSWER_LINES, ANSWER_FRAMES, ANSWER_JSON };

struct answer_rules {
	enum answer_form form;
	const char *until; /* lines: what the line begins with that ends an answer; or NULL */
	uint64_t most;     /* bytes of an answer */
};

struct answer {
	struct answer_rules rules;
	/* Of the answer that the last part was of. */
	int status;        /* once it is whole */
	uint64_t id;       /* frames: whose it is */
	struct buf name;   /* json: the same */
	/* Once it is broken. */
	const char *why;   /* a constant */
	struct buf said;   /* the bytes in question, those at the beginning */

	/* Its own. */
	struct buf line;   /* what came of a line or head that is not whole */
	struct buf out;    /* json: what the last answer gave */
	uint64_t size;     /* bytes of output of the answer under way */
	uint64_t left;     /* frames: bytes of the body still to come, and its newline */
	bool mid_line;     /* until: the beginning of this line was none */
	bool body;         /* frames: within one */
};

enum answer_event {
	ANSWER_MORE,   /* all was read; what there is belongs to something that is not whole */
	ANSWER_PART,   /* some output of an answer; there may be more */
	ANSWER_WHOLE,  /* the last of its output, and its end */
	ANSWER_BROKEN, /* this is no answer: see why and said */
};

/* Bytes of output: a view, as long as nothing else is read. */
struct answer_part {
	const char *data;
	size_t len;
};

enum { ANSWER_SAID = 80 }; /* bytes of what is no answer that are worth showing */

/* The rules are copied. */
void answer_begin(struct answer *a, const struct answer_rules *rules);
void answer_free(struct answer *a);
/* Read on in *data; what was used is left out of it. */
enum answer_event answer_read(struct answer *a, const char **data, size_t *len,
	struct answer_part *part);
/* Has something of an answer come that is not whole? */
bool answer_is_torn(const struct answer *a);

#endif
