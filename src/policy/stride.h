/* Shares by weight: who is served next, of those who have something to be served. Stride
 * scheduling (Waldspurger and Weihl, 1995). Pure.
 *
 * Each has a pass, which grows by 1/weight each time it is served, and the smallest pass
 * goes first. Between two turns of one its pass grows by 1/w; whoever else is served
 * meanwhile has a pass within those bounds, which is so at most w'/w + 1 times for a weight
 * of w'. So one that always has something waits for at most (sum of all weights)/w turns of
 * others, and one more for each of them.
 *
 * Who has nothing is moved along with the others: it saves nothing up, and does not have to
 * catch up with what others had while it was away. */
#ifndef PQ_STRIDE_H
#define PQ_STRIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stride;

enum { STRIDE_MOST = 1000000 }; /* a weight is at most this, and at least 1 */

struct stride *stride_new(const uint32_t weights[], size_t count);
void stride_free(struct stride *s);
/* The next to be served, of those that are ready, and it counts as served; `count` when
 * none is. Of equals the first. */
size_t stride_pick(struct stride *s, const bool ready[]);

#endif
