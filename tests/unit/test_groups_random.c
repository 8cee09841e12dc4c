/* Groups and policies at random: the desk, the bound, the routes, queues, schedules and the
 * life of deliveries in one thread, with a clock that goes on when nothing else does. The
 * collector is a few lines here. SEED in the environment asks for other rounds than the
 * usual ones; what fails is told with its round. */
#include "src/reader.c" /* first: cmocka has a macro named skip */

#include "unit.h"

#include <fcntl.h>
#include <string.h>

#include "action/template/template.h"
#include "base/buf.h"
#include "base/clock.h"
#include "collector.h"
#include "desk/filter.h"
#include "life.h"
#include "queue/schedule.h"

enum { ROUNDS = 400, ITEMS = 200, MOST_GROUPS = 5, MOST_WORKERS = 6, BACKLOG = 4000 };

#define TURNS ((size_t)BACKLOG * MOST_GROUPS)

static int nowhere; /* a descriptor of /dev/null */

static struct random_run {
	unsigned round;
	uint32_t random;
	/* What is asked for. */
	struct group group[MOST_GROUPS];
	struct filter_rules filter[MOST_GROUPS];
	unsigned ngroups, workers[MOST_GROUPS]; /* of each pool */
	uint32_t weight[MOST_GROUPS];
	int64_t slowness[MOST_GROUPS];
	bool shared, first, ordered, bursts, ready_only;
	uint64_t items, size;

	/* What it is made of. */
	struct queue *queue[MOST_GROUPS];
	unsigned queues;
	struct filters *filters;
	struct template *whole;
	struct pack_rules pack;
	struct stats *stats;
	struct store *store;
	struct reader *reader;
	struct life life;
	struct source source;
	uint64_t read;         /* items, from the source, */
	int64_t again;         /* which has nothing before this time */
	int64_t now;
	struct job {
		struct delivery *delivery; /* or NULL: the worker is idle */
		int64_t end;
	} job[MOST_GROUPS][MOST_WORKERS];

	/* The collector's. */
	struct delivery *parked[TURNS + 1];
	bool passed[TURNS + 1];
	uint64_t turn;

	/* What has happened. */
	struct tally {
		uint64_t alive, beyond, running, parked, started;
		unsigned ended[BACKLOG + 1];   /* by what the item is called */
		unsigned attempts[BACKLOG + 1];
		bool failed[BACKLOG + 1];
	} of[MOST_GROUPS];
	uint64_t settled;
	bool over;
	int saved;             /* stderr, while items are told of that nobody wants */
} run;

#define holds(condition, ...) \
	do { \
		if (!(condition)) { \
			unit_restore(STDERR_FILENO, run.saved); \
			print_error("round %u of SEED=%s: ", run.round, \
				getenv("SEED") ? getenv("SEED") : "0"); \
			fail_msg(__VA_ARGS__); \
		} \
	} while (0)

static uint32_t below(uint32_t n)
{
	return unit_below(&run.random, n);
}

static unsigned index_of(const struct delivery *d)
{
	return d->group->number - 1;
}

static uint64_t name_of(const struct delivery *d)
{
	return strtoull(item_value(d->item, 0).data, NULL, 10);
}

/* --- the clock --------------------------------------------------------- */

int64_t clock_now(void)
{
	return run.now;
}

int64_t clock_wall(void)
{
	return run.now;
}

const char *clock_seconds(int64_t ns, char text[CLOCK_TEXT])
{
	(void)ns;
	return strcpy(text, "?");
}

void clock_pause(void)
{
}

void clock_resume(void)
{
}

/* --- the collector ----------------------------------------------------- */

static void write_out(struct delivery *d)
{
	struct tally *t = &run.of[index_of(d)];

	state_step(&d->state, ANY_OF(LEAVING, PARKED), STATE_WRITING);
	state_step(&d->state, ONLY(WRITING), STATE_WRITTEN);
	t->alive--;
	t->beyond -= d->beyond;
	d->next = NULL;
	run.settled++;
	life_written(&run.life, d, false);
}

static void go_on(void)
{
	for (struct delivery *d; run.passed[run.turn] || run.parked[run.turn]; run.turn++) {
		d = run.parked[run.turn];
		if (!d)
			continue;
		run.of[index_of(d)].parked--;
		stats_add(d->group->stats, STAT_PARKED, -1);
		reader_parked(run.reader, -1);
		write_out(d);
	}
}

void collector_put(struct collector *c, struct delivery *d)
{
	struct tally *t = &run.of[index_of(d)];
	uint64_t name = name_of(d);

	(void)c;
	t->ended[name]++;
	t->attempts[name] = d->attempts;
	t->failed[name] = d->verdict == VERDICT_REJECT;
	if (!run.ordered || d->beyond) {
		write_out(d);
		return;
	}
	holds(d->turn >= run.turn, "turn %llu comes again", (unsigned long long)d->turn);
	state_step(&d->state, ONLY(LEAVING), STATE_PARKED);
	t->parked++;
	stats_add(d->group->stats, STAT_PARKED, 1);
	reader_parked(run.reader, 1);
	run.parked[d->turn] = d;
	go_on();
}

void collector_skip(struct collector *c, uint64_t turn)
{
	(void)c;
	holds(!run.ordered || turn >= run.turn, "turn %llu is left out too late",
		(unsigned long long)turn);
	run.passed[turn] = true;
	if (run.ordered)
		go_on();
}

void collector_drop(struct collector *c, struct delivery *d)
{
	(void)c;
	(void)d;
}

void collector_retract(struct collector *c, struct delivery *d)
{
	(void)c;
	(void)d;
}

/* --- the source -------------------------------------------------------- */

static enum source_state source_next(struct source *s, struct draft *draft)
{
	char text[24];

	(void)s;
	if (run.read == run.items)
		return SOURCE_END;
	if (run.now < run.again)
		return SOURCE_NOTHING;
	if (run.bursts && below(8) == 0) {
		run.again = run.now + 1 + below(3000);
		return SOURCE_NOTHING;
	}
	snprintf(text, sizeof text, "%llu", (unsigned long long)++run.read);
	draft_add(draft, text, strlen(text));
	return SOURCE_RECORD;
}

static void source_close(struct source *s)
{
	(void)s;
}

/* --- the joins --------------------------------------------------------- */

static void note_birth(const struct delivery *d)
{
	run.of[index_of(d)].alive++;
	run.of[index_of(d)].beyond += d->beyond;
}

static void on_birth(void *ctx, struct delivery *d)
{
	(void)ctx;
	note_birth(d);
	holds(life_route(&run.life, d), "it was refused");
}

static void on_refused(void *ctx, struct delivery *d)
{
	(void)ctx;
	note_birth(d);
	life_refuse(&run.life, d);
}

static void on_skip(void *ctx, uint64_t turn)
{
	(void)ctx;
	collector_skip(NULL, turn);
}

static struct delivery *on_oldest(void *ctx, const struct group *g)
{
	struct delivery *d = life_drop(&run.life, g);

	(void)ctx;
	if (d)
		run.of[g->number - 1].alive--;
	return d;
}

static unsigned on_workers(void *ctx)
{
	(void)ctx;
	return run.workers[0];
}

/* --- what is asked for ------------------------------------------------- */

static const char *const patterns[] = { NULL, "[13579]$", "^[1-4]", "0$", "7" };

static bool fits(const char *pattern, uint64_t n)
{
	uint64_t leading = n;

	while (leading >= 10)
		leading /= 10;
	if (!pattern)
		return true;
	if (*pattern == '[')
		return n % 2;
	if (*pattern == '^')
		return leading < 5;
	if (*pattern == '0')
		return n % 10 == 0;
	for (; n > 0; n /= 10)
		if (n % 10 == 7)
			return true;
	return false;
}

/* Who is to have the item, and who has it because nobody wants it (refused). */
static bool is_for(unsigned i, uint64_t n, bool *refused)
{
	bool anybody = false;

	*refused = false;
	for (unsigned k = 0; k < run.ngroups; k++) {
		if (!fits(run.filter[k].match, n))
			continue;
		if (k == i && !(run.first && anybody))
			return true;
		anybody = true;
	}
	*refused = !anybody && i == 0;
	return *refused;
}

/* How many attempts on this item fail before one does not. */
static unsigned failures(unsigned i, uint64_t n)
{
	return (unsigned)(n * 31 + i * 17) % 13 < 4 ? (unsigned)(n + i) % 4 : 0;
}

static void choose_group(unsigned i)
{
	static const enum overflow overflows[] = { OVERFLOW_BLOCK, OVERFLOW_BLOCK, OVERFLOW_BLOCK,
		OVERFLOW_DROP_NEW, OVERFLOW_DROP_OLD, OVERFLOW_REJECT };
	struct group *g = &run.group[i];

	*g = (struct group){ .number = i + 1, .stats = stats_part(run.stats, 1),
		.retry.attempts = 1 + below(4), .overflow = overflows[below(COUNT(overflows))] };
	if (below(3) == 0)
		g->backoff = (struct backoff){ .base = 1 + below(2000), .cap = 5000, .factor = 2 };
	if (below(4) == 0)
		g->rate = (struct rate){ .interval = 1 + below(400), .burst = 1 + below(5) };
	g->scheduled = g->backoff.base > 0 || g->rate.interval > 0;
	run.filter[i].match = patterns[below(COUNT(patterns))];
	run.weight[i] = 1 + below(9);
	run.slowness[i] = 1 + below(below(4) ? 50 : 3000);
	run.workers[i] = 1 + below(MOST_WORKERS);
}

static void choose(unsigned round)
{
	memset(&run, 0, sizeof run);
	run.round = round;
	run.random = unit_seed(round);
	run.stats = stats_new(false, 1);
	run.ngroups = 1 + below(MOST_GROUPS);
	for (unsigned i = 0; i < run.ngroups; i++)
		choose_group(i);
	run.shared = below(2);
	run.first = below(2);
	run.ordered = below(2);
	run.bursts = below(2);
	run.ready_only = below(2);
	run.items = 1 + below(ITEMS);
	run.size = 1 + below(below(2) ? 4 : 40);
}

static void build_queues(void)
{
	struct schedule_rules schedules[MOST_GROUPS];
	struct lane_rules lanes[MOST_GROUPS];

	run.queues = run.shared ? 1 : run.ngroups;
	for (unsigned i = 0; i < run.ngroups; i++) {
		schedules[i] = (struct schedule_rules){ .rate = run.group[i].rate };
		lanes[i] = (struct lane_rules){ run.group[i].scheduled ? &schedules[i] : NULL,
			run.weight[i] };
	}
	for (unsigned i = 0; i < run.queues; i++)
		run.queue[i] = queue_new(&lanes[i], run.shared ? run.ngroups : 1);
	for (unsigned i = 0; i < run.queues; i++)
		queue_staff(run.queue[i], run.workers[i]);
	for (unsigned i = 0; i < run.ngroups; i++) {
		run.group[i].queue = run.queue[run.shared ? 0 : i];
		run.group[i].lane = run.shared ? i : 0;
	}
}

static void build(void)
{
	static struct source *sources[] = { &run.source };
	struct buf why = { 0 };

	run.saved = unit_divert(STDERR_FILENO, nowhere);
	run.store = store_new(0);
	run.source = (struct source){ .next = source_next, .close = source_close, .name = "-",
		.fd = -1 };
	run.turn = 1;
	run.whole = template_text("{}", &(struct template_rules){ .braces = "{}" });
	run.filters = filters_new(run.filter, run.ngroups, &why);
	filters_read(run.filters, run.whole, NULL);
	build_queues();
	run.pack = (struct pack_rules){ .workers = on_workers };
	run.reader = reader_new(&(struct reader_rules){ .sources = sources, .nsources = 1,
		.pack = &run.pack,
		.route = { .groups = run.group, .ngroups = run.ngroups, .filters = run.filters,
			.first = run.first },
		.bound = { .groups = run.group, .ngroups = run.ngroups, .queue_size = run.size,
			.strict = run.size % 2, .ready_only = run.ready_only,
			.queue_bytes = UINT64_C(1) << 40, .spool_cap = 1000000, .store = run.store },
		.stats = run.stats, .birth = on_birth, .refused = on_refused, .skip = on_skip,
		.oldest = on_oldest });
	run.life = (struct life){ .reader = run.reader, .store = run.store };
}

/* --- going on ---------------------------------------------------------- */

/* A worker takes the next one, if there is one; *when it may ask again. */
static bool start(unsigned queue, unsigned worker, int64_t *when)
{
	struct queue_bell bell = { 0 };
	struct job *job = &run.job[queue][worker];
	bool home;
	int64_t next;

	if (job->delivery)
		return false;
	job->delivery = queue_ask(run.queue[queue], worker, &bell, &next, &home);
	queue_unlist(run.queue[queue], &bell);
	*when = next < *when ? next : *when;
	if (!job->delivery)
		return false;
	life_begin(&run.life, job->delivery, 1, NULL);
	run.of[index_of(job->delivery)].running++;
	run.of[index_of(job->delivery)].started++;
	job->end = run.now + 1 + below((uint32_t)run.slowness[index_of(job->delivery)]);
	return true;
}

static bool start_all(int64_t *when)
{
	bool any = false;

	for (unsigned i = 0; i < run.queues; i++)
		for (unsigned k = 0; k < run.workers[i]; k++)
			any |= start(i, k, when);
	return any;
}

static void end(struct job *job)
{
	struct delivery *d = job->delivery;
	unsigned i = index_of(d);
	bool fails = d->attempts <= failures(i, name_of(d));

	job->delivery = NULL;
	run.of[i].running--;
	d->result.outcome = (struct outcome){ .how = OUTCOME_EXIT, .code = fails };
	life_ended(&run.life, d, NULL);
}

/* Let all end whose time has come; *when the next one's does. */
static bool end_all(int64_t *when)
{
	bool any = false;

	for (unsigned i = 0; i < run.queues; i++)
		for (unsigned k = 0; k < run.workers[i]; k++) {
			struct job *job = &run.job[i][k];

			if (!job->delivery)
				continue;
			if (job->end <= run.now) {
				end(job);
				any = true;
			} else if (job->end < *when) {
				*when = job->end;
			}
		}
	return any;
}

/* As reader_run, but for the sleep: until it has nothing more to do. True: there is no
 * room. */
static bool desk(void)
{
	uint64_t before;
	bool full;

	do {
		before = run.settled;
		empty_tray(run.reader);
		full = births(run.reader);
	} while (run.reader->sources.eager || run.settled != before);
	run.over = run.reader->bound.items == 0 && !has_more(run.reader);
	return full;
}

/* --- what must hold ---------------------------------------------------- */

static uint64_t counted(unsigned i)
{
	const struct tally *t = &run.of[i];
	uint64_t apart = t->beyond + (run.size % 2 ? 0 : t->parked);

	if (run.ready_only)
		apart += queue_load(run.group[i].queue, run.group[i].lane).waiting;
	return t->alive < apart ? 0 : t->alive - apart;
}

/* Nothing can happen before the clock goes on. */
static void assert_still(bool full)
{
	bool any = false;

	for (unsigned i = 0; i < run.ngroups; i++) {
		const struct tally *t = &run.of[i];
		bool at_bound = counted(i) >= run.size;

		any |= at_bound && run.group[i].overflow == OVERFLOW_BLOCK;
		/* Of those that wait for their time many may be ready at once. */
		holds(counted(i) <= run.size || run.ready_only,
			"group %u has %llu alive, and %llu are allowed", i + 1,
			(unsigned long long)counted(i), (unsigned long long)run.size);
		holds(t->beyond <= run.size, "group %u has %llu beyond the bound", i + 1,
			(unsigned long long)t->beyond);
		holds(run.shared || run.group[i].scheduled || t->running == run.workers[i]
			|| t->alive == t->running + t->parked, "group %u has an idle worker, and work", i + 1);
	}
	holds(!full || any, "the desk holds births back, and no group is at its bound");
}

static void assert_group(unsigned i)
{
	const struct group *g = &run.group[i];
	const struct tally *t = &run.of[i];
	uint64_t missing = 0, failed = 0;

	for (uint64_t n = 1; n <= run.items; n++) {
		bool refused, wanted = is_for(i, n, &refused);
		unsigned fails = failures(i, n) + 1, most = g->retry.attempts;
		bool rejected = t->failed[n] && t->attempts[n] == 0;

		holds(t->ended[n] <= wanted, "group %u ended item %llu %u times", i + 1,
			(unsigned long long)n, t->ended[n]);
		missing += wanted && !t->ended[n];
		failed += t->failed[n];
		if (!t->ended[n] || (rejected && (refused || g->overflow == OVERFLOW_REJECT)))
			continue;
		holds(!refused && t->attempts[n] == (fails < most ? fails : most)
			&& t->failed[n] == (fails > most),
			"group %u made %u attempts on item %llu, failed %d", i + 1, t->attempts[n],
			(unsigned long long)n, t->failed[n]);
	}
	holds(!t->alive && !t->beyond && !t->running && !t->parked, "group %u has some left", i + 1);
	holds((int64_t)missing == stats_get(g->stats, STAT_DROPPED)
		&& (!missing || g->overflow == OVERFLOW_DROP_NEW || g->overflow == OVERFLOW_DROP_OLD),
		"group %u lacks %llu", i + 1, (unsigned long long)missing);
	holds((int64_t)failed == stats_get(g->stats, STAT_FAILED), "group %u counts %lld failed",
		i + 1, (long long)stats_get(g->stats, STAT_FAILED));
}

static void dismantle(void)
{
	struct reader *r = run.reader;
	struct sources_end end;

	holds(r->held == NULL && !tray_take(r->tray).dead, "something is left at the desk");
	bound_free(&r->bound);
	sources_close(&r->sources, &end);
	run_pool_free(&r->runs);
	buf_free(&r->why);
	tray_free(r->tray);
	free(r);
	for (unsigned i = 0; i < run.queues; i++)
		queue_free(run.queue[i]);
	for (unsigned i = 0; i < run.ngroups; i++) {
		stats_check(run.group[i].stats);
		stats_free(run.group[i].stats);
	}
	stats_check(run.stats);
	stats_free(run.stats);
	store_free(run.store);
	filters_free(run.filters);
	template_free(run.whole);
	unit_restore(STDERR_FILENO, run.saved);
}

/* Until it is over, or each group that has some to start has had enough of it. */
static void go(void (*look)(void))
{
	while (!run.over) {
		int64_t when = INT64_MAX;
		bool full = desk(), any = end_all(&when);

		any |= start_all(&when);
		if (look)
			look();
		if (any || run.over)
			continue;
		full = desk();
		any = start_all(&when);
		if (any || run.over)
			continue;
		assert_still(full);
		if (!full && run.again > run.now && run.again < when)
			when = run.again;
		holds(when < INT64_MAX && when > run.now, "nothing moves, and nothing ever will");
		run.now = when;
	}
}

static void each_group_gets_exactly_its_items_and_blocks_nobody_below_the_bound(void **state)
{
	(void)state;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		choose(round);
		build();
		go(NULL);
		for (unsigned i = 0; i < run.ngroups; i++)
			assert_group(i);
		dismantle();
	}
}

/* While all groups have something to start. */
static void assert_shares(void)
{
	uint64_t total = 0, weights = 0;

	for (unsigned i = 0; i < run.ngroups; i++) {
		const struct tally *t = &run.of[i];

		if (t->alive <= t->running)
			return;
		total += t->started;
		weights += run.weight[i];
	}
	for (unsigned i = 0; i < run.ngroups; i++) {
		double share = (double)total * run.weight[i] / (double)weights;
		double off = (double)run.of[i].started - share;

		off = off < 0 ? -off : off;
		holds(off <= run.ngroups || off <= 0.02 * share,
			"group %u of weight %u had %llu of %llu starts", i + 1, run.weight[i],
			(unsigned long long)run.of[i].started, (unsigned long long)total);
	}
}

static void shares_go_by_weight_however_long_attempts_take(void **state)
{
	(void)state;
	for (unsigned round = 1; round <= 12; round++) {
		choose(round);
		run.shared = true;
		run.ordered = run.first = run.bursts = false;
		run.items = run.size = BACKLOG;
		for (unsigned i = 0; i < run.ngroups; i++) {
			run.group[i].rate.interval = run.group[i].backoff.base = 0;
			run.group[i].scheduled = false;
			run.filter[i].match = NULL;
		}
		build();
		go(assert_shares);
		for (unsigned i = 0; i < run.ngroups; i++)
			assert_group(i);
		dismantle();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_group_gets_exactly_its_items_and_blocks_nobody_below_the_bound),
		cmocka_unit_test(shares_go_by_weight_however_long_attempts_take),
	};

	nowhere = open("/dev/null", O_WRONLY);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
