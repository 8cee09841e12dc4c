/* GNU parallel's input sources: arguments and files, in all combinations.
 *
 * Inputs that are linked form one dimension and step together; the dimensions
 * are combined like the digits of a number, the last one turning fastest. The
 * first dimension is read as it comes, so standard input by itself is a stream;
 * the others are read whole before the first combination is made.
 *
 * An input that has nothing counts as one empty value, as long as another one has
 * some. */
#include "source/source.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/msg.h"
#include "source/count.h"
#include "source/intake.h"
#include "item.h"
#include "source/records.h"

struct dimension {
	size_t first, intakes;   /* into inputs.intake */
	size_t step, steps;
};

struct inputs {
	struct source source;
	struct intake *intake;
	size_t intakes;
	struct dimension *dimension;
	size_t dimensions;
	struct source_rules rules;
	bool stream;             /* dimension 0 passes by */
	bool loaded;             /* all that is kept is complete */
	bool have_outer;         /* the step of dimension 0 is set */
	bool countable;          /* a count is to be started with the first that is asked for, */
	int64_t from;            /* from this offset */
	struct count *count;     /* of the only one, or NULL */
	uint64_t offset;         /* of a shared input: where that step ends */
};

/* The value of an input that has none: no other is at this address. */
static const char no_text[] = "";
static const struct one nothing = { no_text, 0, NULL, 0 };

static void count_bytes(struct inputs *in, const struct intake *c)
{
	atomic_store_explicit(&in->source.bytes_done, records_done(c->records),
		memory_order_relaxed);
}

/* The one whose offset is shared, where its records pass by one after the other; else NULL. */
static struct intake *inputs_shared(const struct inputs *in)
{
	for (size_t i = 0; in->stream && i < in->dimension[0].intakes; i++)
		if (in->intake[i].records && records_shared(in->intake[i].records))
			return &in->intake[i];
	return NULL;
}

/* How many steps a dimension has whose intakes are all known. */
static size_t steps_of(const struct inputs *in, const struct dimension *d)
{
	const struct intake *c = in->intake + d->first;
	size_t least = SIZE_MAX, most = 0;

	for (size_t i = 0; i < d->intakes; i++) {
		size_t count = c[i].count || c[i].failed ? c[i].count : 1;

		if (count < least)
			least = count;
		if (count > most)
			most = count;
	}
	return in->rules.link && least > 0 ? most : least;
}

/* Has any of those that are known, from this one on, a value? */
static bool have_values(const struct inputs *in, size_t from)
{
	for (size_t i = from; i < in->intakes; i++)
		if (in->intake[i].count)
			return true;
	return false;
}

/* How many combinations, when that is known before anything is read. */
static uint64_t inputs_known_total(const struct inputs *in)
{
	uint64_t total = 1;

	for (size_t i = 0; i < in->intakes; i++)
		if (in->intake[i].records)
			return 0;
	if (!have_values(in, 0))
		return 0;
	for (size_t k = 0; k < in->dimensions; k++) {
		size_t steps = steps_of(in, &in->dimension[k]);

		if (steps && total > UINT64_MAX / steps)
			return 0; /* nobody will live to see it */
		total *= steps;
	}
	return total;
}

/* What an intake answered, as the source says it. */
static enum source_state inputs_state_of(struct inputs *in, const struct intake *c, enum got got)
{
	static const enum source_state states[] = { [GOT_ONE] = SOURCE_RECORD,
		[GOT_NOTHING] = SOURCE_NOTHING, [GOT_AGAIN] = SOURCE_AGAIN, [GOT_END] = SOURCE_END };

	in->source.failed |= c->failed;
	if (got == GOT_NOTHING)
		in->source.fd = records_fd(c->records);
	return states[got];
}

static enum source_state inputs_header(struct source *s, struct draft *draft)
{
	struct inputs *in = (struct inputs *)s;
	bool any = false;

	for (size_t i = 0; i < in->intakes; i++) {
		struct intake *c = &in->intake[i];
		enum got got = c->title.data ? GOT_ONE : intake_title(c);

		if (got == GOT_END && !c->failed) {
			c->title.data = mem_copy(NULL, 0);
			c->untitled = true;
		} else if (got != GOT_ONE) {
			return inputs_state_of(in, c, got);
		}
		any |= !c->untitled;
	}
	if (!any)
		return SOURCE_END;
	for (size_t i = 0; i < in->intakes; i++) {
		const struct one *title = &in->intake[i].title;

		draft_add(draft, title->data, title->len);
		if (title->refused)
			draft->refused = title->refused;
	}
	atomic_store(&in->source.total, inputs_known_total(in));
	if (in->source.shared)
		in->source.used = records_done(inputs_shared(in)->records);
	return SOURCE_RECORD;
}

/* Read the intakes that are kept; SOURCE_RECORD when all are. */
static enum source_state inputs_load(struct inputs *in)
{
	size_t from = in->stream ? in->dimension[0].intakes : 0;

	for (size_t i = from; i < in->intakes; i++) {
		enum source_state state = inputs_state_of(in, &in->intake[i], intake_load(&in->intake[i]));

		if (state != SOURCE_END)
			return state;
	}
	return SOURCE_RECORD;
}

static void inputs_measure(struct inputs *in)
{
	for (size_t i = in->stream; i < in->dimensions; i++)
		in->dimension[i].steps = steps_of(in, &in->dimension[i]);
}

/* Has this one of the dimension that passes by ended without a value? */
static bool is_empty(const struct inputs *in, const struct intake *c, enum got got)
{
	return got == GOT_END && in->dimension[0].step == 0 && !c->failed;
}

/* A step of the dimension that passes by. */
static enum source_state inputs_step_stream(struct inputs *in)
{
	bool any = have_values(in, in->dimension[0].intakes);

	for (size_t i = 0; i < in->dimension[0].intakes; i++) {
		struct intake *c = &in->intake[i];
		enum got got = c->ready ? GOT_ONE : intake_next(c);

		if (is_empty(in, c, got))
			c->current = nothing;
		else if (got != GOT_ONE)
			return inputs_state_of(in, c, got);
		c->ready = true;
		any |= c->current.data != no_text;
	}
	if (in->intake[0].records)
		count_bytes(in, in->intake);
	return any ? SOURCE_RECORD : SOURCE_END;
}

static enum source_state inputs_step_outer(struct inputs *in)
{
	if (in->stream)
		return inputs_step_stream(in);
	return have_values(in, 0) && in->dimension[0].step < in->dimension[0].steps
		? SOURCE_RECORD : SOURCE_END;
}

static void inputs_next_outer(struct inputs *in)
{
	in->have_outer = false;
	in->dimension[0].step++;
	for (size_t i = 0; in->stream && i < in->dimension[0].intakes; i++)
		in->intake[i].ready = false;
}

/* Turn the counter by one. */
static void inputs_turn(struct inputs *in)
{
	for (size_t i = in->dimensions - 1; i > 0; i--) {
		if (++in->dimension[i].step < in->dimension[i].steps)
			return;
		in->dimension[i].step = 0;
	}
	inputs_next_outer(in);
}

static const struct one *inputs_value_of(const struct inputs *in, const struct dimension *d,
	size_t i)
{
	const struct intake *c = &in->intake[d->first + i];

	if (in->stream && d == in->dimension)
		return &c->current;
	if (!c->count)
		return &nothing;
	return &c->values[d->step % c->count];
}

static void add_combination(struct inputs *in, struct draft *draft)
{
	for (size_t k = 0; k < in->dimensions; k++)
		for (size_t i = 0; i < in->dimension[k].intakes; i++) {
			const struct one *v = inputs_value_of(in, &in->dimension[k], i);

			draft_add(draft, v->data, v->len);
			if (v->refused)
				draft->refused = v->refused;
		}
	draft->source = in->source.name;
	draft->offset = in->offset;
	draft->line = in->rules.lines && in->intakes == 1 ? in->intake->current.line : 0;
}

/* Is what passes by one file whose every separator ends an item, and is its number wanted? */
static bool is_countable(const struct inputs *in)
{
	const struct source_rules *rules = &in->rules;

	return rules->counted && !rules->follow && in->stream
		&& in->dimension[0].intakes == 1 && in->intake[0].records && !rules->csv
		&& !rules->end && !rules->skip_blank && !rules->comment && !rules->continues
		&& !rules->delimiter;
}

/* In the reader's thread: by then the guardian was forked off, and may not be any more. */
static void start_count(struct inputs *in)
{
	if (!in->countable)
		return;
	in->countable = false;
	in->count = count_start(records_fd(in->intake[0].records), in->from, in->rules.separator,
		in->rules.skip + in->rules.header, &in->source.counted);
}

/* What is kept is complete: in how many combinations a record that passes by will be, or how
 * many there are where none does. */
static void inputs_count_kept(struct inputs *in)
{
	uint64_t times = 1;
	bool passes = false;

	for (size_t i = 0; in->stream && i < in->dimension[0].intakes; i++)
		passes |= in->intake[i].records != NULL;
	for (size_t k = passes ? 1 : 0; k < in->dimensions; k++) {
		size_t steps = steps_of(in, &in->dimension[k]);

		if (steps && times > UINT64_MAX / steps) {
			in->countable = false; /* nobody will live to see it */
			return;
		}
		times *= steps;
	}
	if (passes)
		atomic_store(&in->source.times, times);
	else if (in->rules.counted && have_values(in, 0))
		atomic_store(&in->source.counted, times);
}

static void inputs_note_comments(struct inputs *in)
{
	in->source.comments = 0;
	for (size_t i = 0; in->rules.comment && i < in->intakes; i++)
		in->source.comments += in->intake[i].comments;
}

static enum source_state inputs_combine(struct inputs *in, struct draft *draft)
{
	if (!in->loaded) {
		enum source_state state = inputs_load(in);

		if (state != SOURCE_RECORD)
			return state;
		inputs_measure(in);
		inputs_count_kept(in);
		in->loaded = true;
		start_count(in);
	}
	for (size_t i = 1; i < in->dimensions; i++)
		if (in->dimension[i].steps == 0)
			return SOURCE_END;
	if (!in->have_outer) {
		enum source_state state = inputs_step_outer(in);

		if (state != SOURCE_RECORD)
			return state;
		in->have_outer = true;
		in->offset = in->source.shared ? records_done(inputs_shared(in)->records) : 0;
	}
	add_combination(in, draft);
	inputs_turn(in);
	return SOURCE_RECORD;
}

static enum source_state inputs_next(struct source *s, struct draft *draft)
{
	struct inputs *in = (struct inputs *)s;
	enum source_state state;

	state = inputs_combine(in, draft);
	inputs_note_comments(in);
	return state;
}

/* A single stream of records: as it was read. */
static enum source_state inputs_next_run(struct source *s, struct run *run, struct draft *draft,
	size_t size)
{
	struct inputs *in = (struct inputs *)s;
	struct intake *c = in->intake;
	const char *data;
	size_t len;
	enum cut got;

	start_count(in);
	got = intake_skip_first(c);
	if (got == CUT_RECORD)
		got = records_run(c->records, &run->bytes, size, &run->unended, &data, &len);
	count_bytes(in, c);
	draft->offset = s->shared ? records_done(c->records) : 0;
	switch (got) {
	case CUT_RECORD:
		run->records = bytes_count(run->bytes.data, run->bytes.len,
			in->rules.separator);
		return SOURCE_RECORD;
	case CUT_TOO_LONG:
		draft_add(draft, data, len);
		draft->source = s->name;
		draft->refused = records_too_long(c->records);
		return SOURCE_RECORD;
	case CUT_NOTHING:
		s->fd = records_fd(c->records);
		return SOURCE_NOTHING;
	case CUT_FAILED:
		s->failed = true;
		return SOURCE_END;
	case CUT_END:
		break;
	}
	return SOURCE_END;
}

static void inputs_close(struct source *s)
{
	struct inputs *in = (struct inputs *)s;

	count_stop(in->count);
	for (size_t i = 0; i < in->intakes; i++)
		intake_close(&in->intake[i], s->shared ? s->used : SOURCE_USED);
	free(in->intake);
	free(in->dimension);
	free(in);
}

struct source *source_inputs(const struct input *inputs, size_t count,
	const struct source_rules *rules)
{
	struct inputs *in = mem_zero(sizeof *in);

	in->source.next = inputs_next;
	in->source.header = inputs_header;
	in->source.close = inputs_close;
	in->source.name = inputs[0].file ? inputs[0].file : ":::";
	in->source.fd = -1;
	in->intake = mem_zero(count * sizeof *in->intake);
	in->dimension = mem_zero(count * sizeof *in->dimension);
	in->rules = *rules;
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || !(inputs[i].linked || rules->link))
			in->dimension[in->dimensions++].first = i;
		in->dimension[in->dimensions - 1].intakes++;
		if (!intake_open(&in->intake[in->intakes++], &inputs[i], &in->rules)) {
			inputs_close(&in->source);
			return NULL;
		}
	}
	in->stream = !rules->link || count == 1;
	in->source.shared = inputs_shared(in);
	if (count == 1 && in->intake[0].records)
		atomic_store(&in->source.bytes, records_size(in->intake[0].records));
	in->source.total = inputs_known_total(in);
	if (rules->runs && count == 1 && in->intake[0].records && !rules->end
	    && !rules->skip_blank && !rules->comment && !rules->continues && !rules->delimiter
	    && !rules->csv && rules->max_item >= rules->runs)
		in->source.next_run = inputs_next_run;
	in->countable = is_countable(in);
	if (in->countable)
		in->from = lseek(records_fd(in->intake[0].records), 0, SEEK_CUR);
	return &in->source;
}
