/* Those options of GNU parallel that print something and end. Main thread. */
#include "options/gnu_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/machine.h"
#include "base/msg.h"
#include "options/set.h"
#include "options/value.h"
#include "config.h"

#define GNU_VERSION "20221122"

static _Noreturn void gnu_print(const char *line)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s\n", line);
	options_print(&b);
}

static _Noreturn void gnu_print_number(size_t n)
{
	struct buf b = { 0 };

	buf_addf(&b, "%zu\n", n);
	options_print(&b);
}

/* Those that only talk of it. What stands on stdin is an answer, and no list. */
void set_gnu_citation(const struct given *g, struct options *o)
{
	(void)g;
	(void)o;
	gnu_print("pq asks for no citation; where GNU parallel has done the work, cite that");
}

/* Scripts look for a number, and some for the name. */
void set_gnu_version(const struct given *g, struct options *o)
{
	(void)g;
	(void)o;
	gnu_print("pq " PQ_VERSION ", in place of GNU parallel " GNU_VERSION);
}

void set_gnu_least(const struct given *g, struct options *o)
{
	(void)o;
	if (strcmp(g->value, "0") != 0 && value_number(g) > strtoull(GNU_VERSION, NULL, 10))
		value_refuse(g, "is newer than what pq stands in for, GNU parallel " GNU_VERSION);
	gnu_print(GNU_VERSION);
}

/* What pq's own help says holds as far as a name does not mean another thing there. */
void set_gnu_help(const struct given *g, struct options *o)
{
	static const char line[] = "pq in place of GNU parallel: its command lines are read as there, "
		"pq-parallel(7).\n";

	if (!g->value && !io_write(STDOUT_FILENO, line, sizeof line - 1))
		msg_die(74, "cannot write to standard output: %s", strerror(errno));
	set_help(&(struct given){ o, g->row, g->name, g->value, NULL }, o);
}

/* There is nothing to be recorded: jobs get all of the environment. */
void set_gnu_record(const struct given *g, struct options *o)
{
	(void)g;
	(void)o;
	exit(0);
}

/* What it calls CPUs are cores, too. */
void set_gnu_machine(const struct given *g, struct options *o)
{
	(void)o;
	if (strstr(g->name, "threads"))
		gnu_print_number(machine_processors());
	if (strstr(g->name, "sockets"))
		gnu_print_number(machine_parts(MACHINE_SOCKETS));
	if (strstr(g->name, "length"))
		gnu_print_number(machine_longest_argument());
	gnu_print_number(machine_parts(MACHINE_CORES));
}
