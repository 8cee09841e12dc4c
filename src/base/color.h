/* Colours on terminals. Any thread. */
#ifndef PQ_COLOR_H
#define PQ_COLOR_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum color_when { COLOR_NEVER, COLOR_AUTO, COLOR_ALWAYS };

#define COLOR_RED "\033[31m"
#define COLOR_NONE "\033[0m"

/* Is what goes to this descriptor coloured? COLOR_AUTO: if that is a terminal, which is not
 * dumb, and NO_COLOR is not in the environment or empty (https://no-color.org). -1: no
 * descriptor, but a file. */
bool color_shown(enum color_when when, int fd);
/* The text of the buffer from there on is a tag with the tab that ends it: give it its colour,
 * always the same for the same tag. An empty one has none. */
void color_tag(struct buf *text, size_t from);
/* The number, of the 256 that terminals have, of the one of that place; 0: there are no more.
 * All can be read on black and on white. */
unsigned color_number(size_t place);

#endif
