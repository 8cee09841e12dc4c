/* The dead letter. See deadletter.h. */
#include "view/deadletter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/chain.h"
#include "base/clock.h"
#include "base/json_text.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "item.h"
#include "view/values.h"

struct deadletter {
	struct deadletter_rules rules;
	struct lines lines;
	struct buf tail;        /* of the item at hand: the end of its stderr */
	char *scratch;          /* CHAIN_SLOT bytes */
};

static bool is_deadletter(const char *start, size_t len)
{
	return memcmp(start, "{\"", len < 2 ? len : 2) == 0;
}

/* Behind this text in a line of ours, outside of all strings: none can hold its quotes
 * without a backslash. NULL: it is not there. */
static const char *behind(const char *line, size_t len, const char *text)
{
	const char *found = memmem(line, len, text, strlen(text));

	return found ? found + strlen(text) : NULL;
}

/* The group of a line, its name or its number. */
static void group_named(struct buf *to, const char *line, size_t len)
{
	const char *text = behind(line, len, ",\"group\":");
	size_t n;

	if (!text)
		return;
	text += *text == '"';
	for (n = 0; text[n] != '"' && text[n] != ',' && text[n] != '}'; n++)
		;
	buf_add(to, text, n);
}

/* A line with its newline. */
static bool is_kept(void *ctx, const char *line, size_t len)
{
	const struct deadletter_rules *rules = ctx;
	const char *run = behind(line, len, ",\"run\":\""), *seq = behind(line, len, ",\"seq\":");
	struct buf group = { 0 };
	bool kept;

	if (!run || !seq || strncmp(run, rules->run_id, strlen(rules->run_id)) != 0)
		return true;
	group_named(&group, line, len);
	kept = rules->failed(rules->plan, strtoull(seq, NULL, 10), buf_str(&group));
	buf_free(&group);
	return kept;
}

struct deadletter *deadletter_open(const char *path, const struct deadletter_rules *rules)
{
	struct lines lines;
	struct deadletter *dead;

	if (!lines_open(&lines, path, true, is_deadletter, json_text_is_object))
		return NULL;
	if (rules->failed && !lines_sift(&lines, is_kept, (void *)rules)) {
		int error = errno;

		lines_close(&lines);
		errno = error;
		return NULL;
	}
	dead = mem_zero(sizeof *dead);
	dead->lines = lines;
	dead->rules = *rules;
	dead->scratch = mem_alloc(CHAIN_SLOT);
	return dead;
}

/* --- members ----------------------------------------------------------- */

/* Values of an item or of a header, as they were read. */
struct raws {
	const struct item *item;
	const struct draft *draft; /* where there is no item */
	uint32_t from, count;
};

static struct value raw(const void *of, uint32_t index)
{
	const struct raws *r = of;

	return r->item ? item_raw(r->item, r->from + index)
		: draft_value(r->draft, r->from + index);
}

static void add_raws(struct buf *to, const char *name, const struct raws *r)
{
	values_text(to, name, ":", &(struct values){ r, raw, r->count, false });
}

static void add_text(struct buf *to, const char *name, const char *text)
{
	buf_addf(to, ",\"%s\":", name);
	json_text_quoted(to, text, strlen(text));
}

/* UTC, to the millisecond. */
static void deadletter_add_time(struct buf *to, const char *name, int64_t wall)
{
	time_t seconds = (time_t)(wall / CLOCK_SECOND);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	buf_addf(to, ",\"%s\":\"%s.%03dZ\"", name, text, (int)(wall % CLOCK_SECOND / CLOCK_MS));
}

static void deadletter_add_outcome(struct buf *to, const struct result *r)
{
	enum outcome_how how = r->outcome.how;

	add_text(to, "outcome", outcome_name(how));
	if (how == OUTCOME_EXIT || how == OUTCOME_SIGNAL || how == OUTCOME_NOT_STARTED)
		buf_addf(to, ",\"code\":%d", r->outcome.code);
	if (r->why)
		add_text(to, "reason", r->why);
}

static void add_times(struct buf *to, const struct delivery *d)
{
	const struct outcome *o = &d->result.outcome;
	int64_t last = o->started ? o->started + o->took : clock_wall();

	deadletter_add_time(to, "first", d->begun ? d->begun : last);
	deadletter_add_time(to, "last", last);
}

/* --- the end of stderr ------------------------------------------------- */

static bool read_tail(struct deadletter *dead, const struct chunk *tail)
{
	size_t skip;
	const char *data;

	buf_clear(&dead->tail);
	if (!tail)
		return true;
	skip = tail->len > DEADLETTER_TAIL ? tail->len - DEADLETTER_TAIL : 0;
	data = chunk_data(dead->rules.store, tail, dead->scratch);
	if (data)
		buf_add(&dead->tail, data + skip, tail->len - skip);
	return data != NULL;
}

/* It may begin within a character: then without that one. */
static void add_tail(struct buf *to, const struct buf *tail)
{
	const char *data = tail->data;
	size_t len = tail->len, skip = 0;

	if (!len)
		return;
	while (skip < 3 && skip < len && ((unsigned char)data[skip] & 0xc0) == 0x80)
		skip++;
	if (utf8_valid(data + skip, len - skip) && skip < len) {
		data += skip;
		len -= skip;
	}
	buf_addc(to, ',');
	json_text_member(to, "stderr", data, len);
}

/* --- lines ------------------------------------------------------------- */

/* What several records had together is the name of none of them. */
static void add_id(const struct deadletter *dead, struct buf *to, const struct item *item,
	uint64_t seq)
{
	struct buf id = { 0 };

	if (item->records > 1)
		return;
	item_id(&id, item, dead->rules.run_id, seq);
	buf_addc(to, ',');
	json_text_member(to, "id", id.data, id.len);
	buf_free(&id);
}

static void begin_line(const struct deadletter *dead, struct buf *to, const struct delivery *d,
	const struct raws *r, uint64_t seq)
{
	const struct item *item = d->item;
	const char *source = item->source ? item->source : "";

	buf_addc(to, '{');
	add_raws(to, item->cut ? "item_start" : "item", r);
	buf_addf(to, ",\"seq\":%llu", (unsigned long long)seq);
	add_id(dead, to, item, seq);
	buf_addc(to, ',');
	json_text_member(to, "source", source, strlen(source));
	buf_addc(to, ',');
	values_group(to, d);
}

static void end_line(const struct deadletter *dead, struct buf *to)
{
	const struct draft *header = dead->rules.header;

	if (header) {
		struct raws r = { .draft = header, .count = header->values };

		buf_addc(to, ',');
		add_raws(to, "header", &r);
	}
	buf_adds(to, "}\n");
}

static void add_line(struct deadletter *dead, const struct delivery *d, const struct raws *r,
	uint64_t seq)
{
	struct buf *to = &dead->lines.text;

	begin_line(dead, to, d, r, seq);
	if (dead->rules.failed)
		add_text(to, "run", dead->rules.run_id);
	buf_addf(to, ",\"attempts\":%u", d->attempts);
	deadletter_add_outcome(to, &d->result);
	add_times(to, d);
	add_tail(to, &dead->tail);
	end_line(dead, to);
}

/* A piece of a run, which is no value of the item. */
static void deadletter_add_piece(struct deadletter *dead, const struct delivery *d, size_t at,
	size_t len, uint64_t seq)
{
	struct draft piece = { 0 };

	draft_add(&piece, d->item->run->bytes.data + at, len);
	add_line(dead, d, &(struct raws){ .draft = &piece, .count = 1 }, seq);
	draft_free(&piece);
}

/* Records that a transform could not do, and why. */
static void add_rejects(struct deadletter *dead, const struct delivery *d)
{
	const struct product *product = d->result.product;
	struct delivery one = *d;

	for (size_t i = 0; i < product->nrejects; i++) {
		const struct reject *r = &product->rejects[i];

		one.result.outcome.how = OUTCOME_REFUSED;
		one.result.why = (char *)r->why;
		deadletter_add_piece(dead, &one, r->at, r->len, d->item->run->first + r->index);
	}
}

/* Lines of another dead letter need not have as many values each: those of an item that
 * was made of them stay together. */
static uint32_t raws_of_record(const struct item *item, uint32_t raws)
{
	return raws % item->records == 0 ? raws / item->records : raws;
}

bool deadletter_add(struct deadletter *dead, const struct delivery *d)
{
	const struct item *item = d->item;
	bool whole = read_tail(dead, d->result.tail[STREAM_ERR]);
	uint32_t raws = item->run ? 0 : item_raws(item);
	uint32_t each = item->run ? 0 : raws_of_record(item, raws);

	if (d->result.product && d->result.product->nrejects)
		add_rejects(dead, d);
	else if (item->run)
		deadletter_add_piece(dead, d, 0, item->run->bytes.len, item->number);
	for (uint32_t i = 0; i < raws; i += each)
		add_line(dead, d, &(struct raws){ .item = item, .from = i, .count = each },
			item->number);
	return whole;
}

bool deadletter_flush(struct deadletter *dead)
{
	return lines_flush(&dead->lines);
}

bool deadletter_close(struct deadletter *dead)
{
	bool ok = lines_close(&dead->lines);

	buf_free(&dead->tail);
	free(dead->scratch);
	free(dead);
	return ok;
}
