/* Where a stream is cut into blocks. See cutter.h. */
#include "source/cutter.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Does a proper beginning of the string stand at its end, too? */
static bool can_overlap(const char *s, size_t len)
{
	for (size_t n = 1; n < len; n++)
		if (memcmp(s, s + len - n, n) == 0)
			return true;
	return false;
}

void cutter_init(struct cutter *c, const struct cutter_rules *rules)
{
	*c = (struct cutter){ .rules = rules };
	c->needle_len = rules->end_len + rules->start_len;
	c->needle = mem_alloc(c->needle_len + 1);
	if (rules->end_len)
		memcpy(c->needle, rules->end, rules->end_len);
	if (rules->start_len)
		memcpy(c->needle + rules->end_len, rules->start, rules->start_len);
	c->overlaps = can_overlap(rules->end, rules->end_len);
}

void cutter_free(struct cutter *c)
{
	free(c->needle);
}

static void begin_anew(struct cutter *c)
{
	c->from = c->record = 0;
	c->records = 0;
}

/* Where the record being looked at ends; 0 when that cannot be seen. */
static size_t cutter_find_end(struct cutter *c, const char *data, size_t len)
{
	size_t least = c->record + !c->rules->end_len; /* no record is empty */
	const char *found;

	if (c->from < least)
		c->from = least;
	if (len < c->needle_len || c->from > len - c->needle_len)
		return 0;
	found = memmem(data + c->from, len - c->from, c->needle, c->needle_len);
	if (found)
		return (size_t)(found - data) + c->rules->end_len;
	c->from = len - c->needle_len + 1;
	return 0;
}

/* The last end of a record in data[0 .. most]; 0 when there is none. Only for ends
 * that do not overlap: then each place that looks like one is one. */
static size_t find_last(const struct cutter *c, const char *data, size_t len, size_t most)
{
	size_t end = most;

	if (len < c->needle_len)
		return 0;
	if (end > len - c->rules->start_len)
		end = len - c->rules->start_len;
	for (; end > 0 && end >= c->rules->end_len; end--) {
		const char *at = data + end - c->rules->end_len;

		if (!c->needle_len || (*at == *c->needle && memcmp(at, c->needle,
		    c->needle_len) == 0))
			return end;
	}
	return 0;
}

/* What was looked at goes, but for what is being looked at. */
static enum cutter_find cutter_give(struct cutter *c, size_t *n, size_t bytes)
{
	*n = bytes;
	begin_anew(c);
	return CUTTER_BLOCK;
}

/* The record being looked at has so many bytes, or more: is that too long? Then
 * the records before it go first. */
static bool cutter_too_long(struct cutter *c, size_t bytes, size_t *n, enum cutter_find *what)
{
	if (bytes <= c->rules->longest)
		return false;
	*what = CUTTER_LONG;
	if (c->record)
		*what = cutter_give(c, n, c->record);
	return true;
}

/* Nothing more to be seen of the record being looked at. */
static enum cutter_find no_end(struct cutter *c, size_t len, bool ended, size_t *n)
{
	size_t known = ended ? len : c->from; /* where it does not end before */
	enum cutter_find what;

	if (known > c->record && cutter_too_long(c, known - c->record, n, &what))
		return what;
	return ended ? cutter_give(c, n, len) : CUTTER_MORE;
}

static enum cutter_find next_by_count(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n)
{
	size_t end;

	while ((end = cutter_find_end(c, data, len))) {
		enum cutter_find what;

		if (cutter_too_long(c, end - c->rules->end_len - c->record, n, &what))
			return what;
		c->record = c->from = end;
		if (++c->records == c->rules->records)
			return cutter_give(c, n, end);
	}
	if (ended && c->record == len)
		return cutter_give(c, n, len);
	return no_end(c, len, ended, n);
}

/* As many records as fit, when the ends must be found from the front. */
static size_t fill_forward(struct cutter *c, const char *data, size_t len)
{
	size_t end;

	while ((end = cutter_find_end(c, data, len)) && end <= c->rules->block)
		c->record = c->from = end;
	return c->record;
}

static enum cutter_find next_by_size(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n)
{
	size_t block = c->rules->block, full;

	if (ended && len <= block)
		return cutter_give(c, n, len);
	if (!ended && (len <= block || len - block < c->rules->start_len))
		return CUTTER_MORE;
	/* The block is here, and so is what tells whether it ends there. */
	full = c->overlaps ? fill_forward(c, data, len)
		: c->from > block ? 0 : find_last(c, data, len, block);
	if (full)
		return cutter_give(c, n, full);
	full = cutter_find_end(c, data, len);
	if (!full)
		return no_end(c, len, ended, n);
	if (full - c->rules->end_len <= c->rules->longest)
		return cutter_give(c, n, full);
	return CUTTER_LONG;
}

enum cutter_find cutter_next(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n)
{
	if (c->rules->records)
		return next_by_count(c, data, len, ended, n);
	return next_by_size(c, data, len, ended, n);
}

size_t cutter_whole(struct cutter *c, const char *data, size_t len)
{
	size_t end, whole = c->record;

	while ((end = cutter_find_end(c, data, len)))
		whole = c->record = c->from = end;
	begin_anew(c);
	return whole;
}

size_t cutter_skip(struct cutter *c, const char *data, size_t len, bool ended, bool *found)
{
	size_t end = cutter_find_end(c, data, len), drop;

	*found = end || ended;
	drop = end ? end : ended ? len : c->from;
	if (*found) {
		begin_anew(c);
		return drop;
	}
	/* A record without an end begins where the data does, and ends later: keep a
	 * byte of it, for the next one may begin right behind. */
	if (drop > 0 && !c->rules->end_len)
		drop--;
	c->from -= drop;
	return drop;
}
