/* A consumer. See consumer.h. */
#include "broker/consumer.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/bell.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/thread.h"
#include "broker/held.h"
#include "broker/outbox.h"
#include "broker/pace.h"
#include "broker/reach.h"
#include "broker/settles.h"

/* So many settlements are sent at once; fewer wait so long for others (ns). */
enum { BATCH = 64 };
#define LINGER (3 * CLOCK_MS)
/* How long rates are measured, and how often is asked where nothing rings (ns). */
#define RATE_TIME (100 * CLOCK_MS)
#define POLL_LEAST (10 * CLOCK_MS)
#define POLL_MOST (500 * CLOCK_MS)
/* Nothing was done for so long (ns): the broker may tidy up. */
#define REST_AFTER CLOCK_SECOND

struct consumer {
	struct consumer_rules rules;
	pthread_t thread;
	bool started;
	struct bell thread_bell, desk_bell;
	_Atomic uint64_t backlog;
	char id[17];

	lock lock;              /* guards what follows; a leaf */
	struct settles inbox;
	struct outbox outbox;   /* for the desk */
	size_t nheld;           /* as held has it */
	bool dry;               /* the last claim got less than was wanted: */
	int64_t look_at;        /* when to claim again, if no bell rings */
	struct pace pace;
	bool asked;             /* the desk waits for its bell */
	bool sleeping;          /* the thread polls, and is to be rung for anything */
	bool closing;
	enum { STATE_OPEN, STATE_ENDED, STATE_FAILED } state;

	/* The thread's own. */
	struct reach reach;     /* the broker, when it can be reached */
	struct held held;
	struct settles sending;
	struct exchange x;
	size_t sent;            /* so many of them before, and nobody knows what became of that */
	bool releasing;         /* all that was held is among them */
	int64_t poll_time;      /* how long to wait where no bell rings */
	int64_t busy_at;        /* when something was done; 0: it has rested since */
	int64_t linger_until;   /* for more to settle; 0: nothing waits */
	int64_t extend_at;
	uint64_t fenced;
	uint64_t settled;       /* since then: */
	int64_t rate_since;
};

/* --- settlements ------------------------------------------------------- */

/* With the lock: what came in is to be sent, behind what is left, and no longer held. */
static void consumer_collect(struct consumer *c)
{
	for (size_t i = 0; i < c->inbox.count; i++) {
		const struct settle *s = &c->inbox.list[i];

		held_drop(&c->held, s->id, s->token);
		settles_add(&c->sending, s);
	}
	c->inbox.count = 0;
	c->nheld = held_count(&c->held);
	c->pace.lost = held_lost(&c->held);
	c->linger_until = 0;
}

static void consumer_tell_fenced(struct consumer *c, const struct settle *s)
{
	struct buf why = { 0 };
	char lease[CLOCK_TEXT];

	c->fenced++;
	if (broker_expires(c->reach.broker))
		buf_addf(&why, "its lease of %s s was over, ",
			clock_seconds(c->rules.broker.lease * CLOCK_MS, lease));
	if (s->fate == SETTLE_LOST)
		buf_adds(&why, why.len ? "and it is another's" : "it is another's");
	else
		buf_adds(&why, why.len ? "or it was dropped: it is not there any more"
			: "it is not there any more");
	msg_many("items that were not this run's any more",
		"%s: item %lld was done too late: %s; it may be done twice",
		c->rules.broker.address->shown, (long long)s->id, buf_str(&why));
	buf_free(&why);
}

/* What became of them. */
static void consumer_settled(struct consumer *c)
{
	for (size_t i = 0; i < c->sending.count; i++) {
		const struct settle *s = &c->sending.list[i];
		bool heard = s->fate == SETTLE_OURS || (s->fate == SETTLE_GONE && i < c->sent);

		if (s->how == SETTLE_EXTEND || s->how == SETTLE_RELEASE)
			continue;
		c->settled++;
		if (!heard)
			consumer_tell_fenced(c, s);
	}
	settles_clear(&c->sending);
	c->sent = 0;
}

/* --- how much ---------------------------------------------------------- */

static void consumer_measure(struct consumer *c)
{
	int64_t now = clock_now(), passed = now - c->rate_since;

	if (passed < RATE_TIME)
		return;
	lock_take(&c->lock);
	pace_measured(&c->pace, c->settled, passed);
	lock_give(&c->lock);
	c->settled = 0;
	c->rate_since = now;
}

/* With the lock: how many to claim, when all that came in is settled. */
static size_t consumer_wants(const struct consumer *c)
{
	size_t coming = c->inbox.count < c->nheld ? c->inbox.count : c->nheld;

	return c->closing ? 0 : pace_wants(&c->pace, c->nheld - coming, c->outbox.count);
}

/* With the lock: is claiming worth a call by itself? */
static bool consumer_hungers(const struct consumer *c)
{
	size_t want = consumer_wants(c);

	if (!want || (c->dry && clock_now() < c->look_at))
		return false;
	return c->dry || c->asked || c->outbox.count == 0
		|| want >= pace_worth(&c->pace);
}

/* --- what comes -------------------------------------------------------- */

/* With the lock. */
static void consumer_wake_desk(struct consumer *c)
{
	if (c->asked)
		bell_ring(&c->desk_bell);
	c->asked = false;
}

static void consumer_hand_over(struct consumer *c)
{
	for (size_t i = 0; i < c->x.nclaimed; i++)
		held_add(&c->held, c->x.claimed[i].id, c->x.claimed[i].token,
			c->x.claimed[i].lost);
	lock_take(&c->lock);
	outbox_add(&c->outbox, &c->x);
	c->nheld = held_count(&c->held);
	c->pace.lost = held_lost(&c->held);
	if (!c->id[0]) /* the desk reads it without the lock from now on */
		memcpy(c->id, c->reach.id, sizeof c->id);
	consumer_wake_desk(c);
	lock_give(&c->lock);
}

/* Before the one that is kept can begin, for it may end this process, and take along what has not
 * gone back by then. Where the broker is gone they go back with the next call. */
static void consumer_give_back(struct consumer *c, struct settles *back)
{
	struct exchange x = { .settles = back->list, .nsettles = back->count };

	if (back->count && broker_exchange(c->reach.broker, &x) != BROKER_OK)
		for (size_t i = 0; i < back->count; i++)
			settles_add(&c->sending, &back->list[i]);
	buf_free(&x.bodies);
	buf_free(&x.buried);
	settles_free(back);
}

/* Of those that are dead when they are lost once more only one is kept: the others go back at
 * once, or the guilty one among them would take them along. */
static void consumer_part_suspects(struct consumer *c)
{
	struct settles back = { 0 };
	unsigned last = c->pace.poison ? c->pace.poison - 1 : 0;
	size_t kept = 0, suspects = held_lost(&c->held) >= last;

	if (!last)
		return;
	for (size_t i = 0; i < c->x.nclaimed; i++) {
		const struct claimed *item = &c->x.claimed[i];

		if (item->lost >= last && suspects++ > 0)
			settles_add(&back, &(struct settle){ .id = item->id,
				.token = item->token, .how = SETTLE_RELEASE });
		else
			c->x.claimed[kept++] = *item;
	}
	c->x.nclaimed = kept;
	consumer_give_back(c, &back);
}

static void consumer_tell_buried(struct consumer *c)
{
	const char *line = c->x.buried.data, *end = line + c->x.buried.len, *stop;

	for (; line < end && (stop = memchr(line, '\n', (size_t)(end - line))); line = stop + 1) {
		c->fenced++;
		msg_many("items that were given up", "%s: item %.*s; it is dead",
			c->rules.broker.address->shown, (int)(stop - line), line);
	}
}

static void consumer_set_look(struct consumer *c, size_t wanted)
{
	int64_t most = broker_bell(c->reach.broker) >= 0 ? CLOCK_SECOND : c->poll_time;

	if (c->x.nclaimed)
		c->poll_time = POLL_LEAST;
	else if (c->poll_time < POLL_MOST)
		c->poll_time *= 2;
	if (c->x.due >= 0 && c->x.due < most / CLOCK_MS)
		most = (c->x.due + 1) * CLOCK_MS;
	lock_take(&c->lock);
	c->dry = c->x.nclaimed < wanted;
	c->look_at = clock_now() + most;
	lock_give(&c->lock);
}

static void consumer_end(struct consumer *c, int state)
{
	lock_take(&c->lock);
	c->state = state;
	consumer_wake_desk(c);
	lock_give(&c->lock);
}

/* All is done, by whomever, and nothing of it is on its way. */
static bool consumer_is_over(struct consumer *c)
{
	bool over;

	lock_take(&c->lock);
	over = c->x.drained && !c->rules.follow && !c->inbox.count && !c->outbox.count;
	lock_give(&c->lock);
	return over && !c->sending.count && !held_count(&c->held);
}

static void consumer_exchange(struct consumer *c, size_t want)
{
	bool asked = want > 0;

	c->x.settles = c->sending.list;
	c->x.nsettles = c->sending.count;
	c->x.want = want;
	switch (broker_exchange(c->reach.broker, &c->x)) {
	case BROKER_OK:
		break;
	case BROKER_GONE:
		c->sent = c->sending.count;
		reach_lost(&c->reach);
		return;
	case BROKER_BAD:
		msg_warn("%s", broker_why(c->reach.broker));
		consumer_end(c, STATE_FAILED);
		return;
	}
	reach_heard(&c->reach);
	if (c->x.nsettles || c->x.nclaimed)
		c->busy_at = clock_now();
	consumer_settled(c);
	consumer_measure(c);
	consumer_tell_buried(c);
	if (!asked)
		return;
	atomic_store(&c->backlog, c->x.drained ? 0 : c->x.backlog);
	consumer_set_look(c, want);
	consumer_part_suspects(c);
	if (c->x.nclaimed)
		consumer_hand_over(c);
	else if (consumer_is_over(c))
		consumer_end(c, STATE_ENDED);
}

/* --- the thread -------------------------------------------------------- */

/* Leases are kept alive well before they end, beside whatever else is settled. */
static void consumer_extend(struct consumer *c)
{
	int64_t now = clock_now();

	if (!broker_expires(c->reach.broker) || now < c->extend_at || c->releasing)
		return;
	c->extend_at = now + c->rules.broker.lease * CLOCK_MS / 3;
	held_settle(&c->held, SETTLE_EXTEND, &c->sending);
}

/* What is to be asked of the broker now; false: nothing. */
static bool consumer_prepare(struct consumer *c, size_t *want)
{
	lock_take(&c->lock);
	if (c->inbox.count && !c->linger_until)
		c->linger_until = clock_now() + LINGER;
	if (c->inbox.count >= BATCH || consumer_hungers(c)
	    || (c->linger_until && clock_now() >= c->linger_until)) {
		consumer_collect(c);
		*want = consumer_wants(c);
	}
	lock_give(&c->lock);
	consumer_extend(c);
	return c->sending.count || *want;
}

/* With the lock, ns until something is to be done by itself. */
static int64_t consumer_patience(const struct consumer *c)
{
	int64_t now = clock_now(), until = INT64_MAX;

	if (c->closing || consumer_hungers(c))
		return 0;
	if (c->inbox.count)
		until = c->linger_until ? c->linger_until : now;
	if (c->dry && consumer_wants(c) && c->look_at < until)
		until = c->look_at;
	if (broker_expires(c->reach.broker) && c->nheld && c->extend_at < until)
		until = c->extend_at;
	return until == INT64_MAX ? INT64_MAX : until > now ? until - now : 0;
}

static void consumer_rest(struct consumer *c, int64_t *patience)
{
	int64_t left = c->busy_at ? c->busy_at + REST_AFTER - clock_now() : INT64_MAX;

	if (left > 0) {
		*patience = left < *patience ? left : *patience;
		return;
	}
	broker_rest(c->reach.broker);
	c->busy_at = 0;
}

/* Until somebody has something to do for it. */
static void consumer_sleep(struct consumer *c)
{
	struct pollfd fd[2] = { { .fd = c->thread_bell.out, .events = POLLIN },
		{ .fd = broker_bell(c->reach.broker), .events = POLLIN } };
	int64_t patience;

	lock_take(&c->lock);
	patience = consumer_patience(c);
	c->sleeping = patience > 0;
	if (!c->dry)
		fd[1].fd = -1;
	lock_give(&c->lock);
	if (!patience)
		return;
	consumer_rest(c, &patience);
	poll(fd, 2, (int)((thread_patience(patience) + CLOCK_MS - 1) / CLOCK_MS));
	lock_take(&c->lock);
	c->sleeping = false;
	if (fd[1].revents)
		c->look_at = 0;
	lock_give(&c->lock);
	bell_hush(&c->thread_bell);
	if (fd[1].revents && broker_hear(c->reach.broker) != BROKER_OK)
		reach_lost(&c->reach);
}

/* Asked by the desk to come to an end: what was not settled goes back. False: not now. */
static bool consumer_release(struct consumer *c)
{
	bool closing;

	lock_take(&c->lock);
	closing = c->closing;
	if (closing)
		consumer_collect(c);
	lock_give(&c->lock);
	if (!closing || c->releasing)
		return c->releasing;
	c->releasing = true;
	held_settle(&c->held, SETTLE_RELEASE, &c->sending);
	return true;
}

/* Is there still something to do? */
static bool consumer_goes_on(struct consumer *c)
{
	bool goes_on;

	lock_take(&c->lock);
	goes_on = c->state == STATE_OPEN && !(c->releasing && !c->sending.count);
	lock_give(&c->lock);
	return goes_on;
}

static void consumer_turn(struct consumer *c)
{
	size_t want = 0;

	if (!reach_is_there(&c->reach)) {
		bool given_up;

		lock_take(&c->lock);
		given_up = c->closing;
		lock_give(&c->lock);
		if (!reach_again(&c->reach, &c->thread_bell, given_up))
			consumer_end(c, STATE_FAILED);
		return;
	}
	if (consumer_release(c))
		consumer_exchange(c, 0);
	else if (consumer_prepare(c, &want))
		consumer_exchange(c, want);
	else
		consumer_sleep(c);
}

static void *consumer_run(void *arg)
{
	struct consumer *c = arg;

	thread_name("pq-consumer");
	c->rate_since = clock_now();
	while (consumer_goes_on(c))
		consumer_turn(c);
	reach_close(&c->reach);
	return NULL;
}

/* --- the desk's -------------------------------------------------------- */

struct consumer *consumer_new(const struct consumer_rules *rules)
{
	struct consumer *c = mem_zero(sizeof *c);

	c->rules = *rules;
	c->pace = (struct pace){ .ahead = rules->ahead, .together = rules->together,
		.poison = rules->broker.poison };
	if (!c->pace.together)
		c->pace.together = 1;
	if (c->pace.together > PACE_TOGETHER)
		c->pace.together = PACE_TOGETHER;
	c->poll_time = POLL_LEAST;
	lock_init(&c->lock);
	if (!bell_open(&c->thread_bell) || !bell_open(&c->desk_bell))
		msg_die(125, "cannot make a pipe: %s", strerror(errno));
	return c;
}

/* With the lock: there is something to do for the thread that it did not foresee. */
static void consumer_ring(struct consumer *c)
{
	if (c->sleeping)
		bell_ring(&c->thread_bell);
	c->sleeping = false;
}

static void consumer_start(struct consumer *c)
{
	if (c->started)
		return;
	c->reach = (struct reach){ .rules = c->rules.broker, .give_up = c->rules.give_up };
	c->started = thread_start(&c->thread, consumer_run, c);
	if (c->started)
		return;
	msg_warn("cannot start a thread: %s", strerror(errno));
	c->state = STATE_FAILED;
	c->started = false;
}

enum consumer_state consumer_take(struct consumer *c, struct consumer_item *item)
{
	enum consumer_state state = CONSUMER_ITEM;
	const struct claimed *next;
	const char *body;

	consumer_start(c);
	lock_take(&c->lock);
	next = outbox_take(&c->outbox, &body);
	if (next && c->pace.idle)
		c->pace.idle--; /* it has something to do soon */
	if (next)
		*item = (struct consumer_item){ next->id, next->token, next->attempts, next->lost,
			body, next->len };
	else if (c->state == STATE_FAILED)
		state = CONSUMER_BROKEN;
	else
		state = c->state == STATE_ENDED ? CONSUMER_END : CONSUMER_NOTHING;
	if (state == CONSUMER_NOTHING) {
		bell_hush(&c->desk_bell);
		c->asked = true;
		if (c->sleeping && consumer_hungers(c))
			consumer_ring(c);
	}
	lock_give(&c->lock);
	return state;
}

int consumer_fd(const struct consumer *c)
{
	return c->desk_bell.out;
}

void consumer_tend(struct consumer *c, unsigned places, unsigned idle)
{
	lock_take(&c->lock);
	c->pace.places = places;
	c->pace.idle = idle;
	if (c->sleeping && consumer_hungers(c))
		consumer_ring(c);
	lock_give(&c->lock);
}

void consumer_settle(struct consumer *c, int64_t id, int64_t token, enum settle_how how,
	int64_t delay, const char *outcome)
{
	struct settle s = { .id = id, .token = token, .how = how, .delay = delay,
		.outcome = outcome ? mem_copy(outcome, strlen(outcome)) : NULL };

	lock_take(&c->lock);
	settles_add(&c->inbox, &s);
	if (c->inbox.count == 1 || c->inbox.count >= BATCH || consumer_hungers(c))
		consumer_ring(c);
	lock_give(&c->lock);
}

bool consumer_waits(struct consumer *c)
{
	bool waits;

	lock_take(&c->lock);
	waits = c->state != STATE_OPEN || (!c->inbox.count && !c->outbox.count
		&& (!consumer_wants(c) || (c->dry && !c->rules.follow)));
	lock_give(&c->lock);
	return waits;
}

uint64_t consumer_backlog(const struct consumer *c)
{
	return atomic_load(&c->backlog);
}

const char *consumer_id(const struct consumer *c)
{
	return c->id;
}

static void consumer_free(struct consumer *c)
{
	outbox_free(&c->outbox);
	settles_free(&c->inbox);
	settles_free(&c->sending);
	exchange_free(&c->x);
	held_free(&c->held);
	bell_close(&c->thread_bell);
	bell_close(&c->desk_bell);
	free(c);
}

bool consumer_close(struct consumer *c, uint64_t *fenced)
{
	size_t lost;
	bool fine;

	if (c->started) {
		lock_take(&c->lock);
		c->closing = true;
		bell_ring(&c->thread_bell);
		lock_give(&c->lock);
		thread_join(c->thread);
	}
	lost = settles_done(&c->sending) + settles_done(&c->inbox);
	if (lost)
		msg_warn("%s: of %zu that were done here the queue does not know: they will be done "
			"again", c->rules.broker.address->shown, lost);
	fine = c->state != STATE_FAILED && !lost;
	*fenced = c->fenced;
	consumer_free(c);
	return fine;
}
