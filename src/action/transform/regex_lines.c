/* Rewrites an expression for lines. See regex_lines.h. */
#include "action/transform/regex_lines.h"

#include <string.h>

#include "base/buf.h"

struct text {
	const char *at, *end;
	struct buf *out;
};

static bool next_is(const struct text *t, char c)
{
	return t->at < t->end && *t->at == c;
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool regex_lines_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void regex_lines_copy(struct text *t, size_t n)
{
	buf_add(t->out, t->at, n);
	t->at += n;
}

/* \xHH or \x{...}, at the x: copied, unless it is a newline. */
static bool hex(struct text *t)
{
	unsigned value = 0;
	const char *s = t->at + 1;
	bool braces = s < t->end && *s == '{';

	for (s += braces; s < t->end; s++) {
		const char *digit = *s ? strchr("00112233445566778899aAbBcCdDeEfF", *s) : NULL;

		if (!digit || (!braces && s > t->at + 2))
			break;
		value = value * 16 + (unsigned)(digit - "00112233445566778899aAbBcCdDeEfF") / 2;
	}
	if (value == '\n' || (braces && (s == t->end || *s++ != '}')))
		return false;
	buf_addc(t->out, '\\');
	regex_lines_copy(t, (size_t)(s - t->at));
	return true;
}

/* \p{L}, \pL, \P{^L}, at the p: as a class that has no newline. */
static bool property(struct text *t)
{
	const char *close;
	size_t n = 2;

	if (t->end - t->at < 2)
		return false;
	if (t->at[1] == '{') {
		close = memchr(t->at, '}', (size_t)(t->end - t->at));
		if (!close)
			return false;
		n = (size_t)(close + 1 - t->at);
	}
	buf_adds(t->out, *t->at == 'p' ? "[^\\P" : "[^\\p");
	t->at++;
	regex_lines_copy(t, n - 1);
	buf_adds(t->out, "\\n]");
	return true;
}

static void spell(struct text *t, const char *text)
{
	buf_adds(t->out, text);
	t->at++;
}

/* After a backslash, outside of a class. */
static bool escape(struct text *t)
{
	char c;

	if (t->at == t->end)
		return false;
	c = *t->at;
	switch (c) {
	case 's': spell(t, "[^\\S\\n]"); return true;
	case 'D': spell(t, "[^\\d\\n]"); return true;
	case 'W': spell(t, "[^\\w\\n]"); return true;
	case 'H': spell(t, "[^\\h\\n]"); return true;
	case 'v': spell(t, "[^\\V\\n]"); return true;
	case 'A': spell(t, "^"); return true;
	case 'z': case 'Z': spell(t, "$"); return true;
	case 'x': return hex(t);
	case 'p': case 'P': return property(t);
	case 'N':
		if (t->end - t->at > 1 && t->at[1] == '{')
			return false;
		break;
	default:
		if (regex_lines_is_digit(c)) { /* \1 refers back; \0 and \12 may be octal */
			if (c == '0' || (t->end - t->at > 1 && regex_lines_is_digit(t->at[1])))
				return false;
		} else if (((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\n')
			   && !is_one_of(c, "dwhbBtrfeaSVgk")) {
			return false;
		}
	}
	buf_addc(t->out, '\\');
	regex_lines_copy(t, 1);
	return true;
}

/* Could this element of a class take a newline? At it; moves past it. -1: cannot
 * be told. */
static int element(struct text *t)
{
	char c = *t->at++;
	bool may;

	if (c == '[' && t->at < t->end && is_one_of(*t->at, ":.=")) {
		const char *close = t->at + 1;

		while (close + 1 < t->end && !(close[0] == *t->at && close[1] == ']'))
			close++;
		if (close + 1 >= t->end)
			return 0; /* no such name: a plain bracket */
		may = !(is_one_of(t->at[1], "adlpux") && strncmp(t->at + 1, "ascii", 5) != 0);
		t->at = close + 2;
		return may;
	}
	if (c != '\\')
		return (unsigned char)c < ' ';
	if (t->at == t->end)
		return -1;
	c = *t->at++;
	if (c == 'Q' || c == 'E')
		return -1;
	if (t->at < t->end && *t->at == '-')
		return 1; /* a range as \t-\r */
	return !is_one_of(c, "dwhtrfeaSVb") && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		|| regex_lines_is_digit(c));
}

/* At its bracket. */
static bool class(struct text *t)
{
	const char *begin = t->at++;
	bool inverted = next_is(t, '^'), may = false;
	const char *inside;

	t->at += inverted;
	inside = t->at;
	for (bool first = true; ; first = false) {
		int takes;

		if (t->at == t->end)
			return false;
		if (*t->at == ']' && !first)
			break;
		takes = element(t);
		if (takes < 0)
			return false;
		may |= takes;
	}
	t->at++;
	if (inverted)
		buf_adds(t->out, *inside == ']' ? "[^\\n\\" : "[^\\n");
	else if (may)
		buf_adds(t->out, "(?:(?!\\n)");
	buf_add(t->out, inverted ? inside : begin, (size_t)(t->at - (inverted ? inside : begin)));
	if (!inverted && may)
		buf_addc(t->out, ')');
	return true;
}

/* At a parenthesis: copy what opens the group. */
static bool group(struct text *t)
{
	const char *s = t->at + 1;

	if (s < t->end && *s == '*')
		return false;
	if (s == t->end || *s != '?') {
		regex_lines_copy(t, 1);
		return true;
	}
	s++;
	if (s < t->end && *s == 'P')
		s++;
	if (s < t->end && is_one_of(*s, ":=!>|")) {
		if (s[-1] == 'P')
			return false; /* (?P=name), (?P>name) */
		regex_lines_copy(t, (size_t)(s + 1 - t->at));
		return true;
	}
	if (s < t->end && *s == '<') {
		regex_lines_copy(t, (size_t)(s + 1 - t->at));
		return true;
	}
	while (s < t->end && (*s == 'i' || *s == '-'))
		s++;
	if (s == t->end || (*s != ')' && *s != ':'))
		return false;
	regex_lines_copy(t, (size_t)(s + 1 - t->at));
	return true;
}

bool regex_lines(const char *pattern, size_t len, struct buf *out)
{
	struct text t = { pattern, pattern + len, out };

	while (t.at < t.end) {
		bool fine = true;

		switch (*t.at) {
		case '\\':
			t.at++;
			fine = escape(&t);
			break;
		case '[':
			fine = class(&t);
			break;
		case '(':
			fine = group(&t);
			break;
		case '\n':
			fine = false;
			break;
		default:
			regex_lines_copy(&t, 1);
		}
		if (!fine)
			return false;
	}
	return true;
}

/* --- a newline that must be there ------------------------------------------ */

/* Bytes of what is at s, which the repetition behind it is about. */
static size_t atom_length(const char *s, const char *end)
{
	const char *at = s;
	unsigned depth = 0;

	if (*s == '\\')
		return end - s > 1 ? 2 : 1;
	if (*s != '(' && *s != '[')
		return 1;
	do {
		struct text class_text = { at, end, &(struct buf){ 0 } };

		if (*at == '[') {
			bool closed = class(&class_text);

			buf_free(class_text.out);
			if (!closed)
				return (size_t)(end - s);
			at = class_text.at;
			continue;
		}
		depth += *at == '(';
		depth -= *at == ')';
		at += *at == '\\' && end - at > 1 ? 2 : 1;
	} while (depth && at < end);
	return (size_t)(at - s);
}

static bool regex_lines_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '^';
}

static bool is_newline(const char *s, size_t n)
{
	return *s == '\n' || (n == 2 && s[0] == '\\' && s[1] == 'n');
}

bool regex_needs_newline(const char *pattern, size_t len)
{
	const char *s = pattern, *end = s + len;
	bool needs = false;

	while (s < end) {
		size_t n = atom_length(s, end);
		bool newline = is_newline(s, n);

		/* Alternatives, quotation, verbs and flags: who knows. */
		if (*s == '|' || (n == 2 && is_one_of(s[1], "QE"))
		    || (*s == '(' && n > 3
			&& (s[1] == '*' || (s[1] == '?' && regex_lines_is_letter(s[2])))))
			return false;
		s += n;
		needs |= newline && (s == end || !is_one_of(*s, "?*{"));
	}
	return needs;
}
