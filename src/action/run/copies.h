/* Files that a job has of its own: a text with its values in it, under a name with them
 * (--tmpl). Written before the job is started, and taken away behind it where that is wanted.
 * Any thread. */
#ifndef PQ_RUN_COPIES_H
#define PQ_RUN_COPIES_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct fill;
struct template;

struct copy {
	struct template *name, *text;
};

/* What is there is overwritten. False: `why` says which cannot be. */
bool copies_write(const struct copy *list, size_t count, const struct fill *fill,
	struct buf *why);
void copies_remove(const struct copy *list, size_t count, const struct fill *fill);

#endif
