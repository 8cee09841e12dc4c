/* Admission: what comes into the queue. See admission.h. */
#include "desk/admission.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "desk/columns.h"
#include "desk/edit.h"
#include "desk/share.h"
#include "desk/unique.h"
#include "group.h"
#include "item.h"
#include "options/options.h"
#include "queue/queue.h"
#include "stats.h"

struct admission {
	struct admission_rules rules;
	struct edit *edit;     /* or NULL */
	struct unique *unique; /* or NULL */
	struct share share;    /* of records; a count of 0: it is items that are shared out */
	struct backlog *backlogs; /* owned: of the groups' queues */
	bool failed;
	bool told_bytes, told_waiting; /* what holds births back */
};

struct admission *admission_new(const struct admission_rules *rules)
{
	struct admission *a = mem_zero(sizeof *a);

	a->rules = *rules;
	a->backlogs = mem_zero(rules->ngroups * sizeof *a->backlogs);
	for (unsigned i = 0; rules->options->high_water && i < rules->ngroups; i++)
		a->backlogs[i].high = backlog_high(&rules->options->high, rules->queue_size);
	if (rules->transform)
		a->edit = edit_new(rules->transform);
	if (rules->options->unique)
		a->unique = unique_new(rules->unique,
			rules->columns || rules->options->ninputs > 1);
	if (share_by_record(rules->options))
		a->share.rule = rules->options->shard;
	return a;
}

bool admission_looks(const struct admission *a)
{
	return a->edit || a->rules.columns || a->unique || a->share.rule.count;
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

/* What a queue gives once more, as it has failed or was lost, is the same item, no second one. */
static bool admission_has_seen(struct admission *a, const struct draft *d, uint32_t from)
{
	bool new = unique_is_new(a->unique, d, from);

	return !new && !d->claim.attempts && !d->claim.lost;
}

/* False: it was seen before, or is another node's, and is no part of the draft any more. */
static bool admission_keeps(struct admission *a, struct draft *d, uint32_t from, uint64_t hash)
{
	if (a->unique && !d->refused && admission_has_seen(a, d, from)) {
		draft_cut(d, from);
		return leave_out(a, STAT_SEEN);
	}
	if (a->share.rule.count && !share_has_record(&a->share, hash)) {
		draft_cut(d, from);
		d->refused = NULL;
		return leave_out(a, STAT_ELSEWHERE);
	}
	return true;
}

bool admission_record(struct admission *a, struct draft *d, uint32_t from)
{
	uint64_t hash = share_hash(&a->share, d, from); /* before it is changed */

	if (a->edit && !edit_record(a->edit, d, from))
		return leave_out(a, STAT_LEFT_OUT);
	if (a->rules.columns && !d->refused)
		columns_shape(a->rules.columns, d, from);
	return admission_keeps(a, d, from, hash);
}

/* "12 items wait in the queue": and in which, where it is not that of all groups. */
static void tell_backlog(const struct admission *a, const struct group *g, uint64_t depth,
	uint64_t high)
{
	bool own = g->queue != a->rules.groups[a->rules.ngroups - 1].queue || g != a->rules.groups;
	struct buf of = { 0 };

	section_name(&of, own ? g->among : NULL);
	msg_many("times that more waited", "%llu item%s in the queue%s, more than %llu "
		"(--high-water)", (unsigned long long)depth, depth == 1 ? " waits" : "s wait",
		buf_str(&of), (unsigned long long)high);
	buf_free(&of);
}

void admission_depth(struct admission *a)
{
	const struct group *groups = a->rules.groups;

	if (!a->rules.options->high_water)
		return;
	for (unsigned i = 0; i < a->rules.ngroups; i++) {
		uint64_t depth;

		if (i && groups[i].queue == groups[i - 1].queue)
			continue;
		depth = queue_depth(groups[i].queue);
		if (backlog_rises(&a->backlogs[i], depth))
			tell_backlog(a, &groups[i], depth, a->backlogs[i].high);
	}
}

/* The most that are alive of any group. */
static int64_t admission_alive(const struct admission *a)
{
	int64_t most = 0;

	for (unsigned i = 0; i < a->rules.ngroups; i++) {
		struct stats *s = a->rules.groups[i].stats;
		int64_t alive = stats_get(s, STAT_BORN) - stats_get(s, STAT_SETTLED);

		most = alive > most ? alive : most;
	}
	return most;
}

void admission_full(struct admission *a, bool bytes, uint64_t queue_bytes)
{
	if (!a->rules.options->queue_size || !bytes || a->rules.options->queue_bytes
	    || a->told_bytes)
		return;
	a->told_bytes = true;
	msg_warn("the queue is full with %lld items, not -Q %llu: that is all that fits into "
		"--queue-bytes %lluM", (long long)admission_alive(a),
		(unsigned long long)a->rules.queue_size, (unsigned long long)queue_bytes >> 20);
}

void admission_waits(struct admission *a, const struct group *g, uint64_t running,
	unsigned workers)
{
	uint64_t waiting = queue_load(g->queue, g->lane).waiting;
	struct buf of = { 0 };

	if (!a->rules.options->queue_size || a->told_waiting || !waiting || running >= workers
	    || waiting + running < a->rules.queue_size)
		return;
	a->told_waiting = true;
	section_name(&of, g->among);
	msg_warn("all places of the queue%s are taken by items that wait for their time or their "
		"key, and workers are idle; a larger -Q than %llu, or none, lets others go first",
		buf_str(&of), (unsigned long long)a->rules.queue_size);
	buf_free(&of);
}

void admission_failed(struct admission *a, const struct delivery *d)
{
	struct buf name = { 0 };

	a->failed = true;
	delivery_name(&name, d);
	msg_warn("the queue is full, there is no room for %s: no new jobs (--overflow fail); "
		"-Q makes it larger", buf_str(&name));
	buf_free(&name);
}

static void tell_dropped(struct stats *s, enum counter which, const char *section,
	const char *why)
{
	long long n = stats_get(s, which);
	struct buf of = { 0 };

	section_name(&of, section);
	if (n)
		msg_warn("%lld item%s dropped%s: %s", n, n > 1 ? "s" : "", buf_str(&of), why);
	buf_free(&of);
}

static void admission_tell_elsewhere(const struct admission *a)
{
	const struct shard_rule *shard = &a->rules.options->shard;
	long long n = stats_get(a->rules.stats, STAT_ELSEWHERE);

	if (n && a->rules.options->verbose)
		msg_warn("%lld %s%s left to other nodes (--shard %llu/%llu)", n,
			a->share.rule.count ? "record" : "item", n > 1 ? "s" : "",
			(unsigned long long)shard->index, (unsigned long long)shard->count);
}

/* It is no failure, for the user has asked for it. */
bool admission_close(struct admission *a)
{
	bool failed = a->failed;

	tell_dropped(a->rules.stats, STAT_SEEN, NULL, "seen before (--unique)");
	admission_tell_elsewhere(a);
	for (unsigned i = 0; i < a->rules.ngroups; i++) {
		const struct group *g = &a->rules.groups[i];

		tell_dropped(g->stats, STAT_DROPPED, g->among, g->overflow == OVERFLOW_DROP_OLD
			? "the queue was full (--overflow drop-old)"
			: "the queue was full (--overflow drop-new)");
	}
	if (a->edit)
		edit_free(a->edit);
	if (a->unique)
		unique_free(a->unique);
	share_free(&a->share);
	free(a->backlogs);
	free(a);
	return failed;
}
