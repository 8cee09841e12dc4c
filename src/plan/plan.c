/* From options to the parts of a pipeline. See plan.h.
 *
 * The order is that of what could be wrong: steps and commands before any input is opened,
 * and with --header once more when the first record has told the names. */
#include "plan/plan.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/formula/formula.h"
#include "action/run/copies.h"
#include "action/run/program.h"
#include "action/template/names.h"
#include "action/template/quote.h"
#include "action/template/template.h"
#include "action/transform/transform.h"
#include "action/transform/value.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/msg.h"
#include "desk/columns.h"
#include "desk/filter.h"
#include "desk/header.h"
#include "options/options.h"
#include "plan/sources.h"
#include "plan/steps.h"
#include "policy/backlog.h"
#include "policy/retry.h"
#include "source/rows.h"
#include "source/source.h"
#include "base/shell_name.h"
#include "base/status.h"
#include "view/prompt.h"
#include "view/results.h"
#include "workers/capacity.h"

/* The shell for lines, or NULL: /bin/sh. */
static const char *shell_path(const struct section *s)
{
	const char *chosen = s->shell_path ? s->shell_path : getenv("PQ_SHELL");

	if (chosen && shell_name_is_foreign(chosen))
		msg_die(2, "%s %s: that reads another language than sh does; try bash, or %s -c '...' {} "
			"for the command", s->shell_path ? "--shell-path" : "PQ_SHELL", chosen, chosen);
	return chosen && *chosen ? chosen : NULL;
}

/* Looked for once: many templates of a section ask. */
static enum shell_kind which_shell(const char *path)
{
	static enum shell_kind kind;
	static const char *known;

	if (!known || strcmp(path, known) != 0)
		kind = program_shell(path);
	known = path;
	return kind;
}

/* For what templates are made: a section, or NULL for what is asked before an item has one;
 * and the names that are known. */
struct making {
	const struct plan *plan;
	const struct plan_section *section;
	const struct names *names;
};

static struct template_rules text_rules(const struct making *m)
{
	const struct options *o = m->plan->options;
	bool columns = o->colsep || o->csv || o->header || o->as_many || o->nfrom || o->retry_failed;
	uint64_t inputs = options_inputs(o), each = o->max_args && !o->pipe ? o->max_args : 1;
	bool many = columns || each > INT32_MAX / inputs;

	return (struct template_rules){ .values = many ? 0 : (uint32_t)(inputs * each),
		.steps = o->gnu ? &formula_steps : &value_steps, .run = m->plan->run, .gnu = o->gnu != NULL,
		.braces = o->braces, .names = m->names,
		.group = m->section ? m->section->name : NULL,
		.repeat_words = (o->as_many && !o->in_one_word) || o->repeat_words,
		.bare = o->content || (o->pipe && !o->named) || o->without_item,
		.logged = o->retry_failed };
}

static struct template_rules command_rules(const struct making *m)
{
	struct template_rules rules = text_rules(m);

	rules.bare |= m->section->options->persistent;
	rules.unshown = m->plan->options->unshown;
	rules.own_line = m->plan->options->gnu ? m->section->options->begun_with + 1 : 0;
	rules.shell = m->section->options->shell;
	rules.shell_path = shell_path(m->section->options);
	rules.which_shell = which_shell;
	return rules;
}

/* It is started before any item is known, but for the first. */
static void check_persistent(const struct options *o, const struct template *command)
{
	if (template_has_more(command))
		msg_die(STATUS_USAGE, "%s or the like in the command with --persistent: it is started "
			"once, and gets items on its stdin; {%%} is its worker, and -I STR leaves %s alone",
			o->braces, o->braces);
}

static struct template *make_command(const struct making *m)
{
	const struct section *s = m->section->options;
	struct template_rules rules = command_rules(m);
	struct buf why = { 0 };
	struct template *t = NULL;

	if (template_check(s->command, s->ncommand, &rules, false, &why))
		t = template_command(s->command, s->ncommand, &rules, &why);
	if (!t)
		msg_die(STATUS_USAGE, "%s", buf_str(&why));
	if (template_asks(t) & STEPS_SKIPS && template_asks(t) & STEPS_SLOT)
		msg_die(STATUS_USAGE, "skip() and slot() in one command: a job has its slot when it "
			"starts, and whether there is one is asked before");
	if (s->persistent)
		check_persistent(m->plan->options, t);
	buf_free(&why);
	return t;
}

/* While no name is known, anything in braces may be one; what cannot be a command then
 * may be one all the same if they are none. */
static struct template *make_command_early(const struct making *m)
{
	struct names any = { .any = true };
	const struct section *s = m->section->options;
	struct template_rules rules = command_rules(&(struct making){ m->plan, m->section, &any });
	struct buf why = { 0 };
	struct template *t = template_command(s->command, s->ncommand, &rules, &why);

	if (!t) { /* echo {Price (EUR)} */
		any.wide = true;
		t = template_command(s->command, s->ncommand, &rules, &why);
	}
	buf_free(&why);
	return t ? t : make_command(&(struct making){ m->plan, m->section, NULL });
}

/* A template that is no command, of this option; NULL when it was not given. */
static struct template *make_text(const struct making *m, const char *option, const char *text)
{
	struct template_rules rules = text_rules(m);
	char *words[] = { (char *)text };
	struct buf why = { 0 };
	struct template *t;

	if (!text)
		return NULL;
	if (!template_check(words, 1, &rules, true, &why))
		msg_die(STATUS_USAGE, "%s: %s", option, buf_str(&why));
	t = template_text(text, &rules);
	if (template_asks(t) & STEPS_SKIPS)
		msg_die(STATUS_USAGE, "skip() in %s: the command says which jobs there are", option);
	if (!m->section && template_has_group(t))
		msg_die(STATUS_USAGE, "{group} in %s: this is asked before the item has one", option);
	return t;
}

/* One that is filled in before the item has a worker. */
static struct template *make_early_text(const struct making *m, const char *option,
	const char *text)
{
	struct template *t = make_text(m, option, text);

	if (t && template_has_slot(t))
		msg_die(STATUS_USAGE, "{%%} in %s: an item gets its slot only when it starts",
			option);
	if (t && template_asks(t) & STEPS_TOTAL)
		msg_die(STATUS_USAGE, "total_jobs() in %s: this is asked before all items are known",
			option);
	return t;
}

/* One that is compared between items: where nothing of them is in it all are alike. */
static struct template *make_key(const struct making *m, const char *option,
	const char *text)
{
	struct template *key = make_early_text(m, option, text);

	if (key && !template_has_hole(key))
		msg_die(STATUS_USAGE, "%s: '%s' is the same for every item; try {1}", option, text);
	return key;
}

static struct template *make_unique(const struct making *m)
{
	struct template *key = make_text(m, "--unique", m->plan->options->unique_key);

	if (key && !template_has_item(key))
		msg_die(STATUS_USAGE, "--unique=%s: nothing of the item is in this key, so all items "
			"would have the same; try --unique, or --unique={1}", m->plan->options->unique_key);
	return key;
}

/* --results: without a replacement string, or as a table, it is the same for all. */
static struct template *make_place(const struct making *m)
{
	const struct options *o = m->plan->options;
	struct template *t;

	if (!o->results || results_is_table(o->results))
		return NULL;
	t = make_text(m, "--results", o->results);
	if (o->nsections > 1 && !template_has_group(t))
		msg_die(STATUS_USAGE, "--results %s with --next: all sections would write to the same "
			"files; try --results 'DIR/{group}/{}'", o->results);
	if (o->pipe && o->spread != SPREAD_ALL && (!template_has_hole(t) || template_has_item(t)))
		msg_die(STATUS_USAGE, "--results %s with --pipe: a block of records is no name; "
			"try --results 'DIR/{#}/'", o->results);
	if (template_has_hole(t))
		return t;
	template_free(t);
	return NULL;
}

static void make_section_texts(struct plan_section *to, const struct making *m)
{
	to->tag = make_text(m, "--tagstring", to->options->tag);
	if (to->options->persistent)
		to->item = make_text(m, "--persistent", m->plan->options->braces);
	to->place = make_place(m);
	to->tickets.priority = make_key(m, "--priority", m->plan->options->priority);
	to->tickets.whole = options_moves(m->plan->options);
	to->tickets.key = make_key(m, "--key", m->plan->options->key);
	to->tickets.rate_key = make_key(m, "--rate-key", to->options->rate_key);
}

static void make_copies(struct plan *plan, const struct making *m)
{
	const struct options *o = plan->options;

	plan->ncopies = o->ncopies;
	plan->copies = mem_zero((o->ncopies + 1) * sizeof *plan->copies);
	for (size_t i = 0; i < o->ncopies; i++)
		plan->copies[i] = (struct copy){ make_text(m, "--tmpl", o->copies[i].name),
			make_text(m, "--tmpl", o->copies[i].text) };
}

static void make_texts(struct plan *plan, const struct options *o, const struct names *names)
{
	struct making all = { plan, NULL, names };

	if (plan->filters || o->topic_key)
		plan->topic = make_key(&all, "--topic-key",
			o->topic_key ? o->topic_key : o->braces);
	if (plan->filters) {
		plan->whole = make_text(&all, "--match", o->braces);
		filters_read(plan->filters, plan->whole, plan->topic);
	}
	plan->unique = make_unique(&all);
	make_copies(plan, &all);
	for (size_t i = 0; i < plan->nsections; i++)
		make_section_texts(&plan->sections[i],
			&(struct making){ plan, &plan->sections[i], names });
}

/* NULL where every section wants all there is. */
static struct filters *make_filters(const struct options *o)
{
	struct filter_rules *rules = mem_zero(o->nsections * sizeof *rules);
	struct filters *filters = NULL;
	struct buf why = { 0 };
	bool any = false;

	for (size_t i = 0; i < o->nsections; i++) {
		rules[i] = (struct filter_rules){ o->sections[i].match, o->sections[i].topic };
		any |= rules[i].match || rules[i].topic;
	}
	if (any && !(filters = filters_new(rules, o->nsections, &why)))
		msg_die(STATUS_USAGE, "%s", buf_str(&why));
	free(rules);
	buf_free(&why);
	return filters;
}

/* What helps where there is no such command. */
static const char *command_hint(const struct section *s, const char *name)
{
	struct stat st;

	if (strpbrk(name, " \t\n")) /* 'gzip -9' {}: words behind what was meant as a line */
		return "; a shell line is one word alone, or -c";
	if (quote_shell_word(name, strlen(name), false)) /* cd, help */
		return "; it is built into shells: make a shell line of it (one word, or -c), with "
			"--shell-path bash where only bash has it";
	if (strchr(name, '/') || stat(name, &st) < 0 || !S_ISREG(st.st_mode))
		return "";
	return s->nexpressions
		? "; as a file it is read with <FILE or :::: FILE, and rewritten with --in-place ::: FILE"
		: "; as a file it is read with <FILE or :::: FILE, and ::: FILE makes its name an item";
}

/* What cannot run is said before any input is read; --dry-run shows it all the same. */
static char *find_command(const struct options *o, const struct plan_section *of)
{
	const char *name = template_program(of->command);
	struct buf why = { 0 };
	char *path = NULL;
	int status;

	if (!name)
		return NULL;
	status = program_find(name, &path, &why);
	if (status == 126 && template_redirects(of->command))
		status = 0; /* a shell may run it: a script without #! */
	if (status && o->gnu) /* the jobs fail, each by itself */
		free(path), path = NULL;
	else if (status && o->dry_run)
		msg_warn("%s", buf_str(&why));
	else if (status)
		msg_die(status, "%s%s", buf_str(&why),
			status == 127 ? command_hint(of->options, name) : "");
	buf_free(&why);
	return path;
}

/* What makes columns of records, or NULL where nothing does. */
static struct columns *make_columns(const struct options *o)
{
	struct columns_rules rules = { .colsep = o->colsep, .csv = o->csv, .lax = o->csv_lax,
		.strict = o->csv_strict, .regex = o->regex, .jsonl = o->jsonl,
		.validate = o->validate, .header = o->header,
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
static void check_blocks(const struct options *o, const struct plan_section *s)
{
	if (template_has_item(s->command))
		msg_die(STATUS_USAGE, "%s in the command with --pipe: a job gets its records on "
			"stdin; {#} is its number, and -I STR leaves %s alone", o->braces, o->braces);
	if (s->tag && template_has_item(s->tag))
		msg_die(STATUS_USAGE, "--tag with --pipe: a block of records is no tag; "
			"try --tagstring '{#}'");
}

static void name_groups(struct plan *plan, const struct options *o)
{
	uint64_t inputs = o->ninputs ? o->ninputs : 1, each = o->max_args ? o->max_args : 1;
	bool any = o->as_many || each > UINT64_MAX / inputs;

	for (size_t i = 0; i < o->nfrom; i++) /* its records may be combinations */
		any |= !o->from[i].queue && source_is_dead(o->from[i].path);
	plan->names->several = o->as_many ? "-X" : o->max_args > 1 ? "-n"
		: o->ninputs > 1 ? "several sources" : NULL;
	columns_groups(plan->columns, any ? 0 : inputs * each, plan->names);
}

static void find_members(struct plan *plan, const struct plan_section *of)
{
	struct template_rules rules = command_rules(&(struct making){ plan, of, NULL });
	const struct section *s = of->options;

	template_find_names(s->command, s->ncommand, &rules, false, plan->names);
}

static void find_text_members(struct plan *plan, const char *text)
{
	struct template_rules rules = text_rules(&(struct making){ plan, NULL, NULL });
	char *texts[] = { (char *)text };

	if (text)
		template_find_names(texts, 1, &rules, true, plan->names);
}

/* Every name in braces is that of a member. */
static void name_members(struct plan *plan, const struct options *o)
{
	if (!json_value_built())
		msg_die(STATUS_USAGE, "--jsonl: built without jansson; install it and run "
			"./configure again");
	plan->names->members = true;
	plan->names->several = o->as_many ? "-X" : o->max_args > 1 ? "-n"
		: o->ninputs > 1 ? "several sources" : NULL;
	for (size_t i = 0; i < o->nsections; i++) {
		find_members(plan, &plan->sections[i]);
		find_text_members(plan, o->sections[i].tag);
		find_text_members(plan, o->sections[i].rate_key);
	}
	find_text_members(plan, o->topic_key);
	find_text_members(plan, o->unique_key);
	find_text_members(plan, o->priority);
	find_text_members(plan, o->key);
	find_text_members(plan, o->results);
	columns_members(plan->columns, plan->names);
}

/* False: there is no header, and nothing that it could be for. */
static bool name_headers(struct plan *plan, const struct options *o)
{
	plan->names->several = o->as_many ? "-X" : o->max_args > 1 ? "-n" : NULL;
	return header_read(plan->sources, plan->nsources, plan->columns, plan->names);
}

static bool plan_asks(const struct plan *plan, unsigned what)
{
	unsigned asks = 0;

	for (size_t i = 0; i < plan->ncopies; i++)
		asks |= template_asks(plan->copies[i].name) | template_asks(plan->copies[i].text);
	for (size_t i = 0; i < plan->nsections; i++) {
		const struct plan_section *s = &plan->sections[i];
		const struct template *const all[] = { s->command, s->tag, s->place };

		for (size_t k = 0; k < sizeof all / sizeof *all; k++)
			asks |= all[k] ? template_asks(all[k]) : 0;
	}
	return asks & what;
}

/* How many are wanted is known before any input is asked for, and what cannot be met. */
static void count_jobs(struct plan *plan, const struct options *o)
{
	uint64_t size, high;
	long descriptors = 0;

	for (size_t i = 0; i < plan->nsections && (i == 0 || !o->shared); i++) {
		plan->sections[i].jobs = capacity_jobs(o, &o->sections[i], &descriptors);
		plan->jobs += plan->sections[i].jobs;
	}
	if (!o->high_water)
		return;
	size = capacity_queue(o, plan->jobs);
	high = backlog_high(&o->high, size);
	if (high >= size)
		msg_die(STATUS_USAGE, "--high-water %llu: the queue holds %llu, so no more than that "
			"can wait; try 80%%, or a larger -Q", (unsigned long long)high,
			(unsigned long long)size);
}

static void begin_section(struct plan_section *to, const struct section *s, size_t number)
{
	snprintf(to->number, sizeof to->number, "%zu", number);
	to->options = s;
	to->name = s->name ? s->name : to->number;
}

static void make_section(struct plan *plan, struct plan_section *to, const struct names *names)
{
	const struct options *o = plan->options;
	const struct section *s = to->options;
	struct making m = { plan, to, names };

	if (s->nexpressions)
		to->transform = steps_make(o, s);
	if (!section_runs(s))
		return;
	to->discards = s->ncommand == 1 && strcmp(s->command[0], ":") == 0;
	to->command = o->header ? make_command_early(&m) : make_command(&m);
	if (!o->header || !o->dry_run)
		to->program = find_command(o, to);
}

/* The names are known now. What it runs mostly is what it was. */
static void remake_command(const struct plan *plan, const struct options *o,
	struct plan_section *s)
{
	struct template *early = s->command;
	const char *name;

	s->command = make_command(&(struct making){ plan, s, plan->names });
	name = template_program(s->command);
	if (!s->program || !name || strcmp(name, template_program(early)) != 0) {
		free(s->program);
		s->program = find_command(o, s);
	}
	template_free(early);
}

static void remake_commands(struct plan *plan, const struct options *o)
{
	for (size_t i = 0; i < plan->nsections; i++) {
		struct plan_section *s = &plan->sections[i];

		if (s->command)
			remake_command(plan, o, s);
	}
}

static void plan_note(const struct plan *plan)
{
	for (size_t i = 0; i < plan->nsections; i++) {
		const struct template *t = plan->sections[i].command;

		if (t && template_note(t))
			msg_warn("%s", template_note(t));
	}
}

void plan_make(struct plan *plan, const struct options *o)
{
	const struct names *names;

	*plan = (struct plan){ .options = o, .names = mem_zero(sizeof *plan->names),
		.run = mem_zero(sizeof *plan->run),
		.nsections = o->nsections, .sections = mem_zero(o->nsections * sizeof *plan->sections) };
	names = o->header || o->regex || o->jsonl ? plan->names : NULL;
	for (size_t i = 0; i < plan->nsections; i++)
		begin_section(&plan->sections[i], &o->sections[i], i + 1);
	plan->columns = make_columns(o);
	if (o->regex)
		name_groups(plan, o);
	if (o->jsonl)
		name_members(plan, o);
	plan->filters = make_filters(o);
	for (size_t i = 0; i < plan->nsections; i++)
		make_section(plan, &plan->sections[i], names);
	if (!o->header)
		make_texts(plan, o, names);
	for (size_t i = 0; o->pipe && o->spread != SPREAD_ALL && !o->named && i < plan->nsections;
	     i++)
		check_blocks(o, &plan->sections[i]);
	count_jobs(plan, o);
	plan_blocks_make(&plan->blocks, o, plan->jobs);
	plan->sources = plan_sources(o, &plan->blocks.rules,
		&(struct plan_streams){ plan->jobs, &plan->spread, &plan->parts }, &plan->nsources);
	if (o->header && name_headers(plan, o)) {
		remake_commands(plan, o);
		make_texts(plan, o, names);
	}
	plan_note(plan);
	plan->run->jobs = plan->jobs;
	atomic_store(&plan->run->total, o->total_jobs);
	plan->reads_all = !o->total_jobs && plan_asks(plan, STEPS_TOTAL);
	if (o->shuffle) {
		plan->sources[0] = source_shuffle(plan->sources, plan->nsources);
		plan->nsources = 1;
	}
}

static void free_section(struct plan_section *s)
{
	if (s->transform)
		transform_free(s->transform);
	template_free(s->command);
	template_free(s->item);
	template_free(s->tag);
	template_free(s->place);
	template_free(s->tickets.priority);
	template_free(s->tickets.key);
	template_free(s->tickets.rate_key);
	free(s->program);
}

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->nsections; i++)
		free_section(&plan->sections[i]);
	free(plan->sections);
	if (plan->columns)
		columns_free(plan->columns);
	names_free(plan->names);
	free(plan->names);
	for (size_t i = 0; i < plan->ncopies; i++) {
		template_free(plan->copies[i].name);
		template_free(plan->copies[i].text);
	}
	free(plan->copies);
	free(plan->run);
	template_free(plan->unique);
	filters_free(plan->filters);
	template_free(plan->whole);
	template_free(plan->topic);
	free(plan->sources);
	plan_blocks_free(&plan->blocks);
}
