/* A program of steps over runs of records. See transform.h.
 *
 * Each step works on the whole run before the next one begins: one buffer is read,
 * another written, and the last step writes where the caller wants it. A step that
 * cannot do a run void what it wrote; the run is then done again record by record,
 * each through all the steps, so that the record at fault is known by its number
 * and its bytes as they came. */
#include "action/transform/transform.h"

#include <stdlib.h>
#include <string.h>

#include "action/transform/regex.h"
#include "action/transform/step.h"
#include "action/transform/text.h"
#include "base/buf.h"
#include "base/mem.h"

struct transform {
	char separator;
	bool whole;
	struct step *steps; /* owned */
	size_t count, cap;
	struct buf doubt;
};

struct transformer {
	const struct transform *t;
	void (*failed)(void *ctx, const struct transform_failure *f);
	void *ctx;
	struct bench bench;
	struct buf ping[2]; /* what steps hand to each other */
	struct buf record;  /* transformer_record's, with its separator */
	struct buf result;  /* and what became of it */
};

/* --- the program ----------------------------------------------------------- */

struct transform *transform_new(char separator)
{
	struct transform *t = mem_zero(sizeof *t);

	t->separator = separator;
	return t;
}

struct transform *transform_new_whole(void)
{
	struct transform *t = transform_new('\n');

	t->whole = true;
	return t;
}

bool transform_is_whole(const struct transform *t)
{
	return t->whole;
}

char transform_separator(const struct transform *t)
{
	return t->separator;
}

void transform_append(struct transform *t, const struct step *s)
{
	if (t->count == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 4;
		t->steps = mem_grow(t->steps, t->cap * sizeof *t->steps);
	}
	t->steps[t->count++] = *s;
}

void step_free(struct step *s)
{
	if (s->guarded)
		step_free(s->guarded);
	free(s->guarded);
	if (s->regex)
		regex_free(s->regex);
	text_free(s->text);
	free(s->table);
	free(s->ranges);
}

void transform_free(struct transform *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		step_free(&t->steps[i]);
	free(t->steps);
	buf_free(&t->doubt);
	free(t);
}

struct buf *transform_doubts(struct transform *t)
{
	buf_clear(&t->doubt);
	return &t->doubt;
}

const char *transform_doubt(const struct transform *t)
{
	return t->doubt.len ? t->doubt.data : NULL;
}

bool step_each(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	const char *end = in + len;

	if (s->whole)
		return s->record(s, b, in, len - 1, out);
	while (in < end) {
		const char *stop = memchr(in, s->separator, (size_t)(end - in));

		if (!s->record(s, b, in, (size_t)(stop - in), out))
			return false;
		in = stop + 1;
	}
	return true;
}

/* --- a thread at work ------------------------------------------------------ */

struct transformer *transformer_new(const struct transform *t,
	void (*failed)(void *ctx, const struct transform_failure *f), void *ctx)
{
	struct transformer *x = mem_zero(sizeof *x);

	x->t = t;
	x->failed = failed;
	x->ctx = ctx;
	for (size_t i = 0; i < t->count && !x->bench.matcher; i++)
		if (t->steps[i].regex)
			x->bench.matcher = matcher_new();
	return x;
}

void transformer_free(struct transformer *x)
{
	if (!x)
		return;
	if (x->bench.matcher)
		matcher_free(x->bench.matcher);
	buf_free(&x->ping[0]);
	buf_free(&x->ping[1]);
	buf_free(&x->record);
	buf_free(&x->result);
	free(x);
}

/* All steps over these records. On false out is what it was. */
static bool do_steps(struct transformer *x, const char *in, size_t len, struct buf *out)
{
	size_t before = out->len, count = x->t->count;

	if (!count)
		buf_add(out, in, len);
	for (size_t i = 0; i < count && len; i++) {
		const struct step *s = &x->t->steps[i];
		struct buf *to = i + 1 == count ? out : &x->ping[i % 2];

		if (to != out)
			buf_clear(to);
		if (!s->apply(s, &x->bench, in, len, to)) {
			out->len = before;
			return false;
		}
		in = to->data;
		len = to->len;
	}
	return true;
}

static uint64_t do_alone(struct transformer *x, const char *in, size_t len, struct buf *out)
{
	const char *end = in + len;
	uint64_t index = 0, failures = 0;

	x->bench.alone = true;
	for (; in < end; index++) {
		const char *stop = x->t->whole ? end - 1
			: memchr(in, x->t->separator, (size_t)(end - in));
		size_t n = (size_t)(stop - in);

		if (!do_steps(x, in, n + 1, out)) {
			struct transform_failure f = { index, in, n, x->bench.why };

			failures++;
			x->failed(x->ctx, &f);
		}
		in = stop + 1;
	}
	return failures;
}

uint64_t transformer_run(struct transformer *x, const char *in, size_t len, struct buf *out)
{
	x->bench.alone = false;
	return do_steps(x, in, len, out) ? 0 : do_alone(x, in, len, out);
}

bool transformer_record(struct transformer *x, const char *in, size_t len, const char **out,
	size_t *out_len, const char **why)
{
	*why = NULL;
	buf_clear(&x->record);
	buf_add(&x->record, in, len);
	buf_addc(&x->record, x->t->separator);
	buf_clear(&x->result);
	x->bench.alone = true;
	if (!do_steps(x, x->record.data, x->record.len, &x->result)) {
		*why = x->bench.why;
		return false;
	}
	if (!x->result.len)
		return false;
	*out = x->result.data;
	*out_len = x->result.len - 1;
	return true;
}
