/* A durable queue as a sink. See sink/queue.h. */
#include "sink/queue.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/bell.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/status.h"
#include "base/thread.h"
#include "broker/reach.h"

/* Put with one call, at most; and so many bytes, about. */
enum { PUT_MOST = 1000 };
#define PUT_BYTES ((size_t)4 << 20)
/* Between two looks at a queue that is full (ns). */
#define FULL_PAUSE (50 * CLOCK_MS)

struct queue_sink {
	struct queue_sink_rules rules;
	pthread_t thread;
	bool started;
	struct bell bell;
	lock lock;              /* guards what follows; a leaf */
	struct deliveries waiting;
	bool sleeping, hurry, ending;

	/* The thread's own. */
	struct reach reach;
	struct goods goods;
	struct put *puts;       /* of them: PUT_MOST */
	struct sink_good {
		struct delivery *whose;
		bool missing;   /* it is not there, or nobody knows */
	} *of;                  /* each good; owned */
	size_t nof;
	const struct delivery *unread; /* what this one has is not known */
	struct delivery *partial; /* the last of those gathered has more, */
	const struct delivery *missed; /* and of what it had before something is missing */
	bool broken;
	bool stuck;             /* it is full, and is not waited for any more */
	uint64_t lost;          /* items whose goods are not there */
};

/* --- goods ------------------------------------------------------------- */

struct good *goods_add(struct goods *g, const char *body, size_t len)
{
	if (g->count == g->room) {
		g->room = g->room ? g->room * 2 : 64;
		g->list = mem_grow(g->list, g->room * sizeof *g->list);
	}
	g->list[g->count] = (struct good){ .body = g->text.len, .len = len, .key = GOOD_NONE,
		.topic = GOOD_NONE, .outcome = GOOD_NONE };
	buf_add(&g->text, body, len);
	return &g->list[g->count++];
}

void goods_add_records(struct goods *g, const char *data, size_t len, char separator)
{
	const char *end = data + len, *stop;

	for (; data < end; data = stop + 1) {
		stop = memchr(data, separator, (size_t)(end - data));
		if (!stop)
			stop = end;
		goods_add(g, data, (size_t)(stop - data));
	}
}

static const char *goods_text(const struct goods *g, size_t at)
{
	return at == GOOD_NONE ? NULL : g->text.data + at;
}

/* --- putting ----------------------------------------------------------- */

static bool sink_hurries(struct queue_sink *s)
{
	bool hurry;

	lock_take(&s->lock);
	hurry = s->hurry;
	lock_give(&s->lock);
	return hurry;
}

static void sink_break(struct queue_sink *s)
{
	s->broken = true;
	s->rules.failed(s->rules.ctx);
}

/* As long as it takes to have an answer. False: there will be none. */
static bool sink_call(struct queue_sink *s, size_t count)
{
	while (!s->broken) {
		if (!reach_is_there(&s->reach)) {
			if (!reach_again(&s->reach, &s->bell, sink_hurries(s)))
				sink_break(s);
			continue;
		}
		switch (broker_put(s->reach.broker, s->puts, count)) {
		case BROKER_OK:
			reach_heard(&s->reach);
			return true;
		case BROKER_GONE:
			reach_lost(&s->reach);
			break;
		case BROKER_BAD:
			msg_warn("%s", broker_why(s->reach.broker));
			sink_break(s);
			break;
		}
	}
	return false;
}

/* False: it hurries. */
static bool sink_pause(struct queue_sink *s)
{
	struct pollfd fd = { .fd = s->bell.out, .events = POLLIN };

	if (poll(&fd, 1, FULL_PAUSE / CLOCK_MS) > 0)
		bell_hush(&s->bell);
	return !sink_hurries(s);
}

static void sink_tell(struct queue_sink *s, size_t good, enum put_fate why)
{
	const struct good *g = &s->goods.list[good];
	struct buf text = { 0 };

	if (why == PUT_DUPLICATE || (why == PUT_FULL && s->rules.full == QUEUE_SINK_DROP))
		return;
	msg_quote(&text, s->goods.text.data + g->body, g->len, 40);
	msg_many("items that were not put", "%s: %s: %s; it is left out",
		s->rules.broker.address->shown, buf_str(&text), why == PUT_FULL
			? "the queue is full" : "no group of it wants such a topic");
	buf_free(&text);
}

/* What became of these goods. Those for which room is waited for come first then, to be tried
 * again. How many. */
static size_t sink_leave(struct queue_sink *s, size_t *index, size_t count)
{
	size_t full = 0;

	for (size_t i = 0; i < count; i++) {
		enum put_fate why = s->puts[i].fate;

		if (why == PUT_FULL && s->rules.full == QUEUE_SINK_WAIT) {
			s->puts[full] = s->puts[i];
			index[full++] = index[i];
			continue;
		}
		s->of[index[i]].missing = false;
		if (why == PUT_QUEUED)
			continue;
		sink_tell(s, index[i], why);
		s->rules.left(s->rules.ctx, s->of[index[i]].whose, why, 1);
	}
	return full;
}

static void sink_fill_put(struct queue_sink *s, struct put *put, size_t good)
{
	const struct good *g = &s->goods.list[good];
	const char *key = goods_text(&s->goods, g->key);

	*put = (struct put){ .body = s->goods.text.data + g->body, .len = g->len, .key = key,
		.key_len = key ? g->key_len : 0, .key_life = s->rules.key_life,
		.topic = goods_text(&s->goods, g->topic), .priority = g->priority,
		.outcome = goods_text(&s->goods, g->outcome) };
}

/* So many goods from this one on. False: some are missing, and no more are to be put. */
static bool sink_put_some(struct queue_sink *s, size_t from, size_t count)
{
	size_t index[PUT_MOST];

	for (size_t i = 0; i < count; i++) {
		index[i] = from + i;
		sink_fill_put(s, &s->puts[i], from + i);
	}
	while (sink_call(s, count)) {
		count = sink_leave(s, index, count);
		if (!count)
			return true;
		s->stuck = !sink_pause(s);
		if (s->stuck)
			break;
	}
	return false;
}

/* What the first deliveries of the list have for the queue; the last of them, or NULL: all
 * of it. */
static struct delivery *sink_gather(struct queue_sink *s, struct delivery *list)
{
	s->goods.count = 0;
	buf_clear(&s->goods.text);
	for (struct delivery *d = list; d; d = d->next) {
		size_t before = s->goods.count;

		enum goods_fill fill = s->rules.fill(s->rules.ctx, d, &s->goods);

		if (fill == GOODS_UNREAD) {
			s->unread = d;
			sink_break(s);
			return NULL;
		}
		if (fill == GOODS_MORE)
			s->partial = d;
		if (s->goods.room > s->nof) {
			s->nof = s->goods.room;
			s->of = mem_grow(s->of, s->nof * sizeof *s->of);
		}
		for (size_t i = before; i < s->goods.count; i++)
			s->of[i] = (struct sink_good){ .whose = d, .missing = true };
		if (s->partial || s->goods.count >= PUT_MOST || s->goods.text.len >= PUT_BYTES)
			return d;
	}
	return NULL;
}

static void sink_put_goods(struct queue_sink *s)
{
	for (size_t i = 0; i < s->goods.count && !s->broken; i += PUT_MOST) {
		size_t left = s->goods.count - i;

		if (!sink_put_some(s, i, left < PUT_MOST ? left : PUT_MOST))
			return;
	}
}

/* Those that had nothing for the queue, or whose goods are all there, and the others. One that
 * has more stays where it is. */
static void sink_part(struct queue_sink *s, struct delivery *list, struct deliveries *there,
	struct deliveries *lost)
{
	bool unread = false;
	size_t good = 0;
	struct delivery *next;

	for (struct delivery *d = list; d; d = next) {
		bool missing = unread = unread || d == s->unread;

		next = d->next;
		missing |= d == s->missed;
		for (; good < s->goods.count && s->of[good].whose == d; good++)
			missing |= s->of[good].missing;
		s->missed = missing && d == s->partial ? d : NULL;
		if (d == s->partial)
			return;
		deliveries_add(missing ? lost : there, d);
		s->lost += missing ? item_count(d->item) : 0;
	}
}

static void sink_pass_some(struct queue_sink *s, struct delivery *list)
{
	struct deliveries there = { 0 }, lost = { 0 };

	sink_put_goods(s);
	sink_part(s, list, &there, &lost);
	if (there.first)
		s->rules.passed(s->rules.ctx, there.first, false);
	if (lost.first)
		s->rules.passed(s->rules.ctx, lost.first, true);
}

static void sink_pass(struct queue_sink *s, struct delivery *list)
{
	while (list) {
		struct delivery *last, *rest = NULL;

		if (s->unread)
			s->unread = list; /* nor is it of any other one */
		s->partial = NULL;
		last = s->unread ? NULL : sink_gather(s, list);
		if (s->partial) {
			rest = s->partial;
		} else if (last) {
			rest = last->next;
			last->next = NULL;
		}
		sink_pass_some(s, list);
		list = rest;
	}
}

/* --- the thread -------------------------------------------------------- */

static void sink_sleep(struct queue_sink *s)
{
	struct pollfd fd = { .fd = s->bell.out, .events = POLLIN };

	poll(&fd, 1, (int)(thread_patience(INT64_MAX) / CLOCK_MS));
	bell_hush(&s->bell);
}

static void *sink_run(void *arg)
{
	struct queue_sink *s = arg;
	bool ending;

	thread_name("pq-sink");
	do {
		struct delivery *list;

		lock_take(&s->lock);
		list = s->waiting.first;
		s->waiting = (struct deliveries){ 0 };
		ending = s->ending;
		s->sleeping = !list && !ending;
		lock_give(&s->lock);
		if (list)
			sink_pass(s, list);
		else if (!ending)
			sink_sleep(s);
	} while (!ending);
	reach_close(&s->reach);
	return NULL;
}

struct queue_sink *queue_sink_new(const struct queue_sink_rules *rules)
{
	struct queue_sink *s = mem_zero(sizeof *s);

	s->rules = *rules;
	s->puts = mem_alloc(PUT_MOST * sizeof *s->puts);
	lock_init(&s->lock);
	s->reach = (struct reach){ .rules = rules->broker, .give_up = rules->give_up };
	reach_try(&rules->broker);
	if (!bell_open(&s->bell))
		msg_die(STATUS_CANNOT, "cannot make a pipe: %s", strerror(errno));
	return s;
}

void queue_sink_start(struct queue_sink *s)
{
	if (!thread_start(&s->thread, sink_run, s))
		msg_die(STATUS_CANNOT, "cannot start a thread: %s", strerror(errno));
	s->started = true;
}

/* With the lock. */
static void sink_ring(struct queue_sink *s)
{
	if (s->sleeping)
		bell_ring(&s->bell);
	s->sleeping = false;
}

void queue_sink_put(struct queue_sink *s, struct delivery *list, bool lost)
{
	struct delivery *next;

	if (lost) {
		s->rules.passed(s->rules.ctx, list, true);
		return;
	}
	lock_take(&s->lock);
	for (struct delivery *d = list; d; d = next) {
		next = d->next;
		deliveries_add(&s->waiting, d);
	}
	sink_ring(s);
	lock_give(&s->lock);
}

void queue_sink_hurry(struct queue_sink *s)
{
	lock_take(&s->lock);
	s->hurry = true;
	bell_ring(&s->bell);
	lock_give(&s->lock);
}

void queue_sink_finish(struct queue_sink *s)
{
	lock_take(&s->lock);
	s->ending = true;
	bell_ring(&s->bell);
	lock_give(&s->lock);
	if (s->started)
		thread_join(s->thread);
	if (s->lost)
		msg_warn("%s: of %llu item%s nothing was put%s", s->rules.broker.address->shown,
			(unsigned long long)s->lost, s->lost == 1 ? "" : "s",
			s->stuck ? ": the queue is full" : "");
	bell_close(&s->bell);
	free(s->goods.list);
	buf_free(&s->goods.text);
	free(s->puts);
	free(s->of);
	free(s);
}
