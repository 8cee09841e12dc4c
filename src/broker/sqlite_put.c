/* Putting into SQLite. See sqlite_parts.h. */
#include "broker/sqlite_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/topic.h"

/* Where copies go: the queue itself, or those of its groups that have a binding. */
struct part {
	char *name;       /* owned */
	uint64_t cap;     /* 0: none */
	uint64_t live;    /* and what was put in this transaction */
	uint64_t put;     /* in this transaction */
	int64_t mended;   /* by so much the tally was wrong */
	bool known;       /* cap and live were read */
	bool counted;     /* live was counted, and not only added up */
	bool wanted;      /* by the item that is put */
};

struct parts {
	struct part *list; /* owned, in the order of the groups; so each one's bindings follow: */
	size_t count;
	struct bindings bindings; /* none: the queue itself has the items */
};

static void parts_free(struct parts *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->list[i].name);
	free(all->list);
	bindings_free(&all->bindings);
}

static void parts_add(struct parts *all, const char *queue, const char *group)
{
	struct buf name = { 0 };

	buf_addf(&name, group ? "%s:%s" : "%s", queue, group);
	all->list = mem_grow(all->list, (all->count + 1) * sizeof *all->list);
	all->list[all->count++] = (struct part){ .name = mem_copy(name.data, name.len) };
	buf_free(&name);
}

static bool parts_read(struct store *s, struct parts *all)
{
	struct sqlite_query *q = store_statement(s, STORE_BINDINGS);
	const struct binding *last = NULL;

	if (!q)
		return false;
	sqlite_set_text(q, 1, s->queue);
	while (!s->group && sqlite_row(q)) {
		const char *group = sqlite_text(q, 0);
		bool same = last && strcmp(last->group, group) == 0;

		engine_binding(&all->bindings, group, sqlite_text(q, 1));
		last = &all->bindings.list[all->bindings.count - 1];
		if (!same)
			parts_add(all, s->queue, group);
	}
	if (!all->count)
		parts_add(all, s->part, NULL);
	return s->group || sqlite_trouble(s->db) == SQLITE_TROUBLE_NONE;
}

/* Which of them want it? False: none does. */
static bool parts_wanted(struct parts *all, const struct put *item)
{
	const char *topic = item->topic ? item->topic : "";
	const struct binding *b = all->bindings.list;
	bool any = !all->bindings.count;

	all->list[0].wanted = any;
	for (size_t i = 0, k = 0; i < all->bindings.count; i++) {
		if (i && strcmp(b[i].group, b[i - 1].group) != 0)
			all->list[++k].wanted = false;
		if (topic_fits(b[i].pattern, topic, strlen(topic)))
			any = all->list[k].wanted = true;
	}
	return any;
}

bool store_cap(struct store *s, const char *part, uint64_t *cap, uint64_t *live)
{
	struct sqlite_query *q = store_statement(s, STORE_CAP);
	bool found;

	if (!q)
		return false;
	sqlite_set_text(q, 1, part);
	sqlite_set_text(q, 2, s->queue);
	found = sqlite_row(q);
	if (found) {
		*cap = (uint64_t)sqlite_int(q, 0);
		*live = (uint64_t)sqlite_int(q, 1);
		sqlite_rewind(q);
	}
	return found;
}

/* The tally is believed when there is room. When there seems to be none, all are counted:
 * programs that are not pq may have taken items away without a word. */
static bool part_is_full(struct store *s, struct part *p, bool *full)
{
	struct sqlite_query *q;

	if (!p->known && !store_cap(s, p->name, &p->cap, &p->live))
		return false;
	p->known = true;
	*full = p->cap && p->live >= p->cap;
	if (!*full || p->counted)
		return true;
	q = store_statement(s, STORE_COUNT);
	if (!q)
		return false;
	sqlite_set_text(q, 1, p->name);
	if (!sqlite_row(q))
		return false;
	p->mended = sqlite_int(q, 0) - (int64_t)p->live;
	p->live = (uint64_t)sqlite_int(q, 0);
	p->counted = true;
	*full = p->live >= p->cap;
	sqlite_rewind(q);
	return true;
}

static bool put_is_seen(struct store *s, const struct put *item, int64_t now, bool *seen)
{
	struct sqlite_query *q = store_statement(s, STORE_IS_SEEN);

	*seen = false;
	if (!item->key || !q)
		return q != NULL;
	sqlite_set_text(q, 1, s->part);
	sqlite_set_bytes(q, 2, item->key, item->key_len);
	sqlite_set(q, 3, now);
	*seen = sqlite_row(q);
	if (!*seen)
		return sqlite_trouble(s->db) == SQLITE_TROUBLE_NONE;
	sqlite_rewind(q);
	return true;
}

static bool put_see(struct store *s, const struct put *item, int64_t now)
{
	struct sqlite_query *q = store_statement(s, STORE_SEE);

	if (!item->key || !q)
		return q != NULL;
	sqlite_set_text(q, 1, s->part);
	sqlite_set_bytes(q, 2, item->key, item->key_len);
	if (item->key_life)
		sqlite_set(q, 3, now + item->key_life);
	else
		sqlite_set_null(q, 3);
	return sqlite_run(q);
}

static void put_set_text(struct sqlite_query *q, int index, const char *text)
{
	if (text)
		sqlite_set_text(q, index, text);
	else
		sqlite_set_null(q, index);
}

static bool put_into(struct store *s, const char *part, const struct put *item, int64_t now)
{
	struct sqlite_query *q = store_statement(s, STORE_PUT);

	if (!q)
		return false;
	sqlite_set_text(q, 1, part);
	sqlite_set(q, 2, item->delay > 0 ? ITEM_DELAYED : ITEM_READY);
	sqlite_set(q, 3, item->priority);
	sqlite_set(q, 4, now + (item->delay > 0 ? item->delay : 0));
	sqlite_set(q, 5, now);
	if (item->key)
		sqlite_set_bytes(q, 6, item->key, item->key_len);
	else
		sqlite_set_null(q, 6);
	put_set_text(q, 7, item->topic);
	put_set_text(q, 8, item->outcome);
	sqlite_set_bytes(q, 9, item->body, item->len);
	return sqlite_run(q);
}

/* All that want it get it, or none does: one that is full refuses it for all. */
static bool put_one(struct store *s, struct parts *parts, struct put *item, int64_t now)
{
	bool seen, full = false;

	if (!put_is_seen(s, item, now, &seen))
		return false;
	item->fate = PUT_DUPLICATE;
	if (seen)
		return true;
	item->fate = PUT_UNWANTED;
	if (!parts_wanted(parts, item))
		return true;
	item->fate = PUT_FULL;
	for (size_t i = 0; i < parts->count && !full; i++)
		if (parts->list[i].wanted && !part_is_full(s, &parts->list[i], &full))
			return false;
	if (full)
		return true;
	for (size_t i = 0; i < parts->count; i++) {
		struct part *p = &parts->list[i];

		if (p->wanted && !put_into(s, p->name, item, now))
			return false;
		p->live += p->wanted;
		p->put += p->wanted;
	}
	item->fate = PUT_QUEUED;
	return put_see(s, item, now);
}

static bool parts_count(struct store *s, const struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		const struct part *p = &parts->list[i];
		struct tally add = { .live = (int64_t)p->put + p->mended, .put = (int64_t)p->put };

		if ((add.put || add.live) && !store_count(s, p->name, &add, NULL))
			return false;
	}
	return true;
}

/* SQLite's own limit is 1,000,000,000 for all of a row. */
static bool put_is_too_long(const struct put *item)
{
	enum { MOST = 999000000 };

	return item->len > MOST || (item->key && item->key_len > MOST - item->len);
}

enum broker_state store_put(struct broker *b, struct put *items, size_t count)
{
	struct store *s = (struct store *)b;
	struct parts parts = { 0 };
	int64_t now = store_now();
	bool ok = true;

	for (size_t i = 0; i < count; i++)
		if (put_is_too_long(&items[i]))
			return store_refuse(s, BROKER_BAD, "an item of %zu bytes is longer than SQLite takes",
				items[i].len);
	ok = store_begin(s) && parts_read(s, &parts);
	for (size_t i = 0; ok && i < count; i++)
		ok = put_one(s, &parts, &items[i], now);
	ok = ok && parts_count(s, &parts) && store_commit(s);
	parts_free(&parts);
	return ok ? BROKER_OK : store_trouble(s);
}
