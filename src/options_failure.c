/* What the values of the options about failure mean. Main thread, before anything is
 * started. */
#include "options_table.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/msg.h"
#include "base/parse.h"

void set_retries(const struct given *g)
{
	uint64_t n;

	if (!parse_count(g->value, &n) || n == 0 || n > UINT_MAX)
		options_refuse(g, "is no number of attempts; 3 means that two may fail");
	g->o->retry.attempts = (unsigned)n;
}

static void set_outcomes(const struct given *g, struct outcome_set *set)
{
	if (!retry_parse(g->value, set))
		options_refuse(g, "is no list of outcomes; try 1,3-5,KILL,timeout");
}

void set_ack_on(const struct given *g)
{
	set_outcomes(g, &g->o->retry.ack);
}

void set_retry_on(const struct given *g)
{
	set_outcomes(g, &g->o->retry.retry);
}

void set_reject_on(const struct given *g)
{
	set_outcomes(g, &g->o->retry.reject);
}

void set_dead_letter(const struct given *g)
{
	g->o->dead_letter = options_new_file(g);
}

void set_halt(const struct given *g)
{
	if (!halt_parse(g->value, &g->o->halt))
		options_refuse(g, "is no rule; try now,fail=1 or soon,fail=10%");
}

static bool is_same(const struct stat *a, const char *name)
{
	struct stat b;
	bool found = strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &b) == 0 : stat(name, &b) == 0;

	return found && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

const char *options_same_input(const struct options *o, const struct stat *st)
{
	for (size_t i = 0; i < o->nfrom; i++)
		if (is_same(st, o->from[i]))
			return o->from[i];
	for (size_t i = 0; i < o->ninputs; i++)
		if (o->inputs[i].file && is_same(st, o->inputs[i].file))
			return o->inputs[i].file;
	return !o->nfrom && !o->ninputs && is_same(st, "-") ? "-" : NULL;
}

/* Two that write to one file would write over each other; it may yet have to be made. */
static void check_outputs(const struct options *o)
{
	const struct { const char *option, *file; } others[] = {
		{ "--joblog", o->joblog }, { "-o", o->outfile }, { "--results", o->results },
	};
	struct stat st;
	bool there = stat(o->dead_letter, &st) == 0;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		const char *file = others[i].file;

		if (!file || (there && !S_ISREG(st.st_mode)))
			continue;
		if (strcmp(file, o->dead_letter) == 0 || (there && is_same(&st, file)))
			msg_die(2, "--dead-letter %s: it is the file of %s, too; write to another "
				"file", o->dead_letter, others[i].option);
	}
}

/* What is rejected would be read again and again. */
void options_check_dead_letter(const struct options *o)
{
	const char *input;
	struct stat st;

	if (!o->dead_letter)
		return;
	check_outputs(o);
	if (stat(o->dead_letter, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	input = options_same_input(o, &st);
	if (input)
		msg_die(2, "--dead-letter %s: it is read in the same run (%s); write to another file, "
			"and move it there when the run has ended", o->dead_letter,
			strcmp(input, "-") == 0 ? "standard input" : input);
	if (io_is_output(&st))
		msg_die(2, "--dead-letter %s: it is the standard output of the run, too; write to "
			"another file", o->dead_letter);
}
