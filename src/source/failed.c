/* A job log as a source: what has failed by it comes again, with the number it had. The
 * command in the log is the item: a shell line. */
#include "source/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/msg.h"
#include "item.h"
#include "source/rows.h"

struct failed {
	struct source source;
	struct rows rows; /* those that have failed */
	size_t at;
};

static enum source_state failed_next(struct source *s, struct draft *draft)
{
	struct failed *f = (struct failed *)s;
	const struct row *row;

	if (f->at == f->rows.count)
		return SOURCE_END;
	row = &f->rows.list[f->at++];
	draft_add(draft, row->command, row->len);
	draft->number = row->seq;
	draft->source = s->name;
	if (!row->len)
		draft->refused = "has no command in the job log: it was refused as it was read, and "
			"only --resume-failed with its list can run it";
	return SOURCE_RECORD;
}

static void failed_close(struct source *s)
{
	struct failed *f = (struct failed *)s;

	rows_free(&f->rows);
	free(f);
}

static void keep_failed(struct failed *f, const char *log)
{
	struct rows *r = &f->rows;
	size_t n = 0;

	for (size_t i = 0; i < r->count; i++) {
		const struct row *row = &r->list[i];

		if (!row->failed)
			continue;
		if (row->fed)
			msg_die(2, "item %llu had input (--pipe), which the job log %s does not have: "
				"use --resume-failed with the same input and command",
				(unsigned long long)row->seq, log);
		r->list[n++] = *row;
	}
	r->count = n;
}

struct source *source_failed(const char *log, const struct rows_rules *rules)
{
	struct failed *f = mem_zero(sizeof *f);

	f->source.next = failed_next;
	f->source.close = failed_close;
	f->source.name = log;
	f->source.fd = -1;
	if (!rows_read(&f->rows, log, rules))
		msg_die(2, "cannot read the job log %s: %s; nothing was started", log,
			strerror(errno));
	keep_failed(f, log);
	atomic_store(&f->source.total, f->rows.count);
	return &f->source;
}
