/* The reader: the desk. See reader.h. */
#include "reader.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/saturate.h"
#include "base/thread.h"
#include "desk/pack.h"
#include "desk/past.h"
#include "desk/tray.h"
#include "item.h"
#include "queue/queue.h"
#include "stats.h"

/* Items too many, or compared with an earlier run, before the desk looks around again. */
enum { AT_ONCE = 1024 };

/* A source with what is being gathered from it. */
struct line {
	struct pack pack;
	bool ended;
	bool dry;           /* nothing now: to be polled */
};

struct reader {
	struct reader_rules rules;
	pthread_t thread;
	struct tray *tray;
	_Atomic uint64_t total; /* once all sources have ended, or known before */
	bool failed;

	/* The thread's own. */
	struct line *lines;
	size_t open;         /* sources that have not ended */
	size_t turn;         /* which source is asked first */
	struct item *held;   /* born in all but name: there is no room for it yet */
	uint64_t seq;        /* of the last item made */
	uint64_t records;    /* in all of them, as item_count has it */
	struct run_pool runs;
	uint64_t alive, bytes;
	uint64_t used;       /* of a shared input: how far anybody had use for it, */
	bool given_back;     /* and some of what was read of it nobody had */
	struct {
		uint64_t items, bytes;
	} beyond;            /* of these, beyond the bound: rejected, for it was full */
	int64_t parked;
	struct past past;
	bool held_back, dried; /* as it was told (arrivals) */
	bool eager;          /* some source is to be asked again at once */
	bool stopping;
};

/* --- the in-tray ------------------------------------------------------- */

void reader_settle(struct reader *r, struct delivery *list)
{
	tray_dead(r->tray, list);
}

void reader_parked(struct reader *r, long more)
{
	tray_parked(r->tray, more);
}

void reader_stop(struct reader *r)
{
	tray_stop(r->tray);
}

void reader_wake(struct reader *r)
{
	tray_look(r->tray);
}

/* --- deaths ------------------------------------------------------------ */

/* What was released comes again to whoever reads the input next, unless something behind it
 * was done. */
static void note_use(struct reader *r, const struct item *item, bool released)
{
	if (released)
		r->given_back = true;
	else if (item->offset > r->used)
		r->used = item->offset;
}

static void bury(struct reader *r, struct delivery *d)
{
	struct item *item = d->item;

	assert(item->unsettled > 0 && r->alive > 0);
	state_step(&d->state, ONLY(WRITTEN), STATE_SETTLED);
	if (--item->unsettled > 0)
		return;
	r->alive--;
	r->bytes -= item->weight;
	if (item->beyond) {
		r->beyond.items--;
		r->beyond.bytes -= item->weight;
	}
	stats_add(r->rules.stats, STAT_SETTLED, (int64_t)item_count(item));
	note_use(r, item, d->verdict == VERDICT_RELEASE);
	item_free(item, &r->runs);
}

static void empty_tray(struct reader *r)
{
	struct brought in = tray_take(r->tray);
	struct delivery *next;

	r->parked += in.parked;
	for (struct delivery *d = in.dead; d; d = next) {
		next = d->next;
		bury(r, d);
	}
	if (in.stop && !r->stopping) {
		r->stopping = true;
		r->rules.stop(r->rules.ctx);
	}
}

/* --- births ------------------------------------------------------------ */

static struct queue_load load_of(const struct reader *r)
{
	return r->rules.queue ? queue_load(r->rules.queue) : (struct queue_load){ 0 };
}

/* Is the bound on items reached, by those that count against it? */
static bool items_lack(const struct reader *r, struct queue_load load)
{
	int64_t counted = (int64_t)(r->alive - r->beyond.items) - (r->rules.strict ? 0 : r->parked);

	counted -= r->rules.ready_only ? (int64_t)load.waiting : 0;
	return counted >= saturate_signed(r->rules.queue_size);
}

static bool room_for(const struct reader *r, size_t weight)
{
	struct queue_load load = load_of(r);
	uint64_t kept = r->bytes - r->beyond.bytes + store_in_memory(r->rules.store) + load.bytes;

	if (r->alive == r->beyond.items) /* the heaviest item travels alone */
		return true;
	return !items_lack(r, load) && saturate_add(kept, weight) <= r->rules.queue_bytes
		&& store_spooled(r->rules.store) < r->rules.spool_cap;
}

static struct item *admit_held(struct reader *r)
{
	struct item *item = r->held;

	r->held = NULL;
	item->deliveries[0].group = r->rules.group;
	r->alive++;
	r->bytes += item->weight;
	stats_add(r->rules.stats, STAT_BORN, (int64_t)item_count(item));
	if (item->deliveries[0].attempts) /* in an earlier run */
		stats_add(r->rules.stats, STAT_RETRYING, 1);
	return item;
}

static bool is_refused(const struct item *item)
{
	return item->deliveries[0].result.outcome.how == OUTCOME_REFUSED;
}

static bool give_birth(struct reader *r)
{
	struct item *item;

	if (!r->held)
		return true; /* it was known, and needed no birth, or not yet */
	if (!room_for(r, r->held->weight))
		return false;
	item = admit_held(r);
	if (is_refused(item))
		r->rules.refused(r->rules.ctx, &item->deliveries[0]);
	else
		r->rules.birth(r->rules.ctx, &item->deliveries[0]);
	return true;
}

static void close_line(struct reader *r, struct line *l)
{
	l->ended = true;
	r->open--;
	if (l->pack.source->failed)
		r->failed = true;
}

/* What an earlier run knows of the one that is held comes first. */
static void recall(struct reader *r, const char *refused)
{
	struct item *item = r->held;
	bool kept = past_keep(&r->past, item);

	r->held = NULL;
	if (kept && refused)
		item_refuse(item, refused);
	if (!kept && r->past.gaps)
		r->rules.skip(r->rules.ctx, item->seq);
	if (kept)
		return;
	note_use(r, item, false);
	item_free(item, &r->runs);
}

/* Take the next item of this source, if it has one. */
static bool take_item(struct reader *r, struct line *l)
{
	const char *refused;

	if (l->ended || l->dry)
		return false;
	switch (pack_next(&l->pack, r->seq + 1, r->records + 1, &r->held,
		&refused)) {
	case SOURCE_AGAIN:
		r->eager = true;
		l->dry = true;
		return false;
	case SOURCE_NOTHING:
		l->dry = true;
		return false;
	case SOURCE_END:
		close_line(r, l);
		return false;
	case SOURCE_RECORD:
		r->seq++;
		r->records += item_count(r->held);
		if (!r->past.over)
			recall(r, refused);
		else if (refused)
			item_refuse(r->held, refused);
		return true;
	}
	return false;
}

/* Will there be any more births? */
static bool has_more(const struct reader *r)
{
	return r->open > 0 || r->held || r->past.left.first;
}

/* The next item of any source: each is asked in turn. */
static bool take_any(struct reader *r)
{
	for (size_t i = 0; i < r->rules.nsources; i++) {
		struct line *l = &r->lines[r->turn];

		r->turn = (r->turn + 1) % r->rules.nsources;
		if (take_item(r, l))
			return true;
	}
	return false;
}

/* An item to be born, if there is one: held, unless it is for the record alone. */
static bool next_item(struct reader *r)
{
	if (r->past.over && (r->held = past_left(&r->past)))
		return true;
	if (take_any(r))
		return true;
	if (r->past.over || r->open > 0)
		return false;
	if (r->failed) /* and nothing is known of the rest of the list */
		r->stopping = true;
	else
		past_end(&r->past);
	return true;
}

/* --- more than there is room for (--overflow) --------------------------- */

/* The next one gets its number. */
static void drop_held(struct reader *r)
{
	r->seq--;
	r->records -= item_count(r->held);
	stats_add(r->rules.stats, STAT_DROPPED, (int64_t)item_count(r->held));
	stats_add(r->rules.stats, STAT_UNBORN, (int64_t)item_count(r->held));
	note_use(r, r->held, false);
	item_free(r->held, &r->runs);
	r->held = NULL;
}

/* False: nothing waits that could be dropped. */
static bool drop_oldest(struct reader *r)
{
	struct delivery *d = r->rules.oldest(r->rules.ctx);

	if (!d)
		return false;
	stats_add(r->rules.stats, STAT_DROPPED, (int64_t)item_count(d->item));
	stats_add(r->rules.stats, STAT_OVER, (int64_t)item_count(d->item));
	bury(r, d);
	return true;
}

/* It goes beyond the bound, to be told and logged; as far again as that goes. */
static bool reject_held(struct reader *r)
{
	struct item *item = r->held;

	if (r->beyond.items >= r->rules.queue_size || r->beyond.bytes >= r->rules.queue_bytes)
		return false;
	if (!is_refused(item))
		item_refuse(item, "the queue is full (--overflow reject)");
	admit_held(r);
	r->beyond.items++;
	r->beyond.bytes += item->weight;
	item->beyond = true;
	r->rules.skip(r->rules.ctx, item->seq);
	r->rules.refused(r->rules.ctx, &item->deliveries[0]);
	return true;
}

/* There is no room for the one that is held. False: it has to wait. What was refused as
 * it was read wants no room in the queue: it is told and logged. */
static bool overflow(struct reader *r)
{
	if (r->rules.overflow != OVERFLOW_BLOCK && is_refused(r->held))
		return reject_held(r);
	switch (r->rules.overflow) {
	case OVERFLOW_BLOCK:
		return false;
	case OVERFLOW_DROP_OLD:
		if (drop_oldest(r))
			return true;
		drop_held(r);
		return true;
	case OVERFLOW_DROP_NEW:
		drop_held(r);
		return true;
	case OVERFLOW_REJECT:
		return reject_held(r);
	case OVERFLOW_FAIL:
		r->rules.overflowed(r->rules.ctx, r->held);
		return false;
	}
	return false;
}

/* Has nobody made room meanwhile? */
static bool is_still_full(struct reader *r)
{
	if (r->rules.overflow != OVERFLOW_BLOCK)
		empty_tray(r);
	return !r->stopping && !room_for(r, r->held->weight);
}

/* As many births as there is room and there are items for. True if it is the
 * room that is lacking. */
static bool births(struct reader *r)
{
	bool block = r->rules.overflow == OVERFLOW_BLOCK;
	unsigned excess = 0;

	for (size_t i = 0; i < r->rules.nsources; i++)
		r->lines[i].dry = false;
	r->eager = false;
	while (!r->stopping) {
		if (!r->held && ((block && !room_for(r, 0)) || !next_item(r)))
			break;
		if (give_birth(r) || !is_still_full(r)) {
			if (r->past.over)
				continue;
		} else if (!overflow(r)) {
			return true;
		}
		if (++excess == AT_ONCE) {
			r->eager = true;
			break;
		}
	}
	return block && !r->stopping && has_more(r) && !room_for(r, 0);
}

/* --- the thread -------------------------------------------------------- */

/* What to wake up for. At the bound: for half of what the queue holds for no
 * worker yet, so that a round is worthwhile and nobody runs dry. */
static struct worth what_to_wait_for(const struct reader *r, bool full)
{
	uint64_t size = r->rules.queue_size, workers, half;

	if (!has_more(r) || r->stopping)
		return (struct worth){ r->alive, TRAY_NEVER }; /* only the end is left */
	if (!full)
		return (struct worth){ TRAY_NEVER, TRAY_NEVER }; /* the source will wake us */
	if (!items_lack(r, load_of(r)))
		return (struct worth){ 1, TRAY_NEVER }; /* it is bytes that are lacking */
	workers = r->rules.pack->workers(r->rules.pack->ctx);
	half = size > workers + 1 ? (size - workers) / 2 : 1;
	if (r->rules.strict)
		return (struct worth){ half, TRAY_NEVER };
	return (struct worth){ TRAY_NEVER, (int64_t)half };
}

static size_t set_polls(struct reader *r, struct pollfd *fd, bool full)
{
	size_t n = 0;

	fd[n++] = (struct pollfd){ .fd = tray_bell(r->tray), .events = POLLIN };
	/* No events asked for: that nobody reads the pipe is told all the same. */
	fd[n++] = (struct pollfd){ .fd = r->rules.watch_output ? STDOUT_FILENO : -1 };
	for (size_t i = 0; !full && !r->stopping && i < r->rules.nsources; i++)
		if (r->lines[i].dry)
			fd[n++] = (struct pollfd){ .fd = r->lines[i].pack.source->fd,
				.events = POLLIN };
	return n;
}

/* Sleep until a source or the in-tray has something. */
static void sleep_on(struct reader *r, struct pollfd *fd, bool full, int64_t patience)
{
	size_t n = set_polls(r, fd, full);

	if (r->eager || !tray_doze(r->tray, what_to_wait_for(r, full)))
		return;
	poll(fd, (nfds_t)n, (int)((thread_patience(patience) + CLOCK_MS - 1) / CLOCK_MS));
	tray_rise(r->tray, fd[0].revents != 0);
	if (fd[1].revents & (POLLERR | POLLHUP)) {
		r->rules.watch_output = false;
		r->rules.output_gone(r->rules.ctx);
	}
}

static void tell_total(struct reader *r)
{
	if (r->open == 0 && !r->stopping)
		atomic_store(&r->total,
			r->records - (uint64_t)stats_get(r->rules.stats, STAT_BEFORE));
}

static void tell_arrivals(struct reader *r, bool full)
{
	bool dried = r->stopping || !has_more(r);

	if (!r->rules.arrivals || (full == r->held_back && dried == r->dried))
		return;
	r->held_back = full;
	r->dried = dried;
	r->rules.arrivals(r->rules.ctx, full, dried);
}

static void *reader_run(void *arg)
{
	struct reader *r = arg;
	struct pollfd *fd = mem_alloc((r->rules.nsources + 2) * sizeof *fd);

	thread_name("pq-reader");
	for (;;) {
		int64_t patience = r->rules.look(r->rules.ctx);
		bool full;

		empty_tray(r);
		r->rules.look(r->rules.ctx);
		full = births(r);
		tell_total(r);
		tell_arrivals(r, full);
		if (full)
			r->rules.full(r->rules.ctx, !items_lack(r, load_of(r)));
		if (r->alive == 0 && (r->stopping || !has_more(r)))
			break;
		sleep_on(r, fd, full, patience);
	}
	free(fd);
	assert(r->bytes == 0 && r->beyond.items == 0 && r->beyond.bytes == 0);
	r->rules.over(r->rules.ctx);
	return NULL;
}

struct reader *reader_new(const struct reader_rules *rules)
{
	struct reader *r = mem_zero(sizeof *r);

	r->rules = *rules;
	r->lines = mem_zero(rules->nsources * sizeof *r->lines);
	r->open = rules->nsources;
	r->past = rules->past;
	r->past.over = !rules->past.recall;
	for (size_t i = 0; i < rules->nsources; i++)
		r->lines[i].pack = (struct pack){ .rules = rules->pack,
			.source = rules->sources[i], .pool = &r->runs };
	r->tray = tray_new();
	return r;
}

void reader_start(struct reader *r)
{
	if (!thread_start(&r->thread, reader_run, r))
		msg_die(125, "cannot start a thread: %s", strerror(errno));
}

/* Records that will not be born, so far. */
static uint64_t passed_by(const struct reader *r)
{
	return (uint64_t)(stats_get(r->rules.stats, STAT_BEFORE)
		+ stats_get(r->rules.stats, STAT_UNBORN));
}

/* How many items these records become; 0: unknown. */
static uint64_t items_of(const struct reader *r, uint64_t records)
{
	uint64_t passed = passed_by(r);

	if (r->rules.pack->max_args || r->rules.pack->as_many)
		return 0;
	return records > passed ? records - passed : 0;
}

uint64_t reader_total(struct reader *r)
{
	uint64_t total = atomic_load(&r->total);

	return total ? total
		: items_of(r, source_total(r->rules.sources, r->rules.nsources));
}

/* The same where so many go into an item; if records may be dropped, at most so many. */
static uint64_t batches_of(const struct reader *r, uint64_t records)
{
	uint64_t each = r->rules.pack->max_args, passed = passed_by(r);
	uint64_t items = records / each + (records % each > 0);

	return items > passed ? items - passed : 0;
}

uint64_t reader_total_seen(struct reader *r, bool *estimated)
{
	const struct pack_rules *pack = r->rules.pack;
	uint64_t total = atomic_load(&r->total), passed = passed_by(r), records;

	*estimated = false;
	if (total || pack->as_many || (pack->max_args && pack->run_size))
		return total;
	records = source_total_seen(r->rules.sources, r->rules.nsources,
		stats_get(r->rules.stats, STAT_BORN) + (int64_t)passed, estimated);
	if (!pack->max_args)
		return items_of(r, records);
	if (*estimated) /* by items, of which nobody knows how many they took */
		return 0;
	*estimated = pack->edit != NULL;
	return batches_of(r, records);
}

/* One that was never born. */
static void forget(struct reader *r, struct item *item)
{
	note_use(r, item, true);
	item_free(item, &r->runs);
}

/* A shared offset stays behind what was used: what nobody had use for is not lost. */
static void close_source(struct reader *r, struct line *l)
{
	struct source *s = l->pack.source;

	pack_free(&l->pack);
	if (l->ended && !r->given_back)
		s->used = SOURCE_USED;
	else if (r->used > s->used)
		s->used = r->used;
	s->close(s);
}

bool reader_finish(struct reader *r)
{
	struct brought in;
	struct item *item;
	bool ok;

	thread_join(r->thread);
	in = tray_take(r->tray);
	assert(!in.dead && r->parked + in.parked == 0);
	ok = !r->failed;
	if (r->held)
		forget(r, r->held);
	while ((item = past_left(&r->past)))
		forget(r, item);
	for (size_t i = 0; i < r->rules.nsources; i++)
		close_source(r, &r->lines[i]);
	run_pool_free(&r->runs);
	tray_free(r->tray);
	free(r->lines);
	free(r);
	return ok;
}
