/* The table behind options.h: one row for each option. Room: options/ only.
 *
 * A list of names is one string with blanks between them; walk it with
 * options_word. */
#ifndef PQ_OPTIONS_TABLE_H
#define PQ_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "options/options.h"

struct buf;

/* An option as it was given. */
struct given {
	struct options *o;
	const char *name;  /* with its dashes, never abbreviated: for messages */
	const char *value; /* NULL when the option takes none */
};

#define VALUES_FILE "" /* for `values`: the name of a file */

struct option_row {
	const char *heading;  /* of the group that begins here, or NULL */
	const char *shorts;   /* letters, or NULL */
	const char *longs;    /* a list or NULL; messages tell the first */
	const char *also;     /* a list or NULL: spellings taken for other tools' sake */
	const char *argument; /* what its value is called; NULL when it takes none */
	const char *optional; /* what a value is called that may follow an =, or NULL */
	const char *values;   /* for completion: a list, VALUES_FILE, or NULL: anything */
	const char *help;
	bool rare;            /* --help only names it, with others of its group on a line */
	void (*set)(const struct given *g); /* dies with one line on a bad value */
};

extern const struct option_row options_table[];
extern const size_t options_rows;

/* The next word of *list, moving past it; NULL at the end and in a
 * list that is NULL. It is not NUL-terminated. */
const char *options_word(const char **list, size_t *len);

/* options.c: input is copied. */
void options_add_input(struct options *o, struct input input);

/* options.c: one line, the option, its value as far as it can be shown, what is wrong;
 * and the name of a file, which is not empty. */
_Noreturn void options_refuse(const struct given *g, const char *why);
uint64_t options_number(const struct given *g); /* at least 1 */
uint64_t options_size(const struct given *g);   /* in bytes, at least 1 */
const char *options_file(const struct given *g);
const char *options_new_file(const struct given *g); /* to be written: not "-" */
/* options/files.c: dies when one is written that is another one, or the input. */
void options_check_files(const struct options *o);
/* options/set_record.c */
void set_output(const struct given *g);
void set_json(const struct given *g);
void set_results(const struct given *g);
void check_outfile(const struct options *o);
void check_whole(const struct options *o);
void finish_whole(struct options *o); /* once all is checked */
void finish_dry_run(struct options *o); /* nothing is slowed down, and nothing on record */
void set_journal(const struct given *g);
void check_journal(struct options *o);
void set_resume(const struct given *g);
void set_resume_failed(const struct given *g);
void check_resume(struct options *o);
void set_retry_failed(const struct given *g);
void check_retry_failed(struct options *o);
/* options/set_queue.c */
void set_unique(const struct given *g);
void set_queue_size(const struct given *g);
void set_queue_bytes(const struct given *g);
void set_jobs(const struct given *g);
void set_timeout(const struct given *g);
void set_term(const struct given *g);
void set_drain(const struct given *g);
void set_nice(const struct given *g);
void set_priority(const struct given *g);
void set_aging(const struct given *g);
void set_key(const struct given *g);
void set_key_jobs(const struct given *g);
void set_rate(const struct given *g);
void set_rate_key(const struct given *g);
void set_load(const struct given *g);
void set_memfree(const struct given *g);
void set_delay(const struct given *g);
void set_backoff(const struct given *g);
void set_breaker(const struct given *g);
void set_overflow(const struct given *g);
void set_high_water(const struct given *g);
/* options/set_failure.c */
void set_retries(const struct given *g);
void set_ack_on(const struct given *g);
void set_retry_on(const struct given *g);
void set_reject_on(const struct given *g);
void set_dead_letter(const struct given *g);
void set_halt(const struct given *g);

/* options/help.c: print to stdout and exit 0, or 74 when that failed. */
_Noreturn void options_help(void);
_Noreturn void options_version(void);
_Noreturn void options_print(struct buf *text);
/* options/complete.c: likewise; comes back when it does not know the shell. */
void options_complete(const char *shell);

/* options/unknown.c: no row has this option (given with its dashes): say what is
 * nearest and exit 2. foreign comes back unless it is another tool's. */
void options_foreign(const char *name);
_Noreturn void options_unknown(const char *name);

#endif
