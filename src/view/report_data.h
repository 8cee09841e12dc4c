/* What the report has gathered, and the parts of its page. Room: view/report*.c only; main
 * thread but for what is guarded. */
#ifndef PQ_REPORT_DATA_H
#define PQ_REPORT_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/histogram.h"
#include "base/thread.h"
#include "stats.h"
#include "view/flow.h"
#include "view/report.h"
#include "view/shortlist.h"
#include "view/timeline.h"

struct group;
struct pool;
struct whole_file;

enum { REPORT_FAILURES = 50, REPORT_SLOWEST = 10, REPORT_FLAKY = 20 };
enum { REPORT_STATUSES = 256, REPORT_SIGNALS = 128 };

/* How jobs ended that have neither a status nor a signal. */
enum report_other { OTHER_TIMEOUT, OTHER_EVICTED, OTHER_NOT_STARTED, OTHER_REFUSED, OTHERS };

struct report_spans {
	struct histogram ran, waited; /* each attempt that ended by itself; each attempt */
};

struct report {
	struct report_rules rules;
	struct whole_file *file;
	lock lock;                       /* guards all below; a leaf */
	const struct pool **pools;       /* as they were first met, */
	unsigned npools;
	struct timeline timeline;        /* by that number */
	struct flow running, waiting;
	struct flow full;                /* how long the input was held back */
	struct report_spans whole, *groups; /* of each, if there are several; owned */
	struct shortlist failures, slowest, flaky;
	uint64_t statuses[REPORT_STATUSES], signals[REPORT_SIGNALS], others[OTHERS];
	struct buf halted;               /* the item that ended the run, in HTML; or empty */
	bool stopped;                    /* the run ended early */
	int64_t sampled, held;           /* the last snapshot: when, and what had been held by then */
	int64_t full_from, full_to;      /* the first and the last time; 0, 0: never */
	int64_t hold[HOLDS], held_of; /* ns by reason, and in all */
};

/* What the page is made of: all that is above, and how it ended. */
struct report_page {
	struct buf *to;
	const struct report *report;
	const struct snapshot *snap;
	const struct measures *measures;
	const struct group *groups;
	int64_t end;                     /* ns since the run began */
	const char *noun;                /* "job" or "record" */
};

/* report_style.c */
extern const char *const report_style[]; /* NULL at its end */

/* report_page.c: all of it. */
void report_page(const struct report_page *p);

/* report_parts.c: the lists and tables. */
void report_failures(const struct report_page *p);
void report_slowest(const struct report_page *p);
void report_flaky(const struct report_page *p);
void report_ends(const struct report_page *p);
void report_slots(const struct report_page *p);
void report_groups(const struct report_page *p);
void report_holds(const struct report_page *p);
/* What the pool of a lane is called, if there are several, and the slot. */
void report_lane_name(const struct report_page *p, struct buf *to, const struct timeline_lane *l);
/* The same in few letters. */
void report_lane_label(const struct report_page *p, struct buf *to, const struct timeline_lane *l);
/* "<th scope=col>NAME" for each of the list, with | between them. */
void report_table(struct buf *to, const char *caption, const char *columns);

/* report_chart.c: timeline, running and waiting over time. */
void report_timeline(const struct report_page *p);
/* report_spread.c: run times and waiting. */
void report_spread(const struct report_page *p);

#endif
