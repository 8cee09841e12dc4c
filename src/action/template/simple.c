/* The simplest lines: words and redirections that no shell would change, so that none is
 * needed for them. See parts.h.
 *
 * Not a reader of shell text: it knows the few signs that stand for themselves, and where
 * anything else comes it gives up. So it is quick, and may be asked for each item. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "action/template/parts.h"
#include "action/template/quote.h"
#include "base/buf.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t simple_hole(const struct simple *s, size_t i)
{
	struct hole h;

	return hole_match(s->line, s->len, i, s->rules, &h);
}

/* The byte at i, where no replacement string begins, or NUL. */
static char simple_sign(const struct simple *s, size_t i)
{
	return i < s->len && !simple_hole(s, i) ? s->line[i] : '\0';
}

/* A [ that is a word of its own is a program; any other is a pattern. */
static bool is_test(const struct simple *s, size_t i)
{
	return s->line[i] == '[' && (i == 0 || is_blank(s->line[i - 1]))
		&& i + 1 < s->len && is_blank(s->line[i + 1]);
}

static size_t simple_blanks(const struct simple *s, size_t i)
{
	while (is_blank(simple_sign(s, i)))
		i++;
	return i;
}

/* Where the word ends that begins at i. */
static size_t simple_word(const struct simple *s, size_t i)
{
	while (i < s->len) {
		size_t n = simple_hole(s, i);

		if (!n && (is_blank(s->line[i]) || (!quote_inert(s->line[i]) && !is_test(s, i))))
			break;
		i += n ? n : 1;
	}
	return i;
}

static bool is_digits(const struct simple *s, size_t from, size_t to)
{
	while (from < to && simple_sign(s, from) >= '0' && simple_sign(s, from) <= '9')
		from++;
	return from == to;
}

static bool is_angle(char c)
{
	return c == '<' || c == '>';
}

static bool simple_give_up(struct simple *s)
{
	s->odd = true;
	return false;
}

/* The operator at i: what it does, and its length; 0: only a shell knows it. */
static size_t simple_operator(const struct simple *s, size_t i, struct redirect *r)
{
	char first = simple_sign(s, i), second = simple_sign(s, i + 1);

	r->what = second == '&' ? REDIRECT_COPY : REDIRECT_OPEN;
	if (first == '<') {
		r->flags = second == '>' ? O_RDWR | O_CREAT : O_RDONLY;
		return second == '<' ? 0 : second == '>' || second == '&' ? 2 : 1;
	}
	r->flags = O_WRONLY | O_CREAT | (second == '>' ? O_APPEND : O_TRUNC);
	return second == '>' || second == '&' || second == '|' ? 2 : 1;
}

/* What stands behind >& or <&: one digit, or the sign that closes. */
static bool simple_copy(const struct simple *s, struct simple_token *t)
{
	char c = simple_sign(s, t->from);

	if (t->to != t->from + 1 || (c != '-' && (c < '0' || c > '9')))
		return false; /* bash takes more for a file, dash for a fault */
	if (c == '-')
		t->redirect.what = REDIRECT_CLOSE;
	t->redirect.from = c - '0';
	return t->redirect.from != t->redirect.fd;
}

/* A redirection whose operator stands at i. Shells know one digit before it; where more
 * stand some take them for a word. */
static bool simple_redirection(struct simple *s, size_t i, struct simple_token *t)
{
	size_t n;

	if (i > t->from + 1)
		return simple_give_up(s);
	t->redirects = true;
	t->redirect = (struct redirect){ .fd = i > t->from ? s->line[t->from] - '0'
		: s->line[i] == '>' };
	n = simple_operator(s, i, &t->redirect);
	t->from = simple_blanks(s, i + n);
	t->to = simple_word(s, t->from);
	if (!n || t->from == t->to || (t->redirect.what == REDIRECT_COPY && !simple_copy(s, t))
	    || (is_angle(simple_sign(s, t->to)) && is_digits(s, t->from, t->to)))
		return simple_give_up(s);
	s->at = t->to;
	return true;
}

bool simple_next(struct simple *s, struct simple_token *t)
{
	*t = (struct simple_token){ .from = simple_blanks(s, s->at) };
	if (t->from == s->len)
		return false;
	t->to = simple_word(s, t->from);
	if (is_angle(simple_sign(s, t->to)) && is_digits(s, t->from, t->to))
		return simple_redirection(s, t->to, t);
	s->at = t->to;
	return t->to > t->from || simple_give_up(s);
}

/* Has bash exported a function of this name? A shell that is bash runs that. */
static bool is_function(const char *word, size_t len)
{
	struct buf name = { 0 };
	bool is;

	buf_adds(&name, "BASH_FUNC_");
	buf_add(&name, word, len);
	buf_adds(&name, "%%");
	is = getenv(buf_str(&name)) != NULL;
	buf_free(&name);
	return is;
}

/* The echo of dash reads backslashes, and knows no -e: for pq that is no reason to change a
 * value; where lines are to do what they did, it is. */
static bool is_echo_of_dash(const struct template *t, const char *word, size_t len)
{
	return t->gnu && len == strlen("echo") && memcmp(word, "echo", len) == 0
		&& template_shell(t) == SHELL_DASH;
}

/* Does the shell run something else by this name than a program? */
static bool is_shell_word(const struct template *t, const char *word, size_t len)
{
	if (is_echo_of_dash(t, word, len))
		return true;
	if (quote_shell_word(word, len, false))
		return quote_shell_word(word, len, true) || template_shell(t) != SHELL_DASH;
	return is_function(word, len) && template_shell(t) == SHELL_BASH;
}

/* /bin/sh does what POSIX says; another shell that was chosen may make more of them, as
 * zsh does of two for one descriptor. */
static bool knows_redirections(const struct template *t)
{
	return strcmp(t->shell, "/bin/sh") == 0 || template_shell(t) != SHELL_UNKNOWN;
}

enum simple_line simple_line(const struct template *t, const char *line, size_t len,
	const struct template_rules *rules)
{
	struct simple s = { .line = line, .len = len, .rules = rules };
	struct simple_token token, first = { 0 };
	bool redirects = false;

	while (simple_next(&s, &token)) {
		redirects |= token.redirects;
		if (!token.redirects && first.to == 0)
			first = token;
	}
	/* = in the first word may be an assignment, and then in the next as well */
	if (s.odd || !first.to || memchr(line + first.from, '=', first.to - first.from)
	    || is_shell_word(t, line + first.from, first.to - first.from))
		return SIMPLE_NOT;
	if (!redirects)
		return SIMPLE_WORDS;
	return knows_redirections(t) ? SIMPLE_REDIRECTIONS : SIMPLE_NOT;
}
