/* A log of whole lines: they gather in memory, and a single write carries all there are,
 * so that a crash tears at most the last one. One thread at a time. */
#ifndef PQ_LINES_H
#define PQ_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct lines {
	struct buf text; /* the caller adds to it, whole lines only */
	int fd;
	bool first;      /* there was none in the file when it was opened */
};

/* Does such a log begin so? These are its first bytes, some tens of them at most. */
typedef bool lines_known(const char *start, size_t len);
/* Is this line whole, though nothing ends it? An editor may have left it so. */
typedef bool lines_whole(const char *line, size_t len);

/* Open to be written; with append, to go on after the last line: a torn one, which a
 * crash has left behind, is cut off. `whole` may be NULL: none is. False with errno:
 * EBADMSG when what is there is not such a log. */
bool lines_open(struct lines *l, const char *name, bool append, lines_known *known,
	lines_whole *whole);
/* The same on a descriptor that stays the caller's. False with errno. */
bool lines_share(struct lines *l, int fd);
/* Take out every line of the file, of a regular one, that is not to be kept; before the
 * first is added. False with errno when it cannot be read or written. */
typedef bool lines_kept(void *ctx, const char *line, size_t len);
bool lines_sift(struct lines *l, lines_kept *kept, void *ctx);
/* Each: false with errno when what was gathered could not be written. */
bool lines_flush(struct lines *l);
bool lines_close(struct lines *l);

#endif
