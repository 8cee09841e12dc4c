/* GNU parallel's input sources: arguments and files, in all combinations.
 *
 * Inputs that are linked form one dimension and step together; the dimensions
 * are combined like the digits of a number, the last one turning fastest. The
 * first dimension is read as it comes, so standard input by itself is a stream;
 * the others are read whole before the first combination is made. */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"
#include "records.h"

struct one {
	const char *data;
	size_t len;
	const char *refused;
};

/* One input: words, or records that are kept or pass by. */
struct column {
	struct records *records; /* NULL: the values are known */
	struct one *values;      /* owned; data owned too when it came from records */
	size_t count, room;
	bool loaded;             /* values is complete */
	struct one current;      /* streaming: the value of this step */
	bool ready;              /* streaming: current is set */
	size_t at;               /* streaming words: the next one */
};

struct dimension {
	size_t first, columns;   /* into inputs.column */
	size_t step, steps;
};

struct inputs {
	struct source source;
	struct column *column;
	size_t columns;
	struct dimension *dimension;
	size_t dimensions;
	bool stream;             /* dimension 0 passes by */
	bool recycle;            /* --link: shorter columns start again */
	bool loaded;             /* all that is kept is complete */
	bool have_outer;         /* the step of dimension 0 is set */
	char separator;
};

static const char too_long[] = "is longer than --max-item allows";

static void keep(struct column *c, const char *data, size_t len, const char *refused)
{
	if (c->count == c->room) {
		c->room = c->room ? c->room * 2 : 64;
		c->values = mem_grow(c->values, c->room * sizeof *c->values);
	}
	c->values[c->count++] = (struct one){ mem_copy(data, len), len, refused };
}

static void count_bytes(struct inputs *in, const struct column *c)
{
	atomic_store_explicit(&in->source.bytes_done, records_done(c->records),
		memory_order_relaxed);
}

/* The next record of a column: CUT_RECORD with *one set, or another state. */
static enum cut take_record(struct inputs *in, struct column *c, struct one *one)
{
	enum cut got = records_next(c->records, &one->data, &one->len);

	one->refused = NULL;
	switch (got) {
	case CUT_TOO_LONG:
		one->refused = too_long;
		return CUT_RECORD;
	case CUT_FAILED:
		in->source.failed = true;
		return CUT_END;
	case CUT_NOTHING:
		in->source.fd = records_fd(c->records);
		return CUT_NOTHING;
	default:
		return got;
	}
}

/* Read the columns that are kept; false when that has to wait. */
static bool load(struct inputs *in)
{
	size_t from = in->stream ? in->dimension[0].columns : 0;

	for (size_t i = from; i < in->columns; i++) {
		struct column *c = &in->column[i];
		struct one one;

		while (!c->loaded) {
			enum cut got = take_record(in, c, &one);

			if (got == CUT_NOTHING)
				return false;
			if (got == CUT_END)
				c->loaded = true;
			else
				keep(c, one.data, one.len, one.refused);
		}
	}
	return true;
}

/* How many steps a dimension has whose columns are all known. */
static size_t steps_of(const struct inputs *in, const struct dimension *d)
{
	const struct column *c = in->column + d->first;
	size_t least = c->count, most = c->count;

	for (size_t i = 1; i < d->columns; i++) {
		if (c[i].count < least)
			least = c[i].count;
		if (c[i].count > most)
			most = c[i].count;
	}
	return in->recycle && least > 0 ? most : least;
}

static void measure(struct inputs *in)
{
	for (size_t i = in->stream; i < in->dimensions; i++)
		in->dimension[i].steps = steps_of(in, &in->dimension[i]);
}

/* A step of the dimension that passes by. */
static enum cut step_stream(struct inputs *in)
{
	for (size_t i = 0; i < in->dimension[0].columns; i++) {
		struct column *c = &in->column[i];

		if (c->ready)
			continue;
		if (c->records) {
			enum cut got = take_record(in, c, &c->current);

			if (got != CUT_RECORD)
				return got;
			if (i == 0)
				count_bytes(in, c);
		} else if (c->at == c->count) {
			return CUT_END;
		} else {
			c->current = c->values[c->at++];
		}
		c->ready = true;
	}
	return CUT_RECORD;
}

static enum cut step_outer(struct inputs *in)
{
	if (in->stream)
		return step_stream(in);
	return in->dimension[0].step < in->dimension[0].steps ? CUT_RECORD : CUT_END;
}

static void next_outer(struct inputs *in)
{
	in->have_outer = false;
	in->dimension[0].step++;
	for (size_t i = 0; in->stream && i < in->dimension[0].columns; i++)
		in->column[i].ready = false;
}

/* Turn the counter by one. */
static void turn(struct inputs *in)
{
	for (size_t i = in->dimensions - 1; i > 0; i--) {
		if (++in->dimension[i].step < in->dimension[i].steps)
			return;
		in->dimension[i].step = 0;
	}
	next_outer(in);
}

static const struct one *value_of(const struct inputs *in, const struct dimension *d, size_t i)
{
	const struct column *c = &in->column[d->first + i];

	if (in->stream && d == in->dimension)
		return &c->current;
	return &c->values[d->step % c->count];
}

static void add_combination(struct inputs *in, struct draft *draft)
{
	for (size_t k = 0; k < in->dimensions; k++)
		for (size_t i = 0; i < in->dimension[k].columns; i++) {
			const struct one *v = value_of(in, &in->dimension[k], i);

			draft_add(draft, v->data, v->len);
			if (v->refused)
				draft->refused = v->refused;
		}
	draft->source = in->source.name;
}

static enum source_state inputs_next(struct source *s, struct draft *draft)
{
	struct inputs *in = (struct inputs *)s;

	if (!in->loaded) {
		if (!load(in))
			return SOURCE_NOTHING;
		measure(in);
		in->loaded = true;
	}
	for (size_t i = 1; i < in->dimensions; i++)
		if (in->dimension[i].steps == 0)
			return SOURCE_END;
	if (!in->have_outer) {
		enum cut got = step_outer(in);

		if (got != CUT_RECORD)
			return got == CUT_NOTHING ? SOURCE_NOTHING : SOURCE_END;
		in->have_outer = true;
	}
	add_combination(in, draft);
	turn(in);
	return SOURCE_RECORD;
}

/* A single stream of records: as it was read. */
static enum source_state inputs_next_run(struct source *s, struct run *run, struct draft *draft,
	size_t size)
{
	struct inputs *in = (struct inputs *)s;
	struct column *c = in->column;
	const char *data;
	size_t len;
	enum cut got = records_run(c->records, &run->bytes, size, &run->unended, &data, &len);

	count_bytes(in, c);
	switch (got) {
	case CUT_RECORD:
		run->records = bytes_count(run->bytes.data, run->bytes.len, in->separator);
		return SOURCE_RECORD;
	case CUT_TOO_LONG:
		draft_add(draft, data, len);
		draft->source = s->name;
		draft->refused = too_long;
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

	for (size_t i = 0; i < in->columns; i++) {
		struct column *c = &in->column[i];

		for (size_t k = 0; c->records && k < c->count; k++)
			free((char *)c->values[k].data);
		if (c->records)
			records_close(c->records);
		free(c->values);
	}
	free(in->column);
	free(in->dimension);
	free(in);
}

static void take_words(struct column *c, const struct input *input)
{
	c->values = mem_alloc((input->count + 1) * sizeof *c->values);
	for (size_t i = 0; i < input->count; i++)
		c->values[i] = (struct one){ input->words[i], strlen(input->words[i]), NULL };
	c->count = input->count;
	c->loaded = true;
}

/* How many combinations, when that is known before anything is read. */
static uint64_t known_total(const struct inputs *in)
{
	uint64_t total = 1;

	for (size_t i = 0; i < in->columns; i++)
		if (in->column[i].records)
			return 0;
	for (size_t k = 0; k < in->dimensions; k++) {
		size_t steps = steps_of(in, &in->dimension[k]);

		if (steps && total > UINT64_MAX / steps)
			return 0; /* nobody will live to see it */
		total *= steps;
	}
	return total;
}

struct source *source_inputs(const struct input *inputs, size_t count,
	const struct source_rules *rules)
{
	struct inputs *in = mem_zero(sizeof *in);

	in->source.next = inputs_next;
	in->source.close = inputs_close;
	in->source.name = inputs[0].file ? inputs[0].file : ":::";
	in->source.fd = -1;
	in->column = mem_zero(count * sizeof *in->column);
	in->dimension = mem_zero(count * sizeof *in->dimension);
	in->recycle = rules->link;
	for (size_t i = 0; i < count; i++) {
		struct column *c = &in->column[in->columns++];

		if (i == 0 || !(inputs[i].linked || rules->link))
			in->dimension[in->dimensions++].first = i;
		in->dimension[in->dimensions - 1].columns++;
		if (!inputs[i].file) {
			take_words(c, &inputs[i]);
			continue;
		}
		c->records = records_open(inputs[i].file, rules->separator, rules->max_item);
		if (!c->records) {
			inputs_close(&in->source);
			return NULL;
		}
	}
	in->stream = !in->recycle || count == 1;
	if (count == 1 && in->column[0].records)
		atomic_store(&in->source.bytes, records_size(in->column[0].records));
	in->source.total = known_total(in);
	in->separator = rules->separator;
	if (rules->runs && count == 1 && in->column[0].records
	    && rules->max_item >= rules->runs)
		in->source.next_run = inputs_next_run;
	if (in->source.next_run)
		records_widen(in->column[0].records);
	return &in->source;
}
