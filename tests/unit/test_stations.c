/* Reader, queues, workers and collector, joined by life.c, with an action that starts no
 * process, for one group and for several. */
#include "unit.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "action/action.h"
#include "action/run/output.h"
#include "action/template/template.h"
#include "base/buf.h"
#include "base/chain.h"
#include "base/thread.h"
#include "collector.h"
#include "group.h"
#include "desk/filter.h"
#include "desk/pack.h"
#include "events.h"
#include "item.h"
#include "life.h"
#include "policy/ahead.h"
#include "queue/queue.h"
#include "reader.h"
#include "source/source.h"
#include "stats.h"
#include "workers/worker.h"

/* TURNS: items, times the groups. */
enum { TURNS = 150, MOST_WORKERS = 6, MOST_GROUPS = 4, ATTEMPTS = 3, NEVER = 0 };

enum { ORDERED = 1, BY_LINE = 2, SERVED = 4, MODES = 8 };

/* Of the deliveries, by turn, every 5th fails once, every 7th always. */
enum { FAILS_ONCE = 5, FAILS = 7 };
/* Served: every 11th is lost once, every 13th given back once; three are held at a time. */
enum { LOST_ONCE = 11, BACK_ONCE = 13, HELD = 3 };

/* How a run is to be. own: each group has a pool, of so many workers; else all have one. */
struct course {
	unsigned groups, workers;
	bool own;
	uint64_t size;     /* at most so many are alive */
	unsigned mode;
	uint64_t stop_at;  /* the turn whose end stops all births */
	bool first_waits;  /* until all others have run */
};

static struct joined {
	struct action action;
	struct stats *stats;
	struct store *store;
	struct reader *reader;
	struct collector *collector;
	struct output_rules output_rules;
	struct group group[MOST_GROUPS];
	struct joined_pool {
		struct queue *queue;
		struct worker *worker[MOST_WORKERS];
		struct worker_rules rules;
	} pool[MOST_GROUPS];
	unsigned pools;
	struct filters *filters;
	struct template *whole;
	struct life life;
	struct pack_rules pack;
	struct course course;
	bool ordered, by_line, served;
	_Atomic unsigned ran;
	bool released[TURNS];      /* by turn - 1, in the collector's thread */
	uint64_t captured[TURNS];
	unsigned settled[TURNS];
	struct events *events;
	enum event_kind heard[TURNS]; /* the last of each; EVENT_SETTLED: none as yet */
	_Atomic unsigned misused;  /* a callback that must not come */
	lock lock;
	condition end;             /* "the reader has come to its end" */
	bool over;
} joined;

/* --- the action -------------------------------------------------------- */

/* The attempt whose output is shown. */
static unsigned last_attempt(uint64_t turn)
{
	return turn % FAILS == 0 ? ATTEMPTS : turn % FAILS_ONCE == 0 ? 2 : 1;
}

/* What an attempt on a delivery prints; some of it is long. */
static void print(struct buf *b, uint64_t turn, unsigned attempt)
{
	uint32_t random = unit_seed((uint32_t)turn * 8 + attempt);
	uint32_t lines = unit_below(&random, 50) ? unit_below(&random, 5) : 500;

	for (uint32_t i = 0; i < lines; i++)
		buf_addf(b, "%llu %u %u %0250d\n", (unsigned long long)turn, attempt, i, 0);
}

static void *on_enter(struct action *a)
{
	return a;
}

static void on_leave(struct action *a, void *own)
{
	atomic_fetch_add(&joined.misused, a != own);
}

static void on_run(struct action *a, void *own, const struct attempt *at)
{
	struct delivery *d = at->delivery;
	bool fails = d->turn % FAILS == 0 || (d->turn % FAILS_ONCE == 0 && d->attempts == 1);
	struct buf b = { 0 };

	(void)a;
	(void)own;
	while (joined.course.first_waits && d->turn == 1
	    && atomic_load(&joined.ran) < TURNS - 1)
		sched_yield();
	if (d->attempts == last_attempt(d->turn))
		atomic_fetch_add(&joined.ran, 1);
	print(&b, d->turn, d->attempts);
	output_begin(at->output, d, at->live, NULL);
	for (size_t done = 0, n; done < b.len; done += n) {
		size_t room;
		char *to = output_space(at->output, STREAM_OUT, &room);

		n = b.len - done < room ? b.len - done : room;
		n = n < 5000 ? n : 5000;
		memcpy(to, b.data + done, n);
		output_filled(at->output, STREAM_OUT, n);
		while (!output_room(at->output, 1000))
			;
		output_idle(at->output);
	}
	output_end(at->output);
	d->result.outcome = (struct outcome){ .how = OUTCOME_EXIT, .code = fails };
	buf_free(&b);
}

static void serve_one(struct action *a, void *own, struct serving *s, struct delivery *d)
{
	on_run(a, own, &(struct attempt){ .delivery = d, .output = s->output, .slot = s->slot });
	if (d->turn % LOST_ONCE == 0 && !d->lost)
		s->lost(s, d);
	else if (d->turn % BACK_ONCE == 0 && !d->company)
		s->back(s, d, 1);
	else
		s->ended(s, d);
}

static void on_serve(struct action *a, void *own, struct serving *s)
{
	struct delivery *held[HELD], *d;
	unsigned n = 0;

	while (!s->home || n > 0) {
		int64_t when;

		while (!s->home && n < HELD && (d = s->take(s, n == 0, &when)))
			held[n++] = d;
		if (n > 0)
			serve_one(a, own, s, held[--n]);
	}
}

static struct ahead_rest on_rest(void *ctx)
{
	(void)ctx;
	return (struct ahead_rest){ .items = UINT64_MAX, .workers = 1 };
}

/* --- the joins --------------------------------------------------------- */

static void on_final(void *ctx, const struct delivery *d)
{
	struct joined *j = ctx;

	if (d->turn != j->course.stop_at)
		return;
	for (unsigned i = 0; i < j->pools; i++)
		queue_staff(j->pool[i].queue, 0);
	reader_stop(j->reader);
}

/* Is this what may come after that? Whoever had the delivery before has told it before. */
static bool may_follow(enum event_kind before, enum event_kind now, const struct delivery *d)
{
	switch (now) {
	case EVENT_BORN:
		return before == EVENT_SETTLED;
	case EVENT_STARTED:
		return before != EVENT_SETTLED && before != EVENT_STARTED && d->result.slot > 0;
	default:
		return before == EVENT_STARTED;
	}
}

static void on_event(void *ctx, const struct event *e)
{
	struct joined *j = ctx;
	enum event_kind *heard = &j->heard[e->delivery->turn - 1];

	if (!may_follow(*heard, e->kind, e->delivery))
		atomic_fetch_add(&j->misused, 1);
	*heard = e->kind;
}

static void on_home(void *ctx, unsigned slot)
{
	atomic_fetch_add(&((struct joined *)ctx)->misused, slot >= MOST_WORKERS);
}

static void on_part(void *ctx, struct delivery *d, int stream, struct chain *bytes)
{
	collector_part(((struct joined *)ctx)->collector, d, stream, bytes);
}

static bool on_room(void *ctx, struct delivery *d, int64_t wait)
{
	return collector_room(((struct joined *)ctx)->collector, d, wait);
}

static void on_trouble(void *ctx)
{
	atomic_fetch_add(&((struct joined *)ctx)->misused, 1);
}

static void on_written(void *ctx, struct delivery *list, bool lost)
{
	struct joined *j = ctx;

	for (struct delivery *d = list; d; d = d->next) {
		uint64_t i = d->turn - 1;

		j->settled[i]++;
		j->captured[i] = d->result.captured;
		j->released[i] = d->result.outcome.how == OUTCOME_STOPPED;
	}
	atomic_fetch_add(&j->misused, lost);
	life_written(&j->life, list, lost);
}

static void on_parked(void *ctx, long more)
{
	reader_parked(((struct joined *)ctx)->reader, more);
}

static void on_failed(void *ctx, int fd, int error)
{
	(void)fd;
	(void)error;
	on_trouble(ctx);
}

static void on_birth(void *ctx, struct delivery *d)
{
	struct joined *j = ctx;

	atomic_fetch_add(&j->misused, !life_route(&j->life, d));
}

static void on_refused(void *ctx, struct delivery *d)
{
	(void)d;
	on_trouble(ctx);
}

static void on_skip(void *ctx, uint64_t turn)
{
	collector_skip(((struct joined *)ctx)->collector, turn);
}

static void on_stop(void *ctx)
{
	struct joined *j = ctx;

	for (unsigned i = 0; i < j->pools; i++)
		life_release_all(&j->life, j->pool[i].queue);
}

static int64_t on_look(void *ctx)
{
	return ((struct joined *)ctx)->course.first_waits ? INT64_MAX : 1000000000;
}

/* What was lacking may be there by the time that the desk goes to sleep: all but the first
 * have run, and wait for their turn. */
static void on_full(void *ctx, bool bytes)
{
	struct joined *j = ctx;

	(void)bytes;
	while (j->course.first_waits && atomic_load(&j->ran) < TURNS - 1
	    && stats_get(j->stats, STAT_PARKED) < stats_get(j->stats, STAT_BORN) - 1)
		sched_yield();
}

static void on_over(void *ctx)
{
	struct joined *j = ctx;

	lock_take(&j->lock);
	j->over = true;
	condition_one(&j->end);
	lock_give(&j->lock);
}

static unsigned on_workers(void *ctx)
{
	return ((struct joined *)ctx)->course.workers;
}

static struct source *numbers(unsigned count)
{
	static const struct source_rules rules = { .separator = '\n', .max_item = 1000 };
	static char text[TURNS][8], *words[TURNS];
	struct input input = { .words = words, .count = count };

	for (unsigned i = 0; i < count; i++) {
		snprintf(text[i], sizeof text[i], "%u", i + 1);
		words[i] = text[i];
	}
	return source_inputs(&input, 1, &rules);
}

/* The first group wants all there is, the others these. */
static const struct filter_rules wants[MOST_GROUPS] = {
	{ .match = NULL }, { .match = "[13579]$" }, { .match = "^[1-4]" }, { .match = "0$" }
};

static bool is_wanted(uint64_t turn)
{
	uint64_t item = (turn - 1) / joined.course.groups + 1, leading = item;

	while (leading >= 10)
		leading /= 10;
	switch ((turn - 1) % joined.course.groups) {
	case 1:
		return item % 2;
	case 2:
		return leading < 5;
	case 3:
		return item % 10 == 0;
	}
	return true;
}

static void build_groups(struct joined *j)
{
	const struct course *c = &j->course;
	struct buf why = { 0 };

	for (unsigned i = 0; i < c->groups; i++)
		j->group[i] = (struct group){ .number = i + 1, .action = &j->action,
			.stats = c->groups > 1 ? stats_part(j->stats, 1) : j->stats,
			.capture = &j->output_rules, .retry.attempts = ATTEMPTS,
			.output = j->by_line ? OUTPUT_LINE : OUTPUT_GROUP };
	if (c->groups < 2)
		return;
	j->whole = template_text("{}", &(struct template_rules){ .braces = "{}" });
	j->filters = filters_new(wants, c->groups, &why);
	filters_read(j->filters, j->whole, NULL);
	buf_free(&why);
}

/* Groups from this one on have a pool together. */
static void build_pool(struct joined *j, unsigned first, unsigned count)
{
	static const struct lane_rules lanes[] = { { NULL, 3 }, { NULL, 1 }, { NULL, 2 }, { NULL, 9 } };
	struct joined_pool *pool = &j->pool[j->pools++];

	pool->queue = queue_new(lanes, count);
	pool->rules = (struct worker_rules){ .queue = pool->queue, .groups = &j->group[first],
		.ngroups = count, .life = &j->life, .rest = on_rest, .home = on_home, .ctx = j };
	for (unsigned i = 0; i < count; i++) {
		j->group[first + i].queue = pool->queue;
		j->group[first + i].lane = i;
	}
}

static void build_desk(struct joined *j, struct source **source)
{
	const struct course *c = &j->course;
	/* Whoever waits for all others waits for room for what they print, too. */
	uint64_t bytes = c->first_waits ? UINT64_MAX / 2 : 1000000;

	j->pack = (struct pack_rules){ .workers = on_workers, .ctx = j };
	j->reader = reader_new(&(struct reader_rules){ .sources = source, .nsources = 1,
		.pack = &j->pack,
		.route = { .groups = j->group, .ngroups = c->groups, .filters = j->filters },
		.bound = { .groups = j->group, .ngroups = c->groups, .queue_size = c->size,
			.strict = c->size % 2,
			.queue_bytes = bytes, .spool_cap = bytes, .store = j->store },
		.full = on_full, .skip = on_skip, .stats = j->stats, .birth = on_birth,
		.refused = on_refused, .stop = on_stop, .look = on_look,
		.output_gone = on_trouble, .over = on_over, .ctx = j });
}

static void build(struct joined *j, struct source **source)
{
	const struct course *c = &j->course;

	lock_init(&j->lock);
	condition_init(&j->end);
	j->action = (struct action){ .enter = on_enter, .run = on_run, .leave = on_leave,
		.serve = j->served ? on_serve : NULL };
	j->stats = stats_new(false, 1);
	j->events = events_new();
	events_listen(j->events, &(struct listener){ .kinds = EVENT(BORN) | EVENT(STARTED)
		| EVENT(ENDED) | EVENT(LOST) | EVENT(UNDONE), .hear = on_event, .ctx = j });
	for (unsigned i = 0; i < TURNS; i++)
		j->heard[i] = EVENT_SETTLED;
	j->store = store_new(c->workers % 2 ? 100000 : 0);
	j->output_rules = (struct output_rules){ .store = j->store, .captured = true,
		.by_line = j->by_line, .keep = j->ordered || j->by_line ? 0 : 50000,
		.part = on_part, .room = on_room, .failed = on_trouble, .ctx = j };
	build_groups(j);
	for (unsigned i = 0; i < (c->own ? c->groups : 1); i++)
		build_pool(j, i, c->own ? 1 : c->groups);
	/* As in the pipeline: where an attempt may come again no worker is held up. */
	j->collector = collector_start(&(struct collector_rules){ .store = j->store,
		.ordered = j->ordered, .share = 60000,
		.spool_cap = UINT64_MAX, .written = on_written,
		.parked = on_parked, .failed = on_failed, .ctx = j });
	build_desk(j, source);
	j->life = (struct life){ .collector = j->collector,
		.reader = j->reader, .store = j->store, .events = j->events, .final = on_final, .ctx = j };
}

static void staff(struct joined_pool *pool, unsigned workers)
{
	queue_staff(pool->queue, workers);
	for (unsigned slot = 0; slot < workers; slot++)
		if (!(pool->worker[slot] = worker_start(&pool->rules, slot)))
			abort();
}

static void send_home(struct joined_pool *pool, unsigned workers)
{
	for (unsigned slot = 0; slot < workers; slot++)
		worker_join(pool->worker[slot]);
	atomic_fetch_add(&joined.misused, queue_depth(pool->queue) > 0);
	queue_free(pool->queue);
}

static void dismantle(struct joined *j)
{
	struct sources_end end;

	for (unsigned i = 0; i < j->pools; i++)
		queue_close(j->pool[i].queue);
	for (unsigned i = 0; i < j->pools; i++)
		send_home(&j->pool[i], j->course.workers);
	collector_finish(j->collector);
	reader_finish(j->reader, &end);
	if (end.failed)
		on_trouble(j);
	atomic_fetch_add(&j->misused, store_in_memory(j->store) + store_spooled(j->store) > 0);
	store_free(j->store);
	events_free(j->events);
	stats_check(j->stats);
	if (j->course.groups < 2)
		return;
	for (unsigned i = 0; i < j->course.groups; i++) {
		stats_check(j->group[i].stats);
		stats_free(j->group[i].stats);
	}
	filters_free(j->filters);
	template_free(j->whole);
}

/* Run it all and take it down; what it printed, to be freed. */
static char *run(const struct course *course, size_t *len)
{
	struct joined *j = &joined;
	struct source *source = numbers(TURNS / course->groups);
	FILE *out = tmpfile();
	int saved = unit_divert(STDOUT_FILENO, fileno(out));
	char *text;

	memset(j, 0, sizeof *j);
	j->course = *course;
	j->ordered = course->mode & ORDERED;
	j->by_line = course->mode & BY_LINE;
	j->served = course->mode & SERVED;
	build(j, &source);
	for (unsigned i = 0; i < j->pools; i++)
		staff(&j->pool[i], course->workers);
	reader_start(j->reader);
	lock_take(&j->lock);
	while (!j->over)
		condition_wait(&j->end, &j->lock, -1);
	lock_give(&j->lock);
	dismantle(j);
	unit_restore(STDOUT_FILENO, saved);
	text = unit_content(fileno(out), len);
	fclose(out);
	return text;
}

/* What is shown of each delivery: its last attempt, or by line all of them. */
static void expect(struct buf *shown)
{
	for (uint64_t turn = 1; turn <= TURNS; turn++) {
		unsigned last = last_attempt(turn);
		size_t before = 0;

		if (!joined.settled[turn - 1] || joined.released[turn - 1])
			continue;
		for (unsigned attempt = joined.by_line ? 1 : last; attempt <= last; attempt++) {
			before = shown[turn - 1].len;
			print(&shown[turn - 1], turn, attempt);
		}
		assert_int_equal(joined.captured[turn - 1], shown[turn - 1].len - before);
	}
}

/* Line for line: each is the next one of its delivery; blocks are whole unless it goes
 * by line, and come in order where that was asked for. What was stopped may have
 * shown something of earlier attempts. */
static void assert_text(const char *text, size_t len)
{
	struct buf shown[TURNS] = { 0 };
	size_t at[TURNS] = { 0 };
	int64_t last = -1;

	expect(shown);
	for (const char *line = text, *next; line < text + len; line = next) {
		int64_t i = strtoll(line, NULL, 10) - 1;
		size_t n;

		next = strchr(line, '\n') + 1;
		n = (size_t)(next - line);
		assert_true(i >= 0 && i < TURNS);
		assert_true(i >= last || !joined.ordered);
		assert_true(i == last || last < 0 || joined.by_line || at[last] == shown[last].len);
		last = i;
		if (joined.released[i])
			continue;
		assert_true(shown[i].len - at[i] >= n);
		assert_memory_equal(shown[i].data + at[i], line, n);
		at[i] += n;
	}
	for (uint64_t i = 0; i < TURNS; i++) {
		assert_int_equal(at[i], shown[i].len);
		buf_free(&shown[i]);
	}
}

/* How many of the deliveries there are up to this turn, of which every n-th counts. */
static int64_t wanted(uint64_t last, unsigned n)
{
	int64_t count = 0;

	for (uint64_t turn = 1; turn <= last; turn++)
		count += turn % n == 0 && is_wanted(turn);
	return count;
}

static uint64_t turns(void)
{
	return TURNS / joined.course.groups * joined.course.groups;
}

/* Of what is wanted the first `born` are settled, each once, and nothing else is. */
static void assert_settled(int64_t born)
{
	int64_t ended = stats_get(joined.stats, STAT_SUCCEEDED)
		+ stats_get(joined.stats, STAT_FAILED) + stats_get(joined.stats, STAT_RELEASED);
	int64_t nth = 0;

	for (uint64_t turn = 1; turn <= turns(); turn++) {
		nth += is_wanted(turn);
		assert_int_equal(joined.settled[turn - 1], is_wanted(turn) && nth <= born);
	}
	assert_int_equal(stats_get(joined.stats, STAT_SETTLED), born);
	assert_int_equal(ended, born);
	assert_int_equal(joined.misused, 0);
}

static void assert_runs(const struct course *course)
{
	size_t len;
	char *text = run(course, &len);
	uint64_t last = turns();

	assert_settled(wanted(last, 1));
	assert_text(text, len);
	assert_int_equal(stats_get(joined.stats, STAT_FAILED), wanted(last, FAILS));
	assert_int_equal(stats_get(joined.stats, STAT_RETRIED),
		wanted(last, FAILS) * (ATTEMPTS - 1)
		+ wanted(last, FAILS_ONCE) - wanted(last, FAILS_ONCE * FAILS)
		+ (joined.served ? wanted(last, LOST_ONCE) : 0));
	assert_int_equal(stats_get(joined.stats, STAT_RELEASED), 0);
	stats_free(joined.stats);
	free(text);
}

static void every_item_is_run_and_written_whatever_the_schedule(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= MOST_WORKERS; workers += workers < 2 ? 1 : 2)
		for (uint64_t size = 1; size <= 16; size = size * 3 - (size > 1))
			for (unsigned mode = 0; mode < MODES; mode++)
				assert_runs(&(struct course){ .groups = 1, .workers = workers, .size = size,
					.mode = mode });
}

static void a_first_item_that_waits_for_the_last_gets_it(void **state)
{
	(void)state;
	for (unsigned workers = 2; workers <= MOST_WORKERS; workers++)
		assert_runs(&(struct course){ .groups = 1, .workers = workers, .size = 2 * workers,
			.mode = ORDERED, .first_waits = true });
}

static void each_group_has_what_it_wants_by_its_own_workers_or_shared_ones(void **state)
{
	uint32_t random = unit_seed(10);

	(void)state;
	for (unsigned groups = 2; groups <= MOST_GROUPS; groups++)
		for (unsigned own = 0; own < 2; own++)
			for (unsigned mode = 0; mode < MODES; mode++)
				assert_runs(&(struct course){ .groups = groups, .own = own, .mode = mode,
					.workers = 1 + unit_below(&random, own ? 3 : MOST_WORKERS),
					.size = 1 + unit_below(&random, 16) });
}

static void stopped_in_the_middle_what_was_born_is_settled(void **state)
{
	uint32_t random = unit_seed(9);

	(void)state;
	for (unsigned round = 0; round < 64; round++) {
		unsigned groups = 1 + round / MODES % MOST_GROUPS;
		bool own = unit_below(&random, 2);
		struct course course = { .groups = groups, .own = own, .mode = round % MODES,
			.workers = 1 + unit_below(&random, own ? 3 : MOST_WORKERS),
			.size = 1 + unit_below(&random, 20),
			/* The first group wants it. */
			.stop_at = unit_below(&random, TURNS / groups) * groups + 1 };
		int64_t born;
		size_t len;
		char *text = run(&course, &len);

		born = stats_get(joined.stats, STAT_BORN);
		assert_true(born >= wanted(course.stop_at, 1));
		assert_settled(born);
		assert_text(text, len);
		stats_free(joined.stats);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_is_run_and_written_whatever_the_schedule),
		cmocka_unit_test(a_first_item_that_waits_for_the_last_gets_it),
		cmocka_unit_test(each_group_has_what_it_wants_by_its_own_workers_or_shared_ones),
		cmocka_unit_test(stopped_in_the_middle_what_was_born_is_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
