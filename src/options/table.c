/* The options themselves: what each value means, and the table. Main thread,
 * before anything is started. */
#include "options/table.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/parse.h"
#include "desk/columns.h"
#include "options/options.h"

uint64_t options_number(const struct given *g)
{
	uint64_t n;

	if (!parse_count(g->value, &n) || n == 0)
		options_refuse(g, "is no number of at least 1; try 4");
	return n;
}

uint64_t options_size(const struct given *g)
{
	uint64_t n;

	if (!parse_size(g->value, &n) || n == 0)
		options_refuse(g, "is no size; try 64M");
	return n;
}

/* What ends an item, and a record of --pipe. */
static void set_separator(struct options *o, char c)
{
	o->separator = c;
	free(o->recend.data);
	o->recend = (struct option_bytes){ mem_copy(&c, 1), 1 };
}

static void set_null(const struct given *g)
{
	set_separator(g->o, '\0');
	g->o->for_input = "-0";
}

static void set_delimiter(const struct given *g)
{
	char c;

	if (!parse_char(g->value, &c))
		options_refuse(g, "is no single byte; try , or '\\t' (and -0 for a NUL byte)");
	set_separator(g->o, c);
	g->o->for_input = "-d";
}

static void set_arg_file(const struct given *g)
{
	options_add_input(g->o, (struct input){ .file = options_file(g) });
}

static void set_link(const struct given *g)
{
	g->o->link = true;
	g->o->for_input = "--link";
}

static void set_from(const struct given *g)
{
	struct options *o = g->o;

	o->from = mem_grow(o->from, (o->nfrom + 1) * sizeof *o->from);
	o->from[o->nfrom++] = options_file(g);
}

static void add_expression(struct options *o, struct expression e)
{
	o->expressions = mem_grow(o->expressions, (o->nexpressions + 1) * sizeof e);
	o->expressions[o->nexpressions++] = e;
}

static void set_expression(const struct given *g)
{
	add_expression(g->o, (struct expression){ .text = g->value });
}

static void set_script(const struct given *g)
{
	add_expression(g->o, (struct expression){ .file = options_file(g) });
}

static void set_in_place(const struct given *g)
{
	g->o->in_place = g->value ? g->value : "";
	g->o->content = true;
	if (strchr(g->o->in_place, '/'))
		options_refuse(g, "is no suffix; try .bak");
}

static void set_content(const struct given *g)
{
	g->o->content = true;
}

static void set_pipe(const struct given *g)
{
	g->o->pipe = true;
}

static void needs_pipe(struct options *o, const char *name)
{
	if (!o->for_pipe)
		o->for_pipe = name;
}

static void set_block(const struct given *g)
{
	g->o->block = options_size(g);
	needs_pipe(g->o, "--block");
}

static void set_bytes(const struct given *g, struct option_bytes *bytes)
{
	free(bytes->data);
	bytes->data = mem_alloc(strlen(g->value) + 1);
	if (!parse_bytes(g->value, bytes->data, &bytes->len))
		options_refuse(g, "has an escape that is none; a backslash is written \\\\");
}

static void set_recstart(const struct given *g)
{
	set_bytes(g, &g->o->recstart);
	needs_pipe(g->o, "--recstart");
}

static void set_recend(const struct given *g)
{
	set_bytes(g, &g->o->recend);
	needs_pipe(g->o, "--recend");
}

static void set_max_args(const struct given *g)
{
	g->o->max_args = options_number(g);
}

static void set_as_many(const struct given *g)
{
	g->o->as_many = true;
}

static void set_max_item(const struct given *g)
{
	g->o->max_item = options_size(g);
	g->o->for_input = "--max-item";
}

static void set_skip_first(const struct given *g)
{
	g->o->skip_first = true;
}

static void set_skip_blank(const struct given *g)
{
	g->o->skip_blank = true;
	g->o->for_input = "-r";
}

static void set_end(const struct given *g)
{
	g->o->end = *g->value ? g->value : NULL; /* as xargs: -E '' is none */
}

static void set_shuffle(const struct given *g)
{
	g->o->shuffle = true;
}

static void set_colsep(const struct given *g)
{
	if (!*g->value)
		options_refuse(g, "separates nothing; try , or '\\t' or a regular expression");
	g->o->colsep = g->value;
}

static void set_csv(const struct given *g)
{
	g->o->csv = true;
}

static void set_header(const struct given *g)
{
	if (strcmp(g->value, ":") != 0)
		options_refuse(g, "is no header that pq knows; --header : takes the first record");
	g->o->header = true;
}

static void set_regex(const struct given *g)
{
	g->o->regex = g->value;
}

static void set_jsonl(const struct given *g)
{
	g->o->jsonl = true;
}

static void set_validate(const struct given *g)
{
	g->o->validate = g->value;
}

static void set_trim(const struct given *g)
{
	static const struct {
		const char *name;
		int trim;
	} sides[] = { { "n", 0 }, { "l", TRIM_LEFT }, { "r", TRIM_RIGHT },
		{ "lr", TRIM_LEFT | TRIM_RIGHT }, { "rl", TRIM_LEFT | TRIM_RIGHT } };

	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
		if (strcmp(g->value, sides[i].name) == 0) {
			g->o->trim = sides[i].trim;
			return;
		}
	options_refuse(g, "is none of n, l, r, lr, rl: nothing, left, right, both");
}

static void set_shell(const struct given *g)
{
	if (g->o->shell == SHELL_NEVER)
		msg_die(2, "-c with --no-shell: the command is either a shell line or not");
	g->o->shell = SHELL_ALWAYS;
}

static void set_no_shell(const struct given *g)
{
	if (g->o->shell == SHELL_ALWAYS)
		msg_die(2, "--no-shell with -c: the command is either a shell line or not");
	g->o->shell = SHELL_NEVER;
}

static void set_braces(const struct given *g)
{
	if (!*g->value)
		options_refuse(g, "is nothing that could be found in a command; try -I %");
	if (g->o->tag == g->o->braces)
		g->o->tag = g->value; /* --tag stands for the item, whatever its name */
	g->o->braces = g->value;
}

static void set_ordered(const struct given *g)
{
	g->o->ordered = true;
}

static void set_ungroup(const struct given *g)
{
	if (g->o->output == OUTPUT_LINE)
		msg_die(2, "%s with --line-buffer: choose one way to show output", g->name);
	g->o->output = OUTPUT_UNGROUP;
}

static void set_line_buffer(const struct given *g)
{
	if (g->o->output == OUTPUT_UNGROUP)
		msg_die(2, "%s with -u: choose one way to show output", g->name);
	g->o->output = OUTPUT_LINE;
}

static void set_group(const struct given *g)
{
	g->o->output = OUTPUT_GROUP;
}

static void set_tag(const struct given *g)
{
	g->o->tag = g->o->braces;
}

static void set_tagstring(const struct given *g)
{
	g->o->tag = g->value;
}

static void set_verbose(const struct given *g)
{
	g->o->verbose = true;
}

static void set_dry_run(const struct given *g)
{
	g->o->dry_run = true;
}

static void set_progress(const struct given *g)
{
	g->o->progress = true;
	g->o->progress_json = g->value != NULL;
	if (g->value && strcmp(g->value, "json") != 0)
		options_refuse(g, "is no form of it; try --progress or --progress=json");
}

static void set_summary(const struct given *g)
{
	g->o->summary = true;
}

static void set_joblog(const struct given *g)
{
	g->o->joblog = options_new_file(g);
	g->o->joblog_append = *g->o->joblog == '+';
	if (g->o->joblog_append && !*++g->o->joblog)
		options_refuse(g, "is no file name");
}

static void set_help(const struct given *g)
{
	(void)g;
	options_help();
}

static void set_version(const struct given *g)
{
	(void)g;
	options_version();
}

static void set_completion(const struct given *g)
{
	options_complete(g->value);
	options_refuse(g, "is no shell that pq knows; try bash, zsh or fish");
}

const struct option_row options_table[] = {
	{ .heading = "Input", .shorts = "0", .longs = "null",
	  .set = set_null, .help = "items end with a NUL byte, not a newline" },
	{ .shorts = "d", .longs = "delimiter", .argument = "C",
	  .set = set_delimiter, .help = "items end with byte C (or \\t, \\x1f ...)" },
	{ .shorts = "a", .longs = "arg-file", .also = "argfile", .argument = "FILE",
	  .values = VALUES_FILE, .set = set_arg_file,
	  .help = "read items from FILE; several are combined" },
	{ .longs = "from", .argument = "PATH",
	  .values = VALUES_FILE, .set = set_from,
	  .help = "read from -, file, FIFO, directory; several merge" },
	{ .longs = "content",
	  .set = set_content, .help = "items name files: their content is the input",
	  .rare = true },
	{ .longs = "pipe", .also = "spreadstdin",
	  .set = set_pipe, .help = "blocks of records go to the jobs' stdin" },
	{ .longs = "block", .also = "block-size blocksize", .argument = "SIZE",
	  .set = set_block, .help = "bytes in a block (1M); -n N: N records instead",
	  .rare = true },
	{ .longs = "recstart", .argument = "STR", .rare = true,
	  .set = set_recstart, .help = "a record of --pipe begins with STR" },
	{ .longs = "recend", .argument = "STR", .rare = true,
	  .set = set_recend, .help = "a record of --pipe ends with STR (\\n)" },
	{ .longs = "link", .also = "xapply",
	  .set = set_link, .help = "pair the sources up instead of combining them", .rare = true },
	{ .shorts = "nN", .longs = "max-args", .also = "maxargs max-replace-args maxreplaceargs",
	  .argument = "N", .set = set_max_args, .help = "N records in each job" },
	{ .shorts = "X",
	  .set = set_as_many, .help = "as many records in each job as fit", .rare = true },
	{ .shorts = "C", .longs = "colsep", .also = "col-sep", .argument = "RE",
	  .set = set_colsep, .help = "columns {1} {2} end with byte or expression RE" },
	{ .longs = "csv",
	  .set = set_csv, .help = "columns as in CSV files: commas, quotes", .rare = true },
	{ .longs = "header", .argument = ":", .values = ":",
	  .set = set_header, .help = "the first record names the columns: {name}",
	  .rare = true },
	{ .longs = "regex", .argument = "RE",
	  .set = set_regex, .help = "{1} {2} are groups of RE; no match: failed",
	  .rare = true },
	{ .longs = "jsonl", .rare = true,
	  .set = set_jsonl, .help = "items are JSON objects: {name} is a member" },
	{ .longs = "validate", .argument = "RE", .rare = true,
	  .set = set_validate, .help = "an item that does not match has failed" },
	{ .longs = "trim", .argument = "SIDES", .values = "n l r lr rl",
	  .set = set_trim, .help = "drop white space around columns: n l r lr", .rare = true },
	{ .longs = "max-item", .argument = "SIZE",
	  .set = set_max_item, .help = "refuse a longer record (16M)", .rare = true },
	{ .shorts = "E", .argument = "STR",
	  .set = set_end, .help = "the input ends where a record is STR", .rare = true },
	{ .longs = "skip-first-line", .also = "skipfirstline",
	  .set = set_skip_first, .help = "leave out the first record of each file", .rare = true },
	{ .shorts = "r", .longs = "no-run-if-empty", .also = "norunifempty",
	  .set = set_skip_blank, .help = "leave out blank records", .rare = true },
	{ .longs = "shuf",
	  .set = set_shuffle, .help = "random order; all input is read first", .rare = true },
	{ .longs = "unique", .optional = "T",
	  .set = set_unique, .help = "drop items whose key T was seen before", .rare = true },

	{ .heading = "Queue and workers", .shorts = "Q", .longs = "queue-size", .argument = "N",
	  .set = set_queue_size, .help = "items alive at once (4 x jobs, at least 64)" },
	{ .longs = "queue-bytes", .argument = "SIZE",
	  .set = set_queue_bytes, .help = "bytes alive at once (64M)", .rare = true },
	{ .longs = "overflow", .argument = "WHAT",
	  .values = "block drop-new drop-old reject fail", .set = set_overflow,
	  .help = "a full queue: block (or drop-new ... fail)", .rare = true },
	{ .longs = "high-water", .argument = "N",
	  .set = set_high_water, .help = "warn when more than N, or N%, wait", .rare = true },

	{ .shorts = "jP", .longs = "jobs max-procs", .also = "maxprocs",
	  .argument = "N", .set = set_jobs,
	  .help = "N, +N, -N, N% of CPUs, 0: most, MIN..MAX, FILE" },
	{ .longs = "priority", .argument = "T",
	  .set = set_priority, .help = "lower numbers go first", .rare = true },
	{ .longs = "aging", .argument = "TIME",
	  .set = set_aging, .help = "each TIME of waiting lifts by one", .rare = true },
	{ .longs = "key", .argument = "T",
	  .set = set_key, .help = "one at a time, and in order, of equal keys", .rare = true },
	{ .longs = "key-jobs", .argument = "N",
	  .set = set_key_jobs, .help = "N at a time of equal keys", .rare = true },
	{ .longs = "rate", .argument = "N/UNIT",
	  .set = set_rate, .help = "at most N starts a second (s), minute (m) ...", .rare = true },
	{ .longs = "rate-key", .argument = "T",
	  .set = set_rate_key, .help = "the rate is for each T by itself", .rare = true },
	{ .longs = "delay", .argument = "T",
	  .set = set_delay, .help = "time between two starts", .rare = true },
	{ .longs = "timeout", .argument = "T",
	  .set = set_timeout, .help = "end a job after T; N%: of the median runtime" },
	{ .longs = "load", .argument = "N",
	  .set = set_load, .help = "start none while N processes run (N, N%)", .rare = true },
	{ .longs = "memfree", .argument = "SIZE",
	  .set = set_memfree, .help = "start none while less memory is free", .rare = true },
	{ .longs = "nice", .argument = "N",
	  .set = set_nice, .help = "jobs run at niceness N", .rare = true },
	{ .longs = "term-seq", .also = "termseq", .argument = "SEQ",
	  .set = set_term, .help = "how a job is ended (TERM,CONT,1000,KILL)", .rare = true },
	{ .longs = "drain", .argument = "T",
	  .set = set_drain, .help = "time that SIGTERM leaves running jobs (10)", .rare = true },

	{ .heading = "Command", .shorts = "c", .longs = "shell",
	  .set = set_shell, .help = "the words are one line for /bin/sh" },
	{ .longs = "no-shell",
	  .set = set_no_shell, .help = "never use a shell", .rare = true },
	{ .shorts = "I", .argument = "STR",
	  .set = set_braces, .help = "what {} is called", .rare = true },
	{ .shorts = "e", .longs = "expression", .argument = "EXPR",
	  .set = set_expression, .help = "transform: s/RE/TEXT/g /RE/ !/RE/ y/abc/xyz/ ..." },
	{ .shorts = "f", .longs = "file", .argument = "FILE", .rare = true,
	  .values = VALUES_FILE, .set = set_script, .help = "steps from FILE" },
	{ .longs = "in-place", .optional = "SUFFIX", .rare = true,
	  .set = set_in_place, .help = "items name files: rewrite them" },

	{ .heading = "Failure", .longs = "retries", .argument = "N",
	  .set = set_retries, .help = "try an item up to N times in all" },
	{ .longs = "backoff", .argument = "TIME",
	  .set = set_backoff, .help = "wait TIME..LONGEST before another attempt", .rare = true },
	{ .longs = "breaker", .argument = "RULE",
	  .set = set_breaker, .help = "N%/COUNT,TIME: pause when too many fail", .rare = true },
	{ .longs = "ack-on", .argument = "LIST",
	  .set = set_ack_on, .help = "outcomes that mean done (0): 0,1,TERM,timeout",
	  .rare = true },
	{ .longs = "retry-on", .argument = "LIST",
	  .set = set_retry_on, .help = "only these are tried again", .rare = true },
	{ .longs = "reject-on", .argument = "LIST",
	  .set = set_reject_on, .help = "these never are", .rare = true },
	{ .longs = "dead-letter", .argument = "FILE", .rare = true,
	  .values = VALUES_FILE, .set = set_dead_letter,
	  .help = "what failed for good, as JSON Lines" },
	{ .longs = "halt", .also = "halt-on-error haltonerror", .argument = "RULE",
	  .values = "now,fail=1 soon,fail=1 now,success=1 soon,success=1 now,done=1 soon,done=1"
	            " never",
	  .set = set_halt, .help = "now|soon,fail|success|done=N|N%: stop early" },

	{ .heading = "Output", .shorts = "k", .longs = "keep-order", .also = "keeporder",
	  .set = set_ordered, .help = "output in the order of the input" },
	{ .shorts = "u", .longs = "ungroup",
	  .set = set_ungroup, .help = "jobs write straight to stdout and stderr", .rare = true },
	{ .longs = "line-buffer lb", .also = "linebuffer linebuffered line-buffered",
	  .set = set_line_buffer, .help = "output as it comes, in whole lines" },
	{ .longs = "group",
	  .set = set_group, .help = "a job's output as one block (the default)", .rare = true },
	{ .longs = "tag",
	  .set = set_tag, .help = "begin each line with the item and a tab" },
	{ .longs = "tagstring", .also = "tag-string", .argument = "T",
	  .set = set_tagstring, .help = "begin each line with template T and a tab", .rare = true },
	{ .shorts = "o", .longs = "output", .argument = "FILE", .rare = true,
	  .values = VALUES_FILE, .set = set_output, .help = "to FILE, not to standard output" },
	{ .longs = "json", .rare = true,
	  .set = set_json, .help = "an object of JSON for each job" },
	{ .longs = "results", .also = "result res", .argument = "PATH",
	  .values = VALUES_FILE, .set = set_results, .rare = true,
	  .help = "output goes to files: DIR, template, F.csv .tsv .json" },
	{ .shorts = "t", .longs = "verbose",
	  .set = set_verbose, .help = "show each command on stderr", .rare = true },
	{ .longs = "dry-run", .also = "dryrun dr",
	  .set = set_dry_run, .help = "print the commands, run nothing" },

	{ .heading = "Seeing it", .longs = "progress bar eta",
	  .optional = "json",
	  .set = set_progress, .help = "what is done, running, waiting" },
	{ .longs = "summary", .rare = true,
	  .set = set_summary, .help = "at the end: times, waiting, workers" },
	{ .longs = "resume", .rare = true,
	  .set = set_resume, .help = "run what --joblog does not have" },
	{ .longs = "resume-failed", .also = "resumefailed", .rare = true,
	  .set = set_resume_failed, .help = "and what failed by it" },
	{ .longs = "retry-failed", .also = "retryfailed", .rare = true,
	  .set = set_retry_failed, .help = "run what failed by --joblog, from the log alone" },
	{ .longs = "journal", .argument = "FILE", .rare = true,
	  .values = VALUES_FILE, .set = set_journal,
	  .help = "the same command again does what is left" },
	{ .longs = "joblog", .also = "jl", .argument = "FILE",
	  .values = VALUES_FILE, .set = set_joblog,
	  .help = "a line for each job (+FILE: append)" },

	{ .shorts = "h", .longs = "help",
	  .set = set_help, .help = "this page", .rare = true },
	{ .shorts = "V", .longs = "version",
	  .set = set_version, .help = "the version", .rare = true },
	{ .longs = "completion", .argument = "SHELL",
	  .values = "bash zsh fish", .set = set_completion,
	  .help = "print what completes pq's options in SHELL", .rare = true },
};

const size_t options_rows = sizeof options_table / sizeof *options_table;
