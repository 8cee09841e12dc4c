/* Admission: what comes into the queue, and what is dropped because the user asked for
 * it. The reader's thread, but for the end. */
#ifndef PQ_ADMISSION_H
#define PQ_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

struct admission;
struct draft;
struct options;
struct stats;
struct template;

/* unique: the key of --unique, or NULL. several: a record may have more than one value. */
struct admission *admission_new(const struct options *options, const struct template *unique,
	bool several, struct stats *stats);
/* Does --unique let in the record that came last, the draft's values from this one on? */
bool admission_unique(struct admission *a, const struct draft *d, uint32_t from);
/* Tell what was dropped, and free. Main thread, after the reader's end. */
void admission_close(struct admission *a);

#endif
