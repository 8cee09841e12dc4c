/* The shell's language, for single words and values. See quote.h. */
#include "action/template/quote.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* Sorted. Of dash, bash, busybox and ksh, since any of them may be /bin/sh. Not
 * here: echo printf test [ true false pwd, which are programs of the same meaning. */
static const char *const shell_words[] = {
	".", ":", "[[", "]]", "alias", "autoload", "bg", "bind", "break", "builtin", "caller",
	"case", "cd", "chdir", "command", "compgen", "complete", "compopt", "continue", "coproc",
	"declare", "dirs", "disown", "do", "done", "elif", "else", "enable", "esac", "eval", "exec",
	"exit", "export", "fc", "fg", "fi", "for", "function", "getopts", "hash", "help", "histcmd",
	"history", "if", "in", "jobs", "kill", "let", "local", "logout", "mapfile", "nameref",
	"popd", "print", "pushd", "read", "readarray", "readonly", "return", "select", "set",
	"shift", "shopt", "source", "suspend", "then", "time", "times", "trap", "type", "typeset",
	"ulimit", "umask", "unalias", "unset", "until", "wait", "whence", "while",
};

/* Those of them that dash does not know, sorted, too. */
static const char *const not_of_dash[] = {
	"[[", "]]", "autoload", "bind", "builtin", "caller", "compgen", "complete", "compopt",
	"coproc", "declare", "dirs", "disown", "enable", "function", "help", "histcmd", "history",
	"let", "logout", "mapfile", "nameref", "popd", "print", "pushd", "readarray", "select",
	"shopt", "source", "suspend", "time", "typeset", "whence",
};

struct word_key {
	const char *data;
	size_t len;
};

static int compare_word(const void *key, const void *entry)
{
	const struct word_key *k = key;
	const char *word = *(const char *const *)entry;
	int order = strncmp(k->data, word, k->len);

	return order ? order : -(word[k->len] != '\0');
}

static bool quote_is_in(const char *word, size_t len, const char *const list[], size_t n)
{
	struct word_key key = { word, len };

	return bsearch(&key, list, n, sizeof *list, compare_word) != NULL;
}

bool quote_shell_word(const char *word, size_t len, bool dash)
{
	return quote_is_in(word, len, shell_words, sizeof shell_words / sizeof *shell_words)
		&& !(dash && quote_is_in(word, len, not_of_dash,
			sizeof not_of_dash / sizeof *not_of_dash));
}

static bool alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

bool quote_plain(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!alphanumeric(data[i]) && !one_of(data[i], "%+,-./:@_"))
			return false;
	return len > 0;
}

bool quote_inert(char c)
{
	return alphanumeric(c) || one_of(c, "%+,-./:@_]^= \t") || (unsigned char)c >= 0x80;
}

bool quote_clean(const char *data, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n)
		if (!(n = utf8_shown(data + i, len - i)))
			return false;
	return true;
}

/* The inside of $'...'. An interactive bash looks for ! even there. */
static void add_escaped(struct buf *b, const char *data, size_t len)
{
	static const char raw[] = "\t\n\r", names[] = "tnr";
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = data[i] == '!' ? 0 : utf8_shown(data + i, len - i);
		if (!n && one_of(data[i], raw))
			buf_addf(b, "\\%c", names[strchr(raw, data[i]) - raw]);
		else if (!n)
			buf_addf(b, "\\%03o", (unsigned)(unsigned char)data[i]);
		else if (one_of(data[i], "'\\"))
			buf_addf(b, "\\%c", data[i]);
		else
			buf_add(b, data + i, n);
		n += !n;
	}
}

void quote_in_single(struct buf *b, const char *data, size_t len)
{
	if (!quote_clean(data, len)) {
		buf_adds(b, "'$'");
		add_escaped(b, data, len);
		buf_adds(b, "''");
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\'')
			buf_adds(b, "'\\'");
		buf_addc(b, data[i]);
	}
}

bool quote_in_double(struct buf *b, const char *data, size_t len)
{
	if (!quote_clean(data, len) || memchr(data, '!', len))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (one_of(data[i], "$`\"\\"))
			buf_addc(b, '\\');
		buf_addc(b, data[i]);
	}
	return true;
}

void quote_always(struct buf *b, const char *data, size_t len)
{
	if (quote_clean(data, len)) {
		buf_addc(b, '\'');
		quote_in_single(b, data, len);
	} else {
		buf_adds(b, "$'");
		add_escaped(b, data, len);
	}
	buf_addc(b, '\'');
}

void quote_gnu(struct buf *b, const char *data, size_t len)
{
	size_t plain = 0;

	while (plain < len && (alphanumeric(data[plain]) || one_of(data[plain], "-_.+/")))
		plain++;
	if (len && plain == len) {
		buf_add(b, data, len);
		return;
	}
	if (!len)
		buf_adds(b, "''");
	for (size_t i = 0, n; i < len; i += n) {
		const char *quote = memchr(data + i, '\'', len - i);

		n = quote ? (size_t)(quote - data) - i : len - i;
		if (n)
			buf_addc(b, '\''), buf_add(b, data + i, n), buf_addc(b, '\'');
		for (; i + n < len && data[i + n] == '\''; n++)
			buf_adds(b, "\"'\"");
	}
}

void quote_word(struct buf *b, const char *data, size_t len)
{
	if (quote_plain(data, len))
		buf_add(b, data, len);
	else
		quote_always(b, data, len);
}
