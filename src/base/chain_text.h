/* A chain as text: its bytes go through an encoder piece by piece, so that what waits
 * in the file is never in memory as a whole. One thread at a time for each chain. */
#ifndef PQ_CHAIN_TEXT_H
#define PQ_CHAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/chain.h"

/* Where text goes: somebody's function, who remembers by himself when that fails. */
struct outlet {
	void (*write)(void *ctx, const char *data, size_t len);
	void *ctx;
};

enum chain_text {
	CHAIN_RAW,    /* as it is */
	CHAIN_JSON,   /* the inside of a string of JSON; it must be UTF-8 */
	CHAIN_BASE64,
	CHAIN_CSV,    /* the inside of a quoted field: quotes are doubled */
};

/* What is in a chain. */
struct chain_kind {
	bool utf8;  /* all of it is */
	bool quote; /* as a field of CSV it needs quotes: for white space, NUL, a quote or the
	             * separator */
};

/* Both are false, with errno set, when bytes cannot be read back. */
bool chain_look(struct store *s, const struct chain *c, char separator, struct chain_kind *kind);
bool chain_put(struct store *s, const struct chain *c, enum chain_text as,
	const struct outlet *to);

/* Text on its way into a chain, by an outlet of chain_write; its store is all it needs. */
struct chain_writer {
	struct store *store;
	struct chain chain;  /* the caller's, in the end */
	struct buf text;     /* what is no chunk yet */
	int error;           /* of the first chunk that could not be put away, or 0 */
};

void chain_write(void *writer, const char *data, size_t len);
/* That was all. False with errno when something could not be put away. */
bool chain_written(struct chain_writer *w);

#endif
