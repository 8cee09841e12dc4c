/* What a worker that stays up is kept by: what the files of persistent.h share. */
#ifndef PQ_RUN_RULES_H
#define PQ_RUN_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/run/answer.h"
#include "action/run/feed.h"
#include "policy/backoff.h"
#include "policy/timeout.h"

struct delivery;
struct template;
struct term_step;

struct persistent_rules {
	const struct template *template; /* of the command, which has nothing of an item */
	const struct template *tag;      /* before every line of an answer, or NULL */
	const struct template *place;    /* where answers are to be kept, or NULL */
	struct feed_rules feed;
	struct answer_rules answer;
	bool runs;               /* items are runs of lines, each a record with an answer */
	const char *ready;       /* nothing is written before a line that begins so; or NULL */
	uint64_t recycle_items;  /* a process has so many, at most; 0: no matter */
	uint64_t recycle_memory; /* and so many bytes of memory */
	uint64_t prefetch;       /* --prefetch; 0: not given */
	unsigned poison;         /* for messages: losses that reject an item; 0: none does */
	struct backoff backoff;  /* of starts, after deaths */
	const char *group;       /* what its section is called, */
	const char *section;     /* and, in messages, where there are several; or NULL */
	const char *program;     /* path of what is run; NULL: depends on the slot */
	const struct term_step *term;
	bool show;               /* fill in result.command */
	bool dry_run;            /* print what would be done */
	struct timeout timeout;  /* of an item */
	void (*no_room)(void *ctx);    /* as in command.h */
	/* A process, for this item first; or NULL. */
	void (*starting)(void *ctx, struct delivery *d);
	/* Whole lines of a process's stderr. How many bytes of such wait to be written. */
	size_t (*note)(void *ctx, const char *text, size_t len);
	/* A process that owed nothing has not ended well: what it did may not be whole. */
	void (*unwell)(void *ctx);
	void *ctx;
};

#endif
