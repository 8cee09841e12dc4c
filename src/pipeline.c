/* The pipeline: builds the stations and joins them.
 *
 * The journey of an item. The reader cuts a record from a source and gives birth:
 * it pushes the item's delivery into the queue, as long as fewer are alive than
 * the bound allows. A worker pops it, runs the action, and the attempt ends with
 * an outcome. The verdict on it is made right there (retry.h): to be tried
 * again, the delivery goes back into the queue before all others; done or
 * failed for good, it goes to the collector. The collector writes what the
 * attempt printed when its turn has come, and passes the delivery on to be
 * logged, put on record (journal.h), and settled: back to the reader, where the
 * item dies and makes room for the next birth. The states on this way, and the
 * steps between them, are life.h's.
 *
 * Why it cannot get stuck. push never blocks, for the queue has room for all that
 * is alive. Workers wait for work, for their process, and, when live, for the
 * collector; the collector waits for nobody but stdout. So whatever is alive
 * moves towards its death, and every death lets the reader go on.
 *
 * How it ends. The reader says it is over when no source has more and nothing is
 * alive; then the queue closes, the workers go home, the collector ends. An early
 * end is the same with the births stopped: nobody starts anything more, the
 * reader takes back what waits in the queue and passes it through the collector
 * as not done, so that the order has no holes, and what runs is ended, or
 * waited for. */
#include "pipeline.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action/run/child.h"
#include "action/run/command.h"
#include "action/run/output.h"
#include "action/run/running.h"
#include "action/transform/runner.h"
#include "base/buf.h"
#include "base/chain_text.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/saturate.h"
#include "collector.h"
#include "desk/admission.h"
#include "desk/pack.h"
#include "group.h"
#include "item.h"
#include "life.h"
#include "options/options.h"
#include "plan.h"
#include "policy/halt.h"
#include "policy/retry.h"
#include "queue/queue.h"
#include "queue/schedule.h"
#include "reader.h"
#include "record/journal.h"
#include "record/record.h"
#include "signals.h"
#include "sink/outfile.h"
#include "stats.h"
#include "stop.h"
#include "supervisor.h"
#include "view/progress.h"
#include "views.h"
#include "workers/capacity.h"
#include "workers/crew.h"
#include "workers/staff.h"
#include "workers/worker.h"

/* The spool may hold this many times --queue-bytes before births stop. */
enum { SPOOL_TIMES = 16 };

/* What a job has printed before the collector is asked about the rest. */
enum { KEPT_BY_JOB = 1024 * 1024 };

struct pipeline {
	const struct plan *plan;
	const struct options *options;
	const struct plan_section *section; /* the group's */
	struct stats *stats;
	struct store *store;
	struct queue *queue;
	struct group group;          /* the only one there is, for now */
	struct life life;
	struct crew *crew;
	struct staff *staff;
	struct reader *reader;
	struct collector *collector;
	struct supervisor *supervisor;
	struct views *views;
	struct output_rules output;
	struct worker_rules worker;
	struct pack_rules pack;
	struct admission *admission;
	uint64_t queue_size, queue_bytes;
	struct stop stop;
	_Atomic bool over;           /* the reader has come to its end */
};

/* --- ending early ------------------------------------------------------ */

static void no_births(void *ctx)
{
	struct pipeline *p = ctx;

	crew_want(p->crew, 0);
	reader_stop(p->reader);
}

static void no_jobs(void *ctx)
{
	supervisor_end_jobs(((struct pipeline *)ctx)->supervisor);
}

static uint64_t known_total(void *ctx)
{
	return total_of(reader_total(((struct pipeline *)ctx)->reader));
}

static void on_stop_asked(void *ctx)
{
	stop_births(&((struct pipeline *)ctx)->stop);
}

static void on_write_failed(void *ctx, int fd, int error)
{
	stop_write_failed(&((struct pipeline *)ctx)->stop, fd, error);
}

static void on_output_failed(void *ctx, const char *what, int error)
{
	stop_output_failed(&((struct pipeline *)ctx)->stop, what, error);
}

static void on_spool_failed(void *ctx)
{
	on_output_failed(ctx, "the spool file in TMPDIR", errno);
}

static void on_halted(void *ctx, const struct delivery *d)
{
	views_halted(((struct pipeline *)ctx)->views, d);
}

static void on_no_memory(void *ctx, size_t size)
{
	struct pipeline *p = ctx;

	stop_no_memory(&p->stop, size);
	supervisor_end_births(p->supervisor);
}

static void on_no_room(void *ctx)
{
	stop_cannot(&((struct pipeline *)ctx)->stop);
}

static bool on_cancelled(void *ctx)
{
	return stop_in_vain(&((struct pipeline *)ctx)->stop);
}

/* --- from the worker onwards ------------------------------------------- */

static void on_attempted(void *ctx, const struct delivery *d)
{
	struct pipeline *p = ctx;

	if (d->result.outcome.how != OUTCOME_STOPPED || !stop_is_unheard(&p->stop))
		views_attempted(p->views, d);
}

static void on_final(void *ctx, const struct delivery *d)
{
	stop_check_halt(&((struct pipeline *)ctx)->stop, d);
}

static void on_home(void *ctx, unsigned slot)
{
	struct pipeline *p = ctx;

	crew_home(p->crew, slot);
	reader_wake(p->reader);
}

static void on_part(void *ctx, struct delivery *d, int stream, struct chain *bytes)
{
	collector_part(((struct pipeline *)ctx)->collector, d, stream, bytes);
}

static bool on_room(void *ctx, struct delivery *d, int64_t wait)
{
	return collector_room(((struct pipeline *)ctx)->collector, d, wait);
}

static void on_starting(void *ctx, struct delivery *d)
{
	struct pipeline *p = ctx;
	struct buf line = { 0 };

	if (!p->options->verbose)
		return;
	buf_addf(&line, "%s\n", d->result.command);
	collector_note(p->collector, line.data, line.len);
	buf_free(&line);
}

static int64_t on_timeout(void *ctx)
{
	struct pipeline *p = ctx;

	return stats_timeout(p->stats, p->group.timeout, p->group.timeout_percent);
}

/* --- from the collector back to the desk ------------------------------- */

static void on_written(void *ctx, struct delivery *list, bool lost)
{
	struct pipeline *p = ctx;
	const char *failed = lost ? NULL : views_written(p->views, list);

	if (failed)
		on_output_failed(p, failed, errno);
	for (struct delivery *d = list; p->section->options->dead_letter && d; d = d->next)
		result_forget(&d->result, p->store);
	if (!atomic_load(&p->stop.asked) && staff_reread(p->staff))
		reader_wake(p->reader);
	life_written(&p->life, list, lost);
}

static void on_recorded(void *ctx, struct delivery *list)
{
	life_recorded(&((struct pipeline *)ctx)->life, list);
}

static bool on_render(void *ctx, struct delivery *d)
{
	struct pipeline *p = ctx;
	struct outlet out = { collector_write, p->collector };
	const char *failed = views_render(p->views, d, &out);

	if (failed)
		on_output_failed(p, failed, errno);
	return !failed;
}

static void on_parked(void *ctx, long more)
{
	reader_parked(((struct pipeline *)ctx)->reader, more);
}

/* --- from the desk to the queue ---------------------------------------- */

static void on_birth(void *ctx, struct delivery *d)
{
	struct pipeline *p = ctx;

	if (!life_route(&p->life, d))
		return;
	if (p->options->high_water)
		admission_depth(p->admission, p->queue);
	crew_fill(p->crew);
}

static void on_refused(void *ctx, struct delivery *d)
{
	life_refuse(&((struct pipeline *)ctx)->life, d);
}

static struct delivery *on_oldest(void *ctx, const struct group *g)
{
	return life_drop(&((struct pipeline *)ctx)->life, g);
}

static void on_skip(void *ctx, uint64_t turn)
{
	collector_skip(((struct pipeline *)ctx)->collector, turn);
}

static void on_overflowed(void *ctx, const struct item *item)
{
	struct pipeline *p = ctx;

	admission_failed(p->admission, item);
	stop_births(&p->stop);
}

static void on_stop(void *ctx)
{
	struct pipeline *p = ctx;

	life_release_all(&p->life, p->group.queue);
}

static int64_t on_look(void *ctx)
{
	struct pipeline *p = ctx;
	/* Nobody wakes the desk when what waits holds up the rest (on_full). */
	bool watches = p->group.scheduled && p->options->queue_size;
	int64_t patience;

	crew_fill(p->crew);
	admission_depth(p->admission, p->queue);
	patience = staff_look(p->staff, &(struct workload){ stats_get(p->stats, STAT_RUNNING),
		queue_depth(p->queue), queue_shortage(p->queue) });
	return watches && patience > CLOCK_SECOND ? CLOCK_SECOND : patience;
}

static void on_full(void *ctx, bool bytes)
{
	struct pipeline *p = ctx;

	admission_full(p->admission, bytes, p->queue_bytes, p->queue, crew_wanted(p->crew));
}

static void on_output_gone(void *ctx)
{
	on_write_failed(ctx, STDOUT_FILENO, EPIPE);
}

static void on_arrivals(void *ctx, bool held, bool ended)
{
	stats_arrival(((struct pipeline *)ctx)->stats, ended ? ARRIVAL_OVER
		: held ? ARRIVAL_HELD : ARRIVAL_OPEN);
}

static void on_over(void *ctx)
{
	struct pipeline *p = ctx;

	atomic_store(&p->over, true);
	signals_wake();
}

static size_t on_weight(void *ctx, size_t len)
{
	return template_growth(((struct pipeline *)ctx)->section->command, len);
}

static size_t on_script_weight(void *ctx, size_t len)
{
	return template_script_growth(((struct pipeline *)ctx)->section->command, len);
}

static bool on_edit(void *ctx, struct draft *d, uint32_t from)
{
	return admission_record(((struct pipeline *)ctx)->admission, d, from);
}

static unsigned on_workers(void *ctx)
{
	return staff_most(((struct pipeline *)ctx)->staff);
}

/* --- what the supervisor asks for -------------------------------------- */

static bool is_over(void *ctx)
{
	return atomic_load(&((struct pipeline *)ctx)->over);
}

static void change_workers(void *ctx, int more)
{
	struct pipeline *p = ctx;

	if (!atomic_load(&p->stop.asked) && staff_change(p->staff, more))
		reader_wake(p->reader);
}

/* In the background a terminal is read no more: the desk is to see that, or it would wait
 * for input that is another's. */
static void on_went_on(void *ctx)
{
	reader_wake(((struct pipeline *)ctx)->reader);
}

static void take_snapshot(void *ctx, struct snapshot *snap)
{
	struct pipeline *p = ctx;

	stats_read(p->stats, snap);
	snap->depth = queue_depth(p->queue);
	snap->size = p->queue_size;
	snap->total = total_seen(reader_total(p->reader), &snap->estimated);
	if (snap->total)
		snap->total += (uint64_t)snap->count[STAT_UNBORN];
	snap->apart = p->section->command && p->options->pipe;
	snap->hold = HOLD_NONE;
	if (snap->count[STAT_RUNNING] >= (int64_t)snap->workers)
		return;
	snap->hold = staff_why(p->staff);
	if (!snap->hold)
		snap->hold = queue_why(p->queue, &snap->hold_for);
}

/* --- building ---------------------------------------------------------- */

/* Does anything that was asked for go by how long jobs take? */
static bool is_timed(const struct options *o)
{
	bool timed = o->summary || o->progress;

	for (size_t i = 0; i < o->nsections; i++)
		timed |= o->sections[i].timeout_percent > 0;
	return timed;
}

static void build_group(struct pipeline *p)
{
	const struct section *s = p->section->options;

	p->group = (struct group){ .number = 1, .name = p->section->name,
		.records = !p->section->command, .output = s->output, .retry = s->retry,
		.backoff = s->backoff, .timeout = s->timeout, .timeout_percent = s->timeout_percent,
		.breaker = s->breaker, .rate = s->rate, .overflow = s->overflow,
		.tickets = p->section->tickets, .stats = p->stats, .timed = is_timed(p->options) };
}

static struct action *build_transform(struct pipeline *p)
{
	const struct options *o = p->options;

	return transform_action_new(&(struct transform_rules){
		.transform = p->section->transform, .tag = p->section->tag,
		.ordered = o->ordered, .content = o->content, .max_item = o->max_item,
		.in_place = o->in_place, .cancelled = on_cancelled,
		.failed = on_output_failed, .ctx = p,
	});
}

static struct action *build_command(struct pipeline *p)
{
	const struct options *o = p->options;

	return command_new(&(struct command_rules){
		.template = p->section->command, .tag = p->section->tag, .program = p->section->program,
		.group = p->group.name, .run_id = p->plan->run_id, .discards = p->section->discards,
		.place = p->section->place, .term = p->section->options->term, .show = o->shown,
		.content = o->content, .dry_run = o->dry_run, .timeout = on_timeout,
		.no_room = on_no_room,
		.starting = on_starting, .ctx = p,
	});
}

static void build_workers(struct pipeline *p, unsigned jobs)
{
	const struct options *o = p->options;
	const struct section *s = p->section->options;

	p->group.action = p->section->command ? build_command(p) : build_transform(p);
	p->output = (struct output_rules){ .store = p->store,
		.captured = s->output != OUTPUT_UNGROUP, .by_line = s->output == OUTPUT_LINE,
		.tail = s->dead_letter,
		.keep = o->ordered || s->output == OUTPUT_LINE ? 0 : KEPT_BY_JOB,
		.part = on_part, .room = on_room, .failed = on_spool_failed, .ctx = p };
	p->worker = (struct worker_rules){ .queue = p->queue, .action = p->group.action,
		.output = &p->output, .life = &p->life, .home = on_home, .cannot = on_no_room, .ctx = p };
	child_descriptors(capacity_descriptors(o, s, jobs));
	p->crew = crew_new(&p->worker, jobs);
	p->staff = staff_new(o, s, jobs, p->crew, p->stats);
}

static void build_ends(struct pipeline *p, unsigned jobs)
{
	const struct options *o = p->options;
	const struct section *s = p->section->options;
	const struct template *t = p->section->command;
	uint64_t spool_cap = saturate_times(p->queue_bytes, SPOOL_TIMES);
	/* An attempt to come again, or one that others may overtake, could find every worker
	 * held up by a full spool: then that holds up births alone. */
	struct collector_rules collector = { .store = p->store, .ordered = o->ordered,
		.turn = record_turn(p->plan->record), .begin = record_offset(p->plan->record),
		.by_line = s->output == OUTPUT_LINE, .share = p->queue_bytes,
		.spool_cap = s->retry.attempts > 1 || p->group.scheduled
			|| s->output == OUTPUT_WHOLE ? UINT64_MAX : spool_cap,
		.render = s->output == OUTPUT_WHOLE ? on_render : NULL,
		.written = on_written, .parked = on_parked, .failed = on_write_failed, .ctx = p };

	for (int fd = STDOUT_FILENO; views_progress(p->views) && fd <= STDERR_FILENO; fd++)
		collector.lift[fd] = progress_shares_terminal(views_progress(p->views), fd);
	p->collector = collector_start(&collector);
	p->queue_size = capacity_queue(o, jobs);
	p->admission = admission_new(&(struct admission_rules){ .options = o, .stats = p->stats,
		.drops_oldest = s->overflow == OVERFLOW_DROP_OLD, .queue_size = p->queue_size,
		.transform = t ? p->section->transform : NULL, .columns = p->plan->columns,
		.unique = p->plan->unique });
	p->pack = (struct pack_rules){ .max_args = o->max_args, .as_many = o->as_many,
		.run_size = capacity_run_size(o), .separator = o->separator,
		.edit = admission_looks(p->admission) ? on_edit : NULL,
		.workers = on_workers, .ctx = p };
	if (t) {
		p->pack.limit[0] = (struct pack_limit){ capacity_arguments(t), on_weight };
		p->pack.limit[1] = (struct pack_limit){ capacity_script(t), on_script_weight };
	}
	p->pack.keep_raw = p->pack.edit && s->dead_letter;
	p->reader = reader_new(&(struct reader_rules){ .sources = p->plan->sources,
		.nsources = p->plan->nsources, .pack = &p->pack,
		.route = { .groups = &p->group, .ngroups = 1, .filters = p->plan->filters },
		.bound = { .groups = &p->group, .ngroups = 1, .queue_size = p->queue_size,
			.ready_only = !o->queue_size,
			.strict = p->plan->record || o->queue_size > 0 || (p->pack.run_size > 0 && !o->pipe),
			.queue_bytes = p->queue_bytes, .spool_cap = spool_cap, .store = p->store },
		.past = record_past(p->plan->record), .stats = p->stats,
		.watch_output = s->output == OUTPUT_UNGROUP && !signals_ignored(SIGPIPE),
		.output_gone = on_output_gone, .arrivals = p->group.timed ? on_arrivals : NULL,
		.birth = on_birth, .refused = on_refused, .oldest = on_oldest, .skip = on_skip,
		.overflowed = on_overflowed, .full = on_full, .stop = on_stop, .look = on_look,
		.over = on_over, .ctx = p });
}

/* The stations stand: what lies between them. */
static void build_life(struct pipeline *p)
{
	record_start(p->plan->record, p->stats, &(struct journal_rules){ .recorded = on_recorded,
		.failed = on_output_failed, .ctx = p });
	p->life = (struct life){ .collector = p->collector,
		.reader = p->reader, .journal = record_journal(p->plan->record), .store = p->store,
		.attempted = on_attempted,
		.final = p->options->halt.when == HALT_NEVER ? NULL : on_final, .ctx = p };
}

static void close_views(struct pipeline *p)
{
	struct snapshot snap;
	const char *failed;

	take_snapshot(p, &snap);
	failed = views_close(p->views, &snap, p->stats,
		p->options->quiet || atomic_load(&p->stop.pipe_broken));
	if (failed)
		stop_output_lost(&p->stop, failed, errno);
}

/* Take it all down in the order in which nobody calls who is gone. */
static void dismantle(struct pipeline *p, struct ending *end)
{
	/* It may still want to stop them. */
	record_finish(p->plan->record, p->options, p->stats, atomic_load(&p->stop.output_failed));
	running_close();
	queue_close(p->queue);
	crew_finish(p->crew);
	collector_finish(p->collector);
	close_views(p);
	end->input_failed = !reader_finish(p->reader);
	end->cannot = admission_close(p->admission);
	if (p->section->command)
		command_free(p->group.action);
	else
		transform_action_free(p->group.action);
	staff_free(p->staff);
	queue_free(p->queue);
	store_free(p->store);
	mem_keep_reserve(NULL, NULL); /* there is nobody else any more */
	supervisor_free(p->supervisor);
	running_reap_guardian();
}

struct ending pipeline_run(const struct plan *plan)
{
	struct pipeline p = { .plan = plan, .options = plan->options,
		.section = plan->sections };
	struct schedule_rules schedule;
	struct ending end = { 0 };
	unsigned jobs = plan->jobs;

	p.queue_bytes = capacity_bytes(p.options, jobs);
	p.stats = stats_new(is_timed(p.options), jobs);
	p.stop = (struct stop){ .options = p.options, .stats = p.stats, .no_births = no_births,
		.no_jobs = no_jobs, .total = known_total,
		.halted_by = on_halted, .ctx = &p };
	p.store = store_new(p.queue_bytes / 2);
	build_group(&p);
	p.group.scheduled = tickets_schedule(p.options, p.section->options, &schedule);
	p.queue = p.group.queue = queue_new(p.group.scheduled ? &schedule : NULL);
	p.views = views_open(p.plan, p.section, p.store);
	p.supervisor = supervisor_new(&(struct supervisor_rules){ .options = p.options,
		.term = p.section->options->term, .progress = views_progress(p.views),
		.over = is_over, .stop = on_stop_asked,
		.workers = change_workers, .went_on = on_went_on, .snapshot = take_snapshot, .ctx = &p });
	signals_pass(false);
	mem_keep_reserve(on_no_memory, &p);
	if (p.section->command && !running_open())
		msg_warn("cannot start the guardian: %s; if pq is killed its jobs go on",
			strerror(errno));
	build_workers(&p, jobs);
	build_ends(&p, jobs);
	build_life(&p);
	reader_start(p.reader);
	end.signal = supervisor_run(p.supervisor);
	signals_pass(true); /* all is settled; what is left to say may have to be waited for */
	dismantle(&p, &end);
	stats_check(p.stats);
	stop_tell(&p.stop, &end);
	end.output_failed |= !msg_heard();
	end.some_failed = stats_failed(p.stats);
	stats_free(p.stats);
	return end;
}
