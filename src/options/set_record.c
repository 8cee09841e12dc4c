/* The options of what is written down: where output goes, and what is on record of the
 * run. Main thread, before anything is started. */
#include "options/table.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/msg.h"
#include "options/options.h"

void set_output(const struct given *g)
{
	g->o->outfile = options_new_file(g);
}

void set_json(const struct given *g)
{
	g->o->json = true;
}

void set_results(const struct given *g)
{
	g->o->results = options_new_file(g);
}

/* What is written when a job has ended cannot be shown before. */
void check_whole(const struct options *o)
{
	const char *name = o->json ? "--json" : "--results";

	if (!o->json && !o->results)
		return;
	if (o->output == OUTPUT_UNGROUP)
		msg_die(2, "%s with -u: what jobs write themselves does not pass through pq; "
			"leave out -u", name);
	if (o->output == OUTPUT_LINE)
		msg_die(2, "%s with --line-buffer: it is written when a job has ended; leave one out",
			name);
	if (o->tag)
		msg_die(2, "%s with --tag: the item is beside the output, not in it; leave out --tag",
			name);
	if (o->json && o->results && o->results[0] == '-' && o->results[1] == '.')
		msg_die(2, "--json with --results %s: both are for standard output; leave one out",
			o->results);
}

void finish_whole(struct options *o)
{
	if ((o->json || o->results) && !o->dry_run)
		o->output = OUTPUT_WHOLE;
	o->shown = o->verbose || o->dry_run || o->joblog || o->results;
}

void finish_dry_run(struct options *o)
{
	if (!o->dry_run)
		return;
	o->rate = (struct rate){ 0 };
	o->backoff = (struct backoff){ 0 };
	o->delay = 0;
	o->load_given = false;
	o->memfree = 0;
	o->joblog = o->dead_letter = o->outfile = NULL;
}

void check_outfile(const struct options *o)
{
	if (o->outfile && o->output == OUTPUT_UNGROUP)
		msg_die(2, "-o with -u: what jobs write themselves does not pass through pq; "
			"leave out -u");
	if (o->outfile && o->in_place)
		msg_die(2, "-o with --in-place: nothing is printed; leave one out");
}

void set_journal(const struct given *g)
{
	g->o->journal = options_new_file(g);
	if (*g->value == ':')
		options_refuse(g, "is no file to SQLite; put ./ before it");
}

/* What is read again must be the same items with the same numbers. */
static void check_again(const struct options *o, const char *name)
{
	const struct { bool given; const char *name, *reason; } wrong[] = {
		{ o->nexpressions && !o->ncommand, "-e and no command",
			"no job is run that could be on record" },
		{ o->shuffle, "--shuf", "the order would be another one each time; "
			"keep what shuf prints in a file" },
		{ o->as_many, "-X", "how many records fit depends on -j and the environment; use -n" },
		{ o->nfrom > 1, "several --from", "they are merged as they come, in another order "
			"each time; use :::: or cat" },
		{ o->dry_run, "--dry-run", "nothing would be run, and all be on record as done" },
		{ o->overflow != OVERFLOW_BLOCK, "--overflow", "what is dropped would be neither done nor "
			"left; a list waits" },
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (wrong[i].given)
			msg_die(2, "%s with %s: %s", name, wrong[i].name, wrong[i].reason);
}

void check_journal(struct options *o)
{
	if (!o->journal)
		return;
	check_again(o, "--journal");
	if (o->output == OUTPUT_UNGROUP)
		msg_die(2, "--journal with -u: pq does not see when the output of a job is written; use "
			"--line-buffer");
	if (o->outfile && o->output == OUTPUT_LINE)
		msg_die(2, "--journal with -o and --line-buffer: the file is in input order; leave out "
			"--line-buffer");
	if (o->outfile)
		o->ordered = true;
}

void set_resume(const struct given *g)
{
	g->o->resume = true;
}

void set_resume_failed(const struct given *g)
{
	g->o->resume = g->o->resume_failed = true;
}

void check_resume(struct options *o)
{
	const char *name = o->resume_failed ? "--resume-failed" : "--resume";

	if (!o->resume)
		return;
	check_again(o, name);
	if (!o->joblog)
		msg_die(2, "%s without --joblog: there is no record of what is done; add --joblog FILE",
			name);
	if (o->journal)
		msg_die(2, "%s with --journal: that goes on by itself; leave one out", name);
	if (o->outfile)
		msg_die(2, "%s with -o: it is emptied first; use --journal, which goes on with it", name);
	o->joblog_append = true;
}

void set_retry_failed(const struct given *g)
{
	g->o->retry_failed = true;
}

/* Has any text holes, beside the command? */
static bool has_templates(const struct options *o)
{
	return o->tag || o->priority || o->key || o->rate_key || o->results;
}

/* Commands and their numbers are those of the log, and nothing else is read. */
void check_retry_failed(struct options *o)
{
	static const char unread[] = "the commands are in the job log, and no input is read; leave "
		"it out, or use --resume-failed";
	const struct { bool given; const char *name, *reason; } wrong[] = {
		{ o->resume, "--resume or --resume-failed", "they read the list again; leave one out" },
		{ o->ncommand > 0, "a command", unread }, { o->nexpressions > 0, "-e", unread },
		{ o->nfrom > 0, "--from", unread }, { o->ninputs > 0, "input (:::, ::::, -a)", unread },
		{ o->pipe, "--pipe", unread }, { o->content, "--content", unread },
		{ o->max_args > 0, "-n", unread }, { o->as_many, "-X", unread },
		{ o->end != NULL, "-E", unread }, { o->skip_first, "--skip-first-line", unread },
		{ o->shuffle, "--shuf", unread }, { o->colsep != NULL, "--colsep", unread },
		{ o->csv, "--csv", unread }, { o->header, "--header", unread },
		{ o->regex != NULL, "--regex", unread }, { o->jsonl, "--jsonl", unread },
		{ o->trim >= 0, "--trim", unread }, { o->validate != NULL, "--validate", unread },
		{ o->unique, "--unique", unread },
		{ o->for_input != NULL, o->for_input, unread },
		{ o->for_pipe != NULL, o->for_pipe, unread },
		{ strcmp(o->braces, "{}") != 0 && !has_templates(o), "-I", "a command of the job log "
			"has its item in it; leave it out" },
		{ o->shell == SHELL_NEVER, "--no-shell", "a job log has lines for the shell" },
		{ o->overflow != OVERFLOW_BLOCK, "--overflow", "what is dropped would stay failed; the "
			"job log waits" },
		{ o->dry_run, "--dry-run", "nothing would be run, and all be on record as done" },
		{ o->journal != NULL, "--journal", "that goes on by itself; leave one out" },
		{ o->dead_letter != NULL, "--dead-letter", "what fails again is in the job log" },
		{ o->outfile != NULL, "-o", "it is emptied first; use >>FILE" },
	};

	if (!o->retry_failed)
		return;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (wrong[i].given)
			msg_die(2, "--retry-failed with %s: %s", wrong[i].name, wrong[i].reason);
	if (!o->joblog)
		msg_die(2, "--retry-failed without --joblog: there is no record of what has failed; "
			"add --joblog FILE");
	o->joblog_append = true;
}

/* A line of the meaning, if there is a value. */
static void mean(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(b, "%s ", name);
	msg_quote(b, value, strlen(value), SIZE_MAX);
	buf_addc(b, '\n');
}

static void mean_number(struct buf *b, const char *name, uint64_t value, bool given)
{
	if (given)
		buf_addf(b, "%s %llu\n", name, (unsigned long long)value);
}

static void mean_command(const struct options *o, struct buf *b)
{
	buf_adds(b, "command");
	for (size_t i = 0; i < o->ncommand; i++) {
		buf_addc(b, ' ');
		msg_quote(b, o->command[i], strlen(o->command[i]), SIZE_MAX);
	}
	buf_addc(b, '\n');
	mean(b, "shell", o->shell == SHELL_ALWAYS ? "-c" : o->shell == SHELL_NEVER ? "--no-shell"
		: "as needed");
	mean(b, "-I", o->braces);
	for (size_t i = 0; i < o->nexpressions; i++)
		mean(b, o->expressions[i].file ? "-f" : "-e", o->expressions[i].file
			? o->expressions[i].file : o->expressions[i].text);
}

void options_meaning(const struct options *o, const char *outfile, struct buf *b)
{
	const char separator[] = { o->separator, '\0' };

	mean_command(o, b);
	mean(b, "separator", separator);
	mean_number(b, "-n", o->max_args, o->max_args);
	mean(b, "--colsep", o->colsep);
	mean_number(b, "--csv", 1, o->csv);
	mean_number(b, "--header", 1, o->header);
	mean(b, "--regex", o->regex);
	mean(b, "--validate", o->validate);
	mean_number(b, "--content", 1, o->content);
	mean_number(b, "--pipe in bytes", o->block, o->pipe);
	mean(b, "--recstart", o->recstart.data);
	mean(b, "--recend", o->pipe ? o->recend.data : NULL);
	mean(b, "--unique", o->unique ? o->unique_key ? o->unique_key : "" : NULL);
	mean(b, "--tag", o->tag);
	mean_number(b, "--jsonl", 1, o->jsonl);
	mean_number(b, "--json", 1, o->json);
	mean(b, "--results", o->results);
	mean(b, "order", o->ordered ? "of the input (-k, -o)" : "as they end");
	mean(b, "-o", outfile);
}
