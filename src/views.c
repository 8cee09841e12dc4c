/* The views of a run. See views.h. */
#include "views.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "action/run/output.h"
#include "action/template/names.h"
#include "action/template/template.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/utf8.h"
#include "broker/arrivals.h"
#include "desk/columns.h"
#include "events.h"
#include "group.h"
#include "item.h"
#include "options/options.h"
#include "sink/outfile.h"
#include "plan/plan.h"
#include "record/record.h"
#include "stats.h"
#include "base/status.h"
#include "view/attempts.h"
#include "view/deadletter.h"
#include "view/failures.h"
#include "view/joblog.h"
#include "view/junit.h"
#include "view/junit_case.h"
#include "view/metrics.h"
#include "view/named.h"
#include "view/notable.h"
#include "view/object.h"
#include "view/progress.h"
#include "view/prompt.h"
#include "view/report.h"
#include "view/results.h"
#include "view/summary.h"
#include "view/trace.h"

enum { SUITE_NAME = 100 }; /* bytes of a command that are the name of its suite */

struct views {
	struct views_rules rules;
	const struct options *options;
	size_t nsections;
	struct notable *notable;   /* what --summary names, or NULL */
	struct output_watcher watcher; /* printed is NULL: there is none */
	struct progress *progress; /* or NULL, as all that follows */
	struct failures *failures; /* of commands; what transforms cannot do they tell themselves */
	struct joblog *joblog;
	struct trace *trace;
	struct metrics *metrics;
	struct deadletter **deadletters; /* by section, each one or NULL; owned */
	struct results *results;
	struct junit *junit;
	struct report *report;
	struct attempts *attempts; /* with --json=attempts */
	const char **names;        /* of columns, for the results; owned */
	const char **sections;     /* what the metrics call them; owned */
	struct arrivals *arrivals; /* of --from */
	struct buf failed;         /* what could not be written */
};

static _Noreturn void refuse_log(const char *what, const char *path)
{
	if (errno == EBADMSG)
		msg_die(STATUS_USAGE, "%s is no %s: it begins like something else; use another file",
			path, what);
	msg_die(STATUS_OUTPUT, "cannot open the %s %s: %s; nothing was started", what, path,
		errno == ENXIO ? "nobody reads this FIFO yet" : strerror(errno));
}

static bool has_failed(const void *plan, uint64_t seq, const char *group)
{
	const struct plan *p = plan;
	unsigned section = options_section(p->options, group, strlen(group));

	/* What none may have is on record as the first one's. */
	return record_has_failed(p->record, seq, section ? section : 1);
}

static struct deadletter *open_deadletter(const struct views_rules *v, const char *path)
{
	const struct plan *plan = v->plan;
	struct deadletter_rules rules = { .store = v->store, .header = columns_title(plan->columns),
		.run_id = plan->run_id, .failed = record_is_journal(plan->record) ? has_failed : NULL,
		.plan = plan };
	struct deadletter *dead = deadletter_open(path, &rules);

	if (!dead)
		refuse_log("dead letter", path);
	return dead;
}

/* The name of each column, or NULL; how many there are. */
static uint32_t name_columns(struct views *v, const struct names *names)
{
	uint32_t count = 0;

	for (size_t i = 0; i < names->count; i++)
		if (names->list[i].column > (int32_t)count)
			count = (uint32_t)names->list[i].column;
	v->names = mem_zero((count + 1) * sizeof *v->names);
	for (size_t i = 0; i < names->count; i++)
		v->names[names->list[i].column - 1] = names->list[i].text;
	return count;
}

static void open_results(struct views *v, const struct plan *plan, const struct template *place)
{
	const char *target = v->options->results;
	struct results_rules rules = { .target = target, .append = record_goes_on(plan->record),
		.placed = place, .fixed = place ? template_fixed(place) : 0,
		.nnames = name_columns(v, plan->names) };

	rules.names = v->names;
	v->results = results_open(&rules);
	if (!v->results)
		msg_die(STATUS_OUTPUT, "cannot open %s for the results: %s; nothing was started",
			target, strerror(errno));
}

/* On the terminal, whenever they like: the jobs, or who types the items. */
static bool others_write(const struct options *o)
{
	bool asked;

	for (size_t i = 0; i < o->nsections; i++)
		if (o->sections[i].output == OUTPUT_UNGROUP)
			return true;
	return options_read_input(o, &asked) && prompt_is_terminal();
}

static bool runs_commands(const struct options *o)
{
	for (size_t i = 0; i < o->nsections; i++)
		if (section_runs(&o->sections[i]))
			return true;
	return false;
}

size_t views_tail(const struct options *o, const struct section *s, int stream)
{
	size_t most = 0;

	if (o->junit)
		most = JUNIT_TAIL;
	if (stream == STREAM_ERR && s->dead_letter && most < DEADLETTER_TAIL)
		most = DEADLETTER_TAIL;
	if (o->report && most < REPORT_TAIL)
		most = REPORT_TAIL;
	return most;
}

/* --- listeners ----------------------------------------------------------- */

/* Of commands alone: what transforms cannot do they tell themselves. */
static void hear_failures(void *ctx, const struct event *e)
{
	struct views *v = ctx;
	const struct delivery *d = e->delivery;

	if (d->group->records)
		return;
	if (e->kind == EVENT_SETTLED && d->verdict == VERDICT_REJECT)
		failures_add(v->failures, d);
	else if (e->kind == EVENT_HALTED)
		failures_halted(v->failures, d);
	else if (e->kind == EVENT_ENDED && (d->result.outcome.how != OUTCOME_STOPPED
	    || !v->rules.unheard(v->rules.ctx)))
		failures_tell(d, d->group->retry.attempts);
}

static void hear_joblog(void *ctx, const struct event *e)
{
	struct views *v = ctx;
	const struct delivery *d = e->delivery;

	if (e->kind == EVENT_FLUSHED) {
		if (!joblog_flush(v->joblog))
			v->rules.failed(v->rules.ctx, v->options->joblog, errno);
	} else if (d->result.outcome.how != OUTCOME_STOPPED && d->verdict != VERDICT_RETRY) {
		joblog_row(v->joblog, d);
	}
}

/* Index of the section to whose dead letter it goes: what none may have, to the first that
 * there is. */
static size_t dead_at(const struct views *v, const struct delivery *d)
{
	size_t i = 0;

	if (d->section || v->nsections == 1)
		return d->group->number - 1;
	while (i + 1 < v->nsections && !v->deadletters[i])
		i++;
	return i;
}

static void set_aside(struct views *v, const struct delivery *d)
{
	size_t i = dead_at(v, d);

	if (v->deadletters[i] && d->verdict == VERDICT_REJECT
	    && !deadletter_add(v->deadletters[i], d))
		v->rules.failed(v->rules.ctx, v->options->sections[i].dead_letter, errno);
}

/* Each to the dead letter of its section. */
static void hear_deadletters(void *ctx, const struct event *e)
{
	struct views *v = ctx;

	if (e->kind == EVENT_SETTLED) {
		set_aside(v, e->delivery);
		return;
	}
	for (size_t i = 0; i < v->nsections; i++)
		if (v->deadletters[i] && !deadletter_flush(v->deadletters[i]))
			v->rules.failed(v->rules.ctx, v->options->sections[i].dead_letter, errno);
}

static void views_listen(struct views *v, unsigned kinds,
	void (*hear)(void *ctx, const struct event *e))
{
	events_listen(v->rules.events, &(struct listener){ .kinds = kinds, .hear = hear, .ctx = v });
}

/* --- opening ------------------------------------------------------------- */

static void open_failures(struct views *v)
{
	v->failures = failures_new();
	views_listen(v, EVENT(ENDED) | EVENT(SETTLED) | EVENT(HALTED), hear_failures);
}

/* Sections that name the same file have one together. */
static void open_deadletters(struct views *v)
{
	const struct options *o = v->options;
	bool any = false;

	v->nsections = o->nsections;
	v->deadletters = mem_zero(o->nsections * sizeof *v->deadletters);
	for (size_t i = 0; i < o->nsections; i++) {
		const char *path = o->sections[i].dead_letter;

		for (size_t k = 0; path && k < i; k++)
			if (o->sections[k].dead_letter && strcmp(o->sections[k].dead_letter, path) == 0)
				v->deadletters[i] = v->deadletters[k];
		if (path && !v->deadletters[i])
			v->deadletters[i] = open_deadletter(&v->rules, path);
		any |= path != NULL;
	}
	if (any)
		views_listen(v, EVENT(SETTLED) | EVENT(FLUSHED), hear_deadletters);
}

static void open_joblog(struct views *v)
{
	const struct options *o = v->options;

	v->joblog = joblog_open(o->joblog_shown ? NULL : o->joblog,
		o->joblog_append || record_goes_on(v->rules.plan->record));
	if (!v->joblog)
		refuse_log("job log", o->joblog);
	if (o->gnu)
		joblog_bare(v->joblog);
	views_listen(v, EVENT(SETTLED) | EVENT(FLUSHED), hear_joblog);
}

static void open_trace(struct views *v)
{
	const struct plan *plan = v->rules.plan;

	v->trace = trace_open(&(struct trace_rules){ .path = v->options->trace,
		.shared = v->options->shared, .workers = plan->jobs, .failed = v->rules.lost,
		.ctx = v->rules.ctx });
	if (!v->trace)
		refuse_log("trace", v->options->trace);
	events_listen(v->rules.events, &(struct listener){ .kinds = TRACE_KINDS,
		.every = TRACE_EVERY, .hear = trace_hear, .ctx = v->trace });
}

static void open_metrics(struct views *v)
{
	const struct plan *plan = v->rules.plan;

	v->sections = mem_zero(v->nsections * sizeof *v->sections);
	for (size_t i = 0; i < v->nsections; i++)
		v->sections[i] = v->nsections > 1 ? plan->sections[i].name : v->options->sections->name;
	v->metrics = metrics_open(&(struct metrics_rules){ .path = v->options->metrics,
		.names = v->sections, .count = (unsigned)v->nsections, .shared = v->options->shared,
		.begun = events_begun_wall(v->rules.events), .failed = v->rules.lost,
		.ctx = v->rules.ctx });
	if (!v->metrics)
		refuse_log("metrics", v->options->metrics);
	events_listen(v->rules.events, &(struct listener){ .kinds = METRICS_KINDS,
		.every = METRICS_EVERY, .hear = metrics_hear, .ctx = v->metrics });
}

/* Its name, or the command; no two alike. */
static void name_suite(struct buf *to, const struct options *o, size_t i)
{
	const struct section *s = &o->sections[i];

	if (s->name) {
		buf_adds(to, s->name);
		return;
	}
	for (size_t k = 0; k < s->ncommand && to->len < SUITE_NAME; k++)
		buf_addf(to, k ? " %s" : "%s", s->command[k]);
	if (to->len > SUITE_NAME) {
		to->len = SUITE_NAME - utf8_unfinished(to->data, SUITE_NAME);
		buf_adds(to, "...");
	}
	if (!to->len)
		buf_adds(to, "pq");
	if (o->nsections > 1)
		buf_addf(to, " (section %zu)", i + 1);
}

static void open_junit(struct views *v)
{
	const struct options *o = v->options;
	struct buf *texts = mem_zero(o->nsections * sizeof *texts);
	const char **names = mem_zero(o->nsections * sizeof *names);

	for (size_t i = 0; i < o->nsections; i++) {
		name_suite(&texts[i], o, i);
		names[i] = buf_str(&texts[i]);
	}
	v->junit = junit_open(&(struct junit_rules){ .path = o->junit, .store = v->rules.store,
		.names = names, .count = o->nsections, .begun = events_begun_wall(v->rules.events),
		.failed = v->rules.lost, .ctx = v->rules.ctx });
	if (!v->junit)
		refuse_log("JUnit report", o->junit);
	for (size_t i = 0; i < o->nsections; i++)
		buf_free(&texts[i]);
	free(texts);
	free(names);
	events_listen(v->rules.events, &(struct listener){ .kinds = JUNIT_KINDS, .hear = junit_hear,
		.ctx = v->junit });
}

static void open_report(struct views *v)
{
	const struct options *o = v->options;

	v->report = report_open(&(struct report_rules){ .path = o->report, .words = o->words,
		.groups = (unsigned)o->nsections, .store = v->rules.store, .events = v->rules.events });
	if (!v->report)
		refuse_log("report", o->report);
}

static void open_attempts(struct views *v)
{
	v->attempts = attempts_new(&(struct attempts_rules){ .store = v->rules.store,
		.ordered = v->options->ordered, .print = v->rules.print, .failed = v->rules.failed,
		.ctx = v->rules.ctx });
	events_listen(v->rules.events, &(struct listener){
		.kinds = EVENT(ENDED) | EVENT(LOST) | EVENT(DROPPED), .hear = attempts_hear,
		.ctx = v->attempts });
}

static void open_notable(struct views *v)
{
	v->notable = notable_new((unsigned)v->options->nsections);
	events_listen(v->rules.events, &(struct listener){ .kinds = EVENT(ENDED) | EVENT(SETTLED),
		.hear = notable_hear, .ctx = v->notable });
}

static void open_progress(struct views *v)
{
	const struct options *o = v->options;

	v->progress = progress_open(&(struct progress_rules){ .json = o->progress_json,
		.rows = o->progress_rows, .bar = o->progress_bar, .eta = o->progress_eta,
		.others_write = others_write(o) });
	if (progress_has_rows(v->progress))
		v->watcher = (struct output_watcher){ progress_printed, v->progress };
	events_listen(v->rules.events, &(struct listener){ .kinds = EVENT(STARTED) | EVENT(ENDED)
		| EVENT(LOST) | EVENT(UNDONE) | EVENT(SAMPLED),
		.every = progress_interval(v->progress), .hear = progress_hear,
		.ctx = v->progress });
}

struct views *views_open(const struct views_rules *rules)
{
	const struct plan *plan = rules->plan;
	const struct options *o = plan->options;
	struct views *v = mem_zero(sizeof *v);

	v->rules = *rules;
	v->options = o;
	if (runs_commands(o))
		open_failures(v);
	if (o->results && o->sections->output == OUTPUT_WHOLE)
		open_results(v, plan, plan->sections->place);
	open_deadletters(v);
	if (o->joblog)
		open_joblog(v);
	if (o->trace)
		open_trace(v);
	if (o->metrics)
		open_metrics(v);
	if (o->junit)
		open_junit(v);
	if (o->report)
		open_report(v);
	if (o->json_attempts)
		open_attempts(v);
	if (o->summary)
		open_notable(v);
	v->arrivals = arrivals_new();
	for (size_t i = 0; o->summary && i < o->nfrom; i++)
		if (o->from[i].queue)
			arrivals_add(v->arrivals, o->from[i].queue);
	if (o->progress)
		open_progress(v);
	return v;
}

const struct output_watcher *views_watcher(const struct views *v)
{
	return v->watcher.printed ? &v->watcher : NULL;
}

struct progress *views_progress(const struct views *v)
{
	return v->progress;
}

/* --- what jobs printed --------------------------------------------------- */

static bool render_failed(struct views *v)
{
	v->rules.failed(v->rules.ctx, v->failed.len ? buf_str(&v->failed)
		: "the spool file in TMPDIR", errno);
	return false;
}

/* never: it was not started, or not again. */
static bool render_object(struct views *v, const struct delivery *d, const struct outlet *out,
	bool never)
{
	if (v->attempts)
		return attempts_render(v->attempts, d, out, never);
	return never || d->verdict == VERDICT_RETRY || !v->options->json
		|| object_write(d, v->rules.store, out);
}

static void render_tag(void *views, const struct delivery *d, struct buf *to)
{
	const struct plan *plan = ((struct views *)views)->rules.plan;

	if (d->group && plan->sections[d->group->number - 1].tag)
		template_fill(plan->sections[d->group->number - 1].tag,
			&(struct fill){ .item = d->item, .slot = d->result.slot }, to);
}

static bool render_files(struct views *v, const struct delivery *d, const struct outlet *out)
{
	struct named_rules named = { v->rules.store, v->results, render_tag, v };

	return (!v->results || results_write(v->results, d, v->rules.store, out, &v->failed))
		&& (!v->options->files || named_write(&named, d, out, &v->failed));
}

bool views_render(struct views *v, struct delivery *d, const struct outlet *out)
{
	bool never = d->result.outcome.how == OUTCOME_STOPPED && !d->result.outcome.code;
	bool ok;

	buf_clear(&v->failed);
	ok = (never || d->verdict == VERDICT_RETRY || render_files(v, d, out))
		&& render_object(v, d, out, never);
	if (!ok || v->results || !v->options->files)
		chain_free(v->rules.store, &d->result.output[STREAM_ERR]);
	return ok || render_failed(v);
}

/* --- the end ------------------------------------------------------------- */

static void summarise(const struct views *v, const struct views_end *end)
{
	const struct snapshot *snap = end->snap;
	struct measures measures;
	struct buf text = { 0 }, more = { 0 };

	for (unsigned i = 0; i < snap->ngroups; i++) {
		stats_measures(end->groups[i].stats, &measures);
		buf_clear(&more);
		notable_lines(&more, v->notable, i + 1);
		summary_group(&text, &snap->groups[i], &measures, buf_str(&more));
	}
	stats_measures(end->stats, &measures);
	measures.shared = arrivals_came(v->arrivals, &measures.came);
	summary_text(&text, snap, &measures);
	notable_lines(&text, v->notable, 0);
	msg_lines(&text);
	buf_free(&text);
	buf_free(&more);
}

static bool write_report(const struct views *v, const struct views_end *end)
{
	struct measures measures;

	stats_measures(end->stats, &measures);
	return report_close(v->report, end->snap, &measures, end->groups);
}

/* Where every item that failed can be read; or NULL. */
static const char *full_list(const struct views *v)
{
	if (v->options->joblog)
		return v->options->joblog;
	for (size_t i = 1; i < v->nsections; i++)
		if (v->deadletters[i] != v->deadletters[0])
			return NULL; /* none has them all */
	return v->options->sections->dead_letter;
}

/* What nobody may mistake, and what has not been told: a status of pq's own is said to be
 * one, and the jobs that failed are named. */
static void tell_failures(const struct views *v, const struct snapshot *snap)
{
	struct buf text = { 0 };
	unsigned long long failed = (unsigned long long)snap->count[STAT_FAILED];

	failures_halt(&text, v->failures, snap);
	if (text.len)
		msg_failed(NULL, "%s", buf_str(&text));
	buf_clear(&text);
	failures_names(&text, v->failures, full_list(v));
	if (failures_untold(v->failures))
		msg_failed(NULL, "%llu of %llu failed: %s", failed,
			failed + (unsigned long long)snap->count[STAT_SUCCEEDED], buf_str(&text));
	buf_free(&text);
}

/* What could not be written to, with errno; else as it was. */
static const char *close_deadletters(struct views *v, const char *failed)
{
	for (size_t i = 0; i < v->nsections; i++) {
		struct deadletter *dead = v->deadletters[i];

		for (size_t k = i; dead && k < v->nsections; k++)
			if (v->deadletters[k] == dead)
				v->deadletters[k] = NULL; /* it is closed once */
		if (dead && !deadletter_close(dead))
			failed = v->options->sections[i].dead_letter;
	}
	free(v->deadletters);
	return failed;
}

const char *views_close(struct views *v, const struct views_end *end)
{
	const char *failed = NULL;

	if (v->failures && !end->quiet)
		tell_failures(v, end->snap);
	if (v->failures)
		failures_free(v->failures);
	if (v->progress)
		progress_close(v->progress, end->snap);
	if (v->notable) {
		summarise(v, end);
		notable_free(v->notable);
	}
	if (v->junit)
		junit_close(v->junit);
	if (v->trace)
		trace_close(v->trace, end->snap);
	if (v->metrics)
		metrics_close(v->metrics, end->snap);
	if (v->joblog && !joblog_close(v->joblog))
		failed = v->options->joblog;
	failed = close_deadletters(v, failed);
	if (v->report && !write_report(v, end))
		failed = v->options->report;
	if (v->results && !results_close(v->results))
		failed = v->options->results;
	if (!failed && !outfile_end())
		failed = v->options->outfile;
	if (v->attempts)
		attempts_free(v->attempts);
	arrivals_free(v->arrivals);
	buf_free(&v->failed);
	free(v->names);
	free(v->sections);
	free(v);
	return failed;
}
