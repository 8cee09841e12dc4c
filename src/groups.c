/* The groups of a run, and the pools that serve them. See groups.h. */
#include "groups.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "action/action.h"
#include "action/run/running.h"
#include "action/template/template.h"
#include "base/mem.h"
#include "base/msg.h"
#include "desk/measure.h"
#include "life.h"
#include "options/options.h"
#include "plan/action.h"
#include "plan/plan.h"
#include "queue/queue.h"
#include "queue/schedule.h"
#include "source/parts.h"
#include "source/spread.h"
#include "stats.h"
#include "views.h"
#include "workers/capacity.h"
#include "workers/jobserver.h"
#include "workers/pool.h"

/* --- building ---------------------------------------------------------- */

static int64_t groups_on_timeout(const void *group)
{
	const struct group *g = group;

	return stats_timeout(g->stats, g->timeout, g->timeout_percent);
}

static void groups_note(struct groups *g, unsigned i)
{
	const struct group *group = &g->list[i];
	const struct section *s = g->rules.plan->sections[i].options;

	g->runs_commands |= g->rules.plan->sections[i].command != NULL;
	g->scheduled |= group->scheduled;
	g->retried |= group->retry.attempts > 1;
	g->ungrouped |= group->output == OUTPUT_UNGROUP;
	g->whole |= group->output == OUTPUT_WHOLE;
	g->sets_aside |= s->dead_letter || s->dead_queue;
	g->reread |= s->jobs.kind == JOBS_FILE;
}

static bool groups_skips(const struct groups *g, const struct plan_section *section)
{
	return section->command && !g->rules.plan->options->skipped_shown
		&& template_asks(section->command) & STEPS_SKIPS;
}

static void groups_make(struct groups *g, unsigned i)
{
	const struct plan_section *section = &g->rules.plan->sections[i];
	const struct section *s = section->options;
	struct group *group = &g->list[i];
	struct output_rules *capture = &g->capture[i];

	*capture = g->rules.capture;
	capture->captured = s->output != OUTPUT_UNGROUP;
	capture->by_line = s->output == OUTPUT_LINE;
	for (int stream = 0; stream < STREAMS; stream++)
		capture->tail[stream] = views_tail(g->rules.plan->options, s, stream);
	if (capture->by_line)
		capture->keep = 0;
	for (int stream = 0; stream < STREAMS; stream++)
		capture->color[stream] = plan_colors(g->rules.plan->options, stream);
	*group = (struct group){ .number = i + 1, .name = section->name, .named = s->name,
		.among = g->count > 1 ? section->name : NULL,
		.in_turn = s->persistent && s->answers == ANSWER_LINES,
		.records = !section->command || capacity_feeds_runs(g->rules.plan->options),
		.output = s->output, .retry = s->retry, .backoff = s->backoff, .timeout = s->timeout,
		.timeout_percent = s->timeout_percent, .breaker = s->breaker, .rate = s->rate,
		.skips = groups_skips(g, section) ? section->command : NULL,
		.overflow = s->overflow, .capture = capture, .tickets = section->tickets,
		.timed = g->rules.timed };
	group->stats = g->count == 1 ? g->rules.stats
		: stats_part(g->rules.stats, g->npools > 1 ? section->jobs : 0);
	group->action = plan_action(g->rules.plan, section, &(struct action_calls){
		.timeout = { s->timeout, s->timeout_percent > 0 ? groups_on_timeout : NULL, group },
		.no_room = g->rules.cannot,
		.starting = g->rules.starting, .note = g->rules.note, .unwell = g->rules.unwell,
		.cancelled = g->rules.cancelled, .failed = g->rules.failed, .ctx = g->rules.ctx });
}

/* Groups from this one on have a pool together, in lanes side by side; their actions go by
 * the first one's -j. */
static void groups_serve(struct groups *g, unsigned pool, unsigned first, unsigned count)
{
	const struct plan_section *sections = &g->rules.plan->sections[first];
	const struct options *o = g->rules.plan->options;
	struct group *groups = &g->list[first];
	struct schedule_rules *schedules = mem_zero(count * sizeof *schedules);
	struct lane_rules *lanes = mem_zero(count * sizeof *lanes);
	unsigned entries = RUNNING_SLOTS / g->npools;
	bool retried = true;
	struct queue *queue;

	for (unsigned i = 0; i < count; i++) {
		retried = retried && groups[i].retry.attempts > 1;
		groups[i].scheduled = tickets_schedule(o, sections[i].options, &schedules[i]);
		lanes[i] = (struct lane_rules){ groups[i].scheduled ? &schedules[i] : NULL,
			sections[i].options->weight };
	}
	queue = queue_new(lanes, count);
	g->pools[pool] = pool_new(&(struct pool_rules){ .options = o, .section = sections->options,
		.queue = queue, .permits = jobserver_permits(g->rules.plan->jobserver),
		.groups = groups, .ngroups = count, .jobs = sections->jobs,
		.entry = pool * entries, .entries = entries, .retried = retried,
		.stats = count > 1 ? g->rules.stats : groups->stats, .life = g->rules.life,
		.held = g->rules.held, .ended = g->rules.ended, .wake = g->rules.wake,
		.cannot = g->rules.cannot, .ctx = g->rules.ctx });
	for (unsigned i = 0; i < count; i++) {
		groups[i].queue = queue;
		groups[i].lane = i;
		groups[i].pool = g->pools[pool];
	}
	free(lanes);
	free(schedules);
}

/* Where records make a command together and -s says how long that may be. */
static struct measure *groups_measure(const struct groups *g)
{
	const struct plan *plan = g->rules.plan;
	const struct options *o = plan->options;
	const struct template **commands;
	struct measure *m;

	if (!o->max_chars || (!o->as_many && (o->max_args < 2 || o->all_or_none)))
		return NULL;
	commands = mem_zero(g->count * sizeof *commands);
	for (unsigned i = 0; i < g->count; i++)
		commands[i] = plan->sections[i].command;
	m = measure_new(&(struct measure_rules){ .commands = commands, .count = g->count,
		.most = mem_size(o->max_chars), .shown = o->chars_shown, .slot = plan->jobs });
	free(commands);
	return m;
}

void groups_init(struct groups *g, const struct groups_rules *rules)
{
	*g = (struct groups){ .rules = *rules };
	g->count = (unsigned)rules->plan->nsections;
	g->npools = rules->plan->options->shared ? 1 : g->count;
	g->list = mem_zero(g->count * sizeof *g->list);
	g->capture = mem_zero(g->count * sizeof *g->capture);
	g->pools = mem_zero(g->npools * sizeof *g->pools);
	jobserver_open(rules->plan->jobserver, rules->plan->jobs);
	g->snapshots = mem_zero(g->count * sizeof *g->snapshots);
	for (unsigned i = 0; i < g->count; i++)
		groups_make(g, i);
	for (unsigned i = 0; i < g->npools; i++)
		groups_serve(g, i, i, g->count - g->npools + 1);
	for (unsigned i = 0; i < g->count; i++)
		groups_note(g, i);
	g->measure = groups_measure(g);
}

void groups_free(struct groups *g)
{
	jobserver_free(g->rules.plan->jobserver);
	for (unsigned i = 0; i < g->npools; i++)
		pool_free(g->pools[i]);
	for (unsigned i = 0; i < g->count; i++) {
		struct group *group = &g->list[i];

		group->action->free(group->action);
		if (group->stats == g->rules.stats)
			continue;
		stats_check(group->stats);
		stats_free(group->stats);
	}
	measure_free(g->measure);
	free(g->pools);
	free(g->snapshots);
	free(g->capture);
	free(g->list);
}

/* --- all pools --------------------------------------------------------- */

void groups_dismiss(struct groups *g)
{
	atomic_store(&g->dismissed, true);
	for (unsigned i = 0; i < g->npools; i++)
		pool_dismiss(g->pools[i]);
	running_end_births(); /* nor does who has just been given an item begin with it */
	if (g->rules.plan->spread)
		spread_stop(g->rules.plan->spread);
	if (g->rules.plan->parts)
		parts_stop(g->rules.plan->parts);
}

void groups_release_all(struct groups *g)
{
	for (unsigned i = 0; i < g->npools; i++)
		life_release_all(g->rules.life, pool_queue(g->pools[i]));
}

void groups_close(struct groups *g)
{
	for (unsigned i = 0; i < g->npools; i++)
		pool_close(g->pools[i]);
}

void groups_finish(struct groups *g)
{
	for (unsigned i = 0; i < g->npools; i++)
		pool_finish(g->pools[i]);
	jobserver_end(g->rules.plan->jobserver);
}

static void groups_on_permitted(void *ctx)
{
	struct groups *g = ctx;

	for (unsigned i = 0; i < g->npools; i++)
		queue_permitted(pool_queue(g->pools[i]));
}

void groups_start(struct groups *g)
{
	struct jobserver *j = g->rules.plan->jobserver;
	const struct running_besides *besides = g->rules.plan->besides
		? g->rules.plan->besides : jobserver_besides(j);
	bool needed = g->runs_commands || besides, guarded = needed && running_open(besides);

	if (needed && !guarded)
		msg_warn("cannot start the guardian: %s; if pq is killed its jobs go on",
			strerror(errno));
	jobserver_start(j, guarded, groups_on_permitted, g);
}

int64_t groups_look(struct groups *g)
{
	int64_t least = INT64_MAX;

	for (unsigned i = 0; i < g->npools; i++) {
		int64_t patience = pool_look(g->pools[i]);

		least = patience < least ? patience : least;
	}
	return least;
}

bool groups_change(struct groups *g, int more)
{
	bool changed = false;

	for (unsigned i = 0; i < g->npools; i++)
		changed |= pool_change(g->pools[i], more);
	return changed;
}

void groups_reread(void *groups)
{
	struct groups *g = groups;
	bool changed = false;

	for (unsigned i = 0; i < g->npools && !atomic_load(&g->dismissed); i++)
		changed |= pool_reread(g->pools[i]);
	if (changed)
		g->rules.wake(g->rules.ctx);
}

unsigned groups_most_workers(struct groups *g)
{
	unsigned most = 0;

	for (unsigned i = 0; i < g->npools; i++) {
		unsigned workers = pool_most(g->pools[i]);

		most = workers > most ? workers : most;
	}
	return most;
}

/* What waits in all queues. */
static uint64_t groups_depth(struct groups *g)
{
	uint64_t depth = 0;

	for (unsigned i = 0; i < g->npools; i++)
		depth += queue_depth(pool_queue(g->pools[i]));
	return depth;
}

void groups_crew(struct groups *g, uint64_t *places, uint64_t *idle)
{
	int64_t busy = stats_get(g->rules.stats, STAT_RUNNING) + (int64_t)groups_depth(g);

	*places = 0;
	for (unsigned i = 0; i < g->npools; i++)
		*places += pool_places(g->pools[i]);
	for (unsigned i = 0; i < g->count; i++)
		busy -= (int64_t)queue_load(g->list[i].queue, g->list[i].lane).waiting;
	if (busy < 0)
		busy = 0;
	*idle = (uint64_t)busy < *places ? *places - (uint64_t)busy : 0;
}

/* All that there will be, as far as it is known: of what is left to be read it gets the same
 * share as of what has been read. */
static uint64_t groups_total(const struct snapshot *s, const struct snapshot *all)
{
	double backlog = (double)all->total - (double)all->count[STAT_BORN]
		- (double)all->count[STAT_UNBORN];
	double share = all->count[STAT_BORN] > 0
		? (double)s->count[STAT_BORN] / (double)all->count[STAT_BORN] : 0;

	if (!all->total)
		return 0;
	return (uint64_t)(s->count[STAT_BORN] + s->count[STAT_UNBORN])
		+ (backlog > 0 ? (uint64_t)(backlog * share + 0.5) : 0);
}

/* So many of those under way wait at their workers, behind others. */
static int64_t groups_behind(const struct group *group, const struct snapshot *s)
{
	int64_t behind = s->count[STAT_RUNNING] - s->serving;

	return group->in_turn && group->timed && behind > 0 ? behind : 0;
}

/* Returns how many of it wait at their workers, which counts as waiting. */
static int64_t groups_snapshot_one(struct groups *g, unsigned i, const struct snapshot *all,
	uint64_t size, struct snapshot *to)
{
	const struct group *group = &g->list[i];
	int64_t waiting, behind;

	*to = (struct snapshot){ .name = group->name, .named = group->named,
		.size = g->npools > 1 ? size : 0, .stopping = all->stopping,
		.drops = group->overflow != OVERFLOW_BLOCK };
	stats_read(group->stats, to);
	behind = groups_behind(group, to);
	to->count[STAT_RUNNING] -= behind;
	to->interval = group->tickets.rate_key ? 0 : group->rate.interval;
	waiting = to->count[STAT_BORN] - to->count[STAT_OVER] - to->count[STAT_RELEASED]
		- to->count[STAT_RUNNING];
	to->depth = waiting > 0 ? (uint64_t)waiting : 0;
	to->total = groups_total(to, all);
	to->estimated = all->estimated
		|| to->count[STAT_BORN] * g->count != all->count[STAT_BORN];
	if (g->npools > 1 && to->count[STAT_RUNNING] < (int64_t)to->workers)
		to->hold = pool_why(group->pool, &to->hold_for);
	return behind;
}

/* Of the pools the first that knows. */
static enum hold groups_why(struct groups *g, int64_t *left)
{
	enum hold why = HOLD_NONE;

	for (unsigned i = 0; i < g->npools && !why; i++)
		why = pool_why(g->pools[i], left);
	return why;
}

void groups_snapshot(struct groups *g, struct snapshot *all, uint64_t size)
{
	int64_t behind = 0;

	all->size = size * g->count;
	all->ngroups = g->count > 1 ? g->count : 0;
	all->groups = g->snapshots;
	for (unsigned i = 0; i < all->ngroups; i++)
		behind += groups_snapshot_one(g, i, all, size, &g->snapshots[i]);
	if (!all->ngroups)
		behind = groups_behind(g->list, all);
	all->count[STAT_RUNNING] -= behind;
	all->depth = groups_depth(g) + (uint64_t)behind;
	all->hold = HOLD_NONE;
	if (all->count[STAT_RUNNING] < (int64_t)all->workers)
		all->hold = groups_why(g, &all->hold_for);
	all->interval = g->count > 1 || g->list->tickets.rate_key ? 0 : g->list->rate.interval;
}

/* --- all commands ------------------------------------------------------ */

/* The most that any command says of so many bytes. */
static size_t groups_most(const struct groups *g,
	size_t (*growth)(const struct template *t, size_t len), size_t len)
{
	size_t most = 0;

	for (unsigned i = 0; i < g->count; i++) {
		const struct template *t = g->rules.plan->sections[i].command;
		size_t here = t ? growth(t, len) : 0;

		most = here > most ? here : most;
	}
	return most;
}

/* The least that any command has. */
static size_t groups_least(const struct groups *g, size_t (*room)(const struct template *t))
{
	size_t least = SIZE_MAX;

	for (unsigned i = 0; i < g->count; i++) {
		const struct template *t = g->rules.plan->sections[i].command;
		size_t here = t ? room(t) : SIZE_MAX;

		least = here < least ? here : least;
	}
	return least;
}

size_t groups_growth(const struct groups *g, size_t len)
{
	return groups_most(g, template_growth, len);
}

size_t groups_script_growth(const struct groups *g, size_t len)
{
	return groups_most(g, template_script_growth, len);
}

size_t groups_room(const struct groups *g)
{
	return groups_least(g, capacity_arguments);
}

size_t groups_script_room(const struct groups *g)
{
	return groups_least(g, capacity_script);
}
