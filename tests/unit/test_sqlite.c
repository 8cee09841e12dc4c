/* Durable queues in SQLite: what they are not opened on, what becomes of the file while it is
 * in use, and what other programs see and do. What all engines do is in test_broker.c. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "base/sqlite.h"
#include "broker/broker.h"
#include "scratch.h"

enum { LONG = 3600 * 1000 };

static struct address address = { .engine = ADDRESS_SQLITE, .queue = (char *)"jobs",
	.shown = (char *)"sqlite:j.db#jobs" };

/* --- a system that is not as this one is --------------------------------- */

static long fake_file_system; /* its number; 0: the real one */
static bool fake_full;        /* is the disk? */

/* These stand before those of the C library, for SQLite as well. */
int statfs(const char *path, struct statfs *fs)
{
	int done = (int)syscall(SYS_statfs, path, fs);

	if (done == 0 && fake_file_system)
		fs->f_type = fake_file_system;
	return done;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	if (fake_full) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, data, len, at);
}

/* --- what the tests are made of ------------------------------------------ */

static struct broker *opened(enum broker_use use)
{
	struct broker_rules rules = { .address = &address, .use = use, .lease = LONG };
	struct buf why = { 0 };
	enum broker_state state;
	struct broker *b = broker_open(&rules, &state, &why, NULL);

	if (!b)
		fail_msg("it cannot be opened: %s", buf_str(&why));
	buf_free(&why);
	return b;
}

/* It is BROKER_BAD, and says so. */
static void refuses(enum broker_use use, const char *says)
{
	struct broker_rules rules = { .address = &address, .use = use, .lease = LONG };
	struct buf why = { 0 }, wanted = { 0 };
	enum broker_state state = BROKER_OK;

	assert_null(broker_open(&rules, &state, &why, NULL));
	assert_int_equal(state, BROKER_BAD);
	buf_addf(&wanted, "sqlite:j.db#jobs: %s", says);
	assert_string_equal(buf_str(&why), buf_str(&wanted));
	buf_free(&why);
	buf_free(&wanted);
}

static void says(struct broker *b, const char *what)
{
	struct buf wanted = { 0 };

	buf_addf(&wanted, "sqlite:j.db#jobs: %s", what);
	assert_string_equal(broker_why(b), buf_str(&wanted));
	buf_free(&wanted);
}

/* Another program's statements on the file. */
static bool elsewhere(const char *sql)
{
	struct sqlite *db;
	bool ok;

	assert_null(sqlite_load());
	db = sqlite_open(address.target);
	ok = db && sqlite_do(db, sql);
	if (db)
		sqlite_close(db);
	return ok;
}

static int64_t asked(const char *sql)
{
	struct sqlite *db = sqlite_open(address.target);
	struct sqlite_query *q = sqlite_query(db, sql);
	int64_t n = -1;

	if (q && sqlite_row(q))
		n = sqlite_int(q, 0);
	sqlite_free(q);
	sqlite_close(db);
	return n;
}

static enum broker_state put(struct broker *b, const char *text, enum put_fate *fate)
{
	struct put item = { .body = text, .len = strlen(text) };
	enum broker_state state = broker_put(b, &item, 1);

	if (fate)
		*fate = item.fate;
	return state;
}

static void close_all(struct broker *a, struct broker *b)
{
	broker_close(a);
	if (b)
		broker_close(b);
}

/* --- what it is not opened on -------------------------------------------- */

static void a_file_that_is_no_store_is_left_alone(void **state)
{
	static const char text[] = "This is a text that is longer than the header of a database, "
		"which is one hundred bytes long, so that nobody takes it for one.";
	char *path = scratch_file("text", text, sizeof text, 0644);
	int fd;
	size_t len;
	char *left;

	(void)state;
	address.target = path;
	refuses(BROKER_CONSUMES, "it is no SQLite database, or is damaged; use another file");
	fd = open(path, O_RDONLY);
	left = unit_content(fd, &len);
	assert_int_equal(len, sizeof text);
	assert_memory_equal(left, text, len);
	free(left);
	close(fd);
	free(path);
}

static void a_foreign_database_is_left_alone(void **state)
{
	(void)state;
	assert_true(elsewhere("CREATE TABLE theirs (x)"));
	refuses(BROKER_PRODUCES, "it is the database of another program; use another file");
	assert_true(elsewhere("PRAGMA application_id = 5"));
	refuses(BROKER_LOOKS, "it is the database of another program; use another file");
	assert_int_equal(asked("SELECT count(*) FROM sqlite_master"), 1);
}

static void a_newer_store_is_left_to_a_newer_pq(void **state)
{
	(void)state;
	broker_close(opened(BROKER_PRODUCES));
	assert_true(elsewhere("PRAGMA user_version = 2"));
	refuses(BROKER_CONSUMES, "it was made by a newer pq (version 2 of the tables, this pq knows "
		"1); use that one");
}

static void what_cannot_be_opened_is_told(void **state)
{
	char *kept = address.target;

	(void)state;
	address.target = scratch;
	refuses(BROKER_CONSUMES, "it cannot be opened: Is a directory");
	address.target = (char *)"/nowhere/at/all";
	refuses(BROKER_PRODUCES, "it cannot be opened: No such file or directory");
	address.target = kept;
	if (geteuid() == 0)
		return;
	broker_close(opened(BROKER_PRODUCES));
	assert_int_equal(chmod(kept, 0444), 0);
	refuses(BROKER_CONSUMES, "it cannot be opened: Permission denied");
}

static void who_looks_makes_nothing(void **state)
{
	char *empty = scratch_file("empty", "", 0, 0644);

	(void)state;
	refuses(BROKER_LOOKS, "there is no queue: No such file or directory");
	assert_int_equal(access(address.target, F_OK), -1);
	address.target = empty;
	refuses(BROKER_LOOKS, "there is no queue in it");
	free(empty);
}

static void network_file_systems_are_refused(void **state)
{
	(void)state;
	fake_file_system = 0x6969;
	refuses(BROKER_PRODUCES, "the file is on NFS, where locks cannot be relied on; put it on a "
		"disk of this machine, or use redis:// or postgresql://");
	assert_int_equal(access(address.target, F_OK), -1);
	fake_file_system = 0xfe534d42;
	refuses(BROKER_CONSUMES, "the file is on SMB, where locks cannot be relied on; put it on a "
		"disk of this machine, or use redis:// or postgresql://");
	fake_file_system = 0;
	broker_close(opened(BROKER_PRODUCES));
}

/* --- while it is in use -------------------------------------------------- */

static void a_file_that_takes_its_place_is_noticed(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { .want = 1 };
	struct broker_stats s;
	char *away = scratch_path("away");
	static const char gone[] = "the file was removed or replaced while it was in use";

	(void)state;
	assert_int_equal(put(p, "a", NULL), BROKER_OK);
	assert_int_equal(rename(address.target, away), 0);
	assert_int_equal(put(p, "b", NULL), BROKER_BAD);
	says(p, gone);
	broker_close(opened(BROKER_PRODUCES)); /* another one, there */
	assert_int_equal(put(p, "b", NULL), BROKER_BAD);
	says(p, gone);
	assert_int_equal(broker_exchange(c, &x), BROKER_BAD);
	says(c, gone);
	assert_int_equal(broker_stats(p, &s), BROKER_BAD);
	says(p, gone);
	free(away);
	exchange_free(&x);
	close_all(p, c);
}

static void a_full_disk_is_told_and_nothing_is_half_done(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	enum put_fate fate;

	(void)state;
	assert_int_equal(put(p, "a", NULL), BROKER_OK);
	fake_full = true;
	assert_int_equal(put(p, "b", NULL), BROKER_BAD);
	fake_full = false;
	says(p, "the disk is full; make room and begin again");
	assert_int_equal(put(p, "c", &fate), BROKER_OK);
	assert_int_equal(fate, PUT_QUEUED);
	assert_int_equal(asked("SELECT count(*) FROM item"), 2);
	broker_close(p);
}

/* As long as is waited for anybody. */
static void a_lock_that_is_not_given_up_is_no_connection(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	struct sqlite *other = sqlite_open(address.target);

	(void)state;
	assert_true(sqlite_do(other, "BEGIN IMMEDIATE"));
	assert_int_equal(put(p, "a", NULL), BROKER_GONE);
	says(p, "another program has locked the file for more than 10 s");
	assert_true(sqlite_do(other, "COMMIT"));
	assert_int_equal(put(p, "a", NULL), BROKER_OK);
	sqlite_close(other);
	broker_close(p);
}

/* A holder whose byte can be seen no more is not taken for dead by those who come later. */
static void the_side_file_may_be_taken_away(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { .want = 1 };
	struct buf side = { 0 };
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int side_file;

	(void)state;
	buf_addf(&side, "%s-pq", address.target);
	assert_int_equal(broker_exchange(c, &x), BROKER_OK);
	assert_int_equal(unlink(buf_str(&side)), 0);
	while (access(buf_str(&side), F_OK) < 0)
		assert_int_equal(broker_exchange(c, &x), BROKER_OK);
	side_file = open(buf_str(&side), O_RDWR);
	assert_int_equal(fcntl(side_file, F_OFD_GETLK, &all), 0);
	assert_int_equal(all.l_type, F_WRLCK);
	assert_true(all.l_start > 0);
	close(side_file);
	buf_free(&side);
	exchange_free(&x);
	close_all(p, c);
}

/* It is the same file still, and begins anew. */
static void the_bell_rings_after_the_log_was_folded(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { .want = 1 };
	struct pollfd bell = { broker_bell(c), POLLIN, 0 };

	(void)state;
	for (int i = 0; i < 3 && bell.fd >= 0; i++) {
		assert_true(elsewhere("PRAGMA wal_checkpoint(TRUNCATE)"));
		do {
			assert_int_equal(broker_hear(c), BROKER_OK);
			assert_int_equal(broker_exchange(c, &x), BROKER_OK);
		} while (x.nclaimed || poll(&bell, 1, 0) > 0);
		assert_int_equal(put(p, "a", NULL), BROKER_OK);
		assert_int_equal(poll(&bell, 1, 60000), 1);
	}
	exchange_free(&x);
	close_all(p, c);
}

/* Also where nothing more is finished. */
static void what_was_kept_long_enough_goes_when_there_is_time(void **state)
{
	struct broker_rules rules = { .address = &address, .use = BROKER_CONSUMES, .lease = LONG,
		.keep.time = 20 };
	struct broker *p = opened(BROKER_PRODUCES), *c;
	struct exchange x = { .want = 1 };
	struct settle ack = { 0 };
	struct put key = { .body = "b", .len = 1, .key = "k", .key_len = 1, .key_life = 1 };
	enum broker_state opening;

	(void)state;
	assert_int_equal(broker_put(p, &key, 1), BROKER_OK);
	c = broker_open(&rules, &opening, NULL, NULL);
	assert_int_equal(broker_exchange(c, &x), BROKER_OK);
	ack = (struct settle){ .id = x.claimed[0].id, .token = x.claimed[0].token };
	x = (struct exchange){ .claimed = x.claimed, .room = x.room, .bodies = x.bodies,
		.settles = &ack, .nsettles = 1 };
	assert_int_equal(broker_exchange(c, &x), BROKER_OK);
	assert_int_equal(ack.fate, SETTLE_OURS);
	while (asked("SELECT (SELECT count(*) FROM item) + (SELECT count(*) FROM seen)") > 0) {
		broker_close(c); /* anew, so that it need not have rested before */
		c = broker_open(&rules, &opening, NULL, NULL);
		broker_rest(c);
	}
	assert_int_equal(asked("SELECT done FROM tally"), 0);
	exchange_free(&x);
	close_all(p, c);
}

static void a_live_holder_need_not_extend_its_leases(void **state)
{
	struct broker *c = opened(BROKER_CONSUMES);

	(void)state;
#ifdef F_OFD_SETLK
	assert_false(broker_expires(c));
#endif
	broker_close(c);
}

/* The locked byte of a holder is beside the file, whatever it is called. */
static void a_link_leads_to_the_same_store(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c;
	char *kept = address.target, *link = scratch_path("link");
	struct buf side = { 0 };

	(void)state;
	assert_int_equal(symlink(kept, link), 0);
	address.target = link;
	c = opened(BROKER_CONSUMES);
	address.target = kept;
	assert_string_equal(broker_id(p), broker_id(c));
	buf_addf(&side, "%s-pq", link);
	assert_int_equal(access(buf_str(&side), F_OK), -1);
	buf_clear(&side);
	buf_addf(&side, "%s-pq", kept);
	assert_int_equal(access(buf_str(&side), F_OK), 0);
	buf_free(&side);
	free(link);
	close_all(p, c);
}

/* Each finds it as it was, or as another has just made it. */
static void many_make_it_at_the_same_time(void **state)
{
	enum { MAKERS = 8, TIMES = 5 };

	(void)state;
	for (int k = 0; k < TIMES; k++) {
		int status, gate[2];
		char byte;

		assert_int_equal(pipe(gate), 0);
		for (int i = 0; i < MAKERS; i++)
			if (fork() == 0) {
				struct broker *b;

				close(gate[1]);
				while (read(gate[0], &byte, 1) > 0)
					;
				b = opened(i % 2 ? BROKER_PRODUCES : BROKER_CONSUMES);
				_exit(put(b, "a", NULL) != BROKER_OK);
			}
		close(gate[0]);
		close(gate[1]);
		for (int i = 0; i < MAKERS; i++) {
			assert_true(wait(&status) > 0);
			assert_int_equal(status, 0);
		}
		assert_int_equal(asked("SELECT count(*) FROM item"), MAKERS);
		assert_int_equal(unlink(address.target), 0);
	}
}

static void the_log_is_folded_when_there_is_time(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	struct buf log = { 0 };
	struct stat st;

	(void)state;
	buf_addf(&log, "%s-wal", address.target);
	assert_int_equal(put(p, "a", NULL), BROKER_OK);
	assert_int_equal(stat(buf_str(&log), &st), 0);
	assert_true(st.st_size > 0);
	while (stat(buf_str(&log), &st) == 0 && st.st_size > 0)
		broker_rest(p);
	buf_free(&log);
	broker_close(p);
}

/* --- other programs ------------------------------------------------------ */

static bool push(const char *values)
{
	struct buf sql = { 0 };
	bool ok;

	buf_addf(&sql, "INSERT INTO push %s", values);
	ok = elsewhere(buf_str(&sql));
	buf_free(&sql);
	return ok;
}

static void other_programs_push_into_a_view(void **state)
{
	struct broker *c = opened(BROKER_CONSUMES);
	struct exchange x = { .want = 10 };
	struct broker_order cap = { .verb = BROKER_CAP, .count = 5 };
	struct broker_stats s;

	(void)state;
	assert_true(push("(queue, body) VALUES ('jobs', 'b')"));
	assert_true(push("(queue, body, priority) VALUES ('jobs', 'a', -1), ('jobs', 'c', 0)"));
	assert_true(push("(queue, body, delay) VALUES ('jobs', 'late', 3600000)"));
	assert_true(push("(queue, body, key) VALUES ('jobs', 'd', 'k')"));
	assert_true(push("(queue, body, key) VALUES ('jobs', 'duplicate', 'k')"));
	assert_false(push("(queue, body) VALUES ('jobs', NULL)"));
	assert_false(push("(queue, body) VALUES ('no name', 'x')"));
	assert_int_equal(broker_admin(c, &cap), BROKER_OK);
	assert_false(push("(queue, body) VALUES ('jobs', 'full')"));
	assert_false(push("(queue, body, key) VALUES ('jobs', 'full', 'l')"));
	assert_int_equal(broker_exchange(c, &x), BROKER_OK);
	assert_int_equal(x.nclaimed, 4);
	assert_int_equal(x.bodies.len, 4);
	assert_memory_equal(x.bodies.data, "bacd", 4);
	assert_int_equal(x.bodies.data[x.claimed[0].at], 'a');
	assert_int_equal(broker_stats(c, &s), BROKER_OK);
	assert_int_equal(s.put, 5);
	assert_int_equal(s.delayed, 1);
	exchange_free(&x);
	broker_close(c);
}

static void the_view_forgets_the_key_of_what_nobody_wants(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	struct broker_order bind = { .verb = BROKER_BIND, .group = "g", .pattern = "a" };

	(void)state;
	assert_int_equal(broker_admin(p, &bind), BROKER_OK);
	assert_true(push("(queue, body, topic, key) VALUES ('jobs', 'x', 'b', 'k')"));
	assert_int_equal(asked("SELECT count(*) FROM item"), 0);
	assert_true(push("(queue, body, topic, key) VALUES ('jobs', 'x', 'a', 'k')"));
	assert_true(push("(queue, body, topic, key) VALUES ('jobs', 'x', 'a', 'k')"));
	assert_int_equal(asked("SELECT count(*) FROM item WHERE queue = 'jobs:g'"), 1);
	broker_close(p);
}

/* The same patterns, by SQL and by pq. */
static void the_view_knows_topics_as_pq_does(void **state)
{
	static const char *const words[] = { "a", "b", "*", "#", "" };
	enum { PATTERNS = 60, TOPICS = 60 };
	struct broker *p = opened(BROKER_PRODUCES);
	struct sqlite *db = sqlite_open(address.target);
	struct sqlite_query *push_one = sqlite_query(db,
		"INSERT INTO push (queue, body, topic) VALUES ('jobs', ?1, ?2)");
	uint32_t random = unit_seed(3);
	char group[24];

	(void)state;
	for (int i = 0; i < PATTERNS; i++) {
		struct broker_order bind = { .verb = BROKER_BIND, .group = group };
		struct buf pattern = { 0 };

		for (uint32_t n = unit_below(&random, 5) + 1; n; n--)
			buf_addf(&pattern, "%s%s", words[unit_below(&random, 5)], n > 1 ? "." : "");
		if (!pattern.len)
			buf_adds(&pattern, "#");
		snprintf(group, sizeof group, "g%d", i);
		bind.pattern = buf_str(&pattern);
		assert_int_equal(broker_admin(p, &bind), BROKER_OK);
		buf_free(&pattern);
	}
	for (int i = 0; i < TOPICS; i++) {
		struct buf topic = { 0 };
		struct put item = { .body = "pq", .len = 2 };

		for (uint32_t n = unit_below(&random, 6); n; n--)
			buf_addf(&topic, "%s%s", words[unit_below(&random, 3) * 2 % 5], n > 1 ? "." : "");
		item.topic = buf_str(&topic);
		assert_int_equal(broker_put(p, &item, 1), BROKER_OK);
		sqlite_set_text(push_one, 1, "sql");
		sqlite_set_text(push_one, 2, buf_str(&topic));
		assert_true(sqlite_run(push_one));
		buf_free(&topic);
	}
	sqlite_free(push_one);
	sqlite_close(db);
	assert_true(asked("SELECT count(*) FROM item") > TOPICS * PATTERNS / 20);
	assert_int_equal(asked("SELECT count(*) FROM (SELECT queue, topic,"
		" sum(body = CAST('pq' AS BLOB)) AS ours, sum(body = CAST('sql' AS BLOB)) AS theirs"
		" FROM item GROUP BY queue, topic) WHERE ours <> theirs"), 0);
	assert_int_equal(asked("SELECT sum(live) FROM tally"), asked("SELECT count(*) FROM item"));
	broker_close(p);
}

/* Programs that take items away without counting them do not leave the queue full. */
static void what_others_take_makes_room(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES);
	struct broker_order cap = { .verb = BROKER_CAP, .count = 1 };
	enum put_fate fate;

	(void)state;
	assert_int_equal(broker_admin(p, &cap), BROKER_OK);
	assert_int_equal(put(p, "a", &fate), BROKER_OK);
	assert_int_equal(put(p, "b", &fate), BROKER_OK);
	assert_int_equal(fate, PUT_FULL);
	assert_true(elsewhere("DELETE FROM item"));
	assert_int_equal(put(p, "b", &fate), BROKER_OK);
	assert_int_equal(fate, PUT_QUEUED);
	assert_true(elsewhere("DELETE FROM item"));
	assert_true(push("(queue, body) VALUES ('jobs', 'c')"));
	assert_false(push("(queue, body) VALUES ('jobs', 'd')"));
	assert_int_equal(put(p, "d", &fate), BROKER_OK);
	assert_int_equal(fate, PUT_FULL);
	assert_int_equal(asked("SELECT live FROM tally"), 1);
	broker_close(p);
}

/* Two statements make a consumer of any program; it has no lock, so its lease ends. */
static void another_program_consumes_until_its_lease_is_over(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { .want = 1 };

	(void)state;
	assert_int_equal(put(p, "a", NULL), BROKER_OK);
	assert_true(elsewhere("UPDATE item SET state = 2, due = 0, claims = claims + 1, holder = NULL"
		" WHERE id IN (SELECT id FROM item WHERE queue = 'jobs' AND state = 0"
		" ORDER BY priority, id LIMIT 1)"));
	while (!x.nclaimed)
		assert_int_equal(broker_exchange(c, &x), BROKER_OK);
	assert_int_equal(x.claimed[0].lost, 1);
	assert_int_equal(x.claimed[0].token, 2);
	exchange_free(&x);
	close_all(p, c);
}

/* What was lost does not meet in one hand by being claimed one after the other; what never
 * was is claimed in the meantime. */
static void who_was_lost_waits_until_another_one_is_done(void **state)
{
	struct broker *p = opened(BROKER_PRODUCES), *c = opened(BROKER_CONSUMES);
	struct exchange x = { .want = 4 }, more = { .want = 4 };
	struct settle ack = { 0 };

	(void)state;
	for (const char *body = "abcdefg"; *body; body++)
		assert_int_equal(broker_put(p, &(struct put){ .body = body, .len = 1 }, 1), BROKER_OK);
	assert_true(elsewhere("UPDATE item SET lost = 1 WHERE id < 4"));
	assert_int_equal(broker_exchange(c, &x), BROKER_OK);
	assert_int_equal(x.nclaimed, 1);
	assert_int_equal(x.bodies.data[0], 'a');
	assert_int_equal(broker_exchange(c, &more), BROKER_OK);
	assert_int_equal(more.nclaimed, 4);
	assert_memory_equal(more.bodies.data, "defg", 4);
	assert_int_equal(broker_exchange(c, &more), BROKER_OK);
	assert_int_equal(more.nclaimed, 0);
	assert_false(more.drained);
	assert_true(more.due > 0);
	ack = (struct settle){ .id = x.claimed[0].id, .token = x.claimed[0].token };
	more.settles = &ack;
	more.nsettles = 1;
	assert_int_equal(broker_exchange(c, &more), BROKER_OK);
	assert_int_equal(more.nclaimed, 1);
	assert_int_equal(more.bodies.data[0], 'b');
	exchange_free(&x);
	exchange_free(&more);
	close_all(p, c);
}

/* --- the run ------------------------------------------------------------- */

static int begin(void **state)
{
	static unsigned number;
	char name[24];

	snprintf(name, sizeof name, "j%u.db", ++number);
	address.target = *state = scratch_path(name);
	return 0;
}

static int end(void **state)
{
	free(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_that_is_no_store_is_left_alone),
		TEST(a_foreign_database_is_left_alone),
		TEST(a_newer_store_is_left_to_a_newer_pq),
		TEST(what_cannot_be_opened_is_told),
		TEST(who_looks_makes_nothing),
		TEST(network_file_systems_are_refused),
		TEST(a_file_that_takes_its_place_is_noticed),
		TEST(a_full_disk_is_told_and_nothing_is_half_done),
		TEST(a_lock_that_is_not_given_up_is_no_connection),
		TEST(the_side_file_may_be_taken_away),
		TEST(the_bell_rings_after_the_log_was_folded),
		TEST(what_was_kept_long_enough_goes_when_there_is_time),
		TEST(a_live_holder_need_not_extend_its_leases),
		TEST(a_link_leads_to_the_same_store),
		TEST(many_make_it_at_the_same_time),
		TEST(the_log_is_folded_when_there_is_time),
		TEST(other_programs_push_into_a_view),
		TEST(the_view_forgets_the_key_of_what_nobody_wants),
		TEST(the_view_knows_topics_as_pq_does),
		TEST(what_others_take_makes_room),
		TEST(another_program_consumes_until_its_lease_is_over),
		TEST(who_was_lost_waits_until_another_one_is_done),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
