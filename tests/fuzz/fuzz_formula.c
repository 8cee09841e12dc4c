/* Any bytes are a formula, or are refused with one line: libFuzzer's way in.
 *
 * The first line of the bytes is the formula, the rest is the value. Whatever it is, it comes
 * to an end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/formula/formula.h"
#include "base/buf.h"
#include "item.h"

/* More than any message has, whatever it quotes. */
#define LONGEST_REFUSAL 600

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void apply_formula(const void *formula, const char *value, size_t len)
{
	struct draft d = { 0 };
	struct steps_run run = { .total = 3, .jobs = 2 };
	struct buf out = { 0 };
	const char *why = NULL;
	struct item *item;

	draft_add(&d, value, len);
	draft_add(&d, "two", 3);
	item = item_new(&d, 2, 1);
	if (formula_steps.apply(formula, &(struct steps_given){
			&(struct fill){ .item = item, .slot = 1 }, value, len, &run },
			&out, &why) == STEPS_FAILED && !why)
		abort();
	item_free(item, NULL);
	draft_free(&d);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t len = end ? (size_t)(end - data) : size, rest = end ? size - len - 1 : 0;
	char *text = malloc(len + 1), *value = malloc(rest + 1);
	struct buf why = { 0 };
	void *formula;

	if (!text || !value)
		abort();
	if (size)
		memcpy(text, data, len);
	if (rest)
		memcpy(value, end + 1, rest);
	text[len] = value[rest] = '\0';
	formula = formula_steps.compile(text, &why);
	if (formula)
		apply_formula(formula, value, rest);
	else if (!why.len || why.len > LONGEST_REFUSAL || memchr(why.data, '\n', why.len))
		abort();
	formula_steps.free(formula);
	buf_free(&why);
	free(text);
	free(value);
	return 0;
}
