/* How long jobs took by a job log. See times.h. */
#include "record/times.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/status.h"
#include "group.h"
#include "item.h"
#include "options/options.h"
#include "record/command.h"
#include "source/rows.h"

struct times {
	const struct options *options;
	const struct template *const *commands;
	struct known {
		uint64_t hash;
		int64_t took;
		size_t place; /* in the log */
	} *list; /* owned: by hash */
	size_t count;
	struct buf command, scratch;
};

/* Jobs are told apart by their commands, whatever their sections were called. */
static unsigned times_section(const void *ctx, const char *name, size_t len)
{
	(void)ctx;
	(void)name;
	(void)len;
	return 1;
}

static bool times_done(const void *ctx, unsigned section, const struct outcome *o)
{
	(void)ctx;
	(void)section;
	(void)o;
	return true;
}

/* Of equal ones the last first: it is nearest to what comes. */
static int times_compare(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->place > y->place ? -1 : x->place < y->place;
}

static void times_take(struct times *t, const struct rows *rows)
{
	size_t n = 0;

	t->list = mem_zero((rows->count + 1) * sizeof *t->list);
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->list[i];

		if (row->len) /* else it was refused, and never run */
			t->list[t->count++] = (struct known){
				command_hash(&t->scratch, row->command, row->len), row->took, i };
	}
	qsort(t->list, t->count, sizeof *t->list, times_compare);
	for (size_t i = 0; i < t->count; i++)
		if (!n || t->list[n - 1].hash != t->list[i].hash)
			t->list[n++] = t->list[i];
	t->count = n;
}

struct times *times_open(const struct options *o, const struct template *const *commands)
{
	struct times *t;
	struct rows rows = { 0 };

	if (!o->order_by)
		return NULL;
	if (!rows_read(&rows, o->order_by, &(struct rows_rules){ .section = times_section,
			.done = times_done, .every = true }))
		msg_die(STATUS_USAGE, "--order-by: cannot read the job log %s: %s; an empty one will do "
			"the first time", o->order_by, strerror(errno));
	t = mem_zero(sizeof *t);
	t->options = o;
	t->commands = commands;
	times_take(t, &rows);
	rows_free(&rows);
	return t;
}

void times_free(struct times *t)
{
	if (!t)
		return;
	free(t->list);
	buf_free(&t->command);
	buf_free(&t->scratch);
	free(t);
}

static int times_find(const void *key, const void *known)
{
	const uint64_t *hash = key;
	const struct known *k = known;

	return *hash < k->hash ? -1 : *hash > k->hash;
}

int64_t times_of(void *times, const struct item *item)
{
	struct times *t = times;
	int64_t longest = -1;

	for (uint32_t i = 0; t->count && i < item->groups; i++) {
		const struct group *g = item->deliveries[i].group;
		const struct known *known;
		uint64_t hash;

		if (!g)
			continue;
		command_show(t->options, t->commands[g->number - 1], item, 1, &t->command);
		hash = command_hash(&t->scratch, t->command.data, t->command.len);
		known = bsearch(&hash, t->list, t->count, sizeof *t->list, times_find);
		if (known && known->took > longest)
			longest = known->took;
	}
	return longest;
}

void times_strange(void *times)
{
	const struct times *t = times;

	if (t->count)
		msg_warn("--order-by %s: this job log has no job of this list and command; all are "
			"started as they come", t->options->order_by);
}
