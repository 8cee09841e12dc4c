/* What is worth a name at the end of a run. See notable.h. */
#include "view/notable.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/thread.h"
#include "events.h"
#include "group.h"
#include "item.h"
#include "view/summary.h"

/* So many are named, and so many reasons. */
enum { NAMES = 5, REASONS = 8 };

#define LL(n) ((unsigned long long)(n))

/* An item by name, and how much of what it is named for. */
struct notable_item {
	uint64_t number, turn;
	int64_t value;
	char *name; /* owned */
};

/* Of what is named for its value, the first ones. */
struct notable_list {
	struct notable_item first[NAMES];
	uint64_t count; /* of all there were */
};

struct notable_part {
	struct notable_list slowest; /* by time, the longest first */
	struct notable_list flaky;   /* done after more than one attempt, by number */
	struct {
		char *why;       /* owned */
		uint64_t count;
	} refused[REASONS];
	uint64_t others;         /* for other reasons */
};

struct notable {
	lock lock; /* guards all; a leaf */
	unsigned sections;
	struct notable_part part[]; /* of all, and of each section, if there are several */
};

struct notable *notable_new(unsigned sections)
{
	unsigned parts = sections > 1 ? sections + 1 : 1;
	struct notable *n = mem_zero(sizeof *n + parts * sizeof *n->part);

	lock_init(&n->lock);
	n->sections = parts - 1;
	return n;
}

static void notable_free_list(struct notable_list *l)
{
	for (int i = 0; i < NAMES; i++)
		free(l->first[i].name);
}

void notable_free(struct notable *n)
{
	for (unsigned i = 0; i <= n->sections; i++) {
		notable_free_list(&n->part[i].slowest);
		notable_free_list(&n->part[i].flaky);
		for (int k = 0; k < REASONS; k++)
			free(n->part[i].refused[k].why);
	}
	free(n);
}

/* --- hearing ----------------------------------------------------------- */

/* "7 'a'": the name without its noun; of one of several sections with that. */
static char *notable_name(const struct delivery *d, bool with_section)
{
	struct buf name = { 0 };
	const char *from;
	char *copy;

	if (with_section)
		delivery_name(&name, d);
	else
		item_name(&name, d->item);
	from = strchr(buf_str(&name), ' ') + 1;
	copy = mem_copy(from, strlen(from));
	buf_free(&name);
	return copy;
}

/* It goes to the place before which this many stand; the last one falls out. */
static void notable_insert(struct notable_list *l, int at, const struct delivery *d,
	int64_t value, bool with_section)
{
	free(l->first[NAMES - 1].name);
	memmove(l->first + at + 1, l->first + at, (size_t)(NAMES - 1 - at) * sizeof *l->first);
	l->first[at] = (struct notable_item){ d->item->number, d->turn, value,
		notable_name(d, with_section) };
}

static int notable_place(const struct notable_list *l, const struct delivery *d)
{
	for (int i = 0; i < NAMES && l->first[i].name; i++)
		if (l->first[i].number == d->item->number && l->first[i].turn == d->turn)
			return i;
	return -1;
}

/* Of several attempts at one item the longest counts. */
static void notable_slow(struct notable_list *l, const struct delivery *d, bool with_section)
{
	int64_t took = d->result.outcome.took;
	int at = NAMES, before = notable_place(l, d);

	if (before >= 0 && l->first[before].value >= took)
		return;
	while (at > 0 && (!l->first[at - 1].name || l->first[at - 1].value < took))
		at--;
	if (at == NAMES)
		return;
	if (before >= 0) {
		free(l->first[before].name);
		memmove(l->first + before, l->first + before + 1,
			(size_t)(NAMES - 1 - before) * sizeof *l->first);
		l->first[NAMES - 1] = (struct notable_item){ 0 };
	}
	notable_insert(l, at, d, took, with_section);
}

static void notable_flaky(struct notable_list *l, const struct delivery *d, bool with_section)
{
	int at = NAMES;

	l->count++;
	while (at > 0 && (!l->first[at - 1].name || d->turn < l->first[at - 1].turn))
		at--;
	if (at < NAMES)
		notable_insert(l, at, d, d->attempts, with_section);
}

static void notable_refused(struct notable_part *p, const char *why)
{
	for (int i = 0; i < REASONS; i++) {
		if (!p->refused[i].why)
			p->refused[i].why = mem_copy(why, strlen(why));
		if (strcmp(p->refused[i].why, why) == 0) {
			p->refused[i].count++;
			return;
		}
	}
	p->others++;
}

/* With the lock. */
static void notable_note(struct notable_part *p, const struct event *e, bool with_section)
{
	const struct delivery *d = e->delivery;
	const struct outcome *o = &d->result.outcome;

	if (e->kind == EVENT_ENDED) {
		if (o->how != OUTCOME_STOPPED && o->how != OUTCOME_NOT_STARTED)
			notable_slow(&p->slowest, d, with_section);
	} else if (delivery_is_refused(d)) {
		notable_refused(p, d->result.why ? d->result.why : "refused");
	} else if (d->verdict == VERDICT_ACK && d->attempts > 1) {
		notable_flaky(&p->flaky, d, with_section);
	}
}

void notable_hear(void *notable, const struct event *e)
{
	struct notable *n = notable;
	const struct delivery *d = e->delivery;

	if (d->item->run && (d->item->run->records != 1 || d->group->records))
		return; /* an attempt at as many records as there were */
	lock_take(&n->lock);
	notable_note(&n->part[0], e, true);
	if (d->section && d->group->number <= n->sections)
		notable_note(&n->part[d->group->number], e, false);
	lock_give(&n->lock);
}

/* --- telling ----------------------------------------------------------- */

static void slowest_line(struct buf *to, const struct notable_list *l)
{
	for (int i = 0; i < NAMES && l->first[i].name; i++) {
		buf_addf(to, "%s%s ", i ? ", " : "slowest  ", l->first[i].name);
		summary_time(to, (double)l->first[i].value);
	}
	if (l->first[0].name)
		buf_addc(to, '\n');
}

static void flaky_line(struct buf *to, const struct notable_list *l)
{
	if (!l->count)
		return;
	buf_addf(to, "flaky    %llu done after more than one attempt: ", LL(l->count));
	for (int i = 0; i < NAMES && l->first[i].name; i++)
		buf_addf(to, "%s%s (%llu)", i ? ", " : "", l->first[i].name, LL(l->first[i].value));
	if (l->count > NAMES)
		buf_addf(to, ", and %llu more", LL(l->count - NAMES));
	buf_addc(to, '\n');
}

static void refused_line(struct buf *to, const struct notable_part *p)
{
	for (int i = 0; i < REASONS && p->refused[i].why; i++)
		buf_addf(to, "%s%s (%llu)", i ? ", " : "refused  ", p->refused[i].why,
			LL(p->refused[i].count));
	if (p->others)
		buf_addf(to, ", %llu for other reasons", LL(p->others));
	if (p->refused[0].why)
		buf_addc(to, '\n');
}

void notable_lines(struct buf *to, const struct notable *n, unsigned section)
{
	const struct notable_part *p = &n->part[section];

	refused_line(to, p);
	slowest_line(to, &p->slowest);
	flaky_line(to, &p->flaky);
}
