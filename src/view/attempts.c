/* An object for each attempt. See attempts.h. */
#include "view/attempts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/chain.h"
#include "base/chain_text.h"
#include "base/mem.h"
#include "events.h"
#include "item.h"
#include "view/kept.h"
#include "view/object.h"

struct attempts {
	struct attempts_rules rules;
	struct kept *kept; /* where the output is in order; else NULL */
};

struct attempts *attempts_new(const struct attempts_rules *rules)
{
	struct attempts *a = mem_zero(sizeof *a);

	a->rules = *rules;
	a->kept = rules->ordered ? kept_new(rules->store, 0) : NULL;
	return a;
}

/* Dropped for want of room: its turn never comes. */
static void attempts_dropped(struct attempts *a, const struct delivery *d)
{
	struct kept_of of = kept_take(a->kept, d);

	for (struct kept_piece *piece = of.first; piece; piece = piece->next)
		a->rules.print(a->rules.ctx, &piece->text, false);
	kept_give(a->kept, &of);
}

/* The attempt is not the last, and what it printed is forgotten next. */
static void attempts_add(struct attempts *a, const struct delivery *d, bool lost)
{
	struct chain_writer writer = { .store = a->rules.store };
	struct outlet to = { chain_write, &writer };
	bool ok = object_write_attempt(d, a->rules.store, &to, lost);

	ok = chain_written(&writer) && ok;
	if (!ok)
		a->rules.failed(a->rules.ctx, "the spool file in TMPDIR", errno);
	if (ok && a->kept)
		kept_add(a->kept, d, 0, &writer.chain);
	else if (ok)
		a->rules.print(a->rules.ctx, &writer.chain, true);
	chain_free(a->rules.store, &writer.chain);
}

void attempts_hear(void *attempts, const struct event *e)
{
	struct attempts *a = attempts;

	if (e->kind == EVENT_DROPPED) {
		if (a->kept && e->delivery)
			attempts_dropped(a, e->delivery);
	} else if (e->kind == EVENT_LOST || e->delivery->verdict == VERDICT_RETRY) {
		attempts_add(a, e->delivery, e->kind == EVENT_LOST);
	}
}

bool attempts_render(struct attempts *a, const struct delivery *d, const struct outlet *out,
	bool never)
{
	struct kept_of of = { 0 };
	bool ok = true;

	if (a->kept)
		of = kept_take(a->kept, d);
	for (struct kept_piece *piece = of.first; piece && ok; piece = piece->next)
		ok = chain_put(a->rules.store, &piece->text, CHAIN_RAW, out);
	if (a->kept)
		kept_give(a->kept, &of);
	if (d->verdict != VERDICT_RETRY && !never)
		ok = ok && object_write_attempt(d, a->rules.store, out, false);
	return ok;
}

void attempts_free(struct attempts *a)
{
	if (a->kept)
		kept_free(a->kept);
	free(a);
}
