/* A file that grows by whole texts, as a run goes on: they gather in memory, and are written
 * by whoever brings the one with which they are much, or a while later by a thread.
 *
 * One thread at a time is between gather_begin and its end; whoever is not the signals'
 * thread may have to wait while the file takes nothing, so that memory stays bounded: a
 * mebibyte gathers, and as much may be under way. */
#ifndef PQ_GATHER_H
#define PQ_GATHER_H

#include <stdbool.h>

struct buf;
struct gather;

/* The file could not be written to: told once, in the thread that has tried; what comes after
 * that is dropped. */
typedef void gather_failed(void *ctx, const char *path, int error);

/* Empty the file, and put `text` there at once. NULL with errno: ENXIO is a FIFO that nobody
 * reads. */
struct gather *gather_open(const char *path, const struct buf *text, gather_failed *failed,
	void *ctx);
/* Takes the lock. What is to be added goes there, whole, before the end. */
struct buf *gather_begin(struct gather *g);
void gather_end(struct gather *g);
/* The end of what never waits: of little, told seldom. */
void gather_post(struct gather *g);
/* A while has passed: what has gathered is to be written soon. Main thread; never waits. */
void gather_tick(struct gather *g);
/* Write the rest, and free. */
void gather_close(struct gather *g);

#endif
