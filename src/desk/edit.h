/* What is done to a record at the desk, before it is packed into an item for a
 * command: -e changes or drops it. The reader's thread. */
#ifndef PQ_EDIT_H
#define PQ_EDIT_H

#include <stdbool.h>
#include <stdint.h>

struct draft;
struct edit;
struct transform;

struct edit *edit_new(const struct transform *transform);
void edit_free(struct edit *e);
/* The record that came last: the draft's values from this one on. False: it was
 * dropped. One that cannot be done stays as it was, with draft->refused set. */
bool edit_record(struct edit *e, struct draft *d, uint32_t from);

#endif
