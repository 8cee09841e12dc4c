/* The command template before real shells: whatever a value holds, it arrives as it
 * is, wherever in a shell line its replacement string stands, and is never executed.
 *
 * Works in a directory of its own, in which no file `canary` may ever appear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "action/template/quote.h"
#include "action/template/template.h"
#include "base/buf.h"
#include "item.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

extern char **environ;

enum { NOT_THERE = 127 };

/* The shells that may be /bin/sh somewhere; those not installed are left out. */
static struct shell {
	const char *words[3];
	bool there;
} shells[] = {
	{ { "dash" }, false }, { { "bash", "--posix" }, false }, { { "busybox", "sh" }, false },
};

static struct shell bash = { { "bash" }, false };
static const struct shell bin_sh = { { "/bin/sh" }, true };

static uint32_t seed = 1;

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

/* --- running ------------------------------------------------------------------ */

/* Run with stdin from /dev/null, stdout to *out and stderr thrown away; the exit
 * status. */
static int run(char *const argv[], struct buf *out)
{
	posix_spawn_file_actions_t actions;
	int ends[2], status, error;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	buf_clear(out);
	while (!error && (n = read(ends[0], buf_reserve(out, 4096), 4096)) > 0)
		out->len += (size_t)n;
	close(ends[0]);
	if (error)
		return NOT_THERE;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_script(const struct shell *shell, const char *option, const char *script,
	struct buf *out)
{
	char *argv[8];
	size_t n = 0;

	for (size_t i = 0; i < 2 && shell->words[i]; i++)
		argv[n++] = (char *)shell->words[i];
	argv[n++] = (char *)option;
	argv[n++] = (char *)script;
	argv[n] = NULL;
	return run(argv, out);
}

/* Run an expanded command, with another shell in the place of /bin/sh. */
static int run_in(const struct shell *shell, const struct argv *a, struct buf *out)
{
	char *argv[64];
	size_t n = 0, skip = 0;

	if (strcmp(a->words[0], "/bin/sh") == 0) {
		for (size_t i = 0; i < 2 && shell->words[i]; i++)
			argv[n++] = (char *)shell->words[i];
		skip = 1;
	}
	assert_true(n + a->count < COUNT(argv));
	memcpy(argv + n, a->words + skip, (a->count - skip + 1) * sizeof *argv);
	return run(argv, out);
}

static void no_canary(const char *line)
{
	if (access("canary", F_OK) == 0) {
		unlink("canary");
		fail_msg("a value was executed: %s", line);
	}
}

/* --- values and what is expected of them ---------------------------------------- */

static char every_byte[256];

static const char *const hostile[] = {
	"plain", "a b", "  two  blanks  ", "", "'", "\"", "\\", "\\\\", "`touch canary`",
	"$(touch canary)", ";touch canary;", "'; touch canary; '", "\"; touch canary; \"", "\n",
	"a\nb\n\n", "x\ntouch canary\n", "E", "x\nE\ntouch canary", "-n", "--", "-e x", "*", "?",
	"~", "{}", "{1}{.}", "#x", "%s%d\\n\\0101", "$HOME ${x} $1 $_pq1", "a'b\"c\\d`e$f", "a\\",
	"!x", "a=b", "if", "a;b|c&d>e<f(g)h", "}", ")", "))", "${", "$((", "*/", "\t",
	"a[$(touch canary)]", "\xc3\xa4\xff\x81\x82\x88", "&", "\\'", "'\"'", "$",
	"${x:-$(touch canary)}", every_byte,
};

/* What a line prints, with @ for the value and ^ for the value as $( ) returns it,
 * without the newlines at its end. */
struct line {
	const char *line, *prints;
};

static const struct line lines[] = {
	{ "printf '<%s>' {};", "<@>" },
	{ "printf '<%s>' {} a{}b;", "<@><a@b>" },
	{ "printf '<%s>' \"{}\"", "<@>" },
	{ "printf '<%s>' \"a{}b\" \"\\\"{}\\\\\" \"'{}'\" \"\\{}\"", "<a@b><\"@\\><'@'><\\@>" },
	{ "printf '<%s>' '{}' 'a{}b' '\"{}\"' '\\{}'", "<@><a@b><\"@\"><\\@>" },
	{ "printf '<%s>' {}\"{}\"'{}'{}", "<@@@@>" },
	{ "printf '<%s>' \\\\{} \\\"{} \\{\\} \\{}", "<\\@><\"@><{}><{}>" },
	{ "printf '<%s>' $(printf '%s' {} >/dev/null; printf x) {}", "<x><@>" },
	{ "printf '<%s>' \"$(printf '%s' {})\"", "<^>" },
	{ "printf '<%s>' \"$(printf '%s' \"{}\")\" \"{}\"", "<^><@>" },
	{ "printf '<%s>' \"a$(printf '%s' '{}')b\"", "<a^b>" },
	{ "printf '<%s>' \"$(printf '%s' \"$(printf '%s' \"{}\" '')\")\"", "<^>" },
	{ "printf '<%s>' \"`printf '%s' {}`\"", "<^>" },
	{ "printf '<%s>' \"`printf '%s' '{}'`\"", "<^>" },
	{ "printf '<%s>' \"`printf '%s' \\\"{}\\\"`\"", "<^>" },
	{ "printf '<%s>' \"`printf '%s' \"{}\"`\" \"{}\"", "<^><@>" },
	{ "x=`printf '%s' {}`; printf '<%s>' \"$x\" {}", "<^><@>" },
	{ "x=`printf '%s' \"{}\"`; printf '<%s>' \"$x\"", "<^>" },
	{ "x=`printf '%s' \"\\`printf '%s' {}\\`\"`; printf '<%s>' \"$x\"", "<^>" },
	{ "x=`printf '%s' \"\\`printf '%s' \"{}\" ''\\`\"`; printf '<%s>' \"$x\"", "<^>" },
	{ "x=$(printf '%s' \"`printf '%s' {}`\"); printf '<%s>' \"$x\"", "<^>" },
	{ "printf '<%s>' ${x:-{}}", "<@>" },
	{ "printf '<%s>' ${x:-a{}b} ${x-\"{}\"} ${x-'{}'}", "<a@b><@><@>" },
	{ "printf '<%s>' \"${x:-{}}\" \"${x-a{}b}\"", "<@><a@b>" },
	{ "printf '<%s>' \"${x:-'{}'}\" \"${x:-\\\\{}}\"", "<'@'><\\@>" },
	{ "printf '<%s>' \"${x:-${y:-{}}}\" ${x:-${y:-{}}}", "<@><@>" },
	{ "printf '<%s>' \"${x:-$(printf '%s' {})}\"", "<^>" },
	{ ": ${x:={}}; printf '<%s>' \"$x\"", "<@>" },
	{ ": \"${x:={}}\"; printf '<%s>' \"$x\"", "<@>" },
	{ "x=1; printf '<%s>' \"${x:+{}}\" ${x+{}}", "<@><@>" },
	{ "x={}y; printf '<%s>' \"${x#{}}\" ${x#{}} \"${x##'{}'}\" ${x#\"{}\"}", "<y><y><y><y>" },
	{ "x=y{}; printf '<%s>' \"${x%{}}\" ${x%{}} \"${x%%\"{}\"}\" ${x%'{}'}", "<y><y><y><y>" },
	{ "cat <<E\n<{}>\nE", "<@>\n" },
	{ "cat <<E; printf '<%s>' {}\n\"{}\" '{}' \\{} \\\\{} $ \nE", "\"@\" '@' \\@ \\@ $ \n<@>" },
	{ "cat <<-E\n\t<{}>\n\tE\nprintf '<%s>' {}", "<@>\n<@>" },
	{ "cat <<E\n${x:-{}} $(printf '<%s>' {}) $(printf '<%s>' \"{}\")\nE", "@ <@> <@>\n" },
	{ "cat <<E\n`printf '<%s>' {}` `printf '<%s>' \"{}\"`\nE", "<@> <@>\n" },
	{ "x=$(cat <<E\n<{}>\nE\n); printf '<%s>' \"$x\"", "<<@>>" },
	{ "x=$(cat <<E # it's\n<{}>\n)'\nE\n); printf '<%s>' \"$x\" {}", "<<@>\n)'><@>" },
	{ "cat <<A; cat <<'B'; cat <<C\n1{}\nA\n$x\nB\n2{}\nC\nprintf '<%s>' {}",
		"1@\n$x\n2@\n<@>" },
	{ "f() { printf '<%s>' {} \"$1\"; }; f x{}", "<@><x@>" },
	{ "f() { shift; printf '<%s>' {} \"$#\"; }; f 1 2 {}", "<@><2>" },
	{ "f () ( set -- {} 'x'; printf '<%s>' \"$@\" {} ); f", "<@><x><@>" },
	{ "set -- 1 2 3; shift; printf '<%s>' \"$@\" {}", "<2><3><@>" },
	{ "printf '<%s>' \"$#\" \"$@\" {}", "<0><@>" },
	{ "set -u; printf '<%s>' {} \"{}\"; unset x; printf '<%s>' {}", "<@><@><@>" },
	{ "case {} in \"{}\") printf '<%s>' {};; *) echo no;; esac", "<@>" },
	{ "case x{} in x{}) printf 1;; esac; case \"{}\" in (y|{}) printf 2;; esac", "12" },
	{ "x=$(case {} in {}) printf '<%s>' {};; (z) echo ')';; esac); printf '<%s>' \"$x\" {}",
		"<<@>><@>" },
	{ "for i in {} x \"{}\"; do printf '<%s>' \"$i\" {}; done", "<@><@><x><@><@><@>" },
	{ "x={} y=\"{}\" z='{}'; printf '<%s>' \"$x\" \"$y\" \"$z\"", "<@><@><@>" },
	{ "x={} sh -c 'printf \"<%s>\" \"$x\"'", "<@>" },
	{ "sh -c 'printf \"<%s>\" \"$1\"' x {}", "<@>" },
	{ "export x={}; sh -c 'printf \"<%s>\" \"$x\"'", "<@>" },
	{ "printf '<%s>' {} | cat && { printf '<%s>' {}; } || (echo no {})", "<@><@>" },
	{ "(printf '<%s>' {}; (printf '<%s>' \"{}\"))", "<@><@>" },
	{ "! printf '<%s>' {} || printf '<%s>' {}", "<@><@>" },
	{ "if test {} = \"{}\"; then printf '<%s>' {}; else echo no; fi", "<@>" },
	{ "if false; then printf '<%s>' {}\nelse\nprintf '<%s>' {}\nfi", "<@>" },
	{ "printf '<%s>' {} # {} ' \" $( `\nprintf '<%s>' {}", "<@><@>" },
	{ "# {}\nprintf '<%s>' {}", "<@>" },
	{ "printf '<%s>' $(echo a # {} )\n) {}", "<a><@>" },
	{ "printf '<%s>' a#{} {}#b", "<a#@><@#b>" },
	{ "printf '<%s>' \\\n{} \"\\\n{}\" a\\\n{}", "<@><@><a@>" },
	{ "printf '<%s>' \"$\\\n(printf '%s' {})\" ${x:-\\\n{}}", "<^><@>" },
	{ "printf '<%s>' $((1 + 2)){} \"$(( (1) ))\" $(( ( 1+1 ) * $(echo 2) )){}", "<3@><1><4@>" },
	{ "x=1; printf '<%s>' $x{} \"$x{}\" ${x}{} '$x{}'", "<1@><1@><1@><$x@>" },
	{ "printf '<%s>' \"$\" {} \"a$\" \\${} \"\\${}\"", "<$><@><a$><$@><$@>" },
	{ "printf '<%s>' \"$'\" {} '$'", "<$'><@><$>" },
	{ "printf '<%s>' [{} *{}.no ~{}", "<[@><*@.no><~@>" },
	{ "printf '<%s>' {} >out; cat out; rm out", "<@>" },
	{ "{ printf '<%s>' {}; } 2>&1 >&1", "<@>" },
	{ "printf '<%s>' {#}{%} {} {source}", "<421><@><list>" },
	{ "printf '<%s>' {1} {-1} {2}; printf '<%s>' {}", "<@><@><><@>" },
	{ "trap 'printf \"<%s>\" \"$x\"' EXIT; x={}", "<@>" },
	{ "cat <<E\na\\\nE\n{}\nE", "aE\n@\n" },
	{ "case ${x:-'{}'} in {}) printf 1;; *) printf 2;; esac", "1" },
	{ "x=1; printf '<%s>' '{}{}' 'a{}{}b' $x'{}' '{}'$x{} `printf $x'{}' >/dev/null`",
		"<@@><a@@b><1@><@1@>" },
	{ "while printf '<%s>' {}; do break; done", "<@>" },
	{ "printf '<%s>' {};", "<@>" },
	{ "printf '<%s>'", "<@>" },
	{ "printf '<%s>' x; printf '<%s>' y", "<x><y><@>" },
	{ "x=$(printf a); printf '<%s>' \"$x\"", "<a><@>" },
};

static void expect(const char *prints, const char *value, struct buf *out)
{
	size_t len = strlen(value), stripped = len;

	while (stripped && value[stripped - 1] == '\n')
		stripped--;
	buf_clear(out);
	for (; *prints; prints++) {
		if (*prints == '@')
			buf_add(out, value, len);
		else if (*prints == '^')
			buf_add(out, value, stripped);
		else
			buf_addc(out, *prints);
	}
}

static void check_output(const struct buf *got, const struct buf *expected, const char *line,
	const char *value, const struct shell *shell, const char *how)
{
	if (got->len == expected->len
	    && (!got->len || memcmp(got->data, expected->data, got->len) == 0))
		return;
	fail_msg("%s %s: %s\nvalue  '%s'\nprints '%.*s'\nnot    '%.*s'", shell->words[0], how, line,
		value, (int)got->len, got->data, (int)expected->len, expected->data);
}

static struct template *compile(const char *line, bool repeat)
{
	struct template_rules rules = { .braces = "{}", .repeat_words = repeat };
	char *words[] = { (char *)line, NULL };
	struct buf why = { 0 };
	struct template *t = template_command(words, 1, &rules, &why);

	buf_free(&why);
	return t;
}

static struct item *make_item(const char *const *values, size_t n)
{
	struct draft d = { .source = "list" };
	struct item *item;

	for (size_t i = 0; i < n; i++)
		draft_add(&d, values[i], strlen(values[i]));
	item = item_new(&d, d.values, 42);
	draft_free(&d);
	return item;
}

static void run_everywhere(const struct argv *argv, const struct buf *expected,
	const char *line, const char *value)
{
	struct buf got = { 0 };

	for (size_t i = 0; i < COUNT(shells); i++)
		if (shells[i].there) {
			run_in(&shells[i], argv, &got);
			check_output(&got, expected, line, value, &shells[i], "runs");
		}
	buf_free(&got);
}

/* Run what is shown, in bash if it has $'...', which not every sh knows yet. */
static void paste(struct buf *shown, const struct buf *expected, const char *value)
{
	const struct shell *shell = strstr(buf_str(shown), "$'") ? &bash : &bin_sh;
	struct buf got = { 0 };

	if (shell->there) {
		run_script(shell, "-c", buf_str(shown), &got);
		check_output(&got, expected, buf_str(shown), value, shell, "pasted");
	}
	buf_free(&got);
}

/* --- the tests ------------------------------------------------------------------- */

static void check_value(struct template *t, const struct line *line, const char *value)
{
	struct item *item = make_item(&value, 1);
	struct fill fill = { .item = item, .slot = 1 };
	struct buf expected = { 0 }, shown = { 0 };
	struct argv argv = { 0 };

	expect(line->prints, value, &expected);
	assert_int_equal(template_expand_for_shell(t, &fill, &argv), EXPAND_OK);
	template_show(t, &fill, &shown);
	assert_true(quote_clean(shown.data, shown.len));
	run_everywhere(&argv, &expected, line->line, value);
	paste(&shown, &expected, value);
	no_canary(line->line);
	argv_free(&argv);
	item_free(item, NULL);
	buf_free(&expected);
	buf_free(&shown);
}

/* Every line with as many values as there is time for; PQ_SEED chooses others. */
static void values_arrive_as_they_are(void **state)
{
	enum { EACH = 8 };

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct template *t = compile(lines[i].line, false);

		if (!t)
			fail_msg("refused: %s", lines[i].line);
		check_value(t, &lines[i], every_byte);
		for (int k = 0; k < EACH; k++)
			check_value(t, &lines[i], hostile[random_below(COUNT(hostile))]);
		template_free(t);
	}
}

static void numbers_are_calculated_with(void **state)
{
	static const struct {
		const char *line, *prints;
	} rows[] = {
		{ "echo $(({}+1))", "8\n" },
		{ "echo \"$(( 2 * ({}) ))\" {}", "14 7\n" },
		{ "x=3; echo $((x-{})) $(( ${x:-{}} + ${y:-{}} ))", "-4 10\n" },
		{ "cat <<E\n$(({}+{#}))\nE", "49\n" },
		{ "echo `echo $(({}))` $(echo $((1+$(echo {}))))", "7 8\n" },
		{ "echo $(( {} > 5 ? 1{} : 2 )) '$(( ))'", "17 $(( ))\n" },
	};
	const char *value = "7";
	struct item *item = make_item(&value, 1);
	struct fill fill = { .item = item, .slot = 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct template *t = compile(rows[i].line, false);
		struct argv argv = { 0 };
		struct buf expected = { 0 };

		assert_non_null(t);
		buf_adds(&expected, rows[i].prints);
		assert_int_equal(template_expand_for_shell(t, &fill, &argv), EXPAND_OK);
		run_everywhere(&argv, &expected, rows[i].line, value);
		argv_free(&argv);
			buf_free(&expected);
		template_free(t);
	}
	item_free(item, NULL);
}

static void several_values_arrive_as_they_are(void **state)
{
	/* prints: 1, 2 and 3 for the values */
	static const struct {
		const char *line, *prints, *repeated;
	} rows[] = {
		{ "printf '<%s>' {};", "<1><2><3>", NULL },
		{ "printf '<%s>' -{}+;", "<-1><2><3+>", "<-1+><-2+><-3+>" },
		{ "printf '<%s>' {}={};", "<1><2><3=1><2><3>", "<1=1><2=2><3=3>" },
		{ "printf '<%s>' -{}+\"{}\";", "<-1><2><3+1 2 3>", "<-1+1><-2+2><-3+3>" },
		{ "printf '<%s>' \"-{}+\" '-{}+'", "<-1 2 3+><-1 2 3+>", NULL },
		{ "printf '<%s>' \"$(printf '<%s>' -{}+)\"", "<<-1><2><3+>>", "<<-1+><-2+><-3+>>" },
		{ "x=`printf '<%s>' -{}+`; printf '%s' \"$x\"", "<-1><2><3+>", "<-1+><-2+><-3+>" },
		{ "x=-{}; printf '<%s>' \"$x\"", "<-1 2 3>", NULL },
		{ "for i in {}; do printf '<%s>' \"$i\"; done", "<1><2><3>", NULL },
		{ "case {} in \"{}\") printf '<%s>' \"{}\";; esac", "<1 2 3>", NULL },
		{ "cat <<E\n{}\nE", "1 2 3\n", NULL },
		{ "printf '<%s>' ${x:-{}} \"${x:-{}}\"", "<1><2><3><1 2 3>", NULL },
		{ "printf '<%s>' {2}{1};", "<21>", NULL },
		{ "printf '<%s>'", "<1><2><3>", NULL },
		{ "printf '<%s>' x; printf '<%s>'", "<x><1><2><3>", NULL },
	};
	const char *values[] = {
		"$(touch canary) '", "\n\"*\\ `touch canary`", "a b;\ttouch canary"
	};
	struct item *item = make_item(values, 3);
	struct fill fill = { .item = item, .slot = 1 };

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		const char *line = rows[i / 2].line, *prints = rows[i / 2].prints;
		struct template *t = compile(line, i % 2);
		struct argv argv = { 0 };
		struct buf expected = { 0 }, shown = { 0 };

		assert_non_null(t);
		if (i % 2 && rows[i / 2].repeated)
			prints = rows[i / 2].repeated;
		for (; *prints; prints++)
			if (*prints >= '1' && *prints <= '3')
				buf_adds(&expected, values[*prints - '1']);
			else
				buf_addc(&expected, *prints);
		assert_int_equal(template_expand_for_shell(t, &fill, &argv), EXPAND_OK);
		run_everywhere(&argv, &expected, line, values[0]);
		template_show(t, &fill, &shown);
		paste(&shown, &expected, values[0]);
		no_canary(line);
		argv_free(&argv);
			buf_free(&expected);
		buf_free(&shown);
		template_free(t);
	}
	item_free(item, NULL);
}

/* argv, without a shell: shown it must run the same. */
static void shown_words_can_be_pasted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct template_rules rules = { .braces = "{}" };
		char *words[] = { "printf", "<%s>", "a b", "{}", "'{}'", NULL };
		struct buf expected = { 0 }, shown = { 0 }, why = { 0 };
		struct template *t = template_command(words, 5, &rules, &why);
		struct item *item = make_item(&hostile[i], 1);
		struct fill fill = { .item = item, .slot = 1 };

		template_show(t, &fill, &shown);
		assert_true(quote_clean(shown.data, shown.len));
		expect("<a b><@><'@'>", hostile[i], &expected);
		paste(&shown, &expected, hostile[i]);
		item_free(item, NULL);
		template_free(t);
			buf_free(&expected);
		buf_free(&shown);
	}
	no_canary("words");
}

/* --- random lines ------------------------------------------------------------------ */

/* Nothing here writes but to `out`, or runs for long. */
static const char *const fragments[] = {
	"{}", "{}", "{}", "{.}", " {} ", "\"{}\"", "'{}'", " ", " ", "\n", ";", "; ", "& wait; ",
	" | ", " && ", " || ", "(", ")", " ( ", " ) ", "{ ", "; }", "$(", "$(", ")", "`", "`",
	"\\`", "\"", "\"", "\"", "'", "'", "\\", "\\\n", "${x:-", "${x", "${x#", "${x%", "}", "}",
	"$((", "))", "$x", "$", "$1", "$'", "#", " # ", "<<E\n", "<<-E\n", "<<'E'\n", "\nE\n",
	"\nE\n", "<<E", " > out ", " </dev/null ", " 2>", ">&2", "case ", " in ", "esac", ";; ",
	" esac ", "a) ", "if ", "; then ", "; fi", "for i in ", "; do ", "; done", "echo ",
	"echo ", "printf '%s' ", "x=", "X={} ", "f() ", "f", "set -- ", "shift", ": ", "a", "-b",
	"*.no", "[", "]", "~", "!", "=", "\t", "\xff", "\x81", "1", "+", "\\{}", "\"$(", ")\"",
	"\"`", "`\"", "[[ ", " ]]", "\\\"",
};

/* Lines that make sense, to get deeper. */
static void random_command(struct buf *b, int depth);
static bool in_ticks;

static void random_param(struct buf *b, int depth, bool quoted);

static void random_ticks(struct buf *b, int depth)
{
	if (in_ticks) {
		buf_adds(b, "\\`printf '%s' {}\\`");
		return;
	}
	in_ticks = true;
	buf_addc(b, '`');
	random_command(b, depth - 1);
	buf_addc(b, '`');
	in_ticks = false;
}

/* A piece of a word; quoted: it stands between double quotes. */
static void random_piece(struct buf *b, int depth, bool quoted)
{
	static const char *const leaves[] = {
		"{}", "{}", "{.}", "a", "b_", "-", "'{}'", "' '", "\\$", "\\\\", "\\\"", "$x", "${1}",
		"#", "$", "\\{}",
	};

	switch (depth > 0 ? random_below(10) : 9) {
	case 0:
		buf_adds(b, "$(");
		random_command(b, depth - 1);
		buf_adds(b, ")");
		break;
	case 1:
		random_ticks(b, depth);
		break;
	case 2:
	case 3:
		random_param(b, depth, quoted);
		break;
	case 4:
	case 5:
		buf_addc(b, quoted ? '{' : '"');
		random_piece(b, depth - 1, true);
		random_piece(b, depth - 1, true);
		buf_addc(b, quoted ? '}' : '"');
		break;
	default: {
		const char *leaf = leaves[random_below(COUNT(leaves))];

		/* between backticks each would need an escape of its own */
		buf_adds(b, in_ticks && strpbrk(leaf, "\\#") ? "{}" : leaf);
	}
	}
}

static void random_param(struct buf *b, int depth, bool quoted)
{
	static const char *const heads[] = {
		"${x:-", "${x-", "${y:+", "${y+", "${z:=", "${y#", "${y%%"
	};

	buf_adds(b, heads[random_below(COUNT(heads))]);
	random_piece(b, depth - 1, quoted);
	buf_addc(b, '}');
}

static void random_words(struct buf *b, int depth)
{
	for (uint32_t n = random_below(3); n <= 2; n++) {
		buf_addc(b, ' ');
		random_piece(b, depth, false);
		random_piece(b, depth, false);
	}
}

static void random_command(struct buf *b, int depth)
{
	static const char *const forms[][2] = {
		{ "printf '<%s>'", "" }, { "printf '<%s>'", "; printf {}" },
		{ "( printf '<%s>'", " )" },
		{ "{ printf '<%s>'", "; }" }, { "x={} printf '<%s>'", "" },
		{ "y={}b; printf '<%s>'", "" },
		{ "if : {}; then printf '<%s>'", "; fi" },
		{ "for x in", "; do printf '<%s>' \"$x\"; done" },
		{ "case {} in (a|{}) printf '<%s>'", ";; (*) : {};; esac" },
		{ "! printf '<%s>'", "" },
		{ "f() { printf '<%s>' \"$1\" {}; }; f", "" },
		{ "set --", "; printf '<%s>' \"$@\"" },
		{ "printf '<%s>'", " | cat" }, { "printf '<%s>'", " >out; cat out" },
		{ ": {} && printf '<%s>'", " || echo {}" }, { "printf '<%s>'", " # {} '\n" },
		{ "cat <<E\n{} $(echo {}) ${x:-{}} \"'\nE\nprintf '<%s>'", "" },
		{ "cat <<'E'; printf '<%s>'", "\n$x `\nE\n" },
	};
	uint32_t form = random_below(COUNT(forms) - 2 * in_ticks);

	buf_adds(b, forms[form][0]);
	random_words(b, depth);
	buf_adds(b, forms[form][1]);
}

static void random_fragments(struct buf *line)
{
	if (random_below(2))
		buf_adds(line, "echo ");
	for (uint32_t n = random_below(12); n < 12; n++)
		buf_adds(line, fragments[random_below(COUNT(fragments))]);
}

static void random_line(struct buf *line)
{
	do {
		buf_clear(line);
		if (random_below(3))
			random_fragments(line);
		else
			random_command(line, 4);
		/* no process has the same number twice */
	} while (strstr(buf_str(line), "$$") || strstr(buf_str(line), "$\\\n$"));
}

static size_t hole_at(const char *line)
{
	return strncmp(line, "{}", 2) == 0 ? 2 : strncmp(line, "{.}", 3) == 0 ? 3 : 0;
}

/* The line with a plain word for every replacement string. */
static void with_word(const char *line, const char *word, struct buf *out)
{
	bool any = false;

	buf_clear(out);
	while (*line) {
		size_t n = hole_at(line);

		any |= n > 0;
		if (n)
			buf_adds(out, word);
		else
			buf_addc(out, *line);
		line += n ? n : 1;
	}
	if (any)
		return;
	while (out->len && strchr(" \t\n", out->data[out->len - 1]))
		out->len--;
	buf_addf(out, " %s", word);
}

/* Would the text of a plain word in the place of the replacement strings mean the
 * same? Not where it would grow into a name, an assignment or an escape; and not
 * where one may stand in a comment, and does not count. */
static bool same_as_text(const char *line)
{
	if (strchr(line, '#'))
		return false;
	for (const char *at = line; *at; at++) {
		size_t n = hole_at(at);

		if (n && at > line && strchr("ax1\\~[", at[-1]))
			return false;
		if (n && strchr("=+\\", at[n + strcspn(at + n, "=+\\ \t\n;&|<>()'\"`$")]))
			return false;
	}
	return true;
}

static bool understood(const struct shell *shell, const char *script)
{
	char *argv[] = { (char *)shell->words[0], "-n", "-c", (char *)script, NULL };
	struct buf out = { 0 };
	int status = run(argv, &out);

	buf_free(&out);
	return status == 0;
}

static void replace(struct buf *b, const char *what, const char *with)
{
	struct buf from = *b;

	*b = (struct buf){ 0 };
	for (size_t i = 0; i < from.len; i++)
		if (from.len - i >= strlen(what) && memcmp(from.data + i, what,
			strlen(what)) == 0) {
			buf_adds(b, with);
			i += strlen(what) - 1;
		} else {
			buf_addc(b, from.data[i]);
		}
	buf_free(&from);
}

/* A line may leave files behind, which a pattern in the next would find. */
static void tidy(void)
{
	DIR *here = opendir(".");
	struct dirent *e;

	assert_non_null(here);
	while ((e = readdir(here)))
		unlink(e->d_name); /* there are no directories but . and .. */
	closedir(here);
}

static int run_value(const struct shell *shell, const struct template *t, const char *line,
	const char *value, struct buf *out)
{
	struct item *item = make_item(&value, 1);
	struct fill fill = { .item = item, .slot = 1 };
	struct argv argv = { 0 };
	int status = -1;

	tidy();
	buf_clear(out);
	if (template_expand_for_shell(t, &fill, &argv) == EXPAND_OK)
		status = run_in(shell, &argv, out);
	no_canary(line);
	argv_free(&argv);
	item_free(item, NULL);
	return status;
}

/* The command as it is shown, pasted into the shell that ran it. */
static void check_shown(const struct shell *shell, const struct template *t, const char *value,
	const struct buf *expected)
{
	struct item *item = make_item(&value, 1);
	struct fill fill = { .item = item, .slot = 1 };
	struct buf shown = { 0 }, out = { 0 };

	template_show(t, &fill, &shown);
	/* not what is a call of /bin/sh, or beyond this shell */
	if (strncmp(buf_str(&shown), "/bin/sh", 7) != 0 && !strstr(buf_str(&shown), "$'")) {
		tidy();
		run_script(shell, "-c", buf_str(&shown), &out);
		check_output(&out, expected, buf_str(&shown), value, shell, "pasted");
	}
	item_free(item, NULL);
	buf_free(&shown);
	buf_free(&out);
}

/* An accepted line: the shell understands the script if it understands the line, and
 * the script prints what the line prints, be the value plain or not. */
static void check_random(const struct shell *shell, const struct template *t, const char *line)
{
	/* no blanks or patterns: what $( ) returns may be split and expanded */
	static const char word[] = "Zq", nasty[] = "'\"`>canary`$(>canary);>canary;#}{&|<>()!~=$x";
	struct buf text = { 0 }, plain = { 0 }, out = { 0 };
	int status = run_value(shell, t, line, word, &plain), textual;

	with_word(line, word, &text);
	if (status < 0 || !understood(shell, buf_str(&text))) {
		run_value(shell, t, line, nasty, &out);
	} else {
		if (same_as_text(line)) {
			tidy();
			textual = run_script(shell, "-c", buf_str(&text), &out);
			check_output(&plain, &out, line, word, shell, "runs");
			if (textual != status)
				fail_msg("%s ends '%s' with %d, not %d", shell->words[0], line,
					status, textual);
		}
		if ((textual = run_value(shell, t, line, nasty, &out)) != status)
			fail_msg("%s ends '%s' with %d and %d", shell->words[0], line, status,
				textual);
		replace(&plain, word, nasty);
		check_output(&out, &plain, line, nasty, shell, "runs");
		check_shown(shell, t, nasty, &out);
		run_value(shell, t, line, word, &out);
		check_shown(shell, t, word, &out);
	}
	buf_free(&text);
	buf_free(&plain);
	buf_free(&out);
}

/* Whatever is typed: no crash; and what is accepted means what it seems to mean. */
static void random_lines(void **state)
{
	enum { LINES = 60000, RUNS = 250 };
	const char *values[] = {
		"'\"`touch canary`$(touch canary)\n;touch canary\n}\\", "a\nE\ncanary",
		"\";touch canary;'"
	};
	struct item *item = make_item(values, 3);
	struct fill fill = { .item = item, .slot = 1 };
	struct argv argv = { 0 };
	struct buf line = { 0 }, out = { 0 };
	int runs = 0;

	(void)state;
	for (int i = 0; i < LINES; i++) {
		const struct shell *shell = &shells[(size_t)i % COUNT(shells)];
		struct template *t;

		random_line(&line);
		if (strcmp(buf_str(&line), "{}") == 0)
			continue; /* the items are the commands */
		t = compile(buf_str(&line), i % 5 == 0);
		if (t) {
			buf_clear(&out);
			template_show(t, &fill, &out);
			assert_true(quote_clean(out.data, out.len));
		}
		if (t && shell->there && runs++ < RUNS) {
			if (template_expand_for_shell(t, &fill, &argv) == EXPAND_OK)
				run_in(shell, &argv, &out);
			no_canary(buf_str(&line));
			check_random(shell, t, buf_str(&line));
		}
		template_free(t);
	}
	print_message("%d of %d lines were accepted\n", runs, LINES);
	argv_free(&argv);
	item_free(item, NULL);
	buf_free(&line);
	buf_free(&out);
}

/* --- set up ------------------------------------------------------------------------- */

static char directory[] = "/tmp/pq-shell-XXXXXX";

static void look_for(struct shell *shell)
{
	struct buf out = { 0 };

	shell->there = run_script(shell, "-c", ":", &out) == 0;
	buf_free(&out);
}

static int begin(void **state)
{
	(void)state;
	for (int i = 0; i < 255; i++)
		every_byte[i] = (char)(i + 1);
	if (getenv("PQ_SEED"))
		seed = (uint32_t)strtoul(getenv("PQ_SEED"), NULL, 10) | 1;
	for (size_t i = 0; i < COUNT(shells); i++)
		look_for(&shells[i]);
	look_for(&bash);
	/* where there is no dash, what /bin/sh is must do */
	if (!shells[0].there)
		shells[0] = bin_sh;
	return !mkdtemp(directory) || chdir(directory) != 0;
}

static int end(void **state)
{
	char *argv[] = { "rm", "-rf", directory, NULL };
	struct buf out = { 0 };
	int status;

	(void)state;
	status = chdir("/") || run(argv, &out);
	buf_free(&out);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_arrive_as_they_are),
		cmocka_unit_test(numbers_are_calculated_with),
		cmocka_unit_test(several_values_arrive_as_they_are),
		cmocka_unit_test(shown_words_can_be_pasted),
		cmocka_unit_test(random_lines),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
