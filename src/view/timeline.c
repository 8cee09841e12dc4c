/* The timeline. See timeline.h. */
#include "view/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NARROWEST INT64_C(100000)

void timeline_init(struct timeline *t, unsigned npools)
{
	memset(t, 0, sizeof *t);
	t->npools = npools;
	t->pools = mem_zero(npools * sizeof *t->pools);
	t->jobs = mem_alloc(TIMELINE_EXACT * sizeof *t->jobs);
	t->width = NARROWEST;
}

static void timeline_forget(struct timeline *t)
{
	for (size_t i = 0; i < t->njobs; i++)
		free(t->jobs[i].name);
	free(t->jobs);
	t->jobs = NULL;
	t->njobs = 0;
}

void timeline_free(struct timeline *t)
{
	timeline_forget(t);
	for (unsigned p = 0; p < t->npools; p++) {
		for (size_t i = 0; i < t->pools[p].count; i++)
			free(t->pools[p].lanes[i].bins);
		free(t->pools[p].lanes);
	}
	free(t->pools);
	free(t->longest.name);
}

bool timeline_names(const struct timeline *t, int64_t took)
{
	return t->jobs || !t->longest.slot || took > t->longest.to - t->longest.from;
}

/* --- lanes --------------------------------------------------------------- */

/* Each pool has as many that are drawn as any other. */
static bool timeline_is_drawn(const struct timeline *t, unsigned pool, unsigned slot)
{
	unsigned each = TIMELINE_DRAWN / t->npools;

	return pool < TIMELINE_DRAWN && slot <= (each ? each : 1);
}

static struct timeline_lane *timeline_lane(struct timeline *t, unsigned pool, unsigned slot)
{
	size_t count = t->pools[pool].count;

	if (slot > count) {
		t->pools[pool].lanes = mem_grow(t->pools[pool].lanes,
			slot * sizeof *t->pools[pool].lanes);
		for (; count < slot; count++)
			t->pools[pool].lanes[count] = (struct timeline_lane){ .pool = pool,
				.slot = (unsigned)count + 1,
				.drawn = timeline_is_drawn(t, pool, (unsigned)count + 1) };
		t->pools[pool].count = slot;
	}
	return &t->pools[pool].lanes[slot - 1];
}

static void timeline_gap(struct timeline_lane *lane, int64_t until)
{
	if (until - lane->last > lane->gap) {
		lane->gap = until - lane->last;
		lane->gap_from = lane->last;
	}
}

void timeline_finish(struct timeline *t, int64_t end)
{
	for (unsigned p = 0; p < t->npools; p++)
		for (size_t i = 0; i < t->pools[p].count; i++)
			timeline_gap(&t->pools[p].lanes[i], end);
}

/* --- bins ---------------------------------------------------------------- */

static void timeline_join(struct timeline_bin *to, const struct timeline_bin *more)
{
	for (int i = 0; i < TIMELINE_ENDS; i++)
		to->busy[i] += more->busy[i];
	to->jobs += more->jobs;
	to->failed += more->failed;
	if (more->longest > to->longest) {
		to->longest = more->longest;
		to->number = more->number;
	}
}

/* So many bins become half as many. */
static void timeline_halve(struct timeline_bin *bins, size_t count)
{
	for (size_t i = 0; i < count; i += 2) {
		struct timeline_bin both = bins[i];

		if (i + 1 < count)
			timeline_join(&both, &bins[i + 1]);
		bins[i / 2] = both;
	}
	for (size_t i = (count + 1) / 2; i < count; i++)
		bins[i] = (struct timeline_bin){ 0 };
}

static void timeline_reach(struct timeline *t, int64_t to)
{
	while (to / TIMELINE_BINS >= t->width && to > t->width * TIMELINE_BINS) {
		for (unsigned p = 0; p < t->npools; p++)
			for (size_t i = 0; i < t->pools[p].count; i++)
				if (t->pools[p].lanes[i].bins)
					timeline_halve(t->pools[p].lanes[i].bins, TIMELINE_BINS);
		t->width *= 2;
	}
}

/* Into the bins of its lane, which reach far enough, what the job had of each. */
static void timeline_pour(const struct timeline *t, struct timeline_lane *lane,
	const struct timeline_job *job)
{
	int64_t from = job->from, last = job->to > 0 ? (job->to - 1) / t->width : 0;
	struct timeline_bin *bin;

	if (!lane->bins)
		lane->bins = mem_zero(TIMELINE_BINS * sizeof *lane->bins);
	bin = lane->bins + last;
	bin->jobs++;
	bin->failed += job->end == TIMELINE_FAILED || job->end == TIMELINE_RETRIED;
	for (int64_t i = from / t->width; i <= last; i++) {
		int64_t end = (i + 1) * t->width < job->to ? (i + 1) * t->width : job->to;
		struct timeline_bin part = { .longest = job->to - job->from, .number = job->number };

		part.busy[job->end] = end - from;
		timeline_join(lane->bins + i, &part);
		from = end;
	}
}

/* There are too many to keep. */
static void timeline_merge(struct timeline *t)
{
	for (size_t i = 0; i < t->njobs; i++) {
		const struct timeline_job *job = &t->jobs[i];
		struct timeline_lane *lane = timeline_lane(t, job->pool, job->slot);

		timeline_reach(t, job->to);
		if (lane->drawn)
			timeline_pour(t, lane, job);
	}
	timeline_forget(t);
}

/* --- attempts ------------------------------------------------------------ */

static void timeline_keep_longest(struct timeline *t, const struct timeline_job *job)
{
	int64_t took = job->to - job->from;

	if (t->longest.slot && took <= t->longest.to - t->longest.from)
		return;
	free(t->longest.name);
	t->longest = *job;
	if (job->name)
		t->longest.name = mem_copy(job->name, strlen(job->name));
}

int64_t timeline_add(struct timeline *t, const struct timeline_job *job)
{
	struct timeline_lane *lane = timeline_lane(t, job->pool, job->slot);
	struct timeline_job own = *job;

	own.from = job->from > lane->last ? job->from : lane->last;
	own.to = job->to > own.from ? job->to : own.from;
	timeline_keep_longest(t, &own);
	timeline_gap(lane, own.from);
	lane->count[own.end]++;
	lane->busy += own.to - own.from;
	lane->last = own.to;
	if (t->jobs && t->njobs == TIMELINE_EXACT)
		timeline_merge(t);
	if (t->jobs) {
		t->jobs[t->njobs++] = own;
		return own.from;
	}
	timeline_reach(t, own.to);
	if (lane->drawn)
		timeline_pour(t, lane, &own);
	free(own.name);
	return own.from;
}

size_t timeline_read(const struct timeline *t, const struct timeline_lane *lane, int64_t end,
	size_t most, struct timeline_bin to[TIMELINE_BINS], int64_t *width)
{
	size_t count = 0;

	*width = t->width;
	if (!lane->bins)
		return 0;
	while (count < TIMELINE_BINS && *width * (int64_t)count < end)
		count++;
	memcpy(to, lane->bins, TIMELINE_BINS * sizeof *to);
	while (count > most && count > 1) {
		timeline_halve(to, count);
		count = (count + 1) / 2;
		*width *= 2;
	}
	return count;
}
