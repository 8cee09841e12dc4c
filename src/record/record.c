/* What is on record of a run. See record.h. */
#include "record/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "group.h"
#include "item.h"
#include "record/journal.h"
#include "record/ledger.h"
#include "options/options.h"
#include "record/resume.h"
#include "stats.h"

struct record {
	const struct options *options;
	struct ledger *ledger; /* of the journal; or NULL: */
	struct resume *resume;
	struct buf meaning;
	char *outfile;       /* where -o really is; or NULL */
	struct journal *journal;
	struct stats *stats;
};

/* Which file it is, whatever its name is from here. */
static char *place_of(const char *name)
{
	char *path = realpath(name, NULL);

	return path ? path : mem_copy(name, strlen(name));
}

struct record *record_open(const struct options *o, const struct template *const *commands)
{
	struct record *r;

	if (!o->journal && !o->resume)
		return NULL;
	r = mem_zero(sizeof *r);
	r->options = o;
	if (o->resume) {
		r->resume = resume_open(&(struct resume_rules){ o, commands });
		return r;
	}
	if (o->outfile)
		r->outfile = place_of(o->outfile);
	options_meaning(o, r->outfile, &r->meaning);
	r->ledger = ledger_open(&(struct ledger_rules){ .path = o->journal,
		.meaning = buf_str(&r->meaning), .ordered = o->ordered, .outfile = o->outfile });
	return r;
}

bool record_run_id(const struct record *r, char id[RUN_ID + 1])
{
	if (!r || !r->ledger)
		return false;
	memcpy(id, ledger_run_id(r->ledger), RUN_ID + 1);
	return true;
}

uint64_t record_turn(const struct record *r)
{
	return r && r->ledger ? ledger_turn(r->ledger) : 1;
}

uint64_t record_offset(const struct record *r)
{
	return r && r->ledger ? ledger_offset(r->ledger) : 0;
}

bool record_is_journal(const struct record *r)
{
	return r && r->ledger;
}

bool record_goes_on(const struct record *r)
{
	return r && (r->resume ? resume_has_rows(r->resume) : ledger_goes_on(r->ledger));
}

bool record_has_failed(struct record *r, uint64_t seq, unsigned section)
{
	return ledger_has_failed(r->ledger, seq, section);
}

void record_start(struct record *r, struct stats *stats, const struct journal_rules *rules)
{
	if (!r)
		return;
	r->stats = stats;
	if (r->ledger)
		r->journal = journal_start(r->ledger, rules);
}

struct journal *record_journal(const struct record *r)
{
	return r ? r->journal : NULL;
}

static enum recall record_recall(void *record, struct delivery *d, struct recalling *says)
{
	struct record *r = record;
	enum recall what = r->ledger ? ledger_recall(r->ledger, d, says)
		: resume_recall(r->resume, d, &says->over);

	if (what != RECALL_LEFT)
		stats_add(r->stats, STAT_BEFORE, 1);
	if (what == RECALL_FAILED)
		stats_add(r->stats, STAT_BEFORE_FAILED, 1);
	return what;
}

struct past record_past(struct record *r)
{
	if (!r)
		return (struct past){ 0 };
	return (struct past){ .recall = record_recall, .record = r };
}

/* Can --resume go on with the job log of this run? */
static bool record_resumable(const struct options *o)
{
	for (size_t i = 0; i < o->nsections; i++)
		if (o->sections[i].overflow != OVERFLOW_BLOCK || !section_runs(&o->sections[i]))
			return false;
	return o->joblog && !o->joblog_shown && !o->outfile && !o->shuffle && !o->as_many
		&& o->nfrom <= 1 && !o->dry_run;
}

/* How the run is gone on with that has left something. */
static void record_tell_left(const struct options *o)
{
	if (o->journal)
		msg_warn("the same command line runs what is left (--journal %s)", o->journal);
	else if (o->resume || o->retry_failed)
		msg_warn("the same command line runs what is left (--joblog %s)", o->joblog);
	else if (record_resumable(o))
		msg_warn("with --resume the same command line runs what is left (--joblog %s)",
			o->joblog);
}

/* What an earlier run did not do well, and this one did not try again. */
static void record_tell_failed(const struct options *o, int64_t failed)
{
	const char *items = failed > 1 ? "items" : "item", *are = failed > 1 ? "are" : "is";

	if (o->journal)
		msg_warn("%lld %s failed for good in an earlier run, and %s not run again "
			"(--journal %s); a new journal does that", (long long)failed, items, are, o->journal);
	else
		msg_warn("%lld %s failed by the job log, and %s not run again (--joblog %s); "
			"--resume-failed%s does that", (long long)failed, items, are, o->joblog,
			o->nsections > 1 ? "" : " or --retry-failed");
}

static void record_tell(const struct record *r, const struct options *o, struct stats *stats)
{
	int64_t before = stats_get(stats, STAT_BEFORE);
	int64_t failed = stats_get(stats, STAT_BEFORE_FAILED);

	if (stats_get(stats, STAT_RELEASED))
		record_tell_left(o);
	if (r && r->resume)
		failed = (int64_t)resume_failed(r->resume);
	if (failed)
		record_tell_failed(o, failed);
	else if (before && !stats_get(stats, STAT_BORN))
		msg_warn("nothing was run: all %lld are done (%s %s)", (long long)before,
			o->journal ? "--journal" : "--joblog", o->journal ? o->journal : o->joblog);
}

void record_finish(struct record *r, const struct options *o, struct stats *stats, bool lost)
{
	bool whole = !r || !r->journal || journal_finish(r->journal);

	if (whole && !lost)
		record_tell(r, o, stats);
	if (!r)
		return;
	if (r->resume)
		resume_free(r->resume);
	buf_free(&r->meaning);
	free(r->outfile);
	free(r);
}
