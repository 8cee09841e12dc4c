/* The views of a run. See views.h. */
#include "views.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"
#include "options.h"
#include "status.h"
#include "view/deadletter.h"
#include "view/joblog.h"
#include "view/progress.h"
#include "view/summary.h"

struct views {
	const struct options *options;
	struct progress *progress; /* or NULL, as all that follows */
	struct joblog *joblog;
	struct deadletter *deadletter;
};

static struct deadletter *open_deadletter(const struct options *o, struct store *store,
	const struct draft *header)
{
	struct deadletter_rules rules = { .store = store, .each = o->max_args || o->as_many,
		.header = header };
	struct deadletter *dead = deadletter_open(o->dead_letter, &rules);

	if (!dead)
		msg_die(STATUS_OUTPUT, "cannot open the dead letter %s: %s; nothing was started",
			o->dead_letter, strerror(errno));
	return dead;
}

struct views *views_open(const struct options *o, struct store *store,
	const struct draft *header)
{
	struct views *v = mem_zero(sizeof *v);

	v->options = o;
	if (o->joblog && !(v->joblog = joblog_open(o->joblog, o->joblog_append)))
		msg_die(STATUS_OUTPUT, "cannot open the job log %s: %s; nothing was started",
			o->joblog, strerror(errno));
	if (o->dead_letter)
		v->deadletter = open_deadletter(o, store, header);
	if (o->progress)
		v->progress = progress_open(o->progress_json);
	return v;
}

struct progress *views_progress(const struct views *v)
{
	return v->progress;
}

static bool log_jobs(struct joblog *log, const struct delivery *list)
{
	for (const struct delivery *d = list; d; d = d->next)
		if (d->result.outcome.how != OUTCOME_STOPPED)
			joblog_row(log, d);
	return joblog_flush(log);
}

static bool set_aside(struct deadletter *dead, const struct delivery *list)
{
	bool whole = true;
	int error = 0;

	for (const struct delivery *d = list; d; d = d->next)
		if (d->verdict == VERDICT_REJECT && !deadletter_add(dead, d)) {
			whole = false;
			error = errno;
		}
	if (!deadletter_flush(dead))
		return false;
	errno = error;
	return whole;
}

const char *views_written(struct views *v, const struct delivery *list)
{
	const char *failed = NULL;

	if (v->joblog && !log_jobs(v->joblog, list))
		failed = v->options->joblog;
	if (v->deadletter && !set_aside(v->deadletter, list))
		failed = v->options->dead_letter;
	return failed;
}

/* Each line in the voice of messages. */
static void say(struct buf *text)
{
	const char *line = buf_str(text), *end;

	for (; (end = strchr(line, '\n')); line = end + 1)
		msg_warn("%.*s", (int)(end - line), line);
}

static void summarise(const struct snapshot *snap, const struct measures *measures)
{
	struct buf text = { 0 };

	summary_text(&text, snap, measures);
	say(&text);
	buf_free(&text);
}

const char *views_close(struct views *v, const struct snapshot *snap,
	const struct measures *measures)
{
	const char *failed = NULL;

	if (v->progress)
		progress_close(v->progress, snap);
	if (measures)
		summarise(snap, measures);
	if (v->joblog && !joblog_close(v->joblog))
		failed = v->options->joblog;
	if (v->deadletter && !deadletter_close(v->deadletter))
		failed = v->options->dead_letter;
	free(v);
	return failed;
}
