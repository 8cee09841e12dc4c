/* What is drawn over the time of the run: who ran what when, how many ran, how many waited.
 *
 * All of it has one axis and is drawn in the same units: WIDTH across, a pixel down. Pictures
 * are stretched to the width there is; their words are beside them, and are not. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "view/report_data.h"
#include "view/report_text.h"

enum { WIDTH = 1000, LANE = 20, BAR = 16, AREA = 64, BAND = 6, BARS = 4096, TICKS = 6 };

/* What is shorter is not seen. */
#define THIN 0.6

static const char end_class[TIMELINE_ENDS] = { [TIMELINE_DONE] = 'd', [TIMELINE_FAILED] = 'f',
	[TIMELINE_RETRIED] = 'r', [TIMELINE_STOPPED] = 's' };

static double chart_x(const struct report_page *p, int64_t at)
{
	double x = p->end > 0 ? (double)at * WIDTH / (double)p->end : 0;

	return x < 0 ? 0 : x < WIDTH ? x : WIDTH;
}

/* --- the axis ------------------------------------------------------------ */

/* Between two ticks: a round number of seconds, minutes, hours or days. */
static double chart_step(int64_t end)
{
	static const double rounds[] = { 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600,
		43200, 86400 };
	double most = (double)end / CLOCK_SECOND / TICKS, step;

	if (most > 30) {
		for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++)
			if (rounds[i] >= most)
				return rounds[i];
		return 86400 * (1 + (double)(int64_t)(most / 86400));
	}
	if (most > 20)
		return 30;
	for (step = 1e-6; 10 * step < most;)
		step *= 10;
	return step * (most <= step ? 1 : most <= 2 * step ? 2 : most <= 5 * step ? 5 : 10);
}

static void chart_grid(const struct report_page *p, double height)
{
	double step = chart_step(p->end) * CLOCK_SECOND;

	for (double at = step; at < (double)p->end; at += step)
		buf_addf(p->to, "<path class=\"g\" d=\"M%.2f 0v%.0f\"/>", at * WIDTH / (double)p->end,
			height);
}

static void chart_tick(const struct report_page *p, double at)
{
	struct buf text = { 0 };

	if (at <= 0)
		buf_adds(&text, "0");
	else
		report_round_time(&text, (int64_t)(at + 0.5));
	buf_addf(p->to, "<span class=\"%s\" style=\"left:%.2f%%\">%s</span>",
		at <= 0 ? "zero" : at > 0.96 * (double)p->end ? "last" : "",
		at * 100 / (double)p->end, buf_str(&text));
	buf_free(&text);
}

static void chart_axis(const struct report_page *p)
{
	double step = chart_step(p->end) * CLOCK_SECOND;

	buf_adds(p->to, "<div class=\"axis\" aria-hidden=\"true\">");
	for (double at = 0; at < (double)p->end; at += step)
		chart_tick(p, at);
	buf_adds(p->to, "</div>\n");
}

/* --- lanes --------------------------------------------------------------- */

/* By how it ended a bar is of another height, too. */
static void chart_bar(struct buf *to, double x, double width, enum timeline_end end)
{
	static const struct { int from, height; } shapes[TIMELINE_ENDS] = {
		[TIMELINE_DONE] = { 3, BAR - 5 }, [TIMELINE_FAILED] = { 0, BAR + 1 },
		[TIMELINE_RETRIED] = { 0, BAR / 2 }, [TIMELINE_STOPPED] = { BAR - 4, 4 },
	};

	buf_addf(to, "<path class=\"%c\" d=\"M%.2f %dh%.2fv%dh-%.2fz\"", end_class[end], x,
		shapes[end].from, width, shapes[end].height, width);
}

static void chart_job(const struct report_page *p, const struct timeline_job *job)
{
	static const char *const ends[TIMELINE_ENDS] = { [TIMELINE_DONE] = "",
		[TIMELINE_FAILED] = ", failed", [TIMELINE_RETRIED] = ", tried again",
		[TIMELINE_STOPPED] = ", stopped" };
	double x = chart_x(p, job->from), width = chart_x(p, job->to) - x;

	/* A job is seen apart from the next one where there is room for that. */
	width = width > 5 * THIN ? width - THIN : width > THIN ? width : THIN;
	chart_bar(p->to, x, width, job->end);
	buf_addf(p->to, "><title>%s: ", job->name ? job->name : "");
	report_time(p->to, job->to - job->from);
	buf_addf(p->to, "%s</title></path>", ends[job->end]);
}

/* What a bar of several jobs says where the pointer is. */
static void chart_bin_title(const struct report_page *p, const struct timeline_bin *bin,
	int64_t from, double share)
{
	buf_adds(p->to, "<g><title>");
	report_time(p->to, from);
	buf_adds(p->to, ": ");
	report_some(p->to, bin->jobs, "job");
	buf_adds(p->to, " ended, ");
	if (bin->failed) {
		report_count(p->to, bin->failed);
		buf_adds(p->to, " failed, ");
	}
	report_percent(p->to, share);
	buf_addf(p->to, " busy, longest item %llu: ", (unsigned long long)bin->number);
	report_time(p->to, bin->longest);
	buf_adds(p->to, "</title>");
}

/* As high as the lane was busy, what failed below. */
static void chart_bin(const struct report_page *p, const struct timeline_bin *bin, int64_t from,
	int64_t width)
{
	static const enum timeline_end order[] = { TIMELINE_FAILED, TIMELINE_RETRIED,
		TIMELINE_STOPPED, TIMELINE_DONE };
	double x = chart_x(p, from), across = chart_x(p, from + width) - x, y = BAR + 1, busy = 0;

	width = from + width < p->end ? width : p->end - from;
	for (int i = 0; i < TIMELINE_ENDS; i++)
		busy += (double)bin->busy[i];
	if (!bin->jobs && busy <= 0)
		return;
	chart_bin_title(p, bin, from, width > 0 ? busy / (double)width : 1);
	for (int i = 0; i < TIMELINE_ENDS; i++) {
		enum timeline_end end = order[i];
		double height = width > 0 ? (double)bin->busy[end] * BAR / (double)width : 0;

		if (end == TIMELINE_FAILED && bin->failed && height < 3)
			height = 3; /* it is to be seen */
		height = height < y ? height : y;
		if (height > 0)
			buf_addf(p->to, "<path class=\"%c\" d=\"M%.2f %.1fh%.2fv%.1fh-%.2fz\"/>",
				end_class[end], x, y - height, across, height, across);
		y -= height;
	}
	buf_adds(p->to, "</g>");
}

/* The lanes that are drawn, in their order; how many there are, of *all. */
static size_t chart_lanes(const struct report_page *p,
	const struct timeline_lane *lanes[TIMELINE_DRAWN], size_t *all)
{
	const struct timeline *t = &p->report->timeline;
	size_t n = 0;

	*all = 0;
	for (unsigned k = 0; k < p->report->npools; k++) {
		*all += t->pools[k].count;
		for (size_t i = 0; i < t->pools[k].count && n < TIMELINE_DRAWN; i++)
			if (t->pools[k].lanes[i].drawn)
				lanes[n++] = &t->pools[k].lanes[i];
	}
	return n;
}

static bool chart_has_longest(const struct report_page *p, const struct timeline_lane *lane)
{
	const struct timeline_job *job = &p->report->timeline.longest;

	return job->slot == lane->slot && job->pool == lane->pool && lane->count[TIMELINE_DONE]
		+ lane->count[TIMELINE_FAILED] + lane->count[TIMELINE_RETRIED]
		+ lane->count[TIMELINE_STOPPED] > 0;
}

static void chart_labels(const struct report_page *p, const struct timeline_lane *const lanes[],
	size_t n, int height)
{
	buf_adds(p->to, "<ol class=\"labels\">");
	for (size_t i = 0; i < n; i++) {
		bool longest = chart_has_longest(p, lanes[i]);

		buf_addf(p->to, "<li%s style=\"height:%dpx;line-height:%dpx\">",
			longest ? " class=\"pole\"" : "", height, height - 3);
		buf_adds(p->to, longest ? "\xe2\x96\xb8 " : "");
		report_lane_label(p, p->to, lanes[i]);
		buf_adds(p->to, "</li>");
	}
	buf_adds(p->to, "</ol>\n");
}

static void chart_merged(const struct report_page *p, const struct timeline_lane *lane, size_t n)
{
	struct timeline_bin bins[TIMELINE_BINS];
	int64_t width;
	size_t count = timeline_read(&p->report->timeline, lane, p->end, BARS / n, bins, &width);

	for (size_t i = 0; i < count; i++)
		chart_bin(p, &bins[i], (int64_t)i * width, width);
}

static void chart_exact(const struct report_page *p, const struct timeline_lane *lane)
{
	const struct timeline *t = &p->report->timeline;

	for (size_t i = 0; i < t->njobs; i++)
		if (t->jobs[i].slot == lane->slot && t->jobs[i].pool == lane->pool)
			chart_job(p, &t->jobs[i]);
}

/* A frame around the longest. */
static void chart_longest(const struct report_page *p)
{
	const struct timeline_job *job = &p->report->timeline.longest;
	double x = chart_x(p, job->from), width = chart_x(p, job->to) - x;

	width = width > 1 ? width : 1;
	buf_addf(p->to, "<path class=\"p\" d=\"M%.2f 0h%.2fv%dh-%.2fz\"><title>longest: %s, ", x,
		width, BAR + 1, width, job->name ? job->name : "");
	report_time(p->to, job->to - job->from);
	buf_adds(p->to, "</title></path>");
}

static void chart_legend_entry(struct buf *to, const char *shape, const char *text)
{
	buf_addf(to, "<li><svg viewBox=\"0 0 18 17\" aria-hidden=\"true\">"
		"<path class=\"l\" d=\"M0 0h18v17h-18z\"/>%s</svg>%s</li>", shape, text);
}

static void chart_legend(const struct report_page *p)
{
	const struct timeline *t = &p->report->timeline;
	bool exact = t->jobs != NULL, any[TIMELINE_ENDS] = { false };

	for (unsigned k = 0; k < p->report->npools; k++)
		for (size_t i = 0; i < t->pools[k].count; i++)
			for (int e = 0; e < TIMELINE_ENDS; e++)
				any[e] |= t->pools[k].lanes[i].count[e] > 0;
	buf_adds(p->to, "<ul class=\"legend\">");
	chart_legend_entry(p->to, exact ? "<path class=\"d\" d=\"M3 3h12v11h-12z\"/>"
		: "<path class=\"d\" d=\"M0 6h18v11h-18z\"/>", exact ? "a job"
		: "several jobs: as high as the slot was busy");
	if (any[TIMELINE_FAILED])
		chart_legend_entry(p->to, exact ? "<path class=\"f\" d=\"M3 0h12v17h-12z\"/>"
			: "<path class=\"f\" d=\"M0 12h18v5h-18z\"/>",
			exact ? "failed: as high as the slot" : "failed: at the bottom");
	if (any[TIMELINE_RETRIED])
		chart_legend_entry(p->to, exact ? "<path class=\"r\" d=\"M3 0h12v8h-12z\"/>"
			: "<path class=\"r\" d=\"M0 10h18v4h-18z\"/>", "failed and tried again");
	if (any[TIMELINE_STOPPED])
		chart_legend_entry(p->to, "<path class=\"s\" d=\"M3 12h12v4h-12z\"/>", "stopped");
	chart_legend_entry(p->to, "<path class=\"p\" d=\"M3 1h12v15h-12z\"/>", "the longest");
	buf_adds(p->to, "</ul>\n");
}

static void chart_lane(const struct report_page *p, const struct timeline_lane *lane, size_t n)
{
	if (p->report->timeline.jobs)
		chart_exact(p, lane);
	else
		chart_merged(p, lane, n);
	if (chart_has_longest(p, lane))
		chart_longest(p);
}

/* Of many the lanes are lower. */
static void chart_slots(const struct report_page *p)
{
	const struct timeline_lane *lanes[TIMELINE_DRAWN];
	size_t all, n = chart_lanes(p, lanes, &all);
	int height = n > 24 ? 12 : LANE;

	if (!n)
		return;
	chart_legend(p);
	buf_adds(p->to, "<div class=\"chart\">\n");
	chart_labels(p, lanes, n, height);
	buf_addf(p->to, "<svg role=\"img\" aria-label=\"What each of %zu slots ran when; the table "
		"Slots has it in numbers\" viewBox=\"0 0 %d %zu\" preserveAspectRatio=\"none\" "
		"style=\"height:%zupx\">\n", n, WIDTH, n * LANE, n * (size_t)height);
	buf_adds(p->to, "<path class=\"l\" d=\"");
	for (size_t i = 0; i < n; i++)
		buf_addf(p->to, "M0 %zuh%dv%dh-%dz", i * LANE, WIDTH, BAR + 1, WIDTH);
	buf_adds(p->to, "\"/>\n");
	chart_grid(p, (double)n * LANE);
	for (size_t i = 0; i < n; i++) {
		buf_addf(p->to, "<g transform=\"translate(0 %zu)\">", i * LANE);
		chart_lane(p, lanes[i], n);
		buf_adds(p->to, "</g>\n");
	}
	buf_adds(p->to, "</svg>\n");
	chart_axis(p);
	buf_adds(p->to, "</div>\n");
	if (n < all) {
		buf_adds(p->to, "<p class=\"dim\">");
		report_some(p->to, all - n, "more slot");
		buf_adds(p->to, " not shown.</p>\n");
	}
}

/* --- how many ------------------------------------------------------------ */

/* The outline of the means of all bins, closed below. */
static void chart_outline(const struct report_page *p, const double *mean, size_t n,
	int64_t width, double top)
{
	double last = 0;

	buf_addf(p->to, "<path class=\"a\" d=\"M0 %d", AREA);
	for (size_t i = 0; i < n; i++) {
		double y = AREA - mean[i] * (AREA - 2) / top;

		y = y < 0 ? 0 : y < AREA ? y : AREA;
		if (i == 0 || y - last > 0.05 || last - y > 0.05)
			buf_addf(p->to, "H%.1fV%.1f", chart_x(p, (int64_t)i * width), y);
		last = y;
	}
	buf_addf(p->to, "H%dV%dz\"/>", WIDTH, AREA);
}

/* Where it was full, darker the longer it was. */
static void chart_band(const struct report_page *p)
{
	double share[FLOW_BINS];
	const struct flow *f = &p->report->full;
	size_t n = flow_read(f, p->end, share);

	for (size_t i = 0; i < n; i++) {
		size_t same = i + 1;
		double x = chart_x(p, (int64_t)i * f->width), across;

		if (share[i] < 0.01)
			continue;
		while (same < n && share[same] - share[i] < 0.02 && share[i] - share[same] < 0.02)
			same++;
		across = chart_x(p, (int64_t)same * f->width) - x;
		buf_addf(p->to, "<path class=\"r\" fill-opacity=\"%.2f\" d=\"M%.1f %dh%.1fv%dh-%.1fz\">"
			"<title>full ", 0.3 + 0.7 * (share[i] < 1 ? share[i] : 1), x, AREA + 2,
			across, BAND, across);
		report_percent(p->to, share[i] < 1 ? share[i] : 1);
		buf_adds(p->to, " of this time</title></path>");
		i = same - 1;
	}
}

/* A whole number that is no less, and at least 1. */
static double chart_above(double n)
{
	double whole = (double)(int64_t)n;

	return n <= 1 ? 1 : whole < n - 1e-9 ? whole + 1 : whole;
}

static void chart_flow(const struct report_page *p, const struct flow *f, const char *what,
	bool band)
{
	double mean[FLOW_BINS], top = 0;
	size_t n = flow_read(f, p->end, mean);
	int height = AREA + (band ? BAND + 2 : 0);

	for (size_t i = 0; i < n; i++)
		top = mean[i] > top ? mean[i] : top;
	top = chart_above(top);
	buf_addf(p->to, "<div class=\"chart\"><p class=\"what\">%s</p>\n<div class=\"labels\">"
		"<div class=\"top\" style=\"height:%dpx\"><span>", what, AREA);
	report_count(p->to, (uint64_t)top);
	buf_addf(p->to, "</span><span>0</span></div>%s</div>\n", band ? "full" : "");
	buf_addf(p->to, "<svg role=\"img\" aria-label=\"%s over time, at most about %.0f\" "
		"viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" style=\"height:%dpx\">"
		"<path class=\"l\" d=\"M0 0h%dv%dh-%dz\"/>", what, top, WIDTH, height, height, WIDTH,
		AREA, WIDTH);
	chart_grid(p, AREA);
	chart_outline(p, mean, n, f->width, top);
	if (band)
		chart_band(p);
	buf_adds(p->to, "</svg>\n");
	chart_axis(p);
	buf_adds(p->to, "</div>\n");
}

void report_timeline(const struct report_page *p)
{
	if (p->end <= 0)
		return;
	buf_adds(p->to, "<section><h2>Timeline</h2>\n");
	chart_slots(p);
	chart_flow(p, &p->report->running, "Running", false);
	chart_flow(p, &p->report->waiting, "Waiting to run", p->report->full_to > 0);
	buf_adds(p->to, "</section>\n");
}
