/* Admission: what comes into the queue. See admission.h. */
#include "desk/admission.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "desk/columns.h"
#include "desk/edit.h"
#include "desk/unique.h"
#include "item.h"
#include "options/options.h"
#include "stats.h"

struct admission {
	struct admission_rules rules;
	struct edit *edit;     /* or NULL */
	struct unique *unique; /* or NULL */
	struct backlog backlog;
	bool failed;
	bool told_bytes, told_waiting; /* what holds births back */
};

struct admission *admission_new(const struct admission_rules *rules)
{
	struct admission *a = mem_zero(sizeof *a);

	a->rules = *rules;
	if (rules->options->high_water)
		a->backlog.high = backlog_high(&rules->options->high, rules->queue_size);
	if (rules->transform)
		a->edit = edit_new(rules->transform);
	if (rules->options->unique)
		a->unique = unique_new(rules->unique,
			rules->columns || rules->options->ninputs > 1);
	return a;
}

bool admission_looks(const struct admission *a)
{
	return a->edit || a->rules.columns || a->unique;
}

/* What the source has counted as an item will not be one. */
static bool leave_out(struct admission *a, enum counter why)
{
	const struct options *o = a->rules.options;

	stats_add(a->rules.stats, why, 1);
	if (!o->max_args && !o->as_many)
		stats_add(a->rules.stats, STAT_UNBORN, 1);
	return false;
}

bool admission_record(struct admission *a, struct draft *d, uint32_t from)
{
	if (a->edit && !edit_record(a->edit, d, from))
		return leave_out(a, STAT_LEFT_OUT);
	if (a->rules.columns && !d->refused)
		columns_shape(a->rules.columns, d, from);
	if (!a->unique || d->refused || unique_is_new(a->unique, d, from))
		return true;
	draft_cut(d, from);
	return leave_out(a, STAT_SEEN);
}

void admission_depth(struct admission *a, uint64_t depth)
{
	if (!a->rules.options->high_water)
		return;
	if (backlog_rises(&a->backlog, depth))
		msg_many("times that more waited", "%llu item%s in the queue, more than %llu "
			"(--high-water)", (unsigned long long)depth, depth == 1 ? " waits" : "s wait",
			(unsigned long long)a->backlog.high);
}

static void tell_bytes(struct admission *a, uint64_t queue_bytes)
{
	int64_t alive = stats_get(a->rules.stats, STAT_BORN) - stats_get(a->rules.stats, STAT_SETTLED);

	a->told_bytes = true;
	msg_warn("the queue is full with %lld items, not -Q %llu: that is all that fits into "
		"--queue-bytes %lluM", (long long)alive, (unsigned long long)a->rules.queue_size,
		(unsigned long long)queue_bytes >> 20);
}

static void tell_waiting(struct admission *a, uint64_t waiting, unsigned workers)
{
	uint64_t running = (uint64_t)stats_get(a->rules.stats, STAT_RUNNING);

	if (!waiting || running >= workers || waiting + running < a->rules.queue_size)
		return;
	a->told_waiting = true;
	msg_warn("all places of the queue are taken by items that wait for their time or their "
		"key, and workers are idle; a larger -Q than %llu, or none, lets others go first",
		(unsigned long long)a->rules.queue_size);
}

void admission_full(struct admission *a, bool bytes, uint64_t queue_bytes, uint64_t waiting,
	unsigned workers)
{
	if (!a->rules.options->queue_size)
		return;
	if (bytes && !a->rules.options->queue_bytes && !a->told_bytes)
		tell_bytes(a, queue_bytes);
	else if (!bytes && !a->told_waiting)
		tell_waiting(a, waiting, workers);
}

void admission_failed(struct admission *a, const struct item *item)
{
	struct buf name = { 0 };

	a->failed = true;
	item_name(&name, item);
	msg_warn("the queue is full, there is no room for %s: no new jobs (--overflow fail); "
		"-Q makes it larger", buf_str(&name));
	buf_free(&name);
}

static void admission_tell(struct admission *a, enum counter which, const char *why)
{
	long long n = stats_get(a->rules.stats, which);

	if (n)
		msg_warn("%lld item%s dropped: %s", n, n > 1 ? "s" : "", why);
}

/* It is no failure, for the user has asked for it. */
bool admission_close(struct admission *a)
{
	bool failed = a->failed;

	admission_tell(a, STAT_SEEN, "seen before (--unique)");
	admission_tell(a, STAT_DROPPED, a->rules.drops_oldest
		? "the queue was full (--overflow drop-old)"
		: "the queue was full (--overflow drop-new)");
	if (a->edit)
		edit_free(a->edit);
	if (a->unique)
		unique_free(a->unique);
	free(a);
	return failed;
}
