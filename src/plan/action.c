/* The action of a section. See action.h. */
#include "plan/action.h"

#include <unistd.h>

#include "action/pass.h"
#include "action/run/command.h"
#include "action/run/persistent.h"
#include "action/transform/runner.h"
#include "base/color.h"
#include "base/mem.h"
#include "options/options.h"
#include "plan/plan.h"
#include "source/parts.h"
#include "source/spread.h"
#include "workers/capacity.h"

bool plan_colors(const struct options *o, int stream)
{
	if (stream == STREAM_ERR)
		return color_shown(o->color, STDERR_FILENO);
	return !o->to && color_shown(o->color, o->outfile ? -1 : STDOUT_FILENO);
}

static struct action *action_transform(const struct plan *plan, const struct plan_section *s,
	const struct action_calls *c)
{
	const struct options *o = plan->options;

	return transform_action_new(&(struct transform_rules){
		.transform = s->transform, .tag = s->tag, .color = plan_colors(o, STREAM_OUT),
		.ordered = o->ordered,
		.content = o->content, .max_item = o->max_item, .in_place = o->in_place,
		.diff = o->dry_run,
		.cancelled = c->cancelled, .failed = c->failed, .ctx = c->ctx,
	});
}

static struct action *action_command(const struct plan *plan, const struct plan_section *s,
	const struct action_calls *c)
{
	const struct options *o = plan->options;

	return command_new(&(struct command_rules){
		.template = s->command, .tag = o->files ? NULL : s->tag, .program = s->program,
		.group = s->name, .run_id = plan->run_id, .discards = s->discards, .place = s->place,
		.copies = plan->copies, .ncopies = plan->ncopies, .cleans = o->cleans,
		.term = s->options->term,
		.show = o->shown || o->asks || (o->max_chars && o->chars_shown),
		.content = o->content, .max_chars = mem_size(o->max_chars), .max_shown = o->chars_shown,
		.exits = o->exits, .lends_stdin = o->stdin_lent, .foreground = o->tty,
		.announces = o->announces, .dry_run = o->dry_run,
		.quotings = o->quotings, .asks = o->asks, .in_vain = c->cancelled,
		.timeout = c->timeout, .no_room = c->no_room, .starting = c->starting, .ctx = c->ctx,
		.named = o->named,
		.join = plan->spread ? spread_join : plan->parts ? parts_join : NULL,
		.leave = plan->spread ? spread_leave : plan->parts ? parts_leave : NULL,
		.stream = plan->spread ? (void *)plan->spread : plan->parts,
	});
}

static struct action *action_persistent(const struct plan *plan, const struct plan_section *s,
	const struct action_calls *c)
{
	const struct options *o = plan->options;
	const struct section *of = s->options;

	return persistent_new(&(struct persistent_rules){
		.template = s->command, .tag = o->files ? NULL : s->tag, .place = s->place,
		.feed = { of->answers, s->item, s->tickets.key, plan->run_id },
		.answer = { of->answers, of->until, o->max_item },
		.runs = capacity_feeds_runs(o), .ready = of->ready,
		.recycle_items = of->recycle_items, .recycle_memory = of->recycle_memory,
		.prefetch = of->prefetch, .poison = of->retry.poison, .backoff = of->backoff,
		.group = s->name, .section = plan->nsections > 1 ? s->name : NULL,
		.program = s->program, .term = of->term,
		.show = o->shown, .dry_run = o->dry_run, .timeout = c->timeout,
		.no_room = c->no_room, .starting = c->starting, .note = c->note,
		.unwell = c->unwell, .ctx = c->ctx,
	});
}

struct action *plan_action(const struct plan *plan, const struct plan_section *s,
	const struct action_calls *calls)
{
	if (s->options->moves)
		return pass_new();
	if (!s->command)
		return action_transform(plan, s, calls);
	if (s->options->persistent && !s->discards)
		return action_persistent(plan, s, calls);
	return action_command(plan, s, calls);
}
