/* Keeps a process fed. See keeper.h. */
#include "action/run/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "action/action.h"
#include "action/run/environment.h"
#include "action/run/hear.h"
#include "action/run/hunger.h"
#include "action/run/output.h"
#include "action/run/place.h"
#include "action/run/program.h"
#include "action/run/running.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/saturate.h"
#include "config.h"
#include "item.h"

/* A background process that keeps the pipes open is waited for no longer. */
#define KEEPER_GRACE (100 * CLOCK_MS)
/* Without a pidfd, and while stderr is held up. */
#define KEEPER_LOOK (20 * CLOCK_MS)
/* Where its hunger cannot be seen it is taken for hungry after so long without an answer. */
#define HUNGER_GUESSED (500 * CLOCK_MS)
/* At the bound there may be more as soon as others have answered; not after so long. */
#define HUNGER_FULL (100 * CLOCK_MS)
/* When it is told. */
#define HUNGER_TOLD (2 * CLOCK_SECOND)

enum { KEEPER_LAST = 1 << 20 };

/* In place of a status: it was too late to start it. */
enum { BIRTH_CANCELLED = -1 };

/* --- items -------------------------------------------------------------- */

void keeper_refuse(struct keeper *k, struct delivery *d, int code, const char *why)
{
	d->result.outcome = (struct outcome){ .how = OUTCOME_NOT_STARTED, .code = code,
		.started = clock_wall() };
	d->result.why = mem_copy(why, strlen(why));
	k->serving->ended(k->serving, d);
}

/* What the views want to know of it before it is run; false: it cannot be. */
static bool keeper_prepare(struct keeper *k, struct delivery *d)
{
	const struct persistent_rules *r = k->rules;
	struct fill fill = { .item = d->item, .slot = k->serving->slot + 1 };
	struct buf text = { 0 };
	bool ok = true;

	if (r->show) {
		template_show(r->template, &fill, &text);
		free(d->result.command);
		d->result.command = mem_copy(text.data, text.len);
	}
	if (r->place) {
		buf_clear(&text);
		buf_clear(&k->why);
		ok = place_make(r->place, &fill, &text, &k->why);
		free(d->result.place);
		d->result.place = ok ? mem_copy(text.data, text.len) : NULL;
		if (!ok)
			keeper_refuse(k, d, 126, buf_str(&k->why));
	}
	buf_free(&text);
	return ok;
}

static void keeper_hold_item(struct keeper *k, struct delivery *d)
{
	size_t before = k->send.len;
	int64_t now = clock_now();
	const char *why;

	if ((k->rules->show || k->rules->place) && !keeper_prepare(k, d))
		return;
	why = feed_item(&k->rules->feed, d, &k->send);
	if (why) {
		keeper_refuse(k, d, 126, why);
		return;
	}
	k->given += k->send.len - before;
	k->fed++;
	owed_add(&k->owed, &(struct owed_item){ d, k->given, k->send.len - before, 1, now, now });
}

static void keeper_hold_run(struct keeper *k, struct delivery *d)
{
	const struct run *run = d->item->run;
	int64_t now = clock_now();

	product_clear(d->result.product);
	buf_add(&k->send, run->bytes.data, run->bytes.len);
	k->given += run->bytes.len;
	k->fed += run->records;
	k->run_records = run->records;
	owed_add(&k->owed, &(struct owed_item){ d, k->given, run->bytes.len, run->records,
		now, now });
}

/* Bytes of so many records from there on. */
static size_t keeper_measure(const struct run *run, size_t at, uint64_t records)
{
	size_t from = at;

	while (records--)
		at = (size_t)((char *)memchr(run->bytes.data + at, '\n', run->bytes.len - at)
			- run->bytes.data) + 1;
	return at - from;
}

void keeper_pass_records(struct keeper *k, uint64_t records)
{
	k->at += keeper_measure(owed_at(&k->owed, 0)->delivery->item->run, k->at, records);
	k->index += records;
	if (records)
		k->lost = 0;
}

void keeper_offer_records(struct keeper *k)
{
	struct owed_item *item = owed_at(&k->owed, 0);
	const struct run *run = item->delivery->item->run;
	uint64_t left = run->records - k->index;
	size_t size = run->bytes.len - k->at;

	k->owed.bytes -= item->size;
	k->owed.left -= item->left;
	item->left = item->size = 0;
	if (!left) {
		hear_run_ended(k);
		return;
	}
	k->careful = k->index < k->until;
	if (k->careful) {
		left = k->step < k->until - k->index ? k->step : k->until - k->index;
		size = keeper_measure(run, k->at, left);
	}
	buf_add(&k->send, run->bytes.data + k->at, size);
	k->given += size;
	k->offered = left;
	*item = (struct owed_item){ item->delivery, k->given, size, left, item->begun, clock_now() };
	k->owed.bytes += size;
	k->owed.left += left;
}

void keeper_hold(struct keeper *k, struct delivery *d)
{
	if (!k->owed.count)
		k->company = 0;
	if (d->company && (!k->company || d->company < k->company))
		k->company = d->company;
	if (d->item->run)
		keeper_hold_run(k, d);
	else
		keeper_hold_item(k, d);
}

void keeper_forget(struct keeper *k)
{
	buf_clear(&k->send);
	k->sent = 0;
	k->given = k->written = 0;
	k->fed = 0;
	k->asked = false;
}

/* --- the process -------------------------------------------------------- */

static void keeper_environment(struct keeper *k, char **own)
{
	unsigned slot = k->serving->slot + 1;
	const char *text;
	int count = 3;

	buf_clear(&k->env);
	buf_addf(&k->env, "PQ_SLOT=%u%cPARALLEL_JOBSLOT=%u%cPQ_GROUP=%s", slot, 0, slot, 0,
		k->rules->group);
	count += environment_add_slot(&k->env, k->serving->slot);
	text = buf_str(&k->env);
	for (int i = 0; i < count; i++, text += strlen(text) + 1)
		own[i] = k->env.data + (text - k->env.data);
	own[count] = NULL;
}

/* 0, or the status of what cannot be started; `why` says why. Or BIRTH_CANCELLED. */
static int keeper_try(struct keeper *k)
{
	const struct delivery *d = owed_at(&k->owed, 0)->delivery;
	const struct persistent_rules *r = k->rules;
	struct fill fill = { .item = d->item, .slot = k->serving->slot + 1 };
	const char *program = r->program;
	char *found = NULL, **own = k->envp;
	int status = 0, error;

	while (*own)
		own++;
	keeper_environment(k, own);
	template_expand(r->template, &fill, &k->argv);
	if (k->argv.redirects.count) { /* once is not often: a shell does it */
		template_expand_for_shell(r->template, &fill, &k->argv);
		program = NULL;
	}
	if (!program)
		status = program_find(k->argv.words[0], &found, &k->why);
	if (!status) {
		error = child_start(&k->child, &(struct child_order){
			.path = found ? found : program, .argv = k->argv.words, .envp = k->envp,
			.in = -1, .terminal = -1, .fed = true, .captured = true, .slot = k->serving->entry,
			.term = r->term });
		if (error == ECANCELED || (error && running_ending())) {
			status = BIRTH_CANCELLED;
		} else if (error) {
			status = error == ENOENT ? 127 : 126;
			buf_addf(&k->why, "cannot run %s: %s", found ? found : program,
				strerror(error));
		}
		if (status > 0 && child_lacks_resources(error))
			r->no_room(r->ctx);
	}
	*own = NULL;
	free(found);
	return status;
}

static void keeper_begin(struct keeper *k)
{
	int64_t now = clock_now();

	k->running = true;
	k->ready = !k->rules->ready;
	k->closing = k->deaf = k->told_closed = k->told_hungry = k->err_held = false;
	k->closed = k->end_of_out = k->hungry = 0;
	k->fault = KEEPER_WELL;
	k->answered = 0;
	k->quiet = now;
	k->look = HUNGER_FIRST;
	buf_clear(&k->flaw);
	buf_clear(&k->err);
	buf_clear(&k->partial);
	ahead_begin(&k->ahead, k->rules->prefetch, now);
	answer_free(&k->answer);
	answer_begin(&k->answer, &k->rules->answer);
	owed_begin(&k->owed, now);
	for (int i = 0; i < CHILD_PIPES; i++)
		fcntl(k->child.pipe[i], F_SETFL, O_NONBLOCK); /* nobody else has these ends */
}

bool keeper_start(struct keeper *k)
{
	struct owed_item *item = owed_at(&k->owed, 0);
	struct delivery *d = item->delivery;
	uint64_t left = item->left;
	int status;

	buf_clear(&k->why);
	if (k->rules->starting)
		k->rules->starting(k->rules->ctx, d);
	status = keeper_try(k);
	if (!status) {
		keeper_begin(k);
		return true;
	}
	owed_take(&k->owed, 0);
	k->careful = false;
	if (d->item->run)
		d->result.product->failed += left; /* others may have been answered before */
	if (k->answering == d) {
		output_end(k->serving->output);
		k->answering = NULL;
	}
	keeper_forget(k);
	if (status == BIRTH_CANCELLED || running_ending()) {
		d->result.outcome = (struct outcome){ .how = OUTCOME_STOPPED };
		k->serving->ended(k->serving, d);
	} else {
		keeper_refuse(k, d, status, buf_str(&k->why));
	}
	return false;
}

/* --- writing ------------------------------------------------------------ */

bool keeper_has_room(struct keeper *k)
{
	struct ahead_rest rest;

	if (!k->ready || k->closing || k->fault || k->child.in < 0)
		return false;
	if (!k->owed.count)
		k->company = 0;
	if (k->careful || (k->company && k->owed.count >= k->company))
		return false;
	if (!ahead_more(&k->ahead, k->owed.left, k->owed.bytes,
		&(struct ahead_rest){ .items = UINT64_MAX }))
		return false;
	rest = k->serving->rest(k->serving);
	if (k->rules->runs && rest.items != UINT64_MAX)
		rest.items = saturate_times(rest.items, k->run_records);
	return ahead_more(&k->ahead, k->owed.left, k->owed.bytes, &rest) > 0;
}

void keeper_write(struct keeper *k)
{
	ssize_t n = 0;

	if (!k->ready || k->fault || k->child.in < 0)
		return;
	while (k->sent < k->send.len && (n = write(k->child.in, k->send.data + k->sent,
		k->send.len - k->sent)) > 0) {
		k->sent += (size_t)n;
		k->written += (uint64_t)n;
		k->quiet = clock_now();
		k->hungry = 0;
		k->look = HUNGER_FIRST;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		k->closing = k->deaf = true; /* what it says, or how it ends, is awaited */
		k->sent = k->send.len;
	}
	if (k->sent < k->send.len)
		return;
	buf_clear(&k->send);
	k->sent = 0;
	if (k->closing) {
		child_close_in(&k->child);
		k->closed = clock_now();
	}
}

/* --- time ---------------------------------------------------------------- */

/* When what it has to do takes too long; INT64_MAX: never. */
static int64_t keeper_deadline(const struct keeper *k)
{
	int64_t most = timeout_now(&k->rules->timeout), since = k->closed;

	if (k->owed.count)
		since = owed_at(&k->owed, 0)->since;
	if (!most || !k->ready || (!k->owed.count && !k->closed))
		return INT64_MAX;
	return saturate_after(since, most);
}

bool keeper_owes(const struct keeper *k)
{
	const struct owed_item *oldest;

	if (!k->owed.left)
		return false;
	oldest = owed_at(&k->owed, 0);
	return !k->careful || !k->closed || oldest->end - oldest->size < k->written;
}

/* Its stdout has been closed for a while, and it is to answer still. Where this thread had to
 * wait for a processor the process may be gone by now. */
static bool keeper_is_silent(struct keeper *k, int64_t now)
{
	return k->end_of_out && now >= k->end_of_out + KEEPER_GRACE
		&& (!k->closing || keeper_owes(k)) && !child_exited(&k->child, now);
}

/* What has to be ended is, step by step; that of all others is, once pq is stopping. */
static void keeper_look_at_clock(struct keeper *k, int64_t now)
{
	enum running_fate fate = running_fate(k->serving->entry);
	struct child *c = &k->child;

	if (!k->fault && fate == RUNNING_EVICTED)
		k->fault = KEEPER_EVICTED;
	if (!k->fault && now >= keeper_deadline(k))
		k->fault = KEEPER_LATE;
	if (!k->fault && keeper_is_silent(k, now))
		k->fault = KEEPER_SILENT;
	if (!k->fault && k->deaf && now >= k->closed + KEEPER_GRACE && (!k->owed.count
		|| owed_at(&k->owed, k->owed.count - 1)->end > k->written))
		k->fault = KEEPER_DEAF;
	if (!c->last_signal)
		c->next_step = k->fault ? now : keeper_deadline(k);
	if (c->exited || (!c->last_signal && fate == RUNNING_ENDED))
		c->next_step = INT64_MAX;
	if (now >= c->next_step)
		child_end_step(c, now);
}

void keeper_name(const struct keeper *k, struct buf *to)
{
	buf_addf(to, "worker %u", k->serving->slot + 1);
	section_name(to, k->rules->section);
	buf_addc(to, ' ');
}

/* It owes answers and has read all: it keeps them back until it gets more, or the end. */
static void keeper_starves(struct keeper *k, int64_t now)
{
	struct buf name = { 0 };
	struct ahead_rest rest;

	if (!k->hungry)
		k->hungry = now;
	ahead_buffers(&k->ahead, k->owed.left);
	hear_pace(k);
	rest = k->serving->rest(k->serving);
	if (!k->asked && keeper_has_room(k))
		return; /* there may be more for it */
	k->serving->starves(k->serving, k->ahead.items);
	if (rest.items != UINT64_MAX || (rest.full && now >= k->hungry + HUNGER_FULL)) {
		k->closing = true;
		return;
	}
	if (now < k->hungry + HUNGER_TOLD || k->told_hungry)
		return;
	k->told_hungry = true;
	keeper_name(k, &name);
	msg_warn("%shas read %llu item%s and answered %s: does it flush? (stdbuf -oL, "
		"sed -u, jq --unbuffered)", buf_str(&name), (unsigned long long)k->fed,
		k->fed == 1 ? "" : "s", k->answered ? "fewer" : "none");
	buf_free(&name);
}

/* Has anything come of it meanwhile? Whoever sits in a read has flushed all it will. */
static bool keeper_has_answered(const struct keeper *k)
{
	struct pollfd fd = { .fd = k->child.pipe[CHILD_OUT], .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

static void keeper_look_at_hunger(struct keeper *k, int64_t now)
{
	enum hunger hunger;

	if (!k->owed.count || !k->ready || k->fault || k->child.in < 0 || k->sent < k->send.len
	    || now < k->quiet + k->look)
		return;
	k->look = k->look < HUNGER_GUESSED / 2 ? 2 * k->look : k->look + HUNGER_GUESSED;
	hunger = hunger_of(k->child.leader.pid, k->child.in);
	if (hunger == HUNGER_UNKNOWN && now >= k->quiet + HUNGER_GUESSED)
		hunger = HUNGER_WAITS;
	if (hunger == HUNGER_WAITS && !keeper_has_answered(k))
		keeper_starves(k, now);
}

static void keeper_look_at_end(struct keeper *k, int64_t now)
{
	struct buf name = { 0 };

	if (!k->closed || keeper_owes(k) || k->told_closed || now < k->closed + HUNGER_TOLD)
		return;
	k->told_closed = true;
	keeper_name(k, &name);
	msg_warn("%shas answered all and its input is closed: waiting for it to end",
		buf_str(&name));
	buf_free(&name);
}

static int64_t keeper_sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How long to sleep at most. */
static int64_t keeper_patience(const struct keeper *k, int64_t now)
{
	int64_t most = keeper_sooner(CLOCK_SECOND, k->child.next_step - now);

	if (k->asked)
		most = keeper_sooner(most, k->ask_at - now);
	if (k->child.exited)
		most = keeper_sooner(most, k->child.exited + KEEPER_GRACE - now);
	else if (k->child.leader.pidfd < 0 || k->err_held)
		most = keeper_sooner(most, KEEPER_LOOK);
	if ((k->end_of_out || k->deaf) && !k->fault)
		most = keeper_sooner(most, KEEPER_GRACE);
	if (k->owed.count && k->ready && !k->fault && k->child.in >= 0)
		most = keeper_sooner(most, k->quiet + k->look - now);
	return most > 0 ? most : 0;
}

/* --- waiting -------------------------------------------------------------- */

enum { KEEPER_IN, KEEPER_OUT, KEEPER_ERR, KEEPER_LEADER, KEEPER_BELL, KEEPER_POLLS };

static int keeper_poll(struct pollfd *fd, int64_t most)
{
#ifdef HAVE_PPOLL
	struct timespec limit = { most / CLOCK_SECOND, most % CLOCK_SECOND };

	return ppoll(fd, KEEPER_POLLS, &limit, NULL);
#else
	return poll(fd, KEEPER_POLLS, (int)((most + CLOCK_MS - 1) / CLOCK_MS));
#endif
}

static void keeper_rung(struct keeper *k)
{
	k->asked = false;
	k->rung = true;
}

void keeper_wait(struct keeper *k)
{
	struct child *c = &k->child;
	int64_t now = clock_now();
	bool writing = k->ready && !k->fault && k->sent < k->send.len;
	struct pollfd fd[KEEPER_POLLS] = {
		[KEEPER_IN] = { .fd = writing ? c->in : -1, .events = POLLOUT },
		[KEEPER_OUT] = { .fd = c->pipe[CHILD_OUT], .events = POLLIN },
		[KEEPER_ERR] = { .fd = k->err_held ? -1 : c->pipe[CHILD_ERR], .events = POLLIN },
		[KEEPER_LEADER] = { .fd = c->exited ? -1 : c->leader.pidfd, .events = POLLIN },
		[KEEPER_BELL] = { .fd = k->asked ? k->serving->bell : -1, .events = POLLIN },
	};
	int events;

	keeper_look_at_clock(k, now);
	events = keeper_poll(fd, keeper_patience(k, now));
	if (fd[KEEPER_OUT].revents)
		hear_out(k);
	if (fd[KEEPER_ERR].revents)
		hear_err(k);
	if (fd[KEEPER_BELL].revents)
		keeper_rung(k);
	if (fd[KEEPER_LEADER].revents || c->leader.pidfd < 0)
		child_exited(c, clock_now());
	now = clock_now();
	if (k->asked && now >= k->ask_at)
		keeper_rung(k);
	if (events > 0)
		return;
	if (k->err_held)
		k->err_held = k->rules->note(k->rules->ctx, "", 0) > KEEPER_BYTES;
	child_look_for_stop(c);
	keeper_look_at_hunger(k, now);
	keeper_look_at_end(k, now);
}

/* --- the end -------------------------------------------------------------- */

bool keeper_is_over(const struct keeper *k)
{
	const struct child *c = &k->child;

	return c->exited && ((c->pipe[CHILD_OUT] < 0 && c->pipe[CHILD_ERR] < 0)
		|| clock_now() >= c->exited + KEEPER_GRACE);
}

void keeper_bury(struct keeper *k, struct outcome *o)
{
	/* What is in the pipes by now, and no more: a background process may go on for ever. */
	for (size_t n = 0; n < KEEPER_LAST && k->child.pipe[CHILD_OUT] >= 0
		&& hear_out(k); n += KEEPER_BYTES)
		;
	for (size_t n = 0; n < KEEPER_LAST && k->child.pipe[CHILD_ERR] >= 0
		&& hear_err(k); n += KEEPER_BYTES)
		;
	if (k->err.len)
		hear_lines(k, k->err.len);
	child_close_in(&k->child);
	for (int i = 0; i < CHILD_PIPES; i++)
		child_close_pipe(&k->child, i);
	*o = (struct outcome){ .started = k->child.started };
	child_reap(&k->child, o);
	k->running = false;
}
