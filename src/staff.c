/* The staff: how many workers are wanted. See staff.h. */
#include "staff.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "action/process.h"
#include "action/running.h"
#include "base/clock.h"
#include "base/mem.h"
#include "capacity.h"
#include "crew.h"
#include "jobs.h"
#include "meter.h"
#include "options.h"
#include "policy/scale.h"

struct staff {
	const struct options *options;
	struct crew *crew;
	struct meter *meter;   /* or NULL */
	unsigned least, most;  /* of a range, as it was given */
	_Atomic int shift;     /* of both, by signals */
	struct scale scale;    /* the desk's */
};

static bool want(struct staff *s, unsigned n)
{
	if (n == crew_wanted(s->crew))
		return false;
	process_descriptors(capacity_descriptors(s->options, n));
	meter_workers(s->meter, n);
	crew_want(s->crew, n);
	return true;
}

/* The bound as it is now: it stays where there can be workers. */
static unsigned shifted(struct staff *s, unsigned bound)
{
	int64_t n = (int64_t)bound + atomic_load(&s->shift);

	return n < 1 ? 1 : n > RUNNING_SLOTS ? RUNNING_SLOTS : (unsigned)n;
}

struct staff *staff_new(const struct options *options, unsigned jobs, struct crew *crew,
	struct meter *meter)
{
	struct staff *s = mem_zero(sizeof *s);

	s->options = options;
	s->crew = crew;
	s->meter = meter;
	s->least = s->most = jobs;
	if (options->range) {
		unsigned least = jobs_wanted(&options->least);

		s->least = least < jobs ? least : jobs;
		want(s, s->least);
	}
	return s;
}

void staff_free(struct staff *s)
{
	free(s);
}

bool staff_reread(struct staff *s)
{
	unsigned wanted;

	if (s->options->jobs.kind != JOBS_FILE)
		return false;
	wanted = jobs_wanted(&s->options->jobs);
	return wanted && want(s, wanted);
}

bool staff_change(struct staff *s, int more)
{
	unsigned now = crew_wanted(s->crew);

	if (s->options->range) {
		unsigned bound = shifted(s, more < 0 ? s->most : s->least);

		if (more < 0 ? bound <= 1 : bound >= RUNNING_SLOTS)
			return false;
		atomic_fetch_add(&s->shift, more);
		return true; /* the desk's next look sees to the number */
	}
	if (more < 0 ? now <= 1 : now >= RUNNING_SLOTS)
		return false;
	return want(s, more < 0 ? now - 1 : now + 1);
}

int64_t staff_look(struct staff *s, int64_t busy, long waiting)
{
	unsigned now = crew_wanted(s->crew);

	if (!s->options->range)
		return CLOCK_SECOND;
	if (want(s, scale_wanted(&s->scale, clock_now(), shifted(s, s->least),
		shifted(s, s->most), now, busy > 0 ? (unsigned)busy : 0, waiting)))
		crew_fill(s->crew);
	return scale_patience(&s->scale);
}

unsigned staff_most(struct staff *s)
{
	return s->options->range ? shifted(s, s->most) : crew_wanted(s->crew);
}
