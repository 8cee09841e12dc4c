/* Expressions of the command line. Main thread. */
#ifndef PQ_PATTERN_H
#define PQ_PATTERN_H

struct buf;
struct regex;

/* Compile the expression of this option, with these flags of regex.h; one with other
 * characters than ASCII means characters. NULL: `why` is one line that says which option,
 * where, and what is wrong. */
struct regex *pattern_compile(const char *option, const char *pattern, unsigned flags,
	struct buf *why);

#endif
