/* Settling and claiming in SQLite. See sqlite_parts.h. */
#include "broker/sqlite_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* How often the dead are looked for, in ns: under load, and when there is too little to do.
 * That is also how long, at most, who waits for what others hold goes without asking. */
#define LOOK_BUSY (200 * CLOCK_MS)
#define LOOK_IDLE (100 * CLOCK_MS)
enum { ASK_AGAIN = 150 /* ms */, BACKLOG_AGE = 1000 /* ms */, COMPANY_WAITS = 1000 /* ms */ };

/* --- settling ---------------------------------------------------------- */

static bool settle_keeps(const struct store *s)
{
	return s->broker.rules.keep.count || s->broker.rules.keep.time;
}

/* What would do as asked, but for the item and its token. */
static struct sqlite_query *settle_query(struct store *s, const struct settle *t, int64_t now)
{
	static const enum store_statement statements[] = {
		[SETTLE_ACK] = STORE_ACK, [SETTLE_RETRY] = STORE_AGAIN, [SETTLE_REJECT] = STORE_REJECT,
		[SETTLE_RELEASE] = STORE_RELEASE, [SETTLE_EXTEND] = STORE_EXTEND,
	};
	bool keep = t->how == SETTLE_ACK && settle_keeps(s);
	struct sqlite_query *q = store_statement(s, keep ? STORE_KEEP : statements[t->how]);
	int outcome = t->how == SETTLE_RETRY ? 5 : t->how == SETTLE_REJECT ? 4 : 0;

	if (!q)
		return NULL;
	if (t->how == SETTLE_RETRY) {
		sqlite_set(q, 3, t->delay > 0 ? ITEM_DELAYED : ITEM_READY);
		sqlite_set(q, 4, now + (t->delay > 0 ? t->delay : 0));
	} else if (t->how != SETTLE_ACK || keep) {
		sqlite_set(q, 3, now + (t->how == SETTLE_EXTEND ? s->broker.rules.lease : 0));
	}
	if (outcome && t->outcome)
		sqlite_set_text(q, outcome, t->outcome);
	else if (outcome)
		sqlite_set_null(q, outcome);
	return q;
}

/* One that changed nothing: who settles with the token that was settled last is heard for
 * the second time; settling clears the holder, losing does not. */
static bool settle_find_fate(struct store *s, struct settle *t)
{
	struct sqlite_query *q = store_statement(s, STORE_ITEM);

	if (!q)
		return false;
	sqlite_set(q, 1, t->id);
	t->fate = SETTLE_GONE;
	if (!sqlite_row(q))
		return sqlite_trouble(s->db) == SQLITE_TROUBLE_NONE;
	if (sqlite_int(q, 0) != t->token || !sqlite_is_null(q, 2))
		t->fate = SETTLE_LOST;
	sqlite_rewind(q);
	return true;
}

static void settle_count(const struct store *s, const struct settle *t, struct tally *tally)
{
	if (t->how == SETTLE_ACK) {
		tally->finished++;
		tally->done += settle_keeps(s);
	}
	if (t->how == SETTLE_ACK || t->how == SETTLE_REJECT)
		tally->live--;
}

static bool settle_one(struct store *s, struct settle *t, int64_t now, struct tally *tally)
{
	struct sqlite_query *q = settle_query(s, t, now);

	if (!q)
		return false;
	sqlite_set(q, 1, t->id);
	sqlite_set(q, 2, t->token);
	if (!sqlite_run(q))
		return false;
	if (!sqlite_changed(s->db))
		return settle_find_fate(s, t);
	t->fate = SETTLE_OURS;
	settle_count(s, t, tally);
	return true;
}

static bool settle_trim(struct store *s, enum store_statement which, int64_t limit,
	uint64_t *trimmed)
{
	struct sqlite_query *q = store_statement(s, which);

	if (!q)
		return false;
	sqlite_set_text(q, 1, s->part);
	sqlite_set(q, 2, limit);
	if (!sqlite_run(q))
		return false;
	*trimmed += sqlite_changed(s->db);
	return true;
}

/* What was finished too long ago, or before too many others, is kept no longer. */
bool store_trim(struct store *s, int64_t done, int64_t now)
{
	const struct broker_keep *keep = &s->broker.rules.keep;
	uint64_t trimmed = 0;
	struct tally less = { 0 };

	if (keep->count && done > (int64_t)keep->count
	    && !settle_trim(s, STORE_TRIM_COUNT, done - (int64_t)keep->count, &trimmed))
		return false;
	if (keep->time && !settle_trim(s, STORE_TRIM_TIME, now - keep->time, &trimmed))
		return false;
	less.done = -(int64_t)trimmed;
	return !trimmed || store_count(s, s->part, &less, NULL);
}

/* --- claiming ---------------------------------------------------------- */

static int claimed_order(const void *a, const void *b)
{
	const struct claimed *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static bool claim_wake(struct store *s, int64_t now)
{
	struct sqlite_query *q = store_statement(s, STORE_WAKE);

	if (!q)
		return false;
	sqlite_set_text(q, 1, s->part);
	sqlite_set(q, 2, now);
	return sqlite_run(q);
}

/* How many, and which of them. */
struct company {
	size_t most;
	bool others; /* those alone that were never lost */
};

/* The number in a column of the first row. */
static bool claim_ask(struct sqlite_query *q, int64_t *first, int64_t *second)
{
	if (!sqlite_row(q))
		return false;
	*first = sqlite_int(q, 0);
	if (second)
		*second = sqlite_int(q, 1);
	sqlite_rewind(q);
	return true;
}

/* The largest `lost` of those that come first; 0 without looking at them where none is. */
static bool claim_most_lost(struct store *s, size_t want, int64_t *most)
{
	struct sqlite_query *q = store_statement(s, STORE_HAS_LOST);
	int64_t one;

	*most = 0;
	if (!q)
		return false;
	sqlite_set_text(q, 1, s->part);
	if (!claim_ask(q, &one, NULL))
		return sqlite_trouble(s->db) == SQLITE_TROUBLE_NONE;
	q = store_statement(s, STORE_MOST_LOST);
	if (!q)
		return false;
	sqlite_set_text(q, 1, s->part);
	sqlite_set(q, 2, (int64_t)want);
	return claim_ask(q, most, NULL);
}

/* What was lost and is in this holder's hands still is company, too: claimed one by one they
 * would meet all the same, and one of them would take the others along. While there is no
 * room for more of them, others are claimed. */
static bool claim_company(struct store *s, size_t want, struct company *company)
{
	int64_t lost, held, held_lost;
	struct sqlite_query *q;
	size_t most;

	*company = (struct company){ .most = want };
	if (!claim_most_lost(s, want, &lost))
		return false;
	if (!lost)
		return true;
	q = store_statement(s, STORE_SUSPECTS);
	if (!q)
		return false;
	sqlite_set_text(q, 1, s->part);
	sqlite_set(q, 2, s->holder);
	if (!claim_ask(q, &held, &held_lost))
		return false;
	most = engine_company(want, (unsigned)(held_lost > lost ? held_lost : lost));
	company->others = (size_t)held >= most;
	if (!company->others)
		company->most = most - (size_t)held;
	return true;
}

static void claim_take(struct exchange *x, struct sqlite_query *q)
{
	struct claimed item = {
		.id = sqlite_int(q, 0), .token = sqlite_int(q, 1),
		.attempts = (unsigned)sqlite_int(q, 2), .lost = (unsigned)sqlite_int(q, 3),
		.priority = sqlite_int(q, 4),
	};
	const char *topic = sqlite_is_null(q, 5) ? NULL : sqlite_bytes(q, 5, &item.topic_len);

	engine_claimed(x, &item, sqlite_bytes(q, 6, &item.len), topic);
}

static bool claim_some(struct store *s, struct exchange *x, const struct company *company,
	int64_t now)
{
	struct sqlite_query *q = store_statement(s, company->others ? STORE_CLAIM_OTHERS
		: STORE_CLAIM);

	if (!q)
		return false;
	sqlite_set_text(q, 1, s->part);
	sqlite_set(q, 2, (int64_t)company->most);
	sqlite_set(q, 3, now + s->broker.rules.lease);
	sqlite_set(q, 4, s->holder);
	while (sqlite_row(q))
		claim_take(x, q);
	return sqlite_trouble(s->db) == SQLITE_TROUBLE_NONE;
}

/* What is left when fewer came than wanted. Who holds nothing alive does not ring: others'
 * leases are looked at again soon. */
static bool claim_next(struct store *s, struct exchange *x, int64_t now, bool *ready)
{
	struct sqlite_query *q = store_statement(s, STORE_NEXT);
	bool delayed, leased;

	if (!q)
		return false;
	sqlite_set_text(q, 1, s->part);
	sqlite_set(q, 2, s->holder);
	if (!sqlite_row(q))
		return false;
	*ready = sqlite_int(q, 0);
	delayed = !sqlite_is_null(q, 1);
	leased = sqlite_int(q, 2);
	x->due = -1;
	if (*ready)
		x->due = COMPANY_WAITS;
	if (delayed && (x->due < 0 || sqlite_int(q, 1) - now < x->due))
		x->due = sqlite_int(q, 1) > now ? sqlite_int(q, 1) - now : 0;
	if (sqlite_int(q, 3) && (x->due < 0 || x->due > ASK_AGAIN))
		x->due = ASK_AGAIN;
	x->drained = !*ready && !delayed && !leased;
	sqlite_rewind(q);
	return true;
}

static bool claim_backlog(struct store *s, struct exchange *x)
{
	struct sqlite_query *q;
	int64_t now = clock_now();

	x->backlog = s->backlog;
	if (s->counted && now - s->counted < BACKLOG_AGE * CLOCK_MS)
		return true;
	q = store_statement(s, STORE_BACKLOG);
	if (!q)
		return false;
	sqlite_set_text(q, 1, s->part);
	if (!sqlite_row(q))
		return false;
	s->backlog = sqlite_int(q, 0) > 0 ? (uint64_t)sqlite_int(q, 0) : 0;
	s->counted = now;
	sqlite_rewind(q);
	x->backlog = s->backlog;
	return true;
}

/* --- both -------------------------------------------------------------- */

/* Is it time to look after the dead? */
static bool exchange_looks(struct store *s)
{
	int64_t now = clock_now();

	if (s->looked && now - s->looked < (s->short_of ? LOOK_IDLE : LOOK_BUSY))
		return false;
	s->looked = now;
	return true;
}

static bool exchange_claim(struct store *s, struct exchange *x, int64_t now)
{
	struct company company;
	bool ready;

	if (!x->want)
		return true;
	x->due = -1;
	x->drained = false;
	if (!holder_join(s) || !claim_wake(s, now) || !claim_company(s, x->want, &company)
	    || !claim_some(s, x, &company, now))
		return false;
	s->short_of = x->nclaimed < x->want;
	return !s->short_of || claim_next(s, x, now, &ready);
}

static bool exchange_write(struct store *s, struct exchange *x, struct lost_items *lost)
{
	int64_t now = store_now(), done = 0;
	struct tally tally = { 0 };
	bool ok = store_begin(s);

	for (size_t i = 0; ok && i < x->nsettles; i++)
		ok = settle_one(s, &x->settles[i], now, &tally);
	ok = ok && holder_take_back(s, lost, x, &tally) && exchange_claim(s, x, now);
	if (ok && (tally.live || tally.finished))
		ok = store_count(s, s->part, &tally, &done)
			&& (!tally.done || store_trim(s, done, now));
	return ok && claim_backlog(s, x) && store_commit(s);
}

/* Is there nothing to write? Then nobody is locked out to find that out. *ok: false for
 * trouble. */
static bool exchange_is_idle(struct store *s, struct exchange *x, const struct lost_items *lost,
	bool *ok)
{
	bool ready = true;

	if (!*ok || x->nsettles || lost->count || (x->want && !s->short_of))
		return false;
	if (!x->want)
		return true;
	*ok = claim_next(s, x, store_now(), &ready);
	return *ok && !ready && x->due != 0 && (*ok = claim_backlog(s, x));
}

enum broker_state store_exchange(struct broker *b, struct exchange *x)
{
	struct store *s = (struct store *)b;
	struct lost_items lost = { 0 };
	bool ok = !exchange_looks(s) || (store_is_there(s) && holder_renew(s)
		&& holder_find_lost(s, &lost));

	if (ok && !exchange_is_idle(s, x, &lost, &ok))
		ok = ok && exchange_write(s, x, &lost);
	lost_clear(&lost);
	if (!ok) {
		x->nclaimed = 0;
		x->drained = false;
		return store_trouble(s);
	}
	if (x->nclaimed)
		qsort(x->claimed, x->nclaimed, sizeof *x->claimed, claimed_order);
	return BROKER_OK;
}
