/* The report of a run for CI. See junit.h. */
#include "view/junit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/chain.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/thread.h"
#include "base/xml_text.h"
#include "group.h"
#include "item.h"
#include "view/junit_case.h"
#include "view/kept.h"
#include "view/testnames.h"

enum {
	TRIED_MOST = 10,   /* attempts of an item that are told beside its last one */
	COUNTS_ROOM = 160, /* bytes of the counts at the head, whatever they are */
	PIECE = 65536
};

static const char ends[] = "</testsuite>\n</testsuites>\n";

struct junit_suite {
	char *name;        /* as the text of an attribute; owned */
	int fd;            /* where its cases are; the first one's may be the report's own */
	off_t at;          /* and end */
	struct buf text;   /* cases that are not there yet */
	struct junit_counts counts;
};

struct junit {
	struct junit_rules rules;
	int fd;              /* the report */
	bool live;           /* the first suite's cases go there as they come */
	char begun[32];      /* when the run was */
	struct kept *tried;
	lock lock;           /* guards what follows; a leaf but for the store's */
	struct testnames *names;
	struct junit_suite *suites;
	int64_t headed;      /* when the counts at the head were written: ns since the run began */
	char *halted;        /* the item by which --halt ended the run; or NULL */
	off_t at;            /* at the end: where in the report the next bytes go */
	int error;           /* of the first write that failed; nothing is written behind it */
	bool told;
};

/* --- the head ---------------------------------------------------------- */

static void junit_counts_add(struct junit_counts *to, const struct junit_counts *more)
{
	to->tests += more->tests;
	to->failures += more->failures;
	to->errors += more->errors;
	to->skipped += more->skipped;
	to->took += more->took;
}

/* The begin of an element, as long whatever is counted. */
static void junit_begin(const struct junit *j, struct buf *to, const char *element,
	const char *name, const struct junit_counts *c)
{
	size_t end;

	buf_addf(to, "<%s name=\"%s\" timestamp=\"%s\"", element, name, j->begun);
	end = to->len + COUNTS_ROOM;
	buf_addf(to, " tests=\"%llu\" failures=\"%llu\" errors=\"%llu\" skipped=\"%llu\" time=\"%.3f\"",
		(unsigned long long)c->tests, (unsigned long long)c->failures,
		(unsigned long long)c->errors, (unsigned long long)c->skipped,
		(double)c->took / CLOCK_SECOND);
	buf_addf(to, "%*s>\n", to->len < end ? (int)(end - to->len) : 0, "");
}

/* All up to the first case. */
static void junit_head(const struct junit *j, struct buf *to)
{
	struct junit_counts all = { 0 };

	for (size_t i = 0; i < j->rules.count; i++)
		junit_counts_add(&all, &j->suites[i].counts);
	buf_adds(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	junit_begin(j, to, "testsuites", "pq", &all);
	junit_begin(j, to, "testsuite", j->suites[0].name, &j->suites[0].counts);
}

/* --- writing ----------------------------------------------------------- */

static void junit_pwrite(struct junit *j, int fd, const char *data, size_t len, off_t at)
{
	while (len > 0 && !j->error) {
		ssize_t n = pwrite(fd, data, len, at);

		if (n < 0 && errno != EINTR)
			j->error = errno;
		if (n <= 0)
			continue;
		data += n;
		at += n;
		len -= (size_t)n;
	}
}

static void junit_write_head(struct junit *j)
{
	struct buf head = { 0 };

	junit_head(j, &head);
	junit_pwrite(j, j->fd, head.data, head.len, 0);
	buf_free(&head);
}

/* The cases that have come; of a live one the ends stand behind them. */
static void junit_flush_suite(struct junit *j, struct junit_suite *s)
{
	size_t len = s->text.len;

	if (!len)
		return;
	if (s->fd == j->fd)
		buf_add(&s->text, ends, sizeof ends - 1);
	junit_pwrite(j, s->fd, s->text.data, s->text.len, s->at);
	s->at += (off_t)len;
	buf_clear(&s->text);
}

static void junit_flush(struct junit *j, int64_t now)
{
	for (size_t i = 0; i < j->rules.count; i++)
		junit_flush_suite(j, &j->suites[i]);
	if (!j->live || now - j->headed < CLOCK_SECOND)
		return;
	j->headed = now;
	junit_write_head(j);
}

/* --- what happens ------------------------------------------------------ */

static void junit_keep_attempt(struct junit *j, const struct delivery *d, bool lost, int *error)
{
	struct chain text = { 0 };
	bool kind;

	if (!junit_case_attempt(&text, d, lost, j->rules.store, &kind))
		*error = errno;
	kept_add(j->tried, d, kind, &text);
}

/* With the lock. */
static void junit_add_case(struct junit *j, const struct delivery *d, bool dropped)
{
	struct junit_suite *s = &j->suites[d->group->number - 1];
	struct kept_of tried = kept_take(j->tried, d);
	int64_t took = dropped ? 0 : d->result.outcome.took;
	struct junit_case c = { .delivery = d, .store = j->rules.store, .tried = &tried,
		.halted = j->halted, .dropped = dropped };
	bool repeated = tried.marked;

	if (delivery_is_refused(d) && !repeated) /* where it was read, it may not have been born */
		repeated = !testnames_first(j->names, d);
	buf_addf(&s->text, "<testcase classname=\"%s\" name=\"", s->name);
	testnames_name(j->names, &s->text, d, repeated);
	buf_addf(&s->text, "\" time=\"%.3f\">", (double)took / CLOCK_SECOND);
	if (!junit_case_text(&s->text, &c, &s->counts) && !j->error)
		j->error = errno;
	buf_adds(&s->text, "</testcase>\n");
	kept_give(j->tried, &tried);
}

static void junit_add_halted(struct junit *j, const struct delivery *d)
{
	struct buf name = { 0 };

	delivery_name(&name, d);
	j->halted = mem_copy(name.data, name.len);
	buf_free(&name);
}

/* With the lock. */
static void junit_take(struct junit *j, const struct event *e)
{
	switch (e->kind) {
	case EVENT_BORN:
		if (!testnames_first(j->names, e->delivery))
			kept_mark(j->tried, e->delivery);
		break;
	case EVENT_SETTLED:
	case EVENT_DROPPED:
		if (e->delivery)
			junit_add_case(j, e->delivery, e->kind == EVENT_DROPPED);
		break;
	case EVENT_FLUSHED:
		junit_flush(j, e->at);
		break;
	case EVENT_HALTED:
		junit_add_halted(j, e->delivery);
		break;
	default:
		break;
	}
}

/* What failed is told once, with nothing locked. */
static void junit_tell(struct junit *j)
{
	bool tell;

	lock_take(&j->lock);
	tell = j->error && !j->told;
	j->told |= tell;
	lock_give(&j->lock);
	if (tell)
		j->rules.failed(j->rules.ctx, j->rules.path, j->error);
}

void junit_hear(void *junit, const struct event *e)
{
	struct junit *j = junit;
	bool failed;
	int error = 0;

	if (e->kind == EVENT_ENDED || e->kind == EVENT_LOST) {
		if (e->kind == EVENT_ENDED && e->delivery->verdict != VERDICT_RETRY)
			return;
		junit_keep_attempt(j, e->delivery, e->kind == EVENT_LOST, &error);
	}
	lock_take(&j->lock);
	junit_take(j, e);
	if (error && !j->error)
		j->error = error;
	failed = j->error && !j->told;
	lock_give(&j->lock);
	if (failed)
		junit_tell(j);
}

/* --- opening and the end ----------------------------------------------- */

static void junit_free(struct junit *j)
{
	for (size_t i = 0; i < j->rules.count; i++) {
		struct junit_suite *s = &j->suites[i];

		if (s->fd >= 0 && s->fd != j->fd)
			close(s->fd);
		buf_free(&s->text);
		free(s->name);
	}
	if (j->fd >= 0)
		close(j->fd);
	kept_free(j->tried);
	testnames_free(j->names);
	free(j->suites);
	free(j->halted);
	free(j);
}

/* Its name as the text of an attribute; not as long as commands may be. */
static char *junit_name(const char *name)
{
	struct buf text = { 0 };
	char *copy;

	xml_text(&text, name, strlen(name), true);
	copy = mem_copy(text.data, text.len);
	buf_free(&text);
	return copy;
}

/* Where the cases of each suite go. False with errno. */
static bool junit_open_suites(struct junit *j)
{
	struct buf head = { 0 };

	for (size_t i = 0; i < j->rules.count; i++) {
		struct junit_suite *s = &j->suites[i];

		s->fd = i == 0 && j->live ? j->fd : io_temporary();
		if (s->fd < 0)
			return false;
	}
	if (!j->live)
		return true;
	junit_head(j, &head);
	j->suites[0].at = (off_t)head.len;
	buf_add(&head, ends, sizeof ends - 1);
	junit_pwrite(j, j->fd, head.data, head.len, 0);
	buf_free(&head);
	errno = j->error;
	return !j->error;
}

struct junit *junit_open(const struct junit_rules *rules)
{
	struct junit *j = mem_zero(sizeof *j);
	time_t seconds = (time_t)(rules->begun / CLOCK_SECOND);
	struct stat st;
	struct tm tm;
	int error;

	j->rules = *rules;
	if (gmtime_r(&seconds, &tm))
		strftime(j->begun, sizeof j->begun, "%Y-%m-%dT%H:%M:%S", &tm);
	lock_init(&j->lock);
	j->tried = kept_new(rules->store, TRIED_MOST);
	j->names = testnames_new();
	j->suites = mem_zero(rules->count * sizeof *j->suites);
	for (size_t i = 0; i < rules->count; i++) {
		j->suites[i].name = junit_name(rules->names[i]);
		j->suites[i].fd = -1;
	}
	/* Nobody may wait for who reads a FIFO before there are signals to end that. */
	j->fd = open(rules->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
	j->live = j->fd >= 0 && fstat(j->fd, &st) == 0 && S_ISREG(st.st_mode);
	if (j->fd >= 0 && junit_open_suites(j))
		return j;
	error = errno;
	junit_free(j);
	errno = error;
	return NULL;
}

/* The next bytes of the report. */
static void junit_put(struct junit *j, const char *data, size_t len)
{
	if (j->live)
		junit_pwrite(j, j->fd, data, len, j->at);
	else if (!j->error && !io_write(j->fd, data, len))
		j->error = errno;
	j->at += (off_t)len;
}

static void junit_put_cases(struct junit *j, const struct junit_suite *s)
{
	char *piece = mem_alloc(PIECE);
	ssize_t n;

	for (off_t at = 0; at < s->at && !j->error; at += n) {
		size_t most = s->at - at < PIECE ? (size_t)(s->at - at) : PIECE;

		n = pread(s->fd, piece, most, at);
		if (n <= 0)
			j->error = n < 0 ? errno : EIO;
		else
			junit_put(j, piece, (size_t)n);
	}
	free(piece);
}

static void junit_put_suites(struct junit *j)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < j->rules.count; i++) {
		struct junit_suite *s = &j->suites[i];

		buf_clear(&text);
		if (i)
			junit_begin(j, &text, "testsuite", s->name, &s->counts);
		else if (!j->live)
			junit_head(j, &text);
		junit_put(j, text.data, text.len);
		if (s->fd != j->fd)
			junit_put_cases(j, s);
		junit_put(j, "</testsuite>\n", 13);
	}
	junit_put(j, "</testsuites>\n", 14);
	buf_free(&text);
}

void junit_close(struct junit *j)
{
	for (size_t i = 0; i < j->rules.count; i++)
		junit_flush_suite(j, &j->suites[i]);
	j->at = j->live ? j->suites[0].at : 0;
	junit_put_suites(j);
	if (j->live)
		junit_write_head(j);
	if (close(j->fd) < 0 && !j->error)
		j->error = errno;
	j->fd = -1;
	junit_tell(j);
	junit_free(j);
}
