/* How long jobs ran, and waited: how these times are spread. */
#include <string.h>

#include "base/buf.h"
#include "group.h"
#include "view/report_data.h"
#include "view/report_text.h"

enum { WIDTH = 1000, HEIGHT = 96, BARS = 48, NARROWEST = 16 };

/* From so many on there is a picture of them. */
enum { ENOUGH = 10 };

/* Which buckets are drawn, and how: `each` of them to a bar. */
struct spread_scale {
	unsigned from, each, bars;
};

static struct spread_scale spread_scale_of(const struct histogram *h)
{
	unsigned from = 0, to = HISTOGRAM_BUCKETS, span;
	struct spread_scale s;

	while (from + 1 < to && !h->bucket[from])
		from++;
	while (to > from + 1 && !h->bucket[to - 1])
		to--;
	if (to - from < NARROWEST) {
		from = from > NARROWEST / 2 ? from - NARROWEST / 2 : 0;
		to = from + NARROWEST;
	}
	span = to - from;
	s.from = from;
	s.each = (span + BARS - 1) / BARS;
	s.bars = (span + s.each - 1) / s.each;
	return s;
}

/* Where a time is on the axis, of 1. */
static double spread_place(const struct spread_scale *s, int64_t ns)
{
	unsigned b = histogram_bucket(ns);
	int64_t low = histogram_lowest(b), next = histogram_lowest(b + 1);
	double at = b + (double)(ns - low) / (double)(next > low ? next - low : 1);

	return (at - s->from) / (s->each * s->bars);
}

static uint64_t spread_bar(const struct histogram *h, const struct spread_scale *s, unsigned bar)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < s->each; i++) {
		unsigned b = s->from + bar * s->each + i;

		sum += b < HISTOGRAM_BUCKETS ? h->bucket[b] : 0;
	}
	return sum;
}

static void spread_bars(const struct report_page *p, const struct histogram *h,
	const struct spread_scale *s)
{
	double across = (double)WIDTH / s->bars;
	uint64_t most = 1;

	for (unsigned i = 0; i < s->bars; i++)
		most = spread_bar(h, s, i) > most ? spread_bar(h, s, i) : most;
	for (unsigned i = 0; i < s->bars; i++) {
		uint64_t n = spread_bar(h, s, i);
		double height = (double)n * (HEIGHT - 2) / (double)most;

		if (!n)
			continue;
		height = height > 1.5 ? height : 1.5;
		buf_addf(p->to, "<path class=\"d\" d=\"M%.1f %.1fh%.1fv%.1fh-%.1fz\"><title>",
			i * across, HEIGHT - height, across - 2, height, across - 2);
		report_time(p->to, histogram_lowest(s->from + i * s->each));
		buf_adds(p->to, " to ");
		report_time(p->to, histogram_lowest(s->from + (i + 1) * s->each));
		buf_adds(p->to, ": ");
		report_some(p->to, n, "attempt");
		buf_adds(p->to, "</title></path>");
	}
}

static void spread_marks(const struct report_page *p, const struct histogram *h,
	const struct spread_scale *s)
{
	static const struct { unsigned percent; const char *class; } marks[] = {
		{ 50, "q" }, { 90, "q q9" }, { 99, "q q99" },
	};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		int64_t ns = histogram_percentile(h, marks[i].percent);

		buf_addf(p->to, "<path class=\"%s\" d=\"M%.1f 0v%d\"><title>p%u: ", marks[i].class,
			spread_place(s, ns) * WIDTH, HEIGHT, marks[i].percent);
		report_time(p->to, ns);
		buf_adds(p->to, "</title></path>");
	}
}

/* Ticks at 1, or where there is room at 1, 2 and 5, of each power of ten. */
static void spread_axis(const struct report_page *p, const struct spread_scale *s)
{
	double low = (double)histogram_lowest(s->from), last = -1;
	double high = (double)histogram_lowest(s->from + s->each * s->bars);
	static const int steps[] = { 1, 2, 5 };

	buf_adds(p->to, "<div class=\"axis\" aria-hidden=\"true\">");
	for (double ten = 1; ten < high; ten *= 10) {
		for (int i = 0; i < 3; i++) {
			double ns = ten * steps[i], at = spread_place(s, (int64_t)ns);

			if (ns < low || ns > high || at - last < 0.2 || at > 1)
				continue;
			buf_addf(p->to, "<span class=\"%s\" style=\"left:%.1f%%\">",
				at < 0.03 ? "zero" : at > 0.96 ? "last" : "", at * 100);
			report_round_time(p->to, (int64_t)ns);
			buf_adds(p->to, "</span>");
			last = at;
		}
	}
	buf_adds(p->to, "</div>\n");
}

static void spread_chart(const struct report_page *p, const char *name, const struct histogram *h)
{
	struct spread_scale s = spread_scale_of(h);

	if (h->count < ENOUGH)
		return; /* the table says it all */
	buf_addf(p->to, "<div class=\"chart\"><div class=\"labels\">%s</div>\n", name);
	buf_addf(p->to, "<svg role=\"img\" aria-label=\"%s: how many attempts took how long; the "
		"table has it in numbers\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
		"style=\"height:%dpx\"><path class=\"l\" d=\"M0 0h%dv%dh-%dz\"/>", name, WIDTH, HEIGHT,
		HEIGHT, WIDTH, HEIGHT, WIDTH);
	spread_bars(p, h, &s);
	spread_marks(p, h, &s);
	buf_adds(p->to, "</svg>\n");
	spread_axis(p, &s);
	buf_adds(p->to, "</div>\n");
}

static void spread_row(const struct report_page *p, const char *name, const struct histogram *h)
{
	static const unsigned percents[] = { 50, 90, 99 };

	if (!h->count)
		return;
	buf_addf(p->to, "<tr><th scope=\"row\">%s</th><td class=\"n\">", name);
	report_count(p->to, h->count);
	buf_adds(p->to, "</td>");
	for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
		buf_adds(p->to, "<td class=\"n\">");
		report_time(p->to, histogram_percentile(h, percents[i]));
		buf_adds(p->to, "</td>");
	}
	buf_adds(p->to, "<td class=\"n\">");
	report_time(p->to, h->max);
	buf_adds(p->to, "</td></tr>\n");
}

static void spread_table(const struct report_page *p, const struct report_spans *spans)
{
	report_table(p->to, "How long attempts ran and waited",
		"Time|#Attempts|#p50|#p90|#p99|#Longest");
	spread_row(p, "running", &spans->ran);
	spread_row(p, "waiting", &spans->waited);
	buf_adds(p->to, "</tbody></table></div>\n");
}

/* Each group apart, too. */
static void spread_groups(const struct report_page *p)
{
	for (unsigned i = 0; p->report->groups && i < p->report->rules.groups; i++) {
		const struct report_spans *spans = &p->report->groups[i];

		if (spans->ran.count < ENOUGH || i >= TIMELINE_DRAWN)
			continue;
		buf_adds(p->to, "<h3>");
		buf_adds(p->to, p->groups[i].named ? "" : "section ");
		report_escape(p->to, p->groups[i].name, strlen(p->groups[i].name));
		buf_adds(p->to, "</h3>\n");
		spread_chart(p, "running", &spans->ran);
	}
}

void report_spread(const struct report_page *p)
{
	const struct report_spans *whole = &p->report->whole;

	if (!whole->ran.count && !whole->waited.count)
		return;
	buf_adds(p->to, "<section><h2>How long it took</h2>\n");
	if (whole->waited.count >= ENOUGH)
		buf_adds(p->to, "<ul class=\"legend\">"
		"<li><svg viewBox=\"0 0 18 17\" aria-hidden=\"true\"><path class=\"q\" "
		"d=\"M9 0v17\"/></svg>p50: half took no longer</li>"
		"<li><svg viewBox=\"0 0 18 17\" aria-hidden=\"true\"><path class=\"q q9\" "
		"d=\"M9 0v17\"/></svg>p90</li>"
		"<li><svg viewBox=\"0 0 18 17\" aria-hidden=\"true\"><path class=\"q q99\" "
		"d=\"M9 0v17\"/></svg>p99</li></ul>\n");
	spread_chart(p, "running", &whole->ran);
	spread_chart(p, "waiting", &whole->waited);
	spread_table(p, whole);
	spread_groups(p);
	buf_adds(p->to, "</section>\n");
}
