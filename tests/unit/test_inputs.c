/* Input sources: all combinations, pairs and recycling. The expected lists agree
 * with what GNU parallel makes of the same sources; where one is empty it cannot
 * do --link. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "item.h"
#include "scratch.h"
#include "source/source.h"

enum { INPUTS = 4, WORDS = 8 };

/* An input as it is written on a command line: its kind, then words; the words
 * after "::::" are the lines of a file. */
struct spec {
	const char *kind, *words;
};

struct build {
	struct input input[INPUTS];
	size_t count;
	char *words[INPUTS][WORDS], *copy[INPUTS], *path[INPUTS];
};

static void make_file(struct build *b, size_t i, const char *words)
{
	struct buf lines = { 0 };
	char name[] = "input0";

	for (const char *c = words; *c; c++)
		buf_addc(&lines, *c == ' ' ? '\n' : *c);
	if (lines.len)
		buf_addc(&lines, '\n');
	name[5] = (char)('0' + i);
	b->path[i] = scratch_file(name, lines.len ? lines.data : "", lines.len, 0600);
	b->input[i].file = b->path[i];
	buf_free(&lines);
}

static void build(struct build *b, const struct spec *specs)
{
	memset(b, 0, sizeof *b);
	for (; b->count < INPUTS && specs[b->count].kind; b->count++) {
		const struct spec *s = &specs[b->count];
		struct input *in = &b->input[b->count];

		in->linked = strchr(s->kind, '+') != NULL;
		if (strncmp(s->kind, "::::", 4) == 0) {
			make_file(b, b->count, s->words);
			continue;
		}
		b->copy[b->count] = strdup(s->words);
		in->words = b->words[b->count];
		for (char *w = strtok(b->copy[b->count], " "); w; w = strtok(NULL, " "))
			in->words[in->count++] = w;
	}
}

static void unbuild(struct build *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->copy[i]);
		free(b->path[i]);
	}
}

/* The combinations with dots between values, "!" before a refused one. */
static void expand(struct source *s, struct buf *out)
{
	struct draft draft = { 0 };
	enum source_state state;

	while ((state = s->next(s, &draft)) == SOURCE_RECORD) {
		const char *value = draft.text;

		assert_string_equal(draft.source, s->name);
		if (out->len)
			buf_addc(out, ' ');
		if (draft.refused)
			buf_addc(out, '!');
		for (uint32_t i = 0; i < draft.values; i++) {
			buf_adds(out, i ? "." : "");
			buf_adds(out, value);
			value = draft.text + draft.ends[i] + 1;
		}
		draft_clear(&draft);
	}
	assert_int_equal(state, SOURCE_END);
	assert_int_equal(s->next(s, &draft), SOURCE_END);
	draft_free(&draft);
}

static uint64_t words_in(const char *list)
{
	uint64_t n = *list != '\0';

	for (; *list; list++)
		n += *list == ' ';
	return n;
}

struct row {
	struct spec specs[INPUTS + 1];
	bool link;
	const char *expected;
};

/* `rules`: what is said beside the row. */
static void check(const struct row *row, struct source_rules rules)
{
	struct buf got = { 0 };
	struct source *s;
	struct build b;
	bool files = false;

	rules.separator = '\n';
	rules.max_item = 1000;
	rules.link = row->link;
	build(&b, row->specs);
	for (size_t i = 0; i < b.count; i++)
		files = files || b.input[i].file;
	s = source_inputs(b.input, b.count, &rules);
	assert_non_null(s);
	assert_int_equal(s->total, files ? 0 : words_in(row->expected));
	assert_string_equal(s->name, b.input[0].file ? b.input[0].file : ":::");
	expand(s, &got);
	assert_string_equal(buf_str(&got), row->expected);
	assert_false(s->failed);
	s->close(s);
	buf_free(&got);
	unbuild(&b);
}

struct left_out {
	struct row row;
	struct source_rules rules;
};

static void check_left_out(const struct left_out *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&rows[i].row, rows[i].rules);
}

static void check_all(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&rows[i], (struct source_rules){ .end = NULL });
}

static void sources_combine_and_the_last_turns_fastest(void **state)
{
	static const struct row rows[] = {
		{ { { ":::", "a b c" } }, false, "a b c" },
		{ { { ":::", "a b" }, { ":::", "1 2 3" } }, false, "a.1 a.2 a.3 b.1 b.2 b.3" },
		{ { { ":::", "a b" }, { ":::", "1 2" }, { ":::", "x y" } }, false,
			"a.1.x a.1.y a.2.x a.2.y b.1.x b.1.y b.2.x b.2.y" },
		{ { { ":::", "a" }, { ":::", "1" }, { ":::", "x" }, { ":::", "p q" } }, false,
			"a.1.x.p a.1.x.q" },
	};

	(void)state;
	check_all(rows, COUNT(rows));
}

static void linked_sources_pair_up_to_the_end_of_the_shorter(void **state)
{
	static const struct row rows[] = {
		{ { { ":::", "a b" }, { ":::+", "1 2 3" } }, false, "a.1 b.2" },
		{ { { ":::", "a b c" }, { ":::+", "1 2" } }, false, "a.1 b.2" },
		{ { { ":::", "a b c" }, { ":::+", "1 2 3" }, { ":::+", "x y" } }, false,
			"a.1.x b.2.y" },
		{ { { ":::", "a b" }, { ":::+", "1 2" }, { ":::", "x y" } }, false,
			"a.1.x a.1.y b.2.x b.2.y" },
		{ { { ":::", "x y" }, { ":::", "a b c" }, { ":::+", "1 2" } }, false,
			"x.a.1 x.b.2 y.a.1 y.b.2" },
		{ { { ":::", "a b" }, { ":::+", "1 2" }, { ":::", "x y" }, { ":::+", "p q r" } },
			false, "a.1.x.p a.1.y.q b.2.x.p b.2.y.q" },
	};

	(void)state;
	check_all(rows, COUNT(rows));
}

static void link_pairs_all_and_the_shorter_start_again(void **state)
{
	static const struct row rows[] = {
		{ { { ":::", "a b c" } }, true, "a b c" },
		{ { { ":::", "a b c" }, { ":::", "1 2 3" } }, true, "a.1 b.2 c.3" },
		{ { { ":::", "a b c d e" }, { ":::", "1 2" } }, true, "a.1 b.2 c.1 d.2 e.1" },
		{ { { ":::", "a" }, { ":::", "1 2" }, { ":::", "x y z" } }, true,
			"a.1.x a.2.y a.1.z" },
		{ { { ":::", "a b c" }, { ":::+", "1 2" } }, true, "a.1 b.2 c.1" },
		{ { { "::::", "p q r" }, { ":::", "1 2" }, { "::::", "x y" } }, true,
			"p.1.x q.2.y r.1.x" },
	};

	(void)state;
	check_all(rows, COUNT(rows));
}

static void files_and_arguments_mix(void **state)
{
	static const struct row rows[] = {
		{ { { "::::", "x y" } }, false, "x y" },
		{ { { "::::", "x y" }, { ":::", "1 2" } }, false, "x.1 x.2 y.1 y.2" },
		{ { { ":::", "1 2" }, { "::::", "x y" } }, false, "1.x 1.y 2.x 2.y" },
		{ { { "::::", "x y" }, { "::::", "p q r" } }, false,
			"x.p x.q x.r y.p y.q y.r" },
		{ { { "::::", "x y" }, { "::::+", "p q r" } }, false, "x.p y.q" },
		{ { { "::::", "x y z" }, { "::::+", "p q" } }, false, "x.p y.q" },
		{ { { ":::", "1 2 3" }, { "::::+", "x y" } }, false, "1.x 2.y" },
		{ { { "::::", "x y" }, { ":::+", "1 2 3" } }, false, "x.1 y.2" },
		{ { { ":::", "1 2" }, { "::::", "x y" }, { "::::+", "p q r" } }, false,
			"1.x.p 1.y.q 2.x.p 2.y.q" },
	};

	(void)state;
	check_all(rows, COUNT(rows));
}

static void an_empty_source_among_others_counts_as_one_empty_value(void **state)
{
	static const struct row rows[] = {
		{ { { ":::", "" } }, false, "" },
		{ { { "::::", "" } }, false, "" },
		{ { { ":::", "" }, { ":::", "" } }, false, "" },
		{ { { ":::", "" }, { "::::+", "" } }, false, "" },
		{ { { "::::", "" }, { "::::", "" }, { ":::", "" } }, false, "" },
		{ { { "::::", "" }, { "::::", "" } }, true, "" },
		{ { { ":::", "a b" }, { ":::", "" } }, false, "a. b." },
		{ { { ":::", "" }, { ":::", "a b" } }, false, ".a .b" },
		{ { { ":::", "a b" }, { ":::+", "" } }, false, "a." },
		{ { { ":::", "" }, { ":::+", "a b" } }, false, ".a" },
		{ { { "::::", "" }, { "::::+", "a b" } }, false, ".a" },
		{ { { "::::", "a b" }, { "::::+", "" } }, false, "a." },
		{ { { "::::", "" }, { ":::+", "" }, { ":::", "a b" } }, false, "..a ..b" },
		{ { { "::::", "a b" }, { ":::", "" }, { ":::+", "" } }, false, "a.. b.." },
		{ { { "::::", "" }, { ":::", "a b" } }, false, ".a .b" },
		{ { { ":::", "a b" }, { "::::", "" } }, false, "a. b." },
		{ { { ":::", "a" }, { ":::", "b" }, { "::::", "" } }, false, "a.b." },
		{ { { ":::", "a" }, { ":::", "" }, { ":::", "b" } }, false, "a..b" },
		{ { { ":::", "a b" }, { "::::", "" } }, true, "a. b." },
		{ { { ":::", "a b" }, { ":::", "" } }, true, "a. b." },
		{ { { ":::", "" }, { ":::", "a b" } }, true, ".a .b" },
	};

	(void)state;
	check_all(rows, COUNT(rows));
}

static void a_record_can_end_its_input(void **state)
{
	static const struct left_out rows[] = {
		{ { { { ":::", "a b END c" } }, false, "a b" }, { .end = "END" } },
		{ { { { "::::", "a b END c" } }, false, "a b" }, { .end = "END" } },
		{ { { { "::::", "END a" } }, false, "" }, { .end = "END" } },
		{ { { { "::::", "a EN ENDE" } }, false, "a EN ENDE" }, { .end = "END" } },
		{ { { { "::::", "a END b" }, { "::::", "x y END" } }, false, "a.x a.y" },
			{ .end = "END" } },
		{ { { { ":::", "a b END" }, { "::::+", "x END y" } }, false, "a.x" },
			{ .end = "END" } },
		{ { { { "::::", "a b END" }, { ":::", "x END y" } }, true, "a.x b.x" },
			{ .end = "END" } },
	};

	(void)state;
	check_left_out(rows, COUNT(rows));
}

static void the_first_record_of_a_file_can_be_left_out(void **state)
{
	static const struct left_out rows[] = {
		{ { { { "::::", "t a b" } }, false, "a b" }, { .skip = 1 } },
		{ { { { "::::", "t" } }, false, "" }, { .skip = 1 } },
		{ { { { "::::", "" } }, false, "" }, { .skip = 1 } },
		{ { { { ":::", "a b" } }, false, "a b" }, { .skip = 1 } },
		{ { { { "::::", "t a b" }, { ":::", "x y" }, { "::::", "u 1" } }, false,
			"a.x.1 a.y.1 b.x.1 b.y.1" }, { .skip = 1 } },
		{ { { { "::::", "END a END" } }, false, "a" },
			{ .skip = 1, .end = "END" } },
	};

	(void)state;
	check_left_out(rows, COUNT(rows));
}

static void blank_records_can_be_left_out(void **state)
{
	static const struct left_out rows[] = {
		{ { { { "::::", " a  \t b \v\f\r" } }, false, "a b" }, { .skip_blank = true } },
		{ { { { "::::", "   " } }, false, "" }, { .skip_blank = true } },
		{ { { { ":::", "a \t b" }, { "::::", " x" } }, false, "a.x b.x" },
			{ .skip_blank = true } },
		{ { { { "::::", " t a" } }, false, "t a" }, /* the blank one is the first */
			{ .skip_blank = true, .skip = 1 } },
	};

	(void)state;
	check_left_out(rows, COUNT(rows));
}

/* Read until it has an answer; a source that has nothing now says what to poll. */
static enum source_state ask(struct source *s, struct draft *draft)
{
	draft_clear(draft);
	return s->next(s, draft);
}

static void the_desk_can_look_around_however_much_is_left_out(void **state)
{
	const struct source_rules rules = { .separator = '\n', .max_item = 1000,
		.skip_blank = true };
	struct buf blank = { 0 };
	struct input input = { 0 };
	struct draft draft = { 0 };
	struct source *s;
	char *path;

	(void)state;
	for (int i = 0; i < 20000; i++)
		buf_addc(&blank, '\n');
	path = scratch_file("blank", blank.data, blank.len, 0600);
	input.file = path;
	s = source_inputs(&input, 1, &rules);
	assert_int_equal(ask(s, &draft), SOURCE_AGAIN);
	while (ask(s, &draft) == SOURCE_AGAIN)
		;
	assert_int_equal(ask(s, &draft), SOURCE_END);
	s->close(s);
	buf_free(&blank);
	draft_free(&draft);
	free(path);
}

static void a_header_is_no_record(void **state)
{
	static const struct {
		struct spec specs[INPUTS + 1];
		struct source_rules rules;
		const char *header, *expected;
	} rows[] = {
		{ { { "::::", "h a b" } }, { .header = true }, "h", "a b" },
		{ { { ":::", "h a b" } }, { .header = true }, "h", "a b" },
		{ { { "::::", "h a b" }, { ":::", "g 1 2" } }, { .header = true }, "h.g",
			"a.1 a.2 b.1 b.2" },
		{ { { ":::", "h a b" }, { "::::", "g 1 2 3" }, { "::::", "i x" } },
			{ .header = true, .link = true }, "h.g.i", "a.1.x b.2.x a.3.x" },
		{ { { "::::", "END a END" } }, { .header = true, .end = "END" }, "END", "a" },
		{ { { ":::", "END a END" } }, { .header = true, .end = "END" }, "END", "a" },
		{ { { "::::", " a  b" } }, { .header = true, .skip_blank = true }, "", "a b" },
		{ { { "::::", "t h a b" } }, { .header = true, .skip = 1 }, "h", "a b" },
		{ { { "::::", "h" } }, { .header = true }, "h", "" },
		{ { { "::::", "" } }, { .header = true }, NULL, "" },
		{ { { ":::", "h a" }, { "::::", "" } }, { .header = true }, "h.", "a." },
		{ { { "::::", "" }, { ":::", "h a" } }, { .header = true }, ".h", ".a" },
		{ { { "::::", "" }, { ":::", "" } }, { .header = true }, NULL, "" },
		{ { { "::::", "h" }, { ":::", "g" } }, { .header = true }, "h.g", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct source_rules rules = rows[i].rules;
		struct buf got = { 0 };
		struct draft header = { 0 };
		struct source *s;
		struct build b;

		rules.separator = '\n';
		rules.max_item = 1000;
		build(&b, rows[i].specs);
		s = source_inputs(b.input, b.count, &rules);
		assert_int_equal(s->header(s, &header), rows[i].header ? SOURCE_RECORD : SOURCE_END);
		for (uint32_t k = 0; k < header.values; k++) {
			buf_adds(&got, k ? "." : "");
			buf_adds(&got, draft_value(&header, k).data);
		}
		assert_string_equal(buf_str(&got), rows[i].header ? rows[i].header : "");
		buf_clear(&got);
		expand(s, &got);
		assert_string_equal(buf_str(&got), rows[i].expected);
		s->close(s);
		draft_free(&header);
		buf_free(&got);
		unbuild(&b);
	}
}

static void more_combinations_than_can_be_counted_are_an_unknown_number(void **state)
{
	const struct source_rules rules = { .separator = '\n', .max_item = 1000 };
	static char *words[65537];
	struct input inputs[4];
	struct source *s;

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		words[i] = "x";
	for (size_t i = 0; i < COUNT(inputs); i++)
		inputs[i] = (struct input){ .words = words, .count = COUNT(words) };
	s = source_inputs(inputs, 3, &rules);
	assert_true(s->total == UINT64_C(65537) * 65537 * 65537);
	s->close(s);
	s = source_inputs(inputs, 4, &rules);
	assert_int_equal(s->total, 0);
	s->close(s);
}

static void assert_draft(const struct draft *draft, const char *first, const char *second)
{
	assert_int_equal(draft->values, second ? 2 : 1);
	assert_string_equal(draft->text, first);
	if (second)
		assert_string_equal(draft->text + draft->ends[0] + 1, second);
}

/* A FIFO with its writing end, so that nothing waits. */
static int open_fifo(const char *name, char **path, struct source **s,
	const struct input *more, bool fifo_first)
{
	const struct source_rules rules = { .separator = '\n', .max_item = 1000 };
	struct input inputs[2];
	int fd;

	*path = scratch_path(name);
	assert_int_equal(mkfifo(*path, 0600), 0);
	inputs[!fifo_first] = (struct input){ .file = *path };
	if (more)
		inputs[fifo_first] = *more;
	*s = source_inputs(inputs, more ? 2 : 1, &rules);
	assert_non_null(*s);
	fd = open(*path, O_WRONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	return fd;
}

static void the_first_source_is_a_stream(void **state)
{
	char *words[] = { "1", "2" }, *path;
	const struct input more = { .words = words, .count = 2 };
	struct draft draft = { 0 };
	struct source *s;
	int fd = open_fifo("stream", &path, &s, &more, true);

	(void)state;
	assert_int_equal(ask(s, &draft), SOURCE_NOTHING);
	assert_true(s->fd >= 0);
	assert_int_equal(write(fd, "a\nb", 3), 3);
	assert_int_equal(ask(s, &draft), SOURCE_RECORD);
	assert_draft(&draft, "a", "1");
	assert_int_equal(ask(s, &draft), SOURCE_RECORD);
	assert_draft(&draft, "a", "2");
	assert_int_equal(ask(s, &draft), SOURCE_NOTHING);
	assert_int_equal(write(fd, "c\n", 2), 2);
	assert_int_equal(ask(s, &draft), SOURCE_RECORD);
	assert_draft(&draft, "bc", "1");
	close(fd);
	assert_int_equal(ask(s, &draft), SOURCE_RECORD);
	assert_draft(&draft, "bc", "2");
	assert_int_equal(ask(s, &draft), SOURCE_END);
	s->close(s);
	draft_free(&draft);
	free(path);
}

static void the_others_are_read_whole_first(void **state)
{
	char *words[] = { "1", "2" }, *path;
	const struct input more = { .words = words, .count = 2 };
	struct draft draft = { 0 };
	struct source *s;
	int fd = open_fifo("whole", &path, &s, &more, false);

	(void)state;
	assert_int_equal(write(fd, "a\nb\n", 4), 4);
	assert_int_equal(ask(s, &draft), SOURCE_NOTHING);
	assert_int_equal(ask(s, &draft), SOURCE_NOTHING);
	close(fd);
	assert_int_equal(ask(s, &draft), SOURCE_RECORD);
	assert_draft(&draft, "1", "a");
	assert_int_equal(ask(s, &draft), SOURCE_RECORD);
	assert_draft(&draft, "1", "b");
	s->close(s); /* before its end: nothing leaks */
	draft_free(&draft);
	free(path);
}

static void a_refused_value_refuses_its_combinations(void **state)
{
	const struct source_rules rules = { .separator = '\n', .max_item = 3 };
	char *path = scratch_file("long", "ab\nabcd\nabc\n", 12, 0600);
	char *words[] = { "1", "2" };
	struct input inputs[] = { { .file = path }, { .words = words, .count = 2 } };
	struct buf got = { 0 };
	struct source *s = source_inputs(inputs, 2, &rules);

	(void)state;
	expand(s, &got);
	assert_string_equal(buf_str(&got), "ab.1 ab.2 !abcd.1 !abcd.2 "
		"abc.1 abc.2");
	s->close(s);
	buf_clear(&got);
	inputs[0] = inputs[1];
	inputs[1] = (struct input){ .file = path };
	s = source_inputs(inputs, 2, &rules);
	expand(s, &got);
	assert_string_equal(buf_str(&got), "1.ab !1.abcd 1.abc "
		"2.ab !2.abcd 2.abc");
	s->close(s);
	buf_free(&got);
	free(path);
}

static void bytes_are_counted_for_an_estimate(void **state)
{
	const struct source_rules rules = { .separator = '\n', .max_item = 1000 };
	char *path = scratch_file("bytes", "a\nbb\nccc", 8, 0600);
	struct input input = { .file = path };
	struct source *s = source_inputs(&input, 1, &rules);
	struct draft draft = { 0 };

	(void)state;
	assert_int_equal(atomic_load(&s->bytes), 8);
	assert_int_equal(ask(s, &draft), SOURCE_RECORD);
	assert_int_equal(atomic_load(&s->bytes_done), 2);
	assert_int_equal(ask(s, &draft), SOURCE_RECORD);
	assert_int_equal(atomic_load(&s->bytes_done), 5);
	assert_int_equal(ask(s, &draft), SOURCE_RECORD);
	assert_int_equal(atomic_load(&s->bytes_done), 8);
	assert_int_equal(ask(s, &draft), SOURCE_END);
	s->close(s);
	draft_free(&draft);
	free(path);
}

static void what_cannot_be_read_fails(void **state)
{
	const struct source_rules rules = { .separator = '\n', .max_item = 1000 };
	char *missing = scratch_path("missing"), *words[] = { "a" };
	const struct input absent[] = { { .words = words, .count = 1 }, { .file = missing } };
	const struct input directory = { .file = scratch };
	FILE *told = tmpfile();
	int saved = unit_divert(STDERR_FILENO, fileno(told));
	struct source *none = source_inputs(absent, 2, &rules);
	struct source *s = source_inputs(&directory, 1, &rules);
	enum source_state got = SOURCE_RECORD;
	struct draft draft = { 0 };
	size_t len;
	char *said;

	(void)state;
	if (s)
		got = ask(s, &draft);
	unit_restore(STDERR_FILENO, saved);
	said = unit_content(fileno(told), &len);
	assert_null(none);
	assert_non_null(s);
	assert_int_equal(got, SOURCE_END);
	assert_true(s->failed);
	assert_non_null(strstr(said, strerror(ENOENT)));
	assert_non_null(strstr(said, strerror(EISDIR)));
	s->close(s);
	fclose(told);
	free(said);
	free(missing);
	draft_free(&draft);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_combine_and_the_last_turns_fastest),
		cmocka_unit_test(linked_sources_pair_up_to_the_end_of_the_shorter),
		cmocka_unit_test(link_pairs_all_and_the_shorter_start_again),
		cmocka_unit_test(files_and_arguments_mix),
		cmocka_unit_test(an_empty_source_among_others_counts_as_one_empty_value),
		cmocka_unit_test(a_record_can_end_its_input),
		cmocka_unit_test(the_first_record_of_a_file_can_be_left_out),
		cmocka_unit_test(blank_records_can_be_left_out),
		cmocka_unit_test(the_desk_can_look_around_however_much_is_left_out),
		cmocka_unit_test(a_header_is_no_record),
		cmocka_unit_test(more_combinations_than_can_be_counted_are_an_unknown_number),
		cmocka_unit_test(the_first_source_is_a_stream),
		cmocka_unit_test(the_others_are_read_whole_first),
		cmocka_unit_test(a_refused_value_refuses_its_combinations),
		cmocka_unit_test(bytes_are_counted_for_an_estimate),
		cmocka_unit_test(what_cannot_be_read_fails),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
