/* A plan: what the options ask for, made ready to be run. Main thread, before anything is
 * started; what is wrong with it is one line on stderr and ends pq. */
#ifndef PQ_PLAN_H
#define PQ_PLAN_H

#include <stddef.h>

#include "item.h"
#include "plan/blocks.h"
#include "queue/tickets.h"

struct columns;
struct copy;
struct filters;
struct jobserver;
struct names;
struct options;
struct order;
struct parts;
struct record;
struct running_besides;
struct section;
struct source;
struct spread;
struct steps_run;
struct template;
struct transform;

/* What one section of the command line is made of. */
struct plan_section {
	const struct section *options;
	char number[24];                /* from 1, as text */
	const char *name;               /* or that */
	struct template *command;       /* NULL: transform alone */
	struct transform *transform;    /* or NULL */
	struct template *tag;           /* or NULL */
	struct template *item;          /* what a worker that stays up is written; or NULL */
	struct template *place;         /* where --results has it for each job; or NULL */
	struct tickets_rules tickets;
	bool discards;                  /* its command is : alone: it is done with items at once */
	char *program;                  /* path of what every job runs, or NULL */
	unsigned jobs;                  /* that -j asks for, as far as the system allows; 0: its
	                                 * deliveries are for the workers of the first */
};

struct plan {
	const struct options *options;
	struct plan_section *sections;  /* as many as the options have; owned */
	size_t nsections;
	struct source **sources;        /* the pipeline's from its start on; the array is ours */
	size_t nsources;
	struct plan_blocks blocks;      /* of --pipe */
	struct spread *spread;          /* one of the sources: what jobs read together; or NULL */
	struct parts *parts;            /* likewise: parts of files, one for each */
	struct names *names;            /* of columns */
	struct columns *columns;        /* or NULL */
	struct template *unique;        /* the key of --unique, or NULL: the item */
	struct filters *filters;        /* of the sections; NULL: each wants all there is */
	struct template *whole, *topic; /* what they are asked about; NULL without filters */
	char run_id[RUN_ID + 1];        /* with which the ids of its items begin */
	struct jobserver *jobserver;    /* the pipeline's; or NULL: jobs are not shared out */
	const struct running_besides *besides; /* what the guardian does for others; or NULL */
	struct order *order;            /* the pipeline's from its start on; NULL: items are started
	                                 * as they come */
	struct record *record;          /* not the plan's; or NULL: nothing is on record */
	unsigned jobs;                  /* of all sections */
	struct copy *copies;            /* files that are made for each job; owned, and they are */
	size_t ncopies;
	struct steps_run *run;          /* what steps may know; owned; the desk sets the total, */
	bool reads_all;                 /* before the first job: they ask for it */
};

/* All but order, run_id, jobserver, besides and record. Commands that cannot run, expressions
 * that mean nothing and input that cannot be opened are told here. */
void plan_make(struct plan *plan, const struct options *o);
void plan_free(struct plan *plan);

#endif
