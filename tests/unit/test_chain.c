/* Chains of bytes, and the store that keeps them in memory or in a file. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

#include "base/chain.h"
#include "base/thread.h"
#include "scratch.h"

enum { ALIVE = 40, STEPS = 3000, THREADS = 4 };

static const size_t sizes[] = { 0, 1, 2, 4095, 4096, 4097, CHAIN_SLOT - 1, CHAIN_SLOT };

/* Content that tells which chunk it is, and where in it. */
static void fill(char *data, size_t len, uint32_t which)
{
	uint32_t random = unit_seed(which);

	for (size_t i = 0; i < len; i++)
		data[i] = (char)unit_random(&random);
}

static bool holds(struct store *s, const struct chunk *c, uint32_t which)
{
	static _Thread_local char wanted[CHAIN_SLOT], scratch_bytes[CHAIN_SLOT];
	const char *data = chunk_data(s, c, scratch_bytes);

	fill(wanted, c->len, which);
	return data && memcmp(data, wanted, c->len) == 0;
}

static struct chunk *make(struct store *s, size_t len, uint32_t which)
{
	static _Thread_local char data[CHAIN_SLOT];

	fill(data, len, which);
	return chunk_new(s, data, len);
}

static void release(struct store *s, struct chunk *c)
{
	struct chain one = { 0 };

	c->next = NULL;
	chain_link(&one, c);
	chain_free(s, &one);
}

static void every_size_comes_back_from_memory_and_from_the_file(void **state)
{
	(void)state;
	for (int in_file = 0; in_file < 2; in_file++) {
		struct store *s = store_new(in_file ? 0 : 64 * CHAIN_SLOT);

		for (size_t i = 0; i < COUNT(sizes); i++) {
			struct chunk *c = make(s, sizes[i], (uint32_t)i);
			uint64_t pages = (sizes[i] + 4095) / 4096 * 4096;

			assert_non_null(c);
			assert_int_equal(c->len, sizes[i]);
			assert_null(c->next);
			assert_true(holds(s, c, (uint32_t)i));
			assert_int_equal(store_spooled(s), in_file ? pages : 0);
			assert_true(in_file ? store_in_memory(s) == 0
				: store_in_memory(s) >= sizes[i]);
			release(s, c);
			assert_int_equal(store_spooled(s), 0);
			assert_int_equal(store_in_memory(s), 0);
		}
		store_free(s);
	}
}

static void memory_is_used_up_to_the_cap_and_then_the_file(void **state)
{
	const uint64_t cap = 10 * (sizeof(struct chunk) + 1000);
	struct store *s = store_new(cap);
	struct chunk *c[20], *again;

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		c[i] = make(s, 1000, i);
		assert_non_null(c[i]);
		assert_true((c[i]->slot < 0) == (i < 10));
		assert_true(store_in_memory(s) <= cap);
	}
	assert_int_equal(store_in_memory(s), cap);
	assert_int_equal(store_spooled(s), 10 * 4096);
	release(s, c[3]); /* room in memory again, for one as big */
	again = make(s, 1001, 100);
	assert_true(again->slot >= 0);
	release(s, again);
	again = make(s, 1000, 101);
	assert_true(again->slot < 0);
	assert_true(holds(s, again, 101));
	release(s, again);
	for (uint32_t i = 0; i < 20; i++)
		if (i != 3) {
			assert_true(holds(s, c[i], i));
			release(s, c[i]);
		}
	assert_int_equal(store_in_memory(s) + store_spooled(s), 0);
	store_free(s);
}

static void space_in_the_file_is_used_again(void **state)
{
	struct store *s = store_new(0);

	(void)state;
	for (uint32_t round = 0; round < 5; round++) {
		struct chunk *c[ALIVE];
		bool used[ALIVE] = { false };

		for (uint32_t i = 0; i < ALIVE; i++) {
			c[i] = make(s, 5000 + i, round * ALIVE + i);
			assert_non_null(c[i]);
			assert_in_range(c[i]->slot, 0, ALIVE - 1);
			assert_false(used[c[i]->slot]);
			used[c[i]->slot] = true;
		}
		for (uint32_t i = 0; i < ALIVE; i++) {
			assert_true(holds(s, c[i], round * ALIVE + i));
			release(s, c[i]);
		}
	}
	store_free(s);
}

/* One that lives, or a place for one. */
struct living {
	struct chunk *chunk;
	uint32_t which;
};

/* Random births and deaths; everything alive keeps its content. How many broke. */
static unsigned churn(struct store *s, uint32_t seed, unsigned steps)
{
	struct living alive[ALIVE] = { 0 };
	uint32_t random = unit_seed(seed);
	unsigned broken = 0;

	for (uint32_t step = 0; step < steps; step++) {
		struct living *l = &alive[unit_below(&random, ALIVE)];

		if (!l->chunk) {
			size_t len = unit_below(&random, 10)
				? unit_below(&random, 3000) : sizes[unit_below(&random, COUNT(sizes))];

			l->which = seed * 1000000 + step;
			l->chunk = make(s, len, l->which);
			broken += !l->chunk;
			continue;
		}
		broken += !holds(s, l->chunk, l->which);
		release(s, l->chunk);
		l->chunk = NULL;
	}
	for (int i = 0; i < ALIVE; i++)
		if (alive[i].chunk) {
			broken += !holds(s, alive[i].chunk, alive[i].which);
			release(s, alive[i].chunk);
		}
	return broken;
}

static void content_stays_whatever_lives_beside_it(void **state)
{
	struct store *s = store_new(20000);

	(void)state;
	assert_int_equal(churn(s, 1, STEPS), 0);
	assert_int_equal(store_in_memory(s) + store_spooled(s), 0);
	store_free(s);
}

struct churner {
	struct store *store;
	uint32_t seed;
	unsigned broken;
	pthread_t thread;
};

static void *churn_along(void *arg)
{
	struct churner *c = arg;

	c->broken = churn(c->store, c->seed, STEPS / 2);
	return NULL;
}

static void threads_share_a_store(void **state)
{
	struct store *s = store_new(50000);
	struct churner c[THREADS];

	(void)state;
	for (uint32_t i = 0; i < THREADS; i++) {
		c[i] = (struct churner){ .store = s, .seed = 10 + i };
		assert_true(thread_start(&c[i].thread, churn_along, &c[i]));
	}
	for (int i = 0; i < THREADS; i++) {
		thread_join(c[i].thread);
		assert_int_equal(c[i].broken, 0);
	}
	assert_int_equal(store_in_memory(s) + store_spooled(s), 0);
	store_free(s);
}

static unsigned names_in(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n - 2; /* . and .. */
}

/* Have another TMPDIR; its old value is for restore_tmpdir. */
static char *set_tmpdir(const char *path)
{
	const char *before = getenv("TMPDIR");
	char *kept = before ? strdup(before) : NULL;

	setenv("TMPDIR", path, 1);
	return kept;
}

static void restore_tmpdir(char *kept)
{
	if (kept)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
	free(kept);
}

static void the_file_has_no_name(void **state)
{
	char *kept = set_tmpdir(scratch);
	struct store *s = store_new(0);
	struct chunk *c;

	(void)state;
	c = make(s, 100, 1);
	assert_non_null(c);
	assert_int_equal(names_in(scratch), 0);
	release(s, c);
	store_free(s);
	restore_tmpdir(kept);
}

static void without_a_directory_for_it_there_is_an_error_and_nothing_is_lost(void **state)
{
	char *missing = scratch_path("missing"), *kept = set_tmpdir(missing);
	struct store *s = store_new(sizeof(struct chunk) + 100);
	struct chunk *in_memory = make(s, 100, 1), *c;

	(void)state;
	for (int i = 0; i < 3; i++) {
		errno = 0;
		assert_null(make(s, 1, 2));
		assert_int_equal(errno, ENOENT);
	}
	assert_int_equal(store_spooled(s), 0);
	assert_int_equal(store_in_memory(s), sizeof(struct chunk) + 100);
	assert_true(holds(s, in_memory, 1));
	restore_tmpdir(kept);
	c = make(s, 1, 3); /* the directory is there again */
	assert_non_null(c);
	assert_int_equal(c->slot, 0);
	assert_true(holds(s, c, 3));
	release(s, c);
	release(s, in_memory);
	store_free(s);
	free(missing);
}

static void a_full_file_is_an_error_and_its_space_is_given_back(void **state)
{
	struct store *s = store_new(0);
	struct rlimit before, small;
	struct chunk *first, *second;
	int error;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = CHAIN_SLOT + 100;
	first = make(s, 4096, 1);
	fflush(NULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	second = make(s, 4096, 2); /* 100 bytes of it fit */
	error = errno;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_null(second);
	assert_int_equal(error, EFBIG);
	assert_int_equal(store_spooled(s), 4096);
	second = make(s, 4096, 3);
	assert_int_equal(second->slot, 1);
	assert_true(holds(s, first, 1));
	assert_true(holds(s, second, 3));
	release(s, first);
	release(s, second);
	store_free(s);
}

static void chains_move_and_keep_their_order(void **state)
{
	struct store *s = store_new(CHAIN_SLOT);
	struct chain a = { 0 }, b = { 0 }, none = { 0 }, all;
	struct chunk *c;
	uint32_t which = 0;

	(void)state;
	chain_append(&a, &none); /* nothing to nothing */
	assert_null(a.first);
	for (uint32_t i = 0; i < 3; i++)
		chain_link(&a, make(s, 10 + i, i));
	assert_int_equal(a.len, 33);
	chain_append(&b, &a); /* to an empty one */
	assert_true(!a.first && !a.last && !a.len);
	for (uint32_t i = 3; i < 6; i++)
		chain_link(&a, make(s, 10 + i, i));
	chain_append(&b, &a);
	chain_append(&b, &none);
	chain_link(&b, make(s, 16, 6));
	assert_int_equal(b.len, 33 + 42 + 16);
	all = chain_take(&b);
	assert_true(!b.first && !b.last && !b.len);
	for (c = all.first; c; c = c->next, which++) {
		assert_int_equal(c->len, 10 + which);
		assert_true(holds(s, c, which));
		assert_true((c->next == NULL) == (c == all.last));
	}
	assert_int_equal(which, 7);
	chain_free(s, &all);
	assert_true(!all.first && !all.last && !all.len);
	chain_free(s, &none);
	assert_int_equal(store_in_memory(s), 0);
	store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_comes_back_from_memory_and_from_the_file),
		cmocka_unit_test(memory_is_used_up_to_the_cap_and_then_the_file),
		cmocka_unit_test(space_in_the_file_is_used_again),
		cmocka_unit_test(content_stays_whatever_lives_beside_it),
		cmocka_unit_test(threads_share_a_store),
		cmocka_unit_test(the_file_has_no_name),
		cmocka_unit_test(without_a_directory_for_it_there_is_an_error_and_nothing_is_lost),
		cmocka_unit_test(a_full_file_is_an_error_and_its_space_is_given_back),
		cmocka_unit_test(chains_move_and_keep_their_order),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
