/* A file's content, transformed. See transform/file.h. */
#include "action/transform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/action.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/diff.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"
#include "action/run/output.h"
#include "action/transform/replace.h"
#include "action/template/template.h"
#include "action/transform/transform.h"
#include "action/transform/rules.h"

/* Bytes read, and transformed, at a time. */
#define PIECE ((size_t)262144)

struct transform_file {
	const struct transform_rules *rules;
	struct transformer *transformer;
	struct buf in, out, tag;

	/* The file at hand. */
	const struct attempt *attempt;
	struct replacement *place; /* in place; NULL: to the output */
	uint64_t records;        /* before this piece */
	uint64_t failed;
	bool changed;
	bool skipping;           /* within a record that is too long */
	struct buf before, after; /* rules.diff: its content, and what would become of that; */
	bool large;              /* which is too much to be compared */
};

struct transform_file *transform_file_new(const struct transform_rules *rules,
	struct transformer *transformer)
{
	struct transform_file *f = mem_zero(sizeof *f);

	f->rules = rules;
	f->transformer = transformer;
	return f;
}

void transform_file_free(struct transform_file *f)
{
	buf_free(&f->in);
	buf_free(&f->out);
	buf_free(&f->tag);
	buf_free(&f->before);
	buf_free(&f->after);
	free(f);
}

static bool is_whole(const struct transform_file *f)
{
	return transform_is_whole(f->rules->transform);
}

static char separator_of(const struct transform_file *f)
{
	return transform_separator(f->rules->transform);
}

static void file_tell(const struct transform_file *f, const char *what)
{
	struct buf name = { 0 };

	delivery_name(&name, f->attempt->delivery);
	msg_failed("files that could not be transformed", "%s: %s%s", buf_str(&name), what,
		f->rules->in_place ? "; it stays as it is" : "");
	buf_free(&name);
	f->attempt->delivery->result.outcome.code = 1;
}

static void tell_error(const struct transform_file *f, const char *what)
{
	struct buf text = { 0 };

	buf_addf(&text, "%s: %s", what, strerror(errno));
	file_tell(f, buf_str(&text));
	buf_free(&text);
}

/* What was to take the file's place cannot be written: no fault of the file's. */
static void tell_unwritable(struct transform_file *f, int error)
{
	struct buf name = { 0 };

	delivery_name(&name, f->attempt->delivery);
	buf_adds(&name, ", which stays as it is");
	f->rules->failed(f->rules->ctx, buf_str(&name), error);
	buf_free(&name);
	f->attempt->delivery->result.outcome.code = 1;
}

void transform_file_failed(struct transform_file *f, const struct transform_failure *failure)
{
	struct buf name = { 0 }, text = { 0 };

	delivery_name(&name, f->attempt->delivery);
	msg_quote(&text, failure->data, failure->len, 40);
	msg_failed("records that could not be transformed", "%s: record %llu %s: %s; %s",
		buf_str(&name), (unsigned long long)(f->records + failure->index + 1),
		buf_str(&text), failure->why,
		f->rules->in_place ? "the file stays as it is" : "it is left out");
	buf_free(&name);
	buf_free(&text);
	f->failed++;
}

static bool cancelled(const struct transform_file *f)
{
	return f->rules->cancelled(f->rules->ctx);
}

bool transform_print(const struct transform_rules *rules, struct output *o, const char *data,
	size_t len)
{
	while (len > 0) {
		size_t room, n;
		char *space;

		while (!output_room(o, CLOCK_SECOND / 10))
			if (rules->cancelled(rules->ctx))
				return false;
		space = output_space(o, STREAM_OUT, &room);
		n = len < room ? len : room;
		memcpy(space, data, n);
		output_filled(o, STREAM_OUT, n);
		data += n;
		len -= n;
	}
	output_idle(o);
	return true;
}

/* For the comparison, as long as it is no more than a record may be. */
static void file_gather(struct transform_file *f, struct buf *to, const char *data, size_t len)
{
	f->large |= to->len + len > f->rules->max_item || !buf_try_reserve(to, len);
	if (!f->large)
		buf_add(to, data, len);
}

/* Where what has become of a piece goes. False: it was told, or is of no use any more. */
static bool file_put(struct transform_file *f)
{
	if (f->rules->diff)
		file_gather(f, &f->after, f->out.data, f->out.len);
	else if (!f->rules->in_place)
		return transform_print(f->rules, f->attempt->output, f->out.data, f->out.len);
	if (!f->rules->in_place)
		return true;
	if (f->failed)
		return false;
	if (f->rules->diff || replace_write(f->place, f->out.data, f->out.len))
		return true;
	tell_unwritable(f, errno);
	return false;
}

/* A filter has dropped the one record that the file is: that empties no file. */
static bool refuse_empty(struct transform_file *f)
{
	file_tell(f, "a filter drops the whole of it");
	return false;
}

/* The records in[0..len), each with its separator; `unended`: the last had none. */
static bool do_piece(struct transform_file *f, size_t len, bool unended)
{
	buf_clear(&f->out);
	transformer_run(f->transformer, f->in.data, len, &f->out);
	f->records += bytes_count(f->in.data, len, separator_of(f));
	if (f->out.len != len || memcmp(f->out.data, f->in.data, len) != 0)
		f->changed = true;
	if (unended && f->out.len > 0 && (f->rules->in_place || is_whole(f)))
		f->out.len--;
	else if (!f->out.len && f->rules->in_place && is_whole(f) && !f->failed)
		return refuse_empty(f);
	return file_put(f);
}

/* A record without an end in sight is too long: it fails, and the rest of it is
 * passed over. */
static bool refuse_long(struct transform_file *f, const char *why)
{
	transform_file_failed(f, &(struct transform_failure){ 0, f->in.data, f->in.len, why });
	f->records++;
	f->skipping = true;
	f->in.len = 0;
	return !f->rules->in_place;
}

static void file_skip(struct transform_file *f)
{
	char *end = is_whole(f) ? NULL : memchr(f->in.data, separator_of(f), f->in.len);
	size_t drop = end ? (size_t)(end + 1 - f->in.data) : f->in.len;

	f->skipping = !end;
	f->in.len -= drop;
	memmove(f->in.data, f->in.data + drop, f->in.len);
}

/* What has been read: do the whole records, keep the rest. No record ends in the first
 * `known` bytes. */
static bool do_read(struct transform_file *f, size_t known)
{
	char *last;
	size_t whole;
	bool fine;

	if (f->skipping) {
		file_skip(f);
		known = 0;
	}
	last = is_whole(f) ? NULL
		: memrchr(f->in.data + known, separator_of(f), f->in.len - known);
	if (!last)
		return f->in.len <= f->rules->max_item || refuse_long(f, item_beyond_max);
	whole = (size_t)(last + 1 - f->in.data);
	fine = do_piece(f, whole, false);
	f->in.len -= whole;
	memmove(f->in.data, f->in.data + whole, f->in.len);
	return fine;
}

static bool do_last(struct transform_file *f)
{
	if (f->skipping || !f->in.len)
		return true;
	buf_addc(&f->in, separator_of(f));
	return do_piece(f, f->in.len, true);
}

/* There is no memory for the record that is being read, which all of f->in is. False: that
 * ends the file. */
static bool content_is_beyond(struct transform_file *f)
{
	bool fine = refuse_long(f, item_beyond_memory);

	buf_free(&f->in);
	buf_free(&f->out);
	return fine;
}

/* False: it has been told, or is cancelled. */
static bool do_content(struct transform_file *f, int fd)
{
	buf_clear(&f->in);
	for (;;) {
		ssize_t n;

		if (!buf_try_reserve(&f->in, PIECE) && !content_is_beyond(f))
			return false;
		n = read(fd, buf_reserve(&f->in, PIECE), PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			tell_error(f, "cannot be read to its end");
			return false;
		}
		if (n == 0)
			return do_last(f);
		if (f->rules->diff)
			file_gather(f, &f->before, f->in.data + f->in.len, (size_t)n);
		f->in.len += (size_t)n;
		if (!do_read(f, f->in.len - (size_t)n) || cancelled(f))
			return false;
	}
}

/* An error of the disk, and not of this file alone. */
static bool is_of_disk(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EIO || error == EFBIG
		|| error == EBADF;
}

static void rewrite(struct transform_file *f)
{
	struct buf why = { 0 };

	if (!replace_begin(f->place)) {
		if (is_of_disk(errno))
			tell_unwritable(f, errno);
		else
			tell_error(f, "cannot make a file beside it");
		return;
	}
	if (!do_content(f, replace_source(f->place)) || f->failed || !f->changed)
		return;
	if (replace_commit(f->place, f->rules->in_place, &why))
		return;
	if (is_of_disk(errno)) {
		tell_unwritable(f, errno);
	} else {
		struct buf text = { 0 };

		buf_addf(&text, "cannot be replaced: %s", buf_str(&why));
		file_tell(f, buf_str(&text));
		buf_free(&text);
	}
	buf_free(&why);
}

/* No content is taken from what is no file, nor from what is being written. */
static bool is_content(struct transform_file *f, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		file_tell(f, S_ISDIR(st->st_mode) ? "is a directory: give it with --from"
			: "is no regular file");
	else if (io_is_output(st))
		file_tell(f, "is the output itself: write to another file");
	else
		return true;
	return false;
}

static void do_in_place(struct transform_file *f, const char *path)
{
	f->place = replace_open(path);
	if (!f->place) {
		tell_error(f, "cannot be read");
		return;
	}
	if (is_content(f, replace_stat(f->place)))
		rewrite(f);
	replace_close(f->place);
	f->place = NULL;
}

static void file_compare(struct transform_file *f, const char *path)
{
	struct buf text = { 0 };

	if (f->large && f->changed)
		diff_add_differ(&text, "Files", path);
	else if (!f->large)
		diff_add(&text, path, buf_str(&f->before), f->before.len, buf_str(&f->after),
			f->after.len);
	transform_print(f->rules, f->attempt->output, buf_str(&text), text.len);
	buf_free(&text);
}

static void do_print(struct transform_file *f, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		tell_error(f, "cannot be read");
	else if (is_content(f, &st) && do_content(f, fd) && f->rules->diff
	    && !(f->failed && f->rules->in_place))
		file_compare(f, path);
	if (fd >= 0)
		close(fd);
}

void transform_file(struct transform_file *f, const struct attempt *attempt)
{
	struct delivery *d = attempt->delivery;
	struct value path = item_value(d->item, 0);

	f->attempt = attempt;
	f->records = f->failed = 0;
	f->changed = f->skipping = f->large = false;
	buf_clear(&f->before);
	buf_clear(&f->after);
	buf_clear(&f->tag);
	if (f->rules->tag)
		template_fill(f->rules->tag, &(struct fill){ .item = d->item,
			.slot = attempt->slot + 1 }, &f->tag);
	output_begin(attempt->output, d, attempt->live, f->rules->tag ? &f->tag : NULL);
	if (memchr(path.data, '\0', path.len))
		file_tell(f, "holds a NUL byte and names no file");
	else if (f->rules->in_place && !f->rules->diff)
		do_in_place(f, path.data);
	else
		do_print(f, path.data);
	output_end(attempt->output);
	if (f->failed)
		d->result.outcome.code = 1;
	if (cancelled(f))
		d->result.outcome = (struct outcome){ .how = OUTCOME_STOPPED,
			.started = d->result.outcome.started };
}
