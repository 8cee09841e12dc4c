/* Permits to be at work. See permits.h. */
#include "base/permits.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"

bool permits_open(struct permits *p, unsigned own, int keeper)
{
	*p = (struct permits){ .own = own, .keeper = keeper };
	lock_init(&p->lock);
	return bell_open(&p->bell);
}

void permits_close(struct permits *p)
{
	assert(!p->used && !p->wanted && !p->tokens);
	bell_close(&p->bell);
}

/* With the lock. The keeper may have gone; then that is heard of soon. */
static void permits_say(struct permits *p, enum permits_word word, unsigned times)
{
	char words[64];

	memset(words, word, sizeof words);
	while (p->keeper >= 0 && times > 0) {
		ssize_t n = write(p->keeper, words, times < sizeof words ? times : sizeof words);

		if (n < 0 && errno != EINTR)
			return;
		times -= n > 0 ? (unsigned)n : 0;
	}
}

/* With the lock. */
static void permits_bring_back(struct permits *p, unsigned tokens)
{
	p->tokens -= tokens;
	permits_say(p, PERMITS_BACK, tokens);
}

/* With the lock, when there may be too many or too few for all who want one. */
static void permits_settle(struct permits *p)
{
	unsigned have = p->own + p->tokens, need = p->used + p->wanted, more;

	if (p->keeper < 0)
		return;
	if (have > need && p->tokens > 0)
		permits_bring_back(p, have - need < p->tokens ? have - need : p->tokens);
	more = need > have ? need - have : 0;
	permits_say(p, PERMITS_ASK, more > p->asked ? more - p->asked : 0);
	permits_say(p, PERMITS_DROP, p->asked > more ? p->asked - more : 0);
	p->asked = more;
}

bool permits_take(struct permits *p, bool *wants, bool wait)
{
	bool free;

	lock_take(&p->lock);
	free = p->used < p->own + p->tokens;
	p->used += free;
	wait = wait && !free;
	p->wanted = p->wanted - *wants + wait;
	*wants = wait;
	permits_settle(p);
	lock_give(&p->lock);
	return free;
}

/* A token goes back even where somebody waits for one: others may have waited longer. */
void permits_give(struct permits *p)
{
	bool free;

	lock_take(&p->lock);
	assert(p->used > 0);
	p->used--;
	if (p->tokens > 0 && p->keeper >= 0)
		permits_bring_back(p, 1);
	permits_settle(p);
	free = p->wanted > 0 && p->used < p->own + p->tokens;
	lock_give(&p->lock);
	if (free)
		bell_ring(&p->bell);
}

void permits_renounce(struct permits *p, bool *wants)
{
	if (!*wants)
		return;
	*wants = false;
	lock_take(&p->lock);
	p->wanted--;
	permits_settle(p);
	lock_give(&p->lock);
}

void permits_granted(struct permits *p)
{
	lock_take(&p->lock);
	p->tokens++;
	p->asked -= p->asked > 0;
	permits_settle(p);
	lock_give(&p->lock);
}

void permits_lost(struct permits *p)
{
	lock_take(&p->lock);
	p->keeper = -1;
	p->own += p->tokens;
	p->own += p->own == 0;
	p->tokens = p->asked = 0;
	lock_give(&p->lock);
	bell_ring(&p->bell);
}
