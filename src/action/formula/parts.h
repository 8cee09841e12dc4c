/* What a formula is made of, and what it works with. For this room alone. */
#ifndef PQ_FORMULA_PARTS_H
#define PQ_FORMULA_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/template/template.h"
#include "base/buf.h"

struct matcher;
struct regex;
struct function;
struct node;
struct work;

/* --- memory: arena.c ------------------------------------------------------- */

/* Memory that is given back all at once. Zero is an empty one. */
struct arena {
	struct arena_block *blocks;
	size_t used, room; /* of the last block */
	size_t bytes;      /* in all */
};

void *arena_take(struct arena *p, size_t size); /* zeroed, aligned for anything */
char *arena_copy(struct arena *p, const char *data, size_t len); /* and a NUL */
void arena_free(struct arena *p);

/* --- values: scalar.c, arithmetic.c --------------------------------------- */

/* A text is a view: into the item, the formula or the arena of the work at hand. */
struct scalar {
	enum { SCALAR_UNDEFINED, SCALAR_INTEGER, SCALAR_FLOAT, SCALAR_TEXT } kind;
	union {
		int64_t integer;
		double number;
		struct {
			const char *data;
			size_t len;
		} text;
	};
};

struct list {
	struct scalar *items; /* in the arena */
	size_t count, room;
};

struct scalar scalar_integer(int64_t n);
struct scalar scalar_float(double n);
struct scalar scalar_text(const char *data, size_t len);
struct scalar scalar_bool(bool is); /* 1, or the empty text */
bool scalar_is_true(struct scalar s);
/* As a number: an integer where it is one, or a float that is whole and exact. What is no
 * number, or has more text behind it, is a float always: so it is in Perl's sums. */
struct scalar scalar_number(struct scalar s);
double scalar_double(struct scalar s);
/* Cut to a whole number, and to what such a one can be. */
int64_t scalar_whole(struct scalar s);
bool scalar_looks_like_number(struct scalar s);
/* As a text: itself, or digits in the arena. */
struct scalar scalar_as_text(struct arena *p, struct scalar s);
/* What stands before other text may be one: the bytes of it; *whole: without . or e. */
size_t scalar_number_length(const char *s, size_t len, bool *whole);

enum arithmetic { PLUS, MINUS, TIMES, DIVIDED, MODULO, POWER };
/* False: there is no such number; *why is a constant. */
bool arithmetic_do(enum arithmetic what, struct scalar a, struct scalar b, struct scalar *result,
	const char **why);
struct scalar arithmetic_negate(struct arena *p, struct scalar s);
struct scalar arithmetic_increment(struct arena *p, struct scalar s); /* texts as well: az, ba */
int arithmetic_compare(struct scalar a, struct scalar b); /* 2: one of them is no number at all */
int scalar_compare_texts(struct arena *p, struct scalar a, struct scalar b);

/* --- what is compiled ----------------------------------------------------- */

struct node {
	/* Its value; and where it may be several, those, at the end of the list. */
	struct scalar (*value)(struct work *w, const struct node *n);
	void (*values)(struct work *w, const struct node *n, struct list *to); /* NULL: one */
	/* What is given to it; NULL: it is no place for a value. */
	void (*assign)(struct work *w, const struct node *n, struct scalar s);
	const struct node *a, *b, *c; /* operands */
	struct node *next;    /* in a list of arguments or statements */
	struct scalar constant;
	union {
		unsigned number;  /* a variable, a group, which of some operators */
		const struct function *function;
		const struct regex *regex;
		const unsigned char *table; /* tr: 256 pairs (tr.c) */
	};
	unsigned count;       /* of arguments; flags */
	unsigned depth;       /* of what is below it */
	bool bare;            /* a list that stands in brackets */
	bool list;            /* what is assigned to it are all values */
	bool binds, changes;  /* it may stand behind =~; and changes what stands before that */
	bool fixed;           /* the constant is its value */
};

enum { VARIABLE_TOPIC }; /* $_ */

struct formula {
	const struct node *program; /* statements */
	struct arena arena;           /* of nodes */
	struct regex **regexes;     /* owned array, and they are */
	size_t nregexes;
	unsigned nvariables, narrays;
	unsigned asks;              /* of enum steps_asks */
	void *steps;                /* of -e, instead; or NULL */
};

/* --- one value at work: work.c -------------------------------------------- */

struct work {
	const struct formula *formula;
	const struct steps_given *given;
	struct arena arena;
	uint64_t left;        /* steps */
	const char *why;      /* it cannot be done: a constant; nothing matters any more */
	bool skipped;
	struct scalar *variables;
	struct list *arrays;
	struct matcher *matcher;
	/* The last match: */
	struct scalar subject;
	size_t *groups;       /* pairs of offsets, as matcher_at has them; NULL: none yet */
	unsigned ngroups;
};

/* May another step be done? */
bool work_goes_on(struct work *w);
struct scalar work_fail(struct work *w, const char *why); /* undefined */
/* A node's value, and all of them. */
struct scalar work_value(struct work *w, const struct node *n);
void work_values(struct work *w, const struct node *n, struct list *to);
struct scalar work_text(struct work *w, const struct node *n); /* its value, as a text */
void work_assign(struct work *w, const struct node *n, struct scalar s);
void list_add(struct work *w, struct list *l, struct scalar s);
/* The bytes that were gathered as a text of the work's. */
struct scalar work_keep(struct work *w, struct buf *b); /* frees it */
/* A statement after the other; the value of the last. */
struct scalar work_run(struct work *w, const struct node *first);
/* Is there room for so many bytes more? False: it has failed. */
bool work_has_room(struct work *w, size_t bytes);

/* --- compiling: parse.c and those below ----------------------------------- */

struct name;

struct parse {
	struct formula *formula;
	const char *p, *end;
	struct buf *why;      /* what is not understood, once it is */
	bool failed;
	unsigned depth;
	struct name *names;   /* of variables, in the formula's arena */
	/* $$1 and so on: texts that stand behind the formula. */
	struct group_text {
		const char *s;
		size_t len;
	} groups[9];
	unsigned ngroups;
};

/* The text of $$N, of which s is at the first sign; NULL: there is none. */
const struct group_text *parse_group(const struct parse *p, const char *s, const char *end);

/* Tell what is not understood from `at` on, and what is there instead; the first is kept. */
struct node *parse_refuse(struct parse *p, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
struct node *parse_node(struct parse *p,
	struct scalar (*value)(struct work *, const struct node *));
/* Operands are set: how deep is it? NULL: too deep. */
struct node *parse_done(struct parse *p, struct node *n);
void parse_blanks(struct parse *p);
bool parse_takes(struct parse *p, const char *text);  /* behind blanks: pass it */
bool parse_sees(struct parse *p, const char *text);
bool parse_takes_word(struct parse *p, const char *word);
size_t parse_word(const char *s, const char *end);    /* how long is the name here? */

/* Operands within operands, and brackets within brackets. */
enum { PARSE_DEEPEST = 100 };

struct node *parse_expression(struct parse *p);       /* with commas, and or not */
struct node *parse_arguments(struct parse *p, unsigned *count); /* between commas; or none */
struct node *node_list(struct parse *p, struct node *first); /* all of these */
struct node *node_choice(struct parse *p, const struct node *a, bool both, const struct node *b);
struct node *node_opposite(struct parse *p, const struct node *a); /* not */
struct node *parse_assignment(struct parse *p);       /* without */
struct node *parse_operand(struct parse *p);          /* of a function without brackets */
struct node *parse_unary(struct parse *p);
struct node *parse_block(struct parse *p);            /* its first statement */
struct node *parse_statements(struct parse *p, bool block);
struct node *parse_term(struct parse *p);              /* term.c */
struct node *parse_index(struct parse *p);             /* at a [: what stands in it */
/* variable.c: at a $ or @; text: within a text, where no blank may stand. */
struct node *parse_variable(struct parse *p, bool text);
struct node *parse_my(struct parse *p);                /* behind the my */
struct node *parse_topic(struct parse *p);             /* $_ */
unsigned parse_loop_variable(struct parse *p);         /* of a for, or $_ */
void parse_pair(struct parse *p, unsigned *a, unsigned *b); /* $a and $b are there from now on */
struct node *parse_call(struct parse *p, const char *name, size_t len); /* function.c */
struct node *parse_file_test(struct parse *p);         /* at the - of one */
struct scalar node_skip(struct work *w, const struct node *n);
struct scalar node_seq(struct work *w, const struct node *n);
struct scalar node_slot(struct work *w, const struct node *n);

/* quote.c: what stands between delimiters. */
struct quoted {
	const char *s, *end;
	char open, close;
};
bool parse_quoted(struct parse *p, struct quoted *q);  /* p->p is at the first of them */
struct node *parse_constant(struct parse *p, struct scalar s);
/* A character behind a \ of which *s is that: 1 byte, *s behind it; false: it is itself. */
bool quoted_escape(const char **s, const char *end, char *is);
struct node *parse_plain(struct parse *p, const struct quoted *q);        /* as '' */
struct node *parse_interpolated(struct parse *p, const struct quoted *q); /* as "" */
/* ' " / and q qq qw m s tr y; NULL, and nothing is refused: there is none here. */
struct node *parse_quote_like(struct parse *p);

struct node *parse_match(struct parse *p);             /* match.c: at the delimiter */
struct node *parse_substitution(struct parse *p);
const struct regex *parse_regex(struct parse *p, const char *s, size_t len, unsigned flags);
/* The next match from *from on; false: there is none, or it has failed. */
bool match_next(struct work *w, const struct regex *r, struct scalar subject, size_t from,
	bool after_empty);
struct node *parse_transliteration(struct parse *p);   /* tr.c */
struct scalar node_split(struct work *w, const struct node *n);
void node_split_values(struct work *w, const struct node *n, struct list *to);
struct node *parse_split(struct parse *p, struct node *args, unsigned count); /* split.c */
/* LEFT =~ this. */
struct node *node_bind(struct parse *p, const struct node *left, struct node *to);
struct scalar format_do(struct work *w, const struct list *args); /* format.c: sprintf */

#endif
