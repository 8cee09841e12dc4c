/* The steps with a regular expression: s///, m///, /RE/, !/RE/ and /RE/ STEP.
 *
 * Each is written once, over a stretch: one record or many lines. Many lines are
 * searched at once where that finds the same (regex.h): between two matches no line
 * is looked at, and what is kept is copied in pieces as large as they come. */
#include <string.h>

#include "action/transform/regex.h"
#include "action/transform/step.h"
#include "action/transform/text.h"

/* What is searched: s[last] is the separator that ends it. */
struct stretch {
	const struct step *step;
	struct matcher *matcher;
	const char *s;
	size_t last;
	bool lines;
	const size_t *at; /* of the last match */
};

static enum regex_end match_search(struct stretch *t, size_t from, bool after_empty)
{
	const struct regex *r = t->step->regex;
	enum regex_end end;

	if (from > t->last)
		return REGEX_NONE;
	end = t->lines ? regex_search_lines(r, t->matcher, t->s, t->last + 1, from, after_empty)
		: regex_search(r, t->matcher, t->s, t->last, from, after_empty);
	if (end != REGEX_MATCH)
		return end;
	t->at = matcher_at(t->matcher);
	return t->at[0] > t->last ? REGEX_NONE : REGEX_MATCH; /* behind the last line is none */
}

static bool match_finished(struct bench *b, enum regex_end end)
{
	if (end == REGEX_LIMIT)
		b->why = matcher_why(b->matcher);
	return end == REGEX_NONE;
}

/* Where the record begins and ends that holds this offset. */
static size_t record_start(const struct stretch *t, size_t at)
{
	const char *before = t->step->whole ? NULL : memrchr(t->s, t->step->separator, at);

	return before ? (size_t)(before - t->s) + 1 : 0;
}

static size_t record_stop(const struct stretch *t, size_t at)
{
	const char *stop;

	if (t->step->whole)
		return t->last;
	stop = memchr(t->s + at, t->step->separator, t->last + 1 - at);
	return (size_t)(stop - t->s);
}

/* --- s/// and m/// --------------------------------------------------------- */

/* From match to match: of each record the first one, or, with g, all. */
struct walk {
	size_t from;
	bool after_empty;
	size_t start, stop; /* the match: never before the end of the one before it */
};

static enum regex_end match_next(struct stretch *t, struct walk *w)
{
	enum regex_end end;

	while ((end = match_search(t, w->from, w->after_empty)) == REGEX_MATCH) {
		if (w->after_empty && t->at[1] <= w->from) { /* it would be found forever */
			w->from = record_stop(t, w->from) + 1;
			w->after_empty = false;
			continue;
		}
		/* a \K in odd places may set the beginning behind the end, or before `from` */
		w->start = t->at[0] > w->stop ? t->at[0] : w->stop;
		w->stop = t->at[1] > w->start ? t->at[1] : w->start;
		w->from = t->step->global ? w->stop : record_stop(t, w->stop) + 1;
		w->after_empty = t->step->global && w->start == w->stop;
		break;
	}
	return end;
}

static bool substitute(struct stretch *t, struct bench *b, struct buf *out)
{
	struct walk w = { 0 };
	size_t copied = 0;
	enum regex_end end;

	while ((end = match_next(t, &w)) == REGEX_MATCH) {
		buf_add(out, t->s + copied, w.start - copied);
		text_fill(t->step->text, t->s, t->at, out);
		copied = w.stop;
	}
	buf_add(out, t->s + copied, t->last + 1 - copied);
	return match_finished(b, end);
}

static bool extract(struct stretch *t, struct bench *b, struct buf *out)
{
	struct walk w = { 0 };
	enum regex_end end;

	while ((end = match_next(t, &w)) == REGEX_MATCH) {
		text_fill(t->step->text, t->s, t->at, out);
		buf_addc(out, t->step->separator);
	}
	return match_finished(b, end);
}

/* --- /RE/ and !/RE/ -------------------------------------------------------- */

/* From match to match: what lies between two of them is of one kind, and what
 * touches is copied together. */
static bool filter(struct stretch *t, struct bench *b, struct buf *out)
{
	bool drop = t->step->inverted;
	size_t from = 0, begin = 0, stop = 0; /* to be kept: [begin, stop) */
	enum regex_end end;

	while ((end = match_search(t, from, false)) == REGEX_MATCH) {
		size_t at = t->at[1] > from ? t->at[1] : from;
		size_t start = record_start(t, at);

		from = record_stop(t, at) + 1;
		if (drop) {
			buf_add(out, t->s + begin, start - begin);
			begin = from;
		} else {
			if (start != stop) {
				buf_add(out, t->s + begin, stop - begin);
				begin = start;
			}
			stop = from;
		}
	}
	if (drop)
		stop = t->last + 1;
	buf_add(out, t->s + begin, stop - begin);
	return match_finished(b, end);
}

/* --- /RE/ STEP and !/RE/ STEP ---------------------------------------------- */

/* Records that lie together and all match, or all do not. */
static bool guard_pass(struct stretch *t, struct bench *b, bool match, size_t begin, size_t stop,
	struct buf *out)
{
	const struct step *guarded = t->step->guarded;

	if (begin == stop)
		return true;
	if (match != t->step->inverted)
		return guarded->apply(guarded, b, t->s + begin, stop - begin, out);
	buf_add(out, t->s + begin, stop - begin);
	return true;
}

/* The guarded step uses the matcher, too: a match is void once records were passed. */
static bool guard_records(struct stretch *t, struct bench *b, struct buf *out)
{
	size_t from = 0, begin = 0, stop = 0; /* these match, and are yet to be passed */
	enum regex_end end;

	while ((end = match_search(t, from, false)) == REGEX_MATCH) {
		size_t at = t->at[1] > from ? t->at[1] : from;
		size_t start = record_start(t, at);

		from = record_stop(t, at) + 1;
		if (start != stop) {
			if (!guard_pass(t, b, true, begin, stop, out)
			    || !guard_pass(t, b, false, stop, start, out))
				return false;
			begin = start;
		}
		stop = from;
	}
	return match_finished(b, end) && guard_pass(t, b, true, begin, stop, out)
		&& guard_pass(t, b, false, stop, t->last + 1, out);
}

/* --- how they are applied -------------------------------------------------- */

static bool over_record(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	struct stretch t = { .step = s, .matcher = b->matcher, .s = in, .last = len };

	matcher_begin(b->matcher);
	return s->stretch(&t, b, out);
}

/* The end of the lines from here that may be searched together; of this one alone where
 * it is too long for that. */
static const char *together(const char *in, const char *end)
{
	while (in < end) {
		size_t n = (size_t)(end - in) > REGEX_LONG ? REGEX_LONG + 1 : (size_t)(end - in);
		const char *newline = memrchr(in, '\n', n);

		if (!newline)
			break;
		in = newline + 1;
	}
	return in;
}

static bool over_lines(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	const char *end = in + len;

	if (b->alone)
		return step_each(s, b, in, len, out);
	while (in < end) {
		const char *stop = together(in, end);
		bool lines = stop > in;
		struct stretch t = { .step = s, .matcher = b->matcher, .s = in, .lines = lines };

		if (!lines)
			stop = (char *)memchr(in, '\n', (size_t)(end - in)) + 1;
		t.last = (size_t)(stop - in) - 1;
		matcher_begin(b->matcher);
		if (!s->stretch(&t, b, out))
			return false;
		in = stop;
	}
	return true;
}

static void set_stretch(struct step *s,
	bool (*stretch)(struct stretch *t, struct bench *b, struct buf *out))
{
	bool lines = s->separator == '\n' && !s->whole && regex_by_lines(s->regex);

	s->apply = lines ? over_lines : step_each;
	s->record = over_record;
	s->stretch = stretch;
}

void step_substitute(struct step *s)
{
	set_stretch(s, substitute);
}

void step_filter(struct step *s)
{
	set_stretch(s, filter);
}

void step_extract(struct step *s)
{
	set_stretch(s, extract);
}

void step_guard(struct step *s)
{
	set_stretch(s, guard_records);
}
