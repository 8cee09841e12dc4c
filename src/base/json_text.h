/* Bytes as JSON writes them (RFC 8259), and what its strings cannot hold. Pure.
 *
 * The text of JSON is UTF-8. Bytes that are not are written as base64, under a name
 * of its own, where they must come back as they were; or each piece of them as
 * \ufffd, where they are for reading. */
#ifndef PQ_JSON_TEXT_H
#define PQ_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Append the inside of a string, without its quotes: what is no UTF-8 as \ufffd. */
void json_text(struct buf *to, const char *data, size_t len);
/* Append a string with its quotes. */
void json_text_quoted(struct buf *to, const char *data, size_t len);
/* Append "NAME":"text", or "NAME_base64":"..." where the bytes are not UTF-8. */
void json_text_member(struct buf *to, const char *name, const char *data, size_t len);

/* Is it one object from its first brace to its last? Of what is no JSON, neither answer
 * means anything. */
bool json_text_is_object(const char *data, size_t len);
/* Is there nothing but what JSON takes for white space? */
bool json_text_is_blank(const char *data, size_t len);
/* Has the object itself, not one within it, a member whose name is written so? */
bool json_text_has(const char *data, size_t len, const char *name);

/* Append base64 (RFC 4648), with its padding. */
void base64_add(struct buf *to, const char *data, size_t len);
/* Append what base64 stands for; it may lack its padding, and use the alphabet for
 * URLs. False when it is not base64; what was appended is of no use then. */
bool base64_read(struct buf *to, const char *data, size_t len);

#endif
