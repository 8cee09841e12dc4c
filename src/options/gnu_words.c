/* The words of a command of GNU parallel, spelled as pq's. See gnu_words.h. */
#include "options/gnu_words.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/formula/formula.h"
#include "action/transform/regex.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"

/* A name, and what it stands for: another one, or steps. */
struct gnu_rule {
	const char *name;
	size_t len;
	struct regex *pattern; /* owned: of a name with groups; NULL: it is as it stands */
	const char *means;     /* NULL: steps */
	const char *steps;
};

struct gnu_words {
	struct gnu_rule *list; /* owned */
	size_t count;
	struct matcher *matcher;
	const char *open, *close;
	size_t half;           /* bytes of each of these */
	char **spelled;        /* owned array, and they are */
	size_t nspelled;
};

struct gnu_words *gnu_words_new(void)
{
	struct gnu_words *w = mem_zero(sizeof *w);

	w->matcher = matcher_new();
	w->open = "{=";
	w->close = "=}";
	w->half = 2;
	gnu_words_name(w, "{0#}", "{#}"); /* padded with --plus alone */
	gnu_words_name(w, "{0%}", "{%}");
	return w;
}

void gnu_words_free(struct gnu_words *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->count; i++)
		if (w->list[i].pattern)
			regex_free(w->list[i].pattern);
	for (size_t i = 0; i < w->nspelled; i++)
		free(w->spelled[i]);
	matcher_free(w->matcher);
	free(w->spelled);
	free(w->list);
	free(w);
}

static struct gnu_rule *gnu_words_add(struct gnu_words *w, const char *name, size_t len)
{
	w->list = mem_grow(w->list, (w->count + 1) * sizeof *w->list);
	w->list[w->count] = (struct gnu_rule){ .name = name, .len = len };
	return &w->list[w->count++];
}

void gnu_words_name(struct gnu_words *w, const char *text, const char *means)
{
	gnu_words_add(w, text, strlen(text))->means = means;
}

void gnu_words_without_item(struct gnu_words *w, const char *braces)
{
	static const char *const names[] = { "{.}", "{/}", "{//}", "{/.}" };

	gnu_words_name(w, braces, "");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		gnu_words_name(w, names[i], "");
}

void gnu_words_parens(struct gnu_words *w, const char *pair, size_t half)
{
	w->open = pair;
	w->close = pair + half;
	w->half = half;
}

static void add_literally(struct buf *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (strchr("\\^$.[|()?*+{}", text[i]))
			buf_addc(to, '\\');
		buf_addc(to, text[i]);
	}
}

/* What is before the first group and behind the last one stands for itself. */
static struct regex *gnu_pattern(const char *name, size_t len)
{
	const char *first = memchr(name, '(', len), *last = memrchr(name, ')', len);
	struct buf pattern = { 0 }, why = { 0 };
	struct regex *r;
	size_t at;

	if (!first || !last || last < first)
		return NULL;
	add_literally(&pattern, name, (size_t)(first - name));
	buf_add(&pattern, first, (size_t)(last + 1 - first));
	add_literally(&pattern, last + 1, (size_t)(name + len - last - 1));
	r = regex_new(pattern.data, pattern.len, REGEX_DOTALL, &why, &at);
	if (!r)
		msg_die(2, "--rpl '%.*s': %s", (int)len, name, buf_str(&why));
	buf_free(&pattern);
	buf_free(&why);
	return r;
}

void gnu_words_rule(struct gnu_words *w, const char *name, size_t len, const char *steps)
{
	struct gnu_rule *rule = gnu_words_add(w, name, len);

	rule->steps = steps;
	rule->pattern = gnu_pattern(name, len);
}

void gnu_words_plus(struct gnu_words *w)
{
	static const struct {
		const char *name, *steps;
	} rules[] = {
		{ "{:-([^}]+?)}", "$_ ||= $$1" },
		{ "{:(\\d+?)}", "$_ = substr($_, $$1)" },
		{ "{:(\\d+?):(\\d+?)}", "$_ = substr($_, $$1, $$2)" },
		/* what is cut off is as short as can be, or, with two signs, as long */
		{ "{#([^#}][^}]*?)}", "s/^(?U:$$1)//" },
		{ "{##([^#}][^}]*?)}", "s/^$$1//" },
		{ "{%([^}]+?)}", "s/(.*)(?U:$$1)$/$1/s" },
		{ "{%%([^}]+?)}", "s/$$1$//" },
		{ "{/([^#%}/]+?)/([^}]*?)}", "s/$$1/$$2/" },
		{ "{/#([^}]+?)/([^}]*?)}", "s/^$$1/$$2/" },
		{ "{/%([^}]+?)/([^}]*?)}", "s/$$1$/$$2/" },
		{ "{//([^}]+?)/([^}]*?)}", "s/$$1/$$2/g" },
		{ "{^([^}]+?)}", "s/^($$1)/\\U$1/" },
		{ "{^^([^}]+?)}", "s/($$1)/\\U$1/g" },
		{ "{,([^}]+?)}", "s/^($$1)/\\L$1/" },
		{ "{,,([^}]+?)}", "s/($$1)/\\L$1/g" },
		{ "{+/}", "$_ = m:(.*)/:s ? $1 : ''" },
		{ "{+.}", "$_ = /.*\\.(.*)/s ? $1 : ''" },
		{ "{+..}", "$_ = m:\\.([^/.]*\\.[^/.]*)$: ? $1 : ''" },
		{ "{+...}", "$_ = m:\\.([^/.]*\\.[^/.]*\\.[^/.]*)$: ? $1 : ''" },
		{ "{..}", "s:(\\.[^/.]*){2}$::" },
		{ "{...}", "s:(\\.[^/.]*){3}$::" },
		{ "{/..}", "s:.*/::s; s:(\\.[^.]*){2}$::" },
		{ "{/...}", "s:.*/::s; s:(\\.[^.]*){3}$::" },
		{ "{##}", "1 $_ = total_jobs()" },
		{ "{0#}", "1 $_ = sprintf('%0' . length(total_jobs()) . 'd', seq())" },
		{ "{0%}", "1 $_ = sprintf('%0' . length(max_jobs()) . 'd', slot())" },
		{ "{uniq}", "skip() if uniq(@arg) != @arg" },
		{ "{choose_k}", "for my $i (2 .. $#arg) { skip() if $arg[$i] le $arg[$i - 1] }" },
		/* this machine has no name, and belongs to no group */
		{ "{slot}", "1 $_ = slot()" }, { "{host}", "1 $_ = ':'" },
		{ "{sshlogin}", "1 $_ = ':'" }, { "{hgrp}", "1 $_ = ''" }, { "{agrp}", "1 $_ = ''" },
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		gnu_words_rule(w, rules[i].name, strlen(rules[i].name), rules[i].steps);
}

/* --- spelling ------------------------------------------------------------ */

/* The number of a value that may stand behind a brace: how many bytes. */
static size_t index_length(const char *s)
{
	size_t sign = *s == '-', digits = strspn(s + sign, "0123456789");

	return digits ? sign + digits : 0;
}

/* Does the rule's name stand here, perhaps with the number of a value behind its brace? What
 * it takes; that number; and, of a name with groups, what was matched (matcher_at, in `body`). */
static size_t gnu_rule_matches(const struct gnu_words *w, const struct gnu_rule *r, const char *s,
	size_t *index, struct buf *body)
{
	if (r->name[0] != *s && r->name[0] != '(')
		return 0; /* at most places: the rest of the word need not be copied */
	*index = r->name[0] == '{' ? index_length(s + 1) : 0;
	for (int round = 0; round < 2; round++, *index = 0) {
		buf_clear(body);
		if (*index)
			buf_addc(body, '{');
		buf_adds(body, s + (*index ? 1 + *index : 0));
		if (!r->pattern && body->len >= r->len && memcmp(buf_str(body), r->name, r->len) == 0)
			return r->len + *index;
		if (r->pattern) {
			matcher_begin(w->matcher);
			if (regex_search(r->pattern, w->matcher, buf_str(body), body->len, 0, false)
			    == REGEX_MATCH && matcher_at(w->matcher)[0] == 0)
				return matcher_at(w->matcher)[1] + *index;
		}
		if (!*index)
			break;
	}
	return 0;
}

/* What the groups of the name have matched stands behind the steps (formula.h). */
static void gnu_words_hand(struct buf *to, const struct gnu_words *w, const struct gnu_rule *r,
	const struct buf *body)
{
	const size_t *at = r->pattern ? matcher_at(w->matcher) : NULL;
	unsigned groups = r->pattern ? regex_groups(r->pattern) : 0;

	for (unsigned n = 1; n <= groups && n <= 9; n++) {
		buf_addc(to, FORMULA_GROUP);
		if (at[2 * n] != REGEX_UNSET)
			buf_add(to, body->data + at[2 * n], at[2 * n + 1] - at[2 * n]);
	}
}

/* {= =}, by whatever name: what it takes, or 0. */
static size_t spell_parens(struct buf *to, const struct gnu_words *w, const char *s)
{
	const char *inside = s + w->half, *end;

	if (strncmp(s, w->open, w->half) != 0 || !*inside
	    || !(end = memmem(inside, strlen(inside), w->close, w->half)))
		return 0;
	buf_adds(to, "{=");
	buf_add(to, inside, (size_t)(end - inside));
	buf_adds(to, "=}");
	return (size_t)(end - s) + w->half;
}

/* Which value it is about is said where it stands, or else by the rule. */
static void add_rule(struct buf *to, const struct gnu_words *w, const struct gnu_rule *r,
	const char *index, size_t ndigits, const struct buf *body)
{
	size_t own = index_length(r->steps);

	own = own && r->steps[own] == ' ' ? own : 0;
	buf_adds(to, "{=");
	buf_add(to, ndigits ? index : r->steps, ndigits ? ndigits : own);
	buf_addf(to, " %s", r->steps + own + (own > 0));
	gnu_words_hand(to, w, r, body);
	buf_adds(to, "=}");
}

static size_t spell_rule(struct buf *to, const struct gnu_words *w, const char *s)
{
	struct buf body = { 0 };
	size_t n = 0, index;

	for (size_t i = w->count; i > 0 && !n; i--) {
		const struct gnu_rule *r = &w->list[i - 1];

		n = gnu_rule_matches(w, r, s, &index, &body);
		if (!n)
			continue;
		if (r->means && !*r->means)
			break;
		if (r->means) {
			buf_addc(to, '{');
			buf_add(to, s + 1, index);
			buf_adds(to, r->means + 1);
		} else {
			add_rule(to, w, r, s + 1, index, &body);
		}
	}
	buf_free(&body);
	return n;
}

char *gnu_words_keep(struct gnu_words *w, const struct buf *text)
{
	w->spelled = mem_grow(w->spelled, (w->nspelled + 1) * sizeof *w->spelled);
	return w->spelled[w->nspelled++] = mem_copy(text->len ? text->data : "", text->len);
}

char *gnu_words_spell(struct gnu_words *w, char *word)
{
	struct buf to = { 0 };
	size_t n;

	for (const char *s = word; *s; s += n) {
		if ((n = spell_parens(&to, w, s)) || (n = spell_rule(&to, w, s)))
			continue;
		buf_addc(&to, *s);
		n = 1;
	}
	if (strcmp(buf_str(&to), word) != 0)
		word = gnu_words_keep(w, &to);
	buf_free(&to);
	return word;
}

/* Does it open brackets that it does not close? */
static bool gnu_words_opens(const struct gnu_words *w, const char *word)
{
	const char *s = word, *open;

	while ((open = memmem(s, strlen(s), w->open, w->half))) {
		s = open + w->half;
		s = memmem(s, strlen(s), w->close, w->half);
		if (!s)
			return true;
		s += w->half;
	}
	return false;
}

/* As it was before the shell took it apart, but for its quotes. */
size_t gnu_words_join(struct gnu_words *w, char **words, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0, last; i < count; i = last + 1) {
		struct buf all = { 0 };

		last = i;
		if (gnu_words_opens(w, words[i]))
			for (last++; last < count && !strstr(words[last], w->close); last++)
				;
		words[kept] = words[i];
		if (last == count) /* it is never closed */
			last = i;
		for (size_t k = i; k <= last && last > i; k++)
			buf_addf(&all, "%s%s", k > i ? " " : "", words[k]);
		if (last > i)
			words[kept] = gnu_words_keep(w, &all);
		kept++;
		buf_free(&all);
	}
	return kept;
}
