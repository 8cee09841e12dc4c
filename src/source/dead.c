/* A dead letter as a source: what was rejected is run again. See view/deadletter.h for
 * its lines.
 *
 * Each line is a record, with the values it had, or a block of --pipe. What is read here
 * was a file's first record once, or the last before -E, no more. */
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/mem.h"
#include "base/saturate.h"
#include "source/blocks.h"
#include "item.h"
#include "source/records.h"

/* Bytes of a refused line kept for the message that names it. */
#define SPECIMEN 64
/* In a line, beside the item: what else it says, the end of stderr. */
#define REST ((uint64_t)262144)
/* Empty lines before the desk may look around. */
enum { AT_ONCE = 4096 };
/* In JSON a byte takes up to so many. */
enum { BYTES_PER_BYTE = 6 };

struct dead {
	struct source source;
	struct records *records;
	struct source_rules rules;
	uint64_t longest;     /* bytes of an item */
	struct draft title;   /* the header that the first line has */
	struct draft header;  /* that of the line at hand */
	struct draft item;    /* of the line at hand */
	struct origin origin; /* of it; views of: */
	struct draft from, id;
	struct buf group;     /* the section that it failed in; empty: it does not matter */
	bool pending;         /* which has been read for its header, and is yet to be given: */
	const char *refused;  /* it cannot be: why; or NULL */
	struct buf bytes, why;
};

/* --- lines ------------------------------------------------------------- */

/* A string of the line: itself, or the bytes it stands for. */
static bool take_string(struct dead *d, const struct json_value *value, bool coded,
	struct draft *to)
{
	const char *data;
	size_t len;

	if (!json_value_string(value, &data, &len))
		return false;
	if (!coded) {
		draft_add(to, data, len);
		return true;
	}
	buf_clear(&d->bytes);
	if (!base64_read(&d->bytes, data, len))
		return false;
	draft_add(to, d->bytes.data, d->bytes.len);
	return true;
}

/* One string, or an array of them. */
static bool take_strings(struct dead *d, const struct json_value *value, bool coded,
	struct draft *to)
{
	size_t count = json_value_count(value);

	for (size_t i = 0; i < count; i++)
		if (!take_string(d, json_value_at(value, i), coded, to))
			return false;
	return count > 0 || take_string(d, value, coded, to);
}

/* False: the line has no such member, or it is not what it should be. */
static bool take_member(struct dead *d, const struct json_value *line, const char *name,
	const char *name_coded, struct draft *to)
{
	const struct json_value *text = json_value_member(line, name);
	const struct json_value *coded = json_value_member(line, name_coded);

	draft_clear(to);
	if (!text == !coded)
		return false;
	return take_strings(d, text ? text : coded, coded, to);
}

/* A string that can be passed on; NULL: the line has none. */
static const char *take_name(struct dead *d, const struct json_value *line, const char *name,
	const char *name_coded, struct draft *to)
{
	struct value v;

	if (!take_member(d, line, name, name_coded, to) || to->values != 1)
		return NULL;
	v = draft_value(to, 0);
	return v.len && !memchr(v.data, '\0', v.len) ? v.data : NULL;
}

/* By its name or its number; nothing for null. False: it is none. */
static bool take_group(struct dead *d, const struct json_value *line, const char *data, size_t len)
{
	const struct json_value *group = json_value_member(line, "group");

	buf_clear(&d->group);
	d->origin.group = NULL;
	if (!group || !d->rules.groups)
		return true;
	buf_clear(&d->bytes);
	buf_add(&d->bytes, data, len);
	json_value_spell(&d->group, buf_str(&d->bytes), group);
	if (d->group.len)
		d->origin.group = buf_str(&d->group);
	return !d->group.len || !memchr(d->group.data, '\0', d->group.len);
}

static const char *dead_too_long(const struct dead *d)
{
	for (uint32_t i = 0; i < d->item.values; i++)
		if (draft_value(&d->item, i).len > d->longest)
			return item_beyond_max;
	return NULL;
}

static bool dead_same(const struct draft *a, const struct draft *b)
{
	return a->values == b->values && a->len == b->len
		&& (a->len == 0 || memcmp(a->text, b->text, a->len) == 0);
}

/* Read the line into the drafts; NULL, or why that cannot be. */
static const char *take_line(struct dead *d, const struct json_value *line, const char *data,
	size_t len)
{
	if (json_value_member(line, "item_start") || json_value_member(line, "item_start_base64"))
		return "was refused as it was read: only its beginning was kept, and it cannot be "
			"run again";
	if (!take_member(d, line, "item", "item_base64", &d->item))
		return "is no line of a dead letter: it has no \"item\" that can be read; "
			"-a reads a file's lines";
	if (!take_member(d, line, "header", "header_base64", &d->header))
		draft_clear(&d->header);
	d->origin.source = take_name(d, line, "source", "source_base64", &d->from);
	d->origin.id = take_name(d, line, "id", "id_base64", &d->id);
	if (!take_group(d, line, data, len))
		return "is no line of a dead letter: its \"group\" is no section";
	if (d->rules.header && d->title.values && !dead_same(&d->title, &d->header))
		return "has not the header of the first line: run it by itself";
	return dead_too_long(d);
}

/* Read the next line; the item is in d->item, or d->refused says why not. */
static enum source_state read_line(struct dead *d)
{
	struct json_value *line;
	const char *data;
	size_t len;
	enum cut cut = records_next(d->records, &data, &len);

	d->source.fd = records_fd(d->records);
	atomic_store_explicit(&d->source.bytes_done, records_done(d->records),
		memory_order_relaxed);
	if (cut == CUT_NOTHING)
		return SOURCE_NOTHING;
	if (cut == CUT_RECORD && json_text_is_blank(data, len))
		return SOURCE_AGAIN; /* an empty line is none */
	d->source.failed |= cut == CUT_FAILED;
	if (cut == CUT_FAILED || cut == CUT_END)
		return SOURCE_END;
	buf_clear(&d->why);
	d->origin = (struct origin){ 0 };
	line = cut == CUT_RECORD ? json_value_read(data, len, &d->why) : NULL;
	d->refused = line ? take_line(d, line, data, len) : cut == CUT_TOO_LONG
		? "is longer than a line of a dead letter can be with this --max-item"
		: "is no line of a dead letter: it is no JSON object; -a reads a file's lines";
	json_value_free(line);
	if (d->refused) {
		draft_clear(&d->item);
		draft_add(&d->item, data, len < SPECIMEN ? len : SPECIMEN);
	}
	return SOURCE_RECORD;
}

static enum source_state dead_next_line(struct dead *d)
{
	enum source_state state = d->pending ? SOURCE_RECORD : read_line(d);

	for (int i = 0; state == SOURCE_AGAIN && i < AT_ONCE; i++)
		state = read_line(d);

	d->pending = false;
	return state;
}

/* --- the contract ------------------------------------------------------ */

static uint64_t dead_offset(const struct dead *d)
{
	return d->source.shared ? records_done(d->records) : 0;
}

static void dead_give(struct dead *d, struct draft *draft)
{
	for (uint32_t i = 0; i < d->item.values; i++) {
		struct value v = draft_value(&d->item, i);

		draft_add(draft, v.data, v.len);
	}
	draft->source = d->source.name;
	draft->origin = d->origin;
	draft->refused = d->refused;
	draft->offset = dead_offset(d);
}

static enum source_state dead_next(struct source *s, struct draft *draft)
{
	struct dead *d = (struct dead *)s;
	enum source_state state = dead_next_line(d);

	if (state == SOURCE_RECORD)
		dead_give(d, draft);
	return state;
}

/* Each line is a block. */
static enum source_state dead_next_run(struct source *s, struct run *run, struct draft *draft,
	size_t size)
{
	struct dead *d = (struct dead *)s;
	enum source_state state = dead_next_line(d);

	(void)size;
	if (state != SOURCE_RECORD)
		return state;
	if (d->item.values > 1 && !d->refused)
		d->refused = "has several values, and is no block of --pipe";
	if (d->refused) {
		dead_give(d, draft);
		return state;
	}
	draft->origin = d->origin;
	draft->offset = dead_offset(d);
	buf_add(&run->bytes, draft_value(&d->item, 0).data, draft_value(&d->item, 0).len);
	run->records = 1;
	return state;
}

static enum source_state dead_header(struct source *s, struct draft *draft)
{
	struct dead *d = (struct dead *)s;
	enum source_state state;

	do
		state = read_line(d);
	while (state == SOURCE_AGAIN);
	if (state != SOURCE_RECORD)
		return state;
	d->pending = true;
	if (d->refused || !d->header.values) {
		draft_add(draft, "", 0);
		draft->refused = "is missing: the first line has no member \"header\"";
		return state;
	}
	for (uint32_t i = 0; i < d->header.values; i++) {
		struct value v = draft_value(&d->header, i);

		draft_add(&d->title, v.data, v.len);
		draft_add(draft, v.data, v.len);
	}
	return state;
}

static void dead_close(struct source *s)
{
	struct dead *d = (struct dead *)s;

	records_leave(d->records, s->used);
	records_close(d->records);
	draft_free(&d->title);
	draft_free(&d->header);
	draft_free(&d->item);
	draft_free(&d->from);
	draft_free(&d->id);
	buf_free(&d->group);
	buf_free(&d->bytes);
	buf_free(&d->why);
	free(d);
}

/* How long an item may be that this run could have rejected. */
static uint64_t longest_item(const struct source_rules *rules)
{
	const struct block_rules *blocks = rules->blocks;
	const struct cutter_rules *cutter = blocks ? &blocks->cutter : NULL;
	bool headed = blocks && (blocks->heading.records || blocks->heading.regex);
	uint64_t block, most;

	if (!blocks)
		return rules->max_item;
	block = cutter->longest > cutter->block ? cutter->longest : cutter->block;
	block = saturate_add(block, cutter->ends.regex ? cutter->longest : cutter->ends.end_len + 1);
	most = saturate_times(block, cutter->records ? cutter->records : 1);
	return saturate_add(most, headed ? blocks->heading.longest : 0);
}

struct source *source_dead(const char *file, const struct source_rules *rules)
{
	uint64_t longest = longest_item(rules);
	bool huge = longest > (UINT64_MAX - REST) / BYTES_PER_BYTE;
	struct records *records = records_open(file, '\n',
		huge ? UINT64_MAX : longest * BYTES_PER_BYTE + REST);
	struct dead *d;

	if (!records)
		return NULL;
	if (rules->follow)
		records_follow(records, rules->strict);
	records_skip_mark(records);
	d = mem_zero(sizeof *d);
	d->source.next = dead_next;
	d->source.next_run = rules->blocks ? dead_next_run : NULL;
	d->source.header = dead_header;
	d->source.close = dead_close;
	d->source.name = file;
	d->source.routed = rules->groups;
	d->source.fd = -1;
	d->source.bytes = records_size(records);
	d->source.shared = records_shared(records);
	d->records = records;
	d->rules = *rules;
	d->longest = longest;
	return &d->source;
}
