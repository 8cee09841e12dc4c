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

static void brackets_have_other_names(void **state)
{
	struct gnu_words *w = gnu_words_new();

	(void)state;
	spells(w, "{=2 $_ = uc($_); =}", "{=2 $_ = uc($_); =}");
	gnu_words_parens(w, "[[]]", 2);
	spells(w, "[[s/a/b/]]", "{=s/a/b/=}");
	spells(w, "[[s/a/b/", "[[s/a/b/");
	gnu_words_free(w);
}

static void what_groups_of_a_name_match_stands_behind_its_formula(void **state)
{
	struct gnu_words *w = gnu_words_new();

	(void)state;
	gnu_words_rule(w, "{cut(.+?),(.+?)}", strlen("{cut(.+?),(.+?)}"), "s/$$1/$$2/");
	spells(w, "x{cuta,b}y", "x{= s/$$1/$$2/\036a\036b=}y");
	spells(w, "{3cuta,b}", "{=3 s/$$1/$$2/\036a\036b=}");
	spells(w, "{cut}", "{cut}");
	gnu_words_free(w);
}

static void which_value_a_rule_is_about_it_may_say_itself(void **state)
{
	struct gnu_words *w = gnu_words_new();

	(void)state;
	gnu_words_rule(w, "{job}", 5, "1 $_ = seq()");
	spells(w, "{job}{2job}", "{=1 $_ = seq()=}{=2 $_ = seq()=}");
	gnu_words_plus(w);
	spells(w, "{##}", "{=1 $_ = total_jobs()=}");
	spells(w, "{%.gz}", "{= s/(.*)(?U:$$1)$/$1/s\036.gz=}");
	gnu_words_free(w);
}

static void words_between_brackets_are_one(void **state)
{
	struct gnu_words *w = gnu_words_new();
	char a[] = "echo", b[] = "x{=", c[] = "$_++", d[] = "=}y", e[] = "{= s/a// =}", f[] = "{=",
		g[] = "z";
	char *words[] = { a, b, c, d, e, f, g };

	(void)state;
	assert_int_equal(gnu_words_join(w, words, COUNT(words)), 5);
	assert_string_equal(words[1], "x{= $_++ =}y");
	assert_ptr_equal(words[2], e);
	assert_ptr_equal(words[3], f); /* it is never closed */
	assert_ptr_equal(words[4], g);
	gnu_words_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_of_ours_stays_itself),
		cmocka_unit_test(another_name_keeps_the_number_of_its_value),
		cmocka_unit_test(the_last_of_two_rules_is_taken),
		cmocka_unit_test(brackets_have_other_names),
		cmocka_unit_test(what_groups_of_a_name_match_stands_behind_its_formula),
		cmocka_unit_test(which_value_a_rule_is_about_it_may_say_itself),
		cmocka_unit_test(words_between_brackets_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
