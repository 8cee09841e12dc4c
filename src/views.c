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
#include "view/joblog.h"
#include "view/progress.h"
#include "view/summary.h"

struct views {
	const struct options *options;
	struct progress *progress; /* or NULL, as all that follows */
	struct joblog *joblog;
};

struct views *views_open(const struct options *o)
{
	struct views *v = mem_zero(sizeof *v);

	v->options = o;
	if (o->joblog && !(v->joblog = joblog_open(o->joblog, o->joblog_append)))
		msg_die(STATUS_OUTPUT, "cannot open the job log %s: %s; nothing was started",
			o->joblog, strerror(errno));
	if (o->progress)
		v->progress = progress_open(o->progress_json);
	return v;
}

struct progress *views_progress(const struct views *v)
{
	return v->progress;
}

const char *views_written(struct views *v, const struct delivery *list)
{
	if (!v->joblog)
		return NULL;
	for (const struct delivery *d = list; d; d = d->next)
		if (d->result.outcome.how != OUTCOME_STOPPED)
			joblog_row(v->joblog, d);
	return joblog_flush(v->joblog) ? NULL : v->options->joblog;
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
	free(v);
	return failed;
}
