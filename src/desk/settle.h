/* Settling: what a source that leases its records is told of them. The desk's. */
#ifndef PQ_SETTLE_H
#define PQ_SETTLE_H

#include <stdbool.h>

#include "item.h"

/* The item is dead, all its deliveries have their verdicts: its source is told of each of its
 * records, if it leases them. What one delivery could not do the others cannot make good:
 * released is before rejected, and that before all else. */
void settle_item(const struct item *item);
/* Of what as many attempts as there may be were made before this run it is refused: it has
 * failed, and nobody said so before a crash, or --retries allowed more then. */
void settle_refuse_used_up(struct item *item);

#endif
