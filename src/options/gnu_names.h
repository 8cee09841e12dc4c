/* The long names of GNU parallel's options, whether pq has them or refuses them: there any
 * of them may be abbreviated and written in either case, and pq's own names beside them must
 * not change what an abbreviation means. Pure. Room: options/ only. */
#ifndef PQ_OPTIONS_GNU_NAMES_H
#define PQ_OPTIONS_GNU_NAMES_H

#include <stddef.h>

/* What `word`, len bytes with its dashes, is short for, as an owned string with dashes: the
 * word itself where it is a whole name of theirs, or no beginning of any. Dies where it could
 * be more than one, unless pq has it as a name. */
char *gnu_names_whole(const char *word, size_t len);

#endif
