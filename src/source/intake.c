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

/* --- values that are kept -------------------------------------------------- */

static void intake_add(struct intake *in, struct one one)
{
	if (in->count == in->room) {
		in->room = in->room ? in->room * 2 : 64;
		in->values = mem_grow(in->values, in->room * sizeof *in->values);
	}
	in->values[in->count++] = one;
}

static void intake_keep(struct intake *in, const struct one *one)
{
	intake_add(in, (struct one){ mem_copy(one->data, one->len), one->len,
		one->refused ? mem_copy(one->refused, strlen(one->refused)) : NULL, one->line });
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

/* Cut what a separator ends, whatever it says. */
static enum got cut_piece(struct intake *in, struct one *one)
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

/* Do the bytes before and behind, taken together, end in these? */
static bool intake_ends_in(const struct continued *before, const char *data, size_t len,
	const char *wanted, size_t n)
{
	size_t there = n > len ? n - len : 0;

	if (there && (!before->begun || before->text.len < there
	    || memcmp(before->text.data + before->text.len - there, wanted, there) != 0))
		return false;
	return memcmp(data + len - (n - there), wanted + there, n - there) == 0;
}

/* What was begun is the whole record, with this behind it. */
static enum got intake_complete(struct intake *in, struct continued *c, struct one *one)
{
	continued_end(c, &one->data, &one->len, in->rules->max_item);
	if (c->beyond)
		one->refused = item_beyond_max;
	return GOT_ONE;
}

/* A piece that one byte ends, where more than that ends a record. */
static enum got intake_take_piece(struct intake *in, struct one *one, bool ended)
{
	const struct source_rules *rules = in->rules;
	size_t before = rules->delimiter_len - 1; /* of it, before that byte */
	uint64_t most = one->refused ? 0 : rules->max_item;

	if (ended && intake_ends_in(&in->cut, one->data, one->len, rules->delimiter, before)) {
		continued_add(&in->cut, one->data, one->len, most);
		*one = (struct one){ "", 0, NULL, one->line };
		intake_complete(in, &in->cut, one);
		one->len -= one->refused ? 0 : before;
		return GOT_ONE;
	}
	continued_add(&in->cut, one->data, one->len, most);
	if (ended)
		continued_add(&in->cut, &rules->separator, 1, rules->max_item);
	return GOT_AGAIN;
}

/* Cut a record, whatever it says. */
static enum got cut_one(struct intake *in, struct one *one)
{
	uint64_t before = records_done(in->records);
	enum got got = cut_piece(in, one);

	if (!in->rules->delimiter)
		return got;
	if (got == GOT_ONE)
		return intake_take_piece(in, one, records_done(in->records) - before > one->len);
	if (got != GOT_END || in->failed || !in->cut.begun)
		return got;
	*one = (struct one){ "", 0, NULL, one->line };
	return intake_complete(in, &in->cut, one);
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
	if (!in->lines.begun && is_left_out(in->rules, one->data, one->len))
		return GOT_AGAIN;
	return is_empty_line(in->rules, one) ? GOT_AGAIN : GOT_ONE;
}

/* A line that counts: does it go on, by its last byte? */
static enum got intake_join(struct intake *in, struct one *one)
{
	const char *blanks = in->rules->continues;
	bool goes_on;

	if (!blanks)
		return GOT_ONE;
	if (one->len)
		goes_on = one->data[one->len - 1] && strchr(blanks, one->data[one->len - 1]);
	else
		goes_on = in->lines.begun; /* what it is joined to ends so */
	if (goes_on && !one->refused) {
		continued_add(&in->lines, one->data, one->len, in->rules->max_item);
		return GOT_AGAIN;
	}
	return intake_complete(in, &in->lines, one);
}

/* No line comes behind those that were to go on. */
static enum got intake_end(struct intake *in, struct one *one)
{
	if (in->failed || !in->lines.begun)
		return GOT_END;
	*one = (struct one){ "", 0, NULL, one->line };
	return intake_complete(in, &in->lines, one);
}

static enum got take_record(struct intake *in, struct one *one)
{
	enum got got = in->over ? GOT_END : GOT_AGAIN;

	for (int i = 0; got == GOT_AGAIN && i < AT_ONCE; i++) {
		got = cut_one(in, one);
		if (got == GOT_ONE)
			got = judge(in, one);
		if (got == GOT_ONE)
			got = intake_join(in, one);
	}
	return got == GOT_END ? intake_end(in, one) : got;
}

/* --- words ------------------------------------------------------------- */

/* Where the first value of a word ends, which has `len` bytes. */
static size_t cut_word(const struct source_rules *rules, const char *word, size_t len)
{
	const char *end = NULL;

	if (rules->cut_words && rules->delimiter)
		end = memmem(word, len, rules->delimiter, rules->delimiter_len);
	else if (rules->cut_words && rules->separator)
		end = memchr(word, rules->separator, len);
	return end ? (size_t)(end - word) : len;
}

/* False: it ends the input. */
static bool take_value(struct intake *in, struct one one)
{
	bool header = !in->count && !in->lines.begun && in->rules->header;

	if (!header && is_end(in->rules, one.data, one.len))
		return false;
	if (!header && !in->lines.begun && is_left_out(in->rules, one.data, one.len))
		return true;
	if (!in->rules->continues)
		intake_add(in, one);
	else if (intake_join(in, &one) == GOT_ONE)
		intake_keep(in, &one);
	return true;
}

static bool take_word(struct intake *in, const char *word)
{
	const struct source_rules *rules = in->rules;
	size_t left = strlen(word);

	for (;;) {
		size_t len = cut_word(rules, word, left);

		if (!take_value(in, (struct one){ word, len,
			len > rules->max_item ? item_beyond_max : NULL, 0 }))
			return false;
		if (len == left)
			return true;
		len += rules->delimiter ? rules->delimiter_len : 1;
		word += len;
		left -= len;
	}
}

static void take_words(struct intake *in, const struct input *input)
{
	struct one last;

	in->owned = in->rules->continues;
	for (size_t i = 0; i < input->count && take_word(in, input->words[i]); i++)
		;
	if (intake_end(in, &last) == GOT_ONE)
		intake_keep(in, &last);
	in->loaded = true;
}

static enum got title_of_words(struct intake *in)
{
	if (!in->count)
		return GOT_END;
	in->title = in->values[0];
	if (!in->owned)
		in->title.data = mem_copy(in->title.data, in->title.len);
	memmove(in->values, in->values + 1, --in->count * sizeof *in->values);
	return GOT_ONE;
}

/* --- the contract ------------------------------------------------------ */

bool intake_open(struct intake *in, const struct input *input, const struct source_rules *rules)
{
	in->rules = rules;
	if (!input->file) {
		take_words(in, input);
		return true;
	}
	in->owned = true;
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
	for (size_t i = 0; in->owned && i < in->count; i++) {
		free((char *)in->values[i].data);
		free((char *)in->values[i].refused);
	}
	if (in->records) {
		intake_leave(in, used);
		records_close(in->records);
	}
	free(in->values);
	free((char *)in->title.data);
	continued_free(&in->cut);
	continued_free(&in->lines);
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
