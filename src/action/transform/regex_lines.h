/* An expression for one record, rewritten for many lines at once.
 *
 * Pure: text to text. A pattern that is meant for a record without newlines is
 * spelled so that, compiled with PCRE2_MULTILINE and PCRE2_ALT_CIRCUMFLEX, it
 * never takes a newline: [^x] becomes [^\nx], \s becomes [^\S\n], \A becomes ^ ...
 * Then a search over many lines finds just what it would find in each of them: no
 * path of the match leaves its line, and every assertion sees at the ends of the
 * line what it sees at the ends of a record. */
#ifndef PQ_REGEX_LINES_H
#define PQ_REGEX_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* False where the pattern holds something whose meaning cannot be kept (a literal
 * newline, \G, \K, \R, \X, verbs, conditions, inline flags but i, ...). */
bool regex_lines(const char *pattern, size_t len, struct buf *out);
/* Is there a newline that every match must hold? Told by what stands plainly outside of
 * groups, classes and alternatives; false may be an oversight, true is not. */
bool regex_needs_newline(const char *pattern, size_t len);

#endif
