/* What an attempt prints, on its way to the collector. See output.h. */
#include "action/run/output.h"

#include <stdlib.h>
#include <string.h>

#include "base/chain.h"
#include "base/clock.h"
#include "base/color.h"
#include "base/mem.h"

/* At a time, until there is some. */
#define WAIT_FOR_ROOM (100 * CLOCK_MS)

struct stream {
	char bytes[CHAIN_SLOT];
	size_t len;
	size_t lines;      /* of these, up to and with the last newline */
	bool mid_line;     /* the last byte given a tag was no newline */
	struct chain held; /* the beginning of a line too long for the buffer */
};

struct output {
	struct output_rules rules;
	struct delivery *delivery;
	const struct buf *tag;
	struct buf painted; /* that in its colour */
	bool may_be_live;
	bool live;         /* parts are handed over: the result is shared from now on */
	int64_t held_up;   /* ns for which there was no room */
	struct stream stream[STREAMS];
	char tagged[CHAIN_SLOT]; /* bytes with their tags, on their way out of a stream */
	size_t ntagged;
	struct output_tail {
		char *bytes;   /* what the stream ends with, so far; owned, or NULL */
		size_t len;
	} tail[STREAMS];
};

struct output *output_new(const struct output_rules *rules)
{
	struct output *o = mem_alloc(sizeof *o);

	o->rules = *rules;
	o->ntagged = 0;
	o->painted = (struct buf){ 0 };
	for (int i = 0; i < STREAMS; i++)
		o->tail[i].bytes = rules->tail[i] ? mem_alloc(rules->tail[i]) : NULL;
	return o;
}

void output_free(struct output *o)
{
	for (int i = 0; i < STREAMS; i++)
		free(o->tail[i].bytes);
	buf_free(&o->painted);
	free(o);
}

static void output_paint(struct output *o)
{
	if (!o->tag || !(o->rules.color[STREAM_OUT] || o->rules.color[STREAM_ERR]))
		return;
	buf_clear(&o->painted);
	buf_add(&o->painted, o->tag->data, o->tag->len);
	color_tag(&o->painted, 0);
}

void output_begin(struct output *o, struct delivery *d, bool live, const struct buf *tag)
{
	o->delivery = d;
	o->may_be_live = live;
	o->live = live && o->rules.keep == 0;
	o->tag = tag;
	output_paint(o);
	o->held_up = 0;
	d->result.captured = 0;
	d->result.printed = false;
	for (int i = 0; i < STREAMS; i++) {
		o->stream[i].len = o->stream[i].lines = 0;
		o->stream[i].mid_line = false;
		o->stream[i].held = (struct chain){ 0 };
		o->tail[i].len = 0;
	}
}

bool output_captured(const struct output *o)
{
	return o->rules.captured;
}

bool output_room(struct output *o, int64_t wait)
{
	int64_t begun;
	bool room;

	if (!o->live)
		return true;
	begun = clock_now();
	room = o->rules.room(o->rules.ctx, o->delivery, wait);
	o->held_up += clock_now() - begun;
	return room;
}

int64_t output_held_up(const struct output *o)
{
	return o->held_up;
}

/* Cut into chunks at the end of the chain. */
static void put_away(struct output *o, struct chain *to, const char *data, size_t len)
{
	while (len > 0) {
		size_t n = len < CHAIN_SLOT ? len : CHAIN_SLOT;
		struct chunk *c = chunk_new(o->rules.store, data, n);

		if (!c) {
			o->rules.failed(o->rules.ctx);
			return;
		}
		chain_link(to, c);
		data += n;
		len -= n;
	}
}

static struct chain *destination(struct output *o, int which)
{
	return o->live ? &o->stream[which].held : &o->delivery->result.output[which];
}

static void hand_over(struct output *o, int which)
{
	struct stream *s = &o->stream[which];

	if (s->held.len)
		o->rules.part(o->rules.ctx, o->delivery, which, &s->held);
}

/* Once it has printed more than it may keep, it hands over parts. */
static void become_live(struct output *o)
{
	const struct chain *c = o->delivery->result.output;

	if (!o->live && o->may_be_live && c[STREAM_OUT].len + c[STREAM_ERR].len >= o->rules.keep)
		o->live = true;
}

static void keep_tail(struct output_tail *t, size_t most, const char *data, size_t len)
{
	size_t kept;

	if (len > most) {
		data += len - most;
		len = most;
	}
	kept = t->len < most - len ? t->len : most - len;
	memmove(t->bytes, t->bytes + t->len - kept, kept);
	memcpy(t->bytes + kept, data, len);
	t->len = kept + len;
}

static void put_tail(struct output *o, int which)
{
	struct chunk **to = &o->delivery->result.tail[which];

	if (!o->tail[which].len)
		return;
	*to = chunk_new(o->rules.store, o->tail[which].bytes, o->tail[which].len);
	if (!*to)
		o->rules.failed(o->rules.ctx);
}

static void flush_tagged(struct output *o, int which)
{
	put_away(o, destination(o, which), o->tagged, o->ntagged);
	o->ntagged = 0;
}

static void put_tagged(struct output *o, int which, const char *data, size_t len)
{
	while (len > 0) {
		size_t room = sizeof o->tagged - o->ntagged, n = len < room ? len : room;

		memcpy(o->tagged + o->ntagged, data, n);
		o->ntagged += n;
		data += n;
		len -= n;
		if (o->ntagged == sizeof o->tagged)
			flush_tagged(o, which);
	}
}

/* Tags may make very much of little: no more of a live attempt is made than is taken, and
 * it is held up meanwhile. Between lines. */
static void keep_pace(struct output *o, int which)
{
	become_live(o);
	if (o->live && o->stream[which].held.len >= CHAIN_SLOT) {
		flush_tagged(o, which); /* with it the end of the last line */
		hand_over(o, which);
		while (!output_room(o, WAIT_FOR_ROOM))
			;
	}
}

/* The tag goes before every line that begins here. */
static void put_away_with_tags(struct output *o, int which, const char *data, size_t len)
{
	const char *end = data + len;
	const struct buf *tag = o->rules.color[which] ? &o->painted : o->tag;
	struct stream *s = &o->stream[which];

	while (data < end) {
		const char *eol = memchr(data, '\n', (size_t)(end - data));
		const char *next = eol ? eol + 1 : end;

		if (!s->mid_line)
			put_tagged(o, which, tag->data, tag->len);
		put_tagged(o, which, data, (size_t)(next - data));
		s->mid_line = !eol;
		data = next;
		if (eol)
			keep_pace(o, which);
	}
	flush_tagged(o, which);
}

/* The first n bytes of the stream's buffer go where they belong. */
static void release(struct output *o, int which, size_t n)
{
	struct stream *s = &o->stream[which];

	if (o->rules.tail[which])
		keep_tail(&o->tail[which], o->rules.tail[which], s->bytes, n);
	if (o->tag)
		put_away_with_tags(o, which, s->bytes, n);
	else
		put_away(o, destination(o, which), s->bytes, n);
	memmove(s->bytes, s->bytes + n, s->len - n);
	s->len -= n;
	s->lines = s->lines > n ? s->lines - n : 0;
}

/* How much of the buffer may be written before the attempt has ended. */
static size_t ready_bytes(const struct output *o, const struct stream *s)
{
	return o->rules.by_line ? s->lines : s->len;
}

char *output_space(struct output *o, int which, size_t *room)
{
	struct stream *s = &o->stream[which];

	if (s->len == sizeof s->bytes) {
		size_t n = ready_bytes(o, s);

		release(o, which, n ? n : s->len);
		if (n && o->live)
			hand_over(o, which);
		else
			become_live(o);
	}
	*room = sizeof s->bytes - s->len;
	return s->bytes + s->len;
}

void output_filled(struct output *o, int which, size_t n)
{
	struct stream *s = &o->stream[which];

	for (size_t i = n; o->rules.by_line && i > 0; i--)
		if (s->bytes[s->len + i - 1] == '\n') {
			s->lines = s->len + i;
			break;
		}
	if (o->rules.watcher && n)
		o->rules.watcher->printed(o->rules.watcher->ctx, o->delivery, s->bytes + s->len, n);
	s->len += n;
	o->delivery->result.printed |= n > 0;
	if (which == STREAM_OUT)
		o->delivery->result.captured += n;
}

void output_put(struct output *o, int which, const char *data, size_t len)
{
	for (size_t n, room; len > 0; data += n, len -= n) {
		char *to = output_space(o, which, &room);

		n = len < room ? len : room;
		memcpy(to, data, n);
		output_filled(o, which, n);
	}
}

void output_idle(struct output *o)
{
	if (!o->live)
		return;
	for (int i = 0; i < STREAMS; i++) {
		size_t n = ready_bytes(o, &o->stream[i]);

		if (n) {
			release(o, i, n);
			hand_over(o, i);
		}
	}
}

void output_end(struct output *o)
{
	for (int i = 0; i < STREAMS; i++) {
		if (o->stream[i].len)
			release(o, i, o->stream[i].len);
		if (o->live)
			hand_over(o, i);
		put_tail(o, i);
	}
}
