/* Which delivery starts next, and when. See schedule.h. */
#include "queue/schedule.h"

#include <string.h>

#include "base/check.h"
#include "base/saturate.h"
#include "item.h"
#include "queue/parts.h"

/* --- tickets ----------------------------------------------------------- */

struct ticket *ticket_new(double priority, const char *key, size_t key_len,
	const char *rate_key, size_t rate_key_len)
{
	struct ticket *t = mem_zero(sizeof *t + key_len + rate_key_len);

	t->priority = priority;
	t->first = true;
	t->key_len = key_len;
	t->rate_len = rate_key_len;
	if (key_len)
		memcpy(t->text, key, key_len);
	if (rate_key_len)
		memcpy(t->text + key_len, rate_key, rate_key_len);
	return t;
}

void ticket_delay(struct ticket *t, int64_t due)
{
	t->due = due;
}

static uint64_t ticket_bytes(const struct ticket *t)
{
	return sizeof *t + t->key_len + t->rate_len + BLOCK_MORE + POINTERS;
}

static void count_in(struct schedule *s, struct ticket *t)
{
	t->older = s->newest;
	t->newer = NULL;
	if (s->newest)
		s->newest->newer = t;
	else
		s->oldest = t;
	s->newest = t;
	s->depth++;
}

static void count_out(struct schedule *s, struct ticket *t)
{
	if (t->older)
		t->older->newer = t->newer;
	else
		s->oldest = t->newer;
	if (t->newer)
		t->newer->older = t->older;
	else
		s->newest = t->older;
	s->depth--;
	t->place = OUT;
}

/* Its place is free for others. */
void schedule_settled(struct schedule *s, struct delivery *d)
{
	struct ticket *t = d->ticket;
	struct key *k = t->key;

	s->bytes -= ticket_bytes(t);
	if (!k)
		return;
	t->key = NULL;
	if (t->placed)
		k->places--;
	if (t->placed && t->first)
		k->offered = false;
	t->placed = false;
	key_offer(s, k, INT64_MIN);
}

/* --- in and out -------------------------------------------------------- */

struct schedule *schedule_new(const struct schedule_rules *rules)
{
	struct schedule *s = mem_zero(sizeof *s);

	s->rules = *rules;
	lanes_init(s);
	s->next_start = INT64_MIN;
	breaker_init(&s->breaker, &rules->breaker);
	return s;
}

void schedule_free(struct schedule *s)
{
	keys_free(s);
	assert(!s->depth && !s->keys && !s->later.len && !s->open.len);
	assert(!s->keyed && !s->shut_off);
	lanes_free(s);
	breaker_free(&s->breaker);
	free(s);
}

/* Its time has come. */
static void come_due(struct schedule *s, struct ticket *t, int64_t now)
{
	if (!s->rules.key_jobs || !t->key_len || t->placed) {
		lane_admit(s, t, now);
		return;
	}
	t->key = key_of(s, t);
	key_append(s, t->key, t);
	key_offer(s, t->key, now);
}

void schedule_add(struct schedule *s, struct delivery *d, int64_t now)
{
	struct ticket *t = d->ticket;

	if (!t->delivery) {
		t->delivery = d;
		s->bytes += ticket_bytes(t);
		t->rank = s->rules.aging ? t->priority * (double)s->rules.aging + (double)now
			: t->priority;
	}
	state_step(&d->state, ANY_OF(BORN, WAITING) | ONLY(RUNNING), STATE_WAITING);
	count_in(s, t);
	if (t->due > now) {
		t->place = LATER;
		heap_push(&s->later, t);
	} else {
		come_due(s, t, now);
	}
}

/* What time has changed. */
static void catch_up(struct schedule *s, int64_t now)
{
	struct ticket *t;
	struct lane *l;

	while ((t = heap_peek(&s->later)) && t->due <= now) {
		heap_pop(&s->later);
		come_due(s, t, now);
	}
	while ((l = heap_peek(&s->shut)) && lane_when(s, l) <= now) {
		lane_leave(s, l);
		lane_place(s, l, now);
	}
	while ((l = heap_peek(&s->idle)) && l->full <= now) {
		lane_leave(s, l);
		lane_place(s, l, now);
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When anything that waits for its time may start. */
static int64_t next_time(const struct schedule *s)
{
	const struct ticket *t = heap_peek(&s->later);
	const struct lane *l = heap_peek(&s->shut);
	int64_t when = t ? t->due : INT64_MAX;

	return l ? sooner(when, lane_when(s, l)) : when;
}

static void start(struct schedule *s, struct ticket *t, unsigned worker, int64_t now)
{
	struct key *k = t->key;

	count_out(s, t);
	if (k && s->rules.affinity) {
		k->owned = true;
		k->owner = worker;
	}
	if (s->rules.delay)
		s->next_start = saturate_after(now, s->rules.delay);
	t->trial = breaker_start(&s->breaker);
	if (k && t->first) {
		k->offered = false;
		t->first = false;
		key_offer(s, k, now);
	}
	t->first = false;
}

/* The one that starts next, and when something may; with affinity not for everybody. */
static struct ticket *schedule_next(struct schedule *s, unsigned worker, int64_t now,
	int64_t *when)
{
	int64_t gate = breaker_when(&s->breaker);
	struct lane *l;

	*when = INT64_MAX;
	if (!s->depth)
		return NULL;
	catch_up(s, now);
	if (gate < s->next_start)
		gate = s->next_start;
	l = heap_peek(&s->open);
	if (!l || gate > now) {
		*when = l ? gate : next_time(s);
		if (*when < gate)
			*when = gate;
		return NULL;
	}
	return s->rules.affinity ? hand_choose(s, worker, heap_peek(&l->ready))
		: heap_peek(&l->ready);
}

struct delivery *schedule_take(struct schedule *s, unsigned worker, int64_t now, int64_t *when)
{
	struct ticket *t = schedule_next(s, worker, now, when);
	struct lane *l;

	if (!t)
		return NULL;
	l = t->lane;
	hand_remove(s, t);
	lane_leave(s, l);
	heap_remove_at(&l->ready, t->at);
	if (s->rules.rate.interval)
		l->full = rate_take(&s->rules.rate, l->full, now);
	lane_place(s, l, now);
	start(s, t, worker, now);
	state_step(&t->delivery->state, ONLY(QUEUED), STATE_RUNNING);
	return t->delivery;
}

void schedule_waits(struct schedule *s, unsigned worker, bool waits)
{
	if (s->rules.affinity)
		hand_of(s, worker)->waits = waits;
}

/* By the numbers of GNU parallel (--delay 1auto in parallel(1)). */
static int64_t delay_after(int64_t delay, bool failed)
{
	if (!failed)
		return delay - delay / 10;
	return delay < INT64_MAX / 2 ? delay + delay * 3 / 10 : delay;
}

enum breaker_event schedule_ended(struct schedule *s, const struct delivery *d, bool failed,
	int64_t now)
{
	if (s->rules.delay_adapts)
		s->rules.delay = delay_after(s->rules.delay, failed);
	return breaker_ended(&s->breaker, d->ticket->trial, failed, now);
}

void schedule_cut_off(struct schedule *s, const struct delivery *d)
{
	breaker_undecided(&s->breaker, d->ticket->trial);
}

/* Out of whatever it waits in. */
static void withdraw(struct schedule *s, struct ticket *t)
{
	struct lane *l = t->lane;

	switch (t->place) {
	case LATER:
		heap_remove_at(&s->later, t->at);
		break;
	case KEYED: /* it is the first of its key: the longest waiting of all */
		key_pop(s, t->key);
		t->key = NULL; /* it has no place that it could give back */
		break;
	case READY:
		hand_remove(s, t);
		lane_leave(s, l);
		heap_remove_at(&l->ready, t->at);
		lane_place(s, l, INT64_MIN);
		break;
	case OUT:
		break;
	}
	count_out(s, t);
}

struct delivery *schedule_drop(struct schedule *s)
{
	struct ticket *t = s->oldest;

	if (!t)
		return NULL;
	withdraw(s, t);
	t->delivery->next = NULL;
	return t->delivery;
}

struct delivery *schedule_empty(struct schedule *s)
{
	struct deliveries all = { 0 };
	struct delivery *d;

	while ((d = schedule_drop(s)))
		deliveries_add(&all, d);
	return all.first;
}

enum hold schedule_hold(const struct schedule *s, int64_t now, int64_t *until)
{
	const struct ticket *later = heap_peek(&s->later);
	const struct lane *shut = heap_peek(&s->shut);
	enum hold why = HOLD_KEY;

	*until = INT64_MAX;
	if (!s->depth)
		return HOLD_NONE;
	if (breaker_when(&s->breaker) > now) {
		*until = breaker_when(&s->breaker);
		return s->breaker.trial ? HOLD_TRIAL : HOLD_BREAKER;
	}
	if (heap_peek(&s->open)) {
		*until = s->next_start;
		why = HOLD_DELAY;
	} else if (shut && (!later || lane_when(s, shut) <= later->due)) {
		*until = lane_when(s, shut);
		why = HOLD_RATE;
	} else if (later) {
		*until = later->due;
		why = HOLD_RETRY;
	}
	return *until > now ? why : HOLD_NONE;
}

size_t schedule_depth(const struct schedule *s)
{
	return s->depth;
}

size_t schedule_waiting(const struct schedule *s)
{
	return s->later.len + s->keyed + s->shut_off;
}

uint64_t schedule_bytes(const struct schedule *s)
{
	return s->bytes;
}
