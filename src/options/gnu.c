/* The command line as GNU parallel reads it. See gnu.h.
 *
 * What it calls replacement strings is text for text another name of pq's: words of the
 * command are spelled anew before anything else looks at them. */
#include "options/gnu.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/parse.h"
#include "base/shell_name.h"
#include "options/gnu_set.h"
#include "options/gnu_semaphore.h"
#include "options/gnu_words.h"
#include "options/names.h"
#include "options/rows.h"
#include "options/set.h"
#include "options/value.h"

static const char *gnu_last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool gnu_is_sem(char *const argv[])
{
	return argv[0] && strcmp(gnu_last_name(argv[0]), "sem") == 0;
}

bool gnu_is_asked(char *const argv[])
{
	return argv[0] && (gnu_is_sem(argv) || strcmp(gnu_last_name(argv[0]), "parallel") == 0
		|| (argv[1] && strcmp(argv[1], "--gnu") == 0));
}

/* --- values -------------------------------------------------------------- */

/* Taken, and nothing else. */
static void set_nothing(const struct given *g, struct options *o)
{
	(void)g;
	(void)o;
}

/* A value that need not be there is the next word, where that looks like one. */
static bool gnu_is_text(const char *word)
{
	return word[0] != '-' || !word[1];
}

static bool gnu_is_number(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

static void set_gnu_end(const struct given *g, struct options *o)
{
	o->end = g->value && *g->value ? g->value : NULL;
}

static void set_gnu_braces(const struct given *g, struct options *o)
{
	if (g->value)
		set_braces(g, o);
}

/* 0: the command as it stands, once for each record. */
static void set_gnu_count(const struct given *g, struct options *o)
{
	o->without_item = strcmp(g->value, "0") == 0;
	if (o->without_item)
		o->max_args = 1;
	else
		o->max_args = value_number(g);
}

static void set_gnu_replace(const struct given *g, struct options *o)
{
	set_gnu_count(g, o);
	o->repeat_words = true;
}

static void set_gnu_many(const struct given *g, struct options *o)
{
	(void)g;
	o->as_many = true;
	o->in_one_word = true;
}

static void set_gnu_xargs(const struct given *g, struct options *o)
{
	set_gnu_many(g, o);
	o->fills = true;
}

static void set_gnu_lines(const struct given *g, struct options *o)
{
	o->max_lines = g->value ? value_number(g) : 1;
}

/* Of any number of bytes; arguments are cut by it as files are. */
static void set_gnu_delimiter(const struct given *g, struct options *o)
{
	struct option_bytes d = { .data = mem_alloc(strlen(g->value) + 1) };

	if (!parse_bytes(g->value, d.data, &d.len) || !d.len)
		value_refuse(g, d.len ? "has an escape that is none; a backslash is written \\\\"
			: "ends nothing; try , or '\\n'");
	free(o->delimiter.data);
	o->delimiter = d.len > 1 ? d : (struct option_bytes){ 0 };
	o->separator = d.data[d.len - 1]; /* and the records of --pipe end as they did */
	if (d.len == 1)
		free(d.data);
}

static void set_gnu_separator(const struct given *g, struct options *o)
{
	(void)o;
	if (!*g->value)
		value_refuse(g, "separates nothing; try ,,");
	if (strcmp(g->name, "--arg-sep") == 0 || strcmp(g->name, "--argsep") == 0)
		names_separators(g->value, NULL);
	else
		names_separators(NULL, g->value);
}

static void set_gnu_rename(const struct given *g, struct options *o)
{
	static const struct {
		const char *option, *means;
	} renames[] = {
		{ "--extensionreplace", "{.}" }, { "--er", "{.}" },
		{ "--basenamereplace", "{/}" }, { "--bnr", "{/}" },
		{ "--dirnamereplace", "{//}" }, { "--dnr", "{//}" },
		{ "--basenameextensionreplace", "{/.}" }, { "--bner", "{/.}" },
		{ "--seqreplace", "{#}" }, { "-U", "{.}" }, { "--slotreplace", "{%}" },
	};

	if (!*g->value)
		value_refuse(g, "is nothing that could be found in a command");
	for (size_t i = 0; i < sizeof renames / sizeof *renames; i++)
		if (strcmp(g->name, renames[i].option) == 0)
			gnu_words_name(o->gnu, g->value, renames[i].means);
}

static void set_gnu_parens(const struct given *g, struct options *o)
{
	size_t len = strlen(g->value);

	if (len < 2 || len % 2)
		value_refuse(g, "is no pair of brackets of one length; try '{==}'");
	gnu_words_parens(o->gnu, g->value, len / 2);
}

static void set_gnu_rpl(const struct given *g, struct options *o)
{
	const char *blank = strchr(g->value, ' ');

	if (!blank || blank == g->value)
		value_refuse(g, "is no name and steps; try '{ext} s/.*\\.//'");
	gnu_words_rule(o->gnu, g->value, (size_t)(blank - g->value), blank + 1);
}

static void set_gnu_plus(const struct given *g, struct options *o)
{
	(void)g;
	gnu_words_plus(o->gnu);
}

/* --- rows ---------------------------------------------------------------- */

const struct option_row gnu_rows[] = {
	{ .whole = "it holds for all sections",
	  .longs = "gnu", OWN(options, set_nothing),
	  .help = "this mode" },
	{ .longs = "shard", .argument = "COL", OWN(options, set_gnu_shard), MEANING,
	  .help = "lines alike in column COL go to one of -j jobs" },
	{ .longs = "bin", .argument = "COL", OWN(options, set_gnu_bin), MEANING,
	  .help = "lines go to the job whose number is in column COL" },
	{ .longs = "record-env", .also = "recordenv", OWN(options, set_gnu_record),
	  .help = "ends at once: jobs get all of the environment" },
	{ .longs = "number-of-cpus number-of-cores number-of-sockets number-of-threads "
	  "max-line-length-allowed",
	  .also = "numberofcpus numberofcores numberofsockets numberofthreads maxlinelengthallowed",
	  OWN(options, set_gnu_machine), .help = "prints a number, and ends" },
	{ .longs = "citation bibtex", OWN(options, set_gnu_citation), .help = "not needed" },
	{ .shorts = "h", .longs = "help", .optional = "OPTION", OWN(options, set_gnu_help),
	  .help = "this page; of one option, or of all" },
	{ .shorts = "V", .longs = "version", OWN(options, set_gnu_version),
	  .help = "whose command lines are read, and by what" },
	{ .longs = "minversion", .also = "min-version", .argument = "N",
	  OWN(options, set_gnu_least), .help = "ends with 0 if that is not newer" },
	{ .longs = "silent", OWN(options, set_nothing), .help = "no -v" },
	{ .shorts = "x", .longs = "will-cite no-notice plain compress exit",
	  .also = "nn", .several = true,
	  OWN(options, set_nothing), .help = "taken, not needed" },
	{ .longs = "compress-program decompress-program env", .argument = "X",
	  .also = "use-compress-program use-decompress-program usecompressprogram compressprogram "
	  "usedecompressprogram decompressprogram", .several = true,
	  OWN(options, set_nothing), .help = "taken, not needed" },
	{ .shorts = "q", .longs = "quote", FLAG(options, quoted),
	  .help = "words are run as they stand" },
	{ .shorts = "v", FLAG(options, announces),
	  .help = "the command before what its job prints" },
	{ .shorts = "e", .longs = "eof", .optional = "STR", .follows = gnu_is_text,
	  OWN(options, set_gnu_end),
	  .help = "the input ends where a record is STR" },
	{ .shorts = "i", .longs = "replace", .optional = "STR", .follows = gnu_is_text,
	  OWN(options, set_gnu_braces),
	  .help = "what {} is called" },
	{ .shorts = "n", .longs = "max-args", .also = "maxargs", .argument = "N",
	  OWN(options, set_gnu_count), MEANING, .help = "N records in each job; 0: without them" },
	{ .shorts = "N", .longs = "max-replace-args", .also = "maxreplaceargs", .argument = "N",
	  OWN(options, set_gnu_replace), MEANING, .help = "the same, a word with {} for each" },
	{ .shorts = "m", OWN(options, set_gnu_many), MEANING,
	  .help = "as many records in each job as fit" },
	{ .longs = "xargs", OWN(options, set_gnu_xargs), MEANING,
	  .help = "the same, each job full" },
	{ .longs = "arg-sep arg-file-sep", .also = "argsep argfilesep", .argument = "STR",
	  OWN(options, set_gnu_separator), .several = true, .help = "what ::: and :::: are called" },
	{ .shorts = "U", .longs = "extensionreplace er basenamereplace bnr dirnamereplace dnr "
	  "basenameextensionreplace bner seqreplace slotreplace", .argument = "STR", .several = true,
	  OWN(options, set_gnu_rename), MEANING, .help = "what {.} {/} {//} {/.} {#} {%} are called" },
	{ .longs = "parens", .argument = "PAIR", OWN(options, set_gnu_parens), MEANING,
	  .help = "what {= and =} are called" },
	{ .longs = "rpl", .argument = "NAME STEPS", OWN(options, set_gnu_rpl), MEANING,
	  .several = true, .help = "another replacement string" },
	{ .longs = "plus", OWN(options, set_gnu_plus), MEANING,
	  .help = "{..} {+/} {+.} {%X} {#X} {/X/Y} and more" },
	{ .longs = "pipe-part", .also = "pipepart", OWN(options, set_gnu_part), MEANING,
	  .help = "--pipe of the files of -a, without reading them" },
	{ .longs = "block", .also = "block-size blocksize", .argument = "SIZE",
	  OWN(options, set_gnu_block), MEANING,
	  .help = "bytes in a block (1M); -N: N blocks of all files for each job" },
	{ .longs = "regex", .stands = "--regexp", .help = "as --regexp" },
	{ .longs = "no-keep-order", .also = "nokeeporder nok no-k", OWN(options, set_nothing),
	  .help = "no -k" },
	{ .longs = "template tmpl", .argument = "FILE=NAME", .several = true,
	  OWN(options, set_gnu_template), .help = "write FILE with a job's values under NAME" },
	{ .longs = "cleanup", FLAG(options, cleans), .help = "and remove it behind the job" },
	{ .longs = "total-jobs", .also = "totaljobs total", .argument = "N",
	  OWN(options, set_gnu_total), .help = "there are so many; nothing is read ahead" },
	{ .shorts = "S", .longs = "sshlogin", .argument = "HOST", OWN(options, set_gnu_host),
	  .several = true, .help = ": is this machine" },
	{ .longs = "tmpdir", .also = "tempdir", .argument = "DIR", OWN(options, set_gnu_tmpdir),
	  .help = "where temporary files are" },
	{ .longs = "work-dir workdir wd", .argument = "DIR", OWN(options, set_nothing), MEANING,
	  .help = "jobs run in DIR, which is made" },
	{ .longs = "delay", .argument = "T", OWN(options, set_gnu_delay),
	  .help = "time between two starts; Tauto: less while jobs succeed" },
	{ .longs = "shell-quote shellquote shell_quote", .several = true,
	  OWN(options, set_gnu_shellquote), .help = "print what is to be run, quoted" },
	{ .longs = "joblog", .also = "jl", .argument = "FILE", .values = VALUES_FILE,
	  OWN(options, set_gnu_joblog), .help = "a line of each job that has ended; -: on stdout" },
	{ .longs = "latest-line ll", .also = "latestline", OWN(options, set_gnu_latest),
	  .help = "as --progress=rows" },
	{ .longs = "tagstring", .also = "tag-string", .argument = "T",
	  OWN(section, set_gnu_tagstring), MEANING, .help = "begin each line with T and a tab" },
	{ .longs = "ctag", OWN(section, set_tag), MEANING, .help = "--tag, in colours" },
	{ .longs = "ctagstring", .also = "ctag-string", .argument = "T",
	  OWN(section, set_gnu_tagstring), MEANING, .help = "--tagstring, in colours" },
	{ .longs = "color-failed", .also = "colour-failed colorfailed colourfailed color-fail "
	  "colour-fail colorfail colourfail cf", .stands = "--color", .help = "as --color" },
	{ .shorts = "l", .longs = "max-lines", .also = "maxlines", .optional = "N",
	  .follows = gnu_is_number, OWN(options, set_gnu_lines), MEANING,
	  .help = "as -L N, or -L 1" },
	{ .shorts = "o", .stands = "--tty", .help = "as --tty" },
	{ .shorts = "d", .longs = "delimiter", .argument = "STR", OWN(options, set_gnu_delimiter),
	  MEANING, .help = "items end with STR, arguments too" },
	{ .longs = "semaphore", OWN(options, set_gnu_semaphore),
	  .help = "run one command, when it gets a slot" },
	{ .longs = "bg", OWN(options, set_gnu_semaphore), .help = "and do not wait for its end" },
	{ .longs = "fg", OWN(options, set_gnu_foreground), .help = "and wait until it has ended" },
	{ .longs = "wait", OWN(options, set_gnu_wait), .help = "wait for all with a slot" },
	{ .longs = "semaphore-name id", .also = "semaphorename", .argument = "NAME",
	  OWN(options, set_gnu_semaphore_id), .help = "which semaphore: that of the terminal" },
	{ .longs = "semaphore-timeout st", .also = "semaphoretimeout", .argument = "T",
	  OWN(options, set_gnu_semaphore_timeout),
	  .help = "run without a slot after T; -T: give up" },
};

const size_t gnu_row_count = sizeof gnu_rows / sizeof *gnu_rows;

/* --- what follows -------------------------------------------------------- */

/* The program whose child we are, if it is a shell. */
static char *gnu_parent_shell(void)
{
	static const char *const shells[] = {
		"sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh", "zsh",
	};
	struct buf link = { 0 };
	char path[4096];
	ssize_t len;

	buf_addf(&link, "/proc/%ld/exe", (long)getppid());
	len = readlink(buf_str(&link), path, sizeof path - 1);
	buf_free(&link);
	for (size_t i = 0; len > 0 && i < sizeof shells / sizeof *shells; i++) {
		path[len] = '\0';
		if (strcmp(gnu_last_name(path), shells[i]) == 0)
			return mem_copy(path, (size_t)len);
	}
	return NULL;
}

/* As it chooses: what is asked for, whoever has called, the user's own, any; but none that
 * reads another language. */
static char *gnu_shell(void)
{
	const char *asked = getenv("PARALLEL_SHELL"), *own = getenv("SHELL");
	char *parent;

	if (asked && *asked && shell_name_is_foreign(asked))
		msg_die(2, "PARALLEL_SHELL is %s, which reads another language than sh does; try bash",
			gnu_last_name(asked));
	if (asked && *asked)
		return mem_copy(asked, strlen(asked));
	if ((parent = gnu_parent_shell()))
		return parent;
	if (!own || !*own || shell_name_is_foreign(own))
		own = "/bin/sh";
	return mem_copy(own, strlen(own));
}

/* Without --pipe -L is another name of -n, but for white space at the end of a line; and it may
 * be given beside that. */
static void gnu_lines(struct options *o)
{
	const struct option_row *lines = options_find("-L"), *records = options_find("-n");

	if (o->pipe || !o->max_lines)
		return;
	o->continues = " \t\n\v\f\r";
	for (size_t i = 0; i < o->nnotes; i++) {
		struct option_note *note = &o->notes[i];

		o->repeat_words |= note->row == lines && note->name[1] == 'L' && !o->in_one_word;
		if (note->row == lines)
			note->row = records;
	}
}

static void gnu_add_blank(const struct options *o, char **word)
{
	struct buf to = { 0 };

	buf_addf(&to, "%s ", *word);
	*word = gnu_words_keep(o->gnu, &to);
	buf_free(&to);
}

/* What stands for the item stands for nothing, and where it would be appended a blank is
 * left, which no shell sees, but who looks at the command does. */
static void gnu_empty(struct options *o)
{
	bool strings = false;

	gnu_words_without_item(o->gnu, o->braces);
	for (size_t i = 0; i < o->nsections; i++) {
		struct section *s = &o->sections[i];

		for (size_t k = 0; k < s->ncommand; k++)
			strings |= strchr(s->command[k], '{') || strstr(s->command[k], o->braces);
		if (s->ncommand && !strings && !o->quoted)
			gnu_add_blank(o, &s->command[s->ncommand - 1]);
	}
}

/* Where there is no terminal jobs do without, one after the other. */
static void gnu_terminal(struct options *o)
{
	int fd = o->tty ? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1;

	if (fd >= 0)
		close(fd);
	if (!o->tty || fd >= 0)
		return;
	o->tty = false;
	o->sections->jobs = (struct jobs_rule){ .kind = JOBS_COUNT, .amount = 1 };
	o->sections->output = OUTPUT_UNGROUP;
}

/* Bytes of a command that has as many values as fit: half of what a shell takes in a line,
 * which GNU parallel looks for by halves until it has it within 1 %, without 3,000 bytes. */
enum { GNU_LONGEST = (130329 - 3000) / 2 };

/* How long a command may be. */
static void gnu_length(struct options *o)
{
	o->chars_shown = true;
	o->exits = o->max_chars > 0;
	if (o->as_many && !o->max_chars)
		o->max_chars = GNU_LONGEST;
}

void gnu_finish(struct options *o)
{
	const char *more = getenv("PARALLEL");

	if (more && *more)
		msg_die(2, "PARALLEL is set in the environment, and no options are read there: give them "
			"on the command line, and unset PARALLEL");
	gnu_semaphore_finish(o);
	gnu_lines(o);
	gnu_terminal(o);
	gnu_length(o);
	o->skipped_shown = o->dry_run;
	o->files_dry = o->files && !o->results;
	o->cuts_words = options_note(o, o->sections, "-d", 2) != NULL;
	gnu_run_finish(o);
	gnu_template_finish(o);
	gnu_pipe_finish(o);
	gnu_moot(o);
	o->quiet = true; /* as it is: its status tells how many have failed */
	o->gnu_shell = gnu_shell();
	if (o->without_item)
		gnu_empty(o);
	for (size_t i = 0; i < o->nsections; i++) {
		struct section *s = &o->sections[i];

		s->ncommand = gnu_words_join(o->gnu, s->command, s->ncommand);
		for (size_t k = 0; k < s->ncommand; k++)
			s->command[k] = gnu_words_spell(o->gnu, s->command[k]);
		if (s->tag)
			s->tag = gnu_words_spell(o->gnu, (char *)s->tag);
		if (s->shell == SHELL_AUTO)
			s->shell = o->quoted ? SHELL_AUTO : SHELL_ALWAYS;
		if (!s->shell_path)
			s->shell_path = o->gnu_shell;
	}
}
