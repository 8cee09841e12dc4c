/* How a stream is cut into blocks, for --pipe: what source_rules say of it. */
#ifndef PQ_BLOCKS_H
#define PQ_BLOCKS_H

#include "source/cutter.h"
#include "source/heading.h"

struct block_rules {
	struct cutter_rules cutter;
	struct heading_rules heading; /* what is repeated before each block */
	bool bare;  /* what records end and begin with is left out */
	bool uncut; /* blocks are what there is, as it comes */
};

#endif
