/* How many jobs at once. See jobs.h. */
#include "workers/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/run/running.h"
#include "base/buf.h"
#include "base/machine.h"
#include "base/parse.h"

/* N, +N, -N, N% or 0. */
static bool jobs_parse_number(const char *s, struct jobs_rule *rule)
{
	struct jobs_rule r = { .kind = JOBS_COUNT };
	uint64_t n;

	if (parse_percent(s, &r.amount)) {
		r.kind = JOBS_PERCENT;
		*rule = r;
		return true;
	}
	if (*s == '+' || *s == '-')
		r.kind = *s++ == '+' ? JOBS_PLUS : JOBS_MINUS;
	if (!parse_count(s, &n))
		return false;
	if (n == 0 && r.kind == JOBS_COUNT)
		r.kind = JOBS_MOST;
	r.amount = (double)n;
	*rule = r;
	return true;
}

bool jobs_parse(const char *s, struct jobs_rule *rule)
{
	if (jobs_parse_number(s, rule))
		return true;
	if (!*s || (!strchr(s, '/') && (strchr("+-0123456789", *s) || strchr(s, '%'))))
		return false;
	*rule = (struct jobs_rule){ .kind = JOBS_FILE, .file = s };
	return true;
}

bool jobs_parse_range(const char *s, struct jobs_rule *least, struct jobs_rule *most)
{
	const char *dots = strstr(s, "..");
	char first[32] = "";

	if (!dots || (size_t)(dots - s) >= sizeof first)
		return false;
	memcpy(first, s, (size_t)(dots - s));
	return jobs_parse_number(first, least) && least->kind != JOBS_MOST
		&& jobs_parse_number(dots + 2, most);
}

static unsigned in_bounds(double n)
{
	return n < 1 ? 1 : n > RUNNING_SLOTS ? RUNNING_SLOTS : (unsigned)n;
}

/* The beginning of a regular file. Others are not opened: a FIFO would let the caller
 * wait, and whoever writes to it believe that it is read. False, and why. */
static bool read_beginning(const char *path, char *to, size_t size, struct buf *why)
{
	struct stat st;
	ssize_t n = -1;
	int fd;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		buf_adds(why, "is no regular file");
		return false;
	}
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || (n = read(fd, to, size - 1)) < 0)
		buf_addf(why, "cannot be read: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	to[n < 0 ? 0 : n] = '\0';
	return n >= 0;
}

static unsigned from_file(const char *path, struct buf *why)
{
	struct jobs_rule rule;
	char text[64];

	if (!read_beginning(path, text, sizeof text, why) || !*text)
		return 0;
	text[strcspn(text, " \t\r\n")] = '\0';
	if (strcmp(text, "pause") == 0)
		return JOBS_PAUSED;
	if (jobs_parse_number(text, &rule))
		return rule.kind == JOBS_MOST ? JOBS_PAUSED : jobs_wanted(&rule, NULL);
	buf_adds(why, "has no number of jobs in its first line");
	return 0;
}

/* Of so many processors. */
static unsigned jobs_of(const struct jobs_rule *rule, double processors)
{
	switch (rule->kind) {
	case JOBS_PLUS:
		return in_bounds(processors + rule->amount);
	case JOBS_MINUS:
		return in_bounds(processors - rule->amount);
	case JOBS_PERCENT:
		return in_bounds(processors * rule->amount / 100);
	default:
		return in_bounds(rule->amount);
	}
}

unsigned jobs_load(const struct jobs_rule *rule)
{
	return jobs_of(rule, machine_processors());
}

unsigned jobs_wanted(const struct jobs_rule *rule, struct buf *why)
{
	switch (rule->kind) {
	case JOBS_FILE:
		return from_file(rule->file, why);
	case JOBS_MOST:
		return RUNNING_SLOTS;
	case JOBS_COUNT:
		return in_bounds(rule->amount);
	default:
		return jobs_of(rule, machine_share(""));
	}
}
