/* The lists and tables of the report. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/signal_name.h"
#include "group.h"
#include "view/report_data.h"
#include "view/report_text.h"

/* Rows of a table of slots, at most. */
enum { SLOTS = 64 };

void report_table(struct buf *to, const char *caption, const char *columns)
{
	buf_addf(to, "<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\"><table>"
		"<thead><tr>", caption);
	while (*columns) {
		size_t len = strcspn(columns, "|");
		bool number = *columns == '#';

		buf_addf(to, "<th scope=\"col\"%s>%.*s</th>", number ? " class=\"n\"" : "",
			(int)(len - number), columns + number);
		columns += len + (columns[len] == '|');
	}
	buf_adds(to, "</tr></thead>\n<tbody>\n");
}

static void parts_table_end(struct buf *to)
{
	buf_adds(to, "</tbody></table></div>\n");
}

static void parts_cell_count(struct buf *to, uint64_t n)
{
	buf_adds(to, "<td class=\"n\">");
	report_count(to, n);
	buf_adds(to, "</td>");
}

static void parts_cell_time(struct buf *to, int64_t ns)
{
	buf_adds(to, "<td class=\"n\">");
	report_time(to, ns);
	buf_adds(to, "</td>");
}

/* --- jobs ---------------------------------------------------------------- */

/* "exit 1, after 340 ms on slot 3, attempt 2" */
static void parts_how(const struct report_page *p, const struct shortlist_row *row)
{
	buf_addf(p->to, " <span class=\"dim\">%s", row->how);
	if (row->took > 0) {
		buf_adds(p->to, " after ");
		report_time(p->to, row->took);
	}
	if (row->slot)
		buf_addf(p->to, ", slot" REPORT_BLANK "%u", row->slot);
	if (row->attempts > 1)
		buf_addf(p->to, ", attempt" REPORT_BLANK "%u", row->attempts);
	buf_adds(p->to, "</span>");
}

static void parts_failure(const struct report_page *p, const struct shortlist_row *row, bool open)
{
	if (!row->tail) {
		buf_addf(p->to, "<div class=\"plain\"><span class=\"bad\">%s</span>", row->name);
		parts_how(p, row);
		buf_adds(p->to, "</div>\n");
		return;
	}
	buf_addf(p->to, "<details%s><summary><span class=\"bad\">%s</span>", open ? " open" : "",
		row->name);
	parts_how(p, row);
	buf_adds(p->to, "</summary>\n<pre>");
	if (row->cut)
		buf_adds(p->to, "\xe2\x80\xa6\n");
	report_escape_lines(p->to, row->tail, row->tail_len);
	buf_adds(p->to, "</pre></details>\n");
}

void report_failures(const struct report_page *p)
{
	const struct shortlist *l = &p->report->failures;
	uint64_t failed = (uint64_t)p->snap->count[STAT_FAILED];

	if (!l->count)
		return;
	buf_adds(p->to, "<section><h2>Failures</h2>\n");
	for (size_t i = 0; i < l->count; i++)
		parts_failure(p, &l->rows[i], i < 3);
	if (failed > l->count) {
		buf_adds(p->to, "<p class=\"dim\">And ");
		report_count(p->to, failed - l->count);
		buf_adds(p->to, " more; --joblog FILE or --dead-letter FILE has all.</p>\n");
	}
	buf_adds(p->to, "</section>\n");
}

static void parts_jobs(const struct report_page *p, const char *title, const struct shortlist *l)
{
	buf_addf(p->to, "<section><h2>%s</h2>\n", title);
	report_table(p->to, title, "Item|#Time|#Slot|#Attempts|How it ended");
	for (size_t i = 0; i < l->count; i++) {
		const struct shortlist_row *row = &l->rows[i];

		buf_addf(p->to, "<tr><th scope=\"row\" class=\"name\">%s</th>", row->name);
		parts_cell_time(p->to, row->took);
		parts_cell_count(p->to, row->slot);
		parts_cell_count(p->to, row->attempts);
		buf_addf(p->to, "<td>%s</td></tr>\n", row->how);
	}
	parts_table_end(p->to);
}

void report_slowest(const struct report_page *p)
{
	if (p->report->slowest.count < 2)
		return; /* it stands above */
	parts_jobs(p, "Slowest", &p->report->slowest);
	buf_adds(p->to, "</section>\n");
}

void report_flaky(const struct report_page *p)
{
	const struct shortlist *l = &p->report->flaky;

	if (!l->count)
		return;
	parts_jobs(p, "Flaky: failed at first, then succeeded", l);
	if (l->offered > l->count) {
		buf_adds(p->to, "<p class=\"dim\">And ");
		report_count(p->to, l->offered - l->count);
		buf_adds(p->to, " more.</p>\n");
	}
	buf_adds(p->to, "</section>\n");
}

/* --- how jobs ended ------------------------------------------------------ */

static void parts_end_row(const struct report_page *p, const char *name, uint64_t n)
{
	if (!n)
		return;
	buf_addf(p->to, "<tr><th scope=\"row\">%s</th>", name);
	parts_cell_count(p->to, n);
	buf_adds(p->to, "</tr>\n");
}

void report_ends(const struct report_page *p)
{
	static const char *const names[OTHERS] = { [OTHER_TIMEOUT] = "ended by --timeout",
		[OTHER_EVICTED] = "ended by --memfree", [OTHER_NOT_STARTED] = "could not be started",
		[OTHER_REFUSED] = "refused" };
	const struct report *r = p->report;
	char name[32];

	if (p->noun[0] == 'r')
		return; /* each record ends by itself */
	buf_adds(p->to, "<section><h2>How jobs ended</h2>\n");
	report_table(p->to, "How jobs ended", "End|#Jobs");
	for (int i = 0; i < REPORT_STATUSES; i++) {
		snprintf(name, sizeof name, "exit %d", i);
		parts_end_row(p, name, r->statuses[i]);
	}
	for (int i = 0; i < REPORT_SIGNALS; i++) {
		snprintf(name, sizeof name, "killed by %s", signal_name(i));
		parts_end_row(p, name, r->signals[i]);
	}
	for (int i = 0; i < OTHERS; i++)
		parts_end_row(p, names[i], r->others[i]);
	parts_table_end(p->to);
	buf_adds(p->to, "</section>\n");
}

/* --- slots --------------------------------------------------------------- */

static const struct group *parts_group_of(const struct report_page *p, unsigned pool)
{
	for (unsigned i = 0; i < p->report->rules.groups; i++)
		if (p->groups[i].pool == p->report->pools[pool])
			return &p->groups[i];
	return NULL;
}

void report_lane_name(const struct report_page *p, struct buf *to, const struct timeline_lane *l)
{
	const struct group *group = p->report->npools > 1 ? parts_group_of(p, l->pool) : NULL;

	if (group) {
		buf_adds(to, group->named ? "" : "section ");
		report_escape(to, group->name, strlen(group->name));
		buf_adds(to, ", ");
	}
	buf_addf(to, "slot" REPORT_BLANK "%u", l->slot);
}

void report_lane_label(const struct report_page *p, struct buf *to, const struct timeline_lane *l)
{
	const struct group *group = p->report->npools > 1 ? parts_group_of(p, l->pool) : NULL;

	if (group)
		report_escape(to, group->name, strlen(group->name));
	buf_addf(to, group && group->named ? " %u" : group ? ", slot %u" : "slot %u", l->slot);
}

static void parts_slot(const struct report_page *p, const struct timeline_lane *lane)
{
	double share = p->end > 0 ? (double)lane->busy / (double)p->end : 0;
	uint64_t jobs = 0;

	for (int i = 0; i < TIMELINE_ENDS; i++)
		jobs += lane->count[i];
	buf_adds(p->to, "<tr><th scope=\"row\">");
	report_lane_name(p, p->to, lane);
	buf_adds(p->to, "</th>");
	parts_cell_count(p->to, jobs);
	parts_cell_count(p->to, lane->count[TIMELINE_FAILED] + lane->count[TIMELINE_RETRIED]);
	parts_cell_time(p->to, lane->busy);
	buf_adds(p->to, "<td class=\"n\">");
	report_percent(p->to, share);
	buf_addf(p->to, "<span class=\"meter\" aria-hidden=\"true\"><i style=\"width:%.0f%%\"></i>"
		"</span></td>", share < 1 ? share * 100 : 100);
	parts_cell_time(p->to, lane->gap);
	parts_cell_time(p->to, lane->gap_from);
	buf_adds(p->to, "</tr>\n");
}

void report_slots(const struct report_page *p)
{
	const struct timeline *t = &p->report->timeline;
	size_t all = 0, shown = 0;

	for (unsigned k = 0; k < p->report->npools; k++)
		all += t->pools[k].count;
	if (!all)
		return;
	buf_adds(p->to, "<section><h2>Slots</h2>\n");
	report_table(p->to, "Slots", "Slot|#Attempts|#Failed|#Busy|#Of the run|#Longest gap|#From");
	for (unsigned k = 0; k < p->report->npools; k++)
		for (size_t i = 0; i < t->pools[k].count && shown < SLOTS; i++)
			if (t->pools[k].lanes[i].drawn) {
				parts_slot(p, &t->pools[k].lanes[i]);
				shown++;
			}
	parts_table_end(p->to);
	if (shown < all) {
		buf_adds(p->to, "<p class=\"dim\">");
		report_some(p->to, all - shown, "more slot");
		buf_adds(p->to, " not shown.</p>\n");
	}
	buf_adds(p->to, "</section>\n");
}

/* --- groups -------------------------------------------------------------- */

static void parts_group(const struct report_page *p, unsigned i)
{
	const struct snapshot *snap = &p->snap->groups[i];
	const struct report_spans *spans = &p->report->groups[i];

	buf_adds(p->to, "<tr><th scope=\"row\">");
	buf_adds(p->to, snap->named ? "" : "section ");
	report_escape(p->to, snap->name, strlen(snap->name));
	buf_adds(p->to, "</th>");
	parts_cell_count(p->to, (uint64_t)snap->count[STAT_SUCCEEDED]);
	parts_cell_count(p->to, (uint64_t)snap->count[STAT_FAILED]);
	parts_cell_count(p->to, (uint64_t)snap->count[STAT_RETRIED]);
	parts_cell_count(p->to, (uint64_t)snap->count[STAT_DROPPED]);
	parts_cell_time(p->to, histogram_percentile(&spans->ran, 50));
	parts_cell_time(p->to, histogram_percentile(&spans->ran, 90));
	parts_cell_time(p->to, histogram_percentile(&spans->ran, 99));
	parts_cell_time(p->to, spans->ran.max);
	parts_cell_time(p->to, histogram_percentile(&spans->waited, 50));
	buf_adds(p->to, "<td class=\"n\">");
	if (snap->wanted > 0)
		report_percent(p->to, (double)snap->busy / (double)snap->wanted);
	else
		buf_adds(p->to, "shared");
	buf_adds(p->to, "</td></tr>\n");
}

void report_groups(const struct report_page *p)
{
	if (!p->snap->ngroups)
		return;
	buf_adds(p->to, "<section><h2>Sections</h2>\n");
	report_table(p->to, "Sections", "Section|#Succeeded|#Failed|#Tried again|#Dropped|#Run p50|"
		"#p90|#p99|#Longest|#Waiting p50|#Workers busy");
	for (unsigned i = 0; i < p->snap->ngroups && i < SLOTS; i++)
		parts_group(p, i);
	parts_table_end(p->to);
	if (p->snap->ngroups > SLOTS)
		buf_addf(p->to, "<p class=\"dim\">%u more sections not shown.</p>\n",
			p->snap->ngroups - SLOTS);
	buf_adds(p->to, "</section>\n");
}

/* --- why nothing was started --------------------------------------------- */

void report_holds(const struct report_page *p)
{
	static const char *const names[HOLDS] = {
		[HOLD_RETRY] = "all that waited was to be tried again later",
		[HOLD_RATE] = "--rate", [HOLD_DELAY] = "--delay",
		[HOLD_KEY] = "others of their keys ran",
		[HOLD_BREAKER] = "--breaker was open", [HOLD_TRIAL] = "--breaker let one trial run",
		[HOLD_LOAD] = "--load", [HOLD_MEMORY] = "--memfree",
		[HOLD_JOBSERVER] = "make's jobserver had no job slot to give",
		[HOLD_PAUSED] = "the file of -j had paused the run",
	};
	const struct report *r = p->report;
	const char *between = "<li><b>Held back</b> Workers were free, and nothing was started: ";

	for (int i = 1; i < HOLDS; i++) {
		if (!r->hold[i] || !names[i])
			continue;
		buf_addf(p->to, "%s%s for ", between, names[i]);
		report_time(p->to, r->hold[i]);
		buf_adds(p->to, " (");
		report_percent(p->to, (double)r->hold[i] / (double)r->held_of);
		buf_adds(p->to, ")");
		between = "; ";
	}
	if (*between == ';')
		buf_adds(p->to, ".</li>\n");
}
