/* Every regular file below a directory.
 *
 * One level is read at a time and sorted, so that the order is the same each
 * time; no descriptor stays open between calls. */
#include "source/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void complain(struct walk *w)
{
	int error = errno;
	struct buf name = { 0 };

	msg_quote(&name, w->path.data, w->path.len, 200);
	msg_many("directories that could not be read", "cannot read %s: %s; its files are left out",
		buf_str(&name), strerror(error));
	buf_free(&name);
	w->source.failed = true;
}

static void read_entries(struct walk *w, struct level *l, DIR *dir)
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
			e->d_type };
	}
	if (errno)
		complain(w);
}

/* Go down into the directory that path names. */
static void descend(struct walk *w)
{
	struct level *l;
	DIR *dir = opendir(buf_str(&w->path));

	if (!dir) {
		complain(w);
		return;
	}
	l = mem_zero(sizeof *l);
	l->path_len = w->path.len;
	l->above = w->level;
	w->level = l;
	read_entries(w, l, dir);
	closedir(dir);
	if (l->count)
		qsort(l->entries, l->count, sizeof *l->entries, by_name);
}

static void ascend(struct walk *w)
{
	struct level *l = w->level;

	w->level = l->above;
	for (size_t i = 0; i < l->count; i++)
		free(l->entries[i].name);
	free(l->entries);
	free(l);
}

static unsigned char type_of(struct walk *w, const struct entry *e)
{
	struct stat st;

	if (e->type != DT_UNKNOWN)
		return e->type;
	if (lstat(buf_str(&w->path), &st) < 0)
		return DT_UNKNOWN; /* gone meanwhile */
	return S_ISREG(st.st_mode) ? DT_REG : S_ISDIR(st.st_mode) ? DT_DIR : DT_UNKNOWN;
}

static enum source_state walk_next(struct source *s, struct draft *draft)
{
	struct walk *w = (struct walk *)s;

	while (w->level) {
		struct level *l = w->level;
		const struct entry *e;
		unsigned char type;

		if (l->at == l->count) {
			ascend(w);
			continue;
		}
		e = &l->entries[l->at++];
		w->path.len = l->path_len;
		if (w->path.data[w->path.len - 1] != '/')
			buf_addc(&w->path, '/');
		buf_adds(&w->path, e->name);
		type = type_of(w, e);
		if (type == DT_DIR)
			descend(w);
		if (type != DT_REG)
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
		ascend(w);
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
	descend(w);
	if (!w->level) {
		walk_close(&w->source);
		return NULL;
	}
	return &w->source;
}
