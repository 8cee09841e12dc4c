/* Connecting to a Redis, and what it guarantees. See redis_parts.h.
 *
 * The users of a server may not be allowed to ask how it is set up: then that is told, and
 * refused where it has to be known. */
#include "broker/redis_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dial.h"
#include "base/mem.h"
#include "base/tls.h"

/* --- connecting -------------------------------------------------------- */

/* The words that a server has refused are its own affair: it may repeat the password. */
static enum broker_state login_judge(const char *error, struct buf *why)
{
	struct buf said = { 0 };
	enum broker_state state = stock_judge(error, &said);

	if (strncmp(buf_str(&said), "the server refuses", 18) == 0)
		buf_adds(why, "the server refuses AUTH; before Redis 6 it knows no users");
	else
		buf_add(why, said.data, said.len);
	buf_free(&said);
	return state;
}

static bool login_say(struct redis *r, const struct redis_words *w, bool secret,
	enum broker_state *state, struct buf *why)
{
	struct redis_reply *reply = redis_call(r, w);

	*state = BROKER_OK;
	if (!reply) {
		*state = BROKER_GONE;
		buf_adds(why, redis_why(r));
	} else if (redis_kind(reply) == REDIS_IS_ERROR) {
		const char *error = redis_text(reply, NULL);

		*state = secret ? login_judge(error, why) : stock_judge(error, why);
	}
	redis_drop(reply);
	return *state == BROKER_OK;
}

/* AUTH and SELECT, as far as the address asks for them. */
static bool login(struct redis *r, const struct redis_place *p, enum broker_state *state,
	struct buf *why)
{
	struct redis_words w = { 0 };
	bool ok = true;

	if (p->password) {
		redis_word_text(&w, "AUTH");
		if (p->user)
			redis_word(&w, p->user, p->user_len);
		redis_word(&w, p->password, p->password_len);
		ok = login_say(r, &w, true, state, why);
		redis_words_clear(&w);
	}
	if (ok && p->db) {
		redis_word_text(&w, "SELECT");
		redis_word_number(&w, p->db);
		ok = login_say(r, &w, false, state, why);
	}
	redis_words_free(&w);
	return ok;
}

struct redis *stock_connect(struct stock *d, enum broker_state *state, struct buf *why)
{
	const struct redis_place *p = &d->place;
	const char *missing = p->tls ? tls_load() : NULL;
	struct redis *r;
	int fd;

	if (missing) {
		*state = BROKER_BAD;
		buf_adds(why, missing);
		return NULL;
	}
	fd = p->path ? dial_path(p->path, BROKER_PATIENCE, why)
		: dial_host(p->host, p->port, BROKER_PATIENCE, why);
	*state = fd < 0 && (errno == EACCES || errno == ENAMETOOLONG) ? BROKER_BAD : BROKER_GONE;
	if (fd < 0)
		return NULL;
	r = redis_open(fd, BROKER_PATIENCE);
	if (p->tls && !redis_begin_tls(r, p->host)) {
		*state = BROKER_BAD;
		buf_adds(why, redis_why(r));
	} else {
		*state = BROKER_OK;
	}
	if (*state == BROKER_OK && login(r, p, state, why))
		return r;
	redis_close(r);
	return NULL;
}

/* --- what it guarantees ------------------------------------------------ */

/* What is known of a server; an empty text: nothing is. */
struct server {
	unsigned version;
	char append[16];  /* appendonly: 1 or 0 */
	char sync[16];    /* appendfsync */
	char policy[32];  /* maxmemory-policy */
	char role[16], master[128];
};

/* The value of a line "NAME:VALUE" of what INFO gives. */
static void info_field(const char *info, const char *name, char *to, size_t size)
{
	size_t len = strlen(name);

	*to = '\0';
	for (const char *line = info; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0 && line[len] == ':') {
			size_t n = strcspn(line + len + 1, "\r\n");

			n = n < size ? n : size - 1;
			memcpy(to, line + len + 1, n);
			to[n] = '\0';
			return;
		}
	}
}

static struct redis_reply *server_call(struct stock *d, const char *first, const char *second,
	const char *third)
{
	const char *const words[] = { first, second, third };

	redis_words_clear(&d->words);
	for (size_t i = 0; i < 3 && words[i]; i++)
		redis_word_text(&d->words, words[i]);
	return redis_call(d->redis, &d->words);
}

static void server_read(struct server *s, const char *info)
{
	char version[16];

	info_field(info, "redis_version", version, sizeof version);
	s->version = (unsigned)atoi(version);
	info_field(info, "aof_enabled", s->append, sizeof s->append);
	info_field(info, "maxmemory_policy", s->policy, sizeof s->policy);
	info_field(info, "role", s->role, sizeof s->role);
	info_field(info, "master_host", s->master, sizeof s->master);
}

/* What is not allowed is not known. But who has not said the password may say nothing else, and
 * only short things: this comes before all others. */
static enum broker_state server_ask(struct stock *d, struct server *s, struct buf *why)
{
	struct redis_reply *reply = server_call(d, "INFO", NULL, NULL);
	const char *text = redis_text(reply, NULL);
	enum broker_state state = reply ? BROKER_OK : BROKER_GONE;

	if (redis_kind(reply) == REDIS_IS_TEXT)
		server_read(s, text);
	else if (strncmp(text, "NOAUTH", 6) == 0)
		state = stock_judge(text, why);
	else if (!reply)
		buf_adds(why, redis_why(d->redis));
	redis_drop(reply);
	return state;
}

static enum broker_state server_ask_sync(struct stock *d, struct server *s, struct buf *why)
{
	struct redis_reply *reply = server_call(d, "CONFIG", "GET", "appendfsync");
	enum broker_state state = reply ? BROKER_OK : BROKER_GONE;

	if (redis_count(reply) == 2)
		snprintf(s->sync, sizeof s->sync, "%s", redis_text(redis_item(reply, 1), NULL));
	else if (!reply)
		buf_adds(why, redis_why(d->redis));
	redis_drop(reply);
	return state;
}

/* What keeps it from being durable, with what to do; false: nothing. */
static bool server_lacks(const struct server *s, struct buf *why)
{
	if (strcmp(s->append, "1") != 0)
		buf_adds(why, *s->append ? "appendonly is no; set it to yes"
			: "whether appendonly is yes is not known (INFO is not allowed)");
	else if (strcmp(s->sync, "always") != 0)
		buf_addf(why, *s->sync ? "appendfsync is %s; set it to always"
			: "whether appendfsync is always is not known (CONFIG GET is not allowed)%s", s->sync);
	else if (strcmp(s->policy, "noeviction") != 0)
		buf_addf(why, "maxmemory-policy is %s; set it to noeviction", s->policy);
	return why->len > 0;
}

static void server_note(const struct stock *d, const struct server *s, struct buf *notes)
{
	if (strcmp(s->append, "0") == 0)
		buf_addf(notes, "%s: when this Redis ends, what was queued since its last snapshot is "
			"lost: its appendonly is no\n", d->shown);
	else if (!*s->append || !*s->sync)
		buf_addf(notes, "%s: this Redis does not tell whether it keeps what is queued: %s is not "
			"allowed\n", d->shown, *s->append ? "CONFIG GET" : "INFO");
	else if (d->broker.rules.use != BROKER_PRODUCES)
		; /* said to who puts something there */
	else if (strcmp(s->sync, "everysec") == 0)
		buf_addf(notes, "%s: a power cut may take what was queued in the last second: "
			"appendfsync is everysec\n", d->shown);
	else if (strcmp(s->sync, "always") != 0)
		buf_addf(notes, "%s: a power cut may take what was queued in the last half minute: "
			"appendfsync is %s\n", d->shown, s->sync);
	if (strncmp(s->policy, "allkeys", 7) == 0)
		buf_addf(notes, "%s: this Redis drops items when its memory is full: maxmemory-policy is "
			"%s; noeviction keeps them\n", d->shown, s->policy);
}

enum broker_state stock_inspect(struct stock *d, struct buf *why, struct buf *notes)
{
	enum broker_use use = d->broker.rules.use;
	struct server s = { 0 };
	struct buf lacks = { 0 };
	enum broker_state state = server_ask(d, &s, why);

	if (state == BROKER_OK)
		state = server_ask_sync(d, &s, why);
	if (state != BROKER_OK)
		return state;
	state = BROKER_BAD;
	if (s.version && s.version < 5)
		buf_addf(why, "it is Redis %u; pq needs 5 or newer, or Valkey", s.version);
	else if (use != BROKER_LOOKS && strcmp(s.role, "slave") == 0)
		buf_addf(why, "it is a replica, which takes no writes; name the one that it follows: %s",
			s.master);
	else if (d->broker.rules.durable && server_lacks(&s, &lacks))
		buf_addf(why, "not durable: %s", buf_str(&lacks));
	else
		state = BROKER_OK;
	if (state == BROKER_OK && notes && use != BROKER_LOOKS && !d->broker.rules.durable)
		server_note(d, &s, notes);
	buf_free(&lacks);
	return state;
}
