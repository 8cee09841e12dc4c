/* Parts of files. See parts.h.
 *
 * A part ends with the first record whose end comes when it has its size, so it has more. */
#include "source/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/thread.h"
#include "item.h"

/* Bytes read at a time. */
enum { PARTS_PIECE = 65536 };

struct part_file {
	const char *name;
	int fd;
	uint64_t size;
	struct buf header; /* before each part */
};

struct part {
	struct part_file *file;
	uint64_t from, to; /* in it */
	uint64_t at;       /* bytes of header and part that are written */
	int fd;            /* to be written; -1: not now */
};

struct parts {
	struct source source;
	struct parts_rules rules;
	lock lock;
	pthread_t thread;
	bool started, stopped;
	bool broken;       /* not all of a part could be read */
	struct bell bell;
	struct part_file *files;
	size_t turn;       /* the file that is being cut, */
	uint64_t cut;      /* up to here */
	struct part *list; /* owned, as all above */
	size_t count, room;
	size_t low, high;  /* those with something to be written are among these */
	char *bytes;       /* PARTS_PIECE: of the thread, */
	char *look;        /* and of the desk */
};

/* --- where they end: the desk's -------------------------------------------- */

static ssize_t parts_pread(const struct part_file *f, char *to, size_t most, uint64_t at)
{
	ssize_t n;

	do
		n = pread(f->fd, to, most, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* The first end of a record at this place or behind it. */
static uint64_t parts_find_end(const struct parts *p, const struct part_file *f, uint64_t at)
{
	const struct ends_rules *ends = &p->rules.blocks->cutter.ends;
	size_t n = ends->end_len + ends->start_len;
	struct buf needle = { 0 };
	const char *found = NULL;
	ssize_t got = 1;

	buf_add(&needle, ends->end, ends->end_len);
	buf_add(&needle, ends->start, ends->start_len);
	while (!found && at + n <= f->size && (got = parts_pread(f, p->look, PARTS_PIECE, at)) > 0) {
		found = (size_t)got >= n ? memmem(p->look, (size_t)got, buf_str(&needle), n) : NULL;
		if (found)
			at += (uint64_t)(found - p->look) + ends->end_len;
		else if ((size_t)got < n)
			break;
		else
			at += (uint64_t)got - n + 1;
	}
	buf_free(&needle);
	return found ? at : f->size;
}

static void parts_append(struct parts *p, struct part_file *f, uint64_t to)
{
	if (p->count == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		p->list = mem_grow(p->list, p->room * sizeof *p->list);
	}
	p->list[p->count++] = (struct part){ .file = f, .from = p->cut, .to = to, .fd = -1 };
}

static void *parts_run(void *arg);

/* With the lock. */
static bool parts_start(struct parts *p)
{
	if (!p->started)
		p->started = thread_start(&p->thread, parts_run, p);
	if (!p->started)
		msg_warn("cannot start a thread: %s", strerror(errno));
	p->source.failed |= !p->started;
	return p->started;
}

static enum source_state parts_next(struct source *source, struct draft *draft)
{
	struct parts *p = (struct parts *)source;
	struct part_file *f;
	uint64_t to;

	while (p->turn < p->rules.count && p->cut >= p->files[p->turn].size)
		p->cut = ++p->turn < p->rules.count ? p->files[p->turn].header.len : 0;
	if (p->turn == p->rules.count)
		return SOURCE_END;
	f = &p->files[p->turn];
	to = parts_find_end(p, f, p->cut + p->rules.blocks->cutter.block);
	lock_take(&p->lock);
	if (p->stopped || !parts_start(p)) {
		lock_give(&p->lock);
		return SOURCE_END;
	}
	parts_append(p, f, to);
	atomic_fetch_add(&p->source.bytes_done, to - p->cut);
	lock_give(&p->lock);
	p->cut = to;
	draft_add(draft, "", 0);
	draft->source = f->name;
	return SOURCE_RECORD;
}

/* --- the jobs' workers ------------------------------------------------------ */

int parts_join(void *parts, uint64_t seq)
{
	struct parts *p = parts;
	int to, from = io_pipe_to(&to);

	if (from < 0)
		return -1;
	lock_take(&p->lock);
	p->list[seq - 1].fd = to;
	p->list[seq - 1].at = 0;
	if (seq - 1 < p->low)
		p->low = (size_t)seq - 1;
	if (seq > p->high)
		p->high = (size_t)seq;
	lock_give(&p->lock);
	bell_ring(&p->bell);
	return from;
}

void parts_leave(void *parts, uint64_t seq)
{
	struct parts *p = parts;

	lock_take(&p->lock);
	io_close(&p->list[seq - 1].fd);
	lock_give(&p->lock);
	bell_ring(&p->bell);
}

void parts_stop(struct parts *p)
{
	lock_take(&p->lock);
	p->stopped = true;
	lock_give(&p->lock);
	bell_ring(&p->bell);
}

/* --- the thread: with the lock, but while it sleeps ------------------------- */

static void parts_cannot_read(struct parts *p, struct part *part, ssize_t n)
{
	msg_warn("cannot read %s: %s; a part of it ends there", part->file->name,
		n < 0 ? strerror(errno) : "it has become shorter");
	p->broken = true;
	io_close(&part->fd);
}

/* What is to be written next: header, then the part. How many bytes, 0 at its end. */
static size_t parts_fetch(struct parts *p, struct part *part, const char **data)
{
	const struct buf *header = &part->file->header;
	uint64_t at, left;
	ssize_t n;

	if (part->at < header->len) {
		*data = header->data + part->at;
		return header->len - (size_t)part->at;
	}
	at = part->from + part->at - header->len;
	left = part->to - at;
	*data = p->bytes;
	if (!left)
		return 0;
	n = parts_pread(part->file, p->bytes, left < PARTS_PIECE ? (size_t)left : PARTS_PIECE, at);
	if (n <= 0)
		parts_cannot_read(p, part, n);
	return n > 0 ? (size_t)n : 0;
}

/* As much as its pipe takes, and its end. */
static void parts_write(struct parts *p, struct part *part)
{
	const char *data;
	ssize_t n = 1;
	size_t len;

	while (part->fd >= 0 && n > 0) {
		len = parts_fetch(p, part, &data);
		n = len ? write(part->fd, data, len) : 0;
		if (n > 0)
			part->at += (size_t)n;
		else if (n == 0 || errno != EAGAIN) /* all is written, or nobody reads on */
			io_close(&part->fd);
	}
}

static void parts_sleep(struct parts *p)
{
	struct pollfd *fd = mem_zero((p->high - p->low + 1) * sizeof *fd);
	nfds_t n = 0;

	fd[n++] = (struct pollfd){ .fd = p->bell.out, .events = POLLIN };
	for (size_t i = p->low; i < p->high; i++)
		if (p->list[i].fd >= 0)
			fd[n++] = (struct pollfd){ .fd = p->list[i].fd, .events = POLLOUT };
	lock_give(&p->lock);
	poll(fd, n, -1);
	bell_hush(&p->bell);
	lock_take(&p->lock);
	free(fd);
}

static void *parts_run(void *arg)
{
	struct parts *p = arg;

	thread_name("pq-parts");
	lock_take(&p->lock);
	while (!p->stopped) {
		for (size_t i = p->low; i < p->high; i++)
			parts_write(p, &p->list[i]);
		while (p->low < p->high && p->list[p->low].fd < 0)
			p->low++;
		parts_sleep(p);
	}
	for (size_t i = 0; i < p->count; i++)
		io_close(&p->list[i].fd);
	lock_give(&p->lock);
	return NULL;
}

/* --- building ---------------------------------------------------------------- */

static void parts_dispose(struct parts *p)
{
	for (size_t i = 0; i < p->rules.count; i++) {
		io_close(&p->files[i].fd);
		buf_free(&p->files[i].header);
	}
	bell_close(&p->bell);
	free(p->files);
	free(p->list);
	free(p->bytes);
	free(p->look);
	free(p);
}

static void parts_finish(struct source *source, struct source_end *end)
{
	struct parts *p = (struct parts *)source;

	(void)end;
	parts_stop(p);
	if (p->started)
		thread_join(p->thread);
	p->source.failed |= p->broken;
}

static void parts_close(struct source *source)
{
	parts_dispose((struct parts *)source);
}

/* What stands before the first record. False: it cannot be found, which is told. */
static bool parts_behead(const struct parts *p, struct part_file *f)
{
	const struct block_rules *rules = p->rules.blocks;
	struct heading heading;
	enum ends_find found = ENDS_MORE;
	size_t end = 0;

	if (!rules->heading.records && !rules->heading.regex)
		return true;
	heading_init(&heading, &rules->heading, &rules->cutter.ends);
	while (found == ENDS_MORE) {
		ssize_t n = parts_pread(f, buf_reserve(&f->header, PARTS_PIECE), PARTS_PIECE,
			f->header.len);

		f->header.len += n > 0 ? (size_t)n : 0;
		found = heading_find(&heading, f->header.data, f->header.len, n <= 0, &end);
	}
	if (found == ENDS_STUCK)
		msg_warn("cannot find the header of %s: %s", f->name, heading.why);
	f->header.len = end;
	heading_free(&heading);
	return found == ENDS_FOUND;
}

static bool parts_open(const struct parts *p, struct part_file *f, const char *name)
{
	struct stat st;

	f->name = name;
	f->fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (f->fd < 0 || fstat(f->fd, &st) < 0) {
		msg_warn("cannot read %s: %s", name, strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		msg_warn("%s is no regular file, which could be read from its middle on; try --pipe", name);
		return false;
	}
	f->size = (uint64_t)st.st_size;
	return parts_behead(p, f);
}

struct parts *parts_new(const struct parts_rules *rules)
{
	struct parts *p = mem_zero(sizeof *p);
	uint64_t bytes = 0;
	bool open = true;

	p->rules = *rules;
	p->rules.files = NULL;
	lock_init(&p->lock);
	p->files = mem_zero((rules->count + 1) * sizeof *p->files);
	p->bytes = mem_alloc(PARTS_PIECE);
	p->look = mem_alloc(PARTS_PIECE);
	if (!bell_open(&p->bell)) {
		msg_warn("cannot make a pipe: %s", strerror(errno));
		return NULL;
	}
	for (size_t i = 0; i < rules->count; i++)
		p->files[i].fd = -1;
	for (size_t i = 0; open && i < rules->count; i++) {
		open = parts_open(p, &p->files[i], rules->files[i]);
		bytes += p->files[i].size;
	}
	if (!open) {
		parts_dispose(p);
		return NULL;
	}
	p->cut = rules->count ? p->files[0].header.len : 0;
	p->source = (struct source){ .next = parts_next, .finish = parts_finish, .close = parts_close,
		.name = rules->count ? rules->files[0] : "-", .fd = -1, .bytes = bytes };
	return p;
}

struct source *parts_source(struct parts *p)
{
	return &p->source;
}
