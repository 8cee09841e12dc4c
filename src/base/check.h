/* Asserts that hold in every build: what is counted is counted home, or pq aborts. They
 * stand at hand-overs and ends, where they cost nothing that could be measured. */
#ifndef PQ_CHECK_H
#define PQ_CHECK_H

#undef NDEBUG
#include <assert.h> /* IWYU pragma: export */

#endif
