/* The journal. See journal.h. */
#include "record/journal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/thread.h"
#include "item.h"
#include "record/ledger.h"
#include "sink/outfile.h"
#include "base/status.h"

/* How long committed rows may stay unsynced. */
#define SYNC_INTERVAL CLOCK_SECOND

struct journal {
	struct ledger *ledger; /* from now on the thread's alone */
	const struct ledger_rules *rules;
	struct journal_rules tell;
	pthread_t thread;
	_Atomic bool broken;  /* it cannot be written */
	lock lock;            /* guards what follows; a leaf */
	condition work;       /* "there is something to record, or I should end" */
	struct deliveries waiting;
	bool idle, ending;
	bool hole;            /* ordered: one was not for the record, so none is any more */

	/* The thread's own. */
	bool dirty;           /* there are rows that are not synced */
	int64_t sync_due;
};

static void journal_break_down(struct journal *j, const char *what, int error)
{
	atomic_store(&j->broken, true);
	j->tell.failed(j->tell.ctx, what, error);
}

static void journal_record(struct journal *j, const struct delivery *list)
{
	if (atomic_load(&j->broken))
		return;
	if (!ledger_commit(j->ledger, list)) {
		journal_break_down(j, j->rules->path, ledger_roll_back(j->ledger));
		return;
	}
	if (!j->dirty)
		j->sync_due = clock_now() + SYNC_INTERVAL;
	j->dirty = true;
}

/* First the output, then what says that it is there. */
static void journal_sync(struct journal *j)
{
	int error;

	j->dirty = false;
	if (atomic_load(&j->broken))
		return;
	if (!outfile_end()) {
		journal_break_down(j, j->rules->outfile, errno);
		return;
	}
	error = ledger_mark(j->ledger);
	if (error)
		journal_break_down(j, j->rules->path, error);
}

static bool journal_may_rest(const struct journal *j)
{
	return !j->waiting.first && !j->ending && !(j->dirty && clock_now() >= j->sync_due);
}

static void *journal_run(void *arg)
{
	struct journal *j = arg;
	bool ending;

	thread_name("pq-journal");
	do {
		struct delivery *list;

		lock_take(&j->lock);
		while (journal_may_rest(j)) {
			j->idle = true;
			condition_wait(&j->work, &j->lock, j->dirty ? j->sync_due - clock_now() : -1);
			j->idle = false;
		}
		list = j->waiting.first;
		j->waiting = (struct deliveries){ 0 };
		ending = j->ending;
		lock_give(&j->lock);
		if (list) {
			journal_record(j, list);
			j->tell.recorded(j->tell.ctx, list);
		}
		if (j->dirty && (ending || clock_now() >= j->sync_due))
			journal_sync(j);
	} while (!ending);
	return NULL;
}

struct journal *journal_start(struct ledger *ledger, const struct journal_rules *rules)
{
	struct journal *j = mem_zero(sizeof *j);

	j->ledger = ledger;
	j->rules = ledger_rules(ledger);
	j->tell = *rules;
	lock_init(&j->lock);
	condition_init(&j->work);
	if (!thread_start(&j->thread, journal_run, j))
		msg_die(STATUS_CANNOT, "cannot start a thread: %s", strerror(errno));
	return j;
}

/* With the lock: is it for the record? */
static bool journal_is_recordable(struct journal *j, const struct delivery *d, bool lost)
{
	bool done = !lost && d->verdict != VERDICT_RELEASE;

	if (d->verdict == VERDICT_RETRY)
		return true;
	if (!done && j->rules->ordered)
		j->hole = true;
	return done && !j->hole;
}

void journal_put(struct journal *j, struct delivery *list, bool lost)
{
	struct deliveries others = { 0 };
	struct delivery *next;

	lock_take(&j->lock);
	for (struct delivery *d = list; d; d = next) {
		next = d->next;
		deliveries_add(journal_is_recordable(j, d, lost) ? &j->waiting : &others, d);
	}
	if (j->waiting.first && j->idle)
		condition_one(&j->work);
	lock_give(&j->lock);
	if (others.first)
		j->tell.recorded(j->tell.ctx, others.first);
}

bool journal_finish(struct journal *j)
{
	int error;
	bool ok;

	lock_take(&j->lock);
	j->ending = true;
	condition_one(&j->work);
	lock_give(&j->lock);
	thread_join(j->thread);
	if (!atomic_load(&j->broken) && (error = ledger_fold(j->ledger)) != 0)
		journal_break_down(j, j->rules->path, error);
	ok = !atomic_load(&j->broken);
	ledger_close(j->ledger);
	free(j);
	return ok;
}
