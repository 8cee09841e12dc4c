/* Claims on files. See claim.h. */
#include "action/transform/claim.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/thread.h"

/* There are no more of them than workers: a list serves. */
static lock held_lock = LOCK_INIT;
static struct claim *held;
static condition given;
static bool begun;

static bool claim_is_held(const struct claim *c)
{
	for (const struct claim *other = held; other; other = other->next)
		if (other->device == c->device && other->inode == c->inode)
			return true;
	return false;
}

void claim_take(struct claim *c, const struct stat *st)
{
	c->device = st->st_dev;
	c->inode = st->st_ino;
	lock_take(&held_lock);
	if (!begun)
		condition_init(&given);
	begun = true;
	while (claim_is_held(c))
		condition_wait(&given, &held_lock, INT64_MAX);
	c->next = held;
	held = c;
	lock_give(&held_lock);
}

void claim_give(struct claim *c)
{
	struct claim **at = &held;

	lock_take(&held_lock);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	condition_all(&given);
	lock_give(&held_lock);
}
