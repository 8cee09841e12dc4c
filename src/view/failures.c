/* What is said of failures. See failures.h. */
#include "view/failures.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/signal_name.h"
#include "item.h"
#include "stats.h"

/* So many are named at the end. */
enum { NAMED = 10 };

#define LL(n) ((unsigned long long)(n))

/* An item that failed. */
struct named {
	uint64_t number, turn;
	char *text;         /* its name and how it ended; owned */
};

struct failures {
	struct named first[NAMED]; /* those with the lowest numbers, in their order */
	uint64_t count;
	bool untold;        /* some have not been told when it happened */
	struct buf halted;  /* the item that ended the run, and how; or empty */
};

struct failures *failures_new(void)
{
	return mem_zero(sizeof(struct failures));
}

void failures_free(struct failures *f)
{
	for (uint64_t i = 0; i < f->count && i < NAMED; i++)
		free(f->first[i].text);
	buf_free(&f->halted);
	free(f);
}

/* --- at once ----------------------------------------------------------- */

/* Nobody reads its output any more: that is no news. */
static bool is_news(const struct outcome *o)
{
	return o->how == OUTCOME_SIGNAL && o->code != SIGPIPE;
}

/* What to say of the attempt; its kind, for msg_many, or NULL: nothing yet. */
static const char *failures_line(const struct delivery *d, struct buf *to)
{
	const struct outcome *o = &d->result.outcome;
	char took[CLOCK_TEXT];

	if (d->result.why) {
		buf_adds(to, d->result.why);
		return o->how == OUTCOME_NOT_STARTED ? "items that could not be run"
			: "items that could not be run to their end";
	}
	if (o->how == OUTCOME_TIMEOUT) {
		buf_addf(to, "ended after %s s (--timeout)", clock_seconds(o->took, took));
		return "items that ran into their --timeout";
	}
	if (o->how == OUTCOME_EVICTED) {
		buf_adds(to, "ended, for less than half of --memfree was free");
		return "items that were ended for want of memory";
	}
	if (o->how == OUTCOME_STOPPED && d->result.printed) {
		buf_adds(to, "was ended: pq is stopping");
		return "items that were ended";
	}
	if (is_news(o) && d->verdict != VERDICT_ACK) {
		buf_addf(to, "killed by %s", signal_name(o->code));
		return "items killed by a signal";
	}
	return NULL;
}

void failures_tell(const struct delivery *d, unsigned attempts)
{
	struct buf name = { 0 }, line = { 0 };
	const char *kind = failures_line(d, &line);

	if (!kind) /* as nearly always */
		return;
	if (attempts > 1)
		buf_addf(&line, ", attempt %u of %u", d->attempts, attempts);
	delivery_name(&name, d);
	msg_failed(kind, "%s: %s", buf_str(&name), buf_str(&line));
	buf_free(&name);
	buf_free(&line);
}

/* --- at the end -------------------------------------------------------- */

/* "7 'a' exit 1": the name without its noun. */
static void failures_name(struct buf *to, const struct delivery *d)
{
	struct buf name = { 0 };

	delivery_name(&name, d);
	buf_adds(to, strchr(buf_str(&name), ' ') + 1);
	buf_free(&name);
	buf_addc(to, ' ');
	outcome_text(to, &d->result.outcome);
}

/* By item, then by section. */
static bool failures_precedes(const struct delivery *d, const struct named *other)
{
	uint64_t number = d->item->number;

	return number != other->number ? number < other->number : d->turn < other->turn;
}

/* Jobs end in any order; which ones are named is not to depend on that. */
static void failures_keep(struct failures *f, const struct delivery *d)
{
	struct buf text = { 0 };
	size_t at = f->count < NAMED ? f->count : NAMED;

	while (at > 0 && failures_precedes(d, &f->first[at - 1]))
		at--;
	if (at == NAMED)
		return;
	if (f->count >= NAMED)
		free(f->first[NAMED - 1].text);
	memmove(f->first + at + 1, f->first + at, (NAMED - 1 - at) * sizeof *f->first);
	failures_name(&text, d);
	f->first[at] = (struct named){ d->item->number, d->turn, mem_copy(text.data, text.len) };
	buf_free(&text);
}

void failures_add(struct failures *f, const struct delivery *d)
{
	const struct outcome *o = &d->result.outcome;

	f->untold |= o->how == OUTCOME_EXIT || (o->how == OUTCOME_SIGNAL && !is_news(o));
	failures_keep(f, d);
	f->count++;
}

void failures_halted(struct failures *f, const struct delivery *d)
{
	failures_name(&f->halted, d);
}

/* If there is but one, and that ended the run, it stands in that line. */
bool failures_untold(const struct failures *f)
{
	bool again = f->count == 1 && strlen(f->first->text) == f->halted.len
		&& memcmp(f->halted.data, f->first->text, f->halted.len) == 0;

	return f->untold && !again;
}

void failures_names(struct buf *to, const struct failures *f, const char *log)
{
	for (uint64_t i = 0; i < f->count && i < NAMED; i++)
		buf_addf(to, "%s%s", i ? ", " : "", f->first[i].text);
	if (f->count <= NAMED)
		return;
	buf_addf(to, ", and %llu more (", LL(f->count - NAMED));
	if (log)
		buf_addf(to, "%s has all)", log);
	else
		buf_adds(to, "--joblog FILE lists all)");
}

void failures_halt(struct buf *to, const struct failures *f, const struct snapshot *s)
{
	int64_t left = snapshot_not_run(s);

	if (!f->halted.len)
		return;
	buf_adds(to, "ended by --halt after item ");
	buf_add(to, f->halted.data, f->halted.len);
	buf_adds(to, "; ");
	if (left)
		buf_addf(to, "%llu stopped or not run%s", LL(left),
			s->total && !s->estimated ? "" : ", beside what was not read");
	else
		buf_adds(to, "all that was read had been run");
}
