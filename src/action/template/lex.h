/* Reading a shell line: just enough of the shell's grammar to know the quoting
 * context of every replacement string. For template/line.c and bash.c (commands),
 * template/doc.c (here-documents), template/word.c and template/param.c (words)
 * alone, which call each other.
 *
 * Where shells disagree about what a text means, a line is refused rather than
 * guessed at. Every function returns false when the line is refused; the reason
 * is in lex->why then. */
#ifndef PQ_TEMPLATE_LEX_H
#define PQ_TEMPLATE_LEX_H

#include "action/template/call.h"
#include "action/template/parts.h"
#include "base/buf.h"

enum { LEX_DEPTH = 50, LEX_DOCS = 8, LEX_NAME = 64 };

/* What is quoted in a line, as it is read, from its first byte to its last: bytes at these
 * places of the line. Not what stands between backticks. */
enum lex_mark {
	LEX_SINGLE,    /* '...' */
	LEX_ESCAPED,   /* $'...', as bash reads it */
	LEX_BACKSLASH, /* one that counts, with what stands behind it */
	LEX_DOUBLE,    /* either sign of a "..." */
	LEX_INNER,     /* nothing: here begins what is between the signs of a $( ) or <( ), */
	LEX_OUTER,     /* and here it ends */
};
struct lex_visitor {
	void (*mark)(struct lex_visitor *v, enum lex_mark mark, size_t from, size_t to);
};

/* The reading of a whole line. */
struct lex {
	struct template *t;
	struct lex_visitor *visitor; /* or NULL */
	const struct scan *scan; /* which text of it is being read: for messages */
	const struct template_rules *rules;
	const char *braces; /* of the rules, for messages */
	struct buf *why;
	size_t copied;    /* bytes of the line that are in parts already */
	size_t appended;  /* where a {} was added to the line, or SIZE_MAX */
	bool landed;      /* and it was read as an argument */
	size_t holes;     /* how many there were */
	unsigned depth;
	unsigned commands; /* of the user's own line itself, so far */
	bool runs_values; /* its first one is a value, and so may others be */
	size_t integers;  /* where it declares variables that are numbers, from 1; or 0 */
	bool bash;        /* a shell like bash will read it */
	bool inner;       /* it is read by a shell that another one has run */
	struct buf said;  /* what the words under way say, one behind the other */
};

/* Here-documents announced in this line and not yet read. */
struct docs {
	unsigned count;
	struct doc {
		char end[LEX_NAME];
		size_t len;
		bool quoted, tabs;
		bool code; /* a shell reads it: sh <<E */
	} list[LEX_DOCS];
};

/* Where in a list of commands the next word stands. */
enum place {
	PLACE_START,     /* a command may begin */
	PLACE_PREFIX,    /* behind assignments and redirections, before the command's name */
	PLACE_ARGS,
	PLACE_AFTER,     /* behind a compound command: no word may stand here */
	PLACE_FUNCTION,  /* behind function: its name */
	PLACE_FOR_NAME,
	PLACE_FOR_IN,
	PLACE_FOR_WORDS,
	PLACE_CASE,      /* the word or a pattern of a case: one word, no list */
};

struct commands {
	enum place place;
	bool target;      /* the next word belongs to a redirection */
	bool code;        /* and a shell reads it as its commands: sh <<<WORD */
	bool descriptor;  /* and names a descriptor: >& or <& */
	bool names;       /* the command takes names of variables, such as export, */
	bool evaluates;   /* and what it gives them is arithmetic, such as let */
	bool echo;        /* the command is echo */
	bool tests;       /* the command can take one behind a -v: test, printf */
	bool variable;    /* and the next word is that */
	unsigned words;   /* of the simple command so far */
	size_t value;     /* its name is this part, from 1, which may be a command; or 0 */
	bool holes;       /* its name has a replacement string in it */
	struct call call; /* which of its words are code */
	struct buf joined; /* those that become one line together: there are some if */
	bool joins;
	size_t joined_part; /* the holes in them are among the parts from here on */
};

/* The word being read. */
struct lex_word {
	size_t start;
	size_t said;      /* what it says begins here in lex->said: without its quotes, holes as
	                   * they are written, an x for an expansion */
	size_t part;      /* its parts begin here */
	char text[16];    /* what it says, cut, if literal */
	size_t len;
	bool literal;     /* nothing quoted, nothing expanded */
	bool name;        /* as yet a name that = would make an assignment */
	bool assigns;
	bool subscript;   /* between the brackets of name[...]= */
	bool join;        /* several values cannot become several words */
	bool many;        /* a bare hole for every value stands in it */
	bool odd;         /* has signs that change their meaning with what is beside them */
	bool holes;
};

/* One text being read: the line, or what is between backticks, unescaped. */
struct scan {
	struct lex *lex;
	const char *s;
	const size_t *at;  /* at[i]: where s[i] stands in the line; has len + 1 entries */
	size_t len, i;
	unsigned ticks;    /* backticks around it */
	unsigned braces;   /* ${ } around the current position */
	bool doc;          /* in a here-document, and no $( ) of it */
	size_t name_end;   /* where the last $name ended */
	const char *ban;   /* why no hole may stand here, or NULL, */
	const char *below; /* and why none may in whatever is within it */
	bool arith;        /* within a $(( )), however deep */
	bool strict;       /* data is always quoted where it is shown */
	struct docs *docs;
	struct commands *cmd;
	struct lex_word *word;
};

enum quoting {
	IN_BARE,
	IN_PATTERN, /* the pattern of a "${x#...}": bare but one word */
	IN_DOUBLE,
	IN_PARAM,   /* the word of a "${x:-...}" */
	IN_DOC,
	IN_ARITH,
	IN_SINGLE,
};

enum until { UNTIL_END, UNTIL_PAREN, UNTIL_CASE };

bool lex_refuse(struct lex *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool lex_open(const struct scan *s, size_t from, const char *what); /* refuse: `what`, which
	* begins at s->s[from], is never closed */
/* Note what /bin/sh may read as something else than what was meant. */
void lex_hint(struct scan *s, const char *what, const char *is);
bool lex_stray(struct scan *s, const char *where); /* refuse: a hole cannot stand there */

void lex_mark(const struct scan *s, enum lex_mark mark, size_t from, size_t to);
/* Read a line without replacement strings for this visitor, as bash does. False: it is none
 * that the lexer knows, and was read up to somewhere. */
bool lex_visit(const char *line, size_t len, struct lex_visitor *visitor);

/* The byte at i or -1 at the end; the next position, line continuations skipped. */
int lex_at(const struct scan *s, size_t i);
size_t lex_skip(const struct scan *s, size_t i);
size_t lex_next(const struct scan *s, size_t i);
size_t lex_hole(const struct scan *s, size_t i, struct hole *h);
/* Record the hole of n bytes at the current position, and pass over it.
 * backslash: the text before it ends with a backslash that means itself. */
bool lex_take_hole(struct scan *s, enum quoting q, size_t n, const struct hole *h, bool backslash);

/* Commands until `until`, which is passed over. UNTIL_CASE is ;; or esac, and
 * *esac says which; NULL otherwise. */
bool lex_commands(struct scan *s, enum until until, bool *esac);
/* The word that will end a here-document, behind << or <<-; and, behind a newline,
 * the here-documents themselves. */
bool lex_announce_doc(struct scan *s, bool tabs);
bool lex_read_docs(struct scan *s);
bool lex_open_doc(struct lex *l, const struct doc *d); /* refuse: it is never closed */
/* Why no hole may stand in the word that is being read, nor below it, or NULL. */
const char *lex_ban_below(const struct scan *s);
size_t lex_line_end(const struct scan *s, size_t i); /* its newline, or the end */

/* The word that is being read says so many bytes of s. */
void lex_say(struct scan *s, const char *text, size_t len);
/* A word, or all words, of a command were read: if they are code for another shell, see
 * how the holes stand in it. */
bool lex_code_word(struct scan *s, struct commands *c, const struct lex_word *w);
bool lex_code_end(struct scan *s, struct commands *c);
/* Is what this command reads from its stdin code? */
bool lex_reads_code(const struct commands *c);

/* Does the word say this, and nothing of it is quoted? */
bool lex_is(const struct lex_word *w, const char *text);
bool lex_skip_lines(struct scan *s); /* blanks, newlines and comments */

/* From behind [[ to behind its ]]. Some shells execute what stands at some places there. */
bool lex_test(struct scan *s, struct commands *c);
/* From its parenthesis: NAME=( WORDS ); from its sign: <(...) or >(...). */
bool lex_array(struct scan *s);
bool lex_process(struct scan *s, struct commands *c);
/* From the third sign of <<<; from the second of (( and for ((. */
bool lex_here_string(struct scan *s, struct commands *c);
bool lex_double_parenthesis(struct scan *s, struct commands *c);

/* From the first byte of a word to what ends it. */
bool lex_word(struct scan *s, struct lex_word *w);
/* Each from its opening sign to behind its closing one. */
bool lex_single(struct scan *s);
bool lex_double(struct scan *s);
bool lex_arith(struct scan *s); /* from behind (( to behind )) */
/* From behind its ( to behind its ), as commands of their own. */
bool lex_subshell(struct scan *s);
bool lex_backtick(struct scan *s, enum quoting q);
bool lex_dollar(struct scan *s, enum quoting q);
bool lex_param(struct scan *s, enum quoting q); /* from behind ${ */
extern const char lex_not_everywhere[]; /* a ban: in a ${ } of other shells, */
extern const char lex_in_test[];        /* and in [[ ]] */
bool lex_name(struct scan *s);                  /* of a variable */
bool lex_name_char(int c);
/* The text up to `end`, with the expansions of a here-document. */
bool lex_doc(struct scan *s, size_t end);

#endif
