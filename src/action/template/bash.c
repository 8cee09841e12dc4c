/* What bash and its like have beyond the shell of POSIX. A line for /bin/sh that holds some
 * of it is refused, with what means the same everywhere. See template/lex.h. */
#include "action/template/lex.h"

#include <string.h>

/* May a shell evaluate, as arithmetic or as the name of a variable, what stands between here
 * and the ]]? To be sure, whatever looks like an operator of such a kind counts, up to the
 * last of them; an operator that is quoted, as data is, is none to it. */
static bool lex_test_evaluates(const struct scan *s)
{
	static const char *const operators[] = {
		"-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v", "-R", "-t", "\\",
	};
	size_t end = s->len;

	while (end > s->i + 2 && memcmp(s->s + end - 2, "]]", 2) != 0)
		end--;
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
		if (memmem(s->s + s->i, end - s->i, operators[i], strlen(operators[i])))
			return true;
	return false;
}

bool lex_test(struct scan *s, struct commands *c)
{
	const char *ban = s->ban;
	bool ok = true, over = false, strict = s->strict;
	struct lex_word w;
	struct hole h;

	lex_hint(s, "[[ ]]", "a command that is not found");
	if (!s->lex->bash || s->lex->inner || lex_test_evaluates(s))
		s->ban = lex_in_test;
	s->strict = true;
	c->place = PLACE_ARGS;
	while (ok && !over && (ok = lex_skip_lines(s))) {
		if (s->i >= s->len) {
			ok = lex_refuse(s->lex, "the shell line has a [[ that is never closed");
		} else if (!lex_hole(s, s->i, &h) && strchr(";&|<>()", lex_at(s, s->i))) {
			s->i = lex_next(s, s->i);
		} else {
			ok = lex_word(s, &w);
			over = lex_is(&w, "]]");
			s->lex->said.len = w.said;
		}
	}
	s->ban = ban;
	s->strict = strict;
	c->place = PLACE_AFTER;
	return ok;
}

bool lex_array(struct scan *s)
{
	struct commands *outer = s->cmd;
	struct commands c = { .place = PLACE_ARGS };
	size_t from = s->i;
	struct lex_word w;
	bool ok = true;

	s->cmd = &c;
	s->i = lex_next(s, s->i);
	while (ok && (ok = lex_skip_lines(s)) && lex_at(s, s->i) != ')') {
		size_t before = s->i;

		ok = s->i < s->len ? lex_word(s, &w) && s->i > before
			: lex_open(s, from, "(");
		s->lex->said.len = ok ? w.said : s->lex->said.len;
	}
	s->i = lex_next(s, s->i);
	s->cmd = outer;
	return ok;
}

bool lex_process(struct scan *s, struct commands *c)
{
	if (!s->lex->bash)
		return lex_refuse(s->lex, "<( ) and >( ) are not known to every /bin/sh; "
			"--shell-path bash chooses one that knows them");
	s->i = lex_next(s, lex_next(s, s->i));
	if (c->target)
		c->target = c->descriptor = false;
	else if (c->place == PLACE_START || c->place == PLACE_PREFIX)
		c->place = PLACE_ARGS;
	return lex_subshell(s);
}

bool lex_here_string(struct scan *s, struct commands *c)
{
	if (!s->lex->bash)
		return lex_refuse(s->lex, "<<< is not known to every /bin/sh; use printf ... | "
			"or a here-document, or --shell-path bash");
	s->i = lex_next(s, s->i);
	c->target = true;
	c->code = lex_reads_code(c);
	return true;
}

bool lex_double_parenthesis(struct scan *s, struct commands *c)
{
	bool loop = c->place == PLACE_FOR_NAME;

	if (!s->lex->bash)
		return lex_refuse(s->lex, loop ? "for (( is not known to every /bin/sh; use while, "
			"or --shell-path bash" : "(( is arithmetic to some shells and a subshell to "
			"others; write $(( )) or ( (, or choose with --shell-path bash");
	s->i = lex_next(s, s->i);
	c->place = PLACE_AFTER;
	return lex_arith(s);
}
