/* A row for a job that runs. See progress_rows.h. */
#include "view/progress_rows.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/width.h"
#include "view/progress_line.h"
#include "view/roster.h"

/* So many times the median is slow, if that can be seen at all. */
enum { SLOW = 2 };
#define SEEN CLOCK_SECOND

/* Columns of an item, at least, where something has been printed, too. */
enum { ITEM = 16, BEGINNING = 160 };

static void row_beginning(char to[BEGINNING], const struct roster_row *row, int64_t had,
	int64_t median)
{
	char time[PROGRESS_TIME];
	bool slow = median > 0 && had > SEEN && had / SLOW > median;
	char slot[16];
	int n;

	snprintf(slot, sizeof slot, "#%u", row->slot);
	n = snprintf(to, BEGINNING, "%4s  %6s%s", slot,
		progress_time(time, (double)had / CLOCK_SECOND, false), slow ? " slow  " : "  ");

	if (row->attempt > 1)
		n += snprintf(to + n, BEGINNING - (size_t)n, "try %u of %u  ", row->attempt,
			row->attempts);
	if (row->section)
		snprintf(to + n, BEGINNING - (size_t)n, "%.40s: ", row->section);
}

void progress_row(struct buf *to, const struct roster_row *row, int64_t now, int64_t median,
	size_t columns)
{
	char text[BEGINNING];
	size_t left = columns, half;

	row_beginning(text, row, now > row->since ? now - row->since : 0, median);
	left -= width_put(to, text, strlen(text), left);
	if (!row->name_len) { /* an empty line is an item, too */
		snprintf(text, sizeof text, "item %llu", (unsigned long long)row->number);
		left -= width_put(to, text, strlen(text), left);
	}
	half = row->line_len && left > 2 * ITEM ? left / 2 : left;
	left -= width_put(to, row->name, row->name_len, half);
	if (!row->line_len || left < ITEM)
		return;
	buf_adds(to, "  ");
	width_put(to, row->line, row->line_len, left - 2);
}
