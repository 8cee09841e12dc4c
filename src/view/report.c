/* What the report hears of a run. See report.h. */
#include "view/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/chain.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/whole_file.h"
#include "events.h"
#include "group.h"
#include "item.h"
#include "view/report_data.h"
#include "view/report_text.h"

/* Between two snapshots, at least. */
#define EVERY (CLOCK_SECOND / 10)

/* Bytes of HTML that a name has in the timeline, where there are thousands of them. */
enum { NAME_SHORT = 56, NAME_LONG = 400 };

/* The text, which is freed, as HTML; owned by the caller. */
static char *report_html(struct buf *text, size_t most)
{
	struct buf html = { 0 };
	char *copy;

	report_escape_cut(&html, text->data, text->len, most);
	copy = mem_copy(html.data, html.len);
	buf_free(text);
	buf_free(&html);
	return copy;
}

/* The name of an item, as HTML; owned by the caller. */
static char *report_name(const struct item *item, size_t most)
{
	struct buf name = { 0 };

	item_name(&name, item);
	return report_html(&name, most);
}

/* How the last attempt ended, as HTML; owned by the caller. */
static char *report_how(const struct delivery *d)
{
	struct buf why = { 0 };

	delivery_why(&why, d);
	return report_html(&why, NAME_LONG);
}

static uint64_t report_item(const struct item *item)
{
	return item->run ? item->run->first : item->number;
}

/* --- attempts ------------------------------------------------------------ */

/* With the lock: the number of the pool whose workers run what is of this group. */
static unsigned report_pool(struct report *r, const struct group *group)
{
	unsigned i = 0;

	while (i < r->npools && r->pools[i] != group->pool)
		i++;
	if (i == r->npools)
		r->pools[r->npools++] = group->pool;
	return i;
}

static enum timeline_end report_end(const struct delivery *d, enum event_kind kind)
{
	const struct product *product = d->result.product;

	if (kind == EVENT_LOST || d->verdict == VERDICT_RETRY)
		return TIMELINE_RETRIED;
	if (d->verdict == VERDICT_RELEASE)
		return TIMELINE_STOPPED;
	return d->verdict == VERDICT_REJECT || (product && product->failed) ? TIMELINE_FAILED
		: TIMELINE_DONE;
}

static void report_span(struct report *r, const struct event *e)
{
	const struct delivery *d = e->delivery;
	const struct outcome *o = &d->result.outcome;
	struct report_spans *part = r->groups ? &r->groups[d->group->number - 1] : NULL;
	bool by_itself = o->how == OUTCOME_EXIT || o->how == OUTCOME_SIGNAL;

	histogram_add(&r->whole.waited, d->result.waited);
	if (by_itself && e->kind == EVENT_ENDED)
		histogram_add(&r->whole.ran, o->took);
	if (!part)
		return;
	histogram_add(&part->waited, d->result.waited);
	if (by_itself && e->kind == EVENT_ENDED)
		histogram_add(&part->ran, o->took);
}

static void report_keep_slow(struct report *r, const struct delivery *d)
{
	int64_t took = d->result.outcome.took;
	struct shortlist_row row = { .rank = UINT64_MAX - (uint64_t)took, .turn = d->turn,
		.number = report_item(d->item), .took = took, .attempts = d->attempts,
		.slot = d->result.slot };

	if (!shortlist_wants(&r->slowest, row.rank, row.turn))
		return;
	row.name = report_name(d->item, NAME_LONG);
	row.how = report_how(d);
	shortlist_add(&r->slowest, &row);
}

/* An attempt is over. */
static void report_attempt(struct report *r, const struct event *e)
{
	const struct delivery *d = e->delivery;
	int64_t turn, from;
	struct timeline_job job = { .slot = d->result.slot, .from = e->began, .to = e->at,
		.number = report_item(d->item), .end = report_end(d, e->kind) };

	lock_take(&r->lock);
	job.pool = report_pool(r, d->group);
	if (timeline_names(&r->timeline, e->at - e->began))
		job.name = report_name(d->item, NAME_SHORT);
	turn = timeline_add(&r->timeline, &job);
	from = d->group->in_turn ? turn : e->began;
	flow_add(&r->running, from, e->at);
	flow_add(&r->waiting, from - d->result.waited, from);
	report_span(r, e);
	if (e->kind == EVENT_ENDED && d->result.outcome.took > 0)
		report_keep_slow(r, d);
	lock_give(&r->lock);
}

/* --- deliveries ---------------------------------------------------------- */

/* With the lock: it waited until now, and does so no more. */
static void report_left_queue(struct report *r, const struct event *e)
{
	const struct delivery *d = e->delivery;

	if (d->since)
		flow_add(&r->waiting, d->since - events_begun(r->rules.events), e->at);
}

/* With the lock: as the job log has it. */
static void report_count_end(struct report *r, const struct outcome *o)
{
	unsigned code = (unsigned)o->code;

	switch (o->how) {
	case OUTCOME_EXIT:
		r->statuses[code % REPORT_STATUSES]++;
		break;
	case OUTCOME_SIGNAL:
		r->signals[code % REPORT_SIGNALS]++;
		break;
	case OUTCOME_TIMEOUT:
		r->others[OTHER_TIMEOUT]++;
		break;
	case OUTCOME_EVICTED:
		r->others[OTHER_EVICTED]++;
		break;
	case OUTCOME_NOT_STARTED:
		r->others[OTHER_NOT_STARTED]++;
		break;
	case OUTCOME_REFUSED:
		r->others[OTHER_REFUSED]++;
		break;
	case OUTCOME_STOPPED:
		break;
	}
}

/* On stderr, as programs do; of what is silent there, as many a test, on stdout. */
static const struct chunk *report_complaint(const struct result *result)
{
	const struct chunk *tail = result->tail[STREAM_ERR];

	return tail && tail->len ? tail : result->tail[STREAM_OUT];
}

/* The end of what it printed, from the beginning of a line if there is one in it. */
static void report_tail(struct report *r, const struct delivery *d, struct shortlist_row *row)
{
	const struct chunk *tail = report_complaint(&d->result);
	char *scratch = tail && tail->len ? mem_alloc(CHAIN_SLOT) : NULL;
	const char *data = scratch ? chunk_data(r->rules.store, tail, scratch) : NULL, *line;
	size_t len = data ? tail->len : 0;

	if (len > REPORT_TAIL) {
		data += len - REPORT_TAIL;
		len = REPORT_TAIL;
	}
	row->cut = len == REPORT_TAIL;
	line = row->cut ? memchr(data, '\n', len - 1) : NULL;
	if (line) {
		len -= (size_t)(line + 1 - data);
		data = line + 1;
	}
	if (len) {
		row->tail = mem_copy(data, len);
		row->tail_len = len;
	}
	free(scratch);
}

static struct shortlist_row report_row(const struct delivery *d)
{
	return (struct shortlist_row){ .rank = report_item(d->item), .turn = d->turn,
		.number = report_item(d->item), .took = d->result.outcome.took,
		.attempts = d->attempts + d->lost, .slot = d->result.slot };
}

/* What failed for good. The end of its output is read with nothing locked: nobody else
 * settles meanwhile. */
static void report_failed(struct report *r, const struct delivery *d)
{
	struct shortlist_row row = report_row(d);
	bool wanted;

	lock_take(&r->lock);
	wanted = shortlist_wants(&r->failures, row.rank, row.turn);
	lock_give(&r->lock);
	if (!wanted)
		return;
	row.name = report_name(d->item, NAME_LONG);
	row.how = report_how(d);
	report_tail(r, d, &row);
	lock_take(&r->lock);
	shortlist_add(&r->failures, &row);
	lock_give(&r->lock);
}

/* Records of a run that could not be done. */
static void report_rejects(struct report *r, const struct delivery *d)
{
	const struct product *product = d->result.product;

	for (size_t i = 0; i < product->nrejects; i++) {
		const struct reject *reject = &product->rejects[i];
		struct shortlist_row row = { .rank = d->item->run->first + reject->index };
		struct buf name = { 0 };

		lock_take(&r->lock);
		if (shortlist_wants(&r->failures, row.rank, 0)) {
			row.number = row.rank;
			buf_addf(&name, "item %llu ", (unsigned long long)row.rank);
			report_escape_cut(&name, d->item->run->bytes.data + reject->at, reject->len,
				NAME_LONG);
			row.name = mem_copy(name.data, name.len);
			row.how = mem_copy(reject->why, strlen(reject->why));
			shortlist_add(&r->failures, &row);
		}
		lock_give(&r->lock);
		buf_free(&name);
	}
}

static void report_settled(struct report *r, const struct event *e)
{
	const struct delivery *d = e->delivery;
	const struct outcome *o = &d->result.outcome;
	bool several = d->attempts + d->lost > 1;
	struct shortlist_row row = report_row(d);

	if (d->result.product && d->result.product->nrejects)
		report_rejects(r, d);
	else if (d->verdict == VERDICT_REJECT)
		report_failed(r, d);
	lock_take(&r->lock);
	if (d->verdict == VERDICT_RELEASE && o->how == OUTCOME_STOPPED && !o->code)
		report_left_queue(r, e);
	if (d->verdict != VERDICT_RETRY && d->verdict != VERDICT_RELEASE)
		report_count_end(r, o);
	if (d->verdict == VERDICT_ACK && several
	    && shortlist_wants(&r->flaky, row.rank, row.turn)) {
		row.name = report_name(d->item, NAME_LONG);
		row.how = report_how(d);
		shortlist_add(&r->flaky, &row);
	}
	lock_give(&r->lock);
}

/* --- the run ------------------------------------------------------------- */

/* With the lock: what has been since the last one. */
static void report_sample(struct report *r, const struct snapshot *snap)
{
	int64_t from = r->sampled, to = snap->elapsed, held = snap->held - r->held;

	if (to <= from)
		return;
	held = held < to - from ? held : to - from;
	flow_spread(&r->full, from, to, held);
	if (held > 0) {
		r->full_from = r->full_to ? r->full_from : from;
		r->full_to = to;
	}
	if ((unsigned)snap->hold < HOLDS)
		r->hold[snap->hold] += to - from;
	r->held_of += to - from;
	r->sampled = to;
	r->held = snap->held;
}

static void report_ended_by(struct report *r, const struct delivery *d)
{
	char *name = report_name(d->item, NAME_LONG), *how = report_how(d);

	buf_clear(&r->halted);
	buf_addf(&r->halted, "%s (%s)", name, how);
	free(name);
	free(how);
}

static void report_hear(void *ctx, const struct event *e)
{
	struct report *r = ctx;

	switch (e->kind) {
	case EVENT_ENDED:
	case EVENT_LOST:
		report_attempt(r, e);
		return;
	case EVENT_SETTLED:
		report_settled(r, e);
		return;
	default:
		break;
	}
	lock_take(&r->lock);
	if (e->kind == EVENT_DROPPED && e->delivery)
		report_left_queue(r, e);
	else if (e->kind == EVENT_HALTED)
		report_ended_by(r, e->delivery);
	else if (e->kind == EVENT_STOPPED)
		r->stopped = true;
	else if (e->kind == EVENT_SAMPLED)
		report_sample(r, e->snap);
	lock_give(&r->lock);
}

struct report *report_open(const struct report_rules *rules)
{
	struct whole_file *file = whole_file_open(rules->path);
	struct report *r;

	if (!file)
		return NULL;
	r = mem_zero(sizeof *r);
	r->rules = *rules;
	r->file = file;
	lock_init(&r->lock);
	r->pools = mem_zero(rules->groups * sizeof *r->pools);
	timeline_init(&r->timeline, rules->groups);
	flow_init(&r->running);
	flow_init(&r->waiting);
	flow_init(&r->full);
	if (rules->groups > 1)
		r->groups = mem_zero(rules->groups * sizeof *r->groups);
	shortlist_init(&r->failures, REPORT_FAILURES);
	shortlist_init(&r->slowest, REPORT_SLOWEST);
	shortlist_init(&r->flaky, REPORT_FLAKY);
	events_listen(rules->events, &(struct listener){ .kinds = EVENT(ENDED) | EVENT(LOST)
		| EVENT(SETTLED) | EVENT(DROPPED) | EVENT(HALTED) | EVENT(STOPPED) | EVENT(SAMPLED),
		.every = EVERY, .hear = report_hear, .ctx = r });
	return r;
}

static void report_free(struct report *r)
{
	whole_file_close(r->file);
	timeline_free(&r->timeline);
	shortlist_free(&r->failures);
	shortlist_free(&r->slowest);
	shortlist_free(&r->flaky);
	buf_free(&r->halted);
	free(r->pools);
	free(r->groups);
	free(r);
}

bool report_close(struct report *r, const struct snapshot *snap,
	const struct measures *measures, const struct group *groups)
{
	struct buf html = { 0 };
	struct report_page page = { .to = &html, .report = r, .snap = snap, .measures = measures,
		.groups = groups, .end = snap->elapsed, .noun = "job" };
	bool ok;
	int error;

	report_sample(r, snap);
	timeline_finish(&r->timeline, page.end);
	for (unsigned i = 0; i < r->rules.groups; i++)
		if (groups[i].records)
			page.noun = "record";
	report_page(&page);
	ok = whole_file_write(r->file, html.data, html.len);
	error = errno;
	buf_free(&html);
	report_free(r);
	errno = error;
	return ok;
}
