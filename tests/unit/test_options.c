/* The table of the options, and that of their conflicts: is every row whole, and every
 * name one that there is? */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
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
		assert_true(!row->without || (row->stands && row->optional));
		if (row->stands) {
			assert_non_null(options_find(row->stands));
			continue;
		}
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

static void whatever_is_said_once_has_a_reason(void **state)
{
	(void)state;
	assert_non_null(options_table[0].whole);
	for (size_t i = 0; i < options_rows; i++)
		if (options_table[i].heading)
			assert_non_null(options_table[i].whole);
}

/* --- sections ----------------------------------------------------------- */

/* Of words with blanks between them. */
static void parse(struct options *o, char *words)
{
	static char *argv[32];
	int argc = 0;

	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	options_parse(o, argc, argv);
}

static void a_section_is_what_stands_before_the_next(void **state)
{
	char line[] = "pq -k -j2 --weight 1 --retries 3 reserve {} --next --name log -e s/a/b/ "
		"--next --weight 4 --topic a.# bill ::: x y";
	const struct section *s;
	struct options o;

	(void)state;
	parse(&o, line);
	assert_int_equal(o.nsections, 3);
	s = o.sections;
	assert_int_equal(s[0].ncommand, 2);
	assert_string_equal(s[0].command[0], "reserve");
	assert_int_equal(s[0].retry.attempts, 3);
	assert_null(s[0].name);
	assert_int_equal(s[1].ncommand, 0);
	assert_int_equal(s[1].nexpressions, 1);
	assert_int_equal(s[1].retry.attempts, 1);
	assert_string_equal(s[1].name, "log");
	assert_int_equal(s[1].weight, 1);
	assert_int_equal(s[2].ncommand, 1);
	assert_string_equal(s[2].topic, "a.#");
	assert_int_equal(s[2].weight, 4);
	assert_true(o.shared && o.ordered && o.deliver == DELIVER_ALL);
	assert_int_equal(o.ninputs, 1);
	assert_int_equal(o.inputs[0].count, 2);
	options_free(&o);
}

static void a_section_without_options_has_those_of_no_other(void **state)
{
	char line[] = "pq -j2 -u --timeout 3 --deliver first --match x -- a --next b";
	struct options o;

	(void)state;
	parse(&o, line);
	assert_int_equal(o.nsections, 2);
	assert_string_equal(o.sections[0].command[0], "a");
	assert_int_equal(o.sections[0].output, OUTPUT_UNGROUP);
	assert_int_equal(o.sections[1].output, OUTPUT_GROUP);
	assert_true(o.sections[0].timeout > 0 && o.sections[1].timeout == 0);
	assert_int_equal(o.sections[1].jobs.kind, JOBS_PERCENT);
	assert_true(o.deliver == DELIVER_FIRST && !o.shared);
	options_free(&o);
}

/* A journal is gone on with only by the same work. */
static void the_meaning_has_every_section_in_order(void **state)
{
	char line[] = "pq -k -d x --tag a --next -j7 --match x --tagstring T -e s/a/b/";
	struct buf text = { 0 };
	struct options o;

	(void)state;
	parse(&o, line);
	options_meaning(&o, NULL, &text);
	assert_string_equal(buf_str(&text), "command 'a'\n-d 'x'\n-k\n--tag\n"
		"command\n--match 'x'\n--tagstring 'T'\n-e 's/a/b/'\n");
	buf_free(&text);
	options_free(&o);
}

/* What others see of a process, and what goes into a journal. */
static void no_password_stays_where_it_was_given(void **state)
{
	char first[][50] = { "pq", "--stats=postgresql://u:pw@h/d?password=x#r" },
		second[][50] = { "pq", "--admin", "redis://u:secret@h#q", "redis://u:kept@h" };
	char *words[] = { first[0], first[1], NULL },
		*more[] = { second[0], second[1], second[2], second[3], NULL };
	struct options o;

	(void)state;
	options_parse(&o, 2, words);
	assert_string_equal(first[1], "--stats=postgresql://u:**@h/d?password=*#r");
	assert_string_equal(o.stats->target, "postgresql://u:pw@h/d?password=x");
	options_free(&o);
	options_parse(&o, 4, more);
	assert_string_equal(second[2], "redis://u:******@h#q");
	assert_string_equal(second[3], "redis://u:kept@h"); /* a word of the command */
	assert_string_equal(o.admin->target, "redis://u:secret@h");
	options_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conflicts_are_between_what_there_is),
		cmocka_unit_test(a_row_says_what_its_kind_needs),
		cmocka_unit_test(no_name_is_that_of_two_options),
		cmocka_unit_test(whatever_is_said_once_has_a_reason),
		cmocka_unit_test(a_section_is_what_stands_before_the_next),
		cmocka_unit_test(a_section_without_options_has_those_of_no_other),
		cmocka_unit_test(the_meaning_has_every_section_in_order),
		cmocka_unit_test(no_password_stays_where_it_was_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
