/* The exit status of pq: one table. Pure. */
#ifndef PQ_STATUS_H
#define PQ_STATUS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	STATUS_DONE = 0,          /* every item succeeded and all output is written; or --halt has
	                           * found its success */
	STATUS_INPUT = 1,         /* input could not be read to its end */
	STATUS_USAGE = 2,         /* nothing was started */
	STATUS_OUTPUT = 74,       /* output, spool, log or queue could not be written (EX_IOERR) */
	STATUS_SOME_FAILED = 123, /* as xargs */
	STATUS_HALTED = 124,      /* stopped by --halt */
	STATUS_CANNOT = 125,      /* pq itself could not go on */
	/* 126 and 127: the command cannot be run, was not found */
};

/* How things were when --halt was reached, or at the end where a share of all never was. */
struct reached {
	uint64_t failed, total; /* of so many jobs, as far as that is known */
	bool one;            /* by one job, as the rule wants no more, */
	bool percent;        /* or by a share of all */
	int status;          /* of the job with which it was; */
	bool late;           /* --timeout has ended that */
};

/* How a run ended. */
struct ending {
	int signal;          /* pq is to die of it, or 0 */
	bool output_failed;
	bool queue_failed;   /* a durable queue could not be gone on with, nor be settled */
	bool cannot;
	bool halted;
	bool found;          /* by --halt ...,success */
	int halt_status;     /* --halt ...,fail=1: of the job that failed; else 0 */
	struct reached reached;
	bool input_failed;
	bool some_failed;
	uint64_t failed;     /* jobs, each section's by itself */
};

/* The first that applies: 74, 125, --halt's, 1, 123, 0. */
int status_of(const struct ending *e);
/* What comes before all of them: is pq to die of the signal that has ended it? Else that has
 * a status, too. */
bool status_dies(int sig);
/* From now on they are GNU parallel's: how many jobs have failed, 101 for more than 100, and
 * 255 where pq itself could not do what was asked, or was told by a signal not to. */
void status_speak_gnu(void);
/* What is said of a status of pq's that is not that of a run. */
int status_said(int status);

#endif
