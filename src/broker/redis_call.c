/* Calling the scripts of the Redis engine. See redis_parts.h. */
#include "broker/redis_parts.h"

#include <stdio.h>
#include <string.h>

/* --- what a refusal means ---------------------------------------------- */

/* The first whose sign is in the error. */
static const struct {
	const char *sign;
	enum broker_state state;
	const char *says; /* NULL: the error speaks for itself */
} refusals[] = {
	{ "PQNONE", BROKER_GONE, "the queue is not there any more: it was dropped" },
	{ "PQNEWER", BROKER_BAD, "the queue was made by a newer pq; use that one" },
	{ "WRONGTYPE", BROKER_BAD, "a key of the queue's name is another program's, and holds "
		"something else; use another name" },
	{ "NOAUTH", BROKER_BAD, "a password is needed; $REDISCLI_AUTH may hold it" },
	{ "WRONGPASS", BROKER_BAD, "the user or the password is wrong" },
	{ "invalid password", BROKER_BAD, "the password is wrong" },
	{ "no password is set", BROKER_BAD, "a password was given, and none is set there" },
	{ "without any password configured", BROKER_BAD,
		"a password was given, and none is set there" },
	{ "NOPERM", BROKER_BAD, NULL },
	{ "can't run this command", BROKER_BAD, "its user may not do all that this needs" },
	{ "can't access at least one", BROKER_BAD, "its user may not use the keys of the queue" },
	{ "CROSSSLOT", BROKER_BAD, NULL },
	{ "DENIED", BROKER_BAD, "the server is in protected mode: it speaks with its own machine "
		"alone, until it has a password" },
	{ "CLUSTERDOWN", BROKER_GONE, NULL },
	{ "TRYAGAIN", BROKER_GONE, NULL },
	{ "LOADING", BROKER_GONE, "the server is still reading what it has on disk" },
	{ "MASTERDOWN", BROKER_GONE, NULL },
	{ "NOREPLICAS", BROKER_GONE, NULL },
	{ "BUSY", BROKER_GONE, "the server is busy with somebody's script" },
	{ "max number of clients", BROKER_GONE, "the server has as many clients as it takes" },
	{ "READONLY", BROKER_BAD, "this server is a replica, which takes no writes; name the one "
		"that it follows" },
	{ "OOM", BROKER_BAD, "the server has as much in memory as it may (maxmemory)" },
	{ "MISCONF", BROKER_BAD, "the server cannot write to its disk, and takes nothing more" },
	{ "non deterministic commands", BROKER_BAD, "the server is older than Redis 5" },
	{ "DB index", BROKER_BAD, "there is no database of that number" },
};

/* In one line, whatever the server has put into it; but not where in a script it was. */
static void judge_quote(struct buf *why, const char *error)
{
	enum { MOST = 200 };
	const char *where = strstr(error, " script: ");
	size_t len = where ? (size_t)(where - error) : strlen(error);

	for (size_t i = 0; i < len && i < MOST; i++)
		buf_addc(why, (unsigned char)error[i] < ' ' || error[i] == 0x7f ? ' ' : error[i]);
}

/* "MOVED SLOT HOST:PORT": who else has the queue. */
static enum broker_state judge_moved(const char *error, struct buf *why)
{
	const char *node = strrchr(error, ' ');

	buf_adds(why, "the server is one of a Redis Cluster, in which the queue is at ");
	judge_quote(why, node ? node + 1 : error);
	buf_adds(why, "; name that one");
	return BROKER_BAD;
}

enum broker_state stock_judge(const char *error, struct buf *why)
{
	if (strncmp(error, "MOVED ", 6) == 0 || strstr(error, "-MOVED "))
		return judge_moved(error, why);
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		if (!strstr(error, refusals[i].sign))
			continue;
		if (refusals[i].says)
			buf_adds(why, refusals[i].says);
		else
			judge_quote(why, error);
		return refusals[i].state;
	}
	buf_adds(why, "the server refuses: ");
	judge_quote(why, error);
	return BROKER_BAD;
}

/* --- calls ------------------------------------------------------------- */

enum broker_state stock_refuse(struct stock *d, enum broker_state state, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	state = engine_refuse(&d->broker, d->shown, state, format, ap);
	va_end(ap);
	return state;
}

/* Of what came back: an error is told, and dropped. */
static struct redis_reply *stock_take(struct stock *d, struct redis_reply *reply,
	enum broker_state *state)
{
	*state = BROKER_OK;
	if (!reply) {
		*state = stock_refuse(d, BROKER_GONE, "%s", redis_why(d->redis));
	} else if (redis_kind(reply) == REDIS_IS_ERROR) {
		stock_refuse(d, BROKER_BAD, "%s", "");
		*state = stock_judge(redis_text(reply, NULL), &d->broker.why);
		buf_str(&d->broker.why);
		redis_drop(reply);
		reply = NULL;
	}
	return reply;
}

struct redis_reply *stock_command(struct stock *d, enum broker_state *state)
{
	return stock_take(d, redis_call(d->redis, &d->words), state);
}

void stock_say(struct stock *d, enum stock_script which)
{
	redis_words_clear(&d->words);
	redis_word_text(&d->words, "EVALSHA");
	redis_word(&d->words, d->sha[which], STOCK_SHA);
	redis_word_text(&d->words, "1");
	redis_word_text(&d->words, d->inbox);
}

/* Without the newline at its end, which the shell would take away from who reads it. */
void stock_word_script(struct redis_words *w, enum stock_script which)
{
	struct buf text = { 0 };

	for (const char *const *piece = stock_script(which); *piece; piece++)
		buf_adds(&text, *piece);
	redis_word(w, text.data, text.len - 1);
	buf_free(&text);
}

/* Make a script known; without a key it does nothing. */
static struct redis_reply *stock_teach(struct stock *d, enum stock_script which)
{
	struct redis_words words = { 0 };
	struct redis_reply *reply;

	redis_word_text(&words, "EVAL");
	stock_word_script(&words, which);
	redis_word_text(&words, "0");
	reply = redis_call(d->redis, &words);
	redis_words_free(&words);
	return reply;
}

static bool reply_is_unknown(const struct redis_reply *reply)
{
	return redis_kind(reply) == REDIS_IS_ERROR
		&& strncmp(redis_text(reply, NULL), "NOSCRIPT", 8) == 0;
}

struct redis_reply *stock_hear(struct stock *d, enum stock_script which,
	enum broker_state *state)
{
	struct redis_reply *reply = redis_call(d->redis, &d->words);

	if (!reply_is_unknown(reply))
		return stock_take(d, reply, state);
	redis_drop(reply);
	reply = stock_take(d, stock_teach(d, which), state);
	redis_drop(reply);
	return *state == BROKER_OK ? stock_command(d, state) : NULL;
}

enum broker_state stock_learn(struct stock *d)
{
	enum broker_state state;
	struct redis_reply *reply;

	redis_words_clear(&d->words);
	redis_word_text(&d->words, "EVAL");
	redis_word_text(&d->words, "local all = {} for i, text in ipairs(ARGV) do "
		"all[i] = redis.sha1hex(text) end return all");
	redis_word_text(&d->words, "0");
	for (unsigned i = 0; i < STOCK_SCRIPTS; i++)
		stock_word_script(&d->words, i);
	reply = stock_command(d, &state);
	for (size_t i = 0; reply && i < STOCK_SCRIPTS; i++) {
		size_t len;
		const char *sha = redis_text(redis_item(reply, i), &len);

		if (len != STOCK_SHA)
			state = stock_refuse(d, BROKER_BAD, "its scripts do not work as those of Redis");
		else
			memcpy(d->sha[i], sha, len + 1);
	}
	redis_drop(reply);
	return state;
}

void stock_word_item(struct stock *d, int64_t id)
{
	char text[32];

	redis_word(&d->words, text, (size_t)snprintf(text, sizeof text, "%016lld", (long long)id));
}
