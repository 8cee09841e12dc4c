/* GNU parallel's --semaphore. See gnu_semaphore.h. */
#include "options/gnu_semaphore.h"

#include <string.h>
#include <unistd.h>

#include "action/template/quote.h"
#include "base/buf.h"
#include "base/msg.h"
#include "base/parse.h"
#include "options/names.h"
#include "options/table.h"
#include "options/value.h"

void set_gnu_semaphore(const struct given *g, struct options *o)
{
	(void)g;
	o->semaphore.asked = true;
}

void set_gnu_foreground(const struct given *g, struct options *o)
{
	set_gnu_semaphore(g, o);
	o->semaphore.foreground = true;
}

void set_gnu_wait(const struct given *g, struct options *o)
{
	set_gnu_semaphore(g, o);
	o->semaphore.waits = true;
}

void set_gnu_semaphore_id(const struct given *g, struct options *o)
{
	set_gnu_semaphore(g, o);
	o->semaphore.id = g->value;
}

/* Less than 0: the same time, and then it is given up. */
void set_gnu_semaphore_timeout(const struct given *g, struct options *o)
{
	set_gnu_semaphore(g, o);
	o->semaphore.gives_up = *g->value == '-';
	if (!parse_time(g->value + o->semaphore.gives_up, &o->semaphore.timeout))
		value_refuse(g, "is no time; try 10, or -10 to give up then");
}

/* --- what does not go with it -------------------------------------------- */

static const struct {
	const char *options, *reason, *instead;
} gnu_semaphore_refused[] = {
	{ "-a", "there is no list; the command reads what stands on stdin", "use <FILE" },
	{ "-0 -d -n -N -m --xargs -X -L -l -C -I -i -E -e -r --from --content --block --recstart "
	  "--recend --csv --header --regex --jsonl --validate --trim --skip-first-line --skip-lines "
	  "--comment --shuf --shard --order-by --unique --link --follow --stats --admin --priority "
	  "--key --halt --deliver --match --topic --weight --next --persistent --expression "
	  "--in-place --rpl --plus --rate --delay",
	  "one command is run as it stands, and there is no list", "leave it out" },
	{ "--journal --resume --resume-failed --retry-failed", "one command is no list to go on with",
	  "leave it out" },
	{ "--to -o", "it would wait for no slot", "let the command write there" },
	{ "--jobserver", "one command has nobody to share with", "leave it out" },
};

static void gnu_semaphore_refuse(const struct options *o)
{
	for (size_t i = 0; i < sizeof gnu_semaphore_refused / sizeof *gnu_semaphore_refused; i++) {
		const char *list = gnu_semaphore_refused[i].options, *word;
		const struct option_note *note;
		size_t len;

		while ((word = options_word(&list, &len)))
			if ((note = options_note(o, o->sections, word, len)))
				msg_die(2, "%s with --semaphore: %s; %s", note->name,
					gnu_semaphore_refused[i].reason, gnu_semaphore_refused[i].instead);
	}
	if (o->ninputs)
		msg_die(2, "::: with --semaphore: one command is run, and there is no list; quote what "
			"is a command of its own: 'parallel ... ::: ...'");
	if (o->semaphore.foreground && options_note(o, o->sections, "--bg", 4))
		msg_die(2, "--fg with --bg: it waits for the command or does not; leave one out");
	if (!o->semaphore.foreground && options_note(o, o->sections, "--tty", 5))
		msg_die(2, "--tty without --fg: a command in the background has no terminal; add --fg");
	if (o->semaphore.waits && o->sections->ncommand)
		msg_die(2, "--wait with a command: it runs none, and waits for those that run; "
			"leave one out");
	if (!o->semaphore.waits && !o->sections->ncommand)
		msg_die(2, "--semaphore without a command: there is nothing to be run; try "
			"sem --id NAME 'COMMAND', or --wait for all that run");
}

/* --- the command --------------------------------------------------------- */

/* Its words with blanks between them; those that are to stay as they are are quoted. */
static char *gnu_semaphore_line(const struct options *o)
{
	const struct section *s = o->sections;
	struct buf line = { 0 };

	for (size_t i = 0; i < s->ncommand; i++) {
		buf_adds(&line, i ? " " : "");
		if (o->quoted)
			quote_word(&line, s->command[i], strlen(s->command[i]));
		else
			buf_adds(&line, s->command[i]);
	}
	buf_adds(&line, o->quoted ? "" : " "); /* as it is shown there */
	buf_addc(&line, '\0');
	return line.data;
}

/* --pipe says what is so without it: the command reads what stands on stdin. */
static void gnu_semaphore_drop_pipe(struct options *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->nnotes; i++)
		if (o->notes[i].row != options_find("--pipe"))
			o->notes[kept++] = o->notes[i];
	o->nnotes = kept;
	o->pipe = false;
}

/* As GNU parallel shows it: a command that does nothing, when all others have ended. */
static _Noreturn void gnu_semaphore_show_wait(void)
{
	struct buf line = { 0 };

	buf_adds(&line, "true \n");
	options_print(&line);
}

void gnu_semaphore_finish(struct options *o)
{
	struct section *s = o->sections;

	if (!o->semaphore.asked)
		return;
	gnu_semaphore_refuse(o);
	if (o->semaphore.waits && o->dry_run)
		gnu_semaphore_show_wait();
	gnu_semaphore_drop_pipe(o);
	o->semaphore.jobs = options_has_jobs(o) ? s->jobs
		: (struct jobs_rule){ .kind = JOBS_COUNT, .amount = 1 };
	if (s->jobs.kind != JOBS_FILE) /* which is looked at where all of them are */
		s->jobs = (struct jobs_rule){ .kind = JOBS_COUNT, .amount = 1 };
	s->range = false;
	o->semaphore.line = *o->semaphore.lines = gnu_semaphore_line(o);
	s->ncommand = 0;
	value_add_input(o, (struct input){ .words = o->semaphore.lines, .count = 1 });
	o->stdin_lent = !ttyname(STDIN_FILENO); /* it would be stopped there for ever */
	o->halt = (struct halt_rule){ .when = HALT_SOON, .why = HALT_FAIL, .amount = 1 };
}
