/* CSV. See csv.h. */
#include "base/csv.h"

#include <string.h>

/* Does the field end here? A line may end with CR LF. */
static enum csv_quote csv_quote_lax(const struct csv *c, const char *next, const char *end,
	bool last)
{
	if (*next == c->column || *next == c->separator)
		return CSV_CLOSES;
	if (*next != '\r' || c->separator != '\n')
		return CSV_TEXT;
	if (next + 1 == end)
		return last ? CSV_CLOSES : CSV_UNKNOWN;
	return next[1] == '\n' ? CSV_CLOSES : CSV_TEXT;
}

enum csv_quote csv_quote(const struct csv *c, const char *at, const char *end, bool last)
{
	const char *next = at + 1;

	if (next == end)
		return last ? CSV_CLOSES : CSV_UNKNOWN;
	if (*next == '"')
		return CSV_TWO;
	return c->lax ? csv_quote_lax(c, next, end, last) : CSV_CLOSES;
}

/* Move behind the field in quotes that begins before *at; false: it does not end yet, and *at
 * is where to go on. */
static bool csv_pass_quoted(const struct csv *c, const char **at, const char *end, bool last)
{
	const char *quote;

	while ((quote = memchr(*at, '"', (size_t)(end - *at)))) {
		enum csv_quote what = csv_quote(c, quote, end, last);

		*at = quote;
		if (what == CSV_UNKNOWN)
			return false;
		*at += what == CSV_TWO ? 2 : 1;
		if (what == CSV_CLOSES)
			return true;
	}
	*at = end;
	return false;
}

/* The quote that opens a field from here on, before `to`. */
static const char *csv_find_opening(const struct csv *c, const char *data, const char *from,
	const char *to)
{
	for (; (from = memchr(from, '"', (size_t)(to - from))); from++)
		if (from == data || from[-1] == c->column)
			return from;
	return NULL;
}

const char *csv_find_end(const struct csv *c, struct csv_scan *scan, const char *data, size_t len,
	bool last)
{
	const char *at = data + scan->scanned, *end = data + len;

	for (;;) {
		const char *found, *quote;

		if (scan->quoted && !csv_pass_quoted(c, &at, end, last)) {
			scan->scanned = (size_t)(at - data);
			return NULL;
		}
		scan->quoted = false;
		found = memchr(at, c->separator, (size_t)(end - at));
		quote = csv_find_opening(c, data, at, found ? found : end);
		if (!quote) {
			scan->scanned = found ? (size_t)(found - data) : len;
			return found;
		}
		scan->quoted = true;
		at = quote + 1;
	}
}
