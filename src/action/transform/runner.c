/* Transforms in a worker. See transform/runner.h. */
#include "action/transform/runner.h"

#include <stdlib.h>
#include <string.h>

#include "action/action.h"
#include "base/color.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"
#include "action/run/output.h"
#include "action/template/template.h"
#include "action/transform/transform.h"
#include "action/transform/file.h"

/* Bytes that a piece of a run may become before somebody looks at how much that is. */
#define PIECE ((size_t)262144)
/* How many times its bytes a run is taken to become when none was seen yet. */
#define FIRST_GROWTH 8

struct transforming {
	struct action action;
	struct transform_rules rules;
};

/* A worker's own. */
struct desk {
	struct transformer *transformer;
	struct transform_file *file;
	const struct item *item; /* at hand, */
	const char *section;     /* as its delivery's */
	struct product *product; /* what becomes of it, if it is a run */
	uint64_t index;          /* of the record at hand, where it is alone; else of the
	                          * first of the piece */
	size_t growth;           /* how many times its bytes the last piece became */
	bool begun;              /* some of the result is with the worker's output */
	struct draft draft;      /* for the tag of a record of a run */
	struct buf text, out;    /* of an item that is a record by itself */
};

static void tell(const struct desk *d, const struct transform_failure *f)
{
	struct buf text = { 0 };

	msg_quote(&text, f->data, f->len, 40);
	section_name(&text, d->section);
	msg_failed("items that could not be transformed", "item %llu %s: %s; it is left out",
		(unsigned long long)(d->item->run->first + d->index + f->index), buf_str(&text),
		f->why);
	buf_free(&text);
}

/* One record of the run could not be done. */
static void reject(struct desk *d, const struct transform_failure *f)
{
	const struct run *run = d->item->run;

	tell(d, f);
	product_reject(d->product, &(struct reject){ d->index + f->index,
		(size_t)(f->data - run->bytes.data), f->len, f->why });
}

static void on_failed(void *ctx, const struct transform_failure *f)
{
	struct desk *d = ctx;

	if (d->item->run)
		reject(d, f);
	else
		transform_file_failed(d->file, f);
}

static void runner_tag(const struct transforming *t, const struct fill *fill, struct buf *out)
{
	size_t from = out->len;

	template_fill(t->rules.tag, fill, out);
	if (t->rules.color)
		color_tag(out, from);
}

/* The tag of one record: that of an item with this one value. */
static void add_tag(const struct transforming *t, struct desk *d, const struct attempt *attempt,
	const char *data, size_t len, struct buf *out)
{
	struct item *item;

	draft_add(&d->draft, data, len);
	d->draft.source = d->item->source;
	item = item_new(&d->draft, 1, d->item->run->first + d->index);
	runner_tag(t, &(struct fill){ .item = item, .slot = attempt->slot + 1 }, out);
	item_free(item, NULL);
}

/* --- what becomes of it ---------------------------------------------------- */

/* All there is goes to where the output of commands goes: it is counted there, and kept
 * in a file when it is much. */
static bool runner_hand_over(const struct transforming *t, struct desk *d,
	const struct attempt *attempt)
{
	struct buf *out = &d->product->out;
	bool fine;

	if (!d->begun)
		output_begin(attempt->output, attempt->delivery, attempt->live, NULL);
	d->begun = true;
	fine = transform_print(&t->rules, attempt->output, out->data, out->len);
	buf_clear(out);
	return fine;
}

/* Before more of it comes. False: it is of no use any more. */
static bool runner_make_room(const struct transforming *t, struct desk *d,
	const struct attempt *attempt)
{
	return d->product->out.len <= RUN_OUT_TIMES * d->item->run->bytes.cap
		|| runner_hand_over(t, d, attempt);
}

/* --- runs ------------------------------------------------------------------ */

/* Each record alone, its result with its tag before it. False: of no use any more. */
static bool run_tagged(const struct transforming *t, struct desk *d,
	const struct attempt *attempt)
{
	const struct run *run = d->item->run;
	struct product *product = d->product;
	const char *at = run->bytes.data, *end = at + run->bytes.len;
	char separator = transform_separator(t->rules.transform);

	for (; at < end && runner_make_room(t, d, attempt); d->index++) {
		size_t len = (size_t)((char *)memchr(at, separator, (size_t)(end - at)) - at);
		const char *data, *why;
		size_t n;

		if (transformer_record(d->transformer, at, len, &data, &n, &why)) {
			add_tag(t, d, attempt, at, len, &product->out);
			buf_add(&product->out, data, n);
			buf_addc(&product->out, separator);
		} else if (why) {
			reject(d, &(struct transform_failure){ 0, at, len, why });
			product->failed++;
		}
		at += len + 1;
	}
	return at == end;
}

/* Whole records that become as much as is looked at in one piece, as far as one knows. */
static size_t piece_length(const struct desk *d, const char *at, size_t len, char separator)
{
	size_t least = PIECE / d->growth;
	const char *end;

	if (len <= least)
		return len;
	end = memchr(at + least, separator, len - least);
	return (size_t)(end + 1 - at);
}

/* In pieces, so that what becomes of them is never much more than was charged. */
static bool run_pieces(const struct transforming *t, struct desk *d,
	const struct attempt *attempt)
{
	const struct run *run = d->item->run;
	struct product *product = d->product;
	const char *at = run->bytes.data, *end = at + run->bytes.len;
	char separator = transform_separator(t->rules.transform);

	while (at < end && runner_make_room(t, d, attempt)) {
		size_t n = piece_length(d, at, (size_t)(end - at), separator);
		size_t before = product->out.len;

		product->failed += transformer_run(d->transformer, at, n, &product->out);
		d->growth = 1 + (product->out.len - before) / n;
		if (d->growth > PIECE)
			d->growth = PIECE;
		at += n;
		if (at < end)
			d->index += bytes_count(at - n, n, separator);
	}
	return at == end;
}

/* False: it is of no use any more. */
static bool transform_records(const struct transforming *t, struct desk *d,
	const struct attempt *attempt)
{
	const struct run *run = d->item->run;
	struct buf *out = &d->product->out;
	bool fine;

	product_clear(d->product);
	d->index = 0;
	d->begun = false;
	fine = t->rules.tag ? run_tagged(t, d, attempt) : run_pieces(t, d, attempt);
	if (run->unended && t->rules.ordered && out->len > 0)
		out->len--;
	if (fine)
		fine = d->begun ? runner_hand_over(t, d, attempt) : runner_make_room(t, d, attempt);
	if (d->begun)
		output_end(attempt->output);
	if (d->begun || !fine)
		buf_free(out); /* it is not charged to wait for its turn */
	return fine;
}

/* --- single items ---------------------------------------------------------- */

static void single_text(const struct item *item, struct buf *text)
{
	buf_clear(text);
	for (uint32_t i = 0; i < item_wholes(item); i++) {
		struct value v = item_whole(item, i);

		if (i)
			buf_addc(text, ' ');
		buf_add(text, v.data, v.len);
	}
}

static void single_reject(struct delivery *delivery, const char *why)
{
	struct buf name = { 0 };

	delivery_name(&name, delivery);
	msg_many("items that could not be transformed", "%s: %s; it is left out", buf_str(&name),
		why);
	delivery->result.outcome.code = 1;
	delivery->result.why = mem_copy(why, strlen(why));
	buf_free(&name);
}

/* The item is one record, because others look at items one by one. */
static void transform_single(const struct transforming *t, struct desk *d,
	const struct attempt *attempt)
{
	const char *data, *why;
	size_t len;

	single_text(d->item, &d->text);
	if (!transformer_record(d->transformer, buf_str(&d->text), d->text.len, &data, &len,
	    &why)) {
		if (why)
			single_reject(attempt->delivery, why);
		return;
	}
	buf_clear(&d->out);
	if (t->rules.tag)
		runner_tag(t, &(struct fill){ .item = d->item, .slot = attempt->slot + 1 }, &d->out);
	buf_add(&d->out, data, len);
	buf_addc(&d->out, transform_separator(t->rules.transform));
	output_begin(attempt->output, attempt->delivery, attempt->live, NULL);
	if (!transform_print(&t->rules, attempt->output, d->out.data, d->out.len))
		attempt->delivery->result.outcome.how = OUTCOME_STOPPED;
	output_end(attempt->output);
}

static void transform_attempt(struct action *a, void *own, const struct attempt *attempt)
{
	struct transforming *t = (struct transforming *)a;
	struct delivery *delivery = attempt->delivery;
	struct outcome *o = &delivery->result.outcome;
	struct desk *d = own;
	int64_t began = clock_now();

	d->item = delivery->item;
	d->section = delivery->section;
	d->product = delivery->result.product;
	*o = (struct outcome){ .how = OUTCOME_EXIT, .started = clock_wall() };
	if (d->item->run) {
		if (!transform_records(t, d, attempt))
			o->how = OUTCOME_STOPPED;
		o->code = d->product->failed > 0;
	} else if (d->file) {
		transform_file(d->file, attempt);
	} else {
		transform_single(t, d, attempt);
	}
	o->took = clock_now() - began;
}

static void *transform_enter(struct action *a)
{
	struct transforming *t = (struct transforming *)a;
	struct desk *d = mem_zero(sizeof *d);

	d->growth = FIRST_GROWTH;
	d->transformer = transformer_new(t->rules.transform, on_failed, d);
	if (t->rules.content)
		d->file = transform_file_new(&t->rules, d->transformer);
	return d;
}

static void transform_leave(struct action *a, void *own)
{
	struct desk *d = own;

	(void)a;
	if (d->file)
		transform_file_free(d->file);
	transformer_free(d->transformer);
	draft_free(&d->draft);
	buf_free(&d->text);
	buf_free(&d->out);
	free(d);
}

static void transform_action_free(struct action *a)
{
	free(a);
}

struct action *transform_action_new(const struct transform_rules *rules)
{
	struct transforming *t = mem_zero(sizeof *t);

	t->action = (struct action){ .enter = transform_enter, .run = transform_attempt,
		.leave = transform_leave, .free = transform_action_free };
	t->rules = *rules;
	return &t->action;
}
