/* Every regular file below a directory.
 *
 * One level is read at a time and sorted, so that the order is the same each
 * time. The directory itself is held open and no other; each below is looked up from there
 * without following links: a name that was a directory, and has become a link since, leads
 * nowhere. */
#include "source/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"

struct entry {
	char *name;        /* owned */
	unsigned char type; /* as in struct dirent */
};

/* A directory on the way down: what is left of it. */
struct level {
	struct entry *entries;
	size_t count, at;
	size_t path_len;   /* of the directory, in walk.path */
	struct level *above;
};

struct walk {
	struct source source;
	struct level *level;
	struct buf path;
	int root;          /* the directory itself, whose name has so many bytes of the path: */
	size_t root_len;
};

static int walk_by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void close_quietly(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
}

static void walk_complain(struct walk *w)
{
	int error = errno;
	struct buf name = { 0 };

	msg_quote(&name, w->path.data, w->path.len, 200);
	msg_many("directories that could not be read", "cannot read %s: %s; its files are left out",
		buf_str(&name), strerror(error));
	buf_free(&name);
	w->source.failed = true;
}

static unsigned char walk_type_of(int dir, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type;
	if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return DT_UNKNOWN; /* gone meanwhile */
	return S_ISREG(st.st_mode) ? DT_REG : S_ISDIR(st.st_mode) ? DT_DIR : DT_UNKNOWN;
}

static void walk_read_entries(struct walk *w, struct level *l, DIR *dir)
{
	size_t room = 0;
	struct dirent *e;

	while ((errno = 0, e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (l->count == room) {
			room = room ? room * 2 : 64;
			l->entries = mem_grow(l->entries, room * sizeof *l->entries);
		}
		l->entries[l->count++] = (struct entry){ mem_copy(e->d_name, strlen(e->d_name)),
			walk_type_of(dirfd(dir), e) };
	}
	if (errno)
		walk_complain(w);
}

/* The directory that path names, step by step from the one that is held. */
static DIR *walk_open_level(const struct walk *w)
{
	const char *end = w->path.data + w->path.len;
	int dir = fcntl(w->root, F_DUPFD_CLOEXEC, 0), next;
	DIR *opened;

	for (const char *from = w->path.data + w->root_len; dir >= 0 && from < end;) {
		char name[NAME_MAX + 1] = "";
		const char *slash = memchr(from, '/', (size_t)(end - from));
		size_t len = (size_t)((slash ? slash : end) - from);

		from += len + 1;
		if (!len)
			continue;
		memcpy(name, from - len - 1, len); /* one that readdir gave */
		next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close_quietly(dir);
		dir = next;
	}
	opened = dir < 0 ? NULL : fdopendir(dir);
	if (!opened && dir >= 0)
		close_quietly(dir);
	return opened;
}

/* Go down into the directory that path names. */
static void walk_descend(struct walk *w)
{
	struct level *l;
	DIR *dir = walk_open_level(w);

	if (!dir) {
		walk_complain(w);
		return;
	}
	l = mem_zero(sizeof *l);
	l->path_len = w->path.len;
	l->above = w->level;
	w->level = l;
	walk_read_entries(w, l, dir);
	closedir(dir);
	if (l->count)
		qsort(l->entries, l->count, sizeof *l->entries, walk_by_name);
}

static void walk_ascend(struct walk *w)
{
	struct level *l = w->level;

	w->level = l->above;
	for (size_t i = 0; i < l->count; i++)
		free(l->entries[i].name);
	free(l->entries);
	free(l);
}

static enum source_state walk_next(struct source *s, struct draft *draft)
{
	struct walk *w = (struct walk *)s;

	while (w->level) {
		struct level *l = w->level;
		const struct entry *e;

		if (l->at == l->count) {
			walk_ascend(w);
			continue;
		}
		e = &l->entries[l->at++];
		w->path.len = l->path_len;
		if (w->path.data[w->path.len - 1] != '/')
			buf_addc(&w->path, '/');
		buf_adds(&w->path, e->name);
		if (e->type == DT_DIR) {
			walk_descend(w);
			continue;
		}
		if (e->type != DT_REG)
			continue;
		draft_add(draft, w->path.data, w->path.len);
		draft->source = w->source.name;
		return SOURCE_RECORD;
	}
	return SOURCE_END;
}

static void walk_close(struct source *s)
{
	struct walk *w = (struct walk *)s;

	while (w->level)
		walk_ascend(w);
	if (w->root >= 0)
		close(w->root);
	buf_free(&w->path);
	free(w);
}

struct source *source_directory(const char *path)
{
	struct walk *w = mem_zero(sizeof *w);

	w->source.next = walk_next;
	w->source.close = walk_close;
	w->source.name = path;
	w->source.fd = -1;
	buf_adds(&w->path, path);
	w->root_len = w->path.len;
	w->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->root < 0)
		walk_complain(w);
	else
		walk_descend(w);
	if (!w->level) {
		walk_close(&w->source);
		return NULL;
	}
	return &w->source;
}
