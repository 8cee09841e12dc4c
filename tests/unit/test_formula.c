/* Formulas: what {= =} holds where GNU parallel's command lines are read. */
#include "unit.h"

#include <string.h>

#include "action/formula/formula.h"
#include "base/buf.h"
#include "item.h"

/* Job 7 of 42, in slot 2 of 12, with the values one, two and 3. */
static struct item *make_item(void)
{
	static const char *const values[] = { "one", "two", "3" };
	struct draft d = { 0 };
	struct item *item;

	for (size_t i = 0; i < COUNT(values); i++)
		draft_add(&d, values[i], strlen(values[i]));
	item = item_new(&d, COUNT(values), 7);
	item->number = 7;
	draft_free(&d);
	return item;
}

/* What becomes of the value; SKIP before it where there is to be no job, ! before what cannot
 * be done. */
static void work_out(const void *formula, const struct item *item, const char *value,
	struct buf *to)
{
	struct steps_run run = { .jobs = 12 };
	struct fill fill = { .item = item, .slot = 2 };
	struct steps_given given = { &fill, value, strlen(value), &run };
	const char *why = NULL;

	run.total = 42;
	buf_clear(to);
	switch (formula_steps.apply(formula, &given, to, &why)) {
	case STEPS_DONE:
		break;
	case STEPS_SKIP:
		buf_clear(to);
		buf_adds(to, "SKIP");
		break;
	case STEPS_FAILED:
		buf_clear(to);
		buf_addf(to, "!%s", why);
		break;
	}
}

static void gives(const char *formula, const char *value, const char *expected)
{
	struct buf why = { 0 }, made = { 0 };
	struct item *item = make_item();
	void *f = formula_steps.compile(formula, &why);

	if (!f)
		fail_msg("%s: %s", formula, buf_str(&why));
	work_out(f, item, value, &made);
	if (strcmp(buf_str(&made), expected) != 0)
		fail_msg("%s of '%s' gives '%s', and not '%s'", formula, value, buf_str(&made), expected);
	formula_steps.free(f);
	item_free(item, NULL);
	buf_free(&made);
	buf_free(&why);
}

static void refuses(const char *formula, const char *reason)
{
	struct buf why = { 0 };

	assert_null(formula_steps.compile(formula, &why));
	if (strcmp(buf_str(&why), reason) != 0)
		fail_msg("%s: '%s', and not '%s'", formula, buf_str(&why), reason);
	buf_free(&why);
}

/* --- what formulas do ----------------------------------------------------- */

static void a_value_that_nothing_is_done_to_stays_itself(void **state)
{
	(void)state;
	gives("", "a b", "a b");
	gives(" ; ;", "a b", "a b");
	gives("# nothing", "a b", "a b");
	gives("1;", "a b", "a b");
}

static void numbers_are_counted_and_reckoned_with(void **state)
{
	(void)state;
	gives("$_++", "9", "10");
	gives("++$_", "az", "ba");
	gives("$_++", "Zz", "AAa");
	gives("$_++", "", "1");
	gives("$_--", "x", "-1");
	gives("$_ += 3", "1.5", "4.5");
	gives("$_ *= 2", "1e3", "2000");
	gives("$_ **= 2", "12", "144");
	gives("$_ %= 3", "-7", "2");
	gives("$_ = 10 / 4 - 1 * 2", "", "0.5");
	gives("$_ = 10 % -3", "", "-2");
	gives("$_ = -2 ** 2", "", "-4");
	gives("$_ = 0.1 + 0.2", "", "0.3");
	gives("$_ = 1e15 * 10", "", "10000000000000000");
	gives("$_ = 1e15 . 2 ** 60", "", "1e+151.15292150460685e+18");
	gives("$_ = 9007199254740993 - 1", "", "9007199254740992");
	gives("$_ = '12abc' + ' 3 '", "", "15");
	gives("$_ = 0x1f + 0b11 + 010 + 1_000", "", "1042");
	gives("$_ = int(-3.7) . abs('-2')", "", "-32");
	gives("$_ = (3 <=> 10) . ('3' cmp '10')", "", "-11");
}

static void numbers_are_written_as_asked_for(void **state)
{
	(void)state;
	gives("$_=sprintf(\"%02d\",$_)", "7", "07");
	gives("$_ = sprintf '%05.1f|%-4s|%+d|%x|%%', $_, 'a', 3, 255", "2.25", "002.2|a   |+3|ff|%");
	gives("$_ = sprintf('%*d|%.2s|%c|%z', 4, 7, 'abc', 65)", "", "   7|ab|A|%z");
	gives("$_ = sprintf('%s %s', split(/,/))", "a,b", "a b");
	gives("$_ = sprintf('%d', '12abc') . sprintf('%b', 5)", "", "12101");
}

static void the_job_is_known(void **state)
{
	(void)state;
	gives("$_ = $job->seq() . '/' . total_jobs() . ' ' . slot() . ' ' . $job->slot()", "",
		"7/42 2 2");
	gives("$_ = sprintf('%03d', seq() - 1)", "", "006");
	gives("$_ = \"$arg[1] $arg[-1] $#arg\"", "", "one 3 3");
	gives("$_ = join ',', @arg[1 .. $#arg]", "", "one,two,3");
	gives("$_ = defined($arg[4]) ? 'some' : 'none'", "", "none");
}

static void texts_are_changed(void **state)
{
	(void)state;
	gives("$_=uc($_)", "Abc", "ABC");
	gives("$_ = ucfirst lc", "ABC", "Abc");
	gives("$_ = lcfirst($_) . length", "ABC", "aBC3");
	gives("$_ = substr($_, 1, 2) . substr($_, -1)", "abcd", "bcd");
	gives("substr($_, 0, 2) = 'x'", "abcd", "xcd");
	gives("substr($_, 9) = 'x'", "abcd", "!sets a part of a text that is outside of it");
	gives("$_ = index($_, 'c') . rindex($_, 'c') . index($_, 'x')", "acbc", "13-1");
	gives("$_ = reverse($_)", "abc", "cba");
	gives("$_ = join('-', reverse(split(/,/, $_)))", "a,b,c", "c-b-a");
	gives("$_ = (split /_/)[1]", "a_b_c", "b");
	gives("my ($x, $y) = split /:/; $_ = $y . $x", "a:b", "ba");
	gives("@x = split(/-/); $_ = \"$x[-1] $#x\"", "a-b-c", "c 2");
	gives("$_ = join ' ', sort { $a <=> $b } split", "10 9 8", "8 9 10");
	gives("$_ = join ' ', map { $_ * 2 } grep { $_ > 1 } split", "1 2 3", "4 6");
	gives("$_ = 'ab' x 3", "", "ababab");
	gives("chomp; chop", "abc\n", "ab");
	gives("$_ = Q($_)", "it's", "'it'\"'\"'s'");
	gives("$_ = pQ($_)", "a\"$b", "a\\\"\\$b");
}

static void expressions_change_and_choose(void **state)
{
	(void)state;
	gives("s/\\.gz$//", "a.gz", "a");
	gives("s:.*/::; s:\\.[^/.]+$::;", "a/b.c.d", "b.c");
	gives("s/(\\w)(\\w*)/\\U$1\\E-$2/g", "foo bar", "F-oo B-ar");
	gives("s/(\\d+)/$1 + 1/ge", "a9b19", "a10b20");
	gives("s/x*/-/g", "axb", "-a--b-");
	gives("$_ = s/o/0/gr . s/o/0/g", "foo", "f002");
	gives("s{a}{b}; s|/|_|; s,x,y,", "a/x", "b_y");
	gives("y/a-c/A-C/", "abcd", "ABCd");
	gives("tr/a-z//cd", "a1-b2", "ab");
	gives("$_ = y/a//", "banana", "3");
	gives("tr/a-b/x/s", "aabbc", "xc");
	gives("$_ = /(\\d+)/ ? $1 : 'none'", "ab12", "12");
	gives("($_) = /(\\d+)$/", "1ab12", "12");
	gives("$_ = ($_ !~ /b/) . '|' . ($arg[2] =~ /^t/)", "abc", "|1");
	gives("($x = $_) =~ s/a/b/; $_ .= $x", "a", "ab");
}

static void conditions_are_met_or_not(void **state)
{
	(void)state;
	gives("if ($_ > 3) { $_ = 'a' } elsif ($_ > 1) { $_ = 'b' } else { $_ = 'c' }", "2", "b");
	gives("$_ = 'none' unless length", "", "none");
	gives("$_ ||= 'dflt'", "", "dflt");
	gives("$_ = $_ % 2 ? 'odd' : 'even'", "3", "odd");
	gives("$_ = !1 . '|' . !0", "", "|1");
	gives("for my $i (1 .. 3) { $_ .= $i }", "x", "x123");
	gives("$x = 1; $_ .= $x++ for 1 .. 2", "a", "a");
	gives("$_ = '0.0' ? 'true' : 'false'", "", "true");
}

static void a_job_may_be_skipped(void **state)
{
	(void)state;
	gives("if($_ % 2) { skip() }", "3", "SKIP");
	gives("if($_ % 2) { skip() }", "4", "4");
	gives("skip() if /re/", "here", "SKIP");
	gives("/^x/ and skip()", "x", "SKIP");
	gives("$_==\"3\" and skip()", "3.0", "SKIP");
	gives("$arg[1] eq $arg[2] and $job->skip()", "", "");
	gives("skip() if uniq(@arg) != @arg", "", "");
}

static void what_a_formula_asks_for_is_known(void **state)
{
	static const struct {
		const char *formula;
		unsigned asks;
	} rows[] = {
		{ "$_++", 0 }, { "$_ = slot()", STEPS_SLOT }, { "$_ = $job->slot()", STEPS_SLOT },
		{ "$_ = total_jobs()", STEPS_TOTAL }, { "skip() if total_jobs() > 3",
			STEPS_SKIPS | STEPS_TOTAL }, { "upper", 0 },
	};
	struct buf why = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		void *f = formula_steps.compile(rows[i].formula, &why);

		assert_non_null(f);
		assert_int_equal(formula_steps.asks(f), rows[i].asks);
		formula_steps.free(f);
	}
	buf_free(&why);
}

static void words_that_are_steps_are_those(void **state)
{
	(void)state;
	gives("upper; trim", " a ", "A");
	gives("cut 2-3", "a\tb\tc", "b\tc");
}

static void groups_of_a_name_are_texts_of_the_formula(void **state)
{
	(void)state;
	gives("s/$$1$//\036.gz", "a.gz", "a");
	gives("s/$$1/<$$2>/\036a/b\036$1 \\n", "xa/b", "x<$1 \\n>");
	gives("$_ ||= $$1\036it's \"it\"", "", "it's \"it\"");
	gives("$_ = $$1 + $$2\0361\0362", "", "3");
	refuses("$_ = $$1", "'$$1': $$1 and so on are what groups in the name of --rpl match");
}

/* --- what is refused ------------------------------------------------------ */

static void what_is_not_understood_is_named(void **state)
{
	(void)state;
	refuses("$_ = ", "a value is missing at the end");
	refuses("$_ = (1", "a ) is missing here");
	refuses("if (1) { $_ = 2", "a } is missing at the end");
	refuses("$_ = rand()", "'rand()': a value must be the same whenever it is made; a line for "
		"bash has $RANDOM");
	refuses("$_ = `date`", "'`date`': no program is run here; a shell line does, with $( )");
	refuses("$_ = $n++", "'$n++': it has no value yet, and none is kept from job to job; seq() "
		"counts the jobs");
	refuses("s/$arg[1]//", "'$arg[1]//': a value is no part of an expression; index() and eq look "
		"for one as it is, and \\$ is the sign");
	refuses("s/a/b/q", "'q': no such flag; there are g i m s x e r");
	refuses("s/(/b/", "'(': missing closing parenthesis");
	refuses("$_ = 1 $_", "'$_': there is no such operator; pq-parallel(7) lists what there is");
	refuses("print 1", "'print 1': what is made is the value: assign it to $_");
	refuses("1 = 2", "'2': only a variable or substr() can be assigned to");
	refuses("substr(1)", "'substr(1)': it does not take 1 argument");
}

static void what_never_ends_or_grows_without_end_is_given_up(void **state)
{
	(void)state;
	gives("$_ = 'x' x 1e9", "", "!makes more than 16 MiB");
	gives("for (1 .. 1e15) { }", "", "!makes more than 16 MiB");
	gives("for my $i (1 .. 2000) { for my $k (1 .. 2000) { $_++ } }", "",
		"!does not come to an end");
	gives("for my $i (1 .. 100) { $_ .= $_ }", "x", "!makes more than 16 MiB");
	gives("$_ = 1 / 0", "", "!divides by zero");
	gives("$_ = 1 % 0.5", "", "!takes what is left of zero");
}

static void nothing_is_too_deep(void **state)
{
	struct buf why = { 0 };
	char text[4096];

	(void)state;
	for (const char *of = "(-!$_{"; *of; of++) {
		void *f;

		memset(text, *of, sizeof text - 1);
		text[sizeof text - 1] = '\0';
		f = formula_steps.compile(text, &why);
		assert_true(f || why.len);
		formula_steps.free(f);
		buf_free(&why);
	}
	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = "$_+"[i % 3];
	assert_null(formula_steps.compile(text, &why));
	assert_non_null(strstr(buf_str(&why), "so many operands are too many"));
	buf_free(&why);
}

/* --- beside perl ---------------------------------------------------------- */

enum { RANDOM_FORMULAS = 3000, DEEPEST = 4 };

static uint32_t seed;

static const char *any(const char *const *of, uint32_t count)
{
	return of[unit_below(&seed, count)];
}

#define ANY(of) any(of, COUNT(of))

/* Numbers and texts whose meaning is the same everywhere. */
static void random_term(struct buf *to)
{
	static const char *const terms[] = {
		"$_", "$_", "$arg[1]", "$arg[3]", "$arg[-1]", "$#arg", "seq()", "0", "1", "2", "7", "10",
		"-3", "1.5", "0.25", "1e3", "123456789", "\"x$_\"", "'12abc'", "'  5'", "'0'",
		"''", "'a.b/c'", "\"$arg[2]-\"", "'Az'", "'zz'", "'9'", "'1e2'", "'-7.50'",
	};

	buf_adds(to, ANY(terms));
}

static void random_formula(struct buf *to, unsigned depth)
{
	static const char *const operators[] = {
		" + ", " - ", " * ", " / ", " % ", " . ", " == ", " != ", " < ", " > ", " <= ", " >= ",
		" <=> ", " eq ", " ne ", " lt ", " gt ", " cmp ", " && ", " || ", " // ", " x 3 . ",
	};
	static const char *const functions[] = {
		"uc(", "lc(", "ucfirst(", "lcfirst(", "length(", "int(", "abs(", "-(", "!(", "(", "hex(",
		"oct(", "ord(", "quotemeta(", "scalar reverse(", "defined(",
		"sprintf('%d', ", "sprintf('%s', ", "sprintf('%5.2f|', ", "sprintf('%05d', ",
		"sprintf('%-6s|', ", "sprintf('%g', ", "sprintf('%e', ", "sprintf('%x', abs ",
	};

	switch (depth ? unit_below(&seed, 6) : 0) {
	case 0:
		random_term(to);
		break;
	case 1:
		buf_adds(to, ANY(functions));
		random_formula(to, depth - 1);
		buf_addc(to, ')');
		break;
	case 2:
		buf_adds(to, "substr(");
		random_formula(to, depth - 1);
		buf_addf(to, ", %d, %d)", (int)unit_below(&seed, 9) - 4, (int)unit_below(&seed, 9) - 4);
		break;
	case 3:
		buf_addc(to, '(');
		random_formula(to, depth - 1);
		buf_adds(to, " ? ");
		random_formula(to, depth - 1);
		buf_adds(to, " : ");
		random_formula(to, depth - 1);
		buf_addc(to, ')');
		break;
	default:
		buf_addc(to, '(');
		random_formula(to, depth - 1);
		buf_adds(to, ANY(operators));
		random_formula(to, depth - 1);
		buf_addc(to, ')');
		break;
	}
}

/* What may be done with the value before and behind it. */
static void random_statement(struct buf *to)
{
	static const char *const statements[] = {
		"$_++; ", "$_--; ", "$_ .= 'k'; ", "s/[a-c]/<$&>/; ", "s/(.)(.)/$2$1/g; ", "y/a-z/A-Z/; ",
		"tr/0-9//d; ", "s/\\d*/-/g; ", "$_ += 2; ", "$_ *= 3; ", "$_ = join '|', split //; ",
		"$_ = join '|', split /[.b]/; ", "$_ = join('|', map { $_ + 1 } split / /); ",
		"s/(\\d+)/$1 * 2/e; ", "my @a = split /,/; $_ = $a[0] . @a; ",
		"$_ = (1, 2, 3)[seq() % 3]; ",
		"$_ = join ',', 'x' .. 'ab'; ", "$_ = Q($_); ",
		"$_ = ($_ =~ /(\\w)(\\w)/)[1]; ", "$_ **= 2; ", "",
	};

	buf_adds(to, ANY(statements));
}

static const char perl_side[] =
	"no strict; no warnings; our @arg; sub seq() { 7 }\n"
	"sub Q($) { my $t = $_[0]; return \"''\" if $t eq '';\n"
	"  if ($t =~ m{[^-_.+a-z0-9/]}i) { $t =~ s/'/'\"'\"'/g; $t = \"'$t'\"; $t =~ s/^''//;\n"
	"    $t =~ s/''$// } $t }\n"
	"sub try { my ($v, $f) = @_; local $_ = $v; 'x' =~ /x/; @arg = (undef, 'one', 'two', '3');\n"
	"  print eval { $f->(); 1 } ? $_ : '!', \"\\n\" }\n";

static const char *const random_values[] = { "", "0", "7", "-2.5", "abc", "a1b22", "1 2 3", "x,y" };

/* perl's answers, a line each; NULL: it is not here. */
static FILE *ask_perl(char *const *formulas, char name[])
{
	int fd = mkstemp(name);
	FILE *script = fdopen(fd, "w");
	char command[200];

	assert_non_null(script);
	fputs(perl_side, script);
	for (size_t i = 0; i < RANDOM_FORMULAS; i++)
		fprintf(script, "try('%s', sub { %s });\n", random_values[i % COUNT(random_values)],
			formulas[i]);
	fclose(script);
	snprintf(command, sizeof command, "perl -c %s 2>/dev/null && perl %s", name, name);
	return popen(command, "r");
}

static void random_formulas_give_what_perl_makes_of_them(void **state)
{
	char name[] = "/tmp/pq-formula-XXXXXX", *line = NULL, **formulas;
	struct item *item = make_item();
	struct buf made = { 0 };
	size_t room = 0;
	FILE *answers;

	(void)state;
	if (system("perl -e 1 2>/dev/null") != 0)
		skip();
	seed = unit_seed(1);
	formulas = calloc(RANDOM_FORMULAS, sizeof *formulas);
	for (size_t i = 0; i < RANDOM_FORMULAS; i++) {
		struct buf f = { 0 };

		random_statement(&f);
		buf_adds(&f, "$_ = ");
		random_formula(&f, DEEPEST);
		buf_adds(&f, "; ");
		random_statement(&f);
		formulas[i] = strdup(buf_str(&f));
		buf_free(&f);
	}
	answers = ask_perl(formulas, name);
	for (size_t i = 0; i < RANDOM_FORMULAS; i++) {
		const char *value = random_values[i % COUNT(random_values)];
		ssize_t len = getline(&line, &room, answers);
		struct buf why = { 0 };
		void *f = formula_steps.compile(formulas[i], &why);

		if (!f || len <= 0)
			fail_msg("%s: %s", formulas[i], f ? "perl ends" : buf_str(&why));
		line[len - 1] = '\0';
		work_out(f, item, value, &made);
		if (*line == '!' && *buf_str(&made) == '!')
			buf_clear(&made), buf_addc(&made, '!');
		if (strcmp(buf_str(&made), line) != 0)
			fail_msg("%s of '%s' gives '%s', in perl '%s'", formulas[i], value, buf_str(&made),
				line);
		free(formulas[i]);
		formula_steps.free(f);
		buf_free(&why);
	}
	pclose(answers);
	unlink(name);
	free(formulas);
	free(line);
	buf_free(&made);
	item_free(item, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_that_nothing_is_done_to_stays_itself),
		cmocka_unit_test(numbers_are_counted_and_reckoned_with),
		cmocka_unit_test(numbers_are_written_as_asked_for),
		cmocka_unit_test(the_job_is_known),
		cmocka_unit_test(texts_are_changed),
		cmocka_unit_test(expressions_change_and_choose),
		cmocka_unit_test(conditions_are_met_or_not),
		cmocka_unit_test(a_job_may_be_skipped),
		cmocka_unit_test(what_a_formula_asks_for_is_known),
		cmocka_unit_test(words_that_are_steps_are_those),
		cmocka_unit_test(groups_of_a_name_are_texts_of_the_formula),
		cmocka_unit_test(what_is_not_understood_is_named),
		cmocka_unit_test(what_never_ends_or_grows_without_end_is_given_up),
		cmocka_unit_test(nothing_is_too_deep),
		cmocka_unit_test(random_formulas_give_what_perl_makes_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
