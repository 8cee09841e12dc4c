/* Items, their values and their drafts. See item.h. */
#include "item.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/signal_name.h"

/* The memory of a run that was larger is given back. */
#define RUN_KEPT ((size_t)1048576)

static char *item_text(const struct item *item)
{
	return (char *)(item->ends + item->values + item->raws);
}

struct value item_value(const struct item *item, uint32_t index)
{
	size_t from = index ? item->ends[index - 1] + 1 : 0;

	return (struct value){ item_text(item) + from, item->ends[index] - from };
}

uint32_t item_columns(const struct item *item)
{
	return item->stride ? item->values / item->stride * (item->stride - 1) : item->values;
}

struct value item_column(const struct item *item, uint32_t index)
{
	uint32_t columns = item->stride - 1;

	if (!item->stride)
		return item_value(item, index);
	return item_value(item, index / columns * item->stride + 1 + index % columns);
}

uint32_t item_wholes(const struct item *item)
{
	return item->stride ? item->values / item->stride : item->values;
}

struct value item_whole(const struct item *item, uint32_t index)
{
	return item_value(item, item->stride ? index * item->stride : index);
}

uint32_t item_raws(const struct item *item)
{
	return item->raws ? item->raws : item->values;
}

struct value item_raw(const struct item *item, uint32_t index)
{
	return item_value(item, item->raws ? item->values + index : index);
}

void draft_add(struct draft *d, const char *data, size_t len)
{
	if (d->values == d->room) {
		d->room = d->room ? d->room * 2 : 8;
		d->ends = mem_grow(d->ends, d->room * sizeof *d->ends);
	}
	if (d->cap - d->len < len + 1) {
		d->cap = (d->len + len + 1) * 2;
		d->text = mem_grow(d->text, d->cap);
	}
	if (len)
		memcpy(d->text + d->len, data, len);
	d->len += len;
	d->ends[d->values++] = d->len;
	d->text[d->len++] = '\0';
}

struct value draft_value(const struct draft *d, uint32_t index)
{
	size_t from = index ? d->ends[index - 1] + 1 : 0;

	return (struct value){ d->text + from, d->ends[index] - from };
}

void draft_cut(struct draft *d, uint32_t values)
{
	d->values = values;
	d->len = values ? d->ends[values - 1] + 1 : 0;
}

void draft_clear(struct draft *d)
{
	d->len = 0;
	d->values = 0;
	d->refused = NULL;
	d->cut = false;
}

void draft_free(struct draft *d)
{
	free(d->text);
	free(d->ends);
	*d = (struct draft){ 0 };
}

static void draft_drop(struct draft *d, uint32_t values, size_t bytes)
{
	memmove(d->text, d->text + bytes, d->len - bytes);
	d->len -= bytes;
	d->values -= values;
	for (uint32_t i = 0; i < d->values; i++)
		d->ends[i] = d->ends[i + values] - bytes;
	if (d->values)
		return;
	d->refused = NULL;
	d->cut = false;
}

static size_t bytes_of(const struct draft *d, uint32_t values)
{
	return values ? d->ends[values - 1] + 1 : 0;
}

/* An item with its deliveries, and so many bytes behind them, which are what it has ends
 * and text in; it weighs all that. */
static struct item *item_block(uint64_t seq, uint32_t groups, size_t more)
{
	struct item *item;
	size_t size;

	groups = groups ? groups : 1;
	size = sizeof *item + groups * sizeof *item->deliveries;
	item = mem_alloc(size + more);
	memset(item, 0, size);
	item->seq = item->number = seq;
	item->born = (uint32_t)seq;
	item->groups = groups;
	item->unsettled = 1;
	item->weight = size + more;
	item->ends = (size_t *)(item->deliveries + groups);
	for (uint32_t i = 0; i < groups; i++) {
		item->deliveries[i].item = item;
		item->deliveries[i].turn = (seq - 1) * groups + i + 1;
	}
	return item;
}

struct item *item_with_raws(struct draft *d, uint32_t values, struct draft *raw, uint32_t raws,
	uint64_t seq)
{
	size_t bytes = bytes_of(d, values), more = raws ? bytes_of(raw, raws) : 0;
	size_t size = (values + raws) * sizeof(size_t) + bytes + more;
	struct item *item = item_block(seq, d->groups, size);
	bool refused = d->refused && values == d->values;

	item->number = d->number ? d->number : seq;
	item->source = d->source;
	item->records = 1;
	item->values = values;
	item->raws = raws;
	item->cut = refused && d->cut;
	item->stride = refused ? 0 : d->stride;
	memcpy(item->ends, d->ends, values * sizeof *d->ends);
	for (uint32_t i = 0; i < raws; i++)
		item->ends[values + i] = bytes + raw->ends[i];
	memcpy(item_text(item), d->text, bytes);
	draft_drop(d, values, bytes);
	if (raws) {
		memcpy(item_text(item) + bytes, raw->text, more);
		draft_drop(raw, raws, more);
	}
	return item;
}

struct item *item_preview(struct buf *memory, const struct draft *d, uint32_t from)
{
	size_t start = from ? d->ends[from - 1] + 1 : 0;
	struct item *item;

	buf_clear(memory);
	item = (struct item *)buf_reserve(memory,
		sizeof *item + (d->values - from) * sizeof *d->ends + d->len - start);
	*item = (struct item){ .number = d->number, .source = d->source, .values = d->values - from,
		.stride = d->refused ? 0 : d->stride, .ends = (size_t *)item->deliveries };
	for (uint32_t i = 0; i < item->values; i++)
		item->ends[i] = d->ends[from + i] - start;
	memcpy(item_text(item), d->text + start, d->len - start);
	return item;
}

struct item *item_new(struct draft *d, uint32_t values, uint64_t seq)
{
	return item_with_raws(d, values, NULL, 0, seq);
}

/* Memory for what becomes of a run. */
static struct product *product_take(struct run_pool *pool)
{
	struct product *p = pool->products;

	if (!p)
		return mem_zero(sizeof *p);
	pool->products = p->next;
	product_clear(p);
	return p;
}

static void product_give(struct run_pool *pool, struct product *p)
{
	if (!p)
		return;
	if (p->out.cap > RUN_KEPT)
		buf_free(&p->out);
	p->next = pool->products;
	pool->products = p;
}

struct item *item_of_run(struct run *run, const char *source, uint64_t seq, uint32_t groups,
	struct run_pool *pool)
{
	struct item *item = item_block(seq, groups, 0);

	item->source = source;
	item->run = run;
	item->weight += sizeof *run + (1 + (size_t)item->groups * RUN_OUT_TIMES) * run->bytes.cap;
	for (uint32_t i = 0; i < item->groups; i++)
		item->deliveries[i].result.product = product_take(pool);
	return item;
}

void item_lease(struct item *item, struct source *lessor, const struct claim *claims,
	uint32_t count)
{
	struct delivery *d = item->deliveries;

	item->leased = true;
	item->lease = mem_alloc(sizeof *item->lease + count * sizeof *claims);
	item->lease->lessor = lessor;
	memcpy(item->lease->claims, claims, count * sizeof *claims);
	item->weight += sizeof *item->lease + count * sizeof *claims;
	for (uint32_t i = 0; i < count && item->groups == 1; i++) {
		d->attempts = claims[i].attempts > d->attempts ? claims[i].attempts : d->attempts;
		d->lost = claims[i].lost > d->lost ? claims[i].lost : d->lost;
	}
}

/* A copy of the text, or NULL, at *at, moving past it. */
static const char *item_keep(char **at, const char *text)
{
	char *copy = *at;

	if (!text)
		return NULL;
	*at = stpcpy(copy, text) + 1;
	return copy;
}

void item_originate(struct item *item, const struct origin *origin)
{
	const char *source = origin->source ? origin->source : item->source;
	const char *texts[] = { source, origin->id, origin->group };
	size_t len = 0;
	char *at;

	if (!origin->source && !origin->id && !origin->group)
		return;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		len += texts[i] ? strlen(texts[i]) + 1 : 0;
	at = item->origin = mem_alloc(len);
	item->source = item_keep(&at, source);
	item->id = item_keep(&at, origin->id);
	item->group = item_keep(&at, origin->group);
	item->weight += len;
}

void item_id(struct buf *to, const struct item *item, const char *run_id, uint64_t number)
{
	if (item->id)
		buf_adds(to, item->id);
	else
		buf_addf(to, "%s-%llu", run_id, (unsigned long long)number);
}

void item_free(struct item *item, struct run_pool *pool)
{
	for (uint32_t i = 0; i < item->groups; i++) {
		struct delivery *d = &item->deliveries[i];

		free(d->result.command);
		free(d->result.place);
		free(d->result.why);
		product_give(pool, d->result.product);
		free(d->ticket);
	}
	run_give(pool, item->run);
	free(item->origin);
	if (item->leased)
		free(item->lease);
	free(item);
}

struct run *run_take(struct run_pool *pool)
{
	struct run *run = pool->spare;

	if (!run)
		return mem_zero(sizeof *run);
	pool->spare = run->next;
	buf_clear(&run->bytes);
	*run = (struct run){ .bytes = run->bytes };
	return run;
}

void run_give(struct run_pool *pool, struct run *run)
{
	if (!run)
		return;
	if (run->bytes.cap > RUN_KEPT)
		buf_free(&run->bytes);
	run->next = pool->spare;
	pool->spare = run;
}

void product_clear(struct product *p)
{
	buf_clear(&p->out);
	p->failed = 0;
	p->nrejects = 0;
}

void product_reject(struct product *p, const struct reject *reject)
{
	if (p->nrejects == p->room) {
		p->room = p->room ? p->room * 2 : 16;
		p->rejects = mem_grow(p->rejects, p->room * sizeof *reject);
	}
	p->rejects[p->nrejects++] = *reject;
}

void run_pool_free(struct run_pool *pool)
{
	struct run *next;
	struct product *other;

	for (struct run *run = pool->spare; run; run = next) {
		next = run->next;
		buf_free(&run->bytes);
		free(run);
	}
	for (struct product *p = pool->products; p; p = other) {
		other = p->next;
		buf_free(&p->out);
		free(p->rejects);
		free(p);
	}
	*pool = (struct run_pool){ 0 };
}

void item_name(struct buf *b, const struct item *item)
{
	uint32_t wholes = item_wholes(item);

	if (item->run && item->run->records == 1) {
		buf_addf(b, "item %llu ", (unsigned long long)item->run->first);
		msg_quote(b, item->run->bytes.data + item->run->head,
			item->run->bytes.len - item->run->head, 40);
		return;
	}
	if (item->run) {
		buf_addf(b, "items %llu to %llu", (unsigned long long)item->run->first,
			(unsigned long long)(item->run->first + item->run->records - 1));
		return;
	}
	buf_addf(b, "item %llu ", (unsigned long long)item->number);
	for (uint32_t i = 0; i < wholes && i < 3; i++) {
		struct value v = item_whole(item, i);

		if (i)
			buf_addc(b, ' ');
		msg_quote(b, v.data, v.len, 40);
	}
	if (wholes > 3)
		buf_addf(b, " and %u more", wholes - 3);
}

void section_name(struct buf *b, const char *section)
{
	if (section) /* a name begins with no digit */
		buf_addf(b, *section <= '9' ? " (section %s)" : " (%s)", section);
}

void delivery_name(struct buf *b, const struct delivery *d)
{
	item_name(b, d->item);
	section_name(b, d->section);
}

void result_forget_tails(struct result *r, struct store *store)
{
	for (int i = 0; i < STREAMS; i++) {
		chunk_free(store, r->tail[i]);
		r->tail[i] = NULL;
	}
}

void result_forget(struct result *r, struct store *store)
{
	result_forget_tails(r, store);
	free(r->why);
	r->why = NULL;
}

void outcome_columns(const struct outcome *o, int *exit_value, int *signal_number)
{
	*exit_value = 0;
	*signal_number = 0;
	switch (o->how) {
	case OUTCOME_EXIT:
	case OUTCOME_NOT_STARTED:
		*exit_value = o->code;
		break;
	case OUTCOME_SIGNAL:
	case OUTCOME_STOPPED:
		*signal_number = o->code;
		break;
	case OUTCOME_TIMEOUT: /* as GNU parallel logs it */
	case OUTCOME_EVICTED:
		*exit_value = -1;
		*signal_number = o->code;
		break;
	case OUTCOME_REFUSED:
		*exit_value = 126;
		break;
	}
}

int outcome_status(const struct outcome *o)
{
	int exit_value, signal_number;

	outcome_columns(o, &exit_value, &signal_number);
	return signal_number ? 128 + signal_number : exit_value;
}

const char *outcome_name(enum outcome_how how)
{
	static const char *const names[] = { [OUTCOME_EXIT] = "exit", [OUTCOME_SIGNAL] = "signal",
		[OUTCOME_TIMEOUT] = "timeout", [OUTCOME_EVICTED] = "evicted",
		[OUTCOME_NOT_STARTED] = "not started",
		[OUTCOME_REFUSED] = "refused", [OUTCOME_STOPPED] = "stopped" };

	return names[how];
}

void outcome_text(struct buf *to, const struct outcome *o)
{
	switch (o->how) {
	case OUTCOME_EXIT:
		buf_addf(to, "exit %d", o->code);
		break;
	case OUTCOME_SIGNAL:
		buf_addf(to, "killed by %s", signal_name(o->code));
		break;
	case OUTCOME_TIMEOUT:
		buf_adds(to, "timeout");
		break;
	case OUTCOME_EVICTED:
		buf_adds(to, "ended for want of memory");
		break;
	case OUTCOME_NOT_STARTED:
		buf_adds(to, "not started");
		break;
	case OUTCOME_REFUSED:
		buf_adds(to, "refused");
		break;
	case OUTCOME_STOPPED:
		buf_adds(to, "stopped");
		break;
	}
}

void delivery_why(struct buf *to, const struct delivery *d)
{
	outcome_text(to, &d->result.outcome);
	if (d->result.why)
		buf_addf(to, ": %s", d->result.why);
	section_name(to, d->section);
}

const char item_beyond_max[] = "is longer than --max-item allows";
const char item_beyond_memory[] = "is longer than there is memory for (ulimit -v)";

void delivery_refuse(struct delivery *d, const char *why)
{
	struct buf name = { 0 };

	delivery_name(&name, d);
	msg_failed("items that were refused", "%s: %s", buf_str(&name), why);
	buf_free(&name);
	d->result.outcome = (struct outcome){ .how = OUTCOME_REFUSED };
	free(d->result.why);
	d->result.why = mem_copy(why, strlen(why));
}
