/* The words of a command of GNU parallel, spelled as pq's: replacement strings that go by
 * other names there, or that options make. Main thread, before anything is started; what
 * cannot be said in pq's words ends it, with one line. Room: options/ only. */
#ifndef PQ_OPTIONS_GNU_WORDS_H
#define PQ_OPTIONS_GNU_WORDS_H

#include <stddef.h>

struct buf;
struct gnu_words;

struct gnu_words *gnu_words_new(void);
void gnu_words_free(struct gnu_words *w); /* or NULL; what it has spelled goes with it */

/* This text stands for what pq calls so: "{.}". Views, which must outlive it; the last that
 * was added goes first. */
void gnu_words_name(struct gnu_words *w, const char *text, const char *means);
/* -n0: what stands for the item, which is called so, stands for nothing. */
void gnu_words_without_item(struct gnu_words *w, const char *braces);
/* What {= and =} are called: `half` bytes each, one behind the other. */
void gnu_words_parens(struct gnu_words *w, const char *pair, size_t half);
/* --rpl: the first len bytes of the rule are a name, in which groups of an expression may
 * stand; they come again as $$1 $$2 in the steps, which are what {= =} takes. */
void gnu_words_rule(struct gnu_words *w, const char *name, size_t len, const char *steps);
void gnu_words_plus(struct gnu_words *w); /* the rules of --plus */

/* Words of which one begins a {= and another ends it are one; how many there are then. */
size_t gnu_words_join(struct gnu_words *w, char **words, size_t count);
/* The word as pq spells it: itself, or a new one that lives as long as w. */
char *gnu_words_spell(struct gnu_words *w, char *word);
/* A copy of the text that lives as long as w. */
char *gnu_words_keep(struct gnu_words *w, const struct buf *text);

#endif
