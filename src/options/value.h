/* The kinds of values: from text into struct options, and back. Room: options/ only. */
#ifndef PQ_OPTIONS_VALUE_H
#define PQ_OPTIONS_VALUE_H

#include <stdint.h>

#include "options/table.h"

/* Put the value where its row says, in the options or in this section of them; dies with
 * one line when it is none. */
void value_store(const struct given *g, struct options *o, struct section *s);
/* One line, status 2: the option, its value as far as it can be shown, what is wrong. */
_Noreturn void value_refuse(const struct given *g, const char *why);
/* A number, which of GNU parallel's options may have units of sizes, as in 2k; or false. */
bool value_count(const struct given *g, uint64_t *n);
uint64_t value_number(const struct given *g);    /* at least 1 */
/* Die when it was to be no expression, and has an escape that is none. */
void value_check_bytes(const char *name, const struct option_bytes *bytes);
const char *value_file(const struct given *g);   /* the name of one, which is not empty */
struct address *value_queue(const struct given *g); /* a new one; its password is hidden in argv */
void value_free_queue(struct address *queue); /* or NULL */
/* A file was wanted, and this is an address of a queue, or nearly one. */
_Noreturn void value_refuse_queue(const char *name, const char *value);
int64_t value_time(const struct given *g, int64_t least); /* ns */
const char *value_new_file(const struct given *g); /* to be written, and looks like one */
void value_separator(struct options *o, char c); /* what ends an item, and a record */
void value_add_section(struct options *o);       /* one in which nothing is given */
/* At least one byte. */
uint64_t value_size(const struct given *g);
/* The number or name of a column that lines are told apart by. */
void value_column(const struct given *g, struct options *o);
void value_check_column(const struct options *o); /* may it be looked for? */
void value_add_input(struct options *o, struct input input); /* which is copied */

#endif
