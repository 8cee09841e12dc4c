/* The table behind options.h: one row for each option. Room: options/ only.
 *
 * A row says what the option is called, of which kind its value is, and where that goes:
 * in struct options or, where each section has its own, in struct section. An option of a
 * kind that is here needs nothing else but its place in options.h and its lines in the
 * manual; one whose value has a grammar of its own has a function, too (set.h).
 *
 * A list of names is one string with blanks between them; walk it with options_word
 * (names.h). */
#ifndef PQ_OPTIONS_TABLE_H
#define PQ_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "options/options.h"

struct buf;

enum option_kind {
	OPTION_OWN,       /* whatever its function makes of it */
	OPTION_FLAG,      /* bool: true */
	OPTION_CHOICE,    /* an enum: `choice` of the row */
	OPTION_COUNT,     /* uint64_t: at least 1 */
	OPTION_SIZE,      /* uint64_t: bytes, at least 1 */
	OPTION_TIME,      /* int64_t: ns */
	OPTION_SPAN,      /* int64_t: ns, more than 0 */
	OPTION_BYTES,     /* struct option_bytes: text with escapes */
	OPTION_TEXT,      /* const char *: any */
	OPTION_SOME_TEXT, /* const char *: not empty */
	OPTION_FILE,      /* const char *: the name of a file that is read */
	OPTION_NEW_FILE,  /* const char *: of one that is written */
	OPTION_QUEUE,     /* struct address *: owned */
};

/* Whom an option is about: the whole command line or one section of it. They are called
 * as the structs in which their rows have a place, so that a row names only one. */
enum option_scope { SCOPE_options, SCOPE_section };

/* An option as it was given. */
struct given {
	const struct options *o; /* what was given before it */
	const struct option_row *row;
	const char *name;  /* as it was spelled, but never abbreviated: for messages */
	const char *value; /* NULL: it takes none, or none was given */
	const char *next;  /* the word behind it, or NULL: for --help alone */
};

#define VALUES_FILE "" /* for `values`: the name of a file */

struct option_row {
	const char *heading;  /* of the group that begins here, or NULL */
	const char *shorts;   /* letters, or NULL */
	const char *longs;    /* a list or NULL */
	const char *also;     /* a list or NULL: spellings taken for other tools' sake */
	const char *stands;   /* the name of the row that it is another name of, or NULL */
	const char *argument; /* what its value is called; NULL when it takes none */
	const char *optional; /* what a value is called that may follow an =, or NULL; */
	bool (*follows)(const char *word); /* is the next word one, too? NULL: none is */
	const char *without;  /* the value that is meant where none follows, and it may stand behind
	                       * a letter, too; NULL: there is none */
	const char *values;   /* for completion: a list, VALUES_FILE, or NULL: anything */
	const char *help;
	const char *whole;    /* why it is said once for all sections; NULL: as the last row says
	                       * that has a reason */
	bool rare;            /* --help only names it, with others of its group on a line */
	enum option_kind kind;
	enum option_scope scope;
	size_t place;         /* in the struct of its scope */
	int choice;           /* OPTION_CHOICE */
	const char *wrong;    /* what is said of a bad value; NULL: what its kind says */
	bool meaning;         /* another value makes another work of it: see options_meaning */
	bool several;         /* each one counts, not the last */
	bool anywhere;        /* it may stand in any section, whomever it is about */
	/* OPTION_OWN: one of them, that of its scope; dies with one line on a bad value. */
	void (*set_options)(const struct given *g, struct options *o);
	void (*set_section)(const struct given *g, struct section *s);
};

extern const struct option_row options_table[];
extern const size_t options_rows;

enum { OPTION_NAME = 40 }; /* bytes of a name with its dashes and its end */

/* What the parser noted of each option on the command line, in its order. */
struct option_note {
	const struct option_row *row;
	size_t section;    /* from 0 */
	const char *value; /* as given; NULL: none */
	char name[OPTION_NAME]; /* as struct given has it */
};

/* options/check.c: dies when what was given cannot work together. */
void options_check(const struct options *o);
/* Two that exclude each other: any of `a` with any of `b`; or, where b begins with "!",
 * any of `a` without one of `b`. Lists of names; those in capitals are no options but
 * states of the command line. */
struct option_conflict {
	const char *a, *b, *reason;
	const char *instead; /* or NULL */
};
extern const struct option_conflict options_conflicts[];
extern const size_t options_conflict_count;
/* What messages call a state of the command line, one of those in capitals; or NULL. */
const char *options_state(const char *name, size_t len);

/* options/files.c: dies when one is written that is another one, or the input. */
void options_check_files(const struct options *o);

/* options/help.c: print to stdout and exit 0, or 74 when that failed. */
_Noreturn void options_print(struct buf *text);

/* options/unknown.c: no row has this option (given with its dashes): say what is
 * nearest and exit 2. foreign comes back unless it is another tool's: with true where that
 * asks for what pq does anyway, so that it may be passed over. */
bool options_foreign(const char *name);
_Noreturn void options_unknown(const char *name);

#endif
