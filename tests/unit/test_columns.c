/* Columns of a record: at separators, as CSV, by an expression. */
#include "unit.h"

#include <string.h>

#include "action/template/names.h"
#include "base/buf.h"
#include "base/json.h"
#include "desk/columns.h"
#include "item.h"

enum { BOTH = TRIM_LEFT | TRIM_RIGHT };

static struct columns *make(struct columns_rules rules)
{
	struct buf why = { 0 };
	struct columns *c;

	if (!rules.separator)
		rules.separator = '\n';
	c = columns_new(&rules, &why);
	assert_non_null(c);
	buf_free(&why);
	return c;
}

/* The columns with bars between, records and columns of --regex with an equals sign;
 * "!" and the reason before what was refused. Something stands before the record. */
static void shape(struct columns *c, const char *const values[], size_t count, struct buf *got)
{
	struct draft d = { 0 };

	draft_add(&d, "before", 6);
	for (size_t i = 0; i < count; i++)
		draft_add(&d, values[i], strlen(values[i]));
	columns_shape(c, &d, 1);
	assert_string_equal(d.text, "before");
	if (d.refused)
		buf_addf(got, "!%s: ", d.refused);
	for (uint32_t i = 1; i < d.values; i++) {
		struct value v = draft_value(&d, i);

		if (i > 1)
			buf_addc(got, d.stride && !d.refused && (i - 2) % d.stride == 0 ? '=' : '|');
		buf_add(got, v.data, v.len);
		assert_int_equal(v.data[v.len], '\0');
	}
	draft_free(&d);
}

static void check(struct columns *c, const char *record, const char *expected)
{
	struct buf got = { 0 };

	shape(c, &record, 1, &got);
	assert_string_equal(buf_str(&got), expected);
	buf_free(&got);
}

struct row {
	const char *record, *expected;
};

static void check_rows(struct columns_rules rules, const struct row *rows, size_t count)
{
	struct columns *c = make(rules);

	for (size_t i = 0; i < count; i++)
		check(c, rows[i].record, rows[i].expected);
	columns_free(c);
}

static void at_a_byte(void **state)
{
	static const struct row rows[] = {
		{ "", "" }, { "a", "a" }, { "a,b", "a|b" }, { ",", "|" }, { ",a", "|a" },
		{ "a,", "a|" }, { "a,,b", "a||b" }, { ",,,", "|||" }, { " a , b ", " a | b " },
		{ "\"a,b\"", "\"a|b\"" },
	};
	static const struct row bar[] = { { "a|b.c", "a|b.c" } }, dot[] = { { "a|b.c", "a|b|c" } };

	(void)state;
	check_rows((struct columns_rules){ .colsep = "," }, rows, COUNT(rows));
	check_rows((struct columns_rules){ .colsep = "|" }, bar, COUNT(bar));
	check_rows((struct columns_rules){ .colsep = "." }, dot, COUNT(dot));
	check_rows((struct columns_rules){ .colsep = "\\." }, dot, COUNT(dot));
	check_rows((struct columns_rules){ .colsep = "(?:,)" }, rows, COUNT(rows));
}

static void what_stands_for_one_byte(void **state)
{
	static const struct {
		const char *colsep;
		bool is;
		char byte;
	} rows[] = {
		{ ",", true, ',' }, { "\t", true, '\t' }, { "\\t", true, '\t' },
		{ "\\n", true, '\n' }, { "\\x1f", true, '\x1f' }, { "\\xFF", true, '\xff' },
		{ "\\|", true, '|' }, { "\\\\", true, '\\' }, { "\\", true, '\\' },
		{ "[", true, '[' }, { "\xff", true, '\xff' }, { "\\s", false, 0 },
		{ "\\d", false, 0 }, { "\\1", false, 0 }, { "\\xg1", false, 0 }, { "", false, 0 },
		{ ",,", false, 0 }, { "[,]", false, 0 }, { "\\t\\t", false, 0 },
		{ "\\033", true, '\033' }, { "\\x{1b}", true, '\033' }, { "\\e", true, '\033' },
		{ "\\\xc3", true, '\xc3' }, { "\\x1", true, 1 }, { "\\v", false, 0 },
		{ "\\b", false, 0 }, { "\\A", false, 0 }, { "\xc3\xa4", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char byte;

		assert_int_equal(columns_byte(rows[i].colsep, &byte), rows[i].is);
		if (rows[i].is)
			assert_int_equal(byte, rows[i].byte);
	}
}

/* Each as `perl -e 'print join "|", split /.../, $_, -1'` has it, which makes nothing
 * of an empty string where we have one column, as GNU parallel does. */
static void at_an_expression_as_perl_does(void **state)
{
	static const struct row digits[] = {
		{ "", "" }, { "a1b22c", "a|b|c" }, { "1a", "|a" }, { "a1", "a|" }, { "11", "|" },
	};
	static const struct row groups[] = { { "a1b22c", "a|1|b|2|c" } };
	static const struct row either[] = { { "a1b;c", "a|1||b||;|c" } };
	static const struct row each[] = { { "abc", "a|b|c|" }, { "a", "a|" }, { "", "" } };
	static const struct row maybe[] = { { "a,b", "a|b|" }, { ",a", "|a|" } };
	static const struct row between[] = { { "aBcD", "a|Bc|D" }, { "Ba", "Ba" } };
	static const struct row start[] = { { "abc", "abc" } };

	(void)state;
	check_rows((struct columns_rules){ .colsep = "[0-9]+" }, digits, COUNT(digits));
	check_rows((struct columns_rules){ .colsep = "([0-9])+" }, groups, COUNT(groups));
	check_rows((struct columns_rules){ .colsep = "([0-9])|(;)" }, either, COUNT(either));
	check_rows((struct columns_rules){ .colsep = "(?:)" }, each, COUNT(each));
	check_rows((struct columns_rules){ .colsep = ",?" }, maybe, COUNT(maybe));
	check_rows((struct columns_rules){ .colsep = "(?=[A-Z])" }, between, COUNT(between));
	check_rows((struct columns_rules){ .colsep = "^(?=a)" }, start, COUNT(start));
}

static void characters_where_the_expression_has_some(void **state)
{
	static const struct row rows[] = {
		{ "a\xe2\x80\x93" "b\xe2\x80\x94" "c\xe2\x82\xac" "d",
			"a|b|c\xe2\x82\xac" "d" },
		{ "a\xff\xe2\x80\x94" "b\xe2", "a\xff|b\xe2" },
	};
	static const struct row bytes[] = { { "a\xff\xff" "b", "a|b" } };

	(void)state;
	check_rows((struct columns_rules){ .colsep = "[\xe2\x80\x93\xe2\x80\x94]" }, rows,
		COUNT(rows));
	check_rows((struct columns_rules){ .colsep = "\xff+" }, bytes, COUNT(bytes));
}

static void csv_as_in_rfc_4180(void **state)
{
	static const char open[] = "!has a quote that does not end (CSV): ";
	static const char after[] = "!has text behind a closing quote (CSV): ";
	static const struct row rows[] = {
		{ "", "" }, { "a,b", "a|b" }, { ",", "|" }, { "a,", "a|" }, { " a , b", " a | b" },
		{ "\"\"", "" }, { "\"\",\"\"", "|" }, { "\"a,b\",c", "a,b|c" },
		{ "a,\"b\nc\"", "a|b\nc" }, { "\"a\"\"b\"", "a\"b" }, { "\"\"\"\"", "\"" },
		{ "\"\"\"a\"\"\"", "\"a\"" }, { "a\"b,c", "a\"b|c" }, { " \"a\"", " \"a\"" },
		{ "a,b\r", "a|b" }, { "a,\"b\r\"\r", "a|b\r" }, { "a\r,b", "a\r|b" }, { "\r", "" },
		{ "\"a\",", "a|" },
	};
	struct columns *c = make((struct columns_rules){ .csv = true });
	char expected[100];

	(void)state;
	check_rows((struct columns_rules){ .csv = true }, rows, COUNT(rows));
	for (const char *const *r = (const char *const[]){ "\"", "a,\"b", "\"a\"\"", "\"a\"\",b",
		NULL }; *r; r++) {
		snprintf(expected, sizeof expected, "%s%s", open, *r);
		check(c, *r, expected);
	}
	for (const char *const *r = (const char *const[]){ "\"a\"b", "\"a\" ,b", "\"\"a,\"b\"",
		NULL }; *r; r++) {
		snprintf(expected, sizeof expected, "%s%s", after, *r);
		check(c, *r, expected);
	}
	columns_free(c);
	c = make((struct columns_rules){ .csv = true, .separator = ';' });
	check(c, "a,b\r", "a|b\r");
	columns_free(c);
	c = make((struct columns_rules){ .csv = true, .colsep = "\\t", .trim = BOTH });
	check(c, "\" a\t\"\t b,c ", "a|b,c");
	columns_free(c);
}

static void groups_of_an_expression(void **state)
{
	static const struct row rows[] = {
		{ "k=1", "k=1=k|1" }, { "xx k=22;", "xx k=22;=k|22" }, { "k=", "k==k|" },
		{ "", "!does not match --regex: " }, { "k", "!does not match --regex: k" },
	};
	static const struct row none[] = { { "a.log", "a.log" },
		{ "log", "!does not match --regex: log" } };
	static const struct row late[] = { { "a", "a=a|" }, { "b", "b=|b" } };
	static const struct row trimmed[] = { { " a b ", "a b=a b" } };

	(void)state;
	check_rows((struct columns_rules){ .regex = "(\\w+)=(\\d+)?" }, rows, COUNT(rows));
	check_rows((struct columns_rules){ .regex = "\\.log$" }, none, COUNT(none));
	check_rows((struct columns_rules){ .regex = "(a)|(b)" }, late, COUNT(late));
	check_rows((struct columns_rules){ .regex = "^(.*)$", .trim = BOTH }, trimmed,
		COUNT(trimmed));
}

static void trimming(void **state)
{
	static const struct row both[] = { { " \ta b\v\f\r ", "a b" }, { "  ", "" }, { "", "" } };
	static const struct row left[] = { { "  a  ", "a  " } }, right[] = { { "  a  ", "  a" } };
	static const struct row columns[] = { { " a , b ,, ", "a|b||" } };

	(void)state;
	check_rows((struct columns_rules){ .trim = BOTH }, both, COUNT(both));
	check_rows((struct columns_rules){ .trim = TRIM_LEFT }, left, COUNT(left));
	check_rows((struct columns_rules){ .trim = TRIM_RIGHT }, right, COUNT(right));
	check_rows((struct columns_rules){ .colsep = ",", .trim = BOTH }, columns, COUNT(columns));
	check_rows((struct columns_rules){ .colsep = "[,]", .trim = BOTH }, columns,
		COUNT(columns));
}

static void the_columns_of_all_values_stand_side_by_side(void **state)
{
	static const char *const values[] = { "a-b", "", "c-d-e" };
	static const char *const mixed[] = { "k=1", "nothing" };
	struct columns *c = make((struct columns_rules){ .colsep = "-" });
	struct buf got = { 0 };

	(void)state;
	shape(c, values, 3, &got);
	assert_string_equal(buf_str(&got), "a|b||c|d|e");
	columns_free(c);
	buf_clear(&got);
	c = make((struct columns_rules){ .regex = "(.)=(.)" });
	shape(c, mixed, 2, &got);
	assert_string_equal(buf_str(&got), "!does not match --regex: k=1|nothing");
	columns_free(c);
	buf_free(&got);
}

static void nul_bytes_are_bytes(void **state)
{
	struct columns *c = make((struct columns_rules){ .colsep = "," });
	struct draft d = { 0 };

	(void)state;
	draft_add(&d, "a\0b,\0", 5);
	columns_shape(c, &d, 0);
	assert_int_equal(d.values, 2);
	assert_int_equal(draft_value(&d, 0).len, 3);
	assert_memory_equal(draft_value(&d, 0).data, "a\0b", 3);
	assert_int_equal(draft_value(&d, 1).len, 1);
	columns_free(c);
	draft_free(&d);
}

static void a_bad_expression_is_told_with_its_place(void **state)
{
	static const struct {
		struct columns_rules rules;
		const char *why;
	} rows[] = {
		{ { .regex = "(a" }, "--regex, column 3: missing closing parenthesis in '(a'" },
		{ { .colsep = "a{2,1}" }, "--colsep, column 6: numbers out of order in {} quantifier "
			"in 'a{2,1}'" },
		{ { .regex = "\xc3\xa4(" }, "--regex, column 4: missing closing parenthesis in "
			"'\xc3\xa4('" },
	};
	struct buf why = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&why);
		assert_null(columns_new(&rows[i].rules, &why));
		assert_string_equal(buf_str(&why), rows[i].why);
	}
	buf_free(&why);
}

static void a_record_that_takes_too_long_is_refused(void **state)
{
	char record[40];
	char expected[100];
	struct columns *c = make((struct columns_rules){ .regex = "^(?:a|aa|a*)+$" });

	(void)state;
	memset(record, 'a', sizeof record - 2);
	strcpy(record + sizeof record - 2, "!");
	snprintf(expected, sizeof expected, "!matching it takes too long: %s", record);
	for (int i = 0; i < 2; i++) {
		check(c, record, expected);
		check(c, "aaa", "aaa");
	}
	columns_free(c);
}

/* What is written as CSV is read as it was, and a byte and an expression for it find
 * the same columns. */
static void random_fields_come_back(void **state)
{
	static const char letters[] = "a,b\"\n\r ;\xc3";
	struct columns *csv = make((struct columns_rules){ .csv = true });
	struct columns *byte = make((struct columns_rules){ .colsep = "," });
	struct columns *regex = make((struct columns_rules){ .colsep = "[,]" });
	struct buf record = { 0 }, expected = { 0 }, got = { 0 }, other = { 0 };
	uint32_t random = unit_seed(7);

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint32_t fields = 1 + unit_below(&random, 5);
		const char *text;

		buf_clear(&record);
		buf_clear(&expected);
		for (uint32_t f = 0; f < fields; f++) {
			buf_adds(&record, f ? ",\"" : "\"");
			buf_adds(&expected, f ? "|" : "");
			for (uint32_t n = unit_below(&random, 6); n > 0; n--) {
				char c = letters[unit_below(&random, sizeof letters - 1)];

				buf_addc(&record, c);
				buf_addc(&expected, c);
				if (c == '"')
					buf_addc(&record, c);
			}
			buf_addc(&record, '"');
		}
		text = buf_str(&record);
		buf_clear(&got);
		shape(csv, &text, 1, &got);
		assert_string_equal(buf_str(&got), buf_str(&expected));
		buf_clear(&got);
		buf_clear(&other);
		shape(byte, &text, 1, &got);
		shape(regex, &text, 1, &other);
		assert_string_equal(buf_str(&got), buf_str(&other));
	}
	columns_free(csv);
	columns_free(byte);
	columns_free(regex);
	buf_free(&record);
	buf_free(&expected);
	buf_free(&got);
	buf_free(&other);
}

/* The names as "name=column" with blanks between. */
static void check_header(struct columns_rules rules, const char *const header[], size_t count,
	const char *expected)
{
	struct columns *c = make(rules);
	struct names names = { 0 };
	struct draft d = { 0 };
	struct buf got = { 0 };

	for (size_t i = 0; i < count; i++)
		draft_add(&d, header[i], strlen(header[i]));
	assert_null(columns_header(c, &d, &names));
	for (size_t i = 0; i < names.count; i++) {
		const struct name *n = &names.list[i];

		buf_addf(&got, "%s%s=%d", i ? " " : "", n->text, (int)n->column);
		if (n->again)
			buf_addf(&got, ",%d", (int)n->again);
		assert_int_equal(strlen(n->text), n->len);
	}
	assert_string_equal(buf_str(&got), expected);
	buf_free(&got);
	draft_free(&d);
	names_free(&names);
	columns_free(c);
}

static void a_header_names_columns(void **state)
{
	static const char *const plain[] = { "id,first name,,id" };
	static const char *const tabs[] = { "a, b\tc" }, *const quoted[] = { "\"a,b\",c" };
	static const char *const two[] = { "a,b", "c", "d,a" };
	static const char *const spaced[] = { " a , b " };

	(void)state;
	check_header((struct columns_rules){ .header = true, .colsep = "," }, plain, 1,
		"id=1,4 first name=2");
	check_header((struct columns_rules){ .header = true }, tabs, 1, "a, b=1 c=2");
	check_header((struct columns_rules){ .header = true, .csv = true }, quoted, 1, "a,b=1 c=2");
	check_header((struct columns_rules){ .header = true, .colsep = "," }, two, 3,
		"a=1,5 b=2 c=3 d=4");
	check_header((struct columns_rules){ .header = true, .colsep = ",", .trim = BOTH }, spaced,
		1, "a=1 b=2");
	check_header((struct columns_rules){ .header = true, .colsep = "[,;]" }, plain, 1,
		"id=1,4 first name=2");
}

static void a_header_says_how_lines_end(void **state)
{
	static const struct {
		struct columns_rules rules;
		const char *header, *why, *record, *expected;
	} rows[] = {
		{ { .colsep = NULL }, "a\tb\r", NULL, "1\t2\r", "1|2" },
		{ { .colsep = ";" }, "a;b\r", NULL, "1;2\r", "1|2" },
		{ { .colsep = "[;]" }, "a;b\r", NULL, "1;2\r", "1|2" },
		{ { .csv = true }, "a,b\r", NULL, "1,2\r", "1|2" },
		{ { .colsep = NULL }, "a\tb", NULL, "1\t2\r", "1|2\r" },
		{ { .csv = true }, "\"a\rx\",b", NULL, "1,2", "1|2" },
		{ { .colsep = NULL, .separator = '\r' }, "a\tb", NULL, "1\t2", "1|2" },
		{ { .colsep = NULL }, "a\tb\r1\t2\r", "carriage return", NULL, NULL },
		{ { .csv = true }, "a,b\r1,2", "carriage return", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct columns_rules rules = rows[i].rules;
		struct names names = { 0 };
		struct draft d = { 0 };
		struct columns *c;
		const char *why;

		rules.header = true;
		c = make(rules);
		draft_add(&d, rows[i].header, strlen(rows[i].header));
		why = columns_header(c, &d, &names);
		assert_true(!why == !rows[i].why);
		if (why)
			assert_non_null(strstr(why, rows[i].why));
		else
			check(c, rows[i].record, rows[i].expected);
		draft_free(&d);
		names_free(&names);
		columns_free(c);
	}
}

static void a_member_is_found_by_its_path(void **state)
{
	static const char record[] = "{\"a\":[10,{\"b\":1.50},[7]],\"a.b\":{\"c d\":2},\"@t\":3,"
		"\"x[0]\":4,\"m\":{\"x\":{\"y\":5}}}";
	static const struct {
		const char *path, *value;
	} rows[] = {
		{ "a[0]", "10" }, { "a[1].b", "1.50" }, { "a[2][0]", "7" }, { "a[3]", "" },
		{ "a[1]", "{\"b\":1.50}" }, { "a.b.c d", "2" }, { "\"a.b\".c d", "2" },
		{ "\"a.b\".\"c d\"", "2" }, { "@t", "3" }, { "\"@t\"", "3" }, { "x[0]", "4" },
		{ "m.x.y", "5" }, { "m.x[0]", "" }, { "a[", "" }, { "a[0", "" }, { "a[-1]", "" },
		{ "\"a", "" }, { "\"a\"[0]", "10" }, { "a.x", "" }, { "", "" }, { ".", "" },
		{ "a[99999999999999999999]", "" },
	};

	(void)state;
	for (size_t i = 0; json_value_built() && i < COUNT(rows); i++) {
		struct columns *c = make((struct columns_rules){ .jsonl = true });
		struct names names = { 0 };
		struct draft d = { 0 };

		names_add(&names, rows[i].path, strlen(rows[i].path), 1);
		columns_members(c, &names);
		draft_add(&d, record, strlen(record));
		columns_shape(c, &d, 0);
		assert_null(d.refused);
		if (*rows[i].path)
			assert_string_equal(draft_value(&d, 1).data, rows[i].value);
		draft_free(&d);
		names_free(&names);
		columns_free(c);
	}
}

static void a_header_that_is_none(void **state)
{
	struct columns *c = make((struct columns_rules){ .header = true, .csv = true });
	struct names names = { 0 };
	struct draft d = { 0 };

	(void)state;
	draft_add(&d, "a,\"b", 4);
	assert_string_equal(columns_header(c, &d, &names), "has a quote that does not end (CSV)");
	draft_free(&d);
	names_free(&names);
	columns_free(c);
}

static void columns_stand_where_their_header_stood(void **state)
{
	static const char *const header[] = { "a,b,c", "d" };
	static const struct {
		const char *values[2], *expected;
	} rows[] = {
		{ { "1,2,3", "4" }, "1|2|3|4" }, { { "1", "4,5" }, "1|||4|5" },
		{ { "", "" }, "|||" },
		{ { "1,2,3,", "4" }, "!has more columns than its header, and other sources follow: "
			"1,2,3,|4" },
	};
	struct columns *c = make((struct columns_rules){ .header = true, .colsep = "," });
	struct names names = { 0 };
	struct draft d = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(header); i++)
		draft_add(&d, header[i], strlen(header[i]));
	assert_null(columns_header(c, &d, &names));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf got = { 0 };

		shape(c, rows[i].values, 2, &got);
		assert_string_equal(buf_str(&got), rows[i].expected);
		buf_free(&got);
	}
	draft_free(&d);
	names_free(&names);
	columns_free(c);
}

static void groups_have_names(void **state)
{
	static const struct {
		const char *regex;
		uint64_t records;
		int32_t each, columns;
		size_t count;
	} rows[] = {
		{ "(?<a>x)(y)(?'b'z)", 1, 3, 3, 2 }, { "(x)", 4, 1, 4, 0 }, { "(x)", 0, 1, 0, 0 },
		{ "x", 1, 0, 0, 0 }, { "(?P<a>x)", UINT64_MAX, 1, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct columns *c = make((struct columns_rules){ .regex = rows[i].regex });
		struct names names = { 0 };

		columns_groups(c, rows[i].records, &names);
		assert_true(names.groups);
		assert_int_equal(names.each, rows[i].each);
		assert_int_equal(names.columns, rows[i].columns);
		assert_int_equal(names.count, rows[i].count);
		if (names.count)
			assert_string_equal(names.list[0].text, "a");
		if (names.count > 1)
			assert_int_equal(names.list[1].column, 3);
		names_free(&names);
		columns_free(c);
	}
}

static void an_item_knows_records_and_their_columns(void **state)
{
	struct columns *c = make((struct columns_rules){ .regex = "(.)(.)" });
	struct draft d = { 0 };
	struct run_pool pool = { 0 };
	struct buf name = { 0 };
	struct item *item;

	(void)state;
	draft_add(&d, "ab", 2);
	columns_shape(c, &d, 0);
	draft_add(&d, "cd.", 3);
	columns_shape(c, &d, 3);
	item = item_new(&d, d.values, 1);
	assert_int_equal(item_wholes(item), 2);
	assert_string_equal(item_whole(item, 1).data, "cd.");
	assert_int_equal(item_columns(item), 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(item_column(item, i).data[0], 'a' + (int)i);
	item_name(&name, item);
	assert_string_equal(buf_str(&name), "item 1 'ab' 'cd.'");
	item_free(item, &pool);
	draft_add(&d, "x", 1);
	columns_shape(c, &d, 0);
	assert_non_null(d.refused);
	item = item_new(&d, d.values, 2);
	buf_clear(&name);
	item_name(&name, item);
	assert_string_equal(buf_str(&name), "item 2 'x'");
	item_free(item, &pool);
	columns_free(c);
	draft_free(&d);
	buf_free(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_a_byte),
		cmocka_unit_test(what_stands_for_one_byte),
		cmocka_unit_test(at_an_expression_as_perl_does),
		cmocka_unit_test(characters_where_the_expression_has_some),
		cmocka_unit_test(csv_as_in_rfc_4180),
		cmocka_unit_test(groups_of_an_expression),
		cmocka_unit_test(trimming),
		cmocka_unit_test(the_columns_of_all_values_stand_side_by_side),
		cmocka_unit_test(nul_bytes_are_bytes),
		cmocka_unit_test(a_bad_expression_is_told_with_its_place),
		cmocka_unit_test(a_record_that_takes_too_long_is_refused),
		cmocka_unit_test(random_fields_come_back),
		cmocka_unit_test(a_header_names_columns),
		cmocka_unit_test(a_header_that_is_none),
		cmocka_unit_test(a_header_says_how_lines_end),
		cmocka_unit_test(a_member_is_found_by_its_path),
		cmocka_unit_test(columns_stand_where_their_header_stood),
		cmocka_unit_test(groups_have_names),
		cmocka_unit_test(an_item_knows_records_and_their_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
