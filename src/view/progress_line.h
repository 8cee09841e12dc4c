/* The progress line, and the same for programs. Pure: from a snapshot to text. */
#ifndef PQ_PROGRESS_LINE_H
#define PQ_PROGRESS_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct snapshot;

/* What it says. */
struct progress_state {
	const struct snapshot *snap;
	double rate;       /* items per second */
	double bytes_rate; /* likewise */
	double left;       /* seconds; below 0: nobody knows */
	bool bar, eta;     /* that is what matters most, on the line */
};

/* For a terminal of so many columns. Parts that do not fit are left out, the least important
 * first. */
void progress_line(struct buf *line, const struct progress_state *p, size_t columns);
/* An object of JSON, with a newline. What is not known is null. */
void progress_json(struct buf *line, const struct progress_state *p);

/* A time in two units at most: "59s", "8m24s", "1h02m"; up: to the nearest second. */
enum { PROGRESS_TIME = 32 };
const char *progress_time(char to[PROGRESS_TIME], double seconds, bool up);

#endif
