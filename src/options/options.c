/* From argv to struct options. See options.h.
 *
 * A parser of our own over getopt_long: it can say what an abbreviation could
 * have meant, and keeps no state between calls. */
#include "options/options.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/msg.h"
#include "desk/columns.h"
#include "options/table.h"

enum { NAME = 64 };

struct reading {
	struct options *o;
	char **next; /* the next word of argv, up to its NULL */
};

const char *options_word(const char **list, size_t *len)
{
	const char *word = *list;

	if (!word || !*(word += strspn(word, " ")))
		return NULL;
	*len = strcspn(word, " ");
	*list = word + *len;
	return word;
}

/* One line: the option, its value as far as it can be shown, what is wrong. */
_Noreturn void options_refuse(const struct given *g, const char *why)
{
	struct buf b = { 0 };

	msg_quote(&b, g->value, strlen(g->value), 60);
	msg_die(2, "%s: %s %s", g->name, buf_str(&b), why);
}

const char *options_file(const struct given *g)
{
	if (!*g->value)
		options_refuse(g, "is no file name");
	return g->value;
}

const char *options_new_file(const struct given *g)
{
	if (strcmp(options_file(g), "-") == 0)
		options_refuse(g, "is no file to write; try ./- or /dev/stderr");
	return g->value;
}

void options_add_input(struct options *o, struct input input)
{
	o->inputs = mem_grow(o->inputs, (o->ninputs + 1) * sizeof *o->inputs);
	o->inputs[o->ninputs++] = input;
}

/* Give the option its value, which is the next word when `value` is NULL. */
static void set(struct reading *r, const struct option_row *row, const char *name,
	const char *value)
{
	struct given g = { r->o, name, value };

	if (row->argument && !value) {
		if (!*r->next)
			msg_die(2, "%s needs a value: %s %s", name, name, row->argument);
		g.value = *r->next++;
	}
	row->set(&g);
}

/* Has the row a long name that is these bytes, or that they abbreviate? Its full
 * form goes to `name`. */
static bool has_name(const struct option_row *row, const char *text, size_t len, bool whole,
	char name[NAME])
{
	const char *lists[] = { row->longs, row->also }, *word;
	size_t n;

	for (int i = 0; i < 2; i++)
		while ((word = options_word(&lists[i], &n)))
			if ((whole ? n == len : n > len) && memcmp(word, text, len) == 0) {
				snprintf(name, NAME, "--%.*s", (int)n, word);
				return true;
			}
	return false;
}

static const struct option_row *find_whole(const char *text, size_t len, char name[NAME])
{
	for (size_t i = 0; i < options_rows; i++)
		if (has_name(&options_table[i], text, len, true, name))
			return &options_table[i];
	return NULL;
}

/* The one row that has a name beginning so; several are an error. */
static const struct option_row *find_abbreviated(const char *text, size_t len, char name[NAME])
{
	const struct option_row *found = NULL;
	struct buf all = { 0 };
	char other[NAME];
	int n = 0;

	for (size_t i = 0; i < options_rows; i++)
		if (has_name(&options_table[i], text, len, false, other)) {
			buf_addf(&all, "%s%s", n++ ? " or " : "", other);
			found = &options_table[i];
			memcpy(name, other, NAME);
		}
	if (n > 1)
		msg_die(2, "--%.*s could be %s", (int)len, text, buf_str(&all));
	buf_free(&all);
	return found;
}

static void read_long(struct reading *r, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	const struct option_row *row;
	char name[NAME];

	row = find_whole(word + 2, len - 2, name);
	if (!row) {
		char *given = mem_copy(word, len);

		/* Another tool's full name is no abbreviation of one of ours. */
		options_foreign(given);
		row = len > 2 ? find_abbreviated(word + 2, len - 2, name) : NULL;
		if (!row)
			options_unknown(given);
		free(given);
	}
	if (value && !row->argument && !row->optional)
		msg_die(2, "%s takes no value", name);
	set(r, row, name, value);
}

static const struct option_row *find_letter(char c)
{
	for (size_t i = 0; i < options_rows; i++)
		if (options_table[i].shorts && strchr(options_table[i].shorts, c))
			return &options_table[i];
	return NULL;
}

/* A word of letters: the first that takes a value takes the rest. */
static void read_letters(struct reading *r, const char *word)
{
	while (*++word) {
		const struct option_row *row = find_letter(*word);
		char name[] = { '-', *word, '\0' };

		if (!row) {
			options_foreign(name);
			options_unknown(name);
		}
		set(r, row, name, row->argument && word[1] ? word + 1 : NULL);
		if (row->argument)
			return;
	}
}

/* Is the word ::: :::: :::+ or ::::+? */
static bool separates(const char *word, bool *files, bool *linked)
{
	size_t colons = strspn(word, ":");

	*files = colons == 4;
	*linked = word[colons] == '+';
	return (colons == 3 || colons == 4) && !word[colons + *linked];
}

/* The words between one separator and the next. */
static void read_source(struct options *o, char *separator, char **words, size_t count)
{
	bool files, linked;

	separates(separator, &files, &linked);
	if (linked && !o->ninputs)
		msg_die(2, "%s has no source before it to be paired with", separator);
	if (!files) {
		options_add_input(o, (struct input){ .linked = linked, .words = words,
			.count = count });
		return;
	}
	if (!count)
		msg_die(2, "%s names no file", separator);
	for (size_t i = 0; i < count; i++)
		options_add_input(o, (struct input){ .linked = linked, .file = words[i] });
}

/* What follows the options: the command, then sources. */
static void read_words(struct options *o, char **words)
{
	char *separator = NULL;
	bool files, linked;

	do {
		size_t count = 0;

		while (words[count] && !separates(words[count], &files, &linked))
			count++;
		if (separator) {
			read_source(o, separator, words, count);
		} else {
			o->command = words;
			o->ncommand = count;
		}
		words += count;
		separator = *words;
	} while (*words++);
}

/* -e without a command: nothing is run, so nothing that is about jobs makes sense. */
static void check_transform(const struct options *o)
{
	static const char no_start[] = "no job is started that could wait";
	const struct { bool given; const char *name, *reason; } wrong[] = {
		{ o->max_args > 0, "-n", "each record is transformed by itself" },
		{ o->as_many, "-X", "each record is transformed by itself" },
		{ o->colsep || o->csv, o->csv ? "--csv" : "--colsep",
			"there is no {1} to be filled in; the step cut picks columns" },
		{ o->regex != NULL, "--regex", "there is no {1} to be filled in; the step m/// does "
			"this" },
		{ o->header, "--header", "there is no {name} to be filled in; --skip-first-line "
			"leaves the header out" },
		{ o->trim >= 0, "--trim", "the step trim does this" },
		{ o->jsonl, "--jsonl", "there is no {name} to be filled in; jq before pq" },
		{ o->validate != NULL, "--validate", "records are not looked at one by one; the step "
			"/RE/ keeps those that match" },
		{ o->unique, "--unique", "nobody compares the records of a transform; "
			"awk '!seen[$0]++' before pq does" },
		{ o->overflow != OVERFLOW_BLOCK, "--overflow", "what is left would be no transform of "
			"the input; -e waits for its output to be read" },
		{ o->nice_given, "--nice", "no job is run; nice before pq does this" },
		{ o->high_water, "--high-water", "records travel in runs, and are not counted as they "
			"wait" },
		{ o->retry.attempts > 1, "--retries", "a transform fails again the same way" },
		{ o->priority != NULL, "--priority", no_start }, { o->key != NULL, "--key", no_start },
		{ o->rate.interval > 0, "--rate", no_start }, { o->delay > 0, "--delay", no_start },
		{ o->load_given, "--load", no_start }, { o->memfree > 0, "--memfree", no_start },
		{ o->breaker.count > 0, "--breaker", no_start },
		{ o->retry.ack.given, "--ack-on", "no job is run that could have an outcome" },
		{ o->json, "--json", "no job is run that could be an object" },
		{ o->results != NULL, "--results", "no job is run that could have results" },
		{ o->joblog != NULL, "--joblog", "no job is run that could be logged" },
		{ o->timeout > 0 || o->timeout_percent > 0, "--timeout",
			"no job is run; a record that takes too long fails by itself" },
		{ o->dry_run, "--dry-run", "no command would be run" },
		{ o->verbose, "-t", "no command is run that could be shown" },
		{ o->shell != SHELL_AUTO, o->shell == SHELL_ALWAYS ? "-c" : "--no-shell",
			"there is no command" },
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (wrong[i].given)
			msg_die(2, "%s with -e and no command: %s; leave it out", wrong[i].name,
				wrong[i].reason);
}

static void check_in_place(const struct options *o)
{
	if (!o->in_place)
		return;
	if (!o->nexpressions)
		msg_die(2, "--in-place without -e: there is nothing to do to the files; "
			"try --in-place -e 's/old/new/'");
	if (o->ncommand)
		msg_die(2, "--in-place with a command: only -e rewrites files; "
			"let the command write them itself");
	if (o->tag)
		msg_die(2, "--in-place with --tag: nothing is printed; leave one out");
}

/* --content: an item is one file's name, and a command reads it, or -e. */
static void check_content(const struct options *o)
{
	if (!o->content)
		return;
	if (!o->ncommand && !o->nexpressions)
		msg_die(2, "--content without a command or -e: there is nothing to read the files; "
			"try --content 'wc -l'");
	if (o->ncommand && o->nexpressions)
		msg_die(2, "--content with -e and a command: -e would change the file's name; "
			"let the command read what another pq --content -e prints");
	if (o->as_many || o->max_args)
		msg_die(2, "--content with %s: a job has one stdin, so it reads one file; "
			"leave one out", o->as_many ? "-X" : "-n");
	if (o->colsep || o->csv || o->header || o->jsonl)
		msg_die(2, "--content with %s: a column names no file; cut the name out before",
			o->jsonl ? "--jsonl" : o->csv ? "--csv" : o->colsep ? "--colsep" : "--header");
	if (o->ninputs > 1)
		msg_die(2, "--content with several sources: a combination names no file; "
			"use one source, or merge them with --from");
}

static void check_jsonl(const struct options *o)
{
	const char *way = o->csv ? "--csv" : o->colsep ? "--colsep" : o->header ? "--header"
		: o->regex ? "--regex" : o->trim >= 0 ? "--trim" : NULL;

	if (!o->jsonl)
		return;
	if (way)
		msg_die(2, "--jsonl with %s: what has names are the members of the object; leave %s "
			"out", way, way);
	if (!o->ncommand && !o->nexpressions)
		msg_die(2, "--jsonl without a command: a JSON object is no shell line; "
			"try --jsonl echo {name}");
}

/* Columns are made in one way, and of a record. */
static void check_columns(const struct options *o)
{
	const char *way = o->csv ? "--csv" : o->colsep ? "--colsep" : NULL;
	char byte;

	if (o->regex && way)
		msg_die(2, "--regex with %s: columns are its groups or what is between separators; "
			"leave one out", way);
	if (o->regex && o->header)
		msg_die(2, "--regex with --header: name its groups, (?<name> ), and leave out the "
			"header with --skip-first-line");
	if (!o->csv || !o->colsep)
		return;
	if (!columns_byte(o->colsep, &byte))
		msg_die(2, "--csv with --colsep: fields end with one byte, not with an expression; "
			"try -C ';'");
	if (byte == '"' || byte == o->separator)
		msg_die(2, "--csv with --colsep: %s; try -C ';'", byte == '"'
			? "a quote is a quote" : "it ends records, and cannot end fields, too");
}

static bool has_file(const struct options *o)
{
	for (size_t i = 0; i < o->ninputs; i++)
		if (o->inputs[i].file)
			return true;
	return false;
}

/* --pipe: bytes of streams, cut into blocks that nobody looks into. */
static void check_pipe(const struct options *o)
{
	static const char unseen[] = "records are not looked at one by one";
	static const char uncut[] = "blocks are not taken apart";
	static const char command[] = "to take them apart in the command";
	const struct { bool given; const char *name, *reason, *instead; } wrong[] = {
		{ o->nexpressions > 0, "-e", "blocks are not transformed", "pq -e ... | pq --pipe" },
		{ o->content, "--content", "a job has one stdin", "one of them alone" },
		{ o->as_many, "-X", "records are not arguments", "--block SIZE" },
		{ o->priority != NULL, "--priority", unseen, "sort before pq" },
		{ o->key != NULL, "--key", unseen, "-j1" },
		{ o->rate_key != NULL, "--rate-key", unseen, "--rate alone" },
		{ o->end != NULL, "-E", unseen, "sed before pq" },
		{ o->shuffle, "--shuf", unseen, "shuf before pq" },
		{ o->skip_first, "--skip-first-line", unseen, "tail -n +2 before pq" },
		{ o->trim >= 0, "--trim", unseen, "sed before pq" },
		{ o->header, "--header", uncut, command },
		{ o->csv, "--csv", uncut, command },
		{ o->colsep != NULL, "--colsep", uncut, command },
		{ o->regex != NULL, "--regex", uncut, command },
		{ o->jsonl, "--jsonl", uncut, command },
		{ o->validate != NULL, "--validate", unseen, "grep before pq" },
		{ o->unique, "--unique", unseen, "awk '!seen[$0]++' before pq" },
		{ o->ninputs > 1, "several sources", "blocks of them cannot be combined",
			"--from, which merges them" },
		{ o->ninputs && !o->inputs[0].file, "arguments (:::)", "it cuts what is in files",
			":::: FILE" },
	};

	if (!o->pipe && o->for_pipe)
		msg_die(2, "%s without --pipe: only the blocks of --pipe have it; add --pipe",
			o->for_pipe);
	if (!o->pipe)
		return;
	if (!o->ncommand)
		msg_die(2, "--pipe without a command: there is nothing to read the records; "
			"try --pipe 'wc -l'");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (wrong[i].given)
			msg_die(2, "--pipe with %s: %s; try %s", wrong[i].name, wrong[i].reason,
				wrong[i].instead);
}

static void check_outcomes(const struct options *o)
{
	const struct retry_rules *r = &o->retry;

	if (o->retries)
		return;
	if (r->retry.given)
		msg_die(2, "--retry-on without --retries: nothing would be tried again; "
			"add --retries 3");
	if (r->reject.given && !retry_rejects_success(r))
		msg_die(2, "--reject-on without --retries: nothing is tried again; leave it out");
	if (o->backoff.base)
		msg_die(2, "--backoff without --retries: nothing would be tried again; "
			"add --retries 3");
}

static void check_schedule(const struct options *o)
{
	unsigned running;
	uint64_t memory;

	if (o->aging && !o->priority)
		msg_die(2, "--aging without --priority: there is nothing that it could lift");
	if (o->key_jobs && !o->key)
		msg_die(2, "--key-jobs without --key: without keys -j is the limit");
	if (o->rate_key && !o->rate.interval)
		msg_die(2, "--rate-key without --rate: add --rate 10/s");
	if (o->load_given && !machine_running(&running))
		msg_die(2, "--load: cannot see how busy this machine is: %s", strerror(errno));
	if (o->memfree && !machine_memory(&memory))
		msg_die(2, "--memfree: cannot see how much memory is free: %s", strerror(errno));
}

static bool is_stdin(const char *file)
{
	return file && strcmp(file, "-") == 0;
}

/* Items come from it where no source is named. */
static void check_stdin(const struct options *o)
{
	unsigned items = !o->ninputs && !o->nfrom && !o->retry_failed, scripts = 0;

	for (size_t i = 0; i < o->ninputs; i++)
		items += is_stdin(o->inputs[i].file);
	for (size_t i = 0; i < o->nfrom; i++)
		items += is_stdin(source_path(o->from[i]));
	for (size_t i = 0; i < o->nexpressions; i++)
		scripts += is_stdin(o->expressions[i].file);
	if (scripts && items)
		msg_die(2, "-f - with items from stdin: it can be read only once; name a file");
	if (items > 1 || scripts > 1)
		msg_die(2, "stdin (-) can be read only once");
}

/* Refuse what cannot work together, with the reason. */
static void check(struct options *o)
{
	check_retry_failed(o);
	if (o->output == OUTPUT_UNGROUP && o->ordered)
		msg_die(2, "-u with -k: what jobs write themselves cannot be put in order; "
			"leave one out");
	if (o->output == OUTPUT_UNGROUP && o->tag)
		msg_die(2, "-u with --tag: what jobs write themselves cannot be marked; "
			"use --line-buffer instead of -u");
	if (o->nfrom && o->ninputs)
		msg_die(2, "--from merges its sources, the others (-a, :::, ::::) are combined; "
			"use one kind");
	if (o->nfrom && o->link)
		msg_die(2, "--link with --from: merged sources are not paired up; use -a or ::::");
	if (o->skip_first && o->ninputs && !has_file(o))
		msg_die(2, "--skip-first-line with ::: alone: arguments have no first line; "
			"leave out the first one");
	check_stdin(o);
	if (o->range && jobs_wanted(&o->least, NULL) > jobs_wanted(&o->jobs, NULL))
		msg_die(2, "-j MIN..MAX: at least %u and at most %u jobs cannot be; exchange them",
			jobs_wanted(&o->least, NULL), jobs_wanted(&o->jobs, NULL));
	check_outcomes(o);
	check_schedule(o);
	check_columns(o);
	check_jsonl(o);
	check_in_place(o);
	check_content(o);
	if (o->nexpressions && !o->ncommand)
		check_transform(o);
	check_pipe(o);
	check_outfile(o);
	check_whole(o);
	check_journal(o);
	check_resume(o);
	options_check_files(o);
}

/* While reading, the tag is what was given. A tab follows it on every line. */
static void finish_tag(struct options *o)
{
	struct buf b = { 0 };

	if (!o->tag)
		return;
	buf_addf(&b, "%s\t", o->tag);
	o->tag = buf_str(&b);
}

void options_parse(struct options *o, int argc, char **argv)
{
	struct reading r = { o, argv + (argc > 0) };

	*o = (struct options){
		.separator = '\n', .max_item = 16 << 20,
		.block = 1 << 20,
		.jobs = { .kind = JOBS_PERCENT, .amount = 100 },
		.term = { { SIGTERM, 0 }, { SIGCONT, CLOCK_SECOND }, { SIGKILL, 0 } },
		.drain = 10 * CLOCK_SECOND, .braces = "{}", .retry.attempts = 1, .trim = -1,
	};
	while (*r.next && (*r.next)[0] == '-' && (*r.next)[1]) {
		const char *word = *r.next++;

		if (strcmp(word, "--") == 0)
			break;
		if (word[1] == '-')
			read_long(&r, word);
		else
			read_letters(&r, word);
	}
	read_words(o, r.next);
	check(o);
	finish_tag(o);
	finish_whole(o);
	finish_dry_run(o);
}

void options_free(struct options *o)
{
	free(o->inputs);
	free(o->from);
	free(o->expressions);
	free(o->recstart.data);
	free(o->recend.data);
	free((char *)o->tag);
}
