/* What a compiled template is made of. For this room alone. */
#ifndef PQ_TEMPLATE_PARTS_H
#define PQ_TEMPLATE_PARTS_H

#include <stdint.h>
#include <string.h>

#include "action/template/template.h"
#include "base/buf.h"

struct call;
struct made;
struct name;

/* A replacement string. */
struct hole {
	enum {
		HOLE_VALUE, HOLE_SEQ, HOLE_SLOT, HOLE_SOURCE, HOLE_GROUP,
		/* until parts_settle: */
		HOLE_NAME,  /* looks like the name of a column or member that is not known */
		HOLE_PEER,  /* a replacement string of GNU parallel's */
		HOLE_TEXT,  /* braces whose \ says that they are none */
	} what;
	enum { SHAPE_WHOLE, SHAPE_NO_EXT, SHAPE_NAME, SHAPE_DIR, SHAPE_NAME_NO_EXT } shape;
	int32_t index; /* value n from 1, or from the end when negative; 0: every value */
	const char *group; /* HOLE_GROUP: what it stands for, or NULL */
	bool steps;    /* {= =}: what steps make of it, */
	size_t prefix; /* behind so many bytes that say which value, */
	uint32_t made; /* these of the parts', from 1, once they are compiled */
	uint32_t name; /* it stands there by this name: 1 for the first of the names; 0: by none */
};

enum { HOLE_DIGITS = 24 };

/* What a hole stands for: valid as long as the item and the digits. */
struct view {
	const char *data;
	size_t len;
	bool ended; /* data[len] is a NUL: it may be used as a C string */
};

/* How a hole must be spelled in a shell line. */
enum spot {
	SPOT_BARE,
	SPOT_DOUBLE, /* between double quotes, or where the shell treats text alike */
	SPOT_SINGLE,
	SPOT_NUMBER, /* in $(( )) */
};

/* How a value is quoted once more, for a shell that reads the text after this one. */
enum requote {
	REQUOTE_NONE,
	REQUOTE_BARE,
	REQUOTE_DOUBLE,     /* where that shell sees it between double quotes, */
	REQUOTE_SINGLE,     /* or single ones */
	REQUOTE_HOW = 3,
	REQUOTE_ALWAYS = 4, /* and there even plain values must be quoted */
};

/* What becomes of a hole for every value when there are several. */
enum many {
	MANY_SPREAD, /* "$@": each value ends a word and the next begins one */
	MANY_JOIN,   /* one place, spaces between */
	MANY_STEP,   /* the word is repeated; this is the value of the round */
};

struct part {
	enum { PART_TEXT, PART_HOLE, PART_REPEAT } kind;
	const char *text;    /* PART_TEXT; of a hole what stands for it in the command */
	size_t len;
	struct hole hole;    /* PART_HOLE */
	enum spot spot;
	enum many many;
	unsigned requote;    /* of enum requote */
	bool number;         /* must be one: it is used in $(( )) */
	bool document;       /* in a here-document */
	bool own;            /* in the program of a language that has braces of its own */
	bool pending;        /* while the line is read: its word is code of another shell */
	bool unopened, unclosed; /* SPOT_SINGLE: the quote before it, behind it is left out */
	bool strict;         /* shown: even plain values must be quoted here */
	bool glued;          /* shown: behind a $name, which must not grow */
	bool inner;          /* shown: in a ${ }, where quoting is no simple thing */
	bool ticks;          /* shown: between backticks */
	bool command;        /* what stands for it is a command, which the shell reads (eval) */
	uint32_t param;      /* of a shell line: which of its params */
	size_t end;          /* PART_REPEAT: the parts up to here are one word */
};

struct parts {
	struct part *list; /* owned array */
	size_t count, cap;
	void **made;       /* the steps of holes; owned array, and they are */
	uint32_t nmade;
	const struct template_steps *steps; /* of whose kind */
	const struct steps_run *run;        /* as of the rules */
	unsigned asks;     /* all of these, of enum steps_asks */
};

/* What the steps of holes have made of the values of one item. */
struct made {
	struct buf bytes;
	struct made_value {
		size_t from, len;
	} *list;           /* owned: for each of the parts' steps so many values */
	uint32_t values;
	const char *why;   /* a value cannot be made: a constant, or NULL */
};

/* A word of an argv. */
struct word {
	enum {
		WORD_FIXED,  /* one string */
		WORD_PARTS,  /* parts[from .. to) */
		WORD_SCRIPT, /* the shell line, with variables in the place of its holes */
		WORD_PARAMS, /* the arguments that give those their values */
	} kind;
	const char *fixed;
	size_t len;
	size_t from, to;
	bool many;         /* holds a hole for every value */
	bool added;        /* WORD_FIXED: nobody wrote it, and it is not shown */
};

/* A redirection of a command that needs no shell. */
struct target {
	struct redirect redirect;
	size_t from, to;   /* REDIRECT_OPEN: parts[from .. to) are the path */
};

/* What a shell line hands to the shell as an argument. */
struct param {
	struct hole hole;
	unsigned requote;
	uint32_t rank; /* among those of one value, or among those of every value */
	bool number;   /* must be one: it is used in $(( )) */
};

struct template {
	enum { KIND_ARGV, KIND_LINE, KIND_ITEMS, KIND_TEXT } kind;
	bool repeat;           /* rules.repeat_words */
	bool never;            /* KIND_ITEMS: no shell */
	const char *shell;     /* which runs lines: a path or a name */
	enum shell_kind (*which_shell)(const char *path); /* as of the rules, */
	enum shell_kind shell_kind; /* KIND_ITEMS: and what it said */
	bool bash;             /* the line is for one that is called bash, or one like it */
	size_t unshown;        /* KIND_LINE: bytes of it that are not shown */
	bool logged;           /* KIND_ITEMS: as of the rules */
	bool gnu;                 /* as its rules have it */
	struct parts parts;
	struct word *words;    /* KIND_ARGV, KIND_LINE; owned array */
	size_t nwords;
	struct target *targets; /* KIND_ARGV; owned array */
	size_t ntargets;
	struct template *direct; /* KIND_LINE: the same for no shell, when it can do without
	                        * one: KIND_ARGV with redirections; owned, or NULL */
	char *text;            /* owned: what parts and words point into */
	char *note;            /* what is odd about the command, in one line; owned, or NULL */
	/* KIND_LINE, or KIND_ARGV with a word that is a shell line, else `line` is NULL: */
	const char *line;
	size_t line_len;
	size_t line_from, line_to; /* the parts of it */
	struct param *params;  /* owned array */
	uint32_t nparams, nsingle;
	char prefix[16];       /* of the shell variables */
	char *script;          /* for items of one value; owned */
	size_t script_len;
};

static inline bool hole_many(const struct hole *h)
{
	return h->what == HOLE_VALUE && h->index == 0;
}

/* What a program is called by, without its directory. */
static inline const char *parts_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Length of the replacement string at text[at], or 0. rules NULL: there are none. */
size_t hole_match(const char *text, size_t len, size_t at, const struct template_rules *rules,
	struct hole *h);
/* What stands for it where no steps do. `value` counts from 0 and matters to holes for
 * every value only. */
struct view hole_view(const struct hole *h, const struct fill *fill, uint32_t value,
	char digits[HOLE_DIGITS]);
/* Write n in decimal; the number of digits. */
size_t hole_number(char digits[HOLE_DIGITS], uint64_t n);
bool hole_is_number(struct view v);

/* Compile the steps of the hole; false: they are none, `why` has one line. */
bool made_compile(struct parts *parts, struct part *p, const struct template_rules *rules,
	struct buf *why);
/* Overwrites *m; made_free it. */
void made_fill(struct made *m, const struct parts *parts, const struct fill *fill);
/* What the hole stands for: what the steps have made, or hole_view. */
struct view made_view(const struct hole *h, const struct fill *fill, const struct made *m,
	uint32_t value, char digits[HOLE_DIGITS]);
void made_free(struct made *m);
/* Does one of the steps say that there is to be no such job? */
bool made_skips(const struct parts *parts, const struct fill *fill);

void parts_free(struct parts *p);
struct part *parts_add(struct parts *p);
void parts_text(struct parts *p, const char *text, size_t len);
/* Find out what the holes of the parts from .. to stand for that look like names; those of
 * rules->found are added to it. False: one can stand for nothing; `why` has one line. */
bool parts_settle(struct parts *p, size_t from, size_t to, const struct template_rules *rules,
	struct buf *why);
/* Parts of a text in which no shell has a say; does one stand for every value? */
bool parts_parse(struct parts *p, const char *text, size_t len,
	const struct template_rules *rules);

/* Read the shell line t->line and fill in parts and params; false with the reason
 * in `why`. `appended`: where in the line a {} was added, or SIZE_MAX; false, too,
 * when no argument can stand there. */
bool line_read(struct template *t, const struct template_rules *rules, size_t appended,
	struct buf *why);
/* The same of a line that a shell reads which another one has run (with bash: one like
 * bash): t is a scratch one, whose parts say how the holes stand there. */
bool line_read_inner(struct template *t, const struct template_rules *rules, bool bash,
	struct buf *why);
/* How the n holes of list, in this order, must be quoted to stand in the text that such a
 * shell will read. False, with the reason added to `why`, when they cannot. */
bool inner_requote(struct part *const holes[], size_t n, const char *text, size_t len,
	const struct template_rules *rules, bool bash, struct buf *why);
/* Append a value so quoted. */
void inner_quote(struct buf *to, unsigned requote, const char *data, size_t len);
/* Note something about the command, if it is the first. */
void template_note_line(struct template *t, const struct buf *line);
/* Note that a hole stands in code of another language, or of a shell that is out of reach. */
void template_note_code(struct template *t, const struct call *call, const char *braces);
/* Note a word that would be an operator in a shell line, and is an argument. */
void template_note_operators(struct template *t, char *const words[], size_t count,
	const char *braces);

/* Walks the parts of a shell line, repeating what is to be repeated. */
struct emitter {
	void (*text)(struct emitter *e, const char *data, size_t len);
	/* The values first .. last-1 at the place of this part. */
	void (*hole)(struct emitter *e, const struct part *p, uint32_t first, uint32_t last);
};
void line_emit(const struct template *t, struct emitter *e, uint32_t values);

/* Write the script for so many values to `to` (NULL: only measure); its length.
 * widest: count every number as if it had as many digits as can be. */
size_t script_write(const struct template *t, uint32_t values, char *to, bool widest);

/* As template_expand, but always with a result: what cannot be is expanded all the
 * same, with ? for NUL bytes. line, if there is one, stands for the shell line and its
 * arguments. */
void argv_for_show(const struct template *t, const struct fill *fill, const struct buf *line,
	struct argv *argv);

/* How little of a shell a line needs. */
enum simple_line {
	SIMPLE_NOT,          /* a shell */
	SIMPLE_WORDS,        /* it can be split at blanks and executed, */
	SIMPLE_REDIRECTIONS, /* if what simple_next says is done before */
};
enum simple_line simple_line(const struct template *t, const char *line, size_t len,
	const struct template_rules *rules);
/* Such a line, token by token: set the first four. */
struct simple {
	const char *line;
	size_t len;
	const struct template_rules *rules;
	size_t at;
	bool odd;            /* here stands something that only a shell can read */
};
struct simple_token {
	bool redirects;      /* it is a redirection, else a word */
	struct redirect redirect; /* without its path */
	size_t from, to;     /* [from, to) of the line: the word, or what is opened */
};
bool simple_next(struct simple *s, struct simple_token *t); /* false: no more, or odd */
/* Which shell reads its lines. */
enum shell_kind template_shell(const struct template *t);
/* The next word from *at on, as [*at, *end); false when there is none. */
bool line_word(const char *line, size_t len, const struct template_rules *rules, size_t *at,
	size_t *end);

#endif
