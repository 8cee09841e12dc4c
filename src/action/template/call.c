/* What the words of a command are to its program. See call.h. */
#include "action/template/call.h"

#include <stdint.h>
#include <string.h>

/* Programs that run another one. */
struct wrapper {
	const char *name;
	const char *taking; /* options that take the next word */
	unsigned operands;  /* words before the program */
	bool assigns;       /* NAME=VALUE may stand before it */
};

static const struct wrapper wrappers[] = {
	{ "env", "uC", 0, true }, { "nice", "n", 0, false }, { "timeout", "ks", 1, false },
	{ "nohup", "", 0, false }, { "setsid", "", 0, false }, { "stdbuf", "ioe", 0, false },
	{ "sudo", "CDghpRrTtUu", 0, true }, { "doas", "Cu", 0, false }, { "time", "fo", 0, false },
	{ "exec", "a", 0, false }, { "command", "", 0, false }, { "builtin", "", 0, false },
	{ "ionice", "cn", 0, false }, { "chroot", "", 1, false }, { "busybox", "", 0, false },
	{ "flock", "wE", 1, false }, { "taskset", "", 1, false }, { "chrt", "", 1, false },
};

/* Languages: the options behind which code stands. */
static const struct language {
	const char *name;
	bool prefix;        /* python3.11 */
	const char *letters;
	const char *argument; /* how it gets at its first one */
} languages[] = {
	{ "python", true, "c", "-c '... sys.argv[1] ...' {}" },
	{ "pypy", true, "c", "-c '... sys.argv[1] ...' {}" },
	{ "perl", true, "eE", "-e '... $ARGV[0] ...' {}" },
	{ "ruby", true, "e", "-e '... ARGV[0] ...' {}" },
	{ "node", false, "ep", "-e '... process.argv[1] ...' {}" },
	{ "nodejs", false, "ep", "-e '... process.argv[1] ...' {}" },
	{ "php", true, "rBRE", "-r '... $argv[1] ...' {}" },
	{ "lua", true, "e", "- {}" }, { "Rscript", false, "e", "-e '... commandArgs(TRUE) ...' {}" },
	{ "fish", false, "c", "-c '... $argv[1] ...' {}" },
	{ "csh", false, "c", "-c '... $argv[1] ...' {}" },
	{ "tcsh", false, "c", "-c '... $argv[1] ...' {}" },
	{ "pwsh", false, "c", "-File SCRIPT {}" },
	{ "osascript", false, "e", "SCRIPT {}" },
};

/* Small languages with braces: options that take a word, that take code; without one of
 * those the first word is code. */
static const struct own {
	const char *name, *taking, *code;
} owns[] = {
	{ "awk", "Fvfl", "" }, { "gawk", "Fvfl", "" }, { "mawk", "Fvfl", "" },
	{ "nawk", "Fvfl", "" }, { "sed", "fl", "e" }, { "gsed", "fl", "e" },
	{ "jq", "fL", "" }, { "yq", "fL", "" }, { "tclsh", "", "" },
};

static const char *const shells[] = { "sh", "bash", "dash", "ksh", "ksh93", "mksh", "zsh", "ash" };

#define EACH(i, list) (size_t i = 0; i < sizeof list / sizeof *list; i++)

static bool call_is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

static void call_base(const char **word, size_t *len)
{
	size_t start = *len;

	while (start > 0 && (*word)[start - 1] != '/')
		start--;
	*word += start;
	*len -= start;
}

/* Its name, a constant, or NULL when it is none. */
static const char *call_shell_name(const char *word, size_t len)
{
	call_base(&word, &len);
	for EACH(i, shells)
		if (call_is(word, len, shells[i]))
			return shells[i];
	return NULL;
}

bool call_is_bash(const char *name, size_t len)
{
	call_base(&name, &len);
	return call_shell_name(name, len) && !call_is(name, len, "sh") && !call_is(name, len, "dash")
		&& !call_is(name, len, "ash");
}

static void call_remember(struct call *c, const char *name, size_t len)
{
	size_t n = len < sizeof c->name ? len : sizeof c->name - 1;

	memcpy(c->name, name, n);
	c->name[n] = '\0';
}

static const struct language *call_language(const char *name, size_t len)
{
	for EACH(i, languages) {
		size_t n = strlen(languages[i].name);

		if (call_is(name, len, languages[i].name) || (languages[i].prefix && n <= len
		    && memcmp(name, languages[i].name, n) == 0
		    && strspn(name + n, "0123456789.-") >= len - n))
			return &languages[i];
	}
	return NULL;
}

/* The name of a program. */
static void call_begin(struct call *c, const char *name, size_t len)
{
	const struct language *language;

	static const char *const alike[] = { "xargs", "parallel", "pq" };

	call_base(&name, &len);
	call_remember(c, name, len);
	for EACH(i, alike)
		if (call_is(name, len, alike[i])) {
			c->state = CALL_OWN_ALL;
			return;
		}
	for EACH(i, owns)
		if (call_is(name, len, owns[i].name)) {
			c->state = CALL_OWN;
			c->own = &owns[i];
			return;
		}
	c->state = CALL_OTHER;
	for EACH(i, wrappers)
		if (call_is(name, len, wrappers[i].name)) {
			c->wrapper = &wrappers[i];
			c->operands = wrappers[i].operands;
			c->state = CALL_WRAPPER;
		}
	if ((c->shell = call_shell_name(name, len)))
		c->state = CALL_SHELL;
	else if (call_is(name, len, "ssh"))
		c->state = CALL_SSH;
	else if (call_is(name, len, "eval"))
		c->state = CALL_JOINED;
	else if (call_is(name, len, "alias"))
		c->state = CALL_SCRIPTS;
	else if (call_is(name, len, "trap"))
		c->state = CALL_TRAP;
	else if ((language = call_language(name, len))) {
		c->state = CALL_FOREIGN;
		c->letters = language->letters;
		c->argument = language->argument;
	}
}

/* A cluster of options, such as -euo: does one take the next word? */
static bool call_takes(const char *word, size_t len, const char *taking)
{
	for (size_t i = 1; i < len; i++)
		if (strchr(taking, word[i]))
			return i + 1 == len;
	return false;
}

static enum role call_wrapper(struct call *c, const char *word, size_t len)
{
	bool option = len > 1 && word[0] == '-';

	if (option && call_is(word, len, "--"))
		return ROLE_WORD;
	if (option) {
		c->skip = word[1] != '-' && call_takes(word, len, c->wrapper->taking);
		return ROLE_WORD;
	}
	if (c->operands) {
		c->operands--;
		return ROLE_WORD;
	}
	if (!c->wrapper->assigns || !memchr(word, '=', len))
		call_begin(c, word, len);
	return ROLE_WORD;
}

static enum role call_shell(struct call *c, const char *word, size_t len)
{
	bool option = len > 1 && (word[0] == '-' || word[0] == '+');

	if (call_is(word, len, "--") || call_is(word, len, "-"))
		return ROLE_WORD;
	if (option && word[1] == '-') {
		c->skip = call_is(word, len, "--rcfile") || call_is(word, len, "--init-file");
		return ROLE_WORD;
	}
	if (option) {
		c->code |= word[0] == '-' && memchr(word, 'c', len);
		c->skip = memchr(word, 'o', len) || memchr(word, 'O', len);
		return ROLE_WORD;
	}
	c->state = c->below ? CALL_OTHER : CALL_OVER;
	if (!c->code)
		return ROLE_WORD;
	c->code = false;
	return c->below ? ROLE_FOREIGN : ROLE_SCRIPT;
}

static bool call_is_cluster(const char *word, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if ((word[i] | 0x20) < 'a' || (word[i] | 0x20) > 'z')
			return false;
	return true;
}

static enum role call_foreign(struct call *c, const char *word, size_t len)
{
	static const char *const long_options[] = { "--eval", "--print", "-Command", "-command" };

	if (c->code) {
		c->code = false;
		return ROLE_FOREIGN;
	}
	if (len < 2 || word[0] != '-') {
		c->state = CALL_OVER;
		return ROLE_WORD;
	}
	for EACH(i, long_options)
		c->code |= call_is(word, len, long_options[i]);
	if (strchr(c->letters, word[1]) && !call_is_cluster(word, len))
		return ROLE_FOREIGN; /* -eCODE */
	c->code |= word[1] != '-' && strchr(c->letters, word[len - 1]);
	return ROLE_WORD;
}

static enum role call_own(struct call *c, const char *word, size_t len)
{
	if (c->code) {
		c->code = false;
		return ROLE_OWN;
	}
	if (call_is(word, len, "--"))
		return ROLE_WORD;
	if (len > 1 && word[0] == '-') {
		c->code = call_takes(word, len, c->own->code);
		c->skip = call_takes(word, len, c->own->taking);
		/* --arg NAME VALUE of jq, and -f FILE instead of code */
		if (len > 5 && memcmp(word, "--arg", 5) == 0)
			c->skip = 2;
		c->given |= c->code || (c->skip && word[len - 1] == 'f');
		return ROLE_WORD;
	}
	c->state = CALL_OVER;
	return c->given ? ROLE_WORD : ROLE_OWN;
}

static enum role call_ssh(struct call *c, const char *word, size_t len)
{
	if (len > 1 && word[0] == '-') {
		c->skip = call_takes(word, len, "BbcDEeFIiJLlmOopQRSWw");
		return ROLE_WORD;
	}
	if (!c->host) {
		c->host = true;
		return ROLE_WORD;
	}
	c->state = CALL_JOINED;
	return ROLE_JOINED;
}

static enum role call_other(struct call *c, const char *word, size_t len)
{
	c->shell = call_shell_name(word, len);
	if (c->shell) {
		c->state = CALL_SHELL;
		c->below = true;
		c->argument = "-c '... \"$1\" ...' sh {}";
		call_base(&word, &len);
		call_remember(c, word, len);
	}
	return ROLE_WORD;
}

enum role call_word(struct call *c, const char *word, size_t len)
{
	if (c->skip) {
		c->skip--;
		return ROLE_WORD;
	}
	switch (c->state) {
	case CALL_NAME:
		call_begin(c, word, len);
		return ROLE_WORD;
	case CALL_WRAPPER:
		return call_wrapper(c, word, len);
	case CALL_SHELL:
		return call_shell(c, word, len);
	case CALL_FOREIGN:
		return call_foreign(c, word, len);
	case CALL_OWN:
		return call_own(c, word, len);
	case CALL_OWN_ALL:
		return ROLE_OWN;
	case CALL_SSH:
		return call_ssh(c, word, len);
	case CALL_JOINED:
		return ROLE_JOINED;
	case CALL_SCRIPTS:
		return len && *word == '-' ? ROLE_WORD : ROLE_SCRIPT;
	case CALL_TRAP:
		if (len && *word == '-')
			return ROLE_WORD;
		c->state = CALL_OVER;
		return ROLE_SCRIPT;
	case CALL_OTHER:
		return call_other(c, word, len);
	case CALL_OVER:
		break;
	}
	return ROLE_WORD;
}
