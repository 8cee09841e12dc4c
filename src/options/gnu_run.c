/* Options of GNU parallel about how jobs are run and shown. Main thread, before anything is
 * started. */
#include "options/gnu_set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/parse.h"
#include "options/gnu_words.h"
#include "options/names.h"
#include "options/set.h"
#include "options/value.h"

/* The colon is this machine. */
void set_gnu_host(const struct given *g, struct options *o)
{
	(void)o;
	if (strcmp(g->value, ":") != 0)
		options_foreign(g->name);
}

/* With auto behind it, it follows how jobs end. */
void set_gnu_delay(const struct given *g, struct options *o)
{
	size_t len = strlen(g->value);
	struct buf time = { 0 };

	o->delay_adapts = len > 4 && strcmp(g->value + len - 4, "auto") == 0;
	buf_add(&time, g->value, o->delay_adapts ? len - 4 : len);
	if (!parse_time(buf_str(&time), &o->delay))
		value_refuse(g, "is no time; try 2, 0.5, 100ms or 1auto");
	buf_free(&time);
}

/* Jobs get it as well, as there. */
void set_gnu_tmpdir(const struct given *g, struct options *o)
{
	(void)o;
	setenv("TMPDIR", value_file(g), 1);
}

void set_gnu_shellquote(const struct given *g, struct options *o)
{
	(void)g;
	o->dry_run = true;
	o->quotings++;
}

void set_gnu_joblog(const struct given *g, struct options *o)
{
	o->joblog_shown = strcmp(g->value, "-") == 0;
	if (o->joblog_shown)
		o->joblog = "standard output";
	else
		set_joblog(g, o);
}

void set_gnu_latest(const struct given *g, struct options *o)
{
	(void)g;
	o->progress = o->progress_rows = true;
}

/* FILE=NAME. The text is spelled when all replacement strings are known. */
void set_gnu_template(const struct given *g, struct options *o)
{
	const char *equals = strchr(g->value, '=');
	struct buf file = { 0 }, text = { 0 };

	if (!equals || equals == g->value || !equals[1])
		value_refuse(g, "is no file and what it becomes; try page.tmpl=page.{#}");
	buf_add(&file, g->value, (size_t)(equals - g->value));
	if (!io_read_file(buf_str(&file), &text))
		value_refuse(g, strerror(errno));
	if (text.len && memchr(text.data, '\0', text.len))
		value_refuse(g, "holds a NUL byte, and is no text");
	o->copies = mem_grow(o->copies, (o->ncopies + 1) * sizeof *o->copies);
	o->copies[o->ncopies++] = (struct option_copy){ gnu_words_keep(o->gnu, &text), equals + 1 };
	buf_free(&file);
	buf_free(&text);
}

void gnu_template_finish(struct options *o)
{
	for (size_t i = 0; i < o->ncopies; i++) {
		o->copies[i].text = gnu_words_spell(o->gnu, (char *)o->copies[i].text);
		o->copies[i].name = gnu_words_spell(o->gnu, (char *)o->copies[i].name);
	}
}

/* It is believed, and nothing is read ahead. */
void set_gnu_total(const struct given *g, struct options *o)
{
	o->total_jobs = value_number(g);
}

/* Of what a backslash may stand before, \t \n \r and digits mean something in tags. */
void set_gnu_tagstring(const struct given *g, struct section *s)
{
	static const char letters[] = "tnr", bytes[] = "\t\n\r";
	struct buf b = { 0 };

	for (const char *c = g->value; *c; c++) {
		const char *letter = c[0] == '\\' && c[1] ? strchr(letters, c[1]) : NULL;
		size_t digits = c[0] == '\\' ? strspn(c + 1, "01234567") : 0;
		char octal[4] = "";

		if (letter) {
			buf_addc(&b, bytes[letter - letters]);
			c++;
		} else if (digits) {
			digits = digits < 3 ? 1 : 3;
			snprintf(octal, sizeof octal, "%.*s", (int)digits, c + 1);
			buf_addc(&b, (char)strtoul(octal, NULL, 8));
			c += digits;
		} else {
			buf_addc(&b, *c);
		}
	}
	if (memchr(b.data ? b.data : "", 0, b.len))
		value_refuse(g, "has a NUL byte, which a tag cannot");
	s->tag = gnu_words_keep(g->o->gnu, &b);
	buf_free(&b);
}

/* --- what follows -------------------------------------------------------- */

static bool gnu_has(const struct options *o, const char *name)
{
	return options_note(o, &o->sections[0], name, strlen(name)) != NULL;
}

static void gnu_quote(struct buf *b, const char *text)
{
	buf_addc(b, '\'');
	for (; *text; text++)
		if (*text == '\'')
			buf_adds(b, "'\"'\"'");
		else
			buf_addc(b, *text);
	buf_addc(b, '\'');
}

/* The words of the section are a shell line: it begins with this. */
static void gnu_begin_with(struct options *o, struct section *s, struct buf *line)
{
	s->begun_with += line->len;
	buf_adds(line, s->ncommand ? s->command[0] : "");
	if (!s->ncommand) {
		buf_adds(line, o->braces);
		s->command = &o->gnu_line;
		s->ncommand = 1;
	}
	s->command[0] = gnu_words_keep(o->gnu, line);
}

/* DIR may be another one for each item. */
static void gnu_go_to(struct options *o, struct section *s, const char *dir)
{
	struct buf b = { 0 };

	buf_adds(&b, "mkdir -p -- ");
	gnu_quote(&b, dir);
	buf_adds(&b, " && cd -- ");
	gnu_quote(&b, dir);
	buf_adds(&b, " || exit 255; ");
	gnu_begin_with(o, s, &b);
	buf_free(&b);
}

/* A function for a shell, env_parallel, leaves there what is to be known in each job: text of
 * that shell, in which \1 stands for the end of a line. It stays where it is, for the line to
 * read: what is in braces there is none of ours. */
static void gnu_environment(struct options *o)
{
	static const char before[] = "eval \"$PARALLEL_ENV\"\nunset PARALLEL_ENV\n";
	const char *text = getenv("PARALLEL_ENV");
	struct buf b = { 0 };

	if (!text || !*text)
		return;
	if (o->quoted)
		msg_die(2, "-q with env_parallel: words that are run as they stand know no functions; "
			"leave -q out");
	buf_adds(&b, text);
	for (char *at = b.data; (at = memchr(at, 1, b.len - (size_t)(at - b.data)));)
		*at = '\n';
	setenv("PARALLEL_ENV", buf_str(&b), 1);
	o->unshown = before;
	for (size_t i = 0; i < o->nsections; i++) {
		buf_clear(&b);
		buf_adds(&b, before);
		gnu_begin_with(o, &o->sections[i], &b);
	}
	buf_free(&b);
}

static void gnu_work_directory(struct options *o)
{
	const struct option_note *note = options_note(o, &o->sections[0], "--work-dir", 10);

	if (!note || !*note->value || strcmp(note->value, ".") == 0)
		return;
	if (strcmp(note->value, "...") == 0)
		msg_die(2, "%s ...: pq makes no directories that it would have to remove; try %s DIR/{#}",
			note->name, note->name);
	if (o->quoted)
		msg_die(2, "-q with %s: the shell line that goes there would read the words again; leave "
			"-q out, or use env -C DIR before the command", note->name);
	for (size_t i = 0; i < o->nsections; i++)
		gnu_go_to(o, &o->sections[i], note->value);
}

void gnu_run_finish(struct options *o)
{
	char pid[24];

	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	setenv("PARALLEL_PID", pid, 1);
	if (gnu_has(o, "--ctag") || gnu_has(o, "--ctagstring"))
		o->color = COLOR_ALWAYS;
	if (gnu_has(o, "--no-keep-order"))
		o->ordered = false;
	if (gnu_has(o, "--silent"))
		o->announces = false;
	if (o->joblog_shown && (o->resume || o->resume_failed || o->retry_failed))
		msg_die(2, "--joblog -: what went to standard output cannot be read again; give --resume "
			"and its like a file");
	gnu_work_directory(o);
	gnu_environment(o);
}
