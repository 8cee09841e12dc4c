/* The trace. See trace.h; the format is D. Sinclair and N. Duca, "Trace Event Format",
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU. */
#include "view/trace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json_text.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "group.h"
#include "item.h"
#include "stats.h"
#include "view/values.h"

enum {
	NAME = 60,       /* bytes of an item in the name of its slice */
	POOL = 100000,   /* threads of one pool are numbered by its slots, from so many on */
	MICROSECOND = 1000,
};

/* A slot, drawn as a thread. */
struct lane {
	int64_t end; /* us: of its last slice */
	bool named;
};

struct pool_lanes {
	struct lane *list; /* by slot, from 1; owned */
	unsigned room;
};

enum { ALIVE, WAITING, RUNNING, COUNTS };

struct trace {
	struct trace_rules rules;
	struct gather *file;
	int pid;
	/* All below is for who is between gather_begin and its end. */
	struct pool_lanes *pools; /* owned */
	unsigned npools;
	int64_t count[COUNTS]; /* as they were written; below 0: never */
	enum hold hold;
	unsigned workers;
	uint64_t dropped;      /* records, not yet told */
};

#define LL(n) ((long long)(n))
#define ULL(n) ((unsigned long long)(n))

/* --- slots ------------------------------------------------------------- */

/* From 0. */
static unsigned trace_pool(const struct trace *t, const struct delivery *d)
{
	return t->rules.shared ? 0 : d->group->number - 1;
}

static unsigned trace_thread(const struct trace *t, const struct delivery *d)
{
	return trace_pool(t, d) * POOL + d->result.slot;
}

static struct lane *trace_lane(struct trace *t, const struct delivery *d)
{
	unsigned pool = trace_pool(t, d), slot = d->result.slot;
	struct pool_lanes *lanes;

	while (t->npools <= pool) {
		t->pools = mem_grow(t->pools, (t->npools + 1) * sizeof *t->pools);
		t->pools[t->npools++] = (struct pool_lanes){ 0 };
	}
	lanes = &t->pools[pool];
	if (slot >= lanes->room) {
		unsigned room = slot < 16 ? 32 : 2 * slot;

		lanes->list = mem_grow(lanes->list, room * sizeof *lanes->list);
		memset(lanes->list + lanes->room, 0, (room - lanes->room) * sizeof *lanes->list);
		lanes->room = room;
	}
	return &lanes->list[slot];
}

/* What the viewers call the thread, and where they put it. */
static void trace_name_thread(struct trace *t, struct buf *to, const struct delivery *d)
{
	const struct group *g = d->group;
	unsigned tid = trace_thread(t, d);

	buf_addf(to, ",\n{\"ph\":\"M\",\"pid\":%d,\"tid\":%u,\"name\":\"thread_name\","
		"\"args\":{\"name\":\"", t->pid, tid);
	if (g->among && !t->rules.shared)
		buf_addf(to, "%s%s ", g->named ? "" : "section ", g->name);
	buf_addf(to, "slot %u\"}},\n{\"ph\":\"M\",\"pid\":%d,\"tid\":%u,"
		"\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":%u}}", d->result.slot, t->pid,
		tid, tid);
}

/* --- attempts ---------------------------------------------------------- */

/* How many records there are; or bytes, in a block that nobody looks into. */
static void trace_run(struct buf *to, const struct delivery *d)
{
	const struct run *run = d->item->run;
	uint64_t n = d->group->records ? run->records : run->bytes.len;

	buf_addf(to, "%llu %s%s", ULL(n), d->group->records ? "record" : "byte", n == 1 ? "" : "s");
}

/* The item, cut. */
static void trace_item(struct buf *to, const struct item *item)
{
	char text[NAME + 1];
	size_t len = 0;

	for (uint32_t i = 0; i < item_wholes(item) && len <= NAME; i++) {
		struct value value = item_whole(item, i);

		if (i)
			text[len++] = ' ';
		if (value.len > sizeof text - len)
			value.len = sizeof text - len;
		memcpy(text + len, value.data, value.len);
		len += value.len;
	}
	if (!len)
		buf_addf(to, "item %llu", ULL(item->number));
	json_text(to, text, len > NAME ? NAME - utf8_unfinished(text, NAME) : len);
	if (len > NAME)
		buf_adds(to, "\xe2\x80\xa6");
}

static const char *trace_category(const struct event *e)
{
	static const char *const names[] = { [VERDICT_ACK] = "done", [VERDICT_RETRY] = "retried",
		[VERDICT_REJECT] = "failed", [VERDICT_RELEASE] = "released" };

	return e->kind == EVENT_LOST ? "lost" : names[e->delivery->verdict];
}

static void trace_outcome(struct buf *to, const struct outcome *o)
{
	int exit_value, signal_number;

	outcome_columns(o, &exit_value, &signal_number);
	if (signal_number)
		buf_addf(to, ",\"signal\":%d", signal_number);
	else
		buf_addf(to, ",\"exit\":%d", exit_value);
	if (o->how == OUTCOME_TIMEOUT)
		buf_adds(to, ",\"timeout\":true");
	else if (o->how == OUTCOME_EVICTED)
		buf_adds(to, ",\"memfree\":true");
	else if (o->how == OUTCOME_STOPPED)
		buf_adds(to, ",\"ended\":true");
}

static void trace_arguments(struct buf *to, const struct event *e)
{
	const struct delivery *d = e->delivery;
	const struct result *r = &d->result;
	int64_t waited = r->waited / MICROSECOND;

	buf_addf(to, "\"args\":{\"seq\":%llu,\"attempt\":%u", ULL(d->item->number), d->attempts);
	if (e->kind == EVENT_ENDED)
		trace_outcome(to, &r->outcome);
	buf_addf(to, ",\"waited\":%lld.%06lld,\"bytes\":%llu", LL(waited / 1000000),
		LL(waited % 1000000), ULL(r->captured + (r->product ? r->product->out.len : 0)));
	if (r->product && r->product->failed)
		buf_addf(to, ",\"failed\":%llu", ULL(r->product->failed));
	if (d->group->among) {
		buf_addc(to, ',');
		values_group(to, d);
	}
	buf_addc(to, '}');
}

/* A worker that stays up has several under way at once: one begins, as far as it is drawn,
 * when the one before it has ended. */
static void trace_slice(struct trace *t, struct buf *to, const struct event *e)
{
	const struct delivery *d = e->delivery;
	struct lane *lane = trace_lane(t, d);
	int64_t begin = e->began / MICROSECOND, end = e->at / MICROSECOND;

	if (!lane->named)
		trace_name_thread(t, to, d);
	lane->named = true;
	if (begin < lane->end)
		begin = lane->end;
	if (end < begin)
		end = begin;
	lane->end = end;
	buf_addf(to, ",\n{\"ph\":\"X\",\"pid\":%d,\"tid\":%u,\"ts\":%lld,\"dur\":%lld,\"name\":\"",
		t->pid, trace_thread(t, d), LL(begin), LL(end - begin));
	if (d->item->run)
		trace_run(to, d);
	else
		trace_item(to, d->item);
	buf_addf(to, "\",\"cat\":\"%s\",", trace_category(e));
	trace_arguments(to, e);
	buf_addc(to, '}');
}

/* --- marks ------------------------------------------------------------- */

/* Of the whole run; its arguments and two braces are the caller's. */
static void trace_mark(const struct trace *t, struct buf *to, int64_t at, const char *name)
{
	buf_addf(to, ",\n{\"ph\":\"i\",\"s\":\"p\",\"pid\":%d,\"ts\":%lld,\"name\":\"%s\","
		"\"args\":{", t->pid, LL(at / MICROSECOND), name);
}

/* Of a slot. */
static void trace_slot_mark(const struct trace *t, struct buf *to, const struct event *e,
	const char *name)
{
	const struct delivery *d = e->delivery;

	buf_addf(to, ",\n{\"ph\":\"i\",\"s\":\"t\",\"pid\":%d,\"tid\":%u,\"ts\":%lld,"
		"\"name\":\"%s\",\"args\":{\"seq\":%llu", t->pid, trace_thread(t, d),
		LL(e->at / MICROSECOND), name, ULL(d->item->number));
}

static void trace_back_off(const struct trace *t, struct buf *to, const struct event *e)
{
	int64_t wait = e->delivery->due - clock_wall();

	trace_slot_mark(t, to, e, "back-off");
	buf_addf(to, ",\"attempt\":%u,\"in\":%.6f}}", e->delivery->attempts + 1,
		wait > 0 ? (double)wait / CLOCK_SECOND : 0.0);
}

static void trace_attempt(struct trace *t, struct buf *to, const struct event *e)
{
	const struct delivery *d = e->delivery;

	trace_slice(t, to, e);
	if (e->kind == EVENT_LOST) {
		trace_slot_mark(t, to, e, "worker lost");
		buf_adds(to, "}}");
	} else if (d->verdict == VERDICT_RETRY && d->group->backoff.base) {
		trace_back_off(t, to, e);
	}
}

static void trace_halt(const struct trace *t, struct buf *to, const struct event *e)
{
	trace_mark(t, to, e->at, "halt");
	buf_addf(to, "\"seq\":%llu", ULL(e->delivery->item->number));
	if (e->delivery->group->among) {
		buf_addc(to, ',');
		values_group(to, e->delivery);
	}
	buf_adds(to, "}}");
}

/* --- what goes on ------------------------------------------------------ */

static void trace_counters(struct trace *t, struct buf *to, const int64_t now[COUNTS], int64_t at)
{
	static const char *const names[] = { "alive", "waiting", "running" };

	for (int i = 0; i < COUNTS; i++) {
		int64_t n = now[i] < 0 ? 0 : now[i]; /* what it is made of was not read at once */

		if (n != t->count[i])
			buf_addf(to, ",\n{\"ph\":\"C\",\"pid\":%d,\"ts\":%lld,\"name\":\"%s\","
				"\"args\":{\"%s\":%lld}}", t->pid, LL(at / MICROSECOND), names[i], names[i],
				LL(n));
		t->count[i] = n;
	}
}

static void trace_holds(struct trace *t, struct buf *to, const struct snapshot *snap, int64_t at)
{
	static const char *const names[HOLDS] = { [HOLD_NONE] = "goes on",
		[HOLD_RETRY] = "held: back-off",
		[HOLD_RATE] = "held: rate", [HOLD_DELAY] = "held: delay", [HOLD_KEY] = "held: keys",
		[HOLD_BREAKER] = "held: breaker open", [HOLD_TRIAL] = "held: breaker on trial",
		[HOLD_LOAD] = "held: load", [HOLD_MEMORY] = "held: memfree",
		[HOLD_JOBSERVER] = "held: jobserver", [HOLD_PAUSED] = "held: paused" };
	enum hold hold = snap->hold;

	if (hold != t->hold) {
		trace_mark(t, to, at, names[hold]);
		buf_adds(to, "}}");
	}
	t->hold = hold;
}

static void trace_sample(struct trace *t, struct buf *to, const struct snapshot *snap, int64_t at)
{
	int64_t now[COUNTS];

	now[ALIVE] = snap->count[STAT_BORN] - snap->count[STAT_SETTLED];
	now[WAITING] = (int64_t)snap->depth;
	now[RUNNING] = snap->count[STAT_RUNNING];
	trace_counters(t, to, now, at);
	trace_holds(t, to, snap, at);
	if (snap->workers != t->workers) {
		trace_mark(t, to, at, "workers");
		buf_addf(to, "\"from\":%u,\"to\":%u}}", t->workers, snap->workers);
	}
	t->workers = snap->workers;
	if (t->dropped) {
		trace_mark(t, to, at, "dropped");
		buf_addf(to, "\"count\":%llu}}", ULL(t->dropped));
	}
	t->dropped = 0;
}

void trace_hear(void *trace, const struct event *e)
{
	struct trace *t = trace;
	struct buf *to = gather_begin(t->file);

	if (e->kind == EVENT_DROPPED) {
		t->dropped += e->count;
	} else if (e->kind == EVENT_HALTED) {
		trace_halt(t, to, e);
	} else if (e->kind == EVENT_STOPPED) {
		trace_mark(t, to, e->at, "stop");
		buf_adds(to, "}}");
	} else if (e->kind == EVENT_SAMPLED) {
		trace_sample(t, to, e->snap, e->at);
	} else {
		trace_attempt(t, to, e);
	}
	if (e->kind == EVENT_ENDED || e->kind == EVENT_LOST) {
		gather_end(t->file);
		return;
	}
	gather_post(t->file);
	if (e->kind == EVENT_SAMPLED)
		gather_tick(t->file);
}

/* --- opening and closing ----------------------------------------------- */

struct trace *trace_open(const struct trace_rules *rules)
{
	static const int64_t none[COUNTS];
	struct trace *t = mem_zero(sizeof *t);
	struct buf text = { 0 };

	t->rules = *rules;
	t->pid = (int)getpid();
	t->workers = rules->workers;
	memset(t->count, -1, sizeof t->count);
	buf_addf(&text, "[\n{\"ph\":\"M\",\"pid\":%d,\"name\":\"process_name\","
		"\"args\":{\"name\":\"pq\"}}", t->pid);
	trace_counters(t, &text, none, 0);
	t->file = gather_open(rules->path, &text, rules->failed, rules->ctx);
	buf_free(&text);
	if (t->file)
		return t;
	free(t);
	return NULL;
}

void trace_close(struct trace *t, const struct snapshot *last)
{
	struct buf *to = gather_begin(t->file);

	memset(t->count, -1, sizeof t->count); /* so that the counters are drawn to the end */
	trace_sample(t, to, last, last->elapsed);
	buf_adds(to, "\n]\n");
	gather_end(t->file);
	gather_close(t->file);
	for (unsigned i = 0; i < t->npools; i++)
		free(t->pools[i].list);
	free(t->pools);
	free(t);
}
