/* Transforms as tables: a program, what comes in, what comes out. Each row is done as
 * one run, in runs of one record and record by record, and all three agree. */
#include "transform.h"

#define BYTES(s) s, sizeof(s) - 1

struct row {
	const char *program;
	const char *in;
	size_t in_len;
	const char *out;
	size_t out_len;
};

static void check_bytes(const struct row *r, const char *how, struct buf *got)
{
	if (got->len != r->out_len || (got->len && memcmp(got->data, r->out, got->len) != 0))
		fail_msg("%s, %s: got '%s', expected '%s'", r->program, how, buf_str(got), r->out);
	buf_clear(got);
}

static void check_row(char separator, const struct row *r)
{
	struct transform *t = transform_made(separator, r->program);
	struct buf notes = { 0 }, got = { 0 };
	struct transformer *x = transformer_new(t, transform_note, &notes);

	transform_whole(x, r->in, r->in_len, &got);
	check_bytes(r, "as a run", &got);
	transform_pieces(x, separator, r->in, r->in_len, &got);
	check_bytes(r, "as many runs", &got);
	transform_records(x, separator, r->in, r->in_len, &got, &notes);
	check_bytes(r, "record by record", &got);
	assert_int_equal(notes.len, 0);
	transformer_free(x);
	transform_free(t);
	buf_free(&notes);
	buf_free(&got);
}

static void check_rows(char separator, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_row(separator, &rows[i]);
}

static void substitution(void **state)
{
	static const struct row rows[] = {
		{ "s/a/b/", BYTES("banana\nx\n"), BYTES("bbnana\nx\n") },
		{ "s/a/b/g", BYTES("banana\nx\na\n"), BYTES("bbnbnb\nx\nb\n") },
		{ "s/a//g", BYTES("banana\naaa\n"), BYTES("bnn\n\n") },
		{ "s/user(\\d+)/u$1/", BYTES("user12 user3\nno\nuser4\n"),
			BYTES("u12 user3\nno\nu4\n") },
		{ "s/(\\w+) (\\w+)/$2 $1/", BYTES("hello world\n"), BYTES("world hello\n") },
		{ "s/(?<a>.)(?<b>.)/${b}${a}/g", BYTES("abcde\n"), BYTES("badce\n") },
		{ "s/b+/<$0$&>/", BYTES("abbc\n"), BYTES("a<bbbb>c\n") },
		{ "s/(b)+/\\1\\1/", BYTES("abbc\n"), BYTES("abbc\n") },
		{ "s/A/x/i", BYTES("aA\n"), BYTES("xA\n") },
		{ "s/A/x/gi", BYTES("aA\n"), BYTES("xx\n") },
		{ "s/ a b /x/x", BYTES("cab\n"), BYTES("cx\n") },
		{ "s/^/> /", BYTES("a\n\nb\n"), BYTES("> a\n> \n> b\n") },
		{ "s/$/!/", BYTES("a\n\nb\n"), BYTES("a!\n!\nb!\n") },
		{ "s/\\A/> /g", BYTES("a\n\nb\n"), BYTES("> a\n> \n> b\n") },
		{ "s/\\z/!/g", BYTES("a\n\nb\n"), BYTES("a!\n!\nb!\n") },
		{ "s/^.*$/x/", BYTES("a\n\nb\n"), BYTES("x\nx\nx\n") },
		{ "s/^x?$/e/", BYTES("a\n\nx\n"), BYTES("a\ne\ne\n") },
		{ "s/\\s+/_/g", BYTES(" a \n\n \nb\n"), BYTES("_a_\n\n_\nb\n") },
		{ "s/\\s+$//", BYTES("a \t\nb\r\n\n"), BYTES("a\nb\n\n") },
		{ "s/[^a]/x/g", BYTES("ab\nca\n"), BYTES("ax\nxa\n") },
		{ "s/a\\nb/x/", BYTES("a\nb\n"), BYTES("a\nb\n") },
		{ "s/(?s).+/x/", BYTES("a\nb\n"), BYTES("x\nx\n") },
		{ "s/.+/x/s", BYTES("a\nb\n"), BYTES("x\nx\n") },
		{ "s/^b/x/m", BYTES("ab\nb\n"), BYTES("ab\nx\n") },
		{ "s/a/x/", BYTES(""), BYTES("") },
		{ "s/(a)|(b)/[$1$2]/g", BYTES("abc\n"), BYTES("[a][b]c\n") },
		{ "s/(a)(b)?/<$1|$2>/g", BYTES("aab\n"), BYTES("<a|><a|b>\n") },
		{ "s/(?:(a)|b)(c)?(d)?/$1$2$3./g", BYTES("b\nac\nbcd\n"), BYTES(".\nac.\ncd.\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void empty_matches_are_those_of_perl(void **state)
{
	static const struct row rows[] = {
		{ "s/a*/x/g", BYTES("aab\n"), BYTES("xxbx\n") },
		{ "s/a*/x/g", BYTES("baac\n\naa\n"), BYTES("xbxxcx\nx\nxx\n") },
		{ "s/a*/x/", BYTES("baac\n\naa\n"), BYTES("xbaac\nx\nx\n") },
		{ "s/a*$/x/g", BYTES("aa\nb\n"), BYTES("xx\nbx\n") },
		{ "s/(?=b)/-/g", BYTES("abb\nb\n"), BYTES("a-b-b\n-b\n") },
		{ "s/(?<=b)/-/g", BYTES("abb\nb\n"), BYTES("ab-b-\nb-\n") },
		{ "s/\\b/|/g", BYTES("ab cd\n\nx\n"), BYTES("|ab| |cd|\n\n|x|\n") },
		{ "s/|a/x/g", BYTES("aa\n"), BYTES("xxxxx\n") },
		{ "s/()/$1-/g", BYTES("ab\n"), BYTES("-a-b-\n") },
		{ "s/a\\K/-/g", BYTES("aab\n"), BYTES("a-a-b\n") },
		{ "s/a\\Kb/X/g", BYTES("abab\ncab\n"), BYTES("aXaX\ncaX\n") },
		{ "s/^\\K|$/q/g", BYTES("ab\n\n"), BYTES("qabq\nq\n") },
		{ "s/(?<![a-z])x/y/g", BYTES("x\nxx ax\n"), BYTES("y\nyx ax\n") },
		{ "s/x(?!.)/y/g", BYTES("xx\nx\n"), BYTES("xy\ny\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void references_and_escapes(void **state)
{
	static const struct row rows[] = {
		{ "s/a/$/", BYTES("a\n"), BYTES("$\n") },
		{ "s/a/US$ 5$./", BYTES("a\n"), BYTES("US$ 5$.\n") },
		{ "s/a/\\$1\\\\/", BYTES("a\n"), BYTES("$1\\\n") },
		{ "s/a/&/", BYTES("a\n"), BYTES("&\n") },
		{ "s/a/\\t\\r\\a\\e\\f\\v|/", BYTES("a\n"), BYTES("\t\r\a\033\f\v|\n") },
		{ "s/a/\\x41\\x9z\\x{e4}\\x{20ac}\\x{1F600}/", BYTES("a\n"),
			BYTES("A\tz\xe4\xe2\x82\xac\xf0\x9f\x98\x80\n") },
		/* both halves read escapes alike: bytes, or with u characters */
		{ "s/\\x{e9}/\\x{e9}/", BYTES("caf\xe9\n"), BYTES("caf\xe9\n") },
		{ "s/\\xe9/[\\xe9\\0351]/", BYTES("caf\xe9\n"), BYTES("caf[\xe9\0351]\n") },
		{ "s/\\xe9/[\\xe9\\x{e9}\\x41]/u", BYTES("caf\xc3\xa9\n"),
			BYTES("caf[\xc3\xa9\xc3\xa9" "A]\n") },
		{ "s/\\x{e9}/\\x{ea}/u", BYTES("\xe9\xc3\xa9\n"), BYTES("\xe9\xc3\xaa\n") },
		{ "s/a/\\x00/", BYTES("a\n"), BYTES("\0\n") },
		{ "s/(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)/$10${1}0$1/", BYTES("abcdefghij\n"),
			BYTES("ja0a\n") },
		{ "s/(?<x_1>a)/${x_1}${1}${0}/", BYTES("a\n"), BYTES("aaa\n") },
		{ "s/(?<x>a)/$+{x}$+/", BYTES("a\n"), BYTES("a$+\n") },
		{ "s/,/\\n/g", BYTES("a,b\nc\n"), BYTES("a\nb\nc\n") },
		/* what holds the separator is several records for the next step */
		{ "s/,/\\n/g; s/^/-/", BYTES("a,b\nc\n"), BYTES("-a\n-b\n-c\n") },
		{ "s/,/\\n/g; /b/", BYTES("a,b\nc\n"), BYTES("b\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void letters_change_case(void **state)
{
	static const struct row rows[] = {
		{ "s/(\\w+) (\\w+)/\\U$1\\E $2/", BYTES("hello world\n"), BYTES("HELLO world\n") },
		{ "s/(\\w+) (\\w+)/\\U$1 $2/", BYTES("hello world x\n"), BYTES("HELLO WORLD x\n") },
		{ "s/\\w+/\\u\\L$&/g", BYTES("hELLO WORLD\n"), BYTES("Hello World\n") },
		{ "s/\\w+/\\L\\u$&/g", BYTES("hELLO WORLD\n"), BYTES("Hello World\n") },
		{ "s/\\w+/\\l$&/g", BYTES("HELLO World\n"), BYTES("hELLO world\n") },
		{ "s/(\\w)(\\w*)/\\U$1\\L$2\\Ex/", BYTES("hELLO\n"), BYTES("Hellox\n") },
		{ "s/(x?)(\\w+)/\\u$1$2/", BYTES("hello\n"), BYTES("Hello\n") },
		{ "s/a/\\Uxy\\Ez \\uq\\u1r/", BYTES("a\n"), BYTES("XYz Q1r\n") },
		{ "s/.+/\\U$&/", BYTES("\xc3\xa4\xffz@[`{\n"), BYTES("\xc3\xa4\xffZ@[`{\n") },
		{ "s/.+/\\L$&/", BYTES("\xc3\x84Z@[`{\n"), BYTES("\xc3\x84z@[`{\n") },
		{ "s/a/b\\U/", BYTES("ac\n"), BYTES("bc\n") },
		/* with u the letters are Unicode's; what is no UTF-8 stays */
		{ "s/.+/\\U$&/u", BYTES("z\xc3\xa4\xce\xb1@\n"), BYTES("Z\xc3\x84\xce\x91@\n") },
		{ "s/.+/\\L$&/u", BYTES("Z\xc3\x84\xd0\x96\n"), BYTES("z\xc3\xa4\xd0\xb6\n") },
		{ "s/(\\w)(\\w*)/\\l$1\\U$2/gu", BYTES("\xc3\x89tal \xc3\x89\n"),
			BYTES("\xc3\xa9TAL \xc3\xa9\n") },
		{ "s/(\\w)(\\w*)/\\u$1\\L$2\\E\xc3\xa4/u", BYTES("\xc3\xb1\xc3\x91\n"),
			BYTES("\xc3\x91\xc3\xb1\xc3\xa4\n") },
		{ "s/a/\\U\xff\xc3\xa4\xc3z/u", BYTES("a\n"), BYTES("\xff\xc3\x84\xc3Z\n") },
		{ "m/(.)(.)/\\U$2\\E$1/", BYTES("ab\nc\n"), BYTES("Ba\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void characters_beyond_ascii_are_characters(void **state)
{
	static const struct row rows[] = {
		{ "s/[\xc3\xa9\xc3\x89]/e/g", BYTES("\xc3\x89t\xc3\xa9\n"), BYTES("ete\n") },
		{ "s/\xc3\xa4?b/x/i", BYTES("\xc3\x84" "B\n"), BYTES("x\n") },
		{ "s/\xc3\xa4|(\\w)/\\U$1/g", BYTES("\xc3\xb6\xc3\xa4\n"), BYTES("\xc3\x96\n") },
		/* what can only be bytes, is */
		{ "s/\xe9/e/", BYTES("\xe9\xc3\xa9\n"), BYTES("e\xc3\xa9\n") },
		{ "s/[\xc3]/x/", BYTES("\xc3\xa9\n"), BYTES("x\xa9\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void filters_and_extraction(void **state)
{
	static const struct row rows[] = {
		{ "/a/", BYTES("a\nb\nca\n\n"), BYTES("a\nca\n") },
		{ "!/a/", BYTES("a\nb\nca\n\n"), BYTES("b\n\n") },
		{ "! /a/", BYTES("a\nb\n"), BYTES("b\n") },
		{ "/^/", BYTES("a\n\nb\n"), BYTES("a\n\nb\n") },
		{ "!/^/", BYTES("a\n\nb\n"), BYTES("") },
		{ "/$/", BYTES("\n\n"), BYTES("\n\n") },
		{ "/^$/", BYTES("a\n\nb\n"), BYTES("\n") },
		{ "!/^$/", BYTES("a\n\nb\n"), BYTES("a\nb\n") },
		{ "/x/", BYTES("a\n"), BYTES("") },
		{ "!/x/", BYTES("a\n"), BYTES("a\n") },
		{ "/A/i", BYTES("a\nb\n"), BYTES("a\n") },
		{ "/a b/x", BYTES("ab\na b\n"), BYTES("ab\n") },
		{ "/a.b/u", BYTES("a\xc3\xa4" "b\naxxb\n"), BYTES("a\xc3\xa4" "b\n") },
		{ "/a..b/", BYTES("a\xc3\xa4" "b\n"), BYTES("a\xc3\xa4" "b\n") },
		{ "/^.$/u", BYTES("\xc3\xa4\n\xff\nab\n"), BYTES("\xc3\xa4\n") },
		{ "!/^.$/u", BYTES("\xc3\xa4\n\xff\nab\n"), BYTES("\xff\nab\n") },
		{ "/\\x00/", BYTES("a\0b\nab\n"), BYTES("a\0b\n") },
		{ "/a\\r$/", BYTES("a\r\na\n"), BYTES("a\r\n") },
		{ "/(.)\\1/", BYTES("ab\nxaab\n"), BYTES("xaab\n") },
		{ "/a/; !/b/", BYTES("a\nab\nb\n"), BYTES("a\n") },
		{ "m/(\\d+)/<$1>/", BYTES("a12b3\nx\n4\n"), BYTES("<12>\n<4>\n") },
		{ "m/x*/-/", BYTES("ax\n\n"), BYTES("-\n-\n") },
		{ "m/^a\\K.*$/$0/", BYTES("abc\nba\na\n"), BYTES("bc\n\n") },
		{ "m/b//", BYTES("abc\na\n"), BYTES("\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void bytes_for_bytes(void **state)
{
	static const struct row rows[] = {
		{ "y/abc/xyz/", BYTES("aabbcd\n"), BYTES("xxyyzd\n") },
		{ "y/a-cx/A-C_/", BYTES("abcdx\n"), BYTES("ABCd_\n") },
		{ "y/-a/_-/", BYTES("a-b\n"), BYTES("-_b\n") },
		{ "y/a-/xy/", BYTES("a-b\n"), BYTES("xyb\n") },
		{ "y/a\\-c/xyz/", BYTES("abc-\n"), BYTES("xbzy\n") },
		{ "y/\\t\\x00-\\x02\\\\\\//_0-2ab/", BYTES("\t\1\2\0\\/\n"), BYTES("_120ab\n") },
		{ "y,a\\,b,xyz,", BYTES("a,b\n"), BYTES("xyz\n") },
		{ "y/aa/xy/", BYTES("a\n"), BYTES("x\n") },
		{ "y/\\xff/a/", BYTES("\xff\n"), BYTES("a\n") },
		/* the separator is no part of a record */
		{ "y/\\na/xb/", BYTES("a\n\n"), BYTES("b\n\n") },
		{ "y/,/\\n/", BYTES("a,b\n"), BYTES("a\nb\n") },
		{ "y/a-z/b-za/; upper", BYTES("hal z\n"), BYTES("IBM A\n") },
		{ "upper", BYTES("a{`z\xc3\xa4\n"), BYTES("A{`Z\xc3\xa4\n") },
		{ "uc", BYTES("a{`z\xc3\xa4\n"), BYTES("A{`Z\xc3\xa4\n") },
		{ "lc", BYTES("A[@Z\xc3\x84\n"), BYTES("a[@z\xc3\x84\n") },
		{ "lower", BYTES("A[@Z\xc3\x84\n"), BYTES("a[@z\xc3\x84\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

/* Long runs are mapped several bytes at a time. */
static void bytes_for_bytes_in_long_runs(void **state)
{
	static const char *const programs[] = {
		"upper", "lower", "y/a-z/b-za/", "y/abc/bca/", "y/\\x00-\\x7f/\\x80-\\xff/",
		"y/\\x00-\\xfe/\\x01-\\xff/", "y/\\xff/\\x00/", "y/a/\\n/", "y/acegikm/zyxwvut/", "y/a/a/",
	};
	struct buf in = { 0 }, whole = { 0 }, pieces = { 0 };

	(void)state;
	for (unsigned i = 0; i < 9001; i++)
		buf_addc(&in, (char)(i % 257));
	buf_addc(&in, '\n');
	for (size_t i = 0; i < COUNT(programs); i++) {
		struct transform *t = transform_made('\n', programs[i]);
		struct transformer *x = transformer_new(t, transform_note, NULL);

		buf_clear(&whole);
		buf_clear(&pieces);
		transform_whole(x, in.data, in.len, &whole);
		transform_pieces(x, '\n', in.data, in.len, &pieces);
		assert_int_equal(whole.len, in.len);
		assert_int_equal(pieces.len, in.len);
		assert_memory_equal(whole.data, pieces.data, in.len);
		transformer_free(x);
		transform_free(t);
	}
	buf_free(&in);
	buf_free(&whole);
	buf_free(&pieces);
}

static void trim_and_length(void **state)
{
	static const struct row rows[] = {
		{ "trim", BYTES(" a b\t\n\n \t\v\f\r\nx\r\n"), BYTES("a b\n\n\nx\n") },
		{ "length", BYTES("abc\n\n\xc3\xa4\n0123456789\n"), BYTES("3\n0\n2\n10\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void cutting(void **state)
{
	static const struct row rows[] = {
		{ "cut 2", BYTES("a\tb\tc\nx\n\t\n\n"), BYTES("b\nx\n\n\n") },
		{ "cut 1,3", BYTES("a\tb\tc\nx\ty\n"), BYTES("a\tc\nx\n") },
		{ "cut 3,1", BYTES("a\tb\tc\n"), BYTES("a\tc\n") },
		{ "cut 2-", BYTES("a\tb\tc\na\t\n"), BYTES("b\tc\n\n") },
		{ "cut -2", BYTES("a\tb\tc\na\t\n"), BYTES("a\tb\na\t\n") },
		{ "cut 9", BYTES("a\tb\n"), BYTES("\n") },
		{ "cut 1-2,2-3", BYTES("a\tb\tc\td\n"), BYTES("a\tb\tc\n") },
		{ "cut 2-,3", BYTES("a\tb\tc\td\n"), BYTES("b\tc\td\n") },
		{ "cut 1,3-4,6", BYTES("a\t\tc\t\te\tf\tg\n"), BYTES("a\tc\t\tf\n") },
		{ "cut -d, 2", BYTES("a,b\nx\n"), BYTES("b\nx\n") },
		{ "cut -d , -f 2,3", BYTES("a,b,c,d\n"), BYTES("b,c\n") },
		{ "cut -d, -f2", BYTES("a,b,c,d\n"), BYTES("b\n") },
		{ "cut -d' ' 2", BYTES("a b\n"), BYTES("b\n") },
		{ "cut -d';' 2; upper", BYTES("a;b\n"), BYTES("B\n") },
		{ "cut -d; 2; upper", BYTES("a;b\n"), BYTES("B\n") },
		{ "cut -d\\t 2", BYTES("a\tb\n"), BYTES("b\n") },
		{ "cut -d' 2", BYTES("a'b\n"), BYTES("b\n") },
		{ "cut -d\\x3a 2", BYTES("a:b\n"), BYTES("b\n") },
		{ "cut -c 1,3-4", BYTES("abcde\nab\n\n"), BYTES("acd\na\n\n") },
		{ "cut -c2-", BYTES("abc\na\n"), BYTES("bc\n\n") },
		{ "cut -b-2", BYTES("abc\na\n"), BYTES("ab\na\n") },
		{ "cut 1-99999999999999999999", BYTES("a\tb\n"), BYTES("a\tb\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void encodings(void **state)
{
	static const struct row rows[] = {
		{ "urlencode", BYTES("aZ09-._~ /+%&\xc3\xa4\n"),
			BYTES("aZ09-._~%20%2F%2B%25%26%C3%A4\n") },
		{ "urldecode", BYTES("a%20b%2fc%2F+%c3%A4\n%\n%4\n%zz%41\n%%41\n"),
			BYTES("a b/c/+\xc3\xa4\n%\n%4\n%zzA\n%A\n") },
		{ "urldecode", BYTES("a%0Ab\n"), BYTES("a\nb\n") },
		{ "urlencode; urldecode", BYTES("\0\1%&\xff\n\n"), BYTES("\0\1%&\xff\n\n") },
		{ "base64", BYTES("\nf\nfo\nfoo\nfoob\n\xff\xfe\xfd\n"),
			BYTES("\nZg==\nZm8=\nZm9v\nZm9vYg==\n//79\n") },
		{ "unbase64", BYTES("\nZg==\nZm8=\nZm9v\nZm9vYg==\nZm9vYg\n//79\n__79\n"),
			BYTES("\nf\nfo\nfoo\nfoob\nfoob\n\xff\xfe\xfd\n\xff\xfe\xfd\n") },
		{ "json", BYTES("a\"b\\c\n\n\t\r\b\f\1\x1f\x7f/\n"),
			BYTES("\"a\\\"b\\\\c\"\n\"\"\n\"\\t\\r\\b\\f\\u0001\\u001f\x7f/\"\n") },
		{ "json", BYTES("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xed\x9f\xbf\n"),
			BYTES("\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xed\x9f\xbf\"\n") },
		{ "json", BYTES("\0\n\xff" "a\n\xc3\n\xe2\x82x\n\xc0\xaf\n\xed\xa0\x80\n"
				"\xf4\x90\x80\x80\n"),
			BYTES("\"\\u0000\"\n\"\\ufffda\"\n\"\\ufffd\"\n\"\\ufffdx\"\n\"\\ufffd\\ufffd\"\n"
				"\"\\ufffd\\ufffd\\ufffd\"\n\"\\ufffd\\ufffd\\ufffd\\ufffd\"\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void records_that_end_with_a_nul(void **state)
{
	static const struct row rows[] = {
		{ "s/^b/x/", BYTES("a\nb\0b\0"), BYTES("a\nb\0x\0") },
		{ "s/^b/x/m", BYTES("a\nb\0b\0"), BYTES("a\nx\0x\0") },
		{ "s/a.b/x/", BYTES("a\nb\0"), BYTES("a\nb\0") },
		{ "s/a.b/x/s", BYTES("a\nb\0"), BYTES("x\0") },
		{ "s/[^a]/x/g", BYTES("a\nb\0c\0"), BYTES("axx\0x\0") },
		{ "/b$/", BYTES("a\nb\0b\nc\0\0"), BYTES("a\nb\0") },
		{ "!/b/", BYTES("a\nb\0b\nc\0\0"), BYTES("\0") },
		{ "m/\\n(.)/$1/", BYTES("a\nb\0b\nc\0\0"), BYTES("b\0c\0") },
		{ "trim", BYTES("\n a \n\0"), BYTES("a\0") },
		{ "y/\\n\\x00/-+/", BYTES("a\n\0"), BYTES("a-\0") },
		{ "json", BYTES("a\n\0"), BYTES("\"a\\n\"\0") },
		{ "length", BYTES("a\n\0\0"), BYTES("2\0000\0") },
	};

	(void)state;
	check_rows('\0', rows, COUNT(rows));
}

/* What a program for whole values makes of one; NULL: nothing is left. */
static const char *whole(const char *program, const char *in, size_t len, size_t *out_len)
{
	static char text[64];
	struct transform *t = transform_new_whole();
	struct transformer *x;
	struct buf why = { 0 };
	const char *out, *reason;
	bool kept;

	assert_true(transform_add(t, program, &why));
	x = transformer_new(t, NULL, NULL);
	kept = transformer_record(x, in, len, &out, out_len, &reason);
	assert_null(reason);
	if (kept)
		memcpy(text, out, *out_len);
	transformer_free(x);
	transform_free(t);
	return kept ? text : NULL;
}

static void a_whole_value_is_one_record_whatever_it_holds(void **state)
{
	static const struct row rows[] = {
		{ "s/\\n/,/g", BYTES("a\nb\n"), BYTES("a,b,") },
		{ "s/,/\\n/g; s/^/>/; length", BYTES("a,b"), BYTES("4") },
		{ "s/$/!/", BYTES("a\nb"), BYTES("a\nb!") },
		{ "/b$/; !/^b/", BYTES("a\nb"), BYTES("a\nb") },
		{ "m/b(.*)/[$1]/s", BYTES("ab\nc\n"), BYTES("[\nc\n]") },
		{ "y/\\n\\x00/ 0/", BYTES("a\n\0\n"), BYTES("a 0 ") },
		{ "cut -d\\n 2", BYTES("a\nb\nc"), BYTES("b") },
		{ "trim; json", BYTES("\n\0a\n"), BYTES("\"\\u0000a\"") },
		{ "upper", BYTES(""), BYTES("") },
		{ "/a/", BYTES("b\n"), NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = 0;
		const char *out = whole(rows[i].program, rows[i].in, rows[i].in_len, &n);

		if (!out != !rows[i].out || n != rows[i].out_len
		    || (n && memcmp(out, rows[i].out, n) != 0))
			fail_msg("%s: got '%.*s'", rows[i].program, (int)n, out ? out : "nothing");
	}
}

static void how_steps_may_be_written(void **state)
{
	static const struct row rows[] = {
		{ "", BYTES("a\n"), BYTES("a\n") },
		{ " ;;\n ; ", BYTES("a\n"), BYTES("a\n") },
		{ " upper ; s/A/b/;", BYTES("a\n"), BYTES("b\n") },
		{ "upper\nlower # here\n# and there\n;s/a/b/ ", BYTES("a\n"), BYTES("b\n") },
		{ "s|a/b|x|", BYTES("a/b\n"), BYTES("x\n") },
		{ "s;a;b;;upper", BYTES("a\n"), BYTES("B\n") },
		{ "s#a#b#", BYTES("a\n"), BYTES("b\n") },
		{ "s_a_b_", BYTES("a\n"), BYTES("b\n") },
		{ "s/a\\/b/\\//", BYTES("a/b\n"), BYTES("/\n") },
		/* an escaped delimiter is that character */
		{ "s|a\\|b|x|", BYTES("a|b\na\n"), BYTES("x\na\n") },
		{ "s.a\\.b.x.", BYTES("acb\na.b\n"), BYTES("acb\nx\n") },
		{ "s,a{1\\,2},x,", BYTES("aaa\n"), BYTES("xa\n") },
		{ "s/[a\\/]+/x/", BYTES("a/ab\n"), BYTES("xb\n") },
		{ "s|\\Qa\\|b\\E.|x|", BYTES("a|bc\n"), BYTES("x\n") },
		{ "s/\\Qa\\/b\\E./x/", BYTES("a/bc\n"), BYTES("x\n") },
		{ "s#a\\# b#x#x", BYTES("a#b\n"), BYTES("x\n") },
		{ "s/\\\\/x/", BYTES("\\\n"), BYTES("x\n") },
		{ "s{a}{b}", BYTES("a\n"), BYTES("b\n") },
		{ "s{a{2}}{{$0}}", BYTES("aa\n"), BYTES("{aa}\n") },
		{ "s{(?<n>a)}{${n}\\}}", BYTES("a\n"), BYTES("a}\n") },
		{ "s(a\\)) [b]g", BYTES("a)a)\n"), BYTES("bb\n") },
		{ "s<a>/b/", BYTES("a\n"), BYTES("b\n") },
		{ "s[ a # comment\n b ]\n {x\ny}x", BYTES("ab\n"), BYTES("x\ny\n") },
		{ "y{abc}{xyz}", BYTES("abc\n"), BYTES("xyz\n") },
		{ "m!a!b!", BYTES("a\n"), BYTES("b\n") },
		{ "m[a][b]i", BYTES("A\n"), BYTES("b\n") },
	};

	(void)state;
	check_rows('\n', rows, COUNT(rows));
}

static void several_texts_are_one_program(void **state)
{
	static const char script[] = "#!/usr/bin/pq -f\r\n# all\r\n  upper # big\r\n\r\ns/A/x\\0/";
	struct transform *t = transform_made('\n', "s/b/a/");
	struct transformer *x;
	struct buf why = { 0 }, out = { 0 };

	(void)state;
	assert_true(transform_add(t, "s/$/./", &why));
	assert_false(transform_add_script(t, script, sizeof script - 1, &why));
	assert_string_equal(buf_str(&why), "line 5, column 6: unknown escape \\0 in 's/A/x\\\\0/'; "
		"$0 is the whole match, \\x00 a NUL byte");
	assert_true(transform_add_script(t, "# last\ns/A/x/", 13, &why));
	x = transformer_new(t, transform_note, &out);
	assert_int_equal(transformer_run(x, "b\n", 2, &out), 0);
	assert_string_equal(buf_str(&out), "x.\n");
	transformer_free(x);
	transform_free(t);
	buf_free(&why);
	buf_free(&out);
}

static void a_record_that_cannot_be_done_fails_alone(void **state)
{
	static const char in[] = "YQ==\nY\nYg==\n\nY!==\nYmM\nY===\n=\n";
	struct transform *t = transform_made('\n', "/./; unbase64; upper; s/B/x/");
	struct buf notes = { 0 }, out = { 0 };
	struct transformer *x = transformer_new(t, transform_note, &notes);
	const char *data, *why;
	size_t len;

	(void)state;
	buf_adds(&out, "before\n");
	assert_int_equal(transformer_run(x, in, sizeof in - 1, &out), 4);
	assert_string_equal(buf_str(&out), "before\nA\nx\nxC\n");
	assert_string_equal(buf_str(&notes), "1 'Y' is not base64\n4 'Y!==' is not base64\n"
		"6 'Y===' is not base64\n7 '=' is not base64\n");
	assert_true(transformer_record(x, "Yg==", 4, &data, &len, &why));
	assert_int_equal(len, 1);
	assert_memory_equal(data, "x", 1);
	assert_null(why);
	assert_false(transformer_record(x, "Yg=", 3, &data, &len, &why));
	assert_string_equal(why, "is not base64");
	assert_false(transformer_record(x, "", 0, &data, &len, &why));
	assert_null(why);
	assert_int_equal(transformer_run(x, "YWI\n", 4, &out), 0);
	transformer_free(x);
	transform_free(t);
	buf_free(&notes);
	buf_free(&out);
}

static void a_hard_record_fails_alone(void **state)
{
	struct transform *t = transform_made('\n', "s/^(a|a)*$/x/");
	struct buf notes = { 0 }, out = { 0 }, in = { 0 };
	struct transformer *x = transformer_new(t, transform_note, &notes);

	(void)state;
	buf_adds(&in, "aa\n");
	for (int i = 0; i < 60; i++)
		buf_addc(&in, 'a');
	buf_adds(&in, "b\nb\na\n");
	assert_int_equal(transformer_run(x, in.data, in.len, &out), 1);
	assert_string_equal(buf_str(&out), "x\nb\nx\n");
	assert_memory_equal(buf_str(&notes), "1 'aaaa", 7);
	assert_non_null(strstr(buf_str(&notes), "ab' matching it takes too long\n"));
	transformer_free(x);
	transform_free(t);
	buf_free(&notes);
	buf_free(&out);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(substitution),
		cmocka_unit_test(empty_matches_are_those_of_perl),
		cmocka_unit_test(references_and_escapes),
		cmocka_unit_test(letters_change_case),
		cmocka_unit_test(characters_beyond_ascii_are_characters),
		cmocka_unit_test(filters_and_extraction),
		cmocka_unit_test(bytes_for_bytes),
		cmocka_unit_test(bytes_for_bytes_in_long_runs),
		cmocka_unit_test(trim_and_length),
		cmocka_unit_test(cutting),
		cmocka_unit_test(encodings),
		cmocka_unit_test(records_that_end_with_a_nul),
		cmocka_unit_test(a_whole_value_is_one_record_whatever_it_holds),
		cmocka_unit_test(how_steps_may_be_written),
		cmocka_unit_test(several_texts_are_one_program),
		cmocka_unit_test(a_record_that_cannot_be_done_fails_alone),
		cmocka_unit_test(a_hard_record_fails_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
