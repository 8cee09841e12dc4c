/* Capitals and small letters of Unicode, the same in every locale and on every machine.
 *
 * Pure. One letter for one (the simple mappings of Unicode 14, from UnicodeData.txt): what
 * has no single counterpart, as the German sharp s, is its own. */
#ifndef PQ_LETTERS_H
#define PQ_LETTERS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

unsigned long letters_capital(unsigned long character);
unsigned long letters_small(unsigned long character);
/* Append the text in capitals, or small letters: of ASCII, or with `utf` of all its
 * characters in UTF-8, where what is none stays as it is. */
void letters_turn(bool capitals, bool utf, const char *s, size_t len, struct buf *out);

#endif
