/* The command template as tables: what is typed, what the item holds, what runs.
 * That shells agree is the business of test_template_shell.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "action/template/names.h"
#include "action/template/template.h"
#include "base/buf.h"
#include "item.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { MOST = 8 };

struct expansion {
	struct template *t;
	struct item *item;
	struct argv argv;
	enum expand status;
	struct buf why;
};

static const struct template_rules plain = { .braces = "{}" };
static const struct template_rules repeat = { .braces = "{}", .repeat_words = true };

static size_t count(const char *const words[])
{
	size_t n = 0;

	while (n < MOST && words[n])
		n++;
	return n;
}

static struct item *make_item(const char *const values[])
{
	struct draft d = { .source = "list.txt" };
	struct item *item;

	for (size_t i = 0; i < count(values); i++)
		draft_add(&d, values[i], strlen(values[i]));
	item = item_new(&d, d.values, 42);
	draft_free(&d);
	return item;
}

static struct template *compile(const struct template_rules *rules, const char *const words[],
	struct buf *why)
{
	return template_command((char *const *)words, count(words), rules, why);
}

/* "1>[a b]", as it would be written. */
static int redirection(char *to, size_t room, const struct redirect *r)
{
	const char *sign = r->flags == O_RDONLY ? "<" : r->flags == (O_RDWR | O_CREAT) ? "<>"
		: r->flags & O_APPEND ? ">>" : ">";

	if (r->what == REDIRECT_OPEN)
		return snprintf(to, room, " %d%s[%s]", r->fd, sign, r->path);
	if (r->what == REDIRECT_CLOSE)
		return snprintf(to, room, " %d>&-", r->fd);
	return snprintf(to, room, " %d>&%d", r->fd, r->from);
}

/* One line of words in brackets, "[echo] [a b]", and redirections, for comparing. */
static const char *bracketed(const struct argv *argv)
{
	static char text[4096];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < argv->count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s[%s]", i ? " " : "",
			argv->words[i]);
	for (size_t i = 0; i < argv->redirects.count; i++)
		len += (size_t)redirection(text + len, sizeof text - len, &argv->redirects.list[i]);
	return text;
}

static void begin(struct expansion *e, const struct template_rules *rules,
	const char *const words[], const char *const values[])
{
	struct fill fill;

	*e = (struct expansion){ 0 };
	e->t = compile(rules, words, &e->why);
	if (!e->t)
		fail_msg("refused: %s", buf_str(&e->why));
	e->item = make_item(values);
	fill = (struct fill){ .item = e->item, .slot = 3 };
	e->status = template_expand(e->t, &fill, &e->argv);
}

static void end(struct expansion *e)
{
	template_free(e->t);
	item_free(e->item, NULL);
	argv_free(&e->argv);
	buf_free(&e->why);
}

static void check(const struct template_rules *rules, const char *const words[],
	const char *const values[], const char *expected)
{
	struct expansion e;
	size_t bytes = 0, longest = 0;

	begin(&e, rules, words, values);
	assert_int_equal(e.status, EXPAND_OK);
	assert_string_equal(bracketed(&e.argv), expected);
	assert_null(e.argv.words[e.argv.count]);
	for (size_t i = 0; i < e.argv.count; i++) {
		size_t len = strlen(e.argv.words[i]);

		bytes += len + 1;
		longest = len > longest ? len : longest;
	}
	assert_int_equal(e.argv.bytes, bytes);
	assert_int_equal(e.argv.longest, longest);
	end(&e);
}

struct row {
	const char *words[MOST], *values[MOST], *expected;
};

static void check_rows(const struct template_rules *rules, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(rules, rows[i].words, rows[i].values, rows[i].expected);
}

/* Each shape as GNU parallel 20221122 answers it. */
static void shapes_of_a_path(void **state)
{
	static const struct row rows[] = {
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "a/b.x/c" }, "[a/b.x/c] [c] [a/b.x] [c]" },
		{ { "{.}", "{/}", "{//}", "{/.}" },
		{ "a/b.tar.gz" }, "[a/b.tar] [b.tar.gz] [a] [b.tar]" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "c.d" }, "[c] [c.d] [.] [c]" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "c." }, "[c.] [c.] [.] [c.]" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { ".x" }, "[] [.x] [.] []" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "a/.x" }, "[a/] [.x] [a] []" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "/" }, "[/] [] [/] []" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "//" }, "[//] [] [/] []" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "/a" }, "[/a] [a] [/] [a]" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "a/" }, "[a/] [] [.] []" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "a//b" }, "[a//b] [b] [a] [b]" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "" }, "[] [] [.] []" },
		{ { "{.}", "{/}", "{//}", "{/.}" }, { "a.b/" }, "[a.b/] [] [.] []" },
	};

	(void)state;
	check_rows(&plain, rows, COUNT(rows));
}

static void what_replacement_strings_stand_for(void **state)
{
	static const struct row rows[] = {
		{ { "x", "{}" }, { "a b" }, "[x] [a b]" },
		{ { "x", "{#}", "{%}", "{source}" }, { "a" }, "[x] [42] [3] [list.txt]" },
		{ { "x", "s{#}-{%}" }, { "a" }, "[x] [s42-3]" },
		{ { "x", "{1}", "{2}", "{3}" }, { "a", "b" }, "[x] [a] [b] []" },
		{ { "x", "{-1}", "{-2}", "{-3}" }, { "a", "b" }, "[x] [b] [a] []" },
		{ { "x", "{2.}", "{2/}", "{2//}", "{2/.}" }, { "a", "d/e.f" },
			"[x] [d/e] [e.f] [d] [e]" },
		{ { "x", "{-1.}", "{-1/}", "{-1//}", "{-1/.}" }, { "a", "d/e.f" },
			"[x] [d/e] [e.f] [d] [e]" },
		{ { "x", "{10}", "{99999999999999999999}" }, { "a" }, "[x] [] []" },
		/* other braces are left alone */
		{ { "x", "{name} {0} {01} {1 } { } {1..3} ${..} ${##} {a} {:x}", "{}" }, { "v" },
			"[x] [{name} {0} {01} {1 } { } {1..3} ${..} ${##} {a} {:x}] [v]" },
		/* a backslash says that those of pq are other braces, too */
		{ { "x", "{\\} {\\2} {\\/.} {\\#} {\\..} {\\a} \\{\\}", "{}" }, { "v" },
			"[x] [{} {2} {/.} {#} {..} {\\a} \\{\\}] [v]" },
		{ { "x {\\2} '{\\}' \"{\\#}\"; cat <<'E'\n{\\}\nE\ny {}" }, { "v" }, "[/bin/sh] [-c] "
			"[_pq1=${1};shift 1;x {2} '{}' \"{#}\"; cat <<'E'\n{}\nE\ny \"${_pq1}\"] [sh] [v]" },
		{ { "x", "{{}}", "{}{}", "}{" }, { "v" }, "[x] [{v}] [vv] [}{]" },
		/* never expanded twice */
		{ { "x", "{} {1}" }, { "{}{1}{#}" }, "[x] [{}{1}{#} {}{1}{#}]" },
		{ { "x", "\\{} '{}' \"{}\" ${} $({})" }, { "v" }, "[x] [\\v 'v' \"v\" $v $(v)]" },
		/* appended as the last argument */
		{ { "x", "-v" }, { "a b" }, "[x] [-v] [a b]" },
		{ { "x", "" }, { "" }, "[x] [] []" },
		{ { "x", "{name}" }, { "a" }, "[x] [{name}] [a]" },
		{ { "{}" , "y" }, { "a" }, "[a] [y]" },
	};

	(void)state;
	check_rows(&plain, rows, COUNT(rows));
}

static void another_name_for_the_braces(void **state)
{
	static const struct template_rules percent = { .braces = "%" };
	static const struct row rows[] = {
		{ { "x", "%", "{}", "{.}", "a%b" }, { "v.w" }, "[x] [v.w] [{}] [v] [av.wb]" },
		{ { "x", "{}" }, { "v" }, "[x] [{}] [v]" },
		{ { "x a%b {}" }, { "v" }, "[/bin/sh] [-c] [_pq1=${1};shift 1;x a\"${_pq1}\"b {}] "
			"[sh] [v]" },
		{ { "x \\%" },
		{ "v" }, "[/bin/sh] [-c] [_pq1=${1};shift 1;x \\% \"${_pq1}\"] [sh] [v]" },
	};

	(void)state;
	check_rows(&percent, rows, COUNT(rows));
}

static void several_values_behave_like_the_arguments_of_a_shell(void **state)
{
	static const struct row rows[] = {
		{ { "x", "{}", "y" }, { "a", "b", "c" }, "[x] [a] [b] [c] [y]" },
		{ { "x", "pre-{}-post" }, { "a", "b", "c" }, "[x] [pre-a] [b] [c-post]" },
		{ { "x", "pre-{}-{.}-p" }, { "a.x", "b.y" }, "[x] [pre-a.x] [b.y-a] [b-p]" },
		{ { "x", "{/}", "{#}{.}" }, { "d/a.x", "b" }, "[x] [a.x] [b] [42d/a] [b]" },
		{ { "x", "{1}-{}" }, { "a", "b" }, "[x] [a-a] [b]" },
		{ { "x", "{2}{1}" }, { "a", "b" }, "[x] [ba]" },
		{ { "x", "{}" }, { "", "" }, "[x] [] []" },
		{ { "x" }, { "a", "b" }, "[x] [a] [b]" },
		{ { "{}" }, { "a", "b" }, "[a] [b]" },
		{ { "x -{}- y" }, { "a", "b" }, "[x] [-a] [b-] [y]" },
	};

	(void)state;
	check_rows(&plain, rows, COUNT(rows));
}

static void with_repeated_words(void **state)
{
	static const struct row rows[] = {
		{ { "x", "pre-{}-post", "y" }, { "a", "b", "c" },
			"[x] [pre-a-post] [pre-b-post] [pre-c-post] [y]" },
		{ { "x", "{}:{.}:{#}" }, { "a.x", "b" }, "[x] [a.x:a:42] [b:b:42]" },
		{ { "x", "{1}:{}" }, { "a", "b" }, "[x] [a:a] [a:b]" },
		{ { "x", "{1}" }, { "a", "b" }, "[x] [a]" },
		{ { "x", "{}" }, { "a", "b" }, "[x] [a] [b]" },
		{ { "x" }, { "a", "b" }, "[x] [a] [b]" },
	};

	(void)state;
	check_rows(&repeat, rows, COUNT(rows));
}

/* The words of the line alone; argv words around them are always the same. */
static const char *script_of(const struct expansion *e)
{
	const char *behind = strchr(e->argv.words[2], ';');

	assert_string_equal(e->argv.words[0], "/bin/sh");
	assert_string_equal(e->argv.words[1], "-c");
	assert_string_equal(e->argv.words[3], "sh");
	behind = strchr(behind + 1, ';');
	assert_non_null(behind);
	return behind + 1;
}

struct line {
	const char *line, *script;
};

static void check_lines(const struct template_rules *rules, const struct line *lines, size_t n,
	const char *const values[])
{
	for (size_t i = 0; i < n; i++) {
		const char *words[] = { lines[i].line, NULL };
		struct expansion e;

		begin(&e, rules, words, values);
		e.status = template_expand_for_shell(e.t,
			&(struct fill){ .item = e.item, .slot = 3 }, &e.argv);
		assert_int_equal(e.status, EXPAND_OK);
		assert_string_equal(script_of(&e), lines[i].script);
		assert_string_equal(e.argv.words[4], values[0]);
		end(&e);
	}
}

#define V "${_pq1}"
#define Q "\"" V "\""

static void spelled_for_the_place_they_stand_in(void **state)
{
	static const char *const value[] = { "7", NULL };
	static const struct line lines[] = {
		{ "x {};", "x " Q ";" },
		{ "x; y", "x; y " Q },
		{ "x \"{}\"", "x \"" V "\"" },
		{ "x 'a {} b'", "x 'a '" Q "' b'" },
		{ "x \"'{}'\"", "x \"'" V "'\"" },
		{ "x '\"{}\"'", "x '\"'" Q "'\"'" },
		{ "x \"\\\"{}\"", "x \"\\\"" V "\"" },
		{ "x \"\\{} \\\\{}\"", "x \"\\\\" V " \\\\" V "\"" },
		{ "x \\{} \\\\{}", "x \\{} \\\\" Q },
		{ "x \\\"{}", "x \\\"" Q },
		{ "x $(y {})", "x $(y " Q ")" },
		{ "x \"$(y {} \"{}\" '{}')\" \"{}\"",
			"x \"$(y " Q " \"" V "\" " Q ")\" \"" V "\"" },
		{ "x `y {} '{}'`", "x `y " Q " " Q "`" },
		{ "x \"`y {}`{}\"", "x \"`y " Q "`" V "\"" },
		{ "x \"`y \\\"{}\\\" \"{}\"`\"", "x \"`y \\\"" V "\\\" \"" V "\"`\"" },
		{ "x `y \\`z {} \"{}\"\\``", "x `y \\`z " Q " \"" V "\"\\``" },
		{ "x ${y:-{}}", "x ${y:-" Q "}" },
		{ "x \"${y:-{}}\"", "x \"${y:-" V "}\"" },
		{ "x \"${y:-'{}'}\"", "x \"${y:-'" V "'}\"" },
		{ "x ${y:-'{}'}", "x ${y:-" Q "}" },
		{ "x \"${y#{}}${y%%{}}\"", "x \"${y#" Q "}${y%%" Q "}\"" },
		{ "x \"${y:-${z:-{}}}\"", "x \"${y:-${z:-" V "}}\"" },
		{ "x ${#y} ${1} ${#} $# {}", "x ${#y} ${1} ${#} $# " Q },
		{ "x $(({} + 1)) {}", "x $((" V " + 1)) " Q },
		{ "x \"$((({}) + $(y {})))\"", "x \"$(((" V ") + $(y " Q ")))\"" },
		{ "cat <<E\na {} \"{}\" '{}' \\{}\nE",
			"cat <<E\na " V " \"" V "\" '" V "' \\\\" V "\nE" },
		{ "cat <<-E - {}\n\t$(y {}) ${z:-{}}\n\tE\n",
			"cat <<-E - " Q "\n\t$(y " Q ") ${z:-" V
			"}\n\tE\n" },
		{ "cat <<A <<'B'; x {}\n{}\nA\n{name}\nB\ny {}", "cat <<A <<'B'; x " Q "\n" V
			"\nA\n{name}\nB\ny " Q },
		{ "x {} # {} '\ny {}", "x " Q " # {} '\ny " Q },
		{ "x a#{} {}#", "x a#" Q " " Q "#" },
		{ "case {} in {}) x {};; (b|\"{}\") y;; esac",
			"case " Q " in " Q ") x " Q ";; (b|\"" V
			"\") y;; esac" },
		{ "(case a in a) y {}; esac) '{}'", "(case a in a) y " Q "; esac) " Q "" },
		{ "x $(case a in a) y {};; esac) '{}'",
			"x $(case a in a) y " Q ";; esac) " Q "" },
		{ "x > {}.gz 2>{}", "x > " Q ".gz 2>" Q },
		{ "Y={} x; Z=a{}b", "Y=" Q " x; Z=a" Q "b" },
		{ "{} -v | x", Q " -v | x" },
		{ "f() { x {}; }; f", "f() { x " Q "; }; f" },
		{ "for i in {}; do x $i; done", "for i in " Q "; do x $i; done" },
		{ "if {}; then x; fi", "if " Q "; then x; fi" },
		{ "x \\\n{} a\\\n{} \"\\\n{}\"", "x \\\n" Q " a\\\n" Q " \"\\\n" V "\"" },
		{ "x $'a b' {}", "x $'a b' " Q },
		{ "x \"$'\" {} '\"'", "x \"$'\" " Q " '\"'" },
		{ "x $a{} \"$a{}\" $1{}", "x $a" Q " \"$a" V "\" $1" Q },
		{ "x {a,{}} ~{} *{}", "x {a," Q "} ~" Q " *" Q },
		{ "x <", "x < " Q },
		{ "x 2>&1 >{}", "x 2>&1 >" Q },
		{ "export a; for i in {} ; do x; done", "export a; for i in " Q " ; do x; done" },
		{ "x &&  y \t\n", "x &&  y " Q },
		{ "(x {})", "(x " Q ")" },
		{ "x \\{\\};y", "x \\{\\};y " Q },
	};

	(void)state;
	check_lines(&plain, lines, COUNT(lines), value);
}

static void several_values_in_a_shell_line(void **state)
{
	static const char *const values[] = { "1", "2", NULL };
	static const struct line lines[] = {
		{ "x -{}- ;", "x -\"${_pq1}\" \"${_pq2}\"- ;" },
		{ "x \"-{}-\"", "x \"-${_pq1} ${_pq2}-\"" },
		{ "x '-{}-'", "x '-'\"${_pq1} ${_pq2}\"'-'" },
		{ "X={}", "X=\"${_pq1} ${_pq2}\"" },
		{ "export X={} Y", "export X=\"${_pq1} ${_pq2}\" Y" },
		{ "x X={};", "x X=\"${_pq1}\" \"${_pq2}\";" },
		{ "x >{}", "x >\"${_pq1} ${_pq2}\"" },
		{ "case {} in a) ;; esac", "case \"${_pq1} ${_pq2}\" in a) ;; esac" },
		{ "for i in {}; do x; done", "for i in \"${_pq1}\" \"${_pq2}\"; do x; done" },
		{ "x ${y:-{}}", "x ${y:-\"${_pq1}\" \"${_pq2}\"}" },
		{ "cat <<E\n{}\nE", "cat <<E\n${_pq1} ${_pq2}\nE" },
	};
	static const struct line repeated[] = {
		{ "x -{}- ;", "x -\"${_pq1}\"- -\"${_pq2}\"- ;" },
		{ "x -{}-\"{}\"- ;", "x -\"${_pq1}\"-\"${_pq1}\"- -\"${_pq2}\"-\"${_pq2}\"- ;" },
		{ "x \"-{}-\"", "x \"-${_pq1} ${_pq2}-\"" },
		{ "X=-{}", "X=-\"${_pq1} ${_pq2}\"" },
		{ "x >-{}", "x >-\"${_pq1} ${_pq2}\"" },
		{ "x $(y -{})", "x $(y -\"${_pq1}\" -\"${_pq2}\")" },
		{ "x -{}$(y -{})",
			"x -\"${_pq1}\"$(y -\"${_pq1}\") -\"${_pq2}\"$(y -\"${_pq2}\")" },
		{ "x `y -{}`", "x `y -\"${_pq1}\" -\"${_pq2}\"`" },
		{ "x; y", "x; y \"${_pq1}\" \"${_pq2}\"" },
	};

	(void)state;
	check_lines(&plain, lines, COUNT(lines), values);
	check_lines(&repeat, repeated, COUNT(repeated), values);
}

static void every_kind_of_hole_is_handed_over_once(void **state)
{
	static const struct row rows[] = {
		{ { "x {.} {} {#} {.}|{1}" }, { "a.x", "b" }, "[/bin/sh] [-c] "
			"[_pq1=${1} _pq2=${2} _pq3=${3} _pq4=${4} _pq5=${5} _pq6=${6};shift 6;"
			"x \"${_pq3}\" \"${_pq4}\" \"${_pq5}\" \"${_pq6}\" \"${_pq1}\" "
			"\"${_pq3}\" \"${_pq4}\"|\"${_pq2}\"] [sh] [42] [a.x] [a] [b] [a.x] [b]" },
		{ { "_pq1=3; _pq_=4; x {}" }, { "a" }, "[/bin/sh] [-c] [_pq__1=${1};shift 1;"
			"_pq1=3; _pq_=4; x \"${_pq__1}\"] [sh] [a]" },
	};

	(void)state;
	check_rows(&plain, rows, COUNT(rows));
}

static void a_line_without_shell_syntax_runs_without_a_shell(void **state)
{
	static const char *const direct[] = {
		"gzip -9 {}", "x", "  x\t{}  ", "x a=b {}", "./x -a,b:c@d%e+f^g]", "[ -f {} ]",
		"echo {}", "printf {}", "test {}", "true", "pwd", "{} x", "x \xc3\xa4 {}", "cdx",
		"x if {}", "x > y", "x < y", ">y x", "x 2>&1",
	};
	static const char *const shell[] = {
		"x {};", "x | y", "x & y", "x > y;", "x >'y'", "cd >y", ">y", "x (y)", "x 'y'", "x \"y\"",
		"x \\y",
		"x $y", "x `y`", "x *", "x ?", "x [a]", "x ~", "x #y {}", "x {y}", "x ! y", "x\ny",
		"a=b x", "{}=b", "cd x", "exit", ". x", ": x", "if x", "time x", "! x", "kill {}",
		"[x {}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(direct) + COUNT(shell); i++) {
		bool is_direct = i < COUNT(direct);
		const char *words[] = { is_direct ? direct[i] : shell[i - COUNT(direct)], NULL };
		struct buf why = { 0 };
		struct template *t = compile(&plain, words, &why);
		bool sh = t && template_program(t) && strcmp(template_program(t), "/bin/sh") == 0;

		if (is_direct ? !t || sh : t && !sh)
			fail_msg("wrong way to run: %s", words[0]);
		template_free(t);
		buf_free(&why);
	}
}

/* Each as every shell reads it. */
static void redirections_need_no_shell(void **state)
{
	static const struct row rows[] = {
		{ { "x {} >{}.gz" }, { "a b" }, "[x] [a b] 1>[a b.gz]" },
		{ { "x >out" }, { "a" }, "[x] [a] 1>[out]" },
		{ { ">>a 2>b x <c {}<>d 3>|e" }, { "i" },
			"[x] [i] 1>>[a] 2>[b] 0<[c] 0<>[d] 3>[e]" },
		{ { "x {} 2>&1 > y >&2 <&- 4>&- 5<&0" }, { "i" },
			"[x] [i] 2>&1 1>[y] 1>&2 0>&- 4>&- 5>&0" },
		{ { "x {}>y a2>z" }, { "2" }, "[x] [2] [a2] 1>[y] 1>[z]" },
		{ { "x {}2>y" }, { "2" }, "[x] [22] 1>[y]" },
		{ { "x > \t{} {}" }, { "a", "b" }, "[x] [a] [b] 1>[a b]" },
		{ { "x >{1}{2} 2>>{#}" }, { "a", "b" }, "[x] 1>[ab] 2>>[42]" },
		{ { "x >{}" }, { "" }, "[x] 1>[]" },
		{ { "x >a=b y=z" }, { "i" }, "[x] [y=z] [i] 1>[a=b]" },
		{ { "[ {} ] >y" }, { "i" }, "[[] [i] []] 1>[y]" },
		{ { "ssh h x {} >{}" }, { "a b" }, "[ssh] [h] [x] ['a b'] 1>[a b]" },
		{ { NULL }, { "x a>b 2>&1" }, "[x] [a] 1>[b] 2>&1" },
		{ { NULL }, { ">b<c 2>d x" }, "[x] 1>[b] 0<[c] 2>[d]" },
		{ { NULL }, { "x", "2>", "y" }, "[x] 2>[y]" },
		{ { NULL }, { ">b x", "y" }, "[x] [y] 1>[b]" },
		{ { NULL }, { "a>b>c>d>e>f>g" }, "[a] 1>[b] 1>[c] 1>[d] 1>[e] 1>[f] 1>[g]" },
	};
	static const struct row repeated[] = {
		{ { "x -{} >{}" }, { "a", "b" }, "[x] [-a] [-b] 1>[a b]" },
	};

	(void)state;
	check_rows(&plain, rows, COUNT(rows));
	check_rows(&repeat, repeated, COUNT(repeated));
}

static void what_a_shell_would_make_of_it_is_told_of_lines_for_one(void **state)
{
	static const struct {
		const char *line;
		bool told;
	} rows[] = {
		{ "echo -e {} >x", false }, { "echo -e {} >x;", true }, { "source {} >x", true },
		{ "perl -e {}x >x", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *words[] = { rows[i].line, NULL };
		struct buf why = { 0 };
		struct template *t = compile(&plain, words, &why);

		if (!t || !template_note(t) != !rows[i].told)
			fail_msg("%s: %s", rows[i].line, t && template_note(t) ? template_note(t) : "");
		template_free(t);
		buf_free(&why);
	}
}

/* What shells read differently, or fail at; and what names no program. */
static void redirections_that_need_a_shell(void **state)
{
	static const char *const lines[] = {
		"x 12>y", "x >&y", "x >&12", "x 1>&1", "x >1>y", "x >&2-", "x >>&2", "x <<<y",
		"x >", "x > >y", "x >|", "x <<y", "x >(y)", "x <(y)", "x >y;", "x >y&", "x &>y",
		">y", ">y a=b x", "a=b >y x", ">y cd", "<y exit", "x >$y", "x >~/y", "x >*", "x >'y'",
		"x >y #z", "x {v}>y", "x \\2>y", "x >y |z", "x <>&2", "x >[a]",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		const char *words[] = { NULL }, *values[] = { lines[i], NULL };
		struct expansion e;

		begin(&e, &plain, words, values);
		if (e.argv.count != 3 || strcmp(e.argv.words[0], "/bin/sh") != 0
		    || e.argv.redirects.count)
			fail_msg("no shell: %s: %s", lines[i], bracketed(&e.argv));
		end(&e);
	}
}

/* Two for one descriptor mean something else to zsh. */
static void a_shell_that_is_not_known_does_the_redirections(void **state)
{
	static const struct template_rules zsh = { .braces = "{}", .shell_path = "zsh" };
	static const struct row rows[] = {
		{ { NULL }, { "x >a" }, "[zsh] [-c] [x >a]" },
		{ { "x {} >a" }, { "i" }, "[zsh] [-c] [_pq1=${1};shift 1;x \"${_pq1}\" >a] [zsh] [i]" },
		{ { NULL }, { "x a" }, "[x] [a]" },
	};

	(void)state;
	check_rows(&zsh, rows, COUNT(rows));
}

static void shell_always_and_never(void **state)
{
	static const struct template_rules always = { .shell = SHELL_ALWAYS, .braces = "{}" };
	static const struct template_rules never = { .shell = SHELL_NEVER, .braces = "{}" };
	static const struct row joined[] = {
		{ { "x", "|", "{}" }, { "a" }, "[/bin/sh] [-c] [_pq1=${1};shift 1;x | \"${_pq1}\"] "
			"[sh] [a]" },
		{ { "x", ">", "{}" }, { "a" }, "[x] 1>[a]" },
		{ { "x", "y z" }, { "a b" }, "[x] [y] [z] [a b]" },
	};
	static const struct row split[] = {
		{ { "x 'y z' > {}.$a" }, { "a b" }, "[x] ['y] [z'] [>] [a b.$a]" },
		{ { "cd\t x\ny" }, { "a" }, "[cd] [x] [y] [a]" },
		{ { "x", "y z" }, { "a" }, "[x] [y z] [a]" },
		{ { NULL }, { "cd 'a  b'; x" }, "[cd] ['a] [b';] [x]" },
	};

	(void)state;
	check_rows(&always, joined, COUNT(joined));
	check_rows(&never, split, COUNT(split));
}

static void items_that_are_commands(void **state)
{
	static const struct row rows[] = {
		{ { NULL }, { "ls -l a" }, "[ls] [-l] [a]" },
		{ { NULL }, { " ls  " }, "[ls]" },
		{ { NULL }, { "echo 'a b' {}" }, "[/bin/sh] [-c] [echo 'a b' {}]" },
		{ { NULL }, { "exit 3" }, "[/bin/sh] [-c] [exit 3]" },
		{ { NULL }, { "-x;" }, "[/bin/sh] [-c] [ -x;]" },
		{ { NULL }, { "+x;" }, "[/bin/sh] [-c] [ +x;]" },
		{ { NULL }, { "-x" }, "[-x]" },
		{ { NULL }, { "# a\nb" }, "[/bin/sh] [-c] [# a\nb]" },
		{ { NULL }, { "echo", "a  b", "c" }, "[echo] [a] [b] [c]" },
		{ { NULL }, { "a=b", "c" }, "[/bin/sh] [-c] [a=b c]" },
		{ { NULL }, { "", "", "c" }, "[c]" },
		{ { NULL }, { "echo {1} {.} {#}" }, "[/bin/sh] [-c] [echo {1} {.} {#}]" },
		{ { NULL }, { "a b c d e f g h i j" }, "[a] [b] [c] [d] [e] [f] [g] [h] [i] [j]" },
	};
	static const char *const idle[] = { "", " ", "\t\n ", "# a comment",
	"  # another; exit 1" };

	(void)state;
	check_rows(&plain, rows, COUNT(rows));
	for (size_t i = 0; i < COUNT(idle); i++) {
		const char *values[] = { idle[i], NULL };
		const char *words[] = { NULL };
		struct expansion e;

		begin(&e, &plain, words, values);
		assert_int_equal(e.status, EXPAND_EMPTY);
		assert_int_equal(e.argv.count, 0);
		end(&e);
	}
}

struct refusal {
	const char *line, *why;
};

static void lines_that_are_refused(void **state)
{
	static const char nowhere[] = "ends where no argument can stand; put {} where";
	static const struct refusal rows[] = {
		{ "", "empty" }, { " \t", "empty" }, { "\n", "empty" },
		/* no place for the item at the end */
		{ "x;", nowhere }, { "x &", nowhere }, { "x |", nowhere }, { "x &&", nowhere },
		{ "x ||", nowhere }, { "(x)", nowhere }, { "{ x; }", nowhere },
		{ "x # y", nowhere },
		{ "x # {}", nowhere }, { "if x; then y; fi", nowhere }, { "a=b", nowhere },
		{ "for i in a; do x; done", nowhere }, { "case a in b) x;; esac", nowhere },
		{ "x $(y); ", nowhere }, { "f() { x; }", nowhere }, { "!", nowhere },
		{ "> x", nowhere },
		{ "x $y\\", nowhere }, { "cat <<E\nx\nE", nowhere }, { "[[ -f x ]]", nowhere },
		{ "while x; do", nowhere }, { "x | {", nowhere },
		/* what is not closed */
		{ "x 'y", "single quote" }, { "x \"y", "double quote" }, { "x `y", "backtick" },
		{ "x $(y", "( that is never closed" }, { "x \"$(y\"", "double quote" },
		{ "x ${y", "${" },
		{ "x $((1", "$((" }, { "(x", "( that is never closed" },
		{ "x it's", "single quote" }, { "case a in", "case" }, { "case a in a) x", "case" },
		{ "cat <<E\nx", "a line E is missing" }, { "cat <<E {}", "a line E is missing" },
		{ "x $(cat <<E)", "here-document" }, { "cat <<'E", "here-document" },
		{ "cat <<E\n$(x\nE\n{}", "( that is never closed" }, { "x `y $(z`", "( that is" },
		/* what only looks closed */
		{ "x) {}", ") without a (" }, { "x;; {}", ";;" },
		{ "x $((1) {})", "must end in ))" },
		/* where the shell expands nothing, or too much */
		{ "cat <<'E'\n{}\nE", "leave the quotes off E" },
		{ "cat <<\\E\n{.}\nE", "leave the quotes off E" },
		{ "cat <<\"E\"\n{}\nE", "leave the quotes off E" },
		{ "cat <<-'E'\n\t{}\n\tE", "leave the quotes off E" },
		{ "cat <<{}\nx", "plain one" }, { "cat <<E$x {}\nE$x", "plain one" },
		{ "x $'{}'", "cannot stand in $'...'" }, { "x $'a\\'b' {}", "differently" },
		{ "x $[1+{}]", "$[ is arithmetic" }, { "(({} > 1))", "(( is arithmetic" },
		{ "[[ {} -eq 1 ]]", "[[ ]]" }, { "a[{}]=1", "brackets of an array" },
		{ "x ${y:{}}", "not every /bin/sh" }, { "x ${y[{}]}", "not every /bin/sh" },
		{ "x ${y/{}/z}", "not every /bin/sh" }, { "x \"${y:-\"{}\"}\"", "between quotes" },
		{ "x $(('{}'))", "no quotes" }, { "x <<< {}", "<<<" },
		{ "cat <<E\n${x#{}}\nE", "pattern in a here-document" },
		{ "cat <<E\n${x:-${y%{}}}\nE", "pattern in a here-document" },
		{ "x \"${y:-${z#{}}}\"", "in a pattern and in" },
		{ "x \"${y#${z:-{}}}\"", "in a pattern" },
		{ "x \"${y#${z:-'}'}}\" {}", "a ' in a pattern" },
		{ "x >&{}", "behind >&" }, { "x >&2{}", "behind >&" },
		{ "x <& $(y {})", "behind >&" },
		/* the same, however deep below */
		{ "[[ $(x {}) -eq 1 ]]", "[[ ]]" }, { "x ${y[$(z {})]}", "not every /bin/sh" },
		{ "a[$(x {})]=1", "brackets of an array" }, { "x <&$(y `z {}`)", "behind >&" },
		{ "export $(x {});", "names of variables" }, { "x; read \"$(y '{}')\"", "names of" },
		/* what a shell evaluates as arithmetic, or takes for a name */
		{ "let x={};", "as arithmetic" }, { "let \"x = $(y {})\"", "as arithmetic" },
		{ "declare -i x={};", "as arithmetic" }, { "typeset -xi x=$(y {})", "as arithmetic" },
		{ "declare -i x; x={};", "declared as numbers" }, { "x {}; integer y", "as numbers" },
		{ "test -v {};", "names of variables" }, { "printf -v x{} y;", "names of variables" },
		/* a name made of data */
		{ "export {};", "names of variables" }, { "unset x{}; y", "names of variables" },
		{ "x; read -r {} y <z", "names of variables" }, { "export a[{}]=1", "brackets" },
		{ "x ${}", "right before {}" }, { "x \"${}\"", "right before {}" },
		{ "x ${.}", "right before {.}" }, { "x $(( ${} ))", "right before {}" },
		{ "x ${{}}", "as the name" }, { "x ${y{}}", "as the operator" },
		{ "for {} in a; do x; done", "variable of a for" },
		{ "{}() { x; }", "name a function" },
		{ "x ({})", "( where /bin/sh allows none" },
		{ "x=({})", "( where /bin/sh allows none" },
		{ "x `y \"\\{}\"`", "backslash" }, { "x \"${y:-\\{}}\"", "backslash" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *words[] = { rows[i].line, NULL };
		struct buf why = { 0 };
		struct template *t = compile(&plain, words, &why);

		if (t)
			fail_msg("not refused: %s", rows[i].line);
		if (!strstr(buf_str(&why), rows[i].why) || strchr(buf_str(&why), '\n'))
			fail_msg("'%s' is refused because: %s", rows[i].line, buf_str(&why));
		buf_free(&why);
	}
}

static void what_is_wrong_has_its_column(void **state)
{
	static const struct refusal rows[] = {
		{ "x ({})", "column 3: the shell line has a (" },
		{ "x {} \"y", "column 6: the shell line has a double" },
		{ "x {}\ny 'z", "line 2, column 3: the shell line has a single" },
		{ "x \xc3\xa4 $(y {}", "column 6: the shell line has a ( that" },
		{ "x `y $((1`", "column 6: the shell line has a $((" },
		{ "x {} ${y:-z", "column 6: the shell line has a ${" },
		{ "x >&{}", "column 5: {} cannot stand behind" },
		{ "x `y \\\"$[1]\\\"` {}", "column 9: $[ is" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *words[] = { rows[i].line, NULL };
		struct buf why = { 0 };

		assert_null(compile(&plain, words, &why));
		if (strncmp(buf_str(&why), rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("'%s': %s", rows[i].line, buf_str(&why));
		buf_free(&why);
	}
}

static void a_line_can_nest_only_so_deep(void **state)
{
	static const char *const openers[] = { "$(", "(", "${x:-", "$((", "\"$(" };

	(void)state;
	for (size_t i = 0; i < COUNT(openers); i++) {
		struct buf line = { 0 }, why = { 0 };
		const char *words[2] = { NULL };

		buf_adds(&line, "x ");
		for (int k = 0; k < 100000; k++)
			buf_adds(&line, openers[i]);
		words[0] = buf_str(&line);
		assert_null(compile(&plain, words, &why));
		assert_true(why.len > 0);
		buf_free(&line);
		buf_free(&why);
	}
}

static void the_braces_must_have_a_name(void **state)
{
	static const struct template_rules rules = { .braces = "" };
	static const char *const words[] = { "x", "y", NULL };
	struct buf why = { 0 };

	(void)state;
	assert_null(compile(&rules, words, &why));
	assert_non_null(strstr(buf_str(&why), "-I"));
	buf_free(&why);
}

static void only_numbers_go_into_arithmetic(void **state)
{
	static const char *const good[] = { "0", "12", "-3", "+4", "0x1F", "-0xab", "007" };
	static const char *const bad[] = { "", " 1", "1 ", "a", "1a", "0x", "-", "+", "1+1", "--1",
		"a[$(touch x)]", "0xg", "1\n", "x", "1.5", "\xb2" };
	/* however deep below, for some shells evaluate what stands there again */
	static const char *const lines[] = { "x $(( {} ))", "x $(( $(y {}) ))",
		"x \"$(( 1 + `y '{}'` ))\"", "cat <<E\n$(( $(y \"$(z {})\") ))\nE",
		"x $(( ${y:-$(z {})} ))", "x {} $(( $(y {}) ))" };

	(void)state;
	for (size_t i = 0; i < COUNT(lines) * (COUNT(good) + COUNT(bad)); i++) {
		size_t k = i / COUNT(lines);
		bool is_good = k < COUNT(good);
		const char *values[] = { is_good ? good[k] : bad[k - COUNT(good)], NULL };
		const char *words[] = { lines[i % COUNT(lines)], NULL };
		struct expansion e;

		begin(&e, &plain, words, values);
		assert_int_equal(e.status, is_good ? EXPAND_OK : EXPAND_NOT_NUMBER);
		end(&e);
	}
}

/* Only values that would go into an argument matter. */
static void a_nul_byte_fits_into_no_argument(void **state)
{
	static const struct {
		const char *words[3];
		enum expand status;
	} rows[] = {
		{ { "x", "{}" }, EXPAND_NUL }, { { "x", "a{}" }, EXPAND_NUL },
		{ { "x {};" }, EXPAND_NUL }, { { "x {1} >{2}" }, EXPAND_NUL },
		{ { "x", "{1}" }, EXPAND_OK }, { { "x", "{2}" }, EXPAND_NUL },
		{ { NULL }, EXPAND_NUL },
		{ { "x", "{2.}" }, EXPAND_OK }, { { "x", "{2/}" }, EXPAND_NUL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf why = { 0 }, out = { 0 };
		struct template *t = compile(&plain, rows[i].words, &why);
		struct draft d = { 0 };
		struct argv argv = { 0 };
		struct fill fill = { .slot = 1 };
		struct item *item;

		draft_add(&d, "a", 1);
		draft_add(&d, "b.c\0d", 5);
		fill.item = item = item_new(&d, 2, 1);
		assert_int_equal(template_expand(t, &fill, &argv), rows[i].status);
		template_show(t, &fill, &out);
		assert_null(memchr(out.data, '\0', out.len));
		buf_free(&out);
		draft_free(&d);
		item_free(item, NULL);
		argv_free(&argv);
		template_free(t);
	}
}

static void program_known_before_any_input(void **state)
{
	static const struct {
		const char *words[3], *program;
	} rows[] = {
		{ { "gzip", "-9" }, "gzip" }, { { "gzip -9" }, "gzip" },
		{ { "gzip; x {}" }, "/bin/sh" }, { { ">y gzip" }, "gzip" }, { { ">y {}" }, NULL },
		{ { "{}", "a" }, NULL }, { { "./{}" }, NULL }, { { NULL }, NULL },
		{ { "", "a" }, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf why = { 0 };
		struct template *t = compile(&plain, rows[i].words, &why);
		const char *program = template_program(t);

		if (rows[i].program)
			assert_string_equal(program, rows[i].program);
		else
			assert_null(program);
		template_free(t);
	}
}

static void texts(void **state)
{
	static const struct {
		const char *text, *braces, *values[3], *expected;
	} rows[] = {
		{ "{}: ", "{}", { "a", "b" }, "a b: " },
		{ "{#}/{%} {1} '{/}' \"$x\" {name}", "{}", { "d/a" },
			"42/3 d/a 'a' \"$x\" {name}" },
		{ "% {}", "%", { "a" }, "a {}" },
		{ "", "{}", { "a" }, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct template_rules rules = { .braces = rows[i].braces };
		struct template *t = template_text(rows[i].text, &rules);
		struct item *item = make_item(rows[i].values);
		struct fill fill = { .item = item, .slot = 3 };
		struct buf out = { 0 };

		template_fill(t, &fill, &out);
		assert_string_equal(buf_str(&out), rows[i].expected);
		buf_free(&out);
		item_free(item, NULL);
		template_free(t);
	}
}

/* --- names of columns -------------------------------------------------- */

static const struct {
	const char *name;
	int32_t column;
} columns[] = { { "a", 1 }, { "b.c", 2 }, { "b", 3 }, { "#", 4 }, { "x y", 5 }, { "a}", 6 },
	{ "7", 1 }, { "twice", 2 }, { "", 9 }, { "twice", 4 } };

static struct names make_names(void)
{
	struct names names = { 0 };

	for (size_t i = 0; i < COUNT(columns); i++)
		names_add(&names, columns[i].name, strlen(columns[i].name), columns[i].column);
	return names;
}

static void names_stand_for_columns(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "{a} {b} {x y}", "1.x 3 5" },
		{ "{a.} {a/} {a//} {a/.}", "1 1.x . 1" },
		{ "{b.c} {b.} {b.c.}", "2/w.z 3 2/w" },
		{ "{#} {1}", "4 1.x" },       /* as in GNU parallel names go first */
		{ "{7} {6}", "1.x 6" },
		{ "{a}} {{a}}", "6 {6" },     /* the longer name */
		{ "{} { a } {\"a\"}", "1.x 2/w.z 3 4 5 6 { a } 1.x" },
	};
	const char *const values[] = { "1.x", "2/w.z", "3", "4", "5", "6", NULL };
	struct names names = make_names();
	struct template_rules rules = { .braces = "{}", .names = &names };
	struct item *item = make_item(values);
	struct fill fill = { .item = item, .slot = 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct template *t = template_text(rows[i].text, &rules);
		struct buf out = { 0 };

		template_fill(t, &fill, &out);
		assert_string_equal(buf_str(&out), rows[i].expected);
		buf_free(&out);
		template_free(t);
	}
	item_free(item, NULL);
	names_free(&names);
}

static void names_in_a_shell_line(void **state)
{
	static const char *const words[] = { "echo {a} \"{b.c}\" ${b} '{x y}'", NULL };
	const char *const values[] = { "$1", "2", "3", "4", "5", NULL };
	struct names names = make_names();
	struct template_rules rules = { .braces = "{}", .names = &names };
	struct buf why = { 0 };
	struct template *t = compile(&rules, words, &why);
	struct item *item = make_item(values);
	struct argv argv = { 0 };

	(void)state;
	assert_non_null(t);
	assert_int_equal(template_expand(t, &(struct fill){ .item = item, .slot = 1 }, &argv),
		EXPAND_OK);
	assert_string_equal(bracketed(&argv), "[/bin/sh] [-c] [_pq1=${1} _pq2=${2} _pq3=${3};"
		"shift 3;echo \"${_pq1}\" \"${_pq2}\" ${b} \"${_pq3}\"] [sh] [$1] [2] [5]");
	argv_free(&argv);
	item_free(item, NULL);
	template_free(t);
	names_free(&names);
}

static void while_names_are_unknown_whatever_looks_like_one_is_one(void **state)
{
	static const struct {
		const char *line, *program;
	} rows[] = {
		{ "{name}", NULL }, { "echo {name/}", "echo" }, { "echo {x y}", "/bin/sh" },
		{ "cat <<E\n{name}\nE", "/bin/sh" },
	};
	static const struct names any = { .any = true };
	static const struct template_rules rules = { .braces = "{}", .names = &any };
	struct buf why = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const words[] = { rows[i].line, NULL };
		struct template *t = compile(&rules, words, &why);

		assert_non_null(t);
		if (rows[i].program)
			assert_string_equal(template_program(t), rows[i].program);
		else
			assert_null(template_program(t));
		template_free(t);
	}
}

/* What template_check says, or NULL. */
static void check_names(const struct template_rules *rules, const char *const words[], bool text,
	const char *expected)
{
	struct buf why = { 0 };
	struct template *t = NULL;
	bool ok = template_check((char *const *)words, count(words), rules, text, &why);

	if (ok && !text) {
		t = template_command((char *const *)words, count(words), rules, &why);
		ok = t != NULL;
		template_free(t);
	}

	if (ok != (expected == NULL))
		fail_msg("%s: %s", words[0], buf_str(&why));
	if (expected)
		assert_string_equal(buf_str(&why), expected);
	buf_free(&why);
}

static void a_name_that_is_none_is_refused(void **state)
{
	static const char c[] = "'{c}': there is no column of this name; there are 'a', 'b.c', 'b', "
		"'#', 'x y', 'a}', '7', 'twice'";
	static const struct {
		const char *words[MOST + 1];
		const char *why;
	} rows[] = {
		{ { "echo", "{c}" }, c }, { { "echo", "x{c}y" }, c }, { { "echo {c}" }, c },
		{ { "echo '{c}'" }, c }, { { "echo \"{c}\"" }, c }, { { "{a}", "{c}" }, c },
		{ { "echo {a} {c}" }, c }, { { "awk x | cat {c}" }, c }, { { "awk x; cat {c}" }, c },
		{ { "awk 'x|y' & cat {c}" }, c }, { { "echo", "a|{c}" }, c },
		{ { "echo", "{a}", "{b.c}", "{x y}", "{}", "{#}", "{1}", "{99}", "{source}" }, NULL },
		{ { "echo", "{c d}", "{c,d}", "{c:1}", "{1c}", "{-c}", "{.c}", "{c", "c}" }, NULL },
		{ { "echo", "${c}", "\\{c}", "HEAD@{c}", "{{c}}", "%{c}", "#{c}", "{\\c}" }, NULL },
		{ { "echo", "{c}}" }, c }, { { "echo", "{{c}" }, c }, { { "echo {\"c\":{c}}" }, c },
		{ { "awk", "{c}" }, NULL }, { { "/usr/bin/gawk", "-F:", "{c}" }, NULL },
		{ { "env", "sed", "{c}" }, NULL }, { { "sh", "-c", "awk {c}" }, NULL },
		{ { "awk '{c}'" }, NULL }, { { "awk '{x;y|z} {c}' | cat" }, NULL },
		{ { "cat | awk {c}" }, NULL }, { { "echo `perl -e {c}`" }, NULL },
		{ { "echo", "{twice}" }, "'{twice}': columns 2 and 4 both have this name; write {2} or "
			"{4}" },
		{ { "awk", "{twice}" }, "'{twice}': columns 2 and 4 both have this name; write {2} or "
			"{4}" },
	};
	struct names names = make_names();
	struct template_rules rules = { .braces = "{}", .names = &names };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_names(&rules, rows[i].words, false, rows[i].why);
	check_names(&rules, (const char *const[]){ "awk {c}", NULL }, true, c);
	names.several = "-n";
	check_names(&rules, (const char *const[]){ "echo", "{1}", "{a}", NULL }, false, "'{a}' with "
		"-n: each record of a job has such a column; write {1}, {2} and so on");
	names_free(&names);
	rules.names = NULL;
	check_names(&rules, (const char *const[]){ "echo", "{c}", "{99}", NULL }, false, NULL);
}

static void a_group_that_is_none_is_refused(void **state)
{
	struct names names = { .groups = true, .each = 2, .columns = 2 };
	struct template_rules rules = { .braces = "{}", .names = &names };
	const char *const third[] = { "echo", "{1}", "{2.}", "{-2}", "{3/}", NULL };
	const char *const name[] = { "echo {x.} | sort", NULL };

	(void)state;
	check_names(&rules, third, false, "'{3/}': --regex has 2 groups; the text itself is {\\3/}");
	check_names(&rules, (const char *const[]){ "{-3}", NULL }, true, "'{-3}': --regex has 2 "
		"groups; the text itself is {\\-3}");
	check_names(&rules, name, false, "'{x.}': --regex names no group; named ones are made with "
		"(?<name> )");
	names_add(&names, "y", 1, 2);
	check_names(&rules, name, false, "'{x.}': --regex has no group of this name; there is 'y'");
	names.columns = 4;
	check_names(&rules, third, false, NULL);
	check_names(&rules, (const char *const[]){ "{5}", NULL }, true, "'{5}': a job has 4 columns"
		"; the text itself is {\\5}");
	names.columns = 0;
	check_names(&rules, (const char *const[]){ "{5}", "{99}", NULL }, false, NULL);
	names.each = 0;
	check_names(&rules, (const char *const[]){ "echo {} {1}", NULL }, false, "'{1}': --regex has "
		"no groups; they are made with ( )");
	names_free(&names);
}

static void shown_as_a_person_would_type_it(void **state)
{
	static const struct row rows[] = {
		{ { "echo", "a" }, { "b" }, "echo a b" },
		{ { "echo", "a b", "" }, { "it's" }, "echo 'a b' '' 'it'\\''s'" },
		{ { "cd", "x" }, { "a\nb" }, "env cd x $'a\\nb'" },
		{ { "echo {}" }, { "a b" }, "echo 'a b'" },
		{ { "x {} > {/}.gz" }, { "d/a" }, "x d/a > a.gz" },
		{ { "x {} > {/}.gz" }, { "d/a b" }, "x 'd/a b' > 'a b'.gz" },
		{ { "x {};" }, { "" }, "x '';" },
		{ { "x \"{}\" '{}'" }, { "a b" }, "x \"a b\" 'a b'" },
		{ { "x \"{}\" '{}'" }, { "$a'!" }, "x \"\"'$a'\\''!'\"\" '$a'\\''!'" },
		{ { "x \"{}\" '{}'" }, { "\"$`\\" }, "x \"\\\"\\$\\`\\\\\" '\"$`\\'" },
		{ { "x \"$a{}\" $a{}" }, { "b" }, "x \"$a\"'b'\"\" $a'b'" },
		{ { "x {}>y" }, { "2" }, "x '2'>y" },
		{ { "{} | x" }, { "if" }, "'if' | x" },
		{ { "x [{}]*; y ~{}" }, { "a-c" }, "x ['a-c']*; y ~'a-c'" },
		{ { "x $(( {} ))" }, { "5" }, "x $(( 5 ))" },
		{ { "x $(( $y{} ))" }, { "5" },
			"/bin/sh -c '_pq1=${1};shift 1;x $(( $y${_pq1} ))' sh 5" },
		{ { "x `y {}`" }, { "a" }, "x `y a`" },
		{ { "x `y {}`" }, { "a b" },
			"/bin/sh -c '_pq1=${1};shift 1;x `y \"${_pq1}\"`' sh 'a b'" },
		{ { "x; y\tz" },
		{ "a" }, "/bin/sh -c $'_pq1=${1};shift 1;x; y\\tz \"${_pq1}\"' sh a" },
		{ { "x -{}- \"{}\";" }, { "a b", "c" }, "x -'a b' c- \"a b c\";" },
		{ { NULL }, { "ls  -l | x" }, "ls  -l | x" },
		{ { NULL }, { "ls\n-l;" }, "/bin/sh -c $'ls\\n-l;'" },
		{ { NULL }, { "ls", "\033" }, "/bin/sh -c $'ls \\033'" },
		{ { NULL }, { "" }, "" },
		{ { "x", "{}" }, { "\xc3\xa4" }, "x '\xc3\xa4'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct expansion e;
		struct fill fill;
		struct buf out = { 0 };

		begin(&e, &plain, rows[i].words, rows[i].values);
		fill = (struct fill){ .item = e.item, .slot = 3 };
		buf_adds(&out, "! ");
		template_show(e.t, &fill, &out);
		assert_string_equal(buf_str(&out) + 2, rows[i].expected);
		buf_free(&out);
		end(&e);
	}
}

/* Bare: the item comes another way, and is shown as the job's stdin. */
static void bare_commands_get_nothing_appended(void **state)
{
	static const struct template_rules bare = { .braces = "{}", .bare = true };
	static const struct {
		const char *words[4], *argv, *shown;
	} rows[] = {
		{ { "wc", "-l" }, "[wc] [-l]", "wc -l <'a b'" },
		{ { "wc -l" }, "[wc] [-l]", "wc -l <'a b'" },
		{ { "wc", "{}" }, "[wc] [a b]", "wc 'a b' <'a b'" },
		{ { "x | y" }, "[/bin/sh] [-c] [x | y] [sh]", "(x | y) <'a b'" },
		{ { "x | y {#}" }, "[/bin/sh] [-c] [_pq1=${1};shift 1;x | y \"${_pq1}\"] [sh] [42]",
			"(x | y 42) <'a b'" },
		{ { "x | y #" }, "[/bin/sh] [-c] [x | y #] [sh]",
			"/bin/sh -c 'x | y #' sh <'a b'" },
		{ { "x | y \\" }, "[/bin/sh] [-c] [x | y \\] [sh]",
			"/bin/sh -c 'x | y \\' sh <'a b'" },
		{ { "(x) | y" }, "[/bin/sh] [-c] [(x) | y] [sh]",
			"/bin/sh -c '(x) | y' sh <'a b'" },
	};
	static const char *const values[] = { "a b", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct expansion e;
		struct fill fill;
		struct buf out = { 0 };

		begin(&e, &bare, rows[i].words, values);
		assert_string_equal(bracketed(&e.argv), rows[i].argv);
		fill = (struct fill){ .item = e.item, .slot = 3 };
		template_show_reading(e.t, &fill, "a b", 3, &out);
		assert_string_equal(buf_str(&out), rows[i].shown);
		buf_free(&out);
		end(&e);
	}
}

static void shown_even_if_it_cannot_run(void **state)
{
	static const char *const words[] = { "x $(({}))", NULL };
	static const char *const values[] = { "a'b", NULL };
	struct expansion e;
	struct fill fill;
	struct buf out = { 0 };

	(void)state;
	begin(&e, &plain, words, values);
	assert_int_equal(e.status, EXPAND_NOT_NUMBER);
	fill = (struct fill){ .item = e.item, .slot = 3 };
	template_show(e.t, &fill, &out);
	assert_string_equal(buf_str(&out),
		"/bin/sh -c '_pq1=${1};shift 1;x $((${_pq1}))' sh 'a'\\''b'");
	buf_free(&out);
	end(&e);
}

/* What -X is told to expect is never less than what comes. */
static void sizes_are_upper_bounds(void **state)
{
	static const char *const commands[][5] = {
		{ "x" }, { "x", "-{}-", "{.}{/}{#}" }, { "x", "{source}", "{%}" }, { "x", "{//}" },
		{ "x {};" }, { "x -{}-{.}-\"{}\" > y; z {/}" }, { "x $(y -{}-) '{}' `z {#}`" },
		{ NULL },
		{ "x", "{1}", "{-1}" }, { "x {1} {2.};" },
		{ "sh", "-c", "x {} '{}'", "{1}" }, { "ssh", "h", "x {}", "\"{.}\"" },
		{ "eval 'x {} \"{/}\"'" },
	};
	struct draft d = { .source = "list.txt" };

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(commands); i++) {
		struct buf why = { 0 };
		const struct template_rules *rules = i % 2 ? &repeat : &plain;
		struct template *t = compile(rules, commands[i / 2], &why);

		for (uint32_t n = 1; n < 1200; n = n * 3 + 1) {
			size_t most = template_base(t), script = template_script_base(t);
			struct argv argv = { 0 };
			struct fill fill = { .slot = 12 };
			struct item *item;

			for (uint32_t v = 0; v < n; v++) {
				/* the directory of nothing is more than nothing */
				size_t len = n % 2 ? v * 7 % 4 : 0;

				draft_add(&d, v % 3 ? "./.a" : v % 2 ? "'''" : "b b", len);
				most += template_growth(t, len);
				script += template_script_growth(t, len);
			}
			fill.item = item = item_new(&d, n, 123456789);
			if (template_expand(t, &fill, &argv) == EXPAND_OK) {
				assert_true(argv.bytes + (argv.count + 1) * sizeof(char *) <= most);
				if (argv.count > 2 && strcmp(argv.words[1], "-c") == 0)
					assert_true(strlen(argv.words[2]) < script);
			}
			argv_free(&argv);
			item_free(item, NULL);
		}
		template_free(t);
		buf_free(&why);
	}
	draft_free(&d);
}

/* A script is weighed where a shell is run, or may have to be. */
static void a_line_without_a_shell_has_no_script_to_weigh(void **state)
{
	static const struct template_rules gnu = { .braces = "{}", .gnu = true };
	static const struct {
		const char *line;
		bool script;
	} rows[] = { { "x {}", false }, { "x {} > y", true }, { "x {};", true } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *words[] = { rows[i].line, NULL };
		struct buf why = { 0 };
		struct template *t = compile(&gnu, words, &why);

		assert_int_equal(template_script_growth(t, 5) > 0, rows[i].script);
		assert_int_equal(template_script_base(t) > 0, rows[i].script);
		template_free(t);
		buf_free(&why);
	}
}

/* No new memory once the largest has been seen; fixed words and plain values are
 * not copied at all. */
static void expanding_again_costs_no_memory(void **state)
{
	static const char *const words[] = { "x", "{}", "{.}-{#}", NULL };
	static const char *const big[] = { "a much longer value than the other.one", NULL };
	static const char *const small[] = { "a.b", NULL };
	struct expansion e;
	struct item *item = make_item(small);
	struct fill fill = { .item = item, .slot = 1 };
	void *before;

	(void)state;
	begin(&e, &plain, words, big);
	before = e.argv.arena;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(template_expand(e.t, &fill, &e.argv), EXPAND_OK);
		assert_ptr_equal(e.argv.arena, before);
		assert_string_equal(bracketed(&e.argv), "[x] [a.b] [a-42]");
	}
	assert_ptr_equal(e.argv.words[0], words[0]);
	assert_ptr_equal(e.argv.words[1], item_value(item, 0).data);
	item_free(item, NULL);
	end(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_of_a_path),
		cmocka_unit_test(what_replacement_strings_stand_for),
		cmocka_unit_test(another_name_for_the_braces),
		cmocka_unit_test(several_values_behave_like_the_arguments_of_a_shell),
		cmocka_unit_test(with_repeated_words),
		cmocka_unit_test(spelled_for_the_place_they_stand_in),
		cmocka_unit_test(several_values_in_a_shell_line),
		cmocka_unit_test(every_kind_of_hole_is_handed_over_once),
		cmocka_unit_test(a_line_without_shell_syntax_runs_without_a_shell),
		cmocka_unit_test(redirections_need_no_shell),
		cmocka_unit_test(what_a_shell_would_make_of_it_is_told_of_lines_for_one),
		cmocka_unit_test(redirections_that_need_a_shell),
		cmocka_unit_test(a_shell_that_is_not_known_does_the_redirections),
		cmocka_unit_test(shell_always_and_never),
		cmocka_unit_test(items_that_are_commands),
		cmocka_unit_test(lines_that_are_refused),
		cmocka_unit_test(what_is_wrong_has_its_column),
		cmocka_unit_test(a_line_can_nest_only_so_deep),
		cmocka_unit_test(the_braces_must_have_a_name),
		cmocka_unit_test(only_numbers_go_into_arithmetic),
		cmocka_unit_test(a_nul_byte_fits_into_no_argument),
		cmocka_unit_test(program_known_before_any_input),
		cmocka_unit_test(texts),
		cmocka_unit_test(names_stand_for_columns),
		cmocka_unit_test(names_in_a_shell_line),
		cmocka_unit_test(while_names_are_unknown_whatever_looks_like_one_is_one),
		cmocka_unit_test(a_name_that_is_none_is_refused),
		cmocka_unit_test(a_group_that_is_none_is_refused),
		cmocka_unit_test(shown_as_a_person_would_type_it),
		cmocka_unit_test(bare_commands_get_nothing_appended),
		cmocka_unit_test(shown_even_if_it_cannot_run),
		cmocka_unit_test(sizes_are_upper_bounds),
		cmocka_unit_test(a_line_without_a_shell_has_no_script_to_weigh),
		cmocka_unit_test(expanding_again_costs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
