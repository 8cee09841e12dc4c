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
#include "base/thread.h"
#include "desk/bound.h"
#include "desk/order.h"
#include "desk/pack.h"
#include "desk/route.h"
#include "desk/settle.h"
#include "desk/sift.h"
#include "desk/total.h"
#include "desk/tray.h"
#include "group.h"
#include "events.h"
#include "item.h"
#include "queue/queue.h"
#include "stats.h"

/* Items too many, or compared with an earlier run, before the desk looks around again. */
enum { AT_ONCE = 1024 };

struct reader {
	struct reader_rules rules;
	pthread_t thread;
	struct tray *tray;
	struct total total;
	_Atomic bool full;   /* the bound holds births back */
	_Atomic bool leases; /* what more will be born comes from sources that lease it */
	_Atomic bool ended;  /* nothing more will be born */

	/* The thread's own. */
	struct sources sources;
	struct buf why;      /* the one is refused that was read last */
	struct item *held;   /* born in all but name: there is no room for it yet */
	uint64_t seq;        /* of the last item made */
	uint64_t records;    /* in all of them, as item_count has it */
	uint64_t comments;   /* left out, as it was told */
	struct run_pool runs;
	struct bound bound;
	struct sift sift;
	uint32_t born;       /* items */
	bool held_back, dried; /* as it was told (arrivals) */
	bool stopping;
	bool block;          /* no group drops anything when it is full (--overflow) */
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

static void bury(struct reader *r, struct delivery *d)
{
	struct item *item = d->item;

	state_step(&d->state, ONLY(WRITTEN), STATE_SETTLED);
	stats_count(d, STAT_SETTLED, (int64_t)item_count(item));
	item->released |= d->verdict == VERDICT_RELEASE;
	if (!bound_leave(&r->bound, d))
		return;
	sources_note_use(&r->sources, item, item->released);
	settle_item(item);
	item_free(item, &r->runs);
}

static void empty_tray(struct reader *r)
{
	struct brought in = tray_take(r->tray);
	struct delivery *next;

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

/* Nobody is to wait for the turns of those that will not come, or not in their order. */
static void reader_skip_turns(struct reader *r, const struct item *item)
{
	for (uint32_t i = 0; i < item->groups; i++)
		if (!item->deliveries[i].group || item->deliveries[i].beyond)
			r->rules.skip(r->rules.ctx, item->deliveries[i].turn);
}

static void reader_count_birth(const struct delivery *d)
{
	stats_count(d, STAT_BORN, (int64_t)item_count(d->item));
	if (d->attempts) /* in an earlier run */
		stats_add(d->group->stats, STAT_RETRYING, 1);
}

static void admit_held(struct reader *r)
{
	struct item *item = r->held;

	r->held = NULL;
	item->born = ++r->born;
	bound_enter(&r->bound, item);
	reader_skip_turns(r, item);
	for (uint32_t i = 0; i < item->groups; i++) {
		struct delivery *d = &item->deliveries[i];

		if (!d->group)
			continue;
		reader_count_birth(d);
		if (delivery_is_refused(d))
			r->rules.refused(r->rules.ctx, d);
		else
			r->rules.birth(r->rules.ctx, d);
	}
}

/* The first delivery of the one that is held for which there is no room; of those whose
 * group drops nothing, if there is any; or NULL. */
static struct delivery *reader_lacking(struct reader *r)
{
	struct delivery *lacking = NULL;

	for (uint32_t i = 0; i < r->held->groups; i++) {
		struct delivery *d = &r->held->deliveries[i];

		if (!d->group || !bound_is_full(&r->bound, d))
			continue;
		if (d->group->overflow == OVERFLOW_BLOCK)
			return d;
		lacking = lacking ? lacking : d;
	}
	return lacking;
}

static bool give_birth(struct reader *r)
{
	if (!r->held)
		return true; /* it was known, and needed no birth, or not yet */
	if (reader_lacking(r))
		return false;
	admit_held(r);
	return true;
}

/* Nobody is to run it, or not again. */
static void reader_let_go(void *ctx, struct item *item)
{
	struct reader *r = ctx;

	reader_skip_turns(r, item);
	sources_note_use(&r->sources, item, false);
	item_free(item, &r->runs);
}

/* The one that is held was read just now; refused: no worker may have it, for this reason. */
static void reader_receive(struct reader *r, const char *refused)
{
	uint64_t count = item_count(r->held);

	r->seq++;
	r->records += count;
	atomic_fetch_add(&r->total.read, count);
	refused = route_item(&r->rules.route, r->held, refused, &r->why);
	r->held = sift_item(&r->sift, r->held, refused);
}

/* Will there be any more births? */
static bool has_more(const struct reader *r)
{
	return r->sources.open > 0 || r->held || sift_keeps(&r->sift);
}

/* What was left out on the way to it. */
static void reader_note_comments(struct reader *r)
{
	uint64_t comments = sources_comments(&r->sources);

	if (comments != r->comments)
		stats_add(r->rules.stats, STAT_COMMENTS, (int64_t)(comments - r->comments));
	r->comments = comments;
}

/* The next item of any source. */
static bool take_any(struct reader *r)
{
	const char *refused;

	r->held = sources_next(&r->sources, r->seq + 1, r->records + 1, &refused);
	reader_note_comments(r);
	if (!r->held)
		return false;
	reader_receive(r, refused);
	return true;
}

/* An item to be born, if there is one: held, unless it is for the record alone. */
static bool next_item(struct reader *r)
{
	r->held = sift_kept(&r->sift);
	if (r->held || take_any(r))
		return true;
	return r->sources.open == 0 && sift_end(&r->sift, r->sources.failed, &r->stopping);
}

/* --- more than there is room for (--overflow) --------------------------- */

/* Nothing of the one that is held will be born, and the next one gets its number. */
static void drop_held(struct reader *r)
{
	r->seq--;
	r->records -= item_count(r->held);
	sources_note_use(&r->sources, r->held, false);
	item_free(r->held, &r->runs);
	r->held = NULL;
}

static void drop_new(struct reader *r, struct delivery *d)
{
	int64_t count = (int64_t)item_count(d->item);

	stats_add(d->group->stats, STAT_DROPPED, count);
	stats_add(d->group->stats, STAT_UNBORN, count);
	atomic_fetch_sub(&r->total.fated, (uint64_t)count);
	events_dropped(r->rules.events, NULL, (uint64_t)count);
	d->group = NULL;
	if (--d->item->unsettled == 0)
		drop_held(r);
}

/* False: nothing waits that could be dropped. */
static bool drop_oldest(struct reader *r, const struct group *g)
{
	struct delivery *d = r->rules.oldest(r->rules.ctx, g);

	if (!d)
		return false;
	stats_add(g->stats, STAT_DROPPED, (int64_t)item_count(d->item));
	stats_add(g->stats, STAT_OVER, (int64_t)item_count(d->item));
	events_dropped(r->rules.events, d, item_count(d->item));
	bury(r, d);
	return true;
}

/* It goes beyond the bound, to be told and logged; as far again as that goes. */
static bool reject_new(struct delivery *d)
{
	if (d->beyond)
		return false;
	if (!delivery_is_refused(d))
		delivery_refuse(d, "the queue is full (--overflow reject)");
	d->beyond = true;
	return true;
}

/* There is no room for this delivery of the one that is held. False: it has to wait. What was
 * refused as it was read wants no room in the queue: it is told and logged. */
static bool overflow(struct reader *r, struct delivery *d)
{
	enum overflow what = d->group->overflow;

	if (what != OVERFLOW_BLOCK && delivery_is_refused(d))
		return reject_new(d);
	switch (what) {
	case OVERFLOW_BLOCK:
		return false;
	case OVERFLOW_DROP_OLD:
		if (!drop_oldest(r, d->group))
			drop_new(r, d);
		return true;
	case OVERFLOW_DROP_NEW:
		drop_new(r, d);
		return true;
	case OVERFLOW_REJECT:
		return reject_new(d);
	case OVERFLOW_FAIL:
		r->rules.overflowed(r->rules.ctx, d);
		return false;
	}
	return false;
}

/* Has nobody made room meanwhile? What is lacking it; asked once, for others go on. */
static struct delivery *reader_still_lacking(struct reader *r)
{
	if (!r->block)
		empty_tray(r);
	return r->stopping ? NULL : reader_lacking(r);
}

static void reader_begin(struct reader *r)
{
	uint64_t places, idle, most = r->rules.bound.queue_size;
	unsigned each = pack_places(r->rules.pack);

	sources_begin(&r->sources);
	if (!r->sources.leased)
		return;
	r->rules.crew(r->rules.ctx, &places, &idle);
	places = places < most ? places : most; /* more would be held, and not be alive */
	idle = idle < most ? idle : most;
	sources_tend(&r->sources, (unsigned)places * each, (unsigned)idle * each);
}

/* As many births as there is room and there are items for. True if it is the
 * room that is lacking. */
static bool births(struct reader *r)
{
	unsigned excess = 0;
	bool full = false;
	struct delivery *lacking;

	reader_begin(r);
	while (!r->stopping) {
		bool held;

		/* Asked once: what is parked may be less by the next time, and nobody would wake
		 * a desk that waits for its sources. */
		full = !r->held && bound_holds(&r->bound);
		if (full || (!r->held && !next_item(r)))
			break;
		held = r->held != NULL;
		if (give_birth(r) || !(lacking = reader_still_lacking(r))) {
			if (held)
				continue;
		} else if (!overflow(r, lacking)) {
			return true;
		}
		if (++excess == AT_ONCE) {
			r->sources.eager = true;
			break;
		}
	}
	return full && !r->stopping && has_more(r);
}

/* --- the thread -------------------------------------------------------- */

/* Still, or is there room by now? Results that were parked meanwhile have told nobody. */
static bool is_full_now(struct reader *r)
{
	return r->held ? reader_lacking(r) != NULL : bound_holds(&r->bound);
}

/* What to wake up for. At the bound: for half of what the queue holds for no
 * worker yet, so that a round is worthwhile and nobody runs dry. */
static struct worth what_to_wait_for(struct reader *r, bool full)
{
	uint64_t size = r->rules.bound.queue_size, workers, half;
	int64_t parked;

	if (r->sources.leased) /* it is to be settled soon */
		return (struct worth){ !full || is_full_now(r), TRAY_NEVER, 0 };
	if (!has_more(r) || r->stopping)
		return (struct worth){ r->bound.deliveries, TRAY_NEVER, 0 }; /* only the end is left */
	if (!full)
		return (struct worth){ TRAY_NEVER, TRAY_NEVER, 0 }; /* the source will wake us */
	if (!bound_lacks_items(&r->bound, &parked) || bound_lacks_bytes(&r->bound, r->held))
		return (struct worth){ is_full_now(r), TRAY_NEVER, 0 }; /* any death may do */
	workers = r->rules.pack->workers(r->rules.pack->ctx);
	half = size > workers + 1 ? (size - workers) / 2 : 1;
	if (r->rules.bound.strict)
		return (struct worth){ half, TRAY_NEVER, 0 };
	return (struct worth){ TRAY_NEVER, (int64_t)half, parked };
}

static size_t set_polls(struct reader *r, struct pollfd *fd, bool full)
{
	size_t n = 0;

	fd[n++] = (struct pollfd){ .fd = tray_bell(r->tray), .events = POLLIN };
	/* No events asked for: that nobody reads the pipe is told all the same. */
	fd[n++] = (struct pollfd){ .fd = r->rules.watch_output ? STDOUT_FILENO : -1 };
	if (!full && !r->stopping)
		n += sources_polls(&r->sources, fd + n);
	return n;
}

/* Sleep until a source or the in-tray has something. */
static void sleep_on(struct reader *r, struct pollfd *fd, bool full, int64_t patience)
{
	size_t n = set_polls(r, fd, full);

	if (r->sources.eager || !tray_doze(r->tray, what_to_wait_for(r, full)))
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
	if (r->sources.open == 0 && !r->stopping)
		atomic_store(&r->total.known, true);
}

static void tell_arrivals(struct reader *r, bool full)
{
	bool dried = r->stopping || !has_more(r);

	atomic_store(&r->ended, dried);
	atomic_store(&r->full, full);
	atomic_store(&r->leases, !r->held && sources_lease_all(&r->sources));
	if (!r->rules.arrivals || (full == r->held_back && dried == r->dried))
		return;
	r->held_back = full;
	r->dried = dried;
	r->rules.arrivals(r->rules.ctx, full, dried);
}

bool reader_held(const struct reader *r)
{
	return atomic_load(&r->full)
		|| (atomic_load(&r->leases) && sources_wait(&r->sources));
}

bool reader_ended(const struct reader *r)
{
	return atomic_load(&r->ended);
}

const struct total *reader_total(const struct reader *r)
{
	return &r->total;
}

static void *reader_run(void *arg)
{
	struct reader *r = arg;
	struct pollfd *fd = mem_alloc((r->rules.nsources + 2) * sizeof *fd);

	thread_name("pq-reader");
	for (;;) {
		int64_t patience = r->rules.look(r->rules.ctx);
		int64_t parked;
		bool full;

		empty_tray(r);
		r->rules.look(r->rules.ctx);
		full = births(r);
		tell_total(r);
		tell_arrivals(r, full);
		if (full)
			r->rules.full(r->rules.ctx, bound_lacks_bytes(&r->bound, r->held)
				&& !bound_lacks_items(&r->bound, &parked));
		if (r->bound.items == 0 && (r->stopping || !has_more(r)))
			break;
		sleep_on(r, fd, full, patience);
	}
	free(fd);
	bound_free(&r->bound);
	r->rules.over(r->rules.ctx);
	return NULL;
}

static void reader_make_sift(struct reader *r)
{
	const struct reader_rules *rules = &r->rules;
	const struct pack_rules *pack = rules->pack;

	r->sift = (struct sift){ .past = rules->past, .order = rules->order, .jobs = rules->jobs,
		.stats = rules->stats,
		.total = &r->total, .let_go = reader_let_go, .ctx = r };
	r->sift.past.says.over = !rules->past.recall;
	if (!rules->shard || (!pack->run_size && (pack->max_args || pack->as_many)))
		return;
	if (rules->order && !rules->shard->hash)
		r->sift.dealt = rules->shard;
	else
		r->sift.share.rule = *rules->shard;
}

struct reader *reader_new(const struct reader_rules *rules)
{
	struct reader *r = mem_zero(sizeof *r);

	r->rules = *rules;
	if (order_is_apart(rules->order))
		bound_lift(&r->rules.bound);
	bound_init(&r->bound, &r->rules.bound);
	r->block = true;
	for (unsigned i = 0; i < rules->bound.ngroups; i++)
		r->block = r->block && rules->bound.groups[i].overflow == OVERFLOW_BLOCK;
	reader_make_sift(r);
	sources_init(&r->sources, rules->sources, rules->nsources, rules->pack, &r->runs,
		rules->bound.ngroups);
	r->total = (struct total){ .sources = rules->sources, .nsources = rules->nsources,
		.pack = rules->pack, .stats = rules->stats, .shard = rules->shard, .told = rules->told };
	total_route(&r->total, &rules->route);
	r->tray = tray_new();
	return r;
}

void reader_start(struct reader *r)
{
	if (!thread_start(&r->thread, reader_run, r))
		msg_die(125, "cannot start a thread: %s", strerror(errno));
}

/* One that was never born. */
static void forget(struct reader *r, struct item *item)
{
	sources_note_use(&r->sources, item, true);
	item_free(item, &r->runs);
}

void reader_finish(struct reader *r, struct sources_end *end)
{
	struct brought in;
	struct item *item;

	thread_join(r->thread);
	in = tray_take(r->tray);
	assert(!in.dead);
	if (r->held)
		forget(r, r->held);
	while ((item = sift_rest(&r->sift)))
		forget(r, item);
	sources_close(&r->sources, end);
	run_pool_free(&r->runs);
	buf_free(&r->why);
	tray_free(r->tray);
	sift_free(&r->sift);
	free(r);
}
