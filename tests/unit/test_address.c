/* Addresses of durable queues: what they name, what of them is shown, and what is meant by
 * those that are none. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "broker/address.h"

static void an_address_names_engine_target_queue_and_group(void **state)
{
	static const struct {
		const char *text;
		enum address_engine engine;
		const char *target, *queue, *group, *shown;
	} rows[] = {
		{ "sqlite:jobs.db", ADDRESS_SQLITE, "jobs.db", "default", NULL,
		  "sqlite:jobs.db#default" },
		{ "sqlite:/var/a b.db#thumbs", ADDRESS_SQLITE, "/var/a b.db", "thumbs", NULL,
		  "sqlite:/var/a b.db#thumbs" },
		{ "sqlite:a#b.db#q", ADDRESS_SQLITE, "a#b.db", "q", NULL, "sqlite:a#b.db#q" },
		{ "sqlite:x@y?password=z", ADDRESS_SQLITE, "x@y?password=z", "default", NULL,
		  "sqlite:x@y?password=z#default" },
		{ "sqlite:jobs.db#orders:billing", ADDRESS_SQLITE, "jobs.db", "orders", "billing",
		  "sqlite:jobs.db#orders:billing" },
		{ "sqlite:a\nb#q", ADDRESS_SQLITE, "a\nb", "q", NULL, "sqlite:'a\\nb'#q" },
		{ "redis://broker#a.b-c_9", ADDRESS_REDIS, "redis://broker", "a.b-c_9", NULL,
		  "redis://broker#a.b-c_9" },
		{ "redis://u:p%40w@broker:6380/3", ADDRESS_REDIS, "redis://u:p%40w@broker:6380/3",
		  "default", NULL, "redis://u:***@broker:6380/3#default" },
		{ "redis://:secret@[::1]:6379/#q:g", ADDRESS_REDIS, "redis://:secret@[::1]:6379/", "q",
		  "g", "redis://:***@[::1]:6379/#q:g" },
		{ "redis://user@h", ADDRESS_REDIS, "redis://user@h", "default", NULL,
		  "redis://***@h#default" },
		{ "rediss://h", ADDRESS_REDIS, "rediss://h", "default", NULL, "rediss://h#default" },
		{ "redis+unix:///run/s#q", ADDRESS_REDIS, "redis+unix:///run/s", "q", NULL,
		  "redis+unix:///run/s#q" },
		{ "redis+unix://:pw@/run/s", ADDRESS_REDIS, "redis+unix://:pw@/run/s", "default", NULL,
		  "redis+unix://:***@/run/s#default" },
		{ "postgres://", ADDRESS_POSTGRESQL, "postgres://", "default", NULL,
		  "postgres://#default" },
		{ "postgresql://me:top?se@h,i:5433/db?sslmode=require#q", ADDRESS_POSTGRESQL,
		  "postgresql://me:top?se@h,i:5433/db?sslmode=require", "q", NULL,
		  "postgresql://me:***@h,i:5433/db?sslmode=require#q" },
		{ "postgresql://me@h/db", ADDRESS_POSTGRESQL, "postgresql://me@h/db", "default", NULL,
		  "postgresql://me@h/db#default" },
		{ "postgresql://h:5432/db?user=me@corp&password=a:b&sslPassword=c&pass%77ord=d&x=y",
		  ADDRESS_POSTGRESQL,
		  "postgresql://h:5432/db?user=me@corp&password=a:b&sslPassword=c&pass%77ord=d&x=y",
		  "default", NULL, "postgresql://h:5432/db?user=me@corp&password=***&sslPassword=***"
		  "&pass%77ord=***&x=y#default" },
		{ "postgresql:///db?host=/run/pg&password=#q", ADDRESS_POSTGRESQL,
		  "postgresql:///db?host=/run/pg&password=", "q", NULL,
		  "postgresql:///db?host=/run/pg&password=#q" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf why = { 0 };
		struct address a;

		assert_true(address_is_queue(rows[i].text));
		if (!address_read(&a, rows[i].text, &why))
			fail_msg("%s: %s", rows[i].text, buf_str(&why));
		assert_int_equal(a.engine, rows[i].engine);
		assert_string_equal(a.target, rows[i].target);
		assert_string_equal(a.queue, rows[i].queue);
		if (rows[i].group)
			assert_string_equal(a.group, rows[i].group);
		else
			assert_null(a.group);
		assert_string_equal(a.shown, rows[i].shown);
		assert_int_equal(why.len, 0);
		address_free(&a);
		buf_free(&why);
	}
}

static void what_looks_like_a_file_is_one(void **state)
{
	static const char *const files[] = { "", "-", "list", "./sqlite:x", "a:b", "dead:failed",
		"dead:sqlite", "C:\\x", "2024:01", "dir/redis://x", ":x", "jobs.db", "notes:redis" };

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++)
		if (address_is_queue(files[i]))
			fail_msg("%s", files[i]);
}

/* What is said of a text that is taken for an address, and is a wrong one. */
static void refused(const char *text, const char *said)
{
	struct buf why = { 0 };
	struct address a;

	assert_true(address_is_queue(text));
	assert_false(address_read(&a, text, &why));
	assert_null(a.target);
	if (!strstr(buf_str(&why), said))
		fail_msg("%s: %s", text, buf_str(&why));
	if (strstr(buf_str(&why), "hidden"))
		fail_msg("shown: %s", buf_str(&why));
	assert_null(strchr(buf_str(&why), '\n'));
	buf_free(&why);
}

static void what_is_meant_is_told(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "sqllite:x", "'sqllite:x' is no address of a queue; sqlite:FILE[#QUEUE] is meant" },
		{ "sqlite3:x", "; sqlite:FILE[#QUEUE] is meant" },
		{ "SQLite:x", "; sqlite:FILE[#QUEUE] is meant" },
		{ "sqlite:///x", "has slashes too many; sqlite:FILE is meant" },
		{ "sqlite:", "names no file; try sqlite:jobs.db" },
		{ "sqlite:#q", "names no file" },
		{ "sqlite::memory:", "a queue in memory would be nobody else's" },
		{ "redis:/x", "redis://HOST[:PORT][/DB][#QUEUE] is meant" },
		{ "redis:host", "or ./ before the name of a file" },
		{ "reddis://h", "; redis://HOST" },
		{ "valkey://h", "; redis://HOST" },
		{ "valkeys://h", "; rediss://HOST" },
		{ "unix:///run/s", "; redis+unix:///PATH" },
		{ "redis+unix://run/s", "has three slashes" },
		{ "redis+unix:///", "has three slashes" },
		{ "redis://", "names no host; try redis://localhost" },
		{ "redis://:6379", "names no host" },
		{ "redis://h:", "no number of a port" },
		{ "redis://h:0", "no number of a port" },
		{ "redis://h:65536", "no number of a port" },
		{ "redis://h:6379x", "no number of a port" },
		{ "redis://h/x", "no number of a database" },
		{ "redis://h/0?timeout=1", "no number of a database" },
		{ "redis://[::1", "in brackets" },
		{ "redis://[::1]x:1", "in brackets" },
		{ "postgres:x", "postgresql://HOST/DATABASE[#QUEUE] is meant" },
		{ "postgresql:dbname=x", "postgresql://HOST" },
		{ "postgressql://h", "postgresql://HOST" },
		{ "psql://h", "postgresql://HOST" },
		{ "amqp://h", "'amqp://h' is in a later version: amqp queues will come through" },
		{ "AMQPS://h", "amqps queues will come through a helper program; there are sqlite:, "
		  "redis:// and postgresql://" },
		{ "nats://h", "nats queues" }, { "kafka://h", "kafka queues" },
		{ "sqs://h", "sqs queues" }, { "kafka:topic", "kafka queues" },
		{ "https://h/list", "is no queue that pq knows; there are sqlite:" },
		{ "mysql://u:hidden@h", "'mysql://u:***@h' is no queue that pq knows" },
		{ "file:///list", "is called by its path alone" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		refused(rows[i].text, rows[i].said);
}

static void a_name_is_of_letters_digits_and_three_signs(void **state)
{
	static const char *const names[] = { "", "a b", "a/b", "a\nb", "a#", "\303\244", "a:", ":g",
		"a:b:c", "a:b c", "a*", "a?",
		"12345678901234567890123456789012345678901234567890"
		"123456789012345678901234567890123456789012345678901" };
	struct buf why = { 0 };
	struct address a;
	char text[200];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(text, sizeof text, "sqlite:f#%s", names[i]);
		if (strcmp(names[i], "a#") != 0)
			refused(text, "has no name of a queue behind its #");
		snprintf(text, sizeof text, "redis://h#%s", names[i]);
		refused(text, strcmp(names[i], "a#") != 0 ? "letters, digits, . _ and -" : "");
	}
	snprintf(text, sizeof text, "sqlite:f#%s", names[12] + 1);
	assert_true(address_read(&a, text, &why));
	assert_int_equal(strlen(a.queue), 100);
	address_free(&a);
}

/* Bytes that part an address, where somebody has put them into the password. */
static void a_password_that_is_not_escaped_is_told_and_not_shown(void **state)
{
	static const char *const texts[] = {
		"redis://:hidden@hidden@h", "redis://:hidden/hidden@h", "redis://:hid#hidden@h",
		"redis://u:hidden?hidden@hidden@h/1", "redis://u:hidden/?hidden@h",
		"postgresql://u:hidden@hidden@h/db", "postgresql://u:hidden/hidden@h/db",
		"postgresql://u:hid#hidden@h/db", "postgresql://u:hidden@hidden@h/db?user=x@y",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		refused(texts[i], strcmp(texts[i], "redis://u:hidden/?hidden@h") == 0
			? "no number of a port" : "%40");
}

static void a_secret_is_hidden_where_it_stands(void **state)
{
	static const struct {
		const char *text, *hidden;
	} rows[] = {
		{ "redis://u:pw@h#q", "redis://u:**@h#q" },
		{ "redis://pw@h", "redis://**@h" },
		{ "postgresql://u:p?w@h:1/db?password=abc&x=y&sslpassword=d#q",
		  "postgresql://u:***@h:1/db?password=***&x=y&sslpassword=*#q" },
		{ "postgresql://u:a/b?c@h/db", "postgresql://u:*****@h/db" },
		{ "redis://h#q", NULL }, { "sqlite:u:p@h", NULL }, { "postgresql://u@h", NULL },
		{ "u:p@h", NULL }, { "postgresql://h/db?user=a@b", NULL }, { "", NULL }, { "#q", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[100];

		snprintf(text, sizeof text, "%s", rows[i].text);
		assert_int_equal(address_has_secret(text), rows[i].hidden != NULL);
		address_hide(text);
		assert_string_equal(text, rows[i].hidden ? rows[i].hidden : rows[i].text);
	}
}

static void a_variable_says_where_a_queue_is(void **state)
{
	static const struct {
		const char *held, *text, *shown;
	} good[] = {
		{ "redis://:pw@broker", "#thumbs:g", "redis://:***@broker#thumbs:g" },
		{ "sqlite:jobs.db#a:b", "#c", "sqlite:jobs.db#c" },
		{ "sqlite:jobs.db#a:b", "#", "sqlite:jobs.db#a:b" },
		{ "sqlite:jobs.db", "#", "sqlite:jobs.db#default" },
	};
	struct buf why = { 0 };
	struct address a;

	(void)state;
	unsetenv("PQ_QUEUE");
	refused("#q", "'#q' is a queue where $PQ_QUEUE says, and that is not set");
	setenv("PQ_QUEUE", "", 1);
	refused("#q", "$PQ_QUEUE says, and that is not set");
	setenv("PQ_QUEUE", "#x", 1);
	refused("#q", "$PQ_QUEUE: '#x' is no address of a queue");
	setenv("PQ_QUEUE", "jobs.db", 1);
	refused("#q", "$PQ_QUEUE: 'jobs.db' is no address of a queue; try sqlite:jobs.db");
	setenv("PQ_QUEUE", "redis://u:hidden@h:x", 1);
	refused("#q", "'redis://u:***@h:x' has no number of a port behind the host");
	for (size_t i = 0; i < COUNT(good); i++) {
		setenv("PQ_QUEUE", good[i].held, 1);
		if (!address_read(&a, good[i].text, &why))
			fail_msg("%s", buf_str(&why));
		assert_string_equal(a.shown, good[i].shown);
		address_free(&a);
	}
	refused("#a b", "'#a b' is no name of a queue");
	refused("#q:", "is no name of a queue");
	unsetenv("PQ_QUEUE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_names_engine_target_queue_and_group),
		cmocka_unit_test(what_looks_like_a_file_is_one),
		cmocka_unit_test(what_is_meant_is_told),
		cmocka_unit_test(a_name_is_of_letters_digits_and_three_signs),
		cmocka_unit_test(a_password_that_is_not_escaped_is_told_and_not_shown),
		cmocka_unit_test(a_secret_is_hidden_where_it_stands),
		cmocka_unit_test(a_variable_says_where_a_queue_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
