/* The stream of events. See events.h. */
#include "events.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/saturate.h"
#include "item.h"

struct audience {
	struct listener listener;
	int64_t next; /* when it wants a snapshot */
};

struct events *events_new(void)
{
	struct events *e = mem_zero(sizeof *e);

	e->begun = clock_now();
	e->begun_wall = clock_wall();
	return e;
}

void events_free(struct events *e)
{
	free(e->list);
	free(e);
}

void events_listen(struct events *e, const struct listener *listener)
{
	e->list = mem_grow(e->list, (e->count + 1) * sizeof *e->list);
	e->list[e->count++] = (struct audience){ *listener, listener->kinds & EVENT(SAMPLED)
		? saturate_after(e->begun, listener->every) : INT64_MAX };
	e->wanted |= listener->kinds;
}

int64_t events_begun(const struct events *e)
{
	return e->begun;
}

int64_t events_begun_wall(const struct events *e)
{
	return e->begun_wall;
}

void events_told(const struct events *e, enum event_kind kind, const struct delivery *d,
	uint64_t count)
{
	struct event event = { .kind = kind, .delivery = d, .count = count };

	event.at = clock_now() - e->begun;
	if (kind == EVENT_ENDED || kind == EVENT_LOST || kind == EVENT_UNDONE)
		event.began = d->since - e->begun;
	for (size_t i = 0; i < e->count; i++)
		if (e->list[i].listener.kinds >> kind & 1)
			e->list[i].listener.hear(e->list[i].listener.ctx, &event);
}

int64_t events_next_sample(const struct events *e)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < e->count; i++)
		if (e->list[i].next < next)
			next = e->list[i].next;
	return next;
}

void events_sample(struct events *e, const struct snapshot *snap)
{
	int64_t now = clock_now();
	struct event event = { .kind = EVENT_SAMPLED, .at = now - e->begun, .snap = snap };

	for (size_t i = 0; i < e->count; i++) {
		struct audience *a = &e->list[i];

		if (a->next > now)
			continue;
		a->next = saturate_after(now, a->listener.every);
		a->listener.hear(a->listener.ctx, &event);
	}
}
