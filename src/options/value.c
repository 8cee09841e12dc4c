/* The kinds of values: from text into struct options, and back into the text that says
 * what is to be run. See value.h, and options_meaning in options.h. */
#include "options/value.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/parse.h"
#include "desk/columns.h"
#include "options/names.h"

_Noreturn void value_refuse(const struct given *g, const char *why)
{
	struct buf b = { 0 };

	msg_quote(&b, g->value, strlen(g->value), 60);
	msg_die(2, "%s: %s %s", g->name, buf_str(&b), why);
}

/* The row may know better what would be a good value than its kind does. */
static _Noreturn void refuse(const struct given *g, const char *why)
{
	value_refuse(g, g->row->wrong ? g->row->wrong : why);
}

/* GNU parallel's sizes: Ki is KiB, and of 3.1 bytes 3 are taken. */
static bool value_gnu_size(const char *text, uint64_t *n)
{
	size_t len = strlen(text), whole = strspn(text, "0123456789");
	struct buf b = { 0 };
	bool is;

	if (text[whole] == '.' && !text[whole + 1 + strspn(text + whole + 1, "0123456789")])
		len = whole;
	buf_add(&b, text, len);
	if (len && b.data[len - 1] == 'i')
		buf_addc(&b, 'B');
	is = parse_size(buf_str(&b), n);
	buf_free(&b);
	return is;
}

bool value_count(const struct given *g, uint64_t *n)
{
	return g->o->gnu ? parse_size(g->value, n) || value_gnu_size(g->value, n)
		: parse_count(g->value, n);
}

uint64_t value_number(const struct given *g)
{
	uint64_t n;

	if (!value_count(g, &n) || n == 0)
		refuse(g, "is no number of at least 1; try 4");
	return n;
}

uint64_t value_size(const struct given *g)
{
	uint64_t n;

	if (!(parse_size(g->value, &n) || (g->o->gnu && value_gnu_size(g->value, &n))) || n == 0)
		refuse(g, "is no size; try 64M");
	return n;
}

int64_t value_time(const struct given *g, int64_t least)
{
	int64_t time;

	if (!parse_time(g->value, &time) || time < least)
		refuse(g, "is no time; try 10, 0.5 or 1m");
	return time;
}

static void read_bytes(const struct given *g, struct option_bytes *bytes)
{
	free(bytes->data);
	bytes->data = mem_alloc(strlen(g->value) + 1);
	bytes->text = g->value;
	bytes->wrong = !parse_bytes(g->value, bytes->data, &bytes->len);
}

void value_check_bytes(const char *name, const struct option_bytes *bytes)
{
	if (bytes->wrong)
		value_refuse(&(struct given){ .name = name, .value = bytes->text },
			"has an escape that is none; a backslash is written \\\\");
}

static const char *read_some_text(const struct given *g)
{
	if (!*g->value)
		refuse(g, "is empty");
	return g->value;
}

void value_free_queue(struct address *queue)
{
	if (queue)
		address_free(queue);
	free(queue);
}

/* Others can see what is in argv. */
struct address *value_queue(const struct given *g)
{
	struct address *a = mem_alloc(sizeof *a);
	struct buf why = { 0 };

	if (!address_is_queue(g->value))
		value_refuse(g, "is no address of a queue; try sqlite:jobs.db#NAME");
	if (!address_read(a, g->value, &why))
		msg_die(2, "%s: %s", g->name, buf_str(&why));
	address_hide((char *)g->value);
	return a;
}

_Noreturn void value_refuse_queue(const char *name, const char *value)
{
	struct buf why = { 0 };
	struct address a;

	if (!address_read(&a, value, &why))
		msg_die(2, "%s %s", name, buf_str(&why));
	msg_die(2, "%s %s is a queue, and a file is wanted; --from, --to and --dead-letter take "
		"queues, and ./ goes before the name of a file", name, a.shown);
}

const char *value_file(const struct given *g)
{
	if (!*g->value)
		value_refuse(g, "is no file name");
	if (address_is_queue(g->value))
		value_refuse_queue(g->name, g->value);
	return g->value;
}

/* An option that writes takes the next word, whatever that was meant to be. */
const char *value_new_file(const struct given *g)
{
	bool files, linked;

	if (strcmp(value_file(g), "-") == 0)
		value_refuse(g, "is no file to write; try ./- or /dev/stderr");
	if (*g->value == '-' || names_separates(g->value, &files, &linked))
		value_refuse(g, *g->value == '-'
			? "looks like an option, not like a file to write; put ./ before its name"
			: "stands before arguments, and is no file to write; put ./ before its name");
	return g->value;
}

void value_separator(struct options *o, char c)
{
	o->separator = c;
	free(o->delimiter.data);
	o->delimiter = (struct option_bytes){ 0 };
	free(o->recend.data);
	o->recend = (struct option_bytes){ .data = mem_copy(&c, 1), .len = 1 };
}

void value_add_section(struct options *o)
{
	o->sections = mem_grow(o->sections, (o->nsections + 1) * sizeof *o->sections);
	o->sections[o->nsections++] = (struct section){
		.weight = 1, .jobs = { .kind = JOBS_PERCENT, .amount = 100 },
		.term = { { SIGTERM, 0 }, { SIGCONT, CLOCK_SECOND }, { SIGKILL, 0 } },
		.retry = { .attempts = 1, .poison = 3 },
	};
}

void value_column(const struct given *g, struct options *o)
{
	o->key_name = NULL;
	if (g->value[strspn(g->value, "0123456789")] == '\0' && *g->value)
		o->key_column = value_number(g);
	else if (*g->value && !strpbrk(g->value, " $"))
		o->key_name = g->value;
	else
		value_refuse(g, "is no number of a column, and no name of one; try 1");
}

/* Fields of keys are told apart by a byte, and their names by a header. */
void value_check_column(const struct options *o)
{
	char byte;

	if (!o->key_column && !o->key_name)
		return;
	if (o->colsep && !columns_byte(o->colsep, &byte))
		msg_die(2, "-C %s: columns that lines are told apart by end with one byte, not with an "
			"expression; try -C ' '", o->colsep);
	if (o->key_name && !o->header)
		msg_die(2, "column %s: there is no header that could name it; try --header :, or its "
			"number", o->key_name);
}

void value_add_input(struct options *o, struct input input)
{
	o->inputs = mem_grow(o->inputs, (o->ninputs + 1) * sizeof *o->inputs);
	o->inputs[o->ninputs++] = input;
}

static void store_own(const struct given *g, struct options *o, struct section *s)
{
	if (g->row->scope == SCOPE_section)
		g->row->set_section(g, s);
	else
		g->row->set_options(g, o);
}

void value_store(const struct given *g, struct options *o, struct section *s)
{
	char *whose = g->row->scope == SCOPE_section ? (char *)s : (char *)o;
	void *place = whose + g->row->place;

	switch (g->row->kind) {
	case OPTION_OWN:
		store_own(g, o, s);
		break;
	case OPTION_FLAG:
		*(bool *)place = true;
		break;
	case OPTION_CHOICE:
		*(int *)place = g->row->choice;
		break;
	case OPTION_COUNT:
		*(uint64_t *)place = value_number(g);
		break;
	case OPTION_SIZE:
		*(uint64_t *)place = value_size(g);
		break;
	case OPTION_TIME:
		*(int64_t *)place = value_time(g, 0);
		break;
	case OPTION_SPAN:
		*(int64_t *)place = value_time(g, 1);
		break;
	case OPTION_BYTES:
		read_bytes(g, place);
		break;
	case OPTION_TEXT:
		*(const char **)place = g->value;
		break;
	case OPTION_SOME_TEXT:
		*(const char **)place = read_some_text(g);
		break;
	case OPTION_FILE:
		*(const char **)place = value_file(g);
		break;
	case OPTION_NEW_FILE:
		*(const char **)place = value_new_file(g);
		break;
	case OPTION_QUEUE:
		value_free_queue(*(struct address **)place);
		*(struct address **)place = value_queue(g);
		break;
	}
}

/* --- what is to be run -------------------------------------------------- */

static void mean_text(struct buf *b, const char *name, const char *value, size_t len)
{
	buf_addf(b, "%s ", name);
	msg_quote(b, value, len, SIZE_MAX);
	buf_addc(b, '\n');
}

/* The first of the row's names, however it was spelled. */
static void row_name(const struct option_row *row, char name[OPTION_NAME])
{
	const char *longs = row->longs;
	size_t len = strcspn(longs ? longs : "", " ");

	if (row->shorts)
		snprintf(name, OPTION_NAME, "-%c", *row->shorts);
	else
		snprintf(name, OPTION_NAME, "--%.*s", (int)len, longs);
}

/* Numbers and escapes count as what they are, whatever they look like. */
static void mean(const struct options *o, const struct option_note *note, struct buf *b)
{
	const struct option_row *row = note->row;
	const char *whose = row->scope == SCOPE_section
		? (const char *)&o->sections[note->section] : (const char *)o;
	const void *place = whose + row->place;
	char name[OPTION_NAME];

	row_name(row, name);
	switch (row->kind) {
	case OPTION_COUNT:
	case OPTION_SIZE:
		buf_addf(b, "%s %llu\n", name, (unsigned long long)*(const uint64_t *)place);
		break;
	case OPTION_TIME:
	case OPTION_SPAN:
		buf_addf(b, "%s %lld\n", name, (long long)*(const int64_t *)place);
		break;
	case OPTION_QUEUE: {
		const char *shown = (*(struct address *const *)place)->shown;

		mean_text(b, name, shown, strlen(shown));
		break;
	}
	case OPTION_BYTES:
		mean_text(b, name, ((const struct option_bytes *)place)->data,
			((const struct option_bytes *)place)->len);
		break;
	default:
		if (note->value)
			mean_text(b, name, note->value, strlen(note->value));
		else
			buf_addf(b, "%s\n", name);
	}
}

/* Of an option that was given more than once in a section the last one counts. */
static void mean_row(const struct options *o, size_t section, const struct option_row *row,
	struct buf *b)
{
	for (size_t i = o->nnotes; i > 0; i--)
		if (o->notes[i - 1].row == row && o->notes[i - 1].section == section) {
			mean(o, &o->notes[i - 1], b);
			return;
		}
}

static void mean_command(const struct section *s, struct buf *b)
{
	buf_adds(b, "command");
	for (size_t i = 0; i < s->ncommand; i++) {
		buf_addc(b, ' ');
		msg_quote(b, s->command[i], strlen(s->command[i]), SIZE_MAX);
	}
	buf_addc(b, '\n');
}

static void mean_rows(const struct options *o, size_t section, const struct option_row *rows,
	size_t count, struct buf *b)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].meaning && !rows[i].several)
			mean_row(o, section, &rows[i], b);
}

/* What was given in this section; that of the whole run stands in the first. */
static void mean_section(const struct options *o, size_t section, struct buf *b)
{
	const struct option_row *first;
	size_t count = names_before(&first);

	mean_rows(o, section, options_table, options_rows, b);
	mean_rows(o, section, first, count, b);
	for (size_t i = 0; i < o->nnotes; i++)
		if (o->notes[i].section == section && o->notes[i].row->meaning
		    && o->notes[i].row->several)
			mean(o, &o->notes[i], b);
}

void options_meaning(const struct options *o, const char *outfile, struct buf *b)
{
	for (size_t i = 0; i < o->nsections; i++) {
		mean_command(&o->sections[i], b);
		if (outfile && i == 0)
			mean_text(b, "-o", outfile, strlen(outfile));
		mean_section(o, i, b);
	}
}
