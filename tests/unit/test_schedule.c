/* The schedule against a plain model of what it promises, in simulated time.
 *
 * Every seed is a small world: rules, items with priorities, keys and rate keys that
 * arrive in bursts, workers that are quick or slow, attempts that fail, items dropped
 * while they wait. At every start, and whenever nothing starts, all that wait are looked
 * at one by one: who may start, who comes first, when would the next one be allowed? */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "item.h"
#include "queue/schedule.h"

enum { ITEMS = 40, WORKERS = 4, KEYS = 4, LANES = 3, WORLDS = 10000, PATIENCE = 20000 };
enum life { UNBORN, WAITING, RUNNING, GONE };

struct one {
	struct item *item;
	enum life life;
	int64_t arrives, since, due, ends;
	uint64_t order;        /* of its coming in, the latest time */
	double priority;
	int key, lane;
	unsigned failures;     /* attempts of its that will fail */
	bool started, fails, trial;
};

struct world {
	uint32_t seed, random;
	struct schedule_rules rules;
	struct schedule *schedule;
	struct one ones[ITEMS];
	int n;
	uint64_t orders;
	int64_t now;
	int workers, idle;
	int64_t starts[LANES][ITEMS * 8];
	int nstarts[LANES];
	int64_t last_start;
	int recent;            /* --breaker: how many of the last attempts are known, */
	bool outcomes[16];     /* and which of them failed */
	bool open, trial;
	int64_t until;
};

static uint32_t below(struct world *w, uint32_t n)
{
	return unit_below(&w->random, n);
}

#define CHECK(w, condition) check(w, condition, #condition)

static void check(const struct world *w, bool holds, const char *what)
{
	if (!holds)
		fail_msg("seed %u, at %lld: not %s", w->seed, (long long)w->now, what);
}

/* --- the model --------------------------------------------------------- */

static double rank_of(const struct world *w, const struct one *o)
{
	return w->rules.aging ? o->priority * (double)w->rules.aging + (double)o->since
		: o->priority;
}

static bool comes_before(const struct world *w, const struct one *a, const struct one *b)
{
	double x = rank_of(w, a), y = rank_of(w, b);

	return x != y ? x < y : a->item->seq < b->item->seq;
}

/* Has its key a place for it, and is it the next of its key? */
static bool key_allows(const struct world *w, const struct one *o)
{
	uint32_t places = 0;

	if (!w->rules.key_jobs || o->key < 0 || o->started)
		return true;
	for (int i = 0; i < w->n; i++) {
		const struct one *x = &w->ones[i];

		if (x == o || x->key != o->key || x->life == UNBORN || x->life == GONE)
			continue;
		places += x->started;
		if (!x->started && x->item->seq < o->item->seq)
			return false;
	}
	return places < w->rules.key_jobs;
}

/* When its rate lets it: so that in no stretch of time there are too many starts. */
static int64_t rate_allows(const struct world *w, const struct one *o)
{
	int n = w->nstarts[o->lane];
	int64_t when = INT64_MIN;

	if (!w->rules.rate.interval)
		return when;
	for (int i = 0; i < n; i++) {
		int64_t free_of = (n - i + 1 - w->rules.rate.burst) * w->rules.rate.interval;
		int64_t least = w->starts[o->lane][i] + free_of;

		if (free_of > 0 && least > when)
			when = least;
	}
	return when;
}

/* When nothing at all may start before. */
static int64_t gate(const struct world *w)
{
	int64_t when = w->last_start >= 0 && w->rules.delay ? w->last_start + w->rules.delay
		: INT64_MIN;

	if (w->open && w->trial)
		return INT64_MAX;
	return w->open && w->until > when ? w->until : when;
}

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When it may start if nothing happens before; INT64_MAX: not by itself. */
static int64_t may_start(const struct world *w, const struct one *o)
{
	if (!key_allows(w, o))
		return INT64_MAX;
	return latest(latest(o->due, rate_allows(w, o)), gate(w));
}

static void model_outcome(struct world *w, bool trial, bool failed)
{
	uint32_t count = w->rules.breaker.count, failures = 0;

	if (!count || (w->open && !trial))
		return;
	if (trial) {
		w->trial = false;
		w->open = failed;
		w->until = w->now + w->rules.breaker.cooldown;
		w->recent = 0;
		return;
	}
	memmove(w->outcomes + 1, w->outcomes, (sizeof w->outcomes - 1) * sizeof *w->outcomes);
	w->outcomes[0] = failed;
	if (w->recent < (int)count)
		w->recent++;
	for (int i = 0; i < w->recent; i++)
		failures += w->outcomes[i];
	if (w->recent == (int)count && failures * 100 >= w->rules.breaker.percent * count) {
		w->open = true;
		w->trial = false;
		w->until = w->now + w->rules.breaker.cooldown;
		w->recent = 0;
	}
}

/* --- what is checked --------------------------------------------------- */

static struct one *one_of(struct world *w, const struct delivery *d)
{
	return &w->ones[d->item->seq - 1];
}

static int waiting(const struct world *w)
{
	int n = 0;

	for (int i = 0; i < w->n; i++)
		n += w->ones[i].life == WAITING;
	return n;
}

static void check_start(struct world *w, const struct one *o)
{
	CHECK(w, o->life == WAITING);
	CHECK(w, key_allows(w, o));
	CHECK(w, o->due <= w->now);
	CHECK(w, rate_allows(w, o) <= w->now);
	CHECK(w, gate(w) <= w->now);
	for (int i = 0; i < w->n; i++) {
		const struct one *x = &w->ones[i];

		if (x->life == WAITING && x != o && may_start(w, x) <= w->now)
			CHECK(w, comes_before(w, o, x));
	}
}

/* Nothing started, and `when` is what we were told. */
static void check_idle(struct world *w, int64_t when)
{
	int64_t soonest = INT64_MAX;

	for (int i = 0; i < w->n; i++) {
		const struct one *x = &w->ones[i];
		int64_t at = x->life == WAITING ? may_start(w, x) : INT64_MAX;

		if (at < soonest)
			soonest = at;
	}
	CHECK(w, soonest > w->now);
	CHECK(w, when <= soonest);
	CHECK(w, when > w->now);
	CHECK(w, schedule_depth(w->schedule) == (size_t)waiting(w));
}

/* --- the world goes on ------------------------------------------------- */

static void add(struct world *w, struct one *o)
{
	o->life = WAITING;
	o->order = ++w->orders;
	schedule_add(w->schedule, &o->item->deliveries[0], w->now);
}

static void settle(struct world *w, struct one *o)
{
	o->life = GONE;
	schedule_settled(w->schedule, &o->item->deliveries[0]);
}

static void end(struct world *w, struct one *o)
{
	w->idle++;
	if (below(w, 20) == 0) {
		schedule_cut_off(w->schedule, &o->item->deliveries[0]);
		w->trial = w->trial && !o->trial;
		settle(w, o);
		return;
	}
	schedule_ended(w->schedule, &o->item->deliveries[0], o->fails, w->now);
	model_outcome(w, o->trial, o->fails);
	if (!o->fails) {
		settle(w, o);
		return;
	}
	o->due = below(w, 2) ? w->now + below(w, 50) : 0;
	ticket_delay(o->item->deliveries[0].ticket, o->due);
	add(w, o);
}

static void begin(struct world *w, struct one *o)
{
	w->idle--;
	o->life = RUNNING;
	o->started = true;
	o->fails = o->failures > 0;
	o->failures -= o->fails;
	o->trial = w->trial = w->open;
	o->ends = w->now + 1 + below(w, below(w, 4) ? 10 : 60);
	w->starts[o->lane][w->nstarts[o->lane]++] = w->now;
	w->last_start = w->now;
}

/* Why nothing starts is known, and is true. */
static void check_hold(struct world *w, int64_t when)
{
	int64_t until;
	enum hold why = schedule_hold(w->schedule, w->now, &until);
	bool waits = schedule_depth(w->schedule) > 0;

	CHECK(w, (why != HOLD_NONE) == waits);
	CHECK(w, !waits || (until > w->now && until <= when));
	CHECK(w, (why == HOLD_TRIAL) == (waits && w->open && w->trial));
	CHECK(w, why != HOLD_BREAKER || (w->open && until == w->until));
	CHECK(w, why != HOLD_DELAY || until == w->last_start + w->rules.delay);
	CHECK(w, why != HOLD_RATE || w->rules.rate.interval);
	CHECK(w, why != HOLD_KEY || (w->rules.key_jobs && until == INT64_MAX));
}

/* All that may start now. When to ask again. */
static int64_t starts(struct world *w)
{
	int64_t when = INT64_MAX;

	while (w->idle > 0) {
		struct delivery *d = schedule_take(w->schedule, 0, w->now, &when);

		if (!d) {
			check_idle(w, when);
			check_hold(w, when);
			break;
		}
		check_start(w, one_of(w, d));
		begin(w, one_of(w, d));
		when = INT64_MAX;
	}
	return when;
}

static void drop(struct world *w)
{
	struct one *oldest = NULL;
	struct delivery *d = schedule_drop(w->schedule);

	for (int i = 0; i < w->n; i++)
		if (w->ones[i].life == WAITING && (!oldest || w->ones[i].order < oldest->order))
			oldest = &w->ones[i];
	CHECK(w, d == (oldest ? &oldest->item->deliveries[0] : NULL));
	if (d)
		settle(w, oldest);
}

/* Until the next thing that happens, and let it happen; false: all is done. */
static bool go_on(struct world *w, int64_t when)
{
	int64_t next = when;
	bool any = false;

	for (int i = 0; i < w->n; i++) {
		const struct one *o = &w->ones[i];
		int64_t at = o->life == UNBORN ? o->arrives : o->life == RUNNING ? o->ends : INT64_MAX;

		any |= o->life != GONE;
		if (at < next)
			next = at;
	}
	if (!any)
		return false;
	CHECK(w, next < INT64_MAX); /* else somebody would wait for ever */
	w->now = next > w->now ? next : w->now;
	for (int i = 0; i < w->n; i++) {
		struct one *o = &w->ones[i];

		if (o->life == RUNNING && o->ends <= w->now)
			end(w, o);
		else if (o->life == UNBORN && o->arrives <= w->now) {
			o->since = w->now;
			add(w, o);
		}
	}
	if (below(w, 40) == 0)
		drop(w);
	return true;
}

/* --- worlds ------------------------------------------------------------ */

static void make_rules(struct world *w)
{
	struct schedule_rules *r = &w->rules;

	if (below(w, 3) == 0)
		r->aging = 1 + below(w, 20);
	if (below(w, 2))
		r->key_jobs = 1 + below(w, 3);
	if (below(w, 2))
		r->rate = (struct rate){ 1 + below(w, 12), 1 + below(w, 4) };
	if (below(w, 4) == 0)
		r->delay = 1 + below(w, 8);
	if (below(w, 3) == 0)
		r->breaker = (struct breaker_rule){ 1 + below(w, 100), 1 + below(w, 8),
			1 + below(w, 40) };
}

static void make_item(struct world *w, int i, bool prioritized, int lanes)
{
	struct one *o = &w->ones[i];
	char key[2] = { 0 }, lane[2] = { 0 };
	struct draft draft = { 0 };

	*o = (struct one){ .priority = prioritized ? (double)below(w, 5) - 2 : 0,
		.key = below(w, 8) ? (int)below(w, KEYS) : -1, .lane = (int)below(w, (uint32_t)lanes),
		.failures = below(w, 3) ? 0 : below(w, 4), };
	o->arrives = (i ? w->ones[i - 1].arrives : 0) + (below(w, 3) ? 0 : below(w, 30));
	draft_add(&draft, "x", 1);
	o->item = item_new(&draft, 1, (uint64_t)i + 1);
	draft_free(&draft);
	key[0] = (char)('a' + o->key);
	lane[0] = (char)('a' + o->lane);
	o->item->deliveries[0].ticket = ticket_new(o->priority, key, o->key >= 0, lane, 1);
}

static void live(uint32_t seed)
{
	struct world w = { .seed = seed, .random = seed * 2654435761u + 1, .last_start = -1 };
	int64_t when = INT64_MAX;
	int steps = 0, lanes;
	bool prioritized;

	make_rules(&w);
	w.n = 1 + (int)below(&w, ITEMS);
	w.workers = w.idle = 1 + (int)below(&w, WORKERS);
	lanes = 1 + (int)below(&w, LANES);
	prioritized = below(&w, 2);
	w.schedule = schedule_new(&w.rules);
	for (int i = 0; i < w.n; i++)
		make_item(&w, i, prioritized, lanes);
	do {
		CHECK(&w, ++steps < PATIENCE);
		when = starts(&w);
	} while (go_on(&w, when));
	CHECK(&w, schedule_depth(w.schedule) == 0);
	CHECK(&w, w.idle == w.workers);
	schedule_free(w.schedule);
	for (int i = 0; i < w.n; i++)
		item_free(w.ones[i].item, NULL);
}

static void it_keeps_its_promises_in_ten_thousand_worlds(void **state)
{
	const char *only = getenv("SEED");

	(void)state;
	if (only) {
		live((uint32_t)strtoul(only, NULL, 10));
		return;
	}
	for (uint32_t seed = 1; seed <= WORLDS; seed++)
		live(seed);
}

static void what_waits_is_all_given_back(void **state)
{
	struct schedule_rules rules = { .key_jobs = 1, .rate = { 1000, 1 } };
	struct world w = { .schedule = schedule_new(&rules), .random = 1 };
	struct delivery *all;
	int64_t when;

	(void)state;
	for (int i = 0; i < 20; i++) {
		make_item(&w, i, true, LANES);
		ticket_delay(w.ones[i].item->deliveries[0].ticket, i % 5 ? 0 : 100);
		schedule_add(w.schedule, &w.ones[i].item->deliveries[0], 1);
	}
	assert_non_null(schedule_take(w.schedule, 0, 2, &when));
	all = schedule_empty(w.schedule);
	for (int i = 0; i < 19; i++, all = all->next)
		assert_non_null(all);
	assert_null(all);
	assert_int_equal(schedule_depth(w.schedule), 0);
	for (int i = 0; i < 20; i++) {
		schedule_settled(w.schedule, &w.ones[i].item->deliveries[0]);
		item_free(w.ones[i].item, NULL);
	}
	schedule_free(w.schedule);
}

/* --- affinity ---------------------------------------------------------- */

enum { ME, OTHER, THIRD };

static struct delivery *new_keyed(const char *key, uint64_t seq)
{
	struct draft draft = { 0 };
	struct item *item;

	draft_add(&draft, key, strlen(key));
	item = item_new(&draft, 1, seq);
	item->deliveries[0].ticket = ticket_new(0, key, strlen(key), NULL, 0);
	draft_free(&draft);
	return &item->deliveries[0];
}

static void is_done(struct schedule *s, struct delivery *d)
{
	schedule_ended(s, d, false, 1);
	schedule_settled(s, d);
	item_free(d->item, NULL);
}

static struct delivery *take(struct schedule *s, unsigned worker)
{
	int64_t when;

	return schedule_take(s, worker, 1, &when);
}

/* Each of two keys has been run by a worker of its own. */
static struct schedule *with_two_keys(uint32_t key_jobs)
{
	struct schedule *s = schedule_new(&(struct schedule_rules){ .key_jobs = key_jobs,
		.affinity = true });
	struct delivery *a = new_keyed("a", 1), *b = new_keyed("b", 2);

	schedule_add(s, a, 1);
	schedule_add(s, b, 1);
	assert_ptr_equal(take(s, ME), a);
	assert_ptr_equal(take(s, OTHER), b);
	is_done(s, a);
	is_done(s, b);
	return s;
}

static void a_key_goes_to_its_worker_before_what_came_earlier(void **state)
{
	struct schedule *s = with_two_keys(1);
	struct delivery *b = new_keyed("b", 3), *a = new_keyed("a", 4), *c = new_keyed("c", 5);

	(void)state;
	schedule_add(s, b, 1);
	schedule_add(s, a, 1);
	schedule_add(s, c, 1);
	assert_ptr_equal(take(s, ME), a);
	assert_ptr_equal(take(s, OTHER), b);
	assert_ptr_equal(take(s, THIRD), c); /* nobody's */
	is_done(s, a);
	is_done(s, b);
	is_done(s, c);
	schedule_free(s);
}

static void a_key_is_stolen_from_who_works_not_from_who_waits(void **state)
{
	struct schedule *s = with_two_keys(1);
	struct delivery *b = new_keyed("b", 3);

	(void)state;
	schedule_waits(s, OTHER, true);
	schedule_add(s, b, 1);
	assert_null(take(s, ME)); /* it waits for the other one, */
	schedule_waits(s, OTHER, false); /* who goes home */
	assert_ptr_equal(take(s, ME), b);
	is_done(s, b);
	b = new_keyed("b", 4);
	schedule_waits(s, ME, true);
	schedule_add(s, b, 1);
	assert_null(take(s, OTHER)); /* it is the thief's now */
	assert_ptr_equal(take(s, ME), b);
	is_done(s, b);
	schedule_free(s);
}

/* When the next one may start after one that began at `now` and then failed, or not. */
static int64_t next_start(struct schedule *s, uint64_t seq, int64_t now, bool failed)
{
	struct delivery *d = new_keyed("a", seq);
	int64_t when;

	schedule_add(s, d, now);
	assert_ptr_equal(schedule_take(s, ME, now, &when), d);
	schedule_ended(s, d, failed, now);
	schedule_settled(s, d);
	item_free(d->item, NULL);
	d = new_keyed("b", seq + 1);
	schedule_add(s, d, now);
	assert_null(schedule_take(s, ME, now, &when));
	assert_ptr_equal(schedule_drop(s), d);
	schedule_settled(s, d);
	item_free(d->item, NULL);
	return when;
}

static void a_delay_that_adapts_grows_by_failures_and_shrinks_by_successes(void **state)
{
	struct schedule *s = schedule_new(&(struct schedule_rules){ .delay = 1000,
		.delay_adapts = true });

	(void)state;
	assert_int_equal(next_start(s, 1, 10000, true), 11000);
	assert_int_equal(next_start(s, 3, 20000, false), 21300);
	assert_int_equal(next_start(s, 5, 30000, false), 31170);
	assert_int_equal(next_start(s, 7, 40000, false), 41053);
	schedule_free(s);
}

static void what_is_tried_again_stays_in_the_hand_it_is_in(void **state)
{
	struct schedule *s = with_two_keys(2);
	struct delivery *one = new_keyed("a", 3), *two = new_keyed("a", 4);

	(void)state;
	schedule_add(s, one, 1);
	assert_ptr_equal(take(s, ME), one);
	schedule_ended(s, one, true, 1);
	schedule_add(s, one, 1);
	schedule_add(s, two, 1); /* both are ready, and the key changes hands: */
	assert_ptr_equal(take(s, OTHER), one);
	assert_ptr_equal(take(s, THIRD), two);
	is_done(s, one);
	is_done(s, two);
	schedule_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_goes_to_its_worker_before_what_came_earlier),
		cmocka_unit_test(a_key_is_stolen_from_who_works_not_from_who_waits),
		cmocka_unit_test(what_is_tried_again_stays_in_the_hand_it_is_in),
		cmocka_unit_test(a_delay_that_adapts_grows_by_failures_and_shrinks_by_successes),
		cmocka_unit_test(it_keeps_its_promises_in_ten_thousand_worlds),
		cmocka_unit_test(what_waits_is_all_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
