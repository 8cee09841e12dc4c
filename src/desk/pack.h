/* How records become items: one each, -n of them, as many as fit (-X), or in runs.
 *
 * The reader's thread. A pack stands between the desk and one source. */
#ifndef PQ_PACK_H
#define PQ_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "item.h"
#include "source/source.h"

struct measure;

enum { PACK_LIMITS = 2 };

struct pack_rules {
	size_t run_size;    /* gather runs of about so many bytes; 0: values */
	size_t (*run_now)(void *ctx); /* of that those that the next run is to have; NULL: all */
	char separator;     /* ends each record of a run */
	uint64_t max_args;  /* records of an item at most; 0: no such limit */
	/* Change the record that came last, the draft's values from this one on; false: it
	 * was dropped. It may set draft->refused. NULL: records stay as they are. */
	bool (*edit)(void *ctx, struct draft *d, uint32_t from);
	bool keep_raw;      /* items have the records as they were before that, too */
	bool as_many;       /* gather as many records as keep within all limits */
	struct measure *measure; /* and no more than its command may have bytes, whichever of the
	                     * two is asked for; NULL: no matter */
	bool fills;         /* and at the end of input, too: the rest is not spread */
	struct pack_limit {
		size_t room;
		size_t (*weight)(void *ctx, size_t len); /* of one value of so many bytes */
	} limit[PACK_LIMITS];
	unsigned (*workers)(void *ctx); /* at the end of input the rest is spread over them */
	void *ctx;
};

struct pack {
	const struct pack_rules *rules;
	struct source *source;
	struct draft draft;
	struct draft raw;   /* its records as they were read, if that is wanted */
	struct buf why;     /* the draft's, if it is refused */
	struct buf group;   /* origin.group of its records, but for one that came just now; or
	                     * empty */
	struct pack_end {
		uint32_t values;    /* record i of the draft ends before this one */
		uint64_t offset;    /* of a shared input: where the record ends in it */
		struct claim claim; /* on it, if the source leases */
	} *ends;            /* owned */
	uint32_t records, room;
	uint32_t weighed;   /* records of the draft whose weight is known */
	size_t weight[PACK_LIMITS]; /* of those, */
	size_t length;      /* and the most that their command can have */
	uint32_t share;     /* after the end: records of each item */
	bool ended;
	struct run_pool *pool; /* the desk's */
	struct run *run;    /* being gathered, or NULL */
};

/* SOURCE_RECORD: *item is the next one, with this seq, its first record having this
 * number; *refused says why no worker may have it, or is NULL. Else as the source
 * answers. */
enum source_state pack_next(struct pack *p, uint64_t seq, uint64_t first, struct item **item,
	const char **refused);
void pack_free(struct pack *p);
/* How many records to have at hand for an item to come, 1,000 at most. */
unsigned pack_places(const struct pack_rules *rules);

#endif
