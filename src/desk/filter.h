/* The filters of sections: which items each of them wants, by --match and --topic.
 *
 * Made by the main thread before the run, then the reader's alone. */
#ifndef PQ_FILTER_H
#define PQ_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct filters;
struct item;
struct template;

struct filter_rules {
	const char *match; /* an expression; NULL: whatever the item is */
	const char *topic; /* a pattern without a flaw (topic.h); NULL: whatever its topic is */
};

/* For `count` sections. NULL: an expression is none, `why` is one line. Topics are not
 * copied. */
struct filters *filters_new(const struct filter_rules *rules, size_t count, struct buf *why);
void filters_free(struct filters *f); /* NULL is fine */
/* What expressions are matched against, and what the topic of an item is: templates, which
 * live as long as the filters are asked. */
void filters_read(struct filters *f, const struct template *whole,
	const struct template *topic);

enum filter_end {
	FILTER_FITS,
	FILTER_NOT,
	FILTER_HARD, /* given up: the expression takes too long, *why (a constant) says how */
};

void filters_begin(struct filters *f, const struct item *item); /* it is asked about now */
enum filter_end filters_fit(struct filters *f, size_t section, const char **why);

#endif
