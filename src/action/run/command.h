/* The action that runs a command: expand the template, find the program, make
 * the environment, run the process, and say what went wrong. */
#ifndef PQ_COMMAND_H
#define PQ_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/timeout.h"

struct action;
struct delivery;
struct template;
struct copy;
struct term_step;

struct command_rules {
	const struct template *template;
	const struct template *tag;   /* before every line of output, or NULL */
	const struct template *place; /* where what it prints is to be kept, or NULL */
	const struct copy *copies;    /* files that are made for it (copies.h), */
	size_t ncopies;
	bool cleans;                  /* and taken away behind it */
	const char *group;            /* what its section is called */
	bool discards;                /* nothing is to be done: it is done at once */
	const char *run_id;           /* PQ_ID begins with it, if the item has none */
	const char *program;          /* path of what is run; NULL: depends on the item */
	const struct term_step *term;
	bool asks;                    /* before each start (ask.h), and show is set */
	bool (*in_vain)(void *ctx);   /* then: is it so by now? A worker's thread */
	bool foreground;              /* the job has the terminal */
	bool lends_stdin;             /* the job's stdin is that of pq */
	bool named;                   /* a block is in a file, whose name stands for the item */
	bool content;                 /* the item names the file that the job reads */
	bool show;                    /* fill in result.command */
	bool announces;               /* the command stands before what it prints */
	size_t max_chars;             /* bytes of a command at most (desk/measure.h); 0: any, */
	bool max_shown;               /* of the one that is shown; */
	bool exits;                   /* one that is too long ends the run (no_room) */
	bool dry_run;                 /* print the command instead of running it, */
	unsigned quotings;            /* so often quoted */
	struct timeout timeout;
	/* The system has nothing to start a job with, nor will a job that ends give it back:
	 * nothing more should be born. A worker's thread. */
	void (*no_room)(void *ctx);
	void (*starting)(void *ctx, struct delivery *d); /* called before each start, or NULL */
	/* Jobs read one stream together: the descriptor that is the stdin of the job with this
	 * seq, -1 with errno; and then, whatever became of it, it has ended. Or NULL. */
	int (*join)(void *stream, uint64_t seq);
	void (*leave)(void *stream, uint64_t seq);
	void *stream;
	void *ctx;
};

/* The rules are copied, what they point to must outlive the action. */
struct action *command_new(const struct command_rules *rules);

#endif
