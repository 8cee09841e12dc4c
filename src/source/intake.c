/* One input. See intake.h. */
#include "source/intake.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "item.h"
#include "source/source.h"

/* Records read, or left out, before the desk may look around. */
enum { AT_ONCE = 4096 };

static bool is_end(const struct source_rules *rules, const char *data, size_t len)
{
	return rules->end && strlen(rules->end) == len && memcmp(rules->end, data, len) == 0;
}

/* Is the record left out for being blank? */
static bool is_left_out(const struct source_rules *rules, const char *data, size_t len)
{
	size_t i = 0;

	if (!rules->skip_blank)
		return false;
	while (i < len && data[i] && strchr(" \t\n\v\f\r", data[i]))
		i++;
	return i == len;
}

/* CSV: a line without anything, as it is often the last one of a file. */
static bool is_empty_line(const struct source_rules *rules, const struct one *one)
{
	return rules->csv && (!one->len || (one->len == 1 && *one->data == '\r'));
}

/* --- words ------------------------------------------------------------- */

static void take_words(struct intake *in, const struct input *input)
{
	in->values = mem_alloc((input->count + 1) * sizeof *in->values);
	for (size_t i = 0; i < input->count; i++) {
		size_t len = strlen(input->words[i]);
		bool header = i == 0 && in->rules->header;

		if (!header && is_end(in->rules, input->words[i], len))
			break;
		if (header || !is_left_out(in->rules, input->words[i], len))
			in->values[in->count++] = (struct one){ input->words[i], len,
				len > in->rules->max_item ? item_beyond_max : NULL, 0 };
	}
	in->loaded = true;
}

static enum got title_of_words(struct intake *in)
{
	if (!in->count)
		return GOT_END;
	in->title = in->values[0];
	in->title.data = mem_copy(in->title.data, in->title.len);
	memmove(in->values, in->values + 1, --in->count * sizeof *in->values);
	return GOT_ONE;
}

/* --- records ----------------------------------------------------------- */

/* How many lines a quote took with it that does not end. */
static const char *tell_runaway(struct intake *in, uint64_t lines)
{
	buf_clear(&in->why);
	buf_addf(&in->why, "%s: a quote in it does not end (CSV)",
		records_too_long(in->records));
	if (lines > 1)
		buf_addf(&in->why, "; %llu lines are gone with it", (unsigned long long)lines);
	return buf_str(&in->why);
}

/* Cut a record, whatever it says. */
static enum got cut_one(struct intake *in, struct one *one)
{
	enum cut cut = records_next(in->records, &one->data, &one->len);
	uint64_t lines;

	one->refused = NULL;
	one->line = in->line + 1;
	switch (cut) {
	case CUT_TOO_LONG:
		lines = records_in_quote(in->records);
		in->line += lines ? lines : 1;
		one->refused = lines ? tell_runaway(in, lines) : records_too_long(in->records);
		return GOT_ONE;
	case CUT_RECORD:
		if (in->rules->lines)
			in->line += 1 + bytes_count(one->data, one->len, in->rules->separator);
		return GOT_ONE;
	case CUT_NOTHING:
		return GOT_NOTHING;
	case CUT_FAILED:
		in->failed = true;
		return GOT_END;
	case CUT_END:
		break;
	}
	return GOT_END;
}

static void intake_quote(const struct intake *in)
{
	records_quote(in->records, in->rules->column, in->rules->lax);
}

/* Is it one of those at the beginning that are left out? */
static bool intake_skips(struct intake *in)
{
	if (in->skipped == in->rules->skip)
		return false;
	if (++in->skipped == in->rules->skip && in->rules->csv)
		intake_quote(in);
	return true;
}

static bool intake_is_comment(struct intake *in, const struct one *one)
{
	const char *sign = in->rules->comment;
	size_t len = sign ? strlen(sign) : 0;
	bool is = len && one->len >= len && memcmp(one->data, sign, len) == 0;

	in->comments += is;
	return is;
}

/* A record was cut: does it count? GOT_AGAIN: no. */
static enum got judge(struct intake *in, const struct one *one)
{
	if (intake_skips(in) || intake_is_comment(in, one))
		return GOT_AGAIN;
	if (one->refused)
		return GOT_ONE;
	if (is_end(in->rules, one->data, one->len)) {
		in->over = true;
		return GOT_END;
	}
	return is_left_out(in->rules, one->data, one->len) || is_empty_line(in->rules, one)
		? GOT_AGAIN : GOT_ONE;
}

static enum got take_record(struct intake *in, struct one *one)
{
	enum got got = in->over ? GOT_END : GOT_AGAIN;

	for (int i = 0; got == GOT_AGAIN && i < AT_ONCE; i++) {
		got = cut_one(in, one);
		if (got == GOT_ONE)
			got = judge(in, one);
	}
	return got;
}

static void intake_keep(struct intake *in, const struct one *one)
{
	if (in->count == in->room) {
		in->room = in->room ? in->room * 2 : 64;
		in->values = mem_grow(in->values, in->room * sizeof *in->values);
	}
	in->values[in->count++] = (struct one){ mem_copy(one->data, one->len), one->len,
		one->refused ? mem_copy(one->refused, strlen(one->refused)) : NULL, one->line };
}

/* --- the contract ------------------------------------------------------ */

bool intake_open(struct intake *in, const struct input *input, const struct source_rules *rules)
{
	in->rules = rules;
	if (!input->file) {
		take_words(in, input);
		return true;
	}
	in->records = records_open(input->file, rules->separator, rules->max_item);
	if (in->records && rules->follow)
		records_follow(in->records, rules->strict);
	if (in->records && rules->csv && !(rules->skip && rules->skip_lines))
		intake_quote(in);
	if (in->records)
		records_comment(in->records, rules->comment);
	if (in->records && rules->text)
		records_skip_mark(in->records);
	return in->records;
}

static void intake_leave(struct intake *in, uint64_t used)
{
	uint64_t done = records_done(in->records);

	records_leave(in->records, used < done ? used : done);
}

void intake_close(struct intake *in, uint64_t used)
{
	for (size_t i = 0; in->records && i < in->count; i++) {
		free((char *)in->values[i].data);
		free((char *)in->values[i].refused);
	}
	if (in->records) {
		intake_leave(in, used);
		records_close(in->records);
	}
	free(in->values);
	free((char *)in->title.data);
	buf_free(&in->why);
}

enum got intake_next(struct intake *in)
{
	if (in->records)
		return take_record(in, &in->current);
	if (in->at == in->count)
		return GOT_END;
	in->current = in->values[in->at++];
	return GOT_ONE;
}

enum got intake_load(struct intake *in)
{
	struct one one;

	for (int taken = 0; !in->loaded; taken++) {
		enum got got = taken < AT_ONCE ? take_record(in, &one) : GOT_AGAIN;

		if (got == GOT_NOTHING || got == GOT_AGAIN)
			return got;
		if (got == GOT_END)
			in->loaded = true;
		else
			intake_keep(in, &one);
	}
	return GOT_END;
}

enum got intake_title(struct intake *in)
{
	struct one one;
	bool skip;

	if (!in->records)
		return title_of_words(in);
	do {
		enum got got = cut_one(in, &one);

		if (got != GOT_ONE)
			return got;
		skip = intake_skips(in) || intake_is_comment(in, &one);
	} while (skip || is_empty_line(in->rules, &one));
	in->title = (struct one){ mem_copy(one.data, one.len), one.len, one.refused,
		one.line };
	return GOT_ONE;
}

enum cut intake_skip_first(struct intake *in)
{
	enum cut got = CUT_RECORD;
	const char *data;
	size_t len;

	while (in->skipped < in->rules->skip) {
		got = records_next(in->records, &data, &len);
		if (got != CUT_RECORD && got != CUT_TOO_LONG)
			return got;
		in->skipped++;
	}
	return CUT_RECORD;
}
