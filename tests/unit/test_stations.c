/* Reader, queue, workers and collector, joined by life.c, with an action that starts no
 * process. */
#include "unit.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "action/action.h"
#include "action/run/output.h"
#include "base/buf.h"
#include "base/chain.h"
#include "base/thread.h"
#include "collector.h"
#include "group.h"
#include "desk/pack.h"
#include "item.h"
#include "life.h"
#include "policy/ahead.h"
#include "queue/queue.h"
#include "reader.h"
#include "source/source.h"
#include "stats.h"
#include "workers/worker.h"

enum { ITEMS = 150, MOST_WORKERS = 6, ATTEMPTS = 3, NEVER = 0 };

enum { ORDERED = 1, BY_LINE = 2, SERVED = 4, MODES = 8 };

/* Every 5th item fails once, every 7th always. */
enum { FAILS_ONCE = 5, FAILS = 7 };
/* Served: every 11th is lost once, every 13th given back once; three are held at a time. */
enum { LOST_ONCE = 11, BACK_ONCE = 13, HELD = 3 };

static struct joined {
	struct action action;
	struct stats *stats;
	struct store *store;
	struct queue *queue;
	struct reader *reader;
	struct collector *collector;
	struct worker *worker[MOST_WORKERS];
	struct worker_rules worker_rules;
	struct output_rules output_rules;
	struct group group;
	struct life life;
	struct pack_rules pack;
	unsigned workers;
	bool ordered, by_line, served;
	uint64_t stop_at;          /* the seq whose end stops all births */
	bool first_waits;          /* until all others have run */
	_Atomic unsigned ran;
	bool released[ITEMS];      /* by seq - 1, in the collector's thread */
	uint64_t captured[ITEMS];
	unsigned settled[ITEMS];
	_Atomic unsigned misused;  /* a callback that must not come */
	lock lock;
	condition end;             /* "the reader has come to its end" */
	bool over;
} joined;

/* --- the action -------------------------------------------------------- */

/* The attempt whose output is shown. */
static unsigned last_attempt(uint64_t seq)
{
	return seq % FAILS == 0 ? ATTEMPTS : seq % FAILS_ONCE == 0 ? 2 : 1;
}

/* What an attempt on an item prints; some of it is long. */
static void print(struct buf *b, uint64_t seq, unsigned attempt)
{
	uint32_t random = unit_seed((uint32_t)seq * 8 + attempt);
	uint32_t lines = unit_below(&random, 50) ? unit_below(&random, 5) : 500;

	for (uint32_t i = 0; i < lines; i++)
		buf_addf(b, "%llu %u %u %0250d\n", (unsigned long long)seq, attempt, i, 0);
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
	uint64_t seq = d->item->seq;
	bool fails = seq % FAILS == 0 || (seq % FAILS_ONCE == 0 && d->attempts == 1);
	struct buf b = { 0 };

	(void)a;
	(void)own;
	while (joined.first_waits && seq == 1 && atomic_load(&joined.ran) < ITEMS - 1)
		sched_yield();
	if (d->attempts == last_attempt(seq))
		atomic_fetch_add(&joined.ran, 1);
	print(&b, seq, d->attempts);
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
	uint64_t seq = d->item->seq;

	on_run(a, own, &(struct attempt){ .delivery = d, .output = s->output, .slot = s->slot });
	if (seq % LOST_ONCE == 0 && !d->lost)
		s->lost(s, d);
	else if (seq % BACK_ONCE == 0 && !d->alone)
		s->back(s, d, true);
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

	if (d->item->seq == j->stop_at) {
		queue_staff(j->queue, 0);
		reader_stop(j->reader);
	}
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
		uint64_t i = d->item->seq - 1;

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
	(void)turn;
	on_trouble(ctx);
}

static void on_stop(void *ctx)
{
	life_release_all(&((struct joined *)ctx)->life, ((struct joined *)ctx)->queue);
}

static int64_t on_look(void *ctx)
{
	return ((struct joined *)ctx)->first_waits ? INT64_MAX : 1000000000;
}

/* What was lacking may be there by the time that the desk goes to sleep: all but the first
 * have run, and wait for their turn. */
static void on_full(void *ctx, bool bytes)
{
	struct joined *j = ctx;

	(void)bytes;
	while (j->first_waits && atomic_load(&j->ran) < ITEMS - 1
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
	return ((struct joined *)ctx)->workers;
}

static struct source *numbers(void)
{
	static const struct source_rules rules = { .separator = '\n', .max_item = 1000 };
	static char text[ITEMS][8], *words[ITEMS];
	struct input input = { .words = words, .count = ITEMS };

	for (unsigned i = 0; i < ITEMS; i++) {
		snprintf(text[i], sizeof text[i], "%u", i + 1);
		words[i] = text[i];
	}
	return source_inputs(&input, 1, &rules);
}

static void build(struct joined *j, struct source **source, uint64_t memory, uint64_t size)
{
	lock_init(&j->lock);
	condition_init(&j->end);
	j->action = (struct action){ .enter = on_enter, .run = on_run, .leave = on_leave,
		.serve = j->served ? on_serve : NULL };
	j->stats = stats_new(false, 1);
	j->store = store_new(memory);
	j->queue = queue_new(NULL);
	j->group = (struct group){ .number = 1, .queue = j->queue, .stats = j->stats,
		.retry.attempts = ATTEMPTS, .output = j->by_line ? OUTPUT_LINE : OUTPUT_GROUP };
	j->output_rules = (struct output_rules){ .store = j->store, .captured = true,
		.by_line = j->by_line, .keep = j->ordered || j->by_line ? 0 : 50000,
		.part = on_part, .room = on_room, .failed = on_trouble, .ctx = j };
	j->group.action = &j->action;
	j->group.capture = &j->output_rules;
	j->worker_rules = (struct worker_rules){ .queue = j->queue, .groups = &j->group, .ngroups = 1,
		.life = &j->life, .rest = on_rest, .home = on_home,
		.ctx = j };
	/* As in the pipeline: where an attempt may come again no worker is held up. */
	j->collector = collector_start(&(struct collector_rules){ .store = j->store,
		.ordered = j->ordered, .share = 60000,
		.spool_cap = UINT64_MAX, .written = on_written,
		.parked = on_parked, .failed = on_failed, .ctx = j });
	j->pack = (struct pack_rules){ .workers = on_workers, .ctx = j };
	j->reader = reader_new(&(struct reader_rules){ .sources = source, .nsources = 1,
		.pack = &j->pack, 
		.route = { .groups = &j->group, .ngroups = 1 },
		.bound = { .groups = &j->group, .ngroups = 1, .queue_size = size, .strict = size % 2,
			.queue_bytes = 1000000, .spool_cap = 1000000, .store = j->store },
		.full = on_full, .skip = on_skip, .stats = j->stats, .birth = on_birth,
		.refused = on_refused, .stop = on_stop, .look = on_look,
		.output_gone = on_trouble, .over = on_over, .ctx = j });
	j->life = (struct life){ .collector = j->collector,
		.reader = j->reader, .store = j->store, .final = on_final, .ctx = j };
}

/* Run it all and take it down; what it printed, to be freed. */
static char *run_with(unsigned workers, uint64_t size, unsigned mode, uint64_t stop_at,
	bool first_waits, size_t *len)
{
	struct joined *j = &joined;
	struct source *source = numbers();
	FILE *out = tmpfile();
	int saved = unit_divert(STDOUT_FILENO, fileno(out));
	char *text;

	memset(j, 0, sizeof *j);
	j->workers = workers;
	j->ordered = mode & ORDERED;
	j->by_line = mode & BY_LINE;
	j->served = mode & SERVED;
	j->stop_at = stop_at;
	j->first_waits = first_waits;
	build(j, &source, workers % 2 ? 100000 : 0, size);
	queue_staff(j->queue, workers);
	for (unsigned slot = 0; slot < workers; slot++)
		if (!(j->worker[slot] = worker_start(&j->worker_rules, slot)))
			abort();
	reader_start(j->reader);
	lock_take(&j->lock);
	while (!j->over)
		condition_wait(&j->end, &j->lock, -1);
	lock_give(&j->lock);
	queue_close(j->queue);
	for (unsigned slot = 0; slot < workers; slot++)
		worker_join(j->worker[slot]);
	collector_finish(j->collector);
	if (!reader_finish(j->reader))
		on_trouble(j);
	atomic_fetch_add(&j->misused, store_in_memory(j->store) + store_spooled(j->store) > 0
		|| queue_depth(j->queue) > 0);
	queue_free(j->queue);
	store_free(j->store);
	stats_check(j->stats);
	unit_restore(STDOUT_FILENO, saved);
	text = unit_content(fileno(out), len);
	fclose(out);
	return text;
}

static char *run(unsigned workers, uint64_t size, unsigned mode, uint64_t stop_at, size_t *len)
{
	return run_with(workers, size, mode, stop_at, false, len);
}

/* What is shown of each item: its last attempt, or by line all of them. */
static void expect(struct buf *shown)
{
	for (uint64_t seq = 1; seq <= ITEMS; seq++) {
		unsigned last = last_attempt(seq);
		size_t before = 0;

		if (!joined.settled[seq - 1] || joined.released[seq - 1])
			continue;
		for (unsigned attempt = joined.by_line ? 1 : last; attempt <= last; attempt++) {
			before = shown[seq - 1].len;
			print(&shown[seq - 1], seq, attempt);
		}
		assert_int_equal(joined.captured[seq - 1], shown[seq - 1].len - before);
	}
}

/* Line for line: each is the next one of its item; blocks are whole unless it goes
 * by line, and come in order where that was asked for. What was stopped may have
 * shown something of earlier attempts. */
static void assert_text(const char *text, size_t len)
{
	struct buf shown[ITEMS] = { 0 };
	size_t at[ITEMS] = { 0 };
	int64_t last = -1;

	expect(shown);
	for (const char *line = text, *next; line < text + len; line = next) {
		int64_t i = strtoll(line, NULL, 10) - 1;
		size_t n;

		next = strchr(line, '\n') + 1;
		n = (size_t)(next - line);
		assert_true(i >= 0 && i < ITEMS);
		assert_true(i >= last || !joined.ordered);
		assert_true(i == last || last < 0 || joined.by_line || at[last] == shown[last].len);
		last = i;
		if (joined.released[i])
			continue;
		assert_true(shown[i].len - at[i] >= n);
		assert_memory_equal(shown[i].data + at[i], line, n);
		at[i] += n;
	}
	for (uint64_t i = 0; i < ITEMS; i++) {
		assert_int_equal(at[i], shown[i].len);
		buf_free(&shown[i]);
	}
}

static void assert_settled(uint64_t born)
{
	int64_t ended = stats_get(joined.stats, STAT_SUCCEEDED)
		+ stats_get(joined.stats, STAT_FAILED) + stats_get(joined.stats, STAT_RELEASED);

	for (uint64_t i = 0; i < ITEMS; i++)
		assert_int_equal(joined.settled[i], i < born);
	assert_int_equal(stats_get(joined.stats, STAT_SETTLED), born);
	assert_int_equal(ended, born);
	assert_int_equal(joined.misused, 0);
}

static void every_item_is_run_and_written_whatever_the_schedule(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= MOST_WORKERS; workers += workers < 2 ? 1 : 2)
		for (uint64_t size = 1; size <= 16; size = size * 3 - (size > 1))
			for (unsigned mode = 0; mode < MODES; mode++) {
				size_t len;
				char *text = run(workers, size, mode, NEVER, &len);

				assert_settled(ITEMS);
				assert_text(text, len);
				assert_int_equal(stats_get(joined.stats, STAT_FAILED),
					ITEMS / FAILS);
				assert_int_equal(stats_get(joined.stats, STAT_RETRIED),
					ITEMS / FAILS * (ATTEMPTS - 1) + ITEMS / FAILS_ONCE
					- ITEMS / FAILS_ONCE / FAILS
					+ (joined.served ? ITEMS / LOST_ONCE : 0));
				assert_int_equal(stats_get(joined.stats, STAT_RELEASED), 0);
				stats_free(joined.stats);
				free(text);
			}
}

static void a_first_item_that_waits_for_the_last_gets_it(void **state)
{
	(void)state;
	for (unsigned workers = 2; workers <= MOST_WORKERS; workers++) {
		size_t len;
		char *text = run_with(workers, 2 * workers, ORDERED, NEVER, true, &len);

		assert_settled(ITEMS);
		assert_text(text, len);
		stats_free(joined.stats);
		free(text);
	}
}

static void stopped_in_the_middle_what_was_born_is_settled(void **state)
{
	uint32_t random = unit_seed(9);

	(void)state;
	for (int round = 0; round < 32; round++) {
		uint64_t stop_at = 1 + unit_below(&random, ITEMS), born;
		size_t len;
		char *text = run(1 + unit_below(&random, MOST_WORKERS),
			1 + unit_below(&random, 20), (unsigned)round % MODES, stop_at, &len);

		born = (uint64_t)stats_get(joined.stats, STAT_BORN);
		assert_true(born >= stop_at);
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
		cmocka_unit_test(stopped_in_the_middle_what_was_born_is_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
