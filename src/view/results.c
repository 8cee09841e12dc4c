/* What jobs printed, kept in files. See results.h. */
#include "view/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/chain_text.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "item.h"
#include "view/object.h"
#include "view/tree.h"
#include "view/values.h"

enum kind { TREE, PLACED, CSV, TSV, JSON };

/* What a file is written in. */
#define PIECE ((size_t)65536)

struct results {
	struct results_rules rules;
	enum kind kind;
	int fd;              /* TREE: the directory; of a file; -1: standard output */
	bool begun;          /* a table: its header is written, */
	bool headed;         /* but by an earlier run, whose rows go on */
	uint32_t columns;    /* and has so many values */
	struct buf text;     /* on its way into the file */
	int error;           /* of the first write that failed */
	struct buf path;
};

static enum kind kind_of(const char *target)
{
	static const struct { const char *end; enum kind kind; } ends[] = {
		{ ".csv", CSV }, { ".tsv", TSV }, { ".json", JSON },
	};
	size_t len = strlen(target);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i].end);

		if (len >= n && strcasecmp(target + len - n, ends[i].end) == 0)
			return ends[i].kind;
	}
	return TREE;
}

bool results_is_table(const char *target)
{
	return kind_of(target) != TREE;
}

bool results_is_output(const char *target)
{
	return results_is_table(target) && target[0] == '-' && target[1] == '.';
}

static int open_target(const struct results *r)
{
	const char *target = r->rules.target;

	if (r->kind == PLACED || results_is_output(target))
		return -1;
	if (r->kind != TREE)
		return open(target, O_WRONLY | O_CREAT | O_CLOEXEC
			| (r->rules.append ? O_APPEND : O_TRUNC), 0666);
	if (mkdir(target, 0777) < 0 && errno != EEXIST)
		return -2;
	return open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

struct results *results_open(const struct results_rules *rules)
{
	struct results *r = mem_zero(sizeof *r);
	struct stat st;
	bool none;

	r->rules = *rules;
	r->kind = kind_of(rules->target);
	if (r->kind == TREE && rules->placed)
		r->kind = PLACED;
	r->fd = open_target(r);
	r->headed = r->kind != TREE && rules->append && r->fd >= 0 && fstat(r->fd, &st) == 0
		&& st.st_size > 0;
	none = r->kind == PLACED || results_is_output(rules->target);
	if (r->fd >= 0 || none)
		return r;
	free(r);
	return NULL;
}

/* Columns of the item; or, where it has none, the records themselves. */
static uint32_t count_values(const struct item *item)
{
	uint32_t columns = item->run ? 0 : item_columns(item);

	return columns || item->run ? columns : item_wholes(item);
}

static struct value value_at(const struct item *item, uint32_t i)
{
	return item_columns(item) ? item_column(item, i) : item_whole(item, i);
}

static const char *results_name_of(const struct results *r, uint32_t i)
{
	return i < r->rules.nnames ? r->rules.names[i] : NULL;
}

/* --- a directory ------------------------------------------------------- */

/* As GNU parallel sorts names: by the numbers they begin with, then by their bytes. */
static bool comes_before(const char *a, const char *b)
{
	double x = strtod(a, NULL), y = strtod(b, NULL);

	return x != y ? x < y : strcmp(a, b) < 0;
}

/* The order in which the columns are directories, one below the other; to be freed. */
static uint32_t *order_of(const struct results *r, uint32_t count)
{
	uint32_t *order = mem_alloc((count + 1) * sizeof *order);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = i;

		for (; at > 0 && results_name_of(r, i) && results_name_of(r, order[at - 1])
			&& comes_before(results_name_of(r, i), results_name_of(r, order[at - 1])); at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	return order;
}

/* NAME/VALUE/ for each column. */
static void make_path(struct results *r, const struct item *item)
{
	uint32_t count = count_values(item);
	uint32_t *order = order_of(r, count);

	buf_clear(&r->path);
	for (uint32_t i = 0; i < count; i++) {
		struct value v = value_at(item, order[i]);
		const char *name = results_name_of(r, order[i]);

		if (name)
			tree_name(&r->path, name, strlen(name));
		else
			buf_addf(&r->path, "%u", order[i] + 1);
		buf_addc(&r->path, '/');
		tree_name(&r->path, v.data, v.len);
		buf_addc(&r->path, '/');
	}
	free(order);
}

/* --- a table ----------------------------------------------------------- */

static void results_flush(struct results *r)
{
	if (!r->error && !io_write(r->fd, r->text.data, r->text.len))
		r->error = errno;
	buf_clear(&r->text);
}

static void write_text(void *ctx, const char *data, size_t len)
{
	struct results *r = ctx;

	buf_add(&r->text, data, len);
	if (r->text.len >= PIECE)
		results_flush(r);
}

static char results_separator_of(const struct results *r)
{
	return r->kind == TSV ? '\t' : ',';
}

/* Quoted where GNU parallel would; the chain has `data` and `len` where it is NULL. */
static void add_field(const struct results *r, struct buf *to, const char *data, size_t len)
{
	bool quote = false;

	for (size_t i = 0; i < len; i++)
		quote = quote || data[i] == results_separator_of(r) || strchr("\" \t\n\v\f\r", data[i]);
	if (quote)
		buf_addc(to, '"');
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '"')
			buf_addc(to, '"');
		buf_addc(to, data[i]);
	}
	if (quote)
		buf_addc(to, '"');
}

static void add_header(struct results *r, struct buf *to, const struct item *item)
{
	static const char *const names[] = { "Seq", "Host", "Starttime", "JobRuntime", "Send",
		"Receive", "Exitval", "Signal", "Command" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		buf_addf(to, "%s%c", names[i], results_separator_of(r));
	r->columns = count_values(item);
	for (uint32_t i = 0; i < r->columns; i++) {
		const char *name = results_name_of(r, i);

		if (name)
			add_field(r, to, name, strlen(name));
		else
			buf_addf(to, "V%u", i + 1);
		buf_addc(to, results_separator_of(r));
	}
	buf_addf(to, "Stdout%cStderr%cSlot%cAttempts%cWaited\n", results_separator_of(r),
		results_separator_of(r), results_separator_of(r), results_separator_of(r));
	r->begun = true;
}

/* As many as the header has: more are together in the last one. */
static void add_values(const struct results *r, struct buf *to, const struct item *item)
{
	uint32_t count = count_values(item);
	struct buf rest = { 0 };

	for (uint32_t i = 0; i < r->columns; i++) {
		uint32_t end = i + 1 == r->columns ? count : i + 1;

		buf_clear(&rest);
		for (uint32_t k = i; k < end && k < count; k++) {
			struct value v = value_at(item, k);

			if (k > i)
				buf_addc(&rest, ' ');
			buf_add(&rest, v.data, v.len);
		}
		add_field(r, to, rest.data, rest.len);
		buf_addc(to, results_separator_of(r));
	}
	buf_free(&rest);
}

static void results_add_row(const struct results *r, struct buf *to, const struct delivery *d)
{
	const struct result *result = &d->result;
	const char *command = result->command ? result->command : "";
	char sep = results_separator_of(r);
	int exit_value, signal_number;

	outcome_columns(&result->outcome, &exit_value, &signal_number);
	buf_addf(to, "%llu%c", (unsigned long long)d->item->number, sep);
	values_host(to, d);
	buf_addf(to, "%c%.3f%c%.3f%c%zu%c%llu%c%d%c%d%c", sep,
		(double)result->outcome.started / CLOCK_SECOND, sep,
		(double)result->outcome.took / CLOCK_SECOND, sep,
		d->item->run ? d->item->run->bytes.len : 0, sep,
		(unsigned long long)result->captured, sep, exit_value, sep, signal_number, sep);
	add_field(r, to, command, strlen(command));
	buf_addc(to, sep);
	add_values(r, to, d->item);
}

static bool put_stream(const struct results *r, const struct chain *chain, struct store *store,
	const struct outlet *to, const char *end)
{
	struct chain_kind kind;
	bool ok = chain_look(store, chain, results_separator_of(r), &kind);

	if (ok && kind.quote)
		to->write(to->ctx, "\"", 1);
	ok = ok && chain_put(store, chain, CHAIN_CSV, to);
	if (ok && kind.quote)
		to->write(to->ctx, "\"", 1);
	if (ok)
		to->write(to->ctx, end, 1);
	return ok;
}

/* What GNU parallel has no columns for stands behind its own. An item that no worker had has
 * neither a slot nor waited. */
static void results_end_row(const struct results *r, const struct delivery *d,
	const struct outlet *to)
{
	char sep = results_separator_of(r);
	struct buf row = { 0 };

	if (d->result.slot)
		buf_addf(&row, "%u%c%u%c%.3f\n", d->result.slot, sep, d->attempts, sep,
			(double)d->result.waited / CLOCK_SECOND);
	else
		buf_addf(&row, "%c%u%c\n", sep, d->attempts, sep);
	to->write(to->ctx, row.data, row.len);
	buf_free(&row);
}

static bool put_row(struct results *r, const struct delivery *d, struct store *store,
	const struct outlet *to)
{
	struct buf row = { 0 };
	char sep = results_separator_of(r);

	if (!r->begun)
		add_header(r, &row, d->item);
	if (r->headed)
		buf_clear(&row);
	r->headed = false;
	results_add_row(r, &row, d);
	to->write(to->ctx, row.data, row.len);
	buf_free(&row);
	if (!put_stream(r, &d->result.output[STREAM_OUT], store, to, &sep)
	    || !put_stream(r, &d->result.output[STREAM_ERR], store, to, &sep))
		return false;
	results_end_row(r, d, to);
	return true;
}

static bool put_job(struct results *r, const struct delivery *d, struct store *store,
	const struct outlet *out, struct buf *what)
{
	struct outlet file = { write_text, r };
	const struct outlet *to = r->fd < 0 ? out : &file;
	bool read = r->kind == JSON ? object_write_gnu(d, store, to) : put_row(r, d, store, to);

	if (!read)
		return false;
	if (r->fd >= 0)
		results_flush(r);
	if (!r->error)
		return true;
	buf_adds(what, r->rules.target);
	errno = r->error;
	return false;
}

/* --- all of them ------------------------------------------------------- */

/* Below the directory that the template begins with, which is looked up once: with the
 * first result. */
static bool put_placed(struct results *r, const struct delivery *d, struct store *store,
	struct buf *what)
{
	const char *place = d->result.place;
	size_t below = r->rules.fixed;

	while (below > 0 && place[below - 1] != '/')
		below--;
	if (below == 1 && *place == '/')
		return tree_write_at(place, d, store, what);
	if (r->fd < 0)
		r->fd = tree_open(place, below);
	buf_add(what, place, below);
	if (r->fd >= 0)
		return tree_write(r->fd, place + below, d, store, what);
	return false;
}

bool results_write(struct results *r, const struct delivery *d, struct store *store,
	const struct outlet *out, struct buf *what)
{
	switch (r->kind) {
	case TREE:
		make_path(r, d->item);
		buf_addf(what, "%s/", r->rules.target);
		return tree_write(r->fd, buf_str(&r->path), d, store, what);
	case PLACED:
		return !d->result.place || put_placed(r, d, store, what);
	case CSV:
	case TSV:
	case JSON:
		break;
	}
	return put_job(r, d, store, out, what);
}

void results_name(struct results *r, const struct delivery *d, struct buf *to)
{
	size_t from = to->len;

	if (r->kind == TREE)
		buf_addf(to, "%s/%s", r->rules.target, buf_str(&r->path));
	else if (d->result.place)
		buf_adds(to, d->result.place);
	if (to->len > from && to->data[to->len - 1] == '/')
		buf_adds(to, "stdout");
}

bool results_close(struct results *r)
{
	bool ok = r->fd < 0 || close(r->fd) == 0;
	int error = errno;

	buf_free(&r->text);
	buf_free(&r->path);
	free(r);
	errno = error;
	return ok;
}
