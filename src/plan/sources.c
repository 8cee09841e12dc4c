/* The sources of a run. See plan/sources.h. */
#include "plan/sources.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/status.h"
#include "broker/consumer.h"
#include "desk/columns.h"
#include "options/options.h"
#include "policy/retry.h"
#include "source/parts.h"
#include "source/rows.h"
#include "source/source.h"
#include "source/spread.h"
#include "view/prompt.h"
#include "workers/capacity.h"

/* A job log whose commands are the items is that of one section. */
static unsigned plan_no_section(const void *ctx, const char *name, size_t len)
{
	(void)ctx;
	(void)name;
	(void)len;
	return 0;
}

static bool plan_is_done(const void *ctx, unsigned section, const struct outcome *o)
{
	(void)section;
	return retry_is_done(&((const struct section *)ctx)->retry, o);
}

/* Of what is claimed from a queue the first section says how it is done. */
static struct consumer_rules queue_rules(const struct options *o)
{
	const struct section *first = o->sections;

	return (struct consumer_rules){ .broker = { .use = BROKER_CONSUMES,
			.lease = o->lease / CLOCK_MS, .poison = first->retry.poison,
			.keep = { o->keep_count, o->keep_time / CLOCK_MS }, .durable = o->durable },
		.ahead = first->persistent ? 0 : first->prefetch,
		.together = o->max_args < UINT_MAX ? (unsigned)o->max_args : UINT_MAX,
		.give_up = o->give_up, .follow = o->follow };
}

/* The stream that jobs read together, and with --tee the list of their values. */
static struct spread *plan_spread(const struct options *o, const struct source_rules *rules,
	unsigned jobs)
{
	struct source_rules of_list = *rules;
	struct input *values = mem_zero((o->ninputs + 1) * sizeof *values);
	struct spread_rules spread = { .way = o->spread, .jobs = jobs, .dry = o->dry_run,
		.key = { o->key_column, o->key_name, o->key_separator, '\n' },
		.block = rules->blocks->cutter.block };
	const char *stream = "-";
	struct spread *made = NULL;
	size_t count = 0;

	of_list.blocks = NULL;
	for (size_t i = 0; i < o->ninputs; i++) {
		if (o->inputs[i].stream || o->spread != SPREAD_ALL)
			stream = o->inputs[i].file;
		else
			values[count++] = o->inputs[i];
	}
	if (o->spread == SPREAD_ALL)
		spread.list = source_inputs(values, count, &of_list);
	if (spread.list && spread.list->total > jobs)
		msg_die(STATUS_USAGE, "--tee with -j %u: all %llu jobs read at the same time; try -j0",
			jobs, (unsigned long long)spread.list->total);
	free(values);
	if (o->spread != SPREAD_ALL || spread.list)
		spread.stream = source_open(stream, rules);
	if (spread.stream && !(made = spread_new(&spread)))
		msg_die(STATUS_CANNOT, "cannot make a pipe: %s", strerror(errno));
	return made;
}

/* Likewise, where each reads a part of a file. */
static struct parts *plan_parts(const struct options *o, const struct block_rules *blocks)
{
	const char **files = mem_zero((o->ninputs + 1) * sizeof *files);
	struct parts *parts;

	for (size_t i = 0; i < o->ninputs; i++)
		files[i] = o->inputs[i].file;
	parts = parts_new(&(struct parts_rules){ files, o->ninputs, blocks });
	free(files);
	return parts;
}

/* One source that gives its jobs what they read. */
static struct source *plan_fed(const struct options *o, const struct source_rules *rules,
	const struct plan_streams *to)
{
	if (o->spread == SPREAD_PARTS) {
		*to->parts = plan_parts(o, rules->blocks);
		return *to->parts ? parts_source(*to->parts) : NULL;
	}
	*to->spread = plan_spread(o, rules, to->jobs);
	return *to->spread ? spread_source(*to->spread) : NULL;
}

struct source **plan_sources(const struct options *o, const struct block_rules *blocks,
	const struct plan_streams *streams, size_t *count)
{
	struct consumer_rules queue = queue_rules(o);
	struct source_rules rules = { .separator = o->separator, .max_item = o->max_item,
		.delimiter = o->delimiter.data, .delimiter_len = o->delimiter.len,
		.cut_words = o->cuts_words, .continues = o->continues,
		.link = o->link, .runs = capacity_run_size(o), .skip = o->skip_first ? 1 : o->skip_lines,
		.skip_lines = o->skip_lines, .comment = o->comment,
		.skip_blank = o->skip_blank || o->jsonl, .end = o->end, .header = o->header,
		.text = o->csv || o->colsep || o->header || !capacity_run_size(o),
		.csv = o->csv, .lines = o->csv_strict,
		.column = ',', .lax = o->csv_lax, .blocks = o->pipe ? blocks : NULL,
		.follow = o->follow, .strict = o->journal || o->resume,
		.counted = o->progress, .groups = o->nsections > 1, .queue = &queue };
	struct input standard = { .file = "-" };
	bool asked;
	struct source **sources = mem_zero((o->nfrom + 1) * sizeof *sources);

	if (o->csv && o->colsep)
		columns_byte(o->colsep, &rules.column);
	if (options_read_input(o, &asked)) {
		if ((o->tty || o->asks) && prompt_is_terminal())
			msg_die(STATUS_USAGE, "%s: items would be read from the terminal, which is for the "
				"%s; ::: gives them as arguments", o->tty ? "--tty" : "-p",
				o->tty ? "jobs" : "answers");
		prompt_input(asked);
	}
	*count = o->nfrom ? o->nfrom : 1;
	for (size_t i = 0; i < o->nfrom; i++)
		sources[i] = o->from[i].queue ? source_queue(o->from[i].queue, &rules)
			: source_open(o->from[i].path, &rules);
	if (o->retry_failed)
		sources[0] = source_failed(o->joblog,
			&(struct rows_rules){ .section = plan_no_section, .done = plan_is_done,
				.ctx = o->sections });
	else if (o->spread)
		sources[0] = plan_fed(o, &rules, streams);
	else if (!o->nfrom && o->pipe)
		sources[0] = source_open(o->ninputs ? o->inputs[0].file : "-", &rules);
	else if (!o->nfrom)
		sources[0] = o->ninputs ? source_inputs(o->inputs, o->ninputs, &rules)
			: source_inputs(&standard, 1, &rules);
	for (size_t i = 0; i < *count; i++)
		if (!sources[i])
			_exit(status_said(STATUS_INPUT)); /* it has been told; nothing was started */
	return sources;
}
