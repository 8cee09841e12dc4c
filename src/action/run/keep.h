/* What is known of a worker that stays up, its process and the items that it owes answers
 * for: what keeper.c and hear.c share. That worker's thread. */
#ifndef PQ_KEEP_H
#define PQ_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "action/run/answer.h"
#include "action/run/child.h"
#include "action/run/owed.h"
#include "action/run/rules.h"
#include "action/template/template.h"
#include "base/buf.h"
#include "base/clock.h"
#include "policy/ahead.h"

struct serving;

enum { KEEPER_BYTES = 65536 };

/* After so long without an answer a process' hunger is looked at, at first. */
#define HUNGER_FIRST (5 * CLOCK_MS)

/* Why the process has to be ended. */
enum keeper_fault {
	KEEPER_WELL,
	KEEPER_BROKE,   /* the form of answers: keeper->flaw says how */
	KEEPER_LATE,    /* --timeout */
	KEEPER_SILENT,  /* closed its stdout */
	KEEPER_DEAF,    /* or its stdin, before it was written all it has to answer */
	KEEPER_EVICTED, /* memory is short */
};

struct keeper {
	const struct persistent_rules *rules;
	struct serving *serving;
	char **envp;           /* of the process; owned, as all that follows */
	struct buf env, tag, why;
	struct argv argv;
	char *bytes;           /* KEEPER_BYTES, as they come */

	struct owed owed;
	unsigned company;      /* no more of them than so many; 0: no matter */
	_Atomic size_t *pace;  /* the action's: bytes of a run that suits its workers now */
	uint64_t run_records;  /* of runs: those of the last one */
	struct buf partial;    /* what came of a line that is not whole */
	/* Of a run with which a process has died, the oldest: */
	const struct delivery *tended;
	size_t at;             /* the first record that was asked for: where it is in the run, */
	uint64_t index;        /* its number there, from 0, */
	unsigned lost;         /* and how often it was lost */
	uint64_t offered;      /* so many are asked for */
	bool careful;          /* no more than `step` of them at a time, and nothing beside, */
	uint64_t step, until;  /* up to this number */
	struct buf send;       /* bytes of items that are not written yet, */
	size_t sent;           /* from here on */
	uint64_t given;        /* bytes of items, for this process, */
	uint64_t written;      /* and those of them that it was written */
	bool asked;            /* for more items, in vain: */
	int64_t ask_at;        /* until the bell rings, or this time has come */
	bool rung;             /* the bell was heard, and it has not asked since */
	int64_t not_before;    /* no process is started (--backoff) */
	unsigned deaths;       /* in a row, without an answer between */

	/* Of the process. */
	struct child child;
	bool running;
	bool ready;            /* it may be written to */
	bool closing;          /* its stdin is closed as soon as all is written, */
	int64_t closed;        /* or was, then; */
	bool deaf;             /* the process had closed it before */
	bool told_closed;      /* that it does not end then */
	bool told_hungry;      /* that it answers nothing */
	enum keeper_fault fault;
	struct buf flaw;
	struct ahead ahead;
	struct answer answer;
	struct delivery *answering; /* whose answer is being read, or NULL */
	size_t answering_at;   /* and where it is in what is owed */
	struct buf err;        /* a line of stderr that is not whole */
	bool err_held;         /* too much of it waits to be written */
	uint64_t fed, answered; /* items */
	int64_t end_of_out;    /* when its stdout was closed; 0: it is open */
	int64_t quiet;         /* since when nothing has come of it */
	int64_t hungry;        /* since when it waits for more; 0: it does not */
	int64_t weighed;       /* when its memory was looked at (--recycle) */
	int64_t look;          /* ns until the next look at that */
};

#endif
