/* How records become items. See pack.h. */
#include "pack.h"

/* Weigh one more value; false when it would be too much. */
static bool fits(struct pack *p, size_t len)
{
	size_t more[PACK_LIMITS];

	for (int i = 0; i < PACK_LIMITS; i++) {
		const struct pack_limit *l = &p->rules->limit[i];

		more[i] = l->weight(p->rules->ctx, len);
		if (p->weighed > 0 && (p->weight[i] >= l->room || more[i] > l->room - p->weight[i]))
			return false;
	}
	for (int i = 0; i < PACK_LIMITS; i++)
		p->weight[i] += more[i];
	return true;
}

/* Weigh what is new; how many values fill an item, 0 if all still fit. */
static uint32_t full_by_weight(struct pack *p)
{
	const struct draft *d = &p->draft;

	for (; p->weighed < d->values; p->weighed++) {
		size_t from = p->weighed ? d->ends[p->weighed - 1] + 1 : 0;

		if (!fits(p, d->ends[p->weighed] - from))
			return p->weighed;
	}
	return 0;
}

/* How many values the next item takes; 0: more may join them. */
static uint32_t values_due(struct pack *p)
{
	uint32_t due = p->rules->as_many ? full_by_weight(p) : 0;

	if (due)
		return due;
	if (p->rules->max_args)
		return p->draft.values >= p->rules->max_args ? (uint32_t)p->rules->max_args : 0;
	return p->rules->as_many ? 0 : p->draft.values;
}

static uint32_t share_of_the_rest(const struct pack *p)
{
	uint32_t workers = p->rules->workers(p->rules->ctx);

	if (!p->rules->as_many || workers < 2)
		return p->draft.values;
	return (p->draft.values + workers - 1) / workers;
}

static enum source_state make(struct pack *p, uint32_t values, uint64_t seq,
	struct item **item, const char **refused)
{
	*refused = values == p->draft.values ? p->draft.refused : NULL;
	*item = item_new(&p->draft, values, seq);
	p->weighed = 0;
	for (int i = 0; i < PACK_LIMITS; i++)
		p->weight[i] = 0;
	return SOURCE_RECORD;
}

/* The next record that is wanted, in the draft. */
static enum source_state next_record(struct pack *p)
{
	const struct pack_rules *rules = p->rules;
	uint32_t before = p->draft.values;

	for (;;) {
		enum source_state state = p->source->next(p->source, &p->draft);

		if (state != SOURCE_RECORD || p->draft.refused || !rules->edit
		    || rules->edit(rules->ctx, &p->draft, before))
			return state;
	}
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

static enum source_state gather(struct pack *p)
{
	while (p->run->bytes.len < p->rules->run_size) {
		enum source_state state = p->source->next(p->source, &p->draft);

		if (state != SOURCE_RECORD)
			return state;
		if (p->draft.refused)
			return SOURCE_RECORD;
		add_record(p);
	}
	return SOURCE_RECORD;
}

static enum source_state run_next(struct pack *p, uint64_t seq, uint64_t first,
	struct item **item, const char **refused)
{
	enum source_state state = SOURCE_RECORD;

	if (!p->run)
		p->run = run_take(p->pool);
	if (!p->draft.refused)
		state = p->source->next_run ? p->source->next_run(p->source, p->run, &p->draft,
			p->rules->run_size) : gather(p);
	if (p->run->records > 0) {
		*refused = NULL;
		p->run->first = first;
		*item = item_of_run(p->run, p->source->name, seq);
		p->run = NULL;
		return SOURCE_RECORD;
	}
	return state == SOURCE_RECORD ? make(p, p->draft.values, seq, item, refused) : state;
}

void pack_free(struct pack *p)
{
	draft_free(&p->draft);
	run_give(p->pool, p->run);
	p->run = NULL;
}

enum source_state pack_next(struct pack *p, uint64_t seq, uint64_t first, struct item **item,
	const char **refused)
{
	if (p->rules->run_size)
		return run_next(p, seq, first, item, refused);
	for (;;) {
		uint32_t gathered, due;
		enum source_state state;

		if (p->draft.refused) /* then nothing else is in the draft */
			return make(p, p->draft.values, seq, item, refused);
		due = values_due(p);
		if (due == 0 && p->ended)
			due = p->share < p->draft.values ? p->share : p->draft.values;
		if (due)
			return make(p, due, seq, item, refused);
		if (p->ended)
			return SOURCE_END;
		gathered = p->draft.values;
		state = next_record(p);
		if (state == SOURCE_NOTHING || state == SOURCE_AGAIN)
			return state;
		if (state == SOURCE_END) {
			p->ended = true;
			p->share = share_of_the_rest(p);
		} else if (p->draft.refused && gathered > 0) {
			/* What was gathered goes first; the refused record is an item alone. */
			return make(p, gathered, seq, item, refused);
		}
	}
}
