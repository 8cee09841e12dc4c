/* Regular expressions: the only room that knows PCRE2.
 *
 * A compiled regex is read-only and shared by all threads; a matcher holds what
 * one thread needs to search (result, JIT stack, budget) and is its own.
 *
 * A search is bounded by what it does, never by a clock: the same record ends the same
 * way on every machine, however busy, and whatever records are beside it.
 *
 * The quick way is bounded by PCRE2's match limit. That one starts anew at every
 * offset and at every match, and does not see how far a single step looks, so it serves
 * for records up to REGEX_LONG bytes only, and to tell what is hard. Hard records and
 * long ones go the careful way: the expression once more, with a callout before each
 * of its elements, which counts steps and the bytes they moved over. A record has one
 * such budget for all its matches, 1,500,000 steps and some for each of its bytes; when
 * that is used up (some 10 ms), the search ends with REGEX_LIMIT. So it does when
 * matching needs more than 8 MiB. */
#ifndef PQ_REGEX_H
#define PQ_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct matcher;
struct regex;

/* "PCRE2 10.42, with JIT". */
void regex_version(struct buf *to);

/* The flags of s/// and m//: without UTF bytes are just bytes. */
enum {
	REGEX_CASELESS = 1,  /* i */
	REGEX_EXTENDED = 2,  /* x */
	REGEX_DOTALL = 4,    /* s */
	REGEX_MULTILINE = 8, /* m */
	REGEX_UTF = 16,      /* u: characters and their classes are Unicode's; bytes
	                      * that are not UTF-8 match nothing */
	REGEX_GUESS = 32,    /* UTF where the pattern has characters beyond ASCII and can be
	                      * meant so: what is not UTF-8 itself is bytes */
	REGEX_STREAM = 64,   /* regex_search_stream is to be asked, and not the lines */
};

#define REGEX_UNSET ((size_t)-1)

enum regex_end {
	REGEX_MATCH, /* matcher_at says where */
	REGEX_NONE,
	REGEX_LIMIT, /* given up: matcher_why says at what (a constant) */
	REGEX_PART,  /* of a stream: what comes behind it has a say in whether one begins where
	              * matcher_at begins; none does before */
};

/* Compile. On failure NULL: `why` holds PCRE2's own text, *at the offset in the
 * pattern that it means. */
struct regex *regex_new(const char *pattern, size_t len, unsigned flags, struct buf *why,
	size_t *at);
void regex_free(struct regex *r);
bool regex_is_utf(const struct regex *r);
unsigned regex_groups(const struct regex *r); /* the highest group number */
/* The number of a named group, or -1. */
int regex_group(const struct regex *r, const char *name, size_t len);
/* The name of group n, or NULL; valid as long as the regex. */
const char *regex_group_name(const struct regex *r, unsigned n);

/* The longest record that is searched among others, and without counting. */
#define REGEX_LONG ((size_t)16384)

struct matcher *matcher_new(void);
void matcher_free(struct matcher *m);
/* A new record begins, with a whole budget for all the searches in it. */
void matcher_begin(struct matcher *m);
/* How many steps of the budget are used up: 0 as long as the quick way does. */
uint64_t matcher_spent(const struct matcher *m);
/* Of the last match: pairs of offsets into the subject, begin and end of the match
 * and of each group; REGEX_UNSET for a group that took no part. regex_groups()+1
 * pairs are there. */
const size_t *matcher_at(const struct matcher *m);
const char *matcher_why(const struct matcher *m);

/* The first match in one record that begins at `from` or after it. `after_empty`:
 * the match before was empty and ended at `from`, so this one may not be (to find
 * all matches of a record, pass the end of each as the next `from`). */
enum regex_end regex_search(const struct regex *r, struct matcher *m, const char *s, size_t len,
	size_t from, bool after_empty);
/* The same in the beginning of a stream, up to a whole character: unless it has ended, a match
 * comes only where no byte behind can change it. The time of what is between `from` and
 * the end counts, so that a long stream is searched in windows of REGEX_LONG. */
enum regex_end regex_search_stream(const struct regex *r, struct matcher *m, const char *s,
	size_t len, size_t from, bool after_empty, bool ended);
bool regex_may_be_empty(const struct regex *r); /* a match; in doubt, yes */
/* So many bytes before the place where a match begins may have a say in it. */
size_t regex_looks_behind(const struct regex *r);
/* May many lines be searched at once (regex_search_lines) with the same matches as
 * in each of them alone? */
bool regex_by_lines(const struct regex *r);
/* The same over many records that each end with a newline (s[len-1] is one), none of
 * them longer than REGEX_LONG: no match holds a newline, and ^ $ \A \z are the ends of
 * each line. REGEX_LIMIT here only says that searching this way is too hard: search the
 * records alone. What this finds without it, a search of each record finds, too. */
enum regex_end regex_search_lines(const struct regex *r, struct matcher *m, const char *s,
	size_t len, size_t from, bool after_empty);

#endif
