/* What the table of conflicts says about a command line beside its options. See states.h. */
#include "options/states.h"

#include <string.h>
#include <sys/stat.h>

#include "options/names.h"

static bool has_command(const struct asked *a)
{
	return a->s->ncommand > 0;
}

static bool has_action(const struct asked *a)
{
	return a->s->ncommand || a->s->nexpressions;
}

static bool is_transform(const struct asked *a)
{
	return a->s->nexpressions && !a->s->ncommand;
}

static bool transforms_first(const struct asked *a)
{
	return a->s->nexpressions && a->s->ncommand;
}

static bool has_input(const struct asked *a)
{
	return a->o->ninputs > 0;
}

static bool has_several_inputs(const struct asked *a)
{
	return a->o->ninputs > 1;
}

static bool has_arguments(const struct asked *a)
{
	for (size_t i = 0; i < a->o->ninputs; i++)
		if (!a->o->inputs[i].file)
			return true;
	return false;
}

/* Blocks of the input have a job each. */
static bool cuts_blocks(const struct asked *a)
{
	return a->o->pipe && a->o->spread != SPREAD_ALL;
}

/* One file is read, from its beginning to its end. */
static bool reads_through(const struct asked *a)
{
	return cuts_blocks(a) && a->o->spread != SPREAD_PARTS;
}

static bool spreads(const struct asked *a)
{
	return a->o->spread != SPREAD_NONE && a->o->spread != SPREAD_PARTS;
}

static bool has_values(const struct asked *a)
{
	for (size_t i = 0; i < a->o->ninputs; i++)
		if (!a->o->inputs[i].stream)
			return true;
	return false;
}

static bool has_other_jobs(const struct asked *a)
{
	return a->s->range || a->s->jobs.kind == JOBS_FILE;
}

static bool has_only_arguments(const struct asked *a)
{
	for (size_t i = 0; i < a->o->ninputs; i++)
		if (a->o->inputs[i].file)
			return false;
	return a->o->ninputs > 0;
}

static bool merges_several(const struct asked *a)
{
	return a->o->nfrom > 1;
}

static bool may_drop(const struct asked *a)
{
	return a->s->overflow != OVERFLOW_BLOCK;
}

/* -I, and no text in which its string could stand. */
static bool renames_nothing(const struct asked *a)
{
	const struct options *o = a->o;
	bool text = o->priority || o->key || o->results || o->unique_key || o->topic_key;

	for (size_t i = 0; i < o->nsections; i++)
		text |= o->sections[i].ncommand || o->sections[i].tag || o->sections[i].rate_key;
	return strcmp(o->braces, "{}") != 0 && !text;
}

static bool rejects_failures(const struct asked *a)
{
	return a->s->retry.reject.given && !retry_rejects_success(&a->s->retry);
}

static bool prints_table(const struct asked *a)
{
	return a->o->results && a->o->results[0] == '-' && a->o->results[1] == '.';
}

/* In xargs and in parallel the short form is another option. */
static bool is_short_output(const struct asked *a)
{
	const struct option_note *note = options_note(a->o, a->s, "-o", 2);

	return note && note->name[1] == 'o';
}

/* Transforms end what they print as the list does, so -0 is about their output, too. GNU
 * parallel cuts arguments by -d, and lets -0 stand. */
static bool has_only_whole_arguments(const struct asked *a)
{
	return has_only_arguments(a) && !is_transform(a) && !a->o->gnu;
}

static bool has_formed_answers(const struct asked *a)
{
	return a->s->persistent && a->s->answers != ANSWER_LINES;
}

/* As with sed: the command's place is where the files would stand. */
static bool names_file(const struct asked *a)
{
	struct stat st;

	return a->s->ncommand && stat(a->s->command[0], &st) == 0 && S_ISREG(st.st_mode)
		&& !strchr(a->s->command[0], '/');
}

static bool writes_lines_to_file(const struct asked *a)
{
	return a->o->outfile && a->s->output == OUTPUT_LINE;
}

static bool asks_for_topics(const struct asked *a)
{
	for (size_t i = 0; i < a->o->nsections; i++)
		if (a->o->sections[i].topic)
			return true;
	return false;
}

static bool shares_workers(const struct asked *a)
{
	return a->o->shared;
}

static bool has_later_jobs(const struct asked *a)
{
	return a->s != a->o->sections && options_note(a->o, a->s, "-j", 2);
}

static bool takes_from_queue(const struct asked *a)
{
	for (size_t i = 0; i < a->o->nfrom; i++)
		if (a->o->from[i].queue)
			return true;
	return false;
}

static bool uses_queue(const struct asked *a)
{
	for (size_t i = 0; i < a->o->nsections; i++)
		if (a->o->sections[i].dead_queue)
			return true;
	return a->o->to || takes_from_queue(a);
}

static bool moves_items(const struct asked *a)
{
	return a->o->to && !has_action(a);
}

static bool moves_transformed(const struct asked *a)
{
	return a->o->to && is_transform(a);
}

static bool shares_by_place(const struct asked *a)
{
	return a->o->shard.count && !a->o->shard.hash;
}

static bool shares_by_hash(const struct asked *a)
{
	return a->o->shard.count && a->o->shard.hash;
}

/* CSV has a byte between its fields, too. */
static bool splits_columns(const struct asked *a)
{
	return a->o->colsep && !a->o->csv && !a->o->key_column && !a->o->key_name;
}

static bool pipes_csv(const struct asked *a)
{
	return a->o->pipe && a->o->csv;
}

/* Records, not files. */
static bool rewrites_records(const struct asked *a)
{
	return is_transform(a) && !a->o->content;
}

/* More than one at a time, or maybe. */
static bool runs_several(const struct asked *a)
{
	const struct jobs_rule *jobs = &a->s->jobs;

	return options_note(a->o, a->s, "-j", 2)
		&& (a->s->range || jobs->kind != JOBS_COUNT || jobs->amount != 1);
}

static bool counts_lines(const struct asked *a)
{
	return a->o->max_lines && !a->o->pipe && options_note(a->o, a->s, "-L", 2);
}

static const struct condition states[] = {
	{ "COMMAND", "a command", SCOPE_section, has_command },
	{ "ACTION", "a command or -e", SCOPE_section, has_action },
	{ "TRANSFORM", "-e and no command", SCOPE_section, is_transform },
	{ "BOTH", "-e and a command", SCOPE_section, transforms_first },
	{ "INPUT", "input (:::, ::::, -a)", SCOPE_options, has_input },
	{ "SOURCES", "several sources", SCOPE_options, has_several_inputs },
	{ "BLOCKS", "--pipe", SCOPE_options, cuts_blocks },
	{ "THROUGH", "--pipe", SCOPE_options, reads_through },
	{ "SPREAD", "a stream that jobs read together", SCOPE_options, spreads },
	{ "VALUES", "arguments (:::, ::::)", SCOPE_options, has_values },
	{ "OTHERJOBS", "a -j that changes", SCOPE_section, has_other_jobs },
	{ "ARGUMENTS", "arguments (:::)", SCOPE_options, has_arguments },
	{ "NOFILE", "::: alone", SCOPE_options, has_only_arguments },
	{ "SEVERAL", "-j of more than 1", SCOPE_section, runs_several },
	{ "LINES", "-L", SCOPE_options, counts_lines },
	{ "WHOLE", "::: alone", SCOPE_section, has_only_whole_arguments },
	{ "FILENAME", "a file in the command's place", SCOPE_section, names_file },
	{ "SHORT_O", "-o", SCOPE_options, is_short_output },
	{ "MERGED", "several --from", SCOPE_options, merges_several },
	{ "DROPS", "--overflow", SCOPE_section, may_drop },
	{ "RENAMED", "-I", SCOPE_options, renames_nothing },
	{ "FORMED", "--persistent=frames or json", SCOPE_section, has_formed_answers },
	{ "REJECTS", "--reject-on", SCOPE_section, rejects_failures },
	{ "TABLE", "--results on standard output", SCOPE_options, prints_table },
	{ "LINEFILE", "-o and --line-buffer", SCOPE_section, writes_lines_to_file },
	{ "TOPICS", "--topic", SCOPE_options, asks_for_topics },
	{ "SHARED", "--weight", SCOPE_options, shares_workers },
	{ "TAKES", "a queue in --from", SCOPE_options, takes_from_queue },
	{ "QUEUE", "a queue", SCOPE_options, uses_queue },
	{ "MOVES", "--to and no command", SCOPE_section, moves_items },
	{ "REMAKES", "--to and -e", SCOPE_section, moves_transformed },
	{ "SHARD", "--shard without ,hash", SCOPE_options, shares_by_place },
	{ "HASHED", "--shard I/N,hash", SCOPE_options, shares_by_hash },
	{ "REWRITES", "-e and no command", SCOPE_section, rewrites_records },
	{ "BARE_C", "--colsep", SCOPE_options, splits_columns },
	{ "PIPED_CSV", "--pipe --csv", SCOPE_options, pipes_csv },
	{ "LATER_JOBS", "a -j of its own", SCOPE_section, has_later_jobs },
};

const struct condition *states_find(const char *name, size_t len)
{
	if (*name == '-') /* an option, as most are: each start looks for some hundred words */
		return NULL;
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strlen(states[i].name) == len && memcmp(states[i].name, name, len) == 0)
			return &states[i];
	return NULL;
}

const char *options_state(const char *name, size_t len)
{
	const struct condition *state = states_find(name, len);

	return state ? state->text : NULL;
}

bool states_is_own(const char *name, size_t len)
{
	const struct condition *state = states_find(name, len);

	for (size_t i = 0; !state && i < options_rows; i++)
		if (options_is_named(&options_table[i], name, len))
			return options_table[i].scope == SCOPE_section;
	return state && state->scope == SCOPE_section;
}
