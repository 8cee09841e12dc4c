/* The staff: how many workers are wanted. See staff.h. */
#include "staff.h"

#include <stdlib.h>

#include "action/process.h"
#include "action/running.h"
#include "base/mem.h"
#include "capacity.h"
#include "crew.h"
#include "jobs.h"
#include "meter.h"
#include "options.h"

struct staff {
	const struct options *options;
	struct crew *crew;
	struct meter *meter; /* or NULL */
};

struct staff *staff_new(const struct options *options, struct crew *crew,
	struct meter *meter)
{
	struct staff *s = mem_zero(sizeof *s);

	s->options = options;
	s->crew = crew;
	s->meter = meter;
	return s;
}

void staff_free(struct staff *s)
{
	free(s);
}

static bool want(struct staff *s, unsigned n)
{
	process_descriptors(capacity_descriptors(s->options, n));
	meter_workers(s->meter, n);
	crew_want(s->crew, n);
	return true;
}

bool staff_reread(struct staff *s)
{
	unsigned wanted;

	if (s->options->jobs.kind != JOBS_FILE)
		return false;
	wanted = jobs_wanted(&s->options->jobs);
	return wanted && wanted != crew_wanted(s->crew) && want(s, wanted);
}

bool staff_change(struct staff *s, int more)
{
	unsigned now = crew_wanted(s->crew);

	if (more < 0 ? now <= 1 : now >= RUNNING_SLOTS)
		return false;
	return want(s, more < 0 ? now - 1 : now + 1);
}
