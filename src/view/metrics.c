/* Metrics for Prometheus. See metrics.h; the format is
 * https://prometheus.io/docs/instrumenting/exposition_formats/. */
#include "view/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "base/whole_file.h"
#include "group.h"
#include "item.h"
#include "stats.h"
#include "view/eldest.h"

/* Where the buckets of a histogram end, as the label has it, and in ns. */
static const struct bound {
	const char *text;
	int64_t ns;
} bounds[] = {
	{ "0.001", CLOCK_MS }, { "0.005", 5 * CLOCK_MS }, { "0.01", 10 * CLOCK_MS },
	{ "0.05", 50 * CLOCK_MS }, { "0.1", 100 * CLOCK_MS }, { "0.5", 500 * CLOCK_MS },
	{ "1", CLOCK_SECOND }, { "5", 5 * CLOCK_SECOND }, { "10", 10 * CLOCK_SECOND },
	{ "30", 30 * CLOCK_SECOND }, { "60", 60 * CLOCK_SECOND }, { "300", 300 * CLOCK_SECOND },
	{ "600", 600 * CLOCK_SECOND }, { "1800", 1800 * CLOCK_SECOND },
	{ "3600", 3600 * CLOCK_SECOND }, { "21600", 21600 * CLOCK_SECOND },
};

enum { BOUNDS = sizeof bounds / sizeof *bounds };

struct spans {
	uint64_t count[BOUNDS + 1]; /* by bucket, the last one has no end */
	int64_t sum;                /* ns */
};

struct section_metrics {
	uint64_t attempts, lost;
	struct spans ran, waited;
	struct eldest waiting;      /* deliveries that no attempt has begun on, by their turns */
	int64_t completed;          /* the last one: wall clock, ns; 0: none */
};

struct metrics {
	struct metrics_rules rules;
	struct whole_file *file;
	char *whole;                /* what the run is called: all its sections; owned; or NULL */
	bool told;                  /* that it could not be written; who writes */
	lock lock;                  /* a leaf; guards all below */
	condition asked;
	struct section_metrics *sections; /* owned */
	struct buf text;            /* to be written next, if it is not empty */
	bool ending, threaded;
	pthread_t thread;
};

#define ULL(n) ((unsigned long long)(n))

/* --- lines ------------------------------------------------------------- */

static void metrics_family(struct buf *to, const char *family, const char *type, const char *help)
{
	buf_addf(to, "# HELP %s %s\n# TYPE %s %s\n", family, help, family, type);
}

/* A line up to its value: with the label that says whose it is, or NULL, and another one, as
 * it stands there, or NULL. */
static void metrics_label(struct buf *to, const char *family, const char *suffix, const char *name,
	const char *label)
{
	buf_addf(to, "%s%s", family, suffix);
	if (name || label)
		buf_addc(to, '{');
	if (name)
		buf_addf(to, "name=\"%s\"%s", name, label ? "," : "");
	if (label)
		buf_adds(to, label);
	buf_adds(to, name || label ? "} " : " ");
}

static void metrics_count(struct buf *to, const char *family, const char *name, const char *label,
	int64_t n)
{
	metrics_label(to, family, "", name, label);
	buf_addf(to, "%lld\n", (long long)n);
}

static void metrics_seconds(struct buf *to, const char *family, const char *suffix,
	const char *name, int64_t ns)
{
	metrics_label(to, family, suffix, name, NULL);
	buf_addf(to, "%lld.%09lld\n", (long long)(ns / CLOCK_SECOND),
		(long long)(ns % CLOCK_SECOND));
}

/* --- histograms -------------------------------------------------------- */

static void spans_add(struct spans *s, int64_t ns)
{
	unsigned i = 0;

	while (i < BOUNDS && ns > bounds[i].ns)
		i++;
	s->count[i]++;
	s->sum += ns > 0 ? ns : 0;
}

static void metrics_spans(struct buf *to, const char *family, const char *name,
	const struct spans *s)
{
	uint64_t sum = 0;
	char label[32] = "le=\"+Inf\"";

	for (unsigned i = 0; i < BOUNDS; i++) {
		char bound[32];

		snprintf(bound, sizeof bound, "le=\"%s\"", bounds[i].text);
		sum += s->count[i];
		metrics_label(to, family, "_bucket", name, bound);
		buf_addf(to, "%llu\n", ULL(sum));
	}
	sum += s->count[BOUNDS];
	metrics_label(to, family, "_bucket", name, label);
	buf_addf(to, "%llu\n", ULL(sum));
	metrics_seconds(to, family, "_sum", name, s->sum);
	metrics_label(to, family, "_count", name, NULL);
	buf_addf(to, "%llu\n", ULL(sum));
}

/* --- the text ---------------------------------------------------------- */

/* Of the section: itself where it is alone, and nothing before the run. */
static const struct snapshot *metrics_of(const struct metrics *m, const struct snapshot *snap,
	unsigned i)
{
	static const struct snapshot nothing;

	return m->rules.count == 1 ? snap : i < snap->ngroups ? &snap->groups[i] : &nothing;
}

/* What is counted together: the sum of some counters, ended by STATS. */
struct kind {
	const char *label;
	enum counter counters[4];
};

static int64_t metrics_sum(const struct snapshot *snap, const struct kind *kind)
{
	int64_t sum = 0;

	for (const enum counter *c = kind->counters; *c != STATS; c++)
		sum += snap->count[*c];
	return sum;
}

/* By section; what is counted of none, as records that were dropped unread, is the run's. */
static void metrics_kind(const struct metrics *m, struct buf *to, const struct snapshot *snap,
	const char *family, const struct kind *kind)
{
	int64_t rest = metrics_sum(snap, kind);

	for (unsigned i = 0; i < m->rules.count; i++) {
		int64_t n = metrics_sum(metrics_of(m, snap, i), kind);

		metrics_count(to, family, m->rules.names[i], kind->label, n);
		rest -= n;
	}
	if (rest > 0)
		metrics_count(to, family, m->whole, kind->label, rest);
}

static void metrics_items(const struct metrics *m, struct buf *to, const struct snapshot *snap)
{
	static const struct kind results[] = {
		{ "result=\"done\"", { STAT_SUCCEEDED, STATS } },
		{ "result=\"failed\"", { STAT_FAILED, STATS } },
		{ "result=\"released\"", { STAT_RELEASED, STATS } },
		{ "result=\"dropped\"", { STAT_DROPPED, STAT_SEEN, STAT_LEFT_OUT, STATS } },
	}, reasons[] = {
		{ "reason=\"overflow\"", { STAT_DROPPED, STATS } },
		{ "reason=\"unique\"", { STAT_SEEN, STATS } },
		{ "reason=\"transform\"", { STAT_LEFT_OUT, STATS } },
	};

	metrics_family(to, "pq_items_total", "counter", "Items that are over, by how they ended.");
	for (size_t i = 0; i < sizeof results / sizeof *results; i++)
		metrics_kind(m, to, snap, "pq_items_total", &results[i]);
	metrics_family(to, "pq_dropped_total", "counter", "Items dropped, by what dropped them.");
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		metrics_kind(m, to, snap, "pq_dropped_total", &reasons[i]);
}

static void metrics_attempts(const struct metrics *m, struct buf *to, const struct snapshot *snap)
{
	static const struct kind retried = { NULL, { STAT_RETRIED, STATS } };
	const char *const *names = m->rules.names;

	metrics_family(to, "pq_attempts_total", "counter", "Attempts that have ended.");
	for (unsigned i = 0; i < m->rules.count; i++)
		metrics_count(to, "pq_attempts_total", names[i], NULL, (int64_t)m->sections[i].attempts);
	metrics_family(to, "pq_retries_total", "counter",
		"Attempts that had failed and were made again.");
	metrics_kind(m, to, snap, "pq_retries_total", &retried);
	metrics_family(to, "pq_lost_total", "counter",
		"Attempts whose worker died with them, and that were made again.");
	for (unsigned i = 0; i < m->rules.count; i++)
		metrics_count(to, "pq_lost_total", names[i], NULL, (int64_t)m->sections[i].lost);
	metrics_family(to, "pq_job_duration_seconds", "histogram", "How long attempts took.");
	for (unsigned i = 0; i < m->rules.count; i++)
		metrics_spans(to, "pq_job_duration_seconds", names[i], &m->sections[i].ran);
	metrics_family(to, "pq_wait_seconds", "histogram",
		"How long items waited in the queue before each attempt.");
	for (unsigned i = 0; i < m->rules.count; i++)
		metrics_spans(to, "pq_wait_seconds", names[i], &m->sections[i].waited);
}

static void metrics_now(const struct metrics *m, struct buf *to, const struct snapshot *snap)
{
	const char *const *names = m->rules.names;

	metrics_family(to, "pq_queue_depth", "gauge", "Items that wait in the queue.");
	for (unsigned i = 0; i < m->rules.count; i++)
		metrics_count(to, "pq_queue_depth", names[i], NULL,
			(int64_t)metrics_of(m, snap, i)->depth);
	metrics_family(to, "pq_running", "gauge", "Attempts that run.");
	for (unsigned i = 0; i < m->rules.count; i++)
		metrics_count(to, "pq_running", names[i], NULL,
			metrics_of(m, snap, i)->count[STAT_RUNNING]);
	if (!snap->size)
		return; /* the run has not begun */
	metrics_family(to, "pq_workers", "gauge", "Workers: attempts that may run at once.");
	for (unsigned i = 0; !m->rules.shared && i < m->rules.count; i++)
		metrics_count(to, "pq_workers", names[i], NULL, metrics_of(m, snap, i)->workers);
	if (m->rules.shared)
		metrics_count(to, "pq_workers", m->whole, NULL, snap->workers);
	metrics_family(to, "pq_queue_size", "gauge", "Items that may be alive at once.");
	metrics_count(to, "pq_queue_size", m->whole, NULL, (int64_t)snap->size);
	if (!snap->leased)
		return;
	metrics_family(to, "pq_queue_backlog", "gauge",
		"Items that wait in the queues which others share, about.");
	metrics_count(to, "pq_queue_backlog", m->whole, NULL, (int64_t)snap->backlog);
}

/* at: ns since the run began. */
static void metrics_times(const struct metrics *m, struct buf *to, int64_t at)
{
	bool any = false;

	metrics_family(to, "pq_oldest_waiting_seconds", "gauge",
		"How long the item has waited that has waited longest of those not yet begun on; or 0.");
	for (unsigned i = 0; i < m->rules.count; i++) {
		int64_t since = eldest_since(&m->sections[i].waiting);

		metrics_seconds(to, "pq_oldest_waiting_seconds", "", m->rules.names[i],
			since < 0 || since > at ? 0 : at - since);
	}
	metrics_family(to, "pq_start_timestamp_seconds", "gauge",
		"When the run began, in seconds since 1970.");
	metrics_seconds(to, "pq_start_timestamp_seconds", "", m->whole, m->rules.begun);
	for (unsigned i = 0; i < m->rules.count; i++) {
		if (!m->sections[i].completed)
			continue;
		if (!any)
			metrics_family(to, "pq_last_completion_timestamp_seconds", "gauge",
				"When an item was done or had failed for good last, in seconds since 1970.");
		any = true;
		metrics_seconds(to, "pq_last_completion_timestamp_seconds", "", m->rules.names[i],
			m->sections[i].completed);
	}
}

static void metrics_text(const struct metrics *m, struct buf *to, const struct snapshot *snap,
	int64_t at)
{
	buf_clear(to);
	metrics_items(m, to, snap);
	metrics_attempts(m, to, snap);
	metrics_now(m, to, snap);
	metrics_times(m, to, at);
}

/* --- the file ---------------------------------------------------------- */

static void metrics_write(struct metrics *m, const struct buf *text)
{
	if (whole_file_write(m->file, text->data, text->len) || m->told)
		return;
	m->told = true;
	m->rules.failed(m->rules.ctx, m->rules.path, errno);
}

static void *metrics_run(void *arg)
{
	struct metrics *m = arg;
	struct buf text = { 0 }, empty;

	thread_name("pq-metrics");
	lock_take(&m->lock);
	while (!m->ending) {
		if (!m->text.len) {
			condition_wait(&m->asked, &m->lock, -1);
			continue;
		}
		empty = text;
		text = m->text;
		m->text = empty;
		lock_give(&m->lock);
		metrics_write(m, &text);
		buf_clear(&text);
		lock_take(&m->lock);
	}
	lock_give(&m->lock);
	buf_free(&text);
	return NULL;
}

/* --- what happens ------------------------------------------------------ */

/* With the lock. A short run has no thread; where there can be none, the end is written. */
static void metrics_sample(struct metrics *m, const struct event *e)
{
	metrics_text(m, &m->text, e->snap, e->at);
	if (!m->threaded)
		m->threaded = thread_start(&m->thread, metrics_run, m);
	condition_one(&m->asked);
}

static void metrics_ended(struct section_metrics *s, const struct delivery *d)
{
	s->attempts++;
	if (d->group->in_turn)
		spans_add(&s->waited, d->result.waited);
	if (d->result.outcome.started)
		spans_add(&s->ran, d->result.outcome.took);
}

static void metrics_of_delivery(struct section_metrics *s, const struct event *e)
{
	const struct delivery *d = e->delivery;

	switch (e->kind) {
	case EVENT_BORN:
		eldest_come(&s->waiting, d->turn, e->at);
		break;
	case EVENT_STARTED:
		eldest_go(&s->waiting, d->turn);
		if (!d->group->in_turn) /* else it may still have to wait */
			spans_add(&s->waited, d->result.waited);
		break;
	case EVENT_ENDED:
		metrics_ended(s, d);
		break;
	case EVENT_LOST:
		s->attempts++;
		s->lost++;
		break;
	case EVENT_SETTLED:
		if (d->verdict == VERDICT_ACK || d->verdict == VERDICT_REJECT)
			s->completed = clock_wall();
		eldest_go(&s->waiting, d->turn);
		break;
	default:
		eldest_go(&s->waiting, d->turn);
		break;
	}
}

void metrics_hear(void *metrics, const struct event *e)
{
	struct metrics *m = metrics;
	const struct delivery *d = e->delivery;

	lock_take(&m->lock);
	if (e->kind == EVENT_SAMPLED)
		metrics_sample(m, e);
	else if (d && d->group)
		metrics_of_delivery(&m->sections[d->group->number - 1], e);
	lock_give(&m->lock);
}

/* --- opening and closing ----------------------------------------------- */

/* Several are told apart by the names of all of them, so that files of several runs are. */
static void metrics_name(struct metrics *m)
{
	struct buf text = { 0 };

	for (unsigned i = 0; i < m->rules.count; i++)
		if (m->rules.names[i])
			buf_addf(&text, "%s%s", i ? "," : "", m->rules.names[i]);
	if (text.len)
		m->whole = mem_copy(text.data, text.len);
	buf_free(&text);
}

static void metrics_free(struct metrics *m)
{
	for (unsigned i = 0; i < m->rules.count; i++)
		eldest_free(&m->sections[i].waiting);
	if (m->file)
		whole_file_close(m->file);
	free(m->sections);
	free(m->whole);
	buf_free(&m->text);
	free(m);
}

struct metrics *metrics_open(const struct metrics_rules *rules)
{
	static const struct snapshot nothing;
	struct metrics *m = mem_zero(sizeof *m);
	int error;

	*m = (struct metrics){ .rules = *rules };
	m->sections = mem_zero(rules->count * sizeof *m->sections);
	lock_init(&m->lock);
	condition_init(&m->asked);
	metrics_name(m);
	metrics_text(m, &m->text, &nothing, 0);
	m->file = whole_file_open(rules->path);
	if (m->file) {
		whole_file_mode(m->file, 0644);
		if (whole_file_write(m->file, m->text.data, m->text.len)) {
			buf_clear(&m->text);
			return m;
		}
	}
	error = errno;
	metrics_free(m);
	errno = error;
	return NULL;
}

void metrics_close(struct metrics *m, const struct snapshot *last)
{
	lock_take(&m->lock);
	m->ending = true;
	condition_one(&m->asked);
	lock_give(&m->lock);
	if (m->threaded)
		thread_join(m->thread);
	metrics_text(m, &m->text, last, last->elapsed);
	metrics_write(m, &m->text);
	metrics_free(m);
}
