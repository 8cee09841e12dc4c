/* The files of a job in --results. See tree.h. */
#include "view/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/chain_text.h"
#include "base/io.h"
#include "item.h"

enum { LONGEST = 255, HASHED = LONGEST - 18 };

/* FNV-1a: two long values that begin alike have names of their own. */
static uint64_t tree_hash(const char *data, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)data[i]) * UINT64_C(1099511628211);
	return h;
}

static void tree_add_escaped(struct buf *to, const char *data, size_t len)
{
	static const char escaped[] = "\\\t\0/", names[] = "\\t0_";

	for (size_t i = 0; i < len; i++) {
		const char *found = memchr(escaped, data[i], 4);

		if (found)
			buf_addc(to, '\\');
		buf_addc(to, found ? names[found - escaped] : data[i]);
	}
}

void tree_name(struct buf *to, const char *data, size_t len)
{
	size_t from = to->len;

	if (!len)
		buf_adds(to, "\\e");
	if ((len == 1 || (len == 2 && data[1] == '.')) && data[0] == '.')
		buf_addc(to, '\\');
	tree_add_escaped(to, data, len);
	if (to->len - from <= LONGEST)
		return;
	to->len = from + HASHED;
	buf_addf(to, "\\~%016llx", (unsigned long long)tree_hash(data, len));
}

/* --- files ------------------------------------------------------------- */

struct file {
	int fd;
	int error; /* of the first write that failed */
};

static void write_to_file(void *ctx, const char *data, size_t len)
{
	struct file *f = ctx;

	if (!f->error && !io_write(f->fd, data, len))
		f->error = errno;
}

/* What somebody has put there, a link or a FIFO or what has another name, too, is not
 * written to. */
static int tree_open_new(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return -1;
	return openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
}

static int tree_open_any(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);

	if (fd >= 0)
		fcntl(fd, F_SETFL, 0);
	return fd;
}

/* Of one stream, or of `text` if that is not NULL. The descriptor, if it is one, is closed. */
static bool tree_fill(int fd, const char *name, const struct chain *chain, const char *text,
	struct store *store, struct buf *what)
{
	struct file f = { .fd = fd };
	struct outlet to = { write_to_file, &f };
	bool read = true;

	if (f.fd >= 0 && text)
		write_to_file(&f, text, strlen(text));
	else if (f.fd >= 0)
		read = chain_put(store, chain, CHAIN_RAW, &to);
	if (f.fd < 0 || !read)
		f.error = errno;
	if (f.fd >= 0 && close(f.fd) < 0 && !f.error)
		f.error = errno;
	if (f.error && read)
		buf_adds(what, name);
	else
		buf_clear(what);
	errno = f.error;
	return !f.error;
}

static bool write_file(int dir, const char *name, const struct chain *chain, const char *text,
	struct store *store, struct buf *what)
{
	int fd = dir == AT_FDCWD ? tree_open_any(name) : tree_open_new(dir, name);

	return tree_fill(fd, name, chain, text, store, what);
}

bool tree_write_temporary(const struct delivery *d, struct store *store, struct buf *name,
	struct buf *what)
{
	int fd = io_temporary_named(name);

	return tree_fill(fd, buf_str(name), &d->result.output[STREAM_OUT], NULL, store, what);
}

static bool write_three(int dir, const char *const names[3], const struct delivery *d,
	struct store *store, struct buf *what)
{
	struct buf seq = { 0 };
	bool ok;

	buf_addf(&seq, "%llu", (unsigned long long)d->item->number);
	ok = write_file(dir, names[0], &d->result.output[STREAM_OUT], NULL, store, what)
		&& write_file(dir, names[1], &d->result.output[STREAM_ERR], NULL, store, what)
		&& write_file(dir, names[2], NULL, buf_str(&seq), store, what);
	buf_free(&seq);
	return ok;
}

/* --- directories ------------------------------------------------------- */

/* Step down from `dir`, which is closed unless it is the root. */
static int tree_step(int root, int dir, const char *name)
{
	int next = -1, error;

	if (mkdirat(dir, name, 0777) == 0 || errno == EEXIST)
		next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	error = errno;
	if (dir != root)
		close(dir);
	errno = error;
	return next;
}

/* The three names in the directory or beside the path, of which this is the last part. */
static bool write_named(int dir, const char *last, const struct delivery *d, struct store *store,
	struct buf *what)
{
	bool below = !*last || last[strlen(last) - 1] == '/';
	const char *const ends[3] = { below ? "stdout" : "", below ? "stderr" : ".err",
		below ? "seq" : ".seq" };
	struct buf name[3] = { { 0 } };
	const char *names[3];
	bool ok;

	for (int i = 0; i < 3; i++) {
		buf_addf(&name[i], "%s%s", last, ends[i]);
		names[i] = buf_str(&name[i]);
	}
	ok = write_three(dir, names, d, store, what);
	for (int i = 0; i < 3; i++)
		buf_free(&name[i]);
	return ok;
}

bool tree_write(int root, const char *path, const struct delivery *d, struct store *store,
	struct buf *what)
{
	const char *from = path, *slash;
	int dir = root;
	bool ok;

	for (; dir >= 0 && (slash = strchr(from, '/')); from = slash + 1) {
		char name[LONGEST + 1] = "";

		if (slash == from)
			continue;
		memcpy(name, from, (size_t)(slash - from));
		dir = tree_step(root, dir, name);
	}
	if (dir < 0) {
		buf_adds(what, path);
		return false;
	}
	buf_add(what, path, (size_t)(from - path));
	ok = write_named(dir, from, d, store, what);
	if (dir != root) {
		int error = errno;

		close(dir);
		errno = error;
	}
	return ok;
}

/* As mkdir -p, of all that ends with a slash. */
static bool tree_make_way(const char *path)
{
	struct buf part = { 0 };
	bool ok = true;

	for (const char *slash = strchr(path + (*path == '/'), '/'); ok && slash;
	     slash = strchr(slash + 1, '/')) {
		buf_clear(&part);
		buf_add(&part, path, (size_t)(slash - path));
		ok = mkdir(buf_str(&part), 0777) == 0 || errno == EEXIST;
	}
	buf_free(&part);
	return ok;
}

int tree_open(const char *path, size_t len)
{
	struct buf name = { 0 };
	int dir = -1;

	buf_add(&name, len ? path : "./", len ? len : 2);
	if (tree_make_way(buf_str(&name)))
		dir = open(buf_str(&name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	buf_free(&name);
	return dir;
}

bool tree_write_at(const char *path, const struct delivery *d, struct store *store,
	struct buf *what)
{
	if (tree_make_way(path))
		return write_named(AT_FDCWD, path, d, store, what);
	buf_adds(what, path);
	return false;
}
