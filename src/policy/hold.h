/* Why nothing more is started, though something waits and a worker has nothing to do. */
#ifndef PQ_HOLD_H
#define PQ_HOLD_H

enum hold {
	HOLD_NONE,
	HOLD_RETRY,   /* all that waits is to be tried again, later */
	HOLD_RATE,    /* --rate */
	HOLD_DELAY,   /* --delay */
	HOLD_KEY,     /* others of their keys run */
	HOLD_BREAKER, /* --breaker is open */
	HOLD_TRIAL,   /* and one trial runs */
	HOLD_LOAD,    /* --load */
	HOLD_MEMORY,  /* --memfree */
	HOLD_JOBSERVER, /* make's jobserver has no job slot to give */
	HOLD_PAUSED,  /* the file of -j says so */
	HOLDS
};

#endif
