/* What a job log says is done. See resume.h. */
#include "record/resume.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/template/template.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "group.h"
#include "item.h"
#include "options/options.h"
#include "record/command.h"
#include "policy/retry.h"
#include "source/rows.h"
#include "base/status.h"

struct resume {
	const struct options *options;
	const struct template *const *commands; /* by section */
	const char *path;
	struct rows rows;
	size_t at;
	uint64_t seq;    /* of the last item that was asked for */
	uint64_t failed; /* rows that say so, and are not run again */
};

static void hash_rows(struct resume *r)
{
	struct buf scratch = { 0 };

	for (size_t i = 0; i < r->rows.count; i++) {
		struct row *row = &r->rows.list[i];

		row->hash = command_hash(&scratch, row->command, row->len);
	}
	buf_free(&scratch);
	rows_forget_text(&r->rows);
}

static unsigned resume_section(const void *options, const char *name, size_t len)
{
	const struct options *o = options;

	return o->nsections > 1 ? options_section(o, name, len) : 0;
}

static bool resume_is_done(const void *options, unsigned section, const struct outcome *o)
{
	const struct section *sections = ((const struct options *)options)->sections;

	return retry_is_done(&sections[section ? section - 1 : 0].retry, o);
}

/* A job that was run was run by one of them. */
static void resume_check_sections(const struct resume *r)
{
	if (r->options->nsections < 2)
		return;
	for (size_t i = 0; i < r->rows.count; i++)
		if (!r->rows.list[i].section && r->rows.list[i].len)
			msg_die(STATUS_USAGE, "the job log %s is of a command line with one section; use "
				"another job log", r->path);
}

struct resume *resume_open(const struct resume_rules *rules)
{
	struct resume *r = mem_zero(sizeof *r);
	const struct options *o = rules->options;

	r->options = o;
	r->commands = rules->commands;
	r->path = o->joblog;
	if (!rows_read(&r->rows, r->path, &(struct rows_rules){ .section = resume_section,
			.done = resume_is_done, .ctx = o })
	    && errno != ENOENT)
		msg_die(STATUS_OUTPUT, "cannot read the job log %s: %s; nothing was started", r->path,
			strerror(errno));
	resume_check_sections(r);
	hash_rows(r);
	return r;
}

uint64_t resume_failed(const struct resume *r)
{
	return r->failed;
}

bool resume_has_rows(const struct resume *r)
{
	return r->rows.count > 0;
}

void resume_free(struct resume *r)
{
	rows_free(&r->rows);
	free(r);
}

static void resume_show(const struct resume *r, const struct delivery *d, unsigned slot,
	struct buf *out)
{
	command_show(r->options, r->commands[d->group->number - 1], d->item, slot, out);
}

/* Is it what was run? A command that has the slot in it cannot be compared, nor one that
 * there never was: of an item that was refused the log has only the number. */
static bool resume_is_same(const struct resume *r, const struct delivery *d,
	const struct row *row)
{
	struct buf one = { 0 }, two = { 0 };
	bool same;

	if (!row->len)
		return true;
	resume_show(r, d, 1, &one);
	same = command_hash(&two, one.data, one.len) == row->hash;
	if (!same) {
		resume_show(r, d, 2, &two);
		same = strcmp(buf_str(&one), buf_str(&two)) != 0;
	}
	buf_free(&one);
	buf_free(&two);
	return same;
}

static unsigned resume_section_of(const struct delivery *d)
{
	return d->section ? d->group->number : 0;
}

static bool resume_precedes(const struct row *row, const struct delivery *d)
{
	return row->seq != d->item->seq ? row->seq < d->item->seq
		: row->section < resume_section_of(d);
}

static bool resume_knows(const struct row *row, const struct delivery *d)
{
	return row->seq == d->item->seq && row->section == resume_section_of(d);
}

/* A job of the log that is no job any more. */
static _Noreturn void die_of_route(const struct resume *r, const struct row *row)
{
	const char *had = row->section ? r->options->sections[row->section - 1].name : NULL;
	unsigned long long seq = row->seq;
	struct buf by = { 0 };

	if (had)
		buf_adds(&by, had);
	else
		buf_addf(&by, "section %u", row->section);
	if (!row->section)
		msg_die(STATUS_USAGE, "no group wanted item %llu by the job log %s, and one does now: "
			"--resume-failed runs it; or use another job log", seq, r->path);
	msg_die(STATUS_USAGE, "item %llu went to %s by the job log %s, and does not now: the list or "
		"who gets what has changed; put it back, or use another job log", seq, buf_str(&by),
		r->path);
}

/* No group wanted it once: is one to have it now, or has one had it meanwhile? */
static bool resume_has_found(const struct resume *r, const struct row *row)
{
	bool had = r->at + 1 < r->rows.count && row[1].seq == row->seq;

	return !row->section && (had || r->options->resume_failed);
}

/* Rows for which nobody asks any more. */
static void resume_pass(struct resume *r, const struct delivery *d)
{
	for (; r->at < r->rows.count && resume_precedes(&r->rows.list[r->at], d); r->at++)
		if (!resume_has_found(r, &r->rows.list[r->at]))
			die_of_route(r, &r->rows.list[r->at]);
}

static _Noreturn void die_of_end(const struct resume *r, const struct row *row)
{
	if (row->seq <= r->seq)
		die_of_route(r, row);
	msg_die(STATUS_USAGE, "the list has become shorter: the job log %s knows of item %llu; "
		"put it back, or use another job log", r->path, (unsigned long long)row->seq);
}

static _Noreturn void die_of_item(const struct resume *r, const struct delivery *d)
{
	struct buf name = { 0 };

	delivery_name(&name, d);
	msg_die(STATUS_USAGE, "%s is not what the job log %s knows: the list or the command has "
		"changed; put it back, or use another job log; next time --dead-letter FILE keeps "
		"what fails, for any command, by --from FILE", buf_str(&name), r->path);
}

enum recall resume_recall(struct resume *r, const struct delivery *d, bool *over)
{
	const struct row *row;

	if (d)
		resume_pass(r, d);
	row = &r->rows.list[r->at];
	*over = r->at == r->rows.count;
	if (*over)
		return RECALL_LEFT;
	if (!d)
		die_of_end(r, row);
	r->seq = d->item->seq;
	if (!resume_knows(row, d))
		return RECALL_LEFT;
	if (!resume_is_same(r, d, row))
		die_of_item(r, d);
	r->at++;
	r->failed += row->failed && !r->options->resume_failed;
	*over = r->at == r->rows.count;
	return row->failed && r->options->resume_failed ? RECALL_LEFT : RECALL_DONE;
}
