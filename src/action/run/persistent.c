/* The action that keeps a command running. See persistent.h. */
#include "action/run/persistent.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "action/action.h"
#include "action/run/environment.h"
#include "action/run/keeper.h"
#include "action/run/output.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/random.h"
#include "base/saturate.h"
#include "base/signal_name.h"
#include "item.h"

/* The status of an item with which a worker broke the form of its answers, or ended as if
 * nothing were owed (EX_PROTOCOL). */
enum { BROKEN_FORM = 76 };

/* How much memory it has is looked at so often. */
#define WEIGH_AGAIN (20 * CLOCK_MS)

struct persistent {
	struct action action;
	struct persistent_rules rules;
	_Atomic size_t pace; /* bytes of a run that suits its workers now */
	char **base; /* pq's environment without the variables of jobs */
	size_t nbase;
};

/* --- what is owed by a process that has ended --------------------------- */

/* How it ended, as a message begins. */
static void persistent_tell_end(const struct keeper *k, const struct outcome *o, struct buf *to)
{
	char text[CLOCK_TEXT];

	keeper_name(k, to);
	switch (k->fault) {
	case KEEPER_BROKE:
		buf_addf(to, "was ended: %s; stdout of a worker carries answers; print on stderr",
			buf_str((struct buf *)&k->flaw));
		if (k->rules->answer.form == ANSWER_LINES && !k->rules->answer.until)
			buf_adds(to, "; a filter that drops lines wants --pipe");
		break;
	case KEEPER_LATE:
		buf_addf(to, "was ended after %s s without an answer (--timeout)",
			clock_seconds(timeout_now(&k->rules->timeout), text));
		break;
	case KEEPER_SILENT:
		buf_adds(to, "was ended: it has closed its stdout");
		break;
	case KEEPER_DEAF:
		buf_adds(to, "was ended: it has closed its stdin");
		break;
	case KEEPER_EVICTED:
		buf_adds(to, "was ended, for less than half of --memfree was free");
		break;
	case KEEPER_WELL:
		if (k->child.wanted_terminal)
			buf_adds(to, "was ended: it wanted the terminal");
		else if (o->how == OUTCOME_SIGNAL)
			buf_addf(to, "was killed by %s", signal_name(o->code));
		else
			buf_addf(to, "ended with status %d", o->code);
		break;
	}
}

/* One that closes its input early, or drops lines, ends well and owes answers. */
static void persistent_tell_few(const struct keeper *k, const struct outcome *o, struct buf *to)
{
	if (k->fault || o->how != OUTCOME_EXIT || o->code || !k->closed)
		return;
	buf_addf(to, "; it has answered %llu of %llu items", (unsigned long long)k->answered,
		(unsigned long long)(k->answered + k->owed.left));
	if (k->rules->answer.form == ANSWER_LINES && !k->rules->answer.until)
		buf_adds(to, ": a filter that drops lines wants --pipe");
}

/* As what it owed is to see it. */
static struct outcome persistent_outcome(const struct keeper *k, const struct outcome *o,
	int64_t since)
{
	struct outcome of = *o;

	if (k->fault == KEEPER_LATE)
		of = (struct outcome){ .how = OUTCOME_TIMEOUT, .code = k->child.last_signal };
	else if (k->fault || (o->how == OUTCOME_EXIT && !o->code))
		of = (struct outcome){ .how = OUTCOME_EXIT, .code = BROKEN_FORM };
	of.took = clock_now() - since;
	of.started = clock_wall() - of.took;
	return of;
}

/* All of it, the oldest last, so that it is the first to come again. */
static void persistent_give_back(struct keeper *k, size_t from, unsigned company)
{
	while (k->owed.count > from)
		k->serving->back(k->serving, owed_take(&k->owed, k->owed.count - 1), company);
}

/* pq has stopped it: what it owed is not done. */
static void persistent_stopped(struct keeper *k, const struct outcome *o)
{
	while (k->owed.count) {
		struct delivery *d = owed_take(&k->owed, 0);

		d->result.outcome = *o;
		k->serving->ended(k->serving, d);
	}
}

/* --- runs ---------------------------------------------------------------- */

/* The record that is asked for, as messages call it. */
static void persistent_name_record(const struct keeper *k, struct buf *to)
{
	const struct run *run = owed_at(&k->owed, 0)->delivery->item->run;
	const char *record = run->bytes.data + k->at;
	const char *end = memchr(record, '\n', run->bytes.len - k->at);

	buf_addf(to, "item %llu ", (unsigned long long)(run->first + k->index));
	msg_quote(to, record, (size_t)(end - record), 40);
}

/* It was lost too often. */
static void persistent_reject_record(struct keeper *k)
{
	struct product *product = owed_at(&k->owed, 0)->delivery->result.product;
	struct buf name = { 0 };

	persistent_name_record(k, &name);
	msg_many("items that were lost", "%s: lost with its worker %u time%s (--poison)",
		buf_str(&name), k->lost, k->lost == 1 ? "" : "s");
	buf_free(&name);
	product->failed++;
	keeper_pass_records(k, 1);
}

/* The first record of the oldest run that is not answered is asked for by itself, or, with
 * `all`, half of them, and then the others: so the guilty one is found in few steps. */
static void persistent_take_care(struct keeper *k, bool all)
{
	const struct owed_item *oldest = owed_at(&k->owed, 0);

	if (k->tended != oldest->delivery) {
		k->tended = oldest->delivery;
		k->at = 0;
		k->index = 0;
		k->lost = 0;
		k->offered = oldest->delivery->item->run->records;
	}
	keeper_pass_records(k, k->offered - oldest->left);
	k->offered = oldest->left;
	k->step = all ? oldest->left / 2 : 1;
	k->until = k->index + (all ? oldest->left : 1);
	k->careful = true;
}

/* Which record is to blame? As below; but the run stays here, with the answers it has. */
static void persistent_blame_record(struct keeper *k, struct buf *line)
{
	bool suspects = !k->answered && owed_at(&k->owed, 0)->left > 1;

	if (suspects)
		buf_addf(line, "; it has answered none of %llu items: half as many are run at a "
			"time", (unsigned long long)owed_at(&k->owed, 0)->left);
	persistent_take_care(k, suspects);
	if (!suspects) {
		k->lost++;
		buf_adds(line, "; ");
		persistent_name_record(k, line);
		buf_addf(line, " was lost with it (%u of %u)", k->lost, k->rules->poison);
	}
	msg_many("workers that died", "%s", buf_str(line));
	if (k->lost >= k->rules->poison)
		persistent_reject_record(k);
	persistent_give_back(k, 1, 0);
}

/* --- items --------------------------------------------------------------- */

/* The oldest is to blame: its outcome, and what is said of it. */
static void persistent_accuse_oldest(struct keeper *k, const struct outcome *o, struct buf *line)
{
	struct owed_item *oldest = owed_at(&k->owed, 0);
	struct delivery *d = oldest->delivery;
	unsigned lost = d->lost + 1;
	struct buf name = { 0 };

	d->result.outcome = persistent_outcome(k, o, oldest->begun);
	item_name(&name, d->item); /* its section's is the worker's */
	buf_addf(line, "; %s was lost with it", buf_str(&name));
	if (k->rules->poison)
		buf_addf(line, " (%u of %u)", lost, k->rules->poison);
	buf_clear(&name);
	buf_addf(&name, "lost with its worker %u time%s%s", lost, lost == 1 ? "" : "s",
		lost == k->rules->poison ? " (--poison)" : "");
	free(d->result.why);
	d->result.why = mem_copy(name.data, name.len);
	buf_free(&name);
}

/* Which of what it owed is to blame? The oldest, if it has answered any, or has no more than
 * this one; else half as many are run at a time, and so on, until there is but one. To run
 * each by itself would take a process for each where a filter keeps its answers back. */
static void persistent_blame(struct keeper *k, const struct outcome *o)
{
	struct buf line = { 0 };
	size_t begun = 0;
	bool suspects;

	while (begun < k->owed.count
	       && owed_at(&k->owed, begun)->end - owed_at(&k->owed, begun)->size < k->written)
		begun++;
	persistent_tell_end(k, o, &line);
	persistent_tell_few(k, o, &line);
	if (k->rules->runs) {
		persistent_blame_record(k, &line);
		buf_free(&line);
		return;
	}
	suspects = !k->answered && begun > 1;
	if (suspects)
		buf_addf(&line, "; it has answered none of %zu items: half as many are run at a "
			"time", begun);
	else
		persistent_accuse_oldest(k, o, &line);
	msg_many("workers that died", "%s", buf_str(&line));
	buf_free(&line);
	persistent_give_back(k, suspects ? begun : 1, 0);
	if (suspects)
		persistent_give_back(k, 0, (unsigned)(begun / 2));
	else
		k->serving->lost(k->serving, owed_take(&k->owed, 0));
}

/* It owed nothing: is there something to be told all the same? */
static void persistent_tell_idle_end(struct keeper *k, const struct outcome *o)
{
	struct buf line = { 0 };

	if (!k->fault && o->how == OUTCOME_EXIT && !o->code)
		return;
	persistent_tell_end(k, o, &line);
	buf_adds(&line, "; it owed no answer");
	msg_many("workers that ended badly", "%s", buf_str(&line));
	buf_free(&line);
	if (k->closed || k->fault == KEEPER_BROKE)
		k->rules->unwell(k->rules->ctx);
}

/* Who died early is held back, as attempts are. */
static void persistent_hold_back(struct keeper *k)
{
	uint64_t random = 0;

	k->deaths++;
	if (!k->rules->backoff.base)
		return;
	random_bytes(&random, sizeof random);
	k->not_before = saturate_after(clock_now(),
		backoff_delay(&k->rules->backoff, k->deaths, random));
}

static void persistent_bury(struct keeper *k)
{
	struct outcome o;

	keeper_bury(k, &o);
	k->serving->decline(k->serving);
	k->asked = k->rung = false;
	if (!k->rules->runs)
		k->answering = NULL; /* half an answer is none; a run may have had others */
	if (o.how == OUTCOME_STOPPED) {
		persistent_stopped(k, &o);
	} else if (k->fault == KEEPER_EVICTED) {
		persistent_give_back(k, 0, 0);
	} else if (keeper_owes(k)) {
		persistent_blame(k, &o);
		persistent_hold_back(k);
	} else {
		persistent_tell_idle_end(k, &o);
	}
	keeper_forget(k);
	k->careful &= k->owed.count > 0;
	if (!k->careful)
		return;
	keeper_pass_records(k, k->offered - owed_at(&k->owed, 0)->left);
	keeper_offer_records(k);
}

/* --- feeding ------------------------------------------------------------- */

/* Of what is not written whole; begun: also what is in the middle of it. */
static void persistent_take_back(struct keeper *k, bool begun)
{
	size_t keep = k->owed.count;

	while (keep > k->careful) {
		const struct owed_item *last = owed_at(&k->owed, keep - 1);

		if (k->answering == last->delivery)
			break; /* a run that has answers */

		if (begun ? last->end <= k->written : last->end - last->size < k->written)
			break;
		k->send.len = k->send.len > last->size ? k->send.len - last->size : 0;
		k->given -= last->size;
		k->fed -= last->left;
		keep--;
	}
	persistent_give_back(k, keep, 0);
}

/* One process has had enough? */
static bool persistent_recycles(struct keeper *k)
{
	const struct persistent_rules *r = k->rules;
	uint64_t memory;

	if (r->recycle_items && k->fed >= r->recycle_items)
		return true;
	if (!r->recycle_memory || clock_now() < k->weighed + WEIGH_AGAIN)
		return false;
	k->weighed = clock_now();
	return machine_memory_of(k->child.leader.pid, &memory) && memory > r->recycle_memory;
}

static void persistent_feed(struct keeper *k)
{
	struct serving *s = k->serving;
	struct delivery *d;

	if (k->careful && !k->closing && !owed_at(&k->owed, 0)->left) {
		keeper_pass_records(k, k->offered);
		keeper_offer_records(k);
	}
	while (!k->asked && keeper_has_room(k)) {
		if (persistent_recycles(k)) {
			k->closing = true;
			break;
		}
		k->rung = false;
		d = s->take(s, false, &k->ask_at);
		if (!d) {
			k->asked = true;
		} else if (d->company && k->owed.count >= d->company) {
			/* Until this one has less to do it is another's, and none is asked for. */
			k->company = d->company;
			s->back(s, d, 0);
		} else {
			keeper_hold(k, d);
		}
	}
	if (k->rung && !k->asked) {
		s->decline(s); /* there is no room for what there may be now */
		k->rung = false;
	}
	if (s->home)
		persistent_take_back(k, false);
	k->closing |= s->home && !k->owed.count;
	keeper_write(k);
	if (k->child.in < 0)
		persistent_take_back(k, true);
}

/* --- the worker ---------------------------------------------------------- */

/* Has the process something to do, or is there one to be waited for? */
static bool persistent_goes_on(struct keeper *k)
{
	struct serving *s = k->serving;
	int64_t wait = k->not_before - clock_now();
	struct delivery *d;

	if (k->running)
		return true;
	if (k->owed.count && (wait <= 0 || s->pause(s, wait)))
		return true;
	if (k->owed.count) {
		persistent_give_back(k, 0, 0);
		return false;
	}
	if (s->home || (wait > 0 && !s->pause(s, wait)))
		return false;
	d = s->take(s, true, NULL);
	if (d)
		keeper_hold(k, d);
	return d != NULL;
}

/* What would be done for this item by itself. */
static void persistent_show_item(struct keeper *k, struct delivery *d)
{
	struct serving *s = k->serving;
	struct buf text = { 0 }, fed = { 0 };
	const char *why = feed_item(&k->rules->feed, d, &fed);

	if (why) {
		keeper_refuse(k, d, 126, why);
	} else {
		template_show_feeding(k->rules->template, &(struct fill){ .item = d->item,
			.slot = s->slot + 1 }, fed.data, fed.len, &text);
		buf_addc(&text, '\n');
		output_begin(s->output, d, false, NULL);
		output_put(s->output, STREAM_OUT, text.data, text.len);
		output_end(s->output);
		d->result.outcome = (struct outcome){ .how = OUTCOME_EXIT };
		s->ended(s, d);
	}
	buf_free(&text);
	buf_free(&fed);
}

static void persistent_show(struct keeper *k)
{
	struct delivery *d;
	int64_t when;

	while ((d = k->serving->take(k->serving, true, &when)))
		persistent_show_item(k, d);
}

static void persistent_serve(struct action *a, void *own, struct serving *s)
{
	struct keeper *k = own;

	(void)a;
	k->serving = s;
	if (k->rules->dry_run) {
		persistent_show(k);
		return;
	}
	while (persistent_goes_on(k)) {
		if (!k->owed.count && !k->running)
			continue; /* it could not be held */
		if (!k->running && !keeper_start(k))
			continue;
		persistent_feed(k);
		keeper_wait(k);
		if (keeper_is_over(k))
			persistent_bury(k);
	}
}

static void *persistent_enter(struct action *a)
{
	struct persistent *p = (struct persistent *)a;
	struct keeper *k = mem_zero(sizeof *k);

	k->rules = &p->rules;
	k->bytes = mem_alloc(KEEPER_BYTES);
	k->pace = &p->pace;
	k->envp = mem_zero((p->nbase + ENVIRONMENT_MOST + 1) * sizeof *k->envp);
	memcpy(k->envp, p->base, p->nbase * sizeof *k->envp);
	return k;
}

static void persistent_leave(struct action *a, void *own)
{
	struct keeper *k = own;

	(void)a;
	owed_free(&k->owed);
	answer_free(&k->answer);
	argv_free(&k->argv);
	buf_free(&k->env);
	buf_free(&k->tag);
	buf_free(&k->why);
	buf_free(&k->send);
	buf_free(&k->flaw);
	buf_free(&k->partial);
	buf_free(&k->err);
	free(k->bytes);
	free(k->envp);
	free(k);
}

static size_t persistent_pace(struct action *a)
{
	return atomic_load_explicit(&((struct persistent *)a)->pace, memory_order_relaxed);
}

static void persistent_free(struct action *a)
{
	free(((struct persistent *)a)->base);
	free(a);
}

struct action *persistent_new(const struct persistent_rules *rules)
{
	struct persistent *p = mem_zero(sizeof *p);

	p->action = (struct action){ .enter = persistent_enter, .leave = persistent_leave,
		.serve = persistent_serve, .pace = persistent_pace, .free = persistent_free };
	p->rules = *rules;
	p->base = environment_others(&p->nbase);
	p->pace = 1;
	return &p->action;
}
