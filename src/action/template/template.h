/* The command template: compiled once, expanded for every attempt.
 *
 * Pure: no I/O, no locks. A compiled template is read-only and may be expanded
 * by any number of threads at the same time.
 *
 * Two kinds of command: several words are an argv; one word is a line for a shell,
 * which is executed without one when it has nothing but words and redirections.
 * Data never becomes program text: in a shell line each replacement string becomes
 * a positional parameter, spelled for the quoting context it stands in (quote.h),
 * and the script handed to `sh -c` depends on the number of values alone, never on
 * what they hold. */
#ifndef PQ_TEMPLATE_H
#define PQ_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/redirect.h"

struct buf;
struct item;
struct names;
struct template;

enum template_shell {
	SHELL_AUTO,   /* several words: argv; one word: a shell line */
	SHELL_ALWAYS, /* -c: words are joined by spaces into a shell line */
	SHELL_NEVER,  /* --no-shell: one word is split at white space, never a shell */
};

/* What is known of the shell that reads lines. */
enum shell_kind {
	SHELL_UNKNOWN,
	SHELL_DASH, /* what dash does not know it does not know */
	SHELL_BASH, /* by whatever name */
};

/* What steps may know of the run: read while that sets it. */
struct steps_run {
	_Atomic uint64_t total; /* jobs there are in all; 0: it is not known, or nobody has asked */
	unsigned jobs;          /* at a time */
};

/* What steps are applied to. */
struct steps_given {
	const struct fill *fill;
	const char *data; /* the value */
	size_t len;
	const struct steps_run *run; /* or NULL */
};

enum steps_end {
	STEPS_DONE,
	STEPS_FAILED, /* *why is a constant */
	STEPS_SKIP,   /* there is to be no such job */
};

/* What steps have to know beside the value, and may decide. */
enum steps_asks { STEPS_SLOT = 1, STEPS_TOTAL = 2, STEPS_SKIPS = 4 };

/* Who knows the steps of a {= =}; any thread. */
struct template_steps {
	void *(*compile)(const char *text, struct buf *why); /* NULL: `why` has one line */
	void (*free)(void *steps);
	unsigned (*asks)(const void *steps); /* NULL: nothing */
	/* Append what becomes of a value, nothing if it is dropped. */
	enum steps_end (*apply)(const void *steps, const struct steps_given *given, struct buf *out,
		const char **why);
};

struct template_rules {
	enum template_shell shell;
	const struct template_steps *steps; /* not copied; NULL: there are none */
	const struct steps_run *run; /* what they know of it, not copied; or NULL */
	const char *shell_path; /* the one for lines, not copied; NULL: /bin/sh */
	enum shell_kind (*which_shell)(const char *path); /* asked when it matters; NULL: not */
	const char *braces;  /* what {} is called: "{}", or the string of -I */
	const char *group;   /* what {group} stands for, not copied; NULL: nothing */
	const struct names *names; /* what else may stand in braces; NULL: nothing */
	struct names *found; /* names->members: where names go that are found; NULL: known all */
	uint32_t values;     /* as many as a job has at most, without columns; 0: not known */
	bool repeat_words;   /* -X: a word that holds {} is repeated for every value */
	bool bare;           /* nothing is appended: the item comes another way */
	bool gnu;            /* shown as GNU parallel does: a line, each value quoted by itself */
	const char *unshown; /* text that a line may begin with and that is not shown, or NULL */
	size_t own_line;     /* from 1: here begins what the user gave of a line. Where its first
	                      * command is a value by itself, the value is the command; 0: nowhere */
	bool logged;         /* items that are shell lines are spelled as template_show does */
};

/* What the replacement strings stand for in one attempt. */
struct fill {
	const struct item *item;
	unsigned slot; /* {%}, from 1 */
	bool variable; /* shown: values are variables of the shell, and stand without quotes */
};

/* Compile a command of `count` words (not copied: they must outlive the
 * template). No words: every item is itself a shell line. Where no replacement
 * string stands in it, and it is not bare, the item is appended as the last
 * argument. On failure
 * NULL, and `why` holds one line that says what cannot be and what to do. */
struct template *template_command(char *const words[], size_t count,
	const struct template_rules *rules, struct buf *why);
/* Can everything in braces stand for something that looks as if it did, as the name of a
 * column? False: `why` holds one line. In a program for another program (of awk and its
 * like) a name that is none is left alone; `text` is no command. */
bool template_check(char *const words[], size_t count, const struct template_rules *rules,
	bool text, struct buf *why);
/* Add what looks like the name of a member and is not in the names yet, as the next
 * columns: names->members is set. */
void template_find_names(char *const words[], size_t count, const struct template_rules *rules,
	bool text, struct names *names);
/* Compile a text (--tagstring): one string, no shell, nothing appended. */
struct template *template_text(const char *text, const struct template_rules *rules);
void template_free(struct template *t);
/* Does a replacement string stand for the item, or for a part of it? */
bool template_has_hole(const struct template *t); /* anything that is replaced at all? */
size_t template_fixed(const struct template *t); /* bytes of text it begins with */
bool template_has_item(const struct template *t);
/* Does {%} stand in it? */
bool template_has_slot(const struct template *t);
/* What its steps ask for: of enum steps_asks. */
unsigned template_asks(const struct template *t);
/* Do they say that there is to be no such job? What cannot be told is one. */
bool template_skips(const struct template *t, const struct fill *fill);
/* Does {group}? */
bool template_has_group(const struct template *t);
/* Does anything beside these two? */
bool template_has_more(const struct template *t);

/* What is odd about the command, to be told once: one line, or NULL. */
const char *template_note(const struct template *t);

/* The program that every attempt will run, to be looked for before any input
 * is read: a word of the command, or the shell's; NULL when it depends on the
 * item. Valid as long as the template. */
const char *template_program(const struct template *t);
/* May a shell be asked to run that all the same (template_expand_for_shell)? */
bool template_redirects(const struct template *t);

/* An expanded command. Zero-initialise; reuse it for attempt after attempt: the
 * memory grows to the largest and is kept. free with argv_free. */
struct argv {
	char **words;   /* NULL-terminated; words[i] are NUL-terminated */
	size_t count;
	size_t bytes;   /* of all words with their NULs */
	size_t longest; /* length of the longest word, without its NUL */
	struct redirects redirects; /* what is to be done before; lives as long as the words */
	const char *why; /* EXPAND_NOT_MADE: a constant */
	void *arena;
	size_t arena_cap;
};

/* Why an expansion cannot run. */
enum expand {
	EXPAND_OK,
	EXPAND_NUL,        /* a value with a NUL byte stands in an argument */
	EXPAND_NOT_NUMBER, /* a value inside $(( )) is no plain integer */
	EXPAND_NOT_MADE,   /* steps of a {= =} cannot be done: argv->why */
	EXPAND_EMPTY,      /* the item as a shell line holds no command: it succeeded */
};

enum expand template_expand(const struct template *t, const struct fill *fill, struct argv *argv);
/* The same, but redirections are left to a shell. */
enum expand template_expand_for_shell(const struct template *t, const struct fill *fill,
	struct argv *argv);
void argv_free(struct argv *argv);
/* Append the expansion of a template_text; values are copied as they are. */
void template_fill(const struct template *t, const struct fill *fill, struct buf *out);
/* Append the command as a person would type it to run this very attempt: one line
 * without raw control bytes, escaped so that it can be pasted into a shell (control
 * bytes come as $'...'). For -t, --dry-run and the job log. */
void template_show(const struct template *t, const struct fill *fill, struct buf *out);
/* The same with the file that the command has as its stdin. */
void template_show_reading(const struct template *t, const struct fill *fill,
	const char *file, size_t len, struct buf *out);
/* The same with these lines, each of which ends with a newline, for its stdin. */
void template_show_feeding(const struct template *t, const struct fill *fill,
	const char *lines, size_t len, struct buf *out);

/* For -X: the largest number of bytes that one more value of `len` bytes adds to
 * argv, pointers included, and what the words weigh without any value. No bound
 * where a {n} shares a word with a {}: that value is repeated with the word. */
size_t template_growth(const struct template *t, size_t len);
size_t template_base(const struct template *t);
/* The same for the script of a shell line, which is one argument and as such must
 * stay under machine_longest_argument; 0 when there is none. */
size_t template_script_growth(const struct template *t, size_t len);
size_t template_script_base(const struct template *t);

#endif
