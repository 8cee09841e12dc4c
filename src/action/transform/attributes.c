/* A file's owner, rights and attributes. See attributes.h. */
#include "action/transform/attributes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif

#include "base/buf.h"
#include "base/mem.h"

static bool lost(struct buf *why, const char *what)
{
	buf_addf(why, "its %s cannot be kept: %s", what, strerror(errno));
	return false;
}

#ifdef __linux__

static const char access_list[] = "system.posix_acl_access";

static bool is_none(int error)
{
	return error == ENODATA || error == ENOTSUP;
}

/* The value; false with errno when there is none. */
static bool read_attribute(int fd, const char *name, struct buf *value)
{
	ssize_t n;

	do {
		n = fgetxattr(fd, name, NULL, 0);
		if (n < 0)
			return false;
		buf_clear(value);
		n = fgetxattr(fd, name, buf_reserve(value, (size_t)n + 1), (size_t)n);
	} while (n < 0 && errno == ERANGE); /* it has grown in between */
	if (n < 0)
		return false;
	value->len = (size_t)n;
	return true;
}

/* These tell what the content was, and are made anew by whoever wants them. */
static bool is_of_content(const char *name)
{
	return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0;
}

/* What the system gave the new file by itself need not be set: a label, mostly, which
 * only few may set. */
static bool copy_attribute(int old, int new, const char *name, struct buf *why)
{
	struct buf value = { 0 }, is = { 0 };
	bool fine = read_attribute(old, name, &value);

	if (!fine && is_none(errno))
		fine = true; /* it has gone */
	else if (fine && !(read_attribute(new, name, &is) && is.len == value.len
	    && memcmp(buf_str(&is), buf_str(&value), is.len) == 0))
		fine = fsetxattr(new, name, buf_str(&value), value.len, 0) == 0;
	if (!fine)
		lost(why, strcmp(name, access_list) == 0 ? "access list" : name);
	buf_free(&value);
	buf_free(&is);
	return fine;
}

/* All names, each with its NUL; false with errno. */
static bool list_attributes(int fd, struct buf *names)
{
	ssize_t n;

	do {
		n = flistxattr(fd, NULL, 0);
		if (n <= 0)
			return n == 0 || is_none(errno);
		n = flistxattr(fd, buf_reserve(names, (size_t)n), (size_t)n);
	} while (n < 0 && errno == ERANGE);
	if (n > 0)
		names->len = (size_t)n;
	return n >= 0;
}

/* A directory may have given the new file a list that the old one lacks. */
static bool copy_extended(int old, int new, struct buf *why)
{
	struct buf names = { 0 };
	bool fine = list_attributes(old, &names) || lost(why, "attributes");

	if (fine && fremovexattr(new, access_list) < 0 && !is_none(errno))
		fine = lost(why, "rights");
	for (size_t at = 0; fine && at < names.len; at += strlen(names.data + at) + 1)
		if (!is_of_content(names.data + at))
			fine = copy_attribute(old, new, names.data + at, why);
	buf_free(&names);
	return fine;
}

#else

static bool copy_extended(int old, int new, struct buf *why)
{
	(void)old;
	(void)new;
	(void)why;
	return true;
}

#endif

/* chown takes away set-id bits and capabilities, so it is first; the mode's bits for the
 * group are those of the access list's mask, so that stands before them. */
bool attributes_copy(int old, const struct stat *st, int new, struct buf *why)
{
	if ((st->st_uid != geteuid() || st->st_gid != getegid())
	    && fchown(new, st->st_uid, st->st_gid) < 0)
		return lost(why, "owner");
	if (!copy_extended(old, new, why))
		return false;
	return fchmod(new, st->st_mode & 07777) == 0 || lost(why, "mode");
}
