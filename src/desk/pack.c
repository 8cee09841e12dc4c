/* How records become items. See pack.h. */
#include "desk/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/measure.h"

/* Records dropped before the desk may look around. */
enum { AT_ONCE = 4096 };

/* --- groups ------------------------------------------------------------ */

/* Attempts are counted for an item as a whole, so records with more and with less behind them
 * are none together: has the one that came last as many as the first? */
static bool pack_is_as_new(const struct pack *p)
{
	return !p->records
		|| p->ends[0].claim.attempts == p->ends[p->records - 1].claim.attempts;
}

/* What failed in one section goes back to that alone, so it is no item together with what
 * failed in another: is the record that came last of the group of those before it? */
static bool pack_joins(const struct pack *p)
{
	const char *group = p->draft.origin.group;

	if (!pack_is_as_new(p))
		return false;
	if (!group)
		return !p->group.len;
	return p->group.len == strlen(group) && memcmp(p->group.data, group, p->group.len) == 0;
}

static void pack_note_group(struct pack *p)
{
	if (pack_joins(p))
		return;
	buf_clear(&p->group);
	if (p->draft.origin.group)
		buf_adds(&p->group, p->draft.origin.group);
}

/* Of what is made of the records before it, or, alone, of that one. */
static struct origin pack_origin(struct pack *p, bool alone)
{
	struct origin o = { .group = p->group.len ? buf_str(&p->group) : NULL };

	if (alone) { /* else no single one is what the item was */
		o.source = p->draft.origin.source;
		o.id = p->draft.origin.id;
	}
	return o;
}

/* --- items ------------------------------------------------------------- */

static uint32_t values_before(const struct pack *p, uint32_t record)
{
	return record ? p->ends[record - 1].values : 0;
}

/* What a record of the draft weighs, by this limit. */
static size_t weight_of(const struct pack *p, uint32_t record, const struct pack_limit *l)
{
	const struct draft *d = &p->draft;
	size_t weight = 0;

	for (uint32_t i = values_before(p, record); i < p->ends[record].values; i++) {
		size_t from = i ? d->ends[i - 1] + 1 : 0;

		weight += l->weight(p->rules->ctx, d->ends[i] - from);
	}
	return weight;
}

/* Does one more record keep the command short enough? As long as the most that it can add
 * does, nothing is measured. */
static bool pack_keeps_short(struct pack *p, uint64_t seq)
{
	struct measure *m = p->rules->measure;
	size_t length = p->length;

	if (!m)
		return true;
	for (uint32_t i = values_before(p, p->weighed); i < p->ends[p->weighed].values; i++)
		length += measure_growth(m, p->draft.ends[i] - (i ? p->draft.ends[i - 1] + 1 : 0));
	if (!p->weighed || length > measure_most(m))
		length = measure_draft(m, &p->draft, p->ends[p->weighed].values, seq);
	if (p->weighed && length > measure_most(m))
		return false;
	p->length = length;
	return true;
}

/* Weigh one more record; false when it would be too much. */
static bool fits(struct pack *p, uint64_t seq)
{
	size_t more[PACK_LIMITS];

	if (!pack_keeps_short(p, seq))
		return false;
	for (int i = 0; i < PACK_LIMITS; i++) {
		const struct pack_limit *l = &p->rules->limit[i];

		more[i] = weight_of(p, p->weighed, l);
		if (p->weighed > 0 && (p->weight[i] >= l->room || more[i] > l->room - p->weight[i]))
			return false;
	}
	for (int i = 0; i < PACK_LIMITS; i++)
		p->weight[i] += more[i];
	return true;
}

/* Weigh what is new; how many records fill an item, 0 if all still fit. */
static uint32_t full_by_weight(struct pack *p, uint64_t seq)
{
	for (; p->weighed < p->records; p->weighed++)
		if (!fits(p, seq))
			return p->weighed;
	return 0;
}

/* How many records the next item takes; 0: more may join them. */
static uint32_t records_due(struct pack *p, uint64_t seq)
{
	uint32_t due = p->rules->as_many || p->rules->measure ? full_by_weight(p, seq) : 0;

	if (due)
		return due;
	if (p->rules->max_args)
		return p->records >= p->rules->max_args ? (uint32_t)p->rules->max_args : 0;
	return p->rules->as_many ? 0 : p->records;
}

static uint32_t share_of_the_rest(const struct pack *p)
{
	uint32_t workers = p->rules->workers(p->rules->ctx);

	if (!p->rules->as_many || p->rules->fills || workers < 2)
		return p->records;
	return (p->records + workers - 1) / workers;
}

/* The item has the first records of the draft, and so it has their claims. */
static void pack_lease(struct pack *p, struct item *item, uint32_t records)
{
	struct claim *claims = mem_alloc(records * sizeof *claims);

	for (uint32_t i = 0; i < records; i++)
		claims[i] = p->ends[i].claim;
	item_lease(item, p->source, claims, records);
	free(claims);
}

static enum source_state pack_make(struct pack *p, uint32_t records, uint64_t seq,
	struct item **item, const char **refused)
{
	uint32_t values = values_before(p, records);
	uint32_t raws = p->raw.values / p->records * records; /* each has as many */
	struct origin origin = pack_origin(p, records == 1 && p->records == 1);

	*refused = records == p->records ? p->draft.refused : NULL;
	*item = item_with_raws(&p->draft, values, &p->raw, raws, seq);
	(*item)->records = records;
	(*item)->offset = p->ends[records - 1].offset;
	item_originate(*item, &origin);
	if (p->source->settle)
		pack_lease(p, *item, records);
	p->records -= records;
	for (uint32_t i = 0; i < p->records; i++) {
		p->ends[i] = p->ends[i + records];
		p->ends[i].values -= values;
	}
	p->weighed = 0;
	for (int i = 0; i < PACK_LIMITS; i++)
		p->weight[i] = 0;
	return SOURCE_RECORD;
}

static void end_record(struct pack *p)
{
	if (p->records == p->room) {
		p->room = p->room ? p->room * 2 : 8;
		p->ends = mem_grow(p->ends, p->room * sizeof *p->ends);
	}
	p->ends[p->records++] = (struct pack_end){ p->draft.values, p->draft.offset,
		p->draft.claim };
}

static void keep_raw(struct pack *p, uint32_t from)
{
	for (uint32_t i = from; i < p->draft.values; i++) {
		struct value v = draft_value(&p->draft, i);

		draft_add(&p->raw, v.data, v.len);
	}
}

/* Edit the record that came last; false: it was dropped. Why it is refused is kept
 * here: another source's record may be next. */
static bool edit(struct pack *p, uint32_t from)
{
	uint32_t raws = p->raw.values;

	if (p->rules->keep_raw)
		keep_raw(p, from);
	if (p->draft.refused) {
		p->draft.cut = true;
		return true;
	}
	if (p->rules->edit && !p->rules->edit(p->rules->ctx, &p->draft, from)) {
		if (p->rules->keep_raw)
			draft_cut(&p->raw, raws);
		return false;
	}
	if (p->draft.refused) {
		buf_clear(&p->why);
		buf_adds(&p->why, p->draft.refused);
		p->draft.refused = buf_str(&p->why);
	}
	return true;
}

/* The record that came last was dropped: that is all that is to be done with it. */
static void pack_settle_dropped(struct pack *p)
{
	if (p->source->settle)
		p->source->settle(p->source, &(struct settlement){ .claim = &p->draft.claim,
			.verdict = VERDICT_ACK });
}

/* One more record for the draft; SOURCE_AGAIN after many that were dropped. */
static enum source_state pack_take(struct pack *p)
{
	for (int i = 0; i < AT_ONCE; i++) {
		uint32_t from = p->draft.values;
		enum source_state state = p->source->next(p->source, &p->draft);

		if (state != SOURCE_RECORD)
			return state;
		if (!edit(p, from)) {
			pack_settle_dropped(p);
			continue;
		}
		end_record(p);
		return SOURCE_RECORD;
	}
	return SOURCE_AGAIN;
}

/* --- runs -------------------------------------------------------------- */

/* Values of a record that stand side by side are joined by blanks. */
static void add_record(struct pack *p)
{
	struct draft *d = &p->draft;
	struct run *run = p->run;

	for (uint32_t i = 0; i + 1 < d->values; i++)
		d->text[d->ends[i]] = ' ';
	buf_add(&run->bytes, d->text, d->len - 1);
	buf_addc(&run->bytes, p->rules->separator);
	run->records++;
	draft_clear(d);
}

/* Until it is full, or the draft holds a record that cannot join. */
static enum source_state pack_gather(struct pack *p)
{
	size_t size = p->rules->run_now ? p->rules->run_now(p->rules->ctx) : p->rules->run_size;

	while (p->run->bytes.len < size) {
		enum source_state state = p->draft.values ? SOURCE_RECORD
			: p->source->next(p->source, &p->draft);

		if (state != SOURCE_RECORD)
			return state;
		if (p->draft.refused || (p->run->records && !pack_joins(p)))
			return SOURCE_RECORD;
		pack_note_group(p);
		add_record(p);
	}
	return SOURCE_RECORD;
}

/* As many as there are, for the run. */
static enum source_state pack_fill(struct pack *p)
{
	enum source_state state;

	if (!p->source->next_run || p->rules->run_now)
		return pack_gather(p);
	state = p->source->next_run(p->source, p->run, &p->draft, p->rules->run_size);
	if (p->run->records)
		pack_note_group(p);
	return state;
}

static enum source_state run_next(struct pack *p, uint64_t seq, uint64_t first,
	struct item **item, const char **refused)
{
	enum source_state state = SOURCE_RECORD;

	if (!p->run)
		p->run = run_take(p->pool);
	if (!p->draft.refused)
		state = pack_fill(p);
	if (p->run->records > 0) {
		struct origin origin = pack_origin(p, p->run->records == 1 && !p->draft.values);

		*refused = NULL;
		p->run->first = first;
		*item = item_of_run(p->run, p->source->name, seq, p->draft.groups, p->pool);
		(*item)->offset = p->draft.offset;
		item_originate(*item, &origin);
		p->run = NULL;
		return SOURCE_RECORD;
	}
	if (state != SOURCE_RECORD)
		return state;
	end_record(p);
	pack_note_group(p);
	p->draft.cut = true;
	return pack_make(p, 1, seq, item, refused);
}

unsigned pack_places(const struct pack_rules *rules)
{
	enum { MOST = 1000 };

	if (!rules->max_args)
		return 1;
	return rules->max_args < MOST ? (unsigned)rules->max_args : MOST;
}

void pack_free(struct pack *p)
{
	draft_free(&p->draft);
	draft_free(&p->raw);
	buf_free(&p->why);
	buf_free(&p->group);
	free(p->ends);
	run_give(p->pool, p->run);
	p->run = NULL;
}

enum source_state pack_next(struct pack *p, uint64_t seq, uint64_t first, struct item **item,
	const char **refused)
{
	if (p->rules->run_size)
		return run_next(p, seq, first, item, refused);
	for (;;) {
		enum source_state state;
		uint32_t due;

		if (p->draft.refused) /* then nothing else is in the draft */
			return pack_make(p, p->records, seq, item, refused);
		due = records_due(p, seq);
		if (due == 0 && p->ended)
			due = p->share < p->records ? p->share : p->records;
		if (due)
			return pack_make(p, due, seq, item, refused);
		if (p->ended)
			return SOURCE_END;
		state = pack_take(p);
		/* What is leased does not wait for others: there may be none before it is done. */
		if (state == SOURCE_NOTHING && p->records && p->source->settle)
			return pack_make(p, p->records, seq, item, refused);
		if (state == SOURCE_NOTHING || state == SOURCE_AGAIN)
			return state;
		if (state == SOURCE_END) {
			p->ended = true;
			p->share = share_of_the_rest(p);
		} else if (p->records > 1 && (p->draft.refused || !pack_joins(p))) {
			/* What was gathered goes first. */
			pack_make(p, p->records - 1, seq, item, refused);
			pack_note_group(p);
			return SOURCE_RECORD;
		} else {
			pack_note_group(p);
		}
	}
}
