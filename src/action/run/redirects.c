/* Redirections before they are done. See redirects.h. */
#include "action/run/redirects.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "action/redirect.h"
#include "action/run/spawn.h"
#include "base/buf.h"
#include "base/msg.h"

static bool is_below(const char *path, const char *const list[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(path, list[i], strlen(list[i])) == 0)
			return true;
	return false;
}

/* What is no device, nor what a link leads to, which may be all of these. What is not there
 * is made, or cannot be. */
static bool opens_at_once(const char *path)
{
	/* bash knows some of them as names of its own */
	static const char *const special[] = { "/dev/fd", "/dev/std", "/dev/tcp/", "/dev/udp/",
		"/proc/" };
	struct stat st;

	if (strcmp(path, "/dev/null") == 0)
		return true;
	if (is_below(path, special, sizeof special / sizeof *special))
		return false;
	return lstat(path, &st) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
}

bool redirects_are_plain(const struct redirects *r)
{
	if (r->count && !spawn_redirects())
		return false;
	for (size_t i = 0; i < r->count; i++)
		if (r->list[i].what == REDIRECT_OPEN && !opens_at_once(r->list[i].path))
			return false;
	return true;
}

void redirects_tell(const struct redirect *r, int error, struct buf *why)
{
	int mode = r->flags & O_ACCMODE;

	if (r->what == REDIRECT_OPEN) {
		buf_adds(why, "cannot open ");
		msg_quote(why, r->path, strlen(r->path), 200);
		buf_adds(why, mode == O_RDONLY ? " for reading" : mode == O_WRONLY ? " for writing"
			: " for reading and writing");
	} else {
		buf_addf(why, "cannot make %d a copy of %d", r->fd, r->from);
	}
	buf_addf(why, ": %s; not run", strerror(error));
}
