/* Addresses of durable queues, and what people write instead of them. See address.h.
 *
 * A password may have any byte in it, also those that part an address: whoever has
 * forgotten to write such a byte as %40 is told so, by a line in which everything between
 * the first : and the last @ is hidden. */
#include "broker/address.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/spelling.h"

enum { NAME_MOST = 100, SHOWN_MOST = 200 };

#define SQLITE "sqlite:FILE[#QUEUE]"
#define REDIS "redis://HOST[:PORT][/DB][#QUEUE]"
#define REDISS "rediss://HOST[:PORT][/DB][#QUEUE]"
#define REDIS_UNIX "redis+unix:///PATH[#QUEUE]"
#define POSTGRESQL "postgresql://HOST/DATABASE[#QUEUE]"

/* --- schemes ----------------------------------------------------------- */

static const struct scheme {
	const char *name, *form;
	enum address_engine engine;
	bool port; /* a host and a number may follow */
} schemes[] = {
	{ "sqlite", SQLITE, ADDRESS_SQLITE, false },
	{ "redis", REDIS, ADDRESS_REDIS, true },
	{ "rediss", REDISS, ADDRESS_REDIS, true },
	{ "redis+unix", REDIS_UNIX, ADDRESS_REDIS, false },
	{ "postgresql", POSTGRESQL, ADDRESS_POSTGRESQL, false },
	{ "postgres", POSTGRESQL, ADDRESS_POSTGRESQL, false },
};

/* What others call them; NULL: a helper program is planned for it. */
static const struct {
	const char *name, *form;
} others[] = {
	{ "sqlite3", SQLITE }, { "valkey", REDIS }, { "valkeys", REDISS }, { "redis+tls", REDISS },
	{ "redis+ssl", REDISS }, { "unix", REDIS_UNIX }, { "redis+socket", REDIS_UNIX },
	{ "valkey+unix", REDIS_UNIX }, { "pgsql", POSTGRESQL }, { "psql", POSTGRESQL },
	{ "pg", POSTGRESQL }, { "postgre", POSTGRESQL }, { "amqp", NULL }, { "amqps", NULL },
	{ "nats", NULL }, { "sqs", NULL }, { "kafka", NULL }, { "mqtt", NULL }, { "mqtts", NULL },
	{ "beanstalk", NULL }, { "beanstalkd", NULL }, { "nsq", NULL }, { "pulsar", NULL },
};

enum { OTHERS = sizeof others / sizeof *others, SCHEMES = sizeof schemes / sizeof *schemes };

/* Bytes before the colon of what looks like a scheme; 0: none does. */
static size_t scheme_length(const char *text)
{
	size_t len = 0;

	if (!isalpha((unsigned char)*text))
		return 0;
	while (isalnum((unsigned char)text[len]) || (text[len] && strchr("+.-", text[len])))
		len++;
	return text[len] == ':' ? len : 0;
}

static bool scheme_slashes(const char *text, size_t len)
{
	return strncmp(text + len, "://", 3) == 0;
}

static bool scheme_is(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && strncasecmp(name, text, len) == 0;
}

static const struct scheme *scheme_find(const char *text, size_t len)
{
	for (size_t i = 0; i < SCHEMES; i++)
		if (strlen(schemes[i].name) == len && memcmp(schemes[i].name, text, len) == 0)
			return &schemes[i];
	return NULL;
}

static size_t scheme_other(const char *text, size_t len)
{
	size_t i = 0;

	while (i < OTHERS && !scheme_is(others[i].name, text, len))
		i++;
	return i;
}

/* The form of the one that is meant by a word that is nearly it; or NULL. */
static const char *scheme_near(const char *text, size_t len)
{
	int best = len < 8 ? 2 : 3;
	const char *form = NULL;
	char word[SPELLING_MOST + 1];

	if (len > SPELLING_MOST)
		return NULL;
	for (size_t i = 0; i < len; i++)
		word[i] = (char)tolower((unsigned char)text[i]);
	for (size_t i = 0; i < SCHEMES; i++) {
		int d = spelling_distance(schemes[i].name, strlen(schemes[i].name), word, len);

		if (d < best) {
			best = d;
			form = schemes[i].form;
		}
	}
	return form;
}

bool address_is_queue(const char *text)
{
	size_t len = scheme_length(text);

	if (*text == '#')
		return true;
	if (!len || scheme_is("dead", text, len))
		return false;
	return scheme_slashes(text, len) || scheme_near(text, len)
		|| scheme_other(text, len) < OTHERS;
}

/* --- where what begins and ends ---------------------------------------- */

/* The first of the bytes from..end, or `end`. */
static const char *place_find(const char *from, const char *end, char c)
{
	const char *found = memchr(from, c, (size_t)(end - from));

	return found ? found : end;
}

static bool place_has(const char *from, const char *end, char c)
{
	return from < end && place_find(from, end, c) < end;
}

/* Behind USER:PASSWORD@HOST:PORT, which begins here. A ? may be in a password, too. */
static const char *place_host_end(const char *from)
{
	const char *end = from + strcspn(from, "/"), *at = place_find(from, end, '@');

	return place_find(at < end ? at : from, end, '?');
}

/* Is there an @ that stands neither behind the user nor in a parameter? */
static bool place_is_unescaped(const char *from)
{
	const char *end = place_host_end(from), *at = place_find(from, end, '@');

	return place_has(at < end ? at + 1 : end, end + strcspn(end, "?"), '@');
}

/* The number of a port or of a database, up to `end`. */
static bool place_is_number(const char *s, const char *end, unsigned long least, unsigned long most)
{
	unsigned long n = 0;

	if (s == end || end - s > 5)
		return false;
	for (; s < end; s++) {
		if (!isdigit((unsigned char)*s))
			return false;
		n = n * 10 + (unsigned long)(*s - '0');
	}
	return n >= least && n <= most;
}

/* --- secrets ----------------------------------------------------------- */

/* Bytes of an address, from `at`, that are not shown. */
struct secret {
	size_t at, len;
};

/* The @ that ends what may be secret; NULL: none does. */
static const char *secret_end(const char *from)
{
	const char *end = place_host_end(from), *at = place_find(from, end, '@'),
		*colon = place_find(from, end, ':');

	if (place_is_unescaped(from))
		return strrchr(from, '@');
	if (at < end)
		return at;
	return colon == end || place_is_number(colon + 1, end, 1, 65535) ? NULL : strrchr(from, '@');
}

/* What stands before that @, behind the first colon; without one, all of it: to some clients
 * of Redis it is a password. */
static struct secret secret_user(const char *text)
{
	size_t len = scheme_length(text);
	const char *from = text + len + 3, *at, *colon;

	if (!len || !scheme_slashes(text, len) || !(at = secret_end(from)))
		return (struct secret){ 0, 0 };
	colon = place_find(from, at, ':');
	if (colon == at && strncmp(text, "postgres", 8) == 0)
		return (struct secret){ 0, 0 };
	from = colon < at ? colon + 1 : from;
	return (struct secret){ (size_t)(from - text), (size_t)(at - from) };
}

/* Does the name of a parameter of libpq say that its value is one? Escapes may hide what
 * it says. */
static bool secret_is_name(const char *name, size_t len)
{
	static const char *const parts[] = { "password", "secret", "scram", "%" };

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		for (size_t at = 0; at + strlen(parts[i]) <= len; at++)
			if (strncasecmp(name + at, parts[i], strlen(parts[i])) == 0)
				return true;
	return false;
}

/* The next one among the parameters, from byte `from` on; len 0: there is none. */
static struct secret secret_parameter(const char *text, size_t from)
{
	size_t scheme = scheme_length(text);
	const char *s;

	if (!scheme || !scheme_slashes(text, scheme))
		return (struct secret){ 0, 0 };
	s = from ? text + from : strchr(text, '?');
	for (; s && *s; s += strcspn(s, "&#")) {
		size_t name;

		if (*s == '#')
			break;
		s += strspn(s, "?&");
		name = strcspn(s, "=&#");
		if (s[name] != '=')
			continue;
		if (secret_is_name(s, name) && strcspn(s + name + 1, "&#"))
			return (struct secret){ (size_t)(s - text) + name + 1,
				strcspn(s + name + 1, "&#") };
	}
	return (struct secret){ 0, 0 };
}

/* The text with *** for what is secret, printable. */
static void secret_show(struct buf *out, const char *text)
{
	struct secret s = secret_user(text);
	struct buf b = { 0 };
	size_t done = 0;

	do {
		if (s.len) {
			buf_add(&b, text + done, s.at - done);
			buf_adds(&b, "***");
			done = s.at + s.len;
		}
		s = secret_parameter(text, done);
	} while (s.len);
	buf_adds(&b, text + done);
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)b.data[i] < ' ' || b.data[i] == '\177') {
			msg_quote(out, b.data, b.len, SHOWN_MOST);
			buf_free(&b);
			return;
		}
	buf_add(out, b.data, b.len);
	buf_free(&b);
}

bool address_has_secret(const char *text)
{
	return secret_user(text).len || secret_parameter(text, 0).len;
}

void address_hide(char *text)
{
	struct secret s = secret_user(text);

	do {
		memset(text + s.at, '*', s.len);
		s = secret_parameter(text, s.at + s.len);
	} while (s.len);
}

/* --- what is wrong ----------------------------------------------------- */

/* Say so of the address; false, for the caller to return. */
static bool address_wrong(struct buf *why, const char *text, const char *what)
{
	struct buf shown = { 0 };

	secret_show(&shown, text);
	if (*text && *buf_str(&shown) == '\'')
		buf_add(why, shown.data, shown.len);
	else
		msg_quote(why, shown.data, shown.len, SHOWN_MOST);
	buf_addf(why, " %s", what);
	buf_free(&shown);
	return false;
}

static bool address_meant(struct buf *why, const char *text, const char *form)
{
	address_wrong(why, text, "is no address of a queue; ");
	buf_addf(why, "%s is meant, or ./ before the name of a file", form);
	return false;
}

/* Nothing of ours is called so. */
static bool address_foreign(struct buf *why, const char *text, size_t len)
{
	size_t other = scheme_other(text, len);
	const char *form = other < OTHERS ? others[other].form : scheme_near(text, len);

	if (form)
		return address_meant(why, text, form);
	if (scheme_is("file", text, len))
		return address_wrong(why, text, "is no queue; a file is called by its path alone");
	address_wrong(why, text, "");
	if (other < OTHERS)
		buf_addf(why, "is in a later version: %s queues will come through a helper program; ",
			others[other].name);
	else
		buf_adds(why, "is no queue that pq knows; ");
	buf_adds(why, "there are sqlite:, redis:// and postgresql://");
	return false;
}

/* --- what stands where ------------------------------------------------- */

#define ESCAPED "has an @ too many: in a user's name and a password @ is written %40, / %2F, " \
	"# %23 and : %3A"

/* What is wrong with HOST[:PORT][/DB]; NULL: nothing. */
static const char *flaw_of_host(const char *host)
{
	const char *end = host + strcspn(host, "/"), *bracket = place_find(host, end, ']');
	const char *colon = place_find(bracket < end ? bracket : host, end, ':');

	if (colon == host)
		return "names no host; try redis://localhost";
	if ((*host == '[') != (bracket < end && bracket + 1 == colon))
		return "has an address in brackets that does not end where it should";
	if (colon < end && !place_is_number(colon + 1, end, 1, 65535))
		return "has no number of a port behind the host; try redis://HOST:6379";
	if (*end && end[1] && !place_is_number(end + 1, end + strlen(end), 0, 99999))
		return "has no number of a database behind the host; try redis://HOST/0";
	return NULL;
}

static const char *flaw_of_redis(const struct scheme *s, const char *from)
{
	const char *end = place_host_end(from), *at = place_find(from, end, '@');
	const char *host = at < end ? at + 1 : from;

	if (s->port)
		return flaw_of_host(host);
	return *host == '/' && host[1] ? NULL
		: "names no socket; redis+unix:///PATH has three slashes";
}

static const char *flaw_of_sqlite(const char *file)
{
	if (strncmp(file, "//", 2) == 0)
		return "has slashes too many; sqlite:FILE is meant, or sqlite:/PATH/FILE";
	if (*file == ':')
		return "is no file; a queue in memory would be nobody else's";
	return *file ? NULL : "names no file; try sqlite:jobs.db";
}

/* What is wrong with what stands behind the scheme; NULL: nothing. */
static const char *flaw_of(const struct scheme *s, const char *rest)
{
	if (s->engine == ADDRESS_SQLITE)
		return flaw_of_sqlite(rest);
	if (place_is_unescaped(rest + 2))
		return ESCAPED;
	return s->engine == ADDRESS_REDIS ? flaw_of_redis(s, rest + 2) : NULL;
}

/* --- names ------------------------------------------------------------- */

static bool name_is_good(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			return false;
	return len > 0 && len <= NAME_MOST;
}

/* QUEUE[:GROUP] */
static bool name_are_good(const char *name)
{
	size_t len = strcspn(name, ":");

	return name_is_good(name, len)
		&& (!name[len] || name_is_good(name + len + 1, strlen(name + len + 1)));
}

static void name_take(struct address *a, const char *name)
{
	size_t len = strcspn(name, ":");

	a->queue = mem_copy(name, len);
	if (name[len])
		a->group = mem_copy(name + len + 1, strlen(name + len + 1));
}

/* What came of both, as far as it goes. */
static void name_show(struct address *a)
{
	struct buf b = { 0 };

	if (a->engine == ADDRESS_SQLITE)
		buf_adds(&b, "sqlite:");
	secret_show(&b, a->target);
	buf_addf(&b, "#%s", a->queue);
	if (a->group)
		buf_addf(&b, ":%s", a->group);
	a->shown = mem_copy(b.data, b.len);
	buf_free(&b);
}

/* --- reading ----------------------------------------------------------- */

/* The text names an engine; `name` instead of what stands behind its #, or NULL. */
static bool address_read_text(struct address *a, const char *text, const char *name,
	struct buf *why)
{
	size_t len = scheme_length(text);
	const struct scheme *s = scheme_find(text, len);
	const char *hash = strrchr(text, '#'), *flaw;
	size_t skipped = s && s->engine == ADDRESS_SQLITE ? len + 1 : 0;

	if (!s)
		return address_foreign(why, text, len);
	if (s->engine != ADDRESS_SQLITE && !scheme_slashes(text, len))
		return address_meant(why, text, s->form);
	if (s->engine != ADDRESS_SQLITE && hash && strchr(hash, '@'))
		return address_wrong(why, text, ESCAPED);
	a->engine = s->engine;
	a->target = mem_copy(text + skipped, (hash ? (size_t)(hash - text) : strlen(text)) - skipped);
	flaw = flaw_of(s, a->target + (skipped ? 0 : len + 1));
	if (flaw)
		return address_wrong(why, text, flaw);
	if (!name)
		name = hash ? hash + 1 : "default";
	if (!name_are_good(name))
		return address_wrong(why, text, "has no name of a queue behind its #: letters, digits, "
			". _ and -, at most 100; NAME:GROUP for a group of consumers");
	name_take(a, name);
	name_show(a);
	return true;
}

/* Behind # alone: the queue is the variable's, too. */
static bool address_read_variable(struct address *a, const char *text, struct buf *why)
{
	const char *held = getenv("PQ_QUEUE"), *name = text[1] ? text + 1 : NULL;

	if (!held || !*held)
		return address_wrong(why, text, "is a queue where $PQ_QUEUE says, and that is not set; "
			"try PQ_QUEUE=sqlite:jobs.db, or put ./ before the name of a file");
	if (name && !name_are_good(name))
		return address_wrong(why, text, "is no name of a queue: letters, digits, . _ and -, "
			"at most 100; or put ./ before the name of a file");
	if (*held == '#' || !address_is_queue(held)) {
		buf_adds(why, "$PQ_QUEUE: ");
		return address_wrong(why, held, "is no address of a queue; try sqlite:jobs.db");
	}
	if (address_read_text(a, held, name, why))
		return true;
	buf_addf(why, " ($PQ_QUEUE)");
	return false;
}

bool address_read(struct address *a, const char *text, struct buf *why)
{
	bool good;

	*a = (struct address){ 0 };
	good = *text == '#' ? address_read_variable(a, text, why)
		: address_read_text(a, text, NULL, why);
	if (!good)
		address_free(a);
	return good;
}

void address_of_group(struct address *a, const struct address *queue, const char *group)
{
	*a = (struct address){ .engine = queue->engine,
		.target = mem_copy(queue->target, strlen(queue->target)),
		.queue = mem_copy(queue->queue, strlen(queue->queue)),
		.group = mem_copy(group, strlen(group)) };
	name_show(a);
}

bool address_is_name(const char *name)
{
	return name_is_good(name, strlen(name));
}

void address_free(struct address *a)
{
	free(a->target);
	free(a->queue);
	free(a->group);
	free(a->shown);
	*a = (struct address){ 0 };
}
