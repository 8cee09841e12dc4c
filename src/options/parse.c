/* From argv to struct options: notes what was given, and gives each option its value. See
 * options.h.
 *
 * A parser of our own over getopt_long: it can say what an abbreviation could
 * have meant, and keeps no state between calls. */
#include "options/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "desk/columns.h"
#include "options/gnu.h"
#include "options/gnu_names.h"
#include "options/gnu_words.h"
#include "options/names.h"
#include "options/table.h"
#include "options/value.h"

struct reading {
	struct options *o;
	char **next; /* the next word of argv, up to its NULL */
};

/* The section that is being read. */
static struct section *reading_section(const struct reading *r)
{
	return &r->o->sections[r->o->nsections - 1];
}

/* --- what was given ---------------------------------------------------- */

static void add_note(struct options *o, const struct given *g)
{
	struct option_note *note;

	o->notes = mem_grow(o->notes, (o->nnotes + 1) * sizeof *o->notes);
	note = &o->notes[o->nnotes++];
	*note = (struct option_note){ .row = g->row, .section = o->nsections - 1,
		.value = g->value };
	snprintf(note->name, sizeof note->name, "%s", g->name);
}

/* What is about all sections is said before the second one begins. */
static void check_scope(const struct reading *r, const struct option_row *row, const char *name)
{
	const struct option_row *reason = row;

	if (r->o->nsections == 1 || row->scope == SCOPE_section || row->anywhere)
		return;
	while (!reason->whole)
		reason--;
	msg_die(2, "%s in section %zu: %s; give it before the first --next", name,
		r->o->nsections, reason->whole);
}

/* Give the option its value, which is the next word when `value` is NULL. */
static void read_value(struct reading *r, const struct option_row *row, const char *name,
	const char *value)
{
	struct given g = { r->o, row->stands ? options_find(row->stands) : row, name, value, *r->next };

	if (!value && row->without)
		g.value = value = row->without;
	row = g.row;
	check_scope(r, row, name);
	if (row->argument && !value) {
		if (!*r->next)
			msg_die(2, "%s needs a value: %s %s", name, name, row->argument);
		g.value = *r->next++;
	}
	if (row->follows && !value && *r->next && row->follows(*r->next))
		g.value = *r->next++;
	value_store(&g, r->o, reading_section(r));
	add_note(r->o, &g);
}

static void read_long(struct reading *r, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	char *given = r->o->gnu ? gnu_names_whole(word, len) : mem_copy(word, len);
	const struct option_row *row;
	char name[OPTION_NAME];

	row = names_whole(given + 2, strlen(given + 2), name);
	/* Another tool's full name is no abbreviation of one of ours. */
	if (!row && !options_foreign(given)) {
		row = given[2] ? names_abbreviated(given + 2, strlen(given + 2), name) : NULL;
		if (!row)
			options_unknown(given);
	}
	free(given);
	if (!row)
		return;
	if (value && !row->argument && !row->optional)
		msg_die(2, "%s takes no value", name);
	read_value(r, row, name, value);
}

/* A word of letters: the first that takes a value takes the rest. */
static void read_letters(struct reading *r, const char *word)
{
	while (*++word) {
		const struct option_row *row = names_letter(*word);
		char name[] = { '-', *word, '\0' };
		bool takes;

		if (!row && options_foreign(name))
			continue;
		if (!row)
			options_unknown(name);
		takes = row->argument
			|| (row->optional && word[1] && (row->without || r->o->gnu));
		read_value(r, row, name, takes && word[1] ? word + 1 : NULL);
		if (takes)
			return;
	}
}

/* --- the command and its sources --------------------------------------- */

static bool is_next(const char *word)
{
	return strcmp(word, "--next") == 0;
}

/* The words between one separator and the next. */
static void read_source(struct options *o, char *separator, char **words, size_t count)
{
	bool files, linked;

	names_separates(separator, &files, &linked);
	if (linked && !o->ninputs && !o->gnu) /* there the first one is as without the + */
		msg_die(2, "%s has no source before it to be paired with", separator);
	if (!files) {
		value_add_input(o, (struct input){ .linked = linked && o->ninputs, .words = words,
			.count = count });
		return;
	}
	if (!count)
		msg_die(2, "%s names no file", separator);
	for (size_t i = 0; i < count; i++) {
		if (address_is_queue(words[i]))
			value_refuse_queue(separator, words[i]);
		value_add_input(o, (struct input){ .linked = linked && o->ninputs, .file = words[i] });
	}
}

/* The words as far as they go, up to a separator or the end of the section. */
static size_t count_words(char **words)
{
	bool files, linked;
	size_t count = 0;

	while (words[count] && !is_next(words[count])
	    && !names_separates(words[count], &files, &linked))
		count++;
	return count;
}

/* What is read is one for all sections, and stands behind the last of them. */
static void read_sources(struct reading *r)
{
	while (*r->next) {
		char *separator = *r->next, **words = r->next + 1;
		size_t count = count_words(words);

		if (words[count] && is_next(words[count]))
			msg_die(2, "%s before --next: what is read is the same for all sections, and stands "
				"behind the last one", separator);
		read_source(r->o, separator, words, count);
		r->next = words + count;
	}
}

/* What follows the options of a section: its command, and then another section, true, or
 * sources. */
static bool read_words(struct reading *r)
{
	struct section *s = reading_section(r);

	s->command = r->next;
	s->ncommand = count_words(r->next);
	r->next += s->ncommand;
	if (*r->next && is_next(*r->next)) {
		read_long(r, *r->next++);
		return true;
	}
	read_sources(r);
	return false;
}

static void read_options(struct reading *r)
{
	while (*r->next && (*r->next)[0] == '-' && (*r->next)[1]) {
		const char *word = *r->next++;

		if (strcmp(word, "--") == 0)
			return;
		if (word[1] == '-')
			read_long(r, word);
		else
			read_letters(r, word);
	}
}

/* --- what follows from what -------------------------------------------- */

static void finish_sections(struct options *o)
{
	for (size_t i = 0; i < o->nsections; i++)
		o->shared |= options_note(o, &o->sections[i], "--weight", 8) != NULL;
}

/* While reading, the tag is what was given. A tab follows it on every line. */
static void finish_tag(struct section *s)
{
	struct buf b = { 0 };

	if (!s->tag)
		return;
	buf_addf(&b, "%s\t", s->tag);
	s->tag = buf_str(&b);
}

/* Nothing is slowed down by --dry-run, and nothing on record. */
static void finish_dry_run(struct options *o)
{
	if (!o->dry_run)
		return;
	for (size_t i = 0; i < o->nsections; i++) {
		o->sections[i].rate = (struct rate){ 0 };
		o->sections[i].backoff = (struct backoff){ 0 };
		o->sections[i].dead_letter = NULL;
		value_free_queue(o->sections[i].dead_queue);
		o->sections[i].dead_queue = NULL;
	}
	o->delay = 0;
	o->load_given = false;
	o->memfree = 0;
	o->joblog = o->outfile = o->junit = o->report = NULL;
	value_free_queue(o->to);
	o->to = NULL;
}

bool options_lease(const struct options *o)
{
	for (size_t i = 0; i < o->nfrom; i++)
		if (o->from[i].queue)
			return true;
	return false;
}

bool options_timed(const struct options *o)
{
	bool timed = o->summary || o->progress || o->json || o->joblog || o->results
		|| o->trace || o->metrics || o->junit || o->report;

	for (size_t i = 0; i < o->nsections; i++)
		timed |= o->sections[i].timeout_percent > 0;
	return timed;
}

/* With --pipe what is about columns says where blocks are cut, and there are no columns. */
static void finish_blocks(struct options *o)
{
	if (!o->pipe)
		return;
	if (o->spread == SPREAD_ALL && !options_has_jobs(o))
		o->sections->jobs.kind = JOBS_MOST;
	o->block_csv = o->csv;
	o->block_column = ',';
	o->key_separator = o->csv ? ',' : '\t';
	if (o->colsep)
		columns_byte(o->colsep, &o->block_column);
	if (o->colsep && !o->csv)
		columns_byte(o->colsep, &o->key_separator);
	o->colsep = NULL;
	o->csv = o->header = false;
}

/* The question shows the command. */
static void finish_questions(struct options *o)
{
	o->verbose &= !o->asks;
}

/* One after the other, and what they write is theirs. */
static void finish_tty(struct options *o)
{
	if (!o->tty)
		return;
	o->sections->jobs = (struct jobs_rule){ .kind = JOBS_COUNT, .amount = 1 };
	o->sections->output = OUTPUT_UNGROUP;
	o->ordered = false;
}

/* Without --pipe so many lines are a job, and not what has nothing in it. */
static void finish_lines(struct options *o)
{
	if (o->pipe || !o->max_lines)
		return;
	o->max_args = o->max_args ? o->max_args : o->max_lines;
	o->max_lines = 0;
	if (o->continues)
		return;
	o->continues = " \t";
	o->skip_blank = o->all_or_none = true;
}

static void finish_record(struct options *o)
{
	o->resume |= o->resume_failed;
	o->joblog_append |= o->resume || o->retry_failed;
	o->sections->moves = o->to && o->nsections == 1 && !o->sections->ncommand
		&& !o->sections->nexpressions;
	o->ordered |= (o->journal && o->outfile) || options_moves(o);
	for (size_t i = 0; i < o->nsections; i++)
		if (o->dry_run ? o->files_dry : o->json || o->results || o->files || o->to)
			o->sections[i].output = OUTPUT_WHOLE;
	o->shown = o->verbose || o->announces || o->dry_run || o->joblog || o->results;
}

void options_parse(struct options *o, int argc, char **argv)
{
	struct reading r = { o, argv + (argc > 0) };

	*o = (struct options){
		.separator = '\n', .max_item = 16 << 20,
		.block = 1 << 20, .drain = 8 * CLOCK_SECOND, .lease = 60 * CLOCK_SECOND, .give_up = -1,
		 .braces = "{}", .trim = -1, .words = argv,
	};
	value_add_section(o);
	if (gnu_is_asked(argv)) {
		o->gnu = gnu_words_new();
		names_put_first(gnu_rows, gnu_row_count);
		o->semaphore.asked = gnu_is_sem(argv);
	}
	do
		read_options(&r);
	while (read_words(&r));
	if (o->gnu)
		gnu_finish(o);
	finish_sections(o);
	options_check(o);
	options_check_files(o);
	for (size_t i = 0; i < o->nsections; i++)
		finish_tag(&o->sections[i]);
	o->all_or_none = o->exits && !o->gnu;
	finish_blocks(o);
	finish_lines(o);
	finish_questions(o);
	finish_record(o);
	finish_tty(o);
	finish_dry_run(o);
}

void options_free(struct options *o)
{
	free(o->inputs);
	for (size_t i = 0; i < o->nfrom; i++)
		value_free_queue(o->from[i].queue);
	free(o->from);
	value_free_queue(o->to);
	value_free_queue(o->stats);
	value_free_queue(o->admin);
	for (size_t i = 0; i < o->nsections; i++) {
		value_free_queue(o->sections[i].dead_queue);
		free(o->sections[i].expressions);
		free((char *)o->sections[i].tag);
	}
	free(o->sections);
	gnu_words_free(o->gnu);
	free(o->copies);
	free(o->gnu_shell);
	free(o->delimiter.data);
	free(o->semaphore.line);
	free(o->recstart.data);
	free(o->recend.data);
	free(o->notes);
}

uint64_t options_inputs(const struct options *o)
{
	uint64_t count = 0;

	for (size_t i = 0; i < o->ninputs; i++)
		count += !(o->spread && o->inputs[i].stream);
	return count ? count : 1;
}

bool options_has_jobs(const struct options *o)
{
	for (size_t i = 0; i < o->nsections; i++)
		if (options_note(o, &o->sections[i], "-j", 2))
			return true;
	return false;
}

unsigned options_section(const struct options *o, const char *name, size_t len)
{
	for (size_t i = 0; i < o->nsections; i++) {
		const char *text = o->sections[i].name;
		char number[24];
		int digits = snprintf(number, sizeof number, "%zu", i + 1);

		if ((text && strlen(text) == len && memcmp(text, name, len) == 0)
		    || ((size_t)digits == len && memcmp(number, name, len) == 0))
			return (unsigned)i + 1;
	}
	return 0;
}

bool options_read_input(const struct options *o, bool *asked)
{
	bool given = o->nfrom || o->ninputs, reads = !given && !o->retry_failed;

	for (size_t i = 0; i < o->nfrom; i++)
		reads |= strcmp(o->from[i].path, "-") == 0;
	for (size_t i = 0; i < o->ninputs; i++)
		reads |= o->inputs[i].file && strcmp(o->inputs[i].file, "-") == 0;
	*asked = given || o->skip_blank || o->pipe;
	return reads;
}
