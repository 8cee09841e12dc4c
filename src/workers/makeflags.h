/* What MAKEFLAGS says of make's jobserver. Pure. */
#ifndef PQ_MAKEFLAGS_H
#define PQ_MAKEFLAGS_H

#include "base/buf.h"

struct makeflags {
	enum {
		MAKEFLAGS_NONE, /* nothing */
		MAKEFLAGS_PIPE, /* two descriptors that were handed down, */
		MAKEFLAGS_FIFO, /* or where a FIFO is */
		MAKEFLAGS_OFF,  /* that it is not for this process: a descriptor is negative */
		MAKEFLAGS_ODD,  /* something that is none of these */
	} kind;
	int in, out;      /* to read tokens from, and to write them to */
	struct buf auth;  /* as it was said, or the path of the FIFO; owned */
	unsigned jobs;    /* of -j; 0: it does not say */
};

/* Of several the last one counts. What follows -- are make's variables. */
void makeflags_read(const char *text, struct makeflags *to);
/* A value as a word of MAKEFLAGS. */
void makeflags_quote(const char *value, struct buf *to);
/* The same text, but for what it says of jobs and of a jobserver, in whose place is `jobs`. */
void makeflags_replace(const char *text, const char *jobs, struct buf *to);
void makeflags_free(struct makeflags *m);

#endif
