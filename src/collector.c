/* The collector: writes results. See collector.h. */
#include "collector.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/heap.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/ranges.h"
#include "base/thread.h"
#include "group.h"
#include "item.h"
#include "stats.h"

/* Handed over and not yet written, after which a live delivery has to wait. */
#define LIVE_LIMIT (4 * CHAIN_SLOT)

/* Bytes of a result that whoever made it may write itself. */
#define SHORT ((size_t)16384)

struct collector {
	struct collector_rules rules;
	pthread_t thread;

	lock lock;             /* guards what follows; a leaf */
	condition work;        /* "there is something to write, or I should end" */
	condition room;        /* "the delivery that waits may hand over more" */
	condition left;        /* "nothing of the delivery that leaves is here" */
	struct deliveries ready; /* deliveries with something to write, or final */
	struct buf notes;
	struct chain prints;   /* for stdout, before the results that are ready */
	struct heap parked;    /* ordered: what came before its turn */
	uint64_t turn;         /* ordered: of the head */
	struct ranges skipped; /* ordered: those that never come */
	struct delivery *floor; /* as they come: the one that streams, or NULL */
	struct deliveries held; /* as they come: final ones, parked until it has ended, and
	                         * lines of live ones */
	bool idle, ending;
	bool lent;             /* a worker is writing (collector_put) */
	unsigned waiting;      /* workers in collector_room and collector_print */
	unsigned leaving;      /* workers in collector_retract */

	/* Of who writes, the thread or a worker it is lent to: bytes on their way, and whose
	 * they are. */
	char pending[CHAIN_SLOT];
	size_t npending;
	uint64_t position;     /* bytes of stdout, written or pending */
	int pending_fd;
	struct deliveries out; /* final ones whose bytes are pending */
	bool broken[3];        /* by descriptor: writing failed for good */
	bool widened;          /* stdout: much has gone there */
	bool lost;
	char scratch[CHAIN_SLOT];
};

static bool born_before(const void *a, const void *b)
{
	const struct delivery *x = a, *y = b;

	return x->turn < y->turn;
}

/* Has it ended, or is it live? Both states are made with the lock. */
static bool is_final(const struct delivery *d)
{
	enum state state = state_now(&d->state);

	return state == STATE_PARKED || state == STATE_WRITING;
}

/* Are its lines written as they come? */
static bool collector_by_line(const struct delivery *d)
{
	return d->group->output == OUTPUT_LINE;
}

static bool has_turn(const struct collector *c, const struct delivery *d)
{
	if (d->beyond)
		return true;
	if (c->rules.ordered)
		return d->turn == c->turn;
	if (c->floor)
		return d == c->floor;
	return collector_by_line(d) || is_final(d);
}

/* With the lock: see that the collector, or the order, comes to it. */
static void enlist(struct collector *c, struct delivery *d, bool turn)
{
	if (d->listed)
		return;
	if (turn) {
		deliveries_add(&c->ready, d);
		if (c->idle)
			condition_one(&c->work);
	} else if (c->rules.ordered) {
		heap_push(&c->parked, d);
	} else if (is_final(d) || collector_by_line(d)) {
		deliveries_add(&c->held, d);
	} else {
		return; /* its bytes stay with it */
	}
	d->listed = true;
}

static uint64_t bytes_waiting(const struct delivery *d)
{
	return d->result.output[STREAM_OUT].len + d->result.output[STREAM_ERR].len;
}

/* With the lock: a live delivery may take the floor, if that is free. */
static void claim_floor(struct collector *c, struct delivery *d)
{
	if (c->rules.ordered || collector_by_line(d) || c->floor)
		return;
	if (bytes_waiting(d) < c->rules.share
	    && store_spooled(c->rules.store) < c->rules.spool_cap)
		return;
	c->floor = d;
	enlist(c, d, true);
}

static void put_out(struct collector *c, int fd, const char *data, size_t len)
{
	if (!len || c->broken[fd])
		return;
	if (c->rules.lift[fd])
		msg_lift();
	if (!io_write(fd, data, len)) {
		int error = errno;

		c->broken[fd] = c->lost = true;
		c->rules.failed(c->rules.ctx, fd, error);
	}
	if (c->rules.lift[fd])
		msg_lower(data[len - 1] == '\n');
}

/* Out of the thread's own buffer, into the world; then tell whose it was. */
static void collector_flush(struct collector *c)
{
	struct deliveries out = c->out;

	put_out(c, c->pending_fd, c->pending, c->npending);
	c->npending = 0;
	c->out = (struct deliveries){ 0 };
	for (struct delivery *d = out.first; d; d = d->next)
		state_step(&d->state, ONLY(WRITING), STATE_WRITTEN);
	if (out.first)
		c->rules.written(c->rules.ctx, out.first, c->lost);
}

static void write_bytes(struct collector *c, int fd, const char *data, size_t len)
{
	if (!len)
		return;
	if (c->npending && (fd != c->pending_fd || c->npending + len > sizeof c->pending))
		collector_flush(c);
	c->pending_fd = fd;
	if (fd == STDOUT_FILENO)
		c->position += len;
	memcpy(c->pending + c->npending, data, len);
	c->npending += len;
}

static void write_chain(struct collector *c, int fd, struct chain *chain)
{
	if (!chain->first)
		return;
	for (struct chunk *k = chain->first; k && !c->broken[fd]; k = k->next) {
		const char *data = chunk_data(c->rules.store, k, c->scratch);

		if (!data) {
			int error = errno;

			collector_flush(c); /* what came before is not lost with it */
			if (!c->broken[fd])
				c->rules.failed(c->rules.ctx, fd, error);
			c->broken[fd] = c->lost = true;
			break;
		}
		write_bytes(c, fd, data, k->len);
	}
	chain_free(c->rules.store, chain);
}

/* What became of a run goes out from where it is, unless it is little. */
static void write_product(struct collector *c, const struct product *product)
{
	if (product->out.len <= CHAIN_SLOT / 4) {
		write_bytes(c, STDOUT_FILENO, product->out.data, product->out.len);
		return;
	}
	collector_flush(c);
	if (product->out.len >= CHAIN_SLOT && !c->widened) {
		c->widened = true;
		io_widen(STDOUT_FILENO); /* as much as most pipes hold, and more may come */
	}
	c->position += product->out.len;
	put_out(c, STDOUT_FILENO, product->out.data, product->out.len);
}

/* All that it has; nothing of it is shared any more. */
static void write_result(struct collector *c, struct delivery *d)
{
	if (!c->rules.keeps)
		write_chain(c, STDOUT_FILENO, &d->result.output[STREAM_OUT]);
	write_chain(c, STDERR_FILENO, &d->result.output[STREAM_ERR]);
	if (d->result.product && !c->rules.keeps)
		write_product(c, d->result.product);
	d->result.end = c->position;
}

/* With the lock: is it no longer parked, now that its turn has come? Live ones never were. */
static bool unpark(struct collector *c, struct delivery *d)
{
	bool was_parked = state_now(&d->state) == STATE_PARKED;

	if (was_parked) {
		state_step(&d->state, ONLY(PARKED), STATE_WRITING);
		stats_add(d->group->stats, STAT_PARKED, -1);
	}
	deliveries_add(&c->ready, d);
	return was_parked;
}

/* With the lock: it is not the turn of those before this one any more; whose is it? How
 * many are no longer parked. */
static long turn_to(struct collector *c, uint64_t turn)
{
	struct delivery *next = heap_peek(&c->parked);

	c->turn = ranges_pass(&c->skipped, turn);
	if (!next || next->turn != c->turn)
		return 0;
	heap_pop(&c->parked);
	return unpark(c, next);
}

/* With the lock: after this final one. */
static long next_turn(struct collector *c, const struct delivery *d)
{
	return c->rules.ordered && !d->beyond ? turn_to(c, c->turn + 1) : 0;
}

void collector_skip(struct collector *c, uint64_t turn)
{
	long unparked = 0;

	if (!c->rules.ordered)
		return;
	lock_take(&c->lock);
	if (turn >= c->turn) /* else an earlier run was there */
		ranges_add(&c->skipped, turn);
	if (turn == c->turn) {
		unparked = turn_to(c, turn);
		if (c->ready.first && c->idle)
			condition_one(&c->work);
	}
	lock_give(&c->lock);
	if (unparked)
		c->rules.parked(c->rules.ctx, -unparked);
}

/* Would a write of little wait for whoever reads? A job need not, where the collector can. */
static bool output_stands(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 0;
}

/* With the lock: may the caller write it itself? A short result is written sooner than
 * the collector is woken up for it, and what became of a run is in this core's cache. */
static bool may_lend(const struct collector *c, const struct delivery *d)
{
	const struct chain *chain = d->result.output;
	const struct product *product = d->result.product;
	uint64_t run = product ? product->out.len : 0;

	return bytes_waiting(d) <= SHORT && !c->rules.render && d != c->floor && !d->listed
		&& c->idle && !c->lent && !c->ready.first && !c->notes.len && !c->ending
		&& !((chain[STREAM_OUT].len || run) && output_stands(STDOUT_FILENO))
		&& !(chain[STREAM_ERR].len && output_stands(STDERR_FILENO));
}

/* Called and returns with the lock held; the collector leaves all that is for who writes
 * alone meanwhile. All is told before anybody else may write: `written` is called by one
 * thread at a time, and nobody is settled who still counts as parked. */
static void write_lent(struct collector *c, struct delivery *d)
{
	long unparked;

	c->lent = true;
	lock_give(&c->lock);
	write_result(c, d);
	collector_flush(c);
	lock_take(&c->lock);
	unparked = next_turn(c, d);
	lock_give(&c->lock);
	if (unparked)
		c->rules.parked(c->rules.ctx, -unparked);
	d->next = NULL; /* it may have come from some list */
	state_step(&d->state, ONLY(WRITING), STATE_WRITTEN);
	c->rules.written(c->rules.ctx, d, c->lost);
	lock_take(&c->lock);
	c->lent = false;
	if (c->ready.first || c->notes.len || c->ending)
		condition_one(&c->work);
	if (c->waiting)
		condition_all(&c->room); /* it may be the turn of one that waits */
}

void collector_put(struct collector *c, struct delivery *d)
{
	bool turn;

	lock_take(&c->lock);
	/* As they come, whoever has ended may be written, unless somebody has the floor. */
	state_step(&d->state, ONLY(LEAVING), STATE_WRITING);
	turn = has_turn(c, d);
	if (turn && may_lend(c, d)) {
		write_lent(c, d);
		lock_give(&c->lock);
		return;
	}
	if (!turn) {
		state_step(&d->state, ONLY(WRITING), STATE_PARKED);
		stats_add(d->group->stats, STAT_PARKED, 1);
	}
	enlist(c, d, turn);
	lock_give(&c->lock);
	if (!turn)
		c->rules.parked(c->rules.ctx, 1);
}

void collector_part(struct collector *c, struct delivery *d, int stream, struct chain *bytes)
{
	lock_take(&c->lock);
	chain_append(&d->result.output[stream], bytes);
	claim_floor(c, d);
	enlist(c, d, has_turn(c, d));
	lock_give(&c->lock);
}

/* With the lock. */
static bool takes_more(struct collector *c, struct delivery *d)
{
	claim_floor(c, d);
	if (has_turn(c, d))
		return bytes_waiting(d) < LIVE_LIMIT;
	return store_spooled(c->rules.store) < c->rules.spool_cap;
}

bool collector_room(struct collector *c, struct delivery *d, int64_t wait)
{
	bool room;

	lock_take(&c->lock);
	room = takes_more(c, d);
	if (!room && wait > 0) {
		c->waiting++;
		condition_wait(&c->room, &c->lock, wait);
		c->waiting--;
		room = takes_more(c, d);
	}
	lock_give(&c->lock);
	return room;
}

void collector_retract(struct collector *c, struct delivery *d)
{
	lock_take(&c->lock);
	assert(state_now(&d->state) == STATE_RUNNING);
	if (d->listed && (heap_remove(&c->parked, d) || deliveries_remove(&c->held, d)))
		d->listed = false; /* it brings its bytes again */
	while (d->listed) {
		c->leaving++;
		condition_wait(&c->left, &c->lock, -1);
		c->leaving--;
	}
	lock_give(&c->lock);
}

void collector_drop(struct collector *c, struct delivery *d)
{
	struct chain bytes[STREAMS];

	lock_take(&c->lock);
	for (int i = 0; i < STREAMS; i++)
		bytes[i] = chain_take(&d->result.output[i]);
	lock_give(&c->lock);
	for (int i = 0; i < STREAMS; i++)
		chain_free(c->rules.store, &bytes[i]);
}

size_t collector_note(struct collector *c, const char *text, size_t len)
{
	size_t waiting;

	lock_take(&c->lock);
	buf_add(&c->notes, text, len);
	waiting = c->notes.len;
	if (c->idle && waiting)
		condition_one(&c->work);
	lock_give(&c->lock);
	return waiting;
}

void collector_print(struct collector *c, struct chain *text, bool wait)
{
	lock_take(&c->lock);
	while (wait && c->prints.len >= LIVE_LIMIT) {
		c->waiting++;
		condition_wait(&c->room, &c->lock, -1);
		c->waiting--;
	}
	chain_append(&c->prints, text);
	if (c->idle && c->prints.first)
		condition_one(&c->work);
	lock_give(&c->lock);
}

void collector_write(void *collector, const char *data, size_t len)
{
	for (size_t n; len > 0; data += n, len -= n) {
		n = len < CHAIN_SLOT ? len : CHAIN_SLOT;
		write_bytes(collector, STDOUT_FILENO, data, n);
	}
}

/* Somebody else says how it is written. */
static void render(struct collector *c, struct delivery *d)
{
	if (!c->rules.render(c->rules.ctx, d)) {
		collector_flush(c); /* what came before is not lost with it */
		c->lost = true;
	}
	chain_free(c->rules.store, &d->result.output[STREAM_OUT]);
}

/* With the lock: the floor is free for those that were held back. How many. */
static long free_floor(struct collector *c)
{
	struct delivery *d;
	long freed = 0;

	c->floor = NULL;
	while ((d = deliveries_take(&c->held)))
		freed += unpark(c, d);
	return freed;
}

/* What a final delivery has beside its chains; then it is on its way. */
static void write_end(struct collector *c, struct delivery *d)
{
	if (d->result.product && !c->rules.keeps)
		write_product(c, d->result.product);
	d->result.end = c->position;
	deliveries_add(&c->out, d);
	if (c->rules.singly)
		collector_flush(c);
}

/* Write what a delivery has; called and returns with the lock held. */
static void write_delivery(struct collector *c, struct delivery *d)
{
	struct chain out = { 0 }, err = { 0 };
	bool final = is_final(d);
	long unparked = 0;

	d->listed = false;
	if (final)
		unparked = next_turn(c, d);
	if (final && d == c->floor)
		unparked = free_floor(c);
	if (!c->rules.render && !c->rules.keeps)
		out = chain_take(&d->result.output[STREAM_OUT]);
	if (!c->rules.render)
		err = chain_take(&d->result.output[STREAM_ERR]);
	lock_give(&c->lock);
	if (c->rules.render) {
		render(c, d);
		err = chain_take(&d->result.output[STREAM_ERR]);
	}
	write_chain(c, STDOUT_FILENO, &out);
	write_chain(c, STDERR_FILENO, &err);
	if (final) /* else it may have been retracted since, and be gone */
		write_end(c, d);
	if (unparked)
		c->rules.parked(c->rules.ctx, -unparked);
	lock_take(&c->lock);
	if (c->waiting)
		condition_all(&c->room);
	if (c->leaving)
		condition_all(&c->left);
}

static void write_notes(struct collector *c)
{
	struct buf notes = c->notes;
	struct chain prints = chain_take(&c->prints);

	c->notes = (struct buf){ 0 };
	if (c->waiting)
		condition_all(&c->room);
	lock_give(&c->lock);
	write_chain(c, STDOUT_FILENO, &prints);
	for (size_t at = 0; at < notes.len; at += CHAIN_SLOT) {
		size_t left = notes.len - at;

		write_bytes(c, STDERR_FILENO, notes.data + at,
			left < CHAIN_SLOT ? left : CHAIN_SLOT);
	}
	buf_free(&notes);
	lock_take(&c->lock);
}

/* With the lock: write something of what there is; false when there is nothing. */
static bool write_some(struct collector *c)
{
	struct delivery *d;

	while (c->notes.len || c->prints.first) /* what is ready next was put after the last print */
		write_notes(c);
	d = deliveries_take(&c->ready);
	if (d) {
		write_delivery(c, d);
	} else if (c->npending || c->out.first) {
		lock_give(&c->lock);
		collector_flush(c);
		lock_take(&c->lock);
	} else {
		return c->notes.len > 0;
	}
	return true;
}

static void *collector_run(void *arg)
{
	struct collector *c = arg;

	thread_name("pq-collector");
	lock_take(&c->lock);
	for (;;) {
		if (!c->lent && write_some(c))
			continue;
		if (c->ending && !c->lent)
			break;
		c->idle = true;
		condition_wait(&c->work, &c->lock, -1);
		c->idle = false;
	}
	lock_give(&c->lock);
	return NULL;
}

struct collector *collector_start(const struct collector_rules *rules)
{
	struct collector *c = mem_zero(sizeof *c);

	c->rules = *rules;
	c->parked.before = born_before;
	c->turn = rules->turn ? rules->turn : 1;
	c->position = rules->begin;
	lock_init(&c->lock);
	condition_init(&c->work);
	condition_init(&c->room);
	condition_init(&c->left);
	if (!thread_start(&c->thread, collector_run, c))
		msg_die(125, "cannot start a thread: %s", strerror(errno));
	return c;
}

void collector_finish(struct collector *c)
{
	lock_take(&c->lock);
	c->ending = true;
	condition_one(&c->work);
	lock_give(&c->lock);
	thread_join(c->thread);
	assert(!c->ready.first && !c->held.first && !c->out.first && !c->parked.len);
	assert(!c->floor && !c->lent && !c->npending && !c->notes.len);
	assert(!c->waiting && !c->leaving && !c->prints.first);
	heap_free(&c->parked);
	ranges_free(&c->skipped);
	buf_free(&c->notes);
	free(c);
}
