/* Tickets for items. See tickets.h. */
#include "queue/tickets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "action/template/template.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/random.h"
#include "base/saturate.h"
#include "options/options.h"
#include "queue/queue.h"
#include "queue/schedule.h"

static void tickets_expand(const struct template *t, const struct item *item, struct buf *out)
{
	if (t)
		template_fill(t, &(struct fill){ .item = item, .slot = 0 }, out);
}

/* A decimal number, with white space around it. */
static bool tickets_parse_number(struct buf *text, double *n)
{
	const char *s = buf_str(text);
	char *end;

	if (strspn(s, "0123456789+-.eE \t\r") != text->len)
		return false;
	*n = strtod(s, &end);
	end += strspn(end, " \t\r");
	return end != s && !*end && isfinite(*n);
}

static bool tickets_is_whole(double n)
{
	return n > -0x1p63 && n < 0x1p63 && n == (double)(int64_t)n;
}

double tickets_priority(const struct template *t, const struct item *item)
{
	struct buf text = { 0 };
	double n = 0;

	tickets_expand(t, item, &text);
	if (!tickets_parse_number(&text, &n))
		n = 0;
	buf_free(&text);
	return n;
}

/* NULL, and *why (a constant), when its priority is no number, or none that can be kept. */
static struct ticket *tickets_make(const struct tickets_rules *rules, const struct item *item,
	const char **why)
{
	struct buf priority = { 0 }, key = { 0 }, rate_key = { 0 };
	struct ticket *t = NULL;
	double n = 0;

	tickets_expand(rules->priority, item, &priority);
	tickets_expand(rules->key, item, &key);
	tickets_expand(rules->rate_key, item, &rate_key);
	if (rules->priority && !tickets_parse_number(&priority, &n))
		*why = "its --priority is no number";
	else if (rules->whole && !tickets_is_whole(n))
		*why = "its --priority is no whole number of 64 bits, as a queue keeps it";
	else
		t = ticket_new(n, key.data, key.len, rate_key.data, rate_key.len);
	buf_free(&priority);
	buf_free(&key);
	buf_free(&rate_key);
	return t;
}

bool tickets_give(const struct tickets_rules *rules, struct delivery *d)
{
	const char *why = NULL;

	d->ticket = tickets_make(rules, d->item, &why);
	if (d->ticket)
		return true;
	delivery_refuse(d, why);
	return false;
}

bool tickets_schedule(const struct options *o, const struct section *s,
	struct schedule_rules *rules)
{
	*rules = (struct schedule_rules){ .aging = o->aging, .rate = s->rate,
		.delay = o->delay, .delay_adapts = o->delay_adapts, .breaker = s->breaker };
	rules->affinity = o->affinity;
	if (o->key)
		rules->key_jobs = s->key_jobs ? s->key_jobs : 1;
	return o->priority || o->key || s->rate.interval || o->delay || s->breaker.count
		|| s->backoff.base;
}

void tickets_ended(struct queue *q, const struct breaker_rule *rule, const struct delivery *d)
{
	enum queue_end how = d->verdict == VERDICT_ACK ? QUEUE_DONE
		: d->verdict == VERDICT_RELEASE ? QUEUE_CUT_OFF : QUEUE_FAILED;
	enum breaker_event event = queue_ended(q, d, how);
	char text[CLOCK_TEXT];
	struct buf of = { 0 };

	if (event == BREAKER_SAME)
		return;
	section_name(&of, d->section);
	if (event == BREAKER_OPENED)
		msg_warn("too many attempts fail%s: nothing is started for %s s, then one trial "
			"(--breaker)", buf_str(&of), clock_seconds(rule->cooldown, text));
	else
		msg_warn("the trial succeeded%s: going on (--breaker)", buf_str(&of));
	buf_free(&of);
}

void tickets_back_off(const struct backoff *backoff, struct delivery *d)
{
	uint64_t random = 0;
	int64_t wait;

	if (!backoff->base)
		return;
	random_bytes(&random, sizeof random);
	wait = backoff_delay(backoff, d->attempts, random);
	d->due = saturate_after(clock_wall(), wait);
	ticket_delay(d->ticket, saturate_after(clock_now(), wait));
}

void tickets_go_on(const struct backoff *backoff, struct delivery *d)
{
	int64_t left = d->due - clock_wall();

	if (!d->due || !backoff->base || left <= 0)
		return;
	left = left < backoff->cap ? left : backoff->cap; /* or somebody has set the clock */
	ticket_delay(d->ticket, saturate_after(clock_now(), left));
}
