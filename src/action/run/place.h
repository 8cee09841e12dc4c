/* Where what a job prints is to be kept, by the template of --results. Pure. */
#ifndef PQ_PLACE_H
#define PQ_PLACE_H

#include <stdbool.h>

struct buf;
struct fill;
struct template;

/* Append the path. False when it may not be: it would lie outside of the directory with
 * which the template begins, or can be no name; `why` says so. */
bool place_make(const struct template *t, const struct fill *fill, struct buf *path,
	struct buf *why);

#endif
