/* The action that runs a command. See command.h. */
#include "action/run/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action/action.h"
#include "action/run/ask.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/msg.h"
#include "action/run/copies.h"
#include "action/run/environment.h"
#include "action/run/input.h"
#include "item.h"
#include "action/run/output.h"
#include "action/run/place.h"
#include "action/run/process.h"
#include "action/run/program.h"
#include "action/run/redirects.h"
#include "action/template/quote.h"
#include "action/template/template.h"

struct command {
	struct action action;
	struct command_rules rules;
	char **base;    /* pq's environment without the variables below */
	size_t nbase;
};

/* What a worker keeps from attempt to attempt. */
struct own {
	struct argv argv;
	char **envp;
	struct buf env;    /* the text of the job's own variables */
	struct buf tag;
	struct buf why;
	struct buf block;  /* the name of the file that has it; empty: none does */
	struct draft name; /* the same, as an item */
	struct buf item;
	const char *program; /* path of what this attempt runs; NULL: to be looked for */
	char *found_name;  /* the last program looked for, and where it was */
	char *found_path;
};

static void *command_enter(struct action *a)
{
	struct command *c = (struct command *)a;
	struct own *own = mem_zero(sizeof *own);

	own->envp = mem_zero((c->nbase + ENVIRONMENT_MOST + 1) * sizeof *own->envp);
	memcpy(own->envp, c->base, c->nbase * sizeof *own->envp);
	return own;
}

static void command_leave(struct action *a, void *state)
{
	struct own *own = state;

	(void)a;
	argv_free(&own->argv);
	buf_free(&own->env);
	buf_free(&own->tag);
	buf_free(&own->why);
	buf_free(&own->block);
	buf_free(&own->item);
	draft_free(&own->name);
	free(own->found_name);
	free(own->found_path);
	free(own->envp);
	free(own);
}

static char **job_environment(const struct command *c, struct own *own,
	const struct attempt *at)
{
	const struct delivery *d = at->delivery;
	unsigned long long seq = d->item->number;
	unsigned slot = at->slot + 1;
	const char *text;
	int count = ENVIRONMENT_NAMES;

	buf_clear(&own->env);
	buf_addf(&own->env, "PQ_SEQ=%llu%cPARALLEL_SEQ=%llu%cPQ_SLOT=%u%cPARALLEL_JOBSLOT=%u%c"
		"PQ_ATTEMPT=%u%cPQ_GROUP=%s%cPQ_ID=", seq, 0, seq, 0, slot, 0, slot, 0,
		d->attempts, 0, c->rules.group, 0);
	item_id(&own->env, d->item, c->rules.run_id, seq);
	buf_addf(&own->env, "%cPQ_SOURCE=%s", 0, d->item->source);
	count += environment_add_slot(&own->env, at->slot);
	text = buf_str(&own->env);
	for (int i = 0; i < count; i++, text += strlen(text) + 1)
		own->envp[c->nbase + i] = own->env.data + (text - own->env.data);
	return own->envp;
}

/* Where the program is. A worker remembers the last one it looked for. */
static int find_program(struct own *own, const char *name, const char **path)
{
	if (!own->found_name || strcmp(own->found_name, name) != 0) {
		char *found = NULL;
		int status = program_find(name, &found, &own->why);

		if (status)
			return status;
		free(own->found_name);
		free(own->found_path);
		own->found_name = mem_copy(name, strlen(name));
		own->found_path = found;
	}
	*path = own->found_path;
	return 0;
}

static void fail(struct delivery *d, struct own *own, int code)
{
	d->result.outcome.how = OUTCOME_NOT_STARTED;
	d->result.outcome.code = code;
	d->result.outcome.started = clock_wall();
	d->result.why = mem_copy(own->why.data, own->why.len);
}

/* Can a line with redirections do without a shell? What cannot be run as it is, a shell may
 * be able to. */
static bool runs_directly(struct own *own)
{
	const char *path;

	return redirects_are_plain(&own->argv.redirects)
		&& (own->program || find_program(own, own->argv.words[0], &path) == 0);
}

static enum expand command_expand(const struct command *c, struct own *own,
	const struct fill *fill)
{
	enum expand status = template_expand(c->rules.template, fill, &own->argv);

	own->program = c->rules.program;
	if (status != EXPAND_OK || !own->argv.redirects.count || c->rules.dry_run
	    || runs_directly(own))
		return status;
	buf_clear(&own->why);
	own->program = NULL;
	return template_expand_for_shell(c->rules.template, fill, &own->argv);
}

/* By -s, and by the system: what is too long in own->why. */
static bool command_is_short(const struct command *c, struct own *own, const struct delivery *d)
{
	size_t length = c->rules.max_shown && d->result.command ? strlen(d->result.command) + 1
		: own->argv.bytes;

	if (c->rules.max_chars && length > c->rules.max_chars)
		buf_addf(&own->why, "a command of %zu bytes; -s allows %zu", length,
			c->rules.max_chars);
	else if (own->argv.longest > machine_longest_argument())
		buf_addf(&own->why, "an argument of %zu bytes; the system takes at most %zu in one; "
			"give it on stdin with --pipe",
			own->argv.longest, machine_longest_argument());
	else
		return true;
	if (c->rules.exits)
		c->rules.no_room(c->rules.ctx);
	return false;
}

/* Expand, and see that the system can take it: what is wrong in own->why. */
static bool prepare(const struct command *c, struct own *own, const struct delivery *d,
	const struct fill *fill)
{
	switch (command_expand(c, own, fill)) {
	case EXPAND_NUL:
		buf_adds(&own->why, "holds a NUL byte, which no argument can; -0 is for "
			"items that end with one");
		return false;
	case EXPAND_NOT_NUMBER:
		buf_adds(&own->why, "is no plain number, and stands inside $(( )) where the "
			"shell would evaluate it");
		return false;
	case EXPAND_NOT_MADE:
		buf_addf(&own->why, "%s ({= =})", own->argv.why);
		return false;
	case EXPAND_OK:
	case EXPAND_EMPTY:
		break;
	}
	return command_is_short(c, own, d);
}

static void show(const struct command *c, struct delivery *d, const struct fill *fill)
{
	struct buf text = { 0 };

	if (c->rules.content) {
		struct value file = item_value(d->item, 0);

		template_show_reading(c->rules.template, fill, file.data, file.len, &text);
	} else {
		template_show(c->rules.template, fill, &text);
	}
	free(d->result.command);
	d->result.command = mem_copy(text.data, text.len);
	buf_free(&text);
}

static void print_command(const struct command *c, const struct delivery *d,
	struct output *output)
{
	struct buf line = { 0 }, quoted = { 0 };

	buf_adds(&line, d->result.command);
	for (unsigned i = 0; i < c->rules.quotings; i++) {
		buf_clear(&quoted);
		quote_gnu(&quoted, buf_str(&line), line.len);
		buf_clear(&line);
		buf_add(&line, quoted.data, quoted.len);
	}
	buf_addc(&line, '\n');
	output_put(output, STREAM_OUT, line.data, line.len);
	buf_free(&line);
	buf_free(&quoted);
}

/* Before anything is run: what it prints must have a place. */
static bool find_place(const struct command *c, struct own *own, struct delivery *d,
	const struct fill *fill)
{
	struct buf path = { 0 };
	bool ok;

	if (!c->rules.place || c->rules.dry_run)
		return true;
	ok = place_make(c->rules.place, fill, &path, &own->why);
	free(d->result.place);
	d->result.place = ok ? mem_copy(path.data, path.len) : NULL;
	buf_free(&path);
	return ok;
}

static int open_terminal(struct buf *why)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		buf_addf(why, "cannot open the terminal: %s", strerror(errno));
	return fd;
}

/* The job's stdin in *in, -1 when it has none; false when it cannot be made. */
static bool open_input(const struct command *c, struct own *own, const struct item *item, int *in)
{
	*in = c->rules.join ? c->rules.join(c->rules.stream, item->seq) : -1;
	if (c->rules.join && *in < 0)
		buf_addf(&own->why, "cannot have a pipe for its stdin: %s", strerror(errno));
	else if (item->run && !c->rules.named)
		*in = input_hold(item->run->bytes.data, item->run->bytes.len, &own->why);
	else if (c->rules.content)
		*in = input_open(item, &own->why);
	else if (c->rules.foreground)
		*in = open_terminal(&own->why);
	else if (c->rules.lends_stdin)
		*in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return !own->why.len;
}

/* Put the block into a file, and let that be the item for all that is said of it. */
static bool command_keep_block(const struct command *c, struct own *own,
	const struct item *item, struct fill *fill)
{
	buf_clear(&own->block);
	if (!c->rules.named || !item->run)
		return true;
	if (c->rules.dry_run)
		buf_adds(&own->block, "$PARALLEL_TMP");
	else if (!input_keep(item->run->bytes.data, item->run->bytes.len, &own->block, &own->why)) {
		buf_clear(&own->block);
		return false;
	}
	draft_clear(&own->name);
	draft_add(&own->name, own->block.data, own->block.len);
	own->name.number = item->number;
	own->name.source = item->source;
	fill->item = item_preview(&own->item, &own->name, 0);
	fill->variable = c->rules.dry_run;
	return true;
}

static void command_drop_block(const struct command *c, struct own *own)
{
	if (own->block.len && !c->rules.dry_run)
		unlink(buf_str(&own->block));
}

static void run_process(const struct command *c, struct own *own, const struct attempt *at)
{
	struct delivery *d = at->delivery;
	struct process_order order = {
		.path = own->program, .argv = own->argv.words, .slot = at->entry,
		.redirects = own->argv.redirects, .foreground = c->rules.foreground,
		.term = c->rules.term, .timeout = c->rules.timeout,
	};
	struct fill fill = { .item = d->item, .slot = at->slot + 1 };
	enum process_end end;
	int status = 0;

	if (!order.path)
		status = find_program(own, own->argv.words[0], &order.path);
	if (!status && !(copies_write(c->rules.copies, c->rules.ncopies, &fill, &own->why)
			&& open_input(c, own, d->item, &order.in)))
		status = 126;
	if (status) {
		fail(d, own, status);
		return;
	}
	order.envp = job_environment(c, own, at);
	end = process_run(&order, at->output, &d->result.outcome, &own->why);
	if (c->rules.cleans)
		copies_remove(c->rules.copies, c->rules.ncopies, &fill);
	if (end != PROCESS_DONE)
		d->result.why = mem_copy(own->why.data, own->why.len);
	if (end == PROCESS_NO_ROOM || (end == PROCESS_TOO_LONG && c->rules.exits))
		c->rules.no_room(c->rules.ctx);
}

/* Is it to be run, by whoever is asked? If not it has come to its end here: what nobody wants
 * is done, without a job. */
static bool command_is_wanted(const struct command *c, struct delivery *d)
{
	enum answer_given answer = c->rules.asks
		? ask_about(d->result.command, c->rules.in_vain, c->rules.ctx) : ANSWER_YES;

	if (answer == ANSWER_YES)
		return true;
	d->result.outcome = (struct outcome){
		.how = answer == ANSWER_NO ? OUTCOME_EXIT : OUTCOME_STOPPED,
		.started = answer == ANSWER_NO ? clock_wall() : 0 };
	return false;
}

static void command_run(struct action *a, void *state, const struct attempt *at)
{
	struct command *c = (struct command *)a;
	struct own *own = state;
	struct delivery *d = at->delivery;
	struct fill fill = { .item = d->item, .slot = at->slot + 1 };
	bool kept;

	buf_clear(&own->why);
	buf_clear(&own->tag);
	kept = command_keep_block(c, own, d->item, &fill);
	if (c->rules.tag)
		template_fill(c->rules.tag, &fill, &own->tag);
	output_begin(at->output, d, at->live, c->rules.tag ? &own->tag : NULL);
	if (c->rules.show && kept)
		show(c, d, &fill);
	if (!kept || !prepare(c, own, d, &fill) || !find_place(c, own, d, &fill)) {
		fail(d, own, 126);
	} else if (command_is_wanted(c, d)) {
		if (c->rules.starting)
			c->rules.starting(c->rules.ctx, d);
		if (c->rules.dry_run || c->rules.announces)
			print_command(c, d, at->output);
		if (c->rules.dry_run)
			d->result.outcome = (struct outcome){ .how = OUTCOME_EXIT };
		else if (own->argv.count && !c->rules.discards)
			run_process(c, own, at);
		else /* or an item that is an empty shell line: nothing to do, done well */
			d->result.outcome = (struct outcome){ .how = OUTCOME_EXIT,
				.started = clock_wall() };
	}
	output_end(at->output);
	command_drop_block(c, own);
	if (c->rules.leave)
		c->rules.leave(c->rules.stream, d->item->seq);
}

static void command_free(struct action *a)
{
	free(((struct command *)a)->base);
	free(a);
}

struct action *command_new(const struct command_rules *rules)
{
	struct command *c = mem_zero(sizeof *c);

	c->action = (struct action){ .enter = command_enter, .run = command_run,
		.leave = command_leave, .free = command_free };
	c->rules = *rules;
	c->base = environment_others(&c->nbase);
	return &c->action;
}
