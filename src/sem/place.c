/* Where semaphores are. See place.h. */
#include "sem/place.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/msg.h"

/* Of a name that is too long for a file so many bytes are shown, and a hash of all. */
enum { PLACE_LONGEST = 200, PLACE_SHOWN = 100 };

static void place_path(struct buf *path)
{
	const char *home = getenv("PARALLEL_HOME");

	if (home && *home)
		buf_addf(path, "%s/pq-semaphores", home);
	else
		buf_addf(path, "/tmp/pq-%ju", (uintmax_t)geteuid());
}

static bool place_is_safe(int dir, const char *path, struct buf *why)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		buf_addf(why, "%s: %s", path, strerror(errno));
	else if (st.st_uid != geteuid())
		buf_addf(why, "%s belongs to another user, %ju, who could do as he likes with what is "
			"kept there", path, (uintmax_t)st.st_uid);
	else if (st.st_mode & 077)
		buf_addf(why, "others may use %s (mode %03o); chmod 700 %s, once nothing of theirs is "
			"in it", path, (unsigned)st.st_mode & 07777, path);
	return !why->len;
}

int place_open(struct buf *why)
{
	struct buf text = { 0 };
	const char *path;
	int dir = -1;

	place_path(&text);
	path = buf_str(&text);
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		buf_addf(why, "%s: %s", path, errno == ELOOP || errno == ENOTDIR
			? "is no directory" : strerror(errno));
	if (dir >= 0 && !place_is_safe(dir, path, why)) {
		close(dir);
		dir = -1;
	}
	if (dir >= 0)
		flock(dir, LOCK_SH | LOCK_NB); /* systemd-tmpfiles and its like pass it over then */
	buf_free(&text);
	return dir;
}

static void place_escape(const char *id, struct buf *name)
{
	for (; *id; id++)
		if (strchr("._-", *id) || (*id >= '0' && *id <= '9') || (*id >= 'a' && *id <= 'z')
		    || (*id >= 'A' && *id <= 'Z'))
			buf_addc(name, *id);
		else
			buf_addf(name, "%%%02X", (unsigned char)*id);
}

void place_name(const char *id, struct buf *name)
{
	static const struct hash_key keys[] = { { { 1, 2 } }, { { 3, 4 } } };
	size_t from = name->len;

	buf_adds(name, "id-");
	place_escape(id, name);
	if (name->len - from <= PLACE_LONGEST)
		return;
	name->len = from + PLACE_SHOWN;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		buf_addf(name, "+%016" PRIx64, hash_bytes(&keys[i], id, strlen(id)));
}
