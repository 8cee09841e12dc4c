/* The bells of those who have asked in vain. See bells.h. */
#include "queue/bells.h"

void bells_add(struct bells *b, struct queue_bell *bell)
{
	bell->state = BELL_LISTED;
	bell->next = b->list;
	b->list = bell;
}

void bells_remove(struct bells *b, struct queue_bell *bell)
{
	struct queue_bell **link = &b->list;

	if (bell->state == BELL_RUNG) {
		b->rung--;
		bell_hush(&bell->bell);
	}
	if (bell->state == BELL_LISTED) {
		while (*link != bell)
			link = &(*link)->next;
		*link = bell->next;
	}
	bell->state = BELL_UNLISTED;
}

void bells_call(struct bells *b)
{
	struct queue_bell *bell = b->list;

	bells_remove(b, bell);
	bell->state = BELL_RUNG;
	b->rung++;
	bell_ring(&bell->bell);
}

size_t bells_waiting(const struct bells *b)
{
	size_t n = b->rung;

	for (const struct queue_bell *bell = b->list; bell; bell = bell->next)
		n++;
	return n;
}
