/* The commands of a shell line: where words stand, and what is no word. See
 * template/lex.h. */
#include "action/template/lex.h"

#include <string.h>

enum step { STEP_ON, STEP_DONE, STEP_FAILED };

bool lex_is(const struct lex_word *w, const char *text)
{
	return w->literal && w->len == strlen(text) && memcmp(w->text, text, w->len) == 0;
}

static bool is_any(const struct lex_word *w, const char *const list[])
{
	for (; *list; list++)
		if (lex_is(w, *list))
			return true;
	return false;
}

static void skip_blanks(struct scan *s)
{
	while (lex_at(s, s->i) == ' ' || lex_at(s, s->i) == '\t')
		s->i = lex_next(s, s->i);
}

static void skip_comment(struct scan *s)
{
	s->i = lex_line_end(s, s->i);
}

static bool newline(struct scan *s)
{
	s->i++;
	return lex_read_docs(s);
}

/* Blanks, newlines and comments. */
bool lex_skip_lines(struct scan *s)
{
	struct hole h;

	for (;;) {
		skip_blanks(s);
		if (lex_hole(s, s->i, &h))
			return true;
		if (lex_at(s, s->i) == '#')
			skip_comment(s);
		else if (lex_at(s, s->i) != '\n')
			return true;
		else if (!newline(s))
			return false;
	}
}

/* One word of a case: what is compared, `in`, or a pattern. */
static bool case_word(struct scan *s, struct lex_word *w)
{
	size_t before = s->i;

	if (!lex_word(s, w))
		return false;
	return s->i > before || lex_refuse(s->lex, "the shell line has a case the shell will not "
		"understand");
}

/* From the first word of a pattern list to behind its ), or to behind esac. */
static bool case_patterns(struct scan *s, size_t from, bool *esac)
{
	struct lex_word w;
	struct hole h;
	bool first = true;

	*esac = false;
	if (!lex_skip_lines(s))
		return false;
	if (lex_at(s, s->i) == '(' && !lex_hole(s, s->i, &h)) {
		s->i = lex_next(s, s->i);
		first = false;
	}
	for (;;) {
		int c;

		skip_blanks(s);
		c = lex_hole(s, s->i, &h) ? 0 : lex_at(s, s->i);
		if (c < 0)
			return lex_open(s, from, "case");
		if (c == ')' || c == '|') {
			s->i = lex_next(s, s->i);
			if (c == ')')
				return true;
			continue;
		}
		if (!case_word(s, &w))
			return false;
		if (first && lex_is(&w, "esac"))
			return *esac = true;
		first = false;
	}
}

static bool lex_case(struct scan *s)
{
	struct commands *outer = s->cmd;
	struct commands c = { .place = PLACE_CASE };
	struct lex_word w;
	size_t from = s->i;
	bool esac = false;

	s->cmd = &c;
	skip_blanks(s);
	if (!case_word(s, &w) || !lex_skip_lines(s) || !case_word(s, &w))
		return false;
	if (!lex_is(&w, "in"))
		return lex_refuse(s->lex, "the shell line has a case without in");
	while (!esac) {
		s->cmd = &c;
		if (!case_patterns(s, from, &esac) || (!esac && !lex_commands(s, UNTIL_CASE, &esac)))
			return false;
	}
	s->cmd = outer;
	return true;
}

static void start_command(struct commands *c)
{
	*c = (struct commands){ .place = PLACE_START };
}

static bool takes_names(const struct lex_word *w)
{
	static const char *const list[] = { "declare", "export", "getopts", "local", "mapfile",
		"nameref", "read", "readarray", "readonly", "typeset", "unset", NULL };

	return is_any(w, list);
}

/* Of let what it is given is evaluated, of the others what is given to it ever after. */
static bool declares_numbers(const struct lex_word *w)
{
	static const char *const list[] = { "float", "integer", NULL };

	return is_any(w, list);
}

/* Is what begins there of the user's own line, and not of what was put before it? A line that
 * is only looked at has no rules. */
static bool lex_is_own(const struct lex *l, size_t from)
{
	return l->rules && l->rules->own_line && from + 1 >= l->rules->own_line;
}

/* Is the word the first of the user's own line? */
static bool lex_begins_own(const struct lex *l, size_t from)
{
	return l->commands == 1 && l->t->kind == KIND_LINE && lex_is_own(l, from)
		&& (from + 1 == l->rules->own_line || l->t->line[from - 1] == '\n');
}

/* Is the word one replacement string, and may what stands for it be a command, as that may with
 * which the line begins? Its part, from 1. */
static size_t lex_value_of(struct scan *s, const struct lex_word *w)
{
	struct lex *l = s->lex;
	size_t from = s->at[w->start];
	const struct part *p;

	if (!w->holes || l->inner || l->t->repeat || l->depth > 1
	    || !(l->runs_values || lex_begins_own(l, from)))
		return 0;
	p = &l->t->parts.list[l->t->parts.count - 1];
	if (p->kind != PART_HOLE || p->spot != SPOT_BARE || p->len != s->at[s->i] - from
	    || (p->hole.what != HOLE_VALUE && p->hole.what != HOLE_NAME))
		return 0;
	return l->t->parts.count;
}

/* A command that is nothing but a value. */
static void lex_value_end(struct scan *s, const struct commands *c)
{
	if (!c->value || c->words != 1)
		return;
	s->lex->t->parts.list[c->value - 1].command = true;
	s->lex->runs_values = true;
}

/* The command's name. */
static bool begin_command(struct scan *s, struct commands *c, const struct lex_word *w)
{
	c->place = w->assigns ? PLACE_PREFIX : PLACE_ARGS;
	c->words = 1;
	c->holes = w->holes;
	s->lex->commands += s->lex->depth == 1 && lex_is_own(s->lex, s->at[w->start]);
	c->value = lex_value_of(s, w);
	c->names = takes_names(w);
	c->evaluates = lex_is(w, "let") || declares_numbers(w);
	c->echo = lex_is(w, "echo");
	if (lex_is(w, "source"))
		lex_hint(s, "source", "a command that is not found (. is the same)");
	c->tests = lex_is(w, "test") || lex_is(w, "[") || lex_is(w, "printf");
	if (declares_numbers(w))
		s->lex->integers = s->at[w->start] + 1;
	return w->assigns || lex_code_word(s, c, w);
}

static bool argument(struct scan *s, struct commands *c, const struct lex_word *w)
{
	size_t len = w->len < sizeof w->text ? w->len : sizeof w->text;
	bool option = w->literal && len > 1 && (w->text[0] == '-' || w->text[0] == '+');

	c->words++;
	if (c->names && option && memchr(w->text, 'i', len)) {
		c->evaluates = true;
		s->lex->integers = s->at[w->start] + 1;
	}
	if (c->words == 2 && c->echo && option && strspn(w->text + 1, "ne") == len - 1
	    && memchr(w->text, 'e', len))
		lex_hint(s, "echo -e", "an echo that prints -e (printf prints what is meant)");
	if (lex_is(w, "pipefail"))
		lex_hint(s, "set -o pipefail", "not always known");
	c->variable = c->tests && (lex_is(w, "-v") || lex_is(w, "-R"));
	return lex_code_word(s, c, w);
}

static enum step keyword(struct scan *s, struct commands *c, const struct lex_word *w, bool *esac)
{
	static const char *const open[] = { "if", "then", "else", "elif", "while", "until", "do",
		"!", "{", NULL };
	static const char *const open_of_bash[] = { "time", "coproc", NULL };
	static const char *const close[] = { "fi", "done", "}", "esac", NULL };
	bool after = c->place == PLACE_AFTER;

	if (lex_is(w, "esac") && esac) {
		*esac = true;
		return STEP_DONE;
	}
	if (lex_is(w, "case")) {
		c->place = PLACE_AFTER;
		return lex_case(s) ? STEP_ON : STEP_FAILED;
	}
	if (is_any(w, open) || (s->lex->bash && is_any(w, open_of_bash))) {
		start_command(c);
	} else if (is_any(w, close)) {
		c->place = PLACE_AFTER;
	} else if (lex_is(w, "for") || lex_is(w, "select")) {
		c->place = PLACE_FOR_NAME;
	} else if (lex_is(w, "function") && s->lex->bash) {
		c->place = PLACE_FUNCTION;
	} else if (!after) {
		if (lex_is(w, "[["))
			return lex_test(s, c) ? STEP_ON : STEP_FAILED;
		return begin_command(s, c, w) ? STEP_ON : STEP_FAILED;
	}
	return STEP_ON;
}

/* A word was read: what may come next? */
static enum step after_word(struct scan *s, struct commands *c, const struct lex_word *w,
	bool *esac)
{
	if (c->target) {
		if (c->code && w->holes) {
			lex_stray(s, "in what a shell reads as its commands");
			return STEP_FAILED;
		}
		c->target = c->descriptor = c->code = false;
		if (c->place == PLACE_START)
			c->place = PLACE_PREFIX;
		return STEP_ON;
	}
	switch (c->place) {
	case PLACE_START:
	case PLACE_AFTER:
		return keyword(s, c, w, esac);
	case PLACE_PREFIX:
		return begin_command(s, c, w) ? STEP_ON : STEP_FAILED;
	case PLACE_FUNCTION:
		start_command(c);
		break;
	case PLACE_FOR_NAME:
		c->place = PLACE_FOR_IN;
		break;
	case PLACE_FOR_IN:
		start_command(c);
		if (!lex_is(w, "do"))
			c->place = lex_is(w, "in") ? PLACE_FOR_WORDS : PLACE_AFTER;
		break;
	default:
		return argument(s, c, w) ? STEP_ON : STEP_FAILED;
	}
	return STEP_ON;
}

static bool redirection(struct scan *s, struct commands *c)
{
	int first = lex_at(s, s->i);
	int second;

	if (lex_at(s, lex_next(s, s->i)) == '(')
		return lex_process(s, c);
	s->i = lex_next(s, s->i);
	second = lex_at(s, s->i);
	if (second < 0 || !strchr(first == '<' ? "<>&" : ">&|", second)) {
		c->target = true;
		return true;
	}
	s->i = lex_next(s, s->i);
	if (second != '<') {
		c->target = true;
		c->descriptor = second == '&';
		return true;
	}
	if (lex_at(s, s->i) == '<')
		return lex_here_string(s, c);
	if (c->place == PLACE_START)
		c->place = PLACE_PREFIX;
	if (lex_at(s, s->i) != '-')
		return lex_announce_doc(s, false);
	s->i = lex_next(s, s->i);
	return lex_announce_doc(s, true);
}

static bool parenthesis(struct scan *s, struct commands *c)
{
	bool subshell = c->place == PLACE_START && !c->target;
	bool sum = subshell || c->place == PLACE_FOR_NAME;
	size_t from = s->i;
	bool ok;

	s->i = lex_next(s, s->i);
	if (sum && lex_at(s, s->i) == '(')
		return lex_double_parenthesis(s, c);
	if (subshell) {
		ok = lex_commands(s, UNTIL_PAREN, NULL);
		c->place = PLACE_AFTER;
		return ok;
	}
	skip_blanks(s);
	if (c->place != PLACE_ARGS || c->words != 1 || c->target || lex_at(s, s->i) != ')') {
		s->i = from;
		return lex_refuse(s->lex, "the shell line has a ( where /bin/sh allows none");
	}
	if (c->holes)
		return lex_refuse(s->lex, "%s cannot name a function", s->lex->braces);
	s->i = lex_next(s, s->i);
	start_command(c);
	return true;
}

static enum step semicolon(struct scan *s, struct commands *c, bool *esac)
{
	size_t from = s->i;

	s->i = lex_next(s, from);
	start_command(c);
	if (lex_at(s, s->i) != ';' && lex_at(s, s->i) != '&')
		return STEP_ON;
	if (!esac) {
		s->i = from;
		lex_refuse(s->lex, "the shell line has a ;; or ;& outside of a case");
		return STEP_FAILED;
	}
	s->i = lex_next(s, s->i);
	if (lex_at(s, s->i) == '&')
		s->i = lex_next(s, s->i);
	return STEP_DONE;
}

/* & and |, also doubled; and what they are a part of in bash. */
static bool separator(struct scan *s, struct commands *c)
{
	int first = lex_at(s, s->i), second = lex_at(s, lex_next(s, s->i));

	if (first == '&' && second == '>') {
		if (!s->lex->bash)
			return lex_refuse(s->lex, "&> is a redirection to bash, and to other shells an "
				"end of the command; write >FILE 2>&1, or --shell-path bash");
		s->i = lex_next(s, s->i);
		return redirection(s, c);
	}
	if (first == '|' && second == '&' && !s->lex->bash)
		return lex_refuse(s->lex, "|& is not known to every /bin/sh; write 2>&1 |, or "
			"--shell-path bash");
	s->i = lex_next(s, s->i);
	start_command(c);
	return true;
}

/* What is neither blank nor word. */
static enum step operator(struct scan *s, struct commands *c, enum until until, bool *esac)
{
	int sign = lex_at(s, s->i);

	switch (sign) {
	case '#':
		skip_comment(s);
		return STEP_ON;
	case ';':
		return semicolon(s, c, esac);
	case '<':
	case '>':
		return redirection(s, c) ? STEP_ON : STEP_FAILED;
	case '(':
		return parenthesis(s, c) ? STEP_ON : STEP_FAILED;
	case ')':
		if (until == UNTIL_PAREN) {
			s->i = lex_next(s, s->i);
			return STEP_DONE;
		}
		lex_refuse(s->lex, "the shell line has a ) without a (");
		return STEP_FAILED;
	case '\n':
		if (c->place != PLACE_FOR_IN)
			start_command(c);
		return newline(s) ? STEP_ON : STEP_FAILED;
	default:
		return separator(s, c) ? STEP_ON : STEP_FAILED;
	}
}

/* The descriptor of a redirection, such as the 2 of 2>file. */
static bool is_descriptor(const struct scan *s, const struct lex_word *w)
{
	int next = lex_at(s, s->i);
	size_t i = 0;

	while (i < w->len && w->text[i] >= '0' && w->text[i] <= '9')
		i++;
	return w->literal && i == w->len && (next == '<' || next == '>');
}

static enum step word(struct scan *s, struct commands *c, bool *esac)
{
	size_t holes = s->lex->holes;
	struct lex_word w;
	enum step step;

	if (!lex_word(s, &w))
		return STEP_FAILED;
	if (c->descriptor && s->lex->holes > holes) {
		s->i = w.start; /* bash expands the word there twice */
		lex_stray(s, "behind >& or <&; for a file write > and 2>&1");
		return STEP_FAILED;
	}
	if (s->lex->bash && w.assigns && lex_at(s, s->i) == '(' && s->s[s->i - 1] == '='
	    && !lex_array(s))
		return STEP_FAILED;
	step = is_descriptor(s, &w) ? STEP_ON : after_word(s, c, &w, esac);
	s->lex->said.len = w.said;
	return step;
}

static bool at_end(struct scan *s, size_t from, enum until until)
{
	const struct docs *docs = s->docs;

	if (until == UNTIL_PAREN)
		return lex_open(s, from, "(");
	if (until == UNTIL_CASE)
		return lex_open(s, from, "case");
	return !docs->count || lex_open_doc(s->lex, &docs->list[0]);
}

bool lex_commands(struct scan *s, enum until until, bool *esac)
{
	struct commands *outer = s->cmd;
	struct commands c = { .place = PLACE_START };
	enum step step = STEP_ON;
	size_t from = until == UNTIL_PAREN ? s->i - 1 : s->i;
	struct hole h;

	if (s->lex->depth++ == LEX_DEPTH)
		return lex_refuse(s->lex, "the shell line nests too deeply");
	s->cmd = &c;
	while (step == STEP_ON) {
		skip_blanks(s);
		if (s->i >= s->len) {
			lex_value_end(s, &c);
			step = lex_code_end(s, &c) && at_end(s, from, until) ? STEP_DONE
				: STEP_FAILED;
		} else if (!lex_hole(s, s->i, &h) && strchr("#;&|<>()\n", lex_at(s, s->i))) {
			bool over = !strchr("#<>", lex_at(s, s->i))
				&& !(lex_at(s, s->i) == '&' && lex_at(s, s->i + 1) == '>');

			if (over)
				lex_value_end(s, &c);
			step = !over || lex_code_end(s, &c) ? operator(s, &c, until, esac)
				: STEP_FAILED;
		} else {
			step = word(s, &c, esac);
		}
	}
	buf_free(&c.joined);
	s->cmd = outer;
	s->lex->depth--;
	return step == STEP_DONE;
}
