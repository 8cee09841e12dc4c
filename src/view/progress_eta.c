/* When a run will have ended. See progress_eta.h. */
#include "view/progress_eta.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

/* More workers than pq has. */
enum { ETA_MOST = 1 << 16 };

/* The work of some workers, as it stands. */
struct eta_work {
	double each;     /* ns that an item takes */
	double items;    /* in one attempt, on average */
	double waiting;  /* items that are in none yet */
	double *left;    /* of each attempt that runs, ascending; owned */
	size_t count;
	double sum;      /* of these */
	double overdue;  /* the most that any has had beyond what it should have */
};

static int eta_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void eta_add(struct eta_work *w, double items, double had)
{
	double should = w->each * items, left = should > had ? should - had : 0;

	w->left[w->count++] = left;
	w->sum += left;
	w->items += items;
	if (had - should > w->overdue)
		w->overdue = had - should;
}

/* What an item takes on average; of sections that share their workers, by what is left of each:
 * by --weight one may be done long before another. */
static double eta_each(const struct snapshot *s)
{
	double mean = (double)s->busy / (double)s->count[STAT_OVER], work = 0, items = 0;

	for (unsigned i = 0; i < s->ngroups; i++) {
		const struct snapshot *g = &s->groups[i];
		double left = eta_items_left(g), over = (double)g->count[STAT_OVER];

		work += left * (over > 0 && g->busy > 0 ? (double)g->busy / over : mean);
		items += left;
	}
	return items > 0 ? work / items : mean;
}

/* group: of which number, 0: of all. */
static struct eta_work eta_work_of(const struct snapshot *s, unsigned group,
	const struct eta_running *running, size_t count)
{
	int64_t workers = s->workers < ETA_MOST ? s->workers : ETA_MOST;
	int64_t serving = s->serving < 0 ? 0 : s->serving < workers ? s->serving : workers;
	size_t most = running ? count : (size_t)serving;
	struct eta_work w = { .each = eta_each(s) };

	w.left = mem_zero((most + 1) * sizeof *w.left);
	for (size_t i = 0; running && i < count; i++)
		if (!group || running[i].group == group)
			eta_add(&w, (double)running[i].items, (double)running[i].had);
	for (size_t i = 0; !running && i < most; i++)
		eta_add(&w, 1, (double)s->under_way / (double)s->serving);
	qsort(w.left, w.count, sizeof *w.left, eta_compare);
	w.waiting = !s->stopping && eta_items_left(s) > w.items ? eta_items_left(s) - w.items : 0;
	w.items = w.count && w.items > 0 ? w.items / (double)w.count : 1;
	return w;
}

/* When the worker of this rank is free, of so many, by how soon they are. */
static double eta_free(const struct eta_work *w, uint64_t rank, uint64_t workers)
{
	uint64_t idle = workers > w->count ? workers - w->count : 0;

	return rank < idle || !w->count ? 0 : w->left[rank - idle];
}

/* What waits goes round among the workers as they become free: until the last one is. */
static double eta_rounds(const struct eta_work *w, uint64_t workers)
{
	double job = w->each * w->items, jobs = w->waiting / w->items;
	double rounds = (double)(uint64_t)(jobs / (double)workers);
	uint64_t more = (uint64_t)(jobs - rounds * (double)workers + 0.5), taken = workers - 1;
	double last, other = 0;

	if (w->count > workers) /* some wait behind others, at workers that stay up */
		return (w->sum + w->waiting * w->each) / (double)workers;
	last = eta_free(w, taken, workers) + rounds * job;
	if (more)
		other = eta_free(w, (more < workers ? more : workers) - 1, workers)
			+ (rounds + 1) * job;
	return last > other ? last : other;
}

/* Of so many jobs that differ, at work at the same time, the last one is late: if they are as
 * random as decay (a variation of 1), by the logarithm of their number. */
static double eta_tail(const struct snapshot *s, const struct eta_work *w, double workers)
{
	double jobs = w->waiting / w->items + (double)w->count, logarithm = 0;

	for (double n = workers < jobs ? workers : jobs; n > 1; n /= 2)
		logarithm += n < 2 ? n - 1 : 1;
	return (s->variation < 1 ? s->variation : 1) * w->each * w->items * 0.693 * logarithm;
}

/* How long nothing will be done at all. */
static double eta_idle(const struct snapshot *s)
{
	bool known = s->hold == HOLD_RETRY || s->hold == HOLD_BREAKER;

	return known && s->count[STAT_RUNNING] == 0 ? (double)s->hold_for : 0;
}

/* Workers that had nothing to do will not have more, for whatever reason, but that of --rate,
 * of which is known what it will let through. */
static double eta_of_work(const struct snapshot *s, const struct eta_work *w)
{
	double could = (double)s->wanted - (double)s->starting;
	double used = s->workers * ((double)s->busy + (double)s->under_way) / could;
	double work = w->sum + w->waiting * w->each, starts = w->waiting / w->items;
	double paced = starts * (double)s->interval;
	double longest = s->workers ? eta_rounds(w, s->workers) : 0;

	if (used > eta_items_left(s))
		used = eta_items_left(s);
	if (!s->interval && used > 0 && work / used > longest)
		longest = work / used;
	if (paced > longest)
		longest = paced;
	longest += eta_tail(s, w, used);
	return (longest + eta_idle(s)) / CLOCK_SECOND;
}

static double eta_left(const struct snapshot *s, unsigned group,
	const struct eta_running *running, size_t count)
{
	struct eta_work w;
	double left = -1;

	if (s->stopping ? !s->count[STAT_RUNNING] : s->total && eta_items_left(s) <= 0)
		return 0;
	if ((!s->total && !s->stopping) || s->count[STAT_OVER] <= 0 || s->busy <= 0
	    || s->wanted <= s->starting || s->hold == HOLD_PAUSED)
		return -1;
	w = eta_work_of(s, group, running, count);
	/* What is left runs, and takes much longer than all before: nobody knows how much. */
	if (w.waiting > 0 || w.sum > 0 || w.overdue < w.each / 4)
		left = eta_of_work(s, &w);
	free(w.left);
	return left;
}

/* Groups with workers of their own go at their own pace: the run ends with the last one. */
double eta_run(const struct snapshot *s, const struct eta_running *running, size_t count)
{
	double most = 0;

	for (unsigned i = 0; i < s->ngroups; i++) {
		const struct snapshot *g = &s->groups[i];
		double left = g->total || !s->total ? eta_left(g, i + 1, running, count) : 0;

		if (g->wanted <= 0) /* they share them */
			return eta_left(s, 0, running, count);
		if (left < 0)
			return left;
		most = left > most ? left : most;
	}
	return s->ngroups ? most : eta_left(s, 0, running, count);
}
