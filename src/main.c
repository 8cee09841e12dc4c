/* pq: a parallel queue for the shell. Options become parts, parts a pipeline,
 * and its ending the exit status. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/template/names.h"
#include "action/run/program.h"
#include "action/run/spawn.h"
#include "action/template/template.h"
#include "action/transform/transform.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/random.h"
#include "workers/capacity.h"
#include "desk/columns.h"
#include "desk/header.h"
#include "init.h"
#include "options/options.h"
#include "sink/outfile.h"
#include "pipeline.h"
#include "plan.h"
#include "policy/retry.h"
#include "record/record.h"
#include "signals.h"
#include "source/cutter.h"
#include "source/source.h"
#include "status.h"
#include "view/results.h"

/* Everything that becomes a plan, to be freed after the run. */
struct parts {
	struct transform *transform;
	struct columns *columns;
	struct names names;        /* of columns, where they have some */
	struct template *command;
	struct template *tag, *place, *unique, *priority, *key, *rate_key; /* NULL: not given */
	char *program;
	struct source **sources;
	size_t nsources;
};

static struct template_rules rules_of(const struct options *o, const struct names *names)
{
	return (struct template_rules){ .shell = o->shell, .braces = o->braces, .names = names,
		.repeat_words = o->as_many, .bare = o->content || o->pipe,
		.logged = o->retry_failed };
}

static struct template *make_command(const struct options *o, const struct names *names)
{
	struct template_rules rules = rules_of(o, names);
	struct buf why = { 0 };
	struct template *t = NULL;

	if (template_check(o->command, o->ncommand, &rules, false, &why))
		t = template_command(o->command, o->ncommand, &rules, &why);
	if (!t)
		msg_die(STATUS_USAGE, "%s", buf_str(&why));
	buf_free(&why);
	return t;
}

/* While no name is known, anything in braces may be one; what cannot be a command then
 * may be one all the same if they are none. */
static struct template *make_command_early(const struct options *o)
{
	struct names any = { .any = true };
	struct template_rules rules = rules_of(o, &any);
	struct buf why = { 0 };
	struct template *t = template_command(o->command, o->ncommand, &rules, &why);

	buf_free(&why);
	return t ? t : make_command(o, NULL);
}

/* A template that is no command, of this option; NULL when it was not given. */
static struct template *make_text(const struct options *o, const struct names *names,
	const char *option, const char *text)
{
	struct template_rules rules = rules_of(o, names);
	char *words[] = { (char *)text };
	struct buf why = { 0 };

	if (!text)
		return NULL;
	if (!template_check(words, 1, &rules, true, &why))
		msg_die(STATUS_USAGE, "%s: %s", option, buf_str(&why));
	return template_text(text, &rules);
}

/* One that is filled in before the item has a worker. */
static struct template *make_early_text(const struct options *o, const struct names *names,
	const char *option, const char *text)
{
	struct template *t = make_text(o, names, option, text);

	if (t && template_has_slot(t))
		msg_die(STATUS_USAGE, "{%%} in %s: an item gets its slot only when it starts",
			option);
	return t;
}

/* One that is compared between items: where nothing of them is in it all are alike. */
static struct template *make_key(const struct options *o, const struct names *names,
	const char *option, const char *text)
{
	struct template *key = make_early_text(o, names, option, text);

	if (key && !template_has_hole(key))
		msg_die(STATUS_USAGE, "%s: '%s' is the same for every item; try {1}", option, text);
	return key;
}

static struct template *make_unique(const struct options *o, const struct names *names)
{
	struct template *key = make_text(o, names, "--unique", o->unique_key);

	if (key && !template_has_item(key))
		msg_die(STATUS_USAGE, "--unique=%s: nothing of the item is in this key, so all items "
			"would have the same; try --unique, or --unique={1}", o->unique_key);
	return key;
}

/* --results: without a replacement string, or as a table, it is the same for all. */
static struct template *make_place(const struct options *o, const struct names *names)
{
	struct template *t;

	if (!o->results || results_is_table(o->results))
		return NULL;
	t = make_text(o, names, "--results", o->results);
	if (o->pipe && (!template_has_hole(t) || template_has_item(t)))
		msg_die(STATUS_USAGE, "--results %s with --pipe: a block of records is no name; "
			"try --results 'DIR/{#}/'", o->results);
	if (template_has_hole(t))
		return t;
	template_free(t);
	return NULL;
}

static void make_texts(struct parts *parts, const struct options *o, const struct names *names)
{
	parts->tag = make_text(o, names, "--tagstring", o->tag);
	parts->place = make_place(o, names);
	parts->unique = make_unique(o, names);
	parts->priority = make_key(o, names, "--priority", o->priority);
	parts->key = make_key(o, names, "--key", o->key);
	parts->rate_key = make_key(o, names, "--rate-key", o->rate_key);
}

/* What cannot run is said before any input is read. */
static char *find_command(const struct template *t)
{
	const char *name = template_program(t);
	struct buf why = { 0 };
	char *path = NULL;
	int status;

	if (!name)
		return NULL;
	status = program_find(name, &path, &why);
	if (status) /* 'gzip -9' {}: words behind what was meant as a shell line */
		msg_die(status, "%s%s", buf_str(&why), status == 127 && strpbrk(name, " \t\n")
			? "; a shell line is one word alone, or -c" : "");
	buf_free(&why);
	return path;
}

/* What makes columns of records, or NULL where nothing does. */
static struct columns *make_columns(const struct options *o)
{
	struct columns_rules rules = { .colsep = o->colsep, .csv = o->csv, .regex = o->regex,
		.jsonl = o->jsonl, .validate = o->validate, .header = o->header,
		.separator = o->separator };
	struct buf why = { 0 };
	struct columns *c;

	/* As in GNU parallel, --colsep alone trims; in CSV blanks are data. */
	if (o->trim >= 0)
		rules.trim = (unsigned)o->trim;
	else if (o->colsep && !o->csv)
		rules.trim = TRIM_LEFT | TRIM_RIGHT;
	if (!o->colsep && !o->csv && !o->header && !o->regex && !o->jsonl && !o->validate
	    && !rules.trim)
		return NULL;
	c = columns_new(&rules, &why);
	if (!c)
		msg_die(STATUS_USAGE, "%s", buf_str(&why));
	buf_free(&why);
	return c;
}

/* A block of records is no argument, and no tag. */
static void check_blocks(const struct options *o, const struct template *command,
	const struct template *tag)
{
	if (template_has_item(command))
		msg_die(STATUS_USAGE, "%s in the command with --pipe: a job gets its records on "
			"stdin; {#} is its number, and -I STR leaves %s alone", o->braces, o->braces);
	if (tag && template_has_item(tag))
		msg_die(STATUS_USAGE, "--tag with --pipe: a block of records is no tag; "
			"try --tagstring '{#}'");
}

/* --pipe: without another word a record is a line. */
static struct cutter_rules block_rules(const struct options *o)
{
	bool lines = !o->recstart.data && !o->recend.data;
	uint64_t longest = !o->max_args && o->block > o->max_item ? o->block : o->max_item;

	return (struct cutter_rules){ .start = o->recstart.data, .start_len = o->recstart.len,
		.end = lines ? "\n" : o->recend.data, .end_len = lines ? 1 : o->recend.len,
		.records = o->max_args, .block = mem_size(o->block), .longest = mem_size(longest) };
}

static struct source **open_sources(const struct options *o, size_t *count)
{
	struct cutter_rules blocks = block_rules(o);
	struct source_rules rules = { .separator = o->separator, .max_item = o->max_item,
		.link = o->link, .runs = capacity_run_size(o), .skip_first = o->skip_first,
		.skip_blank = o->skip_blank || o->jsonl, .end = o->end, .header = o->header,
		.text = o->csv || o->colsep || o->header || !capacity_run_size(o),
		.csv = o->csv, .column = ',', .blocks = o->pipe ? &blocks : NULL };
	struct input standard = { .file = "-" };
	struct source **sources = mem_zero((o->nfrom + 1) * sizeof *sources);

	if (o->csv && o->colsep)
		columns_byte(o->colsep, &rules.column);
	*count = o->nfrom ? o->nfrom : 1;
	for (size_t i = 0; i < o->nfrom; i++)
		sources[i] = source_open(o->from[i], &rules);
	if (o->retry_failed)
		sources[0] = source_failed(o->joblog, retry_is_done, &o->retry);
	else if (!o->nfrom && o->pipe)
		sources[0] = source_open(o->ninputs ? o->inputs[0].file : "-", &rules);
	else if (!o->nfrom)
		sources[0] = o->ninputs ? source_inputs(o->inputs, o->ninputs, &rules)
			: source_inputs(&standard, 1, &rules);
	for (size_t i = 0; i < *count; i++)
		if (!sources[i])
			_exit(STATUS_INPUT); /* it has been told; nothing was started */
	return sources;
}

static void read_script(struct transform *t, const char *name)
{
	struct buf text = { 0 }, why = { 0 };

	if (!io_read_file(name, &text))
		msg_die(STATUS_USAGE, "-f: cannot read %s: %s", name, strerror(errno));
	if (!transform_add_script(t, text.data ? text.data : "", text.len, &why))
		msg_die(STATUS_USAGE, "%s: %s", name, buf_str(&why));
	buf_free(&text);
}

/* What ends the records that -e sees: of the list, or of the content of files. */
static char content_separator(const struct options *o)
{
	if (!o->content)
		return o->separator;
	return o->cut == CONTENT_NULL ? '\0' : '\n';
}

static struct transform *make_transform(const struct options *o)
{
	struct transform *t = o->cut == CONTENT_WHOLE ? transform_new_whole()
		: transform_new(content_separator(o));
	struct buf why = { 0 };

	for (size_t i = 0; i < o->nexpressions; i++) {
		const struct expression *e = &o->expressions[i];

		if (e->file)
			read_script(t, e->file);
		else if (!transform_add(t, e->text, &why))
			msg_die(STATUS_USAGE, "%s", buf_str(&why));
	}
	return t;
}

static void name_groups(struct parts *parts, const struct options *o)
{
	uint64_t inputs = o->ninputs ? o->ninputs : 1, each = o->max_args ? o->max_args : 1;
	bool any = o->as_many || each > UINT64_MAX / inputs;

	for (size_t i = 0; i < o->nfrom; i++) /* its records may be combinations */
		any |= source_is_dead(o->from[i]);
	parts->names.several = o->as_many ? "-X" : o->max_args > 1 ? "-n"
		: o->ninputs > 1 ? "several sources" : NULL;
	columns_groups(parts->columns, any ? 0 : inputs * each, &parts->names);
}

/* Every name in braces is that of a member. */
static void name_members(struct parts *parts, const struct options *o)
{
	char *texts[] = { (char *)o->tag, (char *)o->unique_key, (char *)o->priority,
		(char *)o->key, (char *)o->rate_key, (char *)o->results };
	struct template_rules rules = rules_of(o, NULL);

	if (!json_value_built())
		msg_die(STATUS_USAGE, "--jsonl: built without jansson; install it and run "
			"./configure again");
	parts->names.members = true;
	parts->names.several = o->as_many ? "-X" : o->max_args > 1 ? "-n"
		: o->ninputs > 1 ? "several sources" : NULL;
	template_find_names(o->command, o->ncommand, &rules, false, &parts->names);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i])
			template_find_names(&texts[i], 1, &rules, true, &parts->names);
	columns_members(parts->columns, &parts->names);
}

/* False: there is no header, and nothing that it could be for. */
static bool name_headers(struct parts *parts, const struct options *o)
{
	parts->names.several = o->as_many ? "-X" : o->max_args > 1 ? "-n" : NULL;
	return header_read(parts->sources, parts->nsources, parts->columns, &parts->names);
}

static void make_parts(struct parts *parts, const struct options *o)
{
	const struct names *names = o->header || o->regex || o->jsonl ? &parts->names : NULL;

	if (o->nexpressions)
		parts->transform = make_transform(o);
	parts->columns = make_columns(o);
	if (o->regex)
		name_groups(parts, o);
	if (o->jsonl)
		name_members(parts, o);
	if (o->ncommand || !o->nexpressions) {
		parts->command = o->header ? make_command_early(o) : make_command(o, names);
		parts->program = find_command(parts->command);
	}
	if (!o->header)
		make_texts(parts, o, names);
	if (o->pipe)
		check_blocks(o, parts->command, parts->tag);
	parts->sources = open_sources(o, &parts->nsources);
	if (o->header && name_headers(parts, o)) {
		template_free(parts->command);
		free(parts->program);
		parts->command = make_command(o, names);
		parts->program = find_command(parts->command);
		make_texts(parts, o, names);
	}
	if (parts->command && template_note(parts->command))
		msg_warn("%s", template_note(parts->command));
	if (o->shuffle) {
		parts->sources[0] = source_shuffle(parts->sources, parts->nsources);
		parts->nsources = 1;
	}
}

static void free_parts(struct parts *parts)
{
	if (parts->transform)
		transform_free(parts->transform);
	if (parts->columns)
		columns_free(parts->columns);
	names_free(&parts->names);
	template_free(parts->command);
	template_free(parts->tag);
	template_free(parts->place);
	template_free(parts->unique);
	template_free(parts->priority);
	template_free(parts->key);
	template_free(parts->rate_key);
	free(parts->program);
	free(parts->sources);
}

static int run(const struct options *o)
{
	struct parts parts = { 0 };
	char run_id[RUN_ID + 1];
	struct record *record;
	struct ending end;

	if (!spawn_prepare(signals_original(), signals_chld_ignored()))
		msg_die(STATUS_CANNOT, "cannot open /dev/null: %s", strerror(errno));
	if (o->nice_given && !spawn_nice(o->nice))
		msg_die(STATUS_USAGE, "--nice %d: %s; only root may go below the niceness pq has",
			o->nice, strerror(errno));
	outfile_open(o->outfile); /* before the input, which it cannot be */
	make_parts(&parts, o);
	record = record_open(o, parts.command);
	outfile_begin(record_offset(record));
	if (!record_run_id(record, run_id))
		random_hex(run_id, RUN_ID);
	end = pipeline_run(&(struct plan){ .options = o, .sources = parts.sources,
		.nsources = parts.nsources, .command = parts.command,
		.transform = parts.transform, .tag = parts.tag, .columns = parts.columns,
		.tickets = { parts.priority, parts.key, parts.rate_key },
		.place = parts.place, .names = &parts.names,
		.unique = parts.unique, .record = record, .run_id = run_id, .program = parts.program });
	msg_finish();
	free_parts(&parts);
	if (end.signal)
		signals_die(end.signal);
	return status_of(&end);
}

int main(int argc, char **argv)
{
	struct options options;
	int status;

	mem_refused_by(msg_no_memory);
	init_first_process();
	io_settle_descriptors();
	signals_open();
	options_parse(&options, argc, argv);
	status = run(&options);
	options_free(&options);
	return status;
}
