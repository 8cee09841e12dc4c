/* The views of a run. See views.h. */
#include "views.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "action/template/names.h"
#include "action/template/template.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "broker/arrivals.h"
#include "desk/columns.h"
#include "group.h"
#include "item.h"
#include "options/options.h"
#include "sink/outfile.h"
#include "plan/plan.h"
#include "record/record.h"
#include "stats.h"
#include "base/status.h"
#include "view/deadletter.h"
#include "view/failures.h"
#include "view/joblog.h"
#include "view/object.h"
#include "view/progress.h"
#include "view/prompt.h"
#include "view/results.h"
#include "view/summary.h"

struct views {
	const struct options *options;
	size_t nsections;
	struct progress *progress; /* or NULL, as all that follows */
	struct failures *failures; /* of commands; what transforms cannot do they tell themselves */
	struct joblog *joblog;
	struct deadletter **deadletters; /* by section, each one or NULL; owned */
	struct results *results;
	const char **names;        /* of columns, for the results; owned */
	struct store *store;
	struct arrivals *arrivals; /* of --from */
	struct buf failed;         /* what could not be written */
};

static _Noreturn void refuse_log(const char *what, const char *path)
{
	if (errno == EBADMSG)
		msg_die(STATUS_USAGE, "%s is no %s: it begins like something else; use another file",
			path, what);
	msg_die(STATUS_OUTPUT, "cannot open the %s %s: %s; nothing was started", what, path,
		strerror(errno));
}

static bool has_failed(const void *plan, uint64_t seq, const char *group)
{
	const struct plan *p = plan;
	unsigned section = options_section(p->options, group, strlen(group));

	/* What none may have is on record as the first one's. */
	return record_has_failed(p->record, seq, section ? section : 1);
}

static struct deadletter *open_deadletter(const struct plan *plan, const char *path,
	struct store *store)
{
	struct deadletter_rules rules = { .store = store, .header = columns_title(plan->columns),
		.run_id = plan->run_id, .failed = record_is_journal(plan->record) ? has_failed : NULL,
		.plan = plan };
	struct deadletter *dead = deadletter_open(path, &rules);

	if (!dead)
		refuse_log("dead letter", path);
	return dead;
}

/* Sections that name the same file have one together. */
static void open_deadletters(struct views *v, const struct plan *plan)
{
	const struct options *o = plan->options;

	v->nsections = o->nsections;
	v->deadletters = mem_zero(o->nsections * sizeof *v->deadletters);
	for (size_t i = 0; i < o->nsections; i++) {
		const char *path = o->sections[i].dead_letter;

		for (size_t k = 0; path && k < i; k++)
			if (o->sections[k].dead_letter && strcmp(o->sections[k].dead_letter, path) == 0)
				v->deadletters[i] = v->deadletters[k];
		if (path && !v->deadletters[i])
			v->deadletters[i] = open_deadletter(plan, path, v->store);
	}
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

struct views *views_open(const struct plan *plan, struct store *store)
{
	const struct options *o = plan->options;
	struct views *v = mem_zero(sizeof *v);

	v->options = o;
	v->store = store;
	if (runs_commands(o))
		v->failures = failures_new();
	if (o->results && o->sections->output == OUTPUT_WHOLE)
		open_results(v, plan, plan->sections->place);
	if (o->joblog && !(v->joblog = joblog_open(o->joblog,
	    o->joblog_append || record_goes_on(plan->record))))
		refuse_log("job log", o->joblog);
	open_deadletters(v, plan);
	v->arrivals = arrivals_new();
	for (size_t i = 0; o->summary && i < o->nfrom; i++)
		if (o->from[i].queue)
			arrivals_add(v->arrivals, o->from[i].queue);
	if (o->progress)
		v->progress = progress_open(o->progress_json, others_write(o));
	return v;
}

struct progress *views_progress(const struct views *v)
{
	return v->progress;
}

static bool log_jobs(struct joblog *log, const struct delivery *list)
{
	for (const struct delivery *d = list; d; d = d->next)
		if (d->result.outcome.how != OUTCOME_STOPPED && d->verdict != VERDICT_RETRY)
			joblog_row(log, d);
	return joblog_flush(log);
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

/* Each to the dead letter of its section. What could not be written to, with errno. */
static const char *set_aside(struct views *v, const struct delivery *list)
{
	const char *failed = NULL;
	int error = 0;

	for (const struct delivery *d = list; d; d = d->next) {
		size_t i = dead_at(v, d);

		if (v->deadletters[i] && d->verdict == VERDICT_REJECT
		    && !deadletter_add(v->deadletters[i], d)) {
			failed = v->options->sections[i].dead_letter;
			error = errno;
		}
	}
	for (size_t i = 0; i < v->nsections; i++)
		if (v->deadletters[i] && !deadletter_flush(v->deadletters[i])) {
			failed = v->options->sections[i].dead_letter;
			error = errno;
		}
	errno = error;
	return failed;
}

static const char *failed_at(struct views *v)
{
	return v->failed.len ? buf_str(&v->failed) : "the spool file in TMPDIR";
}

const char *views_render(struct views *v, const struct delivery *d, const struct outlet *out)
{
	if (d->result.outcome.how == OUTCOME_STOPPED && !d->result.outcome.code)
		return NULL; /* it never was started */
	buf_clear(&v->failed);
	if (v->results && !results_write(v->results, d, v->store, out, &v->failed))
		return failed_at(v);
	if (v->options->json && !object_write(d, v->store, out))
		return failed_at(v);
	return NULL;
}

void views_attempted(struct views *v, const struct delivery *d)
{
	if (v->failures && !d->group->records)
		failures_tell(d, d->group->retry.attempts);
}

void views_halted(struct views *v, const struct delivery *d)
{
	if (v->failures)
		failures_halted(v->failures, d);
}

const char *views_written(struct views *v, const struct delivery *list)
{
	const char *failed;

	for (const struct delivery *d = list; v->failures && d; d = d->next)
		if (d->verdict == VERDICT_REJECT && !d->group->records)
			failures_add(v->failures, d);
	failed = set_aside(v, list);
	if (v->joblog && !log_jobs(v->joblog, list))
		failed = v->options->joblog;
	return failed;
}

static void summarise(const struct views *v, const struct views_end *end)
{
	const struct snapshot *snap = end->snap;
	struct measures measures;
	struct buf text = { 0 };

	for (unsigned i = 0; i < snap->ngroups; i++) {
		stats_measures(end->groups[i].stats, &measures);
		summary_group(&text, &snap->groups[i], &measures);
	}
	stats_measures(end->stats, &measures);
	measures.shared = arrivals_came(v->arrivals, &measures.came);
	summary_text(&text, snap, &measures);
	msg_lines(&text);
	buf_free(&text);
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
		msg_warn("%s", buf_str(&text));
	buf_clear(&text);
	failures_names(&text, v->failures, full_list(v));
	if (failures_untold(v->failures))
		msg_warn("%llu of %llu failed: %s", failed,
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
	if (v->options->summary)
		summarise(v, end);
	if (v->joblog && !joblog_close(v->joblog))
		failed = v->options->joblog;
	failed = close_deadletters(v, failed);
	if (v->results && !results_close(v->results))
		failed = v->options->results;
	if (!failed && !outfile_end())
		failed = v->options->outfile;
	arrivals_free(v->arrivals);
	buf_free(&v->failed);
	free(v->names);
	free(v);
	return failed;
}
