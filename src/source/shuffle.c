/* Random order: --shuf. All records of all sources are read before the first is
 * given out, so this takes as much memory as they do, and some sixty bytes for
 * each. */
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/msg.h"
#include "base/random.h"
#include "item.h"

/* Records taken from one source before the desk may look around. */
enum { AT_ONCE = 4096 };

struct place {
	uint32_t first, values; /* in shuffle.all */
	uint32_t from, id, group; /* its origin there; 0: none */
	uint32_t refused;       /* why, there; 0: it is not */
	const char *source;
};

struct shuffle {
	struct source source;
	struct source **inner;  /* owned, and so is each; NULL: it has ended */
	size_t count, open;
	size_t turn;            /* whose descriptor is polled next */
	struct draft all;       /* every record there is */
	struct place *places;
	size_t known, room, at;
	uint64_t random;
};

/* Behind the record's values; its number there, or 0 for none. */
static uint32_t shuffle_keep_text(struct shuffle *s, const char *text)
{
	if (!text)
		return 0;
	draft_add(&s->all, text, strlen(text));
	return s->all.values - 1;
}

static const char *shuffle_kept_text(const struct shuffle *s, uint32_t at)
{
	return at ? draft_value(&s->all, at).data : NULL;
}

static void shuffle_keep(struct shuffle *s, uint32_t first)
{
	struct place *p;

	if (s->known == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->places = mem_grow(s->places, s->room * sizeof *s->places);
	}
	p = &s->places[s->known++];
	*p = (struct place){ .first = first, .values = s->all.values - first,
		.source = s->all.source };
	p->refused = shuffle_keep_text(s, s->all.refused);
	p->from = shuffle_keep_text(s, s->all.origin.source);
	p->id = shuffle_keep_text(s, s->all.origin.id);
	p->group = shuffle_keep_text(s, s->all.origin.group);
	s->all.refused = NULL;
	s->all.origin = (struct origin){ 0 };
}

static void shuffle_end(struct shuffle *s, size_t i)
{
	s->source.failed |= s->inner[i]->failed;
	s->inner[i]->used = SOURCE_USED; /* in this order nothing stands behind another */
	s->inner[i]->close(s->inner[i]);
	s->inner[i] = NULL;
	s->open--;
}

/* Some records of one source. */
static enum source_state shuffle_take(struct shuffle *s, size_t i)
{
	enum source_state state = SOURCE_RECORD;

	for (int n = 0; state == SOURCE_RECORD && n < AT_ONCE; n++) {
		uint32_t first = s->all.values;

		if (first >= UINT32_MAX / 2)
			msg_die(125, "--shuf: more records than pq can keep in mind");
		state = s->inner[i]->next(s->inner[i], &s->all);
		if (state == SOURCE_RECORD)
			shuffle_keep(s, first);
	}
	if (state == SOURCE_END)
		shuffle_end(s, i);
	return state == SOURCE_RECORD ? SOURCE_AGAIN : state;
}

/* Read on; SOURCE_END when all is there. A source that waits does not hold up the
 * others: each is asked every time, and they are polled in turn. */
static enum source_state shuffle_gather(struct shuffle *s)
{
	bool again = false;

	s->source.fd = -1;
	for (size_t i = 0; i < s->count; i++) {
		size_t k = (s->turn + i) % s->count;
		enum source_state state = s->inner[k] ? shuffle_take(s, k) : SOURCE_END;

		again |= state == SOURCE_AGAIN;
		if (state == SOURCE_NOTHING && s->source.fd < 0)
			s->source.fd = s->inner[k]->fd;
	}
	s->turn = (s->turn + 1) % s->count;
	if (!s->open)
		return SOURCE_END;
	return again ? SOURCE_AGAIN : SOURCE_NOTHING;
}

static void shuffle_give(struct shuffle *s, struct draft *draft)
{
	struct place *p = &s->places[s->at];
	struct place drawn;
	size_t k = s->at + (size_t)random_below(&s->random, s->known - s->at);

	drawn = s->places[k];
	s->places[k] = *p;
	s->at++;
	for (uint32_t i = drawn.first; i < drawn.first + drawn.values; i++) {
		size_t from = i ? s->all.ends[i - 1] + 1 : 0;

		draft_add(draft, s->all.text + from, s->all.ends[i] - from);
	}
	draft->source = drawn.source;
	draft->origin = (struct origin){ shuffle_kept_text(s, drawn.from),
		shuffle_kept_text(s, drawn.id), shuffle_kept_text(s, drawn.group) };
	draft->refused = shuffle_kept_text(s, drawn.refused);
}

static enum source_state shuffle_next(struct source *source, struct draft *draft)
{
	struct shuffle *s = (struct shuffle *)source;

	if (s->open) {
		enum source_state state = shuffle_gather(s);

		if (state != SOURCE_END)
			return state;
		atomic_store(&s->source.total, s->known);
	}
	if (s->at == s->known)
		return SOURCE_END;
	shuffle_give(s, draft);
	return SOURCE_RECORD;
}

static void shuffle_close(struct source *source)
{
	struct shuffle *s = (struct shuffle *)source;

	for (size_t i = 0; i < s->count; i++)
		if (s->inner[i])
			s->inner[i]->close(s->inner[i]);
	draft_free(&s->all);
	free(s->places);
	free(s->inner);
	free(s);
}

struct source *source_shuffle(struct source **sources, size_t count)
{
	struct shuffle *s = mem_zero(sizeof *s);

	s->source.next = shuffle_next;
	s->source.close = shuffle_close;
	s->source.name = sources[0]->name;
	s->source.fd = -1;
	s->inner = mem_alloc(count * sizeof *s->inner);
	for (size_t i = 0; i < count; i++)
		s->inner[i] = sources[i];
	s->count = s->open = count;
	for (size_t i = 0; i < count; i++)
		s->source.routed |= sources[i]->routed;
	random_bytes(&s->random, sizeof s->random);
	return &s->source;
}
