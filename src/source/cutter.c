/* Where a stream is cut into blocks. See cutter.h. */
#include "source/cutter.h"

void cutter_init(struct cutter *c, const struct cutter_rules *rules)
{
	*c = (struct cutter){ .rules = rules };
	ends_init(&c->ends, &rules->ends, rules->longest);
	c->backwards = rules->pieces < 2 && ends_look_back(&c->ends);
}

void cutter_free(struct cutter *c)
{
	ends_free(&c->ends);
}

const char *cutter_why(const struct cutter *c)
{
	return c->ends.why;
}

/* The record being looked at ends here. */
static void cutter_pass(struct cutter *c, size_t end)
{
	c->record = c->stop = end;
	c->pieces = 0;
	ends_begin(&c->ends, end);
}

static void begin_anew(struct cutter *c)
{
	cutter_pass(c, 0);
	c->records = 0;
}

/* Where the record being looked at ends: ends.stop and ends.next. What was found is found
 * again until the cutter passes it. */
static enum ends_find cutter_find_end(struct cutter *c, const char *data, size_t len, bool ended)
{
	enum ends_find found;

	while ((found = ends_find(&c->ends, data, len, ended)) == ENDS_FOUND
	    && c->pieces + 1 < c->rules->pieces && !(ended && c->ends.next == len)) {
		c->pieces++;
		c->stop = c->ends.stop;
		ends_begin(&c->ends, c->ends.next);
	}
	return found;
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
	else if (ends_drop(&c->ends, c->rules->longest))
		c->pieces = c->rules->pieces;
	return true;
}

/* So far the record being looked at has its own bytes: an end that may be the last one is none
 * of them. */
static size_t cutter_known(const struct cutter *c, size_t len, bool ended)
{
	if (len == c->ends.begin)
		return c->stop;
	return ended ? len : c->ends.from;
}

/* Nothing more to be seen of the record being looked at. */
static enum cutter_find no_end(struct cutter *c, enum ends_find found, size_t len, bool ended,
	size_t *n)
{
	size_t known = cutter_known(c, len, ended);
	enum cutter_find what;

	if (found == ENDS_STUCK)
		return c->record ? cutter_give(c, n, c->record) : CUTTER_STUCK;
	if (known > c->record && cutter_too_long(c, known - c->record, n, &what))
		return what;
	return ended ? cutter_give(c, n, len) : CUTTER_MORE;
}

/* Is the block, up to the record being looked at, as large as it has to be? */
static bool cutter_full(struct cutter *c)
{
	if (!c->rules->records)
		return c->record > c->rules->least;
	return ++c->records == c->rules->records;
}

static enum cutter_find next_from_front(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n)
{
	enum ends_find found;

	while ((found = cutter_find_end(c, data, len, ended)) == ENDS_FOUND) {
		enum cutter_find what;

		if (cutter_too_long(c, c->ends.stop - c->record, n, &what))
			return what;
		cutter_pass(c, c->ends.next);
		if (cutter_full(c))
			return cutter_give(c, n, c->record);
	}
	if (ended && c->record == len)
		return cutter_give(c, n, len);
	return no_end(c, found, len, ended, n);
}

/* The block is a single record. */
static enum cutter_find cutter_single(struct cutter *c, enum ends_find found, size_t len,
	bool ended, size_t *n)
{
	enum cutter_find what;

	if (found != ENDS_FOUND)
		return no_end(c, found, len, ended, n);
	if (cutter_too_long(c, c->ends.stop, n, &what))
		return what;
	return cutter_give(c, n, c->ends.next);
}

/* As many records as fit, when the ends must be found from the front. */
static enum cutter_find next_forward(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n)
{
	size_t block = c->rules->block;
	enum ends_find found;
	bool full;

	while ((found = cutter_find_end(c, data, len, ended)) == ENDS_FOUND
	    && c->ends.next <= block)
		cutter_pass(c, c->ends.next);
	full = found != ENDS_MORE || (len > block && (ended || c->ends.from > block));
	if (c->record && full)
		return cutter_give(c, n, c->record);
	if (!c->record)
		return cutter_single(c, found, len, ended, n);
	return ended ? cutter_give(c, n, len) : CUTTER_MORE;
}

static enum cutter_find next_by_size(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n)
{
	size_t block = c->rules->block, full;

	if (!c->backwards)
		return next_forward(c, data, len, ended, n);
	if (ended && len <= block)
		return cutter_give(c, n, len);
	if (!ended && (len <= block || len - block < c->rules->ends.start_len))
		return CUTTER_MORE;
	/* The block is here, and so is what tells whether it ends there. */
	full = c->ends.from > block ? 0 : ends_find_last(&c->ends, data, len, block);
	if (full)
		return cutter_give(c, n, full);
	return cutter_single(c, cutter_find_end(c, data, len, ended), len, ended, n);
}

enum cutter_find cutter_next(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n)
{
	if (c->rules->records || c->rules->least)
		return next_from_front(c, data, len, ended, n);
	return next_by_size(c, data, len, ended, n);
}

size_t cutter_whole(struct cutter *c, const char *data, size_t len)
{
	size_t whole;

	while (cutter_find_end(c, data, len, false) == ENDS_FOUND)
		cutter_pass(c, c->ends.next);
	whole = c->record;
	begin_anew(c);
	return whole;
}

enum cutter_find cutter_skip(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n)
{
	switch (cutter_find_end(c, data, len, ended)) {
	case ENDS_FOUND:
		return cutter_give(c, n, c->ends.next);
	case ENDS_STUCK:
		*n = 0;
		return CUTTER_STUCK;
	case ENDS_MORE:
		break;
	}
	if (ended)
		return cutter_give(c, n, len);
	*n = ends_forget(&c->ends);
	return CUTTER_MORE;
}
