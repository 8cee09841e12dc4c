/* The job log. See joblog.h. */
#include "view/joblog.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/lines.h"
#include "base/mem.h"
#include "item.h"
#include "view/values.h"

struct joblog {
	struct lines lines;
	bool bare;
};

static const char header[] =
	"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

/* A header that was torn may be shorter; rows without one are what tail has left. */
static bool is_joblog(const char *start, size_t len)
{
	size_t digits = 0;

	if (memcmp(start, header, len < 4 ? len : 4) == 0)
		return true;
	while (digits < len && start[digits] >= '0' && start[digits] <= '9')
		digits++;
	return digits > 0 && digits < len && start[digits] == '\t';
}

static struct joblog *joblog_new(const struct lines *lines)
{
	struct joblog *log = mem_zero(sizeof *log);

	log->lines = *lines;
	if (log->lines.first)
		buf_adds(&log->lines.text, header);
	return log;
}

/* With the header in front of what others write. */
static struct joblog *joblog_share(int fd)
{
	struct lines lines;
	struct joblog *log;

	if (!lines_share(&lines, fd))
		return NULL;
	log = joblog_new(&lines);
	if (joblog_flush(log))
		return log;
	joblog_close(log);
	return NULL;
}

struct joblog *joblog_open(const char *path, bool append)
{
	struct lines lines;

	if (!path)
		return joblog_share(STDOUT_FILENO);
	if (!lines_open(&lines, path, append, is_joblog, NULL))
		return NULL;
	return joblog_new(&lines);
}

void joblog_bare(struct joblog *log)
{
	log->bare = true;
}

/* One row is one line, whatever the item holds. */
static void add_command(struct buf *row, const char *command)
{
	for (; *command; command++) {
		unsigned char c = (unsigned char)*command;

		if (c == '\t')
			buf_adds(row, "\\t");
		else if (c == '\n')
			buf_adds(row, "\\n");
		else if (c < 0x20 || c == 0x7f)
			buf_addf(row, "\\x%02x", c);
		else
			buf_addc(row, (char)c);
	}
}

/* The columns are GNU parallel's, which takes all that stands behind the eighth for the
 * command, and whatever has no blank in it for a host: so this is what the host has beside
 * its name. Nothing, where no worker had the item. */
static void add_attempt(struct buf *row, const struct delivery *d)
{
	if (d->result.slot)
		buf_addf(row, ";slot=%u;attempts=%u;waited=%.3f", d->result.slot, d->attempts,
			(double)d->result.waited / CLOCK_SECOND);
}

void joblog_row(struct joblog *log, const struct delivery *d)
{
	const struct result *r = &d->result;
	size_t sent = d->item->run ? d->item->run->bytes.len : 0;
	int exit_value, signal_number;

	outcome_columns(&r->outcome, &exit_value, &signal_number);
	buf_addf(&log->lines.text, "%llu\t", (unsigned long long)d->item->number);
	values_host(&log->lines.text, d);
	if (!log->bare)
		add_attempt(&log->lines.text, d);
	buf_addf(&log->lines.text, "\t%.3f\t%10.3f\t%zu\t%llu\t%d\t%d\t",
		(double)r->outcome.started / CLOCK_SECOND,
		(double)r->outcome.took / CLOCK_SECOND, sent, (unsigned long long)r->captured,
		exit_value, signal_number);
	add_command(&log->lines.text, r->command ? r->command : "");
	buf_addc(&log->lines.text, '\n');
}

bool joblog_flush(struct joblog *log)
{
	return lines_flush(&log->lines);
}

bool joblog_close(struct joblog *log)
{
	bool ok = lines_close(&log->lines);

	free(log);
	return ok;
}
