/* The files that are written must not be each other, nor the input. Main thread, before
 * anything is started or opened. */
#include "options/table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "source/source.h"
#include "view/results.h"

struct written {
	const char *option, *file; /* NULL: not given */
	bool kept;                 /* what is there is not overwritten */
	bool dead;                 /* a dead letter, which sections may share by its name */
	bool queue;                /* it holds queues, and is open to others, too */
	bool seen;                 /* as the input is opened: whether that is it */
};

static bool is_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool files_is_same(const struct stat *a, const char *name)
{
	struct stat b;
	bool found = strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &b) == 0 : stat(name, &b) == 0;

	return found && is_file(a, &b);
}

/* The input that is this file, "-" for standard input; or NULL. */
static const char *same_input(const struct options *o, const struct stat *st)
{
	for (size_t i = 0; i < o->nfrom; i++)
		if (!o->from[i].queue && files_is_same(st, source_path(o->from[i].path)))
			return source_path(o->from[i].path);
	for (size_t i = 0; i < o->ninputs; i++)
		if (o->inputs[i].file && files_is_same(st, o->inputs[i].file))
			return o->inputs[i].file;
	return !o->nfrom && !o->ninputs && !o->retry_failed && files_is_same(st, "-") ? "-" : NULL;
}

/* Where a file is to be made: the directory, and the name in it. */
static bool files_find_place(const char *file, struct stat *dir, const char **name)
{
	const char *slash = strrchr(file, '/');
	char path[PATH_MAX] = ".";

	*name = slash ? slash + 1 : file;
	if (slash && (size_t)(slash - file) + 2 <= sizeof path) {
		memcpy(path, file, (size_t)(slash - file) + 1);
		path[slash - file + 1] = '\0';
	}
	return stat(path, dir) == 0;
}

/* They may yet have to be made. Devices and pipes may be written to by several. */
static bool is_one_file(const char *a, const char *b)
{
	struct stat sa, sb;
	const char *na, *nb;
	bool there = stat(a, &sa) == 0;

	if (there || stat(b, &sb) == 0)
		return there && S_ISREG(sa.st_mode) && files_is_same(&sa, b);
	return files_find_place(a, &sa, &na) && files_find_place(b, &sb, &nb) && is_file(&sa, &sb)
		&& strcmp(na, nb) == 0;
}

/* Two that write to one file would write over each other. */
static void check_others(const struct written *w, const struct written *end)
{
	for (const struct written *other = w + 1; other < end; other++) {
		if (!other->file || (w->queue && other->queue)
		    || !is_one_file(w->file, other->file))
			continue;
		if (!w->dead || !other->dead)
			msg_die(2, "%s %s: it is the file of %s, too; write to another file", w->option,
				w->file, other->option);
		if (strcmp(w->file, other->file) != 0)
			msg_die(2, "--dead-letter %s: another section calls this file %s; sections share one "
				"by the same name", other->file, w->file);
	}
}

/* What is written there would be read, or what is to be read is gone. */
static void check_input(const struct options *o, const struct written *w)
{
	struct stat st;
	const char *input;

	if (stat(w->file, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	input = same_input(o, &st);
	if (input && w->dead)
		msg_die(2, "--dead-letter %s: it is read in the same run (%s); write to another file, "
			"and move it there when the run has ended", w->file,
			strcmp(input, "-") == 0 ? "standard input" : input);
	if (input)
		msg_die(2, "%s %s: it is the input, too%s; write to another file", w->option, w->file,
			w->kept ? "" : ", and would be overwritten");
	if (io_is_output(&st))
		msg_die(2, "%s %s: it is the standard output of the run, too; write to another file",
			w->option, w->file);
}

/* The file of a queue that is held in one. */
static struct written queue_written(const char *option, const struct address *queue)
{
	return (struct written){ .option = option, .kept = true, .queue = true,
		.file = queue && queue->engine == ADDRESS_SQLITE ? queue->target : NULL };
}

/* As many as there may be, in *all, which is the caller's to free; how many. */
static size_t list_written(const struct options *o, struct written **all)
{
	const struct written once[] = {
		{ .option = "--journal", .file = o->journal, .kept = true },
		{ .option = "--joblog", .kept = o->joblog_append,
		  .file = o->joblog_shown ? NULL : o->joblog },
		{ .option = "--results",
		  .file = o->results && results_is_table(o->results) ? o->results : NULL },
		{ .option = "--trace", .file = o->trace },
		{ .option = "--metrics", .file = o->metrics },
		{ .option = "--junit", .file = o->junit },
		{ .option = "--report", .file = o->report },
		{ .option = "-o", .file = o->outfile, .seen = true },
	};
	size_t n = sizeof once / sizeof *once;

	*all = mem_alloc((2 * o->nsections + o->nfrom + 1 + n) * sizeof **all);
	memcpy(*all, once, sizeof once);
	for (size_t i = 0; i < o->nsections; i++)
		(*all)[n++] = (struct written){ .option = "--dead-letter",
			.file = o->sections[i].dead_letter, .kept = true, .dead = true };
	for (size_t i = 0; i < o->nsections; i++)
		(*all)[n++] = queue_written("--dead-letter", o->sections[i].dead_queue);
	for (size_t i = 0; i < o->nfrom; i++)
		(*all)[n++] = queue_written("--from", o->from[i].queue);
	(*all)[n++] = queue_written("--to", o->to);
	return n;
}

/* --- queues ------------------------------------------------------------ */

static bool is_one_queue(const struct address *a, const struct address *b)
{
	return a && b && a->engine == b->engine && strcmp(a->queue, b->queue) == 0
		&& (strcmp(a->target, b->target) == 0
		|| (a->engine == ADDRESS_SQLITE && is_one_file(a->target, b->target)));
}

/* What is taken from a queue must not come back to it for ever. */
static void check_queues(const struct options *o, const struct address *from)
{
	const struct section *s = o->sections;
	bool moves = o->nsections == 1 && !s->ncommand && !s->nexpressions;

	if (moves && is_one_queue(from, o->to))
		msg_die(2, "--to %s: it is read in the same run, and would never be drained; add a "
			"command, or use another queue", o->to->shown);
	for (; s < o->sections + o->nsections; s++)
		if (is_one_queue(from, s->dead_queue))
			msg_die(2, "--dead-letter %s: it is read in the same run, and what fails would "
				"come back for ever; use another queue", s->dead_queue->shown);
}

void options_check_files(const struct options *o)
{
	struct written *all;
	size_t n = list_written(o, &all);

	for (size_t i = 0; i < o->nfrom; i++)
		check_queues(o, o->from[i].queue);

	for (size_t i = 0; i < n; i++) {
		if (!all[i].file)
			continue;
		check_others(&all[i], all + n);
		if (!all[i].seen)
			check_input(o, &all[i]);
	}
	free(all);
}
