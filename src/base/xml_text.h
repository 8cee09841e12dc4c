/* Bytes as the text of XML 1.0, for reading. Pure.
 *
 * What XML cannot hold, or nobody sees, is written as visible text, byte by byte, \x1b:
 * control characters (U+0000 to U+001F, U+007F to U+009F), U+FFFE, U+FFFF, and what is no
 * UTF-8. A backslash is itself. Tab, newline and carriage return come back as they were. */
#ifndef PQ_XML_TEXT_H
#define PQ_XML_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Append the inside of an element or, with `attribute`, of one in double quotes. */
void xml_text(struct buf *to, const char *data, size_t len, bool attribute);

#endif
