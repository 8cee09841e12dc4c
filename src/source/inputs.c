/* GNU parallel's input sources: arguments and files, in all combinations.
 *
 * Inputs that are linked form one dimension and step together; the dimensions
 * are combined like the digits of a number, the last one turning fastest. The
 * first dimension is read as it comes, so standard input by itself is a stream;
 * the others are read whole before the first combination is made. What leaves a
 * record out or ends an input early is done here, before anything is combined. */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"
#include "records.h"

/* Records read, or left out, before the desk may look around. */
enum { AT_ONCE = 4096 };

enum got { GOT_ONE, GOT_NOTHING, GOT_AGAIN, GOT_END };

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
	bool begun;              /* the first record has been seen */
	bool over;               /* it ended before its end, by rules.end */
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
	struct source_rules rules;
	bool stream;             /* dimension 0 passes by */
	bool loaded;             /* all that is kept is complete */
	bool have_outer;         /* the step of dimension 0 is set */
};

static const char too_long[] = "is longer than --max-item allows";
static const char too_long_quote[] = "is longer than --max-item allows: a quote in it does not "
	"end (CSV)";

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

static bool is_end(const struct source_rules *rules, const char *data, size_t len)
{
	return rules->end && strlen(rules->end) == len && memcmp(rules->end, data, len) == 0;
}

/* Is the record left out for being blank? */
static bool is_left_out(const struct source_rules *rules, const char *data, size_t len)
{
	size_t i = 0;

	if (!rules->skip_blank)
		return false;
	while (i < len && data[i] && strchr(" \t\n\v\f\r", data[i]))
		i++;
	return i == len;
}

/* A record was cut: does it count? GOT_AGAIN: no. */
static enum got judge(struct inputs *in, struct column *c, const struct one *one)
{
	bool first = !c->begun;

	c->begun = true;
	if (first && in->rules.skip_first)
		return GOT_AGAIN;
	if (one->refused)
		return GOT_ONE;
	if (is_end(&in->rules, one->data, one->len)) {
		c->over = true;
		return GOT_END;
	}
	return is_left_out(&in->rules, one->data, one->len) ? GOT_AGAIN : GOT_ONE;
}

/* The next record of a column. */
static enum got take_record(struct inputs *in, struct column *c, struct one *one)
{
	enum got got = c->over ? GOT_END : GOT_AGAIN;

	for (int i = 0; got == GOT_AGAIN && i < AT_ONCE; i++) {
		enum cut cut = records_next(c->records, &one->data, &one->len);

		switch (cut) {
		case CUT_RECORD:
		case CUT_TOO_LONG:
			one->refused = cut == CUT_RECORD ? NULL
				: records_in_quote(c->records) ? too_long_quote : too_long;
			got = judge(in, c, one);
			break;
		case CUT_NOTHING:
			in->source.fd = records_fd(c->records);
			return GOT_NOTHING;
		case CUT_FAILED:
			in->source.failed = true;
			return GOT_END;
		case CUT_END:
			return GOT_END;
		}
	}
	return got;
}

/* Read the columns that are kept; GOT_ONE when all are. */
static enum got load(struct inputs *in)
{
	size_t from = in->stream ? in->dimension[0].columns : 0;
	int taken = 0;

	for (size_t i = from; i < in->columns; i++) {
		struct column *c = &in->column[i];
		struct one one;

		while (!c->loaded) {
			enum got got = taken++ < AT_ONCE ? take_record(in, c, &one) : GOT_AGAIN;

			if (got == GOT_NOTHING || got == GOT_AGAIN)
				return got;
			if (got == GOT_END)
				c->loaded = true;
			else
				keep(c, one.data, one.len, one.refused);
		}
	}
	return GOT_ONE;
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
	return in->rules.link && least > 0 ? most : least;
}

static void measure(struct inputs *in)
{
	for (size_t i = in->stream; i < in->dimensions; i++)
		in->dimension[i].steps = steps_of(in, &in->dimension[i]);
}

/* A step of the dimension that passes by. */
static enum got step_stream(struct inputs *in)
{
	for (size_t i = 0; i < in->dimension[0].columns; i++) {
		struct column *c = &in->column[i];

		if (c->ready)
			continue;
		if (c->records) {
			enum got got = take_record(in, c, &c->current);

			if (got != GOT_ONE)
				return got;
			if (i == 0)
				count_bytes(in, c);
		} else if (c->at == c->count) {
			return GOT_END;
		} else {
			c->current = c->values[c->at++];
		}
		c->ready = true;
	}
	return GOT_ONE;
}

static enum got step_outer(struct inputs *in)
{
	if (in->stream)
		return step_stream(in);
	return in->dimension[0].step < in->dimension[0].steps ? GOT_ONE : GOT_END;
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

static enum source_state state_of(enum got got)
{
	static const enum source_state states[] = { [GOT_ONE] = SOURCE_RECORD,
		[GOT_NOTHING] = SOURCE_NOTHING, [GOT_AGAIN] = SOURCE_AGAIN, [GOT_END] = SOURCE_END };

	return states[got];
}

static enum source_state inputs_next(struct source *s, struct draft *draft)
{
	struct inputs *in = (struct inputs *)s;

	if (!in->loaded) {
		enum got got = load(in);

		if (got != GOT_ONE)
			return state_of(got);
		measure(in);
		in->loaded = true;
	}
	for (size_t i = 1; i < in->dimensions; i++)
		if (in->dimension[i].steps == 0)
			return SOURCE_END;
	if (!in->have_outer) {
		enum got got = step_outer(in);

		if (got != GOT_ONE)
			return state_of(got);
		in->have_outer = true;
	}
	add_combination(in, draft);
	turn(in);
	return SOURCE_RECORD;
}

/* The first record is left out by itself; CUT_RECORD when that is done. */
static enum cut skip_first(struct column *c)
{
	const char *data;
	size_t len;
	enum cut got = records_next(c->records, &data, &len);

	if (got != CUT_RECORD && got != CUT_TOO_LONG)
		return got;
	c->begun = true;
	return CUT_RECORD;
}

/* A single stream of records: as it was read. */
static enum source_state inputs_next_run(struct source *s, struct run *run, struct draft *draft,
	size_t size)
{
	struct inputs *in = (struct inputs *)s;
	struct column *c = in->column;
	const char *data;
	size_t len;
	enum cut got = CUT_RECORD;

	if (in->rules.skip_first && !c->begun)
		got = skip_first(c);
	if (got == CUT_RECORD)
		got = records_run(c->records, &run->bytes, size, &run->unended, &data, &len);
	count_bytes(in, c);
	switch (got) {
	case CUT_RECORD:
		run->records = bytes_count(run->bytes.data, run->bytes.len,
			in->rules.separator);
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

static void take_words(struct column *c, const struct input *input,
	const struct source_rules *rules)
{
	c->values = mem_alloc((input->count + 1) * sizeof *c->values);
	for (size_t i = 0; i < input->count; i++) {
		size_t len = strlen(input->words[i]);

		if (is_end(rules, input->words[i], len))
			break;
		if (!is_left_out(rules, input->words[i], len))
			c->values[c->count++] = (struct one){ input->words[i], len, NULL };
	}
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
	in->rules = *rules;
	for (size_t i = 0; i < count; i++) {
		struct column *c = &in->column[in->columns++];

		if (i == 0 || !(inputs[i].linked || rules->link))
			in->dimension[in->dimensions++].first = i;
		in->dimension[in->dimensions - 1].columns++;
		if (!inputs[i].file) {
			take_words(c, &inputs[i], rules);
			continue;
		}
		c->records = records_open(inputs[i].file, rules->separator, rules->max_item);
		if (!c->records) {
			inputs_close(&in->source);
			return NULL;
		}
	}
	in->stream = !rules->link || count == 1;
	for (size_t i = 0; rules->csv && i < count; i++)
		if (in->column[i].records)
			records_quote(in->column[i].records, rules->column);
	if (count == 1 && in->column[0].records)
		atomic_store(&in->source.bytes, records_size(in->column[0].records));
	in->source.total = known_total(in);
	if (rules->runs && count == 1 && in->column[0].records && !rules->end
	    && !rules->skip_blank && !rules->csv && rules->max_item >= rules->runs)
		in->source.next_run = inputs_next_run;
	if (in->source.next_run)
		records_widen(in->column[0].records);
	return &in->source;
}
