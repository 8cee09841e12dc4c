/* What a job runs, as a job log has it: to find it there again. Main thread or the reader's. */
#ifndef PQ_RECORD_COMMAND_H
#define PQ_RECORD_COMMAND_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct item;
struct options;
struct template;

/* In place of what is in *out. */
void command_show(const struct options *o, const struct template *command,
	const struct item *item, unsigned slot, struct buf *out);
/* Of what it says, as GNU parallel quotes in another way: equal where they say the same. */
uint64_t command_hash(struct buf *scratch, const char *command, size_t len);

#endif
