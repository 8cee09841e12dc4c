/* What of mathematics the C library has in a file of its own, as glibc does: that is loaded when
 * it is asked for, since each start would have to wait for it, and few runs need any of it. */
#ifndef PQ_MATHS_H
#define PQ_MATHS_H

#include <stdint.h>

struct maths {
	double (*exp)(double);
	double (*log)(double);
	double (*sin)(double);
	double (*cos)(double);
	double (*sqrt)(double);
	double (*atan2)(double, double);
	double (*fmod)(double, double);
	double (*pow)(double, double);
};

extern struct maths maths; /* once loaded; any thread */
/* NULL, or why not: one line. The main thread, while there is no other. */
const char *maths_load(void);

/* What is beyond the whole numbers of 64 bits has nothing behind the point. */
static inline double maths_whole(double x)
{
	return x > -9e18 && x < 9e18 ? (double)(int64_t)x : x;
}

#endif
