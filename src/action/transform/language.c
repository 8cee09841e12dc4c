/* The language of -e: from its text to steps. See transform.h.
 *
 *   s/RE/TEXT/FLAGS  m/RE/TEXT/FLAGS  y/abc/xyz/FLAGS  /RE/FLAGS  !/RE/FLAGS  WORD
 *   cut LIST  /RE/FLAGS STEP  !/RE/FLAGS STEP
 *
 * Steps are separated by ; or a new line, # begins a comment where a step could begin.
 * The delimiter behind s, m and y is any punctuation; brackets come in pairs, nest, and
 * may have lines and blanks between them, and only they may hold a bare new line. A
 * backslash lets a delimiter stand for itself. */
#include <string.h>

#include "action/transform/regex.h"
#include "action/transform/regex_lines.h"
#include "action/transform/transform.h"
#include "action/transform/step.h"
#include "action/transform/text.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"

/* Characters of a step that a message shows. */
#define EXCERPT 60
/* Conditions before a step: each is a call within the one before it. */
#define CONDITIONS_MOST 16

struct parse {
	struct transform *t;
	const char *text, *end;
	const char *p;    /* where it is read */
	const char *step; /* where the step began */
	unsigned conditions; /* that were read of it */
	bool script;
	struct flaw flaw; /* or what is doubtful */
};

/* The delimiters of a part. */
struct fence {
	char open, close; /* the same but for brackets */
};

static const char sub_form[] = "expected s/RE/TEXT/FLAGS";
static const char extract_form[] = "expected m/RE/TEXT/FLAGS; what only filters is /RE/";
static const char map_form[] = "expected y/abc/xyz/ or y/abc//d";
static const char filter_form[] = "expected /RE/FLAGS or !/RE/FLAGS";

static bool parse_step(struct parse *p, struct step *s);

/* --- trouble --------------------------------------------------------------- */

static bool wrong(struct parse *p, const char *at, const char *hint, const char *what)
{
	return flaw_set(&p->flaw, at, hint, "%s", what);
}

static bool language_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

static bool language_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool language_is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The step that is at fault, as far as it has been read, or to its end. */
static struct span faulty_step(const struct parse *p)
{
	const char *stop = p->p > p->flaw.at ? p->p : p->flaw.at;

	while (stop < p->end && *stop != '\n' && *stop != ';')
		stop++;
	while (stop > p->step && (language_is_blank(stop[-1]) || stop[-1] == '\n'))
		stop--;
	return (struct span){ p->step, (size_t)(stop - p->step) };
}

/* Line and column from 1; a column is a character. */
static void locate(const struct parse *p, size_t *line, size_t *column)
{
	*line = *column = 1;
	for (const char *s = p->text; s < p->flaw.at; s++)
		if (*s == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)*s & 0xc0) != 0x80) {
			++*column;
		}
}

static void language_tell(const struct parse *p, struct buf *why)
{
	struct span step = faulty_step(p);
	size_t line, column;

	locate(p, &line, &column);
	if (!p->script)
		buf_adds(why, "-e, ");
	if (p->script || line > 1)
		buf_addf(why, "line %zu, ", line);
	buf_addf(why, "column %zu: ", column);
	buf_add(why, p->flaw.what.data, p->flaw.what.len);
	if (step.len) {
		buf_adds(why, " in ");
		msg_quote(why, step.s, step.len, EXCERPT);
	}
	if (p->flaw.hint)
		buf_addf(why, "; %s", p->flaw.hint);
}

/* No record of lines holds a newline: an expression that needs one is right, and in
 * vain. */
static void doubt_newline(struct parse *p, struct span source, unsigned flags)
{
	static const char hint[] = "-0 or -d cuts the input elsewhere, --whole-file takes a file "
		"as it is";

	if (transform_separator(p->t) != '\n' || transform_is_whole(p->t)
	    || flags & REGEX_EXTENDED || !regex_needs_newline(source.s, source.len))
		return;
	wrong(p, source.s, hint, "no line holds a newline, so this never matches");
	language_tell(p, transform_doubts(p->t));
}

/* --- parts between delimiters ---------------------------------------------- */

static char mate(char open)
{
	static const char opening[] = "({[<", closing[] = ")}]>";
	const char *at = open ? strchr(opening, open) : NULL;

	return at ? closing[at - opening] : open;
}

static bool open_fence(struct parse *p, struct fence *f, const char *form)
{
	char c = p->p < p->end ? *p->p : ' ';

	if (c <= ' ' || c > '~' || c == '\\' || language_is_letter(c) || language_is_digit(c))
		return wrong(p, p->p, form, "a delimiter is missing");
	*f = (struct fence){ c, mate(c) };
	p->p++;
	return true;
}

/* What stands before the closing delimiter, and pass that. */
static bool take_part(struct parse *p, struct fence f, const char *form, struct span *part)
{
	const char *s = p->p;
	unsigned depth = 0;

	for (; s < p->end; s++) {
		if (*s == '\\' && s + 1 < p->end) {
			s++;
		} else if (*s == f.close && !depth) {
			*part = (struct span){ p->p, (size_t)(s - p->p) };
			p->p = s + 1;
			return true;
		} else if (f.open == f.close) {
			if (*s == '\n')
				break;
		} else if (*s == f.close) {
			depth--;
		} else if (*s == f.open) {
			depth++;
		}
	}
	p->p = s;
	return flaw_set(&p->flaw, s, form, "the closing %c is missing", f.close);
}

static bool take_first(struct parse *p, struct fence *f, const char *form, struct span *part)
{
	return open_fence(p, f, form) && take_part(p, *f, form, part);
}

/* Brackets are opened anew. */
static bool take_second(struct parse *p, struct fence f, const char *form, struct span *part)
{
	if (f.open != f.close) {
		while (p->p < p->end && (language_is_blank(*p->p) || *p->p == '\n'))
			p->p++;
		if (!open_fence(p, &f, form))
			return false;
	}
	return take_part(p, f, form, part);
}

/* --- regular expressions --------------------------------------------------- */

static bool take_flags(struct parse *p, unsigned *flags, bool *global)
{
	static const char names[] = "ixsmu";
	static const unsigned values[] = {
		REGEX_CASELESS, REGEX_EXTENDED, REGEX_DOTALL, REGEX_MULTILINE, REGEX_UTF,
	};

	*flags = 0;
	for (; p->p < p->end && (language_is_letter(*p->p) || language_is_digit(*p->p)); p->p++) {
		const char *at = strchr(names, *p->p);

		if (at)
			*flags |= values[at - names];
		else if (*p->p == 'g' && global)
			*global = true;
		else
			return flaw_set(&p->flaw, p->p,
				global ? "flags are g i m s u x"
					: "flags are i m s u x; a blank stands before a step",
				"unknown flag '%c'", *p->p);
	}
	return true;
}

/* Pass one character of a delimited expression, and append what PCRE2 shall see: of
 * an escaped delimiter the backslash goes, unless the bare delimiter would mean
 * something else. */
static const char *pass_char(const char *s, const char *end, struct fence f, bool *quoted,
	struct buf *out)
{
	static const char special[] = "^$.[]|()?*+{}#";
	char next = s + 1 < end ? s[1] : '\0';

	if (*s != '\\' || !next) {
		buf_addc(out, *s);
		return s + 1;
	}
	if (next == f.open || next == f.close) {
		if (strchr(special, next) && !*quoted)
			buf_addc(out, '\\');
		buf_addc(out, next);
		return s + 2;
	}
	buf_addc(out, '\\');
	if (*quoted && next != 'E')
		return s + 1;
	buf_addc(out, next);
	*quoted = next == 'Q';
	return s + 2;
}

/* Where in the source this offset of the unescaped expression comes from. */
static const char *source_of(struct span source, struct fence f, size_t offset)
{
	const char *s = source.s, *end = s + source.len;
	struct buf out = { 0 };
	bool quoted = false;

	while (s < end && out.len < offset)
		s = pass_char(s, end, f, &quoted, &out);
	buf_free(&out);
	return s;
}

static bool compile_regex(struct parse *p, struct step *s, struct span source, struct fence f,
	unsigned flags)
{
	const char *at = source.s, *end = at + source.len;
	struct buf pattern = { 0 }, why = { 0 };
	bool quoted = false;
	size_t offset;

	if (!source.len)
		return wrong(p, at, "/^/ matches every record", "the expression is empty");
	while (at < end)
		at = pass_char(at, end, f, &quoted, &pattern);
	s->regex = regex_new(pattern.data, pattern.len, flags | REGEX_GUESS, &why, &offset);
	if (!s->regex)
		flaw_set(&p->flaw, source_of(source, f, offset), strstr(buf_str(&why), "terminating ]")
			? "a delimiter needs a backslash between [ ], too" : NULL, "%s", buf_str(&why));
	else
		doubt_newline(p, source, flags);
	buf_free(&pattern);
	buf_free(&why);
	return s->regex;
}

/* --- steps ----------------------------------------------------------------- */

static bool language_ends_step(const char *s, const char *from, const char *end)
{
	return s == end || *s == '\n' || *s == ';' || (*s == '#' && s > from);
}

/* What follows an expression on its line is the step that it is a condition of. */
static bool parse_guarded(struct parse *p, struct step *s)
{
	const char *at = p->p;

	while (at < p->end && language_is_blank(*at))
		at++;
	if (language_ends_step(at, p->p, p->end)) {
		step_filter(s);
		return true;
	}
	if (at == p->p)
		return wrong(p, at, "as in /RE/i s/a/b/", "a blank is missing between /RE/ and its step");
	if (++p->conditions > CONDITIONS_MOST)
		return flaw_set(&p->flaw, at, NULL, "more than %d conditions before a step",
			CONDITIONS_MOST);
	p->p = at;
	s->guarded = mem_zero(sizeof *s);
	s->guarded->separator = s->separator;
	s->guarded->whole = s->whole;
	if (!parse_step(p, s->guarded))
		return false;
	step_guard(s);
	return true;
}

static bool parse_filter(struct parse *p, struct step *s)
{
	struct span source;
	struct fence f;
	unsigned flags;

	if (p->p < p->end && *p->p != '/')
		return wrong(p, p->p, filter_form, "a / is missing behind the !");
	if (!take_first(p, &f, filter_form, &source) || !take_flags(p, &flags, NULL)
			|| !compile_regex(p, s, source, f, flags))
		return false;
	return parse_guarded(p, s);
}

/* s/// or m///. */
static bool parse_match(struct parse *p, struct step *s, bool extract)
{
	const char *form = extract ? extract_form : sub_form;
	struct span source, text;
	struct fence f;
	unsigned flags;

	if (!take_first(p, &f, form, &source) || !take_second(p, f, form, &text)
			|| !take_flags(p, &flags, &s->global) || !compile_regex(p, s, source, f, flags))
		return false;
	s->text = text_new(text, s->regex, &p->flaw);
	if (!s->text)
		return false;
	if (extract)
		step_extract(s);
	else
		step_substitute(s);
	return true;
}

static bool parse_map(struct parse *p, struct step *s)
{
	struct span from, to;
	bool delete = false;
	struct fence f;

	if (!take_first(p, &f, map_form, &from) || !take_second(p, f, map_form, &to))
		return false;
	for (; p->p < p->end && (language_is_letter(*p->p) || language_is_digit(*p->p)); p->p++) {
		if (*p->p != 'd')
			return flaw_set(&p->flaw, p->p, "the flag of y is d", "unknown flag '%c'", *p->p);
		delete = true;
	}
	return step_map(s, from, to, delete, &p->flaw);
}

static bool parse_word(struct parse *p, struct step *s)
{
	struct span name = { p->p, 0 };

	while (p->p < p->end && (language_is_letter(*p->p) || language_is_digit(*p->p)))
		p->p++;
	name.len = (size_t)(p->p - name.s);
	if (name.len == 3 && memcmp(name.s, "cut", 3) == 0)
		return step_cut(s, &p->p, p->end, &p->flaw);
	if (name.len && step_word(s, name))
		return true;
	return wrong(p, name.s, "steps are s/// /RE/ !/RE/ m/// y/// upper lower trim cut length "
		"urlencode urldecode base64 unbase64 json", "unknown step");
}

static bool parse_step(struct parse *p, struct step *s)
{
	char c = *p->p, next = p->p + 1 < p->end ? p->p[1] : ' ';

	if (c == '/')
		return parse_filter(p, s);
	if (c == '!') {
		s->inverted = true;
		p->p++;
		while (p->p < p->end && language_is_blank(*p->p))
			p->p++;
		return parse_filter(p, s);
	}
	if ((c != 's' && c != 'm' && c != 'y') || language_is_letter(next) || language_is_digit(next))
		return parse_word(p, s);
	p->p++;
	return c == 'y' ? parse_map(p, s) : parse_match(p, s, c == 'm');
}

/* --- programs -------------------------------------------------------------- */

/* Pass blanks and comments, and what separates steps. */
static void skip_to_step(struct parse *p)
{
	while (p->p < p->end)
		if (*p->p == '#') {
			const char *newline = memchr(p->p, '\n', (size_t)(p->end - p->p));

			p->p = newline ? newline : p->end;
		} else if (language_is_blank(*p->p) || *p->p == '\n' || *p->p == ';') {
			p->p++;
		} else {
			return;
		}
}

static bool step_ends(struct parse *p)
{
	const char *s = p->p;

	while (s < p->end && language_is_blank(*s))
		s++;
	if (language_ends_step(s, p->p, p->end))
		return true;
	return wrong(p, s, "a ; or a new line ends a step", "something follows the step");
}

static bool parse_program(struct parse *p)
{
	for (;;) {
		struct step s = { .separator = transform_separator(p->t),
			.whole = transform_is_whole(p->t) };

		skip_to_step(p);
		if (p->p == p->end)
			return true;
		p->step = p->p;
		p->conditions = 0;
		if (!parse_step(p, &s) || !step_ends(p)) {
			step_free(&s);
			return false;
		}
		transform_append(p->t, &s);
	}
}

static bool language_add(struct transform *t, const char *text, size_t len, bool script,
	struct buf *why)
{
	struct parse p = { .t = t, .text = text, .end = text + len, .p = text, .step = text,
		.script = script };
	bool ok;

	transform_doubts(t);
	ok = parse_program(&p);
	if (!ok)
		language_tell(&p, why);
	buf_free(&p.flaw.what);
	return ok;
}

bool transform_add(struct transform *t, const char *text, struct buf *why)
{
	return language_add(t, text, strlen(text), false, why);
}

bool transform_add_script(struct transform *t, const char *text, size_t len, struct buf *why)
{
	return language_add(t, text, len, true, why);
}
