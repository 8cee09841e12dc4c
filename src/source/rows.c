/* The rows of a job log. See rows.h. */
#include "source/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"

/* Columns of the log, from 0. */
enum { SEQ = 0, HOST = 1, RUNTIME = 3, SEND = 4, EXITVAL = 6, SIGNAL = 7, COMMAND = 8, COLUMNS };

/* The last one of a job counts: it stands further on in the text. */
static int by_seq(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return x->command < y->command ? -1 : 1;
}

/* What the log says of how it ended. An item that was refused has no command there. */
static struct outcome outcome_of(const struct row *row, long exitval, long sig)
{
	if (!row->len)
		return (struct outcome){ .how = OUTCOME_REFUSED };
	if (exitval == -1)
		return (struct outcome){ .how = OUTCOME_TIMEOUT };
	if (sig)
		return (struct outcome){ .how = OUTCOME_SIGNAL, .code = (int)(sig & 0x7f) };
	return (struct outcome){ .how = OUTCOME_EXIT,
		.code = exitval < 0 || exitval > 255 ? 255 : (int)exitval };
}

/* GNU parallel has NUL in its log for a newline. */
static void restore_newlines(char *command, size_t len)
{
	for (char *end = command + len; (command = memchr(command, '\0', (size_t)(end - command)));)
		*command++ = '\n';
}

/* Bytes of the column Host that are its name: behind it ours says more of the attempt. */
static size_t rows_host(const char *host)
{
	return strcspn(host, ";\t");
}

/* By the column Host: ours is a colon with what the section is called. False: there is no
 * such section. */
static bool rows_section(const struct rows_rules *rules, const char *host, unsigned *section)
{
	size_t len = rows_host(host);

	*section = *host == ':' && len > 1 ? rules->section(rules->ctx, host + 1, len - 1) : 0;
	return *section || *host != ':' || len < 2;
}

static _Noreturn void die_of_section(const char *path, size_t number, const char *host)
{
	struct buf name = { 0 };

	msg_quote(&name, host + 1, rows_host(host) - 1, 40);
	msg_die(2, "line %zu of %s is of the section %s, and this command line has none that is "
		"called so: --resume and --resume-failed go on with the one that wrote it", number,
		path, buf_str(&name));
}

/* A runtime in seconds. */
static int64_t rows_milliseconds(const char *text)
{
	double s = strtod(text, NULL);

	return s > 0 && s < 1e12 ? (int64_t)(s * 1000 + 0.5) : 0;
}

/* False: the line is no row of a job log. */
static bool rows_add_row(struct rows *r, const struct rows_rules *rules, char *line, size_t len)
{
	char *column[COLUMNS] = { line }, *end;
	struct outcome o;
	struct row *row;
	int n = 1;

	for (char *tab = line; n < COLUMNS && (tab = memchr(tab, '\t', (size_t)(line + len - tab)));)
		column[n++] = ++tab;
	if (n < COLUMNS)
		return false;
	if (r->count == r->room) {
		r->room = r->room ? r->room * 2 : 256;
		r->list = mem_grow(r->list, r->room * sizeof *r->list);
	}
	row = &r->list[r->count];
	*row = (struct row){ .seq = strtoull(column[SEQ], &end, 10), .command = column[COMMAND],
		.len = (size_t)(line + len - column[COMMAND]) };
	if (end == column[SEQ] || *end != '\t' || !row->seq || row->seq > INT64_MAX)
		return false;
	if (!rows_section(rules, column[HOST], &row->section))
		die_of_section(r->path, r->lines, column[HOST]);
	o = outcome_of(row, strtol(column[EXITVAL], NULL, 10), strtol(column[SIGNAL], NULL, 10));
	row->failed = !rules->done(rules->ctx, row->section, &o);
	row->took = rows_milliseconds(column[RUNTIME]);
	row->fed = strtoull(column[SEND], NULL, 10) > 0;
	restore_newlines(column[COMMAND], row->len);
	r->count++;
	return true;
}

static void cut_rows(struct rows *r, const struct rows_rules *rules)
{
	char *line = r->text.data, *end = line + r->text.len, *newline;

	for (; line < end && (newline = memchr(line, '\n', (size_t)(end - line)));) {
		/* It may come again where logs were put together. */
		bool header = strncmp(line, "Seq\t", 4) == 0;

		r->lines++;
		*newline = '\0';
		if (!header && !rows_add_row(r, rules, line, (size_t)(newline - line)))
			msg_die(2, "%s is no job log: line %zu has no number and command; use another "
				"file", r->path, r->lines);
		line = newline + 1;
	}
}

static void sort_rows(struct rows *r)
{
	size_t n = 0;

	if (r->count)
		qsort(r->list, r->count, sizeof *r->list, by_seq);
	for (size_t i = 0; i < r->count; i++)
		if (i + 1 == r->count || r->list[i + 1].seq != r->list[i].seq
		    || r->list[i + 1].section != r->list[i].section)
			r->list[n++] = r->list[i];
	r->count = n;
}

bool rows_read(struct rows *r, const char *path, const struct rows_rules *rules)
{
	r->path = path;
	if (!io_read_file(path, &r->text))
		return false;
	if (r->text.len)
		cut_rows(r, rules);
	if (!rules->every)
		sort_rows(r);
	return true;
}

void rows_forget_text(struct rows *r)
{
	buf_free(&r->text);
}

void rows_free(struct rows *r)
{
	buf_free(&r->text);
	free(r->list);
	*r = (struct rows){ 0 };
}
