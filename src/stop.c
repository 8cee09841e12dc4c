/* The stop: why a run ends early. See stop.h. */
#include "stop.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "events.h"
#include "item.h"
#include "options/options.h"
#include "policy/halt.h"
#include "base/signals.h"
#include "stats.h"

void stop_births(struct stop *s)
{
	if (!atomic_exchange(&s->asked, true))
		events_tell(s->events, EVENT_STOPPED, NULL);
	s->no_births(s->ctx);
}

void stop_now(struct stop *s)
{
	stop_births(s);
	s->no_jobs(s->ctx);
}

void stop_cannot(struct stop *s)
{
	atomic_store(&s->cannot, true);
	stop_births(s);
}

void stop_no_memory(struct stop *s, size_t size)
{
	atomic_store(&s->refused, size);
	atomic_store(&s->cannot, true);
}

/* Where nobody reads standard output any more, the run ends without a word. */
static bool stop_is_left(struct stop *s, int error)
{
	if (error != EPIPE || signals_ignored(SIGPIPE))
		return false;
	atomic_store(&s->pipe_broken, true);
	stop_now(s);
	return true;
}

void stop_output_failed(struct stop *s, const char *what, int error)
{
	if (s->options->joblog_shown && what == s->options->joblog && stop_is_left(s, error))
		return;
	if (!atomic_exchange(&s->output_failed, true))
		msg_warn("cannot write to %s: %s; stopping", what, strerror(error));
	stop_now(s);
}

void stop_queue_failed(struct stop *s)
{
	atomic_store(&s->output_failed, true);
	stop_now(s);
}

void stop_output_lost(struct stop *s, const char *what, int error)
{
	if (!atomic_exchange(&s->output_failed, true))
		msg_warn("cannot write to %s: %s", what, strerror(error));
}

void stop_view_lost(struct stop *s, const char *what, int error)
{
	atomic_store(&s->view_lost, true);
	msg_warn("cannot write to %s: %s; no job is stopped for that", what, strerror(error));
}

void stop_write_failed(struct stop *s, int fd, int error)
{
	if (!stop_is_left(s, error)) {
		stop_output_failed(s, fd == STDERR_FILENO ? "standard error"
			: s->options->outfile ? s->options->outfile : "standard output", error);
	}
}

bool stop_is_unheard(const struct stop *s)
{
	return atomic_load(&s->pipe_broken) || atomic_load(&s->output_failed);
}

/* This delivery has reached it. */
static struct reached stop_reached(const struct halt_rule *rule, const struct delivery *d,
	uint64_t failed, uint64_t total)
{
	const struct outcome *o = &d->result.outcome;

	return (struct reached){ failed, total, halt_is_one(rule, total), rule->percent,
		d->verdict == VERDICT_REJECT ? outcome_status(o) : 0, o->how == OUTCOME_TIMEOUT };
}

static void stop_note_halt(struct stop *s, const struct delivery *d, struct reached reached)
{
	const struct halt_rule *rule = &s->options->halt;

	events_tell(s->events, EVENT_HALTED, d);
	s->reached = reached;
	if (rule->why == HALT_FAIL && !rule->percent && reached.one)
		atomic_store(&s->halt_status, reached.status);
}

void stop_check_halt(struct stop *s, const struct delivery *d)
{
	const struct halt_rule *rule = &s->options->halt;
	uint64_t failed = (uint64_t)stats_get(s->stats, STAT_FAILED);
	uint64_t succeeded = (uint64_t)stats_get(s->stats, STAT_SUCCEEDED);
	uint64_t total = s->total(s->ctx);

	if (!halt_reached(rule, failed, succeeded, total))
		return;
	if (!atomic_exchange(&s->halted, true))
		stop_note_halt(s, d, stop_reached(rule, d, failed, total ? total
			: failed + succeeded));
	/* Also who was not the first: that one may not have come so far, and this worker is about
	 * to take an item. */
	if (rule->when == HALT_NOW)
		stop_now(s);
	else
		stop_births(s);
}

bool stop_in_vain(const struct stop *s)
{
	return atomic_load(&s->asked)
		&& !(atomic_load(&s->halted) && s->options->halt.when == HALT_SOON);
}

void stop_tell(const struct stop *s, struct ending *end)
{
	const struct halt_rule *rule = &s->options->halt;
	uint64_t failed = (uint64_t)stats_get(s->stats, STAT_FAILED);

	if (atomic_load(&s->pipe_broken) && !end->signal)
		end->signal = SIGPIPE;
	if (atomic_load(&s->refused))
		msg_warn("out of memory: %zu more bytes were refused, and nothing new was started "
			"then; try a smaller -Q, --queue-bytes or -j", atomic_load(&s->refused));
	end->cannot |= atomic_load(&s->cannot);
	end->output_failed = atomic_load(&s->output_failed) || atomic_load(&s->view_lost);
	end->halted = atomic_load(&s->halted);
	end->found = s->options->halt.why == HALT_SUCCESS;
	end->halt_status = atomic_load(&s->halt_status);
	end->reached = s->reached;
	if (!end->halted && rule->percent && rule->when != HALT_NEVER)
		end->reached = (struct reached){ .failed = failed, .percent = true,
			.total = failed + (uint64_t)stats_get(s->stats, STAT_SUCCEEDED) };
}
