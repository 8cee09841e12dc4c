/* What is in a queue, and in each of its groups. See look.h.
 *
 * There is a connection to the queue and, unless a group is asked for, to each of its groups,
 * which may come and go while they are watched. A server that goes away while it is
 * watched is waited for. */
#include "broker/look.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/status.h"
#include "broker/figures.h"

enum { TICK = 1000 }; /* ms */
/* So many groups of a queue keep one while they are watched. */
enum { CONNECTIONS = 8 };

/* One that is looked at. */
struct looked {
	const struct address *address; /* owned, where it is a group's; stays where it is: the
	                         * broker has it, too */
	struct broker *broker;  /* owned; NULL: it is to be opened */
	struct broker_stats before;
	bool seen;              /* before is what it was; */
	int64_t when;           /* then */
	bool kept;              /* the group is there still */
	bool changed;
};

struct look {
	const struct look_rules *rules;
	struct looked *list;    /* owned: the queue, then its groups */
	struct figures *figures; /* owned, as many */
	size_t count;
	bool shown;             /* some of it was */
	size_t drawn;           /* lines of the table that stand on the terminal */
	int64_t gone;           /* when it went away; 0: it is there */
	struct buf text;
};

/* --- connections ------------------------------------------------------- */

static void look_hang_up(struct looked *at)
{
	if (at->broker)
		broker_close(at->broker);
	at->broker = NULL;
}

static void look_free_address(struct looked *at)
{
	address_free((struct address *)at->address);
	free((struct address *)at->address);
}

static void look_close(struct look *l)
{
	for (size_t i = 0; i < l->count; i++) {
		look_hang_up(&l->list[i]);
		if (i > 0)
			look_free_address(&l->list[i]);
	}
	l->count = 0;
}

/* One more, whose address is its own from now on. */
static void look_add(struct look *l, const struct address *address)
{
	l->list = mem_grow(l->list, (l->count + 1) * sizeof *l->list);
	l->figures = mem_grow(l->figures, (l->count + 1) * sizeof *l->figures);
	l->list[l->count++] = (struct looked){ .address = address, .kept = true };
}

static enum broker_state look_reach(struct looked *at, struct buf *why)
{
	struct broker_rules rules = { .address = at->address, .use = BROKER_LOOKS, .lease = 60000 };
	enum broker_state state = BROKER_OK;

	if (!at->broker)
		at->broker = broker_open(&rules, &state, why, NULL);
	return state;
}

static struct looked *look_find(struct look *l, const char *group)
{
	for (size_t i = 1; i < l->count; i++)
		if (strcmp(l->list[i].address->group, group) == 0)
			return &l->list[i];
	return NULL;
}

static void look_forget(struct look *l)
{
	size_t n = 1;

	for (size_t i = 1; i < l->count; i++) {
		if (l->list[i].kept) {
			l->list[n++] = l->list[i];
			continue;
		}
		look_hang_up(&l->list[i]);
		look_free_address(&l->list[i]);
	}
	l->count = n;
}

/* Those that the queue has now. */
static enum broker_state look_groups(struct look *l, struct buf *why)
{
	struct bindings all = { 0 };
	enum broker_state state = broker_bindings(l->list[0].broker, &all);

	if (state != BROKER_OK)
		buf_adds(why, broker_why(l->list[0].broker));
	for (size_t i = 1; i < l->count; i++)
		l->list[i].kept = false;
	for (size_t i = 0; state == BROKER_OK && i < all.count; i++) {
		struct looked *known = look_find(l, all.list[i].group);
		struct address *group;

		if (known) {
			known->kept = true;
			continue;
		}
		group = mem_alloc(sizeof *group);
		address_of_group(group, l->rules->queue, all.list[i].group);
		look_add(l, group);
	}
	if (state == BROKER_OK)
		look_forget(l);
	bindings_free(&all);
	return state;
}

/* --- what is seen ------------------------------------------------------ */

/* Of a counter that only grows, unless the queue was dropped. */
static double look_per_second(uint64_t now, uint64_t before, double seconds)
{
	return now > before ? (double)(now - before) / seconds : 0;
}

static void look_rate(struct looked *at, struct figures *f, int64_t now)
{
	double seconds = (double)(now - at->when) / CLOCK_SECOND;

	f->rated = at->seen && seconds > 0;
	if (f->rated) {
		f->put = look_per_second(f->stats.put, at->before.put, seconds);
		f->finished = look_per_second(f->stats.finished, at->before.finished, seconds);
	}
	at->changed = !at->seen || !figures_is_same(&f->stats, &at->before);
	at->before = f->stats;
	at->seen = true;
	at->when = now;
}

static enum broker_state look_at(struct look *l, size_t i, struct buf *why)
{
	struct looked *at = &l->list[i];
	enum broker_state state = look_reach(at, why);

	if (state != BROKER_OK)
		return state;
	l->figures[i] = (struct figures){ .address = at->address };
	state = broker_stats(at->broker, &l->figures[i].stats);
	if (state == BROKER_OK)
		look_rate(at, &l->figures[i], clock_now());
	else
		buf_adds(why, broker_why(at->broker));
	if (i >= CONNECTIONS)
		look_hang_up(at);
	return state;
}

static enum broker_state look_ask(struct look *l, struct buf *why)
{
	enum broker_state state;

	if (!l->count)
		look_add(l, l->rules->queue);
	state = look_reach(&l->list[0], why);
	if (state == BROKER_OK && !l->rules->queue->group)
		state = look_groups(l, why);
	for (size_t i = 0; state == BROKER_OK && i < l->count; i++)
		state = look_at(l, i, why);
	return state;
}

/* Nobody has ever put anything there, nor set it up. */
static bool look_is_unknown(const struct look *l)
{
	static const struct broker_stats none = { .oldest = -1 };

	return l->count == 1 && figures_is_same(&l->figures[0].stats, &none)
		&& !l->rules->queue->group;
}

/* --- showing ----------------------------------------------------------- */

/* Over what was drawn before. */
static void look_redraw(struct look *l)
{
	struct buf table = { 0 };

	figures_table(&table, l->figures, l->count);
	if (l->drawn)
		buf_addf(&l->text, "\033[%zuA", l->drawn);
	for (size_t i = 0; i < table.len; i++) {
		if (table.data[i] == '\n')
			buf_adds(&l->text, "\033[K");
		buf_addc(&l->text, table.data[i]);
	}
	buf_adds(&l->text, "\033[J");
	buf_free(&table);
	l->drawn = l->count + 1;
}

/* False with errno. */
static bool look_show(struct look *l)
{
	bool all = !l->rules->watch, table = all && !l->rules->json;

	buf_clear(&l->text);
	if (l->rules->live && l->rules->watch && !l->rules->json)
		look_redraw(l);
	else if (table)
		figures_table(&l->text, l->figures, l->count);
	for (size_t i = 0; !l->drawn && !table && i < l->count; i++) {
		if (!all && !l->list[i].changed)
			continue;
		if (l->rules->json)
			figures_object(&l->text, &l->figures[i]);
		else
			figures_line(&l->text, &l->figures[i]);
	}
	return io_write(STDOUT_FILENO, l->text.data, l->text.len);
}

/* --- once, or again and again ------------------------------------------ */

/* Is it to be waited for? Tells once that it went. */
static bool look_waits(struct look *l, const char *why)
{
	int64_t now = clock_now(), patience = l->rules->give_up;
	bool first = !l->gone;

	if (first)
		l->gone = now;
	if (patience < 0 ? !l->rules->watch || !l->shown : now - l->gone >= patience)
		return false;
	if (first)
		msg_warn("%s; waiting for it", why);
	return true;
}

/* There is something to be shown. */
static int look_found(struct look *l)
{
	if (l->gone)
		msg_warn("%s is back", l->rules->queue->shown);
	l->gone = 0;
	if (!l->rules->watch && look_is_unknown(l)) {
		msg_warn("%s: nothing was ever put there", l->rules->queue->shown);
		return STATUS_OUTPUT;
	}
	l->shown = true;
	if (look_show(l))
		return STATUS_DONE;
	if (errno == EPIPE)
		return LOOK_UNREAD;
	msg_warn("stdout: %s", strerror(errno));
	return STATUS_OUTPUT;
}

/* Once; true: and again. */
static bool look_once(struct look *l, int *status)
{
	struct buf why = { 0 };
	enum broker_state state = look_ask(l, &why);
	bool on;

	if (state == BROKER_OK) {
		*status = look_found(l);
		on = *status == STATUS_DONE && l->rules->watch;
	} else {
		look_close(l);
		l->drawn = 0;
		*status = STATUS_OUTPUT;
		on = state == BROKER_GONE && look_waits(l, buf_str(&why));
		if (!on)
			msg_warn("%s", buf_str(&why));
	}
	buf_free(&why);
	return on;
}

int look(const struct look_rules *rules)
{
	struct look l = { .rules = rules };
	int status = STATUS_DONE;

	while (look_once(&l, &status))
		poll(NULL, 0, TICK);
	look_close(&l);
	free(l.list);
	free(l.figures);
	buf_free(&l.text);
	return status;
}
