/* Where a Redis is. See redis_place.h. */
#include "broker/redis_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/parse.h"

enum { PORT_MOST = 65535, DB_MOST = 1000000 };

/* A part of the address. */
struct place_span {
	const char *at;
	size_t len;
};

static bool place_refuse(struct buf *why, const char *text)
{
	buf_adds(why, text);
	return false;
}

static int place_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes that %XX stand for; owned. NULL: a % stands by itself. */
static char *place_decode(struct place_span s, size_t *len)
{
	char *to = mem_alloc(s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		int high, low;

		if (s.at[i] != '%') {
			to[n++] = s.at[i];
			continue;
		}
		high = i + 2 < s.len ? place_digit(s.at[i + 1]) : -1;
		low = high < 0 ? -1 : place_digit(s.at[i + 2]);
		if (low < 0) {
			free(to);
			return NULL;
		}
		to[n++] = (char)(high << 4 | low);
		i += 2;
	}
	to[n] = '\0';
	*len = n;
	return to;
}

static bool place_number(struct place_span s, uint64_t most, uint64_t *number)
{
	char *text = mem_copy(s.at, s.len);
	bool ok = parse_count(text, number) && *number <= most;

	free(text);
	return ok;
}

/* --- its parts --------------------------------------------------------- */

/* USER[:PASSWORD]@ at the beginning of the rest; passed. */
static bool place_read_user(struct redis_place *p, struct place_span *rest, struct buf *why)
{
	const char *slash = memchr(rest->at, '/', rest->len);
	size_t most = slash ? (size_t)(slash - rest->at) : rest->len, at = most;
	struct place_span user, password = { NULL, 0 };
	const char *colon;

	while (at > 0 && rest->at[at - 1] != '@')
		at--;
	if (!at)
		return true;
	user = (struct place_span){ rest->at, at - 1 };
	colon = memchr(user.at, ':', user.len);
	if (colon) {
		password.at = colon + 1;
		password.len = (size_t)(user.at + user.len - password.at);
		user.len = (size_t)(colon - user.at);
	}
	rest->at += at;
	rest->len -= at;
	if (user.len && !(p->user = place_decode(user, &p->user_len)))
		return place_refuse(why, "a % in the name of the user has to be written as %25");
	if (password.at && !(p->password = place_decode(password, &p->password_len)))
		return place_refuse(why, "a % in the password has to be written as %25");
	return true;
}

static bool place_read_db(struct redis_place *p, struct place_span s, struct buf *why)
{
	uint64_t db = 0;

	if (s.len && !place_number(s, DB_MOST, &db))
		return place_refuse(why, "what follows the / is no number of a database");
	p->db = (unsigned)db;
	return true;
}

static bool place_read_path(struct redis_place *p, struct place_span rest, struct buf *why)
{
	static const char query[] = "?db=";
	struct place_span db = { "", 0 };
	const char *mark = memchr(rest.at, '?', rest.len);
	size_t len;

	if (mark) {
		size_t left = (size_t)(rest.at + rest.len - mark);

		if (left < sizeof query - 1 || memcmp(mark, query, sizeof query - 1) != 0)
			return place_refuse(why, "of what follows a ? only ?db=N is known");
		db = (struct place_span){ mark + sizeof query - 1, left - (sizeof query - 1) };
		rest.len -= left;
	}
	if (rest.len < 2 || *rest.at != '/')
		return place_refuse(why, "it needs the whole path of a socket, as in "
			"redis+unix:///run/redis.sock");
	p->path = place_decode(rest, &len);
	if (!p->path || strlen(p->path) != len)
		return place_refuse(why, "a % in the path has to be written as %25");
	return place_read_db(p, db, why);
}

/* The end of the host: brackets are around what has colons. NULL: there is none. */
static const char *place_host_stop(const struct place_span *s)
{
	const char *end;

	if (s->len && *s->at == '[') {
		end = memchr(s->at, ']', s->len);
		return end ? end + 1 : NULL;
	}
	end = memchr(s->at, ':', s->len);
	return end ? end : s->at + s->len;
}

static bool place_read_port(struct redis_place *p, struct place_span s, struct buf *why)
{
	uint64_t port = 6379;
	struct place_span digits = { s.at + 1, s.len ? s.len - 1 : 0 };
	struct buf text = { 0 };

	if (s.len && (*s.at != ':' || !place_number(digits, PORT_MOST, &port) || !port))
		return place_refuse(why, "the port is no number up to 65535 (an address of IPv6 stands "
			"in brackets, and a / or @ of a password is written as %2F or %40)");
	buf_addf(&text, "%u", (unsigned)port);
	p->port = mem_copy(text.data, text.len);
	buf_free(&text);
	return true;
}

static bool place_read_host(struct redis_place *p, struct place_span rest, struct buf *why)
{
	const char *slash = memchr(rest.at, '/', rest.len), *end;
	struct place_span db = { "", 0 }, host = rest;
	bool brackets;

	if (slash) {
		host.len = (size_t)(slash - rest.at);
		db = (struct place_span){ slash + 1, rest.len - host.len - 1 };
	}
	end = place_host_stop(&host);
	if (!end || end == host.at)
		return place_refuse(why, "it names no host");
	brackets = *host.at == '[';
	p->host = mem_copy(host.at + brackets, (size_t)(end - host.at) - 2 * brackets);
	return place_read_port(p, (struct place_span){ end, (size_t)(host.at + host.len - end) }, why)
		&& place_read_db(p, db, why);
}

/* --- all of it --------------------------------------------------------- */

static bool place_passes(struct place_span *s, const char *scheme)
{
	size_t len = strlen(scheme);

	if (s->len < len || memcmp(s->at, scheme, len) != 0)
		return false;
	s->at += len;
	s->len -= len;
	return true;
}

bool redis_place_read(struct redis_place *p, const char *address, const char *password,
	struct buf *why)
{
	struct place_span rest = { address, strlen(address) };
	bool is_path = place_passes(&rest, "redis+unix://");

	*p = (struct redis_place){ .tls = !is_path && place_passes(&rest, "rediss://") };
	if (!is_path && !p->tls && !place_passes(&rest, "redis://"))
		return place_refuse(why, "it begins with none of redis://, rediss:// and redis+unix://");
	if (!place_read_user(p, &rest, why))
		return false;
	if (!p->password && password && *password) {
		p->password_len = strlen(password);
		p->password = mem_copy(password, p->password_len);
	}
	if (p->user && !p->password)
		return place_refuse(why, "there is no password for its user; $REDISCLI_AUTH may hold it");
	return is_path ? place_read_path(p, rest, why) : place_read_host(p, rest, why);
}

void redis_place_free(struct redis_place *p)
{
	free(p->path);
	free(p->host);
	free(p->port);
	free(p->user);
	free(p->password);
	*p = (struct redis_place){ 0 };
}
