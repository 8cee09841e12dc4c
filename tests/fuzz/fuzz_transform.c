/* A run of records gives what its records give one by one: libFuzzer's way in.
 *
 * The first line of the bytes is the expression (with "-0 " before it, records end
 * with a NUL), the rest is the input. A record that is too hard to be matched may be
 * so in one way and just not in the other: nothing is compared then. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/transform/transform.h"
#include "base/buf.h"

/* A few steps that each make much of little could fill any memory: the input of the
 * last one is no longer than this. */
#define LONGEST_INPUT 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct trial {
	char separator;
	const char *in; /* whole records */
	size_t len;
	bool hard;      /* some record could not be matched in time */
};

static void note(struct trial *t, const char *why)
{
	if (strstr(why, "match"))
		t->hard = true;
}

static void failed(void *ctx, const struct transform_failure *f)
{
	note(ctx, f->why);
}

/* --- the three ways -------------------------------------------------------- */

static void as_a_run(struct trial *t, struct transformer *x, struct buf *out)
{
	transformer_run(x, t->in, t->len, out);
}

static const char *record_end(const struct trial *t, const char *s)
{
	return memchr(s, t->separator, (size_t)(t->in + t->len - s));
}

static void in_small_runs(struct trial *t, struct transformer *x, struct buf *out)
{
	for (const char *s = t->in, *stop; s < t->in + t->len && !t->hard; s = stop + 1) {
		stop = record_end(t, s);
		transformer_run(x, s, (size_t)(stop - s) + 1, out);
	}
}

static void by_record(struct trial *t, struct transformer *x, struct buf *out)
{
	for (const char *s = t->in, *stop; s < t->in + t->len && !t->hard; s = stop + 1) {
		const char *data, *why;
		size_t len;

		stop = record_end(t, s);
		if (transformer_record(x, s, (size_t)(stop - s), &data, &len, &why)) {
			buf_add(out, data, len);
			buf_addc(out, t->separator);
		} else if (why) {
			note(t, why);
		}
	}
}

/* --- one expression -------------------------------------------------------- */

static void must_be_same(const struct trial *t, const struct buf *a, const struct buf *b)
{
	if (t->hard)
		return;
	if (a->len != b->len || (a->len && memcmp(a->data, b->data, a->len) != 0))
		abort();
}

static void compare(struct trial *t, const struct transform *program)
{
	struct transformer *x = transformer_new(program, failed, t);
	struct buf whole = { 0 }, small = { 0 }, single = { 0 };

	as_a_run(t, x, &whole);
	if (whole.len && whole.data[whole.len - 1] != t->separator)
		abort();
	in_small_runs(t, x, &small);
	must_be_same(t, &whole, &small);
	by_record(t, x, &single);
	must_be_same(t, &whole, &single);
	transformer_free(x);
	buf_free(&whole);
	buf_free(&small);
	buf_free(&single);
}

/* NULL: it is none. */
static struct transform *compiled(const struct trial *t, const char *text, size_t len)
{
	struct transform *program = transform_new(t->separator);
	struct buf why = { 0 };

	if (!transform_add_script(program, text, len, &why)) {
		transform_free(program);
		program = NULL;
	}
	buf_free(&why);
	return program;
}

/* Does what stands before any ; make so little that another step can be risked? */
static bool tame(struct trial *t, const char *text, size_t len)
{
	bool little = t->len <= LONGEST_INPUT;

	for (size_t i = 0; i < len && little; i++) {
		struct transform *program = text[i] == ';' ? compiled(t, text, i) : NULL;
		struct transformer *x;
		struct buf out = { 0 };

		if (!program)
			continue;
		x = transformer_new(program, failed, t);
		as_a_run(t, x, &out);
		little = out.len <= LONGEST_INPUT && !t->hard;
		transformer_free(x);
		transform_free(program);
		buf_free(&out);
	}
	return little;
}

static void try_expression(struct trial *t, const char *text, size_t len)
{
	struct transform *program = compiled(t, text, len);

	if (program && tame(t, text, len))
		compare(t, program);
	transform_free(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *newline = size ? memchr(text, '\n', size) : NULL;
	size_t len, rest;
	struct trial t = { .separator = '\n' };
	char *in;

	if (!newline)
		return 0;
	len = (size_t)(newline - text);
	rest = size - len - 1;
	if (len >= 3 && memcmp(text, "-0 ", 3) == 0) {
		t.separator = '\0';
		text += 3;
		len -= 3;
	}
	in = malloc(rest + 1); /* no byte to spare */
	if (!in)
		abort();
	memcpy(in, newline + 1, rest);
	t.in = in;
	t.len = rest;
	if (rest && in[rest - 1] != t.separator)
		in[t.len++] = t.separator;
	try_expression(&t, text, len);
	free(in);
	return 0;
}
