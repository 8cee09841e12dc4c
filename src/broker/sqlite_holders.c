/* Who holds leases in SQLite, and what was lost with those who died. See sqlite_parts.h.
 *
 * Who is dead is asked of the kernel, not of a clock: a holder has one byte of the file
 * FILE-pq locked, at its id, and the kernel frees it the moment the process is no more,
 * however it came to its end. One that was stopped, or waits for its disk, keeps it. The
 * lock belongs to the open file and not to the process, so that opening and closing the file
 * elsewhere in it changes nothing; no job inherits it.
 *
 * It outlives the connection: who closes a store in trouble and opens it anew goes on as
 * the holder that it was, and its jobs keep their leases. */
#include "broker/sqlite_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"

/* A side file that this process has open, and its byte in it. */
struct holding {
	struct holding *next;
	char *path;      /* owned: of the side file */
	dev_t device;
	ino_t inode;
	int fd;
	pid_t pid;       /* whose it is: a child of it has no part in it */
	int64_t id, since; /* of the row; 0: there is none yet */
	bool locked;
	unsigned uses;   /* by open stores */
};

static lock holdings_lock = LOCK_INIT;
static struct holding *holdings;

/* --- the side file ----------------------------------------------------- */

/* Try to lock the byte of a holder, or see whether somebody has. */
static bool holding_lock(int fd, int64_t id, bool try, bool *locked)
{
#ifdef F_OFD_SETLK
	struct flock byte = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)id,
		.l_len = 1 };
	int done = fcntl(fd, try ? F_OFD_SETLK : F_OFD_GETLK, &byte);

	*locked = done == 0 && (try || byte.l_type != F_UNLCK);
	return done == 0;
#else
	(void)fd;
	(void)id;
	(void)try;
	*locked = false;
	return false;
#endif
}

/* Who may write the store may write this. */
static int holding_open(const char *path, const char *store)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0 || errno != ENOENT || stat(store, &st) < 0)
		return fd;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd >= 0 && (fchmod(fd, st.st_mode & 0666) < 0
	    || (geteuid() == 0 && fchown(fd, st.st_uid, st.st_gid) < 0))) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct holding *holding_new(char *path, int fd)
{
	struct holding *h = mem_zero(sizeof *h);
	struct stat st;

	if (fstat(fd, &st) < 0)
		memset(&st, 0, sizeof st);
	*h = (struct holding){ .next = holdings, .path = path, .device = st.st_dev,
		.inode = st.st_ino, .fd = fd, .pid = getpid() };
	return holdings = h;
}

static struct holding *holding_find(const struct stat *st)
{
	struct holding *h = holdings;

	while (h && (h->inode != st->st_ino || h->device != st->st_dev || h->pid != getpid()))
		h = h->next;
	return h;
}

/* That of the store, opened if it is not; one more uses it. NULL with errno. */
static struct holding *holding_use(const char *store)
{
	struct buf path = { 0 };
	struct holding *h = NULL;
	struct stat st;
	int fd;

	buf_addf(&path, "%s-pq", store);
	lock_take(&holdings_lock);
	if (stat(buf_str(&path), &st) == 0)
		h = holding_find(&st);
	if (!h && (fd = holding_open(buf_str(&path), store)) >= 0)
		h = holding_new(mem_copy(path.data, path.len), fd);
	if (h)
		h->uses++;
	lock_give(&holdings_lock);
	buf_free(&path);
	return h;
}

static void holding_drop(struct holding *h)
{
	struct holding **at = &holdings;

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	close(h->fd);
	free(h->path);
	free(h);
}

/* A byte behind those of all holders: who waits for the lock of the store shares it. */
enum { WAITING_BYTE = INT32_MAX };

void holder_waits(struct store *s, bool waits)
{
#ifdef F_OFD_SETLK
	struct flock byte = { .l_type = waits ? F_RDLCK : F_UNLCK, .l_whence = SEEK_SET,
		.l_start = (off_t)WAITING_BYTE << 16, .l_len = 1 };

	if (s->holding)
		fcntl(s->holding->fd, F_OFD_SETLK, &byte);
#else
	(void)s;
	(void)waits;
#endif
}

bool holder_others_wait(struct store *s)
{
	bool waits = false;

	return s->holding && holding_lock(s->holding->fd, (int64_t)WAITING_BYTE << 16, false, &waits)
		&& waits;
}

/* Somebody took it away: who joins now makes another one, and looks for our byte there. */
bool holder_renew(struct store *s)
{
	struct holding *h = s->holding;
	struct stat st;
	int fd, old;

	if (!h || (stat(h->path, &st) == 0 && st.st_ino == h->inode && st.st_dev == h->device))
		return true;
	fd = holding_open(h->path, s->path);
	if (fd < 0 || fstat(fd, &st) < 0) {
		s->side_error = errno;
		return false;
	}
	lock_take(&holdings_lock);
	old = h->fd;
	h->fd = fd;
	h->device = st.st_dev;
	h->inode = st.st_ino;
	if (h->id)
		holding_lock(fd, h->id, true, &h->locked);
	lock_give(&holdings_lock);
	close(old);
	return true;
}

/* --- joining and parting ----------------------------------------------- */

/* Is the row of this holding in the store? It may be another one by now, under the same
 * name. */
static bool holder_is_known(struct store *s, const struct holding *h)
{
	struct sqlite_query *q = store_ask(s, "SELECT 1 FROM holder WHERE id = ?1 AND since = ?2",
		NULL, NULL);
	bool known;

	if (!q || !h->id) {
		sqlite_free(q);
		return false;
	}
	sqlite_set(q, 1, h->id);
	sqlite_set(q, 2, h->since);
	known = sqlite_row(q);
	sqlite_free(q);
	return known;
}

static bool holder_add(struct store *s, struct holding *h)
{
	const char *name = engine_holder(), *colon = strrchr(name, ':');
	char *host = mem_copy(name, (size_t)(colon - name));
	struct sqlite_query *q = store_ask(s,
		"INSERT INTO holder (host, pid, since, locked) VALUES (?1, ?2, ?3, 0)", host, colon + 1);
	bool ok = q != NULL;

	h->since = store_now();
	if (q) {
		sqlite_set(q, 3, h->since);
		ok = sqlite_run(q);
	}
	sqlite_free(q);
	free(host);
	h->id = sqlite_inserted(s->db);
	if (!ok || !holding_lock(h->fd, h->id, true, &h->locked) || !h->locked)
		return ok;
	q = store_ask(s, "UPDATE holder SET locked = 1 WHERE id = ?1", NULL, NULL);
	if (!q)
		return false;
	sqlite_set(q, 1, h->id);
	ok = sqlite_run(q);
	sqlite_free(q);
	return ok;
}

bool holder_attach(struct store *s, bool *locks)
{
	struct holding *h = holding_use(s->path);
	bool locked;

	s->holding = h;
	if (!h) {
		s->side_error = errno;
		return false;
	}
	*locks = holding_lock(h->fd, (int64_t)WAITING_BYTE << 16, false, &locked);
	if (holder_is_known(s, h))
		s->holder = h->id;
	return true;
}

bool holder_join(struct store *s)
{
	struct holding *h = s->holding;

	if (s->holder)
		return true;
	s->joining = true;
	if (!holder_is_known(s, h) && !holder_add(s, h))
		return false;
	s->holder = h->id;
	s->broker.expires = !h->locked;
	return true;
}

/* No holder any more, if nothing is leased. */
static bool holder_leave(struct store *s, int64_t id)
{
	struct sqlite_query *q = store_statement(s, STORE_LEAVE);

	if (!q)
		return false;
	sqlite_set(q, 1, id);
	return sqlite_run(q);
}

void holder_part(struct store *s)
{
	struct holding *h = s->holding;
	bool left;

	lock_take(&holdings_lock);
	left = --h->uses == 0;
	lock_give(&holdings_lock);
	if (left && s->holder) {
		left = store_begin(s) && holder_leave(s, s->holder) && sqlite_changed(s->db)
			&& store_commit(s);
		if (!left)
			store_undo(s);
	}
	s->holding = NULL;
	lock_take(&holdings_lock);
	if (left && h->uses == 0)
		holding_drop(h);
	lock_give(&holdings_lock);
}

/* --- what was lost ----------------------------------------------------- */

static void lost_add(struct lost_items *lost, struct sqlite_query *q, const char *holder)
{
	lost->list = mem_grow(lost->list, (lost->count + 1) * sizeof *lost->list);
	lost->list[lost->count++] = (struct lost_item){ sqlite_int(q, 0), sqlite_int(q, 1),
		sqlite_int(q, 2), (unsigned)sqlite_int(q, 3), mem_copy(holder, strlen(holder)) };
}

void lost_clear(struct lost_items *lost)
{
	for (size_t i = 0; i < lost->count; i++)
		free(lost->list[i].holder);
	free(lost->list);
	free(lost->dead);
	*lost = (struct lost_items){ 0 };
}

static bool lost_with(struct store *s, int64_t id, const char *holder, struct lost_items *lost)
{
	struct sqlite_query *q = store_statement(s, STORE_HELD);

	if (!q)
		return false;
	sqlite_set(q, 1, id);
	sqlite_set_text(q, 2, s->part);
	while (sqlite_row(q))
		lost_add(lost, q, holder);
	lost->dead = mem_grow(lost->dead, (lost->ndead + 1) * sizeof *lost->dead);
	lost->dead[lost->ndead++] = id;
	return sqlite_trouble(s->db) == SQLITE_TROUBLE_NONE;
}

/* Those whose lease is over and whose holder cannot be asked after: also other programs. */
static bool lost_by_time(struct store *s, struct lost_items *lost)
{
	struct sqlite_query *q = store_statement(s, STORE_EXPIRED);

	if (!q)
		return false;
	sqlite_set_text(q, 1, s->part);
	sqlite_set(q, 2, store_now());
	while (sqlite_row(q))
		lost_add(lost, q, sqlite_text(q, 4));
	return sqlite_trouble(s->db) == SQLITE_TROUBLE_NONE;
}

bool holder_find_lost(struct store *s, struct lost_items *lost)
{
	struct sqlite_query *q = store_statement(s, STORE_HOLDERS);
	bool locked, ok = q != NULL;

	if (!s->holding || !ok)
		return ok;
	sqlite_set(q, 1, s->holder);
	while (ok && sqlite_row(q))
		if (holding_lock(s->holding->fd, sqlite_int(q, 0), false, &locked) && !locked)
			ok = lost_with(s, sqlite_int(q, 0), sqlite_text(q, 1), lost);
	if (!ok || sqlite_trouble(s->db) != SQLITE_TROUBLE_NONE)
		return false;
	return lost_by_time(s, lost);
}

static bool lost_bury(struct store *s, const struct lost_item *item, struct exchange *x,
	struct tally *tally)
{
	struct sqlite_query *q = store_statement(s, STORE_BURY);
	struct buf why = { 0 };
	bool ok = q != NULL;

	buf_addf(&why, "lost with %s %u time%s", item->holder, item->lost, item->lost > 1 ? "s" : "");
	if (ok) {
		sqlite_set(q, 1, item->id);
		sqlite_set(q, 2, item->token);
		sqlite_set(q, 3, item->due);
		sqlite_set(q, 4, store_now());
		sqlite_set_text(q, 5, buf_str(&why));
		ok = sqlite_run(q);
	}
	if (ok && sqlite_changed(s->db)) {
		buf_addf(&x->buried, "%lld %s\n", (long long)item->id, buf_str(&why));
		tally->live--;
	}
	buf_free(&why);
	return ok;
}

static bool lost_return(struct store *s, const struct lost_item *item)
{
	struct sqlite_query *q = store_statement(s, STORE_TAKE_BACK);
	int64_t wait = engine_back_off(item->lost);

	if (!q)
		return false;
	sqlite_set(q, 1, item->id);
	sqlite_set(q, 2, item->token);
	sqlite_set(q, 3, item->due);
	sqlite_set(q, 4, wait ? ITEM_DELAYED : ITEM_READY);
	sqlite_set(q, 5, store_now() + wait);
	return sqlite_run(q);
}

bool holder_take_back(struct store *s, struct lost_items *lost, struct exchange *x,
	struct tally *tally)
{
	unsigned poison = s->broker.rules.poison;
	bool ok = true;

	for (size_t i = 0; ok && i < lost->count; i++)
		ok = poison && lost->list[i].lost >= poison
			? lost_bury(s, &lost->list[i], x, tally) : lost_return(s, &lost->list[i]);
	for (size_t i = 0; ok && i < lost->ndead; i++)
		ok = holder_leave(s, lost->dead[i]);
	return ok;
}
