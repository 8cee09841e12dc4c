/* The header of a stream. See heading.h. */
#include "source/heading.h"

#include "action/transform/regex.h"
#include "base/utf8.h"

static const char heading_too_long[] = "it is longer than --max-item";

void heading_init(struct heading *h, const struct heading_rules *rules,
	const struct ends_rules *ends)
{
	*h = (struct heading){ .rules = *rules };
	ends_init(&h->ends, ends, rules->longest);
	if (rules->regex)
		h->matcher = matcher_new();
}

void heading_free(struct heading *h)
{
	ends_free(&h->ends);
	if (h->matcher)
		matcher_free(h->matcher);
}

static enum ends_find heading_stuck(struct heading *h, const char *why)
{
	h->why = why;
	return ENDS_STUCK;
}

static enum ends_find heading_by_records(struct heading *h, const char *data, size_t len,
	bool ended, size_t *end)
{
	enum ends_find found = ENDS_FOUND;

	while (h->passed < h->rules.records
	    && (found = ends_find(&h->ends, data, len, ended)) == ENDS_FOUND) {
		h->passed++;
		h->end = h->ends.next;
		ends_begin(&h->ends, h->end);
	}
	if (found == ENDS_STUCK)
		return heading_stuck(h, h->ends.why);
	if (h->ends.from > h->rules.longest)
		return heading_stuck(h, heading_too_long);
	*end = found == ENDS_FOUND ? h->end : len;
	return found == ENDS_MORE && !ended ? ENDS_MORE : ENDS_FOUND;
}

/* What is not there yet is waited for until it is half as much again, so that it is not
 * looked at too often. */
static enum ends_find heading_by_regex(struct heading *h, const char *data, size_t len,
	bool ended, size_t *end)
{
	size_t have = ended || !regex_is_utf(h->rules.regex) ? len
		: len - utf8_unfinished(data, len);

	*end = 0;
	if (!ended && len < h->again)
		return ENDS_MORE;
	matcher_begin(h->matcher);
	switch (regex_search_stream(h->rules.regex, h->matcher, data, have, 0, false, ended)) {
	case REGEX_NONE:
		return ended || have ? ENDS_FOUND : ENDS_MORE;
	case REGEX_LIMIT:
		return heading_stuck(h, matcher_why(h->matcher));
	case REGEX_MATCH:
		*end = matcher_at(h->matcher)[1];
		return *end > h->rules.longest ? heading_stuck(h, heading_too_long) : ENDS_FOUND;
	case REGEX_PART:
		break;
	}
	h->again = have + have / 2;
	return have > h->rules.longest ? heading_stuck(h, heading_too_long) : ENDS_MORE;
}

enum ends_find heading_find(struct heading *h, const char *data, size_t len, bool ended,
	size_t *end)
{
	if (h->rules.regex)
		return heading_by_regex(h, data, len, ended, end);
	return heading_by_records(h, data, len, ended, end);
}
