/* A collector on a stage: files or pipes stand in for its outputs, threads for the
 * workers, and what it says is written down. Code, not a contract: the programs
 * that test the collector include all of it. */
#ifndef PQ_STAGE_H
#define PQ_STAGE_H

#include "unit.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/chain.h"
#include "base/thread.h"
#include "collector.h"
#include "group.h"
#include "item.h"
#include "stats.h"

enum { MOST = 200, THREADS = 4, OUT = STDOUT_FILENO, ERR = STDERR_FILENO };

/* Everything around one collector. */
static struct stage {
	struct collector *collector;
	struct store *store;
	struct group group;
	struct item *item[MOST];         /* number i has seq i + 1 */
	uint64_t size[MOST][STREAMS];    /* of what it prints */
	int saved[3];                    /* the descriptors that others stand in for */
	_Atomic long parked;
	_Atomic(pthread_t) teller;       /* who said the last of it */
	/* What was said by the collector. */
	unsigned written[MOST], lost;
	uint64_t told[3], in_turn;       /* bytes of what was told; in a row from 1 */
	bool early;                      /* told before the bytes were there */
	unsigned failures[3];
	int error[3];
} stage;

static inline bool is_regular(int fd, uint64_t *size)
{
	struct stat st;

	*size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	return S_ISREG(st.st_mode);
}

static inline void on_written(void *ctx, struct delivery *list, bool lost)
{
	struct stage *s = ctx;
	uint64_t size;

	s->teller = pthread_self();
	for (struct delivery *d = list; d; d = d->next) {
		uint64_t seq = d->item->seq;

		s->written[seq - 1]++;
		s->in_turn += s->in_turn + 1 == seq;
		s->lost += lost;
		for (int i = 0; i < STREAMS; i++)
			s->told[OUT + i] += s->size[seq - 1][i];
	}
	for (int fd = OUT; fd <= ERR && !lost; fd++)
		if (is_regular(fd, &size) && size < s->told[fd])
			s->early = true;
}

static inline void on_parked(void *ctx, long more)
{
	atomic_fetch_add(&((struct stage *)ctx)->parked, more);
}

static inline void on_failed(void *ctx, int fd, int error)
{
	struct stage *s = ctx;

	s->failures[fd]++;
	s->error[fd] = error;
}

/* How the collector is set up. Nothing said: as they come, everything spooled, no
 * cap on that, a share that big blocks exceed; stdout and stderr as they are. */
struct setting {
	bool ordered, by_line;
	uint64_t memory, spool_cap, share;
	int out, err;
};

/* Nothing may be asserted from here to the end of the stage. */
static inline void stage_begin(const struct setting *set)
{
	memset(&stage, 0, sizeof stage);
	stage.group = (struct group){ .number = 1, .stats = stats_new(false, 1),
		.output = set->by_line ? OUTPUT_LINE : OUTPUT_GROUP };
	stage.saved[OUT] = unit_divert(OUT, set->out ? set->out : OUT);
	stage.saved[ERR] = unit_divert(ERR, set->err ? set->err : ERR);
	for (size_t i = 0; i < MOST; i++) {
		struct draft draft = { 0 };

		draft_add(&draft, "x", 1);
		stage.item[i] = item_new(&draft, 1, i + 1);
		stage.item[i]->deliveries[0].group = &stage.group;
		state_step(&stage.item[i]->deliveries[0].state, ONLY(BORN), STATE_RUNNING);
		draft_free(&draft);
	}
	stage.store = store_new(set->memory);
	stage.collector = collector_start(&(struct collector_rules){ .store = stage.store,
		.ordered = set->ordered,
		.share = set->share ? set->share : 20000,
		.spool_cap = set->spool_cap ? set->spool_cap : UINT64_MAX,
		.written = on_written, .parked = on_parked, .failed = on_failed, .ctx = &stage });
}

/* Bytes that are still in the store: none should be. */
static inline uint64_t stage_end(void)
{
	uint64_t left;

	collector_finish(stage.collector);
	left = store_in_memory(stage.store) + store_spooled(stage.store);
	store_free(stage.store);
	stats_free(stage.group.stats);
	for (size_t i = 0; i < MOST; i++)
		item_free(stage.item[i], NULL);
	unit_restore(OUT, stage.saved[OUT]);
	unit_restore(ERR, stage.saved[ERR]);
	return left;
}

/* The first `count` were told once each, and the others never. */
static inline void assert_told(size_t count)
{
	for (size_t i = 0; i < MOST; i++)
		assert_int_equal(stage.written[i], i < count);
	assert_int_equal(stage.parked, 0);
	assert_false(stage.early);
}

/* --- what is printed --------------------------------------------------- */

static struct buf blocks[MOST][STREAMS];

/* Lines that say whose they are, which of how many; mostly a few, some none, some
 * more than a chunk can hold. */
static inline void make_block(struct buf *b, size_t i, int stream)
{
	uint32_t random = unit_seed((uint32_t)(2 * i) + (uint32_t)stream);
	uint32_t kind = unit_below(&random, 16);
	uint32_t lines = kind == 0 ? 2000 : kind == 1 ? 0 : 1 + unit_below(&random, 6);

	for (uint32_t line = 0; line < lines; line++)
		buf_addf(b, "%zu %d %u/%u %.*s\n", i, stream, line, lines,
			(int)unit_below(&random, 50),
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

/* Set-up and end of the group. */
static inline int make_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < MOST; i++)
		for (int stream = 0; stream < STREAMS; stream++)
			make_block(&blocks[i][stream], i, stream);
	return 0;
}

static inline int free_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < MOST; i++)
		for (int stream = 0; stream < STREAMS; stream++)
			buf_free(&blocks[i][stream]);
	return 0;
}

static inline void add_bytes(struct chain *chain, const char *data, size_t len)
{
	while (len > 0) {
		size_t n = len < CHAIN_SLOT ? len : CHAIN_SLOT;
		struct chunk *c = chunk_new(stage.store, data, n);

		if (!c)
			abort();
		chain_link(chain, c);
		data += n;
		len -= n;
	}
}

/* As life.c does when an attempt has ended. */
static inline void hand_final(struct delivery *d)
{
	state_step(&d->state, ONLY(RUNNING), STATE_LEAVING);
	collector_put(stage.collector, d);
}

static inline void hand_part(struct delivery *d, int stream, const char *data, size_t len)
{
	struct chain part = { 0 };

	add_bytes(&part, data, len);
	collector_part(stage.collector, d, stream, &part);
}

enum manner { WHOLE, LIVE, LINES, ATTEMPTS };

/* Piece by piece. ATTEMPTS: as LINES, but now and then the attempt has ended, and
 * the delivery is on somebody else's list before it prints again. */
static inline void hand_in_parts(struct delivery *d, int stream, enum manner manner,
	const struct buf *b, uint32_t *random)
{
	static struct delivery other;

	for (size_t at = 0, n; at < b->len; at += n) {
		n = 1 + unit_below(random, 4000);
		if (n > b->len - at)
			n = b->len - at;
		while (manner != LIVE && b->data[at + n - 1] != '\n')
			n++;
		hand_part(d, stream, b->data + at, n);
		if (manner == ATTEMPTS && unit_below(random, 8) == 0) {
			collector_retract(stage.collector, d);
			d->next = &other;
		}
	}
}

/* One job has ended; some of them while they were live. */
static inline void hand_over(size_t i, enum manner manner, uint32_t *random)
{
	struct delivery *d = &stage.item[i]->deliveries[0];

	for (int stream = 0; stream < STREAMS; stream++) {
		const struct buf *b = &blocks[i][stream];

		stage.size[i][stream] = b->len;
		if (manner == WHOLE)
			add_bytes(&d->result.output[stream], b->data, b->len);
		else
			hand_in_parts(d, stream, manner, b, random);
	}
	hand_final(d);
}

/* --- many threads ------------------------------------------------------ */

struct hands {
	pthread_t thread;
	uint32_t seed;
	enum manner manner;
	const size_t *order;
	_Atomic size_t *next;
};

static inline void *hand_over_some(void *arg)
{
	struct hands *h = arg;
	uint32_t random = unit_seed(h->seed);
	size_t at;

	while ((at = atomic_fetch_add(h->next, 1)) < MOST)
		hand_over(h->order[at], h->manner == LIVE && unit_below(&random, 2)
			? WHOLE : h->manner, &random);
	return NULL;
}

static inline void shuffle(size_t *order, uint32_t seed)
{
	uint32_t random = unit_seed(seed);

	for (size_t i = 0; i < MOST; i++) {
		size_t k = unit_below(&random, (uint32_t)i + 1);

		order[i] = order[k];
		order[k] = i;
	}
}

/* Everything by several threads in a random order. */
static inline void hand_over_all(enum manner manner, uint32_t seed)
{
	struct hands hands[THREADS];
	_Atomic size_t next = 0;
	size_t order[MOST];

	shuffle(order, seed);
	for (uint32_t i = 0; i < THREADS; i++) {
		hands[i] = (struct hands){ .seed = seed + 1 + i, .manner = manner,
			.order = order, .next = &next };
		if (!thread_start(&hands[i].thread, hand_over_some, &hands[i]))
			abort();
	}
	for (int i = 0; i < THREADS; i++)
		thread_join(hands[i].thread);
}

/* Both outputs of a run, which were files. */
struct outputs {
	FILE *file[STREAMS];
	char *text[STREAMS];
	size_t len[STREAMS];
};

static inline void outputs_open(struct outputs *o)
{
	for (int i = 0; i < STREAMS; i++) {
		o->file[i] = tmpfile();
		assert_non_null(o->file[i]);
	}
}

static inline void outputs_read(struct outputs *o)
{
	for (int i = 0; i < STREAMS; i++)
		o->text[i] = unit_content(fileno(o->file[i]), &o->len[i]);
}

static inline void outputs_close(struct outputs *o)
{
	for (int i = 0; i < STREAMS; i++) {
		fclose(o->file[i]);
		free(o->text[i]);
	}
}

static inline void put_text(size_t i, const char *text)
{
	struct delivery *d = &stage.item[i]->deliveries[0];

	add_bytes(&d->result.output[STREAM_OUT], text, strlen(text));
	stage.size[i][STREAM_OUT] += strlen(text);
	hand_final(d);
}

/* Wait for exactly this text; whatever else comes is wrong. */
static inline bool comes_out(int fd, const char *text)
{
	for (; *text; text++) {
		char c;

		if (read(fd, &c, 1) != 1 || c != *text)
			return false;
	}
	return true;
}

static const uint64_t memories[] = { UINT64_MAX / 2, 100000, 0 };

static inline void assert_in_order(const struct outputs *o, int stream)
{
	size_t at = 0;

	for (size_t i = 0; i < MOST; i++) {
		const struct buf *b = &blocks[i][stream];

		assert_true(o->len[stream] - at >= b->len);
		assert_true(!b->len || memcmp(o->text[stream] + at, b->data, b->len) == 0);
		at += b->len;
	}
	assert_int_equal(o->len[stream], at);
}

/* Every line is whole, and of its item the next one; with `whole`, too, nothing
 * stands between the first and the last of an item. Notes are between blocks. */
static inline void assert_lines(const struct outputs *o, int wanted, bool whole)
{
	unsigned next[MOST] = { 0 }, total[MOST] = { 0 };
	size_t open = MOST; /* whose block is not complete */

	for (char *line = o->text[wanted], *end; *line; line = end + 1) {
		size_t i;
		int stream;
		unsigned n, of;

		end = strchr(line, '\n');
		assert_non_null(end);
		if (strncmp(line, "note ", 5) == 0) {
			assert_int_equal(open, MOST);
			continue;
		}
		*end = '\0';
		assert_int_equal(sscanf(line, "%zu %d %u/%u ", &i, &stream, &n, &of), 4);
		*end = '\n';
		assert_true(i < MOST && stream == wanted && n == next[i]);
		next[i]++;
		total[i] = of;
		assert_true(!whole || open == MOST || open == i);
		open = !whole || n + 1 == of ? MOST : i;
	}
	for (size_t i = 0; i < MOST; i++)
		assert_int_equal(next[i], total[i]);
}

#endif
