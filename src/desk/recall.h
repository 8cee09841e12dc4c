/* What an earlier run says of an item that is read again. */
#ifndef PQ_RECALL_H
#define PQ_RECALL_H

enum recall {
	RECALL_LEFT,  /* it is to be run; its attempts have been set */
	RECALL_DONE,  /* not again: it is done, */
	RECALL_FAILED /* or has failed for good */
};

#endif
