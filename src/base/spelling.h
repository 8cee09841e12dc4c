/* How much alike two words are spelled: for "did you mean". Pure. */
#ifndef PQ_SPELLING_H
#define PQ_SPELLING_H

#include <stddef.h>

enum { SPELLING_MOST = 40 }; /* bytes of a word that is compared */

/* How many letters must be added, dropped, changed or exchanged with their neighbour to make
 * b of a (optimal string alignment). Longer words than SPELLING_MOST are not alike: that many
 * and one. */
int spelling_distance(const char *a, size_t alen, const char *b, size_t blen);

#endif
