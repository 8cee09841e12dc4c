/* What MAKEFLAGS says of make's jobserver. See makeflags.h. */
#include "workers/makeflags.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/parse.h"

static const char FIFO[] = "fifo:";

/* The next word, as make has quoted it: a backslash before blanks and itself, $ twice. */
static bool makeflags_word(const char **text, struct buf *word)
{
	const char *s = *text + strspn(*text, " \t\n");
	bool any = *s;

	buf_clear(word);
	for (; *s && !strchr(" \t\n", *s); s++) {
		if ((*s == '\\' && s[1]) || (*s == '$' && s[1] == '$'))
			s++;
		buf_addc(word, *s);
	}
	*text = s;
	return any;
}

/* What follows the name in a word, or NULL. */
static const char *makeflags_value(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, name, len) == 0 ? word + len : NULL;
}

/* A number of a descriptor; what is below 0 is -1. */
static bool makeflags_descriptor(const char *s, size_t len, int *fd)
{
	char digits[16];
	uint64_t n;
	bool negative = len > 0 && *s == '-';

	s += negative;
	len -= negative;
	if (len == 0 || len >= sizeof digits)
		return false;
	memcpy(digits, s, len);
	digits[len] = '\0';
	if (!parse_count(digits, &n) || n > INT_MAX)
		return false;
	*fd = negative ? -1 : (int)n;
	return true;
}

static void makeflags_set(struct makeflags *m, const char *auth)
{
	const char *path = makeflags_value(auth, FIFO), *comma = strchr(auth, ',');

	buf_clear(&m->auth);
	buf_adds(&m->auth, path ? path : auth);
	if (path)
		m->kind = *path ? MAKEFLAGS_FIFO : MAKEFLAGS_ODD;
	else if (!comma || !makeflags_descriptor(auth, (size_t)(comma - auth), &m->in)
	    || !makeflags_descriptor(comma + 1, strlen(comma + 1), &m->out))
		m->kind = MAKEFLAGS_ODD;
	else
		m->kind = m->in < 0 || m->out < 0 ? MAKEFLAGS_OFF : MAKEFLAGS_PIPE;
}

static void makeflags_count(struct makeflags *m, const char *number)
{
	uint64_t n;

	if (parse_count(number, &n))
		m->jobs = n < UINT_MAX ? (unsigned)n : UINT_MAX;
}

void makeflags_read(const char *text, struct makeflags *to)
{
	struct buf word = { 0 };

	*to = (struct makeflags){ .kind = MAKEFLAGS_NONE, .in = -1, .out = -1 };
	while (makeflags_word(&text, &word) && strcmp(buf_str(&word), "--") != 0) {
		const char *w = buf_str(&word), *value;

		if ((value = makeflags_value(w, "--jobserver-auth="))
		    || (value = makeflags_value(w, "--jobserver-fds=")))
			makeflags_set(to, value);
		else if ((value = makeflags_value(w, "-j")) || (value = makeflags_value(w, "--jobs=")))
			makeflags_count(to, value);
	}
	buf_free(&word);
}

void makeflags_quote(const char *value, struct buf *to)
{
	for (; *value; value++) {
		if (strchr(" \t\n\\", *value))
			buf_addc(to, '\\');
		else if (*value == '$')
			buf_addc(to, '$');
		buf_addc(to, *value);
	}
}

/* The first word may be letters of flags that have no value. */
static bool makeflags_letters(const char *word)
{
	return *word && *word != '-' && !strchr(word, '=');
}

/* What an earlier word says of jobs, or of a jobserver, is not so any more. */
void makeflags_replace(const char *text, const char *jobs, struct buf *to)
{
	struct buf word = { 0 };
	bool any = makeflags_word(&text, &word);

	if (any && makeflags_letters(buf_str(&word))) {
		buf_adds(to, buf_str(&word));
		any = makeflags_word(&text, &word);
	}
	buf_addf(to, " %s", jobs);
	for (; any && strcmp(buf_str(&word), "--") != 0; any = makeflags_word(&text, &word)) {
		const char *w = buf_str(&word);

		if (makeflags_value(w, "-j") || makeflags_value(w, "--jobs"))
			continue; /* --jobserver-auth and its like, too */
		buf_addc(to, ' ');
		makeflags_quote(w, to);
	}
	if (any)
		buf_addf(to, " --%s", text);
	buf_free(&word);
}

void makeflags_free(struct makeflags *m)
{
	buf_free(&m->auth);
}
