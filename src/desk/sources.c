/* The sources of a run. See sources.h. */
#include "desk/sources.h"

#include <poll.h>
#include <stdlib.h>

#include "base/mem.h"
#include "desk/pack.h"
#include "item.h"
#include "source/source.h"

/* A source with what is being gathered from it. */
struct line {
	struct pack pack;
	bool ended;
	bool dry;           /* nothing now: to be polled */
};

void sources_init(struct sources *s, struct source **list, size_t count,
	const struct pack_rules *pack, struct run_pool *pool, unsigned groups)
{
	*s = (struct sources){ .lines = mem_zero(count * sizeof *s->lines), .count = count,
		.open = count };
	for (size_t i = 0; i < count; i++) {
		s->leased |= list[i]->tend != NULL;
		s->lines[i].pack = (struct pack){ .rules = pack, .source = list[i], .pool = pool,
			.draft.groups = groups };
	}
}

void sources_begin(struct sources *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->lines[i].dry = false;
	s->eager = false;
}

void sources_tend(struct sources *s, unsigned places, unsigned idle)
{
	for (size_t i = 0; i < s->count; i++) {
		struct source *source = s->lines[i].pack.source;

		if (source->tend && !s->lines[i].ended)
			source->tend(source, places, idle);
	}
}

bool sources_lease_all(const struct sources *s)
{
	size_t lease = 0;

	for (size_t i = 0; i < s->count; i++)
		lease += !s->lines[i].ended && s->lines[i].pack.source->waits;
	return lease && lease == s->open;
}

bool sources_wait(const struct sources *s)
{
	bool wait = true;

	for (size_t i = 0; i < s->count; i++) {
		struct source *source = s->lines[i].pack.source;

		wait = wait && (!source->waits || source->waits(source));
	}
	return wait;
}

static void sources_end_line(struct sources *s, struct line *l)
{
	l->ended = true;
	s->open--;
	s->failed |= l->pack.source->failed;
}

/* The next item of this source, if it has one. */
static struct item *sources_take(struct sources *s, struct line *l, uint64_t seq,
	uint64_t first, const char **refused)
{
	struct item *item;

	if (l->ended || l->dry)
		return NULL;
	switch (pack_next(&l->pack, seq, first, &item, refused)) {
	case SOURCE_AGAIN:
		s->eager = true;
		l->dry = true;
		return NULL;
	case SOURCE_NOTHING:
		l->dry = true;
		return NULL;
	case SOURCE_END:
		sources_end_line(s, l);
		return NULL;
	case SOURCE_RECORD:
		break;
	}
	return item;
}

struct item *sources_next(struct sources *s, uint64_t seq, uint64_t first, const char **refused)
{
	struct item *item = NULL;

	for (size_t i = 0; i < s->count && !item; i++) {
		struct line *l = &s->lines[s->turn];

		s->turn = (s->turn + 1) % s->count;
		item = sources_take(s, l, seq, first, refused);
	}
	return item;
}

uint64_t sources_comments(const struct sources *s)
{
	uint64_t comments = 0;

	for (size_t i = 0; i < s->count; i++)
		comments += s->lines[i].pack.source->comments;
	return comments;
}

size_t sources_polls(const struct sources *s, struct pollfd *fd)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->lines[i].dry)
			fd[n++] = (struct pollfd){ .fd = s->lines[i].pack.source->fd,
				.events = POLLIN };
	return n;
}

void sources_note_use(struct sources *s, const struct item *item, bool released)
{
	if (released)
		s->given_back = true;
	else if (!item->leased && item->offset > s->used)
		s->used = item->offset;
}

/* A shared offset stays behind what was used: what nobody had use for is not lost. */
static void sources_close_line(struct sources *s, struct line *l, struct sources_end *end)
{
	struct source *source = l->pack.source;
	struct source_end ended = { 0 };

	pack_free(&l->pack);
	if (l->ended && !s->given_back)
		source->used = SOURCE_USED;
	else if (s->used > source->used)
		source->used = s->used;
	if (source->finish)
		source->finish(source, &ended);
	end->failed |= source->failed;
	source->close(source);
	end->broken |= ended.broken;
	end->fenced |= ended.fenced > 0;
}

void sources_close(struct sources *s, struct sources_end *end)
{
	*end = (struct sources_end){ .failed = s->failed };
	for (size_t i = 0; i < s->count; i++)
		sources_close_line(s, &s->lines[i], end);
	free(s->lines);
}
