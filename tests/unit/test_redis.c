/* Queues in Redis, beyond what all engines promise (test_broker.c): against a real server,
 * which is started, stopped and killed here; without one those tests are skipped, but not
 * where CI is true. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/dial.h"
#include "base/redis.h"
#include "base/tls.h"
#include "broker/broker.h"
#include "broker/redis_parts.h"
#include "policy/topic.h"
#include "scratch.h"

extern char **environ;

enum { LONG = 3600 * 1000, LIMIT = 60 };

/* --- the address --------------------------------------------------------- */

static struct redis_place place_of(const char *address, const char *password)
{
	struct redis_place p;
	struct buf why = { 0 };

	if (!redis_place_read(&p, address, password, &why))
		fail_msg("%s: %s", address, buf_str(&why));
	buf_free(&why);
	return p;
}

static void an_address_names_a_host_or_a_socket(void **state)
{
	struct redis_place p = place_of("redis://broker", NULL);

	(void)state;
	assert_string_equal(p.host, "broker");
	assert_string_equal(p.port, "6379");
	assert_int_equal(p.db, 0);
	assert_false(p.tls);
	assert_null(p.user);
	assert_null(p.password);
	redis_place_free(&p);
	p = place_of("rediss://[::1]:7000/3", NULL);
	assert_string_equal(p.host, "::1");
	assert_string_equal(p.port, "7000");
	assert_int_equal(p.db, 3);
	assert_true(p.tls);
	redis_place_free(&p);
	p = place_of("redis+unix:///run/a%20b.sock?db=2", NULL);
	assert_string_equal(p.path, "/run/a b.sock");
	assert_int_equal(p.db, 2);
	redis_place_free(&p);
	p = place_of("redis://broker/", NULL);
	assert_int_equal(p.db, 0);
	redis_place_free(&p);
}

static void a_password_may_hold_any_byte(void **state)
{
	struct redis_place p = place_of("redis://me:a%40b%3a%2F%00%25@h:1", "other");

	(void)state;
	assert_string_equal(p.user, "me");
	assert_int_equal(p.password_len, 7);
	assert_memory_equal(p.password, "a@b:/\0%", 7);
	redis_place_free(&p);
	p = place_of("redis://:a:b@h", NULL);
	assert_null(p.user);
	assert_string_equal(p.password, "a:b");
	redis_place_free(&p);
	p = place_of("redis://me@h", "kept");
	assert_string_equal(p.user, "me");
	assert_string_equal(p.password, "kept");
	redis_place_free(&p);
	p = place_of("redis+unix://:x@/s", "kept");
	assert_string_equal(p.path, "/s");
	assert_string_equal(p.password, "x");
	redis_place_free(&p);
}

static void what_is_wrong_with_an_address_is_told_without_a_secret(void **state)
{
	static const struct {
		const char *address, *part;
	} all[] = {
		{ "redis://", "no host" },
		{ "redis://:6379", "no host" },
		{ "redis://[::1", "no host" },
		{ "redis://h:port", "the port is no number" },
		{ "redis://h:0", "the port is no number" },
		{ "redis://h:65536", "the port is no number" },
		{ "redis://h:", "the port is no number" },
		{ "redis://::1", "no host" },
		{ "redis://h/jobs", "no number of a database" },
		{ "redis://u:s3cret/x@h", "%2F" },
		{ "redis://u:s3cr%zzet@h", "%25" },
		{ "redis://s3cret@h", "REDISCLI_AUTH" },
		{ "redis+unix://s3cret/run", "whole path" },
		{ "redis+unix:///s?pw=s3cret", "?db=N" },
		{ "redis+unix:///s%00x", "%25" },
		{ "http://h", "redis://" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct redis_place p;
		struct buf why = { 0 };

		if (redis_place_read(&p, all[i].address, NULL, &why))
			fail_msg("%s is read", all[i].address);
		if (!strstr(buf_str(&why), all[i].part) || strstr(buf_str(&why), "s3cret"))
			fail_msg("%s: %s", all[i].address, buf_str(&why));
		redis_place_free(&p);
		buf_free(&why);
	}
}

/* --- what a server says ---------------------------------------------------- */

static void a_refusal_is_told_in_words(void **state)
{
	static const struct {
		const char *error, *says;
		enum broker_state as;
	} all[] = {
		{ "MOVED 3999 10.0.0.7:6381", "the queue is at 10.0.0.7:6381; name that one", BROKER_BAD },
		{ "ERR Error running script: -MOVED 1 h:1", "the queue is at h:1;", BROKER_BAD },
		{ "CLUSTERDOWN Hash slot not served", "CLUSTERDOWN", BROKER_GONE },
		{ "LOADING Redis is loading the dataset in memory", "still reading", BROKER_GONE },
		{ "NOAUTH Authentication required.", "REDISCLI_AUTH", BROKER_BAD },
		{ "ERR invalid password", "the password is wrong", BROKER_BAD },
		{ "NOPERM this user has no permissions to run the 'eval' command", "'eval'", BROKER_BAD },
		{ "MISCONF Redis is configured to save RDB snapshots", "disk", BROKER_BAD },
		{ "BUSY Redis is busy running a script.", "busy", BROKER_GONE },
		{ "ERR max number of clients reached", "as many clients", BROKER_GONE },
		{ "ERR Write commands not allowed after non deterministic commands", "older than Redis 5",
			BROKER_BAD },
		{ "ERR unknown command `EVALSHA`\r\n\033[1m", "the server refuses: ERR unknown",
			BROKER_BAD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct buf why = { 0 };

		assert_int_equal(stock_judge(all[i].error, &why), all[i].as);
		if (!strstr(buf_str(&why), all[i].says) || strpbrk(buf_str(&why), "\r\n\033"))
			fail_msg("%s: %s", all[i].error, buf_str(&why));
		buf_free(&why);
	}
}

/* What such a server answers a PING with. */
static const char *answered_with(const char *bytes)
{
	static char why[200];
	struct redis_words w = { 0 };
	struct redis *r;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(write(ends[1], bytes, strlen(bytes)), strlen(bytes));
	shutdown(ends[1], SHUT_WR);
	r = redis_open(ends[0], 1000);
	redis_word_text(&w, "PING");
	assert_null(redis_call(r, &w));
	snprintf(why, sizeof why, "%s", redis_why(r));
	redis_words_free(&w);
	redis_close(r);
	close(ends[1]);
	return why;
}

static void what_is_no_redis_is_told(void **state)
{
	(void)state;
	if (redis_load())
		skip();
	assert_string_equal(answered_with("HTTP/1.1 400 Bad Request\r\n\r\n"),
		"what answers there does not speak as Redis does");
	assert_string_equal(answered_with(""), "the server has ended the connection");
	assert_string_equal(answered_with("$10\r\nabc"), "the server has ended the connection");
}

/* --- a server ------------------------------------------------------------ */

static pid_t server;        /* 0: none runs */
static char socket_path[SCRATCH_PATH + 32];
static char target[SCRATCH_PATH + 64];
static char queue[64];
static struct redis *talk;  /* what another program says */

static void pause_briefly(time_t *began)
{
	struct timespec pause = { 0, 5000000 };

	if (!*began)
		*began = time(NULL);
	if (time(NULL) - *began > LIMIT)
		fail_msg("it has not come about in %d s", LIMIT);
	nanosleep(&pause, NULL);
}

static bool program_is_there(const char *name)
{
	char command[64];

	snprintf(command, sizeof command, "command -v %s >/dev/null", name);
	return system(command) == 0;
}

static struct redis *connected(void)
{
	struct buf why = { 0 };
	int fd = dial_path(socket_path, 1000, &why);

	buf_free(&why);
	return fd < 0 ? NULL : redis_open(fd, 10000);
}

/* A command of words parted by blanks; the reply is to be dropped. */
static struct redis_reply *say_to(struct redis *r, const char *text)
{
	struct redis_words w = { 0 };
	struct redis_reply *reply;
	char *copy = strdup(text), *rest = copy;

	for (char *word; (word = strsep(&rest, " ")); )
		redis_word_text(&w, word);
	reply = redis_call(r, &w);
	redis_words_free(&w);
	free(copy);
	return reply;
}

static void server_ends(int sig)
{
	int status;

	redis_close(talk);
	talk = NULL;
	if (!server)
		return;
	kill(server, sig);
	kill(server, SIGCONT);
	waitpid(server, &status, 0);
	server = 0;
}

/* With what was there when it ended; it ends with this program. */
static void server_starts(const char *sync)
{
	bool mortal = program_is_there("setpriv");
	char *argv[] = { (char *)"setpriv", (char *)"--pdeathsig", (char *)"KILL",
		(char *)(program_is_there("redis-server") ? "redis-server" : "valkey-server"),
		(char *)"--port", (char *)"0", (char *)"--unixsocket", socket_path, (char *)"--dir",
		scratch, (char *)"--save", (char *)"", (char *)"--appendonly", (char *)"yes",
		(char *)"--appendfsync", (char *)sync, (char *)"--logfile", (char *)"log", NULL };
	char **command = mortal ? argv : argv + 3;
	struct redis_reply *reply = NULL;
	time_t began = 0;

	assert_int_equal(posix_spawnp(&server, command[0], NULL, NULL, command, environ), 0);
	for (;;) {
		if (!talk)
			talk = connected();
		reply = talk ? say_to(talk, "PING") : NULL;
		if (redis_kind(reply) == REDIS_IS_TEXT)
			break;
		redis_drop(reply);
		redis_close(talk);
		talk = NULL;
		pause_briefly(&began);
	}
	redis_drop(reply);
}

static int64_t number_of(const char *text)
{
	struct redis_reply *reply = say_to(talk, text);
	int64_t number = redis_number(reply);

	if (redis_kind(reply) == REDIS_IS_ERROR)
		fail_msg("%s: %s", text, redis_text(reply, NULL));
	redis_drop(reply);
	return number;
}

static int64_t of_queue(const char *format)
{
	char text[300];

	snprintf(text, sizeof text, format, queue, queue, queue);
	return number_of(text);
}

/* --- brokers ------------------------------------------------------------- */

static struct broker *open_by(struct broker_rules rules, const char *group,
	enum broker_state *state, struct buf *why, struct buf *notes)
{
	struct address a = { .engine = ADDRESS_REDIS, .target = target, .queue = queue,
		.group = (char *)group, .shown = (char *)"the queue" };

	rules.address = &a;
	if (!rules.lease)
		rules.lease = LONG;
	return broker_open(&rules, state, why, notes);
}

static struct broker *opened_for(enum broker_use use, const char *group)
{
	struct buf why = { 0 }, notes = { 0 };
	enum broker_state state;
	struct broker *b = open_by((struct broker_rules){ .use = use }, group, &state, &why, &notes);

	if (!b)
		fail_msg("%s", buf_str(&why));
	buf_free(&why);
	buf_free(&notes);
	return b;
}

/* It is refused, and says so. */
static void refuses(struct broker_rules rules, enum broker_state as, const char *part)
{
	struct buf why = { 0 }, notes = { 0 };
	enum broker_state state = BROKER_OK;
	struct broker *b = open_by(rules, NULL, &state, &why, &notes);

	if (b)
		fail_msg("it is opened, where it should say: %s", part);
	assert_int_equal(state, as);
	if (!strstr(buf_str(&why), part) || strchr(buf_str(&why), '\n'))
		fail_msg("'%s' is not in: %s", part, buf_str(&why));
	buf_free(&why);
	buf_free(&notes);
}

#define WELL(b, call) \
	do { \
		if ((call) != BROKER_OK) \
			fail_msg("%s: %s", #call, broker_why(b)); \
	} while (0)

#define TEXT(t) .body = (t), .len = strlen(t)

static enum put_fate put(struct broker *b, struct put item)
{
	WELL(b, broker_put(b, &item, 1));
	return item.fate;
}

static void claim(struct broker *b, struct exchange *x, size_t want)
{
	x->nsettles = 0;
	x->want = want;
	WELL(b, broker_exchange(b, x));
}

/* The bodies that were claimed, with blanks between them. */
static const char *bodies(const struct exchange *x)
{
	static struct buf all;

	buf_clear(&all);
	for (size_t i = 0; i < x->nclaimed; i++) {
		if (i)
			buf_addc(&all, ' ');
		buf_add(&all, x->bodies.data + x->claimed[i].at, x->claimed[i].len);
	}
	return buf_str(&all);
}

static struct broker_stats stats(struct broker *b)
{
	struct broker_stats s;

	WELL(b, broker_stats(b, &s));
	return s;
}

static void is_bound(struct broker *b, const char *pattern, const char *group)
{
	struct broker_order order = { .verb = BROKER_BIND, .pattern = pattern, .group = group };

	WELL(b, broker_admin(b, &order));
}

static const char *notes_now(void)
{
	static char text[500];
	struct buf why = { 0 }, notes = { 0 };
	enum broker_state state;
	struct broker *b = open_by((struct broker_rules){ .use = BROKER_PRODUCES }, NULL, &state,
		&why, &notes);

	if (!b)
		fail_msg("%s", buf_str(&why));
	snprintf(text, sizeof text, "%s", buf_str(&notes));
	broker_close(b);
	buf_free(&notes);
	return text;
}

/* --- order and topics ---------------------------------------------------- */

static void any_two_priorities_are_told_apart(void **state)
{
	static const int64_t all[] = { INT64_MAX, INT64_MAX - 1, (INT64_C(1) << 53) + 1,
		INT64_C(1) << 53, 1, 0, -1, -(INT64_C(1) << 53), -(INT64_C(1) << 53) - 1,
		INT64_MIN + 1, INT64_MIN };
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { 0 };
	struct settle s;

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++)
		put(p, (struct put){ TEXT("a"), .priority = all[i] });
	claim(c, &x, 1);
	s = (struct settle){ .id = x.claimed[0].id, .token = x.claimed[0].token,
		.how = SETTLE_RELEASE };
	x.settles = &s;
	x.nsettles = 1;
	x.want = COUNT(all);
	WELL(c, broker_exchange(c, &x));
	assert_int_equal(x.nclaimed, COUNT(all));
	for (size_t i = 0; i < COUNT(all); i++)
		assert_true(x.claimed[i].priority == all[COUNT(all) - 1 - i]);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* A text of up to six words. */
static void text_of(uint32_t *random, const char *words, char *text)
{
	uint32_t count = unit_below(random, 7);

	*text = '\0';
	for (uint32_t i = 0; i < count; i++) {
		char word[3] = { words[unit_below(random, (uint32_t)strlen(words))], '.', '\0' };

		strcat(text, word[0] == '_' ? word + 1 : word); /* an empty one */
	}
	if (count)
		text[strlen(text) - 1] = '\0';
}

static void a_binding_fits_what_topics_say(void **state)
{
	enum { ROUNDS = 150, TOPICS = 64 };
	struct broker *p = opened_for(BROKER_PRODUCES, NULL);
	uint32_t random = unit_seed(7);
	unsigned fitted = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct broker_order order = { .verb = BROKER_UNBIND, .group = "g" };
		char pattern[16] = "", topics[TOPICS][16];
		struct put batch[TOPICS];

		while (!*pattern || topic_flaw(pattern))
			text_of(&random, "ab*##_", pattern);
		is_bound(p, pattern, "g");
		for (int i = 0; i < TOPICS; i++) {
			text_of(&random, "ab_", topics[i]);
			batch[i] = (struct put){ TEXT("x"), .topic = topics[i] };
		}
		WELL(p, broker_put(p, batch, TOPICS));
		for (int i = 0; i < TOPICS; i++) {
			bool fits = topic_fits(pattern, topics[i], strlen(topics[i]));

			if ((batch[i].fate == PUT_QUEUED) != fits)
				fail_msg("'%s' and '%s'", pattern, topics[i]);
			fitted += fits;
		}
		order.pattern = pattern;
		WELL(p, broker_admin(p, &order));
	}
	assert_true(fitted > ROUNDS);
	broker_close(p);
}

/* --- what other programs push -------------------------------------------- */

static void what_is_pushed_into_the_inbox_is_consumed(void **state)
{
	struct broker *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { 0 };

	(void)state;
	assert_int_equal(of_queue("RPUSH pq:{%s}:in a.png b.png"), 2);
	assert_int_equal(stats(c).ready, 2);
	claim(c, &x, 1);
	assert_string_equal(bodies(&x), "a.png");
	assert_int_equal(x.backlog, 1);
	claim(c, &x, 5);
	assert_string_equal(bodies(&x), "b.png");
	assert_false(x.drained);
	assert_int_equal(stats(c).put, 2);
	exchange_free(&x);
	broker_close(c);
}

/* The mark by which sleepers are woken is in the same list. */
static void what_looks_like_a_mark_is_an_item_as_any(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { 0 };
	char text[300];
	struct redis_words w = { 0 };

	(void)state;
	put(p, (struct put){ TEXT("first") });
	assert_int_equal(of_queue("LLEN pq:{%s}:in"), 1);
	snprintf(text, sizeof text, "pq:{%s}:in", queue);
	redis_word_text(&w, "RPUSH");
	redis_word_text(&w, text);
	redis_word_text(&w, "pq: some are ready");
	redis_drop(redis_call(talk, &w));
	redis_words_free(&w);
	claim(c, &x, 5);
	assert_string_equal(bodies(&x), "first pq: some are ready");
	claim(c, &x, 5);
	assert_int_equal(x.nclaimed, 0);
	assert_int_equal(of_queue("LLEN pq:{%s}:in"), 0);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void a_push_into_the_inbox_rings(void **state)
{
	struct broker *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { 0 };
	struct pollfd bell;
	time_t began = 0;

	(void)state;
	do { /* the server may be too old, or what came before still ring */
		if (began)
			WELL(c, broker_hear(c));
		claim(c, &x, 1);
		pause_briefly(&began);
		bell = (struct pollfd){ .fd = broker_bell(c), .events = POLLIN };
	} while (bell.fd >= 0 && poll(&bell, 1, 0) > 0);
	of_queue("RPUSH pq:{%s}:in a");
	if (bell.fd >= 0)
		assert_int_equal(poll(&bell, 1, LIMIT * 1000), 1);
	claim(c, &x, 1);
	assert_string_equal(bodies(&x), "a");
	exchange_free(&x);
	broker_close(c);
}

static void a_push_goes_to_every_group_that_is_bound_to_all(void **state)
{
	struct broker *first = opened_for(BROKER_CONSUMES, "first");
	struct broker *second = opened_for(BROKER_CONSUMES, "second");
	struct exchange x = { 0 };

	(void)state;
	of_queue("RPUSH pq:{%s}:in a");
	claim(second, &x, 5);
	assert_string_equal(bodies(&x), "a");
	claim(first, &x, 5);
	assert_string_equal(bodies(&x), "a");
	of_queue("RPUSH pq:{%s}:@first:in own");
	claim(second, &x, 5);
	assert_int_equal(x.nclaimed, 0);
	claim(first, &x, 5);
	assert_string_equal(bodies(&x), "own");
	exchange_free(&x);
	broker_close(first);
	broker_close(second);
}

static void a_push_that_no_group_wants_is_dead_and_told(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { 0 };

	(void)state;
	is_bound(p, "order.*", "g");
	of_queue("RPUSH pq:{%s}:in a b");
	claim(c, &x, 5);
	assert_int_equal(x.nclaimed, 0);
	assert_true(x.drained);
	assert_non_null(strstr(buf_str(&x.buried), "no group"));
	assert_int_equal(stats(p).dead, 2);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* EVALSHA, as the manual says it: the queue tells the SHA-1, and has the text. */
static const char *pushed(const char *words)
{
	static char fate[64];
	struct redis_reply *sha, *reply;
	char text[600];

	snprintf(text, sizeof text, "HGET pq:{%s}:meta push", queue);
	sha = say_to(talk, text);
	snprintf(text, sizeof text, "EVALSHA %s 1 pq:{%s}:in %s", redis_text(sha, NULL), queue, words);
	reply = say_to(talk, text);
	snprintf(fate, sizeof fate, "%s", redis_text(reply, NULL));
	redis_drop(sha);
	redis_drop(reply);
	return fate;
}

static void other_programs_can_push_with_a_key(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct broker_order cap = { .verb = BROKER_CAP, .count = 3 };
	struct exchange x = { 0 };

	(void)state;
	put(p, (struct put){ TEXT("a"), .priority = 1 }); /* so the server knows the script */
	WELL(p, broker_admin(p, &cap));
	assert_string_equal(pushed("b"), "queued");
	assert_string_equal(pushed("c k 0  -1"), "queued");
	assert_string_equal(pushed("d k 0"), "duplicate");
	assert_string_equal(pushed("e"), "full");
	assert_non_null(strstr(pushed("f k 0  high"), "whole numbers"));
	assert_non_null(strstr(pushed("f k 0  1.5"), "whole numbers"));
	claim(c, &x, 5);
	assert_string_equal(bodies(&x), "c b a");
	cap.count = 0;
	WELL(p, broker_admin(p, &cap));
	assert_string_equal(pushed("g l 3600000 x.y 0 3600000"), "queued");
	assert_int_equal(stats(p).delayed, 1);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void the_text_of_the_script_is_in_the_queue(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL);
	struct redis_words w = { 0 };
	struct redis_reply *text, *sha, *known;
	char key[100];

	(void)state;
	snprintf(key, sizeof key, "GET pq:{%s}:push", queue);
	text = say_to(talk, key);
	snprintf(key, sizeof key, "HGET pq:{%s}:meta push", queue);
	known = say_to(talk, key);
	redis_word_text(&w, "SCRIPT");
	redis_word_text(&w, "LOAD");
	redis_word_text(&w, redis_text(text, NULL));
	sha = redis_call(talk, &w);
	assert_int_equal(strlen(redis_text(sha, NULL)), 40);
	assert_string_equal(redis_text(sha, NULL), redis_text(known, NULL));
	redis_words_free(&w);
	redis_drop(text);
	redis_drop(sha);
	redis_drop(known);
	broker_close(p);
}

/* --- what should not happen ---------------------------------------------- */

static void what_is_in_no_set_is_swept_back(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { 0 };
	struct broker_order vacuum = { .verb = BROKER_VACUUM };

	(void)state;
	put(p, (struct put){ TEXT("a") });
	put(p, (struct put){ TEXT("b"), .priority = INT64_MAX });
	put(p, (struct put){ TEXT("c"), .delay = LONG });
	of_queue("DEL pq:{%s}:ready");
	claim(c, &x, 5);
	assert_int_equal(x.nclaimed, 0);
	WELL(p, broker_admin(p, &vacuum));
	assert_int_equal(vacuum.changed, 2);
	claim(c, &x, 5);
	assert_string_equal(bodies(&x), "a b");
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void rest_sweeps_as_well(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c;
	struct exchange x = { 0 };
	time_t began = 0;

	(void)state;
	number_of("FLUSHDB"); /* a rest goes a thousand keys far, and there is one a second */
	broker_close(p);
	p = opened_for(BROKER_PRODUCES, NULL);
	put(p, (struct put){ TEXT("a") });
	of_queue("DEL pq:{%s}:ready");
	do {
		c = opened_for(BROKER_CONSUMES, NULL);
		broker_rest(c);
		claim(c, &x, 5);
		broker_close(c);
		pause_briefly(&began);
	} while (!x.nclaimed);
	exchange_free(&x);
	broker_close(p);
}

static void an_item_that_was_taken_out_is_told(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { 0 };

	(void)state;
	put(p, (struct put){ TEXT("a") });
	put(p, (struct put){ TEXT("b") });
	of_queue("DEL pq:{%s}:i:0000000000000001");
	claim(c, &x, 5);
	assert_string_equal(bodies(&x), "b");
	assert_string_equal(buf_str(&x.buried), "1 was taken out of Redis by somebody else\n");
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void a_server_that_has_forgotten_the_scripts_learns_them(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL);

	(void)state;
	put(p, (struct put){ TEXT("a") });
	number_of("SCRIPT FLUSH");
	assert_int_equal(put(p, (struct put){ TEXT("b") }), PUT_QUEUED);
	assert_int_equal(stats(p).ready, 2);
	broker_close(p);
}

static void a_queue_of_a_newer_pq_is_refused(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL);
	struct put item = { TEXT("a") };

	(void)state;
	of_queue("HSET pq:{%s}:meta version 2");
	refuses((struct broker_rules){ .use = BROKER_CONSUMES }, BROKER_BAD, "newer pq");
	assert_int_equal(broker_put(p, &item, 1), BROKER_BAD);
	assert_non_null(strstr(broker_why(p), "newer pq"));
	broker_close(p);
	of_queue("HSET pq:{%s}:meta version 1");
}

/* Ids of another store would be taken for those of before. */
static void a_queue_that_was_made_anew_is_to_be_opened_anew(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { .want = 1 };
	char id[17];

	(void)state;
	snprintf(id, sizeof id, "%s", broker_id(c));
	of_queue("DEL pq:{%s}:meta");
	claim(c, &x, 1);
	assert_true(x.drained);
	put(p, (struct put){ TEXT("a") });
	assert_int_equal(broker_exchange(c, &x), BROKER_GONE);
	assert_non_null(strstr(broker_why(c), "it was dropped"));
	broker_close(c);
	c = opened_for(BROKER_CONSUMES, NULL);
	assert_string_not_equal(broker_id(c), id);
	claim(c, &x, 1);
	assert_string_equal(bodies(&x), "a");
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* Its name and its last number stay for a day. */
static void a_queue_that_was_dropped_gives_no_number_twice(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct broker_order drop = { .verb = BROKER_DROP };
	struct exchange x = { 0 };
	int64_t last;

	(void)state;
	put(p, (struct put){ TEXT("a"), .key = "k", .key_len = 1 });
	claim(c, &x, 1);
	last = x.claimed[0].id;
	WELL(p, broker_admin(p, &drop));
	refuses((struct broker_rules){ .use = BROKER_LOOKS }, BROKER_BAD, "there is no such queue");
	assert_true(of_queue("TTL pq:{%s}:meta") > 0);
	assert_int_equal(of_queue("EXISTS pq:{%s}:push pq:{%s}:seen pq:{%s}:ready"), 0);
	put(p, (struct put){ TEXT("b") });
	assert_int_equal(of_queue("TTL pq:{%s}:meta"), -1);
	claim(c, &x, 1);
	assert_true(x.claimed[0].id > last);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

static void a_key_of_another_kind_is_refused(void **state)
{
	(void)state;
	of_queue("SET pq:{%s}:meta mine");
	refuses((struct broker_rules){ .use = BROKER_PRODUCES }, BROKER_BAD, "another program's");
	of_queue("DEL pq:{%s}:meta");
}

static void what_is_not_there_is_not_made_to_look_at_it(void **state)
{
	(void)state;
	refuses((struct broker_rules){ .use = BROKER_LOOKS }, BROKER_BAD, "there is no such queue");
	assert_int_equal(of_queue("EXISTS pq:{%s}:meta"), 0);
	of_queue("RPUSH pq:{%s}:in a");
	broker_close(opened_for(BROKER_LOOKS, NULL));
}

/* --- users with the least rights ------------------------------------------ */

/* As the engine's first lines say. */
#define PRODUCES "+evalsha +eval +info +config|get +time +hget +hset +hsetnx +hdel +hincrby " \
	"+persist +zadd +zrem +zscore +zcard +zrangebyscore +exists +lpush +lrem +smembers +set"
#define CONSUMES PRODUCES " +scan +blmove +hmget +hgetall +zrange +del +llen +lrange " \
	"+ltrim +sadd +srem"

/* False: the server is too old for users. */
static bool user_is_made(const char *rights)
{
	char text[1000];
	struct redis_reply *reply;
	bool made;

	snprintf(text, sizeof text, "ACL SETUSER worker reset on >s3cret ~pq:{%s}:* %s", queue, rights);
	reply = say_to(talk, text);
	made = redis_kind(reply) == REDIS_IS_TEXT;
	if (!made && !strstr(redis_text(reply, NULL), "unknown command"))
		fail_msg("%s", redis_text(reply, NULL));
	redis_drop(reply);
	snprintf(target, sizeof target, "redis+unix://%s%s", made ? "worker:s3cret@" : "", socket_path);
	return made;
}

static void a_user_with_the_least_rights_can_work(void **state)
{
	struct broker *p, *c;
	struct exchange x = { 0 };
	struct settle s[3];
	struct pollfd bell;
	time_t began = 0;

	(void)state;
	if (!user_is_made(PRODUCES))
		skip();
	p = opened_for(BROKER_PRODUCES, NULL);
	for (int i = 0; i < 3; i++)
		put(p, (struct put){ TEXT("a"), .key = "abc" + i, .key_len = 1, .key_life = LONG });
	put(p, (struct put){ TEXT("b"), .delay = LONG });
	broker_close(p);
	user_is_made(CONSUMES);
	c = opened_for(BROKER_CONSUMES, NULL);
	claim(c, &x, 3);
	for (int i = 0; i < 3; i++)
		s[i] = (struct settle){ .id = x.claimed[i].id, .token = x.claimed[i].token,
			.how = i == 0 ? SETTLE_ACK : i == 1 ? SETTLE_RETRY : SETTLE_REJECT, .delay = LONG };
	x.settles = s;
	x.nsettles = 3;
	WELL(c, broker_exchange(c, &x));
	of_queue("RPUSH pq:{%s}:in c");
	bell = (struct pollfd){ .fd = broker_bell(c), .events = POLLIN };
	if (bell.fd >= 0)
		assert_int_equal(poll(&bell, 1, LIMIT * 1000), 1);
	WELL(c, broker_hear(c));
	while (claim(c, &x, 1), !x.nclaimed)
		pause_briefly(&began);
	assert_string_equal(bodies(&x), "c");
	broker_rest(c);
	claim(c, &x, 1);
	broker_close(c);
	c = opened_for(BROKER_CONSUMES, "group");
	broker_close(c);
	exchange_free(&x);
}

static void what_a_user_may_not_do_is_told(void **state)
{
	(void)state;
	if (!user_is_made("+evalsha +eval +time"))
		skip();
	refuses((struct broker_rules){ .use = BROKER_PRODUCES }, BROKER_BAD,
		"its user may not do all that this needs");
	user_is_made(CONSUMES " -config|get");
	assert_non_null(strstr(notes_now(), "CONFIG GET is not allowed"));
	refuses((struct broker_rules){ .use = BROKER_PRODUCES, .durable = true }, BROKER_BAD,
		"(CONFIG GET is not allowed)");
	snprintf(target, sizeof target, "redis+unix://worker:wr0ng@%s", socket_path);
	refuses((struct broker_rules){ .use = BROKER_PRODUCES }, BROKER_BAD,
		"the user or the password is wrong");
}

/* --- what the server guarantees ------------------------------------------ */

/* The last test: without its log the server would lose what later ones put there. */
static void what_is_not_guaranteed_is_told(void **state)
{
	const struct broker_rules durable = { .use = BROKER_PRODUCES, .durable = true };

	(void)state;
	number_of("CONFIG SET appendfsync always");
	assert_string_equal(notes_now(), "");
	number_of("CONFIG SET maxmemory-policy allkeys-lru");
	assert_non_null(strstr(notes_now(), "drops items when its memory is full"));
	refuses(durable, BROKER_BAD, "not durable: maxmemory-policy is allkeys-lru; set it to "
		"noeviction");
	number_of("CONFIG SET appendfsync everysec");
	refuses(durable, BROKER_BAD, "not durable: appendfsync is everysec; set it to always");
	number_of("CONFIG SET maxmemory-policy noeviction");
	assert_non_null(strstr(notes_now(), "may take what was queued in the last second"));
	number_of("CONFIG SET appendonly no");
	assert_non_null(strstr(notes_now(), "its appendonly is no"));
	refuses(durable, BROKER_BAD, "not durable: appendonly is no; set it to yes");
}

static void a_replica_takes_nothing(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL);
	struct put item = { TEXT("a") };

	(void)state;
	redis_drop(say_to(talk, "REPLICAOF 127.0.0.1 1"));
	assert_int_equal(broker_put(p, &item, 1), BROKER_BAD);
	assert_non_null(strstr(broker_why(p), "this server is a replica"));
	refuses((struct broker_rules){ .use = BROKER_CONSUMES }, BROKER_BAD,
		"name the one that it follows: 127.0.0.1");
	broker_close(opened_for(BROKER_LOOKS, NULL));
	redis_drop(say_to(talk, "REPLICAOF NO ONE"));
	assert_int_equal(put(p, item), PUT_QUEUED);
	broker_close(p);
}

static void a_password_is_asked_for_and_taken(void **state)
{
	const struct broker_rules rules = { .use = BROKER_PRODUCES };

	(void)state;
	snprintf(target, sizeof target, "redis+unix://:s3cret@%s", socket_path);
	refuses(rules, BROKER_BAD, "a password was given, and none is set there");
	number_of("CONFIG SET requirepass s3cret");
	broker_close(opened_for(BROKER_PRODUCES, NULL));
	snprintf(target, sizeof target, "redis+unix://:wr0ng@%s", socket_path);
	refuses(rules, BROKER_BAD, "password is wrong");
	snprintf(target, sizeof target, "redis+unix://%s", socket_path);
	refuses(rules, BROKER_BAD, "a password is needed; $REDISCLI_AUTH may hold it");
	setenv("REDISCLI_AUTH", "s3cret", 1);
	broker_close(opened_for(BROKER_PRODUCES, NULL));
	unsetenv("REDISCLI_AUTH");
	redis_drop(say_to(talk, "CONFIG SET requirepass "));
}

static void each_database_has_its_own_queues(void **state)
{
	struct broker *p;

	(void)state;
	snprintf(target, sizeof target, "redis+unix://%s?db=3", socket_path);
	p = opened_for(BROKER_PRODUCES, NULL);
	put(p, (struct put){ TEXT("a") });
	broker_close(p);
	snprintf(target, sizeof target, "redis+unix://%s", socket_path);
	refuses((struct broker_rules){ .use = BROKER_LOOKS }, BROKER_BAD, "no such queue");
	snprintf(target, sizeof target, "redis+unix://%s?db=999", socket_path);
	refuses((struct broker_rules){ .use = BROKER_LOOKS }, BROKER_BAD,
		"there is no database of that number");
}

static void without_tls_that_is_told(void **state)
{
	(void)state;
	if (!tls_load())
		skip();
	strcpy(target, "rediss://127.0.0.1:1");
	refuses((struct broker_rules){ .use = BROKER_CONSUMES }, BROKER_BAD, "without TLS");
}

static void a_server_without_memory_can_be_emptied(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct put item = { TEXT("b") };
	struct exchange x = { 0 };
	struct settle s;

	(void)state;
	put(p, (struct put){ TEXT("a") });
	number_of("CONFIG SET maxmemory 1");
	assert_int_equal(broker_put(p, &item, 1), BROKER_BAD);
	assert_non_null(strstr(broker_why(p), "maxmemory"));
	claim(c, &x, 1);
	assert_string_equal(bodies(&x), "a");
	s = (struct settle){ .id = x.claimed[0].id, .token = x.claimed[0].token, .how = SETTLE_ACK };
	x.settles = &s;
	x.nsettles = 1;
	WELL(c, broker_exchange(c, &x));
	assert_int_equal(s.fate, SETTLE_OURS);
	assert_true(x.drained);
	number_of("CONFIG SET maxmemory 0");
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* --- a server that goes away --------------------------------------------- */

static void nothing_confirmed_is_lost_with_a_killed_server(void **state)
{
	struct broker *p = opened_for(BROKER_PRODUCES, NULL), *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { 0 }, y = { 0 };
	struct put item = { TEXT("late") };
	struct settle s;

	(void)state;
	for (int i = 0; i < 100; i++)
		put(p, (struct put){ TEXT("a") });
	claim(c, &x, 10);
	s = (struct settle){ .id = x.claimed[0].id, .token = x.claimed[0].token, .how = SETTLE_ACK };
	server_ends(SIGKILL);
	assert_int_equal(broker_put(p, &item, 1), BROKER_GONE);
	assert_true(strlen(broker_why(p)) > strlen("the queue: "));
	x.settles = &s;
	x.nsettles = 1;
	assert_int_equal(broker_exchange(c, &x), BROKER_GONE);
	assert_int_equal(broker_exchange(c, &x), BROKER_GONE);
	broker_close(p);
	broker_close(c);
	refuses((struct broker_rules){ .use = BROKER_CONSUMES }, BROKER_GONE, "refused");
	server_starts("always");
	c = opened_for(BROKER_CONSUMES, NULL);
	assert_int_equal(stats(c).leased, 10);
	assert_int_equal(stats(c).ready, 90);
	y.settles = &s;
	y.nsettles = 1;
	WELL(c, broker_exchange(c, &y));
	assert_int_equal(s.fate, SETTLE_OURS);
	exchange_free(&x);
	exchange_free(&y);
	broker_close(c);
}

/* The server is killed by another process soon after this, whatever is said to it then. */
static pid_t server_is_shot(uint32_t *random)
{
	struct timespec soon = { 0, unit_below(random, 2000000) };
	pid_t pid = fork();

	if (pid)
		return pid;
	nanosleep(&soon, NULL);
	kill(server, SIGKILL);
	_exit(0);
}

enum { KILLED_ITEMS = 3000, KILLED_BATCH = 16, KILLED_TIMES = 8 };

/* What a producer and a consumer have heard, and so may rely on. */
struct killed_run {
	struct broker *producer, *consumer;
	size_t put;                          /* confirmed */
	unsigned char done[KILLED_ITEMS];    /* how often it was claimed */
	bool settled[KILLED_ITEMS];          /* confirmed */
	struct settle settles[KILLED_BATCH]; /* of what is to be settled now: */
	size_t numbers[KILLED_BATCH], count;
	pid_t shooter;                       /* 0: nobody is about to kill the server */
	unsigned revived;
};

/* What was claimed by a call whose answer was lost comes back when its lease ends. */
static void killed_open(struct killed_run *k)
{
	struct buf why = { 0 }, notes = { 0 };
	enum broker_state state;

	k->producer = opened_for(BROKER_PRODUCES, NULL);
	k->consumer = open_by((struct broker_rules){ .use = BROKER_CONSUMES, .lease = 500 }, NULL,
		&state, &why, &notes);
	assert_non_null(k->consumer);
	buf_free(&notes);
}

/* Both are opened anew when it is back. */
static void killed_revive(struct killed_run *k)
{
	int status;

	assert_true(k->shooter > 0);
	k->revived++;
	assert_int_equal(waitpid(k->shooter, &status, 0), k->shooter);
	k->shooter = 0;
	broker_close(k->producer);
	broker_close(k->consumer);
	server_ends(SIGKILL);
	server_starts("always");
	killed_open(k);
}

/* Sent again until it is confirmed: what has come before is a duplicate. */
static void killed_put(struct killed_run *k)
{
	struct put batch[KILLED_BATCH];
	char texts[KILLED_BATCH][12];
	size_t n = 0;

	for (; n < KILLED_BATCH && k->put + n < KILLED_ITEMS; n++) {
		snprintf(texts[n], sizeof texts[n], "%zu", k->put + n);
		batch[n] = (struct put){ TEXT(texts[n]), .key = texts[n], .key_len = strlen(texts[n]) };
	}
	if (!n)
		return;
	if (broker_put(k->producer, batch, n) == BROKER_OK)
		k->put += n;
	else
		killed_revive(k);
}

static void killed_claimed(struct killed_run *k, const struct exchange *x)
{
	k->count = x->nclaimed;
	for (size_t i = 0; i < k->count; i++) {
		char text[12] = "";
		size_t number;

		assert_true(x->claimed[i].len < sizeof text);
		memcpy(text, x->bodies.data + x->claimed[i].at, x->claimed[i].len);
		number = strtoul(text, NULL, 10);
		assert_true(number < KILLED_ITEMS);
		assert_false(k->settled[number]);
		k->done[number]++;
		k->numbers[i] = number;
		k->settles[i] = (struct settle){ .id = x->claimed[i].id, .token = x->claimed[i].token,
			.how = SETTLE_ACK };
	}
}

/* What was settled is sent again as well. True: all is done. */
static bool killed_exchange(struct killed_run *k)
{
	struct exchange x = { .settles = k->settles, .nsettles = k->count, .want = KILLED_BATCH };
	bool heard = broker_exchange(k->consumer, &x) == BROKER_OK, drained = x.drained;

	if (heard) {
		for (size_t i = 0; i < k->count; i++) {
			assert_int_not_equal(k->settles[i].fate, SETTLE_LOST);
			k->settled[k->numbers[i]] = true;
		}
		killed_claimed(k, &x);
	} else {
		killed_revive(k);
	}
	exchange_free(&x);
	return heard && drained && k->put == KILLED_ITEMS;
}

/* With everysec a server may answer before it has written its log, while the disk is busy. */
static void a_server_that_is_killed_again_and_again_loses_nothing(void **state)
{
	const char *asked = getenv("KILLS");
	unsigned kills = asked ? (unsigned)strtoul(asked, NULL, 10) : KILLED_TIMES, rounds = 2 * kills;
	struct killed_run *k = calloc(1, sizeof *k);
	uint32_t random = unit_seed(11), left = 0;
	struct broker_stats s;
	unsigned long twice = 0;
	time_t began = 0;

	(void)state;
	killed_open(k);
	for (bool done = false; !done || k->shooter;) {
		if (kills && !k->shooter && left-- == 0) {
			left = unit_below(&random, KILLED_ITEMS / KILLED_BATCH / rounds);
			kills--;
			k->shooter = server_is_shot(&random);
		}
		killed_put(k);
		done = killed_exchange(k);
		if (k->put == KILLED_ITEMS && !k->count)
			pause_briefly(&began);
	}
	s = stats(k->consumer);
	assert_int_equal(s.finished, KILLED_ITEMS);
	assert_int_equal(s.put, KILLED_ITEMS);
	for (size_t i = 0; i < KILLED_ITEMS; i++) {
		assert_true(k->settled[i]);
		twice += k->done[i] > 1;
	}
	print_message("killed %u times, %lu of %d were done again\n", k->revived, twice, KILLED_ITEMS);
	assert_true(k->revived > rounds / 4);
	assert_true(twice <= k->revived * KILLED_BATCH);
	broker_close(k->producer);
	broker_close(k->consumer);
	free(k);
}

static void who_does_not_answer_is_gone(void **state)
{
	struct broker *c = opened_for(BROKER_CONSUMES, NULL);
	struct exchange x = { .want = 1 };

	(void)state;
	kill(server, SIGSTOP);
	assert_int_equal(broker_exchange(c, &x), BROKER_GONE);
	assert_non_null(strstr(broker_why(c), "there was no answer in 10 s"));
	kill(server, SIGCONT);
	assert_int_equal(broker_exchange(c, &x), BROKER_GONE); /* that answer is not this one's */
	broker_close(c);
	c = opened_for(BROKER_CONSUMES, NULL);
	claim(c, &x, 1);
	exchange_free(&x);
	broker_close(c);
}

/* --- the run ------------------------------------------------------------- */

static int begin(void **state)
{
	static unsigned number;

	(void)state;
	snprintf(target, sizeof target, "redis+unix://%s", socket_path);
	snprintf(queue, sizeof queue, "test.%ld.%u", (long)getpid(), ++number);
	return 0;
}

static int begin_all(void **state)
{
	if (scratch_make(state) < 0)
		return -1;
	snprintf(socket_path, sizeof socket_path, "%s/s", scratch);
	if (redis_load())
		return -1;
	server_starts("always");
	return 0;
}

static int end_all(void **state)
{
	server_ends(SIGKILL);
	return scratch_remove(state);
}

static bool server_is_there(void)
{
	const char *ci = getenv("CI");

	return (ci && strcmp(ci, "true") == 0)
		|| (!redis_load() && (program_is_there("redis-server")
			|| program_is_there("valkey-server")));
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest addresses[] = {
		cmocka_unit_test(an_address_names_a_host_or_a_socket),
		cmocka_unit_test(a_password_may_hold_any_byte),
		cmocka_unit_test(what_is_wrong_with_an_address_is_told_without_a_secret),
		cmocka_unit_test(a_refusal_is_told_in_words),
		cmocka_unit_test(what_is_no_redis_is_told),
	};
	const struct CMUnitTest tests[] = {
		TEST(any_two_priorities_are_told_apart),
		TEST(a_binding_fits_what_topics_say),
		TEST(what_is_pushed_into_the_inbox_is_consumed),
		TEST(what_looks_like_a_mark_is_an_item_as_any),
		TEST(a_push_into_the_inbox_rings),
		TEST(a_push_goes_to_every_group_that_is_bound_to_all),
		TEST(a_push_that_no_group_wants_is_dead_and_told),
		TEST(other_programs_can_push_with_a_key),
		TEST(the_text_of_the_script_is_in_the_queue),
		TEST(what_is_in_no_set_is_swept_back),
		TEST(rest_sweeps_as_well),
		TEST(an_item_that_was_taken_out_is_told),
		TEST(a_server_that_has_forgotten_the_scripts_learns_them),
		TEST(a_queue_of_a_newer_pq_is_refused),
		TEST(a_queue_that_was_made_anew_is_to_be_opened_anew),
		TEST(a_queue_that_was_dropped_gives_no_number_twice),
		TEST(a_key_of_another_kind_is_refused),
		TEST(what_is_not_there_is_not_made_to_look_at_it),
		TEST(a_user_with_the_least_rights_can_work),
		TEST(what_a_user_may_not_do_is_told),
		TEST(a_replica_takes_nothing),
		TEST(a_password_is_asked_for_and_taken),
		TEST(each_database_has_its_own_queues),
		TEST(without_tls_that_is_told),
		TEST(a_server_without_memory_can_be_emptied),
		TEST(nothing_confirmed_is_lost_with_a_killed_server),
		TEST(a_server_that_is_killed_again_and_again_loses_nothing),
		TEST(who_does_not_answer_is_gone),
		TEST(what_is_not_guaranteed_is_told),
	};
	int failed = cmocka_run_group_tests(addresses, NULL, NULL);

	if (!server_is_there())
		return failed;
	return failed + cmocka_run_group_tests(tests, begin_all, end_all);
}
