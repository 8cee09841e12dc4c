/* Reaching a broker. See reach.h. */
#include "broker/reach.h"

#include <poll.h>
#include <string.h>

#include "base/bell.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/status.h"

/* Between two tries, and how long one that ends tries at all (ns). */
#define PAUSE_LEAST (50 * CLOCK_MS)
#define PAUSE_MOST (2 * CLOCK_SECOND)
#define ENDING_MOST (10 * CLOCK_SECOND)

/* What a call may take in the end (ms): 16 MB by a line of 1 Mbit/s. */
#define PATIENCE_MOST (120 * INT64_C(1000))

void reach_try(const struct broker_rules *rules)
{
	struct buf why = { 0 }, notes = { 0 };
	enum broker_state state;
	struct broker_rules trial = *rules;
	struct broker *b;

	trial.trial = true;
	b = broker_open(&trial, &state, &why, &notes);
	if (!b)
		msg_die(STATUS_OUTPUT, "%s; nothing was started", buf_str(&why));
	msg_lines(&notes);
	broker_close(b);
	buf_free(&why);
	buf_free(&notes);
}

bool reach_is_there(const struct reach *r)
{
	return r->broker && !r->away;
}

static void reach_tell_gone(struct reach *r, const char *why)
{
	char most[CLOCK_TEXT];

	if (r->told)
		return;
	r->told = true;
	if (r->give_up >= 0)
		msg_warn("%s; waiting for it, for %s s at most (--give-up)", why,
			clock_seconds(r->give_up, most));
	else
		msg_warn("%s; waiting for it (--give-up TIME ends that)", why);
}

static void reach_gone(struct reach *r)
{
	if (r->gone_since)
		return;
	r->gone_since = clock_now();
	r->pause = PAUSE_LEAST;
}

/* What takes too long, as a large item does by a slow line, would take too long again and
 * again. It is not forgotten: there may be more of the kind. */
static void reach_be_patient(struct reach *r)
{
	int64_t more = 2 * broker_patience(&r->rules);

	r->rules.patience = more < PATIENCE_MOST ? more : PATIENCE_MOST;
}

/* One whose leases the kernel keeps must stay open, or it would lose them. */
void reach_lost(struct reach *r)
{
	reach_gone(r);
	reach_tell_gone(r, broker_why(r->broker));
	r->away = true;
	if (broker_was_late(r->broker))
		reach_be_patient(r);
	if (!broker_expires(r->broker))
		return;
	broker_close(r->broker);
	r->broker = NULL;
}

void reach_heard(struct reach *r)
{
	char took[CLOCK_TEXT];

	if (r->told)
		msg_warn("%s is back after %s s", r->rules.address->shown,
			clock_seconds(clock_now() - r->gone_since, took));
	r->told = false;
	r->gone_since = 0;
}

static bool reach_open(struct reach *r)
{
	enum broker_state state;
	struct buf why = { 0 };

	r->broker = broker_open(&r->rules, &state, &why, NULL);
	r->away = !r->broker;
	if (r->broker) {
		memcpy(r->id, broker_id(r->broker), sizeof r->id);
	} else if (state == BROKER_GONE) {
		reach_gone(r);
		reach_tell_gone(r, buf_str(&why));
	} else {
		msg_warn("%s", buf_str(&why));
	}
	buf_free(&why);
	return r->broker || state == BROKER_GONE;
}

static bool reach_has_given_up(const struct reach *r, bool ending)
{
	int64_t most = r->give_up;

	if (ending && (most < 0 || most > ENDING_MOST))
		most = ENDING_MOST;
	return most >= 0 && clock_now() - r->gone_since >= most;
}

bool reach_again(struct reach *r, const struct bell *bell, bool ending)
{
	struct pollfd fd = { .fd = bell->out, .events = POLLIN };
	char took[CLOCK_TEXT];

	if (!r->gone_since)
		return reach_open(r);
	if (reach_has_given_up(r, ending)) {
		msg_warn("%s: not back after %s s: given up", r->rules.address->shown,
			clock_seconds(clock_now() - r->gone_since, took));
		return false;
	}
	if (poll(&fd, 1, (int)(r->pause / CLOCK_MS)) > 0)
		bell_hush(bell);
	r->pause = r->pause * 2 < PAUSE_MOST ? r->pause * 2 : PAUSE_MOST;
	if (!r->broker)
		return reach_open(r);
	r->away = false;
	return true;
}

void reach_close(struct reach *r)
{
	if (r->broker)
		broker_close(r->broker);
	r->broker = NULL;
}
