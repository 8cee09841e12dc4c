/* What a job log says is done. See resume.h. */
#include "record/resume.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/template/template.h"
#include "action/template/unquote.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"
#include "policy/retry.h"
#include "source/rows.h"
#include "base/status.h"

struct resume {
	struct resume_rules rules;
	struct rows rows;
	size_t at;
	uint64_t failed; /* rows that say so, and are not run again */
};

/* Of what it says: GNU parallel quotes in another way. */
static uint64_t hash_of(struct buf *scratch, const char *command, size_t len)
{
	static const struct hash_key key; /* of lines that are compared, never a table */

	buf_clear(scratch);
	unquote_sense(scratch, command, len);
	return hash_bytes(&key, buf_str(scratch), scratch->len);
}

static void hash_rows(struct resume *r)
{
	struct buf scratch = { 0 };

	for (size_t i = 0; i < r->rows.count; i++) {
		struct row *row = &r->rows.list[i];

		row->hash = hash_of(&scratch, row->command, row->len);
	}
	buf_free(&scratch);
	rows_forget_text(&r->rows);
}

struct resume *resume_open(const struct resume_rules *rules)
{
	struct resume *r = mem_zero(sizeof *r);

	r->rules = *rules;
	if (!rows_read(&r->rows, rules->path, retry_is_done, rules->retry) && errno != ENOENT)
		msg_die(STATUS_OUTPUT, "cannot read the job log %s: %s; nothing was started", rules->path,
			strerror(errno));
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

static void resume_show(const struct resume *r, const struct item *item, unsigned slot,
	struct buf *out)
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

/* Is it what was run? A command that has the slot in it cannot be compared, nor one that
 * there never was: of an item that was refused the log has only the number. */
static bool resume_is_same(const struct resume *r, const struct item *item, const struct row *row)
{
	struct buf one = { 0 }, two = { 0 };
	bool same;

	if (!row->len)
		return true;
	resume_show(r, item, 1, &one);
	same = hash_of(&two, one.data, one.len) == row->hash;
	if (!same) {
		resume_show(r, item, 2, &two);
		same = strcmp(buf_str(&one), buf_str(&two)) != 0;
	}
	buf_free(&one);
	buf_free(&two);
	return same;
}

enum recall resume_recall(struct resume *r, const struct delivery *d, bool *over)
{
	const struct row *row = &r->rows.list[r->at];
	struct buf name = { 0 };

	*over = r->at == r->rows.count;
	if (*over)
		return RECALL_LEFT;
	if (!d)
		msg_die(STATUS_USAGE, "the list has become shorter: the job log %s knows of item %llu; "
			"put it back, or use another job log", r->rules.path, (unsigned long long)row->seq);
	if (d->item->seq < row->seq)
		return RECALL_LEFT;
	if (!resume_is_same(r, d->item, row)) {
		item_name(&name, d->item);
		msg_die(STATUS_USAGE, "%s is not what the job log %s knows: the list or the command has "
			"changed; put it back, or use another job log; next time --dead-letter FILE keeps "
			"what fails, for any command, by --from FILE", buf_str(&name), r->rules.path);
	}
	r->at++;
	r->failed += row->failed && !r->rules.failed;
	*over = r->at == r->rows.count;
	return row->failed && r->rules.failed ? RECALL_LEFT : RECALL_DONE;
}
