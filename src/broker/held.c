/* The claims that a consumer holds. See held.h. */
#include "broker/held.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/msg.h"
#include "base/status.h"

#define uthash_malloc(size) mem_alloc(size)
#define uthash_free(p, size) free(p)
#define uthash_fatal(text) msg_die(STATUS_CANNOT, "out of memory")
#include <uthash.h>

struct held_claim {
	int64_t id, token;
};

struct held_entry {
	struct held_claim claim;
	unsigned lost;
	UT_hash_handle hh;
};

/* So often, at most: what is above counts as that. */
static unsigned held_rank(unsigned lost)
{
	return lost < HELD_LOST ? lost : HELD_LOST - 1;
}

void held_add(struct held *h, int64_t id, int64_t token, unsigned lost)
{
	struct held_entry *e = mem_zero(sizeof *e);

	e->claim = (struct held_claim){ id, token };
	e->lost = held_rank(lost);
	h->lost[e->lost]++;
	HASH_ADD(hh, h->table, claim, sizeof e->claim, e);
}

bool held_drop(struct held *h, int64_t id, int64_t token)
{
	struct held_claim claim = { id, token };
	struct held_entry *e;

	HASH_FIND(hh, h->table, &claim, sizeof claim, e);
	if (!e)
		return false;
	HASH_DELETE(hh, h->table, e);
	h->lost[e->lost]--;
	free(e);
	return true;
}

unsigned held_lost(const struct held *h)
{
	unsigned most = HELD_LOST - 1;

	while (most && !h->lost[most])
		most--;
	return most;
}

size_t held_count(const struct held *h)
{
	return HASH_COUNT(h->table);
}

void held_settle(const struct held *h, enum settle_how how, struct settles *to)
{
	for (const struct held_entry *e = h->table; e; e = e->hh.next)
		settles_add(to, &(struct settle){ .id = e->claim.id, .token = e->claim.token,
			.how = how });
}

void held_free(struct held *h)
{
	struct held_entry *e, *next;

	HASH_ITER(hh, h->table, e, next) {
		HASH_DELETE(hh, h->table, e);
		free(e);
	}
}
