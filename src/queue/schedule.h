/* The schedule: which delivery starts next, and when it may.
 *
 * A container for deliveries that wait, with the rules on starting them: an attempt's
 * time has come (back-off), lower priorities go first, those of one key one after the
 * other and in input order, not more than a rate, not while the breaker is open. Pure:
 * it knows no clock and no lock; the time is passed in, in ns, and never goes back. All
 * that is between schedule_take and schedule_settled belongs to somebody else.
 *
 * An item holds a place of its key from when it may start until it is settled, so what
 * waits to be tried again holds up what comes after it under the same key. Of items of
 * the same key the input order decides, whatever their priorities.
 *
 * With affinity a key belongs to the worker that began its last item, and that one takes
 * what is ready of its own keys before others. Who has nothing of its own takes what belongs
 * to nobody yet, or steals from workers that are at work, never from one that waits: the key
 * is the thief's from then on. */
#ifndef PQ_SCHEDULE_H
#define PQ_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/breaker.h"
#include "policy/hold.h"
#include "policy/rate.h"

struct delivery;
struct schedule;

struct schedule_rules {
	int64_t aging;      /* ns of waiting that lift a priority by one; 0: none do */
	uint32_t key_jobs;  /* of one key at the same time; 0: keys do not matter */
	bool affinity;      /* a key prefers the worker that began its last one */
	struct rate rate;   /* of starts, for each rate key */
	int64_t delay;      /* ns from one start to the next, at least; */
	bool delay_adapts;  /* more after each failure, less after each success */
	struct breaker_rule breaker;
};

/* What the schedule knows of a delivery: delivery->ticket. */
struct ticket;

/* One block, for free(). Views are copied. What has no key waits for nobody. */
struct ticket *ticket_new(double priority, const char *key, size_t key_len,
	const char *rate_key, size_t rate_key_len);
/* Not to start before this time. */
void ticket_delay(struct ticket *t, int64_t due);

struct schedule *schedule_new(const struct schedule_rules *rules);
void schedule_free(struct schedule *s); /* nothing in it, nothing unsettled */

/* Take one in, new or to be tried again; it must have a ticket. */
void schedule_add(struct schedule *s, struct delivery *d, int64_t now);
/* One that starts now, with this worker (from 0; of no matter without affinity); or NULL, and
 * *when: the time to ask again if nothing happens before, INT64_MAX for none. With affinity
 * there may be one for another worker, that waits. */
struct delivery *schedule_take(struct schedule *s, unsigned worker, int64_t now, int64_t *when);
/* With affinity: this worker has asked in vain, and waits; or it does not, or not any more, and
 * what would prefer it is anybody's. */
void schedule_waits(struct schedule *s, unsigned worker, bool waits);
/* An attempt that schedule_take gave out has ended, and failed or not; or it was cut
 * off, which says nothing. */
enum breaker_event schedule_ended(struct schedule *s, const struct delivery *d, bool failed,
	int64_t now);
void schedule_cut_off(struct schedule *s, const struct delivery *d);
/* It will not come back; whatever schedule_take, _drop or _empty gave out. */
void schedule_settled(struct schedule *s, struct delivery *d);
/* Take out what has waited longest, or all of it as a list. */
struct delivery *schedule_drop(struct schedule *s);
struct delivery *schedule_empty(struct schedule *s);

/* Why schedule_take would give out nothing now though something waits, and until when
 * (INT64_MAX: until something ends); HOLD_NONE: it would. */
enum hold schedule_hold(const struct schedule *s, int64_t now, int64_t *until);

size_t schedule_depth(const struct schedule *s);
/* Of those: how many wait for their time, for a place of their key, or for the rate that
 * their rate key has for itself. */
size_t schedule_waiting(const struct schedule *s);
/* Bytes that tickets, until they are settled, keys and lanes take. */
uint64_t schedule_bytes(const struct schedule *s);

#endif
