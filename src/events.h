/* The stream of events: what happens in a run, told as it happens to whoever listens.
 *
 *   BORN       a delivery has come to be                        the desk's thread
 *   STARTED    a worker begins an attempt on it                 that worker's thread
 *   ENDED      the attempt has ended and has its verdict: RETRY is another attempt later,
 *              at once or, where its group backs off, when it is `due`
 *   LOST       its worker's process died with it, and it is tried elsewhere
 *   UNDONE     it goes back to the queue as if that attempt had not begun
 *   SETTLED    its end is written: done, failed, refused or, by RELEASE, not done
 *   FLUSHED    what was SETTLED so far is to be where it belongs      one thread at a time
 *   DROPPED    a full queue had no room for it: it was born, or never will be    the desk's
 *   HALTED     its end was that of the run, by --halt; once
 *   STOPPED    no more is started, for whatever reason; once    any thread
 *   SAMPLED    a while has passed: a snapshot      the main thread, which takes the signals
 *
 * For one delivery they come in the order BORN, (STARTED, ENDED | LOST | UNDONE)..., SETTLED,
 * each before the next begins, whatever threads they are told in; a refused one may be SETTLED
 * alone, and one may be DROPPED instead. Different deliveries' interleave. With a worker that
 * stays up (--persistent) several attempts of one slot are under way at once.
 *
 * A listener is called in the thread of the event, with nothing locked, and keeps its own
 * lock; it never waits for anybody but the file it writes, and does not call back into the
 * run. In STOPPED and SAMPLED it writes to no file: that is for the next event to do, or for a
 * thread of its own. What an event points to is to be read during the call alone. Where nobody
 * listens to a kind, it costs a look at a mask.
 *
 * Times are those of clock_now(), which stands still while pq is stopped by Ctrl-Z. */
#ifndef PQ_EVENTS_H
#define PQ_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audience;
struct delivery;
struct snapshot;

enum event_kind {
	EVENT_BORN,
	EVENT_STARTED,
	EVENT_ENDED,
	EVENT_LOST,
	EVENT_UNDONE,
	EVENT_SETTLED,
	EVENT_FLUSHED,
	EVENT_DROPPED,
	EVENT_HALTED,
	EVENT_STOPPED,
	EVENT_SAMPLED,
	EVENTS
};

/* The set of them that has this one alone. */
#define EVENT(kind) (1u << EVENT_##kind)

struct event {
	enum event_kind kind;
	int64_t at;     /* ns since the run began */
	/* Whose it is; NULL from FLUSHED on but for HALTED, and for what is dropped unborn. Its
	 * result has the slot, and how long the attempt had waited. */
	const struct delivery *delivery;
	/* ENDED, LOST, UNDONE: when the attempt began, as `at`, if the group is timed. */
	int64_t began;
	uint64_t count; /* DROPPED: records */
	const struct snapshot *snap; /* SAMPLED */
};

struct listener {
	unsigned kinds;  /* a set: what it hears */
	int64_t every;   /* SAMPLED: ns between two of them, at least */
	void (*hear)(void *ctx, const struct event *e);
	void *ctx;
};

struct events {
	unsigned wanted; /* the kinds that anybody hears; the rest is events.c's */
	int64_t begun, begun_wall;
	struct audience *list;
	size_t count;
};

struct events *events_new(void); /* the run begins now */
void events_free(struct events *e);
/* The main thread, before anything is started. Told in the order in which they came. */
void events_listen(struct events *e, const struct listener *listener);
/* When the run began: ns of clock_now(), and of the wall clock. */
int64_t events_begun(const struct events *e);
int64_t events_begun_wall(const struct events *e);

/* Does anybody hear such? Here and below e may be NULL: nobody does. */
static inline bool events_wanted(const struct events *e, enum event_kind kind)
{
	return e && e->wanted >> kind & 1;
}

/* As below, to those who hear it; but DROPPED of so many records. */
void events_told(const struct events *e, enum event_kind kind, const struct delivery *d,
	uint64_t count);
/* Of a delivery, by whoever has it; or NULL. */
static inline void events_tell(const struct events *e, enum event_kind kind,
	const struct delivery *d)
{
	if (events_wanted(e, kind))
		events_told(e, kind, d, 0);
}

/* So many records are dropped; d is NULL when they were not born. */
static inline void events_dropped(const struct events *e, const struct delivery *d,
	uint64_t count)
{
	if (events_wanted(e, EVENT_DROPPED))
		events_told(e, EVENT_DROPPED, d, count);
}

/* The main thread. When a snapshot is wanted next: ns of clock_now(), INT64_MAX: never; and
 * tell it those who want one by now. */
int64_t events_next_sample(const struct events *e);
void events_sample(struct events *e, const struct snapshot *snap);

#endif
