/* Items of PostgreSQL's queues: put, claimed and settled. See postgresql_parts.h. */
#include "broker/postgresql_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* --- putting ----------------------------------------------------------- */

enum { DEPOT_BIG = 32 << 20, DEPOT_BIGGEST = 1000 << 20 }; /* bytes */

#define GIVE_INTS(q, list, n, member) \
	do { \
		postgresql_give_array(q, POSTGRESQL_INT, n); \
		for (size_t i_ = 0; i_ < (n); i_++) \
			postgresql_add_int(q, (int64_t)(list)[i_].member); \
	} while (0)

static void give_words(struct postgresql_query *q, const struct put *items, size_t n,
	const char *(*word)(const struct put *item, size_t *len))
{
	postgresql_give_array(q, POSTGRESQL_BYTES, n);
	for (size_t i = 0; i < n; i++) {
		size_t len = 0;
		const char *data = word(&items[i], &len);

		postgresql_add_bytes(q, data, len);
	}
}

static const char *put_body(const struct put *item, size_t *len)
{
	*len = item->len;
	return item->body ? item->body : "";
}

static const char *put_key(const struct put *item, size_t *len)
{
	*len = item->key_len;
	return item->key;
}

static const char *put_topic(const struct put *item, size_t *len)
{
	*len = item->topic ? strlen(item->topic) : 0;
	return item->topic;
}

static const char *put_outcome(const struct put *item, size_t *len)
{
	*len = item->outcome ? strlen(item->outcome) : 0;
	return item->outcome;
}

static void depot_ask_to_put(struct depot *d, const struct put *items, size_t count)
{
	struct postgresql_query *q = &d->query;

	postgresql_ask(q, "SELECT unnest(pq.put($1, $2, $3, $4, $5, $6, $7, $8))");
	postgresql_give_text(q, d->queue);
	give_words(q, items, count, put_body);
	give_words(q, items, count, put_key);
	GIVE_INTS(q, items, count, key_life);
	give_words(q, items, count, put_topic);
	GIVE_INTS(q, items, count, priority);
	GIVE_INTS(q, items, count, delay);
	give_words(q, items, count, put_outcome);
}

static enum broker_state depot_put_at_once(struct depot *d, struct put *items, size_t count)
{
	static const enum put_fate fates[] = { PUT_DUPLICATE, PUT_FULL, PUT_UNWANTED };
	enum broker_state state;
	int64_t id;

	depot_ask_to_put(d, items, count);
	state = depot_call(d);
	for (size_t i = 0; state == BROKER_OK && i < count; i++) {
		id = postgresql_int(d->db, i, 0);
		items[i].fate = id > 0 ? PUT_QUEUED : fates[-id];
	}
	return state;
}

/* How many of the first may be sent in one array, which PostgreSQL keeps below 1 GB; 0: not
 * even one. */
static size_t put_at_once(const struct put *items, size_t count)
{
	size_t n = 0, bytes = 0;

	while (n < count && items[n].len < DEPOT_BIGGEST && bytes + items[n].len < DEPOT_BIGGEST
			&& (n == 0 || bytes + items[n].len < DEPOT_BIG))
		bytes += items[n++].len;
	return n;
}

/* Parts of a batch whose bytes are too many for one call, in one transaction. */
static enum broker_state depot_put_in_parts(struct depot *d, struct put *items, size_t count)
{
	enum broker_state state = depot_do(d, "BEGIN");
	size_t n;

	for (; state == BROKER_OK && count; items += n, count -= n) {
		n = put_at_once(items, count);
		state = n ? depot_put_at_once(d, items, n)
			: depot_refuse(d, "an item of %zu bytes is too big for PostgreSQL, which holds less "
				"than 1 GB; put a file's name instead", items->len);
	}
	return state == BROKER_OK ? depot_do(d, "COMMIT") : state;
}

enum broker_state depot_put(struct broker *b, struct put *items, size_t count)
{
	struct depot *d = (struct depot *)b;

	d->wrote = true;
	if (!count)
		return BROKER_OK;
	return put_at_once(items, count) == count ? depot_put_at_once(d, items, count)
		: depot_put_in_parts(d, items, count);
}

/* --- claiming and settling --------------------------------------------- */

enum { DEPOT_VACUUM_BUSY = 20000 }; /* settlements */
enum { ROW_FATE, ROW_CLAIMED, ROW_BURIED, ROW_END };
enum { KIND, ID, TOKEN, ATTEMPTS, LOST, PRIORITY, BODY, TOPIC };

static int compare_ids(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool settles_differ(const struct settle *s, size_t n)
{
	int64_t *ids = mem_alloc((n + 1) * sizeof *ids);
	bool differ = true;

	for (size_t i = 0; i < n; i++)
		ids[i] = s[i].id;
	qsort(ids, n, sizeof *ids, compare_ids);
	for (size_t i = 1; differ && i < n; i++)
		differ = ids[i - 1] != ids[i];
	free(ids);
	return differ;
}

/* How many of the first can be settled at once: an item that is settled twice has an order. */
static size_t settles_at_once(const struct settle *s, size_t n)
{
	if (settles_differ(s, n))
		return n;
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (s[i].id == s[j].id)
				return i;
	return n;
}

static void depot_ask(struct depot *d, const struct settle *s, size_t n, size_t want)
{
	const struct broker_rules *r = &d->broker.rules;
	struct postgresql_query *q = &d->query;

	postgresql_ask(q, "SELECT * FROM pq.exchange($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
		" $11, $12)");
	postgresql_give_text(q, d->part);
	postgresql_give_text(q, engine_holder());
	postgresql_give_int(q, r->lease);
	postgresql_give_int(q, r->poison);
	postgresql_give_int(q, (int64_t)want);
	GIVE_INTS(q, s, n, id);
	GIVE_INTS(q, s, n, token);
	GIVE_INTS(q, s, n, how);
	GIVE_INTS(q, s, n, delay);
	postgresql_give_array(q, POSTGRESQL_BYTES, n);
	for (size_t i = 0; i < n; i++)
		postgresql_add_bytes(q, s[i].outcome, s[i].outcome ? strlen(s[i].outcome) : 0);
	postgresql_give_int(q, (int64_t)r->keep.count);
	postgresql_give_int(q, r->keep.time);
}

static void depot_claimed(const struct depot *d, size_t row, struct exchange *x)
{
	const char *body, *topic;
	struct claimed c = {
		.id = postgresql_int(d->db, row, ID),
		.token = postgresql_int(d->db, row, TOKEN),
		.attempts = (unsigned)postgresql_int(d->db, row, ATTEMPTS),
		.lost = (unsigned)postgresql_int(d->db, row, LOST),
		.priority = postgresql_int(d->db, row, PRIORITY),
	};

	body = postgresql_bytes(d->db, row, BODY, &c.len);
	topic = postgresql_bytes(d->db, row, TOPIC, &c.topic_len);
	engine_claimed(x, &c, body, postgresql_null(d->db, row, TOPIC) ? NULL : topic);
}

static void depot_answered(const struct depot *d, struct settle *s, size_t n, struct exchange *x)
{
	size_t fate = 0, len;
	const char *why;

	for (size_t i = 0; i < n; i++)
		s[i].fate = SETTLE_OURS;
	for (size_t row = 0; row < postgresql_rows(d->db); row++)
		switch (postgresql_int(d->db, row, KIND)) {
		case ROW_FATE:
			if (fate < n)
				s[fate++].fate = (enum settle_fate)postgresql_int(d->db, row, ID);
			break;
		case ROW_CLAIMED:
			depot_claimed(d, row, x);
			break;
		case ROW_BURIED:
			why = postgresql_bytes(d->db, row, BODY, &len);
			buf_addf(&x->buried, "%lld %.*s\n", (long long)postgresql_int(d->db, row, ID),
				(int)len, why);
			break;
		case ROW_END:
			x->due = postgresql_int(d->db, row, ID);
			x->drained = postgresql_int(d->db, row, TOKEN);
			x->backlog = (uint64_t)postgresql_int(d->db, row, ATTEMPTS);
			break;
		}
}

/* What was heard meanwhile may be of what this claim was too early for, and the socket will
 * not be readable for it. */
enum broker_state depot_exchange(struct broker *b, struct exchange *x)
{
	struct depot *d = (struct depot *)b;
	enum broker_state state = BROKER_OK;
	size_t from = 0, n;

	do {
		n = settles_at_once(x->settles + from, x->nsettles - from);
		depot_ask(d, x->settles + from, n, from + n == x->nsettles ? x->want : 0);
		state = depot_call(d);
		if (state == BROKER_OK)
			depot_answered(d, x->settles + from, n, x);
		from += n;
	} while (state == BROKER_OK && from < x->nsettles);
	d->wrote = d->wrote || x->nsettles;
	d->settled += x->nsettles;
	if (state == BROKER_OK)
		depot_vacuum(d, DEPOT_VACUUM_BUSY);
	d->heard = state == BROKER_OK && postgresql_heard(d->db);
	return state;
}
