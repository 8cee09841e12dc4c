/* Durable queues: what broker.h promises, on whatever engine PQ_TEST_BROKER names, as
 * "redis+unix:///tmp/s" or "postgresql://..." (no queue); a file of SQLite if it names none.
 *
 * Nothing here goes by how long something takes: what takes time is asked for until it is
 * so, under a limit that only what hangs reaches. */
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "broker/broker.h"
#include "broker_address.h"
#include "scratch.h"

extern char **environ;

enum { LONG = 3600 * 1000, LIMIT = 60 };

static char queue[64];     /* of the test that runs */
static const char *myself; /* the path of this program */

/* --- what the tests are made of ------------------------------------------ */

/* As the rules say, but for the address. */
static struct broker *opened_by(struct broker_rules rules, const char *group)
{
	struct address a = broker_address(queue, group);
	struct buf why = { 0 }, notes = { 0 };
	enum broker_state state = BROKER_GONE;
	struct broker *b;

	rules.address = &a;
	if (!rules.lease)
		rules.lease = LONG;
	b = broker_open(&rules, &state, &why, &notes);
	if (!b)
		fail_msg("it cannot be opened: %s", buf_str(&why));
	assert_int_equal(state, BROKER_OK);
	buf_free(&why);
	buf_free(&notes);
	return b;
}

static struct broker *opened(enum broker_use use)
{
	return opened_by((struct broker_rules){ .use = use }, NULL);
}

/* A call that goes well. */
#define WELL(b, call) \
	do { \
		if ((call) != BROKER_OK) \
			fail_msg("%s: %s", #call, broker_why(b)); \
	} while (0)

static enum put_fate put(struct broker *b, struct put item)
{
	WELL(b, broker_put(b, &item, 1));
	return item.fate;
}

#define TEXT(t) .body = (t), .len = strlen(t)
#define PUT(b, ...) put((b), (struct put){ __VA_ARGS__ })

static void claim(struct broker *b, struct exchange *x, size_t want)
{
	x->settles = NULL;
	x->nsettles = 0;
	x->want = want;
	WELL(b, broker_exchange(b, x));
}

/* A limit in case it never comes true, and a pause before it is asked for again. */
static void again(time_t *began)
{
	struct timespec pause = { 0, 5000000 };

	if (!*began)
		*began = time(NULL);
	if (time(NULL) - *began > LIMIT)
		fail_msg("it has not come about in %d s", LIMIT);
	nanosleep(&pause, NULL);
}

/* As soon as there are any. */
static void claim_some(struct broker *b, struct exchange *x, size_t want)
{
	time_t began = 0;

	for (claim(b, x, want); !x->nclaimed; claim(b, x, want))
		again(&began);
}

static enum settle_fate settle(struct broker *b, const struct claimed *item, struct settle how)
{
	struct exchange x = { .settles = &how, .nsettles = 1 };

	how.id = item->id;
	how.token = item->token;
	WELL(b, broker_exchange(b, &x));
	assert_int_equal(x.nclaimed, 0);
	exchange_free(&x);
	return how.fate;
}

#define SETTLE(b, item, ...) settle((b), (item), (struct settle){ __VA_ARGS__ })
#define ACK(b, item) SETTLE(b, item, .how = SETTLE_ACK)

static bool is_body(const struct exchange *x, size_t i, const char *text)
{
	return i < x->nclaimed && x->claimed[i].len == strlen(text)
		&& memcmp(x->bodies.data + x->claimed[i].at, text, x->claimed[i].len) == 0;
}

/* The bodies that were claimed, one letter each. */
static const char *letters(const struct exchange *x)
{
	static char all[100];

	for (size_t i = 0; i < x->nclaimed; i++)
		all[i] = x->bodies.data[x->claimed[i].at];
	all[x->nclaimed] = '\0';
	return all;
}

static struct broker_stats stats(struct broker *b)
{
	struct broker_stats s;

	WELL(b, broker_stats(b, &s));
	return s;
}

static uint64_t order(struct broker *b, struct broker_order what)
{
	WELL(b, broker_admin(b, &what));
	return what.changed;
}

#define ORDER(b, ...) order((b), (struct broker_order){ __VA_ARGS__ })

/* --- a consumer that dies ------------------------------------------------ */

/* Another process: claims so many, or what it gets of them, and ends at once, as by kill -9;
 * or stops. Its lease is as short as can be. */
static pid_t started(const char *how, size_t want, unsigned poison)
{
	char number[2][24];
	char *argv[] = { (char *)myself, (char *)how, queue, number[0], number[1], NULL };
	pid_t pid;

	snprintf(number[0], sizeof number[0], "%zu", want);
	snprintf(number[1], sizeof number[1], "%u", poison);
	assert_int_equal(posix_spawn(&pid, myself, NULL, NULL, argv, environ), 0);
	return pid;
}

static void dies_with(size_t want, unsigned poison)
{
	int status;
	pid_t pid = started("--die", want, poison);

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static pid_t stops_with(size_t want)
{
	int status;
	pid_t pid = started("--stop", want, 0);

	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

static void ends(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* What it does. */
static int consumer(char **argv)
{
	struct exchange x = { 0 };
	struct broker *b;

	snprintf(queue, sizeof queue, "%s", argv[2]);
	b = opened_by((struct broker_rules){ .use = BROKER_CONSUMES, .lease = 1,
		.poison = (unsigned)atoi(argv[4]) }, NULL);
	claim_some(b, &x, (size_t)atoi(argv[3]));
	raise(strcmp(argv[1], "--die") == 0 ? SIGKILL : SIGSTOP);
	return 0;
}

/* --- the ten ------------------------------------------------------------- */

static void lower_priorities_go_first_and_equal_ones_in_their_order(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };

	(void)state;
	PUT(p, TEXT("d"), .priority = 5);
	PUT(p, TEXT("b"));
	PUT(p, TEXT("a"), .priority = -1000000);
	PUT(p, TEXT("e"), .priority = 5);
	PUT(p, TEXT("c"));
	claim(c, &x, 2);
	assert_string_equal(letters(&x), "ab");
	assert_int_equal(x.claimed[0].priority, -1000000);
	claim(c, &x, 10);
	assert_string_equal(letters(&x), "cde");
	assert_int_equal(x.claimed[2].priority, 5);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void what_is_put_with_a_delay_comes_when_it_is_due(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };

	(void)state;
	PUT(p, TEXT("late"), .delay = LONG);
	claim(c, &x, 1);
	assert_int_equal(x.nclaimed, 0);
	assert_true(x.due > LONG / 2 && x.due <= LONG);
	assert_int_equal(stats(p).delayed, 1);
	PUT(p, TEXT("soon"), .delay = 30);
	claim_some(c, &x, 2);
	assert_int_equal(x.nclaimed, 1);
	assert_true(is_body(&x, 0, "soon"));
	assert_int_equal(x.claimed[0].attempts, 0);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void a_retry_waits_and_is_counted(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };
	int64_t token;

	(void)state;
	PUT(p, TEXT("a"));
	claim(c, &x, 1);
	token = x.claimed[0].token;
	assert_int_equal(SETTLE(c, &x.claimed[0], .how = SETTLE_RETRY, .delay = LONG,
		.outcome = "exit 1"), SETTLE_OURS);
	claim(c, &x, 1);
	assert_int_equal(x.nclaimed, 0);
	assert_true(x.due > LONG / 2 && x.due <= LONG);
	assert_false(x.drained);
	PUT(p, TEXT("b"));
	claim(c, &x, 1);
	assert_int_equal(SETTLE(c, &x.claimed[0], .how = SETTLE_RETRY, .delay = 30), SETTLE_OURS);
	claim_some(c, &x, 1);
	assert_true(is_body(&x, 0, "b"));
	assert_int_equal(x.claimed[0].attempts, 1);
	assert_int_equal(x.claimed[0].lost, 0);
	assert_true(x.claimed[0].token > token);
	assert_int_equal(SETTLE(c, &x.claimed[0], .how = SETTLE_RETRY), SETTLE_OURS);
	claim(c, &x, 1);
	assert_int_equal(x.claimed[0].attempts, 2);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void a_duplicate_is_told(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct put batch[] = {
		{ TEXT("a"), .key = "k", .key_len = 1 }, { TEXT("b"), .key = "k", .key_len = 1 },
		{ TEXT("c"), .key = "k\0l", .key_len = 3 }, { TEXT("d"), .key = "k\0m", .key_len = 3 },
		{ TEXT("e"), .key = "", .key_len = 0 }, { TEXT("f"), .key = "", .key_len = 0 },
		{ TEXT("g") }, { TEXT("h") },
	};
	struct exchange x = { 0 };

	(void)state;
	WELL(p, broker_put(p, batch, COUNT(batch)));
	for (size_t i = 0; i < COUNT(batch); i++)
		assert_int_equal(batch[i].fate, i == 1 || i == 5 ? PUT_DUPLICATE : PUT_QUEUED);
	claim(c, &x, 10);
	assert_string_equal(letters(&x), "acdegh");
	for (size_t i = 0; i < x.nclaimed; i++)
		assert_int_equal(ACK(c, &x.claimed[i]), SETTLE_OURS);
	assert_int_equal(PUT(p, TEXT("i"), .key = "k", .key_len = 1), PUT_DUPLICATE);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void a_key_may_count_for_a_while(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	time_t began = 0;

	(void)state;
	assert_int_equal(PUT(p, TEXT("a"), .key = "k", .key_len = 1, .key_life = LONG), PUT_QUEUED);
	assert_int_equal(PUT(p, TEXT("b"), .key = "k", .key_len = 1), PUT_DUPLICATE);
	assert_int_equal(PUT(p, TEXT("c"), .key = "l", .key_len = 1, .key_life = 30), PUT_QUEUED);
	while (PUT(p, TEXT("d"), .key = "l", .key_len = 1, .key_life = LONG) != PUT_QUEUED)
		again(&began);
	assert_int_equal(PUT(p, TEXT("e"), .key = "l", .key_len = 1), PUT_DUPLICATE);
	broker_close(p);
}

static void a_full_queue_refuses_item_by_item(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct put batch[] = { { TEXT("a") }, { TEXT("b"), .delay = LONG }, { TEXT("c") },
		{ TEXT("d"), .key = "d", .key_len = 1 }, { TEXT("e") } };
	struct exchange x = { 0 };

	(void)state;
	ORDER(p, .verb = BROKER_CAP, .count = 3);
	assert_int_equal(stats(p).cap, 3);
	WELL(p, broker_put(p, batch, COUNT(batch)));
	for (size_t i = 0; i < COUNT(batch); i++)
		assert_int_equal(batch[i].fate, i < 3 ? PUT_QUEUED : PUT_FULL);
	claim(c, &x, 1);
	assert_int_equal(PUT(p, TEXT("f")), PUT_FULL);
	ACK(c, &x.claimed[0]);
	assert_int_equal(PUT(p, TEXT("d"), .key = "d", .key_len = 1), PUT_QUEUED);
	assert_int_equal(PUT(p, TEXT("d"), .key = "d", .key_len = 1), PUT_DUPLICATE);
	assert_int_equal(PUT(p, TEXT("f")), PUT_FULL);
	claim(c, &x, 1);
	SETTLE(c, &x.claimed[0], .how = SETTLE_REJECT);
	assert_int_equal(PUT(p, TEXT("f")), PUT_QUEUED);
	ORDER(p, .verb = BROKER_REQUEUE_DEAD);
	claim(c, &x, 1);
	ACK(c, &x.claimed[0]);
	assert_int_equal(PUT(p, TEXT("g")), PUT_FULL); /* what was dead counts again */
	ORDER(p, .verb = BROKER_CAP, .count = 0);
	assert_int_equal(PUT(p, TEXT("g")), PUT_QUEUED);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void what_a_dead_consumer_had_comes_back(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };

	(void)state;
	PUT(p, TEXT("a"));
	dies_with(1, 0);
	claim_some(c, &x, 1);
	assert_true(is_body(&x, 0, "a"));
	assert_int_equal(x.claimed[0].lost, 1);
	assert_int_equal(x.claimed[0].attempts, 0);
	assert_int_equal(stats(p).lost, 1);
	assert_int_equal(ACK(c, &x.claimed[0]), SETTLE_OURS);
	assert_int_equal(stats(p).lost, 0);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void whoever_is_late_changes_nothing(void **state)
{
	static const enum settle_how all[] = { SETTLE_ACK, SETTLE_RETRY, SETTLE_REJECT,
		SETTLE_RELEASE, SETTLE_EXTEND };
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };
	struct claimed late;

	(void)state;
	PUT(p, TEXT("a"));
	dies_with(1, 0);
	claim_some(c, &x, 1);
	late = x.claimed[0];
	late.token--; /* that of the dead */
	for (size_t i = 0; i < COUNT(all); i++)
		assert_int_equal(SETTLE(c, &late, .how = all[i]), SETTLE_LOST);
	assert_int_equal(stats(p).leased, 1);
	assert_int_equal(ACK(c, &x.claimed[0]), SETTLE_OURS);
	for (size_t i = 0; i < COUNT(all); i++)
		assert_int_equal(SETTLE(c, &late, .how = all[i]), SETTLE_GONE);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* Lost, and nobody has claimed it since: twice, so that it has to wait. */
static void whoever_was_given_up_changes_nothing(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };
	struct claimed late = { 0 };
	time_t began = 0;

	(void)state;
	PUT(p, TEXT("a"));
	claim(c, &x, 1);
	late.id = x.claimed[0].id;
	assert_int_equal(SETTLE(c, &x.claimed[0], .how = SETTLE_RELEASE), SETTLE_OURS);
	dies_with(1, 0);
	dies_with(1, 0);
	late.token = x.claimed[0].token + 2;
	for (claim(c, &x, 1); !x.nclaimed && !stats(p).delayed; claim(c, &x, 1))
		again(&began);
	assert_int_equal(ACK(c, &late), SETTLE_LOST);
	assert_int_equal(stats(p).finished, 0);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

struct seen_views {
	struct broker_view first;
	char bodies[64], states[64];
	size_t count;
};

static void see(void *ctx, const struct broker_view *item)
{
	struct seen_views *v = ctx;

	if (!v->count)
		v->first = *item;
	v->bodies[v->count] = item->len ? item->body[0] : '-';
	v->states[v->count++] = item->state[2]; /* reAdy deLayed leAsed deAd doNe: a l a a n */
}

static void a_lease_can_be_extended(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	struct broker *brief = opened_by((struct broker_rules){ .use = BROKER_CONSUMES,
		.lease = LONG / 10 }, NULL);
	struct broker *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };
	struct seen_views v = { 0 };

	(void)state;
	PUT(p, TEXT("a"));
	claim(brief, &x, 1);
	WELL(p, broker_peek(p, 1, see, &v));
	assert_true(v.first.due > 0 && v.first.due <= LONG / 10);
	assert_int_equal(SETTLE(c, &x.claimed[0], .how = SETTLE_EXTEND), SETTLE_OURS);
	v.count = 0;
	WELL(p, broker_peek(p, 1, see, &v));
	assert_true(v.first.due > LONG / 2 && v.first.due <= LONG);
	assert_int_equal(ACK(brief, &x.claimed[0]), SETTLE_OURS);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
	broker_close(brief);
}

static void what_is_rejected_is_dead_until_it_is_requeued(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };

	(void)state;
	PUT(p, TEXT("a"));
	PUT(p, TEXT("b"));
	claim(c, &x, 1);
	assert_int_equal(SETTLE(c, &x.claimed[0], .how = SETTLE_RETRY), SETTLE_OURS);
	claim(c, &x, 1);
	assert_true(is_body(&x, 0, "a"));
	assert_int_equal(SETTLE(c, &x.claimed[0], .how = SETTLE_REJECT, .outcome = "exit 7"),
		SETTLE_OURS);
	assert_int_equal(stats(p).dead, 1);
	claim(c, &x, 2);
	assert_string_equal(letters(&x), "b");
	ACK(c, &x.claimed[0]);
	claim(c, &x, 2);
	assert_true(x.drained);
	assert_int_equal(ORDER(p, .verb = BROKER_REQUEUE_DEAD), 1);
	claim(c, &x, 2);
	assert_string_equal(letters(&x), "a");
	assert_int_equal(x.claimed[0].attempts, 0);
	assert_int_equal(x.claimed[0].lost, 0);
	SETTLE(c, &x.claimed[0], .how = SETTLE_REJECT);
	assert_int_equal(ORDER(p, .verb = BROKER_PURGE_DEAD), 1);
	assert_int_equal(stats(p).dead, 0);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void each_state_is_counted(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	struct broker *c = opened_by((struct broker_rules){ .use = BROKER_CONSUMES,
		.keep.count = 10 }, NULL);
	struct exchange x = { 0 };
	struct broker_stats s;

	(void)state;
	s = stats(p);
	assert_int_equal(s.ready + s.delayed + s.leased + s.dead + s.done + s.put + s.finished, 0);
	assert_int_equal(s.oldest, -1);
	for (int i = 0; i < 10; i++)
		PUT(p, TEXT("a"));
	PUT(p, TEXT("b"), .delay = LONG);
	claim(c, &x, 6);
	ACK(c, &x.claimed[0]);
	ACK(c, &x.claimed[1]);
	SETTLE(c, &x.claimed[2], .how = SETTLE_REJECT);
	s = stats(p);
	assert_int_equal(s.ready, 4);
	assert_int_equal(s.delayed, 1);
	assert_int_equal(s.leased, 3);
	assert_int_equal(s.dead, 1);
	assert_int_equal(s.done, 2);
	assert_int_equal(s.put, 11);
	assert_int_equal(s.finished, 2);
	assert_int_equal(s.holders, 1);
	assert_int_equal(s.cap, 0);
	assert_true(s.oldest >= 0);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* --- and more ------------------------------------------------------------ */

static void drained_is_neither_ready_nor_delayed_nor_leased(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct broker *other = opened(BROKER_CONSUMES);
	struct exchange x = { 0 }, y = { 0 };

	(void)state;
	claim(c, &x, 1);
	assert_true(x.drained);
	PUT(p, TEXT("a"), .delay = LONG);
	claim(c, &x, 1);
	assert_false(x.drained);
	ORDER(p, .verb = BROKER_DROP);
	PUT(p, TEXT("b"));
	claim(other, &y, 1);
	claim(c, &x, 1);
	assert_int_equal(x.nclaimed, 0);
	assert_false(x.drained);
	ACK(other, &y.claimed[0]);
	claim(c, &x, 1);
	assert_true(x.drained);
	exchange_free(&x);
	exchange_free(&y);
	broker_close(p);
	broker_close(c);
	broker_close(other);
}

static void settling_and_claiming_are_one_call(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct settle settles[4];
	static const enum settle_how hows[] = { SETTLE_ACK, SETTLE_RETRY, SETTLE_REJECT,
		SETTLE_RELEASE };
	struct exchange x = { 0 };

	(void)state;
	for (const char *c1 = "abcdefg"; *c1; c1++)
		PUT(p, .body = c1, .len = 1);
	claim(c, &x, 4);
	for (size_t i = 0; i < 4; i++)
		settles[i] = (struct settle){ .id = x.claimed[i].id, .token = x.claimed[i].token,
			.how = hows[i] };
	x.settles = settles;
	x.nsettles = 4;
	x.want = 2;
	WELL(c, broker_exchange(c, &x));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(settles[i].fate, SETTLE_OURS);
	assert_string_equal(letters(&x), "bd"); /* retried and released, their turn is theirs */
	assert_int_equal(x.claimed[0].attempts, 1);
	assert_int_equal(x.claimed[1].attempts, 0);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void what_is_released_counts_nothing(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };
	struct claimed first;

	(void)state;
	PUT(p, TEXT("a"));
	claim(c, &x, 1);
	first = x.claimed[0];
	assert_int_equal(SETTLE(c, &first, .how = SETTLE_RELEASE), SETTLE_OURS);
	assert_int_equal(stats(p).ready, 1);
	claim(c, &x, 1);
	assert_int_equal(x.claimed[0].attempts, 0);
	assert_int_equal(x.claimed[0].lost, 0);
	assert_true(x.claimed[0].token > first.token);
	assert_int_equal(ACK(c, &first), SETTLE_LOST);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* And ends all that it has. */
static void ack_all(struct broker *b, const struct exchange *x)
{
	for (size_t i = 0; i < x->nclaimed; i++)
		assert_int_equal(ACK(b, &x->claimed[i]), SETTLE_OURS);
}

/* The first of n ready ones that were lost once come four at a time. */
static void who_was_lost_is_claimed_in_small_company(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };

	(void)state;
	for (int i = 0; i < 16; i++)
		PUT(p, TEXT("a"));
	dies_with(16, 0);
	for (int i = 0; i < 100; i++)
		PUT(p, TEXT("b"));
	claim_some(c, &x, 1);
	assert_string_equal(letters(&x), "a");
	ack_all(c, &x);
	claim(c, &x, 16);
	assert_string_equal(letters(&x), "aaaa");
	ack_all(c, &x);
	claim(c, &x, 3);
	assert_string_equal(letters(&x), "a");
	ack_all(c, &x);
	for (int i = 0; i < 10; i++) {
		claim(c, &x, 1);
		ack_all(c, &x);
	}
	claim(c, &x, 16);
	assert_int_equal(x.nclaimed, 16);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void who_is_lost_too_often_is_buried(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	struct broker *c = opened_by((struct broker_rules){ .use = BROKER_CONSUMES, .poison = 2 },
		NULL);
	struct exchange x = { 0 };
	struct seen_views v = { 0 };
	time_t began = 0;

	(void)state;
	PUT(p, TEXT("a"));
	dies_with(1, 2);
	dies_with(1, 2);
	for (claim(c, &x, 1); !x.buried.len; claim(c, &x, 1)) {
		assert_int_equal(x.nclaimed, 0);
		again(&began);
	}
	assert_non_null(strstr(buf_str(&x.buried), "2 times\n"));
	claim(c, &x, 1);
	assert_true(x.drained);
	assert_int_equal(x.buried.len, 0);
	broker_close(c);
	c = opened(BROKER_CONSUMES);
	claim(c, &x, 1);
	assert_int_equal(x.backlog, 0);
	assert_int_equal(stats(p).dead, 1);
	WELL(p, broker_peek(p, 10, see, &v));
	assert_int_equal(v.count, 1);
	assert_int_equal(v.first.lost, 2);
	assert_int_equal(v.first.claims, 2);
	assert_int_equal(v.first.attempts, 0);
	assert_int_equal(ORDER(p, .verb = BROKER_REQUEUE_DEAD), 1);
	claim(c, &x, 1);
	assert_int_equal(x.claimed[0].lost, 0);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* Its connection is gone after the settlement was sent; it cannot know whether it was heard. */
static void who_settles_again_after_a_reconnect_was_heard_before(void **state)
{
	static const enum settle_how all[] = { SETTLE_ACK, SETTLE_RETRY, SETTLE_REJECT,
		SETTLE_RELEASE };
	struct broker *p = opened(BROKER_PRODUCES);

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct broker *c = opened(BROKER_CONSUMES);
		struct exchange x = { 0 };
		struct broker_stats before;

		PUT(p, TEXT("a"));
		claim(c, &x, 1);
		assert_int_equal(SETTLE(c, &x.claimed[0], .how = all[i]), SETTLE_OURS);
		before = stats(p);
		broker_close(c);
		c = opened(BROKER_CONSUMES);
		assert_int_equal(SETTLE(c, &x.claimed[0], .how = all[i]), SETTLE_GONE);
		assert_int_equal(stats(p).ready, before.ready);
		assert_int_equal(stats(p).dead, before.dead);
		ORDER(p, .verb = BROKER_DROP);
		exchange_free(&x);
		broker_close(c);
	}
	broker_close(p);
}

/* The same, but it was not heard: the lease goes on, under the same token. */
static void a_lease_outlives_the_connection(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };

	(void)state;
	PUT(p, TEXT("a"));
	claim(c, &x, 1);
	broker_close(c);
	c = opened(BROKER_CONSUMES);
	assert_int_equal(stats(p).leased, 1);
	assert_int_equal(ACK(c, &x.claimed[0]), SETTLE_OURS);
	claim(c, &x, 1);
	assert_true(x.drained);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void finished_ones_are_kept_by_number(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	struct broker *c = opened_by((struct broker_rules){ .use = BROKER_CONSUMES,
		.keep.count = 2 }, NULL);
	struct exchange x = { 0 };
	struct seen_views v = { 0 };

	(void)state;
	for (const char *c1 = "abcde"; *c1; c1++)
		PUT(p, .body = c1, .len = 1);
	for (int i = 0; i < 5; i++) {
		claim(c, &x, 1);
		assert_int_equal(ACK(c, &x.claimed[0]), SETTLE_OURS);
		if (i == 4)
			assert_int_equal(ACK(c, &x.claimed[0]), SETTLE_GONE);
	}
	assert_int_equal(stats(p).done, 2);
	assert_int_equal(stats(p).finished, 5);
	WELL(p, broker_peek(p, 10, see, &v));
	assert_int_equal(v.count, 2);
	assert_true((v.bodies[0] == 'd' && v.bodies[1] == 'e')
		|| (v.bodies[0] == 'e' && v.bodies[1] == 'd'));
	assert_string_equal(v.first.state, "done");
	claim(c, &x, 1);
	assert_true(x.drained);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void finished_ones_are_kept_for_a_while(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	struct broker *brief = opened_by((struct broker_rules){ .use = BROKER_CONSUMES,
		.keep.time = 30 }, NULL);
	struct broker *c = opened_by((struct broker_rules){ .use = BROKER_CONSUMES,
		.keep.time = LONG }, NULL);
	struct exchange x = { 0 };
	time_t began = 0;

	(void)state;
	PUT(p, TEXT("a"));
	claim(c, &x, 1);
	ACK(c, &x.claimed[0]);
	assert_int_equal(stats(p).done, 1);
	for (;;) {
		PUT(p, TEXT("b"));
		claim(brief, &x, 1);
		if (x.nclaimed)
			ACK(brief, &x.claimed[0]);
		broker_rest(brief);
		if (stats(p).finished - stats(p).done >= 2)
			break; /* older ones than the last are no more */
		again(&began);
	}
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
	broker_close(brief);
}

static void a_group_gets_a_copy_of_what_fits(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *first, *second, *c;
	struct exchange x = { 0 };
	struct bindings all = { 0 };

	(void)state;
	assert_int_equal(ORDER(p, .verb = BROKER_BIND, .pattern = "order.#", .group = "first"), 1);
	assert_int_equal(ORDER(p, .verb = BROKER_BIND, .pattern = "*.paid", .group = "second"), 1);
	assert_int_equal(ORDER(p, .verb = BROKER_BIND, .pattern = "order.*", .group = "second"), 1);
	assert_int_equal(ORDER(p, .verb = BROKER_BIND, .pattern = "order.*", .group = "second"), 0);
	first = opened_by((struct broker_rules){ .use = BROKER_CONSUMES }, "first");
	second = opened_by((struct broker_rules){ .use = BROKER_CONSUMES }, "second");
	assert_int_equal(PUT(p, TEXT("a"), .topic = "order.paid"), PUT_QUEUED);
	assert_int_equal(PUT(p, TEXT("b"), .topic = "order"), PUT_QUEUED);
	assert_int_equal(PUT(p, TEXT("c"), .topic = "bill.paid"), PUT_QUEUED);
	assert_int_equal(PUT(p, TEXT("d"), .topic = "bill", .key = "k", .key_len = 1), PUT_UNWANTED);
	assert_int_equal(PUT(p, TEXT("e")), PUT_UNWANTED);
	assert_int_equal(PUT(p, TEXT("f"), .topic = "order.x.y", .key = "k", .key_len = 1),
		PUT_QUEUED);
	assert_int_equal(PUT(p, TEXT("g"), .topic = "order.x.y", .key = "k", .key_len = 1),
		PUT_DUPLICATE);
	claim(first, &x, 10);
	assert_string_equal(letters(&x), "abf");
	assert_int_equal(x.claimed[0].topic_len, strlen("order.paid"));
	assert_memory_equal(x.bodies.data + x.claimed[0].topic_at, "order.paid", strlen("order.paid"));
	for (int i = 0; i < 3; i++)
		ACK(first, &x.claimed[i]);
	claim(second, &x, 10);
	assert_string_equal(letters(&x), "ac");
	assert_int_equal(stats(second).leased, 2);
	assert_int_equal(stats(first).finished, 3);
	c = opened(BROKER_CONSUMES);
	claim(c, &x, 10);
	assert_true(x.drained);
	WELL(p, broker_bindings(p, &all));
	assert_int_equal(all.count, 3);
	bindings_free(&all);
	assert_int_equal(ORDER(p, .verb = BROKER_UNBIND, .pattern = "order.#", .group = "first"), 1);
	assert_int_equal(PUT(p, TEXT("h"), .topic = "order.x.y"), PUT_UNWANTED);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
	broker_close(first);
	broker_close(second);
}

static void a_new_group_is_bound_to_all(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c;
	struct exchange x = { 0 };
	struct bindings all = { 0 };

	(void)state;
	c = opened_by((struct broker_rules){ .use = BROKER_CONSUMES }, "all");
	PUT(p, TEXT("a"));
	PUT(p, TEXT("b"), .topic = "x.y");
	claim(c, &x, 10);
	assert_string_equal(letters(&x), "ab");
	assert_int_equal(x.claimed[0].topic_len, 0);
	WELL(p, broker_bindings(p, &all));
	assert_int_equal(all.count, 1);
	assert_string_equal(all.list[0].group, "all");
	assert_string_equal(all.list[0].pattern, "#");
	bindings_free(&all);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* A group has the cap of its queue; where one of them is full, no other gets a copy. */
static void a_full_group_refuses_for_all(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *first, *second;
	struct exchange x = { 0 };

	(void)state;
	first = opened_by((struct broker_rules){ .use = BROKER_CONSUMES }, "first");
	second = opened_by((struct broker_rules){ .use = BROKER_CONSUMES }, "second");
	ORDER(p, .verb = BROKER_CAP, .count = 2);
	assert_int_equal(PUT(p, TEXT("a")), PUT_QUEUED);
	assert_int_equal(PUT(p, TEXT("b")), PUT_QUEUED);
	claim(first, &x, 1);
	ACK(first, &x.claimed[0]);
	assert_int_equal(PUT(p, TEXT("c")), PUT_FULL);
	assert_int_equal(stats(first).ready, 1);
	claim(second, &x, 1);
	ACK(second, &x.claimed[0]);
	assert_int_equal(PUT(p, TEXT("d")), PUT_QUEUED);
	claim(first, &x, 5);
	assert_string_equal(letters(&x), "bd");
	exchange_free(&x);
	broker_close(p);
	broker_close(first);
	broker_close(second);
}

static void a_queue_is_dropped_with_all_that_is_its(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };
	struct bindings all = { 0 };

	(void)state;
	ORDER(p, .verb = BROKER_CAP, .count = 2);
	PUT(p, TEXT("a"), .key = "k", .key_len = 1);
	PUT(p, TEXT("b"));
	claim(c, &x, 1);
	ORDER(p, .verb = BROKER_BIND, .pattern = "#", .group = "g");
	PUT(p, TEXT("c"));
	assert_int_equal(ORDER(p, .verb = BROKER_DROP), 3);
	assert_int_equal(ACK(c, &x.claimed[0]), SETTLE_GONE);
	WELL(p, broker_bindings(p, &all));
	assert_int_equal(all.count, 0);
	assert_int_equal(stats(p).cap, 0);
	assert_int_equal(PUT(p, TEXT("d"), .key = "k", .key_len = 1), PUT_QUEUED);
	assert_int_equal(stats(p).ready, 1);
	assert_int_equal(ORDER(p, .verb = BROKER_VACUUM), 0);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void what_is_there_can_be_looked_at(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };
	struct seen_views v = { 0 };

	(void)state;
	PUT(p, TEXT("z"));
	PUT(p, TEXT("y"));
	claim(c, &x, 2);
	SETTLE(c, &x.claimed[1], .how = SETTLE_REJECT, .outcome = "exit 7");
	PUT(p, TEXT("c"), .delay = LONG);
	PUT(p, TEXT("b"));
	PUT(p, TEXT("a"), .priority = -1, .topic = "x.y");
	WELL(p, broker_peek(p, 10, see, &v));
	assert_string_equal(v.bodies, "abczy");
	assert_string_equal(v.states, "aalaa");
	memset(&v, 0, sizeof v);
	WELL(p, broker_peek(p, 3, see, &v));
	assert_string_equal(v.bodies, "abc");
	assert_int_equal(v.first.priority, -1);
	assert_int_equal(v.first.due, 0);
	assert_true(v.first.age >= 0);
	assert_int_equal(stats(p).ready, 2);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void any_bytes_come_back_as_they_went(void **state)
{
	enum { MEBIBYTE = 1 << 20 };
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	char *big = malloc(MEBIBYTE), all[256];
	struct put batch[] = {
		{ .body = "a\0b", .len = 3 }, { .body = "", .len = 0 },
		{ .body = "\xff\xfe\xc3(", .len = 4 }, { .body = "'\";\\\n\r", .len = 6 },
		{ .body = all, .len = sizeof all }, { .body = big, .len = MEBIBYTE },
	};
	struct exchange x = { 0 };

	(void)state;
	for (int i = 0; i < MEBIBYTE; i++)
		big[i] = (char)((unsigned)i * 7919 >> 3);
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	for (size_t i = 0; i < COUNT(batch); i++) {
		batch[i].key = batch[i].body;
		batch[i].key_len = batch[i].len > 1000 ? 1000 : batch[i].len;
	}
	WELL(p, broker_put(p, batch, COUNT(batch)));
	claim(c, &x, COUNT(batch));
	assert_int_equal(x.nclaimed, COUNT(batch));
	for (size_t i = 0; i < COUNT(batch); i++) {
		assert_int_equal(batch[i].fate, PUT_QUEUED);
		assert_int_equal(x.claimed[i].len, batch[i].len);
		assert_memory_equal(x.bodies.data + x.claimed[i].at, batch[i].body, batch[i].len);
	}
	WELL(p, broker_put(p, batch, COUNT(batch)));
	for (size_t i = 0; i < COUNT(batch); i++)
		assert_int_equal(batch[i].fate, PUT_DUPLICATE);
	free(big);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void a_thousand_go_in_one_batch(void **state)
{
	enum { MANY = 1000 };
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	static char bodies[MANY][12];
	static struct put batch[MANY];
	static struct settle settles[MANY];
	struct exchange x = { 0 };

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(bodies[i], sizeof bodies[i], "%d", i);
		batch[i] = (struct put){ TEXT(bodies[i]) };
	}
	WELL(p, broker_put(p, batch, MANY));
	claim(c, &x, MANY + 5);
	assert_int_equal(x.nclaimed, MANY);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(batch[i].fate, PUT_QUEUED);
		assert_true(is_body(&x, (size_t)i, bodies[i]));
		settles[i] = (struct settle){ .id = x.claimed[i].id, .token = x.claimed[i].token,
			.how = SETTLE_ACK };
	}
	x.settles = settles;
	x.nsettles = MANY;
	x.want = 1;
	WELL(c, broker_exchange(c, &x));
	for (int i = 0; i < MANY; i++)
		assert_int_equal(settles[i].fate, SETTLE_OURS);
	assert_true(x.drained);
	assert_int_equal(stats(p).finished, MANY);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void the_backlog_is_what_is_ready_or_delayed(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		PUT(p, TEXT("a"), .delay = i < 2 ? LONG : 0);
	claim(c, &x, 1);
	assert_true(x.backlog >= 9 && x.backlog <= 10);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* Nothing has come since what was heard last; it waits until then, if there is a bell. */
static void rests(struct broker *b, struct exchange *x)
{
	time_t began = 0;
	struct pollfd bell;

	do {
		again(&began);
		WELL(b, broker_hear(b));
		claim(b, x, 5);
		assert_int_equal(x->nclaimed, 0);
		bell = (struct pollfd){ .fd = broker_bell(b), .events = POLLIN };
	} while (bell.fd >= 0 && poll(&bell, 1, 0) > 0);
}

static void the_bell_rings_when_something_comes(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct pollfd bell;

		rests(c, &x);
		broker_rest(c);
		broker_rest(p);
		rests(c, &x);
		PUT(p, TEXT("a"));
		bell = (struct pollfd){ .fd = broker_bell(c), .events = POLLIN };
		if (bell.fd >= 0)
			assert_int_equal(poll(&bell, 1, LIMIT * 1000), 1);
		claim_some(c, &x, 5);
		ACK(c, &x.claimed[0]);
	}
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void all_know_the_store_by_one_name(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);

	(void)state;
	assert_int_equal(strlen(broker_id(p)), 16);
	assert_int_equal(strspn(broker_id(p), "0123456789abcdef"), 16);
	assert_string_equal(broker_id(p), broker_id(c));
	broker_close(p);
	broker_close(c);
}

static void queues_know_nothing_of_each_other(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *other, *c;
	struct exchange x = { 0 };
	char kept[sizeof queue];

	(void)state;
	memcpy(kept, queue, sizeof queue);
	strcat(queue, ".2");
	other = opened(BROKER_PRODUCES);
	c = opened(BROKER_CONSUMES);
	PUT(p, TEXT("a"), .key = "k", .key_len = 1);
	claim(c, &x, 1);
	assert_true(x.drained);
	assert_int_equal(PUT(other, TEXT("b"), .key = "k", .key_len = 1), PUT_QUEUED);
	claim(c, &x, 5);
	assert_string_equal(letters(&x), "b");
	assert_int_equal(stats(p).put, 1);
	ORDER(other, .verb = BROKER_DROP);
	assert_int_equal(stats(p).ready, 1);
	memcpy(queue, kept, sizeof queue);
	exchange_free(&x);
	broker_close(p);
	broker_close(other);
	broker_close(c);
}

/* Where the engine knows by itself who lives. */
static void who_is_stopped_is_not_dead(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { 0 };
	pid_t stopped;

	(void)state;
	if (broker_expires(c)) {
		broker_close(p);
		broker_close(c);
		skip();
	}
	PUT(p, TEXT("a"));
	stopped = stops_with(1);
	PUT(p, TEXT("b"));
	dies_with(1, 0);
	claim_some(c, &x, 5);
	assert_string_equal(letters(&x), "b"); /* looked at both, and took this one back */
	assert_int_equal(stats(p).leased, 2);
	ACK(c, &x.claimed[0]);
	claim(c, &x, 5);
	assert_int_equal(x.nclaimed, 0);
	assert_int_equal(stats(p).leased, 1);
	ends(stopped);
	claim_some(c, &x, 5);
	assert_string_equal(letters(&x), "a");
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* --- the run ------------------------------------------------------------- */

static int begin(void **state)
{
	static unsigned number;

	(void)state;
	snprintf(queue, sizeof queue, "test.%ld.%u", (long)getpid(), ++number);
	return 0;
}

static int end(void **state)
{
	struct broker *b = opened(BROKER_PRODUCES);

	(void)state;
	ORDER(b, .verb = BROKER_DROP);
	broker_close(b);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(lower_priorities_go_first_and_equal_ones_in_their_order),
		TEST(what_is_put_with_a_delay_comes_when_it_is_due),
		TEST(a_retry_waits_and_is_counted),
		TEST(a_duplicate_is_told),
		TEST(a_key_may_count_for_a_while),
		TEST(a_full_queue_refuses_item_by_item),
		TEST(what_a_dead_consumer_had_comes_back),
		TEST(whoever_is_late_changes_nothing),
		TEST(whoever_was_given_up_changes_nothing),
		TEST(a_lease_can_be_extended),
		TEST(what_is_rejected_is_dead_until_it_is_requeued),
		TEST(each_state_is_counted),
		TEST(drained_is_neither_ready_nor_delayed_nor_leased),
		TEST(settling_and_claiming_are_one_call),
		TEST(what_is_released_counts_nothing),
		TEST(who_was_lost_is_claimed_in_small_company),
		TEST(who_is_lost_too_often_is_buried),
		TEST(who_settles_again_after_a_reconnect_was_heard_before),
		TEST(a_lease_outlives_the_connection),
		TEST(finished_ones_are_kept_by_number),
		TEST(finished_ones_are_kept_for_a_while),
		TEST(a_group_gets_a_copy_of_what_fits),
		TEST(a_new_group_is_bound_to_all),
		TEST(a_full_group_refuses_for_all),
		TEST(a_queue_is_dropped_with_all_that_is_its),
		TEST(what_is_there_can_be_looked_at),
		TEST(any_bytes_come_back_as_they_went),
		TEST(a_thousand_go_in_one_batch),
		TEST(the_backlog_is_what_is_ready_or_delayed),
		TEST(the_bell_rings_when_something_comes),
		TEST(all_know_the_store_by_one_name),
		TEST(queues_know_nothing_of_each_other),
		TEST(who_is_stopped_is_not_dead),
	};

	myself = argv[0];
	if (argc == 5 && strncmp(argv[1], "--", 2) == 0)
		return consumer(argv);
	return cmocka_run_group_tests(tests, broker_address_make, scratch_remove);
}
