/* How --pipe cuts. See plan/blocks.h. */
#include "plan/blocks.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/transform/regex.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/parse.h"
#include "base/saturate.h"
#include "base/status.h"
#include "desk/pattern.h"
#include "options/options.h"

static struct regex *blocks_compile(const char *option, const char *text)
{
	struct buf why = { 0 };
	struct regex *regex = pattern_compile(option, text, REGEX_STREAM | REGEX_MULTILINE, &why);

	if (!regex)
		msg_die(STATUS_USAGE, "%s", buf_str(&why));
	buf_free(&why);
	return regex;
}

/* An end as an expression; that of -0 and -d is a byte. */
static void blocks_spell_end(const struct option_bytes *end, struct buf *text)
{
	if (end->text)
		buf_adds(text, end->text);
	else if (end->data)
		buf_addf(text, "\\x%02x", (unsigned char)*end->data);
}

/* The expression by itself is right, and so it cannot break out of the brackets that are put
 * around it. False: it may match where nothing stands. */
static bool blocks_check(const char *option, const char *text)
{
	struct regex *regex = blocks_compile(option, text);
	bool something = !regex_may_be_empty(regex);

	regex_free(regex);
	return something;
}

static struct regex *blocks_ends(const struct options *o)
{
	struct buf end = { 0 }, text = { 0 };
	const char *start = o->recstart.data ? o->recstart.text : "";
	bool something = false;
	struct regex *regex;

	blocks_spell_end(&o->recend, &end);
	if (end.len)
		something |= blocks_check("--recend", buf_str(&end));
	if (*start)
		something |= blocks_check("--recstart", start);
	if (!something)
		msg_die(STATUS_USAGE, "--regexp: what ends a record, or begins one, must match "
			"something, or every byte would be a record; try \\n+ instead of \\n*");
	if (end.len)
		buf_addf(&text, "(?:%s)", buf_str(&end));
	if (*start)
		buf_addf(&text, "(?=(?:%s))", start);
	regex = blocks_compile(end.len ? "--recend" : "--recstart", buf_str(&text));
	buf_free(&end);
	buf_free(&text);
	return regex;
}

/* A number is so many records, a colon one; all else is an expression. */
static void blocks_make_heading(struct plan_blocks *b, const char *heading)
{
	struct buf text = { 0 };

	if (!heading)
		return;
	if (strcmp(heading, ":") == 0)
		b->rules.heading.records = 1;
	else if (!parse_count(heading, &b->rules.heading.records)) {
		regex_free(blocks_compile("--header", heading));
		buf_addf(&text, "\\A(?:%s)", heading);
		b->rules.heading.regex = b->heading = blocks_compile("--header", buf_str(&text));
	}
	buf_free(&text);
}

/* Bytes of the file; of what is opened elsewhere, where that fails it is told. */
static uint64_t blocks_file_size(const struct options *o, const char *name)
{
	bool standard = strcmp(name, "-") == 0;
	struct stat st;

	if ((standard ? fstat(STDIN_FILENO, &st) : stat(name, &st)) < 0)
		return 0;
	if (!S_ISREG(st.st_mode) && o->spread != SPREAD_PARTS)
		msg_die(STATUS_USAGE, "--block -%llu: how large that is can be told of files, and %s "
			"is none; try --block 10M", (unsigned long long)o->block_parts,
			standard ? "standard input" : name);
	return (uint64_t)st.st_size;
}

/* Bytes of a block: as asked for, or of the share that one of so many has of all files. */
static uint64_t blocks_size(const struct options *o, unsigned jobs)
{
	uint64_t number = saturate_times(o->block_parts, jobs), bytes = 0;
	size_t files = 0;

	if (!number)
		return o->block;
	for (size_t i = 0; i < o->ninputs; i++) {
		if (!o->inputs[i].file || (o->spread == SPREAD_ALL && !o->inputs[i].stream))
			continue;
		bytes = saturate_add(bytes, blocks_file_size(o, o->inputs[i].file));
		files++;
	}
	return (files ? bytes : blocks_file_size(o, "-")) / number + 1;
}

void plan_blocks_make(struct plan_blocks *b, const struct options *o, unsigned jobs)
{
	bool lines = !o->recstart.data && !o->recend.data;
	uint64_t block = o->pipe ? blocks_size(o, jobs) : 0;
	uint64_t longest = !o->max_args && block > o->max_item ? block : o->max_item;
	struct ends_rules ends = { .start = o->recstart.data, .start_len = o->recstart.len,
		.end = lines ? "\n" : o->recend.data, .end_len = lines ? 1 : o->recend.len };

	if (!o->pipe)
		return;
	if (o->regexp) {
		b->ends = blocks_ends(o);
		ends = (struct ends_rules){ .regex = b->ends };
	}
	if (o->block_csv) {
		b->csv = (struct csv){ o->block_column, o->separator, o->csv_lax };
		ends = (struct ends_rules){ .csv = &b->csv };
	}
	b->field = (struct field_rules){ o->key_column, o->key_name, o->key_separator, '\n' };
	if (o->grouped)
		ends = (struct ends_rules){ .field = &b->field };
	b->rules.bare = o->bare;
	b->rules.cutter = (struct cutter_rules){ .ends = ends, .pieces = o->max_lines,
		.records = o->max_args, .block = mem_size(block),
		.least = o->block_parts ? mem_size(block) : 0, .longest = mem_size(longest) };
	b->rules.uncut = o->spread == SPREAD_ALL;
	b->rules.heading.longest = mem_size(o->max_item);
	blocks_make_heading(b, b->rules.uncut ? NULL : o->heading);
}

void plan_blocks_free(struct plan_blocks *b)
{
	if (b->ends)
		regex_free(b->ends);
	if (b->heading)
		regex_free(b->heading);
}
