/* The file of -o: it takes the place of pq's standard output, so that all that is
 * written there is the file's, and what reads it as input is refused.
 *
 * The main thread opens, cuts and closes it; outfile_end is for any thread. */
#ifndef PQ_OUTFILE_H
#define PQ_OUTFILE_H

#include <stdbool.h>
#include <stdint.h>

/* Open it and make it descriptor 1; what is in it stays for now. NULL: there is none, and
 * all that follows does nothing. Dies, before anything is started, when it cannot be
 * opened. */
void outfile_open(const char *name);
bool outfile_regular(void);  /* is it a file that has bytes, not a pipe or a device? */
uint64_t outfile_size(void); /* bytes in it */
/* Keep the first `size` bytes, and write behind them. Dies likewise. */
void outfile_begin(uint64_t size);
/* All that was written is on the disk. False with errno: that is final, for the system
 * may have forgotten what it could not write. */
bool outfile_end(void);

#endif
