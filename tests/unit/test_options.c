/* The table of the options, and that of their conflicts: is every row whole, and every
 * name one that there is? */
#include "unit.h"

#include <stdio.h>

#include "options/names.h"

static bool is_row(const char *name, size_t len)
{
	for (size_t i = 0; i < options_rows; i++)
		if (options_is_named(&options_table[i], name, len))
			return true;
	return false;
}

/* An option that was renamed would no longer be refused, in silence. */
static void check_names(const char *list)
{
	const char *word;
	size_t len;

	while ((word = options_word(&list, &len)))
		if (*word == '-' ? !is_row(word, len) : !options_state(word, len))
			fail_msg("%.*s is no option and no state", (int)len, word);
}

static void conflicts_are_between_what_there_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < options_conflict_count; i++) {
		const struct option_conflict *c = &options_conflicts[i];

		check_names(c->a);
		check_names(c->b + (*c->b == '!'));
		assert_non_null(c->reason);
		assert_true(c->instead || *c->b != '!');
	}
}

static void a_row_says_what_its_kind_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < options_rows; i++) {
		const struct option_row *row = &options_table[i];
		const char *longs = row->longs;
		size_t len = 0;

		assert_true(row->shorts || row->longs);
		assert_non_null(row->help);
		assert_true((row->kind == OPTION_OWN && row->scope == SCOPE_options)
			== (row->set_options != NULL));
		assert_true((row->kind == OPTION_OWN && row->scope == SCOPE_section)
			== (row->set_section != NULL));
		if (row->kind == OPTION_FLAG || row->kind == OPTION_CHOICE)
			assert_null(row->argument);
		else if (row->kind != OPTION_OWN)
			assert_non_null(row->argument);
		assert_false(row->argument && row->optional);
		while (options_word(&longs, &len))
			assert_true(len + 3 <= sizeof ((struct option_note *)0)->name);
	}
}

static void no_name_is_that_of_two_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < options_rows; i++) {
		const char *lists[] = { options_table[i].longs, options_table[i].also }, *word;
		size_t len;

		for (int k = 0; k < 2; k++)
			while ((word = options_word(&lists[k], &len))) {
				char name[64];

				snprintf(name, sizeof name, "--%.*s", (int)len, word);
				for (size_t j = i + 1; j < options_rows; j++)
					assert_false(options_is_named(&options_table[j], name, len + 2));
			}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conflicts_are_between_what_there_is),
		cmocka_unit_test(a_row_says_what_its_kind_needs),
		cmocka_unit_test(no_name_is_that_of_two_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
