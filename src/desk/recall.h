/* What an earlier run says of an item that is read again. */
#ifndef PQ_RECALL_H
#define PQ_RECALL_H

#include <stdbool.h>

enum recall {
	RECALL_LEFT,  /* it is to be run; its attempts have been set */
	RECALL_DONE,  /* not again: it is done, */
	RECALL_FAILED /* or has failed for good */
};

/* How it goes on. */
struct recalling {
	bool over;    /* it says no more */
	bool by_item; /* it does not go by place any more: whatever is read is asked for, and
	               * nothing has to be waited for; what was left so far is to be asked for again */
};

#endif
