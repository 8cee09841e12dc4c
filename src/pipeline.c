/* The pipeline: builds the stations and joins them.
 *
 * The journey of an item. The reader cuts a record from a source and gives birth:
 * each group that wants the item gets a delivery of it, which is pushed into the
 * queue of the group's pool, as long as fewer are alive than the bound allows. A
 * worker of that pool pops it, runs the group's action, and the attempt ends with
 * an outcome. The verdict on it is made right there (retry.h): to be tried
 * again, the delivery goes back into the queue before all others; done or
 * failed for good, it goes to the collector. The collector writes what the
 * attempt printed when its turn has come, and passes the delivery on to be
 * logged, put on record (journal.h), and settled: back to the reader, where the
 * item dies with its last delivery and makes room for the next birth. The states
 * on this way, and the steps between them, are life.h's.
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

#include "action/action.h"
#include "action/run/child.h"
#include "action/run/output.h"
#include "action/run/running.h"
#include "base/buf.h"
#include "base/chain_text.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/saturate.h"
#include "collector.h"
#include "desk/admission.h"
#include "desk/pack.h"
#include "events.h"
#include "group.h"
#include "groups.h"
#include "item.h"
#include "life.h"
#include "options/options.h"
#include "passages.h"
#include "plan/plan.h"
#include "policy/halt.h"
#include "policy/retry.h"
#include "queue/queue.h"
#include "reader.h"
#include "record/journal.h"
#include "record/record.h"
#include "base/signals.h"
#include "sink/outfile.h"
#include "stats.h"
#include "stop.h"
#include "supervisor.h"
#include "view/progress.h"
#include "views.h"
#include "workers/capacity.h"
#include "workers/pool.h"

enum {
	SPOOL_TIMES = 16,         /* so much of --queue-bytes the spool may hold before births stop */
	KEPT_BY_JOB = 1024 * 1024 /* what a job has printed before the collector is asked */
};

struct pipeline {
	const struct plan *plan;
	const struct options *options;
	struct stats *stats;         /* of all groups together */
	struct events *events;
	struct store *store;
	struct groups groups;
	struct life life;
	struct reader *reader;
	struct collector *collector;
	struct supervisor *supervisor;
	struct views *views;
	struct passages *passages;   /* or NULL */
	struct pack_rules pack;
	struct admission *admission;
	uint64_t queue_size, queue_bytes;
	struct stop stop;
	_Atomic bool unwell;         /* a worker that stays up has not ended well */
	_Atomic bool over;           /* the reader has come to its end */
};

/* --- ending early ------------------------------------------------------ */

static void no_births(void *ctx)
{
	struct pipeline *p = ctx;

	groups_dismiss(&p->groups);
	if (p->passages)
		passages_hurry(p->passages);
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

static void on_view_lost(void *ctx, const char *what, int error)
{
	stop_view_lost(&((struct pipeline *)ctx)->stop, what, error);
}

static void on_spool_failed(void *ctx)
{
	on_output_failed(ctx, "the spool file in TMPDIR", errno);
}

static void on_queue_failed(void *ctx)
{
	stop_queue_failed(&((struct pipeline *)ctx)->stop);
}

static bool on_unheard(void *ctx)
{
	return stop_is_unheard(&((struct pipeline *)ctx)->stop);
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

static void on_final(void *ctx, const struct delivery *d)
{
	stop_check_halt(&((struct pipeline *)ctx)->stop, d);
}

static void on_wake(void *ctx)
{
	reader_wake(((struct pipeline *)ctx)->reader);
}

static size_t on_note(void *ctx, const char *text, size_t len)
{
	return collector_note(((struct pipeline *)ctx)->collector, text, len);
}

static void on_unwell(void *ctx)
{
	atomic_store(&((struct pipeline *)ctx)->unwell, true);
}

static bool on_held(void *ctx)
{
	return reader_held(((struct pipeline *)ctx)->reader);
}

static bool on_ended(void *ctx)
{
	return reader_ended(((struct pipeline *)ctx)->reader);
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

	buf_addf(&line, "%s\n", d->result.command);
	collector_note(p->collector, line.data, line.len);
	buf_free(&line);
}

/* --- from the collector back to the desk ------------------------------- */

static void on_written(void *ctx, struct delivery *list, bool lost)
{
	struct pipeline *p = ctx;

	for (struct delivery *d = list; d; d = d->next) {
		if (!lost)
			events_tell(p->events, EVENT_SETTLED, d);
		if (d->verdict == VERDICT_REJECT) /* others have none any more */
			result_forget_tails(&d->result, p->store);
	}
	events_tell(p->events, EVENT_FLUSHED, NULL);
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

	return views_render(p->views, d, &out);
}

static void on_print(void *ctx, struct chain *text, bool wait)
{
	collector_print(((struct pipeline *)ctx)->collector, text, wait);
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
		admission_depth(p->admission);
	pool_fill(d->group->pool);
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

static void on_overflowed(void *ctx, const struct delivery *d)
{
	struct pipeline *p = ctx;

	admission_failed(p->admission, d);
	stop_births(&p->stop);
}

static void on_stop(void *ctx)
{
	groups_release_all(&((struct pipeline *)ctx)->groups);
}

static int64_t on_look(void *ctx)
{
	struct pipeline *p = ctx;
	/* Nobody wakes the desk when what waits holds up the rest (on_full). */
	bool watches = p->groups.scheduled && p->options->queue_size;
	int64_t patience = groups_look(&p->groups);

	admission_depth(p->admission);
	return watches && patience > CLOCK_SECOND ? CLOCK_SECOND : patience;
}

static size_t on_run(void *ctx)
{
	struct action *a = ((struct pipeline *)ctx)->groups.list[0].action;

	return a->pace(a);
}

static unsigned on_workers(void *ctx)
{
	return groups_most_workers(&((struct pipeline *)ctx)->groups);
}

static void on_crew(void *ctx, uint64_t *places, uint64_t *idle)
{
	groups_crew(&((struct pipeline *)ctx)->groups, places, idle);
}

static void on_full(void *ctx, bool bytes)
{
	struct pipeline *p = ctx;

	admission_full(p->admission, bytes, p->queue_bytes);
	for (unsigned i = 0; !bytes && i < p->groups.count; i++) {
		const struct group *g = &p->groups.list[i];
		struct stats *crew = p->groups.npools > 1 ? g->stats : p->stats;

		admission_waits(p->admission, g, (uint64_t)stats_get(crew, STAT_RUNNING),
			pool_most(g->pool));
	}
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
	return groups_growth(&((struct pipeline *)ctx)->groups, len);
}

static size_t on_script_weight(void *ctx, size_t len)
{
	return groups_script_growth(&((struct pipeline *)ctx)->groups, len);
}

static bool on_edit(void *ctx, struct draft *d, uint32_t from)
{
	return admission_record(((struct pipeline *)ctx)->admission, d, from);
}

/* --- what the supervisor asks for -------------------------------------- */

static bool is_over(void *ctx)
{
	return atomic_load(&((struct pipeline *)ctx)->over);
}

static void change_workers(void *ctx, int more)
{
	struct pipeline *p = ctx;

	if (!atomic_load(&p->stop.asked) && groups_change(&p->groups, more))
		reader_wake(p->reader);
}

static void take_snapshot(void *ctx, struct snapshot *snap)
{
	struct pipeline *p = ctx;

	stats_read(p->stats, snap);
	snap->stopping = atomic_load(&p->stop.asked);
	snap->total = total_seen(reader_total(p->reader), &snap->estimated);
	if (snap->total)
		snap->total += (uint64_t)snap->count[STAT_UNBORN];
	snap->leased = source_backlog(p->plan->sources, p->plan->nsources, &snap->backlog);
	snap->bytes = source_bytes(p->plan->sources, p->plan->nsources, &snap->bytes_total);
	snap->by_bytes = p->options->pipe || !p->groups.runs_commands;
	snap->apart = p->options->pipe && p->pack.run_size > 0;
	groups_snapshot(&p->groups, snap, p->queue_size);
}

static void on_sample(void *ctx)
{
	struct pipeline *p = ctx;
	struct snapshot snap;

	take_snapshot(p, &snap);
	events_sample(p->events, &snap);
}

/* --- building ---------------------------------------------------------- */

static void build_groups(struct pipeline *p)
{
	groups_init(&p->groups, &(struct groups_rules){ .plan = p->plan, .stats = p->stats,
		.timed = options_timed(p->options), .life = &p->life,
		.capture = { .store = p->store, .keep = p->options->ordered ? 0 : KEPT_BY_JOB,
			.watcher = views_watcher(p->views), .part = on_part, .room = on_room,
			.failed = on_spool_failed, .ctx = p },
		.starting = p->options->verbose ? on_starting : NULL, .cancelled = on_cancelled,
		.failed = on_output_failed, .note = on_note, .unwell = on_unwell, .cannot = on_no_room,
		.wake = on_wake, .held = on_held, .ended = on_ended, .ctx = p });
}

static void build_collector(struct pipeline *p, uint64_t spool_cap)
{
	const struct groups *g = &p->groups;
	/* An attempt to come again, or one that others may overtake, could find every worker
	 * held up by a full spool: then that holds up births alone. */
	struct collector_rules rules = { .store = p->store, .ordered = p->options->ordered,
		.turn = record_turn(p->plan->record), .begin = record_offset(p->plan->record),
		.share = p->queue_bytes,
		.spool_cap = g->retried || g->scheduled || g->whole || p->options->shared
			|| (p->plan->order && !p->plan->reads_all) ? UINT64_MAX : spool_cap,
		.keeps = p->options->to != NULL, .singly = p->options->joblog_shown,
		.render = g->whole && !p->options->to ? on_render : NULL,
		.written = on_written, .parked = on_parked, .failed = on_write_failed, .ctx = p };

	for (int fd = STDOUT_FILENO; views_progress(p->views) && fd <= STDERR_FILENO; fd++)
		rules.lift[fd] = progress_shares_terminal(views_progress(p->views), fd);
	p->collector = collector_start(&rules);
}

/* The records of an item: what keeps as many as there can be within a command. */
static void build_pack(struct pipeline *p)
{
	const struct options *o = p->options;

	p->pack = (struct pack_rules){ .max_args = o->spread ? 0 : o->max_args, .as_many = o->as_many,
		.fills = o->fills, .measure = p->groups.measure,
		.run_size = capacity_run_size(o), .separator = o->separator,
		.edit = admission_looks(p->admission) ? on_edit : NULL,
		.run_now = capacity_feeds_runs(o) ? on_run : NULL,
		.workers = on_workers, .ctx = p };
	p->pack.limit[0] = (struct pack_limit){ groups_room(&p->groups), on_weight };
	p->pack.limit[1] = (struct pack_limit){ groups_script_room(&p->groups), on_script_weight };
	p->pack.keep_raw = p->pack.edit && (p->groups.sets_aside || options_moves(o)
		|| o->shard.hash);
}

static void build_desk(struct pipeline *p, uint64_t spool_cap)
{
	const struct options *o = p->options;
	const struct plan_section *alone = p->groups.count == 1 ? p->plan->sections : NULL;
	const struct groups *g = &p->groups;

	p->queue_size = capacity_queue(o, p->plan->jobs);
	p->admission = admission_new(&(struct admission_rules){ .options = o, .stats = p->stats,
		.groups = g->list, .ngroups = g->count, .queue_size = p->queue_size,
		.transform = alone && alone->command ? alone->transform : NULL,
		.columns = p->plan->columns, .unique = p->plan->unique });
	build_pack(p);
	p->reader = reader_new(&(struct reader_rules){ .sources = p->plan->sources,
		.nsources = p->plan->nsources, .pack = &p->pack,
		.route = { .groups = g->list, .ngroups = g->count,
			.first = o->deliver == DELIVER_FIRST,
			.filters = p->plan->filters },
		.bound = { .groups = g->list, .ngroups = g->count, .queue_size = p->queue_size,
			.ready_only = !o->queue_size,
			.strict = p->plan->record || o->queue_size > 0 || (p->pack.run_size > 0 && !o->pipe),
			.queue_bytes = p->queue_bytes, .spool_cap = spool_cap, .store = p->store },
		.shard = o->shard.count ? &o->shard : NULL, .order = p->plan->order,
		.jobs = p->plan->reads_all ? &p->plan->run->total : NULL, .told = o->total_jobs,
		.past = record_past(p->plan->record), .stats = p->stats, .events = p->events,
		.watch_output = g->ungrouped && !signals_ignored(SIGPIPE),
		.output_gone = on_output_gone, .crew = on_crew,
		.arrivals = options_timed(o) ? on_arrivals : NULL,
		.birth = on_birth, .refused = on_refused, .oldest = on_oldest, .skip = on_skip,
		.overflowed = on_overflowed, .full = on_full, .stop = on_stop, .look = on_look,
		.over = on_over, .ctx = p });
}

/* The stations stand: what lies between them. */
static void build_life(struct pipeline *p)
{
	record_start(p->plan->record, p->stats, &(struct journal_rules){ .recorded = on_recorded,
		.failed = on_output_failed, .ctx = p });
	if (p->passages)
		passages_start(p->passages, &(struct passages_rules){ .plan = p->plan,
			.store = p->store, .journal = record_journal(p->plan->record),
			.passed = on_recorded, .failed = on_queue_failed, .ctx = p });
	p->life = (struct life){ .collector = p->collector, .pass = p->passages ? passages_put : NULL,
		.passages = p->passages,
		.reader = p->reader, .journal = record_journal(p->plan->record), .store = p->store,
		.events = p->events, .reread = p->groups.reread ? groups_reread : NULL,
		.groups = &p->groups,
		.final = p->options->halt.when == HALT_NEVER ? NULL : on_final, .ctx = p };
}

static void close_views(struct pipeline *p)
{
	struct snapshot snap;
	const char *failed;

	take_snapshot(p, &snap);
	failed = views_close(p->views, &(struct views_end){ .snap = &snap, .stats = p->stats,
		.groups = p->groups.list,
		.quiet = p->options->quiet || atomic_load(&p->stop.pipe_broken) });
	if (failed)
		stop_output_lost(&p->stop, failed, errno);
}

/* Take it all down in the order in which nobody calls who is gone. */
static void dismantle(struct pipeline *p, struct ending *end)
{
	struct sources_end sources;

	/* They may still want to stop them. */
	if (p->passages)
		end->some_failed |= passages_finish(p->passages);
	record_finish(p->plan->record, p->options, p->stats, atomic_load(&p->stop.output_failed));
	groups_close(&p->groups);
	groups_finish(&p->groups); /* those that stay up have had jobs until now */
	running_close();
	collector_finish(p->collector);
	close_views(p);
	reader_finish(p->reader, &sources);
	end->input_failed = sources.failed;
	end->queue_failed = sources.broken;
	end->some_failed |= sources.fenced;
	end->cannot = admission_close(p->admission);
	groups_free(&p->groups);
	store_free(p->store);
	mem_keep_reserve(NULL, NULL); /* there is nobody else any more */
	supervisor_free(p->supervisor);
	running_reap_guardian();
}

struct ending pipeline_run(const struct plan *plan)
{
	struct pipeline p = { .plan = plan, .options = plan->options };
	struct ending end = { 0 };
	uint64_t spool_cap;

	p.queue_bytes = capacity_bytes(p.options, plan->jobs);
	spool_cap = saturate_times(p.queue_bytes, SPOOL_TIMES);
	p.stats = stats_new(options_timed(p.options), plan->jobs);
	p.events = events_new();
	p.stop = (struct stop){ .options = p.options, .stats = p.stats, .no_births = no_births,
		.no_jobs = no_jobs, .total = known_total,
		.events = p.events, .ctx = &p };
	p.store = store_new(p.queue_bytes / 2);
	p.views = views_open(&(struct views_rules){ .plan = p.plan, .store = p.store,
		.events = p.events, .failed = on_output_failed, .lost = on_view_lost,
		.unheard = on_unheard, .print = on_print, .ctx = &p });
	p.passages = passages_new(p.plan);
	p.supervisor = supervisor_new(&(struct supervisor_rules){ .options = p.options,
		.term = plan->sections->options->term, .events = p.events,
		.over = is_over, .stop = on_stop_asked,
		.workers = change_workers, .went_on = on_wake, .sample = on_sample, .ctx = &p });
	signals_pass(false);
	mem_keep_reserve(on_no_memory, &p);
	build_groups(&p);
	groups_start(&p.groups);
	build_collector(&p, spool_cap);
	build_desk(&p, spool_cap);
	build_life(&p);
	reader_start(p.reader);
	end.signal = supervisor_run(p.supervisor);
	signals_pass(true); /* all is settled; what is left to say may have to be waited for */
	dismantle(&p, &end);
	stats_check(p.stats);
	stop_tell(&p.stop, &end);
	end.output_failed |= !msg_heard();
	end.failed = (uint64_t)stats_get(p.stats, STAT_FAILED);
	end.some_failed |= stats_failed(p.stats) || atomic_load(&p.unwell);
	stats_free(p.stats);
	events_free(p.events);
	return end;
}
