/* What an attempt prints, on its way from the pipe to the collector.
 *
 * One for each worker, used by its thread alone. Bytes gather in a buffer for
 * each stream, are given their tags, and leave as chunks: to the delivery's
 * result, or, when they may be written before the attempt has ended, to `part`. */
#ifndef PQ_OUTPUT_H
#define PQ_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "item.h"

struct store;

struct output_watcher {
	void (*printed)(void *ctx, const struct delivery *d, const char *data, size_t len);
	void *ctx;
};

struct output_rules {
	struct store *store;
	bool captured; /* false: jobs write straight to pq's own stdout and stderr */
	bool by_line;  /* parts are whole lines */
	/* So many bytes of each stream are its end (at most CHAIN_SLOT), which results have, too,
	 * tags left out; 0: nobody asks. */
	size_t tail[STREAMS];
	bool color[STREAMS]; /* tags have their colours there */
	uint64_t keep; /* a live attempt keeps so many bytes before it hands over parts */
	/* Give the collector bytes of a delivery that has not ended. */
	void (*part)(void *ctx, struct delivery *d, int stream, struct chain *bytes);
	/* Would it take more of this delivery's now? Waits at most so many ns. */
	bool (*room)(void *ctx, struct delivery *d, int64_t wait);
	/* Is told of what comes, as it comes; NULL: nobody is. */
	const struct output_watcher *watcher;
	/* A chunk could not be put away: the run is over. errno is set. */
	void (*failed)(void *ctx);
	void *ctx;
};

struct output;

struct output *output_new(const struct output_rules *rules);
void output_free(struct output *o);

/* A new attempt. live: parts may be handed over as they come. The tag, if not
 * NULL, is put before every line; it stays the caller's, until output_end. */
void output_begin(struct output *o, struct delivery *d, bool live, const struct buf *tag);
bool output_captured(const struct output *o);
/* May the next bytes be read now? Waits at most so many ns. */
bool output_room(struct output *o, int64_t wait);
/* For how many ns what the attempt printed had no room so far: it was held up. */
int64_t output_held_up(const struct output *o);
/* Where to put the next bytes of the stream, at least one; and that n came. */
char *output_space(struct output *o, int stream, size_t *room);
void output_filled(struct output *o, int stream, size_t n);
/* Both at once, for bytes that are somewhere else. */
void output_put(struct output *o, int stream, const char *data, size_t len);
/* Nothing more for the moment: what can be handed over is. */
void output_idle(struct output *o);
void output_end(struct output *o);

#endif
