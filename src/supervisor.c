/* The supervisor: signals, early ends, progress. See supervisor.h. */
#include "supervisor.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "action/run/foreground.h"
#include "action/run/running.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/keys.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/signal_name.h"
#include "base/saturate.h"
#include "base/status.h"
#include "base/thread.h"
#include "events.h"
#include "options/options.h"
#include "base/signals.h"

/* After the last step the output may still be held up by whoever should read it.
 * How long pq then waits before it dies of the signal it was sent. */
#define LAST_WAIT (2 * CLOCK_SECOND)

enum stage {
	RUNNING,  /* as it should be */
	DRAINING, /* SIGTERM: what runs may finish */
	ENDING,   /* what runs is being ended, step by step */
};

struct supervisor {
	struct supervisor_rules rules;
	enum stage stage;
	int signal;                   /* that pq is to die of */
	int first;                    /* sent in place of the sequence's first; 0: none */
	const struct term_step *step; /* ENDING: the next one */
	int64_t due;                  /* DRAINING, ENDING: when to do it */
	bool killed;                  /* all at once, by a second Ctrl-C */
	_Atomic bool end_births;      /* asked for by another thread */
	_Atomic bool end_jobs;        /* likewise */
};

struct supervisor *supervisor_new(const struct supervisor_rules *rules)
{
	struct supervisor *s = mem_zero(sizeof *s);

	s->rules = *rules;
	s->due = INT64_MAX;
	return s;
}

void supervisor_free(struct supervisor *s)
{
	free(s);
}

void supervisor_end_births(struct supervisor *s)
{
	atomic_store(&s->end_births, true);
	signals_wake();
}

void supervisor_end_jobs(struct supervisor *s)
{
	atomic_store(&s->end_jobs, true);
	signals_wake();
}

/* Begin the sequence that ends all jobs; `first` replaces its first signal. */
static void begin_ending(struct supervisor *s, int first)
{
	if (s->stage == ENDING)
		return;
	s->stage = ENDING;
	s->first = first;
	s->step = s->rules.term;
	s->due = clock_now();
	s->rules.stop(s->rules.ctx);
}

static _Noreturn void die(const struct supervisor *s)
{
	msg_status(NULL);
	keys_rest();
	if (!status_dies(s->signal))
		_exit(status_said(STATUS_CANNOT));
	signals_die(s->signal); /* the guardian sees to the rest */
}

static void supervisor_do_step(struct supervisor *s)
{
	int sig = s->first ? s->first : s->step->signal;

	if (!sig && s->signal)
		die(s);
	if (!sig) {
		s->due = INT64_MAX; /* nothing stronger is left */
		return;
	}
	s->first = 0;
	running_end_all(sig);
	s->due = saturate_after(clock_now(), s->step->wait);
	if (!(++s->step)->signal)
		s->due = saturate_after(s->due, LAST_WAIT);
}

static void do_what_is_due(struct supervisor *s)
{
	int64_t now = clock_now();

	if (atomic_exchange(&s->end_births, false))
		s->rules.stop(s->rules.ctx);
	if (atomic_exchange(&s->end_jobs, false))
		begin_ending(s, 0);
	if (s->stage == DRAINING && now >= s->due) {
		msg_warn("the jobs still running are ended (--drain)");
		begin_ending(s, 0);
	}
	while (s->stage == ENDING && clock_now() >= s->due)
		supervisor_do_step(s);
	if (now >= events_next_sample(s->rules.events))
		s->rules.sample(s->rules.ctx);
}

/* Again: no more patience; and then none with the output either. */
static void kill_now(struct supervisor *s)
{
	if (s->killed)
		die(s);
	s->killed = true;
	running_end_all(SIGKILL);
	while (s->step->signal)
		s->step++;
	s->due = clock_now() + LAST_WAIT;
}

/* That the signal was seen, and what comes now. Births have ended: what is said holds. */
static void tell_signal(const struct supervisor *s, int sig, bool drains)
{
	unsigned running = running_begun();
	const char *name = signal_name(sig);
	char text[CLOCK_TEXT];

	if (!running)
		msg_warn("%s: no new jobs, and none is running", name);
	else if (drains)
		msg_warn("%s: no new jobs; %u running may finish within %s s", name, running,
			clock_seconds(s->rules.options->drain, text));
	else
		msg_warn("%s: no new jobs; passed on to %u running, which end or are killed (once "
			"more: killed now)", name, running);
}

static void interrupted(struct supervisor *s, int sig)
{
	if (s->signal) {
		begin_ending(s, sig);
		kill_now(s);
		return;
	}
	s->signal = sig;
	begin_ending(s, sig);
	tell_signal(s, sig, false);
	if (sig == SIGQUIT)
		kill_now(s);
}

static void terminated(struct supervisor *s, int sig)
{
	if (s->signal) {
		begin_ending(s, 0);
		return;
	}
	s->signal = sig;
	if (s->stage == RUNNING) {
		s->stage = DRAINING;
		s->due = saturate_after(clock_now(), s->rules.options->drain);
		s->rules.stop(s->rules.ctx);
	}
	tell_signal(s, sig, true);
}

/* Ctrl-Z, or a read of the terminal in its background: the jobs and the clocks stop with
 * us. */
static void stopped(struct supervisor *s, int sig)
{
	msg_status(NULL);
	keys_rest();
	clock_pause();
	running_pause();
	if (sig == SIGTTIN && !io_in_background())
		raise(SIGCONT); /* which calls it off: somebody has been faster */
	signals_stop_here(sig);
	clock_resume();
	foreground_go_on();
	running_resume();
	s->rules.went_on(s->rules.ctx);
}

static void supervisor_take(struct supervisor *s, int sig)
{
	switch (sig) {
	case SIGINT:
	case SIGQUIT:
		interrupted(s, sig);
		break;
	case SIGTERM:
	case SIGHUP:
		terminated(s, sig);
		break;
	case SIGTSTP:
	case SIGTTIN:
		stopped(s, sig);
		break;
	case SIGCONT: /* somebody had stopped us with what cannot be caught */
		foreground_go_on();
		running_resume();
		s->rules.went_on(s->rules.ctx);
		break;
	case SIGUSR1:
		s->rules.workers(s->rules.ctx, 1);
		break;
	case SIGUSR2:
		s->rules.workers(s->rules.ctx, -1);
		break;
#ifdef SIGINFO
	case SIGINFO:
		keys_ask();
		break;
#endif
	default:
		break;
	}
}

int supervisor_run(struct supervisor *s)
{
	msg_hasty(true);
	while (!s->rules.over(s->rules.ctx)) {
		int64_t sample = events_next_sample(s->rules.events);
		int64_t until = s->due < sample ? s->due : sample;

		supervisor_take(s, signals_wait(thread_patience(until - clock_now())));
		do_what_is_due(s);
	}
	msg_hasty(false);
	keys_rest(); /* from now on a signal may end pq at once */
	return s->signal;
}
