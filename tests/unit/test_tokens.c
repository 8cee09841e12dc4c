/* The keeper of tokens: which bytes leave the pool, and that the same come back. */
#include "unit.h"

#include <fcntl.h>
#include <string.h>

#include "base/permits.h"
#include "base/thread.h"
#include "workers/tokens.h"

/* A keeper in a thread, and the other ends of what it has. */
static struct {
	struct tokens tokens;
	int line, words, grants; /* as pq has them */
	int pool[2];
	pthread_t thread;
	int line_end;
} keeper;

static void *keep(void *arg)
{
	(void)arg;
	tokens_tend(&keeper.tokens, keeper.line_end);
	return NULL;
}

static int begin(void **state)
{
	int line[2], words[2], grants[2];

	(void)state;
	if (pipe(line) || pipe(words) || pipe(grants) || pipe(keeper.pool))
		return -1;
	fcntl(keeper.pool[0], F_SETFL, O_NONBLOCK);
	keeper.line = line[1];
	keeper.line_end = line[0];
	keeper.words = words[1];
	keeper.grants = grants[0];
	memset(&keeper.tokens, 0, sizeof keeper.tokens);
	keeper.tokens.in = dup(keeper.pool[0]);
	keeper.tokens.out = dup(keeper.pool[1]);
	keeper.tokens.words = words[0];
	keeper.tokens.grants = grants[1];
	return thread_start(&keeper.thread, keep, NULL) ? 0 : -1;
}

static void say(const char *words)
{
	assert_int_equal(write(keeper.words, words, strlen(words)), strlen(words));
}

static void put(const char *tokens)
{
	assert_int_equal(write(keeper.pool[1], tokens, strlen(tokens)), strlen(tokens));
}

/* So many grants, as they come. */
static void are_granted(int n)
{
	char byte;

	while (n-- > 0)
		assert_int_equal(read(keeper.grants, &byte, 1), 1);
}

/* It has taken notice of all that it was told, and ends. */
static void is_let_go(void)
{
	close(keeper.line);
	thread_join(keeper.thread);
	tokens_leave(&keeper.tokens);
}

static void pool_has(const char *tokens)
{
	char got[64] = "";

	(void)!read(keeper.pool[0], got, sizeof got - 1);
	assert_string_equal(got, tokens);
}

static int end(void **state)
{
	(void)state;
	close(keeper.words);
	close(keeper.grants);
	close(keeper.line_end);
	close(keeper.pool[0]);
	return 0;
}

static void what_is_asked_for_is_fetched_and_comes_back(void **state)
{
	(void)state;
	put("ab");
	say("+");
	are_granted(1);
	say("+");
	are_granted(1);
	pool_has("");
	say("<+"); /* the last one goes back, and is fetched again */
	are_granted(1);
	is_let_go();
	pool_has("ba"); /* the last one first */
}

static void nothing_is_fetched_that_nobody_wants(void **state)
{
	(void)state;
	say("++--+");
	put("xyz");
	are_granted(1);
	is_let_go();
	pool_has("yzx");
}

static void what_is_dropped_too_late_was_granted(void **state)
{
	(void)state;
	put("x");
	say("+");
	are_granted(1);
	say("-<+"); /* the one that is asked for then is another one */
	are_granted(1);
	is_let_go();
	pool_has("x");
}

static void a_pool_that_is_gone_is_told(void **state)
{
	char byte;

	(void)state;
	close(keeper.pool[1]);
	close(keeper.tokens.out);
	say("+");
	assert_int_equal(read(keeper.grants, &byte, 1), 0);
	is_let_go();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_asked_for_is_fetched_and_comes_back),
		TEST(nothing_is_fetched_that_nobody_wants),
		TEST(what_is_dropped_too_late_was_granted),
		TEST(a_pool_that_is_gone_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
