/* The plan of a run: its parts, made from the options and put together by the pipeline. The
 * main thread makes it, before there are others; it only points to what is in it. */
#ifndef PQ_PLAN_H
#define PQ_PLAN_H

#include <stddef.h>

#include "queue/tickets.h"

struct columns;
struct names;
struct options;
struct record;
struct source;
struct template;
struct transform;

struct plan {
	const struct options *options;
	struct source **sources;        /* the pipeline's from now on */
	size_t nsources;
	const struct template *command; /* NULL: transform alone */
	const struct transform *transform; /* or NULL */
	const struct template *tag;     /* or NULL */
	struct tickets_rules tickets;
	const struct template *place;   /* where --results has it for each job; or NULL */
	const struct names *names;      /* of columns */
	struct columns *columns;        /* or NULL */
	const struct template *unique;  /* the key of --unique, or NULL: the item */
	const char *run_id;             /* with which the ids of its items begin */
	struct record *record;          /* or NULL: nothing is on record */
	const char *program;            /* path of what every job runs, or NULL */
};

#endif
