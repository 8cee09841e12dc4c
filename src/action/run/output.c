/* What an attempt prints, on its way to the collector. See output.h. */
#include "action/run/output.h"

#include <stdlib.h>
#include <string.h>

#include "base/chain.h"
#include "base/mem.h"

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
	bool may_be_live;
	bool live;         /* parts are handed over: the result is shared from now on */
	struct stream stream[STREAMS];
	struct buf tagged;
	char tail[OUTPUT_TAIL]; /* what stderr ends with, so far */
	size_t tail_len;
};

struct output *output_new(const struct output_rules *rules)
{
	struct output *o = mem_alloc(sizeof *o);

	o->rules = *rules;
	o->tagged = (struct buf){ 0 };
	return o;
}

void output_free(struct output *o)
{
	buf_free(&o->tagged);
	free(o);
}

void output_begin(struct output *o, struct delivery *d, bool live, const struct buf *tag)
{
	o->delivery = d;
	o->may_be_live = live;
	o->live = live && o->rules.keep == 0;
	o->tag = tag;
	o->tail_len = 0;
	d->result.captured = 0;
	for (int i = 0; i < STREAMS; i++) {
		o->stream[i].len = o->stream[i].lines = 0;
		o->stream[i].mid_line = false;
		o->stream[i].held = (struct chain){ 0 };
	}
}

bool output_captured(const struct output *o)
{
	return o->rules.captured;
}

bool output_room(struct output *o, int64_t wait)
{
	return !o->live || o->rules.room(o->rules.ctx, o->delivery, wait);
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

/* Copy with the tag before every line that begins here. */
static void add_tags(struct output *o, struct stream *s, const char *data, size_t len)
{
	const char *end = data + len;

	buf_clear(&o->tagged);
	while (data < end) {
		const char *eol = memchr(data, '\n', (size_t)(end - data));
		const char *next = eol ? eol + 1 : end;

		if (!s->mid_line)
			buf_add(&o->tagged, o->tag->data, o->tag->len);
		buf_add(&o->tagged, data, (size_t)(next - data));
		s->mid_line = !eol;
		data = next;
	}
}

/* Once it has printed more than it may keep, it hands over parts. */
static void become_live(struct output *o)
{
	const struct chain *c = o->delivery->result.output;

	if (!o->live && o->may_be_live && c[STREAM_OUT].len + c[STREAM_ERR].len >= o->rules.keep)
		o->live = true;
}

static void keep_tail(struct output *o, const char *data, size_t len)
{
	size_t kept;

	if (len > OUTPUT_TAIL) {
		data += len - OUTPUT_TAIL;
		len = OUTPUT_TAIL;
	}
	kept = o->tail_len < OUTPUT_TAIL - len ? o->tail_len : OUTPUT_TAIL - len;
	memmove(o->tail, o->tail + o->tail_len - kept, kept);
	memcpy(o->tail + kept, data, len);
	o->tail_len = kept + len;
}

/* The first n bytes of the stream's buffer go where they belong. */
static void release(struct output *o, int which, size_t n)
{
	struct stream *s = &o->stream[which];
	struct chain *to = o->live ? &s->held : &o->delivery->result.output[which];
	const char *data = s->bytes;
	size_t len = n;

	if (which == STREAM_ERR && o->rules.tail)
		keep_tail(o, data, len);
	if (o->tag) {
		add_tags(o, s, data, len);
		data = o->tagged.data;
		len = o->tagged.len;
	}
	put_away(o, to, data, len);
	memmove(s->bytes, s->bytes + n, s->len - n);
	s->len -= n;
	s->lines = s->lines > n ? s->lines - n : 0;
}

static void hand_over(struct output *o, int which)
{
	struct stream *s = &o->stream[which];

	if (s->held.len)
		o->rules.part(o->rules.ctx, o->delivery, which, &s->held);
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
	s->len += n;
	if (which == STREAM_OUT)
		o->delivery->result.captured += n;
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
	}
	put_away(o, &o->delivery->result.tail, o->tail, o->tail_len);
}
