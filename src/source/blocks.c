/* A stream in blocks of whole records, for --pipe: cutter.h says where to cut, heading.h what
 * is repeated before each.
 *
 * What is read stays in one buffer until a block is whole. When the block is most of
 * it, the run takes the buffer and leaves its own for the rest: bytes are copied into
 * pq once, by read, unless blocks are small. */
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "source/blocks.h"
#include "source/field.h"
#include "item.h"
#include "source/records.h"

/* Bytes asked for at a time, where it is not known how many are lacking. */
#define READ_SIZE ((size_t)65536)
/* Bytes that a buffer has room for at first. */
#define FIRST_SIZE ((size_t)1048576 + 1)
/* Bytes of a refused record kept for the message that names it. */
#define SPECIMEN 64

struct blocks {
	struct source source;
	struct records *records;
	struct block_rules rules;
	struct cutter cutter;
	struct heading heading;
	struct field_rules field; /* of the cutter's, if it has one */
	struct ends inner;        /* in a block, where those are left out */
	struct buf header; /* of the stream */
	bool headed;     /* it is known, or there is none */
	struct buf in;   /* read and not yet given */
	size_t start;    /* of what is in it */
	size_t enough;   /* bytes that tell where a block ends, if no record is longer */
	bool ended;      /* all is read */
	bool skipping;   /* within a record that was refused */
	bool swollen;    /* memory was lacking: what was had is to be given back */
};

static void take_away(struct blocks *b, size_t n)
{
	uint64_t done = atomic_load_explicit(&b->source.bytes_done, memory_order_relaxed);

	atomic_store_explicit(&b->source.bytes_done, done + n, memory_order_relaxed);
	b->start += n;
	if (b->start == b->in.len)
		b->start = b->in.len = 0;
}

/* Is this there? */
static bool blocks_has(const char *data, size_t len, const char *what, size_t n)
{
	return n && len >= n && memcmp(data, what, n) == 0;
}

/* The records of a run without what is between them. */
static void blocks_strip(struct blocks *b, struct run *run)
{
	const struct ends_rules *rules = &b->rules.cutter.ends;
	char *data = run->bytes.data;
	size_t to = run->head, from = to, len = run->bytes.len, stop;

	while (from < len) {
		ends_begin(&b->inner, from);
		if (ends_find(&b->inner, data, len, true) != ENDS_FOUND) {
			b->inner.stop = b->inner.next = len;
			if (len - from >= rules->end_len && blocks_has(data + len - rules->end_len,
				rules->end_len, rules->end, rules->end_len))
				b->inner.stop -= rules->end_len;
		}
		stop = b->inner.stop;
		if (blocks_has(data + from, stop - from, rules->start, rules->start_len))
			from += rules->start_len;
		memmove(data + to, data + from, stop - from);
		to += stop - from;
		from = b->inner.next;
	}
	run->bytes.len = to;
}

/* The next n bytes become the run. */
static void blocks_give(struct blocks *b, struct run *run, size_t n)
{
	size_t rest = b->in.len - b->start - n;

	if (b->start > 0 || rest > n || b->header.len) {
		buf_reserve(&run->bytes, b->header.len + n);
		buf_add(&run->bytes, b->header.data, b->header.len);
		buf_add(&run->bytes, b->in.data + b->start, n);
		take_away(b, n);
	} else {
		struct buf next = run->bytes;

		buf_add(&next, b->in.data + n, rest);
		b->in.len = n;
		run->bytes = b->in;
		take_away(b, n);
		b->in = next;
	}
	run->head = b->header.len;
	run->records = 1; /* to everybody else it is one */
	if (b->rules.bare)
		blocks_strip(b, run);
}

/* How far the input is given out, for drafts. */
static uint64_t offset_of(const struct blocks *b)
{
	return b->source.shared ? atomic_load_explicit(&b->source.bytes_done, memory_order_relaxed)
		: 0;
}

/* No worker may have the record that comes next, for this reason. */
static void blocks_refuse(struct blocks *b, struct draft *draft, const char *why)
{
	size_t len = b->in.len - b->start;

	draft_add(draft, b->in.data + b->start, len < SPECIMEN ? len : SPECIMEN);
	draft->source = b->source.name;
	draft->refused = why;
	b->skipping = true;
}

/* Nothing more can be made of the stream. */
static void blocks_stop(struct blocks *b, const char *what, const char *why)
{
	const char *name = b->source.name;

	msg_warn("cannot %s %s: %s; the rest of it is left out", what,
		strcmp(name, "-") == 0 ? "standard input" : name, why);
	b->source.failed = b->ended = b->headed = true;
	b->start = b->in.len = 0;
}

static void blocks_stop_cutting(struct blocks *b)
{
	blocks_stop(b, "cut records out of", cutter_why(&b->cutter));
}

/* Take the header out; false when more is needed for that. */
static bool blocks_behead(struct blocks *b)
{
	size_t end;

	switch (heading_find(&b->heading, b->in.data + b->start, b->in.len - b->start, b->ended,
		&end)) {
	case ENDS_MORE:
		return false;
	case ENDS_STUCK:
		blocks_stop(b, "find the header of", b->heading.why);
		return true;
	case ENDS_FOUND:
		break;
	}
	buf_add(&b->header, b->in.data + b->start, end);
	take_away(b, end);
	b->headed = true;
	if (!field_find(&b->field, b->header.data, b->header.len))
		blocks_stop(b, "find the column of --group-by in", "its header does not name it");
	return true;
}

/* False when more is needed to find the end of a record that was refused. */
static bool blocks_skip(struct blocks *b)
{
	size_t n;
	enum cutter_find found = cutter_skip(&b->cutter, b->in.data + b->start,
		b->in.len - b->start, b->ended, &n);

	take_away(b, n);
	b->skipping = found != CUTTER_BLOCK;
	if (found == CUTTER_STUCK)
		blocks_stop_cutting(b);
	return found != CUTTER_MORE;
}

/* Cut what is there; false when more is needed for that. */
static bool blocks_cut(struct blocks *b, struct run *run, struct draft *draft)
{
	if (b->rules.uncut && b->in.len > b->start) {
		blocks_give(b, run, b->in.len - b->start);
		return true;
	}
	if (!b->headed && b->in.len > b->start && !blocks_behead(b))
		return false;
	while (b->in.len > b->start) {
		size_t n;

		if (b->skipping) {
			if (!blocks_skip(b))
				return false;
			continue;
		}
		switch (cutter_next(&b->cutter, b->in.data + b->start, b->in.len - b->start, b->ended,
			&n)) {
		case CUTTER_MORE:
			return false;
		case CUTTER_LONG:
			blocks_refuse(b, draft, item_beyond_max);
			return true;
		case CUTTER_STUCK:
			blocks_stop_cutting(b);
			break;
		case CUTTER_BLOCK:
			blocks_give(b, run, n);
			if (run->bytes.len > run->head || !b->rules.bare)
				return true;
			run->records = 0; /* there is nothing in it */
			buf_clear(&run->bytes);
		}
	}
	return false;
}

/* There is no memory for more than is here: its records are a block, or it is the beginning
 * of one that is refused. False: it is the header, and nothing can be given. */
static bool blocks_relent(struct blocks *b, struct run *run, struct draft *draft)
{
	size_t whole = b->headed
		? cutter_whole(&b->cutter, b->in.data + b->start, b->in.len - b->start) : 0;

	b->swollen = true;
	if (!b->headed)
		blocks_stop(b, "find the header of", item_beyond_memory);
	else if (whole)
		blocks_give(b, run, whole);
	else
		blocks_refuse(b, draft, item_beyond_memory);
	return b->headed && !b->ended;
}

/* Move what is left to the front, and let the buffer grow to what a block needs and
 * not beyond, as long as that is enough. False: there is no memory for that. */
static bool blocks_make_room(struct blocks *b)
{
	size_t len = b->in.len - b->start, cap = b->in.cap * 2;
	char *data;

	if (b->start > 0)
		memmove(b->in.data, b->in.data + b->start, len);
	b->in.len = len;
	b->start = 0;
	if (b->swollen && len <= READ_SIZE) {
		struct buf in = { 0 };

		buf_add(&in, b->in.data, len);
		buf_free(&b->in);
		b->in = in;
	}
	b->swollen = false;
	if (b->in.cap - len >= READ_SIZE)
		return true;
	if (b->in.cap >= b->enough)
		return len < b->enough || buf_try_reserve(&b->in, READ_SIZE);
	if (cap < FIRST_SIZE)
		cap = FIRST_SIZE;
	if (cap > b->enough)
		cap = b->enough;
	data = b->in.cap ? mem_try_grow(b->in.data, cap) : mem_alloc(cap);
	if (!data)
		return false;
	b->in.data = data;
	b->in.cap = cap;
	return true;
}

static enum cut blocks_fill(struct blocks *b)
{
	size_t most = READ_SIZE;

	if (b->in.len < b->enough) {
		most = b->in.cap - b->in.len;
		if (most > b->enough - b->in.len)
			most = b->enough - b->in.len;
	}
	return records_read(b->records, &b->in, most);
}

static enum source_state blocks_next_run(struct source *s, struct run *run, struct draft *draft,
	size_t size)
{
	struct blocks *b = (struct blocks *)s;

	(void)size; /* the rules have it */
	s->fd = records_fd(b->records);
	while (!blocks_cut(b, run, draft)) {
		if (b->ended)
			return SOURCE_END;
		if (!blocks_make_room(b)) {
			if (blocks_relent(b, run, draft))
				break;
			continue;
		}
		switch (blocks_fill(b)) {
		case CUT_NOTHING:
			return SOURCE_NOTHING;
		case CUT_FAILED: /* half a record is none */
			s->failed = true;
			b->in.len = b->start + (b->headed ? cutter_whole(&b->cutter,
				b->in.data + b->start, b->in.len - b->start) : 0);
			b->ended = true;
			break;
		case CUT_END:
			b->ended = true;
			break;
		default:
			if (b->skipping) /* a record without an end must not keep the caller */
				return SOURCE_NOTHING;
		}
	}
	draft->offset = offset_of(b);
	return SOURCE_RECORD;
}

static void blocks_close(struct source *s)
{
	struct blocks *b = (struct blocks *)s;

	records_leave(b->records, s->used);
	records_close(b->records);
	cutter_free(&b->cutter);
	ends_free(&b->inner);
	heading_free(&b->heading);
	buf_free(&b->header);
	buf_free(&b->in);
	free(b);
}

struct source *source_blocks(const char *file, const struct source_rules *rules)
{
	struct records *records = records_open(file, '\n', rules->max_item);
	const struct cutter_rules *cutter;
	struct blocks *b;

	if (!records)
		return NULL;
	if (rules->follow)
		records_follow(records, rules->strict);
	b = mem_zero(sizeof *b);
	b->source.next_run = blocks_next_run;
	b->source.close = blocks_close;
	b->source.name = file;
	b->source.fd = -1;
	b->source.bytes = records_size(records);
	b->source.shared = records_shared(records);
	b->records = records;
	b->rules = *rules->blocks;
	cutter = &b->rules.cutter;
	if (cutter->ends.field) {
		b->field = *cutter->ends.field;
		b->rules.cutter.ends.field = &b->field;
	}
	ends_init(&b->inner, &cutter->ends, cutter->longest);
	b->enough = cutter->records ? 2 * READ_SIZE
		: cutter->block + (cutter->ends.start_len ? cutter->ends.start_len : 1);
	cutter_init(&b->cutter, cutter);
	heading_init(&b->heading, &b->rules.heading, &cutter->ends);
	b->headed = !b->rules.heading.records && !b->rules.heading.regex;
	return &b->source;
}
