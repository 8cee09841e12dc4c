/* The roster. See roster.h. */
#include "view/roster.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "events.h"
#include "group.h"
#include "item.h"

enum {
	BUCKETS = 256, /* by slot: mostly one in each */
	NEWEST = 1024  /* bytes looked at of what was printed at once */
};

struct entry {
	const struct delivery *delivery; /* whose it is: for comparison alone */
	struct roster_row row;
	int64_t turn;                    /* it began then, as struct service has it; -1: not yet */
	bool in_turn;                    /* it runs from then on alone */
	bool ended;                      /* the line has: what comes is another one */
	struct entry *older, *newer, *next; /* next: in its bucket, or spare */
};

struct roster {
	lock lock; /* guards all; a leaf */
	struct entry *oldest, *newest, *spare;
	struct bucket {
		struct entry *first, **end; /* the oldest first: it is mostly the first to end */
	} buckets[BUCKETS];
	size_t count;
};

struct roster *roster_new(void)
{
	struct roster *r = mem_zero(sizeof *r);

	lock_init(&r->lock);
	for (int i = 0; i < BUCKETS; i++)
		r->buckets[i].end = &r->buckets[i].first;
	return r;
}

void roster_free(struct roster *r)
{
	struct entry *next;

	for (struct entry *e = r->oldest; e; e = next) {
		next = e->newer;
		free(e);
	}
	for (struct entry *e = r->spare; e; e = next) {
		next = e->next;
		free(e);
	}
	free(r);
}

static struct bucket *roster_bucket(struct roster *r, unsigned slot)
{
	return &r->buckets[slot % BUCKETS];
}

/* With the lock: the link to it, or to NULL. */
static struct entry **roster_find(struct roster *r, const struct delivery *d)
{
	struct entry **at = &roster_bucket(r, d->result.slot)->first;

	while (*at && (*at)->delivery != d)
		at = &(*at)->next;
	return at;
}

/* As much as there is room for. */
static void roster_append(char *to, size_t *len, const char *data, size_t n)
{
	if (n > ROSTER_TEXT - *len)
		n = ROSTER_TEXT - *len;
	memcpy(to + *len, data, n);
	*len += n;
}

static void roster_name(struct roster_row *row, const struct item *item)
{
	const struct run *run = item->run;
	char text[64];

	row->name_len = 0;
	if (run && run->records > 1) {
		snprintf(text, sizeof text, "%llu records", (unsigned long long)run->records);
		roster_append(row->name, &row->name_len, text, strlen(text));
	} else if (run) {
		roster_append(row->name, &row->name_len, run->bytes.data, run->bytes.len);
	}
	for (uint32_t i = 0; !run && i < item_wholes(item) && row->name_len < ROSTER_TEXT; i++) {
		struct value v = item_whole(item, i);

		if (i)
			roster_append(row->name, &row->name_len, " ", 1);
		roster_append(row->name, &row->name_len, v.data, v.len);
	}
	if (run && row->name_len && row->name[row->name_len - 1] == '\n')
		row->name_len--;
}

static void roster_fill(struct entry *to, const struct event *e)
{
	const struct delivery *d = e->delivery;
	struct roster_row *row = &to->row;

	to->delivery = d;
	to->ended = true;
	to->in_turn = d->group->in_turn;
	row->number = d->item->run ? d->item->run->first : d->item->number;
	row->items = item_count(d->item);
	row->slot = d->result.slot;
	row->group = d->group->number;
	row->attempt = d->attempts;
	row->attempts = d->group->retry.attempts;
	row->since = e->at;
	row->section = d->section;
	row->line_len = 0;
	roster_name(row, d->item);
}

/* With the lock: one to be filled. */
static struct entry *roster_spare(struct roster *r)
{
	struct entry *e = r->spare;

	if (!e)
		return mem_alloc(sizeof *e);
	r->spare = e->next;
	return e;
}

/* With the lock: the oldest of those that its worker has beside it, or NULL. */
static struct entry *roster_next(struct roster *r, const struct roster_row *row)
{
	struct entry *e = roster_bucket(r, row->slot)->first;

	while (e && (e->row.slot != row->slot || e->row.group != row->group))
		e = e->next;
	return e;
}

static void roster_enter(struct roster *r, const struct event *event)
{
	struct bucket *bucket = roster_bucket(r, event->delivery->result.slot);
	struct entry *e;

	lock_take(&r->lock);
	e = roster_spare(r);
	roster_fill(e, event);
	e->turn = roster_next(r, &e->row) ? -1 : event->at;
	e->older = r->newest;
	e->newer = NULL;
	*(r->newest ? &r->newest->newer : &r->oldest) = e;
	r->newest = e;
	e->next = NULL;
	*bucket->end = e;
	bucket->end = &e->next;
	r->count++;
	lock_give(&r->lock);
}

/* With the lock: who has waited longest has its turn, from the end of an attempt on; of one that
 * went back the next one has the time, too. */
static void roster_pass_turn(struct roster *r, const struct entry *from, const struct event *event)
{
	struct entry *next = roster_next(r, &from->row);

	if (next && event->kind == EVENT_ENDED)
		next->turn = event->at;
	else if (next && next->turn < 0)
		next->turn = from->turn;
}

static void roster_leave(struct roster *r, const struct event *event)
{
	struct bucket *bucket = roster_bucket(r, event->delivery->result.slot);
	struct entry **at, *e;

	lock_take(&r->lock);
	at = roster_find(r, event->delivery);
	e = *at;
	if (e) {
		*at = e->next;
		if (!e->next)
			bucket->end = at;
		roster_pass_turn(r, e, event);
		*(e->older ? &e->older->newer : &r->oldest) = e->newer;
		*(e->newer ? &e->newer->older : &r->newest) = e->older;
		e->next = r->spare;
		r->spare = e;
		r->count--;
	}
	lock_give(&r->lock);
}

void roster_hear(struct roster *r, const struct event *e)
{
	if (e->kind == EVENT_STARTED)
		roster_enter(r, e);
	else
		roster_leave(r, e);
}

/* A line ends with a newline, or a carriage return, after which it is written anew; an empty
 * one says nothing. */
static void roster_hear_line(struct entry *e, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n' || data[i] == '\r') {
			e->ended = true;
			continue;
		}
		if (e->ended)
			e->row.line_len = 0;
		e->ended = false;
		if (e->row.line_len < ROSTER_TEXT)
			e->row.line[e->row.line_len++] = data[i];
	}
}

void roster_printed(struct roster *r, const struct delivery *d, const char *data, size_t len)
{
	struct entry *e;

	lock_take(&r->lock);
	e = *roster_find(r, d);
	if (e && len > NEWEST) {
		data += len - NEWEST;
		len = NEWEST;
		e->ended = true;
	}
	if (e)
		roster_hear_line(e, data, len);
	lock_give(&r->lock);
}

size_t roster_oldest(struct roster *r, struct roster_row *to, size_t most)
{
	size_t n = 0;

	lock_take(&r->lock);
	for (const struct entry *e = r->oldest; e && n < most; e = e->newer) {
		if (e->in_turn && e->turn < 0)
			continue;
		to[n] = e->row;
		if (e->in_turn)
			to[n].since = e->turn;
		n++;
	}
	lock_give(&r->lock);
	return n;
}

struct eta_running *roster_running(struct roster *r, int64_t now, size_t *count)
{
	struct eta_running *list;
	size_t n = 0;

	lock_take(&r->lock);
	list = mem_alloc((r->count + 1) * sizeof *list);
	for (const struct entry *e = r->oldest; e; e = e->newer)
		list[n++] = (struct eta_running){ e->row.group, e->row.items,
			e->turn >= 0 && now > e->turn ? now - e->turn : 0 };
	lock_give(&r->lock);
	*count = n;
	return list;
}
