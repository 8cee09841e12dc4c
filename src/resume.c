/* What a job log says is done. See resume.h. */
#include "resume.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/template.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"
#include "status.h"

/* Columns of the log, from 0. */
enum { SEQ = 0, EXITVAL = 6, SIGNAL = 7, COMMAND = 8, COLUMNS };

struct row {
	uint64_t seq, command; /* its hash */
	size_t order;          /* the last one of a seq counts */
	bool failed;
};

struct resume {
	struct resume_rules rules;
	struct row *rows;
	size_t count, room, at;
};

static const struct hash_key key; /* of lines that are compared, never a table */

static int by_seq(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* False: the line is no row of a job log. */
static bool add_row(struct resume *r, char *line, size_t len)
{
	char *column[COLUMNS] = { line }, *end;
	struct row *row;
	int n = 1;

	for (char *tab = line; n < COLUMNS && (tab = memchr(tab, '\t', (size_t)(line + len - tab)));)
		column[n++] = ++tab;
	if (n < COLUMNS)
		return false;
	if (r->count == r->room) {
		r->room = r->room ? r->room * 2 : 256;
		r->rows = mem_grow(r->rows, r->room * sizeof *r->rows);
	}
	row = &r->rows[r->count];
	*row = (struct row){ .seq = strtoull(column[SEQ], &end, 10), .order = r->count };
	if (end == column[SEQ] || *end != '\t' || !row->seq)
		return false;
	row->failed = strtol(column[EXITVAL], NULL, 10) || strtol(column[SIGNAL], NULL, 10);
	row->command = hash_bytes(&key, column[COMMAND], (size_t)(line + len - column[COMMAND]));
	r->count++;
	return true;
}

/* Whole lines; a torn one at the end was never a row. */
static void read_rows(struct resume *r, struct buf *text)
{
	char *line = text->data, *end = text->data + text->len, *newline;
	size_t number = 1;

	for (; line < end && (newline = memchr(line, '\n', (size_t)(end - line))); number++) {
		bool header = number == 1 && memcmp(line, "Seq\t", 4) == 0;

		*newline = '\0';
		if (!header && !add_row(r, line, (size_t)(newline - line)))
			msg_die(STATUS_USAGE, "%s is no job log: line %zu has no number and command; "
				"use another file", r->rules.path, number);
		line = newline + 1;
	}
}

/* Of each seq the last row, in their order. */
static void sort_rows(struct resume *r)
{
	size_t n = 0;

	if (r->count)
		qsort(r->rows, r->count, sizeof *r->rows, by_seq);
	for (size_t i = 0; i < r->count; i++)
		if (i + 1 == r->count || r->rows[i + 1].seq != r->rows[i].seq)
			r->rows[n++] = r->rows[i];
	r->count = n;
}

struct resume *resume_open(const struct resume_rules *rules)
{
	struct resume *r = mem_zero(sizeof *r);
	struct buf text = { 0 };

	r->rules = *rules;
	if (!io_read_file(rules->path, &text) && errno != ENOENT)
		msg_die(STATUS_OUTPUT, "cannot read the job log %s: %s; nothing was started", rules->path,
			strerror(errno));
	read_rows(r, &text);
	sort_rows(r);
	buf_free(&text);
	return r;
}

void resume_free(struct resume *r)
{
	free(r->rows);
	free(r);
}

static void show(const struct resume *r, const struct item *item, unsigned slot, struct buf *out)
{
	struct fill fill = { item, slot };

	buf_clear(out);
	if (r->rules.content) {
		struct value file = item_value(item, 0);

		template_show_reading(r->rules.command, &fill, file.data, file.len, out);
	} else {
		template_show(r->rules.command, &fill, out);
	}
}

/* Is it what was run? A command that has the slot in it cannot be compared. */
static bool is_same(const struct resume *r, const struct item *item, const struct row *row)
{
	struct buf one = { 0 }, two = { 0 };
	bool same;

	show(r, item, 1, &one);
	same = hash_bytes(&key, one.data, one.len) == row->command;
	if (!same) {
		show(r, item, 2, &two);
		same = strcmp(buf_str(&one), buf_str(&two)) != 0;
	}
	buf_free(&one);
	buf_free(&two);
	return same;
}

enum recall resume_recall(struct resume *r, struct item *item, bool *over)
{
	const struct row *row = &r->rows[r->at];
	struct buf name = { 0 };

	*over = r->at == r->count;
	if (*over)
		return RECALL_LEFT;
	if (!item)
		msg_die(STATUS_USAGE, "the list has become shorter: the job log %s knows of item %llu; "
			"put it back, or use another job log", r->rules.path, (unsigned long long)row->seq);
	if (item->seq < row->seq)
		return RECALL_LEFT;
	if (!is_same(r, item, row)) {
		item_name(&name, item);
		msg_die(STATUS_USAGE, "%s is not what the job log %s knows: the list or the command has "
			"changed; put it back, or use another job log", buf_str(&name), r->rules.path);
	}
	r->at++;
	*over = r->at == r->count;
	return row->failed && r->rules.failed ? RECALL_LEFT : RECALL_DONE;
}
