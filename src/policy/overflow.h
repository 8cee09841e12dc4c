/* What a full queue does with one more item (--overflow). */
#ifndef PQ_OVERFLOW_H
#define PQ_OVERFLOW_H

#include <stdbool.h>

enum overflow {
	OVERFLOW_BLOCK,    /* it is not read: the default */
	OVERFLOW_DROP_NEW, /* it is dropped */
	OVERFLOW_DROP_OLD, /* so is what has waited longest; or the new one, if none waits */
	OVERFLOW_REJECT,   /* it has failed */
	OVERFLOW_FAIL,     /* the run ends */
};

/* By its name on the command line; false: there is none such. */
bool overflow_parse(const char *name, enum overflow *out);
const char *overflow_name(enum overflow o);

#endif
