/* Where what a job prints is to be kept. See place.h. */
#include "action/run/place.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "action/template/template.h"

/* Room for .err behind a name. */
enum { LONGEST_NAME = 255 - 4, LONGEST_PATH = PATH_MAX - 8 };

/* The directory in which all places are: what the template begins with, up to a slash. */
static size_t directory(const struct template *t, const char *path)
{
	size_t len = template_fixed(t);

	while (len > 0 && path[len - 1] != '/')
		len--;
	return len;
}

/* Is the path below a directory wherever that is? */
static bool stays_below(const char *path, bool beginning)
{
	if (beginning && *path == '/')
		return false;
	for (; *path; path += strcspn(path, "/")) {
		path += strspn(path, "/");
		if (strncmp(path, "..", 2) == 0 && (path[2] == '/' || !path[2]))
			return false;
	}
	return true;
}

static bool can_be(const char *path, size_t len)
{
	const char *name = path;

	if (!len || strlen(path) != len || len > LONGEST_PATH)
		return false;
	while (*name) {
		size_t n = strcspn(name, "/");

		if (n > LONGEST_NAME)
			return false;
		if (!name[n])
			return strcmp(name, ".") != 0;
		name += n + 1;
	}
	return true;
}

bool place_make(const struct template *t, const struct fill *fill, struct buf *path,
	struct buf *why)
{
	size_t from = path->len, below;
	const char *place;

	template_fill(t, fill, path);
	place = buf_str(path) + from;
	below = directory(t, place);
	if (!stays_below(place + below, below == 0)) {
		buf_addf(why, "its results would be outside of %.*s (--results); not run",
			below ? (int)below : 100, below ? place : "the current directory");
		return false;
	}
	if (!can_be(place, path->len - from)) {
		buf_adds(why, "what --results makes of it is no name of a file; not run");
		return false;
	}
	return true;
}
