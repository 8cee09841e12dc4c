/* --unique: has a record's key been seen before? The reader's thread.
 *
 * The key is what a template makes of the record, or the record's values themselves; it
 * is kept, whole (base/set.h says what that takes), as long as the run. */
#ifndef PQ_UNIQUE_H
#define PQ_UNIQUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct draft;
struct template;
struct unique;

/* key: a template_text, or NULL. several: a record may have more than one value. */
struct unique *unique_new(const struct template *key, bool several);
void unique_free(struct unique *u);
/* The record that came last, the draft's values from this one on. If it is new, it is
 * remembered from now on. */
bool unique_is_new(struct unique *u, const struct draft *d, uint32_t from);

#endif
