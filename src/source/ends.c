/* Where records end. See ends.h. */
#include "source/ends.h"

#include <stdlib.h>
#include <string.h>

#include "action/transform/regex.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "source/field.h"

void ends_init(struct ends *e, const struct ends_rules *rules, size_t longest)
{
	*e = (struct ends){ .rules = rules, .longest = longest };
	e->needle_len = rules->end_len + rules->start_len;
	e->needle = mem_alloc(e->needle_len + 1);
	if (rules->end_len)
		memcpy(e->needle, rules->end, rules->end_len);
	if (rules->start_len)
		memcpy(e->needle + rules->end_len, rules->start, rules->start_len);
	if (rules->regex)
		e->matcher = matcher_new();
	ends_begin(e, 0);
}

void ends_free(struct ends *e)
{
	free(e->needle);
	if (e->matcher)
		matcher_free(e->matcher);
}

void ends_begin(struct ends *e, size_t begin)
{
	e->begin = e->from = begin;
	e->quoted = e->plain = false;
	e->window = REGEX_LONG;
	e->again = 0;
	if (e->matcher)
		matcher_begin(e->matcher);
}

/* --- strings ----------------------------------------------------------- */

static enum ends_find ends_by_strings(struct ends *e, const char *data, size_t len)
{
	size_t least = e->begin + !e->rules->end_len; /* no record is empty */
	const char *found;

	if (e->from < least)
		e->from = least;
	if (len < e->needle_len || e->from > len - e->needle_len)
		return ENDS_MORE;
	found = memmem(data + e->from, len - e->from, e->needle, e->needle_len);
	if (!found) {
		e->from = len - e->needle_len + 1;
		return ENDS_MORE;
	}
	e->stop = (size_t)(found - data);
	e->next = e->stop + e->rules->end_len;
	return ENDS_FOUND;
}

/* Does a proper beginning of the string stand at its end, too? */
static bool ends_overlap(const char *s, size_t len)
{
	for (size_t n = 1; n < len; n++)
		if (memcmp(s, s + len - n, n) == 0)
			return true;
	return false;
}

bool ends_look_back(const struct ends *e)
{
	return !e->rules->regex && !e->rules->csv && !e->rules->field
		&& !ends_overlap(e->rules->end, e->rules->end_len);
}

size_t ends_find_last(const struct ends *e, const char *data, size_t len, size_t most)
{
	const struct ends_rules *r = e->rules;
	size_t end = most;

	if (len < e->needle_len)
		return 0;
	if (end > len - r->start_len)
		end = len - r->start_len;
	for (; end > 0 && end >= r->end_len; end--) {
		const char *at = data + end - r->end_len;

		if (!e->needle_len || (*at == *e->needle && memcmp(at, e->needle,
		    e->needle_len) == 0))
			return end;
	}
	return 0;
}

/* --- CSV --------------------------------------------------------------- */

static enum ends_find ends_by_quotes(struct ends *e, const char *data, size_t len, bool ended)
{
	const struct csv *csv = e->rules->csv;
	struct csv_scan scan = { e->from - e->begin, e->quoted };
	const char *found;

	if (e->plain) {
		found = memchr(data + e->from, csv->separator, len - e->from);
		e->from = found ? (size_t)(found - data) : len;
	} else {
		found = csv_find_end(csv, &scan, data + e->begin, len - e->begin, ended);
		e->from = e->begin + scan.scanned;
		e->quoted = scan.quoted;
	}
	e->stop = e->from;
	e->next = e->stop + 1;
	return found ? ENDS_FOUND : ENDS_MORE;
}

/* --- fields ------------------------------------------------------------ */

/* From the beginning of a line on; the next one is there as a whole before its field counts. */
static enum ends_find ends_by_fields(struct ends *e, const char *data, size_t len, bool ended)
{
	const struct field_rules *field = e->rules->field;
	const char *stop, *key, *next;
	size_t key_len, next_len, at;

	while ((stop = memchr(data + e->from, field->end, len - e->from))) {
		at = (size_t)(stop + 1 - data);
		if (at == len || (!ended && !memchr(data + at, field->end, len - at)))
			return ENDS_MORE;
		key = field_of(field, data + e->from, at - e->from, &key_len);
		next = field_of(field, data + at, len - at, &next_len);
		if (next_len != key_len || memcmp(key, next, key_len) != 0) {
			e->stop = at - 1;
			e->next = at;
			return ENDS_FOUND;
		}
		e->from = at;
	}
	return ENDS_MORE;
}

/* --- expressions ------------------------------------------------------- */

/* The bytes that are there, up to a whole character. */
static size_t ends_whole(const struct ends *e, const char *data, size_t len, bool ended)
{
	if (ended || !regex_is_utf(e->rules->regex))
		return len;
	return len - utf8_unfinished(data + e->from, len - e->from);
}

/* So far the expression is searched from `from` on: through the window, and (*full) nowhere
 * beyond what a match may span, so that it is the same wherever bytes were read. */
static size_t ends_window(const struct ends *e, const char *data, size_t have, bool *full)
{
	size_t n = have - e->from, cut = 0;

	*full = n > e->longest && e->longest < e->window;
	if (n > e->window || *full) {
		n = *full ? e->longest + 1 : e->window;
		if (regex_is_utf(e->rules->regex))
			cut = utf8_unfinished(data + e->from, n);
	}
	return e->from + (n > cut ? n - cut : n);
}

/* No match that begins at `from` counts. */
static void ends_pass_one(struct ends *e, const char *data, size_t have)
{
	bool valid;

	e->from += regex_is_utf(e->rules->regex) && e->from < have
		? utf8_span(data + e->from, have - e->from, &valid) : 1;
	e->window = REGEX_LONG;
}

/* A match may begin at `at`, and go on behind `to`, where the search ended. False: more bytes
 * are needed to tell. */
static bool ends_widen(struct ends *e, size_t at, size_t to, size_t have)
{
	e->from = at;
	if (to == have) {
		e->again = to + (to - at) / 2;
		return false;
	}
	e->window *= 2;
	return true;
}

static enum ends_find ends_by_regex(struct ends *e, const char *data, size_t len, bool ended)
{
	const char *s = data + e->begin;
	size_t have = ends_whole(e, data, len, ended), part;
	const size_t *at;
	bool full;

	while (ended || len >= e->again) {
		size_t to = ends_window(e, data, have, &full);

		switch (regex_search_stream(e->rules->regex, e->matcher, s, to - e->begin,
			e->from - e->begin, e->from == e->begin, ended && to == len)) {
		case REGEX_MATCH:
			at = matcher_at(e->matcher);
			e->next = e->begin + at[1];
			e->stop = e->begin + (at[0] < at[1] ? at[0] : at[1]);
			return ENDS_FOUND;
		case REGEX_LIMIT:
			e->why = matcher_why(e->matcher);
			return ENDS_STUCK;
		case REGEX_PART:
			part = e->begin + matcher_at(e->matcher)[0];
			if (full && part == e->from)
				ends_pass_one(e, data, have);
			else if (!ends_widen(e, part, to, have))
				return ENDS_MORE;
			break;
		case REGEX_NONE:
			e->from = to;
			e->window = REGEX_LONG;
			if (to == have)
				return ENDS_MORE;
		}
	}
	return ENDS_MORE;
}

/* --- the contract ------------------------------------------------------ */

enum ends_find ends_find(struct ends *e, const char *data, size_t len, bool ended)
{
	if (e->rules->regex)
		return ends_by_regex(e, data, len, ended);
	if (e->rules->csv)
		return ends_by_quotes(e, data, len, ended);
	if (e->rules->field)
		return ends_by_fields(e, data, len, ended);
	return ends_by_strings(e, data, len);
}

bool ends_drop(struct ends *e, size_t from)
{
	if (!e->rules->csv)
		return false;
	e->plain = true;
	e->from = from;
	return true;
}

/* A record that nothing ends begins where the data does, and ends later: a byte of it is kept,
 * for the next one may begin right behind; and what an expression may look back at is. */
size_t ends_forget(struct ends *e)
{
	size_t keep = e->rules->regex ? regex_looks_behind(e->rules->regex) + 1
		: !e->rules->end_len && !e->rules->csv && !e->rules->field;
	size_t gone = e->from > keep ? e->from - keep : 0;

	e->from -= gone;
	e->again = e->again > gone ? e->again - gone : 0;
	e->begin = 0;
	return gone;
}
