/* Admission: what becomes of a record before it is packed into an item, and what is
 * dropped because the user asked for it. The reader's thread, but for both ends. */
#ifndef PQ_ADMISSION_H
#define PQ_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

struct admission;
struct columns;
struct delivery;
struct draft;
struct group;
struct options;
struct stats;
struct template;
struct transform;

struct admission_rules {
	const struct options *options;
	const struct group *groups; /* until it is closed */
	unsigned ngroups;
	uint64_t queue_size; /* items of a group alive at once */
	struct stats *stats;
	/* What is done to a record, in this order; NULL: it is not. */
	const struct transform *transform;
	struct columns *columns;
	const struct template *unique; /* the key of --unique; NULL: the record */
};

/* Dies, before anything is started, when --high-water can never be. */
struct admission *admission_new(const struct admission_rules *rules);
/* Does it do anything to records? */
bool admission_looks(const struct admission *a);
/* The record that came last, the draft's values from this one on. False: it was dropped. */
bool admission_record(struct admission *a, struct draft *d, uint32_t from);
/* Tell it when more than --high-water says wait in a queue, and did not before. */
void admission_depth(struct admission *a);
/* Births are held back, by the bound of bytes or that of items: who gave -Q is told, once
 * each, when that many do not fit, or when what only waits keeps the workers of a group idle:
 * so many run there, of so many. */
void admission_full(struct admission *a, bool bytes, uint64_t queue_bytes);
void admission_waits(struct admission *a, const struct group *g, uint64_t running,
	unsigned workers);
/* --overflow fail: this one has no room, and the run is to end. */
void admission_failed(struct admission *a, const struct delivery *d);
/* Tell what was dropped, and free; has it failed? Main thread, after the reader's end. */
bool admission_close(struct admission *a);

#endif
