/* Files that a job has of its own. See copies.h. */
#include "action/run/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "action/template/template.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/msg.h"

static bool copies_cannot(const char *name, size_t len, const char *reason, struct buf *why)
{
	buf_adds(why, "cannot write ");
	msg_quote(why, name, len, 60);
	buf_addf(why, ": %s (--tmpl)", reason);
	return false;
}

static bool copies_write_one(const struct copy *c, const struct fill *fill, struct buf *why)
{
	struct buf name = { 0 }, text = { 0 };
	int fd = -1;
	bool ok;

	template_fill(c->name, fill, &name);
	template_fill(c->text, fill, &text);
	errno = ENOENT;
	if (name.len && !memchr(name.data, '\0', name.len))
		fd = open(buf_str(&name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	ok = fd >= 0 && io_write(fd, text.data, text.len);
	if (!ok)
		copies_cannot(buf_str(&name), name.len, strerror(errno), why);
	if (fd >= 0)
		close(fd);
	buf_free(&name);
	buf_free(&text);
	return ok;
}

bool copies_write(const struct copy *list, size_t count, const struct fill *fill,
	struct buf *why)
{
	for (size_t i = 0; i < count; i++)
		if (!copies_write_one(&list[i], fill, why))
			return false;
	return true;
}

void copies_remove(const struct copy *list, size_t count, const struct fill *fill)
{
	for (size_t i = 0; i < count; i++) {
		struct buf name = { 0 };

		template_fill(list[i].name, fill, &name);
		unlink(buf_str(&name));
		buf_free(&name);
	}
}
