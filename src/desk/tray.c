/* The in-tray of the desk. See tray.h. */
#include "desk/tray.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bell.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/thread.h"
#include "item.h"

struct tray {
	lock lock;          /* guards all but the bell */
	struct brought brought;
	int64_t parked;     /* in all */
	bool asleep;
	struct worth worth; /* while asleep */
	struct bell bell;
};

struct tray *tray_new(void)
{
	struct tray *t = mem_zero(sizeof *t);

	lock_init(&t->lock);
	if (!bell_open(&t->bell))
		msg_die(125, "cannot make a pipe: %s", strerror(errno));
	return t;
}

void tray_free(struct tray *t)
{
	bell_close(&t->bell);
	free(t);
}

/* --- bringing ---------------------------------------------------------- */

/* With the lock. */
static bool is_worth_it(const struct tray *t)
{
	return t->brought.deaths >= t->worth.deaths
		|| (int64_t)t->brought.deaths + t->parked - t->worth.parked >= t->worth.room;
}

/* With the lock. */
static void ring(struct tray *t)
{
	if (!t->asleep)
		return;
	t->asleep = false;
	bell_ring(&t->bell);
}

void tray_dead(struct tray *t, struct delivery *list)
{
	lock_take(&t->lock);
	while (list) {
		struct delivery *d = list;

		list = d->next;
		d->next = t->brought.dead;
		t->brought.dead = d;
		t->brought.deaths++;
	}
	if (is_worth_it(t))
		ring(t);
	lock_give(&t->lock);
}

void tray_parked(struct tray *t, long more)
{
	lock_take(&t->lock);
	t->parked += more;
	if (is_worth_it(t))
		ring(t);
	lock_give(&t->lock);
}

void tray_stop(struct tray *t)
{
	lock_take(&t->lock);
	t->brought.stop = true;
	ring(t);
	lock_give(&t->lock);
}

void tray_look(struct tray *t)
{
	lock_take(&t->lock);
	t->brought.look = true;
	ring(t);
	lock_give(&t->lock);
}

/* --- at the desk ------------------------------------------------------- */

struct brought tray_take(struct tray *t)
{
	struct brought all;

	lock_take(&t->lock);
	all = t->brought;
	t->brought = (struct brought){ 0 };
	lock_give(&t->lock);
	return all;
}

bool tray_doze(struct tray *t, struct worth worth)
{
	bool asleep;

	lock_take(&t->lock);
	t->worth = worth;
	asleep = t->asleep = !t->brought.stop && !t->brought.look
		&& !is_worth_it(t);
	lock_give(&t->lock);
	return asleep;
}

int tray_bell(const struct tray *t)
{
	return t->bell.out;
}

void tray_rise(struct tray *t, bool rung)
{
	lock_take(&t->lock);
	t->asleep = false;
	lock_give(&t->lock);
	if (rung)
		bell_hush(&t->bell);
}
