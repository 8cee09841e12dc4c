/* pq: a parallel queue for the shell. Options become a plan, the plan a pipeline, and its
 * ending the exit status. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action/run/ask.h"
#include "action/run/environment.h"
#include "action/run/foreground.h"
#include "action/run/spawn.h"
#include "base/color.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/random.h"
#include "base/status.h"
#include "broker/look.h"
#include "broker/manage.h"
#include "desk/columns.h"
#include "desk/order.h"
#include "init.h"
#include "options/gnu.h"
#include "options/options.h"
#include "pipeline.h"
#include "plan/plan.h"
#include "record/record.h"
#include "record/times.h"
#include "base/signals.h"
#include "sem/sem.h"
#include "sink/outfile.h"
#include "view/prompt.h"
#include "workers/capacity.h"
#include "workers/jobserver.h"

static void main_prepare(const struct options *o)
{
	if (!spawn_prepare(signals_original(), signals_chld_ignored()))
		msg_die(STATUS_CANNOT, "cannot open /dev/null: %s", strerror(errno));
	if (o->nice_given && !spawn_nice(o->nice))
		msg_die(STATUS_USAGE, "--nice %d: %s; only root may go below the niceness pq has",
			o->nice, strerror(errno));
	if (o->tty && !foreground_open())
		msg_die(STATUS_USAGE, "--tty: there is no terminal: %s; without --tty jobs have "
			"/dev/null as their input", strerror(errno));
	if (o->shows_limits)
		capacity_tell();
	if (o->asks && !ask_open())
		msg_die(STATUS_USAGE, "-p: there is no terminal to ask on: %s; --dry-run shows the "
			"commands", strerror(errno));
	environment_name_slot(o->slot_variable);
	msg_color(color_shown(o->color, STDERR_FILENO));
	outfile_open(o->outfile); /* before the input, which it cannot be */
}

static struct sem_rules main_sem_rules(const struct options *o)
{
	return (struct sem_rules){ .id = o->semaphore.id, .jobs = &o->semaphore.jobs,
		.patience = o->semaphore.timeout, .gives_up = o->semaphore.gives_up };
}

/* Where a semaphore is asked for, its slot; the process that was called may have gone then.
 * NULL: none is asked for. */
static struct sem *main_take_slot(const struct options *o)
{
	struct sem_rules rules = main_sem_rules(o);
	struct sem *sem;

	if (!o->semaphore.asked || o->dry_run)
		return NULL;
	sem = sem_take(&rules);
	if (!sem)
		_exit(SEM_GIVEN_UP); /* nothing has begun */
	if (!o->semaphore.foreground)
		sem_go_behind(sem);
	return sem;
}

static int run(const struct options *o, struct jobserver *jobserver)
{
	const struct template **commands; /* of the sections */
	struct times *times;
	struct plan plan;
	struct sem *sem;
	struct ending end;

	main_prepare(o);
	plan_make(&plan, o);
	sem = main_take_slot(o);
	plan.besides = sem_besides(sem);
	plan.jobserver = jobserver;
	commands = mem_zero(plan.nsections * sizeof *commands);
	for (size_t i = 0; i < plan.nsections; i++)
		commands[i] = plan.sections[i].command;
	times = times_open(o, commands); /* before its file may become the job log of this run */
	if (times)
		plan.order = order_new(&(struct order_rules){ .took = times_of,
			.strange = times_strange, .ctx = times, .apart = o->ordered });
	else if (plan.reads_all)
		plan.order = order_new(&(struct order_rules){ 0 });
	plan.record = record_open(o, commands);
	outfile_begin(record_offset(plan.record));
	if (!record_run_id(plan.record, plan.run_id))
		random_hex(plan.run_id, RUN_ID);
	end = pipeline_run(&plan);
	sem_give(sem);
	if (plan.columns)
		columns_tell(plan.columns);
	msg_finish();
	times_free(times);
	free(commands);
	plan_free(&plan);
	if (status_dies(end.signal))
		signals_die(end.signal);
	return status_of(&end);
}

/* Instead of a run. */
static int main_look(const struct options *o)
{
	const struct look_rules rules = { .queue = o->stats, .json = o->json, .watch = o->watch,
		.live = prompt_can_redraw(STDOUT_FILENO), .give_up = o->give_up };
	int status = o->stats ? look(&rules)
		: manage(o->admin, o->sections[0].command, o->sections[0].ncommand);

	msg_finish();
	if (status == LOOK_UNREAD)
		signals_die(SIGPIPE);
	return status;
}

static int main_wait(const struct options *o)
{
	struct sem_rules rules = main_sem_rules(o);

	return sem_wait_for_all(&rules) ? STATUS_DONE : SEM_GIVEN_UP;
}

int main(int argc, char **argv)
{
	struct jobserver *jobserver;
	struct options options;
	int status;

	if (gnu_is_asked(argv))
		status_speak_gnu();
	mem_refused_by(msg_no_memory);
	init_first_process(argv);
	io_settle_descriptors();
	jobserver = jobserver_find();
	signals_open();
	signals_pass(true); /* a FIFO may have to be waited for, wherever a file is opened */
	if (argc < 2 && prompt_is_terminal())
		options_help();
	options_parse(&options, argc, argv);
	jobserver = jobserver_choose(jobserver, &options);
	if (options.semaphore.waits)
		status = main_wait(&options);
	else
		status = options.stats || options.admin ? main_look(&options)
			: run(&options, jobserver);
	options_free(&options);
	return status;
}
