/* Replacement strings by the names that GNU parallel has for them. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "options/gnu_words.h"

static void spells(struct gnu_words *w, const char *word, const char *as)
{
	char *given = strdup(word), *made = gnu_words_spell(w, given);

	assert_string_equal(made, as);
	free(given);
}

static void a_word_of_ours_stays_itself(void **state)
{
	struct gnu_words *w = gnu_words_new();
	char word[] = "{}{1.}{/}=} {= {a} ";

	(void)state;
	assert_ptr_equal(gnu_words_spell(w, word), word);
	spells(w, "", "");
	gnu_words_free(w);
	gnu_words_free(NULL);
}

static void another_name_keeps_the_number_of_its_value(void **state)
{
	struct gnu_words *w = gnu_words_new();

	(void)state;
	gnu_words_name(w, "{ext}", "{.}");
	gnu_words_name(w, ",,", "{//}");
	spells(w, "a{ext}b{2ext}{-1ext},,", "a{.}b{2.}{-1.}{//}");
	spells(w, "{extra} ,", "{extra} ,");
	gnu_words_free(w);
}

static void the_last_of_two_rules_is_taken(void **state)
{
	struct gnu_words *w = gnu_words_new();

	(void)state;
	gnu_words_name(w, "@", "{.}");
	gnu_words_name(w, "@", "{/}");
	spells(w, "@", "{/}");
	gnu_words_free(w);
}

static void brackets_have_other_names_and_idioms_are_steps(void **state)
{
	struct gnu_words *w = gnu_words_new();

	(void)state;
	spells(w, "{=2 $_ = uc($_); =}", "{=2 upper =}");
	spells(w, "{= s/a/b/ =}", "{=  s/a/b/  =}");
	gnu_words_parens(w, "[[]]", 2);
	spells(w, "[[s/a/b/]]", "{= s/a/b/ =}");
	spells(w, "[[s/a/b/", "[[s/a/b/");
	gnu_words_free(w);
}

static void a_rule_puts_groups_of_its_name_into_its_steps(void **state)
{
	struct gnu_words *w = gnu_words_new();

	(void)state;
	gnu_words_rule(w, "{cut(.+?),(.+?)}", strlen("{cut(.+?),(.+?)}"), "s/$$1/$$2/");
	spells(w, "x{cuta,b}y", "x{= s/a/b/ =}y");
	spells(w, "{3cuta,b}", "{=3 s/a/b/ =}");
	spells(w, "{cut}", "{cut}");
	gnu_words_free(w);
}

static void plus_writes_a_delimiter_that_is_not_in_the_text(void **state)
{
	struct gnu_words *w = gnu_words_new();

	(void)state;
	gnu_words_plus(w);
	spells(w, "{%.gz}", "{= s:.gz$:: =}");
	spells(w, "{%:80}", "{= s,:80$,, =}");
	spells(w, "{/a/b}", "{= s:a:b: =}");
	spells(w, "{..}", "{= s/(\\.[^.\\/]*){2}$// =}");
	gnu_words_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_of_ours_stays_itself),
		cmocka_unit_test(another_name_keeps_the_number_of_its_value),
		cmocka_unit_test(the_last_of_two_rules_is_taken),
		cmocka_unit_test(brackets_have_other_names_and_idioms_are_steps),
		cmocka_unit_test(a_rule_puts_groups_of_its_name_into_its_steps),
		cmocka_unit_test(plus_writes_a_delimiter_that_is_not_in_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
