/* The staff: how many workers are wanted. See staff.h. */
#include "workers/staff.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "action/run/child.h"
#include "action/run/running.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/thread.h"
#include "workers/capacity.h"
#include "workers/crew.h"
#include "workers/jobs.h"
#include "options/options.h"
#include "policy/pressure.h"
#include "policy/scale.h"
#include "stats.h"

/* After so long it is told why nothing happens. */
#define HELD_LONG (5 * CLOCK_SECOND)
/* So long what was read in a file is taken for what is there. */
#define FRESH (10 * CLOCK_MS)

struct staff {
	const struct options *options;
	const struct section *section;
	unsigned entry, entries; /* in the table of running jobs */
	bool retried;
	struct crew *crew;
	struct stats *stats;
	unsigned least, most;  /* of a range, as it was given */
	_Atomic unsigned asked; /* by -j, its file, signals, or the range */
	_Atomic unsigned room; /* how many the machine has room for: --load */
	_Atomic unsigned descriptors; /* claimed */
	_Atomic bool told;     /* that the file of -j has no number */
	int64_t next_look;     /* at the machine; the desk's: */
	int64_t held;          /* since when nothing runs for lack of room, or 0 */
	bool told_held;
	_Atomic int scarce;    /* enum hold: what there is no room for */
	_Atomic bool paused;   /* by the file of -j */
	_Atomic uint64_t readings; /* of the file of -j */
	_Atomic int64_t stale; /* from then on what was read there is, with workers that stay up */
	int64_t next_read;     /* of that, while it is so; the desk's */
	_Atomic int shift;     /* of both, by signals */
	struct scale scale;    /* the desk's */
	lock lock;             /* guards what follows; a leaf */
	uint64_t newest;       /* of the readings that have been taken */
};

/* As many as are asked for and have room. */
static unsigned staff_number(struct staff *s)
{
	unsigned asked = atomic_load(&s->asked), room = atomic_load(&s->room);

	return asked < room ? asked : room;
}

/* The descriptors that so many jobs may hold, in place of what it claimed before. */
static void staff_claim(struct staff *s, unsigned jobs)
{
	unsigned now = capacity_descriptors(s->options, s->section, jobs);
	unsigned before = atomic_exchange(&s->descriptors, now);

	child_descriptors((long)now - (long)before);
}

/* Has the number changed? Who is overtaken by another thread sees to its number, too. */
static bool see_to_it(struct staff *s)
{
	unsigned n = staff_number(s);

	if (n == crew_wanted(s->crew))
		return false;
	for (bool again = true; again; n = staff_number(s)) {
		staff_claim(s, n);
		stats_workers(s->stats, n);
		crew_want(s->crew, n);
		again = n != staff_number(s);
	}
	return true;
}

static bool want(struct staff *s, unsigned n)
{
	atomic_store(&s->asked, n);
	return see_to_it(s);
}

enum hold staff_why(struct staff *s)
{
	return atomic_load(&s->paused) ? HOLD_PAUSED : (enum hold)atomic_load(&s->scarce);
}

/* Nothing is started while there is a reason. Who is overtaken by another thread sees to its
 * reasons, too. */
static void staff_hold(struct staff *s)
{
	bool held;

	do {
		held = staff_why(s) != HOLD_NONE;
		crew_hold(s->crew, held);
	} while (held != (staff_why(s) != HOLD_NONE));
}

/* The bound as it is now: it stays where there can be workers. */
static unsigned shifted(struct staff *s, unsigned bound)
{
	int64_t n = (int64_t)bound + atomic_load(&s->shift);

	return n < 1 ? 1 : n > s->entries ? s->entries : (unsigned)n;
}

/* A worker that stays up has an end with each answer: a million a second. */
static bool staff_is_fresh(struct staff *s)
{
	int64_t now;

	if (!s->section->persistent)
		return false;
	now = clock_now();
	if (now < atomic_load(&s->stale))
		return true;
	atomic_store(&s->stale, now + FRESH);
	return false;
}

bool staff_read(struct staff *s, struct staff_reading *reading)
{
	const struct jobs_rule *rule = &s->section->jobs;
	struct buf why = { 0 };

	if (rule->kind != JOBS_FILE || s->options->dry_run) /* which nothing slows down */
		return false;
	if (staff_is_fresh(s))
		return false;
	reading->number = atomic_fetch_add(&s->readings, 1) + 1;
	reading->jobs = jobs_wanted(rule, &why);
	if (why.len && !atomic_exchange(&s->told, true))
		msg_warn("-j %s: this file %s; the number of jobs stays as it is", rule->file,
			buf_str(&why));
	buf_free(&why);
	return true;
}

/* What it says, unless another thread has taken what was read later. */
static bool staff_note(struct staff *s, const struct staff_reading *reading)
{
	bool pause = reading->jobs == JOBS_PAUSED, before = false;
	unsigned jobs = reading->jobs < s->entries ? reading->jobs : s->entries;

	if (!reading->jobs)
		return false;
	if (!pause)
		jobs = capacity_of(s->options, s->section, jobs);
	lock_take(&s->lock);
	if (reading->number > s->newest) {
		s->newest = reading->number;
		before = atomic_exchange(&s->paused, pause);
		if (!pause)
			atomic_store(&s->asked, jobs);
	} else {
		pause = before = atomic_load(&s->paused);
	}
	lock_give(&s->lock);
	/* Who is told of a pause that another thread has seen before sees to it, too: its worker
	 * is about to take an item. */
	if (before || pause)
		staff_hold(s);
	return before != pause;
}

bool staff_take(struct staff *s, const struct staff_reading *reading)
{
	bool changed = staff_note(s, reading);

	return see_to_it(s) || changed;
}

bool staff_reread(struct staff *s)
{
	struct staff_reading reading;

	return staff_read(s, &reading) && staff_take(s, &reading);
}

struct staff *staff_new(const struct staff_rules *rules)
{
	struct staff *s = mem_zero(sizeof *s);

	s->options = rules->options;
	s->section = rules->section;
	s->entry = rules->entry;
	s->entries = rules->entries;
	s->retried = rules->retried;
	s->crew = rules->crew;
	s->stats = rules->stats;
	s->least = s->most = rules->jobs;
	s->asked = rules->jobs;
	s->room = UINT_MAX;
	lock_init(&s->lock);
	staff_claim(s, rules->jobs);
	if (s->section->range) {
		unsigned least = jobs_wanted(&s->section->least, NULL);

		s->least = least < rules->jobs ? least : rules->jobs;
		want(s, s->least);
	}
	staff_reread(s); /* a pause is no number, and so is not among the rules */
	return s;
}

void staff_free(struct staff *s)
{
	free(s);
}

bool staff_change(struct staff *s, int more)
{
	unsigned now = atomic_load(&s->asked);

	if (s->section->range) {
		unsigned bound = shifted(s, more < 0 ? s->most : s->least);

		if (more < 0 ? bound <= 1 : bound >= s->entries)
			return false;
		atomic_fetch_add(&s->shift, more);
		return true; /* the desk's next look sees to the number */
	}
	do {
		if (more < 0 ? now <= 1 : now >= s->entries)
			return false;
	} while (!atomic_compare_exchange_weak(&s->asked, &now, more < 0 ? now - 1 : now + 1));
	return see_to_it(s);
}

/* --load and --memfree: how many the machine has room for now. *scarce: the option by
 * which they are so few. */
static uint32_t look_at_machine(struct staff *s, unsigned busy, enum hold *scarce)
{
	const struct options *o = s->options;
	uint32_t by_load = PRESSURE_NONE, by_memory = PRESSURE_NONE;
	bool evict = false;
	unsigned running;
	uint64_t memory;

	if (o->load_given && machine_running(&running))
		by_load = pressure_load(jobs_load(&o->load), running, busy);
	if (o->memfree && machine_memory(&memory))
		by_memory = pressure_memory(o->memfree, memory, &evict);
	if (evict && s->retried)
		running_evict(s->entry, s->entries);
	*scarce = by_load < by_memory ? HOLD_LOAD : HOLD_MEMORY;
	return by_load < by_memory ? by_load : by_memory;
}

static void staff_say_held(const struct staff *s, enum hold why)
{
	if (why == HOLD_PAUSED)
		msg_warn("nothing is started while %s says pause (-j); waiting",
			s->section->jobs.file);
	else
		msg_warn("nothing is started while %s; waiting", why == HOLD_LOAD
			? "so many processes run (--load)" : "so little memory is free (--memfree)");
}

/* Somebody may wonder. */
static void staff_tell_held(struct staff *s, const struct workload *work, unsigned busy)
{
	enum hold why = staff_why(s);
	int64_t now = clock_now();

	if (!why || busy || !work->depth)
		s->held = 0;
	else if (!s->held)
		s->held = now;
	else if (now - s->held >= HELD_LONG && !s->told_held) {
		staff_say_held(s, why);
		s->told_held = true;
	}
}

static void staff_make_room(struct staff *s, unsigned busy)
{
	enum hold scarce;
	uint32_t room;

	if (clock_now() < s->next_look || (!s->options->load_given && !s->options->memfree))
		return;
	s->next_look = clock_now() + CLOCK_SECOND;
	room = look_at_machine(s, busy, &scarce);
	atomic_store(&s->room, room ? room : UINT_MAX);
	atomic_store(&s->scarce, (int)(room == 0 ? scarce : HOLD_NONE));
	staff_hold(s);
	if (see_to_it(s))
		crew_fill(s->crew);
}

/* While nothing runs no end of a job is there to read the file at. */
static void staff_end_pause(struct staff *s)
{
	if (!atomic_load(&s->paused) || clock_now() < s->next_read)
		return;
	s->next_read = clock_now() + CLOCK_SECOND;
	if (staff_reread(s))
		crew_fill(s->crew);
}

int64_t staff_look(struct staff *s, const struct workload *work)
{
	unsigned busy = work->busy > 0 ? (unsigned)work->busy : 0;

	staff_make_room(s, busy);
	staff_end_pause(s);
	staff_tell_held(s, work, busy);
	if (!s->section->range)
		return s->options->load_given || s->options->memfree || atomic_load(&s->paused)
			? CLOCK_SECOND : INT64_MAX;
	if (want(s, scale_wanted(&s->scale, clock_now(), shifted(s, s->least),
		shifted(s, s->most), atomic_load(&s->asked), busy, work->shortage)))
		crew_fill(s->crew);
	return scale_patience(&s->scale);
}

unsigned staff_most(struct staff *s)
{
	return s->section->range ? shifted(s, s->most) : atomic_load(&s->asked);
}
