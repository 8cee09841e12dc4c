/* The passages of a run. See passages.h. */
#include "passages.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "action/template/template.h"
#include "base/buf.h"
#include "base/chain.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "group.h"
#include "item.h"
#include "options/options.h"
#include "plan/plan.h"
#include "queue/tickets.h"
#include "record/journal.h"
#include "sink/queue.h"
#include "stats.h"

/* Bytes of what a job printed that are put at once, about. */
enum { PART_MOST = 256 * 1024 };

struct stage {
	struct passages *all;
	unsigned number;              /* of the stages, from 0 */
	const struct address *address;
	bool dead;                    /* it is for dead letters; else for results */
	struct queue_sink *sink;
};

struct passages {
	struct passages_rules rules;
	const struct plan *plan;
	struct stage *stages;         /* owned */
	unsigned count;
	struct buf text;              /* the results' sink's own: */
	const struct chunk *next;     /* to be read of what a job printed, */
	bool reads;                   /* of which some is in `text`, or was there */
	char *scratch;                /* likewise: CHAIN_SLOT bytes */
	_Atomic bool left;            /* something was refused by a queue, and told */
};

/* --- what goes there --------------------------------------------------- */

/* Some more of what it printed, behind what is left of that before. False: it cannot be had. */
static bool passages_read(struct passages *p)
{
	size_t most = p->text.len + PART_MOST; /* a record may be longer than that */
	bool read = true;

	for (; p->next && p->text.len < most && read; p->next = p->next->next) {
		const char *data = chunk_data(p->rules.store, p->next, p->scratch);

		read = data != NULL;
		if (read)
			buf_add(&p->text, data, p->next->len);
	}
	if (!read)
		msg_warn("cannot read the spool file in TMPDIR back");
	return read;
}

static size_t passages_fill_text(const struct template *t, const struct item *item,
	struct goods *to, size_t *len)
{
	size_t at = to->text.len;

	template_fill(t, &(struct fill){ .item = item }, &to->text);
	*len = to->text.len - at;
	buf_addc(&to->text, '\0');
	return at;
}

/* Of these goods, from this one on, each has the topic of the item. */
static void passages_add_topic(const struct passages *p, const struct item *item,
	struct goods *to, size_t from)
{
	size_t at, n;

	if (!p->plan->options->topic_key || item->run)
		return;
	at = passages_fill_text(p->plan->topic, item, to, &n);
	for (size_t i = from; i < to->count; i++)
		to->list[i].topic = at;
}

/* Whole records of what was read; what is behind them stays. */
static void passages_add_whole(struct passages *p, struct goods *to, char separator)
{
	const char *end = memrchr(buf_str(&p->text), separator, p->text.len);
	size_t whole = end ? (size_t)(end + 1 - p->text.data) : 0;

	goods_add_records(to, p->text.data, whole, separator);
	memmove(p->text.data, p->text.data + whole, p->text.len - whole);
	p->text.len -= whole;
}

/* What it printed, record by record, as if pq's output were put by another pq. */
static enum goods_fill passages_fill_result(struct passages *p, struct delivery *d,
	struct goods *to)
{
	char separator = p->plan->options->separator;
	const struct product *product = d->result.product;
	size_t before = to->count;
	bool done = d->verdict == VERDICT_ACK || (d->group->records && d->item->run
		&& d->verdict == VERDICT_REJECT), more;

	if (!done)
		return GOODS_ALL;
	if (!p->reads) {
		p->next = d->result.output[STREAM_OUT].first;
		buf_clear(&p->text);
	}
	p->reads = false;
	if (!passages_read(p))
		return GOODS_UNREAD;
	more = p->next != NULL;
	if (more)
		passages_add_whole(p, to, separator);
	else
		goods_add_records(to, p->text.data, p->text.len, separator);
	if (product && !more)
		goods_add_records(to, product->out.data, product->out.len, separator);
	passages_add_topic(p, d->item, to, before);
	p->reads = more;
	return more ? GOODS_MORE : GOODS_ALL;
}

/* The values of an item from this one on, as {} has them. */
static void passages_join(struct buf *to, const struct item *item,
	struct value (*value)(const struct item *item, uint32_t index), uint32_t from,
	uint32_t count)
{
	for (uint32_t i = from; i < from + count; i++) {
		struct value v = value(item, i);

		if (i > from)
			buf_addc(to, ' ');
		buf_add(to, v.data, v.len);
	}
}

/* The item itself is moved. */
static void passages_fill_item(struct passages *p, struct delivery *d, struct goods *to)
{
	const struct item *item = d->item;
	const struct plan *plan = p->plan;
	size_t before = to->count;
	struct good *good;

	if (d->verdict != VERDICT_ACK)
		return;
	if (item->run) {
		goods_add_records(to, item->run->bytes.data, item->run->bytes.len,
			plan->options->separator);
		return;
	}
	buf_clear(&p->text);
	passages_join(&p->text, item, item_raw, 0, item_raws(item));
	good = goods_add(to, p->text.data, p->text.len);
	if (plan->options->unique && plan->unique)
		good->key = passages_fill_text(plan->unique, item, to, &good->key_len);
	else if (plan->options->unique) {
		good->key = good->body;
		good->key_len = good->len;
	}
	passages_add_topic(p, item, to, before);
	if (plan->sections->tickets.priority)
		good->priority = (int64_t)tickets_priority(plan->sections->tickets.priority,
			item);
}

/* Of dead letters: each record with what became of it. */
static void passages_add_dead(struct goods *to, const char *data, size_t len, const char *why)
{
	struct good *good = goods_add(to, data, len);

	good->outcome = to->text.len;
	buf_add(&to->text, why, strlen(why) + 1);
}

static void passages_fill_rejects(const struct delivery *d, struct goods *to)
{
	const struct product *product = d->result.product;

	for (size_t i = 0; i < product->nrejects; i++) {
		const struct reject *r = &product->rejects[i];

		passages_add_dead(to, d->item->run->bytes.data + r->at, r->len, r->why);
	}
}

static void passages_fill_dead(struct delivery *d, struct goods *to)
{
	const struct item *item = d->item;
	struct buf why = { 0 }, text = { 0 };
	uint32_t raws = item->run ? 0 : item_raws(item), each;

	delivery_why(&why, d);
	if (item->run && d->result.product && d->result.product->nrejects)
		passages_fill_rejects(d, to);
	else if (item->run)
		passages_add_dead(to, item->run->bytes.data, item->run->bytes.len, buf_str(&why));
	each = item->records && raws % item->records == 0 ? raws / item->records : raws;
	for (uint32_t i = 0; i < raws; i += each) {
		buf_clear(&text);
		passages_join(&text, item, item_raw, i, each);
		passages_add_dead(to, text.data, text.len, buf_str(&why));
	}
	buf_free(&why);
	buf_free(&text);
}

static bool passages_is_theirs(const struct stage *s, const struct delivery *d)
{
	const struct section *of = s->all->plan->sections[d->group->number - 1].options;

	return d->verdict == VERDICT_REJECT && of->dead_queue
		&& strcmp(of->dead_queue->shown, s->address->shown) == 0;
}

/* Only its beginning was read, which would be another item there. */
static bool passages_is_cut(const struct stage *s, const struct delivery *d)
{
	if (!d->item->cut)
		return false;
	msg_many("items that were not put", "%s: item %llu: only its beginning was read; %s",
		s->address->shown, (unsigned long long)d->item->number, d->item->leased
			? "it is dead in the queue that it is from" : "it is left out");
	return true;
}

static enum goods_fill passages_on_fill(void *ctx, struct delivery *d, struct goods *to)
{
	struct stage *s = ctx;
	struct passages *p = s->all;

	if (s->dead) {
		if (passages_is_theirs(s, d) && !passages_is_cut(s, d))
			passages_fill_dead(d, to);
		return GOODS_ALL;
	}
	if (!options_moves(p->plan->options))
		return passages_fill_result(p, d, to);
	passages_fill_item(p, d, to);
	return GOODS_ALL;
}

/* --- on the way -------------------------------------------------------- */

static void passages_enter(struct passages *p, unsigned stage, struct delivery *list, bool lost)
{
	if (stage < p->count)
		queue_sink_put(p->stages[stage].sink, list, lost);
	else if (p->rules.journal)
		journal_put(p->rules.journal, list, lost);
	else
		p->rules.passed(p->rules.ctx, list);
}

/* What was put into a dead letter is no longer its source's; what came of it and was lost is
 * to be done again. */
static void passages_judge(const struct stage *s, struct delivery *d, bool lost)
{
	if (!d->item->leased)
		return;
	if (lost && d->verdict != VERDICT_RETRY)
		d->verdict = VERDICT_RELEASE;
	else if (s->dead && !d->item->cut && passages_is_theirs(s, d))
		d->verdict = VERDICT_ACK;
}

static void passages_on_passed(void *ctx, struct delivery *list, bool lost)
{
	struct stage *s = ctx;

	for (struct delivery *d = list; d; d = d->next) {
		if (!s->dead) /* what could not be put was not read, either */
			chain_free(s->all->rules.store, &d->result.output[STREAM_OUT]);
		passages_judge(s, d, lost);
	}
	passages_enter(s->all, s->number + 1, list, lost);
}

/* What came of it has no place, so its source keeps it, as dead. */
static void passages_refuse(const struct stage *s, struct delivery *d, enum put_fate why)
{
	struct buf text = { 0 };

	buf_addf(&text, why == PUT_FULL ? "%s is full" : "no group of %s wants its topic",
		s->address->shown);
	d->verdict = VERDICT_REJECT;
	d->result.outcome = (struct outcome){ .how = OUTCOME_REFUSED };
	free(d->result.why);
	d->result.why = mem_copy(text.data, text.len);
	buf_free(&text);
}

static void passages_on_left(void *ctx, struct delivery *d, enum put_fate why, uint64_t count)
{
	struct stage *s = ctx;
	enum overflow full = d->group->overflow;

	if (why == PUT_DUPLICATE) {
		stats_add(d->group->stats, STAT_SEEN, (int64_t)count);
		return;
	}
	if (why == PUT_FULL && full == OVERFLOW_DROP_NEW) {
		stats_add(d->group->stats, STAT_DROPPED, (int64_t)count);
		return;
	}
	atomic_store(&s->all->left, true);
	if (d->item->leased && d->verdict == VERDICT_ACK)
		passages_refuse(s, d, why);
	if (why == PUT_FULL && full == OVERFLOW_FAIL)
		s->all->rules.failed(s->all->rules.ctx);
}

static void passages_on_failed(void *ctx)
{
	struct passages *p = ((struct stage *)ctx)->all;

	p->rules.failed(p->rules.ctx);
}

/* --- building ---------------------------------------------------------- */

bool passages_needed(const struct plan *plan)
{
	const struct options *o = plan->options;
	bool needed = o->to != NULL;

	for (size_t i = 0; i < o->nsections; i++)
		needed |= o->sections[i].dead_queue != NULL;
	return needed;
}

static enum queue_sink_full passages_when_full(const struct section *s)
{
	switch (s->overflow) {
	case OVERFLOW_BLOCK:
		break;
	case OVERFLOW_DROP_NEW:
		return QUEUE_SINK_DROP;
	case OVERFLOW_DROP_OLD:
	case OVERFLOW_REJECT:
	case OVERFLOW_FAIL:
		return QUEUE_SINK_REFUSE;
	}
	return QUEUE_SINK_WAIT;
}

static void passages_add(struct passages *p, const struct address *address, bool dead)
{
	const struct options *o = p->plan->options;
	struct stage *s = &p->stages[p->count];

	*s = (struct stage){ .all = p, .number = p->count++, .address = address, .dead = dead };
	s->sink = queue_sink_new(&(struct queue_sink_rules){
		.broker = { .address = address, .use = BROKER_PRODUCES,
			.lease = o->lease / CLOCK_MS, .durable = o->durable },
		.give_up = o->give_up, .key_life = o->unique_for / CLOCK_MS,
		.full = dead ? QUEUE_SINK_WAIT : passages_when_full(o->sections),
		.fill = passages_on_fill, .passed = passages_on_passed, .left = passages_on_left,
		.failed = passages_on_failed, .ctx = s });
}

static bool passages_has(const struct passages *p, const struct address *dead)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->stages[i].dead && strcmp(p->stages[i].address->shown, dead->shown) == 0)
			return true;
	return false;
}

struct passages *passages_new(const struct plan *plan)
{
	const struct options *o = plan->options;
	struct passages *p;

	if (!passages_needed(plan))
		return NULL;
	p = mem_zero(sizeof *p);
	p->plan = plan;
	p->stages = mem_zero((o->nsections + 1) * sizeof *p->stages);
	p->scratch = mem_alloc(CHAIN_SLOT);
	if (o->to)
		passages_add(p, o->to, false);
	for (size_t i = 0; i < o->nsections; i++)
		if (o->sections[i].dead_queue && !passages_has(p, o->sections[i].dead_queue))
			passages_add(p, o->sections[i].dead_queue, true);
	return p;
}

void passages_start(struct passages *p, const struct passages_rules *rules)
{
	p->rules = *rules;
	for (unsigned i = 0; i < p->count; i++)
		queue_sink_start(p->stages[i].sink);
}

void passages_put(void *passages, struct delivery *list, bool lost)
{
	passages_enter(passages, 0, list, lost);
}

void passages_hurry(struct passages *p)
{
	for (unsigned i = 0; i < p->count; i++)
		queue_sink_hurry(p->stages[i].sink);
}

bool passages_finish(struct passages *p)
{
	bool left = atomic_load(&p->left);

	for (unsigned i = 0; i < p->count; i++)
		queue_sink_finish(p->stages[i].sink);
	buf_free(&p->text);
	free(p->scratch);
	free(p->stages);
	free(p);
	return left;
}
