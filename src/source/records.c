/* Cuts a stream of bytes into records. See records.h. */
#include "source/records.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/csv.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"
#include "source/follow.h"

/* Bytes asked for at a time: what a pipe holds. */
#define READ_SIZE ((size_t)65536)
/* Bytes of a refused record kept for the message that names it. */
#define SPECIMEN 64

/* A record of more bytes is only given where there is memory for the copies that are made of
 * it on its way: a draft, with and without its columns, grown by doubling; and the item. */
enum { LARGE = 1 << 20, COPIES = 6 };

struct records {
	const char *name;
	int fd;
	char separator;
	bool regular;   /* reads never wait */
	bool device;    /* it may be a terminal */
	bool shared;    /* with other processes: its offset, which was at first: */
	off_t begin;
	struct follow *follow; /* what comes behind the end; NULL: it is the end */
	bool waiting;   /* for that: follow_fd is to be polled, not fd */
	bool anew;      /* what comes is no part of the record before */
	bool moved;     /* not all bytes cut were of this file, as it is now */
	bool ended;
	bool broken;    /* by a read error */
	bool widened;   /* a pipe was full, and holds more now */
	bool skipping;  /* within a record that was refused */
	bool lacking;   /* the last that was refused was so for want of memory, */
	bool swollen;   /* and what was had for it is to be given back */
	bool quotes;    /* records are CSV */
	struct csv csv;
	const char *comment; /* what begins so is a line, not CSV; NULL: nothing does */
	bool quoted;    /* CSV: scanned is in a field in quotes */
	uint64_t runaway; /* CSV: lines of the last record, which was too long for such a field */
	bool mark;      /* a byte order mark may come */
	size_t max;
	char *bytes;
	size_t cap;
	size_t start;   /* of the record to come */
	size_t scanned; /* no separator between start and here */
	size_t end;     /* of what was read */
	uint64_t size, done;
};

/* The offset of standard input at first, for when nothing comes of what was read. */
static struct {
	bool known;
	off_t offset;
} first;

static void records_give_back(void)
{
	if (first.known)
		lseek(STDIN_FILENO, first.offset, SEEK_SET);
}

static void records_note_offset(struct records *r)
{
	r->begin = lseek(r->fd, 0, SEEK_CUR);
	r->shared = r->regular && r->begin >= 0;
	if (!r->shared || first.known)
		return;
	first.known = true;
	first.offset = r->begin;
	msg_before_death(records_give_back);
}

static const char *records_spoken(const char *name)
{
	return strcmp(name, "-") == 0 ? "standard input" : name;
}

struct records *records_open(const char *name, char separator, uint64_t max)
{
	bool standard = strcmp(name, "-") == 0;
	/* Not blocking, so that a FIFO opens before its writer has; nobody else
	 * shares this description. */
	int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct records *r;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		msg_warn("cannot read %s: %s", name, strerror(errno));
		if (fd > STDIN_FILENO)
			close(fd);
		return NULL;
	}
	if (io_is_output(&st))
		msg_die(2, "%s is both the input and the output: write to another file",
			records_spoken(name));
	r = mem_zero(sizeof *r);
	r->name = name;
	r->fd = fd;
	r->separator = separator;
	r->max = mem_size(max);
	r->regular = S_ISREG(st.st_mode);
	r->device = S_ISCHR(st.st_mode);
	r->size = r->regular && st.st_size > 0 ? (uint64_t)st.st_size : 0;
	r->cap = 2 * READ_SIZE;
	r->bytes = mem_alloc(r->cap);
	if (standard)
		records_note_offset(r);
	return r;
}

void records_follow(struct records *r, bool strict)
{
	r->follow = follow_open(r->name, r->fd, strict);
	if (r->follow)
		r->size = 0; /* it will be more */
}

void records_quote(struct records *r, char column, bool lax)
{
	r->quotes = true;
	r->csv = (struct csv){ column, r->separator, lax };
}

void records_comment(struct records *r, const char *sign)
{
	r->comment = sign;
}

void records_skip_mark(struct records *r)
{
	r->mark = true;
}

uint64_t records_in_quote(const struct records *r)
{
	return r->runaway;
}

const char *records_too_long(const struct records *r)
{
	return r->lacking ? item_beyond_memory : item_beyond_max;
}

/* Move what is left to the front, and grow if the front is where it is; false: there is no
 * memory for that. */
static bool records_make_room(struct records *r)
{
	char *bytes;

	if (r->cap - r->end >= READ_SIZE && !r->swollen)
		return true;
	if (r->start > 0) {
		memmove(r->bytes, r->bytes + r->start, r->end - r->start);
		r->scanned -= r->start;
		r->end -= r->start;
		r->start = 0;
	}
	if (r->swollen && r->end <= READ_SIZE) {
		r->cap = 2 * READ_SIZE;
		r->bytes = mem_grow(r->bytes, r->cap);
	}
	r->swollen = false;
	if (r->cap - r->end >= READ_SIZE)
		return true;
	bytes = mem_try_grow(r->bytes, 2 * r->cap);
	if (bytes) {
		r->cap *= 2;
		r->bytes = bytes;
	}
	return bytes;
}

/* The end, for now: what may come behind it? */
static enum cut records_at_end(struct records *r)
{
	enum follow_seen seen = r->follow ? follow_at_end(r->follow, &r->fd) : FOLLOW_END;

	r->waiting = seen == FOLLOW_NOTHING && r->regular;
	r->anew = seen == FOLLOW_ANEW;
	r->moved |= r->anew;
	r->ended = r->broken = seen == FOLLOW_FAILED;
	r->ended |= seen == FOLLOW_END;
	if (r->ended)
		return r->broken ? CUT_FAILED : CUT_END;
	return seen == FOLLOW_NOTHING ? CUT_NOTHING : CUT_RECORD;
}

/* Read at most so many bytes, *n of them. CUT_RECORD means that there is more to look at, or
 * that what comes is another stream (anew). */
static enum cut records_take(struct records *r, char *to, size_t most, ssize_t *n)
{
	r->waiting = r->anew = false;
	*n = 0;
	if (!r->regular && !io_readable(r->fd, r->device))
		return CUT_NOTHING;
	*n = io_read(r->fd, to, most);
	if (*n > 0)
		return CUT_RECORD;
	if (*n == 0)
		return records_at_end(r);
	*n = 0;
	if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)
		return CUT_NOTHING;
	msg_warn("cannot read %s to its end: %s", records_spoken(r->name), strerror(errno));
	r->ended = r->broken = true;
	return CUT_FAILED;
}

/* Of a stream that is over: the record that came last may lack its end, and gets it. */
static bool records_lacks_end(const struct records *r, const char *data, size_t len)
{
	return r->anew && (r->skipping || (len && data[len - 1] != r->separator));
}

static enum cut records_fill(struct records *r)
{
	ssize_t n;
	enum cut got = records_take(r, r->bytes + r->end, READ_SIZE, &n);

	r->end += (size_t)n;
	if (got == CUT_FAILED)
		r->start = r->end;
	if (records_lacks_end(r, r->bytes + r->start, r->end - r->start))
		r->bytes[r->end++] = r->separator;
	return got;
}

/* CSV: a quote that does not end may take no more with it than the longest record: one
 * that is too long is given up at the first separator from there on, in quotes or not.
 * How many of the `n` bytes at start that is; 0: there is no separator. */
static size_t records_give_up(struct records *r, size_t n)
{
	const char *begin = r->bytes + r->start, *found = NULL;

	if (r->quotes && n > r->max)
		found = memchr(begin + r->max, r->separator, n - r->max);
	return found ? (size_t)(found + 1 - begin) : 0;
}

/* A record of so many bytes begins at start; `whole` with its separator. */
static enum cut records_give(struct records *r, size_t n, size_t whole, const char **data,
	size_t *len)
{
	bool skip = r->skipping;
	size_t up = skip ? 0 : records_give_up(r, n);

	r->runaway = up ? bytes_count(r->bytes + r->start, up, r->separator) : 0;
	if (up) {
		whole = up;
		n = up - 1;
	}
	*data = r->bytes + r->start;
	*len = n;
	r->start = r->scanned = r->start + whole;
	r->done += whole;
	r->skipping = r->quoted = false;
	if (skip)
		return CUT_NOTHING;
	r->lacking = n <= r->max && n > LARGE && !mem_has(COPIES * n);
	r->swollen |= r->lacking;
	if (n <= r->max && !up && !r->lacking)
		return CUT_RECORD;
	*len = n < SPECIMEN ? n : SPECIMEN;
	return CUT_TOO_LONG;
}

/* No separator in sight, and too long already or no room for more: refuse it, and drop what
 * is here. */
static void records_refuse(struct records *r, const char **data, size_t *len)
{
	size_t here = r->end - r->start, up = r->skipping ? 0 : records_give_up(r, here);

	if (!r->skipping)
		r->lacking = r->swollen = here <= r->max;
	r->runaway = r->quoted ? bytes_count(r->bytes + r->start, up ? up : here, r->separator)
		+ !up : 0;
	r->quoted = false;
	r->skipping = !up;
	*data = r->bytes + r->start;
	*len = up ? up - 1 : here;
	*len = SPECIMEN < *len ? SPECIMEN : *len;
	here = up ? up : here;
	r->done += here;
	r->start = r->scanned = r->start + here;
}

static char *records_find_end_csv(struct records *r)
{
	const char *begin = r->bytes + r->start;
	struct csv_scan scan = { r->scanned - r->start, r->quoted };
	const char *found = csv_find_end(&r->csv, &scan, begin, r->end - r->start, r->ended);

	r->scanned = r->start + scan.scanned;
	r->quoted = scan.quoted;
	return (char *)found;
}

/* One whose sign is not whole yet is looked at anew with more of it: so far there was no
 * quote. */
static bool records_is_comment(const struct records *r)
{
	size_t len = r->comment ? strlen(r->comment) : 0;

	return len && r->end - r->start >= len && memcmp(r->bytes + r->start, r->comment, len) == 0;
}

/* The separator that ends the record, or NULL: there is none before `end`. */
static char *records_find_end(struct records *r)
{
	size_t from = r->scanned;

	if (r->quotes && !r->skipping && !records_is_comment(r))
		return records_find_end_csv(r);
	r->scanned = r->end;
	return memchr(r->bytes + from, r->separator, r->end - from);
}

/* Every second byte of UTF-16 may be a NUL, and lines end with two bytes. */
static void records_tell_utf16(const struct records *r, const char *data, size_t len)
{
	bool little = len > 3 && memcmp(data, "\xff\xfe", 2) == 0 && !data[3];
	bool big = len > 3 && memcmp(data, "\xfe\xff", 2) == 0 && !data[2];

	if (little || big)
		msg_warn("%s is UTF-16; iconv -f UTF-16 -t UTF-8 makes text of it that pq can cut into "
			"items", records_spoken(r->name));
}

/* Pass over a byte order mark, with which text may begin. False: more is needed to tell. */
static bool records_past_mark(struct records *r)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t here = r->end - r->start, n = here < sizeof mark - 1 ? here : sizeof mark - 1;

	if (!r->mark)
		return true;
	if (memcmp(r->bytes + r->start, mark, n) == 0 && n == sizeof mark - 1)
		r->start = r->scanned = r->done = n;
	else if (!r->ended && (memcmp(r->bytes + r->start, mark, n) == 0
	    || (here < 4 && (unsigned char)r->bytes[r->start] >= 0xfe)))
		return false;
	else
		records_tell_utf16(r, r->bytes + r->start, here);
	r->mark = false;
	return true;
}

enum cut records_next(struct records *r, const char **data, size_t *len)
{
	for (;;) {
		bool begun = records_past_mark(r);
		char *found = begun ? records_find_end(r) : NULL;
		bool skipping = r->skipping;
		enum cut got;
		bool room;

		if (found) {
			size_t n = (size_t)(found - r->bytes) - r->start;

			got = records_give(r, n, n + 1, data, len);
			if (got == CUT_NOTHING)
				continue; /* that was the end of a refused one */
			return got;
		}
		room = r->ended || records_make_room(r);
		if (begun && (r->end - r->start > r->max || skipping || !room)) {
			records_refuse(r, data, len);
			if (!skipping)
				return CUT_TOO_LONG;
		}
		if (r->ended) {
			if (r->start == r->end)
				return CUT_END;
			return records_give(r, r->end - r->start, r->end - r->start, data, len);
		}
		got = records_fill(r);
		if (got == CUT_NOTHING || got == CUT_FAILED)
			return got;
		if (skipping && got == CUT_RECORD)
			return CUT_NOTHING; /* a line without an end must not keep the caller */
	}
}

/* --- in runs ----------------------------------------------------------- */

/* After the last separator of the run; 0 when there is none. */
static size_t whole_records(const struct records *r, const struct buf *to, size_t from)
{
	const char *last = memrchr(to->data + from, r->separator, to->len - from);

	return last ? (size_t)(last + 1 - to->data) : 0;
}

/* What is held and what is wanted trade places: a long record comes in many pieces, and
 * would be copied at each of them. `to` has some memory. */
static void trade(struct records *r, struct buf *to)
{
	struct buf held = { r->bytes, r->end, r->cap };

	r->bytes = to->data;
	r->end = to->len;
	r->cap = to->cap;
	*to = held;
}

/* Begin with what was put aside. */
static void take_held(struct records *r, struct buf *to, size_t size)
{
	buf_reserve(to, size);
	if (!r->start && r->end > size)
		trade(r, to);
	else
		buf_add(to, r->bytes + r->start, r->end - r->start);
	r->start = r->end = 0;
}

/* What belongs to the next run is put aside. */
static enum cut cut_run(struct records *r, struct buf *to, size_t whole)
{
	size_t rest = to->len - whole;

	if (!whole) {
		trade(r, to);
		return CUT_NOTHING;
	}
	while (r->cap < rest) {
		r->cap *= 2;
		r->bytes = mem_grow(r->bytes, r->cap);
	}
	memcpy(r->bytes, to->data + whole, rest);
	r->start = 0;
	r->end = rest;
	to->len = whole;
	r->done += whole;
	return CUT_RECORD;
}

static enum cut records_refuse_run(struct records *r, struct buf *to, const char **data,
	size_t *len)
{
	*data = to->data;
	*len = SPECIMEN < to->len ? SPECIMEN : to->len;
	r->done += to->len;
	r->lacking = r->swollen = to->len <= r->max;
	to->len = 0; /* the bytes stay until the next call */
	r->skipping = true;
	return CUT_TOO_LONG;
}

/* Within a record that was refused: drop what there is of it. */
static void records_skip(struct records *r, struct buf *to)
{
	char *end = memchr(to->data, r->separator, to->len);
	size_t drop = end ? (size_t)(end + 1 - to->data) : to->len;

	r->skipping = !end;
	r->done += drop;
	to->len -= drop;
	memmove(to->data, to->data + drop, to->len);
}

enum cut records_read(struct records *r, struct buf *to, size_t most)
{
	ssize_t n;
	enum cut got = records_take(r, buf_reserve(to, most), most, &n);

	to->len += (size_t)n;
	if (n >= (ssize_t)READ_SIZE && !r->widened) {
		r->widened = true;
		io_widen(r->fd); /* it was full, and more may come */
	}
	return got;
}

/* The last record, which came without its separator. */
static enum cut records_last(struct records *r, struct buf *to, bool *unended)
{
	r->done += to->len;
	buf_addc(to, r->separator);
	*unended = true;
	return CUT_RECORD;
}

enum cut records_run(struct records *r, struct buf *to, size_t size, bool *unended,
	const char **data, size_t *len)
{
	size_t whole = 0;
	enum cut got = CUT_RECORD;

	if (r->swollen)
		buf_free(to);
	r->swollen = *unended = false;
	take_held(r, to, size);
	if (r->ended && r->broken)
		return CUT_FAILED;
	if (r->ended)
		return to->len ? records_last(r, to, unended) : CUT_END;
	while (to->len < size || !whole) {
		size_t before = to->len, most = to->len < size ? size - to->len : READ_SIZE, found;

		if (!whole && (to->len > r->max || !buf_try_reserve(to, most)))
			return records_refuse_run(r, to, data, len);
		got = records_read(r, to, most);
		if (got != CUT_RECORD)
			break;
		if (records_lacks_end(r, to->data, to->len))
			buf_addc(to, r->separator);
		if (r->skipping) {
			records_skip(r, to);
			before = 0;
		}
		found = whole_records(r, to, before);
		whole = found ? found : whole;
	}
	if (got == CUT_END && !whole)
		return to->len ? records_last(r, to, unended) : CUT_END;
	if (got == CUT_FAILED) { /* half a record is none */
		to->len = whole;
		return whole ? CUT_RECORD : CUT_FAILED;
	}
	return cut_run(r, to, whole);
}

int records_fd(const struct records *r)
{
	return r->waiting ? follow_fd(r->follow) : r->fd;
}

uint64_t records_size(const struct records *r)
{
	return r->size;
}

uint64_t records_done(const struct records *r)
{
	return r->done;
}

bool records_shared(const struct records *r)
{
	return r->shared;
}

void records_leave(struct records *r, uint64_t used)
{
	bool back = r->shared && !r->moved;
	off_t now = back ? lseek(r->fd, 0, SEEK_CUR) : 0;

	if (back && used < (uint64_t)(now - r->begin))
		lseek(r->fd, r->begin + (off_t)used, SEEK_SET);
}

void records_close(struct records *r)
{
	if (r->fd != STDIN_FILENO)
		close(r->fd);
	follow_close(r->follow);
	free(r->bytes);
	free(r);
}
